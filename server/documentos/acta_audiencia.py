"""The Acta de Hechos of a garantía de audiencia: who was there, each registro before and after, totals (B8, P14.4).

Of the ciudadanía it has the folio of each registro and nothing else: an acta is handed out and kept by others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.documentos.compilar import compilar, parrafos, texto
from server.documentos.membrete import campo, membrete
from server.domain.institucion import Institucion

PLANTILLA = "acta_audiencia.typ"


@dataclass(frozen=True, slots=True)
class Renglon:
    """One registro. `antes`, `despues`: verdict with inciso and detail in words; `cambio`: whether they differ."""

    folio: str
    auxiliar: str
    antes: str
    despues: str
    cambio: bool


@dataclass(frozen=True, slots=True)
class Dia:
    """A day on which it was held, as people read it. `suspendida_por`: empty on the last."""

    inicio: str
    fin: str
    lugar: str
    oficialia: str
    asistentes: str
    suspendida_por: str


@dataclass(frozen=True, slots=True)
class Acta:
    """Everything as people read it, instants in hora del centro. `revisores`: name and charge; `argumentos`: what the
    aspirante said, of all and of some; `totales`: (label, how
    many), in the order in which they are printed; `borrador`: it has not ended."""

    institucion: Institucion
    numero: str
    folio: str
    aspirante: str
    periodo: str
    solicitada: str
    emitida: str
    argumentos: tuple[str, ...]
    dias: tuple[Dia, ...]
    revisores: tuple[tuple[str, str], ...]
    totales: tuple[tuple[str, int], ...]
    renglones: Sequence[Renglon]
    borrador: bool
    logo_png: bytes | None = None


def datos(acta: Acta) -> dict[str, Any]:
    """What the template is given."""
    return {
        "membrete": membrete(acta.institucion, acta.logo_png),
        "numero": texto(acta.numero),
        "aspirante": texto(acta.aspirante),
        "emitida": texto(acta.emitida),
        "borrador": acta.borrador,
        "campos": [
            campo("Audiencia", acta.numero, ancho=1, fijo=True),
            campo("Folio de la solicitud", acta.folio, ancho=2, fijo=True),
            campo("Solicitada (hora del centro)", acta.solicitada, ancho=3),
            campo("Persona aspirante", acta.aspirante, ancho=6),
            campo("Proceso y periodo", acta.periodo, ancho=6),
        ],
        "argumento": [lines for said in acta.argumentos for lines in parrafos(said)],
        "dias": [
            {
                "titulo": "Desahogo" if len(acta.dias) == 1 else f"Desahogo, sesión {number}",
                "campos": [
                    campo("Inicio (hora del centro)", dia.inicio, ancho=3),
                    campo("Término (hora del centro)", dia.fin, ancho=3),
                    campo("Lugar", dia.lugar, ancho=3),
                    campo("Oficialía Electoral", dia.oficialia, ancho=3),
                    campo("Asistentes", " · ".join(dia.asistentes.split("\n")), ancho=6),
                    *([campo("Continuó otro día", dia.suspendida_por, ancho=6)] if dia.suspendida_por else []),
                ],
            }
            for number, dia in enumerate(acta.dias, 1)
        ],
        "revisores": [[texto(nombre), texto(cargo)] for nombre, cargo in acta.revisores],
        "totales": [[texto(etiqueta), f"{n:,}"] for etiqueta, n in acta.totales],
        "renglones": [
            [row.folio, row.auxiliar, texto(row.antes), texto(row.despues), row.cambio] for row in acta.renglones
        ],
    }


def pdf(acta: Acta) -> bytes:
    """The printable. Raises DocumentoError."""
    return compilar(PLANTILLA, datos(acta))
