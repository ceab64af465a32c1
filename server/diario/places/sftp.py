"""A folder of an SFTP server as the second place, several lotes at a time on one connection.

Each lote: written under a temporary name, `fsync@openssh.com`, renamed without replacing, and its new name synced: by
the folder where the server can (OpenSSH opens a folder as it does a file), else by the file once more. A server that
cannot sync at all is refused: an acuse must not rest on what may still be in its memory. The host key must be a known
one, always.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import posixpath
import stat
import threading
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from server.diario.lote import file_name
from server.diario.places.folder import number_of
from server.diario.places.place import APARTADOS, Motivo, Moved, PlaceError, Taken

T = TypeVar("T")

AT_ONCE = 8
"""Lotes under way at a time; each has several writes under way of its own."""
_PIECE = 256 * 1024
_CONNECT_S = 20
_PROBE = "prueba.tmp"

logging.getLogger("asyncssh").setLevel(logging.ERROR)  # its lines name users and addresses


@dataclass(frozen=True)
class SftpAddress:
    """Where and as whom. `folder` is absolute, or relative to the user's home."""

    host: str
    port: int
    user: str
    folder: str
    known_hosts: Path
    key: Path | None = None
    password: str | None = None


class SftpPlace:
    """One connection, kept open on a loop of its own thread, so that it answers the server between two lotes."""

    clase = "sftp"
    nota = ""

    def __init__(self, address: SftpAddress, *, espera_s: float) -> None:
        """`espera_s`: how long any single step may take."""
        self._address = address
        self._espera_s = espera_s
        self._gate = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._folder: asyncssh.SFTPClientFile | None = None

    def describe(self) -> str:
        return f"SFTP {self._address.host}:{self._address.port}"

    # -- the protocol -------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        self.close()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=_serve, args=(loop,), name="segunda-copia-sftp", daemon=True)
        thread.start()
        with self._gate:
            self._loop = loop
        self._run(self._connect())

    def listing(self, moved: Moved) -> Mapping[int, int]:
        return self._run(self._listing(moved))

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        self._run(self._put(group, moved, taken))

    def read(self, numero: int, posicion: int, tam: int) -> bytes:
        return self._run(self._read(self._path(file_name(numero)), posicion, tam))

    def checksum(self, numero: int) -> bytes | None:
        return None

    def set_aside(self, numero: int, marca: str) -> None:
        self._run(self._set_aside(numero, marca))

    def load(self, nombre: str) -> bytes | None:
        return self._run(self._load(nombre))

    def store(self, nombre: str, content: bytes) -> None:
        self._run(self._store(nombre, content))

    def close(self) -> None:
        with self._gate:
            loop, connection = self._loop, self._connection
            self._loop = self._connection = self._client = self._folder = None
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(_end, loop, connection)

    # -- between the caller's thread and the loop ---------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        with self._gate:
            loop = self._loop
        if loop is None:
            work.close()
            raise PlaceError(Motivo.SIN_CONEXION, "sin conexión")
        try:
            return asyncio.run_coroutine_threadsafe(_translated(work), loop).result()
        except asyncio.CancelledError as error:
            raise PlaceError(Motivo.SIN_CONEXION, "la conexión se cerró") from error

    async def _step(self, work: Awaitable[T]) -> T:
        """One step, within its time."""
        async with asyncio.timeout(self._espera_s):
            return await work

    def _path(self, *names: str) -> str:
        return posixpath.join(self._address.folder, *names)

    @property
    def _sftp(self) -> asyncssh.SFTPClient:
        if self._client is None:
            raise PlaceError(Motivo.SIN_CONEXION, "sin conexión")
        return self._client

    # -- on the loop --------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        address = self._address
        async with asyncio.timeout(min(_CONNECT_S, self._espera_s) * 2):
            connection = await asyncssh.connect(
                address.host, address.port, username=address.user, password=address.password,
                client_keys=[str(address.key)] if address.key else [], known_hosts=str(address.known_hosts),
                config=[], agent_path=None, connect_timeout=_CONNECT_S, login_timeout=_CONNECT_S,
                keepalive_interval=15, keepalive_count_max=3,
            )  # fmt: skip
            with self._gate:
                if self._loop is not asyncio.get_running_loop():
                    connection.abort()
                    raise PlaceError(Motivo.SIN_CONEXION, "la conexión se cerró")
                self._connection = connection
            self._client = await connection.start_sftp_client()
        if not await self._step(self._sftp.isdir(self._address.folder)):
            raise PlaceError(Motivo.NO_ESTA, "la carpeta no existe en el servidor SFTP")
        await self._prove_durable()

    async def _prove_durable(self) -> None:
        """Write, sync and drop a small file. Raises SIN_FSYNC where there is no way to know what is on the disk."""
        probe = self._path(_PROBE)
        try:
            async with self._open(probe, "wb") as file:
                await self._step(file.write(b"acopio\n", 0))
                await self._step(file.fsync())
        except asyncssh.SFTPOpUnsupported as error:
            raise PlaceError(Motivo.SIN_FSYNC, "sin fsync@openssh.com") from error
        finally:
            with contextlib.suppress(asyncssh.SFTPError):
                await self._step(self._sftp.remove(probe))
        with contextlib.suppress(asyncssh.SFTPError):
            folder = await self._step(self._sftp.open(self._address.folder, "rb", encoding=None))
            await self._step(folder.fsync())
            self._folder = folder

    @contextlib.asynccontextmanager
    async def _open(self, path: str, mode: str) -> AsyncIterator[asyncssh.SFTPClientFile]:
        file = await self._step(self._sftp.open(path, mode, encoding=None))
        try:
            yield file
        finally:
            with contextlib.suppress(asyncssh.Error, OSError):
                await self._step(file.close())

    async def _listing(self, moved: Moved) -> dict[int, int]:
        found: dict[int, int] = {}
        names = aiter(self._sftp.scandir(self._address.folder))
        while True:
            try:
                entry = await self._step(anext(names))
            except StopAsyncIteration:
                return found
            moved()
            numero = number_of(str(entry.filename))
            if numero is not None:
                found[numero] = entry.attrs.size or 0

    async def _put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(numero: int, path: Path) -> None:
            async with free:
                try:
                    await self._put_one(numero, await asyncio.to_thread(path.read_bytes), moved, taken)
                except asyncssh.SFTPFailure as error:
                    raise PlaceError(Motivo.LLENA if await self._full() else Motivo.FALLA, "SFTPFailure") from error

        async with asyncio.TaskGroup() as tasks:
            for numero, path in group:
                tasks.create_task(one(numero, path))

    async def _full(self) -> bool:
        """Whether the disk behind it is: version 3 of the protocol says «failure» of that as of anything."""
        try:
            return (await self._step(self._sftp.statvfs(self._address.folder))).bavail * 4096 < 2 * _PIECE
        except asyncssh.SFTPError:
            return False

    async def _put_one(self, numero: int, content: bytes, moved: Moved, taken: Taken) -> None:
        final = self._path(file_name(numero))
        temporary = f"{final[:-3]}tmp"
        async with self._open(temporary, "wb") as file:
            for start in range(0, len(content), _PIECE):
                await self._step(file.write(content[start : start + _PIECE], start))
                moved()
            _, attrs = await asyncio.gather(self._step(file.fsync()), self._step(file.stat()))
            if attrs.size != len(content):
                raise PlaceError(Motivo.FALLA, f"el lote {numero} quedó de otro tamaño")
            try:
                await self._step(self._sftp.rename(temporary, final))
            except asyncssh.SFTPError:
                await self._must_be_the_same(numero, content, temporary)
            await self._step((self._folder or file).fsync())
            moved()
            taken(numero)

    async def _must_be_the_same(self, numero: int, content: bytes, temporary: str) -> None:
        """A rename that was refused: was it there already, from a time whose answer was lost?"""
        final = self._path(file_name(numero))
        if not await self._step(self._sftp.exists(final)):
            raise PlaceError(Motivo.SIN_PERMISO, "el servidor SFTP no dejó dar su nombre al lote")
        there = await self._read(final, 0, len(content) + 1)
        await self._step(self._sftp.remove(temporary))
        if there != content:
            raise PlaceError(Motivo.DISTINTA, f"ya había otro lote {numero}")
        async with self._open(final, "rb") as file:
            await self._step(file.fsync())

    async def _sync_folder(self, folder: str) -> None:
        """OpenSSH opens a folder as it opens a file, and syncs it. Others refuse; the file's second sync must do."""
        with contextlib.suppress(asyncssh.SFTPError):
            async with self._open(folder, "rb") as handle:
                await self._step(handle.fsync())

    async def _read(self, path: str, posicion: int, tam: int) -> bytes:
        async with self._open(path, "rb") as file:
            pieces: list[bytes] = []
            while tam > 0:
                piece: Any = await self._step(file.read(min(tam, _PIECE), posicion))
                if not piece:
                    break
                pieces.append(piece)
                posicion, tam = posicion + len(piece), tam - len(piece)
        return b"".join(pieces)

    async def _set_aside(self, numero: int, marca: str) -> None:
        aside = self._path(APARTADOS)
        if not await self._step(self._sftp.isdir(aside)):
            await self._step(self._sftp.mkdir(aside))
        await self._step(self._sftp.rename(self._path(file_name(numero)), f"{aside}/{numero:010d}.{marca}.tar"))
        await self._sync_folder(aside)
        await self._sync_folder(self._address.folder)

    async def _load(self, nombre: str) -> bytes | None:
        path = self._path(nombre)
        try:
            attrs = await self._step(self._sftp.stat(path))
        except asyncssh.SFTPNoSuchFile:
            return None
        return await self._read(path, 0, attrs.size or 0) if stat.S_ISREG(attrs.permissions or 0) else None

    async def _store(self, nombre: str, content: bytes) -> None:
        path = self._path(nombre)
        async with self._open(f"{path}.tmp", "wb") as file:
            await self._step(file.write(content, 0))
            await self._step(file.fsync())
            await self._step(self._sftp.posix_rename(f"{path}.tmp", path))
            await self._step(file.fsync())
        await self._sync_folder(self._address.folder)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        # Whoever waits for a result must hear that there will be none.
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=2))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, connection: asyncssh.SSHClientConnection | None) -> None:
    if connection is not None:
        connection.abort()
    loop.call_later(0.05, loop.stop)  # a turn or two, for the connection to tell everyone that it is gone


