"""The runner of the vectors: checks each against this implementation and says what happened. No printing.

A file with a key, a type of group or a flag that is not known fails as a whole: a vector that nobody runs is worse
than none. Used by the tests and by `acopio sim conformance`; a phone maker's runner does the same in its own language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from importlib import resources
from typing import Any, assert_never

import msgspec

from sync_protocol import (
    acuse,
    alta,
    jws,
    queue,
    registro,
    sealing,
    session,
    signing,
    sobre,
    tarjeta,
    tus_client,
    tus_server,
)
from sync_protocol import folio as folios
from sync_protocol.errors import CATALOGUE, Layer, LocalProtocolError, ProtocolError, RemoteProtocolError
from sync_protocol.tus_events import Append, Create, Decision, Received, Reply, Terminate, TusRequest, UploadState
from sync_protocol.vectors import shape

FILES = (
    "folio.json",
    "sobre.json",
    "sealing.json",
    "jws.json",
    "acuse.json",
    "session.json",
    "alta.json",
    "tus.json",
    "queue.json",
    "tarjeta.json",
)

ORDER = (Layer.INTEGRITY, Layer.FRAME, Layer.HEADER, Layer.SIGNATURE, Layer.HPKE, Layer.PAYLOAD)
"""The order of checks (SPEC §3.5)."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one vector. `id`: file, number and name. `message` says what differs when `ok` is false."""

    id: str
    ok: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """The classes that open and verify: the protocol's own, or others that must give the same verdicts."""

    opening: type[sealing.OpeningKey] = sealing.OpeningKey
    public: type[signing.PublicKey] = signing.PublicKey


OWN_KEYS = Keys()


class LayerError(Exception):
    """A check of the complete order that failed: at which layer, with which code."""

    def __init__(self, layer: Layer, error: ProtocolError) -> None:
        super().__init__(f"{layer.value}: {error.code}")
        self.layer = layer
        self.code = error.code


class MismatchError(Exception):
    """A vector whose input was accepted and whose output is not the one it states."""


# --- The complete order of checks


def verify_sobre(
    raw: bytes,
    *,
    announced: bytes,
    in_session_of: shape.Device,
    devices: Iterable[shape.Device],
    opening: sealing.OpeningKey,
    keys: Keys = OWN_KEYS,
) -> tuple[sobre.Sobre, bytes]:
    """The frame and the plaintext of a sobre that passes every check of SPEC §3.5, in its order. Raises LayerError."""
    at = Layer.INTEGRITY
    try:
        # First of all: damage on the way can strike anywhere, and only this code asks the phone to send again.
        if sobre.codigo_de_integridad(raw) != announced:
            raise RemoteProtocolError("integridad_distinta")
        at = Layer.FRAME
        frame = sobre.parse(raw)
        folio = frame.cabecera.folio
        at = Layer.HEADER
        known = {device.dispositivo: device for device in devices}.get(folio.dispositivo)
        if known is None:
            raise RemoteProtocolError("dispositivo_desconocido")
        named = (folio.solicitud, folio.auxiliar, folio.dispositivo)
        for one in (known, in_session_of):
            if named != (one.solicitud, one.auxiliar, one.dispositivo):
                raise RemoteProtocolError("cabecera_ajena")
        if frame.cabecera.key_id != opening.public.key_id:
            raise RemoteProtocolError("llave_desconocida")
        at = Layer.SIGNATURE
        if not keys.public.from_jwk(known.jwk).verify_low_s(frame.signed_part, frame.signature):
            raise RemoteProtocolError("firma_invalida")
        at = Layer.HPKE
        plaintext = sealing.open_sobre(frame, opening)
        at = Layer.PAYLOAD
        registro.decode(plaintext, tipo=frame.cabecera.tipo, folio=folio)
    except ProtocolError as error:
        raise LayerError(at, error) from error
    return frame, plaintext


# --- One function per type of group


def _expect(what: str, got: object, stated: object) -> None:
    if got != stated:
        raise MismatchError(f"{what}: {got!r:.200} y no {stated!r:.200}")


