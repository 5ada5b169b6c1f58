// What some chapters can do besides being read: the replay, the ticks, the page that translates.

import assert from "node:assert/strict";
import { test } from "node:test";

import { lesson, open } from "./support.mjs";

test("the first page plays a translation word by word, and again when asked", async (t) => {
  const page = await open(t, "welcome.html");
  const preview = page.locator(".replay .console-preview");
  const whole = "你好 世界 这 是 一个 测试 ";
  // By itself, to the end.
  await preview.filter({ hasText: `${whole}Complete.` }).waitFor();
  // Again, and noted by the page itself: a busy machine may be too late to see each step.
  await preview.evaluate((element) => {
    globalThis.seen = [];
    const note = () => globalThis.seen.push(element.textContent);
    new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true });
  });
  await page.getByRole("button", { name: "Play again" }).click();
  await page.waitForFunction(() => globalThis.seen.at(-1)?.includes("Complete"));
  const seen = await page.evaluate(() => globalThis.seen);
  for (let words = 1; words < 6; words += 1) {
    const part = whole.split(" ").slice(0, words).join(" ");
    assert.ok(seen.some((text) => text.trim() === `Live preview ${part}`), `${part} was not shown: ${JSON.stringify(seen)}`);
  }
});

test("who wants no motion sees the whole translation at once", async (t) => {
  const page = await open(t, "welcome.html", { reducedMotion: "reduce" });
  assert.match(await page.locator(".replay .console-preview").textContent(), /测试 {2}Complete\./u);
});

test("a page that was ticked off has its tick in the menu and on the map, and loses it again", async (t) => {
  const page = await open(t, "ideas/frames.html");
  const box = page.getByRole("checkbox", { name: "I have finished this page" });
  await box.check();
  assert.equal(await page.locator(".sidebar .finished").count(), 1);
  await page.reload();
  assert.ok(await box.isChecked());
  await page.locator(".sidebar").getByRole("link", { name: "Welcome" }).click();
  assert.equal(await page.locator(".map .finished").textContent(), "Handshake, frames, messages, chunks");
  await page.getByText(/^You have finished 1 of \d+ pages\.$/).waitFor();
  await page.goBack();
  await box.uncheck();
  assert.equal(await page.locator(".sidebar .finished").count(), 0);
});

/** The page has one address in it, and the tests let the system choose a port. */
const instead = (url) => `{
  const Real = WebSocket;
  globalThis.WebSocket = class extends Real {
    constructor(asked) {
      if (asked !== "ws://127.0.0.1:8765") throw new Error(asked);
      super("${url}");
    }
  };
}`;

test("fifteen lines of JavaScript translate, and say when an answer is cut off", async (t) => {
  const { url, kill } = await lesson(t, "level4_translate_server");
  const page = await open(t, "browser.html", { script: instead(url), expected: /WebSocket/ });
  const output = page.locator("#translator output");
  const says = (text) => output.filter({ hasText: text }).waitFor();
  const translate = () => page.getByRole("button", { name: "Translate" }).click();
  await translate();
  await says(/^你好\s*$/u);
  await says(/^你好 世界 这 是 一个 测试\s*$/u);
  assert.doesNotMatch(await output.textContent(), /incomplete/);
  await translate();
  await says(/^你好\s*$/u);
  kill("SIGINT");
  await says(/^你好 .*\(incomplete: close code 1001\)$/u);
  await translate();
  await says(/^\s*\(incomplete: close code 1006\)$/u);
});

test("in the field of the translator the arrow keys move the cursor and turn no page", async (t) => {
  const page = await open(t, "browser.html");
  await page.getByRole("textbox", { name: "An English sentence" }).press("ArrowRight");
  assert.match(page.url(), /browser\.html$/);
});

test("the wrong and the right way are marked, line for line", async (t) => {
  const page = await open(t, "level3.html");
  const listing = page.locator("pre", { hasText: "std::thread::sleep(WORK)" });
  const rows = (await listing.locator("code").innerText()).split("\n");
  const marks = await listing.locator(".way").evaluateAll((all) => all.map((it) => {
    const code = it.closest("code");
    const line = parseFloat(getComputedStyle(it).lineHeight) || it.offsetHeight / it.style.getPropertyValue("--lines");
    const top = it.getBoundingClientRect().top - code.getBoundingClientRect().top - parseFloat(getComputedStyle(code).paddingTop);
    return { word: it.dataset.word, first: Math.round(top / line), lines: Math.round(it.offsetHeight / line) };
  }));
  assert.deepEqual(marks.map(({ word }) => word), ["✗ wrong", "✓ right"]);
  for (const { word, first, lines } of marks) {
    assert.match(rows[first], new RegExp(`fn ${word.slice(2)}\\(`));
    assert.equal(rows[first + lines - 1], "}");
  }
});

test("with the rest of its file shown, a listing has no marks at lines that have moved", async (t) => {
  const page = await open(t, "level3.html");
  const listing = page.locator("pre", { hasText: "std::thread::sleep(WORK)" });
  const seen = () => listing.locator(".way").evaluateAll((all) => all.filter((it) => it.checkVisibility()).length);
  assert.equal(await seen(), 2);
  await listing.hover();
  await listing.getByRole("button", { name: "Show hidden lines" }).click();
  assert.match(await listing.locator("code").innerText(), /^use std::/m);
  assert.equal(await seen(), 0);
});

test("a button shows the rest of a listing's file, with what it imports", async (t) => {
  const page = await open(t, "level2-stream.html");
  const listing = page.locator("pre", { hasText: "async fn recite" });
  const code = () => listing.locator("code").innerText();
  assert.equal(await page.locator("p.file").first().innerText(), "lessons/level2/stream_server.rs");
  assert.doesNotMatch(await code(), /^use /m);
  await listing.hover();
  await listing.getByRole("button", { name: "Show hidden lines" }).click();
  assert.match(await code(), /^use anyhow::Result;$/m);
});
