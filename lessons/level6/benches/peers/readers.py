"""The same in Python, as its programmers write it: `pip install websockets`.

Each line of standard input goes to all readers, by the library's own `broadcast`.
"""

import asyncio
import json
import sys

from websockets.asyncio.server import broadcast, serve

readers = set()


async def reader(socket):
    await socket.recv()
    await socket.send("{}")
    readers.add(socket)
    try:
        await socket.wait_closed()
    finally:
        readers.discard(socket)


async def main():
    stdin = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(stdin)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    # No compression and no pings: the log has neither.
    async with serve(reader, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"Listening on ws://127.0.0.1:{port}", flush=True)
        seq = 0
        while line := await stdin.readline():
            seq += 1
            text = line.decode().rstrip("\n")
            event = {"type": "line", "seq": seq, "ms": 12345, "text": text, "readers": len(readers)}
            broadcast(readers, json.dumps(event, separators=(",", ":")))


asyncio.run(main())
