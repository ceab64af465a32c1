"""Images that are almost the same in several apoyos, for the mesa to see together (row X9).

What is kept is a set of pairs that follows from the images alone: of each apoyo, those with the first `VECINAS` apoyos
before it (by id) whose image is near. So an image that is in thousands of apoyos makes thousands of rows and not
millions, its first apoyos are everybody's, and neither the order in which they were read nor a repeat changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from server.domain.banderas import Bandera, Codigo
from server.lectura import huellas as h
from server.store import huellas_imagen as store
from server.store.connection import Connection
from server.store.huellas_imagen import Par as Parecida
from sync_protocol.registro import IMAGENES

VECINAS = 8
"""Pairs of an apoyo's image with earlier ones, at most."""
MAX_VISTAS = 50
"""Near ones that are shown for an apoyo, at most."""
_ULTIMO = 2**63 - 1


def registrar(conn: Connection, apoyo_id: int, huellas: Mapping[str, bytes]) -> frozenset[int]:
    """Keep the hashes of an apoyo's images (`server.lectura.huellas`) in place of those that it had, and its pairs.

    In the writer's transaction. Returns the apoyos whose near images changed, this one perhaps among them; none when
    the same hashes were there already.
    """
    cambiados: set[int] = set()
    for tipo in IMAGENES:
        hecha, antes = huellas.get(tipo), store.huella(conn, apoyo_id, tipo)
        if hecha == antes:
            continue
        if antes is not None:
            cambiados |= _quitar(conn, apoyo_id, tipo)
        if hecha is not None:
            cambiados |= _agregar(conn, apoyo_id, tipo, hecha)
    return frozenset(cambiados)


def parecidas(conn: Connection, apoyo_id: int, limite: int = MAX_VISTAS) -> list[Parecida]:
    """Apoyos with an image near one of this apoyo's: of the same auxiliar first, then by nearness."""
    return store.pares(conn, apoyo_id, limite)


def banderas(conn: Connection, apoyo_id: int) -> tuple[Bandera, ...]:
    """A flag for each image of an apoyo that has another near it."""
    return tuple(Bandera(Codigo.IMAGEN_REPETIDA, tipo) for tipo in store.tipos(conn, apoyo_id))


def _agregar(conn: Connection, apoyo_id: int, tipo: str, hecha: bytes) -> set[int]:
    buscadas = _buscadas(tipo, hecha)
    todas = store.pocas(conn, tipo, buscadas, desde=0, hasta=_ULTIMO)
    if todas is None:
        changed = _con_anteriores(conn, apoyo_id, tipo, hecha)
        after = store.por_tramos(conn, tipo, buscadas, desde=apoyo_id + 1, hasta=_ULTIMO)
    else:
        changed = _con_primeras(conn, apoyo_id, tipo, hecha, (one for one in todas if one < apoyo_id))
        after = (one for one in todas if one > apoyo_id)
    # Those after it: it comes before some that they are paired with. In order of arrival there are none.
    for otro, distancia in list(_cercanas(conn, tipo, hecha, after)):
        store.anotar(conn, apoyo_id, otro, tipo, distancia)
        changed |= {apoyo_id, otro, *store.recortar(conn, otro, tipo, VECINAS)}
    store.guardar(conn, apoyo_id, tipo, hecha, h.bandas(tipo, hecha))
    return changed


def _quitar(conn: Connection, apoyo_id: int, tipo: str) -> set[int]:
    earlier, later = store.quitar(conn, apoyo_id, tipo)
    changed = {apoyo_id, *earlier, *later} if earlier or later else set()
    for otro in later:  # each has room for one more
        hecha = store.huella(conn, otro, tipo)
        if hecha is not None:
            changed |= _con_anteriores(conn, otro, tipo, hecha)
    return changed


def _con_anteriores(conn: Connection, apoyo_id: int, tipo: str, hecha: bytes) -> set[int]:
    buscadas = _buscadas(tipo, hecha)
    before = store.pocas(conn, tipo, buscadas, desde=0, hasta=apoyo_id)
    walk = store.por_tramos(conn, tipo, buscadas, desde=0, hasta=apoyo_id) if before is None else before
    return _con_primeras(conn, apoyo_id, tipo, hecha, walk)


def _con_primeras(conn: Connection, apoyo_id: int, tipo: str, hecha: bytes, anteriores: Iterable[int]) -> set[int]:
    changed: set[int] = set()
    for otro, distancia in list(islice(_cercanas(conn, tipo, hecha, anteriores), VECINAS)):
        if store.anotar(conn, otro, apoyo_id, tipo, distancia):
            changed |= {apoyo_id, otro}
    return changed


def _buscadas(tipo: str, hecha: bytes) -> dict[int, tuple[int, ...]]:
    return {banda: h.vecinas(tipo, banda, valor) for banda, valor in enumerate(h.bandas(tipo, hecha))}


def _cercanas(conn: Connection, tipo: str, hecha: bytes, candidatas: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Those of them whose image is near, with its distance."""
    for otro in candidatas:
        suya = store.huella(conn, otro, tipo)
        if suya is not None and (distancia := h.distancia(hecha, suya)) <= h.MAXIMA[tipo]:
            yield otro, distancia
