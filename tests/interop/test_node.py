"""JavaScript that is not ours: HPKE with X-Wing, WebCrypto, jose, MessagePack and a JSON Schema validator."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest

from sync_protocol import acuse, alta, registro, sealing, session, sobre
from sync_protocol.folio import Folio
from sync_protocol.signing import b64url
from sync_protocol.vectors import run, shape
from tests.interop.conftest import Node
from tests.sync_protocol import material
from tests.sync_protocol.material import DEVICE, FOLIO, OPENING, SEEN, SERVER

pytestmark = pytest.mark.interop

DEVICE_JWK = {**DEVICE.public.jwk(), "d": b64url(DEVICE.scalar)}


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def groups(name: str, kind: type[Any]) -> list[Any]:
    return [group for group in run.load(run.read_file(name)).test_groups if isinstance(group, kind)]


def sealed(raw: bytes, seed: bytes = OPENING.seed) -> dict[str, str]:
    frame = sobre.parse(raw)
    info = sealing.INFO_LABEL + bytes(frame.header)
    return {"seed": b64(seed), "enc": b64(frame.enc), "info": b64(info), "ciphertext": b64(frame.ciphertext)}


def test_hpke_opens_sobres_sealed_here(node: Node) -> None:
    made = [material.seal(Folio(123, 45, 7, registro_)) for registro_ in range(3)]
    damaged = bytearray(made[0])
    damaged[1300] ^= 1
    opened = node("open", items=[sealed(raw) for raw in [*made, bytes(damaged)]])
    for raw, result in zip(made, opened, strict=False):
        assert base64.b64decode(result["plaintext"]) == sealing.open_sobre(sobre.parse(raw), OPENING)
    assert "error" in opened[-1]


def test_hpke_agrees_on_every_vector(node: Node) -> None:
    """Good and bad, those of the seal and those of whole sobres that come as far as the seal."""
    items: list[dict[str, str]] = []
    stated: list[str | None] = []
    for group in groups("sealing.json", shape.HpkeOpen):
        for v in group.tests:
            parts = {"enc": v.enc, "info": v.info, "ciphertext": v.ciphertext}
            items.append({"seed": b64(bytes.fromhex(group.seed)), **{name: b64(raw) for name, raw in parts.items()}})
            stated.append(b64(v.plaintext) if v.result == "valid" else None)
    for group in groups("sobre.json", shape.SobreVerify):
        for v in group.tests:
            if v.result == "valid" or v.layer == "hpke":
                items.append(sealed(v.sobre, bytes.fromhex(group.opening_seed)))
                stated.append(b64(v.plaintext) if v.result == "valid" else None)
    assert len(items) > 50
    assert [result.get("plaintext") for result in node("open", items=items)] == stated


def test_what_hpke_seals_is_opened_here(node: Node) -> None:
    info = sealing.INFO_LABEL + bytes(72)
    made = node("seal", publicKey=b64(OPENING.public.raw), info=b64(info), plaintext=b64(b"desde el navegador"))
    together = base64.b64decode(made["enc"]) + base64.b64decode(made["ciphertext"])
    assert OPENING.unseal(memoryview(together), info) == b"desde el navegador"


def test_a_whole_sobre_made_elsewhere_passes_every_check(node: Node) -> None:
    """Header, MessagePack, seal and signature by other people's libraries: a phone in a browser."""
    record = material.apoyo()
    content = {
        name: value
        for name, value in msgspec.to_builtins(record, builtin_types=(bytes,)).items()
        if name not in ("imagenes", "codigos")
    }
    content |= {"codigos": [], "imagenes": {image.tipo: b64(image.datos) for image in record.imagenes}}
    made = node(
        "sobre",
        publicKey=b64(OPENING.public.raw),
        jwk=DEVICE_JWK,
        label="acopio/sobre/v1",
        header={
            "tipo": 1,
            "solicitud": 123,
            "auxiliar": 45,
            "dispositivo": 7,
            "registro": 1,
            "anterior": b64(b"\1" * 32),
        },
        content=content,
    )
    raw, codigo = base64.b64decode(made["sobre"]), base64.b64decode(made["codigo"])
    frame, plaintext = run.verify_sobre(raw, announced=codigo, in_session_of=SEEN, devices=[SEEN], opening=OPENING)
    assert frame.cabecera.folio == FOLIO
    again = registro.decode(plaintext, tipo=sobre.Tipo.APOYO, folio=FOLIO)
    assert again == msgspec.structs.replace(record, codigos=())


