// The page of Level 6 when the connection is lost, and with a server that fails it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Logs, REFUSED, logsServer, wayTo } from "./logs.mjs";
import { pause } from "./support.mjs";

const many = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);

/** Chance always says the shortest. */
const SHORTEST = () => { Math.random = () => 0; };

describe("a connection that is lost", { concurrency: 2 }, () => {
  test("a server that was killed is missed in words, and its successor is told from the new one's beginning", async (t) => {
    const server = await logsServer(t);
    const it = await Logs.open(t, server, { expected: REFUSED });
    server.write("old life");
    await it.has("old life");
    await server.kill();
    await it.says(/^Connection lost. Connecting again in \d+ s\.$/);
    const next = await logsServer(t, { address: server.address });
    next.write("new life");
    await it.says("Connected. The numbering began anew.");
    await it.has("new life");
    assert.deepEqual(await it.texts(), [
      "old life", "The server has begun a new log: what was between the two is unknown.", "new life",
    ]);
    next.write("goes on");
    await it.has("goes on");
  });

  test("the seconds count down, a screen reader hears the words once, and a key need not wait", async (t) => {
    const server = await logsServer(t);
    // Two attempts at once; then chance makes of the third wait, a second at most, 10 s.
    const script = () => {
      let calls = 0;
      Math.random = () => (calls += 1) <= 2 ? 0 : 10;
    };
    const it = await Logs.open(t, server, { expected: REFUSED, script });
    await it.says("Connected.");
    await it.page.evaluate(() => {
      window.said = [];
      const status = document.querySelector("[role=status]");
      new MutationObserver(() => window.said.push(status.textContent)).observe(status, { childList: true });
    });
    await server.kill();
    for (const seconds of [10, 9, 8]) await it.says(`Connecting again in ${seconds} s.`);
    const said = await it.page.evaluate(() => window.said);
    assert.deepEqual(said, ["Connection lost. Connecting again"]);
    await logsServer(t, { address: server.address });
    await it.press("Connect now");
    await it.says("Connected. The numbering began anew.");
  });

  test("the waits double, up to a longest one, and begin anew once lines have come", async (t) => {
    const server = await logsServer(t);
    let isThere = true;
    const by = (page) => {
      if (!isThere) return page.close({ code: 1012 });
      const real = page.connectToServer();
      cut = () => { page.close({ code: 1012 }); real.close(); };
    };
    let cut;
    // When the test ends, the server is the first to go, and this page tries again at once.
    const it = await Logs.open(t, server, { by, expected: REFUSED, script: () => {
      Math.random = () => 1;
      window.waits = [];
      const later = window.setTimeout;
      window.setTimeout = (what, ms) => {
        // Only those of the connection; and nobody really waits.
        if (ms >= 250 && ms !== 1000 || window.waits.length > 0) window.waits.push(ms);
        return later(what, Math.min(ms, 5));
      };
    } });
    server.write("there");
    await it.has("there");
    isThere = false;
    cut();
    await it.page.waitForFunction(() => window.waits.length >= 10);
    isThere = true;
    await it.says("Connected.");
    assert.deepEqual((await it.page.evaluate(() => window.waits)).slice(0, 10),
      [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    server.write("again");
    await it.has("again");
    await it.page.evaluate(() => { window.waits.length = 0; });
    cut();
    await it.page.waitForFunction(() => window.waits.length > 0);
    assert.equal(await it.page.evaluate(() => window.waits[0]), 250);
  });

  test("a connection cut again and again under a stream of lines loses none and doubles none", async (t) => {
    const server = await logsServer(t);
    // In the middle of the lines, each time at another place.
    const way = await wayTo(t, server, (nth) => nth <= 15 ? 1000 + 137 * nth : Infinity);
    const it = await Logs.open(t, way, { expected: REFUSED, script: SHORTEST });
    for (let i = 0; i < 300; i += 1) {
      server.write(...many(10 * i + 1, 10 * i + 10));
      await pause(5);
    }
    await it.has("line 3000");
    assert.ok(way.sockets > 10, `${way.sockets} connections`);
    assert.deepEqual(await it.texts(), many(1, 3000));
  });

  test("what was lost while the page was away is a row of its own, that no filter hides", async (t) => {
    const server = await logsServer(t);
    const way = await wayTo(t, server);
    const it = await Logs.open(t, way, { expected: REFUSED });
    server.write("seen");
    await it.has("seen");
    way.isDown = true;
    way.cut();
    await it.says("Connection lost.");
    // The server keeps 10,000.
    server.write(...many(2, 10_013));
    await pause(500);
    way.isDown = false;
    await it.has("12 lines lost");
    await it.has("line 10013");
    const texts = await it.texts();
    assert.deepEqual(texts, ["seen", "12 lines lost", ...many(14, 10_013)]);
    await it.filter.fill("nowhere");
    await it.count.getByText(/^0 of /).waitFor();
    assert.deepEqual(await it.texts(), ["12 lines lost"]);
  });
});

describe("a server that fails the page", { concurrency: 2 }, () => {
  /** Speaks for the server, once the page has subscribed. */
  const served = async (t, speak, expected) => {
    const server = await logsServer(t);
    const asked = [];
    const it = await Logs.open(t, server, { expected, script: SHORTEST, by: (page) => {
      page.onMessage((message) => {
        asked.push(JSON.parse(message));
        speak((event) => page.send(JSON.stringify(event)), page, asked.length);
      });
    } });
    return { it, asked };
  };
  const line = (seq, text = `line ${seq}`) => ({ type: "line", seq, ms: 3_723_004 + seq, text });
  const hello = (more) => ({ type: "hello", log: "a", first: 1, last: 0, readers: 1, ...more });

  test("lines that are missing without a word are missed all the same", async (t) => {
    const { it } = await served(t, (say) => {
      say(hello());
      for (const seq of [1, 2, 2, 1, 6]) say(line(seq));
      say({ type: "gap", from: 7, to: 1206 });
      say({ type: "something", of: "a later version" });
      say(line(1207));
    });
    await it.has("line 1207");
    assert.deepEqual(await it.texts(), ["line 1", "line 2", "3 lines lost", "line 6", "1,200 lines lost", "line 1207"]);
    assert.equal(await it.page.locator(".when").first().textContent(), "01:02:03.005");
  });

  test("it resumes after the last line, and before the first line where there was none", async (t) => {
    const { it, asked } = await served(t, (say, page, count) => {
      say(hello({ last: 1500 }));
      if (count === 3) return say(line(1503, "there"));
      if (count === 2) [501, 502].forEach((seq) => say(line(seq)));
      page.close({ code: 1001 });
    });
    await it.has("there");
    assert.deepEqual(asked, [
      { type: "subscribe", tail: 1000 },
      { type: "subscribe", log: "a", after: 500 },
      { type: "subscribe", log: "a", after: 502 },
    ]);
  });

  for (const code of [1000, 1008, 4401]) {
    test(`after ${code} it says why, and waits to be asked`, async (t) => {
      const { it, asked } = await served(t, (say, page, count) => {
        if (count === 1) return page.close({ code, reason: "no \x1bentry" });
        say(hello());
        say(line(1));
      });
      await it.says(`The server has ended the connection (${code}, no ␛entry).`);
      await pause(500);
      assert.equal(asked.length, 1);
      await it.press("Connect now");
      await it.says("Connected.");
      await it.has("line 1");
    });
  }

  for (const noise of ["<html>", "null", '{"type":"line","seq":1}']) {
    test(`what is no log is refused in words: ${noise}`, async (t) => {
      const { it, asked } = await served(t, (say, page) => page.send(noise), /Error/);
      await it.says("What the server sends is no log.");
      await pause(300);
      assert.equal(asked.length, 1);
    });
  }

  test("lines of 64 KiB are bounded by their characters", async (t) => {
    const { it } = await served(t, (say) => {
      say(hello());
      for (let seq = 1; seq <= 300; seq += 1) say(line(seq, `${seq} ${"x".repeat(65_530)}`));
      say(line(301, "the last"));
    });
    await it.has("the last");
    const count = await it.rows.count();
    assert.ok(count > 150 && count <= 161, `${count} rows: 10 Mi characters are 160 such lines`);
  });
});
