"""Alta, re-keying and baja of a phone with the server (SPEC §7; rows D1, D2).

The new key rests on the phone, wrapped, before its alta leaves: the same request may then be made again after a lost
reply, and the server gives the same answer. Not here: the local password itself (`identity`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import structs

from device_sim import identity as identities
from device_sim.backoff import Backoff
from device_sim.calls import call
from device_sim.errors import PhoneError, Stopped
from device_sim.events import OnEvent, ignore
from device_sim.identity import Account, Identity
from device_sim.outbox import Outbox, open_outbox
from device_sim.transport import Outcome, Reply, Transport
from sync_protocol import acuse, alta
from sync_protocol.alta import Alta, AltaAceptada, Baja, SolicitudCodigo
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.sealing import SealingKey
from sync_protocol.signing import PrivateKey

JOSE = "application/jose"
AVISO = "2024-01"
MODEL = "simulador"
_MAX_MS = 2**53


async def ask_code(
    transport: Transport, account: Account, backoff: Backoff, on_event: OnEvent = ignore
) -> Stopped | None:
    """Ask for a one-time code by mail. None when the server took the request; it never says whether all matched."""
    body = msgspec.json.encode(
        SolicitudCodigo(
            solicitud=account.solicitud,
            auxiliar=account.auxiliar,
            tipo_cuenta=account.tipo_cuenta,
            correo=account.correo,
        )
    )

    def read(reply: Reply) -> None:
        if reply.status != 202:
            raise RemoteProtocolError("solicitud_invalida")

    return await call(lambda: transport.post("dispositivos/codigo", body, "application/json"), read, backoff, on_event)


async def enrol(
    folder: Path,
    account: Account,
    code: str,
    password: str,
    transport: Transport,
    backoff: Backoff,
    *,
    clock_ms: Callable[[], int],
    aviso: str = AVISO,
    on_event: OnEvent = ignore,
) -> AltaAceptada | Stopped:
    """The alta of this phone; of one that has its alta already, a new key in place of one whose password is lost.

    Raises PhoneError for a code that cannot be one, a short password, or a folder that is another account's.
    """
    if len(code) != alta.CODE_DIGITS or not (code.isascii() and code.isdigit()):
        raise PhoneError("codigo_mal_escrito", f"El código que llegó por correo tiene {alta.CODE_DIGITS} dígitos.")
    known = identities.load(folder) or Identity(account=account, aviso=aviso)
    if known.account != account and known.alta is not None:
        raise PhoneError("telefono_ajeno", "Este teléfono ya está dado de alta con otra cuenta.")
    if known.account != account:
        # A pending key may be known to the server as the other account's: this one begins with its own.
        known = Identity(account=account, aviso=aviso)
    waiting, key = identities.with_pending_key(structs.replace(known, aviso=aviso), password)
    identities.save(folder, waiting)
    dispositivo = waiting.alta.dispositivo if waiting.alta else None
    asked_ms = clock_ms()

    def note() -> None:
        nonlocal asked_ms
        asked_ms = clock_ms()

    answer = await request_alta(
        account, code, key, transport, backoff, aviso=aviso, dispositivo=dispositivo, on_ask=note, on_event=on_event
    )
    if isinstance(answer, Stopped):
        return answer
    if waiting.alta is not None and answer.dispositivo != waiting.alta.dispositivo:
        return Stopped("alta_invalida", "El servidor respondió con otro dispositivo. La cola sigue en el teléfono.")
    identities.save(folder, identities.accepted(waiting, answer))
    with open_own_outbox(folder, account, answer) as outbox:
        outbox.set_clock(answer.ahora_ms - (asked_ms + clock_ms()) // 2)
        outbox.log(clock_ms(), "alta", detail=f"dispositivo {answer.dispositivo}")
    return answer


async def request_alta(
    account: Account,
    code: str,
    key: PrivateKey,
    transport: Transport,
    backoff: Backoff,
    *,
    aviso: str = AVISO,
    dispositivo: int | None = None,
    on_ask: Callable[[], None] = lambda: None,
    on_event: OnEvent = ignore,
) -> AltaAceptada | Stopped:
    """The request alone: nothing is kept. `on_ask` is told each time it leaves; `dispositivo` asks for a re-keying."""
    request = Alta(
        solicitud=account.solicitud,
        auxiliar=account.auxiliar,
        tipo_cuenta=account.tipo_cuenta,
        correo=account.correo,
        codigo=code,
        acepta=True,
        aviso=aviso,
        modelo=MODEL,
        dispositivo=dispositivo,
    )
    token = alta.sign_alta(request, key).encode("ascii")

    async def ask() -> Outcome:
        on_ask()
        return await transport.post("dispositivos/alta", token, JOSE)

    return await call(ask, _read_alta, backoff, on_event)


def open_own_outbox(folder: Path, account: Account, answer: AltaAceptada, *, to_look: bool = False) -> Outbox:
    """The queue of the phone that this alta made."""
    return open_outbox(
        folder,
        solicitud=account.solicitud,
        auxiliar=account.auxiliar,
        dispositivo=answer.dispositivo,
        to_look=to_look,
    )


async def leave(
    folder: Path,
    key: PrivateKey,
    transport: Transport,
    backoff: Backoff,
    *,
    now_ms: int,
    dispositivo: int | None = None,
    on_event: OnEvent = ignore,
) -> Stopped | None:
    """Baja of this phone, or of another one of the same auxiliar. None when it is done.

    What is still in this phone's queue can be sent afterwards: it is taken and marked.
    """
    known = identities.load(folder)
    if known is None:
        raise PhoneError("sin_alta", "Este teléfono todavía no está dado de alta.")
    own = known.registered[0].dispositivo
    request = Baja(
        solicitud=known.account.solicitud,
        auxiliar=known.account.auxiliar,
        dispositivo=dispositivo or own,
        nonce=secrets.token_urlsafe(24),
    )
    token = alta.sign_baja(request, key, kid=str(own)).encode("ascii")

    def read(reply: Reply) -> None:
        if reply.status != 204:
            raise RemoteProtocolError("solicitud_invalida")

    stopped = await call(lambda: transport.post("dispositivos/baja", token, JOSE), read, backoff, on_event)
    if stopped is None and request.dispositivo == own:
        identities.save(folder, structs.replace(known, baja_ms=now_ms))
    return stopped


def _read_alta(reply: Reply) -> AltaAceptada:
    answer = msgspec.json.decode(reply.body, type=AltaAceptada)
    Folio(1, 1, answer.dispositivo, 0)
    if not 0 <= answer.inicia_ms <= answer.termina_ms <= _MAX_MS or not 0 <= answer.ahora_ms <= _MAX_MS:
        raise RemoteProtocolError("alta_invalida", "instante")
    # A phone that captured to a key nobody holds, or that cannot verify acuses, would be of no use.
    SealingKey.from_bytes(answer.llave_sellado)
    if not acuse.keys_from_jwks(answer.jwks):
        raise RemoteProtocolError("jws_invalido", "JWKS")
    return answer
