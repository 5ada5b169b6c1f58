// The page of Level 6, against the real server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import { Logs, REFUSED, logsServer } from "./logs.mjs";
import { pause, violations } from "./support.mjs";

const many = (count, name = "line") => Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);

describe("the page of the logs", { concurrency: 2 }, () => {
  test("lines come to two pages at once, with their numbers, and both know of each other", async (t) => {
    const server = await logsServer(t);
    server.write("before anybody came");
    const pages = [await Logs.open(t, server), await Logs.open(t, server)];
    for (const it of pages) await it.says("Connected.");
    server.write("", "one", "two");
    for (const it of pages) {
      await it.has("two");
      assert.deepEqual(await it.texts(), ["before anybody came", "", "one", "two"]);
      assert.deepEqual(await it.page.locator(".seq").allTextContents(), ["     1", "     2", "     3", "     4"]);
      await it.says("Connected.");
      await it.page.locator("#readers strong").getByText("2", { exact: true }).waitFor();
      await it.counts("4 lines");
    }
  });

  test("the speed is drawn, and what was there before counts for nothing", async (t) => {
    const server = await logsServer(t);
    server.write(...many(500, "old"));
    await pause(300);
    const it = await Logs.open(t, server);
    await it.has("old 500");
    const rate = it.page.getByRole("img", { name: /^Lines a second in the last minute/ });
    const heights = async () => (await rate.locator("path").getAttribute("d")).match(/v-[\d.]+/g) ?? [];
    server.write(...many(300, "new"));
    await it.has("new 300");
    await it.page.getByRole("img", { name: /at most 300$/ }).waitFor();
    assert.ok((await heights()).includes("v-20"), "the highest bar fills the picture");
    assert.equal(await it.page.locator("#rate small").textContent(), "max 300");
  });

  test("a pause keeps still and counts what is new, and then it follows again", async (t) => {
    const server = await logsServer(t);
    server.write(...many(200));
    const it = await Logs.open(t, server);
    await it.has("line 200");
    assert.ok(await it.isAtEnd());
    await it.press("Pause");
    await it.counts("200 lines · paused, 0 new lines");
    const before = await it.view.screenshot();
    server.write(...many(15, "new"));
    await it.counts("200 lines · paused, 15 new lines");
    assert.ok(before.equals(await it.view.screenshot()), "not a point of the list has changed");
    await it.press("Follow");
    await it.has("new 15");
    await it.counts("215 lines");
    assert.ok(await it.isAtEnd());
    await it.press("Pause");
    await it.counts("215 lines · paused, 0 new lines");
  });

  test("who scrolls back pauses, and who comes to the end again follows", async (t) => {
    const server = await logsServer(t);
    server.write(...many(400));
    const it = await Logs.open(t, server);
    await it.has("line 400");
    await it.view.focus();
    await it.page.keyboard.press("PageUp");
    await it.count.getByText(/paused/).waitFor();
    server.write("while away");
    await it.counts("400 lines · paused, 1 new line");
    await it.page.keyboard.press("End");
    await it.has("while away");
    await it.counts("401 lines");
  });

  test("a filter shows the lines that have the words, also of those that come", async (t) => {
    const server = await logsServer(t);
    server.write(...many(30, "GET"), ...many(600, "put"));
    const it = await Logs.open(t, server);
    await it.has("put 600");
    await it.filter.fill("get 2");
    await it.counts("11 of 630 lines");
    assert.ok((await it.texts()).every((text) => text.startsWith("GET 2")));
    assert.deepEqual(new Set(await it.shown.locator("mark").allTextContents()), new Set(["GET 2"]));
    assert.ok(await it.view.evaluate((view) => view.scrollHeight === view.clientHeight), "no empty room remains");
    server.write("another get 2", "another put");
    await it.counts("12 of 632 lines");
    assert.equal((await it.texts()).at(-1), "another get 2");
    await it.filter.press("Escape");
    await it.counts("632 lines");
    assert.equal(await it.page.locator("mark").count(), 0);
    assert.ok(await it.isAtEnd());
  });

  test("markup, escape sequences and what turns a line around are text", async (t) => {
    const server = await logsServer(t);
    const it = await Logs.open(t, server);
    const nasty = "<img src=x onerror=\"document.title='taken'\"><b>bold</b> &amp; \x1b]0;title\x07\x1b[2J\x7f\x9b31m a\tb";
    server.write(nasty, "evil \u202etxt.exe \u2066x", `<script>document.title='taken'</script>`);
    await it.has(`<script>document.title='taken'</script>`);
    const [first, second] = await it.texts();
    assert.equal(first, "<img src=x onerror=\"document.title='taken'\"><b>bold</b> &amp; ␛]0;title␇␛[2J␡\\u{9b}31m a\tb");
    assert.equal(second, "evil \\u{202e}txt.exe \\u{2066}x");
    await it.filter.fill("<b>");
    await it.counts("1 of 3 lines");
    assert.equal(await it.page.locator("#lines :is(img, b, script)").count(), 0);
    assert.equal(await it.page.title(), "Live log");
  });

  test("standard error is marked with a word, and can be looked at alone", async (t) => {
    const server = await logsServer(t, { command: ["sh", "-c", "echo good; echo bad >&2; sleep 60"] });
    const it = await Logs.open(t, server);
    await it.counts("2 lines");
    const bad = it.rows.filter({ hasText: "bad" });
    assert.equal(await bad.locator(".badge").textContent(), "stderr");
    assert.equal(await it.page.locator(".badge").count(), 1);
    await it.page.getByRole("checkbox", { name: "Only stderr" }).check();
    await it.counts("1 of 2 lines");
    assert.deepEqual(await it.texts(), ["bad"]);
  });

  test("the end is told with its status, and nobody comes back after it", async (t) => {
    const server = await logsServer(t, { command: ["sh", "-c", "echo last words; exit 3"] });
    let connections = 0;
    const it = await Logs.open(t, server, { by: (page) => {
      connections += 1;
      page.connectToServer();
    } });
    await it.says("The log has ended with status 3.");
    await it.has("last words");
    assert.equal(await it.page.getByRole("button", { name: "Connect now" }).isVisible(), false);
    await pause(1000);
    assert.equal(connections, 1);
  });

  test("the lines that are shown can be saved", async (t) => {
    const server = await logsServer(t);
    const it = await Logs.open(t, server, { acceptDownloads: true });
    server.write("keep <this>", "not that", "and keep 春");
    await it.counts("3 lines");
    await it.filter.fill("keep");
    await it.counts("2 of 3 lines");
    const coming = it.page.waitForEvent("download");
    await it.press("Save");
    const download = await coming;
    assert.equal(download.suggestedFilename(), "log.txt");
    assert.match(readFileSync(await download.path(), "utf8"), /^[\d:.]{12} keep <this>\n[\d:.]{12} and keep 春\n$/);
  });
});

