"""The FURA: the form an auxiliar fills in and signs on paper before being registered (P7.3, P7.9)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from server.documentos.compilar import compilar, parrafos, texto
from server.documentos.membrete import membrete
from server.domain.institucion import Institucion

PLANTILLA = "fura.typ"


@dataclass(frozen=True, slots=True)
class Fura:
    """A blank form. With an aspirante's own data when it is they who ask for it; otherwise lines to write on."""

    institucion: Institucion
    aspirante: str = ""
    folio: str = ""
    periodo: str = ""
    logo_png: bytes | None = None


def datos(fura: Fura) -> dict[str, Any]:
    """What the template is given."""
    return {
        "membrete": membrete(fura.institucion, fura.logo_png),
        "aspirante": texto(fura.aspirante.strip()),
        "folio": texto(fura.folio.strip()),
        "periodo": texto(fura.periodo.strip()),
        "responsiva": parrafos(fura.institucion.responsiva),
    }


def pdf(fura: Fura) -> bytes:
    """The printable. Raises DocumentoError."""
    # The blank one is everyone's, so anybody may ask for it any number of times.
    return _make(fura) if fura.aspirante else _blank(fura)


def _make(fura: Fura) -> bytes:
    return compilar(PLANTILLA, datos(fura))


_blank = lru_cache(maxsize=2)(_make)
