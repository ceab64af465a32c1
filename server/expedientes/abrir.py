"""Opening one apoyo in memory: what was captured, what holds after the mesa's corrections, and its images (G1).

An apoyo by phone is opened from its sobre; one of paper from what was typed. Nothing of it may reach a disk, a log or
an address: whoever calls puts on the record that it was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import msgspec

from server.diario import apertura
from server.diario.apertura import NoAbre
from server.domain.apoyo import Via
from server.keyring import Keyring
from server.store import apoyos, cedulas_papel, correcciones, registros
from server.store.connection import Connection
from sync_protocol.registro import Apoyo as Contenido


@dataclass(frozen=True, slots=True)
class Datos:
    """What identifies a person, as text with its zeros; empty when nobody read it."""

    nombre: str = ""
    apellido_paterno: str = ""
    apellido_materno: str = ""
    clave_elector: str = ""
    curp: str = ""
    cic: str = ""
    ocr: str = ""


CAMPOS = tuple(field.name for field in fields(Datos))
"""The names of the data, in the order in which people read them."""


@dataclass(frozen=True, slots=True)
class Abierto:
    """One apoyo, open. `capturados`: as they came; `datos`: what holds; `corregidos`: the campos that differ by a
    correction. `contenido`: what the phone sealed, images among it; None for paper."""

    id: int
    via: Via
    capturados: Datos
    datos: Datos
    corregidos: tuple[str, ...]
    contenido: Contenido | None

    @property
    def imagenes(self) -> Mapping[str, bytes]:
        """The four images as the phone sent them, by tipo; none for paper."""
        return {} if self.contenido is None else {image.tipo: image.datos for image in self.contenido.imagenes}


@dataclass(frozen=True, slots=True)
class Abridor:
    """What opening needs, beside a connection. `diario`: the folder of lotes."""

    diario: Path
    keyring: Keyring

    def abrir(self, conn: Connection, id_: int) -> Abierto:
        """One apoyo. Raises NoAbre: its motive is also `no_encontrado`, or `papel_danado` for what was typed."""
        one = apoyos.get(conn, id_)
        if one is None:
            raise NoAbre("no_encontrado")
        contenido = None
        if one.via is Via.PAPEL:
            captured = self._typed(conn, id_)
        else:
            registro = registros.by_id(conn, id_)
            if registro is None:
                raise NoAbre("no_encontrado")
            opened = apertura.abrir(self.diario, self.keyring.aperturas, registro)
            if not isinstance(opened, Contenido):
                raise NoAbre("sobre_danado")
            contenido = opened
            captured = Datos(**{campo: getattr(opened, campo) or "" for campo in CAMPOS})
        made = self._corrections(conn, id_)
        return Abierto(id_, one.via, captured, replace(captured, **made), tuple(made), contenido)

    def _typed(self, conn: Connection, id_: int) -> Datos:
        found = cedulas_papel.of_apoyo(conn, id_)
        plain = found and self.keyring.unwrap(papel(found.paquete, found.numero), found.datos)
        if not plain:
            raise NoAbre("papel_danado")
        try:
            return msgspec.msgpack.decode(plain, type=Datos)
        except msgspec.MsgspecError as error:
            raise NoAbre("papel_danado") from error

    def _corrections(self, conn: Connection, id_: int) -> dict[str, str]:
        made = {}
        for campo, wrapped in correcciones.vigentes(conn, id_).items():
            plain = self.keyring.unwrap(correccion(id_), wrapped)
            if plain is None:
                raise NoAbre("llave_desconocida")
            made[campo] = plain.decode()
        return made


def papel(paquete: int, numero: int) -> str:
    """For what purpose the data of a cédula of paper are wrapped; they are MessagePack of Datos."""
    return f"papel:{paquete}:{numero}"


def correccion(id_: int) -> str:
    """For what purpose a correction of this apoyo is wrapped; it is text."""
    return f"correccion:{id_}"
