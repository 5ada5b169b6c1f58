// The live console, 3: the frame that a message must have been. Needs no page: node tests it.
//
// A page sees messages, never frames. But a message of a browser and of the lessons' servers is one
// frame, and RFC 6455, section 5.2, leaves no choice in its header, except for the masking key.
"use strict";
{
  const { hex } = liveConsole;

  const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

  /** The 7 bits of length, and the bytes that follow where these say 126 or 127. */
  const lengthOf = (length) => {
    if (length < 126) return [length, []];
    if (length < 65536) return [126, [length >> 8, length & 255]];
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length));
    return [127, [...bytes]];
  };

  /** The parts of the frame, each with its bytes and what they say; null where nothing was sent. */
  const frameOf = ({ from, kind, payload }) => {
    const opcode = OPCODES[kind];
    if (opcode === undefined || !payload) return null;
    const masked = from === "client";
    const [short, extended] = lengthOf(payload.length);
    const rest = payload.length > payload.first.length ? " …" : "";
    const parts = [
      { name: say`first byte`, bytes: hex([0x80 | opcode]), says: say`FIN 1, opcode ${opcode} (${kind})` },
      { name: say`second byte`, bytes: hex([(masked ? 0x80 : 0) | short]), says: say`MASK ${masked ? 1 : 0}, length ${short}` },
    ];
    if (extended.length > 0) parts.push({ name: say`longer length`, bytes: hex(extended), says: `${payload.length}` });
    if (masked) parts.push({ name: say`masking key`, bytes: "?? ?? ?? ??", says: say`the browser's secret, new for each frame` });
    if (payload.length > 0) {
      const says = masked ? say`before it is masked` : say`as it is on the wire`;
      parts.push({ name: say`payload`, bytes: hex(payload.first) + rest, says });
    }
    const header = 2 + extended.length + (masked ? 4 : 0);
    return { parts, header, length: payload.length, total: header + payload.length };
  };

  Object.assign(liveConsole, { frameOf });
}
