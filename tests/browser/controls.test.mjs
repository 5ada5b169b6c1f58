// The console's controls: scenarios, steps, clients, the address, and the frame behind a row.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Console, lesson, open, pause, received, words } from "./support.mjs";

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
