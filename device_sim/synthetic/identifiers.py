"""The identifiers of a Credencial para Votar, computed from a person's filiación (rows F1, F2, G2 n): clave
de elector, CURP, OCR, MRZ and the public QR url.

Only pure functions of their arguments; no randomness and no drawing. What tells two people of the same
filiación apart (the homoclave) is an argument, because only whoever numbers a whole padrón knows it.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal

Sexo = Literal["H", "M"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# CURP letters of the entidad of birth, in the order of the INE's codes (01 Aguascalientes … 32 Zacatecas).
ENTIDADES_CURP: Final = _words(
    "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS"
)

_CURP_VALUES: Final = {c: value for value, c in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}
_CURP_SHAPE: Final = re.compile(
    r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HM](?:" + "|".join((*ENTIDADES_CURP, "NE")) + r")[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z]\d"
)
_CLAVE_SHAPE: Final = re.compile(r"[A-Z]{6}\d{6}\d{2}[HM]\d{3}")

# Words that do not count when the first word of a name is sought (Instructivo Normativo de la CURP, criteria
# of exception), and given names that give way to the next one.
_PARTICLES: Final = frozenset(_words("DA DAS DE DEL DER DI DIE DD EL LA LAS LE LES LOS MAC MC VAN VON Y"))
_YIELDING_NAMES: Final = frozenset(_words("MARIA MA MA. M M. JOSE J J."))

# Annex 2 of the same Instructivo: first four letters that must not be printed on anyone's document.
_INCONVENIENT: Final = frozenset(
    _words(
        """BACA BAKA BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COGI COJA COJE COJI COJO COLA CULO FALO
        FETO GETA GUEI GUEY JETA JOTO KACA KACO KAGA KAGO KAKA KAKO KOGE KOGI KOJA KOJE KOJI KOJO KOLA KULO
        LILO LOCA LOCO LOKA LOKO MAME MAMO MEAR MEAS MEON MIAR MION MOCO MOKO MULA MULO NACA NACO PEDA PEDO
        PENE PIPI PITO POPO PUTA PUTO QULO RATA ROBA ROBE ROBO RUIN SENO TETA VACA VAGA VAGO VAKA VUEI VUEY
        WUEI WUEY"""
    )
)

_MRZ_WEIGHTS: Final = (7, 3, 1)
_MRZ_LINE: Final = 30


@dataclass(frozen=True, slots=True)
class Filiacion:
    """What CURP and clave de elector are computed from. `entidad_nacimiento` is a code, 01 to 32."""

    nombre: str
    apellido_paterno: str
    apellido_materno: str
    fecha_nacimiento: date
    sexo: Sexo
    entidad_nacimiento: str


@dataclass(frozen=True, slots=True)
class NameLetters:
    """The letters that one name gives to an identifier."""

    initial: str
    vowel: str
    consonant: str


def fold(text: str) -> str:
    """Upper case without accents or diaeresis; the Ñ stays, because the rules below treat it apart."""
    kept = text.upper().replace("Ñ", "\0")
    bare = "".join(c for c in unicodedata.normalize("NFD", kept) if not unicodedata.combining(c))
    return bare.replace("\0", "Ñ")


@lru_cache(maxsize=4096)
def surname_letters(surname: str) -> NameLetters:
    """Letters of a surname (Instructivo Normativo de la CURP): particles are skipped, none is X."""
    return _letters(_first_word(fold(surname).split()))


@lru_cache(maxsize=16384)
def given_name_letters(nombre: str) -> NameLetters:
    """Letters of the given name (same source): MARÍA and JOSÉ yield to the name that follows, if any."""
    words = fold(nombre).split()
    if len(words) > 1 and words[0] in _YIELDING_NAMES and any(w not in _PARTICLES for w in words[1:]):
        words = words[1:]
    return _letters(_first_word(words))


def clave_elector(filiacion: Filiacion, homoclave: int) -> str:
    """Clave de elector, 18 characters: initial and inner consonant of each name, date, entidad, sex, 3
    digits.

    Source: structure of the clave de elector of the Registro Federal de Electores. `homoclave` is 0 to 999.
    """
    if not 0 <= homoclave <= 999:
        raise ValueError("homoclave of a clave de elector is 0 to 999")
    names = _three(filiacion)
    letters = "".join(n.initial + n.consonant for n in names)
    born = _yymmdd(filiacion.fecha_nacimiento)
    return f"{letters}{born}{filiacion.entidad_nacimiento}{filiacion.sexo}{homoclave:03d}"


def is_clave_elector(text: str) -> bool:
    """Whether the shape, the date and the entidad hold. A clave de elector has no check digit."""
    return bool(_CLAVE_SHAPE.fullmatch(text)) and _is_date(text[6:12]) and 1 <= int(text[12:14]) <= 32


def curp(filiacion: Filiacion, homoclave: int) -> str:
    """CURP, 18 characters. Source: Instructivo Normativo para la asignación de la CURP (DOF 18/10/2021).

    `homoclave` is 0 to 9 for those born before 2000, 0 to 25 (printed A to Z) after.
    """
    paterno, materno, nombre = _three(filiacion)
    head = paterno.initial + paterno.vowel + materno.initial + nombre.initial
    if head in _INCONVENIENT:
        head = head[0] + "X" + head[2:]
    born = filiacion.fecha_nacimiento
    entidad = ENTIDADES_CURP[int(filiacion.entidad_nacimiento) - 1]
    consonants = paterno.consonant + materno.consonant + nombre.consonant
    body = f"{head}{_yymmdd(born)}{filiacion.sexo}{entidad}{consonants}{_homoclave_letter(born.year, homoclave)}"
    return body + curp_check_digit(body)


def curp_check_digit(body: str) -> str:
    """Check digit of the first 17 characters: Σ value·(18-i), then (10 - Σ mod 10) mod 10. Same source."""
    total = sum([_CURP_VALUES[c] * (18 - i) for i, c in enumerate(body[:17])])
    return str((10 - total % 10) % 10)


def is_curp(text: str) -> bool:
    """Whether shape, date and check digit hold."""
    return bool(_CURP_SHAPE.fullmatch(text)) and _is_date(text[4:10]) and curp_check_digit(text[:17]) == text[17]


def ocr_number(seccion: str, identificador: str) -> str:
    """The number printed for optical reading: sección (4) and identificador del ciudadano (9)."""
    if not re.fullmatch(r"\d{4}", seccion) or not re.fullmatch(r"\d{9}", identificador):
        raise ValueError("an OCR is a sección of four digits and an identificador of nine")
    return seccion + identificador


def mrz_check_digit(field: str) -> str:
    """ICAO 9303 part 3, section 4.9: weights 7-3-1, digits by value, A to Z as 10 to 35, the filler as 0."""
    return str(sum(_mrz_value(c) * _MRZ_WEIGHTS[i % 3] for i, c in enumerate(field)) % 10)


def mrz_td1(filiacion: Filiacion, *, cic: str, ocr: str, emision: str, vigencia: str) -> tuple[str, str, str]:
    """The machine readable zone: ICAO 9303 part 5 (TD1, three lines of thirty), filled as the INE does.

    First line `IDMEX`, CIC and its check digit, `<<`, OCR. Sex is printed H or M as the INE does, where ICAO
    says M or F: a reader must not take the M of a mujer for a male.
    """
    upper = f"IDMEX{cic}{mrz_check_digit(cic)}<<{ocr}"
    birth = _yymmdd(filiacion.fecha_nacimiento)
    expiry = f"{vigencia[-2:]}1231"
    middle = (
        f"{birth}{mrz_check_digit(birth)}{filiacion.sexo}{expiry}{mrz_check_digit(expiry)}MEX<{emision}<<{ocr[-5:]}<"
    )
    middle += mrz_check_digit(_composite(upper, middle))
    surnames = "<".join(_mrz_words((filiacion.apellido_paterno, filiacion.apellido_materno)))
    names = "<".join(_mrz_words((filiacion.nombre,)))
    lower = f"{surnames}<<{names}"[:_MRZ_LINE].ljust(_MRZ_LINE, "<")
    return upper, middle, lower


def mrz_verifies(lines: tuple[str, str, str]) -> bool:
    """Whether the four check digits of a TD1 zone hold (document number, birth, expiry, composite)."""
    upper, middle, _ = lines
    if any(len(line) != _MRZ_LINE for line in lines):
        return False
    return (
        mrz_check_digit(upper[5:14]) == upper[14]
        and mrz_check_digit(middle[0:6]) == middle[6]
        and mrz_check_digit(middle[8:14]) == middle[14]
        and mrz_check_digit(_composite(upper, middle)) == middle[29]
    )


def public_qr_url(*, ocr: str, emision: str, cic: str, fecha: date, letra: str, serie: str) -> str:
    """What the public QR of the cards since 2019 says: OCR, emisión and CIC run together, then a date, a
    letter and six digits whose meaning is not published.
    """
    tail = ocr + emision + cic
    if not re.fullmatch(r"\d{24}", tail) or not re.fullmatch(r"[A-Z]", letra) or not re.fullmatch(r"\d{6}", serie):
        raise ValueError("a public QR carries OCR 13, emisión 2, CIC 9, a date, a letter and six digits")
    return f"http://qr.ine.mx/{tail}/{fecha:%Y%m%d}/{letra}/{serie}"


def _three(filiacion: Filiacion) -> tuple[NameLetters, NameLetters, NameLetters]:
    return (
        surname_letters(filiacion.apellido_paterno),
        surname_letters(filiacion.apellido_materno),
        given_name_letters(filiacion.nombre),
    )


def _first_word(words: list[str]) -> str:
    """The first word that is not a particle; if all are, the first of them; nothing if there is none."""
    return next((w for w in words if w not in _PARTICLES), words[0] if words else "")


def _letters(word: str) -> NameLetters:
    if not word:
        return NameLetters("X", "X", "X")
    inner = word[1:]
    # A sign that is no letter (an apostrophe) stands for the vowel as X; a Ñ is X wherever it falls.
    vowel = next((c for c in inner if c in "AEIOU" or not c.isalpha()), "X")
    consonant = next((c for c in inner if c.isalpha() and c not in "AEIOU"), "X")
    return NameLetters(_latin(word[0]), _latin(vowel), _latin(consonant))


def _latin(symbol: str) -> str:
    return symbol if "A" <= symbol <= "Z" else "X"


def _homoclave_letter(birth_year: int, homoclave: int) -> str:
    # Position 17 says the century: a digit for those born up to 1999, a letter from 2000.
    if not 0 <= homoclave < (10 if birth_year < 2000 else 26):
        raise ValueError("homoclave of a CURP is 0 to 9, or 0 to 25 for those born from 2000")
    symbols = "0123456789" if birth_year < 2000 else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return symbols[homoclave]


def _yymmdd(day: date) -> str:
    # Four times as fast as strftime, and a padrón asks for it twice a person.
    return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"


def _is_date(yymmdd: str) -> bool:
    # Two digits of a year: a 29th of February is accepted if either century has it.
    for century in ("19", "20"):
        try:
            date.fromisoformat(f"{century}{yymmdd[:2]}-{yymmdd[2:4]}-{yymmdd[4:]}")
        except ValueError:
            continue
        return True
    return False


def _mrz_value(symbol: str) -> int:
    if symbol == "<":
        return 0
    return int(symbol, 36)


def _mrz_words(names: Iterable[str]) -> list[str]:
    # ICAO 9303 part 3 lets a Ñ be written N; a hyphen or an apostrophe is a filler or nothing.
    text = " ".join(names).replace("-", " ").replace("'", "")
    return re.findall(r"[A-Z]+", fold(text).replace("Ñ", "N"))


def _composite(upper: str, middle: str) -> str:
    """What the composite check digit covers in TD1 (part 5, section 4.2.4)."""
    return upper[5:30] + middle[0:7] + middle[8:15] + middle[18:29]
