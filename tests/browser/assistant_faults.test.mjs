// The page of the assistant, with servers that say what the real one rarely does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { Assistant, FAILED } from "./assistant.mjs";
import { close, rawServer, text } from "./raw_server.mjs";
import { ROOT, open, pause, until } from "./support.mjs";

const PAGE = join(ROOT, "lessons/level5/page");

/** The page with a server that we play: `server.say` sends an event. */
async function stage(t, { speak, ...options } = {}) {
  const server = { connections: 0 };
  const url = await rawServer(t, (stream) => {
    stream.resume();
    server.connections += 1;
    server.stream = stream;
    server.say = (...events) => stream.write(Buffer.concat(events.map((event) => text(JSON.stringify(event)))));
    speak?.(server);
  }, PAGE);
  const page = await open(t, "", { url: `${url.replace("ws", "http")}/`, expected: FAILED, ...options });
  return { server, it: new Assistant(page) };
}

const delta = (id, seq, text) => ({ type: "delta", id, seq, text });
const done = (id, status, reason) => ({ type: "done", id, status, reason });

describe("the page of the assistant", { concurrency: 4 }, () => {
  test("shows a failed answer with its reason and with what has come", async (t) => {
    const { server, it } = await stage(t);
    await it.connected();
    await it.ask("Why?");
    server.say(delta("q1", 0, "Because "), done("q1", "failed", "the model did not go on"));
    await it.ends(0, "failed");
    assert.equal(await it.words(0), "Because ");
    assert.equal(await it.remark(0), "Failed: the model did not go on");
    assert.equal(await it.stops.count(), 0);
  });

  test("shows the last words of an answer with its end, even in a page that draws no pictures", async (t) => {
    const prepare = (page) => page.addInitScript(() => { window.requestAnimationFrame = () => 0; });
    const { server, it } = await stage(t, { prepare });
    await it.connected();
    await it.ask("Why?");
    server.say(delta("q1", 0, "Because "), delta("q1", 1, "so."), done("q1", "completed"));
    await it.ends(0, "completed");
    assert.equal(await it.words(0), "Because so.");
  });

  test("puts interleaved words where they belong, and takes none after an end", async (t) => {
    const { server, it } = await stage(t);
    await it.connected();
    await it.ask("One");
    await it.ask("Two");
    server.say(
      delta("q2", 0, "b"), delta("q1", 0, "a"), delta("q1", 1, "a"), done("q1", "completed"), delta("q1", 2, "late"),
      done("q1", "failed", "late"), delta("q2", 1, "b"), delta("q9", 0, "of nobody"), { type: "of a newer server" },
      done("q2", "completed"),
    );
    await it.ends(1, "completed");
    assert.deepEqual([await it.words(0), await it.words(1)], ["aa", "bb"]);
    assert.deepEqual([await it.status(0), await it.remark(0)], ["completed", ""]);
  });

  test("shows markup as it is, in a question, an answer and a reason, and runs none of it", async (t) => {
    const { server, it } = await stage(t);
    await it.connected();
    const markup = `<img src=x onerror="ran = 1"><script>ran = 1</script><b>bold</b>&lt;`;
    await it.ask(markup);
    server.say(delta("q1", 0, markup), done("q1", "failed", markup));
    await it.ends(0, "failed");
    const turn = it.turns.first();
    assert.equal(await turn.locator(".question").textContent(), markup);
    assert.equal(await it.words(0), markup);
    assert.equal(await it.remark(0), `Failed: ${markup}`);
    assert.equal(await it.page.locator("img, main script, b").count(), 0);
  });

  test("shows what the server refuses, beside its question where there is one", async (t) => {
    const { server, it } = await stage(t);
    await it.connected();
    await it.ask("One too many");
    server.say({ type: "error", id: "q1", reason: "8 answers are running" });
    await it.ends(0, "refused");
    assert.equal(await it.remark(0), "Refused: 8 answers are running");
    server.say({ type: "error", reason: "that was no JSON" });
    await it.ends(1, "refused");
    assert.equal(await it.remark(1), "Refused: that was no JSON");
    assert.equal(await it.stops.count(), 0);
  });

  // No wait at all, were there to be another try.
  const atOnce = () => (Math.random = () => 0);
  for (const code of [1001, 1011, 1012, 1013]) {
    test(`comes back after a close with ${code}`, async (t) => {
      const speak = (server) => server.connections === 1 && server.stream.end(close(code, "see you"));
      const { server, it } = await stage(t, { script: atOnce, speak });
      await it.connected();
      await until(() => server.connections >= 2);
      await it.connected();
    });
  }
  for (const code of [1000, 1008, 4401]) {
    test(`stays away after a close with ${code}`, async (t) => {
      const { server, it } = await stage(t, { script: atOnce, speak: ({ stream }) => stream.end(close(code, "not you")) });
      await it.state.filter({ hasText: `Closed by the server: ${code} not you` }).waitFor();
      await pause(300);
      assert.equal(server.connections, 1);
      // One who knows better may try it all the same.
      await it.page.getByRole("button", { name: "Try now" }).click();
      await until(() => server.connections >= 2);
    });
  }

  test("waits longer after each attempt in vain, by chance, until something has come", async (t) => {
    const script = () => {
      const luck = [1, 1, 1, 1, 1, 1, 1, 0.5, 0, 1];
      window.waits = [];
      Math.random = () => luck.shift() ?? 1;
      const later = window.setTimeout;
      window.setTimeout = (action, ms) => (window.waits.push(ms), later(action, 0));
    };
    // It lets them in and drops them, nine times. Then it says something first.
    const speak = (server) => {
      if (server.connections === 10) server.say({ type: "of a newer server" });
      if (server.connections <= 10) server.stream.end();
    };
    const { server, it } = await stage(t, { script, speak });
    const spoken = await it.grows("#spoken");
    await until(() => server.connections >= 11);
    await it.connected();
    const waits = await it.page.evaluate(() => window.waits);
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 15_000, 0, 1000]);
    assert.ok((await spoken()).every((words) => /^Connected|^No connection/.test(words)));
  });

  test("tries at once when it is told to, and the focus is not lost", async (t) => {
    const script = () => (Math.random = () => 1000);
    const { server, it } = await stage(t, { script, speak: (server) => server.connections === 1 && server.stream.end() });
    await it.page.getByRole("button", { name: "Try now" }).press("Enter");
    await it.connected();
    assert.equal(server.connections, 2);
    assert.ok(await it.question.evaluate((it) => it === document.activeElement));
  });

  test("keeps what is typed while there is no connection", async (t) => {
    const script = () => (Math.random = () => 1000);
    const { server, it } = await stage(t, { script, speak: (server) => server.connections === 1 && server.stream.end() });
    await it.state.filter({ hasText: "No connection" }).waitFor();
    await it.ask("Are you there?");
    await it.page.getByRole("button", { name: "I am tired of polling" }).click();
    assert.equal(await it.turns.count(), 0);
    assert.equal(await it.question.inputValue(), "Are you there?");
    await it.page.getByRole("button", { name: "Try now" }).click();
    await it.connected();
    await it.question.press("Enter");
    server.say(done("q1", "completed"));
    await it.ends(0, "completed");
  });

  test("says an answer once, when it has ended, and not word by word", async (t) => {
    const { server, it } = await stage(t);
    await it.connected();
    const spoken = await it.grows("#spoken");
    await it.ask("Why?");
    for (let seq = 0; seq < 5; seq += 1) server.say(delta("q1", seq, `word ${seq} `));
    await it.says(0, "word 4");
    assert.deepEqual((await spoken()).filter((words) => words !== "Connected"), []);
    server.say(done("q1", "completed"));
    await it.ends(0, "completed");
    assert.deepEqual((await spoken()).filter((words) => words !== "Connected"), ["word 0 word 1 word 2 word 3 word 4 "]);
    assert.equal(await it.page.locator("[aria-live], [role=log], [role=alert], [role=status]").count(), 1);
  });

  test("follows the newest words, unless one reads what came before", async (t) => {
    const { server, it } = await stage(t, { viewport: { width: 390, height: 600 } });
    await it.connected();
    const main = it.page.getByRole("main");
    const place = () => main.evaluate((main) => {
      const end = document.querySelector("#column").getBoundingClientRect().bottom - main.getBoundingClientRect().bottom;
      return { end: Math.round(end), first: Math.round(document.querySelector(".question").getBoundingClientRect().top) };
    });
    const lines = (from) => Array.from({ length: 60 }, (_, i) => delta("q1", from + i, `line ${from + i}\n`));
    await it.ask("Much");
    server.say(...lines(0));
    await it.says(0, "line 59");
    assert.ok(Math.abs((await place()).end) <= 2, `${(await place()).end} pixels below`);
    await it.page.mouse.move(200, 300);
    await it.page.mouse.wheel(0, -400);
    await it.page.waitForFunction(() => Math.abs(document.querySelector("main").scrollTop) > 350);
    await pause(300);
    const { first } = await place();
    server.say(...lines(60));
    await it.says(0, "line 119");
    await pause(100);
    assert.equal((await place()).first, first, "what one reads stays where it is");
    await it.ask("And more");
    assert.ok(Math.abs((await place()).end) <= 2, "one's own question is in view");
  });

  test("fits a telephone, with words longer than its lines", async (t) => {
    const { server, it } = await stage(t, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    await it.connected();
    await it.ask("w".repeat(200));
    await it.ask("And?");
    server.say(delta("q1", 0, "x".repeat(300)), delta("q2", 0, "short"), done("q2", "failed", "y".repeat(100)));
    await it.ends(1, "failed");
    const sizes = await it.page.evaluate(() => {
      const wide = [...document.querySelectorAll("body *")].filter((it) => it.getBoundingClientRect().right > innerWidth + 0.5);
      const main = document.querySelector("main");
      return { wide: wide.map((it) => it.className || it.tagName), page: document.documentElement.scrollWidth, main: main.scrollWidth - main.clientWidth };
    });
    assert.deepEqual(sizes, { wide: [], page: 390, main: 0 });
    const small = await it.page.locator("button, input").evaluateAll((all) =>
      all.filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < 24).length);
    assert.equal(small, 0, "targets of 24 pixels at least");
  });

  test("speaks over TLS if it has come so", async (t) => {
    const asked = [];
    const prepare = async (page) => {
      await page.routeWebSocket(/.*/, (socket) => void asked.push(socket.url()));
      await page.route("https://assistant.test/**", (route) => {
        const { pathname } = new URL(route.request().url());
        return route.fulfill({ path: join(PAGE, pathname === "/" ? "index.html" : pathname) });
      });
    };
    const it = new Assistant(await open(t, "", { url: "https://assistant.test/", prepare }));
    await it.connected();
    assert.deepEqual(asked, ["wss://assistant.test/"]);
  });
});

test("the page's script is short enough to be read, and makes no elements of words", () => {
  const script = readFileSync(join(PAGE, "page.js"), "utf8");
  assert.ok(script.split("\n").length <= 121, "120 lines");
  assert.doesNotMatch(script, /innerHTML|outerHTML|insertAdjacent|document\.write|eval|setHTML|DOMParser/);
});
