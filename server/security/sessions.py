"""Who makes a request: the cookie's token looked up among the sessions (rows A1, A2, A4).

The cookie holds 32 random bytes and nothing else; the row holds their SHA-256, so that a stolen index opens nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.config import Settings
from server.domain.roles import Rol
from server.domain.sesion_portal import vigente
from server.store import sesiones_portal
from server.store.connection import Connection

TOKEN_BYTES = 32
IDLE_MS = dict.fromkeys(Rol, 30 * 60000) | {Rol.ASPIRANTE: 60 * 60_000}
"""How long a session may be idle."""
TOUCH_MS = 60_000
"""How old `vista_ms` may get before it is written again."""


@dataclass(frozen=True, slots=True)
class Quien:
    """The person of a session. `activa`: the account may act; before that only its Declaración is open to it (A1).

    `solicitud`: folio of an aspirante's own. `segundo_factor`: whether this session passed it. `vista_ms`: last seen.
    """

    cuenta: int
    rol: Rol
    nombre: str
    correo: str
    solicitud: int | None
    sesion: int
    segundo_factor: bool
    activa: bool
    vista_ms: int

    @property
    def actor(self) -> str:
        """How the bitácora names them."""
        return f"cuenta:{self.cuenta}"


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host over TLS; a box tried without TLS cannot have that."""
    return "__Host-acopio" if settings.url_publica.startswith("https://") else "acopio"


def digest(token: bytes) -> bytes:
    """What the row holds of a token."""
    return hashlib.sha256(token).digest()


def encode(token: bytes) -> str:
    """What the cookie holds of a token."""
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode("ascii")


def token_of(request: Request, settings: Settings) -> bytes | None:
    """The token in the request's cookie; None when there is none, or it is not one of ours."""
    value = request.cookies.get(cookie_name(settings), "")
    try:
        token = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return token if len(token) == TOKEN_BYTES else None


def who(conn: Connection, token: bytes | None, now_ms: int) -> Quien | None:
    """Whose session a token opens; None when it opens none (any more)."""
    row = sesiones_portal.by_token_digest(conn, digest(token)) if token else None
    if row is None or row["cerrada_ms"] is not None or row["estatus"] == "suspendida":
        return None
    rol = Rol(row["rol"])
    if not vigente(row["creada_ms"], row["vence_ms"], now_ms) or now_ms - row["vista_ms"] >= IDLE_MS[rol]:
        return None
    if row["aspirante_id"] is not None and row["aspirante_estatus"] != "activo":
        return None
    return Quien(
        cuenta=row["cuenta_id"], rol=rol, nombre=row["nombre"], correo=row["correo"], solicitud=row["aspirante_id"],
        sesion=row["id"], segundo_factor=bool(row["segundo_factor"]), activa=row["estatus"] == "activa",
        vista_ms=row["vista_ms"],
    )  # fmt: skip


def give_cookie(response: Response, settings: Settings, token: bytes) -> None:
    """Put a session's token into the answer. It ends with the browser; the row says when it ends at the latest."""
    response.set_cookie(
        cookie_name(settings), encode(token), path="/", httponly=True, samesite="lax",
        secure=settings.url_publica.startswith("https://"),
    )  # fmt: skip


def take_cookie(response: Response, settings: Settings) -> None:
    """Take it away again."""
    response.delete_cookie(
        cookie_name(settings), path="/", httponly=True, samesite="lax",
        secure=settings.url_publica.startswith("https://"),
    )  # fmt: skip
