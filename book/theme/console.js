// The live console of the book: it opens a WebSocket from the page to the reader's own server, and
// draws what arrives and when. The code is in a block, so it adds no name to the page, and holds as
// a module too. It is loaded as a classic script, because mdBook does so, and because a browser
// refuses modules on pages that are opened as files.
//
// In a chapter:
//
//     <div class="console" data-server="level2_stream_server">
//
//     (the recorded session: a block of text that includes a pinned transcript)
//
//     </div>
//
// Without JavaScript, on paper and on the print page the recording is what there is to see. Here it
// is read from the page and drawn at once, so it exists only once and teaches without a server.
//
//     data-server       the program to start; several, with a space between, give a choice
//     data-message      the line to send; one for each server, with a | between
//     data-connections  how many connections to open at once; their servers are drawn as rows
//     data-preview      the text grows message by message, and an empty one ends it
//
// What comes from the wire becomes text nodes, never HTML.
"use strict";
{
  const DEFAULT_ADDRESS = "ws://127.0.0.1:8765";
  /** The log keeps this many entries, and counts the rest. */
  const LOG_LIMIT = 200;
  /** A longer text is cut to this many characters. */
  const TEXT_LIMIT = 200;
  /** The time line merges its marks when there are more: a stream may go on for days. */
  const MARK_LIMIT = 4000;
  /** The pace of a recording without times, in ms. */
  const EVEN_PACE = 500;

  const CLOSE_CODES = {
    1000: "normal, all is said",
    1001: "going away, the server stops or the page is left",
    1002: "protocol error",
    1003: "unsupported data, a kind of message that is not accepted here",
    1005: "no code was given",
    1006: "abnormal, the connection was lost without a close",
    1007: "invalid data, such as text that is not UTF-8",
    1008: "policy violation, the server's rules forbid it",
    1009: "message too big",
    1010: "an extension is missing",
    1011: "internal error, the server failed",
    1012: "the server restarts",
    1013: "try again later",
    1014: "bad gateway",
    1015: "the TLS handshake failed",
  };

  const meaning = (code) => {
    if (code >= 4000) return "a code of the application's own";
    if (code >= 3000) return "a code of a library or framework";
    return CLOSE_CODES[code] ?? "a code without a common meaning";
  };

  // ---- Text -------------------------------------------------------------------------------------

  const ESCAPES = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

  /** As in the transcripts. Characters that are invisible or turn the line around are spelt out. */
  const quote = (text) => {
    const spelt = /[\\"\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
    const escape = (c) => ESCAPES[c] ?? `\\u{${c.codePointAt(0).toString(16)}}`;
    return `"${text.replace(spelt, escape)}"`;
  };

  const unquote = (text) =>
    text.replace(/\\(?:u\{([0-9a-f]+)\}|(.))/gu, (_, hex, c) =>
      hex ? String.fromCodePoint(parseInt(hex, 16)) : ({ n: "\n", r: "\r", t: "\t", 0: "\0" }[c] ?? c));

  /** Cut by whole characters, never within one. */
  const cut = (text, limit) => {
    if (text.length <= limit) return text;
    const characters = Array.from(text.slice(0, 2 * limit));
    return characters.length > limit ? characters.slice(0, limit).join("") + "…" : text;
  };

  const count = (number, noun) =>
    `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  const firstBytes = (bytes) =>
    Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" ");

  /**
   * What is logged and drawn. `from` is "client" or "server", or "" for a remark of the console;
   * `kind` is "text", "binary", "control", "close" or "note"; `ms` is null for a remark.
   */
  const entry = (from, kind, text, more = {}) => ({ from, kind, text, client: 1, ms: null, ...more });

  const textEntry = (from, data, more) => {
    if (typeof data === "string") {
      const size = data.length > TEXT_LIMIT ? count(data.length, "character") : "";
      return entry(from, "text", cut(data, TEXT_LIMIT), { size, ...more });
    }
    const bytes = new Uint8Array(data);
    const text = bytes.length <= 16 ? `binary ${firstBytes(bytes)}` : `binary ${firstBytes(bytes)} …`;
    return entry(from, "binary", text, { size: count(bytes.length, "byte"), ...more });
  };

  const closeEntry = (from, code, reason, more) =>
    entry(from, "close", reason, { code, ...more });

  const describe = ({ kind, text, size, code }, isMarker) => {
    if (kind === "close") {
      const words = code === null ? "close, without a code" : `close ${code}: ${meaning(code)}`;
      return text ? `${words} ${quote(text)}` : words;
    }
    const words = kind === "text" ? quote(text) : text;
    if (isMarker) return `${words} (the end marker)`;
    return size ? `${words} (${size})` : words;
  };

  /** Reads a transcript of tests/snapshots. One without times gets an even pace. */
  const parse = (transcript) => {
    const entries = [];
    for (const line of transcript.split("\n")) {
      const parts = /^ *(?:(\d+) ms {2})?(client|server)(?: (?:to client )?(\d+))? {2,}(.*)$/u.exec(line);
      if (!parts) continue;
      const [, time, from, client, what] = parts;
      const more = {
        ms: time === undefined ? EVEN_PACE * entries.length : Number(time),
        untimed: time === undefined,
        client: Number(client ?? 1),
      };
      const text = /^"(.*)"$/u.exec(what);
      const close = /^close(?: (\d+))?(?: "(.*)")?$/u.exec(what);
      if (text) {
        entries.push(textEntry(from, unquote(text[1]), more));
      } else if (close) {
        const code = close[1] === undefined ? null : Number(close[1]);
        entries.push(closeEntry(from, code, unquote(close[2] ?? ""), more));
      } else {
        const kind = what.startsWith("binary") ? "binary" : "control";
        entries.push(entry(from, kind, what, more));
      }
    }
    return entries;
  };

  // ---- Elements ---------------------------------------------------------------------------------

  const set = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const make = (tag, attributes = {}, ...children) =>
    set(document.createElement(tag), attributes, children);

  const draw = (tag, attributes = {}, ...children) =>
    set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // ---- The log ----------------------------------------------------------------------------------

  class Log {
    constructor(withClients, marksEnd) {
      this.withClients = withClients;
      this.marksEnd = marksEnd;
      this.list = make("ol");
      this.omitted = make("p", { class: "console-omitted", hidden: "" });
      const attributes = { class: "console-log", role: "log", tabindex: "0", "aria-label": "Log" };
      // Not a live region: ten thousand messages would be read out one by one. See `announce`.
      this.element = make("div", { ...attributes, "aria-live": "off" }, this.omitted, this.list);
      if (withClients) this.element.classList.add("console-with-clients");
      this.clear();
    }

    clear() {
      this.waiting = [];
      this.left = 0;
      this.omitted.hidden = true;
      this.list.replaceChildren();
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
      this.omitted.textContent = `${count(this.left, "earlier entry").replace("entrys", "entries")} left out`;
      if (follows) element.scrollTop = element.scrollHeight;
    }

    row(entry) {
      const { from, kind, ms, untimed, client, text } = entry;
      const time = ms === null || untimed ? "" : `${Math.round(ms)} ms`;
      const way = { client: "→ sent", server: "← received", "": "" }[from];
      const words = this.withClients && kind !== "note" ? `client ${client} ${way}` : way;
      const isMarker = this.marksEnd && from === "server" && kind === "text" && text === "";
      return make("li", { class: `console-from-${from || "note"}` },
        make("span", { class: "console-time" }, time), " ",
        make("span", { class: "console-way" }, words), " ",
        // Text that runs from right to left keeps to itself.
        make("bdi", {}, describe(entry, isMarker)));
    }
  }

  // ---- The time line ----------------------------------------------------------------------------

  /** One session with one server, as the time line draws it. */
  class Run {
    constructor(title, clients) {
      Object.assign(this, { title, clients, marks: [], start: null, end: 0, open: true });
    }

    /** Milliseconds since the first message; this may be the first. */
    clock() {
      this.start ??= performance.now();
      return performance.now() - this.start;
    }

    add({ from, kind, text, code, ms, client }) {
      this.end = Math.max(this.end, ms);
      this.marks.push({ from, kind, text, code, ms, client, count: 1 });
      if (this.marks.length > MARK_LIMIT) this.marks = merge(this.marks, (mark) => mark.ms, this.end / 1000);
    }
  }

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

  /** The ends and steps that the axis may have, in ms. */
  const ROUND = [100, 200, 500];
  for (let s = 1000; s <= 3.6e6; s *= 60) ROUND.push(...[1, 2, 5, 10, 20, 30].map((n) => n * s));
  for (let h = 60; h < 1e4; h *= 2) ROUND.push(h * 3.6e6);
  const roundUp = (ms) => ROUND.find((round) => round >= ms) ?? ms;

  const GUTTER = 64;
  const STEM = 14;
  const LINE = 16;
  const LANE = 30;

  class TimeLine {
    constructor(withRows) {
      this.withRows = withRows;
      this.element = draw("svg", { class: "console-time-line", role: "img" });
      this.pen = document.createElement("canvas").getContext("2d");
    }

    render(runs) {
      const width = Math.max(this.element.clientWidth || 0, 240);
      const ends = runs.map((run) => (run.open && run.start !== null ? run.clock() : run.end));
      const end = roundUp(Math.max(1000, ...ends));
      const right = width - 12;
      const x = (ms) => GUTTER + (Math.min(ms, end) / end) * (right - GUTTER);
      if (this.font === undefined) {
        const style = getComputedStyle(this.element);
        this.font = `${style.fontSize} ${style.fontFamily}`;
      }
      this.pen.font = this.font;

      const shapes = [];
      const parts = { shapes, x, right };
      let top = 0;
      for (const run of runs) top = this.withRows ? this.rows(run, top, parts) : this.single(run, top, parts);

      const axis = [];
      const step = roundUp(end / (width < 480 ? 4 : 6));
      for (let ms = 0; ms <= end; ms += step) {
        axis.push(draw("line", { class: "console-grid", x1: x(ms), x2: x(ms), y1: 0, y2: top }));
        const anchor = ms === 0 ? "start" : x(ms) > right - 20 ? "end" : "middle";
        const label = ms === 0 ? "0 s" : `${ms / 1000}`;
        axis.push(draw("text", { class: "console-tick", x: x(ms), y: top + 14, "text-anchor": anchor }, label));
      }
      const height = top + 20;
      this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.element.setAttribute("height", height);
      this.element.setAttribute("aria-label", this.summary(runs, end));
      this.element.replaceChildren(...axis, ...shapes);
    }

    /** One connection: the client above the axis, the server below, with what they say. */
    single(run, top, { shapes, x, right }) {
      const y = top + 2 * LINE + STEM + 8;
      this.baseline(run, y, y - STEM - 4, y + STEM + 4, { shapes, x, right });
      shapes.push(draw("text", { class: "console-side", x: 0, y: y - 6 }, "client"));
      shapes.push(draw("text", { class: "console-side", x: 0, y: y + 16 }, "server"));
      const free = { client: [0, 0], server: [0, 0] };
      for (const mark of merge(run.marks, (mark) => x(mark.ms), 4)) {
        const up = mark.from === "client" ? -1 : 1;
        const tip = this.mark(mark, x(mark.ms), y, STEM, shapes);
        const words = this.label(mark);
        const wide = this.pen.measureText(words).width;
        const left = Math.max(GUTTER - 4, Math.min(x(mark.ms) - 4, right - wide));
        const row = free[mark.from].findIndex((taken) => left >= taken);
        if (row < 0 || words === "") continue;
        free[mark.from][row] = left + wide + 8;
        const baseline = tip + up * (6 + row * LINE) + (up > 0 ? 11 : 0);
        shapes.push(draw("text", { class: "console-label", x: left, y: baseline }, words));
      }
      return y + STEM + 8 + 2 * LINE + 4;
    }

    /** Several connections: a row for each, and a bar for the time that it waits. */
    rows(run, top, { shapes, x, right }) {
      shapes.push(draw("text", { class: "console-run", x: 0, y: top + 14 }, run.title));
      const marks = merge(run.marks, (mark) => x(mark.ms), 4);
      for (let client = 1; client <= run.clients; client += 1) {
        const y = top + 18 + (client - 0.5) * LANE;
        this.baseline(run, y, y - 10, y + 10, { shapes, x, right });
        shapes.push(draw("text", { class: "console-side", x: 0, y: y + 5 }, `client ${client}`));
        let asked = null;
        let free = 0;
        for (const mark of marks.filter((mark) => mark.client === client)) {
          if (mark.kind === "close") {
            asked = null;
          } else if (mark.from === "client") {
            asked ??= mark.ms;
          } else if (asked !== null) {
            const bar = { x: x(asked), width: Math.max(1, x(mark.ms) - x(asked)), y: y - 4, height: 8 };
            shapes.push(draw("rect", { class: "console-wait", ...bar }));
            asked = null;
          }
          this.mark(mark, x(mark.ms), y, 8, shapes);
          if (mark.from !== "server" || mark.kind === "close") continue;
          const words = mark.count > 1 ? `×${mark.count}` : `${Math.round(mark.ms)} ms`;
          const wide = this.pen.measureText(words).width;
          const left = x(mark.ms) + 8;
          if (left < free || left + wide > right) continue;
          free = left + wide + 8;
          shapes.push(draw("text", { class: "console-label", x: left, y: y + 14 }, words));
        }
        if (asked !== null && run.open && run.start !== null) {
          const bar = { x: x(asked), width: Math.max(1, x(run.clock()) - x(asked)), y: y - 4, height: 8 };
          shapes.push(draw("rect", { class: "console-wait", ...bar }));
        }
      }
      return top + 18 + run.clients * LANE + 6;
    }

    baseline(run, y, y1, y2, { shapes, x, right }) {
      shapes.push(draw("line", { class: "console-axis", x1: GUTTER, x2: right, y1: y, y2: y }));
      if (!run.open || run.start === null) return;
      const now = x(run.clock());
      shapes.push(draw("line", { class: "console-now", x1: now, x2: now, y1, y2 }));
    }

    /** Draws one mark and returns the height at which its stem ends. */
    mark({ from, kind, text, count }, x, y, stem, shapes) {
      const up = from === "client" ? -1 : 1;
      const tip = y + up * (count > 1 ? Math.min(stem + 8, stem + 2 * Math.log10(count)) : stem);
      const place = { class: `console-mark console-from-${from}` };
      shapes.push(draw("line", { ...place, x1: x, x2: x, y1: y, y2: tip, "stroke-width": count > 1 ? 4 : 2 }));
      if (kind === "close") {
        const d = `M${x - 4},${tip - 4} l8,8 m0,-8 l-8,8`;
        shapes.push(draw("path", { ...place, d, "stroke-width": 2, fill: "none" }));
      } else if (from === "client") {
        shapes.push(draw("path", { ...place, d: `M${x - 4},${tip + 3} h8 l-4,-7 z` }));
      } else {
        // A ring for an empty message, so that an end marker shows around the last chunk.
        const ring = { r: 7, "stroke-width": 2, "fill-opacity": 0 };
        shapes.push(draw("circle", { ...place, cx: x, cy: tip, r: 4, ...(text === "" && ring) }));
      }
      return tip;
    }

    label({ kind, text, code, count }) {
      if (count > 1) return `×${count.toLocaleString("en")}`;
      if (kind === "close") return code === null ? "close" : `close ${code}`;
      if (kind !== "text") return cut(text, 12);
      return text === "" ? "(empty)" : cut(quote(text).slice(1, -1), 12);
    }

    summary(runs, end) {
      const parts = runs.map((run) => {
        const of = (from) => run.marks.filter((mark) => mark.from === from);
        const total = (marks) => marks.reduce((sum, mark) => sum + mark.count, 0);
        const times = of("server").slice(0, 12).map((mark) => Math.round(mark.ms)).join(", ");
        return `${run.title}: ${total(of("client"))} from the client, ${total(of("server"))} from the server` +
          (times ? `, at ${times} ms` : "");
      });
      return `Time line of ${end / 1000} seconds. ${parts.join(". ")}.`;
    }
  }

  // ---- The console ------------------------------------------------------------------------------

  class Console {
    constructor(root) {
      this.root = root;
      this.servers = (root.dataset.server ?? "").split(/\s+/u).filter(Boolean);
      this.messages = (root.dataset.message ?? "").split("|").map((message) => message.trim());
      this.connections = Number(root.dataset.connections ?? 1);
      this.previews = "preview" in root.dataset;
      const recordings = [...root.querySelectorAll("pre code")].map((code) => parse(code.textContent));
      this.recordings = new Map(recordings.map((recording, i) => [this.servers[i], recording]));
      this.runs = new Map();
      this.session = null;
      this.sockets = [];
      this.player = null;
      this.unsaid = { count: 0, last: "" };
      this.build();
      this.choose();
      // The first one last: its messages are then in the log, and its server is chosen.
      for (const server of [...this.recordings.keys()].reverse()) this.show(server);
      this.render();
      this.log.element.scrollTop = 0;
    }

    get server() {
      return this.choice ? this.choice.value : this.servers[0];
    }

    build() {
      const several = this.servers.length > 1;
      const button = (words, type = "button") => make("button", { type, class: "console-button" }, words);
      const plain = { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" };

      this.state = make("p", { class: "console-state", role: "status" });
      this.speech = make("p", { class: "console-speech", "aria-live": "polite" });
      this.command = make("code", {});
      this.copy = button("Copy");
      this.copy.setAttribute("aria-label", "Copy the command");
      this.address = make("input", { ...plain, inputmode: "url", value: DEFAULT_ADDRESS });
      this.toggle = button("Connect", "submit");
      this.message = make("input", { ...plain });
      this.binary = make("input", { type: "checkbox" });
      this.send = button("Send", "submit");
      this.caption = make("p", { class: "console-caption" });
      this.log = new Log(this.connections > 1, this.previews);
      this.timeLine = new TimeLine(this.connections > 1);
      this.replay = button("Replay");
      this.speed = make("select", {},
        make("option", { value: "1" }, "at its own speed"),
        make("option", { value: "3" }, "3 times as fast"),
        make("option", { value: "10" }, "10 times as fast"));
      this.preview = make("p", { class: "console-preview" });

      const label = (words, ...fields) => make("label", {}, make("span", {}, words), ...fields);
      const connecting = make("form", { class: "console-row" }, label("Address", this.address), this.toggle);
      const sending = make("form", { class: "console-row" }, label("Message", this.message),
        make("label", { class: "console-check" }, this.binary, " as bytes"), this.send);
      const panel = make("div", { class: "console-panel", role: "group", "aria-label": "Live console" });
      if (several) {
        this.choice = make("select", {}, ...this.servers.map((server) => make("option", {}, server)));
        panel.append(make("div", { class: "console-row" }, label("Server", this.choice)));
        this.choice.addEventListener("change", () => this.choose());
      }
      panel.append(make("p", { class: "console-row console-command" }, this.command, this.copy),
        connecting, sending, this.state);
      if (this.previews) panel.append(this.preview);
      panel.append(this.caption, this.timeLine.element, this.log.element);
      this.replaying = make("div", { class: "console-row console-replay" }, this.replay,
        label("Speed", this.speed));
      panel.append(this.replaying, this.speech);
      this.root.append(panel);
      this.root.classList.add("console-ready");

      connecting.addEventListener("submit", (event) => {
        event.preventDefault();
        if (this.session) this.disconnect();
        else this.connect();
      });
      sending.addEventListener("submit", (event) => {
        event.preventDefault();
        this.transmit();
      });
      this.copy.addEventListener("click", () => this.copyCommand());
      this.replay.addEventListener("click", () => {
        if (this.player) this.stopReplay("Replay stopped.");
        else this.startReplay();
      });
      // mdBook's shortcuts: `s` and `/` search, `?` helps, the arrow keys turn the page.
      panel.addEventListener("keydown", (event) => {
        const isField = event.target.matches("input, select");
        if (isField || /^(?:Arrow|Page|Home|End)/u.test(event.key)) event.stopPropagation();
      });
      new ResizeObserver(() => this.invalidate()).observe(this.timeLine.element);
      this.say("Not connected. Start the server with the command above, then connect.", "idle");
    }

    choose() {
      this.command.textContent = `cargo run --bin ${this.server}`;
      this.message.value = this.messages[this.servers.indexOf(this.server)] ?? this.messages[0];
      this.replaying.hidden = !this.recordings.has(this.server);
    }

    say(words, state = this.root.dataset.state) {
      this.root.dataset.state = state;
      this.state.textContent = words;
    }

    /** For screen readers: what arrives, but no more often than one can listen. */
    announce(words) {
      this.unsaid.count += 1;
      this.unsaid.last = words;
      if (this.speaking === undefined) this.speak();
    }

    speak() {
      const { count: number, last } = this.unsaid;
      this.speaking = number === 0 ? undefined : setTimeout(() => this.speak(), 800);
      if (number === 0) return;
      this.speech.textContent = number > 1 ? `${count(number, "message")}, the last one: ${last}` : last;
      this.unsaid = { count: 0, last: "" };
    }

    // -- Drawing

    /** Begins a run. Where there are rows, each server keeps its latest. */
    begin(title) {
      if (this.connections === 1) this.runs.clear();
      const run = new Run(title, this.connections);
      this.runs.set(this.server, run);
      this.log.clear();
      this.translation = { text: "", waiting: 0, ended: null };
      this.invalidate();
      return run;
    }

    add(run, entry) {
      if (entry.from !== "") run.add(entry);
      this.log.add(entry);
      if (this.previews) this.grow(entry);
      this.invalidate();
    }

    /** `waiting` counts the sentences that are not translated yet. */
    grow({ from, kind, text }) {
      const it = this.translation;
      const isNew = from === "client" ? it.waiting === 0 : it.ended;
      if (kind === "text" && isNew) Object.assign(it, { text: "", ended: null });
      if (kind === "text" && from === "client") {
        it.waiting += 1;
      } else if (kind === "text" && text === "") {
        Object.assign(it, { waiting: Math.max(0, it.waiting - 1), ended: true });
      } else if (kind === "text") {
        it.text = (it.text + text).slice(-2000);
      } else if (kind === "close" && it.waiting > 0) {
        it.ended = false;
      }
    }

    /** Draws with the next frame, once for all that came in between. */
    invalidate() {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = undefined;
        this.render();
      });
    }

    render() {
      const order = this.servers.filter((server) => this.runs.has(server));
      for (const part of [this.caption, this.timeLine.element, this.log.element]) {
        part.toggleAttribute("hidden", order.length === 0);
      }
      this.timeLine.render(order.map((server) => this.runs.get(server)));
      this.log.render();
      if (this.previews && this.translation) {
        const { text, ended } = this.translation;
        const end = { true: " Complete.", false: " Incomplete: the end marker is missing.", null: "" }[ended];
        const label = make("span", { class: "console-preview-label" }, "Live preview");
        this.preview.replaceChildren(label, " ", make("bdi", {}, text), make("em", {}, end));
      }
    }

    /** While something is open, the present moves along the time line. */
    watch(isOpen) {
      clearInterval(this.watching);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (isOpen) this.watching = setInterval(() => this.invalidate(), still ? 1000 : 100);
    }

    // -- The real thing

    connect() {
      this.stopReplay();
      let url = this.address.value.trim();
      if (!url.includes("://")) url = `ws://${url}`;
      const session = { url, server: this.server, run: null, opened: 0, failed: 0, code: null };
      this.session = session;
      this.sockets = [];
      // Some browsers would take `not an address`, or http://, for what it is not.
      if (!/^wss?:\/\/\S+$/iu.test(url)) {
        this.end(session, `Cannot use the address ${quote(url)}: it must look like ${DEFAULT_ADDRESS}.`, "failed");
        return;
      }
      try {
        for (let client = 1; client <= this.connections; client += 1) {
          const socket = new WebSocket(url);
          socket.binaryType = "arraybuffer";
          this.sockets.push(socket);
          this.listen(socket, client, session);
        }
      } catch (error) {
        const why = error.name === "SecurityError"
          ? "this page may not open it: a page that came over https needs wss://"
          : `it must look like ${DEFAULT_ADDRESS}`;
        this.end(session, `Cannot use the address ${quote(url)}: ${why}.`, "failed");
        return;
      }
      this.toggle.textContent = "Cancel";
      this.say(`Connecting to ${url} …`, "connecting");
      session.patience = setTimeout(() => {
        this.say(`Still connecting to ${url}. Something is there and does not answer.`);
      }, 4000);
      this.lock(true);
    }

    listen(socket, client, session) {
      let opened = false;
      socket.onopen = () => {
        if (this.session !== session) return socket.close();
        opened = true;
        session.opened += 1;
        if (!session.run) {
          session.run = this.begin(this.connections > 1 ? `${session.server}, live` : "live");
          this.caption.textContent = "Your own session. The times count from the first message.";
          this.watch(true);
        }
        if (session.opened < this.connections) return;
        clearTimeout(session.patience);
        this.add(session.run, entry("", "note", `connected to ${session.url}`));
        this.toggle.textContent = "Disconnect";
        this.say(this.connections > 1 ? `Connected, ${this.connections} times.` : "Connected.", "open");
      };
      socket.onmessage = ({ data }) => {
        if (this.session !== session) return;
        const received = textEntry("server", data, { client, ms: session.run.clock() });
        this.add(session.run, received);
        this.announce(`received ${describe(received, this.previews && data === "")}`);
      };
      socket.onclose = ({ code, reason }) => {
        if (this.session !== session) return;
        if (opened) {
          session.code = code;
          // Without a message there is no time yet, and the close is the first to have one.
          this.add(session.run, closeEntry("server", code, reason, { client, ms: session.run.clock() }));
        } else {
          session.failed += 1;
        }
        if (this.sockets.some(({ readyState }) => readyState !== WebSocket.CLOSED)) return;
        if (session.failed > 0 && !session.isLeaving) this.end(session, this.unreachable(session), "failed");
        else this.end(session, `Closed. ${session.code}: ${meaning(session.code)}.`, "closed");
      };
    }

    /** A browser does not say why it could not connect, so that no page can spy on a network. */
    unreachable({ url, opened }) {
      if (opened > 0) return `Only ${opened} of ${this.connections} connections could be opened.`;
      const hints = [`No WebSocket server answers at ${url}.`];
      if (/^wss:/iu.test(url)) hints.push("The lessons' servers have no TLS: begin the address with ws://.");
      else hints.push("Start it with the command above, and connect again.");
      if (this.recordings.has(this.server)) hints.push("Or replay the recorded session below.");
      const isLocal = /^(?:|localhost|127\.0\.0\.1|\[::1\])$/u.test(location.hostname);
      if (!isLocal) hints.push("If your browser asks whether this page may reach your own network, allow it.");
      return hints.join(" ");
    }

    disconnect() {
      const { session } = this;
      const waiting = this.sockets.filter((socket) => socket.readyState <= WebSocket.OPEN);
      // Pressed again, while the server owes its half of the goodbye: we leave without it.
      if (waiting.length === 0) return this.end(session, "Closed, without the server's answer.", "closed");
      if (!session.run) {
        this.end(session, "Not connected: cancelled.", "idle");
        for (const socket of waiting) socket.close();
        return;
      }
      session.isLeaving = true;
      this.say("Closing …", "closing");
      this.toggle.textContent = "Leave";
      this.sockets.forEach((socket, i) => {
        if (socket.readyState === WebSocket.OPEN) {
          this.add(session.run, closeEntry("client", 1000, "", { client: i + 1, ms: session.run.clock() }));
        }
        if (socket.readyState <= WebSocket.OPEN) socket.close(1000);
      });
    }

    end(session, words, state) {
      clearTimeout(session.patience);
      if (session.run) session.run.open = false;
      this.session = null;
      this.watch(false);
      this.lock(false);
      this.toggle.textContent = "Connect";
      this.say(words, state);
      this.invalidate();
    }

    lock(isLocked) {
      if (this.choice) this.choice.disabled = isLocked;
      this.address.readOnly = isLocked;
    }

    transmit() {
      const open = this.sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);
      if (!this.session?.run || open.length === 0) {
        this.say("Nothing was sent: connect first.");
        return;
      }
      const data = this.binary.checked ? new TextEncoder().encode(this.message.value) : this.message.value;
      this.sockets.forEach((socket, i) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        socket.send(data);
        this.add(this.session.run, textEntry("client", data, { client: i + 1, ms: this.session.run.clock() }));
      });
    }

    // -- The recorded session

    begun(server) {
      const title = this.connections > 1 ? `${server}, recorded` : "recorded session";
      const isUntimed = this.recordings.get(server).some((entry) => entry.untimed);
      this.caption.textContent = isUntimed
        ? "The recorded session. The recording has no times, so it is shown at an even pace."
        : this.connections > 1
          ? "The recorded sessions. The times count from the first message."
          : "The recorded session. The times count from the handshake.";
      return this.begin(title);
    }

    /** Draws the whole recording at once. */
    show(server) {
      if (this.choice) this.choice.value = server;
      const run = this.begun(server);
      for (const entry of this.recordings.get(server)) this.add(run, entry);
      run.open = false;
    }

    startReplay() {
      if (this.session) {
        this.say("Disconnect first, then replay.");
        return;
      }
      const { server } = this;
      const speed = Number(this.speed.value);
      const entries = [...this.recordings.get(server)];
      const run = this.begun(server);
      const start = performance.now();
      run.start = start;
      run.clock = () => (performance.now() - start) * speed;
      this.replay.textContent = "Stop";
      this.say("Replaying the recorded session.", "replaying");
      this.watch(true);
      const play = () => {
        while (entries.length > 0 && entries[0].ms <= run.clock()) {
          const entry = entries.shift();
          this.add(run, entry);
          if (entry.from === "server") this.announce(`received ${describe(entry, this.previews && entry.text === "")}`);
        }
        if (entries.length === 0) this.stopReplay("Replay complete.");
        else this.player.timer = setTimeout(play, (entries[0].ms - run.clock()) / speed);
      };
      this.player = { run, timer: undefined };
      play();
    }

    stopReplay(words) {
      if (!this.player) return;
      clearTimeout(this.player.timer);
      this.player.run.open = false;
      this.player = null;
      this.watch(false);
      this.replay.textContent = "Replay";
      if (words) this.say(words, "idle");
      this.invalidate();
    }

    async copyCommand() {
      try {
        await navigator.clipboard.writeText(this.command.textContent);
        this.say("The command is copied.");
      } catch {
        // Not allowed here: then it is at least selected.
        getSelection().selectAllChildren(this.command);
        this.say("The command is selected: copy it with Ctrl-C.");
      }
    }
  }

  const start = () => {
    // Only the print page is hidden from search engines. There the recordings stay as they are.
    if (document.querySelector('meta[name="robots"][content="noindex"]')) return;
    for (const root of document.querySelectorAll("div.console")) new Console(root);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}
