"""The acuse: the same bytes every time, and good for one sobre only (SPEC §6). The bad ones are in `acuse.json`."""

from __future__ import annotations

import msgspec
import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import KeySet

from sync_protocol import acuse
from sync_protocol.acuse import Acuse
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from tests.sync_protocol.material import DEVICE, FOLIO, FORGE, SERVER

CODIGO = bytes(range(32))
KEYS = {SERVER.public.thumbprint: SERVER.public}
ACUSE = Acuse(
    iss="Instituto de Prueba",
    iat=1_790_000_000,
    folio=str(FOLIO),
    tipo="apoyo",
    codigo=CODIGO.hex(),
    tam=270_000,
    recibido="2026-09-21T14:13:20.000Z",
)
TOKEN = acuse.sign(ACUSE, SERVER)


def test_signed_again_it_is_the_same_byte_for_byte() -> None:
    assert acuse.sign(ACUSE, SERVER) == TOKEN


def test_verified_for_its_sobre() -> None:
    assert acuse.verify(TOKEN, KEYS, folio=FOLIO, codigo=CODIGO, tam=270_000) == ACUSE


@pytest.mark.parametrize(
    ("folio", "codigo", "tam"),
    [
        (Folio(123, 45, 7, 2), CODIGO, 270_000),
        (FOLIO, bytes(32), 270_000),
        (FOLIO, CODIGO[:31], 270_000),
        (FOLIO, CODIGO, 270_001),
    ],
)
def test_for_any_other_sobre_it_is_ajeno(folio: Folio, codigo: bytes, tam: int) -> None:
    with pytest.raises(RemoteProtocolError, match="acuse_ajeno"):
        acuse.verify(TOKEN, KEYS, folio=folio, codigo=codigo, tam=tam)


def test_without_keys_nothing_is_verified() -> None:
    with pytest.raises(RemoteProtocolError, match="llave_de_acuse_desconocida"):
        acuse.read(TOKEN, {})


def test_a_bit_of_every_character_never_verifies() -> None:
    for at in range(len(TOKEN)):
        damaged = TOKEN[:at] + chr(ord(TOKEN[at]) ^ 1) + TOKEN[at + 1 :]
        with pytest.raises(RemoteProtocolError):
            acuse.verify(damaged, KEYS, folio=FOLIO, codigo=CODIGO, tam=270_000)


def test_the_longest_acuse_fits() -> None:
    """Whatever name an institution has: the control characters of JSON are the widest."""
    long = msgspec.structs.replace(ACUSE, iss="\x01" * 120, tam=8 * 1024 * 1024, tipo="testigos")
    token = acuse.sign(long, SERVER)
    assert len(token) <= acuse.MAX_LENGTH
    assert acuse.read(token, KEYS) == long


def test_jwks_there_and_back_and_as_another_library_reads_it() -> None:
    published = acuse.jwks({**KEYS, FORGE.retired_server.public.thumbprint: FORGE.retired_server.public})
    read = acuse.keys_from_jwks(published)
    assert {kid: key.point for kid, key in read.items()} == {
        key.public.thumbprint: key.public.point for key in (SERVER, FORGE.retired_server)
    }
    theirs = joserfc_jws.deserialize_compact(TOKEN, KeySet.import_key_set(published), algorithms=["ES256"])  # type: ignore[arg-type]
    assert msgspec.json.decode(theirs.payload, type=Acuse) == ACUSE


def test_the_name_of_a_key_is_its_thumbprint_whatever_the_set_says() -> None:
    """Else a set could give one key another's name, and an acuse would verify by the wrong one."""
    lying = {"keys": [{**DEVICE.public.jwk(), "kid": SERVER.public.thumbprint}]}
    assert list(acuse.keys_from_jwks(lying)) == [DEVICE.public.thumbprint]


def test_keys_of_other_kinds_are_passed_over() -> None:
    published = {
        "keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "EC", "crv": "P-384"}, 5, SERVER.public.jwk()]
    }
    assert list(acuse.keys_from_jwks(published)) == [SERVER.public.thumbprint]


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": None}, {"keys": [{"kty": "EC", "crv": "P-256"}]}])
def test_what_is_no_key_set(document: dict[str, object]) -> None:
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        acuse.keys_from_jwks(document)
