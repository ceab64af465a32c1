"""The outbox of mail: rows that a worker sends, with retries (row D6). Rows hold ids; words come when it is sent."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

MAX_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Correo:
    """One message to be sent. `datos`: JSON whose meaning depends on `clase`."""

    id: int
    clave: str
    clase: str
    auxiliar_id: int | None
    cuenta_id: int | None
    datos: str
    intentos: int
    creado_ms: int


def add(
    conn: sqlite3.Connection, clave: str, clase: str, auxiliar_id: int | None, datos: str, now_ms: int, proximo_ms: int
) -> None:
    """Queue a message to an auxiliar, or wake one with the same key again: it will say what is new."""
    conn.execute(
        "INSERT INTO correos (clave, clase, auxiliar_id, datos, estado, creado_ms, proximo_ms) "
        "VALUES (?, ?, ?, ?, 'pendiente', ?, ?) ON CONFLICT (clave) DO UPDATE SET "
        "estado = 'pendiente', datos = excluded.datos, proximo_ms = excluded.proximo_ms, intentos = 0",
        (clave, clase, auxiliar_id, datos, now_ms, proximo_ms),
    )


def add_to_account(conn: sqlite3.Connection, clave: str, clase: str, cuenta_id: int, datos: str, now_ms: int) -> None:
    """Queue a message to whoever has this account (an aspirante has one too), or wake one with the same key again.

    `datos`: JSON, what server.notify.messages documents for `clase`; what is secret in it is wiped once it is sent.
    """
    conn.execute(
        "INSERT INTO correos (clave, clase, cuenta_id, datos, estado, creado_ms, proximo_ms) "
        "VALUES (?, ?, ?, ?, 'pendiente', ?, ?) ON CONFLICT (clave) DO UPDATE SET "
        "estado = 'pendiente', datos = excluded.datos, proximo_ms = excluded.proximo_ms, intentos = 0",
        (clave, clase, cuenta_id, datos, now_ms, now_ms),
    )


def add_notice(conn: sqlite3.Connection, clave: str, datos: str, now_ms: int) -> None:
    """Queue a message to the administrator; one with the same key is said once, ever."""
    conn.execute(
        "INSERT INTO correos (clave, clase, auxiliar_id, datos, estado, creado_ms, proximo_ms) "
        "VALUES (?, 'aviso', NULL, ?, 'pendiente', ?, ?) ON CONFLICT (clave) DO NOTHING",
        (clave, datos, now_ms, now_ms),
    )


def newest_notice(conn: sqlite3.Connection, start: str) -> str | None:
    """What the newest message to the administrator whose key begins so has in `datos`; None when there is none."""
    row = conn.execute(
        "SELECT datos FROM correos WHERE clase = 'aviso' AND substr(clave, 1, length(?)) = ? ORDER BY id DESC LIMIT 1",
        (start, start),
    ).fetchone()
    return str(row["datos"]) if row else None


def announce_session(conn: sqlite3.Connection, sesion_id: int, auxiliar_id: int, now_ms: int, quiet_ms: int) -> None:
    """A session has brought a registro: its mail goes now if nothing is to come any more, else once it is quiet."""
    conn.execute(
        "INSERT INTO correos (clave, clase, auxiliar_id, datos, estado, creado_ms, proximo_ms) "
        "SELECT 'acuses:' || id, 'acuses', ?, '{}', 'pendiente', ?, CASE WHEN pendientes > 0 THEN ? ELSE ? END "
        "FROM sesiones_sync WHERE id = ? "
        "ON CONFLICT (clave) DO UPDATE SET estado = 'pendiente', proximo_ms = excluded.proximo_ms, intentos = 0",
        (auxiliar_id, now_ms, now_ms + quiet_ms, now_ms, sesion_id),
    )


def due(conn: sqlite3.Connection, now_ms: int, limit: int = 20) -> list[Correo]:
    """What is to be sent by now, oldest first."""
    rows = conn.execute(
        "SELECT id, clave, clase, auxiliar_id, cuenta_id, datos, intentos, creado_ms FROM correos "
        "WHERE estado = 'pendiente' AND proximo_ms <= ? ORDER BY proximo_ms LIMIT ?",
        (now_ms, limit),
    )
    return [Correo(**dict(row)) for row in rows]


def next_due(conn: sqlite3.Connection) -> int | None:
    """When the next one is due."""
    row = conn.execute("SELECT min(proximo_ms) FROM correos WHERE estado = 'pendiente'").fetchone()
    return int(row[0]) if row[0] is not None else None


def postpone(conn: sqlite3.Connection, id_: int, proximo_ms: int) -> None:
    """Not yet: nothing went wrong, there is only nothing to say so far."""
    conn.execute("UPDATE correos SET proximo_ms = ? WHERE id = ?", (proximo_ms, id_))


def sent(conn: sqlite3.Connection, id_: int, now_ms: int) -> None:
    """It was taken by the mail server. One-time codes and tokens are wiped with it."""
    conn.execute(
        "UPDATE correos SET estado = 'enviado', enviado_ms = ?, ultimo_error = NULL, "
        "datos = json_remove(datos, '$.codigo', '$.token') WHERE id = ?",
        (now_ms, id_),
    )


def failed(conn: sqlite3.Connection, id_: int, error: str, proximo_ms: int) -> None:
    """It was not taken: try again later, and after MAX_ATTEMPTS leave it to the administrator."""
    conn.execute(
        "UPDATE correos SET intentos = intentos + 1, ultimo_error = ?, proximo_ms = ?, "
        "estado = CASE WHEN intentos + 1 >= ? THEN 'fallido' ELSE 'pendiente' END WHERE id = ?",
        (error, proximo_ms, MAX_ATTEMPTS, id_),
    )


def counts(conn: sqlite3.Connection) -> dict[str, int]:
    """How many by estado."""
    return dict(conn.execute("SELECT estado, count(*) FROM correos GROUP BY estado").fetchall())
