"""/mesa: an operator's bandeja, and what the review screen's script asks for between two registros (rows G2, G5)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.diario.apertura import NoAbre
from server.domain.dias import dia_de
from server.errors import AppError
from server.mesa_control import bandeja
from server.portals.forms import Campo, Formulario
from server.portals.mesa_control import comun, revision
from server.portals.mesa_control.pantalla import DIA_MS, RONDAS
from server.portals.visita import Visita
from server.store import ajustes, mi_bandeja
from server.store.connection import Connection
from server.store.mi_bandeja import Trabajo, Ultima
from server.store.revisiones import Revision
from server.store.writer import Tx

PRONTO_MS = 2 * DIA_MS
"""What is due within this time is said to be pressing."""
ENMANO = Formulario(
    Campo("enmano", "En mano", obligatorio=False, tipo="hidden", maximo=400),
    Campo("saltadas", "Saltadas", obligatorio=False, tipo="hidden", maximo=700),
)


@dataclass(frozen=True, slots=True)
class Retenida:
    """A registro that this person holds. `vence_ms`: until when."""

    id: int
    ronda: str
    limite_ms: int
    vence_ms: int
    tarde: bool


@dataclass(frozen=True, slots=True)
class BandejaContext:
    """mesa_control/bandeja.html. `ultima`: the decision that can be undone; `pronto_dias`: what is pressing."""

    trabajo: Trabajo
    meta: int
    retenidas: tuple[Retenida, ...]
    ultima: Ultima | None
    ultima_texto: str
    reclamo_minutos: int
    pronto_dias: int


async def inicio(v: Visita) -> Response:
    """GET /mesa."""
    cuenta, today = v.persona.cuenta, comun.desde_hoy(v.now_ms)

    def reading(conn: Connection) -> BandejaContext:
        reglas = ajustes.reglas(conn)
        last = mi_bandeja.ultima(conn, cuenta, today)
        return BandejaContext(
            trabajo=mi_bandeja.trabajo(conn, cuenta, dia_de(v.now_ms), v.now_ms + PRONTO_MS),
            meta=reglas.meta_diaria,
            retenidas=tuple(
                Retenida(one.id, RONDAS.get(one.ronda, one.ronda), one.limite_ms, one.vence_ms,
                         one.limite_ms < v.now_ms)
                for one in mi_bandeja.retenidas(conn, cuenta, v.now_ms)
            ),
            ultima=last,
            ultima_texto=revision.en_palabras(last.resultado, last.inciso) if last else "",
            reclamo_minutos=reglas.reclamo_minutos,
            pronto_dias=PRONTO_MS // DIA_MS,
        )  # fmt: skip

    return v.page("mesa_control/bandeja.html", await v.read(reading))


async def siguiente(v: Visita) -> Response:
    """POST /mesa/siguiente: claim the next one and go to it."""
    form = await v.form(ENMANO)
    return await comun.al_siguiente(v, comun.ids(form.crudo.get("saltadas", "")), "")


async def adelantar(v: Visita) -> Response:
    """POST /mesa/adelantar: claim one more than those in hand and answer with its part of the page; 204 for none."""
    form = await v.form(ENMANO)
    skipped = comun.ids(form.crudo.get("saltadas", ""))
    away = {*comun.ids(form.crudo.get("enmano", "")), *skipped}
    cuenta = v.persona.cuenta
    found = await v.write(lambda tx: comun.siguiente(tx, cuenta, away))
    if found is None:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    try:
        mirado = await comun.abrir(v, found.id, adelantado=True)
    except NoAbre as error:
        return await revision.pagina_que_no_abre(v, found, error, skipped)
    return await revision.pagina(v, mirado, skipped)


async def mantener(v: Visita) -> Response:
    """POST /mesa/mantener: the person is at work; what they have in hand stays theirs. Says which are no longer."""
    form = await v.form(ENMANO)
    cuenta = v.persona.cuenta
    wanted = comun.ids(form.crudo.get("enmano", ""))[: comun.EN_MANO]

    def keep(tx: Tx) -> tuple[list[Revision], list[int]]:
        kept, lost = [], []
        for id_ in wanted:
            try:
                comun.tenida(tx.conn, id_, cuenta, tx.now_ms)
                kept.append(bandeja.mantener(tx, id_, cuenta))
            except AppError:
                lost.append(id_)
        return kept, lost

    kept, lost = await v.write(keep)
    for one in kept:
        comun.memoria(v).mantener(one.id, cuenta, one.vence_ms or 0)
    for id_ in lost:
        comun.memoria(v).olvidar(id_)
    return comun.json({"perdidas": lost})


async def soltar(v: Visita) -> Response:
    """POST /mesa/soltar: the page is being left; what was claimed ahead goes back to the bandeja."""
    form = await v.form(ENMANO)
    cuenta = v.persona.cuenta
    wanted = comun.ids(form.crudo.get("enmano", ""))[: comun.EN_MANO]

    def release(tx: Tx) -> list[int]:
        gone = []
        for id_ in wanted:
            try:
                comun.tenida(tx.conn, id_, cuenta, tx.now_ms)
            except AppError:
                continue
            bandeja.soltar(tx, id_, cuenta)
            gone.append(id_)
        return gone

    for id_ in await v.write(release):
        comun.memoria(v).olvidar(id_)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
