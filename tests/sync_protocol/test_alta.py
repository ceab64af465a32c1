"""Altas and bajas: signed, read again, and the limits (SPEC §7). The bad ones are in `alta.json`."""

from __future__ import annotations

import msgspec
import pytest

from sync_protocol import acuse, alta, jws
from sync_protocol.alta import Alta, AltaAceptada, Baja, SolicitudCodigo
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.signing import PublicKey
from tests.sync_protocol.material import DEVICE, OPENING, OTHER_DEVICE, SERVER

ALTA = Alta(
    solicitud=123, auxiliar=45, tipo_cuenta="google", correo="a@example.org", codigo="000042", acepta=True, aviso="1"
)
BAJA = Baja(solicitud=123, auxiliar=45, dispositivo=7, nonce="0123456789abcdef")


def test_an_alta_proves_that_its_key_is_held() -> None:
    read, key = alta.read_alta(alta.sign_alta(ALTA, DEVICE).encode())
    assert read == ALTA
    assert key.point == DEVICE.public.point


def test_a_baja_by_a_registered_key() -> None:
    unverified = alta.parse_baja(alta.sign_baja(BAJA, DEVICE, kid="7").encode())
    assert unverified.kid == "7"
    assert alta.read_baja(unverified, DEVICE.public) == BAJA
    with pytest.raises(RemoteProtocolError, match="jws_firma"):
        alta.read_baja(unverified, OTHER_DEVICE.public)


def test_a_baja_of_a_lost_phone_carries_its_key() -> None:
    with_code = msgspec.structs.replace(BAJA, codigo="000042")
    unverified = alta.parse_baja(alta.sign_baja(with_code, OTHER_DEVICE).encode())
    assert unverified.jwk is not None
    assert alta.read_baja(unverified, PublicKey.from_jwk(unverified.jwk)) == with_code


def test_one_cannot_be_taken_for_the_other() -> None:
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        alta.parse_baja(alta.sign_alta(ALTA, DEVICE).encode())
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        alta.read_alta(alta.sign_baja(BAJA, DEVICE).encode())


def test_no_longer_than_the_limit() -> None:
    payload = msgspec.json.encode(ALTA) + b" " * alta.MAX_LENGTH
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        alta.read_alta(jws.sign(payload, DEVICE, typ=alta.TYP_ALTA, with_jwk=True).encode())


def test_the_answer_there_and_back() -> None:
    answer = AltaAceptada(
        dispositivo=7,
        institucion="Instituto",
        proceso="Proceso",
        cargo="Cargo",
        aspirante="Persona",
        emblema_png=b"\x89PNG",
        inicia_ms=1,
        termina_ms=2,
        gracia_ms=86_400_000,
        llave_sellado=OPENING.public.raw,
        jwks=acuse.jwks({SERVER.public.thumbprint: SERVER.public}),
        ahora_ms=1,
    )
    assert msgspec.json.decode(msgspec.json.encode(answer), type=AltaAceptada) == answer


@pytest.mark.parametrize(
    "body",
    [
        b'{"solicitud":123,"auxiliar":45,"tipo_cuenta":"x","correo":"a"}',
        b'{"solicitud":1000000,"auxiliar":45,"tipo_cuenta":"x","correo":"a@b.mx"}',
        b'{"solicitud":123,"auxiliar":0,"tipo_cuenta":"x","correo":"a@b.mx"}',
        b'{"solicitud":123,"auxiliar":45,"tipo_cuenta":"msn","correo":"a@b.mx"}',
        b'{"solicitud":123,"auxiliar":45,"tipo_cuenta":"x","correo":"a@b.mx","extra":1}',
    ],
)
def test_asking_for_a_code_is_typed(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=SolicitudCodigo)
