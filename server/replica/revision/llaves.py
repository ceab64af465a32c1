"""The public keys of phones, for checking the signatures of their sobres: from the index, or from the diario alone."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from server.diario import lote as lotes
from server.errors import DiarioError
from server.fast_keys import FastPublicKey
from server.store.revision import FilaLlave
from sync_protocol.errors import ProtocolError
from sync_protocol.signing import PublicKey


class LlavesDispositivo:
    """Points by device, parsed when they are first needed. Any thread may ask."""

    def __init__(self, rows: Iterable[FilaLlave]) -> None:
        self._points: dict[int, list[bytes]] = {}
        for row in rows:
            self._points.setdefault(row.dispositivo, []).append(row.punto)
        self._parsed: dict[int, tuple[PublicKey, ...]] = {}
        self._lock = threading.Lock()

    def __call__(self, dispositivo: int) -> tuple[PublicKey, ...]:
        """The keys of a device; empty when it has none."""
        known = self._parsed.get(dispositivo)
        if known is None:
            known = tuple(_parsed(self._points.get(dispositivo, ())))
            with self._lock:
                self._parsed[dispositivo] = known
        return known


def _parsed(points: Iterable[bytes]) -> Iterator[PublicKey]:
    for point in points:
        try:
            yield FastPublicKey.from_point(point)
        except ProtocolError:
            continue  # no signature verifies under it: the sobre that needs it is found


def from_diario(folder: Path) -> Iterator[FilaLlave]:
    """The keys that altas brought, when there is no index to ask. Lotes that cannot be read are passed over here."""
    for numero in lotes.numbers(folder):
        try:
            manifest, _ = lotes.read_manifest(folder / lotes.file_name(numero))
            for entrada in manifest.entradas:
                if entrada.clase == "evento" and entrada.datos.get("evento") == "alta":
                    punto = base64.b64decode(entrada.datos["llave"])
                    yield FilaLlave(punto, int(entrada.datos["dispositivo"]), numero)
        except (DiarioError, OSError, KeyError, TypeError, ValueError, binascii.Error):
            continue
