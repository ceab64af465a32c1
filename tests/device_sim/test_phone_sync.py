"""A phone sends its queue to a server that follows the SPEC, over every kind of bad line (SPEC §8; rows D5, D7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx2
import pytest

from device_sim.device import Synced
from device_sim.errors import PhoneError
from device_sim.events import Deleted, SetAside, Waiting
from device_sim.faults import NO_FAULT, AsgiLine, Fault
from device_sim.transport import Transport
from sync_protocol import acuse, session
from sync_protocol.folio import parse
from sync_protocol.queue import EstadoCola
from sync_protocol.registro import Apoyo
from sync_protocol.signing import PrivateKey
from tests.device_sim.phones import Bench
from tests.device_sim.sobres import NOMBRE, NOW_MS

PORTAL = "<html><body>Bienvenido a la red del hotel</body></html>"


class PhoneDiesError(Exception):
    """In place of a kill: nothing of the phone's code runs after it."""


def sync(bench: Bench) -> Synced:
    return asyncio.run(bench.phone.sync())


def portal(status: int = 200) -> Callable[[], httpx2.Response]:
    return lambda: httpx2.Response(status, headers={"content-type": "text/html"}, text=PORTAL)


def states(bench: Bench) -> dict[int, EstadoCola]:
    return {queued.registro: queued.state for queued in bench.outbox.pending()}


def assert_all_delivered(bench: Bench, count: int) -> None:
    """Everything is off the phone, once at the server, and every ledger line holds an acuse that verifies."""
    assert bench.outbox.pending() == ()
    ledger = bench.outbox.ledger()
    assert [line.registro for line in ledger] == list(range(count))
    assert len(bench.server.stored) == count
    for line in ledger:
        codigo, token = bench.server.stored[line.folio]
        assert (line.codigo, line.acuse) == (codigo, token)
        assert acuse.read(line.acuse, bench.server.published).folio == line.folio
    assert set(bench.server.manifests[-1].borrados) <= set(range(count))
    reported = [registro for manifest in bench.server.manifests for registro in manifest.borrados]
    assert sorted(set(reported)) == list(range(count)), "the server knows of every deletion"


def test_everything_is_delivered_and_deleted(bench: Bench) -> None:
    bench.fill(5)
    ended = sync(bench)
    assert ended.done
    assert_all_delivered(bench, 6)
    content = bench.server.contents[bench.folio(3)]
    assert isinstance(content, Apoyo)
    assert content.nombre == NOMBRE
    counts = ended.counts
    assert (counts.sent, counts.acuses_verified, counts.deleted) == (6, 6, 6)
    assert (counts.cuts, counts.resumed, counts.duplicates_avoided) == (0, 0, 0)
    assert counts.sessions == 2
    assert counts.wire_bytes > counts.payload_bytes > 0
    assert sum(isinstance(event, Deleted) for event in bench.events) == 6
    assert bench.slept == []


def test_an_empty_phone_says_nothing(bench: Bench) -> None:
    assert sync(bench).done
    assert bench.server.requests == []


def test_the_last_session_reports_what_was_deleted(bench: Bench) -> None:
    bench.fill(2)
    sync(bench)
    assert bench.server.manifests[-1].sobres == ()
    assert bench.server.manifests[-1].borrados == (0, 1, 2)
    sync(bench)
    assert len(bench.server.manifests) == 2, "nothing is reported twice"


