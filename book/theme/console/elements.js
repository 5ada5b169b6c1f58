// The live console, 5: elements of the page, in one line each.
"use strict";
{
  const set = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const make = (tag, attributes = {}, ...children) =>
    set(document.createElement(tag), attributes, children);

  const draw = (tag, attributes = {}, ...children) =>
    set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  const button = (words, attributes = {}) =>
    make("button", { type: "button", class: "console-button", ...attributes }, words);

  const labelled = (words, ...fields) => make("label", {}, make("span", {}, words), ...fields);

  const check = (words, field) => make("label", { class: "console-check" }, field, ` ${words}`);

  /** What the reader has typed stays for the next visit, where the browser allows it. */
  const remember = (key, value) => {
    try {
      if (value === undefined) return localStorage.getItem(key);
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // A page that was opened as a file may have no storage.
    }
    return null;
  };

  Object.assign(liveConsole, { make, draw, button, labelled, check, remember });
}
