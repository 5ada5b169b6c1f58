// The live console, 13: a recording plays, in the page; or the client's part of it, against a server.
"use strict";
{
  /** Plays a recording into a run: at a speed, or step by step. */
  class Player {
    constructor(entries, run, { speed, add, done }) {
      Object.assign(this, { entries: [...entries], run, speed, add, done, at: 0, since: null });
      run.start = 0;
      run.clock = () => this.now();
    }

    now() {
      return this.since === null ? this.at : this.at + (performance.now() - this.since) * this.speed;
    }

    play() {
      this.since = performance.now();
      this.tick();
    }

    tick() {
      while (this.entries.length > 0 && this.entries[0].ms <= this.now()) this.add(this.entries.shift());
      if (this.entries.length === 0) this.finish();
      else this.timer = setTimeout(() => this.tick(), (this.entries[0].ms - this.now()) / this.speed);
    }

    /** Goes to the next message, and waits there. */
    step() {
      clearTimeout(this.timer);
      this.since = null;
      const next = this.entries.shift();
      this.at = next.ms;
      this.add(next);
      if (this.entries.length === 0) this.finish();
    }

    finish() {
      this.stop();
      this.done();
    }

    stop() {
      clearTimeout(this.timer);
      this.at = this.now();
      this.since = null;
      this.run.open = false;
    }
  }

  /** Plays the client's part of `due` in a session, for each of its clients. */
  class Script {
    /** After the last message that is due, one more may come within this time, in ms. */
    static GRACE = 800;

    constructor(due, session) {
      Object.assign(this, { due, session, timers: [] });
    }

    play() {
      const { run } = this.session;
      const at = (ms, what) => this.timers.push(setTimeout(what, ms - run.clock()));
      // A close of the client that follows one of the server is the browser's own work.
      const answered = this.due.findIndex(({ from, kind }) => from === "server" && kind === "close");
      this.due.forEach((entry, i) => {
        if (entry.from !== "client" || (answered >= 0 && i > answered)) return;
        at(entry.ms, () => this.act(entry));
      });
      at(this.due.at(-1).ms + Script.GRACE, () => this.end());
    }

    act({ kind, text, payload }) {
      const { session } = this;
      if (kind === "text") session.send(text);
      else if (kind === "binary") session.send(Uint8Array.from(payload.first));
      else if (kind === "close") session.close();
      // A page cannot vanish. It stops to listen, which is as near as it comes.
      else if (kind === "broken") this.end();
    }

    end() {
      this.stop();
      this.session.leave();
    }

    stop() {
      for (const timer of this.timers.splice(0)) clearTimeout(timer);
    }
  }

  Object.assign(liveConsole, { Player, Script });
}