def test_cut_at_every_interesting_byte(bench: Bench) -> None:
    made = bench.fill(3)[-1]
    size = made.size
    for cut in (0, 1, 71, 72, 73, 1191, 1192, 1193, size // 2, size - 65, size - 64, size - 1, size):
        queued = bench.fill(1)[-1]
        bench.faults.append((f"PATCH /sync/subidas/{queued.folio}", Fault(cut_up=min(cut, queued.size))))
        ended = sync(bench)
        assert ended.done, cut
        assert ended.counts.cuts == 1
        assert bench.server.body_bytes[str(queued.folio)] == queued.size, "no byte was taken twice"
        whole = cut >= queued.size
        assert (ended.counts.resumed, ended.counts.duplicates_avoided) == (0 if whole or cut == 0 else 1, int(whole))
    assert_all_delivered(bench, 4 + 13)


def test_many_cuts_of_one_sobre(bench: Bench) -> None:
    bench.fill(1, size=5000)
    bench.faults += [("PATCH", Fault(cut_up=1500))] * 25
    ended = sync(bench)
    assert ended.done
    assert ended.counts.cuts == 25
    assert ended.counts.resumed == 2, "sobres that went on, however often"
    assert ended.counts.sessions == 2, "bytes that arrive are progress: no session was given up"
    assert_all_delivered(bench, 2)


def test_lost_replies_make_no_duplicates(bench: Bench) -> None:
    bench.fill(4)
    bench.faults += [("PATCH", Fault(lose_reply=True))] * 5 + [("HEAD", Fault(lose_reply=True))] * 3
    ended = sync(bench)
    assert ended.done
    assert ended.counts.duplicates_avoided == 5
    assert_all_delivered(bench, 5)


def test_a_reply_lost_for_good_is_found_by_the_next_session(bench: Bench) -> None:
    """The phone dies between the last byte and the acuse; its next start learns that everything had arrived."""
    bench.fill(1)
    bench.faults += [("PATCH", Fault(lose_reply=True))] * 2

    def die(request: httpx2.Request) -> Fault:
        if request.method == "HEAD":
            raise PhoneDiesError
        return NO_FAULT

    bench.always = die
    with pytest.raises(PhoneDiesError):
        sync(bench)
    assert set(states(bench).values()) <= {EstadoCola.OFRECIDO, EstadoCola.ENVIANDO}
    bench.always = NO_FAULT
    bench.new_phone()
    ended = sync(bench)
    assert ended.done
    assert ended.counts.duplicates_avoided == 2
    assert "PATCH" not in " ".join(bench.server.requests[-2:])
    assert_all_delivered(bench, 2)


def test_a_request_that_arrives_twice_counts_once(bench: Bench) -> None:
    bench.fill(2)
    bench.faults += [("PATCH", Fault(twice=True))] * 3 + [("POST /sync/sesiones", Fault(twice=True))]
    ended = sync(bench)
    assert ended.done
    assert_all_delivered(bench, 3)


def test_a_lost_session_answer_costs_one_more_session(bench: Bench) -> None:
    bench.fill(1)
    bench.faults += [("POST /sync/sesiones", Fault(lose_reply=True))] * 2
    ended = sync(bench)
    assert ended.done
    assert len({manifest.nonce for manifest in bench.server.manifests}) == len(bench.server.manifests) == 4
    assert_all_delivered(bench, 2)


@pytest.mark.parametrize("path", ["POST /sync/sesiones", "PATCH", "HEAD"])
@pytest.mark.parametrize("status", [200, 204, 302, 401, 403, 404, 409, 511])
def test_a_captive_portal_changes_nothing(bench: Bench, path: str, status: int) -> None:
    bench.fill(1)
    bench.faults += [(path, Fault(instead=portal(status)))] * 2
    if path == "HEAD":
        bench.faults += [("PATCH", Fault(cut_up=10))]
    ended = sync(bench)
    assert ended.done
    assert ended.counts.deleted == 2
    assert any(isinstance(event, Waiting) and event.reason == "no_es_el_servidor" for event in bench.events)
    assert_all_delivered(bench, 2)


def test_only_a_portal_and_the_phone_keeps_all(bench: Bench) -> None:
    bench.fill(2)
    bench.always = Fault(instead=portal())
    ended = sync(bench)
    assert ended.stopped is not None
    assert ended.stopped.code == "no_es_el_servidor"
    assert "acepte sus condiciones" in ended.stopped.text
    assert "Nada se borró" in ended.stopped.text
    assert len(ended.left) == 3
    assert bench.server.requests == []


def test_no_line_at_all(bench: Bench) -> None:
    bench.fill(2)
    bench.always = Fault(silent=True)
    ended = sync(bench)
    assert ended.stopped is not None
    assert len(ended.left) == 3
    assert ended.counts.cuts == len(bench.slept) + 1 == 4


def test_the_line_dies_in_the_middle(bench: Bench) -> None:
    bench.fill(4)

    def die(request: httpx2.Request) -> Fault:
        return Fault(silent=True) if len(bench.server.stored) >= 2 else NO_FAULT

    bench.always = die
    ended = sync(bench)
    assert ended.stopped is not None
    assert len(ended.left) == 5 - ended.counts.deleted
    bench.always = NO_FAULT
    bench.new_phone()
    assert sync(bench).done
    assert_all_delivered(bench, 5)


@pytest.mark.parametrize("path", ["/sync/sesiones", "/sync/subidas"])
def test_retry_after_is_honoured(bench: Bench, path: str) -> None:
    bench.fill(1)
    bench.server.en_vuelo = 1
    bench.server.busy, bench.server.busy_only = 3, path
    ended = sync(bench)
    assert ended.done
    assert len(bench.slept) == 3
    assert all(seconds >= 7 for seconds in bench.slept)
    assert len(set(bench.slept)) == 3, "with jitter, or all phones come back at once"
    assert_all_delivered(bench, 2)


def test_to_wait_for_ones_turn_is_no_failure_of_the_line(bench: Bench) -> None:
    bench.fill(1)
    bench.server.en_vuelo = 1
    bench.server.busy, bench.server.busy_only = 3 * bench.backoff().max_failures, "/sync/subidas"
    ended = sync(bench)
    assert ended.done
    assert len(bench.server.manifests) <= 2, "one session for everything, one to report the deletions"
    assert all(7 <= seconds < 9 for seconds in bench.slept), "the wait does not grow: the server says how long"
    assert_all_delivered(bench, 2)


def test_backoff_grows_and_is_seeded(bench: Bench) -> None:
    backoff = bench.backoff()
    for failures in range(1, 12):
        drawn = [backoff.delay(failures) for _ in range(300)]
        ceiling = min(backoff.cap_s, backoff.base_s * 2 ** (failures - 1))
        assert 0 <= min(drawn) < ceiling / 10, "full jitter: from nothing"
        assert ceiling * 0.9 < max(drawn) <= ceiling
        told = [backoff.delay(failures, 9) for _ in range(50)]
        # Never sooner than the server asked for, not all at once, and never so much later that its places stay empty.
        assert all(9 <= seconds <= 9 + max(backoff.base_s, 9 / 4) for seconds in told)
        assert len(set(told)) > 40
    assert bench.backoff().delay(5) == bench.backoff().delay(5)


def test_an_expired_token_means_a_new_session(bench: Bench) -> None:
    bench.fill(6)
    bench.server.token_good_for = 3
    ended = sync(bench)
    assert ended.done
    assert ended.counts.sessions >= 3
    assert_all_delivered(bench, 7)


def test_one_refused_sobre_does_not_block_the_rest(bench: Bench) -> None:
    bench.fill(4)
    bench.server.refuse = {1: "sobre_no_abre", 3: "folio_en_conflicto"}
    ended = sync(bench)
    assert ended.stopped is None
    assert states(bench) == {1: EstadoCola.RECHAZADO, 3: EstadoCola.RECHAZADO}
    assert {queued.registro: queued.reason for queued in ended.left} == bench.server.refuse
    assert [line.registro for line in bench.outbox.ledger()] == [0, 2, 4]
    assert {event.code for event in bench.events if isinstance(event, SetAside)} == set(bench.server.refuse.values())
    sent = sum(bench.server.body_bytes.values())
    assert sync(bench).counts.deleted == 0
    assert sum(bench.server.body_bytes.values()) == sent, "what is refused for good is not sent again"
    assert states(bench) == {1: EstadoCola.RECHAZADO, 3: EstadoCola.RECHAZADO}


def test_what_was_refused_for_good_is_not_sent_to_a_server_that_forgot(bench: Bench) -> None:
    bench.fill(1)
    bench.server.refuse = {1: "sobre_no_abre"}
    sync(bench)
    del bench.server.uploads[bench.folio(1)]
    bench.new_phone()
    before = sum(bench.server.body_bytes.values())
    sync(bench)
    assert sum(bench.server.body_bytes.values()) == before
    assert states(bench) == {1: EstadoCola.RECHAZADO}
    assert bench.outbox.get(1).reason == "sobre_no_abre"


def test_a_passing_refusal_is_offered_again(bench: Bench) -> None:
    bench.fill(1)
    bench.server.refuse = {1: "periodo_cerrado"}
    sync(bench)
    assert states(bench) == {1: EstadoCola.RECHAZADO}
    bench.server.refuse = {}
    del bench.server.uploads[bench.folio(1)]
    assert sync(bench).done
    assert_all_delivered(bench, 2)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"folio": "000123-000045-0000007-000009-8"}, "acuse_ajeno"),
        ({"codigo": "0" * 64}, "acuse_ajeno"),
        ({"tam": 1}, "acuse_ajeno"),
        ({"recibido": "ayer"}, "jws_invalido"),
    ],
)
def test_an_acuse_that_does_not_hold_never_deletes(bench: Bench, lie: dict[str, object], code: str) -> None:
    if "folio" in lie:
        lie = {"folio": str(parse(bench.folio(9)))}
    bench.fill(2)
    bench.server.lies, bench.server.lie_about = {1}, lie
    ended = sync(bench)
    assert [(queued.registro, queued.state, queued.reason) for queued in ended.left] == [
        (1, EstadoCola.CUARENTENA, code)
    ]
    assert bench.outbox.read(1), "its bytes are still there"
    assert ended.counts.deleted == 2
    assert sync(bench).counts.deleted == 0
    assert states(bench) == {1: EstadoCola.CUARENTENA}


