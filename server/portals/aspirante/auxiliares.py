"""Consulta de auxiliares: the list with its filters, and one auxiliar with all about them (rows C1, C4; P7.6)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.domain.auxiliar import CUENTAS, POR, SITUACIONES, discrepancias_de, fecha_larga
from server.errors import AppError, DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, entero, opcion, parrafos
from server.portals.lista import FILAS, Hoja, hoja, place
from server.portals.visita import Visita
from server.registro import auxiliares as operaciones
from server.registro.auxiliares import Rechazo
from server.store import auxiliares as store
from server.store.auxiliares import Auxiliar, Filtro, Movimiento, Renglon, Telefono
from server.store.connection import Connection

PATH = "/aspirante/auxiliares"
ESTATUS = (("activo", "Activo"), ("baja", "Baja"))
MOTIVOS = (("aspirante", "La dio usted"), ("opl", "La dio el OPL"), ("padron", "Padrón Electoral"))

FILTROS = Formulario(
    Campo("nombre", "Nombre o apellidos", obligatorio=False, maximo=120),
    Campo("id", "Id de auxiliar", entero(1, 999_999), obligatorio=False, teclado="numeric", maximo=10),
    Campo("correo", "Correo electrónico", obligatorio=False, maximo=120),
    Campo("estatus", "Estatus", opcion(*dict(ESTATUS)), obligatorio=False, tipo="select", opciones=ESTATUS),
    Campo(
        "situacion", "Situación registral", opcion(*SITUACIONES), obligatorio=False, tipo="select",
        opciones=tuple(SITUACIONES.items()),
    ),
    Campo("motivo", "Motivo de la baja", opcion(*dict(MOTIVOS)), obligatorio=False, tipo="select", opciones=MOTIVOS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fila:
    """A line of the list as people read it. `motivo`: why it is a baja, else empty."""

    id: int
    nombre: str
    correo: str
    cuenta: str
    estatus: str
    clase: str
    situacion: str
    motivo: str
    telefonos: int
    registros: int


@dataclass(frozen=True, slots=True)
class ListaContext:
    """`total`: how many the filters leave; `activos`, `bajas`: of all."""

    form: Leido
    hoja: Hoja[Fila]
    total: int
    activos: int
    bajas: int
    filtrado: bool


@dataclass(frozen=True, slots=True)
class FichaContext:
    """One auxiliar. `puede_*`: what may be done now; `error`: why what was asked for could not be."""

    auxiliar: Auxiliar
    estatus: str
    clase: str
    situacion: str
    cuenta: str
    nacimiento: str
    baja: str
    movimientos: tuple[tuple[Movimiento, str], ...]
    telefonos: tuple[Telefono, ...]
    registros: int
    discrepancias: tuple[str, ...]
    puede_reactivar: bool
    puede_editar: bool
    error: str


@dataclass(frozen=True, slots=True)
class BajaContext:
    """The page that asks for the cause of a baja."""

    form: Leido
    auxiliar: Auxiliar
    telefonos: int


async def lista(v: Visita) -> Response:
    """The aspirante's auxiliares, newest first."""
    form = FILTROS.leer(v.request.query_params)
    solicitud, lugar = v.solicitud, place(v.request)
    filtro = Filtro(**{name: value for name, value in form.valores.items() if value})

    def reading(conn: Connection) -> tuple[list[Renglon], int, dict[str, int]]:
        rows = store.page(conn, solicitud, filtro, before=lugar.antes, after=lugar.despues, limit=FILAS + 1)
        by_estatus = store.by_estatus(conn, solicitud)
        narrowed = filtro != Filtro()
        return rows, store.count(conn, solicitud, filtro) if narrowed else sum(by_estatus.values()), by_estatus

    rows, total, by_estatus = await v.read(reading) if form.bien else ([], 0, {})
    shown = hoja([_fila(row) for row in rows], [row.auxiliar.id for row in rows], lugar, PATH, form.crudo)
    context = ListaContext(
        form, shown, total, by_estatus.get("activo", 0), by_estatus.get("baja", 0), filtro != Filtro()
    )
    return v.page("aspirante/auxiliares.html", context, status=200 if form.bien else 422)


def _fila(row: Renglon) -> Fila:
    one = row.auxiliar
    estatus, clase = estatus_de(one)
    return Fila(
        id=one.id, nombre=one.nombre_completo or "(por restaurar)", correo=one.correo, cuenta=CUENTAS[one.tipo_cuenta],
        estatus=estatus, clase=clase, situacion=SITUACIONES[one.situacion], motivo=one.baja_causa or "",
        telefonos=row.telefonos, registros=row.registros,
    )  # fmt: skip


