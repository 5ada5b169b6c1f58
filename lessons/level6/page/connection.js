// The page's place in the log. A connection that is lost is made again, and goes on after the last
// line that came: the page loses nothing in silence, and sees nothing twice.
"use strict";

/** How many of the lines that are already there a new reader asks for. */
const TAIL = 1000;

/** The longest wait before the first attempt and before any, in milliseconds. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 30_000;

/** Close codes after which another attempt may succeed. After all others it would end the same way. */
const PASSING = [1001, 1005, 1006, 1011, 1012, 1013];

class Connection {
  #socket;
  #timer;
  #attempts = 0;
  /** The name of the log whose numbers we know, and the last of them that we have. */
  #log = null;
  #last = 0;
  /** What was there before we came is no measure of the speed of now. */
  #old = 0;

  /** What a server wants to hear before the subscription: this one nothing. */
  greeting = () => [];

  /** Calls `heard` with each event of the log, and `changed` with each state of the connection. */
  constructor(url, heard, changed) {
    Object.assign(this, { url, heard, changed });
  }

  connect() {
    clearTimeout(this.#timer);
    this.changed({ name: "connecting", isAgain: this.#attempts > 0 });
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onopen = () => {
      for (const said of [...this.greeting(), this.#subscription()]) socket.send(JSON.stringify(said));
    };
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
  }

  #subscription() {
    if (this.#log === null) return { type: "subscribe", tail: TAIL };
    return { type: "subscribe", log: this.#log, after: this.#last };
  }

  #take(data) {
    try {
      const event = JSON.parse(data);
      if (event.type === "hello") this.#hello(event);
      else if (event.type === "line") this.#line(event);
      else if (event.type === "gap") this.#gap(event.from, event.to);
      else if (event.type === "end") this.#stop({ ...event, name: "ended" });
      else this.heard(event);
    } catch (error) {
      console.warn(error);
      this.#stop({ name: "failed", reason: say`What the server sends is no log.` });
    }
  }

  #hello({ log, first, last, readers }) {
    const isAnew = this.#log !== null && this.#log !== log;
    if (isAnew) this.heard({ type: "anew" });
    // From here on nothing may be missed, even if the connection breaks now. A new log is told from
    // its beginning to who has had another.
    if (this.#log === null) this.#last = Math.max(last - TAIL, first - 1);
    else if (isAnew) this.#last = 0;
    this.#log = log;
    this.#old = last;
    this.heard({ type: "readers", readers });
    this.changed({ name: "connected", isAnew });
  }

  #line(line) {
    // Only now: a server that greets and then fails would be asked at full speed.
    this.#attempts = 0;
    if (line.seq <= this.#last) return;
    // A server that tells of its gaps never gets here. The page believes its own count.
    if (line.seq > this.#last + 1) this.#gap(this.#last + 1, line.seq - 1);
    this.#last = line.seq;
    // An old line tells how many readers there were then.
    const isLive = line.seq > this.#old;
    this.heard({ ...line, isLive });
    if (isLive) this.heard({ type: "readers", readers: line.readers });
  }

  #gap(from, to) {
    this.#last = to;
    this.heard({ type: "gap", from, to });
  }

  /** Waits, and tries again: each time for up to twice as long, and never all pages at once. */
  #lost(code, reason) {
    if (!PASSING.includes(code)) return this.#stop({ name: "refused", code, reason });
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts);
    this.#attempts += 1;
    const wait = Math.random() * most;
    this.#timer = setTimeout(() => this.connect(), wait);
    this.changed({ name: "waiting", code, reason, until: performance.now() + wait });
  }

  #stop(state) {
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.changed(state);
  }
}