def _folio_parse(_: shape.FolioParse, v: shape.FolioVector, keys: Keys) -> None:
    folio = folios.parse(v.text)
    _expect("counters", _counters(folio), v.counters)
    _expect("written", str(folio), v.text)


def _folio_typed(_: shape.FolioTyped, v: shape.FolioVector, keys: Keys) -> None:
    folio = folios.parse_typed(v.text)
    _expect("counters", _counters(folio), v.counters)
    _expect("written", str(folio), v.written)


def _counters(folio: folios.Folio) -> shape.Counters:
    return shape.Counters(
        solicitud=folio.solicitud, auxiliar=folio.auxiliar, dispositivo=folio.dispositivo, registro=folio.registro
    )


def _check_character(_: shape.CheckCharacter, v: shape.CheckVector, keys: Keys) -> None:
    if folios.check_character(v.digits) != v.check:
        raise RemoteProtocolError("folio_invalido")


def _sobre(group: shape.SobreVerify, v: shape.SobreVector, keys: Keys) -> None:
    frame, plaintext = verify_sobre(
        v.sobre,
        announced=bytes.fromhex(v.codigo),
        in_session_of=group.session,
        devices=group.devices,
        opening=keys.opening(bytes.fromhex(group.opening_seed)),
        keys=keys,
    )
    _expect("folio", str(frame.cabecera.folio), v.folio)
    _expect("tipo", frame.cabecera.tipo.nombre, v.tipo)
    _expect("anterior", frame.cabecera.anterior.hex(), v.anterior)
    _expect("plaintext", plaintext, v.plaintext)


def _key_pair(_: shape.XWingKeyPair, v: shape.KeyPairVector, keys: Keys) -> None:
    key = keys.opening(bytes.fromhex(v.seed))
    _expect("publicKey", key.public.raw, v.public_key)
    _expect("keyId", key.public.key_id.hex(), v.key_id)


def _sealing_key(_: shape.SealingKeyImport, v: shape.SealingKeyVector, keys: Keys) -> None:
    sealing.SealingKey.from_bytes(v.public_key)


def _hpke(group: shape.HpkeOpen, v: shape.HpkeVector, keys: Keys) -> None:
    try:
        plaintext = keys.opening(bytes.fromhex(group.seed)).unseal(memoryview(v.enc + v.ciphertext), v.info)
    except ValueError as error:
        raise RemoteProtocolError("sobre_no_abre") from error
    _expect("plaintext", plaintext, v.plaintext)


def _jws(group: shape.JwsVerify, v: shape.JwsVector, keys: Keys) -> None:
    unverified = jws.parse(v.token, typ=group.typ, max_length=group.max_length)
    _expect("payload", unverified.verified_by(keys.public.from_jwk(group.jwk)), v.payload)


def _ecdsa(group: shape.EcdsaVerify, v: shape.EcdsaVector, keys: Keys) -> None:
    if not keys.public.from_jwk(group.jwk).verify(v.message, bytes.fromhex(v.signature)):
        raise RemoteProtocolError("firma_invalida")


def _jwk(_: shape.JwkImport, v: shape.JwkVector, keys: Keys) -> None:
    _expect("thumbprint", keys.public.from_jwk(v.jwk).thumbprint, v.thumbprint)


def _acuse(group: shape.AcuseVerify, v: shape.AcuseVector, keys: Keys) -> None:
    published = acuse.keys_from_jwks(group.jwks)
    acuse.verify(v.token, published, folio=folios.parse(v.folio), codigo=bytes.fromhex(v.codigo), tam=v.tam)


def _session_request(group: shape.SessionRequest, v: shape.RequestVector, keys: Keys) -> None:
    unverified = session.parse(v.token.encode())
    session.read(unverified, keys.public.from_jwk(group.jwk))
    _expect("payload", unverified.payload, v.payload)


def _session_answer(_: shape.SessionAnswer, v: shape.AnswerVector, keys: Keys) -> None:
    session.decode_answer(v.body.encode())


def _alta(_: shape.AltaRequest, v: shape.RequestVector, keys: Keys) -> None:
    alta.read_alta(v.token.encode())
    _expect("payload", jws.parse(v.token, typ=alta.TYP_ALTA, max_length=alta.MAX_LENGTH).payload, v.payload)