def test_an_acuse_by_another_key_never_deletes(bench: Bench) -> None:
    bench.fill(1)
    stranger = PrivateKey.generate()
    bench.server.lies, bench.server.sign_with = {0, 1}, stranger
    ended = sync(bench)
    assert {queued.reason for queued in ended.left} == {"llave_de_acuse_desconocida"}
    assert ended.counts.deleted == 0
    assert "GET /.well-known/jwks.json" in bench.server.requests


def test_what_is_in_quarantine_is_sent_to_a_server_that_never_saw_it(bench: Bench) -> None:
    """The false acuse came from someone in between: the sobre itself is as good as ever."""
    bench.fill(1)
    bench.server.lies, bench.server.lie_about = {1}, {"tam": 1}
    assert [(queued.registro, queued.reason) for queued in sync(bench).left] == [(1, "acuse_ajeno")]
    bench.server.lies = set()
    name = bench.folio(1)
    del bench.server.uploads[name], bench.server.stored[name]
    assert sync(bench).done
    assert_all_delivered(bench, 2)


def test_no_key_is_believed_without_tls(bench: Bench) -> None:
    bench.fill(1)
    newer = PrivateKey.generate()
    bench.server.signing = newer
    bench.server.published |= {newer.public.thumbprint: newer.public}
    line = AsgiLine(bench.server.app, bench.plan)
    bench.phone.transport = Transport("http://opl.ejemplo.mx", connection=line)
    ended = sync(bench)
    assert {queued.reason for queued in ended.left} == {"llave_de_acuse_desconocida"}
    assert "GET /.well-known/jwks.json" not in bench.server.requests
    bench.phone.transport = Transport("https://opl.ejemplo.mx", connection=line)
    assert sync(bench).done


