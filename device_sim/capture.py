"""Capturing an apoyo as an auxiliar would, offline: four photos, their codes read, a sealed sobre (rows D3, D7).

Two halves. `take` draws and reads pictures: heavy, pure, fit for another process. `capture_apoyo` and
`capture_testigos` number, seal and store, one after the other, for the chain has an order. The phone seals to the
server's public key: nobody who holds the phone can read what it captured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from device_sim.errors import PhoneError
from device_sim.identity import Identity
from device_sim.outbox import Outbox, Queued
from device_sim.synthetic.camera import NO_DEFECTS, Defects, Expediente, capture_expediente
from device_sim.synthetic.codes import CodigoLeido, interpret, read_codes
from device_sim.synthetic.people import Persona
from device_sim.synthetic.trampas import Trampa, spoil
from sync_protocol import registro
from sync_protocol.errors import LocalProtocolError
from sync_protocol.folio import Folio
from sync_protocol.registro import IMAGENES, MAX_IMAGE, Apoyo, Codigo, Imagen, Testigos
from sync_protocol.sealing import SealingKey, seal
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import Tipo

MAX_CODES = 16
MAX_CODE = 4096
# Mexico's centre has kept one offset all year since it gave up summer time in 2022; here it is only for sentences.
_CENTRO = timezone(timedelta(hours=-6))
_TOO_LARGE = PhoneError("fotos_muy_grandes", "Las fotos son demasiado grandes: repítalas con menor resolución.")


@dataclass(frozen=True, slots=True)
class Shot:
    """What the camera and the reader of codes made of one person and their card."""

    persona: Persona
    expediente: Expediente
    codigos: tuple[CodigoLeido, ...]


def take(
    persona: Persona,
    seed: int,
    defects: Defects = NO_DEFECTS,
    trampa: Trampa | None = None,
    otra: Persona | None = None,
) -> Shot:
    """Photograph a person and their card, and read the codes from the photos just made (row F1).

    `trampa`: the capture is not as it should be; `otra`: somebody else, for those that need one.
    """
    expediente = capture_expediente(
        persona, seed, blur=defects.blur, tilt_degrees=defects.tilt_degrees, dark=defects.dark
    )
    if trampa is not None:
        expediente = spoil(expediente, trampa, persona, otra or persona, seed, defects)
    return Shot(persona, expediente, tuple(read_codes(expediente.anverso, expediente.reverso)))


def capture_testigos(outbox: Outbox, identity: Identity, key: PrivateKey, shot: Shot, *, clock_ms: int) -> Queued:
    """The testigos visuales of the auxiliar, registro 0: the first sobre of every phone (P8.5)."""
    sealing = _sealing_key(identity)
    at_ms, desfase_ms = _instant(outbox, clock_ms)

    def make(folio: Folio, anterior: bytes) -> bytes:
        content = Testigos(
            folio=str(folio),
            capturado_ms=at_ms,
            desfase_ms=desfase_ms,
            modelo=shot.persona.modelo,
            codigos=_codes(shot.codigos),
            ubicacion=None,
            imagenes=_images(shot.expediente),
            aviso=identity.aviso,
        )
        return _seal(content, Tipo.TESTIGOS, folio, anterior, sealing, key)

    return outbox.add(Tipo.TESTIGOS, make)


def capture_apoyo(outbox: Outbox, identity: Identity, key: PrivateKey, shot: Shot, *, clock_ms: int) -> Queued:
    """One apoyo, sealed and in the queue; its folio can be shown at once. Raises PhoneError outside the periodo."""
    check_periodo(outbox, identity, clock_ms)
    sealing = _sealing_key(identity)
    at_ms, desfase_ms = _instant(outbox, clock_ms)
    persona, read = shot.persona, interpret(shot.codigos)

    def make(folio: Folio, anterior: bytes) -> bytes:
        content = Apoyo(
            folio=str(folio),
            capturado_ms=at_ms,
            desfase_ms=desfase_ms,
            modelo=persona.modelo,
            codigos=_codes(shot.codigos),
            ubicacion=None,
            imagenes=_images(shot.expediente),
            es_original=True,
            # Only what the phone's own photos gave: an unreadable code stays None.
            cic=read.cic,
            ocr=read.ocr,
            # Printed in letters: the auxiliar reads them from the card.
            clave_elector=persona.clave_elector,
            curp=persona.curp,
            nombre=persona.nombre,
            apellido_paterno=persona.apellido_paterno,
            apellido_materno=persona.apellido_materno,
        )
        return _seal(content, Tipo.APOYO, folio, anterior, sealing, key)

    return outbox.add(Tipo.APOYO, make)


def check_periodo(outbox: Outbox, identity: Identity, clock_ms: int) -> None:
    """Row D7: capture only inside the periodo, by the phone's clock as the server last corrected it."""
    alta, _ = identity.registered
    if identity.baja_ms is not None:
        raise PhoneError("dispositivo_baja", "Este teléfono está dado de baja: ya no puede captar apoyos.")
    now = clock_ms + (outbox.desfase_ms or 0)
    start, end = outbox.periodo or (alta.inicia_ms, alta.termina_ms)
    if now < start:
        raise PhoneError("periodo_no_inicia", f"El periodo de captación empieza el {_written(start)}.")
    if now >= end:
        raise PhoneError(
            "periodo_terminado",
            f"El periodo de captación terminó el {_written(end)}. Lo ya captado se puede enviar hasta el"
            f" {_written(end + alta.gracia_ms)}.",
        )


def _instant(outbox: Outbox, clock_ms: int) -> tuple[int, int | None]:
    """What the sobre says of the time: the phone's clock, and the correction whose sum with it is true."""
    at_ms, desfase_ms = max(0, clock_ms), outbox.desfase_ms
    # A clock set before 1970 cannot be written down; the correction takes up the difference.
    return at_ms, None if desfase_ms is None else desfase_ms + clock_ms - at_ms


def _written(instant_ms: int) -> str:
    try:
        local = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(_CENTRO)
    except (OverflowError, ValueError, OSError):
        return "día que fijó el instituto"
    return local.strftime("%d/%m/%Y a las %H:%M (hora del centro)")


def _sealing_key(identity: Identity) -> SealingKey:
    return SealingKey.from_bytes(identity.registered[0].llave_sellado)


def _codes(read: tuple[CodigoLeido, ...]) -> tuple[Codigo, ...]:
    fitting = [code for code in read if len(code.datos) <= MAX_CODE][:MAX_CODES]
    return tuple(Codigo(lado=c.lado, simbologia=c.simbologia[:32], datos=c.datos) for c in fitting)


def _images(expediente: Expediente) -> tuple[Imagen, ...]:
    images = (expediente.anverso, expediente.reverso, expediente.foto, expediente.firma)
    if max(map(len, images)) > MAX_IMAGE:
        raise _TOO_LARGE
    return tuple(Imagen.of(tipo, "image/jpeg", datos) for tipo, datos in zip(IMAGENES, images, strict=True))


def _seal(
    content: Apoyo | Testigos, tipo: Tipo, folio: Folio, anterior: bytes, sealing: SealingKey, key: PrivateKey
) -> bytes:
    try:
        return seal(registro.encode(content), tipo=tipo, folio=folio, anterior=anterior, to=sealing, signed_by=key)
    except LocalProtocolError as error:
        if error.code != "sobre_demasiado_grande":
            raise
        raise _TOO_LARGE from error
