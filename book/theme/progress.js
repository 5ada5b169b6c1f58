// Which pages a reader has finished: a box at the end of each, ticks in the menu and on the map of
// the first page. It is kept in this browser and goes nowhere else.
"use strict";
{
  const KEY = "finished-pages";

  const read = () => {
    try {
      const pages = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return new Set(Array.isArray(pages) ? pages : []);
    } catch {
      // No storage, or something else has written there.
      return new Set();
    }
  };

  /** Is it kept? A page that was opened as a file may have no storage. */
  const write = (pages) => {
    try {
      localStorage.setItem(KEY, JSON.stringify([...pages]));
      return true;
    } catch {
      return false;
    }
  };

  // eslint-disable-next-line no-undef -- mdBook's own, in every page.
  const book = new URL(path_to_root || ".", location.href);
  /** A page's path in the book, such as `ideas/frames.html`; "" for a link that leads out of it. */
  const pathOf = (url) => {
    const page = new URL(url, location.href);
    page.hash = page.search = "";
    const path = page.href.startsWith(book.href) ? page.href.slice(book.href.length) : "";
    return path === "" || path === "index.html" ? "welcome.html" : path;
  };

  const chapters = [...document.querySelectorAll(".sidebar .chapter a[href]")];
  const here = pathOf(location.href);

  const mark = (link, pages) => {
    const isFinished = pages.has(pathOf(link.href));
    link.classList.toggle("finished", isFinished);
  };

  const show = () => {
    const pages = read();
    for (const link of [...chapters, ...document.querySelectorAll(".map a")]) mark(link, pages);
    const score = document.querySelector(".map-score");
    const places = [...document.querySelectorAll(".map a")];
    if (score) score.textContent = say`You have finished ${places.filter((it) => it.classList.contains("finished")).length} of ${places.length} pages.`;
    for (const box of document.querySelectorAll(".finish input")) box.checked = pages.has(here);
  };

  const map = document.querySelector(".map");
  if (map) {
    const score = document.createElement("p");
    score.className = "map-score";
    map.after(score);
  }

  const next = document.querySelector("main .next-page");
  if (next && map === null && here !== "print.html") {
    const label = document.createElement("label");
    const box = document.createElement("input");
    label.className = "finish";
    box.type = "checkbox";
    label.append(box, say` I have finished this page`);
    box.addEventListener("change", () => {
      const pages = read();
      if (box.checked) pages.add(here);
      else pages.delete(here);
      if (!write(pages)) label.append(say` (this browser keeps nothing for this page)`);
      show();
    });
    next.before(label);
  }

  show();
  // Another tab, or a page that the browser shows again when one goes back.
  addEventListener("storage", show);
  addEventListener("pageshow", show);
}
