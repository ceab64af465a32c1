"""What `acopio verify` asks of the index: rows lote by lote, recounts, and SQLite's own checks. Read-only.

Everything about a lote that is in the index never changes any more, so that reading it lote by lote beside a running
server gives a consistent picture of all lotes up to the newest one that was there at the beginning.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from server.store import lotes, migrations


@dataclass(frozen=True, slots=True)
class FilaLote:
    """A lote as the index has it. `resumen`: 32 bytes; `sobres`: entries of its manifest; `tam`: bytes of its file."""

    numero: int
    resumen: bytes
    sobres: int
    tam: int


@dataclass(frozen=True, slots=True)
class FilaConflicto:
    """A content kept beside another of the same folio."""

    folio: str
    codigo: bytes
    tam: int
    recibido_ms: int
    posicion: int


@dataclass(frozen=True, slots=True)
class FilaLlave:
    """A public key of a phone (65-byte point) and the lote whose alta brought it."""

    punto: bytes
    dispositivo: int
    lote: int


@dataclass(frozen=True, slots=True)
class Eslabon:
    """A registro of which something about its phone's chain is to be said.

    `esperado`: the registro that ought to come here (another one than `registro` where there is a hole);
    `previo`: código of the registro before, if it is there; `en_conflicto`: `anterior` is a content kept in conflict.
    """

    dispositivo: int
    registro: int
    esperado: int
    roto: bool
    en_conflicto: bool


def lote(conn: sqlite3.Connection, numero: int) -> FilaLote | None:
    """One lote."""
    row = conn.execute("SELECT numero, resumen, sobres, tam FROM lotes WHERE numero = ?", (numero,)).fetchone()
    return FilaLote(*row) if row else None


def lotes_up_to(conn: sqlite3.Connection, numero: int) -> int:
    """How many lotes the index has up to this one."""
    return int(conn.execute("SELECT count(*) FROM lotes WHERE numero <= ?", (numero,)).fetchone()[0])


def conflictos_of(conn: sqlite3.Connection, numero: int) -> dict[tuple[str, bytes], FilaConflicto]:
    """The conflicts that lie in a lote, by folio and código."""
    rows = conn.execute(
        "SELECT folio, codigo, tam, recibido_ms, posicion FROM conflictos WHERE lote = ?", (numero,)
    ).fetchall()
    return {(row["folio"], row["codigo"]): FilaConflicto(*row) for row in rows}


def llaves(conn: sqlite3.Connection) -> list[FilaLlave]:
    """Every key of every phone."""
    rows = conn.execute("SELECT punto, dispositivo_id, lote FROM llaves_dispositivo")
    return [FilaLlave(*row) for row in rows]


def bajas(conn: sqlite3.Connection) -> set[int]:
    """Ids of the phones that have a baja."""
    return {row[0] for row in conn.execute("SELECT id FROM dispositivos WHERE baja_ms IS NOT NULL")}


def counts_up_to(conn: sqlite3.Connection, numero: int) -> tuple[int, int]:
    """(registros, conflictos) that lie in lotes up to this one."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM registros WHERE lote <= :n), (SELECT count(*) FROM conflictos WHERE lote <= :n)",
        {"n": numero},
    ).fetchone()
    return int(row[0]), int(row[1])


def chain_notes(conn: sqlite3.Connection, numero: int) -> Iterator[Eslabon]:
    """Where a phone's counter has a hole or its chain does not follow, in lotes up to `numero`; a row at a time."""
    rows = conn.execute(
        "SELECT dispositivo, registro, previo, anterior, codigo_previo FROM ("
        " SELECT dispositivo, registro, anterior,"
        "  lag(registro, 1, -1) OVER w AS previo, lag(codigo) OVER w AS codigo_previo"
        " FROM registros WHERE lote <= ? WINDOW w AS (PARTITION BY dispositivo ORDER BY registro)"
        ") WHERE registro <> previo + 1 OR (codigo_previo IS NOT NULL AND codigo_previo <> anterior)",
        (numero,),
    )
    for row in rows:
        broken = row["registro"] == row["previo"] + 1
        kept = broken and (
            conn.execute(
                "SELECT 1 FROM conflictos WHERE dispositivo = ? AND registro = ? AND codigo = ?",
                (row["dispositivo"], row["previo"], row["anterior"]),
            ).fetchone()
            is not None
        )
        yield Eslabon(row["dispositivo"], row["registro"], row["previo"] + 1, broken, kept)


