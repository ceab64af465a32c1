"""What is asked of the consulta de registros: every filter of the presentation of the portal, in any combination (C5).

A filter reads from a query string and becomes one again, so that a consulta can be kept and shared as an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from server.domain import busqueda, folio_papel
from server.domain.apoyo import Clase, MotivoBaja, Resultado, Situacion, Via
from server.domain.dias import dia_de_fecha
from server.domain.inconsistencias import DEL_PROTOCOLO
from server.domain.marcas import Marca
from server.errors import DatoInvalido
from sync_protocol import folio as folios
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import AUXILIAR_DIGITS, DIGITS, DISPOSITIVO_DIGITS, REGISTRO_DIGITS, SOLICITUD_DIGITS

PROCESOS: dict[str, str] = {
    "candidatura_independiente": "Candidatura independiente",
    "consulta_popular": "Consulta popular",
    "iniciativa_ciudadana": "Iniciativa ciudadana",
    "revocacion_mandato": "Revocación de mandato",
}
"""Types of proceso and what people call them."""

VALIDO: dict[str, Resultado] = {"si": Resultado.VALIDO, "no": Resultado.INCONSISTENTE, "pendiente": Resultado.PENDIENTE}
"""«Válido» of the presentation, and what the mesa has not looked at yet."""
VALIDO_TEXTO = {"si": "Sí", "no": "No", "pendiente": "Pendiente de revisión"}

CON_ORIGEN_INCONSISTENTE = "inconsistente"
SIN_INCONSISTENCIA_DE_ORIGEN = "bien"
MARCAS: dict[str, str] = {
    CON_ORIGEN_INCONSISTENTE: "Inconsistente por su origen (cualquiera)",
    SIN_INCONSISTENCIA_DE_ORIGEN: "Sin inconsistencia de origen",
    **{marca: marca.texto for marca in Marca},
}
"""What may be asked about a registro's origin (F4)."""

VIAS: dict[str, str] = {Via.APP: "Aplicación móvil", Via.PAPEL: "Captura manual, en papel"}
"""How an apoyo came, and what people call it."""

NOMBRE_MAXIMO = 80


@dataclass(frozen=True, slots=True)
class Filtro:
    """A consulta; "" and None ask for nothing. `desde`, `hasta`: `aaaa-mm-dd`, days of hora del centro, both included.

    `folio`: whole in its written form, or the digits that it begins with. Names: as they were typed, their beginnings.
    `valido`: a key of VALIDO. `marca`: a key of MARCAS. `proceso`: a key of PROCESOS. `inciso`: of P13.7, of paper,
    or of the OPL's criteria. `clase`: a Clase. `via`: a key of VIAS.
    """

    desde: str = ""
    hasta: str = ""
    solicitud: int | None = None
    folio: str = ""
    nombre: str = ""
    paterno: str = ""
    materno: str = ""
    proceso: str = ""
    auxiliar: int | None = None
    dispositivo: int | None = None
    situacion: str = ""
    valido: str = ""
    motivo: str = ""
    marca: str = ""
    inciso: str = ""
    clase: str = ""
    via: str = ""

    def query(self) -> str:
        """`desde=2026-11-01&situacion=BAJA`: what was asked, as the query of an address; "" for everything."""
        return urlencode(self._given())

    def cuantos(self) -> int:
        """How many filters are set."""
        return len(self._given())

    def nombres_de_campos(self) -> tuple[str, ...]:
        """Which filters are set, for the record: never what was typed."""
        return tuple(self._given())

    def _given(self) -> dict[str, Any]:
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) not in ("", None)}

    # -- what the index is asked -----------------------------------------------------------------------------------

    @property
    def dias(self) -> tuple[int, int] | None:
        """First and last day (server.domain.dias), both included; None when no date is asked for."""
        if not self.desde and not self.hasta:
            return None
        first = dia_de_fecha(date.fromisoformat(self.desde)) if self.desde else -(10**6)
        last = dia_de_fecha(date.fromisoformat(self.hasta)) if self.hasta else 10**6
        return first, last

    @property
    def folio_entero(self) -> str:
        """The folio in its written form when all of it was given, else ""."""
        return self.folio if "-" in self.folio else ""

    @property
    def folio_escrito(self) -> str:
        """What the written folio must begin with: `000001-0000`."""
        return self.folio if self.folio_entero else _dashed(self.folio)

    @property
    def folio_solicitudes(self) -> tuple[int, int] | None:
        """Which folios de solicitud the folio leaves, both ends included."""
        if not self.folio:
            return None
        digits = re.sub("[^0-9]", "", self.folio)[:SOLICITUD_DIGITS]
        return int(digits.ljust(SOLICITUD_DIGITS, "0")), int(digits.ljust(SOLICITUD_DIGITS, "9"))

    @property
    def folio_auxiliar(self) -> int | None:
        """The Id auxiliar, once the folio names it whole."""
        return self._of_folio(SOLICITUD_DIGITS, AUXILIAR_DIGITS)

    @property
    def folio_dispositivo(self) -> int | None:
        """The Id dispositivo, once the folio names it whole."""
        return self._of_folio(SOLICITUD_DIGITS + AUXILIAR_DIGITS, DISPOSITIVO_DIGITS)

    def _of_folio(self, start: int, length: int) -> int | None:
        digits = re.sub("[^0-9]", "", self.folio)[:DIGITS]
        return int(digits[start : start + length]) if len(digits) >= start + length else None

    @property
    def resultado(self) -> Resultado | None:
        """What the mesa must have said."""
        return VALIDO[self.valido] if self.valido else None

    @property
    def prefijos(self) -> tuple[str, str, str]:
        """Beginnings of apellido paterno, materno and nombre as they are searched; "" where nothing is asked."""
        return busqueda.parte(self.paterno), busqueda.parte(self.materno), busqueda.parte(self.nombre)


