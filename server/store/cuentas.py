"""Accounts of who enters by a browser: functionaries of the OPL and aspirantes (rows A1, A2, A4)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_SELECT = (
    "SELECT c.id, c.rol, c.nombre, c.cargo, c.correo, c.telefono, c.aspirante_id, c.estatus, c.contrasena, "
    "c.totp_secreto, c.totp_ultimo, c.creada_ms FROM cuentas c "
)


@dataclass(frozen=True, slots=True)
class Cuenta:
    """One account. `contrasena`: an Argon2 hash; `totp_secreto`: wrapped by the keyring; None where there is none.

    `estatus`: invitada, por_declarar, por_aceptar, activa, suspendida. `aspirante_id`: the folio de solicitud.
    """

    id: int
    rol: str
    nombre: str
    cargo: str
    correo: str
    telefono: str
    aspirante_id: int | None
    estatus: str
    contrasena: str | None
    totp_secreto: str | None
    totp_ultimo: int
    creada_ms: int


@dataclass(frozen=True, slots=True)
class Renglon:
    """An account in the administrator's list. `declaracion_id`: the one that waits to be looked at."""

    id: int
    rol: str
    nombre: str
    cargo: str
    correo: str
    estatus: str
    segundo_factor: bool
    declaracion_id: int | None
    ultima_ms: int | None
    """When it was last seen in a session."""


def add(
    conn: sqlite3.Connection,
    *,
    rol: str,
    nombre: str,
    cargo: str,
    correo: str,
    telefono: str,
    estatus: str,
    now_ms: int,
    aspirante_id: int | None = None,
) -> int:
    """A new account; returns its id. Of an OPL's two with one address, the second fails: ask `of_opl` first."""
    cursor = conn.execute(
        "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, aspirante_id, estatus, creada_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (rol, nombre, cargo, correo, telefono, aspirante_id, estatus, now_ms),
    )
    return int(cursor.lastrowid or 0)


def get(conn: sqlite3.Connection, id_: int) -> Cuenta | None:
    """One account."""
    return _one(conn.execute(_SELECT + "WHERE c.id = ?", (id_,)))


def of_opl(conn: sqlite3.Connection, correo: str) -> Cuenta | None:
    """The functionary's account with this address, whatever its case."""
    return _one(conn.execute(_SELECT + "WHERE c.correo = ? AND c.aspirante_id IS NULL", (correo,)))


def of_aspirante(conn: sqlite3.Connection, solicitud: int) -> Cuenta | None:
    """The account of this folio de solicitud."""
    return _one(conn.execute(_SELECT + "WHERE c.aspirante_id = ?", (solicitud,)))


def may_enter(conn: sqlite3.Connection, solicitud: int) -> bool:
    """Whether this aspirante is registered for good and not de baja: before the cédula is signed nobody enters."""
    row = conn.execute(
        "SELECT 1 FROM aspirantes WHERE id = ? AND estatus = 'activo' AND confirmado_ms IS NOT NULL", (solicitud,)
    ).fetchone()
    return row is not None


def with_password(conn: sqlite3.Connection) -> list[Cuenta]:
    """Every account that has a password: in a demo, those that the demo made."""
    rows = conn.execute(f"{_SELECT} WHERE c.contrasena IS NOT NULL ORDER BY c.id")
    return [Cuenta(**dict(row)) for row in rows]


def _one(cursor: sqlite3.Cursor) -> Cuenta | None:
    row = cursor.fetchone()
    return Cuenta(**dict(row)) if row else None


def set_estatus(conn: sqlite3.Connection, id_: int, estatus: str) -> None:
    """Where the account stands."""
    conn.execute("UPDATE cuentas SET estatus = ? WHERE id = ?", (estatus, id_))


def set_rol(conn: sqlite3.Connection, id_: int, rol: str) -> None:
    """What a functionary does."""
    conn.execute("UPDATE cuentas SET rol = ? WHERE id = ?", (rol, id_))


