"""Periodos de captación (row B1): list, ficha, making and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.datastructures import UploadFile
from starlette.responses import Response

from server.clock import CENTRO
from server.domain import entidades
from server.domain.consecuencias import Consecuencia
from server.domain.periodo import Estado, estado
from server.domain.procesos import NOMBRES as PROCESOS
from server.domain.territorio import Territorio, TerritorioLeido, UnidadTerritorial, escribir
from server.domain.territorio import leer as leer_territorio
from server.domain.umbral import MAX_UNITS, Dispersion, ErrorLinea, Leidas, Umbral, read_units, write_units
from server.errors import AppError, DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, entero, instante, marcado, opcion, parrafos, texto
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.registro import periodos as registro
from server.registro.periodos import PorAceptar, ProcesoNuevo
from server.security import permissions as puede
from server.store import periodos
from server.store.periodos import DatosPeriodo, Periodo, Proceso

PAGE: Final = 50
UNITS_SHOWN: Final = 200
LINES_SHOWN: Final = 20
NEW: Final = "nuevo"
FILE_BYTES: Final = 1024 * 1024
FORM_BYTES: Final = 6 * 1024 * 1024
"""Of a form with a list of units, twice, in the field and as a file, and one of the territory."""

ESTADOS: Final[dict[str, tuple[str, str]]] = {
    Estado.POR_INICIAR: ("Por iniciar", "gris"),
    Estado.ABIERTO: ("Abierto", "bien"),
    Estado.GRACIA: ("En gracia", "duda"),
    Estado.CERRADO: ("Cerrado", "gris"),
    Estado.INACTIVO: ("Inactivo", "mal"),
}
"""What is read of each state, and the class of its label."""

DISPERSIONES: Final = (
    (Dispersion.NINGUNA, "No se pide"),
    (Dispersion.MUNICIPIO, "Por municipio"),
    (Dispersion.SECCION, "Por sección electoral"),
)
TODO: Final = "todo"
TERRITORIOS: Final = (
    (TODO, "Toda la entidad, o el país en el ámbito federal"),
    (UnidadTerritorial.MUNICIPIO, "Sólo los municipios de la lista"),
    (UnidadTerritorial.SECCION, "Sólo las secciones de la lista"),
)


@dataclass(frozen=True, slots=True)
class Fila:
    """One line of the list."""

    periodo: Periodo
    estado: str
    clase: str
    entidad: str


@dataclass(frozen=True, slots=True)
class ListaContext:
    """opl/periodos.html. `estados`: (code, name) to filter by."""

    filas: tuple[Fila, ...]
    estados: tuple[tuple[str, str], ...]
    estado: str
    anterior: str
    siguiente: str
    puede_administrar: bool


@dataclass(frozen=True, slots=True)
class FichaContext:
    """opl/periodo.html. `unidades`, `lugares` are the first UNITS_SHOWN; `cierre_ms`: until when sending is taken."""

    periodo: Periodo
    tipo: str
    estado: str
    clase: str
    entidad: str
    cierre_ms: int
    umbral: Umbral
    unidades: tuple[object, ...]
    territorio: Territorio
    lugares: tuple[object, ...]
    apoyos: int
    puede_administrar: bool


@dataclass(frozen=True, slots=True)
class FormaContext:
    """opl/periodo_forma.html. `periodo`: id of the one that is changed, 0 for a new one. `avisos`: codes shown.

    `lineas`, `lineas_mas`: what is wrong with the list of units; `lugares`, `lugares_mas`: with that of the territory.
    """

    form: Leido
    periodo: int
    consecuencias: tuple[Consecuencia, ...]
    avisos: str
    lineas: tuple[ErrorLinea, ...]
    lineas_mas: int
    lugares: tuple[ErrorLinea, ...]
    lugares_mas: int


async def lista(v: Visita) -> Response:
    """GET /opl/periodos."""
    chosen = v.request.query_params.get("estado", "")
    chosen = chosen if chosen in ESTADOS else ""
    gracia = v.portal.settings.gracia_ms
    rows, newer, older = await v.read(
        lambda conn: periodos.page(conn, chosen, v.now_ms, gracia, place(v.request), PAGE)
    )
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    anterior, siguiente = turns("/opl/periodos", {"estado": chosen}, first, last, newer=newer, older=older)
    return v.page(
        "opl/periodos.html",
        ListaContext(
            filas=tuple(_fila(periodo, gracia, v.now_ms) for periodo in rows),
            estados=tuple((code, name) for code, (name, _) in ESTADOS.items()),
            estado=chosen,
            anterior=anterior,
            siguiente=siguiente,
            puede_administrar=puede.administrar_periodos(v.persona),
        ),
    )


async def ficha(v: Visita) -> Response:
    """GET /opl/periodos/{id}."""
    id_ = int(v.request.path_params["id"])
    found = await v.read(
        lambda conn: (
            periodos.get(conn, id_), periodos.umbral(conn, id_), periodos.apoyos(conn, id_),
            periodos.territorio(conn, id_),
        )
    )  # fmt: skip
    periodo, umbral, apoyos, territorio = found
    if periodo is None:
        raise AppError("no_encontrado")
    fila = _fila(periodo, v.portal.settings.gracia_ms, v.now_ms)
    return v.page(
        "opl/periodo.html",
        FichaContext(
            periodo=periodo,
            tipo=PROCESOS[periodo.tipo],
            estado=fila.estado,
            clase=fila.clase,
            entidad=fila.entidad,
            cierre_ms=periodo.termina_ms + v.portal.settings.gracia_ms,
            umbral=umbral,
            unidades=umbral.unidades[:UNITS_SHOWN],
            territorio=territorio,
            lugares=territorio.lugares[:UNITS_SHOWN],
            apoyos=apoyos,
            puede_administrar=puede.administrar_periodos(v.persona),
        ),
    )


async def nuevo(v: Visita) -> Response:
    """GET /opl/periodos/nuevo."""
    procesos = await v.read(periodos.procesos)
    start = {"ambito": "local", "estatus": "activo", "dispersion": Dispersion.NINGUNA.value, "territorio_de": TODO}
    if not procesos:
        start["proceso"] = NEW
    return _form(v, formulario(procesos).vacio(start), 0)


async def editar(v: Visita) -> Response:
    """GET /opl/periodos/{id}/editar."""
    id_ = int(v.request.path_params["id"])
    procesos, periodo, umbral, territorio = await v.read(
        lambda conn: (
            periodos.procesos(conn), periodos.get(conn, id_), periodos.umbral(conn, id_),
            periodos.territorio(conn, id_),
        )
    )  # fmt: skip
    if periodo is None:
        raise AppError("no_encontrado")
    return _form(v, formulario(procesos).vacio(_filled(periodo, umbral, territorio)), id_)


async def guardar(v: Visita) -> Response:
    """POST /opl/periodos and POST /opl/periodos/{id}."""
    id_ = int(v.request.path_params.get("id", 0)) or None
    procesos, before = await v.read(lambda conn: (periodos.procesos(conn), periodos.get(conn, id_ or 0)))
    form = _exact(await _with_file(await v.form(formulario(procesos))), before)
    form, leidas = _checked(form)
    form, lugares = _territory(form)
    if not form.bien:
        return _form(v, form, id_ or 0, lineas=leidas.errores, lugares=lugares.errores, status=422)
    datos, proceso = _datos(form, leidas, lugares.territorio)
    shown = form.crudo["avisos"].split(",") if form.valores["acepto"] else []
    gracia, actor = v.portal.settings.gracia_ms, v.persona.actor
    try:
        done = await v.write(
            lambda tx: registro.guardar(tx, id_, datos, proceso, aceptadas=shown, gracia_ms=gracia, actor=actor)
        )
    except DatoInvalido as error:
        if error.codigo == "periodo_ajeno":
            raise AppError("no_encontrado") from error
        return _form(v, form.con_error(_FIELD.get(error.codigo, ""), error), id_ or 0, status=422)
    if isinstance(done, PorAceptar):
        # Other sentences than those that were accepted: they are read anew.
        form = replace(form, crudo={**form.crudo, "acepto": ""}).con_error(
            "acepto", DatoInvalido("falta_aceptar", "Lea lo que ocurriría con este cambio y márquelo si es correcto.")
        )
        return _form(v, form, id_ or 0, done.consecuencias, status=422)
    return v.go(f"/opl/periodos/{done.id}", "periodo_creado" if id_ is None else "guardado")


_FIELD: Final = {
    "termina_antes": "termina",
    "falta_entidad": "entidad",
    "proceso_ajeno": "proceso",
    "unidades_de_mas": "unidades_requeridas",
}


def formulario(procesos: Sequence[Proceso]) -> Formulario:
    """The form of a periodo, with the procesos there are."""
    ids = [(str(proceso.id), f"{proceso.nombre} ({PROCESOS[proceso.tipo]})") for proceso in procesos]
    return Formulario(
        Campo(
            "proceso", "Proceso", opcion(NEW, *(id_ for id_, _ in ids)), tipo="select",
            opciones=(*ids, (NEW, "Uno nuevo, con los datos que siguen")),
        ),
        Campo(
            "proceso_tipo", "Tipo del proceso nuevo", opcion(*PROCESOS), obligatorio=False, tipo="select",
            opciones=tuple(PROCESOS.items()),
        ),
        Campo(
            "proceso_nombre", "Nombre del proceso nuevo", texto, obligatorio=False, maximo=160,
            ayuda="Por ejemplo: Proceso Electoral Local 2026-2027.",
        ),
        Campo("nombre", "Nombre del periodo, por el cargo", texto, maximo=160, ayuda="Por ejemplo: Gubernatura."),
        Campo(
            "ambito", "Ámbito", opcion("local", "federal"), tipo="radio",
            opciones=(("local", "Local"), ("federal", "Federal")),
        ),
        Campo(
            "entidad", "Entidad", entidades.parse, obligatorio=False, tipo="select",
            opciones=tuple((clave, f"{clave} {nombre}") for clave, nombre in entidades.NOMBRES.items()),
            ayuda="Obligatoria en el ámbito local.",
        ),
        Campo("inicia", "Inicio (hora del centro)", instante, tipo="datetime-local"),
        Campo(
            "termina", "Fin (hora del centro)", instante, tipo="datetime-local",
            ayuda="A esta hora exacta termina la captación. Para abarcar todo un día, escriba las 00:00 del siguiente.",
        ),
        Campo(
            "estatus", "Estatus del periodo", opcion("activo", "inactivo"), tipo="radio",
            opciones=(("activo", "Activo"), ("inactivo", "Inactivo")),
        ),
        Campo(
            "apoyos_requeridos", "Apoyos requeridos en total", entero(1, 99_999_999), obligatorio=False,
            teclado="numeric",
        ),
        Campo(
            "dispersion", "Dispersión", opcion(*(code for code, _ in DISPERSIONES)), tipo="radio",
            opciones=DISPERSIONES,
        ),
        Campo(
            "unidades_requeridas", "En cuántos municipios o secciones", entero(1, MAX_UNITS), obligatorio=False,
            teclado="numeric", ayuda="Vacío: en todos los de la lista.",
        ),
        Campo(
            "unidades", "Lista de municipios o secciones", parrafos, obligatorio=False, tipo="textarea", maximo=900_000,
            ayuda="Una por línea: clave, nombre, apoyos requeridos. Por ejemplo: 007, Calvillo, 120.",
        ),
        Campo(
            "unidades_archivo", "O un archivo CSV con la lista", obligatorio=False, tipo="file",
            ayuda="Con las mismas tres columnas. Sustituye a lo escrito arriba.",
        ),
        Campo(
            "territorio_de", "De dónde deben ser las personas que dan su apoyo",
            opcion(*(code for code, _ in TERRITORIOS)), obligatorio=False, tipo="radio", opciones=TERRITORIOS,
        ),
        Campo(
            "territorio", "Municipios o secciones del territorio", parrafos, obligatorio=False, tipo="textarea",
            maximo=900_000,
            ayuda="Uno por línea: clave; nombre. Por ejemplo: 003; Calvillo. Se comparan con lo que dice el padrón, "
            "por clave o por nombre; con los dos siempre se puede. De las secciones basta el número.",
        ),
        Campo("avisos", "Avisos", obligatorio=False, tipo="hidden", maximo=400),
        Campo("acepto", "Leí lo que ocurrirá y es correcto", marcado, obligatorio=False, tipo="checkbox"),
    )  # fmt: skip


def _form(
    v: Visita,
    form: Leido,
    periodo: int,
    consecuencias: tuple[Consecuencia, ...] = (),
    *,
    lineas: tuple[ErrorLinea, ...] = (),
    lugares: tuple[ErrorLinea, ...] = (),
    status: int = 200,
) -> Response:
    avisos = ",".join(c.codigo for c in consecuencias)
    context = FormaContext(
        form, periodo, consecuencias, avisos, lineas[:LINES_SHOWN], max(0, len(lineas) - LINES_SHOWN),
        lugares[:LINES_SHOWN], max(0, len(lugares) - LINES_SHOWN),
    )  # fmt: skip
    return v.page("opl/periodo_forma.html", context, status=status)


async def _with_file(form: Leido) -> Leido:
    """The list of the file stands in the field from then on: what was read can be seen and corrected."""
    file = form.archivos.get("unidades_archivo")
    if file is None:
        return form
    try:
        text = await _text_of(file)
    except DatoInvalido as error:
        return form.con_error("unidades_archivo", error)
    errores = {name: error for name, error in form.errores.items() if name != "unidades"}
    return replace(
        form, crudo={**form.crudo, "unidades": text}, valores={**form.valores, "unidades": text}, errores=errores
    )


async def _text_of(file: UploadFile) -> str:
    data = await file.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise DatoInvalido("unidades_archivo_grande", "El archivo pesa más de 1 MB. Deje sólo las tres columnas.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise DatoInvalido("unidades_archivo_no_csv", "El archivo no es de texto. Guárdelo como CSV.")
    return parrafos("".join(sign if sign.isprintable() or sign in "\r\n\t" else " " for sign in text))


def _exact(form: Leido, before: Periodo | None) -> Leido:
    """An instant that nobody touched stays as it was, to the millisecond, though the field shows less of it."""
    if before is None:
        return form
    kept = {"inicia": before.inicia_ms, "termina": before.termina_ms}
    kept = {name: ms for name, ms in kept.items() if form.crudo[name] == _local(ms)}
    return replace(form, valores={**form.valores, **kept})


def _checked(form: Leido) -> tuple[Leido, Leidas]:
    """What no field can know by itself."""
    nothing = Leidas((), ())
    values = form.valores
    if values.get("proceso") == NEW:
        for name in ("proceso_tipo", "proceso_nombre"):
            if not values.get(name) and name not in form.errores:
                label = form.campo(name).etiqueta
                form = form.con_error(name, DatoInvalido("falta_dato", f"Escriba «{label}»."))
    if values.get("ambito") == "local" and not values.get("entidad") and "entidad" not in form.errores:
        form = form.con_error("entidad", DatoInvalido("falta_entidad", "Elija la entidad."))
    inicia, termina = values.get("inicia"), values.get("termina")
    if inicia is not None and termina is not None and termina <= inicia:
        form = form.con_error(
            "termina", DatoInvalido("termina_antes", "El fin del periodo debe ser posterior a su inicio.")
        )
    # As it was typed: the lines that errors name are those of the field.
    text, dispersion = form.crudo["unidades"] if values.get("unidades") else "", values.get("dispersion")
    if dispersion is None or "unidades" in form.errores:
        return form, nothing
    if dispersion == Dispersion.NINGUNA:
        if text:
            form = form.con_error(
                "dispersion",
                DatoInvalido("unidades_sin_dispersion", "Hay una lista: elija si es por municipio o por sección."),
            )
        return form, nothing
    leidas = read_units(text, Dispersion(dispersion))
    if leidas.errores:
        n = len(leidas.errores)
        said = "Hay una línea" if n == 1 else f"Hay {n:,} líneas"
        form = form.con_error("unidades", DatoInvalido("unidades_lineas", f"{said} por corregir en la lista."))
    elif not leidas.unidades:
        form = form.con_error("unidades", DatoInvalido("falta_dato", "Escriba la lista de municipios o secciones."))
    elif (values.get("unidades_requeridas") or 0) > len(leidas.unidades):
        form = form.con_error(
            "unidades_requeridas",
            DatoInvalido("unidades_de_mas", f"La lista sólo tiene {len(leidas.unidades):,}. Revise el número."),
        )
    return form, leidas


def _territory(form: Leido) -> tuple[Leido, TerritorioLeido]:
    """The list of the territory. A form without the question is of the whole entidad."""
    nothing = TerritorioLeido(Territorio(), ())
    values = form.valores
    text, unidad = form.crudo["territorio"] if values.get("territorio") else "", values.get("territorio_de") or TODO
    if {"territorio", "territorio_de"} & set(form.errores):
        return form, nothing
    if unidad == TODO:
        if text:
            form = form.con_error(
                "territorio_de",
                DatoInvalido("territorio_sin_unidad", "Hay una lista: elija si es de municipios o de secciones."),
            )
        return form, nothing
    read = leer_territorio(text, UnidadTerritorial(unidad))
    if read.errores:
        n = len(read.errores)
        said = "Hay una línea" if n == 1 else f"Hay {n:,} líneas"
        form = form.con_error("territorio", DatoInvalido("territorio_lineas", f"{said} por corregir en el territorio."))
    elif not read.territorio.lugares:
        form = form.con_error("territorio", DatoInvalido("falta_dato", "Escriba los municipios o las secciones."))
    return form, read


def _datos(form: Leido, leidas: Leidas, territorio: Territorio) -> tuple[DatosPeriodo, ProcesoNuevo | None]:
    values = form.valores
    new = values["proceso"] == NEW
    dispersion = Dispersion(values["dispersion"])
    spread = dispersion is not Dispersion.NINGUNA
    umbral = Umbral(
        values["apoyos_requeridos"], dispersion, values["unidades_requeridas"] if spread else None, leidas.unidades
    )
    datos = DatosPeriodo(
        proceso_id=0 if new else int(values["proceso"]),
        nombre=values["nombre"],
        ambito=values["ambito"],
        entidad=(values["entidad"] or "") if values["ambito"] == "local" else "",
        inicia_ms=values["inicia"],
        termina_ms=values["termina"],
        activo=values["estatus"] == "activo",
        umbral=umbral,
        territorio=territorio,
    )
    return datos, ProcesoNuevo(values["proceso_tipo"], values["proceso_nombre"]) if new else None


def _filled(periodo: Periodo, umbral: Umbral, territorio: Territorio) -> dict[str, str]:
    return {
        "proceso": str(periodo.proceso_id),
        "nombre": periodo.nombre,
        "ambito": periodo.ambito,
        "entidad": periodo.entidad,
        "inicia": _local(periodo.inicia_ms),
        "termina": _local(periodo.termina_ms),
        "estatus": "activo" if periodo.activo else "inactivo",
        "apoyos_requeridos": str(umbral.requeridos or ""),
        "dispersion": umbral.dispersion.value,
        "unidades_requeridas": str(umbral.unidades_requeridas or ""),
        "unidades": write_units(umbral.unidades),
        "territorio_de": territorio.unidad.value if territorio.unidad else TODO,
        "territorio": escribir(territorio),
    }


def _local(ms: int) -> str:
    """An instant as `datetime-local` has it; seconds only where there are any, so that nothing moves by saving."""
    at = datetime.fromtimestamp(ms // 1000, CENTRO)
    return at.strftime("%Y-%m-%dT%H:%M:%S" if at.second else "%Y-%m-%dT%H:%M")


def _fila(periodo: Periodo, gracia_ms: int, now_ms: int) -> Fila:
    name, clase = ESTADOS[estado(periodo.ventana(gracia_ms), activo=periodo.activo, at_ms=now_ms)]
    return Fila(periodo, name, clase, entidades.nombre(periodo.entidad))
