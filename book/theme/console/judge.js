// The live console, 4: what is due beside what has come. Needs no page: node tests it.
//
// The judge of `cargo test` is exact, because its time is virtual. Here time is real.
"use strict";
{
  const { count, isObject, shown } = liveConsole;

  /** So much earlier or later is still in time, in ms. */
  const TOLERANCE = 150;
  /** A browser reports a close only when the TCP connection has ended, too. */
  const CLOSE_TOLERANCE = 500;
  /** A page sends no pings, sees no pongs, and cannot vanish. */
  const SEEN = ["text", "binary", "close"];

  /** The keys of an object in JSON may come in any order. */
  const ordered = (text) => {
    try {
      return isObject(text) ? JSON.stringify(Object.entries(JSON.parse(text)).sort()) : text;
    } catch {
      return text;
    }
  };

  const isSame = (due, own) =>
    due.kind === own.kind && ordered(due.text) === ordered(own.text) && due.code === own.code;

  const words = ({ kind, text, code }) => {
    if (kind === "close") return code === null ? say`close, without a code` : `close ${code}`;
    return kind === "text" ? shown(text) : text;
  };

  /** Where the messages of the server agree: pairs, and what only one of both has. */
  const pair = (due, own) => {
    const pairs = [];
    let next = 0;
    for (const mark of own) {
      const found = due.findIndex((one, i) => i >= next && isSame(one, mark));
      if (found < 0) {
        pairs.push({ due: null, own: mark });
        continue;
      }
      for (; next < found; next += 1) pairs.push({ due: due[next], own: null });
      pairs.push({ due: due[found], own: mark });
      next = found + 1;
    }
    return [...pairs, ...due.slice(next).map((one) => ({ due: one, own: null }))];
  };

  /** How much later than due the client's last message before `mark` was sent: not the server's fault. */
  const delayBefore = (mark, due, own) => {
    const said = (entries) => entries.filter(({ from }) => from === "client");
    const number = said(due.slice(0, due.indexOf(mark))).length;
    const sent = said(own)[number - 1];
    return sent ? sent.ms - said(due)[number - 1].ms : 0;
  };

  const verdictOf = ({ due, own }, delay) => {
    if (!own) return { verdict: "wrong", why: say`${words(due)} was due at ${due.ms} ms and did not come` };
    if (own.kind === "broken") return { verdict: "wrong", why: say`the connection was lost, without a Close frame` };
    if (!due) return { verdict: "wrong", why: say`${words(own)} was not due` };
    const lateness = own.ms - due.ms;
    const late = Math.round(Math.abs(lateness - delay) < Math.abs(lateness) ? lateness - delay : lateness);
    if (Math.abs(late) <= (due.kind === "close" ? CLOSE_TOLERANCE : TOLERANCE)) return { verdict: "right", why: "" };
    return { verdict: "wrong", why: late > 0 ? say`${words(due)} came ${late} ms too late` : say`${words(due)} came ${-late} ms too early` };
  };

  /**
   * One client's part: a verdict on each message of the server, "right", "wrong", or "unseen" where a
   * page cannot know; each with the `mark` to draw it at, and whether that mark is `missing`.
   */
  const compare = (due, own) => {
    const isServers = ({ from, kind }) => from === "server" || kind === "broken";
    const seen = due.filter(({ from, kind }) => from === "server" && SEEN.includes(kind));
    const pairs = pair(seen, own.filter(isServers));
    const unseen = due.filter(({ from, kind }) => from === "server" && !SEEN.includes(kind));
    return [
      ...pairs.map((one) => ({ mark: one.own ?? one.due, missing: !one.own, ...verdictOf(one, one.due ? delayBefore(one.due, due, own) : 0) })),
      ...unseen.map((mark) => ({ mark, missing: true, verdict: "unseen", why: "" })),
    ].sort((a, b) => a.mark.ms - b.mark.ms);
  };

  /** So many reasons are told at once. */
  const REASONS = 4;

  /** The score of all clients, and the reasons for what is not right. */
  const report = (clients) => {
    const all = clients.flatMap((verdicts, i) =>
      verdicts.map((one) => ({ ...one, who: clients.length > 1 ? say`client ${i + 1}: ` : "" })));
    const of = (verdict) => all.filter((one) => one.verdict === verdict);
    const [right, wrong] = [of("right"), of("wrong")];
    const reasons = wrong.slice(0, REASONS).map(({ who, why }) => `✗ ${who}${why}`);
    if (wrong.length > REASONS) reasons.push(say`… and ${wrong.length - REASONS} more`);
    if (of("unseen").length > 0) reasons.push(say`– a page sees no pongs: the judge of cargo test does`);
    const score = say`${right.length} of ${count(right.length + wrong.length, "message")} as due.`;
    return { isRight: wrong.length === 0, score, reasons };
  };

  Object.assign(liveConsole, { compare, report });
}
