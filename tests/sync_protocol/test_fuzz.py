"""Whatever comes over the wire: only ProtocolError may come out, and memory stays within what was sent (issue: bad
input). Random bytes, and valid messages with something done to them, which reach deeper."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol import acuse, alta, jws, registro, sealing, session, sobre, tus_client, tus_server
from sync_protocol import tus_headers as th
from sync_protocol.errors import ProtocolError
from sync_protocol.sobre import HEADER_LENGTH, MAX_SOBRE, Tipo
from sync_protocol.tus_events import TusRequest, UploadState
from sync_protocol.vectors import run
from tests.sync_protocol import material
from tests.sync_protocol.material import DEVICE, FOLIO, OPENING, SEEN, SERVER, codigo

RAW = material.seal()
KEYS = {SERVER.public.thumbprint: SERVER.public}
CONTENT = registro.encode(material.apoyo())
ALTA = alta.sign_alta(
    alta.Alta(
        solicitud=123, auxiliar=45, tipo_cuenta="x", correo="a@example.org", codigo="000042", acepta=True, aviso="1"
    ),
    DEVICE,
).encode()
BAJA = alta.sign_baja(alta.Baja(solicitud=123, auxiliar=45, dispositivo=7, nonce="n" * 16), DEVICE, kid="7").encode()
SESSION = session.sign(
    session.SolicitudSesion(
        solicitud=123, auxiliar=45, dispositivo=7, nonce="n" * 16, reloj_ms=1,
        sobres=(session.Entrada(1, len(RAW), jws.b64url(codigo(RAW))),),
    ),
    DEVICE,
).encode()  # fmt: skip
ACUSE = acuse.sign(
    acuse.Acuse(
        iss="I", iat=1, folio=str(FOLIO), tipo="apoyo", codigo=codigo(RAW).hex(), tam=len(RAW),
        recibido="2026-09-21T14:13:20.000Z",
    ),
    SERVER,
).encode()  # fmt: skip
ANSWER = msgspec.json.encode(
    session.RespuestaSesion(
        sesion=1, ahora_ms=1, token="t", vence_ms=1, en_vuelo=1, inicia_ms=0, termina_ms=2,
        sobres=(session.EstadoSobre(registro=1, estado="nuevo", url="/a"),),
    )
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    """The valid message with a few things done to it: bytes turned, cut, put in, repeated."""
    raw = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        match draw(st.sampled_from(["turn", "cut", "put", "drop", "repeat"])):
            case "turn" if at < len(raw):
                raw[at] ^= draw(st.integers(1, 255))
            case "cut":
                del raw[at:]
            case "put":
                raw[at:at] = draw(st.binary(min_size=1, max_size=8))
            case "drop":
                del raw[at : at + draw(st.integers(1, 8))]
            case "repeat":
                raw[at:at] = raw[at : at + draw(st.integers(1, 64))]
    return bytes(raw)


def anything(valid: bytes) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=300) | mutated(valid)


def only_protocol_errors(read: Callable[[], object]) -> None:
    try:
        read()
    except ProtocolError as error:
        detail = error.detail
    else:
        detail = ""
    assert len(detail) < 100, "short, and no echo of what came"


def opened(raw: bytes) -> None:
    """A mutated frame around a real seal: the deepest way in that does not need the keys."""
    sealing.open_sobre(sobre.parse(raw), OPENING)


def checked(raw: bytes) -> None:
    try:
        run.verify_sobre(raw, announced=codigo(raw), in_session_of=SEEN, devices=[SEEN], opening=OPENING)
    except run.LayerError:
        return
    assert raw == RAW, "only what the device signed passes"


READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "sobre.parse": (RAW, sobre.parse),
    "sobre.parse_header": (RAW[:HEADER_LENGTH], sobre.parse_header),
    "open_sobre": (RAW, opened),
    "the complete order": (RAW, checked),
    "registro.decode apoyo": (CONTENT, lambda raw: registro.decode(raw, tipo=Tipo.APOYO, folio=FOLIO)),
    "registro.decode testigos": (CONTENT, lambda raw: registro.decode(raw, tipo=Tipo.TESTIGOS, folio=FOLIO)),
    "jws.parse": (SESSION, lambda raw: jws.parse(raw, typ=session.TYP, max_length=5000)),
    "session.read": (SESSION, lambda raw: session.read(session.parse(raw), DEVICE.public)),
    "alta.read_alta": (ALTA, alta.read_alta),
    "alta.read_baja": (BAJA, lambda raw: alta.read_baja(alta.parse_baja(raw), DEVICE.public)),
    "acuse.verify": (
        ACUSE,
        lambda raw: acuse.verify(
            raw.decode("latin-1"), KEYS, folio=FOLIO, codigo=codigo(RAW), tam=len(RAW)
        ),
    ),
    "session.decode_answer": (ANSWER, session.decode_answer),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_the_valid_one_is_read(name: str) -> None:
    valid, read = READERS[name]
    if name != "registro.decode testigos":
        read(valid)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_only_protocol_errors_come_out(name: str, data: st.DataObject) -> None:
    valid, read = READERS[name]
    raw = data.draw(anything(valid))
    only_protocol_errors(lambda: read(raw))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**64 - 1)
        | st.floats()
        | st.text(max_size=10)
        | st.binary(max_size=10),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=20,
    ),
    st.sampled_from(sorted(msgspec.to_builtins(material.apoyo()))),
)
def test_any_value_in_any_field_of_the_content(value: Any, field: str) -> None:
    """Sealed and signed content is only the device's word: its types are what keeps the server upright."""
    content = {**msgspec.to_builtins(material.apoyo(), builtin_types=(bytes,)), field: value}
    only_protocol_errors(lambda: registro.decode(msgspec.msgpack.encode(content), tipo=Tipo.APOYO, folio=FOLIO))


