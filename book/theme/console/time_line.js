// The live console, 7: the time line. Above the axis is what the client says, below it the server.
"use strict";
{
  const { cut, label, draw, merge } = liveConsole;

  /** The ends and steps that the axis may have, in ms. */
  const ROUND = [100, 200, 500];
  for (let s = 1000; s <= 3.6e6; s *= 60) ROUND.push(...[1, 2, 5, 10, 20, 30].map((n) => n * s));
  for (let h = 60; h < 1e4; h *= 2) ROUND.push(h * 3.6e6);
  const roundUp = (ms) => ROUND.find((round) => round >= ms) ?? ms;

  /** A longer session is seen through a window of this many ms, unless one wants to see all. */
  const WINDOW = 12_000;
  const WINDOW_FROM = 15_000;

  /** So many marks are drawn one by one, even where they stand close. */
  const FEW = 40;

  const STEM = 13;
  const LINE = 16;
  const LANE = 30;
  const TITLE = 20;
  const GAP = 8;

  /**
   * The row of each label, and the room that it has there. Labels begin at `lefts` and are `widths`
   * wide. Each takes the first row that is free. Where `most` rows are not enough, they take turns,
   * and are to be cut to the room that is left.
   */
  const layOut = (lefts, widths, right, most) => {
    const taken = [];
    const rows = lefts.map((left, i) => {
      const free = taken.findIndex((end) => left >= end);
      const row = free < 0 ? taken.length : free;
      taken[row] = left + widths[i] + GAP;
      return row;
    });
    if (taken.length <= most) return { rows, rooms: widths, height: taken.length };
    const rooms = lefts.map((left, i) => (lefts[i + most] ?? right + GAP) - left - GAP);
    return { rows: lefts.map((_, i) => i % most), rooms, height: most };
  };

  class TimeLine {
    constructor(labelOf = label) {
      this.labelOf = labelOf;
      this.element = draw("svg", { class: "console-time-line", role: "img" });
      this.pen = document.createElement("canvas").getContext("2d");
      this.height = 0;
    }

    wide(words) {
      return this.pen.measureText(words).width;
    }

    /** Cut to the room that there is. */
    fit(words, room) {
      if (this.wide(words) <= room) return words;
      let length = Math.min(Array.from(words).length, Math.ceil(room / 5));
      while (length > 1 && this.wide(cut(words, length)) > room) length -= 1;
      return cut(words, length);
    }

    /**
     * `tracks` are what is drawn, from top to bottom: `run`, `client`, `title`, `verdicts` or none,
     * and `isRow` for the short form. `least` is the shortest axis; `showsAll` leaves the window.
     */
    render(tracks, { least = 1000, showsAll = false } = {}) {
      const width = Math.max(this.element.clientWidth || 0, 240);
      if (this.width !== width) this.height = 0;
      this.width = width;
      const style = getComputedStyle(this.element);
      this.pen.font = `${style.fontSize} ${style.fontFamily}`;
      this.isNarrow = width < 480;
      this.gutter = this.isNarrow && tracks.every(({ isRow }) => !isRow) ? 8 : 60;
      this.right = width - (tracks.some(({ isRow }) => isRow) ? 64 : 10);

      const runs = [...new Set(tracks.map(({ run }) => run))];
      const last = Math.max(least, ...runs.map((run) => run.now()));
      const isLong = last > WINDOW_FROM;
      const step = roundUp((isLong && !showsAll ? WINDOW : last) / (this.isNarrow ? 4 : 6));
      this.from = isLong && !showsAll ? last - WINDOW : 0;
      this.to = isLong && !showsAll ? last : Math.ceil(last / step) * step;
      this.lines = [];
      this.words = [];

      let top = 0;
      for (const track of tracks) top = track.isRow ? this.row(track, top) : this.conversation(track, top);
      const axis = runs.some((run) => !run.isUntimed) ? this.axis(step, top) : [];
      // It grows and never shrinks, so that what is below stays where it is.
      this.height = Math.max(this.height, top + 22);
      this.element.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
      this.element.setAttribute("height", this.height);
      const span = runs.every((run) => run.isUntimed) ? say`without times` : say`of ${Math.round(this.to - this.from) / 1000} seconds`;
      this.element.setAttribute("aria-label", say`Time line ${span}. ${runs.map((run) => run.summary()).join(say`. `)}.`);
      this.element.replaceChildren(...axis, ...this.lines, ...this.words);
      return { isLong };
    }

    x(ms) {
      const share = (ms - this.from) / (this.to - this.from);
      return this.gutter + Math.min(share, 1) * (this.right - this.gutter);
    }

    axis(step, bottom) {
      const axis = [];
      for (let ms = Math.ceil(this.from / step) * step; ms <= this.to; ms += step) {
        const x = this.x(ms);
        axis.push(draw("line", { class: "console-grid", x1: x, x2: x, y1: 0, y2: bottom }));
        const anchor = x < 20 ? "start" : x > this.width - 20 ? "end" : "middle";
        axis.push(draw("text", { class: "console-tick", x, y: bottom + 15, "text-anchor": anchor }, ms === 0 ? "0 s" : `${ms / 1000}`));
      }
      return axis;
    }

    visible(run, client) {
      const marks = run.of(client).filter(({ ms }) => ms >= this.from);
      if (marks.length <= FEW) return marks;
      return merge(marks, ({ ms }) => this.x(ms), 4);
    }

    say(words, x, y, type, more = {}) {
      this.words.push(draw("text", { class: type, x, y, ...more }, words));
    }

    /** One connection in full: both sides, with what they say. */
    conversation({ run, client, title, verdicts }, top) {
      const marks = this.visible(run, client);
      // A verdict stands for a message that has not come, too. What it is stands in the track above.
      const missing = (verdicts ?? []).filter((one) => one.missing && one.mark.ms >= this.from);
      const all = [...marks, ...missing.map(({ mark, verdict }) => ({ ...mark, count: 1, missing: verdict }))];
      all.sort((a, b) => a.ms - b.ms);
      const side = (from) => this.labels(marks.filter((mark) => (mark.from || "server") === from));
      const above = side("client");
      const below = side("server");
      if (title) this.say(title, 0, top + 13, "console-run");
      const y = top + (title ? TITLE : 0) + Math.max(1, above.height) * LINE + STEM + 10;
      this.baseline(run, client, y, STEM + 4);
      if (this.gutter > 20) {
        this.say(say`client`, 0, y - 6, "console-side console-from-client");
        this.say(say`server`, 0, y + 16, "console-side console-from-server");
      }
      for (const mark of all) this.mark(mark, this.x(mark.ms), y, STEM);
      this.write(above, y - STEM - 7, -1);
      this.write(below, y + STEM + 18, 1);
      for (const { mark, missing: isMissing, verdict } of verdicts ?? []) {
        if (mark.ms >= this.from) this.verdict(verdict, this.x(mark.ms), y - 5, isMissing);
      }
      return y + STEM + 10 + Math.max(1, below.height) * LINE + 6;
    }

    labels(marks) {
      const widest = (this.right - this.gutter) * 0.6;
      const words = marks.map((mark) => this.fit(this.labelOf(mark), widest));
      const widths = words.map((word) => this.wide(word));
      const lefts = marks.map((mark, i) => Math.max(0, Math.min(this.x(mark.ms) - 4, this.right - widths[i])));
      const { rows, rooms, height } = layOut(lefts, widths, this.right, this.isNarrow ? 5 : 4);
      return { marks, rows, height, lefts, words: words.map((word, i) => (rooms[i] < Math.min(8, widths[i]) ? "" : this.fit(word, rooms[i]))) };
    }

    write({ marks, rows, lefts, words }, y, up) {
      words.forEach((word, i) => {
        const row = rows[i];
        const x = this.x(marks[i].ms);
        if (row > 0 && word !== "") {
          const [y1, y2] = [y - (up > 0 ? 12 : -3), y + up * row * LINE - (up > 0 ? 11 : -3)];
          this.lines.push(draw("line", { class: "console-leader", x1: x, x2: x, y1, y2 }));
        }
        this.say(word, lefts[i], y + up * row * LINE, "console-label");
      });
    }

    verdict(verdict, x, y, isMissing) {
      const sign = { right: "✓", wrong: "✗", unseen: "–" }[verdict];
      this.say(sign, x, y, `console-verdict console-${verdict}`, { "text-anchor": "middle", "data-missing": String(isMissing) });
    }

    /** One connection in short: a bar for the time that it waits. */
    row({ run, client, title, name }, top) {
      if (title) this.say(title, 0, top + 14, "console-run");
      const y = top + (title ? TITLE : 0) + LANE / 2;
      this.baseline(run, client, y, 10);
      this.say(name, 0, y + 4, "console-side");
      let asked = null;
      let free = 0;
      for (const mark of this.visible(run, client)) {
        if (mark.kind === "close" || mark.kind === "broken") {
          asked = null;
        } else if (mark.from === "client") {
          asked ??= mark.ms;
        } else if (asked !== null) {
          this.bar(asked, mark.ms, y);
          asked = null;
        }
        const x = this.x(mark.ms);
        this.mark(mark, x, y, 8);
        if (mark.from !== "server" || mark.kind === "close") continue;
        const words = mark.count > 1 ? `×${mark.count}` : `${Math.round(mark.ms)} ms`;
        const left = x + 8;
        if (left < free) continue;
        free = left + this.wide(words) + GAP;
        this.say(words, left, y + 15, "console-label");
      }
      if (asked !== null && run.open) this.bar(asked, run.now(), y);
      return y + LANE / 2 + 4;
    }

    bar(from, to, y) {
      const [left, right] = [this.x(Math.max(from, this.from)), this.x(to)];
      this.lines.push(draw("rect", { class: "console-wait", x: left, width: Math.max(1, right - left), y: y - 4, height: 8, rx: 2 }));
    }

    /** The axis ends where the connection is lost. */
    baseline(run, client, y, reach) {
      const lost = run.of(client).find(({ kind }) => kind === "broken");
      const x2 = lost ? this.x(lost.ms) : this.right;
      this.lines.push(draw("line", { class: "console-axis", x1: this.gutter, x2, y1: y, y2: y }));
      if (!run.open || run.start === null) return;
      const now = this.x(run.now());
      this.lines.push(draw("line", { class: "console-now", x1: now, x2: now, y1: y - reach, y2: y + reach }));
    }

    mark({ from, kind, text, count, missing }, x, y, stem) {
      const type = `console-mark console-from-${from || "nobody"}${missing ? " console-missing" : ""}`;
      const add = (tag, more) => this.lines.push(draw(tag, { class: type, ...more }));
      if (kind === "broken") {
        // A zigzag through the axis, which ends here.
        this.lines.push(draw("path", { class: "console-broken", d: `M${x - 3},${y - 13} l7,9 l-9,7 l8,10` }));
        return;
      }
      const up = from === "client" ? -1 : 1;
      const tip = y + up * (count > 1 ? Math.min(stem + 8, stem + 2 * Math.log10(count)) : stem);
      add("line", { x1: x, x2: x, y1: y, y2: tip, "stroke-width": count > 1 ? 4 : 2 });
      if (kind === "close") {
        add("path", { d: `M${x - 4},${tip - 4} l8,8 m0,-8 l-8,8`, "stroke-width": 2.5, fill: "none" });
      } else if (from === "client") {
        add("path", { d: `M${x - 4.5},${tip + 3} h9 l-4.5,-8 z` });
      } else {
        // A ring for an empty message, so that it shows around one that came before it.
        const ring = { r: 7, "stroke-width": 2, "fill-opacity": 0 };
        add("circle", { cx: x, cy: tip, r: 4, ...(text === "" && kind === "text" && ring) });
      }
    }
  }

  Object.assign(liveConsole, { TimeLine, layOut });
}