def _baja(group: shape.BajaRequest, v: shape.RequestVector, keys: Keys) -> None:
    unverified = alta.parse_baja(v.token.encode())
    alta.read_baja(unverified, keys.public.from_jwk(unverified.jwk or group.jwk))
    _expect("payload", unverified.payload, v.payload)


def _state(held: shape.Upload) -> UploadState:
    return UploadState(held.length, held.offset, held.expires_ms, held.acuse, held.recibido, held.rechazo)


def _decide(group: shape.TusServerDecide, v: shape.DecideVector, keys: Keys) -> None:
    state = None if v.state is None else _state(v.state)
    decision = tus_server.decide(TusRequest(v.request.method, v.request.headers), state, group.now_ms)
    _expect("decision", decision_as_json(decision), v.decision)
    if isinstance(decision, Reply) and decision.code:
        raise RemoteProtocolError(decision.code)


def decision_as_json(decision: Decision) -> dict[str, Any]:
    """A decision in the form that `tus.json` has it."""
    match decision:
        case Reply():
            return {"do": "reply", "status": decision.status, "headers": dict(decision.headers)}
        case Append():
            return {"do": "append", "offset": decision.offset, "limit": decision.limit, "checksum": _hex(decision)}
        case Create():
            return {
                "do": "create",
                "length": decision.length,
                "folio": str(decision.folio),
                "codigo": decision.codigo.hex(),
                "body": decision.body,
                "checksum": _hex(decision),
            }
        case Terminate():
            return {"do": "terminate"}
        case _:
            assert_never(decision)


def _hex(decision: Append | Create) -> str:
    return "" if decision.checksum is None else decision.checksum.hex()


def _append(_: shape.TusServerAppend, v: shape.AppendVector, keys: Keys) -> None:
    plan = Append(0, v.limit, bytes(32) if v.checksum else None)
    received = Received(v.count, v.complete, v.excess, v.checksum_matches)
    reply = tus_server.after_append(plan, _state(v.state), received)
    _expect("keeps", tus_server.keeps_bytes(plan, received), v.keeps)
    _expect("status", reply.status, v.status)
    _expect("Upload-Offset", reply.headers.get("Upload-Offset"), str(v.offset))
    if reply.code:
        raise RemoteProtocolError(reply.code)


def _client(group: shape.TusClientStep, v: shape.ClientVector, keys: Keys) -> None:
    upload = tus_client.Upload(v.url, v.length, None if v.offset < 0 else v.offset, v.restarts)
    step = tus_client.next_step(upload, tus_client.HttpReply(v.method, v.status, v.headers), group.raw)
    _expect("step", step_as_json(step), v.step)


def step_as_json(step: tus_client.Step) -> dict[str, Any]:
    """A step in the form that `tus.json` has it."""
    fields: dict[str, Any] = {"do": type(step).__name__}
    for name in step.__slots__:
        value = getattr(step, name)
        if is_dataclass(value) and not isinstance(value, type):
            upload = asdict(value)
            fields["offset"] = -1 if upload["offset"] is None else upload["offset"]
            fields["restarts"] = upload["restarts"]
        else:
            fields[name] = value
    return fields


def _queue(_: shape.QueueTransition, v: shape.QueueVector, keys: Keys) -> None:
    _expect("next", queue.advance(queue.EstadoCola(v.state), queue.Suceso(v.event)).value, v.next)


def _card_file(_: shape.CardFile, v: shape.CardFileVector, keys: Keys) -> None:
    _expect("sobre", tarjeta.is_sobre(v.file, bytes.fromhex(v.head)), v.sobre)
    if v.sobre:
        _expect("announced", tarjeta.announced(v.file).hex(), v.announced)


def _card_refusal(_: shape.CardRefusal, v: shape.CardRefusalVector, keys: Keys) -> None:
    said = tarjeta.read_rechazo(v.text.encode())
    read = (said.codigo, said.folio, said.integridad, said.permanente)
    _expect("rechazo", read, (v.codigo, v.folio, v.integridad, v.permanente))


