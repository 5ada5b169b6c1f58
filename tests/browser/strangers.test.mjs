// The live console, against servers that no lesson is: every close code, bursts, silence.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { close, frame, rawServer, text } from "./raw_server.mjs";
import { Console, open, words } from "./support.mjs";

describe("with a server that no lesson is", { concurrency: 4 }, () => {
  test("every close code is explained", async (t) => {
    const codes = { 1007: "invalid data", 1008: "policy", 1011: "internal error", 3000: "library", 4001: "application" };
    const waiting = Object.keys(codes);
    const url = await rawServer(t, (stream) => stream.write(close(Number(waiting.shift()), "why <b>")));
    const it = new Console(await open(t, "level1.html"));
    for (const [code, meaning] of Object.entries(codes)) {
      await it.address.fill(url);
      await it.press("Connect");
      await it.says(new RegExp(`^Closed. ${code}: .*${meaning}`));
      assert.match(words(await it.log()).at(-1), new RegExp(`^close ${code}: .* "why <b>"$`));
    }
  });

  test("binary messages are shown in hexadecimal, with their length", async (t) => {
    const url = await rawServer(t, (stream) => {
      stream.write(frame(2, [1, 2, 255]));
      stream.write(frame(2, Buffer.alloc(70_000)));
    });
    const it = new Console(await open(t, "level1.html"));
    await it.connect(url);
    await it.logged("binary 01 02 ff (3 bytes)");
    await it.logged(`binary ${Array(16).fill("00").join(" ")} … (70,000 bytes)`);
  });

  test("a server that breaks the protocol is a lost connection", async (t) => {
    const url = await rawServer(t, (stream) => stream.write(frame(1, [0xff, 0xfe])));
    const it = new Console(await open(t, "level1.html", { expected: /^WebSocket connection/ }));
    await it.address.fill(url);
    await it.press("Connect");
    await it.says("Connection lost");
  });

  test("a server that never answers the close can be left", async (t) => {
    const url = await rawServer(t, () => {});
    const it = new Console(await open(t, "level1.html"));
    await it.connect(url);
    await it.press("Disconnect");
    await it.says("Closing");
    await it.press("Leave");
    await it.says("Closed, without the server's answer.");
  });

  test("a page that is not drawn keeps a bounded log", async (t) => {
    const burst = Buffer.concat(Array.from({ length: 3000 }, (_, i) => text(`${i}`)));
    const url = await rawServer(t, (stream) => stream.write(burst));
    // What a browser does with a hidden page: no frames.
    const script = () => {
      const waiting = [];
      window.requestAnimationFrame = (draw) => waiting.push(draw);
      window.show = () => waiting.splice(0).forEach((draw) => draw());
    };
    const it = new Console(await open(t, "level1.html", { script }));
    await it.connect(url);
    await it.root.locator('[aria-live="polite"]').getByText("messages, the last one").waitFor();
    await it.page.evaluate(() => window.show());
    assert.ok(await it.root.locator(".console-log li").count() <= 200);
    await it.root.getByText("earlier entries left out").waitFor();
  });

  test("who wants less motion gets less", async (t) => {
    const url = await rawServer(t, (stream) => stream.write(text("the only message")));
    const it = new Console(await open(t, "level1.html", { reducedMotion: "reduce" }));
    await it.connect(url);
    await it.logged('"the only message"');
    const redrawn = await it.drawing.evaluate((drawing) => new Promise((resolve) => {
      let count = 0;
      new MutationObserver(() => (count += 1)).observe(drawing, { childList: true });
      setTimeout(() => resolve(count), 2000);
    }));
    assert.ok(redrawn <= 3, `drawn ${redrawn} times in 2 s`);
  });
});

test("the log follows what arrives, unless one reads what came before", async (t) => {
  const numbers = (from) => Array.from({ length: 30 }, (_, i) => text(`number ${from + i}`));
  const url = await rawServer(t, (stream) => {
    stream.write(Buffer.concat(numbers(1)));
    stream.on("data", () => stream.write(Buffer.concat(numbers(31))));
  });
  const it = new Console(await open(t, "level1.html", { viewport: { width: 360, height: 740 } }));
  const log = it.root.getByRole("log");
  const below = () => log.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
  await it.connect(url);
  await it.logged('"number 30"');
  assert.ok(await below() < 8);
  await log.evaluate((log) => (log.scrollTop = 0));
  await it.send();
  await it.logged('"number 60"');
  assert.equal(await log.evaluate((log) => log.scrollTop), 0);
});

test("10,000 messages in a burst leave the page responsive and the log bounded", async (t) => {
  const burst = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => text(`message ${i + 1}`)));
  const url = await rawServer(t, (stream) => stream.once("data", () => stream.write(burst)));
  const page = await open(t, "level1.html");
  const it = new Console(page);
  await it.connect(url);
  const longest = await longestTask(page, async () => {
    await it.send("now");
    await it.logged('"message 10000"');
  });
  assert.ok(longest <= 100, `a task took ${longest} ms`);
  assert.equal(await it.root.locator(".console-log li").count(), 200);
  // Besides the burst there are a remark and what was sent.
  await it.root.getByText("9,802 earlier entries left out").waitFor();
  assert.match(await it.drawing.getAttribute("aria-label"), /10000 from the server/);
  assert.ok(await it.drawing.locator("*").count() < 1000, "marks that stand close are one mark");
  await it.press("Disconnect");
});

/** In ms of its own processor time: what else a machine does is not the page's fault. */
async function longestTask(page, action) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", { transferMode: "ReportEvents", categories: "toplevel" });
  await action();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  const tasks = events.filter(({ name, ph }) => name.endsWith("RunTask") && ph === "X");
  assert.ok(tasks.length > 100, "the tasks are recorded");
  return Math.max(...tasks.map(({ tdur, dur }) => (tdur ?? dur) / 1000));
}