test("10,000 lines in a burst do not hold up who types, and the list is bounded", async (t) => {
  const server = await logsServer(t);
  const it = await Logs.open(t, server);
  server.write("the first");
  await it.has("the first");
  await it.page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - last);
      last = now;
      setTimeout(tick);
    };
    tick();
    // What is drawn in one frame is seen at once.
    window.portion = 0;
    const rows = (changes) => changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ localName }) => localName === "p");
    new MutationObserver((changes) => { window.portion = Math.max(window.portion, rows(changes).length); })
      .observe(document.getElementById("lines"), { childList: true, subtree: true });
  });
  server.write(...many(10_000, "burst"));
  // While they come: the page takes what is typed.
  await it.filter.pressSequentially("burst 77");
  await it.counts("111 of 10,001 lines");
  await it.filter.fill("");
  await it.counts("10,001 lines");
  await it.filter.fill("99");
  await it.counts("280 of 10,001 lines");
  assert.ok(await it.view.evaluate((view) => view.scrollHeight < 280 * 40), "no empty room remains");
  await it.filter.fill("");
  await it.counts("10,001 lines");
  const longest = await it.page.evaluate(() => window.longest);
  t.diagnostic(`the page was busy for ${Math.round(longest)} ms at most`);
  // What comes during a pause is bounded, too, and shows no lines beside each other that were apart.
  await it.press("Pause");
  for (let i = 0; i < 26; i += 1) {
    // A little later each, or the server has more than it keeps before it can send.
    server.write(...many(13_000, "more").slice(500 * i, 500 * i + 500));
    await pause(50);
  }
  await it.counts("10,001 lines · paused, 13,000 new lines");
  assert.equal((await it.texts())[0], "the first");
  await it.press("Follow");
  await it.has("more 13000");
  await it.counts("12,500 lines");
  assert.deepEqual(await it.texts(), many(13_000, "more").slice(500));
  const portion = await it.page.evaluate(() => window.portion);
  assert.ok(portion > 0 && portion <= 125, `${portion} lines were drawn in one frame`);
  server.write("one more");
  await it.has("one more");
  await it.counts("12,500 lines");
  assert.deepEqual((await it.texts()).slice(0, 1), ["more 502"]);
});

