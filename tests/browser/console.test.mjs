// The live console, against the lessons' own servers.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { describe, test } from "node:test";

import { BOOK, Console, SITE, binary, lesson, open, pause, received, words } from "./support.mjs";

const REFUSED = /^WebSocket connection to '\S+' failed/;
/** Nobody may listen here: the port of TCP's own multiplexer. */
const NOBODY = "ws://127.0.0.1:1";

describe("with the lesson's server", { concurrency: 4 }, () => {
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
