// The page of the assistant, with its real server.

import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";

import { Assistant, FAILED } from "./assistant.mjs";
import { lesson, open, pause, violations } from "./support.mjs";

const SERVER = "assistant_server";
const CHINESE = /\p{Script=Han}/u;
/** ELIZA gives the words back, one each 50 ms: longer than any test takes. */
const LONG = `I am ${"one of many words ".repeat(400)}`;
const page = (url) => url.replace(/^ws/, "http").replace(/\/?$/, "/");

const visit = async (t, { url }, options = {}) => new Assistant(await open(t, "", { url: page(url), expected: FAILED, ...options }));

describe("the page of the assistant", { concurrency: 3 }, () => {
  test("shows an answer that grows word by word, to its end", async (t) => {
    const it = await visit(t, await lesson(t, SERVER));
    await it.connected();
    const seen = await it.grows();
    await it.ask("I am tired of polling");
    await it.ends(0, "completed");
    const steps = await seen();
    assert.ok(steps.length >= 3, `it has come in ${steps.length} steps`);
    steps.reduce((before, after) => (assert.ok(after.startsWith(before), `${before} | ${after}`), after));
    assert.equal(steps.at(-1), await it.words(0));
    assert.equal(await it.remark(0), "");
    assert.equal(await it.question.inputValue(), "", "there is room for the next question");
    assert.equal(await it.stops.count(), 0);
  });

  test("answers in Chinese, as one of the examples asks", async (t) => {
    const it = await visit(t, await lesson(t, SERVER));
    await it.connected();
    await it.page.getByRole("button", { name: "我总是在等待" }).click();
    await it.ends(0, "completed");
    assert.match(await it.words(0), /\p{Script=Han}/u);
    assert.equal(await it.page.getByRole("heading", { name: "Hello" }).isVisible(), false);
  });

  test("stops an answer, and keeps what has come", async (t) => {
    const it = await visit(t, await lesson(t, SERVER));
    await it.connected();
    await it.ask(LONG);
    await it.says(0, "many words");
    await it.page.getByRole("button", { name: /^Stop the answer to: I am one/ }).click();
    await it.ends(0, "cancelled");
    const words = await it.words(0);
    assert.match(words, /many words/);
    assert.equal(await it.remark(0), "Stopped");
    await pause(300);
    assert.equal(await it.words(0), words, "after its end nothing comes");
  });

  test("shows two answers at once, each in its own place, and stops the newest by key", async (t) => {
    const it = await visit(t, await lesson(t, SERVER));
    await it.connected();
    await it.ask(LONG);
    await it.ask(`${LONG} too`);
    await it.says(0, "many words");
    await it.says(1, "many words");
    assert.equal(await it.stops.count(), 2);
    // In Chinese, Escape ends a word that is being composed, and not an answer.
    await it.question.dispatchEvent("keydown", { key: "Escape", isComposing: true });
    await it.question.press("Escape");
    await it.ends(1, "cancelled");
    const words = await it.words(0);
    await it.page.waitForFunction((before) => document.querySelector(".words").textContent.length > before + 20, words.length);
    assert.equal(await it.status(0), undefined, "the other one goes on");
    await it.question.press("Escape");
    await it.ends(0, "cancelled");
  });

  test("marks as cut off what a lost server leaves, and connects when one is back", async (t) => {
    const server = await lesson(t, SERVER);
    const it = await visit(t, server);
    await it.connected();
    await it.ask(LONG);
    await it.says(0, "many words");
    server.kill("SIGKILL");
    await it.ends(0, "cut off");
    assert.match(await it.words(0), /many words/);
    assert.equal(await it.remark(0), "Cut off: the connection was lost");
    await it.state.filter({ hasText: "No connection" }).waitFor();
    assert.ok(await it.send.isDisabled());
    await lesson(t, SERVER, { address: new URL(server.url).host });
    await it.connected();
    await it.ask("I am back");
    await it.ends(1, "completed");
  });

  test("takes a polite goodbye for a lost connection, too, and waits for the server", async (t) => {
    const server = await lesson(t, SERVER);
    const it = await visit(t, server);
    await it.connected();
    await it.ask(LONG);
    await it.says(0, "many words");
    server.kill("SIGTERM");
    await it.ends(0, "cut off");
    await it.state.filter({ hasText: "No connection" }).waitFor();
  });

  test("shows what any program answers as it is, and that it failed where it did", async (t) => {
    const it = await visit(t, await lesson(t, SERVER, { options: ["--command", "cat"] }));
    await it.connected();
    const markup = `<img src=x onerror="ran = 1"><script>ran = 1</script><b>你好</b>&lt;`;
    await it.ask(markup);
    await it.ends(0, "completed");
    assert.equal((await it.words(0)).trim(), markup);
    const failing = await visit(t, await lesson(t, SERVER, { options: ["--command", "false"] }));
    await failing.connected();
    await failing.ask("Why?");
    await failing.ends(0, "failed");
    assert.match(await failing.remark(0), /^Failed: \S+/);
  });

  test("can stop an answer without end, whose newest words it shows", async (t) => {
    const it = await visit(t, await lesson(t, SERVER, { options: ["--command", "yes"] }));
    await it.connected();
    await it.ask("Are you there?");
    await it.page.waitForFunction(() => document.querySelector(".words.cut")?.textContent.length === 100_000);
    await it.question.press("Escape");
    await it.ends(0, "cancelled");
    assert.match(await it.words(0), /^(y\n|\n)[y\n]*y?$/);
  });

  test("shows what the server refuses: the ninth at once, and what is too long", async (t) => {
    const it = await visit(t, await lesson(t, SERVER));
    await it.connected();
    for (let i = 0; i < 9; i += 1) await it.ask(LONG);
    await it.ends(8, "refused");
    assert.match(await it.remark(8), /^Refused: .*8/);
    assert.equal(await it.stops.count(), 8);
    await it.ask("x".repeat(9000));
    await it.ends(9, "refused");
    assert.match(await it.remark(9), /^Refused: \S+/);
    assert.equal(await it.stops.count(), 8);
    assert.equal(await it.status(0), undefined, "the others go on");
  });

  test("would run nothing of an answer even if it took it for markup", async (t) => {
    const it = await visit(t, await lesson(t, SERVER), { expected: /Content Security Policy|^WebSocket connection/ });
    await it.connected();
    await it.page.evaluate(() => {
      window.refused = [];
      document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "window.ran = 1";
      const styled = document.createElement("p");
      styled.setAttribute("style", "color: red");
      const image = document.createElement("img");
      image.src = "https://evil.example/pixel";
      document.body.append(script, styled, image);
    });
    await it.page.waitForFunction(() => window.refused.length >= 3);
    const refused = await it.page.evaluate(() => window.refused.sort());
    assert.deepEqual(refused, ["img-src", "script-src-elem", "style-src-attr"]);
    assert.equal(await it.page.evaluate(() => window.ran), undefined);
  });

  test("can be used by keys alone, and says where they are", async (t) => {
    const it = await visit(t, await lesson(t, SERVER));
    await it.connected();
    const keys = it.page.keyboard;
    const isFocused = (locator) => locator.evaluate((it) => it === document.activeElement);
    assert.ok(await isFocused(it.question), "one can type at once");
    await keys.insertText(LONG);
    await keys.press("Enter");
    await it.says(0, "many words");
    const stop = it.stops.first();
    await keys.press("Shift+Tab");
    assert.ok(await isFocused(stop));
    assert.notEqual(await stop.evaluate((it) => getComputedStyle(it).outlineStyle), "none");
    await keys.press("Enter");
    await it.ends(0, "cancelled");
    assert.ok(await isFocused(it.question), "the button is gone, and the focus is not");
    // What scrolls can be reached, too.
    await keys.press("Shift+Tab");
    assert.ok(await isFocused(it.page.getByRole("main")));
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`has no violation that axe knows of, ${colorScheme}`, async (t) => {
      const server = await lesson(t, SERVER);
      const it = await visit(t, server, { colorScheme, reducedMotion: "reduce" });
      await it.connected();
      assert.deepEqual(await violations(it.page), [], "at its start");
      await it.ask(LONG);
      await it.ask(`${LONG} too`);
      await it.says(1, "many words");
      await it.question.press("Escape");
      await it.ends(1, "cancelled");
      assert.deepEqual(await violations(it.page), [], "with one that runs and one that was stopped");
      server.kill("SIGKILL");
      await it.ends(0, "cut off");
      await it.state.filter({ hasText: "No connection" }).waitFor();
      assert.deepEqual(await violations(it.page), [], "without its server");
      const back = await it.page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      assert.equal(back.every((part) => part < 60), colorScheme === "dark");
    });
  }

  test("speaks Chinese where the browser does, or the address asks for it", async (t) => {
    const server = await lesson(t, SERVER);
    const it = await visit(t, server, { locale: "zh-CN", reducedMotion: "reduce" });
    const press = (name) => it.page.getByRole("button", { name, exact: true }).click();
    await it.state.filter({ hasText: /^已连接$/ }).waitFor();
    assert.equal(await it.page.evaluate(() => document.documentElement.lang), "zh-CN");
    assert.equal(await it.page.title(), "助手");
    assert.deepEqual(await violations(it.page), [], "at its start");
    await press("我觉得轮询太累了");
    await it.ends(0, "completed");
    assert.match(await it.words(0), CHINESE, "it is asked in Chinese, and answers so");
    await it.page.getByRole("textbox", { name: "你的问题" }).fill(LONG);
    await press("发送");
    await it.page.getByRole("button", { name: /^停止回答：I am one/ }).click();
    await it.ends(1, "cancelled");
    assert.equal(await it.remark(1), "已停止");
    await it.page.getByRole("textbox", { name: "你的问题" }).fill(LONG);
    await press("发送");
    await it.says(2, "many words");
    assert.deepEqual(await violations(it.page), [], "with an answer that comes");
    server.kill("SIGKILL");
    await it.ends(2, "cut off");
    assert.equal(await it.remark(2), "中断：连接断开");
    await it.state.filter({ hasText: /^没有连接，\d+ 秒后重试$/ }).waitFor();
    await it.page.getByRole("button", { name: "立即重试" }).waitFor();
    const words = await it.page.evaluate(() => document.body.innerText);
    assert.doesNotMatch(words.replaceAll(/I am.*|You are.*|one of many.*|Why do you.*/g, ""), /connect|stop|send|answer/i);
  });

  test("speaks English to a Chinese browser that asks for it, and Chinese to another that does", async (t) => {
    const server = await lesson(t, SERVER);
    for (const [locale, language, words] of [["zh-CN", "en", "Connected"], ["en-US", "zh", "已连接"]]) {
      const it = new Assistant(await open(t, `?lang=${language}`, { url: page(server.url), expected: FAILED, locale }));
      await it.state.filter({ hasText: words }).waitFor();
    }
  });

  test("is for pages of this machine: another site's is refused", async (t) => {
    const { url } = await lesson(t, SERVER);
    const headers = {
      Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", Origin: "https://evil.example",
    };
    const status = (headers) => new Promise((resolve, reject) => {
      const asked = request(page(url), { headers });
      asked.on("response", (response) => resolve(response.resume().statusCode));
      asked.on("upgrade", (response, socket) => resolve(socket.destroy() && response.statusCode));
      asked.on("error", reject).end();
    });
    assert.equal(await status(headers), 403);
    assert.equal(await status({ ...headers, Origin: new URL(page(url)).origin }), 101);
  });
});
