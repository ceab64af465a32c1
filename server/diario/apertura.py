"""Opening one sobre of the diario in memory: what was captured, in clear, and nowhere on a disk (rows B4, D6)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from server.diario.lote import read_member
from server.errors import DiarioError
from sync_protocol import registro as contenido
from sync_protocol import sealing, sobre
from sync_protocol.errors import ProtocolError
from sync_protocol.registro import Apoyo, Testigos
from sync_protocol.sealing import OpeningKey


class Lugar(Protocol):
    """Where a sobre lies: a row of `registros` is one."""

    @property
    def lote(self) -> int:
        """The lote's number."""

    @property
    def posicion(self) -> int:
        """Where its bytes begin."""

    @property
    def tam(self) -> int:
        """How many they are."""

    @property
    def codigo(self) -> bytes:
        """Their código de integridad."""


class NoAbre(Exception):  # noqa: N818 -- the noun is Spanish
    """A sobre that cannot be opened. `motivo`: lote_ilegible, llave_desconocida or sobre_danado."""

    def __init__(self, motivo: str) -> None:
        super().__init__(motivo)
        self.motivo = motivo


def abrir(diario: Path, aperturas: Mapping[bytes, OpeningKey], donde: Lugar) -> Apoyo | Testigos:
    """The record that a sobre seals. `diario`: the folder of lotes; `aperturas`: the keyring's, by key id.

    Raises NoAbre, whatever the reason: the lote is gone, its bytes changed, or the key that opens it is not here.
    """
    try:
        raw = read_member(diario, donde.lote, donde.posicion, donde.tam)
    except (DiarioError, OSError) as error:
        raise NoAbre("lote_ilegible") from error
    if sobre.codigo_de_integridad(raw) != donde.codigo:
        raise NoAbre("sobre_danado")
    try:
        parsed = sobre.parse(raw)
        key = aperturas.get(parsed.cabecera.key_id)
        if key is None:
            raise NoAbre("llave_desconocida")
        plaintext = sealing.open_sobre(parsed, key)
        return contenido.decode(plaintext, tipo=parsed.cabecera.tipo, folio=parsed.cabecera.folio)
    except ProtocolError as error:
        raise NoAbre("sobre_danado") from error
