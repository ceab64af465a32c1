"""The manifest and its answer: there and back, and the limits that are too large for a vector (SPEC §8.1)."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol import jws, session
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.session import Entrada, EstadoSobre, RespuestaSesion, SolicitudSesion
from sync_protocol.signing import b64url, b64url_decode
from sync_protocol.sobre import MAX_SOBRE, MIN_SOBRE
from tests.sync_protocol.material import DEVICE, OTHER_DEVICE


def request(sobres: tuple[Entrada, ...] = (), borrados: tuple[int, ...] = ()) -> SolicitudSesion:
    return SolicitudSesion(
        solicitud=123, auxiliar=45, dispositivo=7, nonce="n" * 22, reloj_ms=1, sobres=sobres, borrados=borrados
    )


def read(token: str) -> SolicitudSesion:
    return session.read(session.parse(token.encode()), DEVICE.public)


entries = st.builds(
    Entrada,
    st.integers(0, 999_999),
    st.integers(MIN_SOBRE, MAX_SOBRE),
    st.binary(min_size=32, max_size=32).map(b64url),
)


@given(st.lists(entries, max_size=30, unique_by=lambda entry: entry.registro))
def test_there_and_back(sobres: list[Entrada]) -> None:
    asked = request(tuple(sobres))
    got = read(session.sign(asked, DEVICE))
    assert got == asked
    assert all(len(b64url_decode(entry.codigo)) == 32 for entry in got.sobres)
    with pytest.raises(RemoteProtocolError, match="jws_firma"):
        session.read(session.parse(session.sign(asked, DEVICE).encode()), OTHER_DEVICE.public)


def full(count: int) -> tuple[Entrada, ...]:
    code = b64url(hashlib.sha256(b"").digest())
    return tuple(Entrada(900_000 + n, MAX_SOBRE, code) for n in range(count))


def test_the_fullest_manifest_fits_and_one_entry_more_does_not() -> None:
    token = session.sign(request(full(session.MAX_ENTRIES), tuple(range(session.MAX_ENTRIES))), DEVICE)
    assert len(token) < session.MAX_LENGTH
    assert len(read(token).sobres) == session.MAX_ENTRIES
    with pytest.raises(RemoteProtocolError, match="sesion_invalida"):
        read(session.sign(request(full(session.MAX_ENTRIES + 1)), DEVICE))
    with pytest.raises(RemoteProtocolError, match="sesion_invalida"):
        read(session.sign(request((), tuple(range(session.MAX_ENTRIES + 1))), DEVICE))


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(RemoteProtocolError, match="manifiesto_demasiado_grande"):
        session.parse(b"." * (session.MAX_LENGTH + 1))
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        session.parse(b"." * session.MAX_LENGTH)


def test_the_kid_is_the_devices() -> None:
    token = jws.sign(msgspec.json.encode(request()), DEVICE, typ=session.TYP, kid="8")
    with pytest.raises(RemoteProtocolError, match="sesion_invalida"):
        read(token)


def test_folio_of_a_registro() -> None:
    assert request().folio(9) == Folio(123, 45, 7, 9)


def test_the_answer_there_and_back() -> None:
    answer = RespuestaSesion(
        sesion=1,
        ahora_ms=2,
        token="t",
        vence_ms=3,
        en_vuelo=2,
        inicia_ms=0,
        termina_ms=9,
        sobres=(
            EstadoSobre(registro=0, estado="acusado", acuse="a.b.c"),
            EstadoSobre(registro=1, estado="parcial", url="/x", offset=5),
        ),
    )
    assert session.decode_answer(msgspec.json.encode(answer)) == answer


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_an_answer_of_anyone_else_is_sesion_invalida(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="sesion_invalida"):
        session.decode_answer(body)
