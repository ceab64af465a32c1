"""Files of auxiliares on their way: looked at first, then taken or dropped (row C3). One row a file."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

ABIERTAS = ("revisando", "por_aceptar", "aplicando")


@dataclass(frozen=True, slots=True)
class Carga:
    """A file without its bytes. `avance`: rows that were gone through; `codigo`: why it failed, else empty."""

    id: int
    aspirante_id: int
    nombre: str
    estado: str
    codigo: str
    avance: int
    filas: int
    buenas: int
    malas: int
    creada_ms: int
    resuelta_ms: int | None

    @property
    def abierta(self) -> bool:
        """Whether something is still to be done about it."""
        return self.estado in ABIERTAS


_COLUMNS = "id, aspirante_id, nombre, estado, codigo, avance, filas, buenas, malas, creada_ms, resuelta_ms"


def insert(conn: sqlite3.Connection, aspirante_id: int, nombre: str, contenido: bytes, now_ms: int) -> int:
    """A file that has just come, to be looked at; returns its id."""
    cursor = conn.execute(
        "INSERT INTO cargas (aspirante_id, nombre, contenido, estado, creada_ms) VALUES (?, ?, ?, 'revisando', ?)",
        (aspirante_id, nombre, contenido, now_ms),
    )
    return int(cursor.lastrowid or 0)


def get(conn: sqlite3.Connection, id_: int, aspirante_id: int | None = None) -> Carga | None:
    """One file; with `aspirante_id` only if it is that aspirante's."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM cargas WHERE id = ? AND (? IS NULL OR aspirante_id = ?)",  # noqa: S608
        (id_, aspirante_id, aspirante_id),
    ).fetchone()
    return Carga(**dict(row)) if row else None


def newest_of(conn: sqlite3.Connection, aspirante_id: int, limit: int) -> list[Carga]:
    """The newest files of an aspirante."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM cargas WHERE aspirante_id = ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        (aspirante_id, limit),
    )
    return [Carga(**dict(row)) for row in rows]


def open_of(conn: sqlite3.Connection, aspirante_id: int) -> Carga | None:
    """The file of an aspirante about which something is still to be done."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM cargas WHERE aspirante_id = ? "  # noqa: S608
        "AND estado IN ('revisando', 'por_aceptar', 'aplicando') ORDER BY id DESC LIMIT 1",
        (aspirante_id,),
    ).fetchone()
    return Carga(**dict(row)) if row else None


def next_work(conn: sqlite3.Connection) -> Carga | None:
    """The oldest file that is to be looked at or taken."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM cargas WHERE estado IN ('revisando', 'aplicando') ORDER BY id LIMIT 1"  # noqa: S608
    ).fetchone()
    return Carga(**dict(row)) if row else None


def content(conn: sqlite3.Connection, id_: int) -> bytes:
    """The bytes of a file; empty once it is resolved."""
    row = conn.execute("SELECT contenido FROM cargas WHERE id = ?", (id_,)).fetchone()
    return bytes(row[0]) if row and row[0] is not None else b""


def findings(conn: sqlite3.Connection, id_: int) -> str:
    """What was found, JSON; server.registro.cargador says of what form."""
    row = conn.execute("SELECT hallazgos FROM cargas WHERE id = ?", (id_,)).fetchone()
    return str(row[0]) if row else ""


def set_progress(conn: sqlite3.Connection, id_: int, avance: int) -> None:
    """How many rows were gone through by now."""
    conn.execute("UPDATE cargas SET avance = ? WHERE id = ?", (avance, id_))


def set_looked_at(conn: sqlite3.Connection, id_: int, *, filas: int, buenas: int, malas: int, hallazgos: str) -> None:
    """The file was gone through: its owner decides now."""
    conn.execute(
        "UPDATE cargas SET estado = 'por_aceptar', avance = 0, filas = ?, buenas = ?, malas = ?, hallazgos = ? "
        "WHERE id = ?",
        (filas, buenas, malas, hallazgos, id_),
    )


def set_applying(conn: sqlite3.Connection, id_: int) -> None:
    """Its owner took the good rows."""
    conn.execute("UPDATE cargas SET estado = 'aplicando', avance = 0 WHERE id = ?", (id_,))


def set_applied_up_to(conn: sqlite3.Connection, id_: int, avance: int, *, now_bad: int, hallazgos: str | None) -> None:
    """One more piece is in. `now_bad`: rows that were good when it was looked at; `hallazgos`: if they changed."""
    conn.execute(
        "UPDATE cargas SET avance = ?, buenas = buenas - ?, malas = malas + ?, hallazgos = coalesce(?, hallazgos) "
        "WHERE id = ?",
        (avance, now_bad, now_bad, hallazgos, id_),
    )


def resolve(
    conn: sqlite3.Connection, id_: int, estado: str, now_ms: int, *, codigo: str = "", hallazgos: str | None = None
) -> None:
    """It is over, and the file is wiped. The findings stay unless others are given."""
    conn.execute(
        "UPDATE cargas SET estado = ?, codigo = ?, contenido = NULL, hallazgos = coalesce(?, hallazgos), "
        "resuelta_ms = ? WHERE id = ?",
        (estado, codigo, hallazgos, now_ms, id_),
    )


def forget_before(conn: sqlite3.Connection, before_ms: int, nothing: str, now_ms: int) -> int:
    """Wipe what is kept of old files: those never decided upon are dropped. Returns how many."""
    dropped = conn.execute(
        "UPDATE cargas SET estado = 'descartada', codigo = 'carga_vencida', contenido = NULL, hallazgos = ?, "
        "resuelta_ms = ? WHERE estado = 'por_aceptar' AND creada_ms < ?",
        (nothing, now_ms, before_ms),
    ).rowcount
    wiped = conn.execute(
        "UPDATE cargas SET hallazgos = ? WHERE estado IN ('aplicada', 'fallida') AND creada_ms < ? AND hallazgos <> ?",
        (nothing, before_ms, nothing),
    ).rowcount
    return dropped + wiped


def anything_before(conn: sqlite3.Connection, before_ms: int, nothing: str) -> bool:
    """Whether `forget_before` would find something."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM cargas WHERE estado IN ('por_aceptar', 'aplicada', 'fallida') "
        "AND creada_ms < ? AND (estado = 'por_aceptar' OR hallazgos <> ?))",
        (before_ms, nothing),
    ).fetchone()
    return bool(row[0])
