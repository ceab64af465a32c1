"""The catalogue that phones are enrolled against: procesos, periodos, aspirantes, auxiliares (rows B1, B2, C2)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Periodo:
    """A periodo de captación, of one aspirante. Instants in ms; `termina_ms` is exclusive."""

    id: int
    nombre: str
    inicia_ms: int
    termina_ms: int
    activo: bool
    aspirante_activo: bool


@dataclass(frozen=True, slots=True)
class Auxiliar:
    """Who collects, and for whom."""

    id: int
    aspirante_id: int
    nombre: str
    correo: str
    tipo_cuenta: str
    estatus: str
    baja_ms: int | None


@dataclass(frozen=True, slots=True)
class Aspirante:
    """Who seeks the candidacy: what a phone shows while it captures (row D3)."""

    id: int
    nombre: str
    proceso: str
    emblema_png: bytes | None


def add_proceso(conn: sqlite3.Connection, tipo: str, nombre: str, now_ms: int) -> int:
    """A participation process; returns its id."""
    cursor = conn.execute("INSERT INTO procesos (tipo, nombre, creado_ms) VALUES (?, ?, ?)", (tipo, nombre, now_ms))
    return int(cursor.lastrowid or 0)


def add_periodo(
    conn: sqlite3.Connection, proceso_id: int, nombre: str, entidad: str, inicia_ms: int, termina_ms: int, now_ms: int
) -> int:
    """A local periodo, active; returns its id."""
    cursor = conn.execute(
        "INSERT INTO periodos (proceso_id, nombre, ambito, entidad, inicia_ms, termina_ms, estatus, creado_ms) "
        "VALUES (?, ?, 'local', ?, ?, ?, 'activo', ?)",
        (proceso_id, nombre, entidad, inicia_ms, termina_ms, now_ms),
    )
    return int(cursor.lastrowid or 0)


def set_periodo(conn: sqlite3.Connection, id_: int, inicia_ms: int, termina_ms: int, *, activo: bool) -> None:
    """Change the window of a periodo."""
    conn.execute(
        "UPDATE periodos SET inicia_ms = ?, termina_ms = ?, estatus = ? WHERE id = ?",
        (inicia_ms, termina_ms, "activo" if activo else "inactivo", id_),
    )


def add_aspirante(
    conn: sqlite3.Connection,
    periodo_id: int,
    nombre: tuple[str, str, str],
    correo: str,
    now_ms: int,
    *,
    tipo_cuenta: str = "google",
    emblema_png: bytes | None = None,
) -> int:
    """An aspirante; returns the folio de solicitud. `nombre`: nombre, apellido paterno, apellido materno."""
    cursor = conn.execute(
        "INSERT INTO aspirantes (periodo_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
        "emblema_png, estatus, creado_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 'activo', ?)",
        (periodo_id, *nombre, correo, tipo_cuenta, emblema_png, now_ms),
    )
    return int(cursor.lastrowid or 0)


def add_auxiliar(
    conn: sqlite3.Connection,
    aspirante_id: int,
    nombre: tuple[str, str, str],
    correo: str,
    now_ms: int,
    *,
    tipo_cuenta: str = "google",
) -> int:
    """An auxiliar; returns the Id. `nombre`: nombre, apellido paterno, apellido materno."""
    cursor = conn.execute(
        "INSERT INTO auxiliares (aspirante_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
        "estatus, creado_ms) VALUES (?, ?, ?, ?, ?, ?, 'activo', ?)",
        (aspirante_id, *nombre, correo, tipo_cuenta, now_ms),
    )
    return int(cursor.lastrowid or 0)


def set_auxiliar_baja(conn: sqlite3.Connection, id_: int, baja_ms: int, causa: str) -> bool:
    """Baja of an auxiliar with its cause; says whether it was active."""
    cursor = conn.execute(
        "UPDATE auxiliares SET estatus = 'baja', baja_ms = ?, baja_causa = ? WHERE id = ? AND estatus = 'activo'",
        (baja_ms, causa, id_),
    )
    return cursor.rowcount == 1


def auxiliar(conn: sqlite3.Connection, id_: int) -> Auxiliar | None:
    """One auxiliar."""
    row = conn.execute(
        "SELECT id, aspirante_id, trim(nombre || ' ' || apellido_paterno || ' ' || apellido_materno) AS nombre, "
        "correo, tipo_cuenta, estatus, baja_ms FROM auxiliares WHERE id = ?",
        (id_,),
    ).fetchone()
    return Auxiliar(**dict(row)) if row else None


def aspirante(conn: sqlite3.Connection, id_: int) -> Aspirante | None:
    """One aspirante, with the proceso's name."""
    row = conn.execute(
        "SELECT s.id, trim(s.nombre || ' ' || s.apellido_paterno || ' ' || s.apellido_materno) AS nombre, "
        "coalesce(p.nombre, '') AS proceso, s.emblema_png FROM aspirantes s "
        "LEFT JOIN periodos o ON o.id = s.periodo_id LEFT JOIN procesos p ON p.id = o.proceso_id WHERE s.id = ?",
        (id_,),
    ).fetchone()
    return Aspirante(**dict(row)) if row else None


def periodo_of(conn: sqlite3.Connection, solicitud: int) -> Periodo | None:
    """The periodo of an aspirante; None while the catalogue is still to be restored."""
    row = conn.execute(
        "SELECT o.id, o.nombre, o.inicia_ms, o.termina_ms, o.estatus = 'activo' AS activo, "
        "s.estatus <> 'inactivo' AS aspirante_activo FROM periodos o "
        "JOIN aspirantes s ON s.periodo_id = o.id WHERE s.id = ?",
        (solicitud,),
    ).fetchone()
    if row is None:
        return None
    return Periodo(
        row["id"], row["nombre"], row["inicia_ms"], row["termina_ms"], bool(row["activo"]),
        bool(row["aspirante_activo"]),
    )  # fmt: skip


def ensure_known(conn: sqlite3.Connection, solicitud: int, auxiliar_id: int, now_ms: int) -> None:
    """Rows to hang a replayed device on, when the catalogue itself was lost: 'por_restaurar'."""
    conn.execute(
        "INSERT INTO aspirantes (id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, estatus, "
        "creado_ms) VALUES (?, '', '', '', '', 'google', 'por_restaurar', ?) ON CONFLICT DO NOTHING",
        (solicitud, now_ms),
    )
    conn.execute(
        "INSERT INTO auxiliares (id, aspirante_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
        "estatus, creado_ms) VALUES (?, ?, '', '', '', '', 'google', 'por_restaurar', ?) ON CONFLICT DO NOTHING",
        (auxiliar_id, solicitud, now_ms),
    )
