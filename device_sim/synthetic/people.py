"""Synthetic people and their padrón (rows D3, F2): any number, in a stream, the same for the same seed.

A person is a function of (seed, size, entidad, index), so a fleet of phones can each take its own people out
of a padrón of millions without walking through it. Nothing is remembered between people, yet clave de
elector, CIC and OCR are unique within a padrón: they are numbered by permutations, not drawn and checked.
"""

import csv
import hashlib
import math
import random
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final, Literal, TextIO

from device_sim.synthetic.identifiers import Filiacion, Sexo, clave_elector, curp, ocr_number
from device_sim.synthetic.nombres import APELLIDOS, NOMBRES_HOMBRE, NOMBRES_MUJER
from device_sim.synthetic.territorio import ENTIDADES, random_lugar

Modelo = Literal["C", "D", "E", "F", "G", "H"]
Situacion = Literal["LISTA_NOMINAL", "PADRON", "BAJA"]

_IssueRow = tuple[int, int, tuple[Modelo, Modelo]]

MODELOS: Final[tuple[Modelo, ...]] = ("C", "D", "E", "F", "G", "H")

# The day the padrón is cut: everyone is of age by then. A parameter of every function that needs it.
CORTE: Final = date(2024, 1, 1)

# The eight motives of a baja (F2).
MOTIVOS_BAJA: Final = (
    "CANCELACION_TRAMITE",
    "DATOS_IRREGULARES",
    "DEFUNCION",
    "DOMICILIO_IRREGULAR",
    "DUPLICADO",
    "MIGRACION",
    "PERDIDA_NACIONALIDAD",
    "PERDIDA_VIGENCIA",
)

PADRON_CSV_HEADER: Final = (
    "clave_elector",
    "curp",
    "cic",
    "ocr",
    "nombre",
    "apellido_paterno",
    "apellido_materno",
    "fecha_nacimiento",
    "sexo",
    "entidad",
    "municipio",
    "seccion",
    "situacion",
    "motivo_baja",
)

# Above this the numbering would run out of homoclaves for one birthday; no entidad comes near half of it.
MAX_PADRON: Final = 30_000_000
_NINE_DIGITS: Final = 10**9
_CIC_MULTIPLIER: Final = 214_903_917
_IDENTIFICADOR_MULTIPLIER: Final = 387_420_489

# Share of the padrón by age, first age of each band; the last number closes the table.
_AGES: Final = ((18, 27.0), (30, 22.0), (40, 19.0), (50, 14.5), (60, 10.0), (70, 5.0), (80, 2.5), (96, 0.0))
# Year of issue -> weight, and the models issued in it (the second of a pair is the rarer one).
_ISSUED: Final[tuple[_IssueRow, ...]] = (
    (2012, 3, ("C", "C")),
    (2013, 5, ("C", "D")),
    (2014, 7, ("D", "D")),
    (2015, 10, ("E", "E")),
    (2016, 10, ("E", "F")),
    (2017, 11, ("E", "F")),
    (2018, 12, ("E", "F")),
    (2019, 9, ("E", "F")),
    (2020, 7, ("G", "H")),
    (2021, 10, ("G", "H")),
    (2022, 8, ("G", "H")),
    (2023, 8, ("G", "H")),
)
_MODEL_YEARS: Final[dict[Modelo, int]] = {"C": 2012, "D": 2014, "E": 2016, "F": 2017, "G": 2021, "H": 2022}


@dataclass(frozen=True, slots=True)
class Persona:
    """One synthetic citizen with the card they hold. All codes are text: leading zeros matter."""

    nombre: str
    apellido_paterno: str
    apellido_materno: str
    fecha_nacimiento: date
    sexo: Sexo
    entidad: str
    municipio: str
    seccion: str
    domicilio: str
    clave_elector: str
    curp: str
    cic: str
    identificador_ciudadano: str
    ocr: str
    emision: str
    vigencia: str
    anio_registro: str
    modelo: Modelo

    @property
    def anio_emision(self) -> str:
        """A card is valid ten years from its issue."""
        return str(int(self.vigencia) - 10)

    @property
    def filiacion(self) -> Filiacion:
        """What the identifiers were computed from; the entidad of birth is in the clave de elector."""
        return Filiacion(
            self.nombre,
            self.apellido_paterno,
            self.apellido_materno,
            self.fecha_nacimiento,
            self.sexo,
            self.clave_elector[12:14],
        )

    @property
    def semilla(self) -> int:
        """The seed of this person's face, signature, fingerprint and card."""
        digest = hashlib.sha256(f"{self.clave_elector}{self.cic}".encode()).digest()
        return int.from_bytes(digest[:8], "big")


