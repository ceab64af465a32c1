"""The electoral geography that synthetic people live in: entidades, some municipios, secciones, streets.

Names and codes are public geography; how many secciones and who lives where is only plausible, not a
catalogue. A place is always asked for with a `random.Random`, so the same generator gives the same address.
"""

import random
from bisect import bisect
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from device_sim.synthetic.nombres import split_names


@dataclass(frozen=True, slots=True)
class Entidad:
    """One entidad: its printed abbreviation, about how many secciones, a postal prefix, some municipios."""

    codigo: str
    nombre: str
    abreviatura: str
    secciones: int
    postal: int
    municipios: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lugar:
    """Where a person votes and lives. `domicilio` has three lines, as the card prints it."""

    municipio: str
    seccion: str
    domicilio: str


_TABLE: Final = """
01|AGUASCALIENTES|AGS.|640|20|AGUASCALIENTES,JESÚS MARÍA,CALVILLO,RINCÓN DE ROMOS,PABELLÓN DE ARTEAGA
02|BAJA CALIFORNIA|B.C.|1960|21|TIJUANA,MEXICALI,ENSENADA,TECATE,PLAYAS DE ROSARITO
03|BAJA CALIFORNIA SUR|B.C.S.|500|23|LA PAZ,LOS CABOS,COMONDÚ,MULEGÉ,LORETO
04|CAMPECHE|CAMP.|530|24|CAMPECHE,CARMEN,CHAMPOTÓN,ESCÁRCEGA,CALKINÍ
05|COAHUILA|COAH.|1710|25|SALTILLO,TORREÓN,MONCLOVA,PIEDRAS NEGRAS,ACUÑA,MATAMOROS
06|COLIMA|COL.|380|28|COLIMA,MANZANILLO,VILLA DE ÁLVAREZ,TECOMÁN,ARMERÍA
07|CHIAPAS|CHIS.|2060|29|TUXTLA GUTIÉRREZ,TAPACHULA,OCOSINGO,SAN CRISTÓBAL DE LAS CASAS
08|CHIHUAHUA|CHIH.|3180|31|JUÁREZ,CHIHUAHUA,CUAUHTÉMOC,DELICIAS,HIDALGO DEL PARRAL
09|CIUDAD DE MÉXICO|CDMX|5540|06|IZTAPALAPA,GUSTAVO A. MADERO,ÁLVARO OBREGÓN,TLALPAN,COYOACÁN,CUAUHTÉMOC
10|DURANGO|DGO.|1430|34|DURANGO,GÓMEZ PALACIO,LERDO,PUEBLO NUEVO,SANTIAGO PAPASQUIARO
11|GUANAJUATO|GTO.|3160|36|LEÓN,IRAPUATO,CELAYA,SALAMANCA,SILAO,GUANAJUATO,DOLORES HIDALGO
12|GUERRERO|GRO.|2810|39|ACAPULCO DE JUÁREZ,CHILPANCINGO DE LOS BRAVO,IGUALA,ZIHUATANEJO DE AZUETA
13|HIDALGO|HGO.|1780|42|PACHUCA DE SOTO,TULANCINGO DE BRAVO,MINERAL DE LA REFORMA,HUEJUTLA DE REYES
14|JALISCO|JAL.|3650|44|GUADALAJARA,ZAPOPAN,TLAJOMULCO DE ZÚÑIGA,TLAQUEPAQUE,TONALÁ
15|MÉXICO|MÉX.|6670|50|ECATEPEC DE MORELOS,NEZAHUALCÓYOTL,TOLUCA,NAUCALPAN DE JUÁREZ,CHIMALHUACÁN
16|MICHOACÁN|MICH.|2700|58|MORELIA,URUAPAN,ZAMORA,LÁZARO CÁRDENAS,ZITÁCUARO,PÁTZCUARO
17|MORELOS|MOR.|930|62|CUERNAVACA,JIUTEPEC,CUAUTLA,TEMIXCO,YAUTEPEC
18|NAYARIT|NAY.|980|63|TEPIC,BAHÍA DE BANDERAS,SANTIAGO IXCUINTLA,COMPOSTELA,SAN BLAS
19|NUEVO LEÓN|N.L.|2890|64|MONTERREY,GUADALUPE,APODACA,SAN NICOLÁS DE LOS GARZA,GENERAL ESCOBEDO
20|OAXACA|OAX.|2480|68|OAXACA DE JUÁREZ,SAN JUAN BAUTISTA TUXTEPEC,JUCHITÁN DE ZARAGOZA,SALINA CRUZ
21|PUEBLA|PUE.|2720|72|PUEBLA,TEHUACÁN,SAN MARTÍN TEXMELUCAN,SAN PEDRO CHOLULA,ATLIXCO
22|QUERÉTARO|QRO.|950|76|QUERÉTARO,SAN JUAN DEL RÍO,CORREGIDORA,EL MARQUÉS,CADEREYTA DE MONTES
23|QUINTANA ROO|Q. ROO|1060|77|BENITO JUÁREZ,SOLIDARIDAD,OTHÓN P. BLANCO,COZUMEL,TULUM
24|SAN LUIS POTOSÍ|S.L.P.|1840|78|SAN LUIS POTOSÍ,SOLEDAD DE GRACIANO SÁNCHEZ,CIUDAD VALLES,MATEHUALA,RIOVERDE
25|SINALOA|SIN.|3800|80|CULIACÁN,MAZATLÁN,AHOME,GUASAVE,NAVOLATO
26|SONORA|SON.|1570|83|HERMOSILLO,CAJEME,NOGALES,SAN LUIS RÍO COLORADO,NAVOJOA
27|TABASCO|TAB.|1130|86|CENTRO,CÁRDENAS,COMALCALCO,HUIMANGUILLO,MACUSPANA
28|TAMAULIPAS|TAMPS.|2010|87|REYNOSA,MATAMOROS,NUEVO LAREDO,VICTORIA,TAMPICO,CIUDAD MADERO
29|TLAXCALA|TLAX.|620|90|TLAXCALA,HUAMANTLA,APIZACO,SAN PABLO DEL MONTE,CHIAUTEMPAN
30|VERACRUZ|VER.|4820|91|VERACRUZ,XALAPA,COATZACOALCOS,CÓRDOBA,POZA RICA,ORIZABA,MINATITLÁN
31|YUCATÁN|YUC.|1150|97|MÉRIDA,KANASÍN,VALLADOLID,TIZIMÍN,PROGRESO
32|ZACATECAS|ZAC.|1880|98|FRESNILLO,GUADALUPE,ZACATECAS,JEREZ,RÍO GRANDE
"""

