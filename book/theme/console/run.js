// The live console, 6: one session with one server, as the time line draws it.
"use strict";
{
  /** The marks are merged when there are more: a stream may go on for days. */
  const MARK_LIMIT = 4000;

  /** Makes one of the marks of one side that stand within one step of each other. */
  const merge = (marks, position, step) => {
    const merged = new Map();
    for (const mark of marks) {
      const place = Math.floor(position(mark) / Math.max(step, 1e-6));
      const key = [mark.client, mark.from, mark.kind === "close", mark.text === "", place].join();
      const first = merged.get(key);
      if (first) first.count += mark.count;
      else merged.set(key, { ...mark });
    }
    return [...merged.values()];
  };

  class Run {
    /** `isUntimed`: what came after what is known, and no more. */
    constructor(title, { clients = 1, isUntimed = false } = {}) {
      Object.assign(this, { title, clients, isUntimed, marks: [], start: null, end: 0, open: true });
    }

    /** Milliseconds since the zero of this run. Whoever asks first, sets it. */
    clock() {
      this.start ??= performance.now();
      return performance.now() - this.start;
    }

    now() {
      return this.open && this.start !== null ? this.clock() : this.end;
    }

    add({ from, kind, text, code, ms, client }) {
      this.end = Math.max(this.end, ms);
      this.marks.push({ from, kind, text, code, ms, client, count: 1 });
      if (this.marks.length > MARK_LIMIT) this.marks = merge(this.marks, (mark) => mark.ms, this.end / 1000);
    }

    /** Forgets what has come. A zero that is the handshake stays. */
    clear(keepsZero) {
      Object.assign(this, { marks: [], end: 0 });
      if (!keepsZero) this.start = null;
    }

    of(client) {
      return this.marks.filter((mark) => mark.client === client);
    }

    summary() {
      const total = (from) => this.marks.reduce((sum, mark) => sum + (mark.from === from ? mark.count : 0), 0);
      const times = (marks) => marks.slice(0, 12).map((mark) => Math.round(mark.ms)).join(", ");
      const parts = [say`${this.title}: ${total("client")} from the client`, say`${total("server")} from the server`];
      const heard = this.marks.filter(({ from }) => from === "server");
      if (heard.length > 0 && !this.isUntimed) parts.push(say`at ${times(heard)} ms`);
      const lost = this.marks.filter(({ kind }) => kind === "broken");
      if (lost.length > 0) parts.push(say`the connection was lost at ${times(lost)} ms`);
      return parts.join(say`, `);
    }
  }

  Object.assign(liveConsole, { Run, merge });
}
