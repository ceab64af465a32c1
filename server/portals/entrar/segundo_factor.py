"""/entrar/segundo-factor: the code of the second factor, or the way to have one (row A1)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.domain.roles import ROLES_OPL
from server.errors import DatoInvalido
from server.portals.entrar import comun
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.security import entrada, paso, segundo_factor
from server.security.entrada import Entro, FaltaFactor, NoEntro
from server.security.paso import PasoFactor
from server.store import cuentas

CODIGO = Campo(
    "codigo", "Código", autocompletar="one-time-code", maximo=40,
    ayuda="Los seis dígitos que muestra su aplicación. Si perdió el teléfono, escriba un código de respaldo.",
)  # fmt: skip
VERIFY = Formulario(CODIGO, comun.SIGUE)
ENROL = Formulario(
    Campo("codigo", "Código de la aplicación", autocompletar="one-time-code", teclado="numeric", maximo=20,
          ayuda="Los seis dígitos que muestra ahora. Cambian cada treinta segundos."),
    Campo("oferta", "Clave", convertir=comun.tal_cual, obligatorio=False, tipo="hidden", maximo=2_000),
    comun.SIGUE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VerificarContext:
    """The form for a code."""

    form: Leido


@dataclass(frozen=True, slots=True)
class AltaContext:
    """A second factor to be made. `qr`: SVG element; `clave`: for who types it; `despues`: where "ahora no" leads, ""
    when it may not wait."""

    form: Leido
    qr: str
    clave: str
    correo: str
    despues: str


@dataclass(frozen=True, slots=True)
class CodigosContext:
    """Printed codes, shown this once. `sigue`: where to go on."""

    codigos: list[str]
    correo: str
    sigue: str


async def _missing(v: Visita) -> tuple[FaltaFactor, str] | None:
    """Who is to give a code here, and where it leads: from the first step, or of a session that lacks it."""
    step = paso.read(v.request, v.portal.settings, v.portal.keyring, PasoFactor, v.now_ms)
    if step is not None:
        return FaltaFactor(step.cuenta, step.huella), step.sigue
    quien = v.quien
    if quien is None or quien.segundo_factor:
        return None
    cuenta = await v.read(lambda conn: cuentas.get(conn, quien.cuenta))
    if cuenta is None or cuenta.totp_secreto is None:
        return None
    return FaltaFactor(cuenta.id, entrada.fingerprint(cuenta)), comun.sigue_of(v)


async def mostrar(v: Visita) -> Response:
    """GET: the code's form; the enrolment for who has none; away for who is not expected."""
    missing = await _missing(v)
    if missing is not None:
        return v.page("entrar/segundo_factor.html", VerificarContext(VERIFY.vacio({"sigue": missing[1]})))
    if v.quien is None:
        return v.go("/entrar")
    if v.quien.segundo_factor or not v.quien.activa:
        return v.go(comun.destino(v.quien.rol, comun.sigue_of(v), activa=v.quien.activa))
    return _enrolment(v, ENROL.vacio({"sigue": comun.sigue_of(v)}), segundo_factor.new_secret())


def _enrolment(v: Visita, form: Leido, secret: str, status: int = 200) -> Response:
    quien, emisor = v.persona, v.institucion.corto
    offer = segundo_factor.offer(v.portal.keyring, quien.cuenta, quien.sesion, secret)
    sigue = comun.local(form.crudo.get("sigue", ""))
    shown = Leido(form.formulario, {**form.crudo, "oferta": offer}, form.valores, form.errores)
    return v.page(
        "entrar/segundo_factor_alta.html",
        AltaContext(
            shown, segundo_factor.qr_svg(secret, correo=quien.correo, emisor=emisor), segundo_factor.manual_key(secret),
            quien.correo, comun.destino(quien.rol, sigue if quien.rol not in ROLES_OPL else "", activa=quien.activa),
        ),
        status=status,
    )  # fmt: skip


async def verificar(v: Visita) -> Response:
    """POST /entrar/segundo-factor: a code for who is at the door."""
    missing = await _missing(v)
    if missing is None:
        return await mostrar(v)
    falta, sigue = missing
    form = await v.form(VERIFY)
    sigue = sigue or form.valores.get("sigue") or ""
    if not form.bien:
        return v.page("entrar/segundo_factor.html", VerificarContext(form), status=422)
    if wait := comun.limites(v).try_factor(falta.cuenta, v.now_ms):
        form = form.con_error("codigo", comun.espere(wait))
        return v.page("entrar/segundo_factor.html", VerificarContext(form), status=comun.DEMASIADOS)
    codigo, agente, anterior, keys = form.valores["codigo"], comun.agente(v), comun.token(v), v.portal.keyring
    done = await v.write(lambda tx: entrada.pass_factor(tx, keys, falta, codigo, agente=agente, anterior=anterior))
    if isinstance(done, Entro):
        comun.limites(v).factor.forget(str(falta.cuenta))
        return comun.adentro(v, done, sigue)
    if done.codigo == "credenciales":  # the account changed since the first step
        response = v.go("/entrar", "entre_otra_vez")
        paso.take(response, v.request, v.portal.settings)
        return response
    return v.page("entrar/segundo_factor.html", VerificarContext(form.con_error("codigo", wrong())), status=422)


def wrong() -> DatoInvalido:
    """A code that does not open."""
    return DatoInvalido(
        "codigo_incorrecto",
        "Ese código no es válido o ya se usó. Espere a que la aplicación muestre otro, y revise que la hora del "
        "teléfono sea automática.",
    )


async def alta(v: Visita) -> Response:
    """POST /mi-cuenta/segundo-factor: take a second factor into use."""
    quien = v.persona
    form = await v.form(ENROL)
    secret = segundo_factor.offered(v.portal.keyring, quien.cuenta, quien.sesion, form.valores.get("oferta") or "")
    if secret is None:  # the page was of another session: a new secret, a new page
        return v.go("/entrar/segundo-factor")
    if not form.bien:
        return _enrolment(v, form, secret, 422)
    if wait := comun.limites(v).try_factor(quien.cuenta, v.now_ms):
        return _enrolment(v, form.con_error("codigo", comun.espere(wait)), secret, comun.DEMASIADOS)
    codigo, agente, anterior, keys = form.valores["codigo"], comun.agente(v), comun.token(v), v.portal.keyring
    done = await v.write(
        lambda tx: entrada.put_factor(tx, keys, quien.cuenta, secret, codigo, agente=agente, anterior=anterior)
    )
    if isinstance(done, NoEntro):
        if done.codigo == "factor_puesto":
            return v.go("/mi-cuenta", "factor_ya_puesto")
        return _enrolment(v, form.con_error("codigo", wrong()), secret, 422)
    entro, codes = done
    comun.limites(v).factor.forget(str(quien.cuenta))
    # Not a redirect: the codes are shown in the answer to this form and nowhere else, ever.
    url = comun.destino(entro.rol, form.valores.get("sigue") or "", activa=entro.activa)
    response = v.page("entrar/codigos.html", CodigosContext(codes, quien.correo, url))
    comun.with_cookie(v, response, entro)
    return response
