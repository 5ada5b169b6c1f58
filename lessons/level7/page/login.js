// Level 7's part of the page: the login, and what it says when the log is out of reach. All else is
// Level 6's.
"use strict";

/** Close code 4401: no login, or one that the server does not know. */
const UNAUTHORIZED = 4401;

/** Only in this page's memory: not in the address, which servers log, and not in a cookie. */
let token = null;

// A browser cannot put a token into the handshake. So it is the first message.
connection.greeting = () => token === null ? [] : [{ type: "login", token }];

const heardBefore = connection.heard;
connection.heard = (event) => {
  if (event.type === "notice") list.add({ kind: "gap", text: visible(event.text) });
  else heardBefore(event);
};

const changedBefore = connection.changed;
connection.changed = (next) => {
  changedBefore(next);
  const isAsked = next.name === "refused" && next.code === UNAUTHORIZED;
  at("login").hidden = !isAsked;
  if (isAsked) at("token").focus();
};

at("login").addEventListener("submit", (event) => {
  event.preventDefault();
  token = at("token").value.trim();
  connection.connect();
});
