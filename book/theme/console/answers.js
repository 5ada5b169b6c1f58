// The live console, 10: the protocols of Levels 5 and 6. Events in JSON tell of several answers, each
// with an id, and each with exactly one end; or of a log. No other part of the console knows of this.
"use strict";
{
  const { describe, isObject, label, make, quote } = liveConsole;

  /** What is said of a log, in short and at length. */
  const LOG = {
    subscribe: ({ log, after, tail }) => ["subscribe", [log, after === undefined ? "" : `after ${after}`, tail === undefined ? "" : `tail ${tail}`]],
    hello: ({ log, first, last }) => ["hello", [log, first, "to", last]],
    line: ({ seq, text }) => [`line ${seq}`, [quote(String(text))]],
    gap: ({ from, to }) => [`gap ${from} to ${to}`, []],
    end: ({ status }) => ["end", status === undefined ? [] : ["status", status]],
  };
  const ofLog = (event) => (Object.hasOwn(LOG, event.type) ? LOG[event.type](event) : null);

  const REFUSED = "refused: ";

  /** The event in a message, or null where there is none that is known here. */
  const eventOf = ({ kind, text }) => {
    if (kind !== "text" || !isObject(text)) return null;
    try {
      const event = JSON.parse(text);
      if (ofLog(event)) return event;
      const known = ["ask", "cancel", "delta", "done", "error"].includes(event.type);
      const texts = ["id", "text", "status", "reason"].every((key) => ["string", "undefined"].includes(typeof event[key]));
      return known && texts ? event : null;
    } catch {
      return null;
    }
  };

  /** As `delta q1 #3 "word "`. */
  const words = (event) => {
    const log = ofLog(event);
    if (log) return [log[0], ...log[1]].filter((word) => word !== "" && word !== undefined).join(" ");
    const { type, id, seq, text, status, reason } = event;
    return [
      type, id, seq === undefined ? "" : `#${seq}`, status, text === undefined ? "" : quote(text), reason === undefined ? "" : quote(reason),
    ].filter(Boolean).join(" ");
  };

  const short = (event) => {
    const log = ofLog(event);
    if (log) return log[0];
    const { type, id = "", text = "", status } = event;
    if (type === "delta") return `${id} ${text}`;
    return type === "done" ? `${id} ${status}` : `${type} ${id}`;
  };

  /** How an answer ended. A status is the server's own word, as it came. */
  const ending = (end) => {
    if (end === "cut off") return say`cut off`;
    return end.startsWith(REFUSED) ? say`refused: ${end.slice(REFUSED.length)}` : end;
  };

  class Answers {
    constructor() {
      this.element = make("div", { class: "console-answers" });
      this.begin();
    }

    static describe(entry) {
      const event = eventOf(entry);
      return event ? words(event) : describe(entry);
    }

    static label(mark) {
      const event = mark.count > 1 ? null : eventOf(mark);
      return event ? short(event).trim() : label(mark);
    }

    begin() {
      this.answers = [];
    }

    add(entry) {
      const { from, kind } = entry;
      const event = eventOf(entry);
      if (event?.type === "ask" && from === "client") this.answers.push({ id: event.id, asked: event.text, text: "", end: "" });
      // An id that has ended may be used again: the last one counts.
      const running = this.answers.findLast(({ id, end }) => id === event?.id && end === "");
      if (running && from === "server") {
        if (event.type === "delta") running.text = (running.text + event.text).slice(-2000);
        else running.end = event.type === "error" ? `${REFUSED}${event.reason}` : [event.status, event.reason].filter(Boolean).join(": ");
      }
      if (kind === "close" || kind === "broken") {
        for (const answer of this.answers) answer.end ||= "cut off";
      }
      this.answers = this.answers.slice(-8);
    }

    render() {
      this.element.replaceChildren(...this.answers.map(({ id, asked, text, end }) =>
        make("p", { class: "console-preview", "data-end": end.split(":")[0] },
          make("span", { class: "console-preview-label" }, id), " ",
          make("bdi", { class: "console-asked" }, asked), " ",
          make("bdi", {}, text), make("em", {}, end && say` (${ending(end)})`))));
    }
  }

  Object.assign(liveConsole, { Answers });
}
