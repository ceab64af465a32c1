"""Aspirantes as the OPL keeps them (rows B2, B3): data, account, bajas. Phones read store.catalogo."""

from __future__ import annotations

import sqlite3
import unicodedata
from dataclasses import dataclass, fields
from typing import Final

from server.store.por_clave import PorClave, by_key

ESTADOS: Final = ("sin_confirmar", "confirmado", "inactivo", "por_restaurar")
"""What a list of aspirantes says of each, and filters by."""


@dataclass(frozen=True, slots=True)
class DatosAspirante:
    """What the OPL registers of an aspirante (P6.1 B-E). Dates `aaaa-mm-dd`; what is not known is empty."""

    periodo_id: int
    nombre: str
    apellido_paterno: str
    apellido_materno: str
    lugar_nacimiento: str
    fecha_nacimiento: str
    tel_domicilio: str
    tel_oficina: str
    tel_movil: str
    correo: str
    tipo_cuenta: str
    clave_elector: str
    curp: str
    ocr: str
    cic: str
    entidad: str
    municipio: str
    seccion: str
    fecha_manifestacion: str
    oficio: str
    folio_interno: str
    observaciones: str


@dataclass(frozen=True, slots=True)
class Aspirante:
    """One aspirante. `id` is the folio de solicitud, `estado` one of ESTADOS, `cuenta` the account that enters."""

    id: int
    datos: DatosAspirante
    emblema_png: bytes | None
    estado: str
    confirmado_ms: int | None
    creado_ms: int
    cuenta: int | None
    cuenta_estatus: str
    con_contrasena: bool

    @property
    def nombre_completo(self) -> str:
        """Nombre and apellidos."""
        return full_name(self.datos.nombre, self.datos.apellido_paterno, self.datos.apellido_materno)


@dataclass(frozen=True, slots=True)
class Fila:
    """One row of the list."""

    id: int
    nombre: str
    periodo: str
    estado: str
    tiene_emblema: bool
    auxiliares: int


@dataclass(frozen=True, slots=True)
class Filtro:
    """What the list is narrowed to; None or empty says nothing. `texto`: words of a name, or a folio."""

    periodo_id: int | None = None
    texto: str = ""
    estado: str = ""


@dataclass(frozen=True, slots=True)
class Movimiento:
    """A baja or reactivación. `por`: name of the account."""

    movimiento: str
    causa: str
    por: str
    en_ms: int


@dataclass(frozen=True, slots=True)
class Aviso:
    """A mail that was queued for an aspirante's account."""

    clase: str
    estado: str
    creado_ms: int
    enviado_ms: int | None


_COLUMNS: Final = tuple(field.name for field in fields(DatosAspirante))
_ESTADO: Final = (
    "CASE WHEN s.estatus <> 'activo' THEN s.estatus WHEN s.confirmado_ms IS NULL THEN 'sin_confirmar' "
    "ELSE 'confirmado' END"
)


def full_name(nombre: str, apellido_paterno: str, apellido_materno: str) -> str:
    """The three as one line."""
    return " ".join(part for part in (nombre, apellido_paterno, apellido_materno) if part)


def plain(text: str) -> str:
    """Text as it is searched: without accents, in small letters."""
    found = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in found if not unicodedata.combining(c))


def insert(conn: sqlite3.Connection, datos: DatosAspirante, emblema_png: bytes | None, now_ms: int) -> int:
    """A new aspirante, not confirmed; returns the folio de solicitud."""
    names = ", ".join(_COLUMNS)
    places = ", ".join("?" for _ in _COLUMNS)
    cursor = conn.execute(
        f"INSERT INTO aspirantes ({names}, emblema_png, estatus, creado_ms) "  # noqa: S608 -- names of columns
        f"VALUES ({places}, ?, 'activo', ?)",
        (*(getattr(datos, name) for name in _COLUMNS), emblema_png, now_ms),
    )
    return int(cursor.lastrowid or 0)


def update(conn: sqlite3.Connection, folio: int, datos: DatosAspirante, emblema_png: bytes | None) -> None:
    """Change what is registered. One that was waiting to be restored is activo from then on."""
    names = ", ".join(f"{name} = ?" for name in _COLUMNS)
    conn.execute(
        f"UPDATE aspirantes SET {names}, emblema_png = ?, "  # noqa: S608 -- names of columns
        "estatus = CASE estatus WHEN 'por_restaurar' THEN 'activo' ELSE estatus END WHERE id = ?",
        (*(getattr(datos, name) for name in _COLUMNS), emblema_png, folio),
    )