async def _translated(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except Exception as error:  # noqa: BLE001 -- whatever it is, it becomes a reason
        # Not `except*`: Debian's Python 3.11.2 puts what is raised from there into the group again.
        known = _as_place_error(error)
        raise known from (None if known is error else error)


def _as_place_error(error: BaseException) -> PlaceError:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    detalle = type(error).__name__
    match error:
        case PlaceError():
            return error
        case TimeoutError() | asyncssh.ConnectionLost():
            return PlaceError(Motivo.NO_RESPONDE, detalle)
        case asyncssh.HostKeyNotVerifiable() | asyncssh.KeyExchangeFailed():
            return PlaceError(Motivo.IDENTIDAD, detalle)
        case asyncssh.PermissionDenied() | asyncssh.SFTPPermissionDenied() | asyncssh.SFTPWriteProtect():
            return PlaceError(Motivo.SIN_PERMISO, detalle)
        case asyncssh.SFTPNoSuchFile() | asyncssh.SFTPNoSuchPath() | asyncssh.SFTPNotADirectory():
            return PlaceError(Motivo.NO_ESTA, detalle)
        case asyncssh.SFTPNoSpaceOnFilesystem() | asyncssh.SFTPQuotaExceeded():
            return PlaceError(Motivo.LLENA, detalle)
        case asyncssh.SFTPNoConnection() | asyncssh.SFTPConnectionLost() | asyncssh.DisconnectError():
            return PlaceError(Motivo.SIN_CONEXION, detalle)
        case asyncssh.SFTPFailure() if "space" in str(error).lower():
            return PlaceError(Motivo.LLENA, detalle)
        case asyncssh.SFTPError() | asyncssh.Error():
            return PlaceError(Motivo.FALLA, detalle)
        case OSError():
            return PlaceError(Motivo.SIN_CONEXION, detalle)
        case _:
            return PlaceError(Motivo.FALLA, detalle)