describe("for everybody", { concurrency: 2 }, () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe knows of no violation, ${colorScheme}`, async (t) => {
      const server = await logsServer(t, { command: ["sh", "-c", "echo good; echo bad >&2; seq 200; sleep 60"] });
      const it = await Logs.open(t, server, { colorScheme, expected: REFUSED });
      await it.has("200");
      assert.deepEqual(await violations(it.page), []);
      await it.filter.fill("d");
      await it.press("Pause");
      await it.count.getByText(/paused/).waitFor();
      assert.deepEqual(await violations(it.page), []);
      await server.kill();
      await it.says("Connection lost.");
      assert.deepEqual(await violations(it.page), []);
    });
  }

  test("in a Chinese browser the page speaks Chinese, in all its states", async (t) => {
    const server = await logsServer(t);
    const it = await Logs.open(t, server, { locale: "zh-CN", expected: REFUSED });
    await it.says("已连接。");
    assert.equal(await it.page.evaluate(() => document.documentElement.lang), "zh-CN");
    assert.equal(await it.page.title(), "实时日志");
    await it.page.getByRole("region", { name: "日志内容" }).waitFor();
    server.write("一", "two");
    await it.counts("2 行");
    await it.page.getByRole("searchbox", { name: "过滤" }).fill("t");
    await it.counts("匹配 1 行，共 2 行");
    await it.press("暂停");
    await it.counts("匹配 1 行，共 2 行 · 已暂停，新增 0 行");
    server.write("three");
    await it.counts("匹配 1 行，共 2 行 · 已暂停，新增 1 行");
    await it.page.getByRole("img", { name: /^每秒行数，最近一分钟：当前 \d+，最高 \d+$/ }).waitFor();
    await it.page.getByRole("img", { name: /^读者，/ }).waitFor();
    assert.deepEqual(await violations(it.page), []);
    await it.press("跟随");
    await server.kill();
    await it.says(/^连接断开，自动重连：还有 \d+ 秒。$/);
    await it.page.getByRole("button", { name: "立即连接" }).waitFor();
    assert.equal(await it.page.title(), "连接断开 – 实时日志");
    assert.deepEqual(await violations(it.page), []);
    await it.page.getByRole("searchbox", { name: "过滤" }).fill("");
    await it.has("three");
    const words = await it.page.evaluate(() => document.body.innerText);
    assert.deepEqual(words.match(/[A-Za-z]+/g), ["stderr", "two", "three"], "no other English is left");
  });

  test("the end of a log is told in Chinese, with its status", async (t) => {
    const server = await logsServer(t, { command: ["sh", "-c", "seq 30000; exit 3"] });
    const it = await Logs.open(t, server, { locale: "zh-CN" });
    await it.says("日志已结束，退出状态 3。");
    assert.equal(await it.page.title(), "已结束 – 实时日志");
  });

  test("on a telephone nothing is wider than the page, with and without wrapping", async (t) => {
    const server = await logsServer(t, { command: ["sh", "-c", `echo ${"x".repeat(3000)}; echo ${"wide ".repeat(300)} >&2; sleep 60`] });
    for (const width of [390, 320]) {
      const it = await Logs.open(t, server, { viewport: { width, height: 740 } });
      await it.counts("2 lines");
      const isNarrow = () => it.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      assert.ok(await isNarrow());
      assert.ok(await it.view.evaluate((view) => view.scrollWidth <= view.clientWidth), "wrapped lines need no scrolling");
      await it.page.getByRole("checkbox", { name: "Wrap" }).uncheck();
      assert.ok(await it.view.evaluate((view) => view.scrollWidth > 3 * view.clientWidth), "long lines scroll in the list");
      assert.ok(await isNarrow());
      const small = await it.page.locator("button, input[type=search], label").evaluateAll((all) =>
        all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).length);
      assert.equal(small, 0, "targets of 24 pixels at least");
    }
  });

  test("all can be reached and done by key", async (t) => {
    const server = await logsServer(t);
    const it = await Logs.open(t, server);
    server.write("one", "two");
    await it.counts("2 lines");
    const focused = () => it.page.evaluate(() => document.activeElement.id);
    const order = [];
    for (let i = 0; i < 6; i += 1) {
      await it.page.keyboard.press("Tab");
      order.push(await focused());
      if (order.at(-1) === "follow") {
        await it.page.keyboard.press("Enter");
        await it.counts("2 lines · paused, 0 new lines");
        assert.equal(await focused(), "follow", "the button stays where it is");
      }
    }
    assert.deepEqual(order, ["filter", "errors", "wrap", "save", "follow", "view"]);
  });
});
