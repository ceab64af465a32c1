"""What the read model and the counters cost the write thread: registros inserted with and without their triggers."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from bench.portals.fill import PER_LOTE, Filled, _rows
from server.app import INDEX
from server.store import lotes, registros
from server.store.connection import open_writer

GROUP = 64
"""Registros of one group: as many as 64 phones bring at once."""
VARIANTS: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "without counters": ("apoyo_contado",),
    "without the read model": ("apoyo_recibido",),
}


@dataclass(slots=True)
class Cost:
    """Of one registro, in microseconds: processor of the write thread, and time with its commits."""

    variant: str
    cpu: float
    wall: float
    rate: float
    round: int = 0


def measure(box: Filled, work: Path, rows: int, variant: str) -> Cost:
    """Insert so many registros into a copy of the box, in groups, each committed and synced."""
    folder = work / "triggers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(box.folder / "caja" / INDEX, folder / INDEX)
    conn = open_writer(folder / INDEX)
    try:
        for name in VARIANTS[variant]:
            conn.execute(f"DROP TRIGGER {name}")
        auxiliares = [tuple(row) for row in conn.execute("SELECT aspirante_id, id + 500000 FROM auxiliares")]
        newest = lotes.newest(conn).numero
        now = 1_800_000_000_000
        ready = list(_rows(rows, auxiliares, newest + 1, now, random.Random(11)))
        last = newest
        cpu = wall = 0.0
        for start in range(0, rows, GROUP):
            began, worked = time.perf_counter(), time.thread_time()
            conn.execute("BEGIN IMMEDIATE")
            for registro in ready[start : start + GROUP]:
                if registro.lote != last:
                    last = registro.lote
                    lotes.insert(conn, last, bytes(32), PER_LOTE, 1, now)
                registros.insert_new(conn, registro)
            conn.execute("COMMIT")
            cpu += time.thread_time() - worked
            wall += time.perf_counter() - began
            if start % (GROUP * 64) == 0:
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        conn.close()
        shutil.rmtree(folder, ignore_errors=True)
    return Cost(variant, 1e6 * cpu / rows, 1e6 * wall / rows, rows / wall)
