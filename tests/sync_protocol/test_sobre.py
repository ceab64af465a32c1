"""The frame: written and read again, cut at every byte, one bit of every byte turned (SPEC §3.1, §3.5)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol import sealing, sobre
from sync_protocol.errors import Layer, LocalProtocolError, RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.sobre import (
    ENC_LENGTH,
    FIRST_ANTERIOR,
    HEADER_LENGTH,
    MAX_CIPHERTEXT,
    MAX_SOBRE,
    SIGNATURE_LENGTH,
    Cabecera,
    Tipo,
)
from sync_protocol.vectors import run
from tests.sync_protocol.material import DEVICE, FOLIO, OPENING, SEEN, codigo, seal

RAW = seal()


def verified(raw: bytes, announced: bytes) -> None:
    run.verify_sobre(raw, announced=announced, in_session_of=SEEN, devices=[SEEN], opening=OPENING)


headers = st.builds(
    Cabecera,
    st.just(Tipo.APOYO),
    st.builds(Folio, st.integers(1, 999999), st.integers(1, 999999), st.integers(1, 9999999), st.integers(1, 999999)),
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=32, max_size=32).filter(any),
    st.integers(17, MAX_CIPHERTEXT),
)


@given(headers)
def test_header_written_and_read_again(cabecera: Cabecera) -> None:
    raw = cabecera.to_bytes()
    assert len(raw) == HEADER_LENGTH
    assert sobre.parse_header(raw) == cabecera


def test_parts_are_where_they_should_be() -> None:
    parsed = sobre.parse(RAW)
    whole = b"".join(bytes(part) for part in (parsed.header, parsed.enc, parsed.ciphertext, parsed.signature))
    assert whole == RAW
    assert bytes(parsed.signed_part) == RAW[:-SIGNATURE_LENGTH]
    assert (len(parsed.header), len(parsed.enc), len(parsed.signature)) == (72, 1120, 64)
    assert parsed.cabecera.folio == FOLIO
    verified(RAW, codigo(RAW))


def test_cut_at_every_byte_it_is_truncated() -> None:
    for length in range(len(RAW)):
        with pytest.raises(RemoteProtocolError) as caught:
            sobre.parse(RAW[:length])
        assert caught.value.code == "sobre_truncado", length


def test_a_bit_of_every_byte_never_passes() -> None:
    """The phone's own file is damaged: the announced code fits, so the frame, a signature or the seal must see it."""
    seen: dict[Layer, int] = {}
    for at in range(len(RAW)):
        damaged = RAW[:at] + bytes([RAW[at] ^ (1 << at % 8)]) + RAW[at + 1 :]
        with pytest.raises(run.LayerError) as caught:
            verified(damaged, codigo(damaged))
        seen[caught.value.layer] = seen.get(caught.value.layer, 0) + 1
        with pytest.raises(run.LayerError) as caught:
            verified(damaged, codigo(RAW))
        assert caught.value.code == "integridad_distinta", at
    assert set(seen) == {Layer.FRAME, Layer.HEADER, Layer.SIGNATURE}
    assert seen[Layer.SIGNATURE] >= len(RAW) - HEADER_LENGTH


def test_every_cut_and_every_added_byte_fails_integrity_first() -> None:
    for damaged in (*(RAW[:length] for length in range(0, len(RAW), 97)), RAW + b"\0", RAW + RAW, b""):
        with pytest.raises(run.LayerError) as caught:
            verified(damaged, codigo(RAW))
        assert (caught.value.layer, caught.value.code) == (Layer.INTEGRITY, "integridad_distinta")


def test_bytes_left_over_are_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="sobre_sobrante"):
        sobre.parse(RAW + b"\0")


def test_the_limit_counts_before_anything_else() -> None:
    with pytest.raises(RemoteProtocolError, match="sobre_demasiado_grande"):
        sobre.parse(bytes(MAX_SOBRE + 1))
    with pytest.raises(RemoteProtocolError, match="sobre_magia"):
        sobre.parse(bytes(MAX_SOBRE))


def test_the_largest_sobre_is_sealed_and_opened_and_one_byte_more_is_not() -> None:
    most = MAX_CIPHERTEXT - 16
    arguments = {
        "tipo": Tipo.APOYO,
        "folio": FOLIO,
        "anterior": b"\x01" * 32,
        "to": OPENING.public,
        "signed_by": DEVICE,
    }
    raw = sealing.seal(bytes(most), **arguments)  # type: ignore[arg-type]
    assert len(raw) == MAX_SOBRE
    assert sealing.open_sobre(sobre.parse(raw), OPENING) == bytes(most)
    with pytest.raises(LocalProtocolError, match="sobre_demasiado_grande"):
        sealing.seal(bytes(most + 1), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tipo", "registro", "auxiliar", "anterior", "code"),
    [
        (Tipo.APOYO, 0, 45, FIRST_ANTERIOR, "sobre_tipo"),
        (Tipo.TESTIGOS, 1, 45, b"\x01" * 32, "sobre_tipo"),
        (Tipo.MI_APOYO, 1, 0, b"\x01" * 32, "sobre_tipo"),
        (Tipo.APOYO, 1, 0, b"\x01" * 32, "sobre_tipo"),
        (Tipo.APOYO, 1, 45, FIRST_ANTERIOR, "sobre_longitud"),
        (Tipo.TESTIGOS, 0, 45, b"\x01" * 32, "sobre_longitud"),
    ],
)
def test_a_phone_does_not_seal_what_every_server_refuses(
    tipo: Tipo, registro: int, auxiliar: int, anterior: bytes, code: str
) -> None:
    folio = Folio(123, auxiliar, 7, registro)
    with pytest.raises(LocalProtocolError) as caught:
        sealing.seal(b"x", tipo=tipo, folio=folio, anterior=anterior, to=OPENING.public, signed_by=DEVICE)
    assert caught.value.code == code


def test_parsing_copies_nothing() -> None:
    buffer = bytearray(RAW)
    parsed = sobre.parse(buffer)
    buffer[HEADER_LENGTH] ^= 1
    assert parsed.enc[0] == buffer[HEADER_LENGTH]
    assert len(parsed.enc) == ENC_LENGTH


def test_printed_code() -> None:
    assert sobre.printed_code(bytes(range(32))).startswith("0001 0203 0405")
    assert len(sobre.printed_code(bytes(32)).split()) == 16


@given(raw=st.binary(max_size=400))
def test_one_pass_gives_both_digests(raw: bytes) -> None:
    codigo, signed = sobre.digests(raw)
    assert codigo == sobre.codigo_de_integridad(raw)
    assert signed == hashlib.sha256(raw[: max(0, len(raw) - sobre.SIGNATURE_LENGTH)]).digest()