@given(
    st.dictionaries(
        st.sampled_from(["alg", "typ", "kid", "jwk", "crit", "x"]),
        st.none()
        | st.text(max_size=20)
        | st.integers()
        | st.dictionaries(st.sampled_from(["kty", "crv", "x", "y"]), st.text(max_size=50), max_size=4),
        max_size=6,
    ),
    st.binary(max_size=80),
)
def test_any_header_of_a_jws(header: dict[str, Any], payload: bytes) -> None:
    head = {"alg": "ES256", "typ": alta.TYP_ALTA, **header}
    signed = f"{jws.b64url(msgspec.json.encode(head))}.{jws.b64url(payload)}".encode()
    token = signed + b"." + jws.b64url(DEVICE.sign(signed)).encode()
    only_protocol_errors(lambda: alta.read_alta(token))


header_values = st.text(max_size=60) | st.integers(-2, 10**9).map(str)
headers = st.dictionaries(
    st.sampled_from([*th.READERS, "acopio-acuse", "acopio-codigo", "acopio-estado", "retry-after"]),
    header_values,
    max_size=8,
).map(lambda given_: {"tus-resumable": "1.0.0", **given_})  # fmt: skip


@given(st.text(max_size=8) | st.sampled_from(["POST", "HEAD", "PATCH", "DELETE"]), headers)
def test_decide_and_next_step_raise_nothing(method: str, given_: dict[str, str]) -> None:
    for state in (None, UploadState(2000, 5, 2), UploadState(2000, 2000, 0, acuse="a.b.c")):
        tus_server.decide(TusRequest(method, given_), state, 1)
    for status in (200, 204, 400, 409, 413, 422, 503):
        tus_client.next_step(tus_client.Upload("/a", len(RAW), 5), tus_client.HttpReply(method, status, given_), RAW)


# --- Memory

ROOM = 64 * 1024
"""What reading may take beside the message itself: objects, an error with its traceback."""


