"""What an operator's pages share: who holds a revisión, what comes next, opening it and putting that on the record.

A registro is opened for whoever holds its revisión and for nobody else, coordinators included; for everyone else the
address does not exist. One opening is one event of the bitácora, whatever number of its images is asked for: the page
and its images are one view. Images that are asked for without an opening in memory make one, with its event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from starlette.responses import JSONResponse, Response

from server import bitacora
from server.bitacora import Evento
from server.domain.dias import CENTRO_MS, DIA_MS, dia_de
from server.errors import AppError
from server.mesa_control import bandeja
from server.mesa_control.imagenes import Apertura, EnMemoria
from server.portals.mesa_control import pantalla
from server.portals.mesa_control.pantalla import Mirado
from server.portals.visita import Visita
from server.store import mi_bandeja, revisiones
from server.store.connection import Connection
from server.store.revisiones import Revision
from server.store.writer import Tx

EN_MANO = 8
"""Revisiones that one operator may hold at once: those in sight, those prefetched, and some that were left."""
SALTADAS = 40
"""Revisiones skipped that an address remembers, so that «siguiente» does not give them back at once."""


def memoria(v: Visita) -> EnMemoria:
    """The images of what operators hold."""
    found: EnMemoria = v.portal.parts["imagenes_mesa"]
    return found


def quiere_json(v: Visita) -> bool:
    """Whether the page's script asks, and not the browser itself."""
    return "application/json" in v.request.headers.get("accept", "")


def json(valor: object, status: int = 200) -> Response:
    """An answer to the script."""
    return JSONResponse(valor, status, headers={"Cache-Control": "no-store"})


def ids(text: str) -> tuple[int, ...]:
    """Ids as forms and addresses carry them: `12,15`; what is none is left out."""
    return tuple(int(part) for part in text.split(",") if part.isdecimal() and len(part) < 16)[-SALTADAS:]


def texto(todos: Iterable[int]) -> str:
    """The other way round."""
    return ",".join(str(one) for one in list(todos)[-SALTADAS:])


def desde_hoy(now_ms: int) -> int:
    """When this day began, in hora del centro."""
    return dia_de(now_ms) * DIA_MS + CENTRO_MS


def tenida(conn: Connection, id_: int, cuenta: int, now_ms: int) -> Revision:
    """The revisión, when this person holds it. Raises AppError `revision_vencida` when they did and their time ended,
    `no_encontrado` for all else: not there, decided, another's, nobody's."""
    found = revisiones.get(conn, id_)
    if found is None or found.estado != "pendiente" or found.reclamada_por != cuenta:
        raise AppError("no_encontrado")
    if found.tiene(now_ms) != cuenta:
        raise AppError("revision_vencida")
    return found


def siguiente(tx: Tx, cuenta: int, excepto: Collection[int]) -> Revision | None:
    """What this person does next: first what they hold already, then a new one; None when there is none, or when they
    hold as many as one may."""
    for one in mi_bandeja.retenidas(tx.conn, cuenta, tx.now_ms):
        if one.id not in excepto:
            return bandeja.mantener(tx, one.id, cuenta)
    return nueva(tx, cuenta, excepto)


def nueva(tx: Tx, cuenta: int, excepto: Collection[int]) -> Revision | None:
    """One that this person did not hold: what is claimed ahead is never what they have open in another window.

    With as many in hand as one may have, one of those that this page has not: a window that broke down left it behind.
    """
    held = {one.id for one in mi_bandeja.retenidas(tx.conn, cuenta, tx.now_ms)}
    if len(held) < EN_MANO:
        return bandeja.siguiente(tx, cuenta, excepto={*excepto, *held})
    return bandeja.siguiente(tx, cuenta, excepto=excepto) if held - set(excepto) else None


async def al_siguiente(v: Visita, excepto: Collection[int], hecho: str) -> Response:
    """On to the next registro, or to the bandeja when there is none."""
    cuenta = v.persona.cuenta
    found = await v.write(lambda tx: siguiente(tx, cuenta, excepto))
    if found is None:
        return v.go("/mesa", hecho or "mesa_sin_mas")
    skipped = f"?saltadas={texto(excepto)}" if excepto else ""
    return v.go(f"/mesa/revision/{found.id}{skipped}", hecho)


async def abrir(v: Visita, id_: int, *, adelantado: bool = False) -> Mirado:
    """Open a registro that this person holds: its images are begun, the view is on the record, the hold is renewed.

    Raises AppError as `tenida` does, and NoAbre.
    """
    cuenta, actor = v.persona.cuenta, v.persona.actor
    memoria(v).depurar(v.now_ms)

    def reading(conn: Connection) -> Mirado:
        return pantalla.abrir(v, conn, tenida(conn, id_, cuenta, v.now_ms))

    mirado = await v.read(reading)
    sent = mirado.expediente.abierto.imagenes
    opened = memoria(v).abrir(id_, cuenta, mirado.revision.apoyo_id, mirado.revision.vence_ms or 0, sent, v.now_ms)
    shown = sorted(sent)

    def seen(tx: Tx) -> Revision:
        bitacora.record(
            tx.conn, tx.now_ms, Evento.DATOS_CONSULTADOS, actor=actor, objeto=f"apoyo:{mirado.revision.apoyo_id}",
            pantalla="mesa", revision=id_, imagenes=shown, adelantado=adelantado,
        )  # fmt: skip
        return bandeja.mantener(tx, id_, cuenta)

    try:
        held = await v.write(seen)
    except BaseException:
        memoria(v).olvidar(id_)
        raise
    opened.vence_ms = held.vence_ms or 0
    return mirado


async def apertura(v: Visita, id_: int) -> Apertura:
    """What this person has open of a revisión that they hold; opened anew when memory has it no more."""
    cuenta = v.persona.cuenta
    memoria(v).depurar(v.now_ms)
    await v.read(lambda conn: tenida(conn, id_, cuenta, v.now_ms))
    found = memoria(v).de(id_, cuenta, v.now_ms)
    if found is None:
        await abrir(v, id_)
        found = memoria(v).de(id_, cuenta, v.now_ms)
    if found is None:
        raise AppError("no_encontrado")
    return found
