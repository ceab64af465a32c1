"""Near images: the same pairs whatever the order, repeats and changes; few rows, however many are alike (X9)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.banderas import Bandera, Codigo
from server.lectura import huellas, parecidas
from server.store import huellas_imagen
from server.store.migrations import migrate
from tests.factories import NOW


@cache
def _schema(apoyos: int) -> bytes:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate(conn)
    conn.execute("INSERT INTO lotes VALUES (1, zeroblob(32), 1, 1, 1)")
    for number in range(1, apoyos + 1):
        conn.execute(
            "INSERT INTO registros (folio, solicitud, auxiliar, dispositivo, registro, tipo, codigo, anterior, tam, "
            "recibido_ms, marcas, lote, posicion, acuse) "
            "VALUES (?, 1, ?, 1, ?, 'apoyo', zeroblob(32), zeroblob(32), 1, ?, '[]', 1, 1, 'a')",
            (f"F{number}", 1 + number % 2, number, NOW),
        )
    made = conn.serialize()
    conn.close()
    return made


def index(apoyos: int) -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.deserialize(_schema(apoyos))
    conn.row_factory = sqlite3.Row
    return conn


BASES = [random.Random(n).randbytes(32) for n in range(3)]


def near(base: bytes, *flipped: int) -> bytes:
    """A hash that differs from this one in these bits."""
    value = int.from_bytes(base, "big")
    for bit in set(flipped):
        value ^= 1 << bit
    return bytes((huellas.VERSION,)) + value.to_bytes(32, "big")


hashes = st.builds(
    lambda base, bits: near(base, *bits), st.sampled_from(BASES), st.lists(st.integers(0, 255), max_size=12)
)
sets = st.fixed_dictionaries({}, optional={"anverso": hashes, "foto": hashes})


def rows(conn: sqlite3.Connection) -> set[tuple[object, ...]]:
    return {tuple(row) for row in conn.execute("SELECT menor, mayor, tipo, distancia FROM imagenes_parecidas")}


def found(tipo: str, una: bytes, otra: bytes) -> bool:
    """Near, and some part of the two differs in one bit at most: said here without any lookup."""
    if huellas.distancia(una, otra) > huellas.MAXIMA[tipo]:
        return False
    differ = int.from_bytes(una[1:], "big") ^ int.from_bytes(otra[1:], "big")
    bits = f"{differ:0256b}"
    return any(bits[n :: huellas.BANDAS[tipo]].count("1") <= 1 for n in range(huellas.BANDAS[tipo]))


def brute(kept: Mapping[int, Mapping[str, bytes]]) -> set[tuple[object, ...]]:
    pairs: set[tuple[object, ...]] = set()
    for mayor, mine in kept.items():
        for tipo, hecha in mine.items():
            earlier = [
                (menor, mayor, tipo, huellas.distancia(hecha, kept[menor][tipo]))
                for menor in sorted(kept)
                if menor < mayor and tipo in kept[menor] and found(tipo, hecha, kept[menor][tipo])
            ]
            pairs.update(earlier[: parecidas.VECINAS])
    return pairs


@given(
    st.lists(st.tuples(st.integers(1, 14), sets), max_size=40),
    st.randoms(use_true_random=False),
    st.sampled_from([2, parecidas.VECINAS]),
    st.sampled_from([8, huellas_imagen.MUCHAS]),
)
def test_pairs_follow_from_the_images_alone(
    steps: list[tuple[int, dict[str, bytes]]], rng: random.Random, vecinas: int, muchas: int
) -> None:
    """Each apoyo is read again and again, in any order; what holds is its last reading."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parecidas, "VECINAS", vecinas)
        patch.setattr(huellas_imagen, "MUCHAS", muchas)
        conn = index(14)
        try:
            kept: dict[int, dict[str, bytes]] = {}
            for id_, hechas in steps:
                before = {n: _of(rows(conn), n) for n in range(1, 15)}
                changed = parecidas.registrar(conn, id_, hechas)
                kept[id_] = hechas
                after = rows(conn)
                assert after == brute(kept)
                assert {n for n in before if before[n] != _of(after, n)} <= changed
                assert parecidas.registrar(conn, id_, hechas) == frozenset()
            # The same end, reached in another order.
            other = index(14)
            for id_ in rng.sample(sorted(kept), len(kept)):
                parecidas.registrar(other, id_, kept[id_])
            assert rows(other) == rows(conn)
            other.close()
        finally:
            conn.close()


