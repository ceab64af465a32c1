"""The criteria of review as data that the OPL can edit, by versions (row G4, P13.4).

A version is the whole list, of apoyos by phone and of paper, in force from the moment it is published; each dictamen
says on which it was given. Version 0 is the protocol's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server import bitacora
from server.bitacora import Evento
from server.domain.apoyo import Via
from server.domain.inconsistencias import Inconsistencia
from server.errors import DatoInvalido
from server.store import criterios
from server.store.connection import Connection
from server.store.writer import Tx

MAXIMO = 40
"""Incisos of a version."""
TEXTO, DETALLE, CATEGORIA, NOTA = 600, 300, 80, 500
_FORMAS = {Via.APP: re.compile(r"[a-z]"), Via.PAPEL: re.compile(r"p[a-z]")}


@dataclass(frozen=True, slots=True)
class Criterios:
    """The incisos that hold for one way of coming."""

    version: int
    incisos: tuple[Inconsistencia, ...]

    def de(self, inciso: str) -> Inconsistencia | None:
        """The one of this letter."""
        return next((one for one in self.incisos if one.inciso == inciso), None)


@dataclass(frozen=True, slots=True)
class Diferencia:
    """What a version changed of one inciso. `antes` or `despues` is None where it was added or withdrawn."""

    inciso: str
    antes: Inconsistencia | None
    despues: Inconsistencia | None


def vigentes(conn: Connection, via: Via) -> Criterios:
    """What holds now for apoyos of this way."""
    version = criterios.newest(conn)
    return Criterios(version, tuple(one for one in criterios.of_version(conn, version) or () if one.via is via))


def diferencias(antes: Sequence[Inconsistencia], despues: Sequence[Inconsistencia]) -> tuple[Diferencia, ...]:
    """What differs between two versions, in the order of the newer one, what was withdrawn last."""
    old, new = ({one.inciso: one for one in version} for version in (antes, despues))
    return tuple(
        Diferencia(inciso, old.get(inciso), new.get(inciso))
        for inciso in [*new, *(inciso for inciso in old if inciso not in new)]
        if old.get(inciso) != new.get(inciso)
    )


def revisar(incisos: Sequence[Inconsistencia]) -> dict[tuple[str, str], DatoInvalido]:
    """What is wrong with a list, by (inciso, field); empty when it can be published."""
    wrong: dict[tuple[str, str], DatoInvalido] = {}
    seen: set[str] = set()
    for one in incisos:
        if not _FORMAS[one.via].fullmatch(one.inciso):
            said = "una letra, como «o»" if one.via is Via.APP else "una p y otra letra, como «pf»"
            wrong.setdefault((one.inciso, "inciso"), DatoInvalido("inciso_forma", f"El inciso debe ser {said}."))
        if one.inciso in seen:
            wrong.setdefault(
                (one.inciso, "inciso"),
                DatoInvalido("inciso_repetido", f"El inciso {one.inciso}) está más de una vez. Elija otra letra."),
            )
        seen.add(one.inciso)
        for field, value, top in (
            ("categoria", str(one.tipo), CATEGORIA), ("texto", one.texto, TEXTO), ("detalle", one.detalle, DETALLE),
        ):  # fmt: skip
            if not value:
                wrong.setdefault(
                    (one.inciso, field), DatoInvalido("falta_dato", f"Falta un texto en el inciso {one.inciso}).")
                )
            elif len(value) > top:
                wrong.setdefault((one.inciso, field), DatoInvalido("texto_largo", f"Escriba {top} caracteres o menos."))
    if len(incisos) > MAXIMO:
        wrong["", ""] = DatoInvalido("incisos_de_mas", f"Una versión tiene {MAXIMO} incisos cuando más.")
    for via in Via:
        if not any(one.via is via for one in incisos):
            wrong["", ""] = DatoInvalido(
                "sin_incisos", "Debe quedar al menos un inciso de la aplicación y uno de papel."
            )
    return wrong


def publicar(tx: Tx, incisos: Sequence[Inconsistencia], nota: str, cuenta: int, *, base: int) -> int:
    """A new version, in force at once; its number. `base`: the version that was edited.

    Raises DatoInvalido: of `revisar`, falta_nota, criterios_cambiados (somebody published meanwhile), sin_cambios.
    """
    now = criterios.newest(tx.conn)
    if now != base:
        raise DatoInvalido("criterios_cambiados", "Otra persona publicó una versión mientras usted editaba. Revísela.")
    # A page gives a field of several lines with the line ends of its browser: they are none of a criterion's.
    clean = tuple(_clean(one) for one in incisos)
    for error in revisar(clean).values():
        raise error
    if not nota.strip():
        raise DatoInvalido(
            "falta_nota", "Escriba por qué cambian los criterios; por ejemplo, el acuerdo que los aprobó."
        )
    if len(nota) > NOTA:
        raise DatoInvalido("texto_largo", f"Escriba {NOTA} caracteres o menos.")
    before = criterios.of_version(tx.conn, now) or ()
    if clean == before:
        raise DatoInvalido("sin_cambios", "Los criterios quedaron igual que antes: no hay nada que publicar.")
    version = criterios.publish(tx.conn, clean, nota.strip(), cuenta, tx.now_ms)
    changed = [one.inciso for one in diferencias(before, clean)]
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CRITERIOS_PUBLICADOS, actor=f"cuenta:{cuenta}", objeto=f"criterios:{version}",
        anterior=now, incisos=changed,
    )  # fmt: skip
    return version


def _clean(one: Inconsistencia) -> Inconsistencia:
    tipo, texto, detalle = (" ".join(value.split()) for value in (str(one.tipo), one.texto, one.detalle))
    return replace(one, inciso=one.inciso.strip().lower(), tipo=tipo, texto=texto, detalle=detalle)
