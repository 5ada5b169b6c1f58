// The page of the chapter "The browser's own WebSocket": this very file runs in it.
"use strict";
{
  // ANCHOR: page
  const form = document.querySelector("#translator");
  const output = form.querySelector("output");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    output.textContent = "";
    const socket = new WebSocket("ws://127.0.0.1:8765");
    socket.onopen = () => socket.send(form.elements.sentence.value);
    socket.onmessage = ({ data }) => {
      if (data === "") socket.close(1000); // the end marker
      else output.textContent += data;
    };
    socket.onclose = ({ code }) => {
      if (code !== 1000) output.textContent += ` (incomplete: close code ${code})`;
    };
  });
  // ANCHOR_END: page

  // This book turns its pages with the arrow keys; in the field they move the cursor.
  form.addEventListener("keydown", (event) => event.stopPropagation());
}
