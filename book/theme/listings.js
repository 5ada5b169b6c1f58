// In a listing that shows the wrong way and the right one, a bar and a word at the side of each.
"use strict";
{
  /** A comment that begins with the word, or a function that has it for its name. */
  const BEGINS = /^(?:\/\/\/ (?<comment>Wrong\b|Right\b|(?:错误|正确)(?=[：，（]))|(?:async )?fn (?<name>wrong|right)\b)/u;

  /** In the Chinese edition, where `\b` would never match: it knows Latin letters alone. */
  const WORDS = { 错误: "wrong", 正确: "right" };

  /** The parts of a listing: each ends with the last `}` in the first column before the next one. */
  const parts = (lines) => {
    const found = [];
    lines.forEach((line, i) => {
      const { comment, name } = BEGINS.exec(line)?.groups ?? {};
      if (comment ?? name) found.push({ word: WORDS[comment] ?? (comment ?? name).toLowerCase(), first: i, last: i });
      else if (found.length > 0 && line.startsWith("}")) found.at(-1).last = i;
    });
    return found;
  };

  /** What is seen before the button shows the rest of the file. */
  const shown = (code) => {
    const copy = code.cloneNode(true);
    for (const line of copy.querySelectorAll(".boring")) line.remove();
    return copy.textContent;
  };

  for (const code of document.querySelectorAll("main pre > code.language-rust")) {
    for (const { word, first, last } of parts(shown(code).split("\n"))) {
      const mark = document.createElement("span");
      mark.className = `way way-${word}`;
      mark.dataset.word = word === "wrong" ? say`✗ wrong` : say`✓ right`;
      mark.style.setProperty("--first", first);
      mark.style.setProperty("--lines", last - first + 1);
      mark.ariaHidden = "true";
      code.append(mark);
    }
  }
}
