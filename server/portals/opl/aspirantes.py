"""Aspirantes (row B2; P6.1 B-E): the list, and the form with which the OPL registers and changes one."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final

from starlette.responses import Response

from server.clock import CENTRO
from server.domain import clave_elector, cpv, curp, entidades, mayoria
from server.domain.discrepancias import Discrepancia
from server.errors import AppError, DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, correo, fecha, marcado, opcion, parrafos, telefono, texto
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.registro import aspirantes as registro
from server.registro import emblema
from server.registro.aspirantes import PorRevisar
from server.security import permissions as puede
from server.store import aspirantes, periodos
from server.store.aspirantes import Aspirante, DatosAspirante, Fila, Filtro

PAGE: Final = 50
FORM_BYTES: Final = 16 * 1024 * 1024
"""Of a form with an emblem: one that is too large must reach the check that says so, or all that was typed is lost."""

ESTADOS: Final[dict[str, tuple[str, str]]] = {
    "sin_confirmar": ("Sin confirmación", "duda"),
    "confirmado": ("Confirmado", "bien"),
    "inactivo": ("Inactivo", "mal"),
    "por_restaurar": ("Datos por restaurar", "mal"),
}
"""What is read of each state, and the class of its label."""

CUENTAS: Final = (("google", "Google"), ("facebook", "Facebook"), ("x", "X (Twitter)"))


@dataclass(frozen=True, slots=True)
class ListaContext:
    """opl/aspirantes.html. `periodos`: (id, name) to filter by; `total`: how many the filter leaves."""

    filas: tuple[Fila, ...]
    estados: dict[str, tuple[str, str]]
    periodos: tuple[tuple[str, str], ...]
    periodo: str
    estado: str
    texto: str
    total: int
    anterior: str
    siguiente: str
    puede_administrar: bool


@dataclass(frozen=True, slots=True)
class FormaContext:
    """opl/aspirante_forma.html. `folio`: 0 for a new one. `revisadas`: codes of the differences that are shown."""

    form: Leido
    folio: int
    confirmado: bool
    diferencias: tuple[Discrepancia, ...]
    revisadas: str
    tiene_emblema: bool
    emblema_leido: bool
    sin_periodos: bool


async def lista(v: Visita) -> Response:
    """GET /opl/aspirantes."""
    query = v.request.query_params
    choices = [(str(id_), f"{nombre} · {proceso}") for id_, nombre, proceso in await v.read(periodos.choices)]
    periodo = query.get("periodo", "")
    periodo = periodo if any(periodo == id_ for id_, _ in choices) else ""
    estado = query.get("estado", "")
    estado = estado if estado in ESTADOS else ""
    words = " ".join(query.get("texto", "").split())[:100]
    filtro = Filtro(int(periodo) if periodo else None, words, estado)
    (rows, newer, older), total = await v.read(
        lambda conn: (aspirantes.page(conn, filtro, place(v.request), PAGE), aspirantes.count(conn, filtro))
    )
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    kept = {"periodo": periodo, "estado": estado, "texto": words}
    anterior, siguiente = turns("/opl/aspirantes", kept, first, last, newer=newer, older=older)
    await v.seen("aspirantes", "lista", filas=len(rows))
    return v.page(
        "opl/aspirantes.html",
        ListaContext(
            filas=tuple(rows),
            estados=ESTADOS,
            periodos=tuple(choices),
            periodo=periodo,
            estado=estado,
            texto=words,
            total=total,
            anterior=anterior,
            siguiente=siguiente,
            puede_administrar=puede.administrar_aspirantes(v.persona),
        ),
    )


async def nuevo(v: Visita) -> Response:
    """GET /opl/aspirantes/nuevo."""
    choices = await v.read(periodos.choices)
    asked = v.request.query_params.get("periodo", "")
    start = {"periodo": asked if any(asked == str(id_) for id_, *_ in choices) else ""}
    if len(choices) == 1:
        start["periodo"] = str(choices[0][0])
    return _form(v, formulario(choices).vacio(start), None)


async def editar(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}/editar."""
    folio = int(v.request.path_params["folio"])
    aspirante, choices = await v.read(lambda conn: (aspirantes.get(conn, folio), periodos.choices(conn)))
    if aspirante is None:
        raise AppError("no_encontrado")
    found = await v.read(lambda conn: registro.diferencias(conn, aspirante.datos, folio))
    await v.seen(f"aspirante:{folio}", "editar")
    form = formulario(choices, confirmado=aspirante.confirmado_ms is not None).vacio(_filled(aspirante.datos))
    return _form(v, form, aspirante, found)


