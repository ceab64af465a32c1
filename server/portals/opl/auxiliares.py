"""Auxiliares registrados en dispositivos: the list, and the review of a Cédula de Registro (row B4; P7.7, P8.6)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from server.clock import hora_del_centro
from server.diario import apertura
from server.diario.apertura import NoAbre
from server.domain.auxiliar import CUENTAS, POR, SITUACIONES, discrepancias_de, fecha_larga
from server.errors import AppError, DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, entero, opcion, parrafos
from server.portals.lista import FILAS, Hoja, hoja, place
from server.portals.visita import Visita
from server.registro import auxiliares as operaciones
from server.registro import testigos
from server.registro.auxiliares import Rechazo
from server.registro.testigos import Visual
from server.security import permissions as puede
from server.store import auxiliares as store
from server.store import registros
from server.store.auxiliares import Auxiliar, FiltroOpl, Movimiento, Telefono
from server.store.auxiliares import Renglon as RenglonStore
from server.store.connection import Connection
from server.store.registros import Registro
from sync_protocol.registro import Testigos

PATH = "/opl/auxiliares"
REVISIONES = {
    "pendiente": ("Pendiente", "duda"),
    "corresponde": ("Corresponde", "bien"),
    "no_corresponde": ("No corresponde", "mal"),
}
_REVISION = tuple((code, text) for code, (text, _) in REVISIONES.items())
_TESTIGOS = (("con", "Con testigos visuales"), ("sin", "Sin testigos visuales"))
_ESTATUS = (("activo", "Activo"), ("baja", "Baja"))
MOTIVOS_NO_ABRE = {
    "lote_ilegible": "No se pudo leer del diario del servidor. Avise a quien lo administra.",
    "llave_desconocida": "Este servidor no tiene la llave con que se selló. Avise a quien lo administra.",
    "sobre_danado": "El sobre está dañado en el servidor. Avise a quien lo administra.",
}

FILTROS = Formulario(
    Campo("aspirante", "Folio de solicitud", entero(1, 999_999), obligatorio=False, teclado="numeric", maximo=10),
    Campo("id", "Id de auxiliar", entero(1, 999_999), obligatorio=False, teclado="numeric", maximo=10),
    Campo("nombre", "Nombre o apellidos", obligatorio=False, maximo=120),
    Campo("revision", "Revisión", opcion(*REVISIONES), obligatorio=False, tipo="select", opciones=_REVISION),
    Campo("testigos", "Testigos visuales", opcion("con", "sin"), obligatorio=False, tipo="select", opciones=_TESTIGOS),
    Campo("estatus", "Estatus", opcion("activo", "baja"), obligatorio=False, tipo="select", opciones=_ESTATUS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fila:
    """A line of the list as people read it. `url`: its review, with the filters of the list."""

    id: int
    url: str
    nombre: str
    folio: int
    aspirante: str
    estatus: str
    estatus_clase: str
    revision: str
    revision_clase: str
    testigos: bool
    telefonos: int
    registros: int


@dataclass(frozen=True, slots=True)
class ListaContext:
    """`total`: how many the filters leave."""

    form: Leido
    hoja: Hoja[Fila]
    total: int
    filtrado: bool


@dataclass(frozen=True, slots=True)
class Juego:
    """The testigos that one phone sent. `error`: why none can be shown, else empty; `url`: where its images are."""

    dispositivo: int
    modelo: str
    recibido_ms: int
    url: str
    visuales: tuple[Visual, ...]
    error: str
    nuevo: bool


@dataclass(frozen=True, slots=True)
class RevisionContext:
    """One auxiliar: who is registered, beside what arrived. `anterior`, `siguiente`: in the list as it was filtered."""

    auxiliar: Auxiliar
    aspirante: str
    estatus: str
    estatus_clase: str
    revision: str
    revision_clase: str
    situacion: str
    cuenta: str
    nacimiento: str
    baja: str
    juegos: tuple[Juego, ...]
    telefonos: tuple[Telefono, ...]
    movimientos: tuple[tuple[Movimiento, str], ...]
    registros: int
    discrepancias: tuple[str, ...]
    revisa: bool
    consulta: str
    anterior: str
    siguiente: str
    error: str


@dataclass(frozen=True, slots=True)
class NoCorrespondeContext:
    """The page that asks for the cause, and says what follows."""

    form: Leido
    auxiliar: Auxiliar
    registros: int
    consulta: str


async def lista(v: Visita) -> Response:
    """Auxiliares with a phone, newest first."""
    form = FILTROS.leer(v.request.query_params)
    filtro, lugar = _filtro(form), place(v.request)

    def reading(conn: Connection) -> tuple[list[RenglonStore], int]:
        rows = store.page_opl(conn, filtro, before=lugar.antes, after=lugar.despues, limit=FILAS + 1)
        return rows, store.count_opl(conn, filtro)

    rows, total = await v.read(reading) if form.bien else ([], 0)
    query = _query(form)
    shown = hoja([_fila(row, query) for row in rows], [row.auxiliar.id for row in rows], lugar, PATH, form.crudo)
    await v.seen("auxiliares", "auxiliares_en_dispositivos", filas=len(shown.filas))
    context = ListaContext(form, shown, total, bool(query))
    return v.page("opl/auxiliares.html", context, status=200 if form.bien else 422)


def _filtro(form: Leido) -> FiltroOpl:
    return FiltroOpl(**{name: value for name, value in form.valores.items() if value})


def _query(form: Leido) -> str:
    """The filters as they stand in an address, with its question mark; empty without any."""
    kept = {name: value for name, value in form.crudo.items() if value and name not in form.errores}
    return f"?{urlencode(kept)}" if kept else ""


def _fila(row: RenglonStore, query: str) -> Fila:
    one = row.auxiliar
    revision, revision_clase = REVISIONES[one.revision]
    estatus, estatus_clase = _estatus(one)
    return Fila(
        id=one.id, url=f"{PATH}/{one.id}{query}", nombre=one.nombre_completo or "(por restaurar)",
        folio=one.aspirante_id, aspirante=row.aspirante, estatus=estatus, estatus_clase=estatus_clase,
        revision=revision, revision_clase=revision_clase, testigos=row.testigos, telefonos=row.telefonos,
        registros=row.registros,
    )  # fmt: skip


def _estatus(one: Auxiliar) -> tuple[str, str]:
    return {"activo": ("Activo", "bien"), "baja": ("Baja", "mal")}.get(one.estatus, ("Por restaurar", "duda"))


async def revision(v: Visita) -> Response:
    """Who is registered, and what the phone sent, side by side."""
    return await _revision(v)


@dataclass(frozen=True, slots=True)
class _Found:
    auxiliar: Auxiliar
    aspirante: str
    telefonos: list[Telefono]
    movimientos: list[Movimiento]
    registros: int
    sobres: list[Registro]
    anterior: int | None
    siguiente: int | None


async def _revision(v: Visita, rechazo: Rechazo | None = None) -> Response:
    id_ = int(v.request.path_params["id"])
    form = FILTROS.leer(v.request.query_params)
    filtro = _filtro(form)
    found = await v.read(lambda conn: _find(conn, id_, filtro))
    if found is None:
        raise AppError("no_encontrado")
    may = puede.revisar_auxiliares(v.persona)
    juegos = tuple([await _juego(v, found, sobre) for sobre in found.sobres]) if may else ()
    await v.seen(f"auxiliar:{id_}", "revision_auxiliar", testigos=len(juegos))
    context = _revision_context(found, juegos, _query(form), revisa=may, error=rechazo.texto if rechazo else "")
    return v.page("opl/auxiliar.html", context, status=200 if rechazo is None else 422)


def _find(conn: Connection, id_: int, filtro: FiltroOpl) -> _Found | None:
    one = store.get(conn, id_)
    if one is None:
        return None
    return _Found(
        one, store.aspirante_name(conn, one.aspirante_id), store.phones_of(conn, id_), store.movimientos_of(conn, id_),
        store.registros_of(conn, one), registros.testigos_of(conn, id_),
        store.neighbour(conn, filtro, id_, older=False), store.neighbour(conn, filtro, id_, older=True),
    )  # fmt: skip


def _revision_context(
    found: _Found, juegos: tuple[Juego, ...], query: str, *, revisa: bool, error: str
) -> RevisionContext:
    one = found.auxiliar
    estatus, estatus_clase = _estatus(one)
    text, clase = REVISIONES[one.revision]
    return RevisionContext(
        auxiliar=one, aspirante=found.aspirante, estatus=estatus, estatus_clase=estatus_clase, revision=text,
        revision_clase=clase, situacion=SITUACIONES[one.situacion], cuenta=CUENTAS[one.tipo_cuenta],
        nacimiento=fecha_larga(one.fecha_nacimiento), baja=POR.get(one.baja_por, ""), juegos=juegos,
        telefonos=tuple(found.telefonos),
        movimientos=tuple((m, POR.get(m.por, "la consola del servidor")) for m in found.movimientos),
        registros=found.registros,
        discrepancias=tuple(each.texto for each in discrepancias_de(operaciones.datos_de(one))), revisa=revisa,
        consulta=query, anterior=f"{PATH}/{found.anterior}{query}" if found.anterior else "",
        siguiente=f"{PATH}/{found.siguiente}{query}" if found.siguiente else "", error=error,
    )  # fmt: skip


async def _juego(v: Visita, found: _Found, sobre: Registro) -> Juego:
    opened = await asyncio.to_thread(_open, v, sobre)
    modelo = next((phone.modelo for phone in found.telefonos if phone.id == sobre.dispositivo), "")
    since = found.auxiliar.revisado_ms
    return Juego(
        sobre.dispositivo, modelo, sobre.recibido_ms,
        f"{PATH}/{found.auxiliar.id}/testigos/{sobre.dispositivo}",
        () if isinstance(opened, str) else await asyncio.to_thread(testigos.visuales, opened),
        opened if isinstance(opened, str) else "",
        nuevo=since is not None and sobre.recibido_ms > since,
    )  # fmt: skip


def _open(v: Visita, sobre: Registro) -> Testigos | str:
    """The record, or why it cannot be shown."""
    try:
        record = apertura.abrir(v.portal.diario, v.portal.keyring.aperturas, sobre)
    except NoAbre as error:
        return MOTIVOS_NO_ABRE[error.motivo]
    return record if isinstance(record, Testigos) else MOTIVOS_NO_ABRE["sobre_danado"]


async def imagen(v: Visita) -> Response:
    """One of the four images, made anew. Raises AppError `no_encontrado` where there is none that can be shown."""
    id_, device, tipo = (v.request.path_params[name] for name in ("id", "dispositivo", "imagen"))
    if tipo not in testigos.NOMBRES:
        raise AppError("no_encontrado")
    sobre = await _sobre(v, int(id_), int(device))
    opened = await asyncio.to_thread(_open, v, sobre)
    if isinstance(opened, str):
        raise AppError("no_encontrado")
    [visual] = await asyncio.to_thread(testigos.visuales, opened, tipo)
    if visual.jpeg is None:
        raise AppError("no_encontrado")
    await v.seen(f"auxiliar:{id_}", "testigo_visual", dispositivo=int(device), imagen=tipo)
    return Response(
        visual.jpeg, media_type="image/jpeg",
        headers={"Cache-Control": "no-store", "Content-Disposition": "inline", "Content-Security-Policy": "sandbox"},
    )  # fmt: skip


async def _sobre(v: Visita, auxiliar: int, dispositivo: int) -> Registro:
    rows = await v.read(lambda conn: registros.testigos_of(conn, auxiliar))
    found = next((row for row in rows if row.dispositivo == dispositivo), None)
    if found is None:
        raise AppError("no_encontrado")
    return found


async def cedula(v: Visita) -> Response:
    """The Cédula de Registro de Auxiliar of one phone, as PDF."""
    from server.documentos import cedula_auxiliar  # typst is loaded only when somebody prints

    id_, device = int(v.request.path_params["id"]), int(v.request.path_params["dispositivo"])
    sobre = await _sobre(v, id_, device)
    found = await v.read(lambda conn: _find(conn, id_, FiltroOpl()))
    assert found is not None  # its testigos are there
    opened = await asyncio.to_thread(_open, v, sobre)
    images = {} if isinstance(opened, str) else {one.tipo: (one.datos, one.formato) for one in opened.imagenes}
    one = found.auxiliar
    given = cedula_auxiliar.CedulaAuxiliar(
        institucion=v.institucion, solicitud=str(one.aspirante_id), aspirante=found.aspirante, auxiliar=str(one.id),
        nombre=one.nombre_completo, correo=one.correo, tipo_cuenta=CUENTAS[one.tipo_cuenta],
        clave_elector=one.clave_elector, dispositivo=str(device),
        modelo=next((phone.modelo for phone in found.telefonos if phone.id == device), ""), folio=sobre.folio,
        recibido=hora_del_centro(sobre.recibido_ms), codigo_integridad=sobre.codigo.hex(),
        anverso=images.get("anverso"), reverso=images.get("reverso"), foto=images.get("foto"),
        firma=images.get("firma"), revision=REVISIONES[one.revision][0], emitida=hora_del_centro(v.now_ms),
    )  # fmt: skip
    pdf = await asyncio.to_thread(cedula_auxiliar.pdf, given)
    await v.seen(f"auxiliar:{id_}", "cedula_auxiliar", dispositivo=device)
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="cedula-auxiliar-{id_}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def corresponde(v: Visita) -> Response:
    """The images are of the person registered; on to the next that is pending."""
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta
    done = await v.write(lambda tx: operaciones.revisar(tx, id_, cuenta, corresponde=True))
    if isinstance(done, Rechazo):
        return await _revision(v, done)
    return v.go(await _next(v, id_), "auxiliar_corresponde")


async def _next(v: Visita, id_: int) -> str:
    """Where the review goes on: the next of the list as it was filtered, or the list when that was the last."""
    form = FILTROS.leer(v.request.query_params)
    filtro = _filtro(form)
    after = await v.read(lambda conn: store.neighbour(conn, filtro, id_, older=True))
    return f"{PATH}/{after}{_query(form)}" if after else f"{PATH}{_query(form)}"


NO_CORRESPONDE = Formulario(
    Campo(
        "causa", "Causa de la baja", parrafos, tipo="textarea", maximo=operaciones.MAX_CAUSA,
        ayuda="La reciben el auxiliar, por correo, y la persona aspirante, en su portal. No escriba datos personales.",
    ),
)  # fmt: skip


async def preguntar(v: Visita) -> Response:
    """Asks for the cause, and says what follows."""
    return await _preguntar(v, NO_CORRESPONDE.vacio())


async def _preguntar(v: Visita, form: Leido) -> Response:
    id_ = int(v.request.path_params["id"])

    def reading(conn: Connection) -> tuple[Auxiliar, int] | None:
        one = store.get(conn, id_)
        return (one, store.registros_of(conn, one)) if one is not None else None

    found = await v.read(reading)
    if found is None:
        raise AppError("no_encontrado")
    await v.seen(f"auxiliar:{id_}", "baja_auxiliar")
    query = _query(FILTROS.leer(v.request.query_params))
    context = NoCorrespondeContext(form, found[0], found[1], query)
    return v.page("opl/auxiliar_no_corresponde.html", context, status=200 if form.bien else 422)


async def no_corresponde(v: Visita) -> Response:
    """The images are of somebody else: a baja with its cause, and its mail."""
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta
    form = await v.form(NO_CORRESPONDE)
    if form.bien:
        causa = form.valores["causa"]
        done = await v.write(lambda tx: operaciones.revisar(tx, id_, cuenta, corresponde=False, causa=causa))
        if not isinstance(done, Rechazo):
            return v.go(await _next(v, id_), "auxiliar_no_corresponde")
        form = form.con_error(done.campo, DatoInvalido(done.codigo, done.texto))
    return await _preguntar(v, form)
