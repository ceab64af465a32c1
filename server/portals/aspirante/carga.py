"""Auxiliares by file: the template, the file, what was found in it, and taking its good rows or none (row C3)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from server.errors import AppError, DatoInvalido
from server.portals.descargas import CSV, XLSX, nombre_con_fecha
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.registro import cargador, hoja, plantilla
from server.registro.auxiliares import Rechazo
from server.registro.carga import CAMPOS, ETIQUETAS, MOTIVOS, Mala
from server.registro.cargador import Cargador, Nota, Resultado
from server.reportes.exportar import BOM, csv_bytes
from server.store import cargas
from server.store.cargas import Carga
from server.store.connection import Connection

PATH = "/aspirante/auxiliares/carga"
BODY = hoja.MAX_BYTES + 100_000
FILAS = 50
HISTORY = 10
ESTADOS = {
    "revisando": ("En revisión", "duda"),
    "por_aceptar": ("Por aceptar", "duda"),
    "aplicando": ("Registrando", "duda"),
    "aplicada": ("Registrado", "bien"),
    "descartada": ("Descartado", "gris"),
    "fallida": ("No se pudo leer", "mal"),
}
SUBIR = Formulario(
    Campo(
        "archivo", "Archivo", tipo="file",
        ayuda=f"CSV o Excel (.xlsx), hasta {hoja.MAX_ROWS:,} renglones y 5 MB. Primero se revisa: no se registra a "
        "nadie hasta que usted acepte.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Anterior:
    """A file of before: `estado` as people read it, `clase` of its label."""

    carga: Carga
    estado: str
    clase: str


@dataclass(frozen=True, slots=True)
class SubirContext:
    """The form, and the files of before. `abierta`: the file that must be resolved first, None when there is none."""

    form: Leido
    abierta: Carga | None
    anteriores: tuple[Anterior, ...]
    maximo: int


@dataclass(frozen=True, slots=True)
class Renglon:
    """A wrong row: per finding the label of its field, the value seen and the reason."""

    linea: int
    hallazgos: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class CargaContext:
    """A file. `trabajando`: the page asks again by itself; `renglones`: the wrong ones of this page, `primero` …"""

    carga: Carga
    estado: str
    clase: str
    trabajando: bool
    error: str
    rechazo: str
    renglones: tuple[Renglon, ...]
    primero: int
    anterior: str
    siguiente: str
    bajas: tuple[Nota, ...]
    bajas_total: int
    avisos: tuple[Nota, ...]
    avisos_total: int
    ignoradas: tuple[str, ...]
    hay_malas: bool


async def subir(v: Visita) -> Response:
    """The form."""
    return await _subir(v, SUBIR.vacio())


async def _subir(v: Visita, form: Leido) -> Response:
    solicitud = v.solicitud
    newest = await v.read(lambda conn: cargas.newest_of(conn, solicitud, HISTORY))
    context = SubirContext(
        form, next((one for one in newest if one.abierta), None),
        tuple(Anterior(one, *ESTADOS[one.estado]) for one in newest), hoja.MAX_ROWS,
    )  # fmt: skip
    return v.page("aspirante/carga_subir.html", context, status=200 if form.bien else 422)


async def recibir(v: Visita) -> Response:
    """Take a file to be looked at."""
    form = await v.form(SUBIR)
    if form.bien:
        upload = form.archivos["archivo"]
        contenido = await upload.read(hoja.MAX_BYTES + 1)
        solicitud, actor, nombre = v.solicitud, v.persona.actor, upload.filename or ""
        done = await v.write(lambda tx: cargador.recibir(tx, solicitud, nombre, contenido, actor))
        if not isinstance(done, Rechazo):
            _wake(v)
            return v.go(f"{PATH}/{done}")
        form = form.con_error(done.campo, DatoInvalido(done.codigo, done.texto))
    return await _subir(v, form)


def _wake(v: Visita) -> None:
    worker: Cargador = v.portal.parts["cargador"]
    worker.despertar()


async def carga(v: Visita) -> Response:
    """One file: how far it is, or what was found in it."""
    return await _carga(v)


async def _own(v: Visita) -> Carga:
    id_, solicitud = int(v.request.path_params["id"]), v.solicitud
    found = await v.read(lambda conn: cargas.get(conn, id_, solicitud))
    if found is None:
        raise AppError("no_encontrado")
    return found


async def _carga(v: Visita, rechazo: Rechazo | None = None) -> Response:
    id_, solicitud = int(v.request.path_params["id"]), v.solicitud

    def reading(conn: Connection) -> tuple[Carga, Resultado] | None:
        one = cargas.get(conn, id_, solicitud)
        if one is None:
            return None
        return one, Resultado() if one.estado in ("revisando", "aplicando") else cargador.resultado(conn, id_)

    found = await v.read(reading)
    if found is None:
        raise AppError("no_encontrado")
    one, result = found
    context = _context(one, result, v.request.query_params.get("desde", ""), rechazo)
    return v.page("aspirante/carga.html", context, status=200 if rechazo is None else 422, fragmento="estado")


def _context(one: Carga, result: Resultado, desde: str, rechazo: Rechazo | None) -> CargaContext:
    line = int(desde) if desde.isascii() and desde.isdigit() and len(desde) < 9 else 0
    start = next((i for i, mala in enumerate(result.malas) if mala.linea >= line), 0)
    shown = result.malas[start : start + FILAS]
    before = result.malas[max(0, start - FILAS)].linea if start else 0
    after = result.malas[start + FILAS].linea if start + FILAS < len(result.malas) else 0
    estado, clase = ESTADOS[one.estado]
    return CargaContext(
        carga=one, estado=estado, clase=clase, trabajando=one.estado in ("revisando", "aplicando"), error=result.error,
        rechazo=rechazo.texto if rechazo else "", renglones=tuple(_row(mala) for mala in shown), primero=start + 1,
        anterior=f"?desde={before}" if before else "", siguiente=f"?desde={after}" if after else "",
        bajas=tuple(result.bajas[:FILAS]), bajas_total=len(result.bajas), avisos=tuple(result.avisos[:FILAS]),
        avisos_total=len(result.avisos), ignoradas=tuple(result.ignoradas), hay_malas=bool(result.malas),
    )  # fmt: skip


def _row(mala: Mala) -> Renglon:
    return Renglon(
        mala.linea,
        tuple(
            (ETIQUETAS.get(one.campo, "Renglón completo"), mala.visto(one.campo)[:80], one.texto)
            for one in mala.hallazgos
        ),
    )


async def aceptar(v: Visita) -> Response:
    """Take the good rows."""
    one, actor = await _own(v), v.persona.actor
    rechazo = await v.write(lambda tx: cargador.aceptar(tx, one.id, actor))
    if rechazo is not None:
        return await _carga(v, rechazo)
    _wake(v)
    return v.go(f"{PATH}/{one.id}", "carga_aceptada")


async def descartar(v: Visita) -> Response:
    """Take no row."""
    one, actor = await _own(v), v.persona.actor
    rechazo = await v.write(lambda tx: cargador.descartar(tx, one.id, actor))
    if rechazo is not None:
        return await _carga(v, rechazo)
    return v.go(PATH, "carga_descartada")


async def renglones(v: Visita) -> Response:
    """The wrong rows as a CSV to be corrected and sent again, with the reasons in the last column."""
    one = await _own(v)
    result = await v.read(lambda conn: cargador.resultado(conn, one.id))

    heading = [*(ETIQUETAS[campo] for campo in CAMPOS), MOTIVOS]
    rows = [heading, *([*mala.celdas, _reasons(mala)] for mala in result.malas)]
    content = BOM + await asyncio.to_thread(csv_bytes, rows)
    await v.seen(f"carga:{one.id}", "renglones_por_corregir", filas=len(result.malas))
    return _download(content, CSV, nombre_con_fecha("renglones-por-corregir", v.now_ms) + ".csv")


def _reasons(mala: Mala) -> str:
    said = [f"{ETIQUETAS[one.campo]}: {one.texto}" if one.campo in ETIQUETAS else one.texto for one in mala.hallazgos]
    return f"Línea {mala.linea}. " + " ".join(said)


async def plantilla_xlsx(v: Visita) -> Response:
    """The official template, for Excel."""
    return _download(plantilla.xlsx(), XLSX, "plantilla-auxiliares.xlsx")


async def plantilla_csv(v: Visita) -> Response:
    """The official template, as CSV."""
    return _download(plantilla.csv(), CSV, "plantilla-auxiliares.csv")


def _download(content: bytes, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media, headers=headers)