async def guardar(v: Visita) -> Response:
    """POST /opl/aspirantes and POST /opl/aspirantes/{folio}."""
    folio = int(v.request.path_params.get("folio", 0))
    before, choices = await v.read(lambda conn: (aspirantes.get(conn, folio), periodos.choices(conn)))
    if folio and before is None:
        raise AppError("no_encontrado")
    confirmed = before is not None and before.confirmado_ms is not None
    form = _checked(await v.form(formulario(choices, confirmado=confirmed)), before, _today(v.now_ms))
    form, picture = await _emblem(form)
    if not form.bien:
        return _form(v, form, before, status=422)
    datos = _datos(form, before)
    kept = before.emblema_png if before is not None and not form.valores["quitar_emblema"] else None
    shown = form.crudo["revisadas"].split(",") if form.valores["revise"] else []
    png, actor = picture or kept, v.persona.actor
    try:
        if before is None:
            done = await v.write(lambda tx: registro.registrar(tx, datos, png, revisadas=shown, actor=actor))
        else:
            done = await v.write(lambda tx: registro.modificar(tx, folio, datos, png, revisadas=shown, actor=actor))
    except DatoInvalido as error:
        return _form(v, form.con_error("periodo" if error.codigo == "periodo_ajeno" else "", error), before, status=422)
    if isinstance(done, PorRevisar):
        # Other differences than those that were looked at: they are looked at anew.
        form = replace(form, crudo={**form.crudo, "revise": ""}).con_error(
            "revise", DatoInvalido("diferencias_por_revisar", "Revise las diferencias y márquelo para guardar.")
        )
        return _form(v, form, before, done.diferencias, status=422)
    return v.go(f"/opl/aspirantes/{done.folio}", "guardado" if folio else "aspirante_registrado")


def formulario(choices: Sequence[tuple[int, str, str]], *, confirmado: bool = False) -> Formulario:
    """The form of an aspirante; `confirmado`: mail and account are corrected on a page of their own."""
    ids = [(str(id_), f"{nombre} · {proceso}") for id_, nombre, proceso in choices]
    campos = [
        Campo("periodo", "Periodo", opcion(*(id_ for id_, _ in ids)), tipo="select", opciones=ids),
        Campo("nombre", "Nombre(s)", texto, maximo=80),
        Campo("apellido_paterno", "Apellido paterno", texto, obligatorio=False, maximo=80),
        Campo(
            "apellido_materno", "Apellido materno", texto, obligatorio=False, maximo=80,
            ayuda="Se requiere al menos uno de los dos apellidos.",
        ),
        Campo("lugar_nacimiento", "Lugar de nacimiento", texto, maximo=120),
        Campo("fecha_nacimiento", "Fecha de nacimiento", fecha, tipo="date"),
        Campo(
            "tel_movil", "Teléfono móvil", telefono, obligatorio=False, tipo="tel", maximo=30,
            ayuda="Se requiere al menos uno de los tres teléfonos.",
        ),
        Campo("tel_domicilio", "Teléfono del domicilio", telefono, obligatorio=False, tipo="tel", maximo=30),
        Campo("tel_oficina", "Teléfono de la oficina", telefono, obligatorio=False, tipo="tel", maximo=30),
        *([] if confirmado else mail_fields()),
        Campo(
            "clave_elector", "Clave de elector", _text_of(clave_elector.parse), maximo=40,
            ayuda="18 caracteres, como está en la credencial.",
        ),
        Campo("curp", "CURP", _text_of(curp.parse), obligatorio=False, maximo=40),
        Campo(
            "cic", "CIC", _text_of(cpv.parse_cic), obligatorio=False, maximo=30, teclado="numeric",
            ayuda="9 dígitos, al reverso. Se requiere el CIC o el OCR.",
        ),
        Campo(
            "ocr", "OCR", _text_of(cpv.parse_ocr), obligatorio=False, maximo=30, teclado="numeric",
            ayuda="12 o 13 dígitos, al reverso; empieza con la sección.",
        ),
        Campo(
            "entidad", "Entidad", entidades.parse, tipo="select",
            opciones=tuple((clave, f"{clave} {nombre}") for clave, nombre in entidades.NOMBRES.items()),
        ),
        Campo("municipio", "Municipio o alcaldía", texto, maximo=80),
        Campo("seccion", "Sección electoral", cpv.parse_seccion, maximo=10, teclado="numeric"),
        Campo("fecha_manifestacion", "Fecha de manifestación", fecha, tipo="date"),
        Campo("oficio", "Número de oficio o referencia", texto, maximo=80),
        Campo("folio_interno", "Folio interno", texto, obligatorio=False, maximo=80),
        Campo(
            "emblema", "Emblema", obligatorio=False, tipo="file",
            ayuda="PNG de hasta 500 KB. Lo muestran los teléfonos que se registren a partir de ahora.",
        ),
        # The picture of a form that came back with something else wrong: browsers don't choose a file twice.
        Campo("emblema_leido", "Emblema ya leído", obligatorio=False, tipo="hidden", maximo=400_000),
        Campo("quitar_emblema", "Quitar el emblema que tiene", marcado, obligatorio=False, tipo="checkbox"),
        Campo("observaciones", "Observaciones", parrafos, obligatorio=False, tipo="textarea", maximo=2_000),
        Campo("revisadas", "Diferencias", obligatorio=False, tipo="hidden", maximo=1_000),
        Campo("revise", "Revisé estas diferencias", marcado, obligatorio=False, tipo="checkbox"),
    ]  # fmt: skip
    return Formulario(*campos)


