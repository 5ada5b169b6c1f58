// The live console, 1: what is shown of a message, and in which words. Needs no page: node tests it.
//
// The console is a few classic scripts, loaded in this order by book.toml: a browser refuses modules
// on pages that are opened as files. Each keeps its names in a block, and hands on what others need
// in `liveConsole`, the only name that they add to the page. What comes from the wire becomes text
// nodes, never HTML.
"use strict";
globalThis.liveConsole = {};
{
  /** A longer text is cut to this many characters. */
  const TEXT_LIMIT = 200;
  /** The first bytes of a message, as many as are shown. */
  const BYTE_LIMIT = 16;

  const CLOSE_CODES = {
    1000: "normal, all is said",
    1001: "going away, the server stops or the page is left",
    1002: "protocol error",
    1003: "unsupported data, a kind of message that is not accepted here",
    1007: "invalid data, such as text that is not UTF-8",
    1008: "policy violation, the server's rules forbid it",
    1009: "message too big",
    1010: "an extension is missing",
    1011: "internal error, the server failed",
    1012: "the server restarts",
    1013: "try again later",
    1014: "bad gateway",
  };
  /** What a browser reports when a Close frame has no code, and when no Close frame has come. */
  const NO_CODE = 1005;
  const NO_CLOSE = 1006;

  const meaning = (code) => {
    if (code >= 4000) return "a code of the application's own";
    if (code >= 3000) return "a code of a library or framework";
    return CLOSE_CODES[code] ?? "a code without a common meaning";
  };

  const ESCAPES = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

  /** As in the transcripts. Characters that are invisible or turn the line around are spelt out. */
  const quote = (text) => {
    const spelt = /[\\"\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
    const escape = (c) => ESCAPES[c] ?? `\\u{${c.codePointAt(0).toString(16)}}`;
    return `"${text.replace(spelt, escape)}"`;
  };

  /** Whether this is an object in JSON, by its looks. It has quotes enough, and stands as it is. */
  const isObject = (text) => /^\{.*\}$/u.test(text) && quote(text).slice(1, -1) === text.replace(/[\\"]/gu, "\\$&");

  const shown = (text) => (isObject(text) ? text : quote(text));

  const unquote = (text) =>
    text.replace(/\\(?:u\{([0-9a-f]+)\}|(.))/gu, (_, hex, c) =>
      hex ? String.fromCodePoint(parseInt(hex, 16)) : ({ n: "\n", r: "\r", t: "\t", 0: "\0" }[c] ?? c));

  /** Cut by whole characters, never within one. */
  const cut = (text, limit) => {
    if (text.length <= limit) return text;
    const characters = Array.from(text.slice(0, 2 * limit + 2));
    return characters.length > limit ? characters.slice(0, limit).join("") + "…" : text;
  };

  const count = (number, noun, plural = `${noun}s`) =>
    `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

  /**
   * What is logged and drawn. `from` is "client" or "server", or "" for what neither has sent;
   * `kind` is "text", "binary", "ping", "pong", "close", "broken" or "note"; `ms` is null for a note.
   */
  const entry = (from, kind, text, more = {}) => ({ from, kind, text, client: 1, ms: null, ...more });

  const utf8 = (text) => new TextEncoder().encode(text);
  /** The length and the first bytes: of a large message no more is kept. */
  const payloadOf = (bytes) => ({ length: bytes.length, first: [...bytes.subarray(0, BYTE_LIMIT)] });

  const messageEntry = (from, data, more) => {
    if (typeof data === "string") {
      const size = data.length > TEXT_LIMIT ? count(data.length, "character") : "";
      return entry(from, "text", cut(data, TEXT_LIMIT), { size, payload: payloadOf(utf8(data)), ...more });
    }
    const bytes = new Uint8Array(data);
    const payload = payloadOf(bytes);
    const text = `binary ${hex(payload.first)}${bytes.length > BYTE_LIMIT ? " …" : ""}`;
    return entry(from, "binary", text, { size: count(bytes.length, "byte"), payload, ...more });
  };

  const pingEntry = (from, kind, text, more) =>
    entry(from, kind, text, { payload: payloadOf(utf8(text)), ...more });

  /** `code` is null where the Close frame has none. */
  const closeEntry = (from, code, reason, more) => {
    const body = code === null ? new Uint8Array() : Uint8Array.of(code >> 8, code & 255, ...utf8(reason));
    return entry(from, "close", reason, { code, payload: payloadOf(body), ...more });
  };

  /** What a browser's `close` event says about the server. It reports a broken connection as 1006. */
  const endingEntry = (code, reason, more) => {
    if (code === NO_CLOSE) return entry("", "broken", "connection lost, no Close frame", more);
    return closeEntry("server", code === NO_CODE ? null : code, reason, more);
  };

  const describe = ({ kind, text, size, code }) => {
    if (kind === "close") {
      const words = code === null ? "close, without a code" : `close ${code}: ${meaning(code)}`;
      return text ? `${words} ${quote(text)}` : words;
    }
    if (kind === "ping" || kind === "pong") return text ? `${kind} ${quote(text)}` : kind;
    const words = kind === "text" ? shown(text) : text;
    return size ? `${words} (${size})` : words;
  };

  /** In a word or two, for the time line. */
  const label = ({ kind, text, code, count: number = 1 }) => {
    if (number > 1) return `×${number.toLocaleString("en")}`;
    if (kind === "close") return code === null ? "close" : `close ${code}`;
    if (kind === "broken") return "lost";
    if (kind !== "text") return kind === "binary" ? cut(text, 20) : kind;
    return text === "" ? "(empty)" : quote(text).slice(1, -1);
  };

  Object.assign(liveConsole, {
    meaning, quote, isObject, shown, unquote, cut, count, hex, entry, messageEntry, pingEntry, closeEntry, endingEntry,
    describe, label,
  });
}
