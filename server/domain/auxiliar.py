"""What is asked of an auxiliar, and how each datum is read: one list for the form, the file and its template (P7.4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from server.domain import clave_elector, curp, discrepancias, mayoria
from server.domain.discrepancias import Discrepancia
from server.errors import DatoInvalido

CUENTAS: Final = {"google": "Google", "facebook": "Facebook", "x": "X (Twitter)"}
_CUENTA_OF: Final = {
    "g": "google", "google": "google", "gmail": "google", "f": "facebook", "facebook": "facebook", "fb": "facebook",
    "x": "x", "t": "x", "twitter": "x", "x (twitter)": "x",
}  # fmt: skip

SITUACIONES: Final = {
    "LISTA_NOMINAL": "Lista Nominal",
    "PADRON": "Padrón",
    "BAJA": "Bajas",
    "NO_ENCONTRADO": "Datos no encontrados",
    "SIN_RESPUESTA": "Sin respuesta situación",
}
MOTIVOS_BAJA: Final = {
    "cancelacion_tramite": "cancelación de trámite",
    "datos_irregulares": "datos irregulares",
    "defuncion": "defunción",
    "domicilio_irregular": "domicilio irregular",
    "duplicado": "duplicado",
    "migracion": "migración",
    "perdida_nacionalidad": "pérdida de nacionalidad",
    "perdida_vigencia": "pérdida de vigencia",
}
POR: Final = {"opl": "el OPL", "aspirante": "la persona aspirante", "padron": "la verificación del Padrón Electoral"}


@dataclass(frozen=True, slots=True)
class DatosAuxiliar:
    """Data of one auxiliar, read and plausible. `fecha_nacimiento` aaaa-mm-dd; optional data may be empty."""

    nombre: str
    apellido_paterno: str
    apellido_materno: str
    fecha_nacimiento: str
    telefono: str
    correo: str
    tipo_cuenta: str
    clave_elector: str
    curp: str
    referencia: str


@dataclass(frozen=True, slots=True)
class Dato:
    """One datum of the layout: its field, what it is called, whether it must be given, and an example or hint."""

    campo: str
    etiqueta: str
    obligatorio: bool
    ayuda: str
    otros: tuple[str, ...] = ()
    """Other headings under which files have it: plain, lower case."""


LAYOUT: Final = (
    Dato("nombre", "Nombre(s)", True, "Como está en la credencial.", ("nombres",)),
    Dato("apellido_paterno", "Apellido Paterno", False, "Al menos uno de los dos apellidos.",
         ("primer apellido", "paterno", "ap paterno")),
    Dato("apellido_materno", "Apellido Materno", False, "Al menos uno de los dos apellidos.",
         ("segundo apellido", "materno", "ap materno")),
    Dato("fecha_nacimiento", "Fecha de nacimiento", True, "día/mes/año, por ejemplo 05/09/1990. 18 años cumplidos.",
         ("nacimiento", "fecha nacimiento", "f nacimiento")),
    Dato("telefono", "Teléfono móvil", False, "10 dígitos. Opcional.",
         ("telefono", "celular", "movil", "tel movil", "numero telefonico movil")),
    Dato("correo", "Correo electrónico", True, "El de la cuenta con la que entrará a la aplicación.",
         ("correo", "email", "e mail", "mail", "cuenta de correo", "cuenta de correo electronico")),
    Dato("tipo_cuenta", "Tipo de cuenta", True, "g: Google, f: Facebook, x: X (Twitter).",
         ("cuenta", "tipo cuenta", "tipo de autenticacion", "tipo de cuenta acceso")),
    Dato("clave_elector", "Clave de elector", True, "18 caracteres, como en la credencial.",
         ("clave elector", "clave")),
    Dato("curp", "CURP", False, "18 caracteres. Opcional."),
    Dato("referencia", "Referencia", False, "Para su propio control. Opcional.", ("referencia del auxiliar",)),
)  # fmt: skip
"""The official order of the columns: that of P7.4."""
IDENTIDAD: Final = ("nombre", "apellido_paterno", "apellido_materno", "fecha_nacimiento", "clave_elector", "curp")
CONTACTO: Final = ("correo", "tipo_cuenta", "telefono", "referencia")

_SPACES = re.compile(r"\s+")
_NAME_SIGNS = frozenset(" '’´`.-ªº")
_MAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")


def leer(crudo: Mapping[str, str], hoy: date) -> DatosAuxiliar | dict[str, DatoInvalido]:
    """The data in these texts (by field of LAYOUT), or what is wrong with each field. `hoy`: hora del centro."""
    values, wrong = _read(crudo, hoy, LAYOUT)
    if not (values["apellido_paterno"] or values["apellido_materno"]) and not wrong.keys() & _SURNAMES:
        wrong["apellido_paterno"] = DatoInvalido("sin_apellidos", "Escriba al menos un apellido: paterno o materno.")
    return wrong or DatosAuxiliar(**values)


def leer_contacto(crudo: Mapping[str, str], hoy: date, de: DatosAuxiliar) -> DatosAuxiliar | dict[str, DatoInvalido]:
    """The same person with the contact data in these texts; who it is stays as it was, whatever else is there."""
    values, wrong = _read(crudo, hoy, [dato for dato in LAYOUT if dato.campo in CONTACTO])
    return wrong or replace(de, **values)


def _read(
    crudo: Mapping[str, str], hoy: date, layout: Sequence[Dato]
) -> tuple[dict[str, str], dict[str, DatoInvalido]]:
    wrong: dict[str, DatoInvalido] = {}
    values: dict[str, str] = {}
    for dato in layout:
        text = _clean(crudo.get(dato.campo, ""))
        values[dato.campo] = ""
        try:
            if text:
                values[dato.campo] = _READERS[dato.campo](text, hoy)
            elif dato.obligatorio:
                raise DatoInvalido("dato_faltante", f"Falta «{dato.etiqueta}».")
        except DatoInvalido as error:
            wrong[dato.campo] = error
    return values, wrong


def discrepancias_de(datos: DatosAuxiliar) -> tuple[Discrepancia, ...]:
    """Where these data disagree with each other: for whoever registers to look at, never a refusal."""
    try:
        clave = clave_elector.parse(datos.clave_elector) if datos.clave_elector else None
        own_curp = curp.parse(datos.curp) if datos.curp else None
        nacimiento = date.fromisoformat(datos.fecha_nacimiento) if datos.fecha_nacimiento else None
    except (DatoInvalido, ValueError):
        return ()  # it came another way than through `leer`
    return discrepancias.revisar(
        discrepancias.Datos(
            nombre=datos.nombre, apellido_paterno=datos.apellido_paterno, apellido_materno=datos.apellido_materno,
            nacimiento=nacimiento, clave=clave, curp=own_curp,
        )
    )  # fmt: skip


def causa_padron(situacion: str, motivo: str, corte: str) -> str:
    """Why the padrón gives a baja, as the portal shows it (P7.6); empty when it gives none. `corte`: aaaa-mm-dd."""
    cut = f" (corte {fecha_larga(corte)})" if corte else ""
    if situacion == "NO_ENCONTRADO":
        return f"La clave de elector no se encontró en el Padrón Electoral{cut}."
    if situacion == "BAJA":
        why = f": {MOTIVOS_BAJA.get(motivo.lower(), motivo)}" if motivo else ""
        return f"El Padrón Electoral{cut} la tiene como baja{why}."
    return ""


def fecha_larga(iso: str) -> str:
    """`05/09/1990` from `1990-09-05`; anything else as it is."""
    parts = iso.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else iso


def parse_fecha(text: str) -> date:
    """A date as people write it, day first, or aaaa-mm-dd. Raises DatoInvalido."""
    found = re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?", text)
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?", text)
    if found is None and iso is None:
        if re.fullmatch(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2}", text):
            raise DatoInvalido("fecha_sin_siglo", "Escriba el año con cuatro cifras: día/mes/año, como 05/09/1990.")
        raise DatoInvalido("fecha_forma", "La fecha se escribe día/mes/año, por ejemplo 05/09/1990.")
    year, month, day = (iso[1], iso[2], iso[3]) if iso else (found[3], found[2], found[1])  # type: ignore[index]
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        if 1 <= int(day) <= 12 < int(month) <= 31:
            raise DatoInvalido(
                "fecha_mes_primero", "Esa fecha parece tener el mes antes que el día. Escríbala día/mes/año."
            ) from error
        raise DatoInvalido("fecha_inexistente", "Ese día no existe. La fecha se escribe día/mes/año.") from error


def _clean(text: str) -> str:
    # Non-breaking and zero-width characters come along when people copy from web pages and messages.
    text = unicodedata.normalize("NFC", text).replace("\u200b", "").replace("\ufeff", "").replace("\u00a0", " ")
    return _SPACES.sub(" ", text).strip()


def _name(text: str, _: date) -> str:
    if len(text) > 80:
        raise DatoInvalido("nombre_largo", "Tiene más de 80 caracteres. Revise que no haya dos datos juntos.")
    bad = sorted({sign for sign in text if not (sign.isalpha() or sign in _NAME_SIGNS or unicodedata.combining(sign))})
    if "\ufffd" in bad:
        raise DatoInvalido(
            "caracter_ilegible", "Tiene un carácter que no se pudo leer. Guarde el archivo como «CSV UTF-8»."
        )
    if bad:
        shown = " ".join(sign if sign.isprintable() else "(invisible)" for sign in bad[:5])
        raise DatoInvalido("nombre_caracteres", f"Un nombre o apellido no lleva {shown}. Escriba sólo letras.")
    if not any(sign.isalpha() for sign in text):
        raise DatoInvalido("nombre_caracteres", "No tiene letras.")
    return text


def _born(text: str, hoy: date) -> str:
    return mayoria.check(parse_fecha(text), hoy).isoformat()


def _phone(text: str, _: date) -> str:
    digits = re.sub(r"[\s().\-+]", "", text)
    if not (digits.isascii() and digits.isdigit()):
        raise DatoInvalido("telefono_caracteres", "El teléfono sólo lleva dígitos: 10, sin letras.")
    for prefix in ("521", "044", "045", "52", "01"):
        if digits.startswith(prefix) and len(digits) == 10 + len(prefix):
            digits = digits[len(prefix) :]
            break
    if len(digits) != 10:
        raise DatoInvalido("telefono_longitud", f"El teléfono tiene 10 dígitos y aquí hay {len(digits)}.")
    return digits


def _mail(text: str, _: date) -> str:
    # Lower case: the phone's account is compared without case, and two spellings are one address.
    address = text.removeprefix("mailto:").lower()
    if len(address) > 254 or not _MAIL.fullmatch(address) or ".." in address or ".@" in address or address[0] == ".":
        raise DatoInvalido("correo_forma", "No es una dirección de correo completa, como nombre@ejemplo.com.")
    return address


def _account(text: str, _: date) -> str:
    found = _CUENTA_OF.get(text.casefold())
    if found is None:
        raise DatoInvalido("tipo_cuenta_desconocido", "Escriba g (Google), f (Facebook) o x (X, antes Twitter).")
    return found


def _clave(text: str, _: date) -> str:
    return str(clave_elector.parse(text))


def _curp(text: str, _: date) -> str:
    return str(curp.parse(text))


def _reference(text: str, _: date) -> str:
    if len(text) > 120:
        raise DatoInvalido("referencia_larga", f"La referencia tiene hasta 120 caracteres y aquí hay {len(text)}.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise DatoInvalido("caracter_ilegible", "La referencia tiene caracteres que no se pueden guardar.")
    return text


_SURNAMES = {"apellido_paterno", "apellido_materno"}
_READERS: dict[str, Callable[[str, date], str]] = {
    "nombre": _name, "apellido_paterno": _name, "apellido_materno": _name, "fecha_nacimiento": _born,
    "telefono": _phone, "correo": _mail, "tipo_cuenta": _account, "clave_elector": _clave, "curp": _curp,
    "referencia": _reference,
}  # fmt: skip
