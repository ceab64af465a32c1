"""Whole files by multipart POST, sent again from the first byte after a cut, as ODK Collect does; and their sink.

`python -m bench.weak_line.whole_file sink HOST PORT` is a plain server that takes a body and throws it away;
`… send URL FILE …` sends file after file over one connection, with 30 seconds for every silence and one second
between attempts.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

SILENCE_S = 30.0
PAUSE_S = 1.0
_BOUNDARY = "----------------------------frontera0123456789"


def main(arguments: list[str]) -> None:
    """As the module says."""
    kind, *rest = arguments
    if kind == "sink":
        asyncio.run(_sink(rest[0], int(rest[1])))
    else:
        _send(rest[0], [Path(name) for name in rest[1:]])


def _send(url: str, files: list[Path]) -> None:
    parts = urlsplit(url)
    began = time.monotonic()
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SILENCE_S)
    for path in files:
        content = path.read_bytes()
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'.encode()
        body = head + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        while True:
            try:
                line.request("POST", parts.path, body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})
                answer = line.getresponse()
                answer.read()
                if answer.status == 201:
                    break
            except (OSError, http.client.HTTPException):
                line.close()
            time.sleep(PAUSE_S)
        print(json.dumps({"seconds": time.monotonic() - began, "bytes": len(content)}), flush=True)


async def _sink(host: str, port: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
                writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError, ValueError):
            writer.transport.abort()

    async with await asyncio.start_server(serve, host, port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
