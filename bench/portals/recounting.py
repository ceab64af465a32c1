"""The peer without counters: `acopio serve`, whose reports count the apoyos each time, by their best index.

Everything else is the same: routes, sessions, threads, templates. `python -m bench.portals.recounting serve`.
"""

from __future__ import annotations

from server.__main__ import main
from server.domain.apoyo import Cuenta
from server.store import avance, conteos
from server.store.connection import Connection
from server.store.conteos import COUNTS, SUMS, cuenta

# count(*) of a grouped apoyo stands where the counters have n.
_CELLS = "clase, situacion, resultado, origen, count(*) AS n FROM apoyos WHERE solicitud = :folio"


def por_dia(conn: Connection, solicitud: int) -> list[tuple[int, Cuenta]]:
    """As server.store.conteos.por_dia."""
    rows = conn.execute(
        f"SELECT dia, {SUMS} FROM (SELECT dia, {_CELLS} GROUP BY dia, clase, situacion, resultado, origen) "
        "GROUP BY dia ORDER BY dia",
        {"folio": solicitud},
    )
    return [(row["dia"], cuenta(row)) for row in rows]


def por_unidad(conn: Connection, solicitud: int, unidad: str) -> dict[str, int]:
    """As server.store.conteos.por_unidad."""
    rows = conn.execute(
        f"SELECT {unidad}, count(*) FROM apoyos WHERE solicitud = ? AND {unidad} <> '' AND {COUNTS} GROUP BY {unidad}",
        (solicitud,),
    )
    return dict(map(tuple, rows))


def counters(dias: tuple[int, int] | None) -> str:
    """As server.store.avance._counters."""
    days = "" if dias is None else "AND dia BETWEEN :desde AND :hasta"
    return (
        f"SELECT auxiliar, {SUMS} FROM (SELECT auxiliar, {_CELLS} {days} "
        "GROUP BY auxiliar, clase, situacion, resultado, origen) GROUP BY auxiliar"
    )


if __name__ == "__main__":
    conteos.por_dia = por_dia
    conteos.por_unidad = por_unidad
    avance._counters = counters
    main()
