// A WebSocket server for what no lesson does: bursts, silence, binary messages, every close code.

import { createHash } from "node:crypto";
import { createServer } from "node:http";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** An unmasked frame, final, as a server sends it (RFC 6455, section 5.2). */
export function frame(opcode, payload) {
  const body = Buffer.from(payload);
  const size = body.length;
  const head = size < 126 ? Buffer.alloc(2) : size < 65536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (size < 126) head[1] = size;
  else if (size < 65536) [head[1]] = [126, head.writeUInt16BE(size, 2)];
  else [head[1]] = [127, head.writeBigUInt64BE(BigInt(size), 2)];
  return Buffer.concat([head, body]);
}

export const text = (words) => frame(1, words);

export function close(code, reason = "") {
  const body = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  body.writeUInt16BE(code);
  return frame(8, body);
}

/** Calls `speak` with the bare TCP stream of every client that has made its handshake. */
export async function rawServer(t, speak) {
  const streams = new Set();
  const server = createServer();
  server.on("upgrade", (request, stream) => {
    streams.add(stream);
    stream.on("error", () => {});
    const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + GUID).digest("base64");
    stream.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    speak(stream);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const stream of streams) stream.destroy();
    server.close();
  });
  return `ws://127.0.0.1:${server.address().port}`;
}