_VIALIDADES: Final = ("C", "C", "C", "C", "AV", "AV", "PRIV", "CDA", "CALZ", "AND", "PROL")
_CALLES: Final = split_names(
    """BENITO JUÁREZ, MIGUEL HIDALGO, 5 DE MAYO, 16 DE SEPTIEMBRE, EMILIANO ZAPATA, FRANCISCO I. MADERO,
    VICENTE GUERRERO, JOSEFA ORTIZ DE DOMÍNGUEZ, 20 DE NOVIEMBRE, LÁZARO CÁRDENAS, NIÑOS HÉROES,
    REFORMA, INDEPENDENCIA, MORELOS, ALLENDE, LAS FLORES, LOS PINOS, DEL SOL, DE LA LUNA, PINO SUÁREZ,
    MATAMOROS, ALDAMA, GALEANA, CONSTITUCIÓN, REVOLUCIÓN, PEÑA BLANCA, JACARANDAS, BUGAMBILIAS, ÁLAMOS,
    CEDROS, ENCINO, OYAMEL, QUETZAL, COLIBRÍ, AMÉRICA, TEPEYAC"""
)
_COLONIAS: Final = split_names(
    """CENTRO, LAS FLORES, INDEPENDENCIA, EMILIANO ZAPATA, SAN JOSÉ, SANTA MARÍA, LOMAS DEL VALLE, LA
    ESPERANZA, BUENAVISTA, EL CARMEN, GUADALUPE, VICENTE GUERRERO, LÁZARO CÁRDENAS, VILLAS DEL SOL,
    JARDINES DEL SUR, EL MIRADOR, SAN ANTONIO, SAN FRANCISCO, LA PEÑA, NUEVO MILENIO, BENITO JUÁREZ,
    REFORMA, AMPLIACIÓN NORTE, OBRERA, TIERRA Y LIBERTAD, SAN ISIDRO, LOS ÁLAMOS, REVOLUCIÓN, EL
    ROSARIO, LA CAÑADA"""
)
_TIPOS_COLONIA: Final = ("COL", "COL", "COL", "COL", "FRACC", "BARR", "PBLO", "EJ", "U HAB")


def _parse() -> dict[str, Entidad]:
    rows = (line.split("|") for line in _TABLE.split("\n") if line)
    return {
        code: Entidad(code, name, short, int(secciones), int(postal), tuple(municipios.split(",")))
        for code, name, short, secciones, postal, municipios in rows
    }


ENTIDADES: Final = _parse()


@lru_cache(maxsize=64)
def _municipio_bounds(codigo: str) -> tuple[int, ...]:
    """Last sección of each municipio: the first is the largest, the others shrink after it."""
    entidad = ENTIDADES[codigo]
    weights = list(accumulate(1 / (i + 1) for i in range(len(entidad.municipios))))
    return tuple(round(w / weights[-1] * entidad.secciones) for w in weights)


def random_lugar(rng: random.Random, codigo: str) -> Lugar:
    """A place in that entidad. Low secciones are drawn more often: real secciones differ tenfold in size,
    and a report must be tried with a few crowded ones and many nearly empty."""
    entidad = ENTIDADES[codigo]
    seccion = 1 + int(entidad.secciones * rng.random() ** 1.7)
    # Scatter: without this the crowded secciones would all be the first ones of the first municipio.
    seccion = 1 + (seccion * _scatter_step(entidad.secciones)) % entidad.secciones
    municipio = entidad.municipios[bisect(_municipio_bounds(codigo), seccion - 1)]
    return Lugar(municipio, f"{seccion:04d}", _random_domicilio(rng, entidad, municipio))


@lru_cache(maxsize=64)
def _scatter_step(secciones: int) -> int:
    """A step with no factor in common with the number of secciones: all are reached."""
    step = max(1, int(secciones * 0.618))
    while any(secciones % f == 0 and step % f == 0 for f in range(2, step + 1)):
        step += 1
    return step


def _random_domicilio(rng: random.Random, entidad: Entidad, municipio: str) -> str:
    pick = rng.random
    via = _VIALIDADES[int(pick() * len(_VIALIDADES))]
    calle = _CALLES[int(pick() * len(_CALLES))]
    number = str(1 + int(pick() ** 2 * 1400)) if pick() < 0.94 else "S/N"
    interior = f" INT {1 + int(pick() * 24)}" if pick() < 0.15 else ""
    tipo = _TIPOS_COLONIA[int(pick() * len(_TIPOS_COLONIA))]
    colonia = _COLONIAS[int(pick() * len(_COLONIAS))]
    postal = f"{entidad.postal:02d}{int(pick() * 1000):03d}"
    return f"{via} {calle} {number}{interior}\n{tipo} {colonia} {postal}\n{municipio}, {entidad.abreviatura}"
