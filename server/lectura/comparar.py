"""What the phone read and captured, against what was read here: flags for the mesa, never a rejection (row F1).

Text is compared as text, zeros and all. Two readers may well find different codes of one card; only what they say, or
that one found a kind of code of which the other saw nothing, is worth a person's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from server.domain.banderas import Bandera, Codigo
from server.domain.clave_elector import compact
from server.lectura import cpv
from server.lectura.cpv import EN_UNA_TARJETA, Clase
from server.lectura.modelo import Lectura
from sync_protocol.registro import IMAGENES, Apoyo

CODIGOS = frozenset(
    {
        Codigo.CODIGOS_NO_LEIDOS,
        Codigo.CODIGO_DIFIERE,
        Codigo.CODIGO_SOLO_TELEFONO,
        Codigo.CODIGO_SOLO_SERVIDOR,
        Codigo.DATO_DIFIERE,
        Codigo.IMAGEN_ILEGIBLE,
    }
)
"""The flags that are said here, and nowhere else."""
_CAPTURADOS = ("cic", "ocr", "clave_elector", "curp")


def comparar(contenido: Apoyo, lectura: Lectura) -> tuple[Bandera, ...]:
    """The flags of one apoyo by phone; none when everything agrees.

    `dato` of what concerns a code is its kind (server.lectura.cpv.Clase); of what concerns a datum, the datum.
    """
    aqui = [(c.simbologia, c.datos) for c in lectura.codigos]
    alla = [(c.simbologia, c.datos) for c in contenido.codigos]
    found = [Bandera(Codigo.IMAGEN_ILEGIBLE, tipo) for tipo in IMAGENES if tipo in lectura.ilegibles]
    if not lectura.codigos:
        # One sentence says it; that the phone read some is said too, for they are not on these images.
        found.append(Bandera(Codigo.CODIGOS_NO_LEIDOS))
    found += _codigos(_por_clase(alla), _por_clase(aqui))
    dicho = cpv.interpretar(lectura.codigos)
    for campo in _CAPTURADOS:
        captured = getattr(contenido, campo)
        said = dicho.de(campo)
        if said and captured is not None and any(not _igual(captured, one) for one in said):
            found.append(Bandera(Codigo.DATO_DIFIERE, campo))
    return tuple(found)


def _por_clase(codigos: Iterable[tuple[str, bytes]]) -> dict[Clase, set[object]]:
    """What each kind of code says: its data, or its bytes where these are closed to us. Strangers are left out."""
    found: dict[Clase, set[object]] = {}
    for simbologia, datos in codigos:
        clase, said = cpv.clasificar(simbologia, datos)
        if clase is not Clase.AJENO:
            found.setdefault(clase, set()).add(said or datos)
    return found


def _codigos(alla: dict[Clase, set[object]], aqui: dict[Clase, set[object]]) -> Iterator[Bandera]:
    for clase, cabidos in EN_UNA_TARJETA.items():
        theirs, ours = alla.get(clase, set()), aqui.get(clase, set())
        if theirs and ours:
            # A card has two dense QRs at most: that each reader found another one is no contradiction.
            if len(theirs | ours) > max(cabidos, len(ours)):
                yield Bandera(Codigo.CODIGO_DIFIERE, clase.value)
        elif theirs:
            yield Bandera(Codigo.CODIGO_SOLO_TELEFONO, clase.value)
        elif ours:
            yield Bandera(Codigo.CODIGO_SOLO_SERVIDOR, clase.value)


def _igual(capturado: str, leido: str) -> bool:
    """The same text, but for case and for the spaces that people put between groups."""
    return compact(capturado) == compact(leido)
