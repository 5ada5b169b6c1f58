// The pages of the built book: whole without JavaScript and on paper, and accessible.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";

import { BOOK, open, violations } from "./support.mjs";

const LEVELS = ["level1", "level2-conversation", "level2-stream", "level2-duplex", "level3", "level4", "level5", "level6", "level7", "level7-machines"];
/** The console of Level 7's first page is that of its exercises. */
const RECORDED = LEVELS.filter((level) => level !== "level7");

// index.html is the first chapter once more, and toc.html a part of a page.
const pages = readdirSync(BOOK, { recursive: true }).map(String)
  .filter((path) => path.endsWith(".html") && !/^(?:index|toc)\.html$/.test(path)).sort();

/** The themes besides the light one. Paper has none; some pages have all that may be coloured. */
const themes = (path) => {
  if (path === "print.html") return [];
  return ["level3.html", "troubleshooting.html", "sources.html"].includes(path) ? ["rust", "coal", "navy", "ayu"] : ["navy"];
};

describe("in light and dark", { concurrency: 2 }, () => {
  for (const path of pages) {
    test(`${path} has no violation that axe knows of`, async (t) => {
      const page = await open(t, path);
      assert.deepEqual(await violations(page), []);
      // Only colours depend on the theme.
      for (const theme of themes(path)) {
        await page.evaluate((theme) => document.getElementById(`mdbook-theme-${theme}`).click(), theme);
        assert.deepEqual(await violations(page, { runOnly: ["color-contrast"] }), [], theme);
      }
      const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
      assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), [], "an id that is there twice");
    });
  }
});

test("without JavaScript every recording stands in the page", async (t) => {
  for (const level of RECORDED) {
    const page = await open(t, `${level}.html`, { javaScriptEnabled: false });
    const recordings = page.locator("div.console > pre");
    assert.ok(await recordings.count() > 0, level);
    for (const recording of await recordings.all()) {
      assert.ok(await recording.isVisible());
      assert.match(await recording.textContent(), /client|server/);
    }
    assert.equal(await page.locator(".console-panel").count(), 0);
  }
});

test("the print page has the recordings and no console", async (t) => {
  const page = await open(t, "print.html");
  assert.equal(await page.locator(".console-panel").count(), 0);
  const recordings = page.locator("div.console > pre");
  // Level 3 has two, Level 4 has four, Level 5 five.
  assert.equal(await recordings.count(), RECORDED.length + 1 + 3 + 4);
  for (const recording of await recordings.all()) assert.ok(await recording.isVisible());
});

test("a chapter on paper has its recording and no console", async (t) => {
  const page = await open(t, "level2-stream.html");
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("div.console > pre").first().isVisible());
  assert.equal(await page.locator(".console-panel").first().isVisible(), false);
});

test("a copy button can be reached by key, and copies commands without their prompt", async (t) => {
  const page = await open(t, "level2-stream.html", { permissions: ["clipboard-read", "clipboard-write"] });
  const block = page.locator("pre", { has: page.locator("code.language-console") }).first();
  assert.match(await block.evaluate((it) => getComputedStyle(it.querySelector(".command"), "::before").content), /\$ /);
  const button = block.getByRole("button", { name: "Copy to clipboard" });
  const isSeen = () => block.locator(".buttons").evaluate((it) => it.getAnimations().forEach((one) => one.finish()) ?? getComputedStyle(it).opacity);
  assert.equal(await isSeen(), "0");
  await page.locator("main a, main button").first().focus();
  for (let i = 0; i < 20 && !(await button.evaluate((it) => it === document.activeElement)); i += 1) await page.keyboard.press("Tab");
  assert.ok(await button.evaluate((it) => it === document.activeElement), "the Tab key comes to it");
  assert.equal(await isSeen(), "1");
  await page.keyboard.press("Enter");
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "cargo run --bin level2_stream_server");
});

test("no word of a command is coloured as if it were code", async (t) => {
  const page = await open(t, "level1.html");
  const commands = page.locator("code.language-console");
  assert.ok(await commands.count() > 2);
  assert.equal(await commands.locator("[class^=hljs]").count(), 0);
});

test("the first stop of the Tab key leads past the menu to the text", async (t) => {
  const page = await open(t, "level1.html");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the text");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)));
});

test("on paper the folded answers are open, and on the screen as they were", async (t) => {
  const page = await open(t, "level1.html");
  const open_ = () => page.locator("main details").evaluateAll((all) => all.map(({ open }) => open));
  await page.locator("main summary").first().click();
  const before = await open_();
  assert.ok(before.length > 1 && before[0] && !before[1]);
  await page.emulateMedia({ media: "print" });
  // The page hears of the other medium with its next frame.
  const become = (due) => page.waitForFunction((due) =>
    [...document.querySelectorAll("main details")].every(({ open }, i) => open === due[i]), due);
  await become(before.map(() => true));
  await page.emulateMedia({ media: "screen" });
  await become(before);
});

test("on a telephone every table is stacked, and within the page", async (t) => {
  for (const path of pages.filter((path) => path !== "print.html")) {
    const page = await open(t, path, { viewport: { width: 390, height: 844 } });
    const wide = await page.locator(".table-wrapper").evaluateAll((all) =>
      all.filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.textContent.slice(0, 60)));
    assert.deepEqual(wide, [], path);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, path);
  }
});

test("on a telephone nothing is wider than the page, and what scrolls can be reached", async (t) => {
  for (const level of LEVELS) {
    const page = await open(t, `${level}.html`, { viewport: { width: 360, height: 740 } });
    const wide = await page.locator(".console-panel, .console-panel *:not(svg *)").evaluateAll((all) =>
      all.filter((it) => it.getBoundingClientRect().right > innerWidth).map((it) => it.className));
    assert.deepEqual(wide.filter((name) => name !== "console-speech"), [], level);
    const small = await page.locator(".console-panel :is(button, input[type=text], select)").evaluateAll((all) =>
      all.filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < 24).length);
    assert.equal(small, 0, "targets of 24 pixels at least");
    assert.deepEqual(await violations(page), []);
  }
});
