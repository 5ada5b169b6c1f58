// The page of Level 7, against the real server with TLS: who is it, and from where does it ask?

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Logs } from "./logs.mjs";
import { binary, lesson, open, violations } from "./support.mjs";

const [READER, WRITER] = ["the-token-of-readers", "the-token-of-writers"];

/** A server with TLS that knows both tokens, and a way to publish to it. */
async function liveServer(t) {
  const folder = mkdtempSync(join(tmpdir(), "live-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const tokens = ["--reader-token-file", file("reader", READER), "--writer-token-file", file("writer", WRITER)];
  const { url } = await lesson(t, "live_server", { options: [...tokens, "--dev-cert", folder] });
  const publish = (lines) => new Promise((resolve, reject) => {
    const flags = ["--publish", "--ca", join(folder, "ca.pem"), "--token-file", join(folder, "writer")];
    const client = spawn(binary("live_client"), [url, ...flags], { stdio: ["pipe", "ignore", "inherit"] });
    client.once("exit", (status) => status === 0 ? resolve() : reject(new Error(`status ${status}`)));
    client.stdin.end(lines.map((line) => `${line}\n`).join(""));
  });
  return { url: `${url.replace("wss:", "https:")}/`, publish };
}

const logIn = async (it, token) => {
  await it.page.getByLabel("Token").fill(token);
  await it.press("Log in");
};

test("a page over TLS logs in with its first message, and reads", async (t) => {
  const server = await liveServer(t);
  const it = await Logs.open(t, server, { ignoreHTTPSErrors: true });
  await it.says("4401, log in first");
  assert.deepEqual(await violations(it.page), []);
  await logIn(it, "the-token-of-nobody");
  await it.says("4401, this token is none of this server's");
  await logIn(it, READER);
  await it.says("Connected.");
  assert.equal(await it.page.getByLabel("Token").isVisible(), false);
  await server.publish(["one", "<b>two</b>"]);
  await it.has("<b>two</b>");
  assert.deepEqual(await it.texts(), ["one", "<b>two</b>"]);
  const stored = await it.page.evaluate(() => [location.href, document.cookie, ...Object.values(localStorage), ...Object.values(sessionStorage)]);
  assert.ok(!stored.join().includes(READER), "the token is nowhere but in the page's memory");
});

test("a Chinese browser is asked for the token in Chinese", async (t) => {
  const server = await liveServer(t);
  const it = await Logs.open(t, server, { ignoreHTTPSErrors: true, locale: "zh-CN" });
  await it.says("服务器结束了连接（4401, log in first）。");
  assert.deepEqual(await violations(it.page), []);
  await it.page.getByLabel("令牌").fill(READER);
  await it.press("登录");
  await it.says("已连接。");
});

test("a page of another site gets no connection, and the server's own page does", async (t) => {
  const { url } = await lesson(t, "live_server");
  const connects = (url) => new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve("open");
    socket.onclose = ({ code }) => resolve(code);
  });
  const own = await open(t, "", { url: `${url.replace("ws:", "http:")}/`, });
  assert.equal(await own.evaluate(connects, `${url}/`), "open");
  // The book is on another port, and so of another origin.
  const other = await open(t, "index.html", { expected: /403/ });
  assert.equal(await other.evaluate(connects, `${url}/`), 1006);
});
