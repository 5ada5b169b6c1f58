// The console shows what is so: breaks, ports, zeros, sides, and what is due in an exercise.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { close, frame, rawServer, text } from "./raw_server.mjs";
import { Console, lesson, open, pause, received, words } from "./support.mjs";

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
      for (const choice of await it.server.locator("option").allTextContents()) {
        await it.server.selectOption(choice);
        const url = await it.address.inputValue();
        const command = await it.root.locator(".console-command code").textContent();
        const argument = url === "ws://127.0.0.1:8765" ? "" : ` ${url.replace("ws://", "")}`;
        assert.equal(command, `cargo run --bin ${choice}${argument}`);
        seen.add(url);
      }
      assert.equal(seen.size, 2, `${chapter} has a port for each`);
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
    for (const label of await it.drawing.locator(".console-label").all()) {
      const [inner, outer] = [await box(label), await box(it.drawing)];
      assert.ok(inner.x >= outer.x - 1 && inner.x + inner.width <= outer.x + outer.width + 1, "within the drawing");
    }
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

/** A server that is right, or not: it types what the exercise asks for. */
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
    assert.match(await it.drawing.getAttribute("aria-label"), /due: 0 from the client, 13 from the server/);
    assert.equal(await it.root.locator(".console-caption").textContent(), "What is due, in seconds from the handshake.");
    assert.equal(await it.root.locator(".console-due").isVisible(), false);
  });

  test("a server that is right gets a tick for each message", async (t) => {
    // The lesson's own echo is right for a client that leaves by itself.
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"), 1);
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
    const it = new Console(await open(t, "level1.html"), 1);
    await it.address.fill(url);
    await it.press("Run mine against it");
    await it.says("Not yet");
    const log = await it.log();
    const sent = log.filter(({ way }) => way === "→ sent");
    assert.deepEqual(words(sent).slice(0, 2), ['"Hello"', '""']);
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

  test("without a server it says so, and what is due stays", async (t) => {
    const it = new Console(await open(t, "level2-stream.html", { expected: REFUSED }), 1);
    await it.address.fill("ws://127.0.0.1:1");
    await it.press("Run mine against it");
    await it.says("No WebSocket server answers at ws://127.0.0.1:1.");
    assert.match(await it.drawing.getAttribute("aria-label"), /due: 0 from the client, 13 from the server/);
  });
});

describe("the controls", { concurrency: 4 }, () => {
  test("several transcripts are scenarios, each drawn whole", async (t) => {
    const it = new Console(await open(t, "level4.html"));
    const tabs = it.root.getByRole("group", { name: "Scenario" }).getByRole("button");
    assert.deepEqual(await tabs.allTextContents(), ["one sentence", "two sentences", "a ping", "a shutdown"]);
    await it.press("a shutdown");
    await it.logged('close 1001: going away, the server stops or the page is left "the server is shutting down"');
    await it.root.locator(".console-preview").getByText("Incomplete: the end marker is missing.").waitFor();
    await it.press("a ping");
    await it.logged('pong "alive?"');
    assert.equal(await it.message.inputValue(), "Hello world");
    assert.deepEqual(await it.root.locator('[aria-pressed="true"]').allTextContents(), ["a ping"]);
  });

  test("one button is the first to press, and nothing can be sent before", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    const send = it.root.getByRole("button", { name: "Send" });
    assert.deepEqual(await it.root.locator(".console-primary").allTextContents(), ["Connect"]);
    assert.equal(await it.root.locator(".console-title code").textContent(), "level1_echo_server");
    assert.ok(await send.isDisabled());
    await it.connect(url);
    assert.ok(await send.isEnabled());
    await it.press("Disconnect");
    await it.says("Closed");
    assert.ok(await send.isDisabled());
  });

  test("a replay goes on step by step", async (t) => {
    const it = new Console(await open(t, "level4.html"));
    for (const due of ['"Hello world this is a test"', '"你好 "', '"世界 "']) {
      await it.press("Step");
      assert.equal(words(await it.logged(due)).at(-1), due);
    }
    await pause(700);
    assert.equal((await it.log()).length, 3, "it waits for the next step");
    await it.press("Replay");
    await it.logged('"这 "');
    await it.press("Stop");
  });

  test("what is cleared is gone, and what comes after it is shown", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    await it.connect(url);
    await it.send("first");
    await it.logged('"Echo: first"');
    await it.press("Clear");
    assert.deepEqual(await it.log(), []);
    assert.equal(await it.drawing.locator(".console-mark").count(), 0);
    await it.send("second");
    assert.deepEqual(words(await it.logged('"Echo: second"')), ['"second"', '"Echo: second"']);
  });

  test("one more client has a connection of its own", async (t) => {
    const { url } = await lesson(t, "level2_bidirectional_server");
    const it = new Console(await open(t, "level2-conversation.html"));
    await it.connect(url);
    await it.press("+ client");
    await it.says("Connected, 2 times.");
    await it.send("Hello");
    await it.root.locator(".console-log bdi", { hasText: "Server reply: Hello" }).nth(1).waitFor();
    const ways = received(await it.log()).map(({ way }) => way).sort();
    assert.deepEqual(ways, ["client 1 ← received", "client 2 ← received"]);
    assert.equal(await it.drawing.locator(".console-axis").count(), 2);
  });

  test("the address is remembered, and goes into the command", async (t) => {
    const it = new Console(await open(t, "level1.html"));
    const command = it.root.locator(".console-command code");
    for (const [address, argument] of [["localhost:9000", " localhost:9000"], ["wss://example.org", ""], ["ws://127.0.0.1:9001/", " 127.0.0.1:9001"]]) {
      await it.address.fill(address);
      assert.equal(await command.textContent(), `cargo run --bin level1_echo_server${argument}`);
    }
    await it.page.reload();
    assert.equal(await it.address.inputValue(), "ws://127.0.0.1:9001/");
    assert.equal(await command.textContent(), "cargo run --bin level1_echo_server 127.0.0.1:9001");
    await it.address.fill("ws://127.0.0.1:8765");
    await it.page.reload();
    assert.equal(await command.textContent(), "cargo run --bin level1_echo_server");
  });
});

test("a row opens the frame behind it, which is computed and says so", async (t) => {
  const it = new Console(await open(t, "level1.html"));
  const view = it.root.getByRole("group", { name: "Frame" });
  const rows = it.root.locator(".console-log button");
  await rows.nth(0).click();
  assert.deepEqual(await view.locator("code").allTextContents(), ["81", "90", "?? ?? ?? ??", "48 65 6c 6c 6f 20 57 65 62 53 6f 63 6b 65 74 21"]);
  assert.match(await view.textContent(), /22 bytes: 6 of header, 16 of payload\. Computed: a page sees messages, and never their frames\./);
  assert.match(await view.textContent(), /FIN 1, opcode 1 \(text\).*MASK 1, length 16/);
  await it.root.getByRole("log").focus();
  for (const key of ["ArrowDown", "ArrowDown", "Enter"]) await it.page.keyboard.press(key);
  assert.deepEqual((await view.locator("code").allTextContents()).slice(0, 2), ["81", "16"]);
  assert.equal(await rows.nth(1).getAttribute("aria-expanded"), "true");
  await it.page.keyboard.press("Enter");
  assert.equal(await view.locator("code").count(), 0);
});
