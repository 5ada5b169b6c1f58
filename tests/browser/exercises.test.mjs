// The console of an exercise: what is due, beside the reader's own server.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, test } from "node:test";

import { close, rawServer, text } from "./raw_server.mjs";
import { Console, lesson, open, words } from "./support.mjs";

const REFUSED = /^WebSocket connection to '\S+' failed/;

/**
 * The page's clock runs at a tenth of its speed: on a busy machine an answer may be late for the
 * console, and here it is not.
 */
const slowly = () => {
  const [now, later] = [performance.now.bind(performance), setTimeout];
  performance.now = () => now() / 10;
  window.setTimeout = (act, ms) => later(act, 10 * ms);
};

/** A server that types the poem of the exercise, at its own pace. */
const typist = (t, beat) => rawServer(t, (stream) => {
  const poem = [..."春眠不觉晓，处处闻啼鸟。"];
  poem.forEach((character, i) => setTimeout(() => stream.write(text(character)), i * beat));
  setTimeout(() => stream.write(close(1000)), poem.length * beat);
  stream.on("data", () => stream.end());
});

describe("on an exercise", { concurrency: 4 }, () => {
  const verdicts = (it, kind) => it.drawing.locator(`.console-${kind}`).count();

  test("what is due is drawn from the start", async (t) => {
    const it = new Console(await open(t, "level2-stream.html"), 1);
    assert.match(await it.drawing.getAttribute("aria-label"), /due: 1 from the client, 14 from the server/);
    assert.equal(await it.root.locator(".console-caption").textContent(), "What is due, in seconds from the handshake.");
    assert.equal(await it.root.locator(".console-due").isVisible(), false);
  });

  test("a server that is right gets a tick for each message", async (t) => {
    // The lesson's own echo is right for a client that leaves by itself.
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html", { script: slowly }), 1);
    await it.server.selectOption("level1_exercises_say_goodbye");
    await it.address.fill(url);
    await it.press("the client leaves");
    await it.press("Run mine against it");
    await it.says("Right: 2 of 2 messages as due.");
    await it.log();
    assert.deepEqual([await verdicts(it, "right"), await verdicts(it, "wrong")], [2, 0]);
    assert.match(await it.drawing.getAttribute("aria-label"), /due: 2 from the client.*yours: 2 from the client, 2 from the server/);
  });

  test("one that is too fast gets crosses, and is told why", async (t) => {
    const it = new Console(await open(t, "level2-stream.html"), 1);
    await it.address.fill(await typist(t, 100));
    await it.press("Run mine against it");
    await it.says("Not yet");
    await it.log();
    assert.ok(await verdicts(it, "wrong") >= 8);
    assert.match((await it.root.locator(".console-verdicts li").allTextContents()).join(), /✗ "\S" came \d+ ms too early/);
  });

  test("the lesson as it comes is not yet right, and the script speaks for the client", async (t) => {
    const { url } = await lesson(t, "level1_exercises_echo_everything");
    const it = new Console(await open(t, "level1.html", { script: slowly }), 1);
    await it.address.fill(url);
    await it.press("Run mine against it");
    await it.says("Not yet");
    const log = await it.log();
    const sent = log.filter(({ way }) => way === "→ sent");
    assert.deepEqual(words(sent).slice(0, 3), ['"Hello"', '""', "binary 01 02 03 (3 bytes)"]);
    assert.ok(await verdicts(it, "right") >= 1);
    assert.ok(await verdicts(it, "wrong") >= 1);
  });

  test("a mistake that shows only with two clients shows", async (t) => {
    const { url } = await lesson(t, "level3_exercises_unblock");
    const it = new Console(await open(t, "level3.html"), 1);
    await it.address.fill(url);
    await it.press("Run mine against it");
    await it.says("Not yet");
    assert.match((await it.root.locator(".console-verdicts li").allTextContents()).join(), /client \d: .* too late/);
  });

  test("every case of an exercise is a scenario", async (t) => {
    const it = new Console(await open(t, "level4.html"), 1);
    const tabs = it.root.getByRole("group", { name: "Scenario" }).getByRole("button");
    assert.deepEqual(await tabs.allTextContents(), ["stays", "closes", "vanishes"]);
    await it.press("vanishes");
    await it.root.locator(".console-log bdi", { hasText: "vanishes" }).waitFor();
    await it.server.selectOption("level4_exercises_two_at_once");
    assert.deepEqual(await tabs.allTextContents(), ["stays", "vanishes"]);
  });

  test("a run can be stopped before its server has answered", async (t) => {
    const silent = createServer(() => {});
    await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
    t.after(() => silent.close());
    const it = new Console(await open(t, "level2-stream.html", { expected: /^WebSocket connection/ }), 1);
    await it.address.fill(`ws://127.0.0.1:${silent.address().port}`);
    await it.press("Run mine against it");
    await it.press("Stop");
    await it.says("Not connected: cancelled.");
    await it.root.getByRole("button", { name: "Run mine against it" }).waitFor();
    await it.page.context().close();
  });

  test("without a server it says so, and what is due stays", async (t) => {
    const it = new Console(await open(t, "level2-stream.html", { expected: REFUSED }), 1);
    await it.address.fill("ws://127.0.0.1:1");
    await it.press("Run mine against it");
    await it.says("No WebSocket server answers at ws://127.0.0.1:1.");
    assert.match(await it.drawing.getAttribute("aria-label"), /due: 1 from the client, 14 from the server/);
  });
});
