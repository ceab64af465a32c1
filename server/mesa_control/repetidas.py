"""Whether a cédula that is being typed is in its package already: by clave de elector, CIC or OCR (row B5).

What was typed is wrapped, so each cédula is opened once and remembered in memory as hashes under a key of this process.
A hint while typing: duplicates are found by the pipeline.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from server.expedientes import abrir
from server.expedientes.abrir import Datos
from server.keyring import Keyring
from server.store import cedulas_papel
from server.store.connection import Connection

PAQUETES = 16
"""Packages that are remembered at once."""
_POR = ("clave_elector", "cic", "ocr")


@dataclass
class Repetidas:
    """Asked from any thread."""

    keyring: Keyring
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _known: OrderedDict[int, dict[int, tuple[bytes, frozenset[bytes]]]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def de(self, conn: Connection, paquete: int, numero: int, datos: Datos) -> list[int]:
        """Numbers of other cédulas of this package that name the same person, ascending."""
        asked = self._hashes(datos)
        if not asked:
            return []
        rows = cedulas_papel.of_package(conn, paquete)
        with self._lock:
            known = self._known.setdefault(paquete, {})
            self._known.move_to_end(paquete)
            while len(self._known) > PAQUETES:
                self._known.popitem(last=False)
        found = []
        for other, wrapped in rows:
            # A wrapping begins with its key and nonce: another typing has another beginning.
            mark = wrapped[:24]
            held = known.get(other)
            if held is None or held[0] != mark:
                held = known[other] = (mark, self._open(paquete, other, wrapped))
            if other != numero and held[1] & asked:
                found.append(other)
        return found

    def _open(self, paquete: int, numero: int, wrapped: bytes) -> frozenset[bytes]:
        plain = self.keyring.unwrap(abrir.papel(paquete, numero), wrapped)
        return self._hashes(msgspec.msgpack.decode(plain, type=Datos)) if plain else frozenset()

    def _hashes(self, datos: Datos) -> frozenset[bytes]:
        said = ((name, getattr(datos, name)) for name in _POR)
        return frozenset(
            hashlib.blake2b(f"{name}:{value}".encode(), key=self._key, digest_size=16).digest()
            for name, value in said
            if value
        )
