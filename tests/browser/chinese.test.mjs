// The Chinese edition: its search, its console, and the way to it and back.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { BOOK, Console, ROOT, lesson, open } from "./support.mjs";

// In every language, into the folder that is served.
execFileSync(join(ROOT, ".ci/book"), [BOOK], { stdio: "pipe" });

const CHINESE = /\p{Script=Han}/u;

const search = async (page, term) => {
  await page.locator("#mdbook-search-toggle").click();
  await page.locator("#mdbook-searchbar").pressSequentially(term);
  return page.locator("#mdbook-searchresults li");
};

test("the search finds Chinese in the middle of a sentence, and shows where it is", async (t) => {
  const page = await open(t, "zh-CN/welcome.html");
  const found = await search(page, "套接字");
  await found.first().waitFor();
  assert.match(await page.locator("#mdbook-searchresults-header").textContent(), /^找到 \d+ 处“套接字”：$/);
  for (const teaser of await found.locator(".teaser em").allTextContents()) assert.match(teaser, /套接字/);
  await found.first().locator("a").click();
  // It is marked in the page.
  await page.locator("main mark").first().waitFor();
});

test("the search finds the term backpressure in Chinese", async (t) => {
  const page = await open(t, "zh-CN/welcome.html");
  await (await search(page, "背压")).first().waitFor();
});

test("an address with a search is searched at once", async (t) => {
  const page = await open(t, `zh-CN/level1.html?search=${encodeURIComponent("回声")}`);
  await page.locator("#mdbook-searchresults li").first().waitFor();
});

test("what is not there is said in Chinese", async (t) => {
  const page = await open(t, "zh-CN/welcome.html");
  await search(page, "没有这个词组");
  await page.locator("#mdbook-searchresults-header", { hasText: "没有找到“没有这个词组”。" }).waitFor();
});

test("the English search is mdBook's own", async (t) => {
  const page = await open(t, "welcome.html");
  await (await search(page, "handshakes")).first().waitFor();
});

test("the switch stays on the page and at its heading, both ways", async (t) => {
  for (const path of ["level1.html#the-client", "ideas/frames.html", "print.html"]) {
    const page = await open(t, path);
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
    await page.locator(".menu-bar a.language").click();
    await page.waitForURL(`**/zh-CN/${path}`);
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
    const id = path.split("#")[1];
    if (id) assert.equal(await page.locator(`[id="${id}"]`).count(), 1);
    await page.locator(".menu-bar a.language").click();
    await page.waitForURL((url) => url.href.endsWith(`/${path}`) && !url.href.includes("zh-CN"));
  }
});

test("the first page has no file in its address, and its switch works", async (t) => {
  const page = await open(t, "");
  await page.locator(".menu-bar a.language").click();
  await page.waitForURL("**/zh-CN/");
});

test("the console speaks Chinese from its first words to the close", async (t) => {
  const page = await open(t, "zh-CN/level1.html");
  const { url } = await lesson(t, "level1_echo_server");
  const live = new Console(page);
  await live.says(/^未连接。/);
  // All that it shows, but names, commands, and what is sent.
  const words = await live.root.locator(".console-panel").evaluate((panel) =>
    [...panel.querySelectorAll("button, label > span, .console-caption, .console-state, .console-legend li")].map((it) => it.textContent.trim()));
  assert.deepEqual(words.filter((it) => it !== "" && !/\p{Script=Han}/u.test(it)), []);
  await live.root.locator("input").first().fill(url);
  await live.press("连接");
  await live.says("已连接。");
  await live.press("发送");
  await live.logged('"Echo: Hello WebSocket!"');
  await live.press("断开");
  await live.says(/^已关闭。/);
});

test("the print page is Chinese, with its recordings", async (t) => {
  const page = await open(t, "zh-CN/print.html");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
  assert.match(await page.locator("main h1").first().textContent(), CHINESE);
  assert.ok(await page.locator("div.console > pre").count() > 0);
});

test("the wrong way and the right one are marked as in English, and alerts have their Chinese titles", async (t) => {
  const ways = async (path) => {
    const page = await open(t, path);
    return page.locator("main .way").evaluateAll((marks) => marks.map(({ className, dataset }) => [className, dataset.word]));
  };
  const [english, chinese] = [await ways("print.html"), await ways("zh-CN/print.html")];
  assert.ok(english.length > 10);
  assert.deepEqual(chinese.map(([name]) => name), english.map(([name]) => name));
  assert.deepEqual(new Set(chinese.map(([, word]) => word)), new Set(["✗ 错误", "✓ 正确"]));
  const page = await open(t, "zh-CN/print.html");
  assert.deepEqual(new Set(await page.locator("p.alert").allTextContents()), new Set(["警告", "重要"]));
});

