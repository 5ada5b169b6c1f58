// The live console, 9: the protocol of Level 4. An empty message ends a translation, and the text
// before it grows chunk by chunk. No other part of the console knows of this.
"use strict";
{
  const { describe, label, make } = liveConsole;

  const isMarker = ({ from, kind, text }) => from === "server" && kind === "text" && text === "";

  class Translation {
    constructor() {
      this.element = make("p", { class: "console-preview" });
      this.begin();
    }

    static describe(entry) {
      return describe(entry) + (isMarker(entry) ? " (the end marker)" : "");
    }

    static label(mark) {
      return isMarker(mark) && mark.count === 1 ? "end" : label(mark);
    }

    begin() {
      // `waiting` counts the sentences that are not translated yet.
      Object.assign(this, { text: "", waiting: 0, ended: null });
    }

    add(entry) {
      const { from, kind, text } = entry;
      const isNew = from === "client" ? this.waiting === 0 : this.ended;
      if (kind === "text" && isNew) Object.assign(this, { text: "", ended: null });
      if (kind === "text" && from === "client") {
        this.waiting += 1;
      } else if (isMarker(entry)) {
        this.waiting = Math.max(0, this.waiting - 1);
        this.ended = true;
      } else if (kind === "text") {
        this.text = (this.text + text).slice(-2000);
      } else if ((kind === "close" || kind === "broken") && this.waiting > 0) {
        this.ended = false;
      }
    }

    render() {
      const { text, ended } = this;
      const end = { true: " Complete.", false: " Incomplete: the end marker is missing.", null: "" }[ended];
      const title = make("span", { class: "console-preview-label" }, "Live preview");
      this.element.replaceChildren(title, " ", make("bdi", {}, text), make("em", {}, end));
    }
  }

  Object.assign(liveConsole, { Translation });
}
