// The console shows what is so: breaks, ports, zeros, sides.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { frame, rawServer, text } from "./raw_server.mjs";
import { Console, lesson, open, pause, received } from "./support.mjs";

const REFUSED = /^WebSocket connection to '\S+' failed/;
const labels = (it) => it.drawing.locator(".console-label").allTextContents();
const box = (locator) => locator.boundingBox();

describe("a connection that breaks", { concurrency: 4 }, () => {
  test("is drawn and logged as broken, with a mark of its own", async (t) => {
    const server = await lesson(t, "level4_translate_server");
    const it = new Console(await open(t, "level4.html"));
    await it.connect(server.url);
    await it.send();
    await it.logged('"你好 "');
    server.kill("SIGKILL");
    await it.says("Connection lost: no Close frame has come.");
    const last = (await it.logged("connection lost, no Close frame")).at(-1);
    assert.deepEqual([last.way, last.words], ["", "connection lost, no Close frame"]);
    assert.equal(await it.drawing.locator(".console-broken").count(), 1);
    assert.ok((await labels(it)).includes("lost"));
    assert.match(await it.drawing.getAttribute("aria-label"), /the connection was lost at \d+ ms/);
    const axis = await box(it.drawing.locator(".console-axis"));
    const mark = await box(it.drawing.locator(".console-broken"));
    assert.ok(Math.abs(axis.x + axis.width - mark.x) < 12, "the axis ends there");
  });

  test("is not the same as a close without a code", async (t) => {
    const url = await rawServer(t, (stream) => stream.write(frame(8, "")));
    const it = new Console(await open(t, "level1.html"));
    await it.address.fill(url);
    await it.press("Connect");
    await it.says("Closed, without a code.");
    const last = (await it.logged("close, without a code")).at(-1);
    assert.equal(last.way, "← received");
    assert.equal(await it.drawing.locator(".console-broken").count(), 0);
  });
});

describe("every server of a choice", { concurrency: 4 }, () => {
  test("has its own port, in the address and in the command", async (t) => {
    for (const [chapter, number] of [["level1", 1], ["level3", 0], ["level3", 1], ["level4", 1]]) {
      const it = new Console(await open(t, `${chapter}.html`), number);
      const seen = new Set();
      const choices = await it.server.locator("option").allTextContents();
      for (const choice of choices) {
        await it.server.selectOption(choice);
        const url = await it.address.inputValue();
        const command = await it.root.locator(".console-command code").textContent();
        const argument = url === "ws://127.0.0.1:8765" ? "" : ` ${url.replace("ws://", "")}`;
        assert.equal(command, `cargo run --bin ${choice}${argument}`);
        seen.add(url);
      }
      assert.ok(choices.length > 1);
      assert.equal(seen.size, choices.length, `${chapter} has a port for each`);
    }
  });

  test("races: both are asked at the same moment, and each shows its own times", async (t) => {
    const it = new Console(await open(t, "level3.html"));
    for (const name of ["level3_async_server", "level3_blocking_server"]) {
      const { url } = await lesson(t, name);
      await it.server.selectOption(name);
      await it.address.fill(url);
    }
    await it.press("Race both");
    await it.says("Connected to both.");
    await it.root.locator(".console-log bdi", { hasText: "Done: please" }).nth(5).waitFor();
    const log = await it.log();
    const of = (name) => received(log).filter(({ way }) => way.startsWith(name));
    const span = (name) => of(name).at(-1).ms - of(name)[0].ms;
    assert.deepEqual([of("blocking").length, of("async").length], [3, 3]);
    assert.ok(span("blocking") > 600 && span("async") < 400, JSON.stringify(log));
    const sent = log.filter(({ way }) => way.endsWith("→ sent"));
    assert.ok(Math.max(...sent.map(({ ms }) => ms)) < 100, "one zero for both");
    await it.press("Disconnect");
    await it.says("Closed. 1000");
  });

  test("races only when it is there", async (t) => {
    const { url } = await lesson(t, "level3_blocking_server");
    const it = new Console(await open(t, "level3.html", { expected: REFUSED }));
    await it.server.selectOption("level3_async_server");
    await it.address.fill("ws://127.0.0.1:1");
    await it.server.selectOption("level3_blocking_server");
    await it.address.fill(url);
    await it.press("Race both");
    await it.says("Start it with cargo run --bin level3_async_server 127.0.0.1:1.");
  });
});

