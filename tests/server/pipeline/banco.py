"""A pipeline that a test turns by hand: a real box with real sobres, readers and padrón that say what they are told."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.app import INDEX
from server.domain.apoyo import Situacion
from server.expedientes.abrir import Abridor
from server.lectura.lectores import LecturaFallida
from server.lectura.modelo import Lectura
from server.padron.proveedor import SILENCIO, Pregunta, Respuesta
from server.pipeline.runner import Tuberia
from server.store.readers import Readers
from sync_protocol import registro
from tests.factories import NOW, Phone, image
from tests.server import asgi

LOCAL = Respuesta(Situacion.LISTA_NOMINAL, entidad="32", municipio="Jerez", seccion="0120", corte="2026-08-31")


@dataclass
class LectoresDePrueba:
    """Reads nothing, unless told what; `fallan`: motives by the bytes of an anverso, one for each try."""

    a_la_vez: int = 2
    fallan: dict[bytes, list[str]] = field(default_factory=dict)
    lecturas: dict[bytes, Lectura] = field(default_factory=dict)
    leidas: int = 0

    async def leer(self, imagenes: Mapping[str, bytes]) -> Lectura:
        self.leidas += 1
        await asyncio.sleep(0)
        motives = self.fallan.get(imagenes["anverso"])
        if motives:
            raise LecturaFallida(motives.pop(0))
        said = self.lecturas.get(imagenes["anverso"], Lectura(lector="prueba 1"))
        assert isinstance(said, Lectura), "a test that makes a reader stumble"
        return said


@dataclass
class PadronDePrueba:
    """Answers by clave, then by CIC; else `siempre`."""

    siempre: Respuesta = LOCAL
    por_dato: dict[str, Respuesta] = field(default_factory=dict)
    preguntas: list[int] = field(default_factory=list)

    async def preguntar(self, personas: Sequence[Pregunta]) -> list[Respuesta]:
        self.preguntas.append(len(personas))
        return [self.por_dato.get(one.clave_elector) or self.por_dato.get(one.cic) or self.siempre for one in personas]

    def callar(self) -> None:
        self.siempre = SILENCIO


@dataclass
class Banco:
    """The box, its pipeline, and what a test asks of them."""

    harness: asgi.Harness
    lectores: LectoresDePrueba
    padron: PadronDePrueba
    readers: Readers
    tuberia: Tuberia

    def otra(self) -> None:
        """The process was killed and started again: nothing that was in memory is left."""
        self.tuberia = _tuberia(self.harness, self.readers, self.lectores, self.padron)

    async def llega(self, phone: Phone, **datos: str | None) -> int:
        """An apoyo with these data comes in; its id."""
        if phone.next_registro == 0:
            await self.harness.send(phone, phone.capture())
        n = phone.next_registro
        raw = phone.seal(contenido(phone, n, **datos), n)
        phone.next_registro += 1
        phone.anterior = asgi.factories.sobre.codigo_de_integridad(raw)
        assert "acopio-acuse" in (await self.harness.send(phone, raw)).headers
        return int(self.uno("SELECT id FROM apoyos ORDER BY id DESC LIMIT 1")[0])

    async def vaciar(self) -> int:
        """Rounds until nothing is due; how many."""
        rounds = 0
        while await self.tuberia.paso():
            rounds += 1
            assert rounds < 200, "the pipeline goes round in circles"
        return rounds

    def filas(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.harness.box.reader.execute(sql, values)]

    def uno(self, sql: str, *values: object) -> sqlite3.Row:
        row: sqlite3.Row = self.harness.box.reader.execute(sql, values).fetchone()
        return row

    def trabajo(self, id_: int) -> tuple[object, ...]:
        return tuple(self.uno("SELECT etapa, estado, intentos, motivo FROM trabajos WHERE id = ?", id_))

    def clase(self, id_: int) -> str:
        return str(self.uno("SELECT clase FROM apoyos WHERE id = ?", id_)[0])

    def banderas(self, id_: int) -> set[tuple[object, ...]]:
        """All but that no code was read, which is so of every picture here."""
        found = self.filas("SELECT codigo, dato FROM banderas WHERE apoyo_id = ?", id_)
        return {one for one in found if one[0] != "codigos_no_leidos"}

    async def sql(self, statement: str, *values: object) -> None:
        await self.harness.write(lambda tx: tx.conn.execute(statement, values))


def contenido(phone: Phone, n: int, **changes: str | None) -> bytes:
    """The plaintext of an apoyo; its images are like those of no other."""
    values: dict[str, object] = {
        "cic": f"{100_000_000 + phone.dispositivo * 10_000 + n}", "ocr": None, "clave_elector": None, "curp": None,
        "nombre": "PERSONA", "apellido_paterno": "DE", "apellido_materno": f"PRUEBA {n}", **changes,
    }  # fmt: skip
    return registro.encode(
        registro.Apoyo(
            folio=str(phone.folio(n)), capturado_ms=NOW, desfase_ms=0, modelo="G", codigos=(), ubicacion=None,
            imagenes=tuple(image(tipo, 700, phone.dispositivo * 10_000 + n) for tipo in registro.IMAGENES),
            es_original=True, **values,  # type: ignore[arg-type]
        )
    )  # fmt: skip


def anverso(phone: Phone, n: int) -> bytes:
    """The bytes of the anverso of that registro."""
    return image("anverso", 700, phone.dispositivo * 10_000 + n).datos


def _tuberia(h: asgi.Harness, readers: Readers, lectores: LectoresDePrueba, padron: PadronDePrueba) -> Tuberia:
    return Tuberia(h.box.writer, readers, h.clock, Abridor(h.box.diario.folder, h.box.keys), lectores, padron)


@contextlib.asynccontextmanager
async def abierto(folder: Path, **changes: object) -> AsyncIterator[Banco]:
    """A box that takes sobres, and a pipeline beside it that nobody turns but the test."""
    async with asgi.running(folder, **changes) as harness:
        readers = Readers(harness.box.settings.datos / INDEX)
        lectores, padron = LectoresDePrueba(), PadronDePrueba()
        try:
            yield Banco(harness, lectores, padron, readers, _tuberia(harness, readers, lectores, padron))
        finally:
            readers.close()
