// Puts the parts of the page together: what comes becomes rows and bars, what is pressed is done.
"use strict";

const at = (id) => document.getElementById(id);
const number = (count) => count.toLocaleString("en");
const lines = (count) => count === 1 ? say`1 line` : say`${number(count)} lines`;
const newLines = (count) => count === 1 ? say`1 new line` : say`${number(count)} new lines`;
/** Hours, minutes, seconds since the log began. */
const clock = (ms) => {
  const parts = [ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
  return `${parts.join(":")}.${String(ms % 1000).padStart(3, "0")}`;
};

const list = new List(at("view"), at("lines"), ({ length, matching, isPaused, fresh }) => {
  const isSifted = at("filter").value !== "" || at("errors").checked;
  const words = isSifted ? say`${number(matching)} of ${lines(length)}` : lines(length);
  at("count").textContent = isPaused ? say`${words} · paused, ${newLines(fresh)}` : words;
  at("bar").classList.toggle("paused", isPaused);
  at("follow").textContent = isPaused ? say`Follow` : say`Pause`;
});

// ---- What comes

const rate = new Chart(at("rate"), false);
const readers = new Chart(at("readers"), true);

const heard = (event) => {
  if (event.type === "line") {
    if (event.isLive) rate.add(1);
    const { seq, ms, stderr } = event;
    list.add({ kind: stderr ? "stderr" : "line", seq, when: clock(ms), badge: stderr && "stderr", text: visible(event.text) });
  } else if (event.type === "gap") {
    list.add({ kind: "gap", text: say`${lines(event.to - event.from + 1)} lost` });
  } else if (event.type === "anew") {
    list.add({ kind: "gap", text: say`The server has begun a new log: what was between the two is unknown.` });
  } else if (event.type === "readers" && event.readers !== undefined) {
    at("readers").hidden = false;
    readers.set(event.readers);
  }
};

// ---- How it stands

const ending = ({ status }) =>
  status === undefined ? say`The log has ended.` : say`The log has ended with status ${status}.`;

const because = ({ code, reason }) => [code, reason && visible(reason)].filter(Boolean).join(", ");

const LOST = say`Connection lost. Connecting again`;
const WORDS = {
  connecting: ({ isAgain }) => isAgain ? LOST : say`Connecting`,
  connected: ({ isAnew }) => isAnew ? say`Connected. The numbering began anew.` : say`Connected.`,
  waiting: () => LOST,
  ended: ending,
  refused: (state) => say`The server has ended the connection (${because(state)}).`,
  failed: ({ reason }) => reason,
};

const TITLES = { waiting: say`connection lost`, ended: say`ended`, refused: say`no connection`, failed: say`no connection` };

let state;
const changed = (next) => {
  state = next;
  document.body.dataset.state = state.name;
  const words = WORDS[state.name](state);
  // A screen reader says anew what is set anew, at each of many attempts.
  if (at("words").textContent !== words) at("words").textContent = words;
  at("again").hidden = !["waiting", "refused", "failed"].includes(state.name);
  if (state.name === "connected") rate.add(0);
  else if (state.name !== "connecting") [rate, readers].forEach((chart) => chart.set(null));
  document.title = [TITLES[state.name], say`Live log`].filter(Boolean).join(" – ");
  tick();
};

const tick = () => {
  const seconds = Math.ceil((state.until - performance.now()) / 1000);
  const waits = { waiting: say` in ${Math.max(1, seconds)} s.`, connecting: say` …` };
  at("wait").textContent = waits[state.name] ?? "";
  rate.draw();
  readers.draw();
};

const url = new URL(location.href.replace(/^http/, "ws"));
url.pathname = "/";
const connection = new Connection(url.href.replace(/#.*/, ""), heard, changed);

// ---- What is pressed

const toggle = () => {
  hasScrolledBack = false;
  if (list.isPaused) list.follow();
  else list.pause();
};
const look = () => list.filter(at("filter").value, at("errors").checked);

at("follow").addEventListener("click", toggle);
at("again").addEventListener("click", () => connection.connect());
at("filter").addEventListener("input", look);
at("errors").addEventListener("change", look);
at("filter").form.addEventListener("submit", (event) => event.preventDefault());
at("wrap").addEventListener("change", () => at("lines").classList.toggle("long", !at("wrap").checked));

at("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([list.text()], { type: "text/plain" }));
  link.download = "log.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

// Who scrolls back wants to read: the list waits. Who comes to the end again follows again.
let place = 0;
let hasScrolledBack = false;
at("view").addEventListener("scroll", () => {
  const { scrollTop, scrollHeight, clientHeight } = at("view");
  const isEnd = scrollTop + clientHeight > scrollHeight - 20;
  if (scrollTop < place && !isEnd && !list.isPaused) {
    hasScrolledBack = true;
    list.pause();
  } else if (isEnd && hasScrolledBack && list.isPaused) list.follow();
  place = scrollTop;
});

connection.connect();
setInterval(tick, 1000);
