"""The second copy against the diario: what it lacks, what differs, and whose fault that is (row X1).

Three depths. `inspect`, at each connection: every number and size, and the manifest of a few lotes. `Slow`, in the
background, a piece at a time: every byte, over days. `deep_compare`, when someone asks: every byte, now.
A lote that differs is judged: an intact one of another chain is another box's; anything else is damage, here or there.
"""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from server.diario import lote as lotes
from server.diario.lote import file_name
from server.diario.places.folder import sizes
from server.diario.places.place import Motivo, Moved, PlaceError, SecondPlace, reason
from server.errors import DiarioError

PIECE = 256 * 1024
SAMPLE = 4
"""Lotes whose manifest is looked at when a place is reached: the first, and the newest few."""


class Clase(StrEnum):
    """What can be wrong with one lote."""

    FALTA = "falta"
    DANADA = "danada"
    AJENA = "ajena"
    DE_MAS = "de_mas"
    DIARIO_DANADO = "diario_danado"
    VACIA = "vacia"

    @property
    def texto(self) -> str:
        """One Spanish sentence for the administrator."""
        return {
            Clase.FALTA: "falta en la segunda copia",
            Clase.DANADA: "está dañado en la segunda copia",
            Clase.AJENA: "es de otro servidor en la segunda copia",
            Clase.DE_MAS: "está en la segunda copia y no en el diario",
            Clase.DIARIO_DANADO: "está dañado o falta en el diario, y la segunda copia lo tiene",
            Clase.VACIA: "la segunda copia está vacía y no lo estaba",
        }[self]


@dataclass(frozen=True, slots=True, order=True)
class Hallazgo:
    """One lote that is not as it should be; number 0 speaks of the whole place."""

    numero: int
    clase: Clase


@dataclass(slots=True)
class Inspeccion:
    """What a place lacks. `faltan`: ascending, to be copied. `apartar`: damaged there, to be set aside before that."""

    hasta: int
    faltan: list[int] = field(default_factory=list)
    apartar: list[int] = field(default_factory=list)
    hallazgos: list[Hallazgo] = field(default_factory=list)


def inspect(
    place: SecondPlace, diario: Path, hasta: int, moved: Moved, *, also: Collection[int] = (), had: int = 0
) -> Inspeccion:
    """Compare numbers, sizes and some manifests of the lotes up to `hasta`; each of `also` in full.

    `had`: up to which the place held all when it was last seen. Raises PlaceError: AJENA or ADELANTADA when the place
    is not this box's, DIARIO when neither has a lote.
    """
    theirs = place.listing(moved)
    mine = sizes(diario, moved)
    found = Inspeccion(hasta)
    if had and not theirs:
        found.hallazgos.append(Hallazgo(0, Clase.VACIA))
    beyond = max(theirs, default=0)
    if beyond > hasta:
        # A diario that is empty, or that goes on otherwise, is the sign of another box rather than of a loss.
        if hasta and 1 in theirs and 1 in mine and not same_manifest(place, diario, 1):
            _judged(found, place, diario, 1, moved)
        raise PlaceError(Motivo.ADELANTADA, f"el más nuevo es el {beyond}, y el del diario el {hasta}")
    present = sorted(numero for numero in theirs if numero > 0)
    sample = {1, *present[-SAMPLE:]}
    for numero in range(1, hasta + 1):
        if numero not in theirs:
            if numero not in mine:
                raise PlaceError(Motivo.DIARIO, f"falta el lote {numero}")
            found.faltan.append(numero)
            if numero <= had and theirs:
                found.hallazgos.append(Hallazgo(numero, Clase.FALTA))
        elif numero not in mine:
            found.hallazgos.append(Hallazgo(numero, Clase.DIARIO_DANADO))
        elif (
            theirs[numero] != mine[numero]
            or numero in also
            or (numero in sample and not same_manifest(place, diario, numero))
        ):
            _judged(found, place, diario, numero, moved)
    return found


def _judged(found: Inspeccion, place: SecondPlace, diario: Path, numero: int, moved: Moved) -> None:
    clase = judge(place, diario, numero, moved)
    if clase is None:
        return
    if clase is Clase.AJENA:
        raise PlaceError(Motivo.AJENA, f"el lote {numero} es de otra cadena")
    found.hallazgos.append(Hallazgo(numero, clase))
    if clase is Clase.DANADA:
        found.faltan.append(numero)
        found.apartar.append(numero)
    elif clase is Clase.FALTA:
        found.faltan.append(numero)


