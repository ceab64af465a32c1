"""Contexts of the pages of entering and of the accounts of the OPL."""

from __future__ import annotations

from typing import Any

from server.errors import DatoInvalido
from server.portals.entrar import aspirante, comun, contrasena, declaracion, entrar, mi_cuenta, oidc, segundo_factor
from server.portals.opl import cuentas
from server.security import segundo_factor as factor
from server.store.cuentas import Cuenta
from server.store.declaraciones import Declaracion

NOW = 1_790_000_000_000
HOSTILE = '<script>alert("x")</script>'
LARGO = "María Guadalupe de los Ángeles Fernández-Villavicencio y Gutiérrez de la Concha " * 2
MAL = DatoInvalido("contrasena_corta", HOSTILE)


def cuenta(**changes: Any) -> Cuenta:
    values: dict[str, Any] = {
        "id": 3, "rol": "operacion", "nombre": "Rosa Prueba", "cargo": "Analista", "correo": "rosa@ejemplo.mx",
        "telefono": "4920000000", "aspirante_id": None, "estatus": "activa", "contrasena": "x", "totp_secreto": "x",
        "totp_ultimo": 0, "creada_ms": NOW, **changes,
    }  # fmt: skip
    return Cuenta(**values)


def una(estado: str, **changes: Any) -> Declaracion:
    values: dict[str, Any] = {
        "id": 9, "cuenta_id": 3, "archivo_id": 1, "estado": estado, "motivo": "", "entregada_ms": NOW,
        "resuelta_ms": None if estado == "entregada" else NOW, "resuelta_por": 1, **changes,
    }  # fmt: skip
    return Declaracion(**values)


def de_cuenta(one: Cuenta, newest: Declaracion | None, **changes: Any) -> cuentas.CuentaContext:
    values: dict[str, Any] = {
        "cuenta": one, "rol": "Mesa de control", "estatus": cuentas.ESTATUS[one.estatus], "propia": False,
        "declaracion": newest, "archivo": "declaracion.pdf" if newest else "", "revisable": False,
        "rol_form": cuentas.ROLE.vacio({"rol": one.rol}), "motivo_form": cuentas.RETURN.vacio(), **changes,
    }  # fmt: skip
    return cuentas.CuentaContext(**values)


def propia(**changes: Any) -> mi_cuenta.MiCuentaContext:
    values: dict[str, Any] = {
        "nombre": "Rosa Prueba", "correo": "rosa@ejemplo.mx", "cargo": "Analista", "telefono": "4920000000",
        "rol": "Mesa de control", "es_opl": True, "tiene_contrasena": True, "tiene_factor": True,
        "puede_retirar": False, "respaldos": 8,
        "sesiones": [mi_cuenta.Sesion(n, "Firefox en Windows", NOW, NOW, n == 1) for n in range(1, 4)], **changes,
    }  # fmt: skip
    return mi_cuenta.MiCuentaContext(**values)


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
QR = factor.qr_svg(SECRET, correo=HOSTILE, emisor=HOSTILE)
FILAS = [
    cuentas.Renglon(n, LARGO if n % 2 else HOSTILE, HOSTILE, "a@ejemplo.mx", "Aspirante", pair, bool(n % 2), None)
    for n, pair in enumerate(cuentas.ESTATUS.values())
]
FILAS.append(cuentas.Renglon(9, "Rosa", "Analista", "r@ejemplo.mx", "Mesa de ayuda", ("Activa", "bien"), True, NOW))

