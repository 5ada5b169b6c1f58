// The live console, against the lessons' own servers.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { describe, test } from "node:test";

import { BOOK, Console, SITE, binary, lesson, open, pause, received, words } from "./support.mjs";

const REFUSED = /^WebSocket connection to '\S+' failed/;
/** Nobody may listen here: the port of TCP's own multiplexer. */
const NOBODY = "ws://127.0.0.1:1";

const apart = (log) => log.slice(1).map(({ ms }, i) => ms - log[i].ms);

/** Where 500 ms or more are due. On a busy machine one that is late is close to the next. */
function assertApart(log) {
  const gaps = apart(log);
  const wide = gaps.filter((gap) => gap > 300).length;
  assert.ok(wide >= 0.6 * gaps.length, `they come all at once: ${JSON.stringify(log)}`);
}

describe("with the lesson's server", { concurrency: 4 }, () => {
  test("level 1: the echo comes back, and the close is explained", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    await it.connect(url);
    await it.send();
    await it.logged('"Echo: Hello WebSocket!"');
    await it.press("Disconnect");
    await it.says("Closed. 1000: normal, all is said.");
    assert.deepEqual((await it.log()).map(({ way, words }) => `${way} ${words}`), [
      '→ sent "Hello WebSocket!"',
      '← received "Echo: Hello WebSocket!"',
      "→ sent close 1000: normal, all is said",
      "← received close 1000: normal, all is said",
    ]);
  });

  test("level 2: a conversation has many messages", async (t) => {
    const { url } = await lesson(t, "level2_bidirectional_server");
    const it = new Console(await open(t, "level2-conversation.html"));
    await it.connect(url);
    for (const n of [1, 2, 3]) {
      await it.send(`Message ${n}`);
      await it.logged(`"Server reply: Message ${n}"`);
    }
    assert.deepEqual(words(await it.log()), [1, 2, 3].flatMap((n) => [`"Message ${n}"`, `"Server reply: Message ${n}"`]));
  });

  test("level 2: the poem comes line by line, and the close ends it", async (t) => {
    const { url } = await lesson(t, "level2_stream_server");
    const it = new Console(await open(t, "level2-stream.html"));
    await it.connect(url);
    await it.says("Closed. 1000");
    const log = received(await it.log());
    const poem = ["春眠不觉晓，", "处处闻啼鸟。", "夜来风雨声，", "花落知多少。"].map((line) => `"${line}"`);
    assert.deepEqual(words(log), [...poem, "close 1000: normal, all is said"]);
    assertApart(log);
    assert.match(await it.drawing.getAttribute("aria-label"), /0 from the client, 5 from the server/);
  });

  test("level 2: the server ticks while it replies, and the theme may change meanwhile", async (t) => {
    const { url } = await lesson(t, "level2_duplex_server");
    const it = new Console(await open(t, "level2-duplex.html"));
    await it.connect(url);
    await it.logged('"Tick 1"');
    await it.send();
    await it.page.getByRole("button", { name: "Change theme" }).click();
    await it.page.getByRole("menuitem", { name: "Coal" }).click();
    const log = received(await it.logged('"Tick 3"'));
    assert.ok(words(log).includes('"Server reply: Message 1"'));
    const ticks = log.filter(({ words }) => words.startsWith('"Tick'));
    assert.deepEqual(words(ticks).slice(0, 3), ['"Tick 1"', '"Tick 2"', '"Tick 3"']);
    assertApart(ticks);
    await it.press("Disconnect");
    await it.says("Closed. 1000");
    assert.equal(words(await it.log()).at(-1), "close 1000: normal, all is said");
  });

  test("level 3: three clients wait for each other, or they do not", async (t) => {
    const it = new Console(await open(t, "level3.html"));
    const spans = {};
    for (const name of ["level3_blocking_server", "level3_async_server"]) {
      const { url } = await lesson(t, name);
      await it.server.selectOption(name);
      await it.connect(url);
      await it.send();
      await it.root.locator(".console-log bdi", { hasText: "Done: please" }).nth(2).waitFor();
      const log = received(await it.log());
      assert.equal(new Set(log.map(({ way }) => way)).size, 3, "an answer for each client");
      spans[name] = log.at(-1).ms - log[0].ms;
      await it.press("Disconnect");
      await it.says("Closed. 1000");
    }
    // 1000 ms are due from the first answer to the last one, and none.
    assert.ok(spans.level3_blocking_server > 600, JSON.stringify(spans));
    assert.ok(spans.level3_async_server < 400, JSON.stringify(spans));
    const drawing = await it.drawing.getAttribute("aria-label");
    assert.match(drawing, /level3_blocking_server, live.*level3_async_server, live/);
    assert.equal(await it.drawing.locator(".console-wait").count(), 6);
  });

  test("level 4: the sentence grows word by word, and the end marker ends it", async (t) => {
    const { url } = await lesson(t, "level4_translate_server");
    const it = new Console(await open(t, "level4.html"));
    const seen = await it.history(".console-preview");
    await it.connect(url);
    await it.send();
    await it.logged('"" (the end marker)');
    const grown = (await seen()).filter((text, i, all) => text !== all[i - 1]).slice(-7);
    const sentence = "你好 世界 这 是 一个 测试 ".split(/(?<= )/u);
    const due = sentence.map((_, i) => `Live preview ${sentence.slice(0, i + 1).join("")}`);
    assert.deepEqual(grown.slice(-1), [`${due.at(-1)} Complete.`]);
    // A busy machine may draw two words with one frame, but never all.
    assert.ok(due.filter((text) => grown.includes(text)).length >= 4, grown.join("\n"));
    const log = received(await it.log());
    const chunks = ["你好 ", "世界 ", "这 ", "是 ", "一个 ", "测试 "].map((chunk) => `"${chunk}"`);
    assert.deepEqual(words(log), [...chunks, '"" (the end marker)']);
    assertApart(log.slice(0, 6));
  });

  test("level 5: two answers grow side by side, one is stopped, and what is lost is cut off", async (t) => {
    const eliza = await lesson(t, "assistant_server");
    const it = new Console(await open(t, "level5.html"));
    const answer = (id, words) => it.root.locator(".console-answers p", { hasText: new RegExp(`^${id} .*${words}`, "u") });
    await it.press("two answers");
    await answer("q2", "\\(completed\\)").waitFor();
    assert.equal(await it.root.locator(".console-command code").textContent(), "cargo run -p level5 --bin assistant_server");

    await it.connect(eliza.url);
    // What the recording's client says next is offered each time.
    await it.send();
    assert.match(await it.message.inputValue(), /"id":"q2"/);
    await it.send();
    await answer("q1", "again and again\\? \\(completed\\)").waitFor();
    await answer("q2", "了？ \\(completed\\)").waitFor();
    assert.equal(words(received(await it.log()))[0], 'delta q1 #0 "How "');
    await it.send('{"type":"sing"}');
    await it.root.locator(".console-log bdi", { hasText: /^error "/u }).waitFor();
    await it.press("Disconnect");
    await it.says("Closed. 1000");

    // These answers go on for as long as the test needs them.
    const options = ["--command", 'read line; echo "$line!"; sleep 600'];
    const slow = await lesson(t, "assistant_server", { options });
    await it.connect(slow.url);
    await it.send('{"type":"ask","id":"a","text":"One"}');
    await it.send('{"type":"ask","id":"b","text":"Two"}');
    await answer("a", "One!\\s*$").waitFor();
    await answer("b", "Two!\\s*$").waitFor();
    await it.send('{"type":"cancel","id":"a"}');
    await answer("a", "One!\\s*\\(cancelled\\)").waitFor();
    await answer("b", "Two!\\s*$").waitFor();
    slow.kill("SIGTERM");
    await it.says("Closed. 1001");
    await answer("b", "Two!\\s*\\(cut off\\)").waitFor();
  });

  test("level 6: a reader says where it begins, and each new line comes by itself", async (t) => {
    const { url } = await lesson(t, "logs_server");
    const it = new Console(await open(t, "level6.html"));
    assert.equal(await it.root.locator(".console-command code").textContent(), "cargo run -p level6 --bin logs_server");
    await it.connect(url);
    assert.equal(await it.message.inputValue(), '{"type":"subscribe","tail":2}');
    await it.send();
    const line = (seq) => it.root.locator(".console-log bdi", { hasText: new RegExp(`"type":"line","seq":${seq},`, "u") });
    await it.root.locator(".console-log bdi", { hasText: '"type":"hello"' }).waitFor();
    await line(1).waitFor();
    await line(2).waitFor();
    await it.send();
    await it.says("1008");
  });

  test("level 7: the server is told of this page, and the same id again has the same answer", async (t) => {
    const origin = `http://${SITE}`;
    const { url } = await lesson(t, "live_server", { options: ["--origin", origin] });
    const it = new Console(await open(t, "level7-machines.html"));
    const command = await it.root.locator(".console-command code").textContent();
    assert.equal(command, `cargo run -p level7 --bin live_server -- --origin ${origin}`);
    await it.connect(url);
    await it.send('{"type":"publish","id":"w-1","text":"a line"}');
    await it.send('{"type":"publish","id":"w-1","text":"other words"}');
    const answers = it.root.locator(".console-log bdi", { hasText: '{"type":"published","id":"w-1","seq":1}' });
    await answers.nth(1).waitFor();
  });

  test("level 7: a server that is not told of this page refuses it", async (t) => {
    const { url } = await lesson(t, "live_server");
    const it = new Console(await open(t, "level7-machines.html", { expected: /^WebSocket connection/ }));
    await it.address.fill(url);
    await it.press("Connect");
    await it.says("Start it with the command above, and connect again.");
  });

  test("the close codes of a server that refuses, stops or dies", async (t) => {
    const first = await lesson(t, "level4_translate_server");
    const it = new Console(await open(t, "level4.html"));
    const preview = it.root.locator(".console-preview");

    await it.connect(first.url);
    await it.root.getByRole("checkbox", { name: "as bytes" }).check();
    await it.send();
    await it.says("Closed. 1003: unsupported data");
    await it.root.getByRole("checkbox", { name: "as bytes" }).uncheck();

    await it.connect(first.url);
    await it.send("x".repeat(1024 * 1024 + 1));
    await it.says("Closed. 1009: message too big");

    await it.connect(first.url);
    await it.send("Hello world this is a test");
    await it.logged('"你好 "');
    first.kill("SIGTERM");
    await it.says("Closed. 1001: going away");
    await preview.getByText("Incomplete: the end marker is missing.").waitFor();

    const second = await lesson(t, "level4_translate_server");
    await it.connect(second.url);
    await it.send();
    await it.logged('"你好 "');
    second.kill("SIGKILL");
    await it.says("Connection lost: no Close frame has come.");
    await preview.getByText("Incomplete: the end marker is missing.").waitFor();
  });

  test("a message of 1 MiB is sent whole and shown cut, with its length", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    await it.connect(url);
    await it.send("é".repeat(1024 * 1024));
    await it.logged(`"Echo: ${"é".repeat(194)}…" (1,048,582 characters)`);
    await it.logged(`"${"é".repeat(200)}…" (1,048,576 characters)`);
  });

  test("two consoles on one page do not disturb each other", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const page = await open(t, "level1.html");
    const [first, second] = [new Console(page, 0), new Console(page, 1)];
    await first.connect(url);
    await second.connect(url.replace("127.0.0.1", "localhost"));
    await first.send("from the first");
    await second.send("from the second");
    assert.deepEqual(words(received(await first.logged('"Echo: from the first"'))), ['"Echo: from the first"']);
    assert.deepEqual(words(received(await second.logged('"Echo: from the second"'))), ['"Echo: from the second"']);
    await first.press("Disconnect");
    await first.says("Closed");
    await second.send("still there");
    await second.logged('"Echo: still there"');
  });

  test("markup from the wire is shown and never run", async (t) => {
    const { url } = await lesson(t, "level4_translate_server");
    const it = new Console(await open(t, "level4.html"));
    await it.connect(url);
    const markup = "<img/src=x/onerror=alert(1)><script>alert(2)</script><b>bold</b>";
    it.page.on("dialog", () => assert.fail("the markup was run"));
    await it.send(markup);
    await it.logged(`"${markup} "`);
    await it.root.locator(".console-preview").getByText(markup).waitFor();
    assert.equal(await it.root.locator("b, img[src], script").count(), 0);
  });

  test("every script and direction of writing arrives as it was sent", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    await it.connect(url);
    for (const [sent, shown] of [
      ["مرحبا שלום", "مرحبا שלום"],
      ["👩‍👩‍👧 🇨🇳 e\u0301", "👩‍👩‍👧 🇨🇳 e\u0301"],
      ['a "quote" \\ and a tab\t.', 'a \\"quote\\" \\\\ and a tab\\t.'],
      ["turned \u202e round", "turned \\u{202e} round"],
      ["", ""],
      [`${"x".repeat(199)}😀😀`, `${"x".repeat(199)}😀…`],
    ]) {
      await it.send(sent);
      await it.page.waitForFunction((text) => [...document.querySelectorAll(".console-log bdi")].some((it) => it.textContent.includes(text)), `"${shown}"`);
    }
  });

  test("the keyboard is enough, and mdBook's shortcuts stay out of the way", async (t) => {
    const { url } = await lesson(t, "level1_echo_server");
    const it = new Console(await open(t, "level1.html"));
    const { keyboard } = it.page;
    await it.address.focus();
    await keyboard.press("Control+A");
    await keyboard.type(url);
    await keyboard.press("Enter");
    await it.says("Connected.");
    await keyboard.press("Tab");
    assert.equal(await it.page.evaluate(() => document.activeElement.textContent), "Disconnect");
    await keyboard.press("Tab");
    await keyboard.press("Control+A");
    await keyboard.type("s/?");
    for (const key of ["ArrowLeft", "ArrowRight", "Home", "End"]) await keyboard.press(key);
    await keyboard.press("Enter");
    await it.logged('"Echo: s/?"');
    await keyboard.press("Tab");
    await keyboard.press("Space");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await it.logged("binary 73 2f 3f (3 bytes)");
    await it.root.locator(".console-log").focus();
    await keyboard.press("ArrowRight");
    assert.match(it.page.url(), /level1\.html$/);
    assert.equal(await it.page.locator("#mdbook-search-wrapper.hidden").count(), 1);
    assert.equal(await it.page.locator("#mdbook-help-container").isVisible(), false);
  });

  test("a screen reader hears the state, and what arrives", async (t) => {
    const { url } = await lesson(t, "level2_stream_server");
    const it = new Console(await open(t, "level2-stream.html"));
    const seen = await it.history('[aria-live="polite"], [role="status"]');
    await it.connect(url);
    await it.says("Closed");
    const heard = await seen();
    for (const words of ["Connected.", 'received "夜来风雨声，"', "Closed. 1000: normal, all is said."]) {
      assert.ok(heard.some((it) => it.endsWith(words)), `not heard: ${words}, but ${heard}`);
    }
    assert.equal(await it.root.getByRole("log", { name: "Log" }).count(), 1);
  });

  test("every exercise that is a server has a console that knows its command", async (t) => {
    const asked = new Set();
    for (const chapter of ["level1", "level2-conversation", "level2-stream", "level2-duplex", "level3", "level4", "level5"]) {
      const page = await open(t, `${chapter}.html`);
      for (const root of await page.locator("div.console").all()) {
        for (const server of (await root.getAttribute("data-server")).split(" ")) {
          asked.add(server);
          assert.ok(existsSync(binary(server)), `there is no program ${server}`);
        }
      }
      const it = new Console(page, (await page.locator("div.console").count()) - 1);
      const command = it.root.locator(".console-command code");
      for (const choice of await it.server.locator("option").allTextContents()) {
        await it.server.selectOption(choice);
        assert.match(await command.textContent(), new RegExp(`^cargo run (?:-p level5 )?--bin ${choice}\\b`));
      }
      await it.root.getByRole("button", { name: "Run mine against it" }).waitFor();
    }
    assert.equal([...asked].filter((name) => name.includes("_exercises_")).length, 12);
  });
});

