// The live console, 15: the panel, with all its fields and buttons. What they do is in console.js.
"use strict";
{
  const { make, draw, button, labelled, check, parseTranscripts, countsFromHandshake } = liveConsole;

  /** A page cannot stop reading or fall silent. From there on, an exercise's header is for the judge alone. */
  const playable = (transcripts) => {
    const isBeyond = ({ kind, text }) => kind === "note" && ["stops reading", "falls silent"].includes(text);
    const end = transcripts.findIndex((entries) => entries.some(isBeyond));
    return end < 0 ? transcripts : transcripts.slice(0, end);
  };

  /** A server that is made for strangers lets in only the pages that it is told of. A file is none. */
  const introduction = ({ introduced }) =>
    introduced !== undefined && location.protocol !== "file:" ? ` -- --origin ${location.origin}` : "";

  /** The servers of a console, each with its recordings: the scenarios. */
  const readServers = ({ dataset, children }) => {
    const list = (name, separator) => (dataset[name] ?? "").split(separator).map((it) => it.trim());
    const texts = (selector) => [...children].filter((it) => it.matches(selector)).map((it) => it.querySelector("code").textContent);
    const names = list("server", /\s+/u);
    const dues = texts(".console-due");
    const recordings = texts("pre");
    return names.map((name, i) => {
      const own = dues.length > 0 ? [dues[i]] : names.length > 1 ? [recordings[i]] : recordings;
      const titles = list("scenarios", "|")[i]?.split(",") ?? [];
      const scenarios = playable(own.filter(Boolean).flatMap(parseTranscripts)).map((entries, n) => ({
        title: titles[n]?.trim() || say`scenario ${n + 1}`,
        entries,
        messages: entries.filter(({ from, kind }) => from === "client" && kind === "text").map(({ text }) => text),
        isUntimed: entries.some(({ untimed }) => untimed),
        clients: Math.max(...entries.map(({ client }) => client)),
      }));
      return {
        name,
        scenarios,
        command: `cargo run ${dataset.package ? `-p ${dataset.package} ` : ""}--bin ${name}${introduction(dataset)}`,
        isExercise: dues.length > 0,
        address: `ws://${list("address", /\s+/u)[i] || "127.0.0.1:8765"}`,
        fromHandshake: scenarios.some(({ entries }) => countsFromHandshake(entries)),
      };
    });
  };

  /** What tells a name from the others: "blocking" in level3_blocking_server. */
  const shortNames = (names) => {
    const parts = names.map((name) => name.split("_"));
    const same = (part) => parts.every((one) => part(one) === part(parts[0]));
    if (names.length < 2) return names;
    while (same((one) => one[0]) && parts.every((one) => one.length > 1)) parts.forEach((one) => one.shift());
    while (same((one) => one.at(-1)) && parts.every((one) => one.length > 1)) parts.forEach((one) => one.pop());
    return parts.map((one) => one.join("_"));
  };

  const LEGEND = [
    [say`client`, "client", "M1,11 h10 l-5,-9 z"],
    [say`server`, "server", "M6,2.5 a4,4 0 1,0 0.01,0 z"],
    [say`close`, "nobody", "M2,3 l8,8 m0,-8 l-8,8"],
    [say`connection lost`, "broken", "M5,0 l4,5 l-6,4 l5,5"],
  ];

  const legend = () =>
    make("ul", { class: "console-legend", "aria-label": say`Legend` }, ...LEGEND.map(([words, side, d]) => {
      const type = side === "broken" ? "console-broken" : `console-mark console-from-${side}`;
      const line = side === "nobody" ? { fill: "none", "stroke-width": 2.5 } : {};
      const sign = draw("svg", { viewBox: "0 0 12 14", "aria-hidden": "true" }, draw("path", { class: type, d, ...line }));
      return make("li", {}, sign, words);
    }));

  /** The elements of a console, and nothing that they do. */
  const buildPanel = (servers, { stage, speech, races }) => {
    const plain = { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
    const primary = { class: "console-button console-primary" };
    const option = (words, value = words) => make("option", { value }, words);
    const row = (type, ...children) => make("div", { class: `console-row ${type}` }, ...children);
    const form = (...children) => make("form", { class: "console-row" }, ...children);
    const its = {
      title: make("div", { class: "console-title" }),
      choice: make("select", { "aria-label": say`Server` }, ...servers.map(({ name }) => option(name))),
      command: make("code"),
      copy: button(say`Copy`, { "aria-label": say`Copy the command` }),
      address: make("input", { ...plain, inputmode: "url" }),
      toggle: button(say`Connect`, { ...primary, type: "submit" }),
      addClient: button(say`+ client`, { title: say`One more client, on a connection of its own` }),
      race: button(say`Race both`, { title: say`The same clients at both servers, at the same moment` }),
      message: make("input", plain),
      binary: make("input", { type: "checkbox" }),
      send: button(say`Send`, { type: "submit" }),
      state: make("p", { class: "console-state", role: "status" }),
      tabs: make("div", { class: "console-tabs", role: "group", "aria-label": say`Scenario` }),
      caption: make("p", { class: "console-caption" }),
      script: button(say`Run mine against it`),
      replay: button(say`Replay`),
      step: button(say`Step`, { title: say`The next message of the recording` }),
      speed: make("select", {}, option("× 1", "1"), option("× 3", "3"), option("× 10", "10")),
      clear: button(say`Clear`),
    };
    its.title.append(make("span", {}, servers[0].isExercise ? say`Exercise` : say`Live`), servers.length > 1 ? its.choice : make("code", {}, servers[0].name));
    its.replaying = row("console-replay", its.replay, its.step, labelled(say`Speed`, its.speed));
    its.connecting = form(labelled(say`Address`, its.address), its.toggle);
    its.sending = form(labelled(say`Message`, its.message), check(say`as bytes`, its.binary), its.send);
    const more = [its.addClient, ...(races ? [its.race] : []), ...(servers[0].isExercise ? [its.script] : [])];
    its.panel = make("div", { class: "console-panel", role: "group", "aria-label": say`Live console` },
      row("console-head", its.title, legend()),
      make("p", { class: "console-row console-command" }, its.command, its.copy),
      its.connecting, its.sending,
      its.state,
      ...(stage.preview ? [stage.preview.element] : []),
      its.tabs,
      row("console-over", its.caption, stage.seeAll),
      stage.timeLine.element, stage.verdicts,
      row("console-tools", its.replaying, ...more, its.clear),
      stage.log.element, stage.log.frame, speech.element);
    return its;
  };

  Object.assign(liveConsole, { readServers, shortNames, buildPanel });
}
