"""What the institute says of itself: name, colour, logo, contact, legal texts; and what it said before (issue 4)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from server.bitacora import Evento
from server.documentos import imagenes
from server.domain import colores
from server.domain.institucion import COLOR, Institucion
from server.errors import DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, correo, marcado, parrafos, telefono
from server.portals.visita import Visita
from server.registro import institucion as registro
from server.store import accesos
from server.store.accesos import Filtro
from server.store.connection import Connection

LOGO_BYTES = 2_000_000
LOGO_SIDE = 800
BODY = LOGO_BYTES + 200_000
LONG = 4_000
HISTORY = 20


def _telefono(value: str) -> str:
    """Ten digits, with an extension where there is one: `55 1234 5678 ext. 12` stays readable."""
    number, mark, extension = value.lower().partition("ext")
    digits = telefono(number)
    inner = "".join(sign for sign in extension if sign.isdigit())
    shown = f"{digits[:2]} {digits[2:6]} {digits[6:]}"
    return f"{shown} ext. {inner}" if mark and inner else shown


FORMULARIO = Formulario(
    Campo("nombre", "Nombre del instituto", maximo=200),
    Campo("siglas", "Siglas", obligatorio=False, maximo=20, ayuda="Van en la pestaña del navegador."),
    Campo(
        "color", "Color", colores.color, obligatorio=False, maximo=7,
        ayuda=f"Como #4a2c6b. Debe ser oscuro: sobre él va texto blanco. Vacío: el del sistema ({COLOR}).",
    ),
    Campo(
        "logo", "Logotipo", obligatorio=False, tipo="file",
        ayuda="PNG, JPEG o WebP de hasta 2 MB. Se guarda de nuevo como PNG, de 800 píxeles por lado como máximo.",
    ),
    Campo("quitar_logo", "Quitar el logotipo actual", marcado, obligatorio=False, tipo="checkbox"),
    Campo("domicilio", "Domicilio", obligatorio=False, maximo=300),
    Campo("contacto_correo", "Correo de contacto", correo, obligatorio=False, tipo="email", maximo=254),
    Campo("contacto_telefono", "Teléfono de contacto", _telefono, obligatorio=False, tipo="tel", maximo=40),
    Campo("horario", "Horario de atención", obligatorio=False, ayuda="Lunes a viernes, 9 a 18 h"),
    Campo(
        "leyenda_cedula", "Leyenda de la cédula de confirmación", parrafos, obligatorio=False, tipo="textarea",
        maximo=LONG, ayuda="Lo que firma la persona aspirante. Vacía: el texto del sistema.",
    ),
    Campo(
        "responsiva", "Responsiva del FURA", parrafos, obligatorio=False, tipo="textarea", maximo=LONG,
        ayuda="Lo que firma la persona auxiliar. Vacía: el texto del sistema.",
    ),
    Campo(
        "declaracion", "Texto de la Declaración de Confidencialidad", parrafos, obligatorio=False, tipo="textarea",
        maximo=LONG, ayuda="Lo que firma cada persona funcionaria. Vacío: el texto del sistema.",
    ),
)  # fmt: skip
ETIQUETAS = {campo.nombre: campo.etiqueta for campo in FORMULARIO.campos}


@dataclass(frozen=True, slots=True)
class Cambio:
    """One setting that was changed, as it was and as it became."""

    etiqueta: str
    antes: str
    ahora: str


@dataclass(frozen=True, slots=True)
class Version:
    """What one person changed at once."""

    en_ms: int
    quien: str
    cambios: tuple[Cambio, ...]


@dataclass(frozen=True, slots=True)
class AjustesContext:
    """`form`: the settings. `logo`: address of the one in use, or "". `versiones`: what was changed, newest first."""

    form: Leido
    logo: str
    versiones: list[Version]


def _current(institucion: Institucion) -> dict[str, str]:
    return {clave: str(getattr(institucion, clave)) for clave in registro.CLAVES}


async def muestra(v: Visita) -> Response:
    """The form with what is in force."""
    return await _page(v, FORMULARIO.vacio(_current(v.institucion)))


async def guarda(v: Visita) -> Response:
    """Set what was changed."""
    form = await v.form(FORMULARIO)
    logo: bytes | None = registro.QUITAR if form.valores.get("quitar_logo") else None
    archivo = form.archivos.get("logo")
    if archivo is not None:
        try:
            content = await archivo.read(LOGO_BYTES + 1)
            logo = await asyncio.to_thread(_logo, content)
        except DatoInvalido as error:
            form = form.con_error("logo", error)
    if not form.bien:
        return await _page(v, form, 422)
    values = {clave: str(form.valores[clave] or "") for clave in registro.CLAVES}
    base = _current(Institucion(v.portal.settings.institucion))
    # What says the same as the system's own text is not a setting: a later version may say it better.
    values = {clave: "" if valor == base[clave] else valor for clave, valor in values.items()}
    cuenta = v.persona.cuenta
    changed = await v.write(lambda tx: registro.cambiar(tx, cuenta, values, logo))
    v.portal.institucion_changed()
    return v.go("/opl/ajustes", "guardado" if changed else "sin_cambios")


def _logo(content: bytes) -> bytes:
    if len(content) > LOGO_BYTES:
        raise DatoInvalido("logo_grande", "El logotipo pesa más de 2 MB. Guárdelo más chico y elíjalo otra vez.")
    made = imagenes.png(content, LOGO_SIDE)
    if made is None:
        raise DatoInvalido("logo_ilegible", "Ese archivo no es una imagen PNG, JPEG o WebP que se pueda leer.")
    return made


async def _page(v: Visita, form: Leido, status: int = 200) -> Response:
    versiones = await v.read(_versions)
    logo = f"/institucion/logo.png?v={v.institucion.logo}" if v.institucion.logo else ""
    return v.page("opl/ajustes.html", AjustesContext(form, logo, versiones), status=status)


def _versions(conn: Connection) -> list[Version]:
    found = accesos.pagina(conn, Filtro(eventos=(Evento.AJUSTES_CAMBIADOS,)), HISTORY)
    cuentas = {int(event.actor.partition(":")[2]) for event in found}
    nombres = accesos.nombres(conn, cuentas)
    versions = []
    for event in found:
        cambios = msgspec.json.decode(event.datos)["cambios"]
        nombre = nombres.get(int(event.actor.partition(":")[2]), (event.actor, ""))[0]
        versions.append(Version(event.en_ms, nombre, tuple(_change(clave, cambios[clave]) for clave in cambios)))
    return versions


def _change(clave: str, cambio: dict[str, str]) -> Cambio:
    if clave == "logo":
        words = {True: "Un logotipo", False: "Ninguno"}
        return Cambio(ETIQUETAS[clave], words[bool(cambio["antes"])], words[bool(cambio["ahora"])])
    usual = "(el del sistema)"
    return Cambio(ETIQUETAS[clave], cambio["antes"] or usual, cambio["ahora"] or usual)
