// The live console, 16: it opens WebSockets from the page to the reader's own server, and draws what
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
//     data-events       the protocols of Levels 5 and 6: events in JSON, of answers or of a log
//     data-package      the package of a later level, for the command
//
// In place of recordings, a hidden `div.console-due` for each server holds an exercise's file. What
// its header says is due is then the target, and the reader's server can be run against it.
"use strict";
{
  const {
    Answers, DEFAULT_ADDRESS, Player, Run, Script, Session, Speech, Stage, Translation, buildPanel, endingWords,
    entry, listenArgument, make, quote, readServers, remember, report, shortNames, toUrl,
  } = liveConsole;

  const MOST_CLIENTS = 6;

  class Console {
    constructor(root) {
      this.root = root;
      this.servers = readServers(root);
      const short = shortNames(this.servers.map(({ name }) => name));
      this.servers.forEach((server, i) => (server.short = short[i]));
      this.connections = Number(root.dataset.connections ?? 1);
      this.isTogether = this.servers.length > 1 && this.connections > 1 && !this.servers[0].isExercise;
      Object.assign(this, { server: this.servers[0], sessions: [], player: null, script: null });
      this.speech = new Speech();
      this.protocol = "preview" in root.dataset ? Translation : "events" in root.dataset ? Answers : null;
      this.stage = new Stage(this.servers, { isTogether: this.isTogether, protocol: this.protocol });
      this.its = buildPanel(this.servers, { stage: this.stage, speech: this.speech, races: this.isTogether });
      root.append(this.its.panel);
      root.classList.add("console-ready");
      this.listen();
      // The first one last: its messages are then in the log, and its server is chosen.
      for (const server of [...(this.isTogether ? this.servers : [this.server])].reverse()) this.choose(server);
      this.say(say`Not connected. Start the server with the command above, then connect.`, "idle");
      this.lock();
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
      click(its.replay, () => (this.player?.since ? this.stopReplay(say`Replay stopped.`) : this.replay()));
      click(its.step, () => this.step());
      click(its.clear, () => this.clear());
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
      this.its.command.textContent = this.server.command + argument;
    }

    /** Draws a whole recording at once. */
    select(scenario) {
      this.stopReplay();
      this.scenario = scenario;
      [...this.its.tabs.children].forEach((tab, i) => {
        tab.setAttribute("aria-pressed", String(this.server.scenarios[i] === scenario));
      });
      if (!scenario) return this.clear();
      this.its.message.value = scenario.messages[0] ?? "";
      const run = this.beginRecording();
      for (const one of scenario.entries) this.stage.add(run, one);
      run.open = false;
      this.lock();
      // It is read from its first line on.
      this.stage.render();
      this.stage.log.element.scrollTop = 0;
    }

    // ---- What is drawn

    beginRecording() {
      const { server, scenario, stage } = this;
      const { isUntimed, clients } = scenario;
      const title = server.isExercise ? say`due` : this.isTogether ? say`${server.name}, recorded` : say`recorded`;
      const zero = isUntimed ? say`without times: what counts is the order` : this.zero(server);
      this.its.caption.textContent = server.isExercise ? say`What is due, ${zero}.` : say`Recorded, ${zero}.`;
      const run = stage.begin(new Run(title, { clients, isUntimed }), server);
      stage.target = { entries: scenario.entries, due: server.isExercise ? run : null };
      return run;
    }

    zero({ fromHandshake }) {
      return fromHandshake ? say`in seconds from the handshake` : say`in seconds from the first message`;
    }

    clear() {
      this.stopReplay();
      this.stage.clear();
      for (const { run, server, fromHandshake } of this.sessions) {
        run.clear(fromHandshake);
        this.stage.runs.set(server, run);
      }
    }

    announce(one) {
      if (one.from === "server") this.speech.announce(say`received ${this.stage.describe(one)}`);
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
      this.sessions = servers.map((server) => this.open(server));
      const { url } = this.sessions[0];
      try {
        for (const session of this.sessions) session.connect(this.connections);
      } catch (error) {
        const why = error.name === "SecurityError"
          ? say`this page may not open it: a page that came over https needs wss://`
          : say`it must look like ${DEFAULT_ADDRESS}`;
        this.sessions = [];
        this.say(say`Cannot use the address ${quote(url)}: ${why}.`, "failed");
        return false;
      }
      this.say(say`Connecting to ${this.sessions.map((session) => session.url).join(say` and `)} …`, "connecting");
      this.lock();
      return true;
    }

    open(server) {
      const url = server === this.server ? toUrl(this.its.address.value) : this.addressOf(server);
      const title = server.isExercise ? say`yours` : this.isTogether ? say`${server.name}, live` : say`live`;
      const events = {
        began: (session) => this.sessions.includes(session) && this.began(session),
        changed: (session) => this.sessions.includes(session) && this.changed(session),
        added: (session, one) => this.sessions.includes(session) && this.received(session, one),
      };
      return new Session({ server, url, title, fromHandshake: server.fromHandshake, events });
    }

    changed(session) {
      if (session.state === "open") this.opened(session);
      if (session.state === "waiting") this.say(say`Still connecting to ${session.url}. Something is there and does not answer.`);
      if (session.state === "closing") this.say(say`Closing …`, "closing");
      if (session.state === "ended" && this.sessions.every(({ state }) => state === "ended")) this.ended();
      // One of two that race is not there: the other one need not run alone.
      else if (session.state === "ended" && this.isRace && session.opened === 0) this.disconnect();
      this.lock();
    }

    began(session) {
      this.stage.begin(session.run, session.server);
      this.stage.own = this.script ? session.run : null;
      this.stage.note(entry("", "note", say`connected to ${session.url}`));
      this.its.caption.textContent = say`Live, ${this.zero(session)}.`;
      this.stage.watch(true);
    }

    opened(session) {
      if (this.sessions.some(({ state }) => state !== "open")) return;
      this.say(this.isRace ? say`Connected to both.` : session.sockets.length > 1 ? say`Connected, ${session.sockets.length} times.` : say`Connected.`, "open");
      if (this.isRace) this.transmit();
      if (this.script) this.script.play();
    }

    received(session, one) {
      const who = this.isRace ? `${session.server.short} ${one.client}` : session.sockets.length > 1 ? say`client ${one.client}` : "";
      this.stage.note(one, who);
      if (one.kind !== "close") this.announce(one);
    }

    ended() {
      const { sessions } = this;
      this.sessions = [];
      this.stage.watch(false);
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
      this.stage.invalidate();
    }

    transmit() {
      const { value } = this.its.message;
      const data = this.its.binary.checked ? new TextEncoder().encode(value) : value;
      for (const session of this.sessions) session.send(data);
      // Nobody likes to type JSON: the client's next message in the recording is offered.
      const messages = this.scenario?.messages ?? [];
      const next = messages[(messages.indexOf(value) + 1) % messages.length];
      if (this.protocol === Answers && messages.includes(value)) this.its.message.value = next;
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
      its.clear.disabled = Boolean(script);
      for (const element of [its.replay, its.step, ...its.tabs.children]) element.disabled = isBusy;
      const state = sessions.find((session) => session.state !== "ended")?.state;
      its.toggle.textContent = { connecting: say`Cancel`, waiting: say`Cancel`, open: say`Disconnect`, closing: say`Leave` }[state] ?? say`Connect`;
      its.script.textContent = script ? say`Stop` : say`Run mine against it`;
    }

    // ---- An exercise: what is due, beside the reader's own server

    runScript() {
      if (!this.start([this.server])) return;
      const [session] = this.sessions;
      // Both begin with the handshake: here the client speaks on time.
      session.fromHandshake = true;
      this.script = new Script(this.scenario.entries, session);
      this.lock();
    }

    judge(sessions) {
      this.script.stop();
      this.script = null;
      if (sessions[0].failed > 0 || sessions[0].opened === 0) {
        this.say(...endingWords(sessions, this.server));
        return;
      }
      const { isRight, score, reasons } = report(this.stage.judge());
      if (isRight) this.say(say`Right: ${score} Now ask the judge, with cargo test.`, "right");
      else this.say(say`Not yet: ${score}`, "failed");
      this.stage.verdicts.replaceChildren(...reasons.map((reason) => make("li", {}, reason)));
    }

    // ---- The recorded session

    /** Continues where it stands still, or begins anew. */
    replay() {
      this.prepareReplay();
      this.its.replay.textContent = say`Stop`;
      this.say(say`Replaying the recorded session.`, "replaying");
      this.stage.watch(true);
      this.player.speed = Number(this.its.speed.value);
      this.player.play();
    }

    step() {
      this.prepareReplay();
      this.stage.watch(false);
      this.its.replay.textContent = say`Replay`;
      this.say(say`Step by step through the recorded session.`, "replaying");
      this.player.step();
    }

    prepareReplay() {
      if (this.player) return;
      const { entries } = this.scenario;
      const run = this.beginRecording();
      const add = (one) => {
        this.stage.add(run, one);
        this.announce(one);
      };
      this.player = new Player(entries, run, { speed: 1, add, done: () => this.stopReplay(say`Replay complete.`) });
    }

    stopReplay(words) {
      if (!this.player) return;
      this.player.stop();
      this.player = null;
      this.stage.watch(false);
      this.its.replay.textContent = say`Replay`;
      if (words) this.say(words, "idle");
    }

    async copyCommand() {
      try {
        await navigator.clipboard.writeText(this.its.command.textContent);
        this.say(say`The command is copied.`);
      } catch {
        // Not allowed here: then it is at least selected.
        getSelection().selectAllChildren(this.its.command);
        this.say(say`The command is selected: copy it with Ctrl-C.`);
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
