// The server of Level 6 with a source in the test's hand, and its page as a reader works with it.

import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

import { binary, closePages, open } from "./support.mjs";

/** A server of logs that ends with the test: of what `write` gives it, or of a `command`. */
export async function logsServer(t, { address = "127.0.0.1:0", command } = {}) {
  const words = command ? ["--", ...command] : [];
  const child = spawn(binary("logs_server"), [address, ...words], { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.on("error", () => {});
  t.after(async () => {
    await closePages(t);
    child.kill("SIGKILL");
  });
  const url = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the server ended before it listened")));
    createInterface(child.stdout).once("line", (line) => resolve(line.replace("Listening on ws:", "http:")));
  });
  child.stdout.resume();
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    url: `${url}/`,
    address: new URL(url).host,
    write: (...lines) => child.stdin.write(lines.map((line) => `${line}\n`).join("")),
    end: () => child.stdin.end(),
    kill: () => child.kill("SIGKILL") && ended,
  };
}

/**
 * A way to the server that can be cut. `breaksAfter` says of the how-manieth WebSocket after how many
 * bytes it breaks; `isDown` makes it refuse them. The page itself always comes.
 */
export async function wayTo(t, server, breaksAfter = () => Infinity) {
  const [, port] = server.address.split(":");
  const open = new Set();
  const way = { isDown: false, sockets: 0, cut: () => open.forEach((stream) => stream.destroy()) };
  const proxy = createServer((client) => {
    const real = connect(Number(port), "127.0.0.1");
    for (const [one, other] of [[client, real], [real, client]]) {
      one.on("error", () => {});
      one.on("close", () => other.destroy());
    }
    client.once("data", (request) => {
      if (/^upgrade: websocket/im.test(request)) {
        if (way.isDown) return client.destroy();
        way.sockets += 1;
        open.add(client.on("close", () => open.delete(client)));
        let left = breaksAfter(way.sockets);
        real.on("data", ({ length }) => {
          left -= length;
          if (left < 0) client.destroy();
        });
      }
      real.write(request);
      client.pipe(real);
      real.pipe(client);
    });
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    way.cut();
    proxy.close();
  });
  return Object.assign(way, { url: `http://127.0.0.1:${proxy.address().port}/` });
}

/** A browser reports each connection that it cannot make. */
export const REFUSED = /^WebSocket connection to .* failed/;

/** The page of a server of logs. */
export class Logs {
  constructor(page) {
    this.page = page;
    this.state = page.locator("#state");
    this.count = page.locator("#count");
    this.rows = page.locator("#lines p");
    this.shown = page.locator("#lines p:not([hidden])");
    this.view = page.getByRole("region", { name: "Lines of the log" });
    this.filter = page.getByRole("searchbox", { name: "Filter" });
  }

  /** `by`: what stands between the page and the server, as in Playwright's `routeWebSocket`. */
  static async open(t, { url }, { by, ...options } = {}) {
    const prepare = by && ((page) => page.routeWebSocket(/^ws:/, by));
    return new Logs(await open(t, "", { url, prepare, ...options }));
  }

  press(name) {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Waits until the line of state says so. */
  says(words) {
    return this.state.filter({ hasText: words }).waitFor();
  }

  /** Waits until the list has counted so. */
  counts(words) {
    return this.count.getByText(words, { exact: true }).waitFor();
  }

  /** Waits until this line is shown. Playwright's own search takes seconds for 10,000 lines. */
  has(text) {
    const isThere = (text) => [...document.querySelectorAll("#lines p:not([hidden]) .text")]
      .some(({ textContent }) => textContent === text);
    return this.page.waitForFunction(isThere, text, { polling: 100 });
  }

  texts() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll("#lines p:not([hidden]) .text")].map(({ textContent }) => textContent));
  }

  /** Whether the newest line is in sight. */
  isAtEnd() {
    return this.view.evaluate(({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight >= scrollHeight - 2);
  }
}
