// The live console, 11: how a session has ended, in words for the reader.
"use strict";
{
  const { listenArgument, meaning } = liveConsole;

  const isLocalPage = /^(?:|localhost|127\.0\.0\.1|\[::1\])$/u.test(location.hostname);

  /** What else may be in the way of a page from the web. Level 1's servers let in every page. */
  const fromTheWeb = ({ name }) => (name.startsWith("level1_")
    ? "If your browser asks whether this page may reach your own network, allow it."
    : "From Level 2 on, servers let in no page from the web: open your own copy of this book.");

  /** A browser does not say why it could not connect, so that no page can spy on a network. */
  const unreachable = ({ url, opened, sockets, server }, isChosen) => {
    if (opened > 0) return `Only ${opened} of ${sockets.length} connections could be opened.`;
    const hints = [`No WebSocket server answers at ${url}.`];
    if (/^wss:/iu.test(url)) hints.push("The lessons' servers have no TLS: begin the address with ws://.");
    else if (!isChosen) hints.push(`Start it with cargo run --bin ${server.name}${listenArgument(url)}.`);
    else hints.push("Start it with the command above, and connect again.");
    if (server.scenarios.length > 0 && !server.isExercise) hints.push("Or replay the recorded session below.");
    if (!isLocalPage) hints.push(fromTheWeb(server));
    return hints.join(" ");
  };

  /** The line of state, and the state, after sessions of which `first` is the first. */
  const endingWords = (sessions, chosen) => {
    const failed = sessions.find((session) => session.failed > 0);
    const { ending, left } = sessions[0];
    if (failed && !failed.isLeaving) return [unreachable(failed, failed.server === chosen), "failed"];
    if (sessions.every(({ opened }) => opened === 0)) return ["Not connected: cancelled.", "idle"];
    if (left || !ending) return ["Closed, without the server's answer.", "closed"];
    if (ending.kind === "broken") return ["Connection lost: no Close frame has come.", "lost"];
    if (ending.code === null) return ["Closed, without a code.", "closed"];
    return [`Closed. ${ending.code}: ${meaning(ending.code)}.`, "closed"];
  };

  Object.assign(liveConsole, { unreachable, endingWords });
}
