"""Which of a person's apoyos counts (row F3, P15.3): a pure rule over a set, in whatever order it became known.

Two apoyos are of one person when they share a clave de elector, a CIC or an OCR: with each other, not through a third.
Were it by chains, one misread digit would make one person of two, and cost the second of them their right. For the same
reason an apoyo that does not count itself displaces nobody: it is gone through in order of reception, and each is
compared only with earlier ones that count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from server.domain import clave_elector, cpv
from server.domain.apoyo import Ambito, Duplicado, OrigenApoyo, Resultado, Situacion
from server.domain.banderas import Codigo
from server.domain.reglas import DuplicadosOtros
from server.errors import DatoInvalido

Dato = tuple[str, bytes]
"""(clase, huella): one datum of a person as a keyed hash."""


@dataclass(frozen=True, slots=True)
class Candidato:
    """An apoyo as this rule sees it. `puede`: it could count, were it the person's only one.

    `periodo`: of its aspirante; apoyos of different periodos have nothing to do with each other.
    """

    id: int
    solicitud: int
    periodo: int
    recibido_ms: int
    puede: bool

    @property
    def turno(self) -> tuple[int, int]:
        """Its place in the order of reception."""
        return self.recibido_ms, self.id


@dataclass(frozen=True, slots=True)
class Juicio:
    """What the rule says of one. `cuenta`: it stands for its person, and displaces those that come later."""

    duplicado: Duplicado = Duplicado.NO
    banderas: frozenset[Codigo] = frozenset()
    cuenta: bool = False


def puede_contar(
    situacion: Situacion, resultado: Resultado, origen: OrigenApoyo, ambito: Ambito, *, fuera_de_regimen: bool
) -> bool:
    """Whether an apoyo could count, duplicates aside. What the padrón has not answered yet still could."""
    return (
        resultado is not Resultado.INCONSISTENTE
        and origen is not OrigenApoyo.INCONSISTENTE
        and situacion in (Situacion.SIN_RESPUESTA, Situacion.LISTA_NOMINAL)
        and ambito is not Ambito.FUERA
        and not fuera_de_regimen
    )


def juzgar(
    uno: Candidato, vecinos: Iterable[Candidato], cuenta: Callable[[int], bool], regla: DuplicadosOtros
) -> Juicio:
    """The judgement on one. `vecinos`: who shares a datum with it; `cuenta(id)`: whether an earlier one of them counts.

    Those that cannot count are judged as well, so that they are not taken for new when a decision is reversed.
    """
    able = [one for one in vecinos if one.puede and one.periodo == uno.periodo and one.id != uno.id]
    own = any(one.solicitud == uno.solicitud and one.turno < uno.turno for one in able)
    others = any(one.solicitud != uno.solicitud for one in able)
    flags = frozenset(code for code, said in ((Codigo.DUPLICADO_MISMO, own), (Codigo.DUPLICADO_OTRO, others)) if said)
    displaced = others and regla is DuplicadosOtros.NINGUNO
    if not displaced:
        displaced = any(
            one.turno < uno.turno
            and (one.solicitud == uno.solicitud or regla is DuplicadosOtros.PRIMERO)
            and cuenta(one.id)
            for one in able
        )
    if not displaced:
        return Juicio(Duplicado.NO, flags, uno.puede)
    return Juicio(Duplicado.MISMO if own else Duplicado.OTRO, flags)


def resolver(
    candidatos: Collection[Candidato], datos: Mapping[int, Collection[Dato]], regla: DuplicadosOtros
) -> dict[int, Juicio]:
    """The judgement on every one of a set, by id. `datos`: of each, by id. The store reaches the same step by step."""
    said: dict[int, Juicio] = {}
    for one in sorted(candidatos, key=lambda candidato: candidato.turno):
        mine = set(datos.get(one.id, ()))
        near = [two for two in candidatos if two.id != one.id and not mine.isdisjoint(datos.get(two.id, ()))]
        said[one.id] = juzgar(one, near, lambda id_: said[id_].cuenta, regla)
    return said


def identificadores(clave: str, cic: str, ocr: str) -> dict[str, str]:
    """By what a person is told, by clase; only what has the form that it must have.

    What people write where they could read nothing (zeros, nines, a hyphen) belongs to nobody.
    """
    found = {}
    for clase, text, parse in (
        ("clave", clave, clave_elector.parse), ("cic", cic, cpv.parse_cic), ("ocr", ocr, cpv.parse_ocr),
    ):  # fmt: skip
        try:
            value = str(parse(text))
        except DatoInvalido:
            continue
        if len(set(value)) > 1:
            found[clase] = value
    return found
