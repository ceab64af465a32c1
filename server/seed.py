"""Seed the catalogue from the command line, until the portals do it: proceso, periodo, aspirantes, auxiliares."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from server import bitacora
from server.bitacora import Evento
from server.errors import ConfigurationError
from server.registro import padrones
from server.store import catalogo, padron, padron_archivo
from server.store.writer import Tx

Nombre = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Persona:
    """Who is registered: nombre, apellido paterno, apellido materno; and the account's mail."""

    nombre: Nombre
    correo: str


@dataclass(frozen=True, slots=True)
class Semilla:
    """A whole small catalogue. `auxiliares` has, for each aspirante, the auxiliares in order."""

    tipo: str
    proceso: str
    cargo: str
    entidad: str
    inicia_ms: int
    termina_ms: int
    aspirantes: tuple[Persona, ...]
    auxiliares: tuple[tuple[Persona, ...], ...]
    emblemas: tuple[bytes | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Sembrado:
    """An auxiliar that was made: what reaches the auxiliar by mail in real life.

    `persona`: who it is, by the place in a synthetic padrón, so that a simulated phone shows the right card.
    """

    solicitud: int
    auxiliar: int
    correo: str
    tipo_cuenta: str = "google"
    persona: int | None = None


def sow(tx: Tx, seed: Semilla) -> list[Sembrado]:
    """Write the catalogue in one transaction."""
    proceso = catalogo.add_proceso(tx.conn, seed.tipo, seed.proceso, tx.now_ms)
    periodo = catalogo.add_periodo(
        tx.conn, proceso, seed.cargo, seed.entidad, seed.inicia_ms, seed.termina_ms, tx.now_ms
    )
    made: list[Sembrado] = []
    for index, (aspirante, auxiliares) in enumerate(zip(seed.aspirantes, seed.auxiliares, strict=True)):
        emblema = seed.emblemas[index] if index < len(seed.emblemas) else None
        solicitud = catalogo.add_aspirante(
            tx.conn, periodo, aspirante.nombre, aspirante.correo, tx.now_ms, emblema_png=emblema
        )
        for auxiliar in auxiliares:
            id_ = catalogo.add_auxiliar(tx.conn, solicitud, auxiliar.nombre, auxiliar.correo, tx.now_ms)
            made.append(Sembrado(solicitud, id_, auxiliar.correo))
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CATALOGO_SEMBRADO, actor="consola", objeto=f"periodo:{periodo}",
        aspirantes=len(seed.aspirantes), auxiliares=len(made),
    )  # fmt: skip
    return made


def import_padron(tx: Tx, rows: Iterable[Mapping[str, str]], corte: str) -> int:
    """Put a small padrón in force whose rows are known to be right; returns how many. For seeds and tests: it writes
    the file inside the operation. `acopio padron import` is server.padron.importar and server.registro.padrones."""
    folder = padron.folder_of(tx.conn)
    assert folder is not None, "an index in memory has no padrón"
    with padron_archivo.alone(folder):
        made = padron_archivo.build(folder, corte, ([row[name] for name in padron.COLUMNS] for row in rows))
        padrones.poner_en_vigor(tx, made)
    while padrones.pieza(tx) is not None:
        pass
    return made.filas


def padron_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a padrón CSV (UTF-8, with header), every column of it, for who makes people of them.

    Raises ConfigurationError that names columns or line.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = reader.fieldnames or ()
        missing = set(padron.COLUMNS) - set(names)
        if missing:
            raise ConfigurationError(f"Al archivo le faltan las columnas: {', '.join(sorted(missing))}.")
        for row in reader:
            if any(row[name] is None for name in names):
                raise ConfigurationError(f"La línea {reader.line_num} tiene menos columnas que el encabezado.")
            yield {name: row[name].strip() for name in names}
