// The live console, 2: the transcripts that stand in the page. Needs no page: node tests it.
"use strict";
{
  const { isObject, unquote, entry, messageEntry, pingEntry, closeEntry } = liveConsole;

  /** The pace of a recording without times, in ms. */
  const EVEN_PACE = 500;
  const LINE = /^ *(?:(\d+) ms {2})?(client|server)(?: (?:to client )?(\d+))? {2,}(.*)$/u;

  const parseMessage = (from, what, more) => {
    const text = /^"(.*)"$/u.exec(what);
    if (text) return messageEntry(from, unquote(text[1]), more);
    // A long one is cut in its snapshot.
    if (isObject(what) || /^["{].*…$/u.test(what)) return messageEntry(from, what, more);
    const close = /^close(?: (\d+))?(?: "(.*)")?$/u.exec(what);
    if (close) {
      const code = close[1] === undefined ? null : Number(close[1]);
      return closeEntry(from, code, unquote(close[2] ?? ""), more);
    }
    const ping = /^(ping|pong)(?: "(.*)")?$/u.exec(what);
    if (ping) return pingEntry(from, ping[1], unquote(ping[2] ?? ""), more);
    const binary = /^binary((?: [0-9a-f]{2})*)$/u.exec(what);
    if (binary) {
      const bytes = binary[1].split(" ").filter(Boolean).map((byte) => parseInt(byte, 16));
      return messageEntry(from, Uint8Array.from(bytes), more);
    }
    return entry(from, what === "vanishes" ? "broken" : "note", what, more);
  };

  /**
   * All transcripts of a text, each a list of entries: a text of tests/snapshots, or an exercise
   * with what is due in its header. A line that is no entry ends a transcript.
   */
  const parseTranscripts = (text) => {
    const transcripts = [];
    let entries = [];
    for (const line of [...text.split("\n"), ""]) {
      const parts = LINE.exec(line.replace(/^\/\/!/u, ""));
      if (!parts) {
        if (entries.length > 0) transcripts.push(entries);
        entries = [];
        continue;
      }
      const [, time, from, client, what] = parts;
      entries.push(parseMessage(from, what, {
        ms: time === undefined ? EVEN_PACE * entries.length : Number(time),
        untimed: time === undefined,
        client: Number(client ?? 1),
      }));
    }
    return transcripts;
  };

  /**
   * Do the times count from the handshake? They do where the server may speak before the client
   * does. Elsewhere they count from the client's first message, which may be long in coming.
   */
  const countsFromHandshake = (entries) =>
    entries.length > 0 && (entries[0].from === "server" || entries[0].ms > 0);

  Object.assign(liveConsole, { parseTranscripts, countsFromHandshake });
}