@dataclass(frozen=True, slots=True)
class SituacionRegistral:
    """What the padrón says of a person; `motivo_baja` is empty unless the situación is BAJA."""

    situacion: Situacion
    motivo_baja: str


def generate_padron(seed: int, size: int, entidad: str, *, corte: date = CORTE) -> Iterator[Persona]:
    """The whole padrón, one person at a time, in constant memory."""
    for index in range(size):
        yield persona_at(seed, size, entidad, index, corte=corte)


def persona_at(seed: int, size: int, entidad: str, index: int, *, corte: date = CORTE) -> Persona:
    """The person at that place of that padrón: the same that `generate_padron` yields there."""
    if entidad not in ENTIDADES:
        raise ValueError(f"no such entidad: {entidad!r}")
    if not 0 <= index < size <= MAX_PADRON:
        raise ValueError(f"a padrón has 1 to {MAX_PADRON} people, and an index within it")
    # Masked, because Random(-1) and Random(1) are the same generator.
    rng = random.Random(((seed & 0xFFFFFFFFFFFFFFFF) << 48) | (int(entidad) << 40) | index)
    born, sexo, homoclave = _birth(seed, size, index, corte)
    nombre = _pick(rng, NOMBRES_MUJER if sexo == "M" else NOMBRES_HOMBRE)
    paterno, materno = _pick(rng, APELLIDOS), _pick(rng, APELLIDOS)
    if rng.random() < 0.008:
        materno = ""
    nacio_en = entidad if rng.random() < 0.86 else f"{rng.randrange(1, 33):02d}"
    lugar = random_lugar(rng, entidad)
    filiacion = Filiacion(nombre, paterno, materno, born, sexo, nacio_en)
    # One numbering for the 32 entidades: padrones of the same seed can be joined without a CIC or OCR twice.
    number = int(entidad) * MAX_PADRON + index
    cic = _nine_digits(number, seed, _CIC_MULTIPLIER)
    identificador = _nine_digits(number, seed, _IDENTIFICADOR_MULTIPLIER)
    of_age = born.year + 18
    issued, modelo = _issue(rng, of_age, corte.year)
    registered = max(1991, of_age, issued - int(rng.random() * 25))
    return Persona(
        nombre=nombre,
        apellido_paterno=paterno,
        apellido_materno=materno,
        fecha_nacimiento=born,
        sexo=sexo,
        entidad=entidad,
        municipio=lugar.municipio,
        seccion=lugar.seccion,
        domicilio=lugar.domicilio,
        clave_elector=clave_elector(filiacion, homoclave),
        curp=curp(filiacion, homoclave % (10 if born.year < 2000 else 26)),
        cic=cic,
        identificador_ciudadano=identificador,
        ocr=ocr_number(lugar.seccion, identificador),
        emision=_emision(rng),
        vigencia=str(issued + 10),
        anio_registro=str(min(registered, issued)),
        modelo=modelo,
    )


def with_modelo(persona: Persona, modelo: Modelo) -> Persona:
    """The same person holding a card of that model, with years that fit it."""
    year = max(_MODEL_YEARS[modelo], persona.fecha_nacimiento.year + 18)
    registered = min(int(persona.anio_registro), year)
    return replace(persona, modelo=modelo, vigencia=str(year + 10), anio_registro=str(registered))


