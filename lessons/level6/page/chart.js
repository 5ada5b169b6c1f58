// What the last minute was like, one bar a second, drawn from what comes over the same socket.
"use strict";

const SECONDS = 60;

class Chart {
  /** Oldest first; the last one is now. Null where nothing is known. */
  #values = new Array(SECONDS).fill(null);
  #second = Math.floor(performance.now() / 1000);

  /** `keeps`: whether a value holds until there is another, as the number of readers does. */
  constructor(figure, keeps) {
    Object.assign(this, { figure, keeps });
    [this.now, this.most] = figure.querySelectorAll("strong, small");
    this.picture = figure.querySelector("svg");
    this.name = figure.querySelector("span").textContent;
  }

  get #last() {
    return this.#values[SECONDS - 1];
  }

  set(value) {
    this.#pass();
    this.#values[SECONDS - 1] = value;
  }

  add(count) {
    this.#pass();
    this.#values[SECONDS - 1] = (this.#last ?? 0) + count;
  }

  /** Time passes also where nothing comes, and where the page is in the background. */
  #pass() {
    const second = Math.floor(performance.now() / 1000);
    const next = this.keeps || this.#last === null ? this.#last : 0;
    for (; this.#second < second; this.#second += 1) {
      this.#values.shift();
      this.#values.push(next);
    }
  }

  draw() {
    this.#pass();
    // The second that is not over yet would always look like a fall.
    const values = this.keeps ? this.#values : this.#values.slice(0, -1);
    const now = values.at(-1);
    const most = Math.max(...values);
    this.now.textContent = now === null ? "–" : now.toLocaleString("en");
    this.most.textContent = say`max ${most.toLocaleString("en")}`;
    this.picture.setAttribute("aria-label",
      say`${this.name} in the last minute: ${now ?? say`unknown`} now, at most ${most}`);
    const width = this.keeps ? 1.05 : 0.7;
    const bars = values.map((value, i) => {
      if (value === null) return "";
      // A nought is seen as a line: it is known.
      const height = Math.max(0.4, 20 * value / Math.max(most, 1));
      return `M${SECONDS - values.length + i} 20v${-height}h${width}v${height}z`;
    });
    this.picture.firstElementChild.setAttribute("d", bars.join(""));
  }
}
