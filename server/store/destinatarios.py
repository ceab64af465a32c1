"""What a mail needs to know of its addressee, asked for when it is sent: accounts, aspirantes, auxiliares (row D6)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from server.store import audiencias
from server.store.audiencias import Totales


@dataclass(frozen=True, slots=True)
class DatosCuenta:
    """An account. `solicitud`: the folio of the aspirante whose account it is, None for one of the OPL."""

    nombre: str
    correo: str
    rol: str
    solicitud: int | None


@dataclass(frozen=True, slots=True)
class DatosAspirante:
    """An aspirante with proceso and periodo. Instants in ms; `termina_ms` is exclusive."""

    solicitud: int
    nombre: str
    tipo_cuenta: str
    proceso: str
    periodo: str
    inicia_ms: int
    termina_ms: int


@dataclass(frozen=True, slots=True)
class DatosAuxiliar:
    """An auxiliar, and the aspirante for whom (`de`). `baja_ms`: None while active."""

    id: int
    tipo_cuenta: str
    baja_ms: int | None
    de: DatosAspirante


@dataclass(frozen=True, slots=True)
class DatosAudiencia:
    """A hearing of an aspirante (`solicitud`). `inicia_ms`: None while it has no date; `minutos`: how long."""

    id: int
    solicitud: int
    inicia_ms: int | None
    minutos: int
    lugar: str
    oficialia: str
    totales: Totales


_NAME = "trim({0}.nombre || ' ' || {0}.apellido_paterno || ' ' || {0}.apellido_materno)"


def cuenta(conn: sqlite3.Connection, id_: int) -> DatosCuenta | None:
    """An account."""
    row = conn.execute("SELECT nombre, correo, rol, aspirante_id AS solicitud FROM cuentas WHERE id = ?", (id_,))
    found = row.fetchone()
    return DatosCuenta(**dict(found)) if found else None


def aspirante(conn: sqlite3.Connection, solicitud: int) -> DatosAspirante | None:
    """An aspirante; None while the catalogue is still to be restored."""
    row = conn.execute(
        f"SELECT s.id AS solicitud, {_NAME.format('s')} AS nombre, s.tipo_cuenta, p.nombre AS proceso, "  # noqa: S608
        "o.nombre AS periodo, o.inicia_ms, o.termina_ms FROM aspirantes s "
        "JOIN periodos o ON o.id = s.periodo_id JOIN procesos p ON p.id = o.proceso_id WHERE s.id = ?",
        (solicitud,),
    ).fetchone()
    return DatosAspirante(**dict(row)) if row else None


def auxiliar_address(conn: sqlite3.Connection, id_: int) -> tuple[str, str] | None:
    """(name, address) of an auxiliar; None when there is no address."""
    row = conn.execute(
        f"SELECT {_NAME.format('a')}, a.correo FROM auxiliares a WHERE a.id = ? AND a.correo <> ''",  # noqa: S608
        (id_,),
    ).fetchone()
    return (row[0], row[1]) if row else None


def auxiliar(conn: sqlite3.Connection, id_: int) -> DatosAuxiliar | None:
    """An auxiliar with the aspirante; None while the catalogue is still to be restored."""
    row = conn.execute("SELECT aspirante_id, tipo_cuenta, baja_ms FROM auxiliares WHERE id = ?", (id_,)).fetchone()
    de = aspirante(conn, row["aspirante_id"]) if row else None
    return DatosAuxiliar(id_, row["tipo_cuenta"], row["baja_ms"], de) if de else None


def key_until(conn: sqlite3.Connection, cuenta_id: int, clase: str) -> int | None:
    """When the newest unused link or code of an account stops being good; None when there is none."""
    row = conn.execute(
        "SELECT vence_ms FROM llaves_correo WHERE cuenta_id = ? AND clase = ? AND usada_ms IS NULL "
        "ORDER BY id DESC LIMIT 1",
        (cuenta_id, clase),
    ).fetchone()
    return int(row["vence_ms"]) if row else None


def alta_code_until(conn: sqlite3.Connection, id_: int) -> int | None:
    """When this one-time code of an alta stops being good; None when it is not there."""
    row = conn.execute("SELECT vence_ms FROM codigos_alta WHERE id = ?", (id_,)).fetchone()
    return int(row["vence_ms"]) if row else None


def audiencia(conn: sqlite3.Connection, id_: int) -> DatosAudiencia | None:
    """A hearing as it stands."""
    one = audiencias.get(conn, id_)
    if one is None:
        return None
    return DatosAudiencia(
        one.id, one.solicitud, one.inicia_ms, one.minutos, one.lugar, one.oficialia, audiencias.totales(conn, id_)
    )
