"""The queue on disk: its counter, its chain, its states, and who can read it (SPEC §2, §3.2, §8.5; rows D4, D5)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_sim.errors import PhoneError
from device_sim.outbox import FILE, Outbox, open_outbox
from device_sim.outbox_schema import TABLES
from sync_protocol import acuse, sobre
from sync_protocol.errors import LocalProtocolError, RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.queue import TRANSITIONS, EstadoCola, Suceso
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import FIRST_ANTERIOR, Tipo
from tests.device_sim.sobres import AUXILIAR, CIC, DISPOSITIVO, NOMBRE, SOLICITUD, fill, own_outbox, sealer

OPENING = OpeningKey(b"7" * 32)
KEY = PrivateKey.generate()
SERVER = PrivateKey.generate()
KEYS = {SERVER.public.thumbprint: SERVER.public}


@pytest.fixture
def outbox(tmp_path: Path):  # type: ignore[no-untyped-def]
    with own_outbox(tmp_path) as opened:
        yield opened


def acuse_for(outbox: Outbox, registro: int, **other: object) -> str:
    queued = outbox.get(registro)
    fields = {
        "iss": "OPL",
        "iat": 1,
        "folio": str(queued.folio),
        "tipo": queued.tipo.nombre,
        "codigo": queued.codigo.hex(),
        "tam": queued.size,
        "recibido": "2026-09-21T00:00:00.000Z",
    }
    return acuse.sign(acuse.Acuse(**(fields | other)), SERVER)  # type: ignore[arg-type]


def test_numbers_and_chain(outbox: Outbox) -> None:
    made = fill(outbox, KEY, OPENING.public, 3)
    assert [str(queued.folio) for queued in made] == [str(Folio(SOLICITUD, AUXILIAR, DISPOSITIVO, n)) for n in range(4)]
    before = FIRST_ANTERIOR
    for queued in made:
        raw = outbox.read(queued.registro)
        parsed = sobre.parse(raw)
        assert parsed.cabecera.anterior == before
        assert KEY.public.verify(parsed.signed_part, parsed.signature)
        assert sobre.codigo_de_integridad(raw) == queued.codigo
        before = queued.codigo


def test_testigos_first_and_once(outbox: Outbox) -> None:
    apoyo, testigos = sealer(KEY, OPENING.public, Tipo.APOYO), sealer(KEY, OPENING.public, Tipo.TESTIGOS)
    with pytest.raises(PhoneError, match="testigos"):
        outbox.add(Tipo.APOYO, apoyo)
    outbox.add(Tipo.TESTIGOS, testigos)
    with pytest.raises(PhoneError, match="testigos"):
        outbox.add(Tipo.TESTIGOS, testigos)
    assert outbox.captured == 1


def test_a_capture_that_fails_uses_no_number(outbox: Outbox) -> None:
    fill(outbox, KEY, OPENING.public, 1)
    chain = outbox.get(1).codigo

    def broken(folio: Folio, anterior: bytes) -> bytes:
        raise OSError("the camera fell")

    with pytest.raises(OSError, match="camera"):
        outbox.add(Tipo.APOYO, broken)
    queued = fill(outbox, KEY, OPENING.public, 1)[-1]
    assert queued.registro == 2
    assert sobre.parse(outbox.read(2)).cabecera.anterior == chain


def test_a_sobre_of_another_registro_is_not_stored(outbox: Outbox) -> None:
    fill(outbox, KEY, OPENING.public, 1)
    make = sealer(KEY, OPENING.public, Tipo.APOYO)
    for folio, anterior in ((outbox.folio(9), outbox.get(1).codigo), (outbox.folio(2), b"1" * 32)):
        with pytest.raises(LocalProtocolError):
            outbox.add(Tipo.APOYO, lambda _, __, f=folio, a=anterior: make(f, a))
    assert outbox.captured == 2


def test_nobody_who_holds_the_phone_can_read_the_queue(tmp_path: Path) -> None:
    with own_outbox(tmp_path) as outbox:
        fill(outbox, KEY, OPENING.public, 4, size=20_000)
        outbox.log(1, "sesion")
        while_open = [path.read_bytes() for path in tmp_path.iterdir()]
    closed = [path.read_bytes() for path in tmp_path.iterdir()]
    for content in while_open + closed:
        assert NOMBRE.encode() not in content
        assert CIC.encode() not in content


def test_nothing_is_left_of_a_deleted_sobre(tmp_path: Path) -> None:
    with own_outbox(tmp_path) as outbox:
        fill(outbox, KEY, OPENING.public, 3, size=20_000)
        raw = outbox.read(2)
        pieces = [raw[at : at + 64] for at in range(0, len(raw) - 64, 4096)]
        outbox.acknowledge(2, acuse_for(outbox, 2), KEYS)
        outbox.delete(2, 5)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [piece for piece in pieces if piece in content] == []


def test_deleting_writes_the_ledger(outbox: Outbox) -> None:
    fill(outbox, KEY, OPENING.public, 2)
    token, codigo = acuse_for(outbox, 1), outbox.get(1).codigo
    outbox.acknowledge(1, token, KEYS)
    assert outbox.get(1).state is EstadoCola.ACUSADO
    outbox.delete(1, 77)
    assert [queued.registro for queued in outbox.pending()] == [0, 2]
    (line,) = outbox.ledger()
    assert (line.folio, line.codigo, line.acuse) == (str(outbox.folio(1)), codigo.hex(), token)
    assert (line.deleted_ms, line.reported) == (77, False)
    with pytest.raises(KeyError):
        outbox.read(1)
    assert outbox.unreported(10) == (1,)
    outbox.mark_reported((1,))
    assert outbox.unreported(10) == ()


def test_the_counter_goes_on_after_everything_was_deleted(tmp_path: Path) -> None:
    with own_outbox(tmp_path) as outbox:
        last = fill(outbox, KEY, OPENING.public, 2)[-1]
        for registro in range(3):
            outbox.acknowledge(registro, acuse_for(outbox, registro), KEYS)
            outbox.delete(registro, 1)
    with own_outbox(tmp_path) as outbox:
        queued = fill(outbox, KEY, OPENING.public, 1)[-1]
        assert queued.registro == 3
        assert sobre.parse(outbox.read(3)).cabecera.anterior == last.codigo


@pytest.mark.parametrize("other", [{"codigo": "0" * 64}, {"tam": 1}, {"folio": str(Folio(1, 1, 1, 1))}])
def test_only_an_acuse_that_holds_acknowledges(outbox: Outbox, other: dict[str, object]) -> None:
    fill(outbox, KEY, OPENING.public, 1)
    with pytest.raises(RemoteProtocolError):
        outbox.acknowledge(1, acuse_for(outbox, 1, **other), KEYS)
    with pytest.raises(RemoteProtocolError):
        outbox.acknowledge(1, acuse_for(outbox, 1), {})
    with pytest.raises(RemoteProtocolError):
        outbox.acknowledge(1, acuse_for(outbox, 0), KEYS)
    assert outbox.get(1).state is EstadoCola.CAPTURADO


@pytest.mark.parametrize("state", [state for state in EstadoCola if state not in (EstadoCola.BORRADO,)])
def test_nothing_but_an_acknowledged_sobre_is_deleted(outbox: Outbox, state: EstadoCola) -> None:
    """Neither through the code nor past it: the tables refuse as well."""
    fill(outbox, KEY, OPENING.public, 1)
    if state is EstadoCola.ACUSADO:
        outbox.acknowledge(1, acuse_for(outbox, 1), KEYS)
    else:
        outbox._db.execute("UPDATE cola SET estado = ? WHERE registro = 1", (state,))
        with pytest.raises(LocalProtocolError):
            outbox.delete(1, 1)
    with pytest.raises(sqlite3.IntegrityError, match="solo se borra lo acusado"):
        outbox._db.execute("DELETE FROM sobres WHERE registro = 1")
    with pytest.raises(sqlite3.IntegrityError):
        outbox._db.execute("DELETE FROM cola WHERE registro = 1")
    assert outbox.read(1)


def test_an_acuse_and_a_deletion_cannot_be_declared(outbox: Outbox) -> None:
    fill(outbox, KEY, OPENING.public, 1)
    for event in (Suceso.ACUSE_VERIFICADO, Suceso.ELIMINADO):
        with pytest.raises(LocalProtocolError):
            outbox.advance(1, event)


def test_the_tables_know_every_state_and_no_other() -> None:
    listed = TABLES.split("estado IN (")[1].split(")")[0]
    assert {name.strip(" '") for name in listed.split(",")} == {*map(str, EstadoCola)} - {"borrado"}


def test_the_counter_cannot_go_back(outbox: Outbox) -> None:
    fill(outbox, KEY, OPENING.public, 2)
    for value in (0, 2, 3):
        with pytest.raises(sqlite3.IntegrityError, match="no retrocede"):
            outbox._db.execute("UPDATE telefono SET siguiente = ?", (value,))


def test_the_counter_ends(outbox: Outbox) -> None:
    outbox._db.execute("UPDATE telefono SET siguiente = 1000000")
    with pytest.raises(PhoneError) as caught:
        fill(outbox, KEY, OPENING.public, 1)
    assert caught.value.code == "contador_agotado"


def test_another_phones_queue_is_not_taken(tmp_path: Path, outbox: Outbox) -> None:
    outbox.close()
    with pytest.raises(PhoneError) as caught:
        open_outbox(tmp_path, solicitud=SOLICITUD, auxiliar=AUXILIAR, dispositivo=DISPOSITIVO + 1)
    assert caught.value.code == "cola_ajena"
    own_outbox(tmp_path).close()


def test_one_program_at_a_time(tmp_path: Path, outbox: Outbox) -> None:
    fill(outbox, KEY, OPENING.public, 1)
    with pytest.raises(PhoneError) as caught:
        own_outbox(tmp_path)
    assert caught.value.code == "telefono_en_uso"
    with open_outbox(
        tmp_path, solicitud=SOLICITUD, auxiliar=AUXILIAR, dispositivo=DISPOSITIVO, to_look=True
    ) as looking:
        assert len(looking.pending()) == 2


def test_a_file_of_another_version_is_left_alone(tmp_path: Path, outbox: Outbox) -> None:
    outbox._db.execute("PRAGMA user_version = 99")
    outbox.close()
    with pytest.raises(PhoneError) as caught:
        own_outbox(tmp_path)
    assert caught.value.code == "cola_de_otra_version"


def test_a_full_disk_is_said_and_changes_nothing(outbox: Outbox) -> None:
    fill(outbox, KEY, OPENING.public, 1)
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(PhoneError) as caught:
        fill(outbox, KEY, OPENING.public, 1, size=50_000)
    assert caught.value.code == "almacen_del_telefono"
    outbox._db.execute("PRAGMA max_page_count = 1000000")
    assert fill(outbox, KEY, OPENING.public, 1)[-1].registro == 2


def test_durable_and_forgetful_settings(tmp_path: Path, outbox: Outbox) -> None:
    asked = {name: outbox._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "secure_delete")}
    assert asked == {"synchronous": 2, "secure_delete": 1}
    assert outbox._db.execute("PRAGMA journal_mode").fetchone()[0] == "truncate"
    assert (tmp_path / FILE).exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.sampled_from(Suceso), max_size=12))
def test_states_follow_the_table(tmp_path_factory: pytest.TempPathFactory, events: list[Suceso]) -> None:
    with own_outbox(tmp_path_factory.mktemp("cola")) as outbox:
        fill(outbox, KEY, OPENING.public, 0)
        state = EstadoCola.CAPTURADO
        for event in events:
            expected = TRANSITIONS.get((state, event))
            if event is Suceso.ACUSE_VERIFICADO:
                outbox.acknowledge(0, acuse_for(outbox, 0), KEYS)
            elif event is Suceso.ELIMINADO and expected is not None:
                outbox.delete(0, 1)
                assert outbox.pending() == ()
                return
            elif expected is None or event is Suceso.ELIMINADO:
                with pytest.raises(LocalProtocolError):
                    outbox.advance(0, event)
                continue
            elif event is Suceso.EN_MANIFIESTO:
                outbox.offer([0])
            else:
                outbox.advance(0, event)
            assert expected is not None
            state = expected
            assert outbox.get(0).state is state
