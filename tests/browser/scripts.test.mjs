// The console's scripts that need no page: text, transcripts, frames, and what is due.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { close, frame } from "./raw_server.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
await import("../../book/theme/words.js");
for (const part of ["text", "transcripts", "frames", "judge", "elements", "answers"]) {
  await import(`../../book/theme/console/${part}.js`);
}
const {
  Answers, closeEntry, compare, countsFromHandshake, cut, describe, endingEntry, frameOf, hex, messageEntry,
  parseTranscripts, pingEntry, quote, report, unquote,
} = globalThis.liveConsole;

const read = (path) => readFileSync(`${ROOT}/${path}`, "utf8");

test("a text is quoted so that it can be read back", () => {
  for (const text of ["", 'a "quote" \\', "tab\t line\n", "turned \u202e round", "👩‍👩‍👧 e\u0301", "مرحبا"]) {
    assert.equal(unquote(quote(text).slice(1, -1)), text);
  }
  assert.equal(quote("turned \u202e round"), '"turned \\u{202e} round"');
  assert.equal(cut("😀😀😀", 2), "😀😀…");
});

test("every pinned transcript is understood to its last line", () => {
  const names = readdirSync(`${ROOT}/tests/snapshots`).filter((name) => name.endsWith("_transcript.snap"));
  assert.ok(names.length > 8);
  for (const name of names) {
    const text = read(`tests/snapshots/${name}`);
    const entries = parseTranscripts(text).flat();
    assert.equal(entries.length, text.split("\n").filter((line) => /(client|server) /.test(line)).length, name);
    assert.deepEqual(entries.filter(({ kind }) => kind === "note"), [], name);
  }
});

test("every exercise that is a server says in its header what is due", () => {
  const pages = ["level1", "level2-conversation", "level2-stream", "level2-duplex", "level3", "level4", "level5", "level6", "level6-coming-back", "level7"];
  const files = pages.flatMap((page) => [...read(`book/src/${page}.md`).matchAll(/include \.\.\/\.\.\/(lessons\/\S+\/exercises\/\S+\.rs)\}/g)]);
  assert.ok(files.length >= 15);
  for (const [, file] of files) {
    const entries = parseTranscripts(read(file)).flat();
    assert.ok(entries.length > 0, file);
    const strange = entries.filter(({ kind, text, untimed }) => (kind === "note" && !["stops reading", "reads again", "falls silent", "speaks again", "drops the connection"].includes(text)) || untimed);
    assert.deepEqual(strange, [], file);
  }
});

test("times count from the handshake where the server may speak first", () => {
  const first = (name) => countsFromHandshake(parseTranscripts(read(`tests/snapshots/level${name}_transcript.snap`))[0]);
  assert.deepEqual(["1_echo", "2_bidirectional", "2_stream", "2_duplex", "4_translate"].map(first), [false, false, true, true, false]);
});

test("a computed frame is the one that is sent, byte by byte", () => {
  const joined = (entry) => frameOf(entry).parts.map(({ bytes }) => bytes).join(" ");
  for (const text of ["", "Hello", "你好", "x".repeat(16)]) {
    assert.equal(joined(messageEntry("server", text)), hex(frame(1, text)).trim());
  }
  assert.equal(joined(messageEntry("server", Uint8Array.of(1, 2, 255))), hex(frame(2, [1, 2, 255])));
  assert.equal(joined(closeEntry("server", 1001, "bye")), hex(close(1001, "bye")));
  for (const length of [125, 126, 65535, 65536]) {
    const { header, total } = frameOf(messageEntry("server", new Uint8Array(length)));
    assert.equal(total, frame(2, Buffer.alloc(length)).length);
    assert.equal(header, total - length);
  }
});

test("the client's frame is masked, and its key is not made up", () => {
  const { parts, header, total } = frameOf(messageEntry("client", "Hello"));
  assert.deepEqual(parts.map(({ bytes }) => bytes), ["81", "85", "?? ?? ?? ??", "48 65 6c 6c 6f"]);
  assert.deepEqual([header, total], [6, 11]);
  assert.equal(frameOf(pingEntry("client", "ping", "alive?")).parts[0].bytes, "89");
});

test("what a browser reports as 1006 was never sent, and 1005 is a close without a code", () => {
  const broken = endingEntry(1006, "", {});
  assert.deepEqual([broken.from, describe(broken), frameOf(broken)], ["", "connection lost, no Close frame", null]);
  const bare = endingEntry(1005, "", {});
  assert.deepEqual([bare.from, describe(bare), frameOf(bare).total], ["server", "close, without a code", 2]);
});

const DUE = parseTranscripts(`
     0 ms  server  "one"
   100 ms  client  ping "alive?"
   100 ms  server  pong "alive?"
   500 ms  server  "two"
  1000 ms  server  close 1000
`)[0];
const own = (...entries) => entries.map(([ms, what]) => (typeof what === "string" ? messageEntry("server", what, { ms }) : endingEntry(what, "", { ms })));
const verdicts = (...entries) => compare(DUE, own(...entries)).filter(({ verdict }) => verdict !== "unseen");

