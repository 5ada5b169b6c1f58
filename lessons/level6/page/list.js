// The lines on the page: the newest, and no more than the limits allow. What comes is drawn with the next
// frame and in portions, so that a burst of 10,000 lines never holds up the reader.
"use strict";

/** As many lines, and characters of them, are drawn in one frame. */
const LINES_A_FRAME = 125;
const CHARACTERS_A_FRAME = 64 * 1024;

/** As many lines stand in one block. The browser lays out the blocks that are in sight, and no others. */
const LINES_A_BLOCK = 250;

class List {
  #shown = new Newest();
  #waiting = new Newest();
  #hasFrame = false;
  /** Whether lines between those shown and those waiting are forgotten. */
  #isTorn = false;
  #filter = "";
  #onlyErrors = false;
  isPaused = false;
  /** How many have come during the pause, and how many of those shown the filter lets through. */
  fresh = 0;
  matching = 0;

  /** Calls `drawn` after every change. */
  constructor(view, list, drawn) {
    Object.assign(this, { view, list, drawn });
    new ResizeObserver(() => this.#toEnd()).observe(view);
  }

  get length() {
    return this.#shown.rows.length;
  }

  add(row) {
    this.#waiting.push(row);
    if (this.isPaused && isLine(row)) this.fresh += 1;
    if (this.#waiting.trim().length > 0) this.#isTorn = true;
    this.#ask();
  }

  pause() {
    this.isPaused = true;
    this.#ask();
  }

  follow() {
    this.isPaused = false;
    this.fresh = 0;
    this.#toEnd();
    this.#ask();
  }

  filter(words, onlyErrors) {
    this.#filter = words.toLowerCase();
    this.#onlyErrors = onlyErrors;
    this.matching = 0;
    for (const row of this.#shown.rows) this.#sift(row);
    for (const block of [...this.list.children]) this.#renew(block);
    this.#toEnd();
    this.#ask();
  }

  /** The lines that the filter lets through, as text. */
  text() {
    const rows = this.#shown.rows.filter(({ element }) => !element.hidden);
    return rows.map(({ when, badge, text }) => `${[when, badge, text].filter(Boolean).join(" ")}\n`).join("");
  }

  #ask() {
    if (this.#hasFrame) return;
    this.#hasFrame = true;
    requestAnimationFrame(() => {
      this.#hasFrame = false;
      if (!this.isPaused && this.#waiting.rows.length > 0) this.#draw();
      this.drawn(this);
    });
  }

  #draw() {
    if (this.#isTorn) this.#forget(this.#shown.take(this.length));
    this.#isTorn = false;
    for (const row of this.#waiting.take(this.#portion())) {
      make(row);
      this.#sift(row);
      this.#shown.push(row);
      this.#block().append(row.element);
    }
    this.#forget(this.#shown.trim());
    this.#toEnd();
    if (this.#waiting.rows.length > 0) this.#ask();
  }

  /** Where the next row goes. */
  #block() {
    const last = this.list.lastElementChild;
    if (last && last.childElementCount < LINES_A_BLOCK) return last;
    const block = element("div", "block");
    this.list.append(block);
    return block;
  }

  /** The browser remembers how high a block out of sight was: a filter makes it wrong. */
  #renew(block) {
    const fresh = element("div", "block");
    fresh.append(...block.children);
    fresh.style.setProperty("--rows", fresh.querySelectorAll(":scope > :not([hidden])").length);
    block.replaceWith(fresh);
  }

  /** How many rows fit in a frame: one at least. */
  #portion() {
    let characters = 0;
    const full = this.#waiting.rows.findIndex(({ text }, i) => {
      characters += text.length;
      return i === LINES_A_FRAME || (i > 0 && characters > CHARACTERS_A_FRAME);
    });
    return full === -1 ? this.#waiting.rows.length : full;
  }

  #sift(row) {
    const isIn = sift(row, this.#filter, this.#onlyErrors);
    if (isIn && isLine(row)) this.matching += 1;
  }

  #forget(rows) {
    for (const row of rows) {
      if (!row.element.hidden && isLine(row)) this.matching -= 1;
      const block = row.element.parentElement;
      row.element.remove();
      if (block.childElementCount === 0) block.remove();
    }
  }

  #toEnd() {
    if (!this.isPaused) this.view.scrollTop = this.view.scrollHeight;
  }
}
