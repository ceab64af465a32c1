"""kill -9 of the real server at random moments of the pipeline: the outcome is that of a run that nobody disturbed.

`ACOPIO_TORMENTA=1000` makes it as many registros as that (`make torture-tuberia`); some minutes.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server import seed
from server.app import INDEX
from server.clock import system_clock
from server.pipeline.stages import NOMBRES
from server.store.connection import open_reader
from server.store.writer import Tx
from sync_protocol import registro, sobre
from tests import factories
from tests.factories import FrozenClock, Phone
from tests.server import asgi
from tests.server.test_faults import Server

REGISTROS = int(os.environ.get("ACOPIO_TORMENTA", "64"))
PERSONAS = min(9 * REGISTROS // 16, 520)
KILLS = max(4, REGISTROS // 40)
GAP = 5 * REGISTROS // KILLS
"""At most so many stages from a kill to the next: all of them fall into the six that each registro goes through."""
PACIENCIA_S = 200 + 2 * REGISTROS
LETRAS = "ABCDEFGHIJKLMNOPRSTUVXZ"


def clave(n: int) -> str:
    """A clave de elector that could exist; another for each n below 529."""
    one, two = LETRAS[n % len(LETRAS)], LETRAS[n // len(LETRAS)]
    return f"PR{one}M{two}X80010132H100"


def foto(seed_: int) -> bytes:
    """A small picture that is like no other."""
    rng = random.Random(seed_)
    picture = Image.effect_noise((24, 16), 90).resize((240, 160), Image.Resampling.NEAREST).convert("RGB")
    for _ in range(30):
        x, y = rng.randrange(220), rng.randrange(140)
        picture.paste(tuple(rng.randrange(256) for _ in range(3)), (x, y, x + 40, y + 30))
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=80)
    return held.getvalue()


def capture(phone: Phone, n: int, at: int, images: dict[str, bytes], **datos: str | None) -> bytes:
    content = registro.Apoyo(
        folio=str(phone.folio(n)), capturado_ms=at, desfase_ms=0, modelo="G", codigos=(), ubicacion=None,
        imagenes=tuple(registro.Imagen.of(tipo, "image/jpeg", images[tipo]) for tipo in registro.IMAGENES),
        es_original=True, nombre="PERSONA", apellido_paterno="DE", apellido_materno="PRUEBA", curp=None,
        **{"cic": None, "ocr": None, "clave_elector": None, **datos},
    )  # fmt: skip
    raw = phone.seal(registro.encode(content), n)
    phone.next_registro = n + 1
    phone.anterior = sobre.codigo_de_integridad(raw)
    return raw


async def deliver(folder: Path) -> None:
    """A box with a padrón and registros of two aspirantes that have their acuses and nothing more."""
    rng = random.Random(20261121)
    now = system_clock()
    async with asgi.running(folder, clock=FrozenClock(now)) as h:

        def sow(tx: Tx) -> list[Phone]:
            other = seed.sow(tx, factories.catalogue(now))[0]
            tx.conn.execute("UPDATE aspirantes SET periodo_id = 1")
            tx.conn.execute("INSERT INTO periodo_territorio VALUES (1, 'municipio', '020', 'Jerez')")
            blank = {"cic": "", "ocr": "", "curp": "", "fecha_nacimiento": "", "sexo": "H", "motivo_baja": ""}
            rows = [
                blank | {
                    "clave_elector": clave(n), "nombre": "PERSONA", "apellido_paterno": "DE",
                    "apellido_materno": "PRUEBA" if n % 5 else "OTRA", "entidad": "32" if n % 7 else "14",
                    "municipio": "Jerez" if n % 6 else "Loreto", "seccion": "0120",
                    "situacion": ("LISTA_NOMINAL", "LISTA_NOMINAL", "LISTA_NOMINAL", "PADRON")[n % 4],
                }
                for n in range(5 * PERSONAS // 6)
            ]  # fmt: skip
            seed.import_padron(tx, rows, "2026-08-31")
            return [factories.enrol(tx, one, h.box.keys.apertura.public) for one in (*h.sembrados[:2], other)]

        phones: list[Phone] = await h.write(sow)  # type: ignore[assignment]
        for phone in phones:
            await h.send(phone, phone.capture(at=now))
        same = foto(-1)
        for n in range(REGISTROS):
            phone = rng.choice(phones)
            images = {tipo: foto(n * 4 + k) for k, tipo in enumerate(registro.IMAGENES)}
            if n % 9 == 0:
                images["foto"] = same
            if n % 13 == 0:
                images["anverso"] = b"no es una imagen %d" % n
            person = rng.randrange(PERSONAS)
            data: dict[str, str | None] = {"clave_elector": clave(person)} if n % 10 else {}
            if n % 3 == 0:
                data["cic"] = f"{123_456_000 + person // 2}"
            raw = capture(phone, phone.next_registro, now, images, **data)
            assert "acopio-acuse" in (await h.send(phone, raw)).headers


QUE_QUEDA = (
    "SELECT id, clase, situacion, entidad, municipio, busqueda, duplicado, ambito, resultado FROM apoyos ORDER BY id",
    "SELECT apoyo_id, codigo, dato FROM banderas ORDER BY 1, 2, 3",
    "SELECT apoyo_id, clase, huella FROM identidades ORDER BY 1, 2",
    "SELECT apoyo_id, ronda, estado, limite_ms - entrada_ms FROM revisiones ORDER BY 1",
    "SELECT id, etapa, estado, motivo FROM trabajos ORDER BY 1",
    "SELECT apoyo_id, tipo, huella FROM huellas_imagen ORDER BY 1, 2",
    "SELECT menor, mayor, tipo, distancia FROM imagenes_parecidas ORDER BY 1, 2, 3",
    "SELECT id, lector FROM lecturas ORDER BY 1",
    "SELECT * FROM conteos_totales WHERE n <> 0 ORDER BY 1, 2, 3, 4, 5",
)


def outcome(folder: Path) -> list[list[tuple[Any, ...]]]:
    reader = open_reader(folder / "caja" / INDEX)
    try:
        return [[tuple(row) for row in reader.execute(sql)] for sql in QUE_QUEDA]
    finally:
        reader.close()


def left(folder: Path) -> int:
    reader = open_reader(folder / "caja" / INDEX)
    try:
        sql = "SELECT count(*) FROM trabajos WHERE estado = 'pendiente' AND motivo <> 'sin_respuesta'"
        return int(reader.execute(sql).fetchone()[0])
    finally:
        reader.close()


def moved(folder: Path) -> int:
    """How many stages were done, of all registros."""
    reader = open_reader(folder / "caja" / INDEX)
    try:
        rows = reader.execute("SELECT etapa, count(*) FROM trabajos GROUP BY etapa").fetchall()
        return sum(NOMBRES.index(row[0]) * row[1] for row in rows)
    finally:
        reader.close()


async def work(folder: Path, kills: int) -> int:
    """A server on this folder until all is done; how often it was killed in the middle of it."""
    rng = random.Random(kills)
    server = Server(
        folder, ACOPIO_SEGUNDA_COPIA="", ACOPIO_TUBERIA="si", ACOPIO_LECTORES="1", ACOPIO_REVISORES="0",
        ACOPIO_ESPERA_ACUSE_MS="3000",
    )  # fmt: skip
    killed = 0
    try:
        await server.start()
        deadline = time.monotonic() + PACIENCIA_S
        goal = moved(folder) + rng.randrange(1, GAP)
        while left(folder):
            assert time.monotonic() < deadline, f"{left(folder)} are left"
            await asyncio.sleep(rng.uniform(0, 0.02))
            # By what it has done and not by the clock: on a slow box it must get on between two kills as well.
            if killed < kills and moved(folder) >= goal:
                server.kill()
                killed += left(folder) > 0
                goal = moved(folder) + rng.randrange(1, GAP)
                await server.start()
    finally:
        server.close()
    return killed


@pytest.mark.socket
@pytest.mark.faults
@pytest.mark.timeout(3 * PACIENCIA_S)
def test_kill_9_during_the_pipeline_changes_nothing_in_the_outcome(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calma", tmp_path / "tormenta"
    calm.mkdir()
    asyncio.run(deliver(calm))
    shutil.copytree(calm, rough)
    assert left(calm) == left(rough) == REGISTROS
    asyncio.run(work(calm, 0))
    killed = asyncio.run(work(rough, KILLS))
    assert killed >= KILLS - 1, "the kills must fall into the work"
    undisturbed, disturbed = outcome(calm), outcome(rough)
    for sql, expected, found in zip(QUE_QUEDA, undisturbed, disturbed, strict=True):
        assert found == expected, sql
    classes = {row[1] for row in undisturbed[0]}
    assert classes >= {"en_mesa", "duplicado_mismo", "duplicado_otro", "fuera_de_ambito", "no_encontrados", "en_padron"}
    assert len(undisturbed[3]) == REGISTROS, "one revision each"
    assert sum(row[-1] for row in undisturbed[-1]) == REGISTROS
    assert undisturbed[6], "some images are like others"
