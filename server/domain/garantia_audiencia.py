"""The garantía de audiencia without IO: its stages, hours between two, the spread of registros, the pace (B8, P14).

Days are of hora del centro (server.domain.dias); instants are ms of Unix time, lengths of a hearing are minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.domain.dias import dia_de

MINUTO = 60_000
INTERVALO_MS = 60 * MINUTO
"""What P14.4 recommends between one hearing and the next of the same day."""
ANTES_MS = 30 * MINUTO
"""How long before its hour a hearing may begin: whoever comes on time must find that it was not begun without them."""


class Estado(StrEnum):
    """The stage of a hearing."""

    SOLICITADA = "solicitada"
    PROGRAMADA = "programada"
    EN_DESAHOGO = "en_desahogo"
    CONCLUIDA = "concluida"
    DESISTIDA = "desistida"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _ESTADOS[self]

    @property
    def abierta(self) -> bool:
        """Its registros cannot be in another one."""
        return self not in (Estado.CONCLUIDA, Estado.DESISTIDA)


_ESTADOS = {
    Estado.SOLICITADA: "Solicitada",
    Estado.PROGRAMADA: "Programada",
    Estado.EN_DESAHOGO: "En desahogo",
    Estado.CONCLUIDA: "Concluida",
    Estado.DESISTIDA: "Desistida",
}


class Acto(StrEnum):
    """What is done to a hearing."""

    MODIFICAR = "modificar"
    """The aspirante adds registros or arguments, or withdraws some."""
    DESISTIR = "desistir"
    PROGRAMAR = "programar"
    """Also: another date."""
    REVISORES = "revisores"
    INICIAR = "iniciar"
    REVISAR = "revisar"
    CONTINUAR = "continuar"
    """It goes on another day."""
    CONCLUIR = "concluir"


TRANSICIONES: dict[tuple[Estado, Acto], Estado] = {
    (Estado.SOLICITADA, Acto.MODIFICAR): Estado.SOLICITADA,
    (Estado.SOLICITADA, Acto.DESISTIR): Estado.DESISTIDA,
    (Estado.SOLICITADA, Acto.PROGRAMAR): Estado.PROGRAMADA,
    (Estado.PROGRAMADA, Acto.PROGRAMAR): Estado.PROGRAMADA,
    (Estado.PROGRAMADA, Acto.REVISORES): Estado.PROGRAMADA,
    (Estado.PROGRAMADA, Acto.DESISTIR): Estado.DESISTIDA,
    (Estado.PROGRAMADA, Acto.INICIAR): Estado.EN_DESAHOGO,
    (Estado.EN_DESAHOGO, Acto.REVISORES): Estado.EN_DESAHOGO,
    (Estado.EN_DESAHOGO, Acto.REVISAR): Estado.EN_DESAHOGO,
    (Estado.EN_DESAHOGO, Acto.CONTINUAR): Estado.PROGRAMADA,
    (Estado.EN_DESAHOGO, Acto.CONCLUIR): Estado.CONCLUIDA,
}
"""All that may happen: what is not here is refused. A hearing that was begun cannot be withdrawn as a whole any more,
because what was decided in it stands; single registros can (`SinRevisar.DESISTIDO`)."""


def despues(estado: Estado, acto: Acto) -> Estado | None:
    """The stage after it; None: it cannot be done in this one."""
    return TRANSICIONES.get((estado, acto))


class SinRevisar(StrEnum):
    """Why a contested registro was not looked at again: it stays as it was, and may be contested anew."""

    NO = ""
    DESISTIDO = "desistido"
    NO_ABRE = "no_abre"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _SIN_REVISAR[self]


_SIN_REVISAR = {
    SinRevisar.NO: "",
    SinRevisar.DESISTIDO: "No se revisó: en la audiencia se desistió de este registro.",
    SinRevisar.NO_ABRE: "No se revisó: su expediente no se pudo abrir.",
}


# -- hours ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cita:
    """When a hearing is held. `id`: the hearing's; 0 for one that is being scheduled. `revisores`: ids of accounts."""

    id: int
    inicia_ms: int
    minutos: int
    revisores: tuple[int, ...] = ()

    @property
    def termina_ms(self) -> int:
        """When it should be over."""
        return self.inicia_ms + self.minutos * MINUTO

    @property
    def dias(self) -> range:
        """The days on which it is held, hora del centro."""
        return range(dia_de(self.inicia_ms), dia_de(self.termina_ms - 1) + 1)


@dataclass(frozen=True, slots=True)
class Conflicto:
    """Another hearing too near. `entre_ms`: between one and the other, negative while both are held at once.

    `comparten`: somebody was named for both.
    """

    otra: Cita
    entre_ms: int
    comparten: bool

    @property
    def codigo(self) -> str:
        """What was shown, so that accepting it accepts this and nothing else."""
        return f"{self.otra.id}-{self.otra.inicia_ms // MINUTO}-{self.otra.minutos}-{'r' if self.comparten else 'n'}"


def conflictos(nueva: Cita, otras: Iterable[Cita]) -> tuple[Conflicto, ...]:
    """Those less than an hour away on a day of both, in their order. P14.4 recommends it of one day; two that are held
    at once are always told."""
    found = []
    for otra in sorted(otras, key=lambda one: (one.inicia_ms, one.id)):
        if otra.id == nueva.id:
            continue
        between = max(otra.inicia_ms - nueva.termina_ms, nueva.inicia_ms - otra.termina_ms)
        same_day = bool(set(nueva.dias) & set(otra.dias))
        if between < 0 or (same_day and between < INTERVALO_MS):
            found.append(Conflicto(otra, between, bool(set(nueva.revisores) & set(otra.revisores))))
    return tuple(found)


# -- who reviews what -----------------------------------------------------------------------------------------------


def repartir(registros: Sequence[int], revisores: Sequence[int]) -> dict[int, int]:
    """Registro to reviewer: neighbours stay together, nobody has more than one above another.

    Without reviewers: ValueError.
    """
    if not revisores:
        raise ValueError("no hay a quién repartir")
    n, k = len(registros), len(revisores)
    return {registro: revisores[place * k // n] for place, registro in enumerate(registros)}


# -- pace -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ritmo:
    """How the sitting goes. `por_registro_ms`: of the whole room, None before the first. `fin_ms`: when the rest
    will be done at that pace. `tarde_ms`: how long after the hour at which it should end, 0 when not."""

    hechos: int
    faltan: int
    por_registro_ms: int | None
    fin_ms: int | None
    tarde_ms: int


def ritmo(hechos_hoy: int, faltan: int, *, desde_ms: int, ahora_ms: int, termina_ms: int) -> Ritmo:
    """The pace of a sitting that began at `desde_ms` and should end at `termina_ms`. Reviewers work side by side: what
    the room does in a while is all that counts."""
    if not hechos_hoy:
        return Ritmo(hechos_hoy, faltan, None, None, max(0, ahora_ms - termina_ms) if faltan else 0)
    each = max(1, (ahora_ms - desde_ms) // hechos_hoy)
    end = ahora_ms + each * faltan
    return Ritmo(hechos_hoy, faltan, each, end, max(0, end - termina_ms) if faltan else 0)
