// The live console of each level, against its servers.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Console, SITE, lesson, open, received, words } from "./support.mjs";

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
    const line = (seq) => it.root.locator(".console-log bdi", { hasText: new RegExp(`^line ${seq} "`, "u") });
    const hello = it.root.locator(".console-log bdi", { hasText: /^hello \w+ 1 to \d+$/u });
    const last = Number((await hello.textContent()).split(" ").at(-1));
    await line(last + 1).waitFor();
    await line(last + 2).waitFor();
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
});