def test_a_signature_that_is_not_the_keys_never_deletes(bench: Bench) -> None:
    bench.fill(1)
    stranger = PrivateKey.generate()
    # The phone is told to look for the right name and finds another's signature under it.
    bench.phone.keys = {stranger.public.thumbprint: bench.server.signing.public}
    bench.server.lies, bench.server.sign_with = {0, 1}, stranger
    ended = sync(bench)
    assert {queued.reason for queued in ended.left} == {"jws_firma"}


def test_a_new_key_of_the_server_is_fetched_and_kept(bench: Bench) -> None:
    bench.fill(2)
    kept: list[object] = []
    bench.phone.on_keys = kept.append
    newer = PrivateKey.generate()
    bench.server.signing = newer
    bench.server.published |= {newer.public.thumbprint: newer.public}
    assert sync(bench).done
    assert len(kept) == 1
    assert newer.public.thumbprint in bench.phone.keys


def test_an_acuse_mauled_on_its_way_is_asked_for_again(bench: Bench) -> None:
    bench.fill(1)
    forged = acuse.sign(
        acuse.Acuse(
            iss="x",
            iat=1,
            folio=bench.folio(1),
            tipo="apoyo",
            codigo="0" * 64,
            tam=1,
            recibido="2023-11-14T22:13:20.000Z",
        ),
        PrivateKey.generate(),
    )
    headers = {"tus-resumable": "1.0.0", "upload-offset": "1", "acopio-acuse": forged[:-20], "acopio-estado": "acusado"}
    bench.faults += [
        (f"PATCH /sync/subidas/{bench.folio(1)}", Fault(lose_reply=True)),
        (f"HEAD /sync/subidas/{bench.folio(1)}", Fault(instead=lambda: httpx2.Response(200, headers=headers))),
    ]
    assert sync(bench).done
    assert f"GET /sync/acuses/{bench.folio(1)}" in bench.server.requests
    assert_all_delivered(bench, 2)