test("no Chinese page is wider than a telephone", async (t) => {
  for (const path of ["welcome", "setup", "level1"]) {
    const page = await open(t, `zh-CN/${path}.html`, { viewport: { width: 360, height: 740 } });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, path);
  }
});

test("what the scripts say has its Chinese, and the dictionary holds nothing else", () => {
  const theme = join(ROOT, "book/theme");
  const scripts = readdirSync(theme, { recursive: true }).map(String)
    .filter((path) => path.endsWith(".js") && !/^words/.test(path));
  const said = scripts.flatMap((path) => templates(readFileSync(join(theme, path), "utf8")));
  assert.ok(said.length > 150);
  // `count` makes both numbers of a noun.
  const nouns = ["message", "character", "byte"].flatMap((noun) => [`{} ${noun}`, `{} ${noun}s`]);
  const all = new Set([...said, ...nouns, "{} earlier entry", "{} earlier entries"]);
  globalThis.courseWords = {};
  const source = readFileSync(join(theme, "words/zh-CN.js"), "utf8");
  // eslint-disable-next-line no-new-func -- a classic script.
  new Function("courseWords", source)(globalThis.courseWords);
  const words = globalThis.courseWords["zh-CN"];
  assert.deepEqual([...all].filter((english) => words[english] === undefined), [], "without Chinese");
  // mdBook's own words stand before the first of ours.
  const ours = Object.keys(words).slice(Object.keys(words).indexOf("Skip to the text"));
  assert.deepEqual(ours.filter((english) => !all.has(english)), [], "said by nobody");
  const holes = (text) => text.match(/\{\d?\}/gu)?.length ?? 0;
  assert.deepEqual(ours.filter((english) => holes(english) !== holes(words[english])), [], "other values");
});

/** The keys of all templates with the tag `say`, also within one another. */
function templates(source) {
  const found = [];
  for (const { index } of source.matchAll(/say`/gu)) {
    let key = "";
    let at = index + 4;
    // How deep we are: each `${` in a template, and each template within it.
    for (const open = ["`"]; open.length > 0; at += 1) {
      const top = open.at(-1);
      const two = source.slice(at, at + 2);
      if (top === "`" && source[at] === "`") open.pop();
      else if (top === "`" && two === "${") {
        if (open.length === 1) key += "{}";
        open.push("{");
        at += 1;
      } else if (top === "{" && source[at] === "}") open.pop();
      else if (top === "{" && "`{".includes(source[at])) open.push(source[at]);
      else if (open.length === 1) key += source[at];
    }
    found.push(key);
  }
  return found;
}

/** The dictionary of a page's words, and all that the page and its scripts say. */
function pageWords(level, dictionary, scripts) {
  const file = (name) => readFileSync(join(ROOT, `lessons/${level}/page/${name}`), "utf8");
  const object = /^(?:const CHINESE = |Object\.assign\(CHINESE, )(\{.*?^\})/msu.exec(file(dictionary))[1];
  const words = JSON.parse(object.replace(/,(?=\s*\})/gu, ""));
  // What nobody translates: keys of a keyboard, what shows without scripts, an example in Chinese.
  const html = file("index.html").replace(/<!--.*?-->|<(script|noscript|kbd)\b.*?<\/\1>/gsu, "<>");
  const texts = [...html.matchAll(/>([^<]+)(?=<)/gu), ...html.matchAll(/\s(?:aria-label|placeholder|title)="([^"]*)"/gu)]
    .map(([, text]) => text.trim().replace(/\s+/gu, " "))
    .filter((text) => /[A-Za-z]/u.test(text));
  return { words, said: new Set([...texts, ...scripts.flatMap((name) => templates(file(name)))]) };
}

test("what the pages of Levels 5 to 7 say has its Chinese, and the dictionaries hold nothing else", () => {
  const assistant = pageWords("level5", "words.js", ["page.js"]);
  const logs = pageWords("level6", "words.js", ["chart.js", "connection.js", "list.js", "page.js", "rows.js"]);
  const login = pageWords("level7", "login_words.js", ["login.js"]);
  // Level 7's page is Level 6's, and a login.
  login.said = new Set([...login.said].filter((english) => !logs.said.has(english)));
  for (const { words, said } of [assistant, logs, login]) {
    assert.ok(said.size > 1);
    assert.deepEqual([...said].filter((english) => words[english] === undefined), [], "without Chinese");
    assert.deepEqual(Object.keys(words).filter((english) => !said.has(english)), [], "said by nobody");
    const holes = (text) => text.match(/\{\d?\}/gu)?.length ?? 0;
    assert.deepEqual([...said].filter((english) => holes(english) !== holes(words[english])), [], "other values");
  }
});
