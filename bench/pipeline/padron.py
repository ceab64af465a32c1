"""What a padrón of millions costs: rows a second, memory and size of an import, then questions a second.

    python -m bench.pipeline.padron [--personas 1000000]

The people are made here, quickly and not like people at all but for the length of what is said of them.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import resource
import shutil
import tempfile
import threading
import time
from pathlib import Path

from server.padron.importar import importar
from server.padron.local import LocalPadron
from server.padron.proveedor import Pregunta
from server.store import padron, padron_archivo
from server.store.connection import open_reader, open_writer
from server.store.migrations import migrate

NOMBRES = ("MARÍA DEL CARMEN", "JOSÉ LUIS", "ITZEL", "ROCÍO", "ABEL", "XÓCHITL", "JUAN", "FERNANDA")
APELLIDOS = ("PEÑALOZA", "DOMÍNGUEZ", "EK", "ÑÁÑEZ", "MAYORGA", "FLORES", "DE LA CRUZ", "AGUILAR", "URIBE")
HEADER = (
    "clave_elector,curp,cic,ocr,nombre,apellido_paterno,apellido_materno,fecha_nacimiento,sexo,"
    "entidad,municipio,seccion,situacion,motivo_baja"
)


def clave(n: int) -> str:
    """Of the n-th person; no two alike, and in no order."""
    mixed = n * 2_654_435_761 % 10**9
    return f"{'ABCDEFGHIJ'[mixed % 10]}RDMSN{mixed:09d}M{n % 100:02d}"


def write(path: Path, people: int) -> None:
    """A CSV of so many."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER + "\n")
        for n in range(people):
            said = "BAJA,defuncion" if n % 50 == 0 else "PADRON," if n % 33 == 0 else "LISTA_NOMINAL,"
            seccion = n * 7919 % 1900 + 1
            file.write(
                f"{clave(n)},XEXX010101HNEXXXA4,{n * 214_903_917 % 10**9:09d},{seccion:04d}{n:09d},{NOMBRES[n % 8]},"
                f"{APELLIDOS[n % 9]},{APELLIDOS[n * 7 % 9]},1990-09-05,M,32,ZACATECAS,{seccion:04d},{said}\n"
            )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rate(what: str, count: int, seconds: float) -> None:
    print(f"{what:<46} {count / seconds:>12,.0f} /s   ({count:,} in {seconds:.2f} s)")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--personas", type=int, default=1_000_000)
    parser.add_argument("--preguntas", type=int, default=50_000)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="padron-"))
    try:
        measure(folder, given.personas, given.preguntas)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, people: int, questions: int) -> None:
    """Import, then ask."""
    file, files = folder / "padron.csv", folder / padron.CARPETA
    write(file, people)
    files.mkdir()
    os.environ["SQLITE_TMPDIR"] = str(files)
    before, began, cpu = _peak_mb(), time.perf_counter(), time.process_time()
    stages: dict[str, float] = {}
    made = importar(
        file,
        "2026-08-31",
        files,
        avance=lambda stage, done, total: stages.setdefault(stage, time.perf_counter()) and None,
    ).hecho
    assert made is not None
    assert made.filas == people
    ended = time.perf_counter()
    _rate("import: rows", people, ended - began)
    starts = [*stages.items(), ("", ended)]
    for (stage, start), (_, end) in itertools.pairwise(starts):
        print(f"  {stage:<44} {end - start:>12.2f} s")
    print(f"  processor                                    {time.process_time() - cpu:>12.2f} s")
    print(f"  memory beyond what it began with             {_peak_mb() - before:>12.1f} MB (peak {_peak_mb():.0f} MB)")
    csv_mb, file_mb = file.stat().st_size / 1e6, made.bytes / 1e6
    print(f"  CSV {csv_mb:,.1f} MB, version {file_mb:,.1f} MB ({made.bytes / people:.0f} bytes a person)")

    index = folder / "indice.db"
    conn = open_writer(index)
    migrate(conn)
    padron.poner_vigente(conn, made.corte, made.filas, made.archivo, made.resumen, 1)
    rng = random.Random(1)
    places = [rng.randrange(people) for _ in range(questions)]
    path = files / made.archivo
    for what, keys in (
        ("by clave", [(clave(n), "", "") for n in places]),
        ("by CIC", [("", f"{n * 214_903_917 % 10**9:09d}", "") for n in places]),
        ("nobody (clave, CIC and OCR)", [("X" * 18, "x", "x")] * questions),
    ):
        start = time.perf_counter()
        for at in range(0, questions, 200):
            padron.buscar(path, keys[at : at + 200])
        _rate(f"lookups, batches of 200, {what}", questions, time.perf_counter() - start)
    reader = open_reader(index)
    start = time.perf_counter()
    for n in places:
        padron.ask(reader, clave(n))
    _rate("lookups one by one, as auxiliares do", questions, time.perf_counter() - start)
    start = time.perf_counter()
    asyncio.run(_provider(LocalPadron(index), places))
    _rate("LocalPadron, batches of 200", questions, time.perf_counter() - start)
    start = time.perf_counter()
    threads = [threading.Thread(target=_many, args=(path, places[n::2])) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _rate("lookups by clave, two threads", questions, time.perf_counter() - start)
    reader.close()
    conn.close()
    start = time.perf_counter()
    padron_archivo.check(path, made)
    print(f"checking the whole file                        {time.perf_counter() - start:>12.2f} s")


async def _provider(local: LocalPadron, places: list[int]) -> None:
    for at in range(0, len(places), 200):
        await local.preguntar([Pregunta(clave(n)) for n in places[at : at + 200]])


def _many(path: Path, places: list[int]) -> None:
    for n in places:
        padron.buscar(path, [(clave(n), "", "")])


if __name__ == "__main__":
    main()
