"""What a restore needs of an index: a copy that is consistent, its checks, and forgetting what no lote holds."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.store import bitacora, registros
from server.store import lotes as lotes_store
from server.store.connection import open_reader
from server.store.lotes import UltimoLote


@dataclass(frozen=True, slots=True)
class Resumen:
    """What a copy of an index holds."""

    ultimo: UltimoLote
    registros: int


@dataclass(frozen=True, slots=True)
class Retirado:
    """What the index knew and no lote holds. `avisados`: folios among them whose acuse went out by mail."""

    folios: tuple[str, ...]
    avisados: tuple[str, ...]
    dispositivos: tuple[int, ...]
    lotes: int


def copy_to(index: Path, target: Path) -> None:
    """A consistent copy of an index that may be in use: one read transaction, no checkpoint, nothing written to it.

    Raises IndexFailure, OSError.
    """
    reader = open_reader(index)
    try:
        copy = sqlite3.connect(target, isolation_level=None)
        try:
            reader.backup(copy, pages=-1)
            # The copy is one plain file, with nothing beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
    finally:
        reader.close()


@contextlib.contextmanager
def _alone(index: Path) -> Iterator[sqlite3.Connection]:
    """A copy that nobody else has open, read without making files beside it."""
    conn = sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    conn.row_factory = sqlite3.Row
    try:
        yield conn
    finally:
        conn.close()


def check(index: Path) -> Resumen:
    """Read a whole copy and check it: pages, foreign keys, the bitácora's chain. Raises IndexFailure."""
    with _alone(index) as conn:
        found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"integrity_check: {found}")
        if conn.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise sqlite3.DatabaseError("foreign_key_check")
        broken = bitacora.first_break(conn)
        if broken is not None:
            raise sqlite3.DatabaseError(f"la bitácora está rota en el evento {broken}")
        return Resumen(lotes_store.newest(conn), registros.count(conn))


def chain(index: Path) -> dict[int, bytes]:
    """The hash of every lote's manifest, as the index has it."""
    with _alone(index) as conn:
        return {row[0]: row[1] for row in conn.execute("SELECT numero, resumen FROM lotes")}


def acuses_of(conn: sqlite3.Connection, lote: int) -> dict[str, str]:
    """The acuses that the index has for a lote, by folio."""
    return dict(conn.execute("SELECT folio, acuse FROM registros WHERE lote = ?", (lote,)).fetchall())


RETIRADO = "El registro se retiró al restaurar el servidor: ningún lote lo tiene. Si vuelve a llegar, empieza de nuevo."


def forget_after(conn: sqlite3.Connection, numero: int, now_ms: int) -> Retirado:
    """Take out of the index what it has from lotes after `numero`, in the caller's transaction.

    Registros with their jobs, conflicts, keys and altas of phones, and bajas: all of it is told to a phone only from a
    lote. The bitácora keeps what it says, and decisions stay under a number that is not given again. Phones offer again
    what they were given no acuse for; it is looked at like anything new.
    """
    after = (numero,)
    gone = [row[0] for row in conn.execute("SELECT creado_ms FROM lotes WHERE numero > ?", after)]
    folios = [row[0] for row in conn.execute("SELECT folio FROM registros WHERE lote > ? ORDER BY id", after)]
    told = [
        row[0]
        for row in conn.execute("SELECT folio FROM registros WHERE lote > ? AND correo_id IS NOT NULL", after)
    ]  # fmt: skip
    conn.execute("INSERT INTO retirados SELECT id, folio, ? FROM registros WHERE lote > ?", (now_ms, numero))
    conn.execute("DELETE FROM registros WHERE lote > ?", after)
    # What the mesa and the hearings still had to do about them.
    conn.execute(
        "UPDATE elevaciones SET resolucion = ?, resuelta_ms = ? "
        "WHERE resuelta_ms IS NULL AND apoyo_id IN (SELECT id FROM retirados)",
        (RETIRADO, now_ms),
    )
    conn.execute("DELETE FROM audiencia_registros WHERE abierta = 1 AND apoyo_id IN (SELECT id FROM retirados)")
    # A mail that has nothing left to say would wait for ever.
    conn.execute(
        "DELETE FROM correos WHERE clase = 'acuses' AND estado = 'pendiente' AND NOT EXISTS "
        "(SELECT 1 FROM registros WHERE 'acuses:' || sesion_id = clave)"
    )
    conn.execute("DELETE FROM conflictos WHERE lote > ?", after)
    rekeyed = conn.execute("DELETE FROM llaves_dispositivo WHERE lote > ? RETURNING dispositivo_id", after).fetchall()
    phones = [
        row[0]
        for (id_,) in sorted(set(map(tuple, rekeyed)))
        for row in conn.execute(
            "DELETE FROM dispositivos WHERE id = ? "
            "AND NOT EXISTS (SELECT 1 FROM llaves_dispositivo WHERE dispositivo_id = ?) RETURNING id",
            (id_, id_),
        ).fetchall()
    ]
    # A baja has no lote of its own; it was written at the instant of its group.
    conn.executemany("UPDATE dispositivos SET baja_ms = NULL WHERE baja_ms = ?", [(at,) for at in gone])
    conn.execute("DELETE FROM lotes WHERE numero > ?", after)
    return Retirado(tuple(folios), tuple(told), tuple(phones), len(gone))
