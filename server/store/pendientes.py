"""What waits for somebody at the OPL, as counts: the front page's list of work (rows B1-B4, A1)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pendientes:
    """How many of each wait. `por_iniciar`, `por_terminar`: periodos activos that begin or end within the horizon."""

    aspirantes_sin_confirmar: int
    aspirantes_por_restaurar: int
    auxiliares_por_revisar: int
    declaraciones: int
    periodos_por_iniciar: int
    periodos_por_terminar: int
    periodos_en_curso: int
    correos_fallidos: int
    aspirantes: int
    periodos: int


def count(conn: sqlite3.Connection, now_ms: int, horizon_ms: int) -> Pendientes:
    """All of them, in one statement; each by an index or over a table of few rows."""
    row = conn.execute(
        "SELECT "
        "(SELECT count(*) FROM aspirantes WHERE estatus = 'activo' AND confirmado_ms IS NULL) "
        "  AS aspirantes_sin_confirmar, "
        "(SELECT count(*) FROM aspirantes WHERE estatus = 'por_restaurar') AS aspirantes_por_restaurar, "
        "(SELECT count(*) FROM auxiliares a WHERE a.revision = 'pendiente' AND a.estatus = 'activo' AND EXISTS "
        "  (SELECT 1 FROM registros r WHERE r.auxiliar = a.id AND r.tipo = 'testigos')) AS auxiliares_por_revisar, "
        "(SELECT count(*) FROM declaraciones WHERE estado = 'entregada') AS declaraciones, "
        "(SELECT count(*) FROM periodos WHERE estatus = 'activo' AND inicia_ms BETWEEN :now AND :soon) "
        "  AS periodos_por_iniciar, "
        "(SELECT count(*) FROM periodos WHERE estatus = 'activo' AND inicia_ms <= :now "
        "  AND termina_ms > :now AND termina_ms <= :soon) AS periodos_por_terminar, "
        "(SELECT count(*) FROM periodos WHERE estatus = 'activo' AND inicia_ms <= :now AND termina_ms > :now) "
        "  AS periodos_en_curso, "
        "(SELECT count(*) FROM correos WHERE estado = 'fallido') AS correos_fallidos, "
        "(SELECT count(*) FROM aspirantes) AS aspirantes, "
        "(SELECT count(*) FROM periodos) AS periodos",
        {"now": now_ms, "soon": now_ms + horizon_ms},
    ).fetchone()
    return Pendientes(**dict(row))