_CHECKS: dict[type[Any], Callable[[Any, Any, Keys], None]] = {
    shape.FolioParse: _folio_parse,
    shape.FolioTyped: _folio_typed,
    shape.CheckCharacter: _check_character,
    shape.SobreVerify: _sobre,
    shape.XWingKeyPair: _key_pair,
    shape.SealingKeyImport: _sealing_key,
    shape.HpkeOpen: _hpke,
    shape.JwsVerify: _jws,
    shape.EcdsaVerify: _ecdsa,
    shape.JwkImport: _jwk,
    shape.AcuseVerify: _acuse,
    shape.SessionRequest: _session_request,
    shape.SessionAnswer: _session_answer,
    shape.AltaRequest: _alta,
    shape.BajaRequest: _baja,
    shape.TusServerDecide: _decide,
    shape.TusServerAppend: _append,
    shape.TusClientStep: _client,
    shape.QueueTransition: _queue,
    shape.CardFile: _card_file,
    shape.CardRefusal: _card_refusal,
}


# --- Running


def read_file(name: str) -> bytes:
    """The bytes of one of `FILES` as installed."""
    return resources.files("sync_protocol.vectors").joinpath(name).read_bytes()


def load(data: bytes) -> shape.VectorFile:
    """A vector file, strictly. Raises ValueError on a key, type of group, flag or code that is not known."""
    file = msgspec.json.decode(data, type=shape.VectorFile)
    vectors = [vector for group in file.test_groups for vector in group.tests]
    if [vector.tc_id for vector in vectors] != list(range(1, len(vectors) + 1)):
        raise ValueError("tcId no va de 1 en 1")
    if len(vectors) != file.number_of_tests:
        raise ValueError(f"numberOfTests: {file.number_of_tests} y no {len(vectors)}")
    names = [vector.name for vector in vectors]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"nombres repetidos: {sorted(repeated)}")
    if unknown := {flag for vector in vectors for flag in vector.flags} - set(file.notes):
        raise ValueError(f"flags sin nota: {sorted(unknown)}")
    for vector in vectors:
        stated = (vector.layer in set(Layer), vector.code in CATALOGUE)
        if stated != ((True, True) if vector.result == "invalid" else (False, False)) or (
            vector.result == "valid" and (vector.layer or vector.code)
        ):
            raise ValueError(f"{vector.tc_id}: layer y code no concuerdan con result")
    return file


def run_file(name: str, data: bytes, keys: Keys = OWN_KEYS) -> list[Result]:
    """Every vector of a file. A file that cannot be loaded is one result, not ok."""
    try:
        file = load(data)
    except ValueError as error:
        return [Result(name, False, str(error))]
    return [_run(name, group, vector, keys) for group in file.test_groups for vector in group.tests]


def run_all(files: Mapping[str, bytes] | None = None, keys: Keys = OWN_KEYS) -> list[Result]:
    """Every vector of every file: those installed, unless others are given."""
    given = {name: read_file(name) for name in FILES} if files is None else files
    return [result for name, data in given.items() for result in run_file(name, data, keys)]


def _run(name: str, group: shape.Group, vector: shape.Vector, keys: Keys) -> Result:
    id_ = f"{name.removesuffix('.json')}/{vector.tc_id} {vector.name}"
    stated = f"{vector.layer} {vector.code}" if vector.result == "invalid" else "valid"
    try:
        _CHECKS[type(group)](group, vector, keys)
        got = "valid"
    except LayerError as failure:
        got = f"{failure.layer.value} {failure.code}"
    except (RemoteProtocolError, LocalProtocolError) as error:
        got = f"{error.layer.value} {error.code}"
    except MismatchError as mismatch:
        return Result(id_, False, str(mismatch))
    return Result(id_, got == stated, "" if got == stated else f"{got} y no {stated}")


def fingerprint(files: Mapping[str, bytes]) -> str:
    """SHA-256 over all files: which set of vectors a report is about."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(hashlib.sha256(name.encode() + b"\0" + files[name]).digest())
    return digest.hexdigest()
