// What mdBook 0.5 leaves undone for those who read with a keyboard or a screen reader.
"use strict";
{
  // The first stop of the Tab key leads past the menu and the sidebar.
  const content = document.querySelector("main");
  if (content) {
    const skip = document.createElement("a");
    Object.assign(skip, { className: "skip-link", href: "#mdbook-content", textContent: "Skip to the text" });
    content.tabIndex = -1;
    skip.addEventListener("click", () => content.focus());
    document.body.prepend(skip);
    // mdBook has scrolled its menu to this page, and some browsers let Tab go on from there.
    if (!location.hash && document.activeElement === document.body) {
      document.body.tabIndex = -1;
      document.body.focus({ preventScroll: true });
      document.body.removeAttribute("tabindex");
    }
  }

  // A landmark, so that one can jump to the menu and past it.
  document.getElementById("mdbook-menu-bar")?.setAttribute("role", "banner");

  // The switch of the sidebar is a label, which no key reaches. A button takes its place.
  const label = document.getElementById("mdbook-sidebar-toggle");
  const sidebar = document.getElementById("mdbook-sidebar-toggle-anchor");
  if (label && sidebar) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: label.className, title: label.title });
    button.setAttribute("aria-controls", "mdbook-sidebar");
    button.append(...label.childNodes);
    button.addEventListener("click", () => label.click());
    const update = () => button.setAttribute("aria-expanded", String(sidebar.checked));
    sidebar.addEventListener("change", update);
    update();
    label.after(button);
    label.style.display = "none";
  }

  // The corner of a table with two headings is no heading, but Markdown cannot say so.
  for (const corner of document.querySelectorAll("th:empty")) {
    corner.replaceWith(document.createElement("td"));
  }

  // Long lines scroll, and what scrolls must be reached by the keyboard.
  const reach = () => {
    for (const block of document.querySelectorAll("pre > code, .table-wrapper")) {
      if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
      else block.removeAttribute("tabindex");
    }
  };
  addEventListener("load", reach);
  addEventListener("resize", reach);
}