def test_recibido_keeps_the_sobre_until_the_acuse_may_be_given(bench: Bench) -> None:
    bench.fill(2)
    bench.server.withhold = 4
    ended = sync(bench)
    assert ended.done
    assert ended.counts.duplicates_avoided == 0
    assert_all_delivered(bench, 3)


def test_recibido_for_long_stops_and_keeps(bench: Bench) -> None:
    bench.fill(1)
    bench.server.withhold = 100
    ended = sync(bench)
    assert ended.stopped is not None
    assert ended.stopped.code == "sin_acuse_aun"
    assert set(states(bench).values()) == {EstadoCola.RECIBIDO}
    assert sum(bench.server.body_bytes.values()) == sum(queued.size for queued in ended.left), "sent once"
    bench.server.withhold = 0
    assert sync(bench).done
    assert_all_delivered(bench, 2)


def test_a_damaged_prefix_is_dropped_and_sent_anew(bench: Bench) -> None:
    bench.fill(1)
    name = bench.folio(1)

    def damage() -> httpx2.Response:
        bench.server.uploads[name].data[5] ^= 1
        return httpx2.Response(502, text="proxy")

    bench.faults += [
        (f"PATCH /sync/subidas/{name}", Fault(cut_up=500)),
        (f"HEAD /sync/subidas/{name}", Fault(instead=damage)),
    ]
    assert sync(bench).done
    assert f"DELETE /sync/subidas/{name}" in bench.server.requests
    assert_all_delivered(bench, 2)


def test_a_damaged_sobre_is_set_aside_after_a_few_tries(bench: Bench) -> None:
    """The server keeps finding another código de integridad: three restarts, then the others go on."""
    bench.fill(2)
    name = bench.folio(1)
    queued = bench.outbox.get(1)
    raw = bytearray(bench.outbox.read(1))
    raw[200] ^= 1
    bench.outbox._db.execute("UPDATE sobres SET datos = ? WHERE registro = 1", (bytes(raw),))
    ended = sync(bench)
    assert [(q.registro, q.reason) for q in ended.left] == [(1, "integridad_distinta")]
    assert bench.server.body_bytes[name] == 4 * queued.size
    assert ended.counts.deleted == 2


def test_an_address_of_another_host_gets_no_token(bench: Bench) -> None:
    bench.fill(1)
    bench.server.absolute_urls = True
    ended = sync(bench)
    assert ended.stopped is not None
    assert ended.stopped.code == "sin_avance"
    assert len(ended.left) == 2


def test_one_upload_that_always_fails_does_not_block_the_rest(bench: Bench) -> None:
    bench.fill(5)
    bench.server.en_vuelo = 1
    bad = f"/sync/subidas/{bench.folio(0)}"

    def plan(request: httpx2.Request) -> Fault:
        return Fault(silent=True) if request.url.path == bad else NO_FAULT

    bench.always = plan
    ended = sync(bench)
    assert ended.stopped is not None
    assert [queued.registro for queued in ended.left] == [0]
    assert ended.counts.deleted == 5


@pytest.mark.parametrize("wrong_by_ms", [-30 * 365 * 86_400_000, -3 * 3_600_000, 7 * 3_600_000, 50 * 365 * 86_400_000])
def test_a_wrong_clock_stops_nothing(bench: Bench, wrong_by_ms: int) -> None:
    bench.clock_ms = NOW_MS + wrong_by_ms
    bench.fill(2)
    assert sync(bench).done
    assert bench.outbox.desfase_ms == -wrong_by_ms
    assert_all_delivered(bench, 3)


@pytest.mark.parametrize("instant", [-1, 2**63, 2**70])
def test_absurd_instants_are_not_the_servers(bench: Bench, instant: int) -> None:
    bench.fill(1)
    bench.server.termina_ms = instant
    ended = sync(bench)
    assert ended.stopped is not None
    assert len(ended.left) == 2


