"""/entrar/oidc/{proveedor} and its return: an aspirante whose address a provider vouches for (row A2).

Only the address that the provider has verified, equal to the registered one, together with the folio lets somebody in.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from server.errors import AppError
from server.portals.entrar import aspirante
from server.portals.entrar.comun import agente, direccion, limites, token
from server.portals.visita import Visita
from server.security import entrada, oidc, paso
from server.security.entrada import NoEntro
from server.security.limites import network_of
from server.security.oidc import Ida, Oidc, OidcError
from server.security.paso import PasoAspirante, PasoOidc

TEXTS = {
    "proveedor_no_responde": "{nombre} no responde en este momento. Pruebe de nuevo, o pida un código por correo.",
    "proveedor_no_confirmo": "{nombre} no confirmó su cuenta. Pruebe de nuevo, o pida un código por correo.",
    "correo_sin_verificar": "{nombre} no tiene verificado el correo de esa cuenta. Pida un código por correo.",
    "credenciales": "La cuenta que eligió no corresponde con el usuario y el folio que escribió.",
    "paso_vencido": "Pasó demasiado tiempo, o la solicitud no salió de este navegador. Empiece otra vez.",
    "demasiados_intentos": "Hubo demasiados intentos. Espere unos minutos y pruebe otra vez.",
}
STATUS = {"proveedor_no_responde": 502, "demasiados_intentos": 429}


@dataclass(frozen=True, slots=True)
class OidcContext:
    """Why it did not work. `codigo`: stable."""

    codigo: str
    texto: str


def _providers(v: Visita) -> Oidc:
    made = v.portal.parts.get("oidc")
    if made is None:
        made = v.portal.parts["oidc"] = Oidc(v.portal.settings.oidc, v.portal.settings.url_publica)
    assert isinstance(made, Oidc)
    return made


def _name(v: Visita) -> str:
    name = str(v.request.path_params["proveedor"])
    if name not in dict(oidc.names(v.portal.settings)):
        raise AppError("no_encontrado")
    return name


def _failed(v: Visita, proveedor: str, codigo: str) -> Response:
    text = TEXTS[codigo].format(nombre=oidc.NAMES[proveedor])
    return v.page("entrar/oidc.html", OidcContext(codigo, text), status=STATUS.get(codigo, 422))


async def ir(v: Visita) -> Response:
    """GET /entrar/oidc/{proveedor}: to the provider, with a state that only this browser keeps."""
    proveedor = _name(v)
    settings, keys = v.portal.settings, v.portal.keyring
    step = paso.read(v.request, settings, keys, PasoAspirante, v.now_ms)
    if step is None:
        return v.go("/entrar/aspirante")
    if limites(v).direccion.take(network_of(direccion(v)), v.now_ms):
        return _failed(v, proveedor, "demasiados_intentos")
    try:
        ida = await _providers(v).begin(proveedor)
    except OidcError as error:
        return _failed(v, proveedor, error.codigo)
    if ida is None:
        raise AppError("no_encontrado")
    response = RedirectResponse(ida.url, 303, headers={"Cache-Control": "no-store"})
    kept = PasoOidc(
        proveedor, ida.estado, ida.nonce, ida.verificador, step.correo, step.solicitud, step.sigue, v.now_ms
    )
    paso.give(response, settings, keys, kept)
    return response


async def regreso(v: Visita) -> Response:
    """GET /entrar/oidc/{proveedor}/regreso: back from there. The state is good once: its cookie ends here."""
    response = await _back(v, _name(v))
    if not response.headers.get("location"):
        paso.take(response, v.request, v.portal.settings, PasoOidc)
    return response


async def _back(v: Visita, proveedor: str) -> Response:
    kept = paso.read(v.request, v.portal.settings, v.portal.keyring, PasoOidc, v.now_ms)
    query = v.request.query_params
    state = query.get("state", "")
    if kept is None or kept.proveedor != proveedor or not hmac.compare_digest(kept.estado.encode(), state.encode()):
        return _failed(v, proveedor, "paso_vencido")
    if limites(v).try_enter(direccion(v), f"{kept.correo}|{kept.solicitud}", v.now_ms):
        return _failed(v, proveedor, "demasiados_intentos")
    code = query.get("code", "")
    if not code:  # the person said no, over there
        return _failed(v, proveedor, "proveedor_no_confirmo")
    try:
        verified = await _providers(v).finish(proveedor, code, Ida("", kept.estado, kept.nonce, kept.verificador))
    except OidcError as error:
        return _failed(v, proveedor, error.codigo)
    same = hmac.compare_digest(verified.casefold().encode(), kept.correo.casefold().encode())
    found = await v.read(lambda conn: entrada.aspirante(conn, kept.correo, kept.solicitud))
    cuenta_id = found.id if found is not None and same else None
    browser, before = agente(v), token(v)
    done = await v.write(
        lambda tx: entrada.enter_verified(tx, cuenta_id, agente=browser, anterior=before, por=proveedor)
    )
    if isinstance(done, NoEntro):
        return _failed(v, proveedor, "credenciales")
    return aspirante.adentro(v, done, kept)
