"""Reading a one-time code from the demo's inbox, as a person reads it from their mail (SPEC §7, row D1)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import msgspec

from device_sim.errors import Stopped
from device_sim.transport import Reply, Transport

_CODE = re.compile(r"(?<![\d-])\d{6}(?![\d-])", re.ASCII)
_SUBJECT = "Código"
_EVERY_S = 0.25


class Message(msgspec.Struct, frozen=True):
    """One message, as the inbox lists it."""

    asunto: str
    para: str
    texto: str
    recibido_ms: int


async def codes(inbox: Transport, correo: str) -> list[str] | Stopped:
    """The codes that have come to an address, newest first."""
    outcome = await inbox.get(f"api/mensajes?para={quote(correo)}")
    if not isinstance(outcome, Reply) or outcome.status != 200:
        return Stopped("sin_correo", "No se pudo leer el buzón de la demostración.")
    try:
        messages = msgspec.json.decode(outcome.body, type=list[Message])
    except msgspec.MsgspecError:
        return Stopped("sin_correo", "El buzón de la demostración no respondió como se esperaba.")
    found = [
        _CODE.search(message.texto)
        for message in messages
        # Not any number of six digits: the ids that an auxiliar is sent may be of six digits too.
        if message.para == correo and message.asunto.startswith(_SUBJECT)
    ]
    return [match.group() for match in found if match]


async def wait_for_code(
    inbox: Transport, correo: str, known: int, sleep: Callable[[float], Awaitable[None]], tries: int = 120
) -> str | Stopped:
    """The code of a message beyond the `known` ones that were there before it was asked for."""
    for _ in range(tries):
        found = await codes(inbox, correo)
        if isinstance(found, Stopped):
            return found
        if len(found) > known:
            return found[0]
        await sleep(_EVERY_S)
    return Stopped("sin_codigo", f"No llegó ningún código a {correo}.")
