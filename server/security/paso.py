"""What is known between two steps of entering: a sealed cookie, good for minutes (rows A1, A2).

Before the last step there is no session, and no row that a stranger could make us keep: what the steps so far have
shown goes round by the browser, wrapped by the keyring for this purpose alone, and ends by itself.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from server.config import Settings
from server.domain.sesion_portal import PASO_MS, vigente
from server.keyring import Keyring

MAXIMO = 3_000


class PasoFactor(msgspec.Struct, frozen=True, tag="factor", forbid_unknown_fields=True):
    """The first step was right; the second factor is missing."""

    cuenta: int
    huella: str
    sigue: str
    en_ms: int


class PasoAspirante(msgspec.Struct, frozen=True, tag="aspirante", forbid_unknown_fields=True):
    """User and folio as they were typed; nobody has said yet whether they are right."""

    correo: str
    solicitud: int
    sigue: str
    en_ms: int


class PasoOidc(msgspec.Struct, frozen=True, tag="oidc", forbid_unknown_fields=True):
    """Somebody was sent to a provider, and must come back with what only this browser was given."""

    proveedor: str
    estado: str
    nonce: str
    verificador: str
    correo: str
    solicitud: int
    sigue: str
    en_ms: int


P = TypeVar("P", PasoFactor, PasoAspirante, PasoOidc)
KINDS: tuple[type[msgspec.Struct], ...] = (PasoFactor, PasoAspirante, PasoOidc)


def _name(kind: type[msgspec.Struct], settings: Settings) -> str:
    name = f"acopio-{kind.__struct_config__.tag}"
    return f"__Host-{name}" if settings.url_publica.startswith("https://") else name


def give(response: Response, settings: Settings, keyring: Keyring, paso: msgspec.Struct) -> None:
    """Put it into the answer."""
    kind = type(paso)
    sealed = keyring.wrap(f"paso:{kind.__struct_config__.tag}", msgspec.json.encode(paso))
    text = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
    response.set_cookie(
        _name(kind, settings), text, max_age=PASO_MS // 1000, path="/", httponly=True,
        samesite="lax", secure=settings.url_publica.startswith("https://"),
    )  # fmt: skip


def read(request: Request, settings: Settings, keyring: Keyring, kind: type[P], now_ms: int) -> P | None:
    """What the browser brought; None when it is nothing of ours, or its minutes are over."""
    value = request.cookies.get(_name(kind, settings), "")
    if not 0 < len(value) <= MAXIMO:
        return None
    try:
        plain = keyring.unwrap(
            f"paso:{kind.__struct_config__.tag}", base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        )
        paso = None if plain is None else msgspec.json.decode(plain, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None
    return paso if paso is not None and vigente(paso.en_ms, paso.en_ms + PASO_MS, now_ms) else None


def take(response: Response, request: Request, settings: Settings, *kinds: type[msgspec.Struct]) -> None:
    """End these steps; with none named, all of them: whoever is in has no step before it."""
    for kind in kinds or KINDS:
        if _name(kind, settings) in request.cookies:
            response.delete_cookie(
                _name(kind, settings), path="/", httponly=True, samesite="lax",
                secure=settings.url_publica.startswith("https://"),
            )  # fmt: skip