def estatus_de(one: Auxiliar) -> tuple[str, str]:
    """(what people read, class of its label)."""
    return {"activo": ("Activo", "bien"), "baja": ("Baja", "mal")}.get(one.estatus, ("Por restaurar", "duda"))


async def ficha(v: Visita) -> Response:
    """One auxiliar of the aspirante."""
    return await _ficha(v, own_id(v))


async def _ficha(v: Visita, id_: int, rechazo: Rechazo | None = None) -> Response:
    solicitud = v.solicitud

    def reading(conn: Connection) -> FichaContext | None:
        one = store.get(conn, id_, solicitud)
        return _ficha_context(conn, one, rechazo) if one is not None else None

    context = await v.read(reading)
    if context is None:
        raise AppError("no_encontrado")
    if rechazo is None:
        await v.seen(f"auxiliar:{id_}", "ficha_auxiliar")
    return v.page("aspirante/auxiliar.html", context, status=200 if rechazo is None else 422)


def _ficha_context(conn: Connection, one: Auxiliar, rechazo: Rechazo | None) -> FichaContext:
    estatus, clase = estatus_de(one)
    return FichaContext(
        auxiliar=one, estatus=estatus, clase=clase, situacion=SITUACIONES[one.situacion],
        cuenta=CUENTAS[one.tipo_cuenta], nacimiento=fecha_larga(one.fecha_nacimiento), baja=POR.get(one.baja_por, ""),
        movimientos=tuple((m, POR.get(m.por, "la consola del servidor")) for m in store.movimientos_of(conn, one.id)),
        telefonos=tuple(store.phones_of(conn, one.id)), registros=store.registros_of(conn, one),
        discrepancias=tuple(found.texto for found in discrepancias_de(operaciones.datos_de(one))),
        puede_reactivar=one.baja_por in ("aspirante", "padron"), puede_editar=one.baja_por != "opl",
        error=rechazo.texto if rechazo else "",
    )  # fmt: skip


def own_id(v: Visita) -> int:
    """The Id in the address; whose it is, the query says."""
    return int(v.request.path_params["id"])


async def own(v: Visita) -> Auxiliar:
    """The auxiliar in the address, if it is this aspirante's. Raises AppError `no_encontrado`."""
    id_, solicitud = own_id(v), v.solicitud
    found = await v.read(lambda conn: store.get(conn, id_, solicitud))
    if found is None:
        raise AppError("no_encontrado")
    return found


BAJA = Formulario(
    Campo(
        "causa", "Causa de la baja", parrafos, tipo="textarea", maximo=operaciones.MAX_CAUSA,
        ayuda="El auxiliar la recibe por correo.",
    ),
)  # fmt: skip


async def baja(v: Visita) -> Response:
    """Asks for the cause, and says what follows."""
    return await _baja(v, await own(v), BAJA.vacio())


async def _baja(v: Visita, one: Auxiliar, form: Leido) -> Response:
    phones = await v.read(lambda conn: store.phones_of(conn, one.id))
    active = sum(phone.baja_ms is None for phone in phones)
    return v.page("aspirante/auxiliar_baja.html", BajaContext(form, one, active), status=200 if form.bien else 422)


async def dar_de_baja(v: Visita) -> Response:
    """Baja with its cause."""
    one, form = await own(v), await v.form(BAJA)
    if form.bien:
        causa, actor = form.valores["causa"], v.persona.actor
        done = await v.write(lambda tx: operaciones.dar_de_baja(tx, one.id, causa, "aspirante", actor))
        if not isinstance(done, Rechazo):
            return v.go(f"{PATH}/{one.id}", "auxiliar_baja")
        form = form.con_error(done.campo, DatoInvalido(done.codigo, done.texto))
    return await _baja(v, one, form)


async def reactivar(v: Visita) -> Response:
    """Take back one's own baja, or ask the padrón again."""
    one, actor = await own(v), v.persona.actor
    done = await v.write(lambda tx: operaciones.reactivar(tx, one.id, actor))
    if isinstance(done, Rechazo):
        return await _ficha(v, one.id, done)
    return v.go(f"{PATH}/{one.id}", "auxiliar_reactivado")


async def reenviar(v: Visita) -> Response:
    """The mail with the ids once more."""
    one, actor = await own(v), v.persona.actor
    done = await v.write(lambda tx: operaciones.reenviar(tx, one.id, actor))
    if isinstance(done, Rechazo):
        return await _ficha(v, one.id, done)
    return v.go(f"{PATH}/{one.id}", "auxiliar_correo")
