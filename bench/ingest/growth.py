"""Boxes that hold many registros already: the index is filled with rows, without sealing a sobre for each.

The rows are as in real life (a folio, a counter, an acuse, a job and a place in a lote for each; devices take turns,
so that the indexes grow all over), the lotes are not: empty files, but for the last, which a start of the server
reads. What grows with the number of registros is the index and the folder, and both are there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bench.ingest import phones
from server.app import DIARIO, open_index
from server.clock import system_clock
from server.diario.lote import file_name
from server.store import lotes, registros
from server.store.registros import Registro
from sync_protocol.folio import Folio

PER_LOTE = 8
PER_DEVICE = 50
FIRST_DEVICE = 10_000
ACUSE = "eyJ" + "A" * 560
"""As long as a real one."""


def fill(source: Path, target: Path, stored: int) -> None:
    """A copy of the box in `target` with this many registros more."""
    phones.copy_box(source, target)
    writer, diario = open_index(phones.settings(target), system_clock)
    now = system_clock()
    first = diario.ultimo + 1
    conn = writer.conn
    conn.execute("BEGIN IMMEDIATE")
    last = diario.ultimo
    for count, registro in enumerate(_rows(stored, first, now)):
        if count % PER_LOTE == 0:
            last = registro.lote
            lotes.insert(conn, last, bytes(32), PER_LOTE, PER_LOTE * phones.RECORD_BYTES, now)
            (target / "caja" / DIARIO / file_name(last)).touch()
        registros.insert_new(conn, registro)
    conn.execute("COMMIT")
    diario.advance(last, bytes(32))
    writer.start()
    # One real lote at the end of the chain: the server compares it with the index when it starts.
    writer.run(lambda tx: tx.lote.add("evento", {"evento": "baja", "dispositivo": FIRST_DEVICE, "en_ms": now}))
    writer.stop()


def _rows(stored: int, first_lote: int, now: int) -> Iterator[Registro]:
    devices = max(1, stored // PER_DEVICE)
    for count in range(stored):
        folio = Folio(1 + count % 7, 1 + count % 600, FIRST_DEVICE + count % devices, 1 + count // devices)
        yield Registro(
            folio=str(folio),
            solicitud=folio.solicitud,
            auxiliar=folio.auxiliar,
            dispositivo=folio.dispositivo,
            registro=folio.registro,
            tipo="apoyo",
            codigo=os.urandom(32),
            anterior=os.urandom(32),
            tam=phones.RECORD_BYTES,
            recibido_ms=now,
            marcas=(),
            lote=first_lote + count // PER_LOTE,
            posicion=512,
            acuse=ACUSE,
        )
