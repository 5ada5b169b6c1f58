// Writes an answer that may come faster than the screen can show it.
"use strict";

/** How many characters of an answer are shown: of an endless one, the newest. */
const MOST = 100_000;

/** Gives what writes into an element: `add(text)`, to be seen with the screen's next picture, and
 * `flush()`, at once. A screen shows some 60 pictures a second; words may come by the thousand. */
function writerInto(element) {
  const shown = element.appendChild(document.createTextNode(""));
  let fresh = "";
  const flush = () => {
    shown.appendData(fresh);
    fresh = "";
    if (shown.length <= MOST) return;
    shown.deleteData(0, shown.length - MOST);
    element.classList.add("cut");
  };
  const add = (text) => {
    if (!fresh) requestAnimationFrame(flush);
    fresh = (fresh + text).slice(-MOST);
  };
  return { add, flush };
}
