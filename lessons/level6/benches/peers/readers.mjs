// The same in node, as its programmers write it: `npm install ws`.
//
// Each line of standard input goes to all readers, by a `send` for each.

import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const readers = new Set();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });

server.on("listening", () => {
  console.log(`Listening on ws://127.0.0.1:${server.address().port}`);
});

server.on("connection", (socket) => {
  socket.once("message", () => {
    socket.send("{}");
    readers.add(socket);
  });
  socket.on("close", () => readers.delete(socket));
});

let seq = 0;
for await (const text of createInterface({ input: process.stdin })) {
  seq += 1;
  const line = JSON.stringify({ type: "line", seq, ms: 12345, text, readers: readers.size });
  for (const socket of readers) {
    socket.send(line);
  }
}
