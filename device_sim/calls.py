"""One question that needs an answer: asked again after cuts, busy servers and strangers' pages (SPEC §8.4, §9).

Used by altas, bajas and sessions; uploads have their own way (`upload`). An answer counts as the server's only if it
has the shape that the SPEC gives it: a captive portal's page changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import msgspec

from device_sim.backoff import Backoff
from device_sim.errors import Stopped
from device_sim.events import LineCut, OnEvent, Waiting
from device_sim.transport import Cut, Outcome, Reply
from sync_protocol.errors import CATALOGUE, RemoteProtocolError

_NOBODY = Stopped("sin_servidor", "No hay comunicación con el servidor. Nada se perdió; inténtelo más tarde.")
NOT_OURS = "no_es_el_servidor"
_PORTAL = Stopped(
    NOT_OURS,
    "Contestó otra página y no el servidor: la red pide que alguien acepte sus condiciones en el navegador, o un"
    " intermediario estorba. Nada se borró; acéptelas o cambie de red, y vuelva a enviar.",
)
"""A captive portal, most likely: no answer of ours is without its shape."""
_AGAIN_AT_ONCE = "sesion_repetida"

T = TypeVar("T")


class _ErrorBody(msgspec.Struct, frozen=True):
    codigo: str
    texto: str = ""


async def call(
    ask: Callable[[], Awaitable[Outcome]],
    read: Callable[[Reply], T],
    backoff: Backoff,
    on_event: OnEvent,
    *,
    on_cut: Callable[[], None] = lambda: None,
) -> T | Stopped:
    """The answer as `read` understands it, or why there is none.

    `ask` makes a fresh request each time. `read` raises RemoteProtocolError or MsgspecError for what is not the
    server's answer; it is given replies with a 2xx status only.
    """
    failures, last = 0, _NOBODY
    while True:
        outcome = await ask()
        wait, reason = 0.0, NOT_OURS
        if isinstance(outcome, Cut):
            on_cut()
            on_event(LineCut(None, outcome.reason))
            reason = str(outcome.reason)
        else:
            if 200 <= outcome.status < 300:
                with suppress(RemoteProtocolError, msgspec.MsgspecError, UnicodeDecodeError):
                    return read(outcome)
                last = _PORTAL
            elif said := error_of(outcome):
                if not _passing(said, outcome.status):
                    return said
                reason, last = said.code, said
            else:
                last = _PORTAL
            wait = outcome.retry_after
        failures += 1
        if failures >= backoff.max_failures:
            return last
        seconds = 0.0 if reason == _AGAIN_AT_ONCE else backoff.delay(failures, wait)
        on_event(Waiting(seconds, reason))
        await backoff.sleep(seconds)


def error_of(reply: Reply) -> Stopped | None:
    """The error of the catalogue that a reply carries; None when it is none of our server's."""
    try:
        body = msgspec.json.decode(reply.body, type=_ErrorBody)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    entry = CATALOGUE.get(body.codigo)
    return Stopped(body.codigo, body.texto[:300] or entry.text) if entry else None


def _passing(said: Stopped, status: int) -> bool:
    # Too many tries at a code are no reason to try it again: a person asks for another.
    if said.code == "codigo_agotado":
        return False
    return status in (429, 503, 507) or status >= 500 or said.code == _AGAIN_AT_ONCE
