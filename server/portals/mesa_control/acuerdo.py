"""How far operators agree on what is reviewed twice (row G2): Cohen's kappa, with how many it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain.dias import DIA_MS
from server.domain.kappa import POCOS, Acuerdo
from server.mesa_control.acuerdo import acuerdos
from server.portals.visita import Visita
from server.store import ajustes, operadores

PERIODOS: Final = ((7, "Últimos 7 días"), (30, "Últimos 30 días"), (120, "Últimos 120 días"))


@dataclass(frozen=True, slots=True)
class FilaAcuerdo:
    """An operator. `nota`: what the kappa means, or why there is none."""

    id: int
    nombre: str
    n: int
    iguales: str
    kappa: str
    kappa_resultado: str
    nota: str


@dataclass(frozen=True, slots=True)
class AcuerdoContext:
    """opl/mesa_acuerdo.html. `difieren`: (what one said, what the other said, how often)."""

    filas: tuple[FilaAcuerdo, ...]
    todos: FilaAcuerdo
    difieren: tuple[tuple[str, str, int], ...]
    dias: int
    periodos: tuple[tuple[int, str], ...]
    segunda_pct: int
    pocos: int


async def tabla(v: Visita) -> Response:
    """GET /opl/mesa/acuerdo."""
    asked = v.request.query_params.get("dias", "")
    days = next((days for days, _ in PERIODOS if str(days) == asked), 30)
    found, names, pct = await v.read(
        lambda conn: (
            acuerdos(conn, v.now_ms - days * DIA_MS), operadores.nombres(conn), ajustes.reglas(conn).segunda_pct
        )
    )  # fmt: skip
    return v.page(
        "opl/mesa_acuerdo.html",
        AcuerdoContext(
            filas=tuple(
                _row(one.cuenta, names.get(one.cuenta, ""), one.por_inciso, one.por_resultado)
                for one in found.operadores
            ),
            todos=_row(0, "Todas las parejas", found.todos.por_inciso, found.todos.por_resultado),
            difieren=tuple((_said(a), _said(b), n) for a, b, n in found.difieren),
            dias=days,
            periodos=PERIODOS,
            segunda_pct=pct,
            pocos=POCOS,
        ),
    )


def _row(id_: int, nombre: str, por_inciso: Acuerdo, por_resultado: Acuerdo) -> FilaAcuerdo:
    share = por_inciso.proporcion
    return FilaAcuerdo(
        id_, nombre, por_inciso.n, "—" if share is None else f"{share * 100:.0f} %", _kappa(por_inciso),
        _kappa(por_resultado), _meaning(por_inciso),
    )  # fmt: skip


def _kappa(one: Acuerdo) -> str:
    return "—" if one.kappa is None else f"{one.kappa:.2f}".replace("-", "−")


def _meaning(one: Acuerdo) -> str:
    """In the words of Landis and Koch (Biometrics 33, 1977), once there are enough."""
    if one.n == 0:
        return "Sin segundas revisiones"
    if one.kappa is None:
        return "Siempre dijeron lo mismo: kappa no se puede calcular"
    if one.pocos:
        return "Pocas parejas para concluir"
    levels = ((0.8, "Casi perfecto"), (0.6, "Considerable"), (0.4, "Moderado"), (0.2, "Débil"), (0.0, "Muy débil"))
    return next((said for over, said in levels if one.kappa > over), "No mayor que el azar")


def _said(category: str) -> str:
    return "Válido" if category == "valido" else f"{category})"
