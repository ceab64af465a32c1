"""Where each sobre lies and the acuse it got. Idempotency lives in the schema: UNIQUE (folio)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from sync_protocol.folio import Folio


@dataclass(frozen=True, slots=True)
class Registro:
    """One sobre that was taken. `codigo`, `anterior`: 32 bytes. `lote`, `posicion`, `tam`: where its bytes are."""

    folio: str
    solicitud: int
    auxiliar: int
    dispositivo: int
    registro: int
    tipo: str
    codigo: bytes
    anterior: bytes
    tam: int
    recibido_ms: int
    marcas: tuple[str, ...]
    lote: int
    posicion: int
    acuse: str
    sesion_id: int | None = None


_COLUMNS = (
    "folio, solicitud, auxiliar, dispositivo, registro, tipo, codigo, anterior, tam, recibido_ms, marcas, lote, "
    "posicion, acuse, sesion_id"
)


def insert_new(conn: sqlite3.Connection, r: Registro) -> bool:
    """Insert unless the folio is there already; says whether it was new.

    It gets the next number. SQLite alone would give the number of a registro that a restore took out, and with it what
    the mesa said of that one.
    """
    cursor = conn.execute(
        f"INSERT INTO registros (id, {_COLUMNS}) VALUES ((SELECT max(id) + 1 FROM retirados "  # noqa: S608
        "WHERE id > (SELECT coalesce(max(id), 0) FROM registros)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (
            r.folio, r.solicitud, r.auxiliar, r.dispositivo, r.registro, r.tipo, r.codigo, r.anterior, r.tam,
            r.recibido_ms, msgspec.json.encode(r.marcas).decode(), r.lote, r.posicion, r.acuse, r.sesion_id,
        ),
    )  # fmt: skip
    return cursor.rowcount == 1


def by_folio(conn: sqlite3.Connection, folio: Folio) -> Registro | None:
    """The registro of a folio."""
    return _one(conn.execute(f"SELECT {_COLUMNS} FROM registros WHERE folio = ?", (str(folio),)))  # noqa: S608


def by_id(conn: sqlite3.Connection, id_: int) -> Registro | None:
    """The registro with this id: that of its apoyo."""
    return _one(conn.execute(f"SELECT {_COLUMNS} FROM registros WHERE id = ?", (id_,)))  # noqa: S608


def by_counter(conn: sqlite3.Connection, dispositivo: int, registro: int) -> Registro | None:
    """The registro of a device with this Id de registro."""
    return _one(
        conn.execute(
            f"SELECT {_COLUMNS} FROM registros WHERE dispositivo = ? AND registro = ?",  # noqa: S608
            (dispositivo, registro),
        )
    )


def of_device(conn: sqlite3.Connection, dispositivo: int, low: int, high: int) -> dict[int, Registro]:
    """The registros of a device with an Id de registro from `low` to `high`, by that Id."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM registros WHERE dispositivo = ? AND registro BETWEEN ? AND ?",  # noqa: S608
        (dispositivo, low, high),
    )
    return {row["registro"]: _from_row(row) for row in rows}


def of_lote(conn: sqlite3.Connection, lote: int) -> dict[str, Registro]:
    """The registros that lie in a lote, by folio."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM registros WHERE lote = ?", (lote,))  # noqa: S608
    return {row["folio"]: _from_row(row) for row in rows}


def testigos_of(conn: sqlite3.Connection, auxiliar: int) -> list[Registro]:
    """The testigos visuales of an auxiliar, newest first: one of each phone."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM registros WHERE tipo = 'testigos' AND auxiliar = ? ORDER BY id DESC",  # noqa: S608
        (auxiliar,),
    )
    return [_from_row(row) for row in rows]


def to_be_mailed(conn: sqlite3.Connection, sesion_id: int, up_to_lote: int | None) -> list[Registro]:
    """The registros of a session that no mail has named yet and whose acuse may be given, by Id de registro."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM registros WHERE sesion_id = ? AND correo_id IS NULL "  # noqa: S608
        "AND (? IS NULL OR lote <= ?) ORDER BY registro",
        (sesion_id, up_to_lote, up_to_lote),
    )
    return [_from_row(row) for row in rows]


def waiting_for_mail(conn: sqlite3.Connection, sesion_id: int) -> int:
    """How many registros of a session no mail has named yet."""
    row = conn.execute(
        "SELECT count(*) FROM registros WHERE sesion_id = ? AND correo_id IS NULL", (sesion_id,)
    ).fetchone()
    return int(row[0])


def mark_mailed(conn: sqlite3.Connection, folios: Iterable[str], correo_id: int) -> None:
    """These registros have been named in that mail."""
    conn.executemany("UPDATE registros SET correo_id = ? WHERE folio = ?", [(correo_id, folio) for folio in folios])


def count(conn: sqlite3.Connection) -> int:
    """All registros."""
    return int(conn.execute("SELECT count(*) FROM registros").fetchone()[0])


def _one(cursor: sqlite3.Cursor) -> Registro | None:
    row = cursor.fetchone()
    return _from_row(row) if row else None


def _from_row(row: sqlite3.Row) -> Registro:
    values = dict(row)
    values["marcas"] = tuple(msgspec.json.decode(values["marcas"]))
    return Registro(**values)
