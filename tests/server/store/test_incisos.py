"""The words of incisos: the protocol's, the OPL's, and those on which a registro was decided (rows C7, G4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from server.domain.apoyo import Resultado, Via
from server.domain.inconsistencias import DEL_PROTOCOLO
from server.store import apoyos, fichas, incisos
from tests.server.store.test_conteos import arrive, index


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    made = index()
    yield made
    made.close()


def publish(conn: sqlite3.Connection, version: int, *rows: tuple[str, str, str]) -> None:
    """A version of the criteria: (inciso, category, text)."""
    conn.execute(
        "INSERT INTO cuentas (id, rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
        "VALUES (1, 'administracion', 'a', '', 'a@ejemplo.mx', '', 'activa', 1) ON CONFLICT DO NOTHING"
    )
    conn.execute("INSERT INTO criterios_versiones VALUES (?, 'nota', 1, 1)", (version,))
    for orden, (inciso, categoria, texto) in enumerate(rows):
        conn.execute(
            "INSERT INTO criterios VALUES (?, ?, ?, 'app', ?, ?, 'Qué', 0)", (version, orden, inciso, categoria, texto)
        )


def decide(conn: sqlite3.Connection, id_: int, version: int, inciso: str, *, firme: int = 1) -> None:
    conn.execute(
        "INSERT INTO dictamenes (apoyo_id, ronda, resultado, inciso, criterios_version, cuenta_id, abierto_ms, en_ms, "
        "en_pantalla, firme) VALUES (?, 'primera', 'inconsistente', ?, ?, 1, 1, 1, '{}', ?)",
        (id_, inciso, version, firme),
    )
    apoyos.set_resultado(conn, id_, Resultado.INCONSISTENTE, inciso=inciso)


def test_without_criteria_they_are_the_protocols(conn: sqlite3.Connection) -> None:
    assert incisos.textos(conn) == DEL_PROTOCOLO
    assert incisos.en_version(conn, "pa", 0) == DEL_PROTOCOLO["pa"]
    assert incisos.en_version(conn, "o", 0) is None


def test_the_newest_words_hold_and_no_inciso_is_ever_lost(conn: sqlite3.Connection) -> None:
    publish(conn, 1, ("a", "Credencial", "Antes"), ("o", "Nueva", "La que el instituto añadió"))
    publish(conn, 2, ("a", "Credencial", "Ahora"), ("q", "Otra", "Otra más"))
    found = incisos.textos(conn)
    assert list(found) == [*DEL_PROTOCOLO, "q", "o"]
    assert (found["a"].texto, found["o"].tipo, found["b"]) == ("Ahora", "Nueva", DEL_PROTOCOLO["b"])
    assert found["o"].via is Via.APP
    assert incisos.en_version(conn, "a", 1).texto == "Antes"  # type: ignore[union-attr]
    assert incisos.en_version(conn, "o", 2) is None


def test_a_registro_keeps_the_words_on_which_it_was_decided(conn: sqlite3.Connection) -> None:
    publish(conn, 1, ("a", "Credencial", "Antes"), ("o", "Nueva", "La que el instituto añadió"))
    publish(conn, 2, ("a", "Credencial", "Ahora"))
    for number in range(3):
        arrive(conn, number)
    decide(conn, 1, 1, "a")
    decide(conn, 2, 1, "o")
    decide(conn, 2, 2, "a", firme=0)
    apoyos.set_resultado(conn, 2, Resultado.INCONSISTENTE, inciso="o")
    apoyos.set_resultado(conn, 3, Resultado.INCONSISTENTE, inciso="zz")
    one, two, three = (fichas.ficha(conn, f"F{number}", None) for number in range(3))
    assert one is not None
    assert two is not None
    assert three is not None
    assert (one.inconsistencia.texto, one.criterios) == ("Antes", 1)  # type: ignore[union-attr]
    assert two.inconsistencia.tipo == "Nueva"  # type: ignore[union-attr]
    assert (three.inconsistencia, three.criterios) == (None, None)
