// The live console, 11: connections to one server, all opened from this page.
"use strict";
{
  const { messageEntry, closeEntry, endingEntry, Run } = liveConsole;

  const DEFAULT_ADDRESS = "ws://127.0.0.1:8765";

  /** As it is typed, as a URL. */
  const toUrl = (address) => {
    const url = address.trim();
    return url.includes("://") ? url : `ws://${url}`;
  };

  /** What a server must be given to listen at a URL, or "" if it does so by itself, or cannot. */
  const listenArgument = (url) => {
    const parts = /^ws:\/\/(localhost|[\d.]+|\[[\da-f:]+\]):(\d+)\/?$/iu.exec(url);
    if (!parts || url.replace(/\/$/u, "") === DEFAULT_ADDRESS) return "";
    return ` ${parts[1]}:${parts[2]}`;
  };

  /** After so many ms without an answer it is said that one waits. */
  const PATIENCE = 4000;

  class Session {
    /**
     * `events` are called: `began(session)` with the first handshake, `changed(session)` when its
     * `state` is another, and `added(session, entry)`. `run` counts its time from the handshake if
     * `fromHandshake`, else from the first message.
     */
    constructor({ server, url, title, fromHandshake, events }) {
      Object.assign(this, { server, url, fromHandshake, events });
      this.run = new Run(title, { clients: 0 });
      this.sockets = [];
      this.state = "connecting";
      this.failed = 0;
      this.opened = 0;
      this.ending = null;
    }

    /** Throws as `new WebSocket` does. */
    connect(clients) {
      // Some browsers would take `not an address`, or http://, for what it is not.
      if (!/^wss?:\/\/\S+$/iu.test(this.url)) throw new SyntaxError("not a WebSocket's address");
      for (let client = 1; client <= clients; client += 1) this.addClient();
      this.patience = setTimeout(() => this.turn("waiting"), PATIENCE);
    }

    addClient() {
      const socket = new WebSocket(this.url);
      socket.binaryType = "arraybuffer";
      this.sockets.push(socket);
      this.run.clients = this.sockets.length;
      this.listen(socket, this.sockets.length);
    }

    turn(state) {
      if (this.state === "ended" || this.state === state) return;
      this.state = state;
      if (state === "ended") {
        clearTimeout(this.patience);
        this.run.open = false;
      }
      this.events.changed(this);
    }

    add(entry) {
      this.run.add(entry);
      this.events.added(this, entry);
    }

    listen(socket, client) {
      let opened = false;
      socket.onopen = () => {
        if (this.state === "ended") return socket.close();
        opened = true;
        this.opened += 1;
        // The handshake is made: that is zero, where the server may speak first.
        if (this.fromHandshake) this.run.clock();
        if (this.opened === 1) this.events.began(this);
        if (this.opened + this.failed < this.sockets.length) return;
        clearTimeout(this.patience);
        // It may be open already, and have one client more.
        if (this.state === "open") this.events.changed(this);
        else this.turn("open");
      };
      socket.onmessage = ({ data }) => {
        if (this.state === "ended") return;
        this.add(messageEntry("server", data, { client, ms: this.run.clock() }));
      };
      socket.onclose = ({ code, reason }) => {
        if (this.state === "ended") return;
        if (opened) {
          // Without a message there is no time yet, and the close is the first to have one.
          this.ending = endingEntry(code, reason, { client, ms: this.run.clock() });
          this.add(this.ending);
        } else {
          this.failed += 1;
        }
        if (this.sockets.every(({ readyState }) => readyState === WebSocket.CLOSED)) this.turn("ended");
      };
    }

    get isReady() {
      return this.sockets.some(({ readyState }) => readyState === WebSocket.OPEN);
    }

    /** From all clients, or from one; each has a number from 1. */
    send(data, only) {
      this.sockets.forEach((socket, i) => {
        if (socket.readyState !== WebSocket.OPEN || (only && only !== i + 1)) return;
        // The time before it is sent: an echo must not come before its question.
        const ms = this.run.clock();
        socket.send(data);
        this.add(messageEntry("client", data, { client: i + 1, ms }));
      });
    }

    close(only) {
      if (!only && this.state === "open") this.turn("closing");
      this.sockets.forEach((socket, i) => {
        if (socket.readyState > WebSocket.OPEN || (only && only !== i + 1)) return;
        if (socket.readyState === WebSocket.OPEN) {
          this.add(closeEntry("client", 1000, "", { client: i + 1, ms: this.run.clock() }));
        }
        socket.close(1000);
      });
    }

    /** Does not wait for the server's half of the goodbye. */
    leave() {
      this.left = true;
      this.turn("ended");
      for (const socket of this.sockets) if (socket.readyState <= WebSocket.OPEN) socket.close();
    }
  }

  Object.assign(liveConsole, { Session, DEFAULT_ADDRESS, toUrl, listenArgument });
}
