"""tuspyserver, and behind it what our acuse demands: python same_work.py <port> <folder> <keys file> <index file>.

Its completion hook is called for a PATCH that completes an upload, never for a creation that carried all bytes. So the
work is done in a layer of ASGI around the application, which sees both: the answer to whichever request completed an
upload waits until the record is checked and durable, and carries the receipt.

The checks run on two threads (a file is synced meanwhile), and one more commits what waits together.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import queue
import sqlite3
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from record import Found, Keys, RefusedError, check, receipt
from tuspyserver import create_tus_router

_TABLE = """CREATE TABLE registros (device INTEGER, registro INTEGER, folio TEXT NOT NULL, codigo TEXT NOT NULL,
tam INTEGER NOT NULL, file TEXT NOT NULL, acuse TEXT NOT NULL, PRIMARY KEY (device, registro)) STRICT"""
_INSERT = """INSERT INTO registros VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (device, registro) DO UPDATE SET file = registros.file WHERE registros.codigo = excluded.codigo
RETURNING acuse"""


@dataclass(frozen=True, slots=True)
class _Entry:
    found: Found
    folio: str
    file: str
    acuse: str
    done: Future[str]


class Ledger:
    """What waits is committed together, after the folder that holds its files is synced."""

    def __init__(self, index: Path, folder: Path) -> None:
        self._index = index
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self._waiting: queue.SimpleQueue[_Entry] = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def keep(self, entry: _Entry) -> None:
        """Queue it; `entry.done` is the acuse once it is durable."""
        self._waiting.put(entry)

    def _run(self) -> None:
        conn = sqlite3.connect(self._index, isolation_level=None)
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute(_TABLE)
        while True:
            group = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while True:
                    group.append(self._waiting.get_nowait())
            try:
                rows = self._commit(conn, group)
            except (OSError, sqlite3.Error) as error:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
                for entry in group:
                    entry.done.set_exception(error)
                continue
            for entry, row in zip(group, rows, strict=True):
                if row is None:
                    entry.done.set_exception(RefusedError("folio_en_conflicto"))
                else:
                    entry.done.set_result(row[0])

    def _commit(self, conn: sqlite3.Connection, group: list[_Entry]) -> list[Any]:
        os.fsync(self._folder)
        conn.execute("BEGIN IMMEDIATE")
        rows = []
        for entry in group:
            one = entry.found
            values = (one.device, one.registro, entry.folio, one.codigo, one.tam, entry.file, entry.acuse)
            rows.append(conn.execute(_INSERT, values).fetchone())
        conn.execute("COMMIT")
        return rows


class SameWork:
    """The layer of ASGI around tuspyserver."""

    def __init__(self, app: Any, folder: Path, keys: Keys, ledger: Ledger) -> None:
        self._app = app
        self._folder = folder
        self._keys = keys
        self._ledger = ledger
        self._pool = ThreadPoolExecutor(2)
        self._syncs = ThreadPoolExecutor(16)
        self._announced: dict[str, dict[str, str]] = {}
        """Uploads that were created and are not complete: what was said about them."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass everything through; hold back the answer that completes an upload."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PATCH"):
            await self._app(scope, receive, send)
            return
        asked = dict(scope["headers"])
        refused = False

        async def answer(message: Any) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in (201, 204):
                error = await self._completed(scope, asked, message)
                if error:
                    refused = True
                    await send({"type": "http.response.start", "status": 422, "headers": [(b"content-length", b"0")]})
                    await send({"type": "http.response.body", "body": b""})
            if not refused:
                await send(message)

        await self._app(scope, receive, answer)

    async def _completed(self, scope: Any, asked: dict[bytes, bytes], message: Any) -> str:
        said = dict(message["headers"])
        uid = (said.get(b"location") or scope["path"].encode()).rpartition(b"/")[2].decode()
        if scope["method"] == "POST":
            self._announced[uid] = {"length": asked[b"upload-length"].decode(), **_metadata(asked)}
        announced = self._announced[uid]
        if said.get(b"upload-offset", b"").decode() != announced["length"]:
            return ""
        del self._announced[uid]
        try:
            acuse = await self._take(self._folder / uid, announced)
        except RefusedError as error:
            (self._folder / uid).unlink()
            return str(error)
        message["headers"] = [*message["headers"], (b"acopio-acuse", acuse.encode())]
        return ""

    async def _take(self, path: Path, announced: dict[str, str]) -> str:
        loop = asyncio.get_running_loop()
        syncing = loop.run_in_executor(self._syncs, _sync, path)
        try:
            found, acuse = await loop.run_in_executor(self._pool, self._check, path, announced)
        finally:
            await syncing
        done: Future[str] = Future()
        self._ledger.keep(_Entry(found, announced["folio"], path.name, acuse, done))
        return await asyncio.wrap_future(done)

    def _check(self, path: Path, announced: dict[str, str]) -> tuple[Found, str]:
        found = check(self._keys, path.read_bytes(), announced["codigo_integridad"])
        return found, receipt(self._keys, announced["folio"], found)


def _metadata(asked: dict[bytes, bytes]) -> dict[str, str]:
    pairs = (entry.split() for entry in asked[b"upload-metadata"].decode().split(","))
    return {name: base64.b64decode(value).decode() for name, value in pairs}


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(fd)
    finally:
        os.close(fd)


def main(port: str, folder: str, keys: str, index: str) -> None:
    """Serve until the process is ended."""
    app = FastAPI()
    app.include_router(create_tus_router(prefix="files", files_dir=folder))
    served = SameWork(app, Path(folder), Keys(Path(keys)), Ledger(Path(index), Path(folder)))
    uvicorn.run(served, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
