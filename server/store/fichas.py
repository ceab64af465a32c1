"""One apoyo with all that is known of it, by phone or of paper (rows B5, C5, C7, B6)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields

from server.domain.apoyo import Duplicado
from server.domain.inconsistencias import Inconsistencia
from server.store import apoyos, incisos
from server.store.apoyos import Apoyo
from server.store.consulta import COLUMNS, Renglon, from_row


@dataclass(frozen=True, slots=True)
class Sobre:
    """What came from a phone. `codigo`: 32 bytes. `acuse`: signed; `lote` decides whether it may be given."""

    registro: int
    codigo: bytes
    tam: int
    lote: int
    acuse: str


@dataclass(frozen=True, slots=True)
class Cedula:
    """What was typed from paper. `paquete`: its folio; `criterio`: of P11.5, or ""; `comentario`: for the aspirante."""

    paquete: str
    numero: int
    criterio: str
    comentario: str
    capturada_ms: int


@dataclass(frozen=True, slots=True)
class Ficha:
    """All that is known of one apoyo, but for its images. Either `sobre` or `cedula` is there.

    `auxiliar_baja_ms`, `dispositivo_baja_ms`: None while they are active. `duplicado_de`: folio of the apoyo of the
    same aspirante that counts instead, or "". `inconsistencia`: what the mesa found, in the words on which it decided;
    `criterios`: that version, None when nobody has decided.
    """

    renglon: Renglon
    apoyo: Apoyo
    proceso: str
    aspirante: str
    auxiliar_nombre: str
    auxiliar_baja_ms: int | None
    dispositivo_modelo: str
    dispositivo_baja_ms: int | None
    sobre: Sobre | None
    cedula: Cedula | None
    duplicado_de: str
    inconsistencia: Inconsistencia | None
    criterios: int | None


def ficha(conn: sqlite3.Connection, folio: str, solicitud: int | None) -> Ficha | None:
    """The apoyo of a folio; None when there is none, or it is not of the only `solicitud` that may be seen."""
    row = conn.execute(
        f"SELECT {COLUMNS}, coalesce(p.tipo, '') AS proceso, "  # noqa: S608
        "coalesce(trim(x.nombre || ' ' || x.apellido_paterno || ' ' || x.apellido_materno), '') AS aspirante, "
        "coalesce(trim(u.nombre || ' ' || u.apellido_paterno || ' ' || u.apellido_materno), '') AS auxiliar_nombre, "
        "u.baja_ms AS auxiliar_baja_ms, coalesce(d.modelo, '') AS dispositivo_modelo, d.baja_ms AS dispositivo_baja_ms "
        "FROM apoyos a LEFT JOIN aspirantes x ON x.id = a.solicitud "
        "LEFT JOIN periodos o ON o.id = x.periodo_id LEFT JOIN procesos p ON p.id = o.proceso_id "
        "LEFT JOIN auxiliares u ON u.id = a.auxiliar LEFT JOIN dispositivos d ON d.id = a.dispositivo "
        "WHERE a.id = (SELECT r.id FROM registros r WHERE r.folio = :folio UNION ALL "
        "SELECT c.id FROM apoyos c WHERE c.via = 'papel' AND c.folio = :folio LIMIT 1) "
        "AND (:solicitud IS NULL OR a.solicitud = :solicitud)",
        {"folio": folio, "solicitud": solicitud},
    ).fetchone()
    if row is None:
        return None
    names = [field.name for field in fields(Renglon)]
    rest = {name: row[name] for name in row.keys() if name not in names}  # noqa: SIM118 - a Row is no mapping
    renglon = from_row({name: row[name] for name in names})
    apoyo = apoyos.get(conn, renglon.id)
    assert apoyo is not None, "read in the same transaction"
    return Ficha(
        renglon=renglon, apoyo=apoyo, **rest, sobre=_sobre(conn, apoyo.id), cedula=_cedula(conn, apoyo.id),
        duplicado_de=_original(conn, apoyo), inconsistencia=_found(conn, apoyo),
        criterios=incisos.version_de(conn, apoyo.id),
    )  # fmt: skip


def _sobre(conn: sqlite3.Connection, id_: int) -> Sobre | None:
    row = conn.execute("SELECT registro, codigo, tam, lote, acuse FROM registros WHERE id = ?", (id_,)).fetchone()
    return Sobre(**dict(row)) if row else None


def _cedula(conn: sqlite3.Connection, id_: int) -> Cedula | None:
    row = conn.execute(
        "SELECT p.folio AS paquete, c.numero, c.criterio, c.comentario, c.capturada_ms FROM cedulas_papel c "
        "JOIN paquetes p ON p.id = c.paquete_id WHERE c.apoyo_id = ?",
        (id_,),
    ).fetchone()
    return Cedula(**dict(row)) if row else None


def _original(conn: sqlite3.Connection, apoyo: Apoyo) -> str:
    """Of the same aspirante alone: to whom else somebody gave their apoyo is nobody's business here."""
    if apoyo.duplicado is not Duplicado.MISMO:
        return ""
    row = conn.execute(
        "SELECT o.folio FROM identidades i JOIN identidades j ON j.clase = i.clase AND j.huella = i.huella "
        "JOIN apoyos o ON o.id = j.apoyo_id WHERE i.apoyo_id = :id AND o.id <> :id AND o.solicitud = :solicitud "
        "AND o.duplicado <> 'mismo' ORDER BY o.resultado = 'inconsistente', o.recibido_ms, o.id LIMIT 1",
        {"id": apoyo.id, "solicitud": apoyo.solicitud},
    ).fetchone()
    return str(row[0]) if row else ""


def _found(conn: sqlite3.Connection, apoyo: Apoyo) -> Inconsistencia | None:
    if not apoyo.inciso:
        return None
    version = incisos.version_de(conn, apoyo.id)
    decided = None if version is None else incisos.en_version(conn, apoyo.inciso, version)
    return decided or incisos.textos(conn).get(apoyo.inciso)


def procesos(conn: sqlite3.Connection) -> dict[int, str]:
    """The type of proceso of every folio de solicitud."""
    rows = conn.execute(
        "SELECT x.id, p.tipo FROM aspirantes x JOIN periodos o ON o.id = x.periodo_id "
        "JOIN procesos p ON p.id = o.proceso_id"
    )
    return {row["id"]: row["tipo"] for row in rows}