def situacion_of(persona: Persona) -> SituacionRegistral:
    """The person's situación registral: 94 % lista nominal, 3 % only in the padrón, 3 % given de baja."""
    draw = persona.semilla % 1000
    if draw < 940:
        return SituacionRegistral("LISTA_NOMINAL", "")
    if draw < 970:
        return SituacionRegistral("PADRON", "")
    return SituacionRegistral("BAJA", MOTIVOS_BAJA[persona.semilla // 1000 % len(MOTIVOS_BAJA)])


def write_padron_csv(target: Path | TextIO, personas: Iterable[Persona]) -> int:
    """Write the padrón as UTF-8 CSV, dates as ISO 8601; returns how many people were written."""
    if isinstance(target, Path):
        with target.open("w", encoding="utf-8", newline="") as file:
            return write_padron_csv(file, personas)
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(PADRON_CSV_HEADER)
    written = 0
    for p in personas:
        registral = situacion_of(p)
        writer.writerow(
            (
                p.clave_elector,
                p.curp,
                p.cic,
                p.ocr,
                p.nombre,
                p.apellido_paterno,
                p.apellido_materno,
                p.fecha_nacimiento.isoformat(),
                p.sexo,
                p.entidad,
                p.municipio,
                p.seccion,
                registral.situacion,
                registral.motivo_baja,
            )
        )
        written += 1
    return written


def _birth(seed: int, size: int, index: int, corte: date) -> tuple[date, Sexo, int]:
    """Birthday, sex and homoclave. The triple is unique: those of one day are numbered, sex by the last
    bit."""
    ends = _people_by_day(size)
    place = (index * _coprime_step(size) + seed) % size
    day = bisect(ends, place)
    order = place - (ends[day - 1] if day else 0)
    mixed = ((day + 1) * 2654435761 + seed * 40503) & 0xFFFFFFFF
    bit = (order + (mixed >> 13)) & 1
    # 101 has no factor in common with 1000: every homoclave of the day comes once before any comes twice.
    homoclave = (order // 2 * 101 + (mixed >> 17)) % 1000
    return corte - timedelta(days=_youngest_days() + day), ("M", "H")[bit], homoclave


def _youngest_days() -> int:
    # Eighteen years with their leap days, and one more, so that nobody comes of age on the very day.
    return 18 * 365 + 6


@lru_cache(maxsize=8)
def _people_by_day(size: int) -> tuple[int, ...]:
    """How many people are born up to each day, counted back from the youngest; ends at `size`."""
    weights: list[int] = []
    for (first, share), (end, _) in pairwise(_AGES):
        days = round((end - first) * 365.25)
        weights += [round(share * 1_000_000 / days)] * days
    total = sum(weights)
    # Rounded, not cut off: the only person of a padrón of one is of middle age, not the eldest.
    return tuple((size * w + total // 2) // total for w in accumulate(weights))


@lru_cache(maxsize=8)
def _coprime_step(size: int) -> int:
    """A step that visits every place once, so long that consecutive people differ in age."""
    step = max(1, int(size * 0.6180339887))
    while math.gcd(step, size) != 1:
        step += 1
    return step


def _nine_digits(number: int, seed: int, multiplier: int) -> str:
    """A one to one scrambling of nine digits: a multiplier without the factors 2 and 5 has an inverse."""
    return f"{(number * multiplier + (seed + 31) * 69_621) % _NINE_DIGITS:09d}"


def _pick(rng: random.Random, names: Sequence[str]) -> str:
    # The square makes the first names of a list common and the last ones rare, as names are.
    return names[int(len(names) * rng.random() ** 2)]


def _emision(rng: random.Random) -> str:
    draw = rng.random()
    return "00" if draw < 0.45 else "01" if draw < 0.75 else "02" if draw < 0.92 else "03"


def _issue(rng: random.Random, of_age: int, last_year: int) -> tuple[int, Modelo]:
    """Year of issue, from coming of age to the cut of the padrón, and a model issued in it."""
    rows, weights = _issue_rows(of_age, last_year)
    year, _, models = rows[bisect(weights, rng.random() * weights[-1])]
    return max(year, of_age), models[rng.random() < 0.2]


@lru_cache(maxsize=256)
def _issue_rows(of_age: int, last_year: int) -> tuple[tuple[_IssueRow, ...], tuple[int, ...]]:
    rows = tuple(row for row in _ISSUED if of_age <= row[0] < max(last_year, of_age + 1)) or (_ISSUED[-1],)
    return rows, tuple(accumulate(row[1] for row in rows))
