// The live console, 8: the log, and the frame behind a row of it.
"use strict";
{
  const { count, frameOf, make } = liveConsole;

  /** The log keeps this many entries, and counts the rest. */
  const LOG_LIMIT = 200;

  class Log {
    /** `describe` says what an entry is, in the words of the page's protocol. */
    constructor(describe) {
      this.describe = describe;
      this.list = make("ol");
      this.omitted = make("p", { class: "console-omitted", hidden: "" });
      const attributes = { class: "console-log", role: "log", tabindex: "0", "aria-label": "Log" };
      // Not a live region: ten thousand messages would be read out one by one. See `Speech`.
      this.element = make("div", { ...attributes, "aria-live": "off" }, this.omitted, this.list);
      this.frame = make("div", { class: "console-frame", role: "group", "aria-label": "Frame" });
      this.element.addEventListener("keydown", (event) => this.walk(event));
      this.clear();
    }

    clear() {
      this.waiting = [];
      this.left = 0;
      this.omitted.hidden = true;
      this.list.replaceChildren();
      this.show(null);
    }

    add(entry) {
      // Bounded here, not when it is drawn: a hidden page draws nothing.
      this.waiting.push(entry);
      if (this.waiting.length > LOG_LIMIT) {
        this.waiting.shift();
        this.left += 1;
      }
    }

    render() {
      if (this.waiting.length === 0) return;
      const { element, list } = this;
      const follows = element.scrollTop + element.clientHeight >= element.scrollHeight - 8;
      list.append(...this.waiting.map((entry) => this.row(entry)));
      this.waiting = [];
      while (list.childElementCount > LOG_LIMIT) {
        list.firstElementChild.remove();
        this.left += 1;
      }
      this.omitted.hidden = this.left === 0;
      this.omitted.textContent = `${count(this.left, "earlier entry", "earlier entries")} left out`;
      if (follows) element.scrollTop = element.scrollHeight;
    }

    row(entry) {
      const { from, ms, untimed, who } = entry;
      const time = ms === null || untimed ? "" : `${Math.round(ms)} ms`;
      const way = { client: "→ sent", server: "← received", "": "" }[from];
      const parts = [
        make("span", { class: "console-time" }, time), " ",
        make("span", { class: "console-way" }, who ? `${who} ${way}` : way), " ",
        // Text that runs from right to left keeps to itself.
        make("bdi", {}, this.describe(entry)),
      ];
      const side = entry.kind === "broken" ? "broken" : from || "note";
      if (!frameOf(entry)) return make("li", { class: `console-from-${side}` }, make("div", {}, ...parts));
      // One stop for the Tab key is the whole log; within it go the arrow keys.
      const row = make("button", { type: "button", tabindex: "-1", "aria-expanded": "false", title: "Show the frame" }, ...parts);
      row.addEventListener("click", () => this.show(row, entry));
      return make("li", { class: `console-from-${side}` }, row);
    }

    walk(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
      const rows = [...this.list.querySelectorAll("button")];
      const at = rows.indexOf(document.activeElement);
      rows.at(at < 0 ? (step > 0 ? 0 : -1) : Math.max(0, Math.min(rows.length - 1, at + step)))?.focus();
      event.preventDefault();
    }

    /** Shows the frame of a row; once more, and it is hidden. */
    show(row, entry) {
      this.chosen?.setAttribute("aria-expanded", "false");
      this.chosen = row === this.chosen ? null : row;
      this.chosen?.setAttribute("aria-expanded", "true");
      if (!this.chosen) {
        this.frame.replaceChildren(make("p", { class: "console-hint" }, "Choose a row to see its frame, byte by byte."));
        return;
      }
      const { parts, header, length, total } = frameOf(entry);
      const title = `${count(total, "byte")}: ${header} of header, ${length.toLocaleString("en")} of payload`;
      const cells = parts.map(({ name, bytes, says }) =>
        make("li", {}, make("code", {}, bytes), make("span", {}, name), make("small", {}, says)));
      this.frame.replaceChildren(
        make("p", {}, make("strong", {}, `${title}. `), "Computed: a page sees messages, and never their frames."),
        make("ol", { class: `console-from-${entry.from}` }, ...cells));
    }
  }

  /** For screen readers: what arrives, but no more often than one can listen. */
  class Speech {
    constructor() {
      this.element = make("p", { class: "console-speech", "aria-live": "polite" });
      this.unsaid = { number: 0, last: "" };
    }

    announce(words) {
      this.unsaid.number += 1;
      this.unsaid.last = words;
      if (this.speaking === undefined) this.speak();
    }

    speak() {
      const { number, last } = this.unsaid;
      this.speaking = number === 0 ? undefined : setTimeout(() => this.speak(), 800);
      if (number === 0) return;
      this.element.textContent = number > 1 ? `${count(number, "message")}, the last one: ${last}` : last;
      this.unsaid = { number: 0, last: "" };
    }
  }

  Object.assign(liveConsole, { Log, Speech });
}
