"""Apoyos that go through a stage of the pipeline again because a rule has changed, not because they have (rows B1, F3).

One statement each, however many they are. What waits at an earlier stage comes by anyway; what is in quarantine stays.
"""

from __future__ import annotations

import sqlite3

_AGAIN = (
    "UPDATE trabajos SET etapa = :etapa, estado = 'pendiente', intentos = 0, proximo_ms = 0, motivo = '' "
    "WHERE (estado = 'hecho' OR estado = 'pendiente' AND etapa IN ({later})) AND id IN ({ids})"
)


def ambito(conn: sqlite3.Connection, periodo_id: int) -> int:
    """Those of a periodo whose territory is another now: where the person lives is compared again. Returns how many."""
    sql = _AGAIN.format(
        later="'clasificar'",
        ids="SELECT a.id FROM aspirantes s CROSS JOIN apoyos a ON a.solicitud = s.id WHERE s.periodo_id = :periodo "
        "AND a.situacion <> 'SIN_RESPUESTA'",
    )
    return conn.execute(sql, {"etapa": "verificar_ambito", "periodo": periodo_id}).rowcount


def duplicados(conn: sqlite3.Connection) -> int:
    """Those whose person gave more than one apoyo: which of them counts is decided again. Returns how many.

    It walks every identity once: about a second for a million apoyos, in which nothing else is written.
    """
    sql = _AGAIN.format(
        later="'verificar_ambito', 'clasificar'",
        ids="SELECT id FROM apoyos WHERE duplicado <> '' "
        "UNION SELECT apoyo_id FROM banderas WHERE codigo IN ('duplicado_mismo', 'duplicado_otro') "
        "UNION SELECT i.apoyo_id FROM (SELECT clase, huella FROM identidades GROUP BY clase, huella "
        "HAVING count(*) > 1) d CROSS JOIN identidades i ON i.clase = d.clase AND i.huella = d.huella",
    )
    return conn.execute(sql, {"etapa": "buscar_duplicados"}).rowcount