def mail_fields() -> list[Campo]:
    """Where the folio único is sent, and how the aspirante enters."""
    return [
        Campo(
            "correo", "Correo electrónico", correo, tipo="email", maximo=254,
            ayuda="A esta dirección llega el folio único, y con ella ingresa al portal.",
        ),
        Campo("tipo_cuenta", "Tipo de cuenta", opcion(*(c for c, _ in CUENTAS)), tipo="radio", opciones=CUENTAS),
    ]  # fmt: skip


def _text_of(parse: Callable[[str], object]) -> Callable[[str], str]:
    """The identifier as it is kept; raises what the parser raises."""
    return lambda value: str(parse(value))


def _form(
    v: Visita, form: Leido, before: Aspirante | None, found: tuple[Discrepancia, ...] = (), *, status: int = 200
) -> Response:
    return v.page(
        "opl/aspirante_forma.html",
        FormaContext(
            form=_with_flags(form, found),
            folio=before.id if before else 0,
            confirmado=before is not None and before.confirmado_ms is not None,
            diferencias=found,
            revisadas=",".join(sorted({d.codigo for d in found})),
            tiene_emblema=before is not None and before.emblema_png is not None,
            emblema_leido=bool(form.crudo.get("emblema_leido")),
            sin_periodos=not form.campo("periodo").opciones,
        ),
        status=status,
    )


def _with_flags(form: Leido, found: tuple[Discrepancia, ...]) -> Leido:
    """Each difference beside the fields it speaks of, in what a screen reader says of them too."""
    said: dict[str, list[str]] = {}
    for discrepancia in found:
        for name in discrepancia.campos:
            said.setdefault(name, []).append(discrepancia.texto)
    campos = [
        replace(campo, ayuda=" ".join([campo.ayuda, "Diferencia:", *said[campo.nombre]]).strip())
        if campo.nombre in said
        else campo
        for campo in form.formulario.campos
    ]
    return replace(form, formulario=Formulario(*campos))


def _checked(form: Leido, before: Aspirante | None, today: date) -> Leido:
    """What no field can know by itself."""
    values = form.valores
    wrong = form.errores
    if not (values["apellido_paterno"] or values["apellido_materno"]) and not {
        "apellido_paterno",
        "apellido_materno",
    } & set(wrong):
        form = form.con_error("apellido_paterno", DatoInvalido("falta_apellido", "Escriba al menos un apellido."))
    telephones = ("tel_movil", "tel_domicilio", "tel_oficina")
    if not any(values[name] or name in wrong for name in telephones):
        form = form.con_error("tel_movil", DatoInvalido("falta_telefono", "Escriba al menos un teléfono."))
    if not any(values[name] or name in wrong for name in ("cic", "ocr")):
        form = form.con_error("cic", DatoInvalido("falta_cic_ocr", "Escriba el CIC o el OCR de la credencial."))
    try:
        if values["fecha_nacimiento"]:
            mayoria.check(date.fromisoformat(values["fecha_nacimiento"]), today)
    except DatoInvalido as error:
        form = form.con_error("fecha_nacimiento", error)
    if values["fecha_manifestacion"] and date.fromisoformat(values["fecha_manifestacion"]) > today:
        form = form.con_error(
            "fecha_manifestacion",
            DatoInvalido("manifestacion_futura", "La fecha de manifestación está en el futuro. Revísela."),
        )
    return form


async def _emblem(form: Leido) -> tuple[Leido, bytes | None]:
    """The emblem of the form: a file that was chosen now, or the one read before. Decoding is done in a thread."""
    file = form.archivos.get("emblema")
    try:
        if file is not None:
            emblema.check_size(file.size or 0)
            data = await file.read()
        elif form.crudo["emblema_leido"]:
            data = base64.b64decode(form.crudo["emblema_leido"], validate=True)
        else:
            return form, None
        png = await asyncio.to_thread(emblema.read, data)
    except (DatoInvalido, binascii.Error) as error:
        wrong = (
            error if isinstance(error, DatoInvalido) else DatoInvalido("emblema_danado", "Elija otra vez el emblema.")
        )
        return replace(form.con_error("emblema", wrong), crudo={**form.crudo, "emblema_leido": ""}), None
    return replace(form, crudo={**form.crudo, "emblema_leido": base64.b64encode(png).decode()}), png


def _datos(form: Leido, before: Aspirante | None) -> DatosAspirante:
    values: dict[str, Any] = {
        field.name: form.valores.get(field.name) or "" for field in fields(DatosAspirante) if field.name != "periodo_id"
    }
    if before is not None and before.confirmado_ms is not None:
        values |= {"correo": before.datos.correo, "tipo_cuenta": before.datos.tipo_cuenta}
    return DatosAspirante(periodo_id=int(form.valores["periodo"]), **values)


def _filled(datos: DatosAspirante) -> dict[str, str]:
    values = {field.name: str(getattr(datos, field.name)) for field in fields(datos)}
    return {**values, "periodo": values.pop("periodo_id") if datos.periodo_id else ""}


def _today(now_ms: int) -> date:
    return datetime.fromtimestamp(now_ms / 1000, CENTRO).date()
