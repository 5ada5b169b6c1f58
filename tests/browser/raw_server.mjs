// A WebSocket server for what no lesson does: bursts, silence, binary messages, every close code.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
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

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";
const TYPES = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript", svg: "image/svg+xml" };

/**
 * Calls `speak` with the bare TCP stream of every client that has made its handshake. Serves the
 * files of the folder `page` on the same port, where there is one.
 */
export async function rawServer(t, speak, page) {
  const streams = new Set();
  const server = createServer((request, response) => {
    const name = request.url === "/" ? "index.html" : request.url.slice(1);
    const type = TYPES[name.split(".")[1]];
    if (!page || !/^\w+\.\w+$/.test(name) || !type) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(readFileSync(`${page}/${name}`));
  });
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
    server.closeAllConnections();
  });
  return `ws://127.0.0.1:${server.address().port}`;
}