def same_manifest(place: SecondPlace, diario: Path, numero: int) -> bool:
    """Whether both copies end alike, from the manifest on: it names every byte of the lote and the lote before it."""
    path = diario / file_name(numero)
    try:
        with tarfile.open(path, "r:") as tar:
            start = tar.getmembers()[-1].offset
        with path.open("rb") as file:
            file.seek(start)
            mine = file.read()
        return place.read(numero, start, len(mine) + 1) == mine
    except (tarfile.TarError, IndexError):
        return False
    except OSError as error:
        if reason(error) is Motivo.NO_ESTA:  # it was listed, and yet it is not there
            return False
        raise


def judge(place: SecondPlace, diario: Path, numero: int, moved: Moved) -> Clase | None:
    """Read both copies of one lote in full; None when they are the same. Raises OSError of the place."""
    local = diario / file_name(numero)
    try:
        theirs = b"".join(_read(place, numero, moved))
    except OSError as error:
        if reason(error) is Motivo.NO_ESTA:
            return Clase.FALTA
        raise
    try:
        mine = local.read_bytes()
        lotes.verify(local)
        sound = True
    except (OSError, DiarioError):
        mine, sound = b"", False
    if sound and mine == theirs:
        return None
    with tempfile.TemporaryDirectory(prefix="acopio-") as folder:
        copy = Path(folder) / file_name(numero)
        copy.write_bytes(theirs)
        try:
            lotes.verify(copy)
        except DiarioError:
            if not sound:
                raise PlaceError(Motivo.DIARIO, f"el lote {numero} está dañado en ambos lugares") from None
            return Clase.DANADA
    return Clase.AJENA if sound else Clase.DIARIO_DANADO


def _read(place: SecondPlace, numero: int, moved: Moved) -> Iterator[bytes]:
    posicion = 0
    while piece := place.read(numero, posicion, PIECE):
        moved()
        yield piece
        posicion += len(piece)


def _differs(place: SecondPlace, diario: Path, numero: int) -> Iterator[bool | None]:
    """None for each piece that was read, then whether both contents differ (or one is not there)."""
    try:
        digest = hashlib.sha256()
        with (diario / file_name(numero)).open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                yield None
    except OSError:
        yield True
        return
    try:
        kept = place.checksum(numero)
        if kept is None:
            theirs = hashlib.sha256()
            for piece in _read(place, numero, lambda: None):
                theirs.update(piece)
                yield None
            kept = theirs.digest()
        yield kept != digest.digest()
    except OSError as error:
        if reason(error) is not Motivo.NO_ESTA:
            raise
        yield True


class Slow:
    """Goes through every lote again and again, a piece at each `step`, so that nobody waits for it."""

    def __init__(self, place: SecondPlace, diario: Path) -> None:
        self._place = place
        self._diario = diario
        self._numero = 0
        self._reading: Iterator[bool | None] = iter(())
        self.vueltas = 0
        """Rounds that are complete."""

    def step(self, hasta: int) -> int | None:
        """One piece more. Returns the number of a lote that differs, once it is found. Raises OSError."""
        outcome = next(self._reading, False)
        if outcome is None:
            return None
        suspect = self._numero if outcome else None
        if self._numero >= hasta:
            self._numero = 0
            self.vueltas += 1
        if hasta:
            self._numero += 1
            self._reading = _differs(self._place, self._diario, self._numero)
        return suspect


def deep_compare(
    place: SecondPlace, diario: Path, *, progress: Callable[[int, int], None] = lambda numero, total: None
) -> Iterator[Hallazgo]:
    """Connect, compare every byte of every lote, and yield what is wrong, ascending. Writes nothing but a probe.

    Safe beside a running server: what lacks at the end is looked for once more, since it may have been on its way.
    Raises OSError (best `PlaceError`, whose `motivo.texto` is a sentence) when the place cannot be read.
    `progress`: number of the lote that is next, and the newest.
    """
    place.connect()
    mine = sizes(diario)
    theirs = place.listing(lambda: None)
    last, newest = max(theirs, default=0), max(mine, default=0)
    for numero in sorted(mine.keys() | theirs.keys()):
        progress(numero, newest)
        if numero not in theirs:
            if numero < last:
                yield Hallazgo(numero, Clase.FALTA)
        elif numero not in mine:
            if not (diario / file_name(numero)).exists():
                yield Hallazgo(numero, Clase.DE_MAS if numero > newest else Clase.DIARIO_DANADO)
        elif any(_differs(place, diario, numero)) and (clase := judge(place, diario, numero, lambda: None)):
            yield Hallazgo(numero, clase)
    late = sorted(numero for numero in mine if numero > last)
    if late:
        by_now = place.listing(lambda: None)
        yield from (Hallazgo(numero, Clase.FALTA) for numero in late if numero not in by_now)
