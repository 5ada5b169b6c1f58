// The assistant's page: sends questions, and shows the answers word by word as they come.
//
// Words from outside only ever become text: `appendData` and `textContent` make no elements of them.
// So an answer with <script> in it shows a <script>, and runs nothing.

const element = (id) => document.getElementById(id);
const question = element("question");
const state = element("state");

/** The answers that are still coming, by their ids. */
const running = new Map();
let asked = 0;

/** Close codes after which a server may be back soon. After others, a second try is in vain. */
const WORTH_A_TRY = [1001, 1006, 1011, 1012, 1013];
let attempts = 0, socket, nextAttempt;

function connect() {
  clearTimeout(nextAttempt);
  show("connecting", say`Connecting …`);
  // A page that has come over https may open nothing less safe than wss.
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/`);
  socket.onopen = () => show("open", say`Connected`);
  socket.onmessage = (message) => heard(JSON.parse(message.data));
  // Whatever goes wrong, `close` is the last event. Code 1006: without a close frame.
  socket.onclose = (event) => lost(event.code, event.reason);
}

function lost(code, reason) {
  // Without its end an answer is not complete, however finished it may look.
  for (const id of running.keys()) end(id, "cut off", say`the connection was lost`);
  if (!WORTH_A_TRY.includes(code)) return show("closed", say`Closed by the server: ${code} ${reason}`);
  // Exponential backoff with full jitter: a server that starts again has many clients, and if all
  // waited for the same time, all would come in the same instant and be too many once more.
  const wait = Math.random() * Math.min(30_000, 1000 * 2 ** attempts);
  attempts += 1;
  nextAttempt = setTimeout(connect, wait);
  show("waiting", say`No connection. Next try in ${Math.ceil(wait / 1000)} s`);
}

function show(name, words) {
  // Said are the first of several attempts, and the last.
  if ((name === "open") !== (state.dataset.state === "open")) speak(words);
  state.dataset.state = name;
  state.textContent = words;
  element("send").disabled = name !== "open";
  element("now").hidden = name === "open" || name === "connecting";
}

function heard(event) {
  // Not in `onopen`: a server that accepts and leaves at once would be asked without a pause.
  attempts = 0;
  const answer = running.get(event.id);
  if (event.type === "delta") answer?.writer.add(event.text);
  else if (event.type === "done") end(event.id, event.status, event.reason);
  else if (event.type === "error") end(answer ? event.id : begin(""), "refused", event.reason);
  // Any other type is of a newer server, and not for us.
}

function ask(text) {
  if (!text || socket.readyState !== WebSocket.OPEN) return;
  question.value = "";
  socket.send(JSON.stringify({ type: "ask", id: begin(text), text }));
}

function cancel(id) {
  // It has ended when the server says so: some words may be on their way.
  running.get(id).turn.dataset.status = "stopping";
  socket.send(JSON.stringify({ type: "cancel", id }));
}

/** Shows a question, with room for its answer. Gives the answer's id. */
function begin(text) {
  const id = `q${(asked += 1)}`;
  const turn = element("turn").content.firstElementChild.cloneNode(true);
  const stop = turn.querySelector("button");
  turn.querySelector(".question").textContent = text;
  stop.setAttribute("aria-label", say`Stop the answer to: ${text.slice(0, 80)}`);
  stop.onclick = () => cancel(id);
  const words = turn.querySelector(".words");
  running.set(id, { turn, stop, words, writer: writerInto(words) });
  element("conversation").append(turn);
  turn.scrollIntoView({ block: "end" });
  return id;
}

const ENDS = { completed: "", cancelled: say`Stopped`, failed: say`Failed`, refused: say`Refused`, "cut off": say`Cut off` };

function end(id, status, reason) {
  const answer = running.get(id);
  if (!running.delete(id)) return;
  answer.writer.flush();
  const remark = [ENDS[status] ?? status, reason].filter(Boolean).join(say`: `);
  answer.turn.dataset.status = status;
  answer.turn.querySelector(".end").textContent = remark;
  speak(remark || answer.words.textContent);
  // Whoever has pressed it would be nowhere when it is gone.
  if (document.activeElement === answer.stop) question.focus();
  answer.stop.remove();
}

/** To a screen reader: each answer once, when it has ended, and not word by word. */
const speak = (words) => { element("spoken").textContent = words; };

element("form").onsubmit = (event) => {
  event.preventDefault(); // which would load a page
  ask(question.value.trim());
};
document.onkeydown = (event) => {
  const newest = [...running.keys()].at(-1);
  // While a word is composed, in Chinese for example, Escape is the input method's.
  if (event.key === "Escape" && newest && !event.isComposing) cancel(newest);
};
for (const example of document.querySelectorAll("#examples button")) {
  example.onclick = () => ask(example.textContent);
}
element("now").onclick = () => { connect(); question.focus(); };

connect();
