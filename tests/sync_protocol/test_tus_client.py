"""The laws of the phone's half, whatever comes back (SPEC §8.4). Rows are in `tus.json`."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from sync_protocol import tus_client
from sync_protocol.errors import CATALOGUE
from sync_protocol.tus_client import (
    MAX_RESTARTS,
    BackOff,
    Finished,
    HttpReply,
    NeedSession,
    Refused,
    SendDelete,
    SendHead,
    SendPatch,
    Step,
    Upload,
    after_cut,
    first_step,
    next_step,
)

RAW = bytes(range(256)) * 4

uploads = st.builds(
    Upload,
    st.just("/sync/subidas/a"),
    st.just(len(RAW)),
    st.none() | st.integers(0, len(RAW)),
    st.integers(0, MAX_RESTARTS),
)
prefixes = st.integers(0, len(RAW)).map(lambda n: hashlib.sha256(RAW[:n]).hexdigest())
plausible = {
    "tus-resumable": st.sampled_from(["1.0.0", "0.2.2", ""]),
    "upload-offset": st.integers(-2, len(RAW) + 2).map(str) | st.just("x"),
    "acopio-codigo": st.sampled_from([*CATALOGUE, "otro_codigo", ""]),
    "acopio-estado": st.sampled_from(["acusado", "recibido", "otro"]),
    "acopio-acuse": st.sampled_from(["a.b.c", ""]),
    "acopio-prefix-sha256": prefixes | st.just("x"),
    "retry-after": st.integers(-5, 10**6).map(str) | st.text(max_size=8),
}
STATUSES = [
    100,
    200,
    204,
    206,
    301,
    302,
    400,
    401,
    403,
    404,
    405,
    409,
    410,
    412,
    413,
    415,
    422,
    429,
    460,
    500,
    503,
    507,
]
some = st.fixed_dictionaries({}, optional=plausible)
ours = some.map(lambda headers: {**headers, "tus-resumable": "1.0.0"})
replies = st.builds(HttpReply, st.sampled_from(["HEAD", "PATCH", "DELETE"]), st.sampled_from(STATUSES), ours | some)


def upload_of(step: Step) -> Upload | None:
    return step.upload if isinstance(step, SendHead | SendPatch | SendDelete | BackOff) else None


@given(uploads, replies)
def test_laws(upload: Upload, reply: HttpReply) -> None:
    step = next_step(upload, reply, RAW)
    if reply.headers.get("tus-resumable") != "1.0.0":
        assert isinstance(step, BackOff), "it changes nothing"
        assert step.upload.restarts == upload.restarts
        assert step.upload.offset is None
    if isinstance(step, Finished):
        assert reply.status in (200, 204)
        assert step.acuse == reply.headers.get("acopio-acuse", "")
    if isinstance(step, SendPatch):
        assert step.upload.offset is not None
        assert 0 <= step.upload.offset <= len(RAW)
        assert str(step.upload.offset) == reply.headers["upload-offset"]
    if isinstance(step, Refused):
        assert reply.status not in (401, 404, 410, 429)
        assert reply.status < 500
        assert step.code in CATALOGUE or reply.status in (200, 204, 409)
    if isinstance(step, BackOff):
        assert 0 <= step.retry_after <= 3600
    if isinstance(step, NeedSession):
        assert reply.status in (200, 204, 401, 404, 405, 410) or reply.method == "DELETE"
    after = upload_of(step)
    if after is not None:
        assert (after.url, after.length) == (upload.url, upload.length)
        assert upload.restarts <= after.restarts <= min(upload.restarts + 1, MAX_RESTARTS)


@given(st.integers(0, len(RAW)), st.integers(0, len(RAW)))
def test_what_is_held_is_compared_byte_for_byte(held: int, told: int) -> None:
    reply = HttpReply(
        "HEAD",
        200,
        {
            "tus-resumable": "1.0.0",
            "upload-offset": str(held),
            "acopio-prefix-sha256": hashlib.sha256(RAW[:told]).hexdigest(),
        },
    )
    step = next_step(Upload("/a", len(RAW), None), reply, memoryview(RAW))
    assert isinstance(step, SendPatch if held == told else SendDelete)


def test_restarts_end() -> None:
    """A damaged prefix, again and again: the phone sets the sobre aside and goes on with the next."""
    upload, seen = Upload("/a", len(RAW), None), 0
    damaged = HttpReply("HEAD", 200, {"tus-resumable": "1.0.0", "upload-offset": "5", "acopio-prefix-sha256": "x"})
    while isinstance(step := next_step(upload, damaged, RAW), SendDelete):
        upload, seen = step.upload, seen + 1
    assert (step, seen) == (Refused("integridad_distinta"), MAX_RESTARTS)


def test_resumed_counts_the_cuts_that_a_part_survived() -> None:
    def head(offset: int) -> HttpReply:
        return HttpReply("HEAD", 200, {"tus-resumable": "1.0.0", "upload-offset": str(offset)})

    for offset, count in ((0, 0), (5, 1), (len(RAW), 0)):
        step = next_step(Upload("/a", len(RAW), None), head(offset), RAW)
        assert isinstance(step, SendPatch)
        assert step.upload.resumed == count


def test_first_step_and_after_a_cut() -> None:
    known, unknown = Upload("/a", 9, 4), Upload("/a", 9, None)
    assert first_step(known) == SendPatch(known)
    assert first_step(unknown) == SendHead(unknown)
    assert after_cut(known) == SendHead(unknown)


def test_the_steps_are_those_of_the_union() -> None:
    assert set(tus_client.Step.__args__) == {SendHead, SendPatch, SendDelete, Finished, Refused, NeedSession, BackOff}
