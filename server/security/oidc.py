"""Entering by an account of Google, Facebook or X: a seam, off until its setting is made (row A2; P6D, P7.2).

OpenID Connect, authorization code with PKCE, through Authlib's client. Its Starlette integration would keep state and
nonce in a cookie session; here the caller keeps them in a sealed cookie of its own (security/paso.py), so only the
parts that need no session are used. The one thing a provider is asked is which address it has verified. X offers no
OpenID Connect of its own; its setting serves an institute that has a provider in front of it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError

from server.config import ProveedorOidc, Settings

log = logging.getLogger("acopio.oidc")

NAMES = {"google": "Google", "facebook": "Facebook", "x": "X"}
_TIMEOUT_S = 10


def names(settings: Settings) -> tuple[tuple[str, str], ...]:
    """(code, name) of every provider that is set up."""
    return tuple((one.nombre, NAMES[one.nombre]) for one in settings.oidc)


@dataclass(frozen=True, slots=True)
class Ida:
    """Where to send the browser, and what it must come back with."""

    url: str
    estado: str
    nonce: str
    verificador: str


class OidcError(Exception):
    """The provider cannot be used, or its answer cannot be trusted. `codigo`: proveedor_no_responde,
    proveedor_no_confirmo, correo_sin_verificar."""

    def __init__(self, codigo: str) -> None:
        super().__init__(codigo)
        self.codigo = codigo


class Oidc:
    """The providers of this server. Their metadata and keys are fetched when first needed, and kept."""

    def __init__(self, proveedores: Sequence[ProveedorOidc], url_publica: str) -> None:
        self._registry = OAuth()
        self._url = url_publica
        for one in proveedores:
            self._registry.register(
                one.nombre, client_id=one.client_id, client_secret=one.secreto,
                server_metadata_url=one.descubrimiento,
                client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "timeout": _TIMEOUT_S},
            )  # fmt: skip

    def _return(self, proveedor: str) -> str:
        return f"{self._url}/entrar/oidc/{proveedor}/regreso"

    async def begin(self, proveedor: str) -> Ida | None:
        """Send somebody there; None for a provider that is not set up. Raises OidcError."""
        client = self._registry.create_client(proveedor)
        if client is None:
            return None
        try:
            made = await client.create_authorization_url(self._return(proveedor))
        except (httpx2.HTTPError, ValueError, RuntimeError) as error:
            raise _failed("proveedor_no_responde", proveedor, error) from error
        return Ida(made["url"], made["state"], made["nonce"], made["code_verifier"])

    async def finish(self, proveedor: str, codigo: str, ida: Ida) -> str:
        """The address that the provider has verified, for the code that it sent back. Raises OidcError."""
        client = self._registry.create_client(proveedor)
        if client is None:
            raise OidcError("proveedor_no_responde")
        try:
            token = await client.fetch_access_token(self._return(proveedor), code=codigo, code_verifier=ida.verificador)
            claims: dict[str, Any] | None = await client.parse_id_token(token, nonce=ida.nonce)
            if claims is None:
                raise OidcError("proveedor_no_confirmo")
            if "email" not in claims and "userinfo_endpoint" in client.server_metadata:
                more = await client.userinfo(token=token)
                # An answer about somebody else proves nothing about who signed in (OpenID Connect Core, 5.3.2).
                claims = {**claims, **more} if more.get("sub") == claims["sub"] else claims
        except httpx2.HTTPError as error:
            raise _failed("proveedor_no_responde", proveedor, error) from error
        except (AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError) as error:
            raise _failed("proveedor_no_confirmo", proveedor, error) from error
        correo = claims.get("email")
        if claims.get("email_verified") is not True or not isinstance(correo, str) or not correo:
            raise OidcError("correo_sin_verificar")
        return correo


def _failed(codigo: str, proveedor: str, error: Exception) -> OidcError:
    # The kind alone: what a provider says in its errors may name a person.
    log.warning("proveedor de identidad", extra={"datos": {"proveedor": proveedor, "motivo": type(error).__name__}})
    return OidcError(codigo)
