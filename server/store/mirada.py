"""What the mesa sees beside an apoyo's own row: its marks, its paper and its neighbours (rows G1, F3, X9)."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from server.domain.apoyo import Resultado

VECINAS = 24
"""Of each kind, how many are shown at most: a group of simulations may be of hundreds."""


@dataclass(frozen=True, slots=True)
class Vecina:
    """Another apoyo with something in common. `tipo`: the image that is nearly equal, empty for the same person.

    `distancia`: bits in which the perceptual hashes differ; 0 for the same person.
    """

    id: int
    folio: str
    solicitud: int
    auxiliar: int
    recibido_ms: int
    resultado: Resultado
    inciso: str
    via: str
    tipo: str = ""
    distancia: int = 0


@dataclass(frozen=True, slots=True)
class Papel:
    """What whoever typed a cédula of paper said of it. `criterio`: of P11.5, empty when nothing was wrong."""

    paquete: str
    numero: int
    criterio: str
    comentario: str


def marcas(conn: sqlite3.Connection, apoyo_id: int) -> tuple[str, ...]:
    """The marks of its origin (server.domain.marcas)."""
    row = conn.execute("SELECT marcas FROM apoyos WHERE id = ?", (apoyo_id,)).fetchone()
    return tuple(json.loads(row["marcas"])) if row else ()


_VECINA = "a.id, a.folio, a.solicitud, a.auxiliar, a.recibido_ms, a.resultado, a.inciso, a.via"


def parecidas(conn: sqlite3.Connection, apoyo_id: int) -> tuple[Vecina, ...]:
    """Apoyos with a nearly equal image: by the same auxiliar first, then by how near; at most VECINAS."""
    rows = conn.execute(
        f"SELECT {_VECINA}, p.tipo, p.distancia FROM ("  # noqa: S608 -- columns of ours
        "SELECT mayor AS otro, tipo, distancia FROM imagenes_parecidas WHERE menor = ?1 "
        "UNION ALL SELECT menor, tipo, distancia FROM imagenes_parecidas WHERE mayor = ?1) p "
        "JOIN apoyos a ON a.id = p.otro JOIN apoyos propio ON propio.id = ?1 "
        "ORDER BY a.auxiliar <> propio.auxiliar, p.distancia, a.id DESC, p.tipo LIMIT ?2",
        (apoyo_id, VECINAS),
    )
    return tuple(_vecina(row) for row in rows)


def de_la_persona(conn: sqlite3.Connection, apoyo_id: int) -> tuple[Vecina, ...]:
    """Other apoyos of the same person: by the same auxiliar first, then as they came; at most VECINAS."""
    rows = conn.execute(
        f"SELECT {_VECINA}, '' AS tipo, 0 AS distancia FROM apoyos a JOIN apoyos propio ON propio.id = ?1 "  # noqa: S608
        "WHERE a.id IN (SELECT otra.apoyo_id FROM identidades una JOIN identidades otra USING (clase, huella) "
        "WHERE una.apoyo_id = ?1 AND otra.apoyo_id <> ?1) "
        "ORDER BY a.auxiliar <> propio.auxiliar, a.recibido_ms, a.id LIMIT ?2",
        (apoyo_id, VECINAS),
    )
    return tuple(_vecina(row) for row in rows)


def es_vecina(conn: sqlite3.Connection, apoyo_id: int, otro: int, tipo: str) -> bool:
    """Whether this image of the other apoyo belongs beside this one: nearly equal, or of the same person."""
    row = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM imagenes_parecidas WHERE menor = min(?1, ?2) AND mayor = max(?1, ?2) "
        "AND tipo = ?3) OR EXISTS (SELECT 1 FROM identidades una JOIN identidades otra USING (clase, huella) "
        "WHERE una.apoyo_id = ?1 AND otra.apoyo_id = ?2 AND ?1 <> ?2)",
        (apoyo_id, otro, tipo),
    ).fetchone()
    return bool(row[0])


def papel(conn: sqlite3.Connection, apoyo_id: int) -> Papel | None:
    """What was noted of a cédula of paper; None for an apoyo by phone."""
    row = conn.execute(
        "SELECT p.folio, c.numero, c.criterio, c.comentario FROM cedulas_papel c "
        "JOIN paquetes p ON p.id = c.paquete_id WHERE c.apoyo_id = ?",
        (apoyo_id,),
    ).fetchone()
    return Papel(row["folio"], row["numero"], row["criterio"], row["comentario"]) if row else None


def _vecina(row: sqlite3.Row) -> Vecina:
    values = dict(row)
    return Vecina(**{**values, "resultado": Resultado(values["resultado"])})
