"""Downloads of tables, as CSV and as XLSX: the first rows go out before the last are read (rows B6, C5, C6).

`filas` is an async iterator of rows (server.reportes.exportar.Fila) which reads by key, in chunks, each in a short
transaction of its own. If it fails in the middle the connection is cut, so that a browser says that the download
failed instead of keeping a table that looks whole.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Sequence

from starlette.responses import StreamingResponse

from server.reportes import exportar
from server.reportes.exportar import Fila

CHUNK = 500
"""Rows that are written at once, in a thread: some milliseconds, during which phones are attended to."""

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def nombre_con_fecha(que: str, now_ms: int) -> str:
    """`registros-2026-11-21-1220`: what it is and when it was taken, hora del centro; no extension."""
    return f"{que}-{exportar.hora_del_centro(now_ms):%Y-%m-%d-%H%M}"


def respuesta_csv(nombre: str, encabezado: Sequence[str], filas: AsyncIterator[Fila]) -> StreamingResponse:
    """A CSV. `nombre`: of the file, without extension (`nombre_con_fecha`)."""
    return _response(nombre, "csv", CSV, _csv(encabezado, filas))


def respuesta_xlsx(
    nombre: str, encabezado: Sequence[str], filas: AsyncIterator[Fila], *, hoja: str = "Registros"
) -> StreamingResponse:
    """An XLSX; more rows than a sheet holds go to a next one. `hoja`: the first sheet's name, up to 25 characters."""
    return _response(nombre, "xlsx", XLSX, _xlsx(encabezado, filas, hoja))


def _response(nombre: str, extension: str, medio: str, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    plain = unicodedata.normalize("NFKD", nombre).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.") or "descarga"
    return StreamingResponse(
        pieces, media_type=medio,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{extension}"',
            "Cache-Control": "no-store",
            # A proxy that gathers the whole answer first would undo the streaming.
            "X-Accel-Buffering": "no",
        },
    )  # fmt: skip


async def _chunks(filas: AsyncIterator[Fila]) -> AsyncIterator[list[Fila]]:
    chunk: list[Fila] = []
    async for fila in filas:
        chunk.append(fila)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _csv(encabezado: Sequence[str], filas: AsyncIterator[Fila]) -> AsyncIterator[bytes]:
    yield exportar.BOM + exportar.csv_bytes([encabezado])
    async for chunk in _chunks(filas):
        yield await asyncio.to_thread(exportar.csv_bytes, chunk)


async def _xlsx(encabezado: Sequence[str], filas: AsyncIterator[Fila], hoja: str) -> AsyncIterator[bytes]:
    libro = await asyncio.to_thread(exportar.Libro, encabezado, hoja)
    async for chunk in _chunks(filas):
        if data := await asyncio.to_thread(libro.add, chunk):
            yield data
    yield await asyncio.to_thread(libro.end)