def get(conn: sqlite3.Connection, folio: int) -> Aspirante | None:
    """One aspirante."""
    names = ", ".join(f"s.{name}" for name in _COLUMNS)
    row = conn.execute(
        f"SELECT {names}, s.id, s.emblema_png, {_ESTADO} AS estado, s.confirmado_ms, "  # noqa: S608 -- names of columns
        "s.creado_ms, c.id AS cuenta, c.estatus AS cuenta_estatus, c.contrasena IS NOT NULL AS con_contrasena "
        "FROM aspirantes s LEFT JOIN cuentas c ON c.aspirante_id = s.id WHERE s.id = ?",
        (folio,),
    ).fetchone()
    if row is None:
        return None
    values = {name: row[name] for name in _COLUMNS} | {"periodo_id": row["periodo_id"] or 0}
    return Aspirante(
        row["id"], DatosAspirante(**values), row["emblema_png"], row["estado"], row["confirmado_ms"], row["creado_ms"],
        row["cuenta"], row["cuenta_estatus"] or "", bool(row["con_contrasena"]),
    )  # fmt: skip


def emblema(conn: sqlite3.Connection, folio: int) -> bytes | None:
    """The emblem, a PNG."""
    row = conn.execute("SELECT emblema_png FROM aspirantes WHERE id = ?", (folio,)).fetchone()
    return row[0] if row else None


def page(conn: sqlite3.Connection, filtro: Filtro, clave: PorClave, limit: int) -> tuple[list[Fila], bool, bool]:
    """Aspirantes, newest first; and whether there are newer and older ones."""
    where, values = _where(conn, filtro)
    select = (
        "SELECT s.id, s.nombre || ' ' || s.apellido_paterno || ' ' || s.apellido_materno AS nombre, "  # noqa: S608
        f"coalesce(o.nombre, '') AS periodo, {_ESTADO} AS estado, s.emblema_png IS NOT NULL AS tiene_emblema, "
        "(SELECT count(*) FROM auxiliares a WHERE a.aspirante_id = s.id AND a.estatus = 'activo') AS auxiliares "
        "FROM aspirantes s LEFT JOIN periodos o ON o.id = s.periodo_id "
    )
    rows, newer, older = by_key(conn, select, "s.id", where, values, clave, limit)
    found = [
        Fila(
            row["id"], " ".join(row["nombre"].split()), row["periodo"], row["estado"], bool(row["tiene_emblema"]),
            row["auxiliares"],
        )
        for row in rows
    ]  # fmt: skip
    return found, newer, older


def count(conn: sqlite3.Connection, filtro: Filtro) -> int:
    """How many the filter leaves."""
    where, values = _where(conn, filtro)
    return int(conn.execute(f"SELECT count(*) FROM aspirantes s WHERE {where}", values).fetchone()[0])  # noqa: S608


def _where(conn: sqlite3.Connection, filtro: Filtro) -> tuple[str, dict[str, object]]:
    parts, values = ["1"], dict[str, object]()
    if filtro.periodo_id is not None:
        parts.append("s.periodo_id = :periodo")
        values["periodo"] = filtro.periodo_id
    if filtro.estado:
        parts.append(f"{_ESTADO} = :estado")
        values["estado"] = filtro.estado
    words = plain(filtro.texto).split()
    if len(words) == 1 and words[0].isascii() and words[0].isdigit() and len(words[0]) <= 6:
        parts.append("s.id = :folio")
        values["folio"] = int(words[0])
    elif words:
        conn.create_function("sin_acentos", 1, plain, deterministic=True)
        for place, word in enumerate(words[:6]):
            parts.append(
                "instr(sin_acentos(s.nombre || ' ' || s.apellido_paterno || ' ' || s.apellido_materno), "
                f":palabra{place}) > 0"
            )
            values[f"palabra{place}"] = word
    return " AND ".join(parts), values


def confirm(conn: sqlite3.Connection, folio: int, now_ms: int) -> bool:
    """The cédula is signed; says whether it was not confirmed before."""
    cursor = conn.execute(
        "UPDATE aspirantes SET confirmado_ms = ? WHERE id = ? AND confirmado_ms IS NULL AND estatus = 'activo'",
        (now_ms, folio),
    )
    return cursor.rowcount == 1


