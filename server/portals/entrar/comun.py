"""What the screens of entering share: where to go on, who asks from where, the answer that lets someone in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from server.domain.roles import ROLES_OPL, Rol
from server.errors import DatoInvalido
from server.portals.forms import Campo, Leido
from server.portals.visita import Visita
from server.security import paso, sessions
from server.security.entrada import Entro, FaltaFactor
from server.security.limites import Limites
from server.security.paso import PasoFactor

DEMASIADOS = 429


@dataclass(frozen=True, slots=True)
class FormContext:
    """A page that is a form. `form`: its fields, what was typed and what is wrong with it."""

    form: Leido


def tal_cual(value: str) -> str:
    """A password: every sign of it counts."""
    return value


def local(value: str) -> str:
    """A page of this site, or nothing: what comes in an address must not send anybody elsewhere."""
    if not re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", value) or len(value) > 1_000:
        return ""
    return value


SIGUE = Campo("sigue", "Página", convertir=local, obligatorio=False, tipo="hidden", maximo=1_000_000)
"""Where to go on; never seen, and never a reason to refuse a form."""


def sigue_of(v: Visita) -> str:
    """Where the address says to go on."""
    return local(v.request.query_params.get("sigue", ""))


def limites(v: Visita) -> Limites:
    """The limits of this server, made when first asked for."""
    found = v.portal.parts.setdefault("limites", Limites())
    assert isinstance(found, Limites)
    return found


def direccion(v: Visita) -> str:
    """Where the request comes from, as the proxy in front says."""
    return v.request.client.host if v.request.client else ""


def agente(v: Visita) -> str:
    """The browser as it names itself."""
    return v.request.headers.get("user-agent", "")


def token(v: Visita) -> bytes | None:
    """The session that the browser brought, if any."""
    return sessions.token_of(v.request, v.portal.settings)


def espere(segundos: int) -> DatoInvalido:
    """Too many tries."""
    wait = f"{segundos} segundos" if segundos < 90 else f"{(segundos + 59) // 60} minutos"
    return DatoInvalido("demasiados_intentos", f"Hubo demasiados intentos. Espere {wait} y pruebe otra vez.")


def destino(rol: Rol, sigue: str, *, activa: bool) -> str:
    """Where a person goes on: to the page that was asked for if it is of one's own portal, else to its front page."""
    if not activa:
        return "/declaracion"
    home = "/aspirante" if rol is Rol.ASPIRANTE else "/opl"
    path = sigue.partition("?")[0]
    if path in (home, "/mi-cuenta") or path.startswith((f"{home}/", "/mi-cuenta/")):
        return sigue
    return home


def adentro(v: Visita, entro: Entro, sigue: str, hecho: str = "") -> Response:
    """The answer that lets someone in. A functionary without second factor is led to it first."""
    url = destino(entro.rol, sigue, activa=entro.activa)
    if entro.activa and entro.rol in ROLES_OPL and not entro.segundo_factor:
        url = "/entrar/segundo-factor" + (f"?sigue={quote(url, safe='/')}" if url != "/opl" else "")
    response = v.go(url, hecho)
    with_cookie(v, response, entro)
    return response


def with_cookie(v: Visita, response: Response, entro: Entro) -> None:
    """The session's cookie in place of whatever the steps before it had."""
    sessions.give_cookie(response, v.portal.settings, entro.token)
    paso.take(response, v.request, v.portal.settings)


def falta_factor(v: Visita, falta: FaltaFactor, sigue: str) -> Response:
    """On to the second factor."""
    response = v.go("/entrar/segundo-factor")
    paso.take(response, v.request, v.portal.settings)
    paso.give(response, v.portal.settings, v.portal.keyring, PasoFactor(falta.cuenta, falta.huella, sigue, v.now_ms))
    return response
