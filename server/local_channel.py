"""The channel between a running server and the commands of its own box: a unix socket inside the data folder.

Who may enter the data folder (0700, the service's account) may speak; nothing of it is on the network. Frames: four
bytes of length, big-endian, then MessagePack. Requests carry an id and may overlap; answers come in any order.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from sync_protocol.sobre import MAX_SOBRE

SOCKET = "consola.sock"
MAX_FRAME = MAX_SOBRE + 64 * 1024


class Tomar(msgspec.Struct, tag="tomar", forbid_unknown_fields=True, frozen=True):
    """Take this sobre. `anunciado`: the first bytes of the código that its carrier announced, or nothing."""

    id: int
    sobre: bytes
    anunciado: bytes = b""


class Preguntar(msgspec.Struct, tag="preguntar", forbid_unknown_fields=True, frozen=True):
    """The acuse of a sobre that was taken; waits a while for the second copy. `integridad`: 32 bytes."""

    id: int
    folio: str
    integridad: bytes


class Cuentas(msgspec.Struct, tag="cuentas", forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Something about accounts of the OPL (server.security.consola_cuentas). `correo` names one.

    crear: nombre, cargo, telefono, rol, and `declaracion` (its bytes, named `archivo`) or `en_papel`. suspender:
    `causa`. restablecer, enlace: a link; with `segundo_factor` that is taken away too.
    """

    id: int = 0
    orden: Literal["crear", "listar", "suspender", "reactivar", "restablecer", "enlace"]
    correo: str = ""
    nombre: str = ""
    cargo: str = ""
    telefono: str = ""
    rol: str = ""
    causa: str = ""
    archivo: str = ""
    declaracion: bytes = b""
    en_papel: bool = False
    segundo_factor: bool = False


class Padron(msgspec.Struct, tag="padron", forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Something about the copies of the padrón (server.registro.consola_padron).

    vigente: the file that an import has just made, as padron_archivo.Construido describes it. retirar: `version`.
    reverificar: `todos`, or only those without an answer and those not found. estado: nothing.
    """

    id: int = 0
    orden: Literal["estado", "vigente", "retirar", "reverificar"]
    archivo: str = ""
    corte: str = ""
    filas: int = 0
    resumen: bytes = b""
    tam: int = 0
    aunque_menor: bool = False
    version: int = 0
    todos: bool = False


class RespuestaCuentas(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What became of an order, in lines for a person. On a connection of its own, so never taken for a verdict."""

    id: int = 0
    bien: bool
    renglones: tuple[str, ...]


class Veredicto(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """What became of a sobre.

    acusado: `acuse`. recibido: taken, its acuse may not be given yet. rechazado: `codigo` of the catalogue, for the
    phone. no_tomado: `codigo`; the server cannot take it now, nothing is wrong with the sobre. `integridad`: 32 bytes.
    """

    estado: Literal["acusado", "recibido", "rechazado", "no_tomado"]
    integridad: bytes
    folio: str = ""
    acuse: str = ""
    codigo: str = ""
    nuevo: bool = False
    id: int = 0


Orden = Cuentas | Padron
Peticion = Tomar | Preguntar | Orden
_REQUESTS: msgspec.msgpack.Decoder[Peticion] = msgspec.msgpack.Decoder(Peticion)
_ANSWERS = msgspec.msgpack.Decoder(Veredicto)
_ACCOUNTS = msgspec.msgpack.Decoder(RespuestaCuentas)


class BrokenChannelError(Exception):
    """The other side is gone, or does not speak this."""


async def read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next frame; None at the end. Raises BrokenChannelError."""
    try:
        head = await reader.readexactly(4)
        size = int.from_bytes(head, "big")
        if size > MAX_FRAME:
            raise BrokenChannelError("mensaje demasiado grande")
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BrokenChannelError("mensaje cortado") from error
        return None
    except OSError as error:
        raise BrokenChannelError(type(error).__name__) from error


def frame(message: Peticion | Veredicto | RespuestaCuentas) -> bytes:
    """A message as it travels."""
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4, "big") + body


def read_request(body: bytes) -> Peticion:
    """Raises BrokenChannelError."""
    try:
        return _REQUESTS.decode(body)
    except msgspec.MsgspecError as error:
        raise BrokenChannelError("mensaje desconocido") from error


def read_answer(body: bytes) -> Veredicto:
    """Raises BrokenChannelError."""
    try:
        return _ANSWERS.decode(body)
    except msgspec.MsgspecError as error:
        raise BrokenChannelError("respuesta desconocida") from error


def read_accounts(body: bytes) -> RespuestaCuentas:
    """The answer to an order. Raises BrokenChannelError."""
    try:
        return _ACCOUNTS.decode(body)
    except msgspec.MsgspecError as error:
        raise BrokenChannelError("respuesta desconocida") from error


@contextlib.contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """A path of the socket that is short enough, whatever the folder's: a socket's path has 107 bytes at most."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        short = Path(f"/proc/self/fd/{fd}")
        yield str((short if short.exists() else folder) / SOCKET)
    finally:
        os.close(fd)


def listen(folder: Path) -> socket.socket:
    """The socket of a server; one that a dead server left is replaced. The caller holds the folder's lock."""
    (folder / SOCKET).unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reachable(folder) as path:
            made.bind(path)
        (folder / SOCKET).chmod(0o600)
        made.listen(8)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def connect(folder: Path) -> socket.socket:
    """The socket of a command. Raises OSError when no server listens."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reachable(folder) as path:
            made.connect(path)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


async def order(folder: Path, asked: Orden) -> RespuestaCuentas:
    """Ask the server that runs on this folder, on a connection of its own. Raises OSError, BrokenChannelError."""
    reader, writer = await asyncio.open_unix_connection(sock=connect(folder))
    try:
        writer.write(frame(asked))
        await writer.drain()
        body = await read_frame(reader)
    finally:
        writer.close()
    if body is None:
        raise BrokenChannelError("el servidor cerró el canal")
    return read_accounts(body)
