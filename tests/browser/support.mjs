// The built book, the lessons' servers and a browser, for the tests.

import { execFileSync, spawn } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // A site on the web, for once.
  "--host-resolver-rules=MAP book.example 127.0.0.1",
];

/** The book, built into a folder of its own. */
export const BOOK = mkdtempSync(join(tmpdir(), "book-"));
after(() => rmSync(BOOK, { recursive: true, force: true }));
execFileSync("mdbook", ["build", join(ROOT, "book"), "--dest-dir", BOOK], { stdio: "pipe" });

const metadata = execFileSync("cargo", ["metadata", "--format-version=1", "--no-deps", "--offline"], { cwd: ROOT });
const BINARIES = join(JSON.parse(metadata).target_directory, "debug");

export const binary = (name) => join(BINARIES, name);

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

/** Serves the book as any static host would. */
const host = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://host").pathname));
  const file = join(BOOK, path.endsWith("/") ? `${path}index.html` : path);
  if (!file.startsWith(BOOK) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => host.listen(0, "127.0.0.1", resolve));
after(() => {
  host.closeAllConnections();
  host.close();
});
/** The site's authority, `127.0.0.1:PORT`. */
export const SITE = `127.0.0.1:${host.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
});
after(() => browser.close());

const opened = new WeakMap();
/**
 * Closes what a test has open in the browser, before its servers go: else a page tries to come back,
 * and the browser reports that it could not.
 */
export const closePages = (t) => Promise.all((opened.get(t) ?? []).map((context) => context.close()));

/** A lesson's server, on a port that the system chose if none is given. It ends with the test. */
export async function lesson(t, name, { address = "127.0.0.1:0", options = [] } = {}) {
  const child = spawn(binary(name), [address, ...options], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(async () => {
    await closePages(t);
    child.kill("SIGKILL");
  });
  const url = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${name} ended before it listened`)));
    createInterface(child.stdout).once("line", (line) => resolve(line.replace("Listening on ", "")));
  });
  // A full pipe would stop it.
  child.stdout.resume();
  return { url, kill: (signal) => child.kill(signal) };
}

/**
 * Opens a page of the book. When the test ends, nothing may have gone wrong in it, except for what
 * matches `expected`: a browser reports every connection that fails.
 */
export async function open(t, path, { expected, theme = "light", url, script, prepare, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  opened.set(t, [...(opened.get(t) ?? []), context]);
  const page = await context.newPage();
  // For what takes a second at most, on a machine that may be busy.
  page.setDefaultTimeout(60_000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    const isExpected = expected?.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isExpected) problems.push(message.text());
  });
  page.on("requestfinished", (request) => {
    const isOurs = request.url().startsWith(url ?? `http://${SITE}/`) || /^data:/.test(request.url());
    if (!isOurs) problems.push(`the page has loaded ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    if (problems.length > 0) throw new Error(`in the browser:\n${problems.join("\n")}`);
  });
  if (script) await page.addInitScript(script);
  await prepare?.(page);
  await page.addInitScript((name) => {
    try {
      localStorage.setItem("mdbook-theme", name);
    } catch {
      // A page of its own origin has no storage, and the default theme will do.
    }
  }, theme);
  await page.goto(`${url ?? `http://${SITE}/`}${path}`);
  return page;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What makes a page hard to use for some, as far as axe can tell. */
export async function violations(page, options = {}) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  return page.evaluate(async (options) => {
    const { violations } = await window.axe.run(document, options);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
  }, options);
}

/** One console of a page, as a reader works with it. */
export class Console {
  constructor(page, number = 0) {
    this.page = page;
    this.root = page.locator("div.console").nth(number);
    this.address = this.root.getByRole("textbox", { name: "Address" });
    this.message = this.root.getByRole("textbox", { name: "Message" });
    this.server = this.root.getByRole("combobox", { name: "Server" });
    this.state = this.root.locator(".console-state");
    this.drawing = this.root.getByRole("img", { name: /^Time line/ });
  }

  press(name) {
    return this.root.getByRole("button", { name, exact: true }).click();
  }

  async connect(url) {
    await this.address.fill(url);
    await this.press("Connect");
    await this.says(/^Connected/);
  }

  async send(text) {
    if (text !== undefined) await this.message.fill(text);
    await this.press("Send");
  }

  /** Waits until the line of state says so. */
  says(words) {
    return this.state.filter({ hasText: words }).waitFor();
  }

  /** The log, without the remarks that have no time. */
  async log() {
    // What is not drawn yet, will be with the next frame.
    await this.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    return this.root.locator(".console-log li").evaluateAll((rows) =>
      rows.map((row) => {
        const [time, way, words] = [...row.firstElementChild.children].map((child) => child.textContent);
        return { ms: parseInt(time), way, words };
      }).filter(({ ms }) => !Number.isNaN(ms)));
  }

  /** From now on, collects all that some elements say. */
  async history(selector) {
    const said = await this.root.evaluateHandle((root, selector) => {
      const said = [];
      for (const element of root.querySelectorAll(selector)) {
        new MutationObserver(() => said.push(element.textContent)).observe(element, { childList: true });
      }
      return said;
    }, selector);
    return () => said.jsonValue();
  }

  /** Waits until the log has an entry with exactly these words. */
  async logged(words) {
    await this.root.locator(".console-log bdi").getByText(words, { exact: true }).first().waitFor();
    return this.log();
  }
}

export const received = (log) => log.filter(({ way }) => way.endsWith("← received"));
export const words = (log) => log.map((entry) => entry.words);

/** Waits longer than any answer is due, for the one that must not come. */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until it is so, for what takes a second at most, on a machine that may be busy. */
export async function until(isSo) {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`not so in time: ${isSo}`);
    await pause(20);
  }
}