def open_account(conn: sqlite3.Connection, folio: int, nombre: str, correo: str, telefono: str, now_ms: int) -> int:
    """The aspirante's account, activa and without password; the one there is gets the name and mail. Returns its id."""
    row = conn.execute(
        "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, aspirante_id, estatus, creada_ms) "
        "VALUES ('aspirante', ?, '', ?, ?, ?, 'activa', ?) ON CONFLICT (aspirante_id) DO UPDATE SET "
        "nombre = excluded.nombre, correo = excluded.correo, telefono = excluded.telefono, estatus = 'activa' "
        "RETURNING id",
        (nombre, correo, telefono, folio, now_ms),
    ).fetchone()
    return int(row[0])


def rename_account(conn: sqlite3.Connection, folio: int, nombre: str, telefono: str) -> None:
    """The account says the name and telephone that are registered now."""
    conn.execute("UPDATE cuentas SET nombre = ?, telefono = ? WHERE aspirante_id = ?", (nombre, telefono, folio))


def set_mail(conn: sqlite3.Connection, folio: int, correo: str, tipo_cuenta: str) -> None:
    """Another address, for the aspirante and the account. What was entered with from the old one is void."""
    conn.execute("UPDATE aspirantes SET correo = ?, tipo_cuenta = ? WHERE id = ?", (correo, tipo_cuenta, folio))
    conn.execute("UPDATE cuentas SET correo = ?, contrasena = NULL WHERE aspirante_id = ?", (correo, folio))


def end_entry(conn: sqlite3.Connection, folio: int, now_ms: int) -> int:
    """Close the sessions of an aspirante and void the links and codes on their way; returns how many sessions."""
    account = "(SELECT id FROM cuentas WHERE aspirante_id = ?)"
    closed = conn.execute(
        f"UPDATE sesiones_portal SET cerrada_ms = ? WHERE cuenta_id = {account} AND cerrada_ms IS NULL",  # noqa: S608
        (now_ms, folio),
    ).rowcount
    conn.execute(
        f"UPDATE llaves_correo SET usada_ms = ? WHERE cuenta_id = {account} AND usada_ms IS NULL",  # noqa: S608
        (now_ms, folio),
    )
    return closed


def move(conn: sqlite3.Connection, folio: int, movimiento: str, causa: str, por: int, now_ms: int) -> bool:
    """Baja or reactivación with its cause, of the aspirante and the account; says whether anything changed."""
    estatus, before = ("inactivo", "activo") if movimiento == "baja" else ("activo", "inactivo")
    changed = conn.execute(
        "UPDATE aspirantes SET estatus = ? WHERE id = ? AND estatus = ?", (estatus, folio, before)
    ).rowcount
    if not changed:
        return False
    conn.execute(
        "UPDATE cuentas SET estatus = ? WHERE aspirante_id = ?",
        ("suspendida" if movimiento == "baja" else "activa", folio),
    )
    conn.execute(
        "INSERT INTO movimientos_aspirante (aspirante_id, movimiento, causa, por, en_ms) VALUES (?, ?, ?, ?, ?)",
        (folio, movimiento, causa, por, now_ms),
    )
    return True


def moves(conn: sqlite3.Connection, folio: int) -> list[Movimiento]:
    """Bajas and reactivaciones, newest first."""
    rows = conn.execute(
        "SELECT m.movimiento, m.causa, c.nombre AS por, m.en_ms FROM movimientos_aspirante m "
        "JOIN cuentas c ON c.id = m.por WHERE m.aspirante_id = ? ORDER BY m.id DESC",
        (folio,),
    )
    return [Movimiento(**dict(row)) for row in rows]


def mails(conn: sqlite3.Connection, cuenta: int, limit: int = 5) -> list[Aviso]:
    """The newest mails about the registration of an aspirante, by account."""
    rows = conn.execute(
        "SELECT clase, estado, creado_ms, enviado_ms FROM correos WHERE cuenta_id = ? "
        "AND clase IN ('aspirante_registrado', 'aspirante_baja') ORDER BY id DESC LIMIT ?",
        (cuenta, limit),
    )
    return [Aviso(**dict(row)) for row in rows]


def same_clave(conn: sqlite3.Connection, clave_elector: str, periodo_id: int, other_than: int | None) -> list[int]:
    """Folios in the same periodo that have this clave de elector."""
    rows = conn.execute(
        "SELECT id FROM aspirantes WHERE periodo_id = ? AND clave_elector = ? AND clave_elector <> '' AND id IS NOT ? "
        "ORDER BY id LIMIT 5",
        (periodo_id, clave_elector, other_than),
    )
    return [int(row[0]) for row in rows]
