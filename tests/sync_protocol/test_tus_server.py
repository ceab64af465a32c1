"""The laws of the server's half, whatever is asked and whatever is held (SPEC §8.3). Rows are in `tus.json`."""

from __future__ import annotations

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol import tus_server
from sync_protocol.errors import CATALOGUE
from sync_protocol.sobre import MAX_SOBRE, MIN_SOBRE
from sync_protocol.tus_events import Append, Create, Decision, Received, Reply, Terminate, TusRequest, UploadState
from tests.sync_protocol.material import FOLIO

NOW = 1_790_000_000_000
ACUSE = "a.b.c"
METADATA = (
    f"folio {base64.b64encode(str(FOLIO).encode()).decode()},codigo_integridad {base64.b64encode(b'00' * 32).decode()}"
)

offsets = st.integers(0, 2000)
states = st.builds(
    lambda length, held, expires, verdict: UploadState(
        length, length if verdict else min(held, length), NOW + expires, **verdict
    ),
    st.integers(MIN_SOBRE, 2000),
    offsets,
    st.integers(-5, 5),
    st.sampled_from([{}, {"acuse": ACUSE}, {"recibido": True}, {"rechazo": "firma_invalida"}]),
)
plausible = {
    "tus-resumable": st.sampled_from(["1.0.0", "0.2.2", ""]),
    "upload-offset": offsets.map(str) | st.sampled_from(["-1", "x"]),
    "upload-length": st.integers(0, 3000).map(str) | st.just(str(MAX_SOBRE)),
    "upload-metadata": st.sampled_from([METADATA, "", "folio", "folio Zg=="]),
    "upload-checksum": st.sampled_from([f"sha256 {base64.b64encode(bytes(32)).decode()}", "sha1 AA==", "sha256 AA=="]),
    "upload-defer-length": st.just("1"),
    "content-length": offsets.map(str),
    "content-type": st.sampled_from(["application/offset+octet-stream", "text/plain"]),
    "transfer-encoding": st.just("chunked"),
}
some = st.fixed_dictionaries({}, optional=plausible)
ours = some.map(lambda headers: {**headers, "tus-resumable": "1.0.0"})
requests = st.builds(TusRequest, st.sampled_from(["OPTIONS", "POST", "HEAD", "PATCH", "DELETE", "GET"]), ours | some)


def is_complete(state: UploadState) -> bool:
    return bool(state.acuse or state.recibido or state.rechazo)


@given(requests, st.none() | states)
def test_laws(request: TusRequest, state: UploadState | None) -> None:
    decision = tus_server.decide(request, state, NOW)
    match decision:
        case Reply():
            check_reply(decision, state)
        case Append():
            assert state is not None
            assert request.method == "PATCH"
            assert not is_complete(state), "nothing that is complete is appended to"
            assert (decision.offset, decision.offset + decision.limit) == (state.offset, state.length)
            assert state.expires_ms > NOW
        case Create():
            assert request.method == "POST"
            assert MIN_SOBRE <= decision.length <= MAX_SOBRE
        case Terminate():
            assert state is not None
            assert request.method == "DELETE"
            assert not state.acuse
            assert not state.recibido, "what was taken cannot be taken back"


def check_reply(reply: Reply, state: UploadState | None) -> None:
    assert reply.headers["Tus-Resumable"] == "1.0.0", "else the phone takes it for someone else's"
    if reply.code:
        assert reply.status == (200 if reply.status == 200 else CATALOGUE[reply.code].status)
        assert reply.headers["Acopio-Codigo"] == reply.code
    if "Upload-Offset" in reply.headers:
        assert state is not None
        assert int(reply.headers["Upload-Offset"]) == state.offset, "what can really be read back"
    if "Acopio-Acuse" in reply.headers:
        assert state is not None
        assert reply.headers["Acopio-Acuse"] == state.acuse == ACUSE, "copied, never made here"
        assert reply.headers["Acopio-Estado"] == "acusado"
    elif reply.headers.get("Acopio-Estado"):
        assert state is not None
        assert state.recibido
        assert reply.headers["Acopio-Estado"] == "recibido"


@given(states.filter(is_complete), offsets)
def test_a_complete_upload_answers_the_same_however_often_and_from_wherever(state: UploadState, offset: int) -> None:
    def patch(at: int) -> Decision:
        headers = {
            "tus-resumable": "1.0.0",
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(at),
        }
        return tus_server.decide(TusRequest("PATCH", headers), state, NOW)

    assert patch(offset) == patch(0) == tus_server.done_reply(state)


@pytest.mark.parametrize(
    ("checksum", "complete", "excess", "matches"), list(itertools.product([None, bytes(32)], *[[True, False]] * 3))
)
def test_bytes_stay_unless_a_checksum_covered_them(
    checksum: bytes | None, complete: bool, excess: bool, matches: bool
) -> None:
    plan = Append(0, 1000, checksum)
    received = Received(1001 if excess else 400, complete, excess, matches)
    keeps = tus_server.keeps_bytes(plan, received)
    if checksum is None:
        assert keeps == (not excess)
    else:
        assert keeps == (complete and matches and not excess)
    reply = tus_server.after_append(plan, UploadState(1500, 900 if keeps else 500, NOW), received)
    assert reply.headers["Upload-Offset"] == ("900" if keeps else "500")
    if reply.status == 204:
        assert keeps or not matches or not complete


def test_a_head_with_a_prefix_says_its_code() -> None:
    reply = tus_server.head_reply(UploadState(2000, 5, NOW), bytes(range(32)))
    assert reply.headers["Acopio-Prefix-Sha256"] == bytes(range(32)).hex()
    done = tus_server.head_reply(UploadState(2000, 2000, NOW, acuse=ACUSE), bytes(32))
    assert "Acopio-Prefix-Sha256" not in done.headers


def test_options_says_the_limit_of_this_server() -> None:
    assert tus_server.options_reply(5).headers["Tus-Max-Size"] == "5"
