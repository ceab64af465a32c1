"""Sobres for a phone's queue, made without a camera. Light to import: processes that are killed begin with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from device_sim.outbox import Outbox, Queued, open_outbox
from sync_protocol.folio import Folio
from sync_protocol.registro import IMAGENES, Apoyo, Imagen, Testigos, encode
from sync_protocol.sealing import SealingKey, seal
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import Tipo

NOW_MS = 1_700_000_000_000
SOLICITUD, AUXILIAR, DISPOSITIVO = 123, 45, 7
NOMBRE, CIC = "XOCHITLQUETZALLI", "987650123"


def images(size: int) -> tuple[Imagen, ...]:
    return tuple(Imagen.of(tipo, "image/jpeg", os.urandom(size)) for tipo in IMAGENES)


def sealer(key: PrivateKey, sealing: SealingKey, tipo: Tipo, size: int = 300) -> Callable[[Folio, bytes], bytes]:
    """What `Outbox.add` asks for: a sobre of four small images."""

    def make(folio: Folio, anterior: bytes) -> bytes:
        common = {
            "folio": str(folio),
            "capturado_ms": NOW_MS,
            "desfase_ms": None,
            "modelo": "G",
            "codigos": (),
            "ubicacion": None,
            "imagenes": images(size),
        }
        if tipo is Tipo.TESTIGOS:
            content: Apoyo | Testigos = Testigos(**common, aviso="1")
        else:
            content = Apoyo(
                **common,
                es_original=True,
                cic=CIC,
                ocr=None,
                clave_elector=None,
                curp=None,
                nombre=NOMBRE,
                apellido_paterno="P",
                apellido_materno="M",
            )
        return seal(encode(content), tipo=tipo, folio=folio, anterior=anterior, to=sealing, signed_by=key)

    return make


def fill(outbox: Outbox, key: PrivateKey, sealing: SealingKey, apoyos: int, size: int = 300) -> list[Queued]:
    """The testigos if they are missing, and so many apoyos."""
    made = []
    if outbox.captured == 0:
        made.append(outbox.add(Tipo.TESTIGOS, sealer(key, sealing, Tipo.TESTIGOS, size)))
    return made + [outbox.add(Tipo.APOYO, sealer(key, sealing, Tipo.APOYO, size)) for _ in range(apoyos)]


def own_outbox(folder: Path) -> Outbox:
    return open_outbox(folder, solicitud=SOLICITUD, auxiliar=AUXILIAR, dispositivo=DISPOSITIVO)