describe("one zero for recorded and live", { concurrency: 4 }, () => {
  test("it is the handshake, where the server may speak first", async (t) => {
    const { url } = await lesson(t, "level2_duplex_server");
    const it = new Console(await open(t, "level2-duplex.html"));
    const caption = it.root.locator(".console-caption");
    assert.equal(await caption.textContent(), "Recorded, in seconds from the handshake.");
    await it.connect(url);
    const tick = (await it.logged('"Tick 1"')).find(({ words }) => words === '"Tick 1"');
    assert.ok(tick.ms > 900 && tick.ms < 2000, `${tick.ms} ms, 1000 are due`);
    assert.equal(await caption.textContent(), "Live, in seconds from the handshake.");
  });

  test("it is the first message, where the client speaks first", async (t) => {
    const { url } = await lesson(t, "level4_translate_server");
    const it = new Console(await open(t, "level4.html"));
    assert.equal(await it.root.locator(".console-caption").textContent(), "Recorded, in seconds from the first message.");
    await it.connect(url);
    await pause(700);
    await it.send();
    const log = await it.logged('"你好 "');
    assert.equal(log[0].ms, 0);
    assert.ok(log[1].ms > 400 && log[1].ms < 1500, `${log[1].ms} ms, 500 are due`);
  });

  test("a recording without times has none on its axis", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    assert.equal(await it.root.locator(".console-caption").textContent(), "Recorded, without times: what counts is the order.");
    assert.deepEqual(await it.log(), [], "no time is made up");
    assert.equal(await it.drawing.locator(".console-tick").count(), 0);
    assert.match(await it.drawing.getAttribute("aria-label"), /^Time line without times.*2 from the client, 2 from the server\.$/);
    await it.connect(url);
    await it.send();
    await it.logged('"Echo: Hello WebSocket!"');
    assert.ok(await it.drawing.locator(".console-tick").count() > 0, "the live one has them");
  });
});

