// The other language of the book, one click away and on the same page; and mdBook's own words.
"use strict";
{
  // eslint-disable-next-line no-undef -- mdBook's own, in every page.
  const book = new URL(path_to_root || ".", location.href);

  const link = document.querySelector("a.language");
  document.querySelector("#mdbook-menu-bar .right-buttons")?.prepend(link ?? "");
  // The page and the place on it that one is at now; a heading has the same id in each language.
  link?.addEventListener("click", () => {
    const page = location.href.startsWith(book.href) ? location.pathname.slice(book.pathname.length) : "";
    link.href = new URL(page + location.hash, new URL(".", link.href)).href;
  });

  if (document.documentElement.lang !== "en") {
    const translate = (text) => say([text.trim().replace(/\s+/gu, " ")]);
    const texts = (element) => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const { data } = walker.currentNode;
        if (data.trim()) walker.currentNode.data = data.replace(data.trim(), translate(data));
      }
    };
    for (const element of document.querySelectorAll("#mdbook-help-container, #mdbook-theme-list")) texts(element);
    const named = "#mdbook-sidebar, .menu-bar *, #mdbook-search-wrapper *, .nav-wrapper, .nav-wrapper *, .nav-wide-wrapper, .nav-wide-wrapper *, pre .buttons *";
    for (const element of document.querySelectorAll(named)) {
      for (const name of ["title", "aria-label", "placeholder"]) {
        if (element.hasAttribute(name)) element.setAttribute(name, translate(element.getAttribute(name)));
      }
    }
    // Who writes Chinese chooses words, also with the mouse, and mdBook listens to keys alone.
    const searchbar = document.getElementById("mdbook-searchbar");
    searchbar?.addEventListener("input", ({ isComposing }) => {
      if (!isComposing) searchbar.dispatchEvent(new Event("keyup"));
    });
    searchbar?.addEventListener("compositionend", () => searchbar.dispatchEvent(new Event("keyup")));
    // "3 search results for '…':"
    const found = document.getElementById("mdbook-searchresults-header");
    new MutationObserver(() => {
      const [, number, words, term, end] = /^(\d+ )?(\D*)'(.*)'([:.])$/su.exec(found.textContent) ?? [];
      if (term === undefined) return;
      found.textContent = number ? say(["", ` ${words}'`, `'${end}`], number.trim(), term) : say([`${words}'`, `'${end}`], term);
    }).observe(found ?? document.createElement("p"), { childList: true });
  }
}