test("what comes as due is right, and what a page cannot see is left to the judge", () => {
  const all = compare(DUE, own([20, "one"], [530, "two"], [1200, 1000]));
  assert.deepEqual(all.map(({ verdict }) => verdict), ["right", "unseen", "right", "right"]);
  assert.equal(report([all]).score, "3 of 3 messages as due.");
  assert.ok(report([all]).isRight);
});

test("what the page has sent late is not the server's fault", () => {
  const due = parseTranscripts('   100 ms  client  "a"\n   200 ms  server  "b"\n   900 ms  server  "c"')[0];
  const judged = (asked, answered) => compare(due, [
    messageEntry("client", "a", { ms: asked }), messageEntry("server", "b", { ms: answered }), messageEntry("server", "c", { ms: 900 }),
  ]).map(({ verdict }) => verdict);
  assert.deepEqual(judged(400, 500), ["right", "right"], "the answer is on time, and so is what does not depend on it");
  assert.deepEqual(judged(100, 500), ["wrong", "right"]);
});

test("what is late, early, missing, too much, or lost is wrong, and it is said why", () => {
  for (const [entries, why] of [
    [[[0, "one"], [900, "two"], [1000, 1000]], '"two" came 400 ms too late'],
    [[[0, "one"], [0, "two"], [1000, 1000]], '"two" came 500 ms too early'],
    [[[0, "one"], [1000, 1000]], '"two" was due at 500 ms and did not come'],
    [[[0, "one"], [500, "two"], [600, "three"], [1000, 1000]], '"three" was not due'],
    [[[0, "one"], [500, "two"], [1000, 1011]], "close 1011 was not due"],
    [[[0, "one"], [500, "two"], [1000, 1005]], "close, without a code was not due"],
    [[[0, "one"], [500, "two"], [1000, 1006]], "the connection was lost, without a Close frame"],
  ]) {
    const wrong = verdicts(...entries).filter(({ verdict }) => verdict === "wrong");
    assert.ok(wrong.some((one) => one.why === why), `${why}: ${JSON.stringify(wrong)}`);
    assert.equal(report([verdicts(...entries)]).isRight, false);
  }
});

test("an event in JSON is said in words, and what is none stands as it was sent", () => {
  const said = (text, count = 1) => {
    const entry = { ...messageEntry("server", text), count };
    return [Answers.describe(entry), Answers.label(entry)];
  };
  for (const [text, words, label] of [
    ['{"type":"ask","id":"q1","text":"Hi \\"you\\""}', 'ask q1 "Hi \\"you\\""', "ask q1"],
    ['{"type":"cancel","id":"q1"}', "cancel q1", "cancel q1"],
    ['{"type":"delta","id":"q1","seq":3,"text":"word "}', 'delta q1 #3 "word "', "q1 word"],
    ['{"type":"done","id":"q1","status":"failed","reason":"no model"}', 'done q1 failed "no model"', "q1 failed"],
    ['{"type":"error","reason":"this is not JSON"}', 'error "this is not JSON"', "error"],
    ['{"type":"subscribe","log":"a","after":0}', "subscribe a after 0", "subscribe"],
    ['{"type":"subscribe","tail":2}', "subscribe tail 2", "subscribe"],
    ['{"type":"hello","log":"a","first":1,"last":12,"readers":1}', "hello a 1 to 12", "hello"],
    ['{"type":"line","seq":11,"ms":0,"text":"a \\"b\\"","readers":0}', 'line 11 "a \\"b\\""', "line 11"],
    ['{"type":"gap","from":3,"to":10}', "gap 3 to 10", "gap 3 to 10"],
    ['{"type":"end"}', "end", "end"],
    ['{"type":"end","status":0}', "end status 0", "end"],
    ['{"type":"sing"}', '{"type":"sing"}', '{\\"type\\":\\"sing\\"}'],
    ['{"type":"delta","id":7}', '{"type":"delta","id":7}', '{\\"type\\":\\"delta\\",\\"id\\":7}'],
    ["{no JSON}", "{no JSON}", "{no JSON}"],
    ["plain", '"plain"', "plain"],
    ['{"type":"delta","id":"turned \u202e"}', '"{\\"type\\":\\"delta\\",\\"id\\":\\"turned \\u{202e}\\"}"', null],
  ]) {
    assert.equal(said(text)[0], words, text);
    if (label !== null) assert.equal(said(text)[1], label, text);
  }
  assert.equal(said("{}", 5)[1], "×5");
});

test("the keys of an event may come in any order, and its values may not differ", () => {
  const due = parseTranscripts('     0 ms  server  {"type":"done","id":"q1","status":"completed"}')[0];
  const verdict = (text) => compare(due, [messageEntry("server", text, { ms: 0 })])[0].verdict;
  assert.equal(verdict('{"id":"q1","status":"completed","type":"done"}'), "right");
  assert.equal(verdict('{"id":"q1","status":"cancelled","type":"done"}'), "wrong");
});