CONTEXTS: list[tuple[str, Any]] = [
    ("entrar/entrar.html", entrar.EntrarContext(entrar.FORM.vacio({"sigue": "/opl/avance"}))),
    (
        "entrar/entrar.html",
        entrar.EntrarContext(entrar.FORM.vacio({"correo": HOSTILE, "sigue": HOSTILE}).con_error("contrasena", MAL)),
    ),
    ("entrar/segundo_factor.html", segundo_factor.VerificarContext(segundo_factor.VERIFY.vacio())),
    (
        "entrar/segundo_factor.html",
        segundo_factor.VerificarContext(segundo_factor.VERIFY.vacio({"codigo": HOSTILE}).con_error("codigo", MAL)),
    ),
    (
        "entrar/segundo_factor_alta.html",
        segundo_factor.AltaContext(
            segundo_factor.ENROL.vacio({"oferta": HOSTILE}).con_error("codigo", MAL), QR, factor.manual_key(SECRET),
            HOSTILE, "/opl",
        ),
    ),
    ("entrar/codigos.html", segundo_factor.CodigosContext(factor.new_backup_codes(), HOSTILE, "/opl")),
    ("entrar/aspirante.html", comun.FormContext(aspirante.FORM.vacio())),
    ("entrar/aspirante.html", comun.FormContext(aspirante.FORM.vacio({"correo": HOSTILE}).con_error("folio", MAL))),
    ("entrar/aspirante_como.html", aspirante.ComoContext(aspirante.PASSWORD.vacio(), HOSTILE, ())),
    (
        "entrar/aspirante_como.html",
        aspirante.ComoContext(
            aspirante.PASSWORD.vacio().con_error("contrasena", MAL), "a" * 240 + "@ejemplo.mx", (("google", "Google"),)
        ),
    ),
    ("entrar/aspirante_codigo.html", aspirante.CodigoContext(aspirante.CODE.vacio(), HOSTILE)),
    ("entrar/aspirante_codigo.html", aspirante.CodigoContext(aspirante.CODE.vacio().con_error("codigo", MAL), "")),
    ("entrar/olvide.html", comun.FormContext(contrasena.FORGOT.vacio())),
    ("entrar/olvide.html", comun.FormContext(contrasena.FORGOT.vacio({"correo": HOSTILE}).con_error("correo", MAL))),
    ("entrar/enlace.html", contrasena.EnlaceContext(contrasena.NEW.vacio(), "invitacion", HOSTILE, HOSTILE)),
    (
        "entrar/enlace.html",
        contrasena.EnlaceContext(contrasena.NEW.vacio().con_error("repetida", MAL), "restablecer", LARGO, "a@b.mx"),
    ),
    ("entrar/vencido.html", contrasena.VencidoContext("invitacion")),
    ("entrar/vencido.html", contrasena.VencidoContext("restablecer")),
    ("entrar/oidc.html", oidc.OidcContext("paso_vencido", HOSTILE)),
    (
        "entrar/declaracion.html",
        declaracion.DeclaracionContext(declaracion.FORM.vacio(), "por_declarar", HOSTILE, "", None),
    ),
    (
        "entrar/declaracion.html",
        declaracion.DeclaracionContext(
            declaracion.FORM.vacio({"acepta": "si"}).con_error("archivo", MAL), "por_declarar", LARGO, HOSTILE, NOW
        ),
    ),
    (
        "entrar/declaracion.html",
        declaracion.DeclaracionContext(declaracion.FORM.vacio(), "por_aceptar", "", "", NOW),
    ),
    ("entrar/declaracion.html", declaracion.DeclaracionContext(declaracion.FORM.vacio(), "activa", "", "", NOW)),
    ("entrar/mi_cuenta.html", propia()),
    (
        "entrar/mi_cuenta.html",
        propia(
            nombre=HOSTILE, cargo="", telefono="", es_opl=False, tiene_contrasena=False, tiene_factor=False,
            sesiones=[mi_cuenta.Sesion(1, HOSTILE, NOW, NOW, True)],
        ),
    ),
    ("entrar/mi_cuenta.html", propia(nombre=LARGO, puede_retirar=True)),
    ("entrar/mis_datos.html", comun.FormContext(mi_cuenta.DATA.vacio({"nombre": HOSTILE}).con_error("cargo", MAL))),
    ("entrar/contrasena.html", mi_cuenta.ContrasenaContext(mi_cuenta.CHANGE.vacio().con_error("actual", MAL), True)),
    ("entrar/contrasena.html", mi_cuenta.ContrasenaContext(contrasena.NEW.vacio(), False)),
    ("entrar/con_factor.html", mi_cuenta.FactorContext(mi_cuenta.FACTOR.vacio(), "codigos")),
    ("entrar/con_factor.html", mi_cuenta.FactorContext(mi_cuenta.FACTOR.vacio().con_error("codigo", MAL), "retirar")),
    ("opl/cuentas.html", cuentas.CuentasContext(FILAS, "", (("activa", "Activa"),))),
    ("opl/cuentas.html", cuentas.CuentasContext([], "", (("activa", "Activa"),))),
    ("opl/cuentas.html", cuentas.CuentasContext([], "activa", (("activa", "Activa"),))),
    ("opl/cuenta_nueva.html", cuentas.NuevaContext(cuentas.NEW.vacio())),
    (
        "opl/cuenta_nueva.html",
        cuentas.NuevaContext(cuentas.NEW.vacio({"nombre": HOSTILE, "rol": "ayuda"}).con_error("correo", MAL)),
    ),
    ("opl/cuenta_enlace.html", cuentas.EnlaceContext(3, HOSTILE, "invitacion", "http://127.0.0.1/invitacion/x")),
    ("opl/cuenta.html", de_cuenta(cuenta(estatus="invitada", totp_secreto=None), None)),
    ("opl/cuenta.html", de_cuenta(cuenta(estatus="por_aceptar", nombre=HOSTILE), una("entregada"), revisable=True)),
    ("opl/cuenta.html", de_cuenta(cuenta(estatus="por_aceptar"), una("entregada"), propia=True)),
    ("opl/cuenta.html", de_cuenta(cuenta(estatus="por_declarar"), una("devuelta", motivo=HOSTILE))),
    ("opl/cuenta.html", de_cuenta(cuenta(estatus="suspendida", nombre=LARGO), una("aceptada", resuelta_por=None))),
    (
        "opl/cuenta.html",
        de_cuenta(
            cuenta(cargo=HOSTILE, telefono=HOSTILE), una("entregada"), revisable=True, archivo=HOSTILE,
            rol_form=cuentas.ROLE.vacio({"rol": "x"}).con_error("rol", MAL),
            motivo_form=cuentas.RETURN.vacio({"motivo": HOSTILE}).con_error("motivo", MAL),
        ),
    ),
    ("opl/cuenta_confirmar.html", cuentas.ConfirmarContext(cuentas.SUSPEND.vacio(), cuenta(), "suspender")),
    (
        "opl/cuenta_confirmar.html",
        cuentas.ConfirmarContext(
            cuentas.SUSPEND.vacio({"causa": HOSTILE}).con_error("causa", MAL), cuenta(nombre=HOSTILE), "suspender"
        ),
    ),
    (
        "opl/cuenta_confirmar.html",
        cuentas.ConfirmarContext(cuentas.NOTHING.vacio().con_error("", MAL), cuenta(), "segundo-factor"),
    ),
]  # fmt: skip