def without_job(conn: sqlite3.Connection, numero: int) -> list[str]:
    """Folios of apoyos, of lotes up to `numero` or of paper, that no stage will ever see: they have no job."""
    rows = conn.execute(
        "SELECT folio FROM (SELECT r.id, r.folio FROM registros r WHERE r.tipo = 'apoyo' AND r.lote <= ?"
        " UNION ALL SELECT a.id, a.folio FROM apoyos a INDEXED BY apoyos_papel WHERE a.via = 'papel') a"
        " WHERE NOT EXISTS (SELECT 1 FROM trabajos t WHERE t.id = a.id) ORDER BY id",
        (numero,),
    )
    return [row[0] for row in rows]


def jobs_without_apoyo(conn: sqlite3.Connection) -> list[int]:
    """Ids of jobs that no apoyo belongs to."""
    rows = conn.execute(
        "SELECT t.id FROM trabajos t WHERE NOT EXISTS (SELECT 1 FROM apoyos a WHERE a.id = t.id) ORDER BY t.id"
    )
    return [row[0] for row in rows]


def dangling(conn: sqlite3.Connection) -> list[str]:
    """Folios whose session or mail is not there."""
    rows = conn.execute(
        "SELECT folio FROM registros r WHERE"
        " (sesion_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sesiones_sync s WHERE s.id = r.sesion_id))"
        " OR (correo_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM correos c WHERE c.id = r.correo_id))"
    )
    return [row[0] for row in rows]


def integrity(conn: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong in the file; empty when all is well."""
    found = [str(row[0]) for row in conn.execute("PRAGMA integrity_check(20)")]
    return [] if found == ["ok"] else found


def references(conn: sqlite3.Connection) -> list[str]:
    """Foreign keys that lead nowhere: `table → table (how many)`."""
    seen: dict[str, int] = {}
    for row in conn.execute("PRAGMA foreign_key_check"):
        name = f"{row[0]} → {row[2]}"
        seen[name] = seen.get(name, 0) + 1
    return [f"{name} ({count})" for name, count in seen.items()]


def schema_differences(conn: sqlite3.Connection) -> list[str]:
    """Names of tables, indices and triggers that are not as this version's migrations make them."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrations.migrate(fresh)
        wanted, found = _schema(fresh), _schema(conn)
    finally:
        fresh.close()
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def _schema(conn: sqlite3.Connection) -> dict[str, str]:
    # Litestream keeps two small tables of its own where it has followed the index.
    rows = conn.execute(
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND name NOT LIKE '\\_litestream\\_%' ESCAPE '\\'"
    )
    return {row[0]: " ".join((row[1] or "").split()) for row in rows}


def bitacora_span(conn: sqlite3.Connection) -> tuple[int, set[str]]:
    """(how many events there are, which kinds)."""
    rows = conn.execute("SELECT evento, count(*) FROM bitacora GROUP BY evento").fetchall()
    return sum(row[1] for row in rows), {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class Fotografia:
    """What a review begins with, read at one moment. `numero`: the newest lote of the index."""

    numero: int
    llaves: tuple[FilaLlave, ...]
    bajas: frozenset[int]


def snapshot(conn: sqlite3.Connection) -> Fotografia:
    """The moment that the review speaks about; what comes later is none of its business."""
    conn.execute("BEGIN")
    try:
        return Fotografia(lotes.newest(conn).numero, tuple(llaves(conn)), frozenset(bajas(conn)))
    finally:
        conn.execute("COMMIT")
