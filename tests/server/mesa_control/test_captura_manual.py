"""Typing in cédulas of paper (row B5): once, twice, settled; what is refused; the same apoyos whatever happens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain import captura_papel
from server.domain.apoyo import Situacion, Via
from server.domain.folio_papel import FolioPapel
from server.errors import AppError, DatoInvalido
from server.expedientes.abrir import Abridor
from server.mesa_control import captura_manual, regimen
from server.mesa_control.captura_manual import Captura
from server.mesa_control.repetidas import Repetidas
from server.store import apoyos, cedulas_papel, conteos, excepciones, paquetes
from server.store.writer import Tx
from tests.factories import DAY, NOW
from tests.server.mesa_control.papel import RECIBIDO, Mesa, captura, mesa, persona


@pytest.fixture
def m(tmp_path: Path) -> Iterator[Mesa]:
    with mesa(tmp_path) as made:
        made.twice(0)
        yield made


def kept(m: Mesa) -> list[tuple[Any, ...]]:
    """Everything that an apoyo of paper is."""
    return m.caja.rows(
        "SELECT a.id, a.folio, a.solicitud, a.auxiliar, a.dispositivo, a.recibido_ms, a.dia, a.origen, a.nombre, "
        "a.apellido_paterno, a.apellido_materno, a.via, a.clase, t.etapa, t.estado, "
        "(SELECT group_concat(codigo || ':' || dato) FROM banderas b WHERE b.apoyo_id = a.id) "
        "FROM apoyos a JOIN trabajos t ON t.id = a.id ORDER BY a.id"
    )


def test_a_cedula_becomes_an_apoyo_like_any_other(m: Mesa) -> None:
    m.grant()
    paquete = m.package()
    one = captura(1, "sin_firma", "La firma está en otra hoja.")
    done = m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 3, one, cuenta=m.ana))
    assert (done.estado, done.nueva) == ("lista", True)
    id_ = cedulas_papel.apoyo_de(paquete, 3)
    apoyo = m.caja.ask(lambda conn: apoyos.get(conn, id_))
    assert apoyo is not None
    assert id_ >= apoyos.PAPEL_DESDE
    assert (apoyo.via, apoyo.auxiliar, apoyo.dispositivo) == (Via.PAPEL, 0, 0)
    assert (apoyo.recibido_ms, apoyo.situacion) == (RECIBIDO, Situacion.SIN_RESPUESTA)
    assert apoyo.folio == str(FolioPapel(1, 3))
    assert (apoyo.nombre, apoyo.apellido_paterno, apoyo.apellido_materno) == ("ROSA", "LUNA", "MORA")
    assert m.caja.rows("SELECT etapa, estado FROM trabajos WHERE id = ?", id_) == [("abrir", "pendiente")]
    assert m.caja.rows("SELECT codigo, dato FROM banderas") == [("papel", "sin_firma")]
    opened = m.caja.ask(lambda conn: Abridor(Path("/nowhere"), m.keys).abrir(conn, id_))
    assert opened.datos == persona(1)
    assert opened.imagenes == {}
    # The counters know it, and a recount agrees.
    assert m.caja.ask(lambda conn: conteos.total(conn, 1)).recibidos == 1
    assert m.caja.ask(lambda conn: list(conteos.recount(conn))) == []
    assert m.caja.ask(lambda conn: list(apoyos.differences(conn))) == []
    assert m.caja.ask(cedulas_papel.descuadradas) == []


def test_what_was_typed_is_nowhere_in_clear(m: Mesa) -> None:
    m.grant()
    m.twice(100)
    paquete = m.package()
    m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))
    wrong = captura(1, curp="LUMR")
    m.caja.do(lambda tx: captura_manual.repetir(tx, m.keys, paquete, 1, wrong, cuenta=m.beto))
    dump = m.caja.ask(lambda conn: "\n".join(conn.iterdump()))
    for said in (persona(1).clave_elector, persona(1).cic, "ROSA"):
        assert said not in dump
        assert said.encode().hex().upper() not in dump.upper()


@pytest.mark.parametrize(
    ("one", "codigo"),
    [
        (Captura(persona(0, nombre="", apellido_paterno="", apellido_materno="")), "falta_nombre"),
        (Captura(persona(0, clave_elector="", cic="", ocr="")), "falta_identificador"),
        (captura(0, "otra"), "falta_comentario"),
        (Captura(captura_manual.Datos(), "sin_firma"), "captura_vacia"),
    ],
)
def test_what_cannot_be_saved(m: Mesa, one: Captura, codigo: str) -> None:
    m.grant()
    paquete = m.package()
    with pytest.raises(DatoInvalido, match=codigo):
        m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, one, cuenta=m.ana))
    assert kept(m) == []


def test_a_cedula_without_data_may_be_typed_with_what_is_wrong_with_it(m: Mesa) -> None:
    m.grant()
    paquete = m.package()
    bare = Captura(captura_manual.Datos(nombre="ROSA"), "otra", "Los demás datos no se leen.")
    assert m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, bare, cuenta=m.ana)).estado == "lista"


def test_numbers_outside_and_taken_ones_are_refused(m: Mesa) -> None:
    m.grant()
    paquete = m.package(5)
    for numero in (0, 6):
        with pytest.raises(DatoInvalido, match="numero_ajeno"):
            m.caja.do(
                lambda tx, n=numero: captura_manual.capturar(tx, m.keys, paquete, n, captura(1), cuenta=m.ana)  # type: ignore[misc]
            )
    m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))
    again = m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))
    assert again.nueva is False
    for other, cuenta in ((captura(2), m.ana), (captura(1), m.beto)):
        with pytest.raises(DatoInvalido, match="cedula_ya_capturada"):
            m.caja.do(
                lambda tx, o=other, c=cuenta: captura_manual.capturar(tx, m.keys, paquete, 1, o, cuenta=c)  # type: ignore[misc]
            )
    assert len(kept(m)) == 1


# -- the régimen ------------------------------------------------------------------------------------------------------


def test_nobody_elses_paper(m: Mesa) -> None:
    with pytest.raises(AppError) as refused:
        m.package()
    assert refused.value.code == "sin_regimen"
    m.grant(1)
    with pytest.raises(AppError, match="sin_regimen"):
        m.package(solicitud=2)


def test_a_revocation_leaves_what_was_received_before(m: Mesa) -> None:
    m.grant()
    paquete = m.package()
    [(id_,)] = m.caja.rows("SELECT id FROM excepciones")
    with pytest.raises(DatoInvalido, match="revocada_antes"):
        m.caja.do(lambda tx: regimen.revocar(tx, id_, NOW - 6 * DAY, cuenta=m.jefa))
    assert m.caja.do(lambda tx: regimen.revocar(tx, id_, NOW - DAY // 4, cuenta=m.jefa)) is True
    assert m.caja.do(lambda tx: regimen.revocar(tx, id_, NOW - DAY // 4, cuenta=m.jefa)) is False
    done = m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))
    assert done.estado == "lista"
    with pytest.raises(AppError, match="sin_regimen"):
        m.package(folio="P-2", recibido_ms=NOW - DAY // 4)
    assert m.caja.ask(lambda conn: excepciones.vigentes(conn, 1)) == frozenset()


def test_a_municipio_is_compared_by_name_or_number(m: Mesa) -> None:
    m.grant(1, "Jerez de García Salinas")
    m.grant(2, "007")

    def covered(where: str | None, solicitud: int = 1) -> bool:
        return m.caja.ask(lambda conn: excepciones.ampara(conn, solicitud, RECIBIDO, where))

    assert covered("JEREZ DE GARCIA SALINAS")
    assert covered(None)
    assert covered("")
    assert not covered("Fresnillo")
    assert covered("7", 2)
    assert not covered("70", 2)
    assert not covered("", 3)


def test_a_number_that_cannot_be_compared_with_a_name_is_held_against_nobody(m: Mesa) -> None:
    m.grant(1, "007")
    assert m.caja.ask(lambda conn: excepciones.ampara(conn, 1, RECIBIDO, "Jerez"))
    assert not m.caja.ask(lambda conn: excepciones.ampara(conn, 1, RECIBIDO, "8"))


def test_another_territory_has_the_paper_checked_again(m: Mesa) -> None:
    m.grant(1, "Jerez")
    paquete = m.package()
    m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))
    m.caja.do(lambda tx: tx.conn.execute("UPDATE trabajos SET estado = 'hecho', etapa = 'clasificar'") and None)
    assert m.grant(1, "Jerez") == 0
    assert m.caja.rows("SELECT etapa, estado FROM trabajos") == [("clasificar", "hecho")]
    assert m.grant(1, "Fresnillo") == 1
    assert m.caja.rows("SELECT etapa, estado FROM trabajos") == [("verificar_ambito", "pendiente")]


# -- packages ---------------------------------------------------------------------------------------------------------


def test_packages_have_folios_that_follow_each_other(m: Mesa) -> None:
    m.grant()
    m.grant(2)
    first, second, other = m.package(5), m.package(3, "P-2"), m.package(4, "P-1", solicitud=2)
    assert m.package(5) == first, "sent twice"
    with pytest.raises(DatoInvalido, match="paquete_repetido"):
        m.package(6)
    for paquete, numero in ((second, 1), (other, 4), (first, 5)):
        m.caja.do(
            lambda tx, p=paquete, n=numero: captura_manual.capturar(tx, m.keys, p, n, captura(n), cuenta=m.ana)  # type: ignore[misc]
        )
    folios = {row[0] for row in m.caja.rows("SELECT folio FROM apoyos")}
    assert folios == {str(FolioPapel(1, 6)), str(FolioPapel(2, 4)), str(FolioPapel(1, 5))}


@pytest.mark.parametrize(
    ("recibido_ms", "codigo"),
    [(NOW + 1, "recibido_futuro"), (NOW - 2 * DAY, "recibido_fuera_de_periodo")],
)
def test_a_package_was_received_within_the_periodo(m: Mesa, recibido_ms: int, codigo: str) -> None:
    m.grant()
    with pytest.raises(DatoInvalido, match=codigo):
        m.package(recibido_ms=recibido_ms)


def test_a_package_closes_when_every_number_is_accounted_for(m: Mesa) -> None:
    m.grant()
    paquete = m.package(5)
    m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 2, captura(2), cuenta=m.ana))
    m.caja.do(lambda tx: captura_manual.declarar_faltante(tx, paquete, 4, "En blanco", cuenta=m.ana))
    with pytest.raises(DatoInvalido, match="faltantes_otras"):
        m.caja.do(lambda tx: regimen.cerrar(tx, paquete, "No venían", [1, 3], cuenta=m.jefa))
    with pytest.raises(DatoInvalido, match="falta_motivo"):
        m.caja.do(lambda tx: regimen.cerrar(tx, paquete, "", [1, 3, 5], cuenta=m.jefa))
    assert m.caja.do(lambda tx: regimen.cerrar(tx, paquete, "No venían", [1, 3, 5], cuenta=m.jefa)) is True
    assert m.caja.do(lambda tx: regimen.cerrar(tx, paquete, "", [], cuenta=m.jefa)) is False
    why = m.caja.ask(lambda conn: {one.numero: one.motivo for one in paquetes.faltantes(conn, paquete)})
    assert why == {1: "No venían", 3: "No venían", 4: "En blanco", 5: "No venían"}
    with pytest.raises(AppError, match="paquete_cerrado"):
        m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))
    assert m.caja.do(lambda tx: regimen.reabrir(tx, paquete, cuenta=m.jefa)) is True
    assert m.caja.do(lambda tx: regimen.reabrir(tx, paquete, cuenta=m.jefa)) is False
    m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))
    assert [one.numero for one in m.caja.ask(lambda conn: paquetes.faltantes(conn, paquete))] == [3, 4, 5]


# -- twice ------------------------------------------------------------------------------------------------------------


def test_the_share_is_drawn_the_same_way_each_time_and_is_about_as_large_as_asked() -> None:
    drawn = [captura_papel.se_repite(7, n, 10) for n in range(1, 4001)]
    assert drawn == [captura_papel.se_repite(7, n, 10) for n in range(1, 4001)]
    assert 320 < sum(drawn) < 480
    assert not any(captura_papel.se_repite(7, n, 0) for n in range(1, 500))
    assert all(captura_papel.se_repite(7, n, 100) for n in range(1, 500))


def test_two_that_agree(m: Mesa) -> None:
    m.grant()
    m.twice(100)
    paquete = m.package()
    one = captura(1, nombre="JOSÉ", apellido_paterno="PEÑA")
    done = m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, one, cuenta=m.ana))
    assert done.estado == "por_repetir"
    assert kept(m) == []
    with pytest.raises(AppError, match="cedula_propia"):
        m.caja.do(lambda tx: captura_manual.repetir(tx, m.keys, paquete, 1, one, cuenta=m.ana))
    same = captura(1, nombre="JOSE ", apellido_paterno="PEÑA")
    done = m.caja.do(lambda tx: captura_manual.repetir(tx, m.keys, paquete, 1, same, cuenta=m.beto))
    assert done.estado == "lista"
    assert m.caja.do(lambda tx: captura_manual.repetir(tx, m.keys, paquete, 1, same, cuenta=m.beto)).nueva is False
    with pytest.raises(AppError, match="cedula_hecha"):
        m.caja.do(lambda tx: captura_manual.repetir(tx, m.keys, paquete, 1, same, cuenta=m.ceci))
    assert [row[8] for row in kept(m)] == ["JOSÉ"]


def test_an_enye_is_no_ene() -> None:
    assert captura_papel.comparable("  peña  ruiz ") == "PEÑA RUIZ"
    assert captura_papel.comparable("PENA") != captura_papel.comparable("PEÑA")
    assert captura_papel.comparable("Peña") == captura_papel.comparable("PEN\u0303A")
    assert captura_papel.comparable("JOSÉ GÜEMES") == captura_papel.comparable("Jose Guemes")


def test_two_that_differ_are_settled_and_errors_counted(m: Mesa) -> None:
    m.grant()
    m.twice(100)
    paquete = m.package()
    first = captura(1, cic="100000009", nombre="ROSSA")
    second = captura(1, "sin_leyenda")
    m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, first, cuenta=m.ana))
    done = m.caja.do(lambda tx: captura_manual.repetir(tx, m.keys, paquete, 1, second, cuenta=m.beto))
    assert done.estado == "por_conciliar"
    assert kept(m) == []
    with pytest.raises(AppError, match="paquete_con_pendientes"):
        m.caja.do(lambda tx: regimen.cerrar(tx, paquete, "No venían", [2, 3, 4, 5], cuenta=m.jefa))
    [one] = m.caja.ask(lambda conn: cedulas_papel.pendientes(conn, 10))
    assert (one.numero, one.primera_por, one.segunda_por) == (1, "Ana", "Beto")
    settled = captura(1)
    assert m.caja.do(lambda tx: captura_manual.conciliar(tx, m.keys, one.id, settled, cuenta=m.jefa)) is True
    assert m.caja.do(lambda tx: captura_manual.conciliar(tx, m.keys, one.id, settled, cuenta=m.jefa)) is False
    with pytest.raises(AppError, match="cedula_hecha"):
        m.caja.do(lambda tx: captura_manual.conciliar(tx, m.keys, one.id, first, cuenta=m.jefa))
    cedula = m.caja.ask(lambda conn: cedulas_papel.by_id(conn, one.id))
    assert cedula is not None
    assert captura_manual.una(m.keys, cedula) == settled
    assert cedula.conciliada_por == m.jefa
    assert cedula.conciliada_ms is not None
    assert m.caja.rows("SELECT dato FROM banderas") == []
    by = {one.nombre: one for one in m.caja.ask(lambda conn: cedulas_papel.capturistas(conn, NOW - DAY))}
    assert (by["Ana"].cotejadas, by["Ana"].con_error, by["Ana"].errores) == (1, 1, 2)
    assert (by["Beto"].cotejadas, by["Beto"].con_error, by["Beto"].errores) == (1, 1, 1)
    assert (by["Ana"].hoy, by["Beto"].hoy, by["Beto"].hoy_segunda) == (1, 0, 1)


def test_only_ones_own_and_only_before_the_second_typing(m: Mesa) -> None:
    m.grant()
    m.twice(100)
    paquete = m.package()
    m.caja.do(lambda tx: captura_manual.capturar(tx, m.keys, paquete, 1, captura(1), cuenta=m.ana))

    def correct(one: Captura, cuenta: int) -> bool:
        return m.caja.do(lambda tx: captura_manual.corregir(tx, m.keys, paquete, 1, one, cuenta=cuenta))

    for who in (m.beto, m.jefa):
        with pytest.raises(AppError, match="cedula_ajena"):
            correct(captura(2), who)
        with pytest.raises(AppError, match="cedula_ajena"):
            m.caja.ask(lambda conn, c=who: captura_manual.propia(conn, paquete, 1, c))  # type: ignore[misc]
    assert correct(captura(1), m.ana) is False
    assert correct(captura(2), m.ana) is True
    m.caja.do(lambda tx: captura_manual.repetir(tx, m.keys, paquete, 1, captura(2), cuenta=m.beto))
    with pytest.raises(AppError, match="cedula_hecha"):
        correct(captura(3), m.ana)
    assert kept(m)[0][0] == cedulas_papel.apoyo_de(paquete, 1)


def test_who_types_again_is_never_who_typed_first(m: Mesa) -> None:
    m.grant()
    m.twice(100)
    paquete = m.package()
    for numero, cuenta in ((1, m.ana), (2, m.beto), (3, m.ana)):
        m.caja.do(
            lambda tx, n=numero, c=cuenta: captura_manual.capturar(tx, m.keys, paquete, n, captura(n), cuenta=c)  # type: ignore[misc]
        )

    def offered(cuenta: int, since: int = 0) -> int | None:
        return m.caja.ask(lambda conn: cedulas_papel.por_repetir(conn, paquete, cuenta, since))

    assert (offered(m.ana), offered(m.beto), offered(m.ceci), offered(m.ceci, 2)) == (2, 1, 1, 2)
    assert offered(m.beto, 2) == 3
    assert offered(m.ana, 3) == 2
    waiting = m.caja.ask(lambda conn: cedulas_papel.por_repetir_de(conn, m.ceci))
    assert waiting == {paquete: 3}


def test_repeated_in_the_package(m: Mesa) -> None:
    m.grant()
    m.twice(100)
    paquete = m.package()
    seen = Repetidas(m.keys)
    for numero in (1, 2):
        m.caja.do(
            lambda tx, n=numero: captura_manual.capturar(tx, m.keys, paquete, n, captura(n), cuenta=m.ana)  # type: ignore[misc]
        )

    def said(numero: int, n: int, **changes: str) -> list[int]:
        return m.caja.ask(lambda conn: seen.de(conn, paquete, numero, persona(n, **changes)))

    assert said(3, 2, cic="", ocr="") == [2]
    assert said(3, 9, cic=persona(1).cic) == [1]
    assert said(3, 9) == []
    assert said(2, 2) == [], "itself"
    m.caja.do(lambda tx: captura_manual.corregir(tx, m.keys, paquete, 2, captura(5), cuenta=m.ana))
    assert (said(3, 2), said(3, 5)) == ([], [2])


# -- whatever happens -------------------------------------------------------------------------------------------------


class CrashError(Exception):
    """The process ended after the rows were written and before they were committed."""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), percent=st.sampled_from([0, 30, 100]))
def test_the_same_apoyos_in_any_order_with_crashes_and_repeats(
    tmp_path_factory: pytest.TempPathFactory, seed: int, percent: int
) -> None:
    straight = _typed(tmp_path_factory.mktemp("orden"), None, percent)
    shuffled = _typed(tmp_path_factory.mktemp("azar"), random.Random(seed), percent)
    assert shuffled == straight
    assert len(straight[0]) == 8


def _typed(folder: Path, chance: random.Random | None, percent: int) -> tuple[list[tuple[Any, ...]], list[Any]]:
    with mesa(folder) as m:
        m.twice(percent)
        m.grant()
        packages = [m.package(5, "P-1"), m.package(3, "P-2")]
        places = [
            (paquete, numero) for paquete, size in zip(packages, (5, 3), strict=True) for numero in range(1, size + 1)
        ]
        again: list[Callable[[Tx], object]] = []

        def run(operation: Callable[[Tx], object]) -> None:
            """Once; or after a crash, or once more, or with one of the earlier ones after it."""
            while chance is not None and chance.random() < 0.3:
                with pytest.raises(CrashError):
                    m.caja.do(lambda tx: _crashing(tx, operation))
            m.caja.do(operation)
            again.append(operation)
            while chance is not None and chance.random() < 0.4:
                _ignoring(m, chance.choice(again))

        if chance is not None:
            chance.shuffle(places)
        for paquete, numero in places:
            one = captura(numero + 10 * paquete, "copia" if numero == 2 else "")
            run(lambda tx, p=paquete, n=numero, o=one: captura_manual.capturar(tx, m.keys, p, n, o, cuenta=m.ana))  # type: ignore[misc]
        if chance is not None:
            chance.shuffle(places)
        for paquete, numero in places:
            waits = m.caja.ask(lambda conn, p=paquete, n=numero: cedulas_papel.get(conn, p, n))  # type: ignore[misc]
            assert waits is not None
            if waits.estado != "por_repetir":
                continue
            # Every third is typed differently, and settled.
            changes = {"nombre": "ROSAURA"} if numero % 3 == 0 else {}
            two = captura(numero + 10 * paquete, "copia" if numero == 2 else "", **changes)
            run(lambda tx, p=paquete, n=numero, o=two: captura_manual.repetir(tx, m.keys, p, n, o, cuenta=m.beto))  # type: ignore[misc]
            if changes:
                run(lambda tx, i=waits.id, o=two: captura_manual.conciliar(tx, m.keys, i, o, cuenta=m.jefa))  # type: ignore[misc]
        for paquete in packages:
            run(lambda tx, p=paquete: regimen.cerrar(tx, p, "", [], cuenta=m.jefa))  # type: ignore[misc]
        assert m.caja.ask(cedulas_papel.descuadradas) == []
        assert m.caja.ask(lambda conn: list(conteos.recount(conn))) == []
        opened = [
            m.caja.ask(lambda conn, i=row[0]: Abridor(folder, m.keys).abrir(conn, i).datos)  # type: ignore[misc]
            for row in kept(m)
        ]
        return kept(m), opened


def _crashing(tx: Tx, operation: Callable[[Tx], object]) -> None:
    operation(tx)
    raise CrashError


def _ignoring(m: Mesa, operation: Callable[[Tx], object]) -> None:
    """An earlier operation comes once more: it does nothing, or is refused."""
    try:
        m.caja.do(operation)
    except (AppError, DatoInvalido):
        return