def peak(read: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        only_protocol_errors(read)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


HUGE = {
    "array32": b"\xdd\xff\xff\xff\xff",
    "array32 of 2^31": b"\xdd\x80\x00\x00\x00",
    "array16": b"\xdc\xff\xff",
    "map32": b"\xdf\xff\xff\xff\xff",
    "bin32": b"\xc6\xff\xff\xff\xff",
    "str32": b"\xdb\xff\xff\xff\xff",
    "ext32": b"\xc9\xff\xff\xff\xff\x01",
}


@pytest.mark.parametrize("declared", HUGE.values(), ids=HUGE.keys())
@pytest.mark.parametrize("field", ["folio", "codigos", "ubicacion", "imagenes", "nombre", "capturado_ms", "unknown"])
def test_a_declared_count_takes_no_memory(declared: bytes, field: str) -> None:
    raw = b"\x81" + bytes([0xA0 + len(field)]) + field.encode() + declared
    assert peak(lambda: registro.decode(raw, tipo=Tipo.APOYO, folio=FOLIO)) < ROOM
    assert peak(lambda: registro.decode(declared, tipo=Tipo.APOYO, folio=FOLIO)) < ROOM


@pytest.mark.parametrize("place", ["codigos", "imagenes"])
def test_a_declared_count_inside_an_image_or_a_code_takes_no_memory(place: str) -> None:
    for declared in HUGE.values():
        raw = b"\x81" + bytes([0xA0 + len(place)]) + place.encode() + b"\x91\x81\xa5datos" + declared
        assert peak(lambda raw=raw: registro.decode(raw, tipo=Tipo.APOYO, folio=FOLIO)) < ROOM  # type: ignore[misc]


def test_as_many_images_or_codes_as_fit_take_no_more_than_was_sent() -> None:
    """A hundred thousand empty entries that are really there: refused for their count, before they are built."""
    for place in ("codigos", "imagenes"):
        raw = (
            b"\x81" + bytes([0xA0 + len(place)]) + place.encode() + b"\xdd" + struct.pack(">I", 10**5) + b"\x80" * 10**5
        )
        assert peak(lambda raw=raw: registro.decode(raw, tipo=Tipo.APOYO, folio=FOLIO)) < ROOM  # type: ignore[misc]


@pytest.mark.parametrize("length", [17, 2**20, sobre.MAX_CIPHERTEXT, sobre.MAX_CIPHERTEXT + 1, 2**31, 2**32 - 1])
def test_a_declared_ciphertext_takes_no_memory(length: int) -> None:
    head = RAW[:68] + struct.pack(">I", length)
    for raw in (head, head + bytes(5000)):
        assert peak(lambda raw=raw: sobre.parse(raw)) < ROOM  # type: ignore[misc]


def test_the_largest_frame_is_parsed_without_a_copy() -> None:
    raw = RAW[:68] + struct.pack(">I", sobre.MAX_CIPHERTEXT) + bytes(MAX_SOBRE - HEADER_LENGTH)
    assert peak(lambda: sobre.parse(raw)) < ROOM


MANY = b",".join(b'"%d":""' % n for n in range(60_000))
FLOODS = {
    "dots": b"." * session.MAX_LENGTH,
    "letters": b"A" * session.MAX_LENGTH,
    "nested header": jws.b64url(b"[" * 500_000).encode() + b"..",
    "header of many members": jws.b64url(b'{"jwk":{' + MANY + b"}}").encode() + b"..",
}


@pytest.mark.parametrize("token", FLOODS.values(), ids=FLOODS.keys())
def test_a_token_takes_a_few_times_what_was_sent(token: bytes) -> None:
    assert len(token) <= session.MAX_LENGTH
    assert peak(lambda: session.read(session.parse(token), DEVICE.public)) < 12 * session.MAX_LENGTH


def test_a_million_dots_are_not_a_million_parts() -> None:
    assert peak(lambda: session.parse(FLOODS["dots"])) < 3 * session.MAX_LENGTH


def test_a_manifest_of_any_shape_takes_a_few_times_what_was_sent() -> None:
    """Signed by a known device, so read to its end: numbers, short arrays, deep ones."""
    for inner in (b"0," * 250_000 + b"0", b"[]," * 150_000 + b"[]", b"[" * 400_000, b'"' + b"\\u0041" * 100_000 + b'"'):
        for field in (b"sobres", b"borrados", b"app", b"unknown"):
            payload = b'{"solicitud":123,"' + field + b'":[' + inner + b"]}"
            token = jws.sign(payload, DEVICE, typ=session.TYP, kid="7").encode()
            assert len(token) <= session.MAX_LENGTH
            assert peak(lambda token=token: session.read(session.parse(token), DEVICE.public)) < 12 * session.MAX_LENGTH  # type: ignore[misc]


def test_metadata_is_bounded() -> None:
    many = ",".join(f"k{n}" for n in range(10**5))
    assert peak(lambda: th.read({"upload-metadata": many}, "upload-metadata")) < ROOM
