"""The 32 entidades federativas: the INE's codes, their names, and the two letters that a CURP has for each."""

from __future__ import annotations

from typing import Final

from server.errors import DatoInvalido

NOMBRES: Final[dict[str, str]] = {
    "01": "Aguascalientes",
    "02": "Baja California",
    "03": "Baja California Sur",
    "04": "Campeche",
    "05": "Coahuila",
    "06": "Colima",
    "07": "Chiapas",
    "08": "Chihuahua",
    "09": "Ciudad de México",
    "10": "Durango",
    "11": "Guanajuato",
    "12": "Guerrero",
    "13": "Hidalgo",
    "14": "Jalisco",
    "15": "México",
    "16": "Michoacán",
    "17": "Morelos",
    "18": "Nayarit",
    "19": "Nuevo León",
    "20": "Oaxaca",
    "21": "Puebla",
    "22": "Querétaro",
    "23": "Quintana Roo",
    "24": "San Luis Potosí",
    "25": "Sinaloa",
    "26": "Sonora",
    "27": "Tabasco",
    "28": "Tamaulipas",
    "29": "Tlaxcala",
    "30": "Veracruz",
    "31": "Yucatán",
    "32": "Zacatecas",
}
"""Code of the entidad, 01 to 32, and its name, in the INE's order."""

# Codes of a clave de elector for those born abroad (naturalised, or registered as Mexicans by birth).
DEL_EXTRANJERO: Final = frozenset({"33", "87", "88"})

# Instructivo Normativo para la asignación de la CURP (DOF 18/10/2021), catalogue of entidades; in the INE's order.
_CURP: Final = "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS"
POR_CURP: Final[dict[str, str]] = dict(zip(_CURP.split(), NOMBRES, strict=True))
"""Letters of a CURP to the INE's code. `NE` (nacido en el extranjero) is not here: it is no entidad."""
CURP_EXTRANJERO: Final = "NE"


def nombre(clave: str) -> str:
    """The name of an entidad by its code; that of birth abroad and an unknown code are said as such."""
    if clave in DEL_EXTRANJERO:
        return "Nacido en el extranjero"
    return NOMBRES.get(clave, f"Entidad {clave}" if clave else "")


def parse(text: str) -> str:
    """A code of two digits out of what was typed (`9`, `09`); raises `DatoInvalido`."""
    clave = text.strip().zfill(2)
    if clave not in NOMBRES:
        raise DatoInvalido("entidad_desconocida", "La entidad es una clave de 01 a 32. Elíjala de la lista.")
    return clave
