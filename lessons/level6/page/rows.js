// One row of the list: a line of the log, or a remark such as a gap. It has `kind` and `text`, and
// what stands beside a line's text: `seq`, `when`, `badge`.
"use strict";

/** As many rows, and characters of them, does the page keep: a quarter more than the server, so that
 *  one sees the gap before all that the server still had. */
const MOST_ROWS = 12_500;
const MOST_CHARACTERS = 10 * 1024 * 1024;

/** What would be obeyed, unseen, or turn the line around, is shown. Tabs stay. */
const visible = (text) =>
  text.replace(/(?!\t)[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, (c) => {
    const code = c.codePointAt(0);
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? "␡" : `\\u{${code.toString(16)}}`;
  });

/** An element with a class and text. Text is all that ever comes from the log into the page. */
const element = (name, className, text = "") => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

/** Rows, oldest first, within the limits. */
class Newest {
  rows = [];
  characters = 0;

  push(row) {
    this.rows.push(row);
    this.characters += row.text.length;
  }

  /** Takes the first `count` away. */
  take(count) {
    const taken = this.rows.splice(0, count);
    for (const { text } of taken) this.characters -= text.length;
    return taken;
  }

  /** Takes away what is too much. */
  trim() {
    let count = 0;
    let { characters } = this;
    while (this.rows.length - count > MOST_ROWS || characters > MOST_CHARACTERS) {
      characters -= this.rows[count].text.length;
      count += 1;
    }
    return this.take(count);
  }
}

const isLine = (row) => row.seq !== undefined;

/** Gives the row its element, without its text. */
const make = (row) => {
  row.element = element("p", row.kind);
  if (isLine(row)) row.element.append(element("span", "seq", String(row.seq).padStart(6)), element("span", "when", row.when));
  if (row.badge) row.element.append(element("span", "badge", row.badge));
  row.element.append(element("span", "text"));
};

/** Shows a line where it is looked for, and marks why. A remark always shows: who knows what it hides. */
const sift = (row, filter, onlyErrors) => {
  const looks = isLine(row) ? filter : "";
  const start = row.text.toLowerCase().indexOf(looks);
  const isIn = start >= 0 && !(isLine(row) && onlyErrors && !row.badge);
  row.element.hidden = !isIn;
  const words = row.element.lastElementChild;
  if (isIn && looks !== "") {
    const [before, found, after] = [[0, start], [start, start + looks.length], [start + looks.length]]
      .map((range) => row.text.slice(...range));
    words.replaceChildren(before, element("mark", "", found), after);
  } else if (words.textContent !== row.text || words.childNodes.length > 1) {
    words.textContent = row.text;
  }
  return isIn;
};
