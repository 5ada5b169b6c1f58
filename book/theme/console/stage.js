// The live console, 14: all that is drawn: the time line, the log, the preview, and what is due.
"use strict";
{
  const { Log, Run, TimeLine, check, compare, describe, label, make } = liveConsole;

  /** From so many connections on they are drawn as rows. */
  const ROWS_FROM = 3;
  /** What has not come is missing only so many ms after it was due. */
  const PATIENCE = 400;
  /** A long recording does not make the axis of what is live longer than this, in ms. */
  const LONGEST_AT_FIRST = 15_000;

  class Stage {
    /** `isTogether`: the servers are drawn at once. `protocol` is what the page knows of its messages. */
    constructor(servers, { isTogether, protocol }) {
      Object.assign(this, { servers, isTogether, runs: new Map() });
      // What is due: the entries of the recording, and its run on an exercise; and the reader's own.
      Object.assign(this, { target: { entries: [], due: null }, own: null });
      this.preview = protocol ? new protocol() : null;
      this.describe = protocol ? protocol.describe : describe;
      this.log = new Log(this.describe);
      this.timeLine = new TimeLine(protocol ? protocol.label : label);
      this.verdicts = make("ul", { class: "console-verdicts" });
      this.all = make("input", { type: "checkbox" });
      this.seeAll = check("See all", this.all);
      this.all.addEventListener("change", () => this.invalidate());
      new ResizeObserver(() => this.invalidate()).observe(this.timeLine.element);
    }

    /** Begins a run. Where servers are drawn together, each keeps its latest. */
    begin(run, server) {
      if (!this.isTogether) this.runs.clear();
      this.runs.set(server, run);
      this.forget();
      return run;
    }

    clear() {
      this.runs.clear();
      this.forget();
    }

    forget() {
      this.log.clear();
      this.preview?.begin();
      this.verdicts.replaceChildren();
      this.own = null;
      this.invalidate();
    }

    add(run, one) {
      run.add(one);
      this.note(one, run.clients > 1 ? `client ${one.client}` : "");
    }

    note(one, who = "") {
      this.log.add({ ...one, who });
      this.preview?.add(one);
      this.invalidate();
    }

    /** Draws with the next frame, once for all that came in between. */
    invalidate() {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = undefined;
        this.render();
      });
    }

    /** What the time line draws, from top to bottom. */
    tracks() {
      const { due } = this.target;
      const runs = this.servers.filter((server) => this.runs.has(server)).map((server) => this.runs.get(server));
      const tracks = runs.flatMap((run) => {
        const isRow = !due && (this.isTogether || run.clients >= ROWS_FROM);
        return Array.from({ length: run.clients }, (_, i) => {
          const name = `client ${i + 1}`;
          const first = i === 0 ? run.title : "";
          const title = isRow ? first : run.clients > 1 ? `${run.title}, ${name}` : due ? run.title : "";
          return { run, client: i + 1, title, isRow, name, verdicts: this.verdictsOf(run, i + 1) };
        });
      });
      if (due && !runs.includes(due)) tracks.unshift({ run: due, client: 1, title: due.title });
      return tracks.length > 0 ? tracks : [{ run: new Run("nothing yet"), client: 1 }];
    }

    /** While the reader's own run is open, what is still to come is not missing. */
    verdictsOf(run, client) {
      if (run !== this.own) return undefined;
      const now = run.open ? run.now() - PATIENCE : Infinity;
      return compare(this.target.entries, run.of(client)).filter(({ mark, missing }) => !missing || mark.ms < now);
    }

    /** The verdicts on the reader's own run, for each client. */
    judge() {
      return Array.from({ length: this.own.clients }, (_, i) => this.verdictsOf(this.own, i + 1));
    }

    render() {
      const last = this.target.entries.at(-1);
      const least = last && !last.untimed ? Math.min(last.ms, LONGEST_AT_FIRST) : 1000;
      const { isLong } = this.timeLine.render(this.tracks(), { least, showsAll: this.all.checked });
      this.seeAll.classList.toggle("console-away", !isLong);
      this.log.render();
      this.preview?.render();
    }

    /** While something is open, the present moves along the time line. */
    watch(isOpen) {
      clearInterval(this.watching);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (isOpen) this.watching = setInterval(() => this.invalidate(), still ? 1000 : 100);
      this.invalidate();
    }
  }

  Object.assign(liveConsole, { Stage });
}
