"""The outbox of mail: rows that a worker sends, with retries (row D6). Rows hold ids; words come when it is sent."""

from __future__ import annotations

import json
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
    enviado_ms: int | None


URGENT = ("codigo_alta", "acceso", "restablecer", "invitacion", "contrasena_cambiada", "aviso")
"""What somebody is waiting for at a screen, or must learn at once: it overtakes everything else."""
_URGENT_JSON = json.dumps(URGENT)


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
    """What is to be sent by now: what is urgent first, then by its time."""
    rows = conn.execute(
        "SELECT id, clave, clase, auxiliar_id, cuenta_id, datos, intentos, creado_ms, enviado_ms FROM correos "
        "WHERE estado = 'pendiente' AND proximo_ms <= ? "
        "ORDER BY clase IN (SELECT value FROM json_each(?)) DESC, proximo_ms, id LIMIT ?",
        (now_ms, _URGENT_JSON, limit),
    )
    return [Correo(**dict(row)) for row in rows]


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


def expired(conn: sqlite3.Connection, id_: int) -> None:
    """What it would have brought is good for nothing any more: it goes, and its secret with it."""
    conn.execute("DELETE FROM correos WHERE id = ? AND enviado_ms IS NULL", (id_,))
    conn.execute("UPDATE correos SET estado = 'enviado', datos = '{}' WHERE id = ?", (id_,))


def counts(conn: sqlite3.Connection) -> dict[str, int]:
    """How many wait (`pendiente`) and how many were given up (`fallido`). What was sent is not counted."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM correos WHERE estado = 'pendiente'),"
        " (SELECT count(*) FROM correos WHERE estado = 'fallido')"
    ).fetchone()
    return {"pendiente": int(row[0]), "fallido": int(row[1])}


@dataclass(frozen=True, slots=True)
class Fallido:
    """One that was given up. `a`: `auxiliar:7`, `cuenta:3`, `administrador`; `error`: what went wrong, a code."""

    id: int
    clase: str
    a: str
    intentos: int
    creado_ms: int
    error: str


def given_up(conn: sqlite3.Connection, after: int = 0, limit: int = 50) -> list[Fallido]:
    """Those that were given up, oldest first, from behind the id `after`."""
    rows = conn.execute(
        "SELECT id, clase, coalesce('auxiliar:' || auxiliar_id, 'cuenta:' || cuenta_id, 'administrador') AS a, "
        "intentos, creado_ms, coalesce(ultimo_error, '') AS error FROM correos "
        "WHERE estado = 'fallido' AND id > ? ORDER BY id LIMIT ?",
        (after, limit),
    )
    return [Fallido(**dict(row)) for row in rows]


def send_again(conn: sqlite3.Connection, now_ms: int, id_: int | None = None) -> int:
    """One that was given up, or all of them, from the beginning; returns how many."""
    cursor = conn.execute(
        "UPDATE correos SET estado = 'pendiente', intentos = 0, proximo_ms = ? "
        "WHERE estado = 'fallido' AND (? IS NULL OR id = ?)",
        (now_ms, id_, id_),
    )
    return cursor.rowcount


def drop(conn: sqlite3.Connection, id_: int) -> str | None:
    """One that was given up will not be sent; returns its class, None when there is no such.

    If an earlier message of the same row went out, the row stays for that one.
    """
    row = conn.execute("SELECT clase, enviado_ms FROM correos WHERE id = ? AND estado = 'fallido'", (id_,)).fetchone()
    if row is None:
        return None
    if row["enviado_ms"] is None:
        conn.execute("DELETE FROM correos WHERE id = ?", (id_,))
    else:
        conn.execute("UPDATE correos SET estado = 'enviado', ultimo_error = NULL WHERE id = ?", (id_,))
    return str(row["clase"])
