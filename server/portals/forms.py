"""Forms of every page: what each field is called, how its text becomes a value, and what is wrong with it.

A form is read once, gives values or errors by field, and keeps what was typed, so that the same form can be shown again
(status 422). Rules that need the store are the screen's; it adds their errors with `Leido.con_error`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from starlette.datastructures import UploadFile

from server.clock import CENTRO
from server.errors import DatoInvalido

Convertir = Callable[[str], Any]

_CORREO = re.compile(
    r"[^@\s\"(),:;<>\[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE
)


def texto(value: str) -> str:
    """One line of text, without controls; runs of spaces become one."""
    if any(not sign.isprintable() for sign in value):
        raise DatoInvalido("texto_con_signos", "Escriba sólo letras, números y signos, en un renglón.")
    return " ".join(value.split())


def parrafos(value: str) -> str:
    """Text of several lines; line ends become `\\n`."""
    clean = value.replace("\r\n", "\n").replace("\r", "\n")
    if any(not sign.isprintable() and sign not in "\n\t" for sign in clean):
        raise DatoInvalido("texto_con_signos", "Escriba sólo letras, números y signos.")
    return clean.strip()


def correo(value: str) -> str:
    """An address of mail, as it was written but for spaces around it."""
    value = value.strip()
    if len(value) > 254 or not _CORREO.fullmatch(value):
        raise DatoInvalido("correo_forma", "Escriba un correo como nombre@ejemplo.mx.")
    return value


def telefono(value: str) -> str:
    """Ten digits; spaces, hyphens, parentheses and a +52 before them are dropped."""
    digits = re.sub(r"[\s().-]", "", value)
    digits = re.sub(r"^(?:\+?52)(?=\d{10}$)", "", digits)
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise DatoInvalido("telefono_forma", "Escriba los diez dígitos del teléfono.")
    return digits


def fecha(value: str) -> str:
    """A date, `dd/mm/aaaa` as people write it or `aaaa-mm-dd` as browsers send it; gives `aaaa-mm-dd`."""
    value = value.strip()
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(value, form).date()  # noqa: DTZ007 -- a date has no zone
        except ValueError:
            continue
        if date(1900, 1, 1) <= found <= date(2100, 12, 31):
            return found.isoformat()
    raise DatoInvalido("fecha_forma", "Escriba una fecha como 31/01/2027.")


def instante(value: str) -> int:
    """Date and time of hora del centro, `dd/mm/aaaa hh:mm` or `aaaa-mm-ddThh:mm`; gives ms of Unix time."""
    value = value.strip()
    for form in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"):
        try:
            found = datetime.strptime(value, form).replace(tzinfo=CENTRO)
        except ValueError:
            continue
        if 2000 <= found.year <= 2100:
            return int(found.timestamp() * 1000)
    raise DatoInvalido("instante_forma", "Escriba fecha y hora como 31/01/2027 18:00.")


def entero(low: int, high: int) -> Convertir:
    """A whole number between `low` and `high`; commas and spaces between thousands are dropped."""

    def convert(value: str) -> int:
        digits = re.sub(r"[\s,]", "", value)
        if not re.fullmatch(r"[0-9]{1,12}", digits) or not low <= int(digits) <= high:
            raise DatoInvalido("entero_forma", f"Escriba un número entero entre {low:,} y {high:,}.")
        return int(digits)

    return convert


def opcion(*codigos: str) -> Convertir:
    """One of a list."""

    def convert(value: str) -> str:
        if value not in codigos:
            raise DatoInvalido("opcion_ajena", "Elija una de las opciones.")
        return value

    return convert


def marcado(value: str) -> bool:
    """A box that must be ticked."""
    return value == "si"


@dataclass(frozen=True, slots=True)
class Campo:
    """One field. `tipo`: that of the input (text, email, tel, date, datetime-local, password, number, checkbox, file,
    select, radio, textarea). `opciones`: (value, label). `maximo`: characters. `autocompletar`: HTML's token."""

    nombre: str
    etiqueta: str
    convertir: Convertir = texto
    obligatorio: bool = True
    ayuda: str = ""
    tipo: str = "text"
    opciones: Sequence[tuple[str, str]] = ()
    autocompletar: str = "off"
    maximo: int = 200
    teclado: str = ""
    """`inputmode`, where the keys of a phone should be others than the type's."""


