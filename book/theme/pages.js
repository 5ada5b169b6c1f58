// What mdBook leaves undone on a page: commands that can be copied, tables on a telephone, and paper.
"use strict";
{
  // The prompt is drawn by course.css, so that neither a copy button nor a selection takes it along.
  // The text is plain: the highlighter takes words of a command for words of a shell.
  for (const code of document.querySelectorAll("code.language-console")) {
    const lines = code.textContent.trimEnd().split("\n").map((text) => {
      const line = document.createElement("span");
      const isCommand = text.startsWith("$ ");
      line.className = isCommand ? "command" : "";
      line.textContent = isCommand ? text.slice(2) : text;
      return line;
    });
    code.replaceChildren(...lines.flatMap((line) => [line, "\n"]).slice(0, -1));
  }

  // Where a table is stacked, each cell says which column it is of.
  for (const table of document.querySelectorAll("main table")) {
    const titles = [...table.querySelectorAll("thead th, thead td")].map((it) => it.textContent);
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, i) => (cell.dataset.title = titles[i] ?? ""));
    }
  }

  // On paper nobody can unfold an answer.
  const paper = matchMedia("print");
  const unfold = () => {
    for (const fold of document.querySelectorAll("main details")) {
      if (paper.matches && !fold.open) fold.dataset.folded = "";
      fold.open = paper.matches || (fold.open && !("folded" in fold.dataset));
      if (!paper.matches) delete fold.dataset.folded;
    }
  };
  paper.addEventListener("change", unfold);
  unfold();
}