def _of(pairs: set[tuple[object, ...]], id_: int) -> set[tuple[object, ...]]:
    return {pair for pair in pairs if id_ in pair[:2]}


@given(st.sampled_from(["anverso", "reverso", "foto", "firma"]), st.data())
def test_whatever_differs_in_few_bits_is_found(tipo: str, data: st.DataObject) -> None:
    bits = data.draw(st.lists(st.integers(0, 255), max_size=huellas.SEGURA[tipo], unique=True))
    una, otra = near(BASES[0]), near(BASES[0], *bits)
    parts = zip(huellas.bandas(tipo, una), huellas.bandas(tipo, otra), strict=True)
    assert any(b in huellas.vecinas(tipo, n, a) for n, (a, b) in enumerate(parts))
    assert huellas.distancia(una, otra) == len(bits)


def test_an_image_in_hundreds_of_apoyos_makes_rows_and_not_their_square() -> None:
    conn = index(400)
    for id_ in range(1, 401):
        parecidas.registrar(conn, id_, {"foto": near(BASES[0], id_ % 250)})
    assert len(rows(conn)) <= 400 * parecidas.VECINAS
    assert [one.apoyo_id for one in parecidas.parecidas(conn, 399)] == [1, 3, 5, 7, 2, 4, 6, 8]
    assert len(parecidas.parecidas(conn, 1)) == parecidas.MAX_VISTAS
    # The hundredth of them is read late: it takes its place among the earliest of nobody.
    before = rows(conn)
    parecidas.registrar(conn, 100, {})
    assert _of(rows(conn), 100) == set()
    parecidas.registrar(conn, 100, {"foto": near(BASES[0], 100)})
    assert rows(conn) == before
    conn.close()


def test_those_of_the_same_auxiliar_come_first_and_flags_name_the_images() -> None:
    conn = index(6)
    for id_, bits in ((1, ()), (2, (1,)), (3, (1, 2, 3)), (4, (9,)), (5, ())):
        parecidas.registrar(conn, id_, {"foto": near(BASES[0], *bits), "firma": near(BASES[1 + id_ % 2])})
    seen = parecidas.parecidas(conn, 5)
    assert [(one.apoyo_id, one.tipo, one.distancia, one.mismo_auxiliar) for one in seen] == [
        (1, "firma", 0, True), (1, "foto", 0, True), (3, "firma", 0, True), (3, "foto", 3, True),
        (2, "foto", 1, False), (4, "foto", 1, False),
    ]  # fmt: skip
    assert seen[0].folio == "F1"
    assert all(one.mismo_auxiliar >= other.mismo_auxiliar for one, other in pairwise(seen))
    assert parecidas.banderas(conn, 2) == (
        Bandera(Codigo.IMAGEN_REPETIDA, "firma"), Bandera(Codigo.IMAGEN_REPETIDA, "foto"),
    )  # fmt: skip
    assert parecidas.banderas(conn, 6) == ()
    conn.close()


def test_hashes_of_another_version_of_the_library_are_not_compared() -> None:
    conn = index(2)
    one = near(BASES[0])
    parecidas.registrar(conn, 1, {"foto": bytes((huellas.VERSION + 1,)) + one[1:]})
    parecidas.registrar(conn, 2, {"foto": one})
    assert parecidas.parecidas(conn, 2) == []
    conn.close()