def set_datos(conn: sqlite3.Connection, id_: int, *, nombre: str, cargo: str, telefono: str) -> None:
    """What people correct about themselves; the address is the account's name and stays."""
    conn.execute("UPDATE cuentas SET nombre = ?, cargo = ?, telefono = ? WHERE id = ?", (nombre, cargo, telefono, id_))


def set_contrasena(conn: sqlite3.Connection, id_: int, contrasena: str) -> None:
    """A new hash of the password."""
    conn.execute("UPDATE cuentas SET contrasena = ? WHERE id = ?", (contrasena, id_))


def set_totp(conn: sqlite3.Connection, id_: int, secreto: str | None, ultimo: int) -> None:
    """The wrapped secret of the second factor, or none; and the newest step that was used."""
    conn.execute("UPDATE cuentas SET totp_secreto = ?, totp_ultimo = ? WHERE id = ?", (secreto, ultimo, id_))


def use_totp(conn: sqlite3.Connection, id_: int, paso: int) -> bool:
    """Spend a step of the clock; False when it, or a later one, was spent before (a replayed code)."""
    cursor = conn.execute("UPDATE cuentas SET totp_ultimo = ? WHERE id = ? AND totp_ultimo < ?", (paso, id_, paso))
    return cursor.rowcount == 1


def put_backup_codes(conn: sqlite3.Connection, id_: int, resumenes: list[bytes]) -> None:
    """Printed codes in place of those before; with an empty list, none."""
    conn.execute("DELETE FROM codigos_respaldo WHERE cuenta_id = ?", (id_,))
    conn.executemany("INSERT INTO codigos_respaldo (cuenta_id, resumen) VALUES (?, ?)", [(id_, r) for r in resumenes])


def use_backup_code(conn: sqlite3.Connection, id_: int, resumen: bytes, now_ms: int) -> bool:
    """Spend a printed code; False when there is none such, or it was used."""
    cursor = conn.execute(
        "UPDATE codigos_respaldo SET usado_ms = ? WHERE cuenta_id = ? AND resumen = ? AND usado_ms IS NULL",
        (now_ms, id_, resumen),
    )
    return cursor.rowcount == 1


def backup_codes_left(conn: sqlite3.Connection, id_: int) -> int:
    """How many printed codes are still good."""
    row = conn.execute(
        "SELECT count(*) FROM codigos_respaldo WHERE cuenta_id = ? AND usado_ms IS NULL", (id_,)
    ).fetchone()
    return int(row[0])


def active_administrators(conn: sqlite3.Connection) -> list[int]:
    """Ids of who can administer now."""
    rows = conn.execute("SELECT id FROM cuentas WHERE rol = 'administracion' AND estatus = 'activa' ORDER BY id")
    return [int(row[0]) for row in rows]


def of_functionaries(conn: sqlite3.Connection, estatus: str = "") -> list[Renglon]:
    """Every account of the OPL, or those in one estatus; who waits for an answer first. One query."""
    rows = conn.execute(
        "SELECT c.id, c.rol, c.nombre, c.cargo, c.correo, c.estatus, c.totp_secreto IS NOT NULL AS segundo_factor, "
        "(SELECT max(d.id) FROM declaraciones d WHERE d.cuenta_id = c.id AND d.estado = 'entregada') "
        "AS declaracion_id, "
        "(SELECT max(s.vista_ms) FROM sesiones_portal s WHERE s.cuenta_id = c.id) AS ultima_ms "
        "FROM cuentas c WHERE c.aspirante_id IS NULL AND (:estatus = '' OR c.estatus = :estatus) "
        "ORDER BY c.estatus <> 'por_aceptar', c.nombre COLLATE NOCASE, c.id",
        {"estatus": estatus},
    )
    return [
        Renglon(
            row["id"], row["rol"], row["nombre"], row["cargo"], row["correo"], row["estatus"],
            bool(row["segundo_factor"]), row["declaracion_id"], row["ultima_ms"],
        )
        for row in rows
    ]  # fmt: skip
