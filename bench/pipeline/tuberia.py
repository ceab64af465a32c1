"""The whole way after the acuse: registros a second and core, and what each stage takes of it.

A box in a temporary folder, sobres of the simulator's photographs in its diario, the real stages, writer and readers.
Processor time: of threads by their own clocks, of the readers' processes by /proc.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from device_sim.capture import Shot, take
from device_sim.scenarios import SCENARIOS, Padron, sittings
from server import keyring
from server.app import INDEX, KEYS, open_index
from server.clock import system_clock
from server.expedientes.abrir import Abridor
from server.intake.accept_registro import Arrival, accept
from server.intake.check_sobre import Checked
from server.lectura.lectores import Lectores
from server.padron import desde_ajustes
from server.pipeline import operaciones
from server.pipeline.runner import Tuberia
from server.store import trabajos
from server.store.readers import Readers
from server.store.writer import GroupStats, Tx, Writer
from sync_protocol import registro as contenido
from sync_protocol import sobre
from sync_protocol.registro import Imagen
from tests import factories
from tests.factories import SECRET, FrozenClock, Phone

TICK = os.sysconf("SC_CLK_TCK")
STAGES = {
    "abrir": ("abierto",), "leer y comparar": ("leido",), "compulsar": ("compulsado",),
    "padrón, duplicados, ámbito, clase": ("verificado", "encadenado"),
}  # fmt: skip


def measure(count: int, readers: int) -> list[str]:
    """Run `count` registros through it with so many reader processes; the lines of a table."""
    with ProcessPoolExecutor(2) as pool:
        day = sittings(SCENARIOS["mesa"], list(range(count)), 7)
        padron = Padron()
        shots = list(pool.map(_take, [(padron, one) for one in day], chunksize=4))
    with TemporaryDirectory(prefix="bench-tuberia-") as folder:
        return asyncio.run(_run(Path(folder), shots, readers))


def _take(job: tuple[Padron, Any]) -> Shot:
    padron, one = job
    other = padron.persona(one.otra)
    return take(padron.persona(one.index), one.seed, one.defects, one.trampa, other)


async def _run(folder: Path, shots: list[Shot], readers: int) -> list[str]:
    config = factories.settings(folder)
    clock = FrozenClock(system_clock())
    [sembrado] = factories.make_box(config, clock, factories.catalogue(clock(), auxiliares=1))
    keys = keyring.load(config.datos / KEYS, SECRET.encode())
    writer, diario = open_index(config, clock)
    cpu: Counter[str] = Counter()
    commits = GroupStats()

    def note(stats: GroupStats) -> None:
        commits.commit_s += stats.commit_s

    writer.on_group = note
    writer.start()
    phone = writer.run(lambda tx: factories.enrol(tx, sembrado, keys.apertura.public)).value
    phone.capture()
    for shot in shots:
        writer.run(lambda tx, shot=shot: _arrive(tx, phone, shot))  # type: ignore[misc]
    indice = config.datos / INDEX
    pool, lectores = Readers(indice), Lectores(readers)
    lectores.start()
    tuberia = Tuberia(writer, pool, clock, Abridor(diario.folder, keys), lectores, desde_ajustes(config, indice))
    undo = _watch(tuberia, cpu)
    try:
        await tuberia.paso()  # the processes begin, and the first pages are touched
        done = len(shots) - _left(writer)
        cpu.clear()
        commits.commit_s = 0.0
        before, began, whole = _children(lectores), time.perf_counter(), time.process_time()
        while await tuberia.paso() and _left(writer):
            pass
        wall = time.perf_counter() - began
        own, read = time.process_time() - whole, _children(lectores) - before
    finally:
        undo()
        await lectores.stop()
        pool.close()
        writer.stop()
    return _lines(len(shots) - done, readers, wall, own, read, cpu, commits.commit_s)


def _arrive(tx: Tx, phone: Phone, shot: Shot) -> None:
    """One apoyo as the intake leaves it."""
    persona, registro, fotos = shot.persona, phone.next_registro, shot.expediente
    images = (fotos.anverso, fotos.reverso, fotos.foto, fotos.firma)
    record = contenido.Apoyo(
        folio=str(phone.folio(registro)), capturado_ms=tx.now_ms, desfase_ms=0, modelo=persona.modelo, codigos=(),
        ubicacion=None, es_original=True, cic=persona.cic, ocr=persona.ocr, clave_elector=persona.clave_elector,
        curp=persona.curp, nombre=persona.nombre, apellido_paterno=persona.apellido_paterno,
        apellido_materno=persona.apellido_materno,
        imagenes=tuple(
            Imagen.of(tipo, "image/jpeg", raw) for tipo, raw in zip(contenido.IMAGENES, images, strict=True)
        ),
    )  # fmt: skip
    raw = phone.seal(contenido.encode(record), registro)
    phone.next_registro, phone.anterior = registro + 1, sobre.codigo_de_integridad(raw)
    checked = Checked(sobre.parse(raw).cabecera, raw, sobre.codigo_de_integridad(raw), tx.now_ms, 0)
    accept(tx, Arrival(checked, "a.b.c", tx.now_ms, None, factories.DAY, 60_000))


def _watch(tuberia: Tuberia, cpu: Counter[str]) -> Callable[[], None]:
    """Have each stage's time noted; returns what ends it."""
    saved = {name: getattr(operaciones, name) for names in STAGES.values() for name in names}

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                cpu[stage] += time.thread_time() - began  # type: ignore[assignment]

        return run

    for stage, names in STAGES.items():
        for name in names:
            setattr(operaciones, name, timed(stage, saved[name]))
    opened = tuberia._open
    type(tuberia)._open = timed("abrir", type(tuberia)._open)  # type: ignore[method-assign]

    def undo() -> None:
        type(tuberia)._open = opened.__func__  # type: ignore[method-assign,attr-defined]
        for name, function in saved.items():
            setattr(operaciones, name, function)

    return undo


def _left(writer: Writer) -> int:
    return (
        writer.run(lambda tx: trabajos.pending(tx.conn).get("leer_codigos", 0)).value
        + writer.run(lambda tx: trabajos.pending(tx.conn).get("abrir", 0)).value
    )


def _children(lectores: Lectores) -> float:
    """Processor seconds of the readers that are alive."""
    found = 0.0
    for pid in lectores.pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found += (int(fields[11]) + int(fields[12])) / TICK
    return found


def _lines(
    count: int, readers: int, wall: float, own: float, read: float, cpu: Counter[str], commit: float
) -> list[str]:  # fmt: skip
    total = own + read
    rows = [["lectores: códigos y huellas", _ms(read / count), f"{read / total:.0%}"]]
    rows += [[stage, _ms(cpu[stage] / count), f"{cpu[stage] / total:.0%}"] for stage in STAGES]
    rest = own - sum(cpu.values())
    rows.append(["hilos, escritor, lo demás", _ms(rest / count), f"{rest / total:.0%}"])
    rows.append(["all of it, a registro", _ms(total / count), "100%"])
    return [
        f"From acuse to mesa: {count} registros, {readers} reader(s)",
        f"{count / wall:.1f} registros a second; {count / total:.1f} a second and core; "
        f"{commit / count * 1e3:.1f} ms a registro of commits.",
        *(f"  {name:36}{ms:>8} ms{share:>6}" for name, ms, share in rows),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f}"
