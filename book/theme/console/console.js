// The live console, 14: it opens WebSockets from the page to the reader's own server, and draws what
// arrives and when. Here its parts are put together.
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
//     data-address      where each of them listens, if not at 127.0.0.1:8765
//     data-connections  how many connections to open at once; their servers are drawn as rows
//     data-scenarios    titles of the recordings, with commas; one list for each server, with a |
//     data-preview      the protocol of Level 4: the text grows, and an empty message ends it
//
// In place of recordings, a hidden `div.console-due` for each server holds an exercise's file. What
// its header says is due is then the target, and the reader's server can be run against it.
"use strict";
{
  const {
    DEFAULT_ADDRESS, Log, Player, Run, Script, Session, Speech, TimeLine, Translation, buildPanel, compare,
    describe, endingWords, entry, label, listenArgument, make, quote, readServers, remember, report, shortNames, toUrl,
  } = liveConsole;

  const MOST_CLIENTS = 6;
  /** From so many connections on they are drawn as rows. */
  const ROWS_FROM = 3;

  class Console {
    constructor(root) {
      this.root = root;
      this.servers = readServers(root);
      const short = shortNames(this.servers.map(({ name }) => name));
      this.servers.forEach((server, i) => (server.short = short[i]));
      this.connections = Number(root.dataset.connections ?? 1);
      const protocol = "preview" in root.dataset ? Translation : null;
      this.preview = protocol ? new Translation() : null;
      this.remark = protocol ? protocol.remark : () => "";
      this.log = new Log(this.remark);
      this.speech = new Speech();
      this.timeLine = new TimeLine(protocol ? protocol.label : label);
      this.isTogether = this.servers.length > 1 && this.connections > 1 && !this.servers[0].isExercise;
      Object.assign(this, { server: this.servers[0], runs: new Map(), sessions: [], player: null, script: null });
      this.its = buildPanel(this.servers, {
        timeLine: this.timeLine.element, log: this.log, speech: this.speech.element,
        preview: this.preview?.element, races: this.isTogether,
      });
      root.append(this.its.panel);
      root.classList.add("console-ready");
      this.listen();
      // The first one last: its messages are then in the log, and its server is chosen.
      for (const server of [...(this.isTogether ? this.servers : [this.server])].reverse()) this.choose(server);
      this.say("Not connected. Start the server with the command above, then connect.", "idle");
      this.lock();
      this.render();
      this.log.element.scrollTop = 0;
    }

    listen() {
      const { its } = this;
      const submit = (form, act) => form.addEventListener("submit", (event) => {
        event.preventDefault();
        act();
      });
      submit(its.connecting, () => (this.sessions.length > 0 ? this.disconnect() : this.connect()));
      submit(its.sending, () => this.transmit());
      const click = (element, act) => element.addEventListener("click", act);
      click(its.copy, () => this.copyCommand());
      click(its.addClient, () => this.addClient());
      click(its.race, () => this.race());
      click(its.script, () => (this.script ? this.script.end() : this.runScript()));
      click(its.replay, () => (this.player?.since ? this.stopReplay("Replay stopped.") : this.replay()));
      click(its.step, () => this.step());
      click(its.clear, () => this.clear());
      its.all.addEventListener("change", () => this.invalidate());
      its.choice.addEventListener("change", () => this.choose(this.servers[its.choice.selectedIndex]));
      its.address.addEventListener("input", () => {
        const typed = toUrl(its.address.value);
        remember(this.addressKey(this.server), typed === this.server.address ? null : typed);
        this.showCommand();
      });
      // mdBook's shortcuts: `s` and `/` search, `?` helps, the arrow keys turn the page.
      its.panel.addEventListener("keydown", (event) => {
        const isField = event.target.matches("input, select");
        if (isField || /^(?:Arrow|Page|Home|End)/u.test(event.key)) event.stopPropagation();
      });
      new ResizeObserver(() => this.invalidate()).observe(this.timeLine.element);
    }

    // ---- Which server, which recording

    addressKey({ name }) {
      return `console-address-${name}`;
    }

    addressOf(server) {
      return remember(this.addressKey(server)) ?? server.address;
    }

    choose(server) {
      this.stopReplay();
      this.server = server;
      const { its } = this;
      its.choice.value = server.name;
      its.address.value = this.addressOf(server);
      this.showCommand();
      its.tabs.replaceChildren(...server.scenarios.map((scenario) => {
        const tab = make("button", { type: "button" }, scenario.title);
        tab.addEventListener("click", () => this.select(scenario));
        return tab;
      }));
      its.tabs.hidden = server.scenarios.length < 2;
      its.replaying.hidden = server.scenarios.length === 0;
      this.select(server.scenarios[0]);
    }

    showCommand() {
      const argument = listenArgument(toUrl(this.its.address.value));
      this.its.command.textContent = `cargo run --bin ${this.server.name}${argument}`;
    }

    /** Draws a whole recording at once. */
    select(scenario) {
      this.stopReplay();
      this.scenario = scenario;
      [...this.its.tabs.children].forEach((tab, i) => {
        tab.setAttribute("aria-pressed", String(this.server.scenarios[i] === scenario));
      });
      if (!scenario) return this.clear();
      this.its.message.value = scenario.message;
      const run = this.beginRecording();
      for (const one of scenario.entries) this.add(run, one);
      run.open = false;
      this.due = this.server.isExercise ? run : null;
      this.own = null;
      this.lock();
    }

    // ---- Drawing

    /** Begins a run. Where there are rows, each server keeps its latest. */
    begin(run, server = this.server) {
      if (!this.isTogether) this.runs.clear();
      this.runs.set(server, run);
      this.log.clear();
      this.preview?.begin();
      this.its.verdicts.replaceChildren();
      this.invalidate();
      return run;
    }

    beginRecording() {
      const { server, scenario } = this;
      const { isUntimed, clients } = scenario;
      const title = server.isExercise ? "due" : this.isTogether ? `${server.name}, recorded` : "recorded";
      const zero = isUntimed ? "without times: what counts is the order" : this.zero(server);
      this.its.caption.textContent = `${server.isExercise ? "What is due" : "Recorded"}, ${zero}.`;
      return this.begin(new Run(title, { clients, isUntimed }));
    }

    zero({ fromHandshake }) {
      return `in seconds from ${fromHandshake ? "the handshake" : "the first message"}`;
    }

    add(run, one, who = run.clients > 1 ? `client ${one.client}` : "") {
      if (one.ms !== null) run.add(one);
      this.note(one, who);
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

    tracks() {
      const tracks = [];
      if (this.due && this.runs.get(this.server) !== this.due) tracks.push({ run: this.due, client: 1, title: "due" });
      for (const server of this.servers) {
        const run = this.runs.get(server);
        if (!run) continue;
        const isRow = !server.isExercise && (this.isTogether || run.clients >= ROWS_FROM);
        for (let client = 1; client <= run.clients; client += 1) {
          const title = isRow ? client === 1 && run.title : run.clients > 1 ? `${run.title}, client ${client}` : this.due && run.title;
          tracks.push({ run, client, title, isRow, name: `client ${client}`, verdicts: this.verdictsOf(run, client) });
        }
      }
      return tracks.length > 0 ? tracks : [{ run: new Run("nothing yet"), client: 1 }];
    }

    /** While the script runs, what is still to come is not missing. */
    verdictsOf(run, client) {
      if (!this.own || run !== this.own) return undefined;
      const now = this.script ? run.now() - Script.GRACE / 2 : Infinity;
      return compare(this.scenario.entries, run.of(client)).filter(({ mark, missing }) => !missing || mark.ms < now);
    }

    render() {
      const least = this.scenario && !this.scenario.isUntimed ? this.scenario.entries.at(-1).ms : 1000;
      const { isLong } = this.timeLine.render(this.tracks(), { least: Math.min(least, 15_000), showsAll: this.its.all.checked });
      this.its.seeAll.classList.toggle("console-away", !isLong);
      this.log.render();
      this.preview?.render();
    }

    /** While something is open, the present moves along the time line. */
    watch(isOpen) {
      clearInterval(this.watching);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (isOpen) this.watching = setInterval(() => this.invalidate(), still ? 1000 : 100);
    }

    clear() {
      this.stopReplay();
      this.runs.clear();
      this.log.clear();
      this.preview?.begin();
      for (const { run, server, fromHandshake } of this.sessions) {
        run.clear(fromHandshake);
        this.runs.set(server, run);
      }
      this.its.verdicts.replaceChildren();
      this.own = null;
      this.invalidate();
    }

    say(words, state = this.root.dataset.state) {
      this.root.dataset.state = state;
      this.its.state.textContent = words;
    }

    // ---- The real thing

    connect() {
      return this.start([this.server]);
    }

    /** The same clients at each server; what they ask is sent when all are connected. */
    race() {
      if (this.start(this.servers)) this.isRace = true;
    }

    start(servers) {
      this.stopReplay();
      this.isRace = false;
      this.own = null;
      this.sessions = servers.map((server) => this.open(server));
      const { url } = this.sessions[0];
      try {
        for (const session of this.sessions) session.connect(this.connections);
      } catch (error) {
        const why = error.name === "SecurityError"
          ? "this page may not open it: a page that came over https needs wss://"
          : `it must look like ${DEFAULT_ADDRESS}`;
        this.sessions = [];
        this.say(`Cannot use the address ${quote(url)}: ${why}.`, "failed");
        return false;
      }
      this.say(`Connecting to ${this.sessions.map((session) => session.url).join(" and ")} …`, "connecting");
      this.lock();
      return true;
    }

    open(server) {
      const url = server === this.server ? toUrl(this.its.address.value) : this.addressOf(server);
      const title = server.isExercise ? "yours" : this.isTogether ? `${server.name}, live` : "live";
      const events = {
        began: (session) => this.sessions.includes(session) && this.began(session),
        changed: (session) => this.sessions.includes(session) && this.changed(session),
        added: (session, one) => this.sessions.includes(session) && this.received(session, one),
      };
      return new Session({ server, url, title, fromHandshake: server.fromHandshake, events });
    }

    changed(session) {
      if (session.state === "open") this.opened(session);
      if (session.state === "waiting") this.say(`Still connecting to ${session.url}. Something is there and does not answer.`);
      if (session.state === "closing") this.say("Closing …", "closing");
      if (session.state === "ended" && this.sessions.every(({ state }) => state === "ended")) this.ended();
      // One of two that race is not there: the other one need not run alone.
      else if (session.state === "ended" && this.isRace && session.opened === 0) this.disconnect();
      this.lock();
    }

    began(session) {
      this.begin(session.run, session.server);
      this.note(entry("", "note", `connected to ${session.url}`));
      this.its.caption.textContent = `Live, ${this.zero(session)}.`;
      this.watch(true);
    }

    opened(session) {
      if (this.sessions.some(({ state }) => state !== "open")) return;
      const times = session.sockets.length > 1 ? `, ${session.sockets.length} times` : "";
      this.say(this.isRace ? "Connected to both." : `Connected${times}.`, "open");
      if (this.isRace) this.transmit();
      if (this.script) this.script.play();
    }

    received(session, one) {
      const who = this.isRace ? `${session.server.short} ${one.client}` : session.sockets.length > 1 ? `client ${one.client}` : "";
      this.note(one, who);
      const isMessage = one.from === "server" && one.kind !== "close";
      if (isMessage) this.speech.announce(`received ${describe(one)}${this.remark(one)}`);
    }

    ended() {
      const { sessions } = this;
      this.sessions = [];
      this.watch(false);
      this.invalidate();
      if (this.script) this.judge(sessions);
      else this.say(...endingWords(sessions, this.server));
    }

    disconnect() {
      const waiting = this.sessions.filter(({ state }) => state !== "ended");
      for (const session of waiting) session.isLeaving = true;
      // Not connected yet; or pressed again, while the server owes its half of the goodbye.
      for (const session of waiting) if (session.state === "open") session.close(); else session.leave();
    }

    addClient() {
      const [session] = this.sessions;
      session.addClient();
      this.lock();
      this.invalidate();
    }

    transmit() {
      const { value } = this.its.message;
      const data = this.its.binary.checked ? new TextEncoder().encode(value) : value;
      // In a race there is one zero for both.
      const zero = performance.now();
      if (this.isRace) for (const { run } of this.sessions) run.start ??= zero;
      for (const session of this.sessions) session.send(data);
      this.lock();
    }

    lock() {
      const { its, sessions, script } = this;
      const isOpen = sessions.some(({ state, isReady }) => state === "open" && isReady);
      const isBusy = sessions.length > 0;
      its.send.disabled = !isOpen || Boolean(script);
      its.addClient.disabled = !isOpen || Boolean(script) || sessions.length > 1 || sessions[0].sockets.length >= MOST_CLIENTS;
      its.address.readOnly = isBusy;
      its.choice.disabled = isBusy;
      its.race.disabled = isBusy;
      its.script.disabled = isBusy && !script;
      for (const element of [its.replay, its.step, ...its.tabs.children]) element.disabled = isBusy;
      const state = sessions.find((session) => session.state !== "ended")?.state;
      its.toggle.textContent = { connecting: "Cancel", waiting: "Cancel", open: "Disconnect", closing: "Leave" }[state] ?? "Connect";
      its.script.textContent = script ? "Stop" : "Run mine against it";
    }

    // ---- An exercise: what is due, beside the reader's own server

    runScript() {
      if (!this.start([this.server])) return;
      const [session] = this.sessions;
      // Both begin with the handshake: here the client speaks on time.
      session.fromHandshake = true;
      this.own = session.run;
      this.script = new Script(this.scenario.entries, session);
      this.lock();
    }

    judge(sessions) {
      this.script.stop();
      this.script = null;
      if (sessions[0].failed > 0) {
        this.own = null;
        this.say(...endingWords(sessions, this.server));
        return;
      }
      const clients = Array.from({ length: this.own.clients }, (_, i) => this.verdictsOf(this.own, i + 1));
      const { isRight, score, reasons } = report(clients);
      if (isRight) this.say(`Right: ${score} Now ask the judge, with cargo test.`, "right");
      else this.say(`Not yet: ${score}`, "failed");
      this.its.verdicts.replaceChildren(...reasons.map((reason) => make("li", {}, reason)));
    }

    // ---- The recorded session

    /** Continues where it stands still, or begins anew. */
    replay() {
      this.prepareReplay();
      this.its.replay.textContent = "Stop";
      this.say("Replaying the recorded session.", "replaying");
      this.watch(true);
      this.player.speed = Number(this.its.speed.value);
      this.player.play();
    }

    step() {
      this.prepareReplay();
      this.watch(false);
      this.its.replay.textContent = "Replay";
      this.say("Step by step through the recorded session.", "replaying");
      this.player.step();
      this.invalidate();
    }

    prepareReplay() {
      if (this.player) return;
      const { entries } = this.scenario;
      const run = this.beginRecording();
      if (this.server.isExercise) this.due = run;
      this.own = null;
      const add = (one) => {
        this.add(run, one);
        if (one.from === "server") this.speech.announce(`received ${describe(one)}${this.remark(one)}`);
      };
      this.player = new Player(entries, run, { speed: 1, add, done: () => this.stopReplay("Replay complete.") });
    }

    stopReplay(words) {
      if (!this.player) return;
      this.player.stop();
      this.player = null;
      this.watch(false);
      this.its.replay.textContent = "Replay";
      if (words) this.say(words, "idle");
      this.invalidate();
    }

    async copyCommand() {
      try {
        await navigator.clipboard.writeText(this.its.command.textContent);
        this.say("The command is copied.");
      } catch {
        // Not allowed here: then it is at least selected.
        getSelection().selectAllChildren(this.its.command);
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