def _dashed(digits: str) -> str:
    parts, at = [], 0
    for length in (SOLICITUD_DIGITS, AUXILIAR_DIGITS, DISPOSITIVO_DIGITS, REGISTRO_DIGITS):
        if at < len(digits) or at == 0:
            parts.append(digits[at : at + length])
        at += length
    complete = len(digits) in (
        SOLICITUD_DIGITS, SOLICITUD_DIGITS + AUXILIAR_DIGITS, SOLICITUD_DIGITS + AUXILIAR_DIGITS + DISPOSITIVO_DIGITS,
        DIGITS,
    )  # fmt: skip
    return "-".join(parts) + ("-" if complete else "")


# -- from what was typed --------------------------------------------------------------------------------------------


def _fecha(value: str) -> str:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(value, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        if 2000 <= found.year <= 2100:
            return found.isoformat()
    raise DatoInvalido("fecha_forma", "Escriba una fecha como 31/01/2027.")


def _numero(digits: int, que: str) -> Callable[[str], int]:
    def convert(value: str) -> int:
        if not re.fullmatch(rf"0*[0-9]{{1,{digits}}}", value, re.ASCII) or int(value) == 0 or len(value) > 20:
            raise DatoInvalido("numero_forma", f"Escriba {que} como un número de hasta {digits} cifras.")
        return int(value)

    return convert


def _folio(value: str) -> str:
    compact = re.sub(r"[\s\-–.]", "", value)
    if re.fullmatch(rf"[0-9]{{1,{DIGITS}}}", compact, re.ASCII):
        return compact
    paper = folio_papel.parse_typed(compact)
    if paper is not None:
        return str(paper)
    try:
        return str(folios.parse_typed(compact))
    except RemoteProtocolError as error:
        raise DatoInvalido(
            "folio_forma",
            "Ese folio no existe: revise sus cifras y su dígito verificador, o escriba sólo el principio, por ejemplo "
            "000123-000045.",
        ) from error


def _nombre(value: str) -> str:
    if len(value) > NOMBRE_MAXIMO:
        raise DatoInvalido("texto_largo", f"Escriba hasta {NOMBRE_MAXIMO} letras.")
    if not busqueda.parte(value) or any(not sign.isprintable() for sign in value):
        raise DatoInvalido("nombre_forma", "Escriba el principio del nombre, con letras.")
    return value


def _opcion(*codigos: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value not in codigos:
            raise DatoInvalido("opcion_ajena", "Elija una de las opciones.")
        return value

    return convert


CONVERSIONES: dict[str, Callable[[str], Any]] = {
    "desde": _fecha,
    "hasta": _fecha,
    "solicitud": _numero(SOLICITUD_DIGITS, "el folio de solicitud"),
    "folio": _folio,
    "nombre": _nombre,
    "paterno": _nombre,
    "materno": _nombre,
    "proceso": _opcion(*PROCESOS),
    "auxiliar": _numero(AUXILIAR_DIGITS, "el Id auxiliar"),
    "dispositivo": _numero(DISPOSITIVO_DIGITS, "el Id dispositivo"),
    "situacion": _opcion(*Situacion),
    "valido": _opcion(*VALIDO),
    "motivo": _opcion(*MotivoBaja),
    "marca": _opcion(*MARCAS),
    "inciso": _opcion(*DEL_PROTOCOLO),
    "clase": _opcion(*Clase),
    "via": _opcion(*VIAS),
}
"""How each filter is read; raises DatoInvalido."""
assert set(CONVERSIONES) == {f.name for f in fields(Filtro)}


def leer(
    query: Mapping[str, str], incisos: Collection[str] = DEL_PROTOCOLO.keys()
) -> tuple[Filtro, dict[str, DatoInvalido]]:
    """The filter of a query string, and what is wrong with it by field. What cannot be read asks for nothing.

    Names that are no filter's are left alone. A motive of baja is one of the situación Bajas. `incisos`: all there are.
    """
    values: dict[str, Any] = {}
    errors: dict[str, DatoInvalido] = {}
    for name, convert in CONVERSIONES.items():
        raw = " ".join(query.get(name, "").split())
        if not raw:
            continue
        try:
            values[name] = _opcion(*incisos)(raw) if name == "inciso" else convert(raw)
        except DatoInvalido as error:
            errors[name] = error
    filtro = Filtro(**values)
    if filtro.desde and filtro.hasta and filtro.desde > filtro.hasta:
        errors["hasta"] = DatoInvalido("fechas_al_reves", "La fecha límite debe ser igual o posterior a la de inicio.")
        filtro = replace(filtro, hasta="")
    if filtro.motivo and filtro.situacion not in ("", Situacion.BAJA):
        errors["motivo"] = DatoInvalido(
            "motivo_sin_baja", "El motivo de la baja sólo se combina con la situación Bajas."
        )
        filtro = replace(filtro, motivo="")
    return filtro, errors
