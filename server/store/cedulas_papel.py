"""Cédulas of paper, as they were typed (row B5). Data are wrapped before they come here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capturada:
    """What was typed of a cédula that is an apoyo. `datos`: wrapped; the one that holds where two were typed."""

    paquete: int
    numero: int
    datos: bytes


def criterio_de(conn: sqlite3.Connection, apoyo_id: int) -> str:
    """What was noted of a cédula when it was typed, one of the criteria of paper; empty for none."""
    row = conn.execute("SELECT criterio FROM cedulas_papel WHERE apoyo_id = ?", (apoyo_id,)).fetchone()
    return str(row["criterio"]) if row else ""


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> Capturada | None:
    """The cédula that became this apoyo."""
    row = conn.execute("SELECT paquete_id, numero, datos FROM cedulas_papel WHERE apoyo_id = ?", (apoyo_id,)).fetchone()
    return Capturada(row["paquete_id"], row["numero"], row["datos"]) if row else None


def comentarios(conn: sqlite3.Connection, apoyos: Sequence[int]) -> dict[int, str]:
    """What was written for the aspirante when these apoyos of paper were typed in; only of those that have a word."""
    rows = conn.execute(
        "SELECT apoyo_id, comentario FROM cedulas_papel "
        "WHERE apoyo_id IN (SELECT value FROM json_each(?)) AND comentario <> ''",
        (json.dumps(list(apoyos)),),
    )
    return {row["apoyo_id"]: row["comentario"] for row in rows}