@dataclass(frozen=True, slots=True)
class Leido:
    """A form as it was filled in. `crudo`: what was typed. `valores`: by field, None for what was left empty.

    `errores`: by field, in the order of the fields.
    """

    formulario: Formulario
    crudo: Mapping[str, str] = field(default_factory=dict)
    valores: Mapping[str, Any] = field(default_factory=dict)
    errores: Mapping[str, DatoInvalido] = field(default_factory=dict)
    archivos: Mapping[str, UploadFile] = field(default_factory=dict)

    @property
    def bien(self) -> bool:
        """Whether nothing is wrong with it so far."""
        return not self.errores

    def con_error(self, campo: str, error: DatoInvalido) -> Leido:
        """The same, with one more thing wrong; the first error of a field stays."""
        errores = {campo: error, **self.errores}
        order = [campo.nombre for campo in self.formulario.campos]
        errores = dict(sorted(errores.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1))
        return replace(self, errores=errores)

    def campo(self, nombre: str) -> Campo:
        """The field of this name, for the template."""
        return self.formulario.campo(nombre)

    def texto_de(self, nombre: str) -> str:
        """What stands in the field. A password is never sent back."""
        return "" if self.campo(nombre).tipo in ("password", "file") else self.crudo.get(nombre, "")

    @property
    def primero(self) -> str:
        """The first field with an error, where the page puts the focus."""
        return next(iter(self.errores), "")


class Formulario:
    """The fields of a form, in the order in which they are shown."""

    def __init__(self, *campos: Campo) -> None:
        self.campos = campos
        self._by_name = {campo.nombre: campo for campo in campos}

    def campo(self, nombre: str) -> Campo:
        """The field of this name."""
        return self._by_name[nombre]

    def vacio(self, crudo: Mapping[str, str] | None = None) -> Leido:
        """The form before anybody sent it, with what stands in it already."""
        return Leido(self, dict(crudo or {}))

    def leer(self, data: Mapping[str, Any]) -> Leido:
        """The form as it was sent: every field's value, or what is wrong with it."""
        crudo: dict[str, str] = {}
        valores: dict[str, Any] = {}
        errores: dict[str, DatoInvalido] = {}
        archivos: dict[str, UploadFile] = {}
        for campo in self.campos:
            given = data.get(campo.nombre)
            if campo.tipo == "file":
                if isinstance(given, UploadFile) and given.filename:
                    archivos[campo.nombre] = given
                elif campo.obligatorio:
                    errores[campo.nombre] = DatoInvalido("falta_archivo", f"Elija un archivo en «{campo.etiqueta}».")
                continue
            raw = given if isinstance(given, str) else ""
            crudo[campo.nombre] = raw
            try:
                valores[campo.nombre] = _value(campo, raw)
            except DatoInvalido as error:
                errores[campo.nombre] = error
                valores[campo.nombre] = None
        return Leido(self, crudo, valores, errores, archivos)


def _value(campo: Campo, raw: str) -> Any:
    if not raw.strip():
        if campo.obligatorio:
            asked = "Marque" if campo.tipo == "checkbox" else "Elija" if campo.opciones else "Escriba"
            raise DatoInvalido("falta_dato", f"{asked} «{campo.etiqueta}».")
        return False if campo.tipo == "checkbox" else None
    if len(raw) > campo.maximo:
        raise DatoInvalido("texto_largo", f"«{campo.etiqueta}» admite hasta {campo.maximo:,} caracteres.")
    return campo.convertir(raw)