def test_webcrypto_agrees_on_every_signature(node: Node) -> None:
    items: list[dict[str, Any]] = []
    stated: list[bool] = []
    for group in groups("jws.json", shape.EcdsaVerify):
        for v in group.tests:
            items.append({"jwk": group.jwk, "message": b64(v.message), "signature": b64(bytes.fromhex(v.signature))})
            stated.append(v.result == "valid")
    for v in groups("sobre.json", shape.SobreVerify)[0].tests:
        if v.result == "valid" or v.layer == "signature":
            frame = sobre.parse(v.sobre)
            items.append({"jwk": SEEN.jwk, "message": b64(frame.signed_part), "signature": b64(frame.signature)})
            # The larger s is good ECDSA, and refused in a sobre all the same (SPEC §4).
            stated.append(v.result == "valid" or v.name == "signature-high-s")
    assert node("ecdsa", items=items) == stated


def test_jose_verifies_an_acuse_offline(node: Node) -> None:
    for group in groups("acuse.json", shape.AcuseVerify):
        for v in group.tests:
            if v.result == "valid":
                read = node("acuse", token=v.token, jwks=group.jwks)
                keys = acuse.keys_from_jwks(group.jwks)
                assert read["header"]["typ"] == acuse.TYP
                assert msgspec.convert(read["payload"], acuse.Acuse) == acuse.read(v.token, keys)


def test_jose_refuses_what_no_known_key_signed(node: Node) -> None:
    (group,) = groups("acuse.json", shape.AcuseVerify)
    bad = [v for v in group.tests if v.code in ("jws_firma", "llave_de_acuse_desconocida") and '"jwk"' not in head(v)]
    assert len(bad) >= 5
    assert node("refusesAcuse", tokens=[v.token for v in bad], jwks=group.jwks) == [True] * len(bad)


def head(v: shape.AcuseVector) -> str:
    part = v.token.split(".")[0]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def test_requests_signed_by_jose_are_read_here(node: Node) -> None:
    asked = session.SolicitudSesion(
        solicitud=123, auxiliar=45, dispositivo=7, nonce="n" * 22, reloj_ms=1,
        sobres=(session.Entrada(1, 2000, b64url(bytes(32))),),
    )  # fmt: skip
    header = {"alg": "ES256", "typ": session.TYP, "kid": "7"}
    token = node("jws", jwk=DEVICE_JWK, header=header, payload=b64(msgspec.json.encode(asked)))
    assert session.read(session.parse(token.encode()), DEVICE.public) == asked
    wanted = alta.Alta(
        solicitud=123, auxiliar=45, tipo_cuenta="x", correo="a@example.org", codigo="000042", acepta=True, aviso="1"
    )
    header = {"alg": "ES256", "typ": alta.TYP_ALTA, "jwk": DEVICE.public.jwk()}
    token = node("jws", jwk=DEVICE_JWK, header=header, payload=b64(msgspec.json.encode(wanted)))
    read, key = alta.read_alta(token.encode())
    assert (read, key.point) == (wanted, DEVICE.public.point)


def test_jose_gives_keys_the_same_names(node: Node) -> None:
    for key in (DEVICE, SERVER):
        assert node("thumbprint", jwk=key.public.jwk()) == key.public.thumbprint


def test_the_vectors_are_as_their_schema_says(node: Node) -> None:
    schema = run.read_file("schema.json").decode()
    files = {name: run.read_file(name).decode() for name in run.FILES}
    assert node("schema", schema=schema, files=files) == {name: [] for name in run.FILES}
    planted = json.loads(files["folio.json"])
    planted["testGroups"][0]["tests"][0]["extra"] = 1
    assert node("schema", schema=schema, files={"planted": json.dumps(planted)})["planted"] != []