def test_no_dates_leave_the_known_ones(bench: Bench) -> None:
    bench.fill(1)
    sync(bench)
    known = bench.outbox.periodo
    assert known == (bench.server.inicia_ms, bench.server.termina_ms)
    bench.server.inicia_ms = bench.server.termina_ms = 0
    bench.fill(1)
    assert sync(bench).done
    assert bench.outbox.periodo == known


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (204, {"upload-offset": "0"}),
        (204, {"upload-offset": "0", "acopio-estado": "acusado"}),
        (409, {"acopio-codigo": "tus_posicion", "upload-offset": "0"}),
        (204, {}),
        (200, {"upload-offset": "999999999"}),
        (204, {"upload-offset": "ocho"}),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "HEAD"])
def test_an_answer_that_leads_nowhere_does_not_turn_in_a_circle(
    bench: Bench, method: str, status: int, headers: dict[str, str]
) -> None:
    bench.fill(3)
    bench.server.en_vuelo = 1
    bad = f"/sync/subidas/{bench.folio(1)}"

    def plan(request: httpx2.Request) -> Fault:
        if request.url.path != bad:
            return NO_FAULT
        if request.method != method:
            return Fault(cut_up=0) if request.method == "PATCH" else NO_FAULT
        return Fault(instead=lambda: httpx2.Response(status, headers={"tus-resumable": "1.0.0"} | headers))

    bench.always = plan
    ended = sync(bench)
    assert [queued.registro for queued in ended.left] == [1]
    assert ended.counts.deleted == 3
    assert len(bench.slept) < 60
    assert len(bench.server.requests) < 300


def test_what_was_refused_stays_so_when_no_session_comes_of_it(bench: Bench) -> None:
    bench.fill(1)
    bench.server.refuse = {1: "sobre_no_abre"}
    sync(bench)
    bench.always = Fault(silent=True)
    ended = sync(bench)
    assert [(queued.state, queued.reason) for queued in ended.left] == [(EstadoCola.RECHAZADO, "sobre_no_abre")]


def test_a_queue_longer_than_a_manifest(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were refused must not keep the others out of the manifests."""
    monkeypatch.setattr(session, "MAX_ENTRIES", 2)
    bench.fill(6)
    bench.server.refuse = {0: "sobre_no_abre", 1: "sobre_no_abre"}
    ended = sync(bench)
    assert ended.stopped is None
    assert [queued.registro for queued in ended.left] == [0, 1]
    assert max(len(manifest.sobres) for manifest in bench.server.manifests) == 2
    assert max(len(manifest.borrados) for manifest in bench.server.manifests) == 2


def test_an_unknown_device_stops_at_once(bench: Bench) -> None:
    bench.fill(1)
    bench.server.devices.clear()
    ended = sync(bench)
    assert ended.stopped is not None
    assert ended.stopped.code == "dispositivo_desconocido"
    assert bench.slept == []
    assert len(ended.left) == 2


def test_an_acknowledged_sobre_is_deleted_after_a_restart(bench: Bench) -> None:
    """The phone dies after it has verified the acuse and before it deletes."""
    bench.fill(1)

    def die(registro: int, at_ms: int) -> None:
        raise PhoneDiesError

    bench.outbox.delete = die
    with pytest.raises(PhoneDiesError):
        sync(bench)
    known = sum(state is EstadoCola.ACUSADO for state in states(bench).values())
    assert known >= 1
    bench.new_phone()
    bench.always = Fault(silent=True)
    assert sync(bench).counts.deleted == known, "its acuse was verified: no network is needed"
    bench.always = NO_FAULT
    assert sync(bench).done
    assert_all_delivered(bench, 2)


def test_a_phone_that_cannot_save_says_so_and_keeps_all(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.fill(3)

    def full(registro: int, at_ms: int) -> None:
        raise PhoneError("almacen_del_telefono", "El teléfono no puede guardar.")

    monkeypatch.setattr(bench.outbox, "delete", full)
    with pytest.raises(PhoneError):
        sync(bench)
    assert len(bench.outbox.pending()) == 4
    bench.new_phone()
    assert sync(bench).done
    assert_all_delivered(bench, 4)


def test_the_sync_log_names_no_person(bench: Bench) -> None:
    bench.fill(2)
    bench.server.refuse = {2: "sobre_no_abre"}
    sync(bench)
    lines = bench.outbox.log_lines(100)
    assert {line.event for line in lines} == {"sesion", "borrado", "rechazado", "sincronizacion"}
    assert NOMBRE not in repr(lines)
