"""What follows from another padrón: who waited for one is asked about again, in pieces (F2, P7.6)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.apoyo import Situacion
from server.errors import DatoInvalido
from server.registro import padrones
from server.store import apoyos, padron, padron_archivo
from server.store.padron_archivo import Construido
from server.store.writer import Tx
from tests.server.padron.archivos import persona
from tests.server.registro.archivos import clave
from tests.server.registro.caja import Caja, abierta, datos, registered

SITUACIONES = tuple(Situacion)
ETAPAS = ("abrir", "compulsar", "verificar_padron", "buscar_duplicados", "clasificar")


@pytest.fixture
def caja(tmp_path: Path) -> Iterator[Caja]:
    with abierta(tmp_path) as made:
        yield made


def build(caja: Caja, corte: str = "2026-08-31", people: int = 3) -> Construido:
    folder = caja.index.parent / "padron"
    with padron_archivo.alone(folder):
        rows = [[persona(n, clave_elector=clave(n))[name] for name in padron.COLUMNS] for n in range(1, people + 1)]
        return padron_archivo.build(folder, corte, rows)


def put(caja: Caja, made: Construido) -> int:
    caja.do(lambda tx: padrones.poner_en_vigor(tx, made))
    return padrones.repasar(caja.writer)


@pytest.fixture
def poblada(caja: Caja) -> Caja:
    """200 apoyos of every situación, each at every place of the pipeline."""

    def fill(tx: Tx) -> None:
        tx.conn.execute("INSERT INTO lotes (numero, resumen, sobres, tam, creado_ms) VALUES (1, zeroblob(32), 0, 0, 0)")
        for n in range(1, 201):
            tx.conn.execute(
                "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, origen, marcas,"
                " nombre, apellido_paterno, apellido_materno, busqueda, situacion, motivo_baja, municipio, seccion,"
                " resultado, inciso, detalle) VALUES (?, ?, 1, 1, 1, 1, 1, 'bien', '[]', '', '', '', '', ?, '', '', '',"
                " 'pendiente', '', '')",
                (n, f"1-1-1-{n}", SITUACIONES[n % 5].value),
            )
            estado = ("hecho", "pendiente", "cuarentena")[n // 5 % 3]
            etapa = ETAPAS[n // 15 % 5] if estado != "hecho" else "clasificar"
            tx.conn.execute(
                "INSERT INTO trabajos (id, etapa, estado, intentos, proximo_ms, motivo, creado_ms)"
                " VALUES (?, ?, ?, 4, 999, 'x', 1)", (n, etapa, estado),
            )  # fmt: skip

    caja.do(fill)
    return caja


def jobs(caja: Caja) -> dict[int, tuple[str, str, int, int, str]]:
    return {
        row[0]: row[1:] for row in caja.rows("SELECT id, etapa, estado, intentos, proximo_ms, motivo FROM trabajos")
    }


SENT = ("verificar_padron", "pendiente", 0, 0, "")


@pytest.mark.parametrize(
    ("que", "which"),
    [
        ("sin_respuesta", {"SIN_RESPUESTA"}), ("no_encontrados", {"SIN_RESPUESTA", "NO_ENCONTRADO"}),
        ("todos", {one.value for one in Situacion}),
    ],
)  # fmt: skip
def test_jobs_that_had_got_past_the_padron_go_back_to_it(
    poblada: Caja, que: str, which: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(padrones, "PIEZA_APOYOS", 17)
    before = jobs(poblada)
    if que == "sin_respuesta":
        sent = put(poblada, build(poblada))
    else:
        poblada.do(lambda tx: padrones.pedir_repaso(tx, todos=que == "todos"))
        sent = padrones.repasar(poblada.writer)
    after = jobs(poblada)
    count = 0
    for id_, (etapa, estado, *_) in before.items():
        past = estado == "hecho" or (estado == "pendiente" and etapa not in ("abrir", "compulsar"))
        if SITUACIONES[id_ % 5].value in which and past:
            assert after[id_] == SENT
            count += 1
        else:
            assert after[id_] == before[id_]
    assert sent == count > 0
    assert poblada.ask(padron.repaso) is None


def test_it_goes_on_where_it_was_killed_and_a_wider_one_begins_again(
    poblada: Caja, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(padrones, "PIEZA_APOYOS", 50)
    made = build(poblada)
    poblada.do(lambda tx: padrones.poner_en_vigor(tx, made))
    poblada.do(padrones.pieza)
    stopped = poblada.ask(padron.repaso)
    assert stopped is not None
    assert (stopped.que, stopped.apoyo) == ("sin_respuesta", 50)
    poblada.do(lambda tx: padrones.pedir_repaso(tx, todos=False))
    wider = poblada.ask(padron.repaso)
    assert wider is not None
    assert (wider.que, wider.apoyo) == ("no_encontrados", 0)
    poblada.do(lambda tx: padrones.poner_en_vigor(tx, made))
    kept = poblada.ask(padron.repaso)
    assert kept is not None
    assert kept.que == "no_encontrados", "what somebody asked for is not forgotten"
    padrones.seguir(poblada.writer)
    assert poblada.ask(padron.repaso) is None
    assert {jobs(poblada)[id_] for id_ in (3, 4)} <= {SENT, ("clasificar", "hecho", 4, 999, "x")}


def test_auxiliares_who_waited_are_verified_in_pieces(caja: Caja, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(padrones, "PIEZA_AUXILIARES", 2)
    ids = registered(caja, *(datos(n) for n in range(1, 6)))
    put(caja, build(caja))
    found = dict(caja.rows("SELECT id, situacion FROM auxiliares"))
    assert [found[id_] for id_ in ids] == ["LISTA_NOMINAL"] * 3 + ["NO_ENCONTRADO"] * 2
    assert caja.value("SELECT count(*) FROM bitacora WHERE evento = 'auxiliares_verificados'") == 3


def test_a_padron_whose_file_is_lost_leaves_auxiliares_as_they_are_and_ends(caja: Caja) -> None:
    made = build(caja)
    registered(caja, datos(1))
    caja.do(lambda tx: padrones.poner_en_vigor(tx, made))
    (caja.index.parent / "padron" / made.archivo).unlink()
    assert padrones.repasar(caja.writer) == 0
    assert caja.value("SELECT situacion FROM auxiliares") == "SIN_RESPUESTA"
    assert caja.ask(padron.repaso) is None


def test_an_answer_is_kept_with_the_version_that_gave_it(poblada: Caja) -> None:
    put(poblada, build(poblada))
    poblada.do(lambda tx: apoyos.set_situacion(tx.conn, 1, Situacion.PADRON, version=1, corte="2026-08-31", en_ms=5))
    put(poblada, build(poblada, "2026-09-30", 4))
    poblada.do(lambda tx: padrones.retirar(tx, 1))
    kept = poblada.ask(lambda conn: apoyos.get(conn, 1))
    assert kept is not None
    assert (kept.padron_version, kept.padron_corte, kept.padron_ms) == (1, "2026-08-31", 5)
    assert poblada.rows("PRAGMA foreign_key_check") == []


def test_what_is_not_withdrawn(caja: Caja) -> None:
    put(caja, build(caja))
    for which, codigo in ((1, "padron_vigente"), (2, "padron_desconocido")):
        with pytest.raises(DatoInvalido) as caught:
            caja.do(lambda tx, which=which: padrones.retirar(tx, which))  # type: ignore[misc]
        assert caught.value.codigo == codigo