describe("without one", { concurrency: 4 }, () => {
  test("the page says so, shows the command, and replays the recorded session", async (t) => {
    const page = await open(t, "level2-stream.html", { expected: REFUSED, permissions: ["clipboard-read", "clipboard-write"] });
    const it = new Console(page);
    const recorded = await it.log();
    assert.equal(recorded.length, 5, "the recording is there from the start");
    await it.address.fill(NOBODY);
    await it.press("Connect");
    await it.says(`No WebSocket server answers at ${NOBODY}.`);
    await it.says("Or replay the recorded session below.");
    assert.deepEqual(await it.log(), recorded, "a failure leaves the recording in its place");

    await it.press("Copy the command");
    await it.says("The command is copied.");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, "cargo run --bin level2_stream_server 127.0.0.1:1");

    await it.root.getByRole("combobox", { name: "Speed" }).selectOption("× 10");
    const start = Date.now();
    const seen = await it.history(".console-log ol");
    await it.press("Replay");
    await it.says("Replay complete.");
    assert.ok(new Set(await seen()).size > 3, "it comes bit by bit");
    assert.ok(Date.now() - start > 350, "4 s at 10 times the speed");
    assert.deepEqual(await it.log(), recorded);
  });

  test("a replay can be stopped, and a connection ends it", async (t) => {
    const { url } = await lesson(t, "level4_translate_server");
    const it = new Console(await open(t, "level4.html"));
    await it.press("Replay");
    await it.logged('"你好 "');
    await it.press("Stop");
    await it.says("Replay stopped.");
    await it.press("Replay");
    await it.connect(url);
    await pause(1500);
    assert.deepEqual(await it.log(), []);
  });

  test("on the web, Level 1 can be reached, and from Level 2 on the page says what to do", async (t) => {
    const web = { url: `http://book.example:${SITE.split(":")[1]}/` };
    const echo = await lesson(t, "level1_echo_server");
    await new Console(await open(t, "level1.html", web)).connect(echo.url);

    const poem = await lesson(t, "level2_stream_server");
    const it = new Console(await open(t, "level2-stream.html", { ...web, expected: REFUSED }));
    await it.address.fill(poem.url);
    await it.press("Connect");
    await it.says("let in no page from the web: open your own copy of this book.");
  });

  test("an address that is none, or of something else, or with TLS", async (t) => {
    const it = new Console(await open(t, "level4.html", { expected: REFUSED }));
    for (const [address, answer] of [
      ["not an address", "Cannot use the address"],
      ["ws://", "Cannot use the address"],
      ["ws://127.0.0.1:99999", "Cannot use the address"],
      ["", "Cannot use the address"],
      ["http://127.0.0.1", "Cannot use the address"],
      ["ws://127.0.0.1:1/#part", "Cannot use the address"],
      // A web server, and this page's own.
      [`  ${SITE}  `, `No WebSocket server answers at ws://${SITE}.`],
      [`wss://${SITE}`, "have no TLS: begin the address with ws://."],
    ]) {
      await it.address.fill(address);
      await it.press("Connect");
      await it.says(answer);
    }
  });

  test("something that listens and does not answer", async (t) => {
    const silent = createServer(() => {});
    await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
    t.after(() => silent.close());
    const it = new Console(await open(t, "level1.html", { expected: /^WebSocket connection/ }));
    await it.address.fill(`ws://127.0.0.1:${silent.address().port}`);
    await it.press("Connect");
    await it.says("Something is there and does not answer.");
    await it.press("Cancel");
    await it.says("Not connected: cancelled.");
    await it.page.context().close();
  });
});

test("even if markup got into the page, it could neither run nor load", async (t) => {
  const page = await open(t, "level1.html", { expected: /Content Security Policy|404/ });
  const blocked = page.waitForEvent("requestfailed", (request) => request.failure().errorText === "csp");
  await page.evaluate(() => {
    const markup = '<img src="http://127.0.0.1:1/x"><img src="x" onerror="window.ran = true">';
    document.body.insertAdjacentHTML("beforeend", markup);
    return new Promise((resolve) => document.body.lastElementChild.addEventListener("error", resolve));
  });
  await blocked;
  assert.equal(await page.evaluate(() => window.ran), undefined);
});

test("a page that was opened as a file works as well", async (t) => {
  const { url } = await lesson(t, "level2_stream_server");
  const it = new Console(await open(t, "level2-stream.html", { url: `file://${BOOK}/` }));
  await it.connect(url);
  await it.logged('"处处闻啼鸟。"');
});