describe("the time line", { concurrency: 4 }, () => {
  test("cuts labels to the room that there is, and no shorter", async (t) => {
    const long = "a long message that has all the room in the world, and more of it than it needs ".repeat(3);
    const url = await rawServer(t, (stream) => {
      stream.write(text("Server reply: Message 1"));
      setTimeout(() => stream.write(text(long)), 1000);
    });
    const it = new Console(await open(t, "level2-stream.html"));
    await it.connect(url);
    await it.logged(`"${long.slice(0, 200)}…" (240 characters)`);
    const [whole, shortened] = await labels(it);
    assert.equal(whole, "Server reply: Message 1");
    assert.ok(shortened.length > 30 && shortened.endsWith("…"), shortened);
    // Measured at once: it is drawn anew ten times a second.
    const isWithin = await it.drawing.evaluate((drawing) => {
      const outer = drawing.getBoundingClientRect();
      return [...drawing.querySelectorAll(".console-label")].map((label) => label.getBoundingClientRect())
        .every(({ left, right }) => left >= outer.left - 1 && right <= outer.right + 1);
    });
    assert.ok(isWithin, "within the drawing");
  });

  test("loses no label on a telephone, and no label lies on another", async (t) => {
    for (const [chapter, number] of [["level1", 5], ["level2-stream", 5], ["level2-duplex", 11], ["level4", 10]]) {
      const it = new Console(await open(t, `${chapter}.html`, { viewport: { width: 390, height: 844 } }));
      const due = await it.root.locator(".console-log li").count();
      assert.deepEqual((await labels(it)).filter((label) => label === ""), [], chapter);
      assert.equal((await labels(it)).length, due, chapter);
      assert.ok(due >= number - 1);
      const boxes = await it.drawing.locator(".console-label").evaluateAll((all) => all.map((label) => {
        const { left, right, top, bottom } = label.getBoundingClientRect();
        return { left, right, middle: (top + bottom) / 2 };
      }));
      boxes.forEach((one, i) => boxes.slice(i + 1).forEach((other) => {
        const isSameRow = Math.abs(one.middle - other.middle) < 8;
        assert.ok(!isSameRow || one.right <= other.left + 1 || other.right <= one.left + 1, `${chapter}: labels overlap`);
      }));
    }
  });

  test("shows a long stream through a window, and all of it on demand", async (t) => {
    const url = await rawServer(t, (stream) => {
      let n = 0;
      const timer = setInterval(() => stream.write(text(`${(n += 1)}`)), 500);
      stream.on("close", () => clearInterval(timer));
    });
    const it = new Console(await open(t, "level2-stream.html"));
    const all = it.root.getByRole("checkbox", { name: "See all" });
    await it.connect(url);
    assert.equal(await all.isVisible(), false, "a short one is seen whole");
    await all.waitFor();
    await it.logged('"36"');
    const span = async () => Number(/of ([\d.]+) seconds/.exec(await it.drawing.getAttribute("aria-label"))[1]);
    assert.ok(await span() >= 10 && await span() <= 15, `${await span()} s`);
    assert.ok(!(await labels(it)).includes("2"), "what was long ago has left the window");
    await all.check();
    await it.page.waitForFunction(() => /of (?:18|19|[2-9]\d)\S* seconds/.test(document.querySelector(".console-time-line").getAttribute("aria-label")));
    assert.ok((await labels(it)).some((label) => label === "2" || label.startsWith("×")));
    await it.press("Disconnect");
  });

  test("has one colour for each side, in the marks, the log and the legend", async (t) => {
    for (const theme of ["light", "navy"]) {
      const it = new Console(await open(t, "level4.html", { theme }));
      const colour = (selector, property) => it.root.locator(selector).first().evaluate((element, property) => getComputedStyle(element)[property], property);
      const sides = {};
      for (const side of ["client", "server"]) {
        sides[side] = await colour(`.console-time-line .console-mark.console-from-${side}`, "fill");
        assert.equal(await colour(`.console-legend .console-from-${side}`, "fill"), sides[side]);
        assert.equal(await colour(`.console-log .console-from-${side} .console-way`, "color"), sides[side]);
      }
      assert.notEqual(sides.client, sides.server);
      assert.deepEqual(await it.root.getByRole("list", { name: "Legend" }).locator("li").allTextContents(), ["client", "server", "close", "connection lost"]);
    }
  });

  test("and the pictures have the same colours", async (t) => {
    for (const [chapter, picture] of [["ideas/frames", "The life of a connection"], ["ideas/frames", "The opening handshake"], ["ideas/connection", "Request and answer, and full duplex"]]) {
      const page = await open(t, `${chapter}.html`);
      const drawn = page.locator(".picture svg", { has: page.locator("title", { hasText: picture }) });
      const colours = await drawn.locator("path").evaluateAll((paths) => paths.map((path) => getComputedStyle(path).stroke));
      for (const side of ["client", "server"]) {
        const due = await page.evaluate((side) => {
          const probe = document.body.appendChild(document.createElement("i"));
          probe.style.color = `var(--${side})`;
          return getComputedStyle(probe).color;
        }, side);
        assert.ok(colours.includes(due), `${picture}: ${side} ${due}, but ${colours}`);
      }
    }
  });

  test("and log keep text from right to left at the left edge", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    await it.connect(url);
    await it.send("مرحبا שלום");
    await it.logged('"Echo: مرحبا שלום"');
    const lefts = await it.root.locator(".console-log bdi").evaluateAll((cells) => cells.map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getBoundingClientRect().left;
    }));
    assert.ok(Math.max(...lefts) - Math.min(...lefts) < 2, lefts.join());
  });
});

test("nothing jumps when one connects, and the log keeps its height", async (t) => {
  for (const [chapter, name] of [["level1", "level1_echo_server"], ["level2-stream", "level2_stream_server"], ["level3", "level3_blocking_server"], ["level4", "level4_translate_server"]]) {
    const { url } = await lesson(t, name);
    const it = new Console(await open(t, `${chapter}.html`));
    const places = () => it.root.locator(".console-panel > *").evaluateAll((parts) =>
      parts.filter((part) => part.checkVisibility()).map((part) => {
        const { top, height } = part.getBoundingClientRect();
        return [part.className.baseVal ?? part.className, Math.round(top + scrollY), Math.round(height)].join(" ");
      }));
    await it.address.fill(url);
    const before = await places();
    await it.press("Connect");
    await it.says(/^Connected/);
    await it.log();
    assert.deepEqual(await places(), before, chapter);
  }
});
