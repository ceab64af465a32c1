"""The consulta de registros as both portals show it: filters, table, pages, exports, one registro (C5, B6).

The aspirante's and the OPL's screens differ in whose registros they may see and in where they are (`Lugar`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response

from server.domain.apoyo import Clase, MotivoBaja, Resultado, Situacion
from server.domain.auxiliar import fecha_larga
from server.domain.filtro_registros import (
    CONVERSIONES,
    MARCAS,
    NOMBRE_MAXIMO,
    PROCESOS,
    VALIDO_TEXTO,
    VIAS,
    Filtro,
    leer,
)
from server.domain.inconsistencias import DE_PAPEL, DEL_PROTOCOLO, POR_CRITERIO, Inconsistencia
from server.domain.marcas import Marca
from server.errors import AppError
from server.portals import descargas
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.reportes.exportar import Fila, hora_del_centro
from server.security import permissions as puede
from server.store import audiencia_registros, consulta, fichas, incisos
from server.store.connection import Connection
from server.store.consulta import Cuantos, Pagina, Renglon
from server.store.fichas import Ficha
from sync_protocol import acuse as acuses
from sync_protocol.sobre import printed_code

POR_PAGINA = 50
POR_TRAMO = 2_000
"""Rows that an export reads at once, in a transaction of its own."""

_CAMPOS = (
    Campo("desde", "Fecha de inicio", tipo="date", obligatorio=False),
    Campo("hasta", "Fecha límite", tipo="date", obligatorio=False),
    Campo("solicitud", "Folio de la solicitud", obligatorio=False, maximo=20, teclado="numeric"),
    Campo("folio", "Folio de registro", obligatorio=False, ayuda="Completo, o sólo su principio.", maximo=40),
    Campo("nombre", "Nombre(s)", obligatorio=False, maximo=NOMBRE_MAXIMO),
    Campo("paterno", "Apellido paterno", obligatorio=False, maximo=NOMBRE_MAXIMO),
    Campo("materno", "Apellido materno", obligatorio=False, maximo=NOMBRE_MAXIMO),
    Campo("proceso", "Tipo de proceso", obligatorio=False, tipo="select", opciones=tuple(PROCESOS.items())),
    Campo("auxiliar", "Id auxiliar", obligatorio=False, maximo=20, teclado="numeric"),
    Campo("dispositivo", "Id dispositivo", obligatorio=False, maximo=20, teclado="numeric"),
    Campo(
        "situacion", "Respuesta de situación registral", obligatorio=False, tipo="select",
        opciones=tuple((one.value, one.texto) for one in Situacion),
    ),
    Campo("valido", "Válido", obligatorio=False, tipo="select", opciones=tuple(VALIDO_TEXTO.items())),
    Campo(
        "motivo", "Motivo de la baja", obligatorio=False, tipo="select",
        opciones=tuple((one.value, one.texto) for one in MotivoBaja),
    ),
    Campo("marca", "Origen", obligatorio=False, tipo="select", opciones=tuple(MARCAS.items())),
    Campo(
        "inciso", "Inconsistencia", obligatorio=False, tipo="select",
        opciones=tuple((one.inciso, f"{one.inciso}) {one.tipo}") for one in DEL_PROTOCOLO.values()),
    ),
    Campo(
        "clase", "Clase en los reportes", obligatorio=False, tipo="select",
        opciones=tuple((one.value, one.texto) for one in Clase),
    ),
    Campo("via", "Vía", obligatorio=False, tipo="select", opciones=tuple(VIAS.items())),
)  # fmt: skip
DEL_OPL = Formulario(*_CAMPOS)
DEL_ASPIRANTE = Formulario(*(campo for campo in _CAMPOS if campo.nombre != "solicitud"))


@dataclass(frozen=True, slots=True)
class Lugar:
    """Where the consulta is. `base`: its address; `plantilla`, `plantilla_ficha`: its pages."""

    base: str
    plantilla: str
    plantilla_ficha: str
    formulario: Formulario


@dataclass(frozen=True, slots=True)
class RegistrosContext:
    """The consulta's page. `puestos`: (label, what is asked) of the filters set. `cuantos`: how many, in words.

    `solicitud`: the aspirante's own folio, None on the OPL's page. `anterior`, `siguiente`, `seguir`, `csv`, `xlsx`:
    addresses, "" where there is none; `seguir`: this page's work was done before it was full.
    """

    form: Leido
    base: str
    solicitud: int | None
    puestos: tuple[tuple[str, str], ...]
    cuantos: str
    renglones: tuple[Renglon, ...]
    anterior: str
    siguiente: str
    seguir: str
    csv: str
    xlsx: str


@dataclass(frozen=True, slots=True)
class FichaContext:
    """One registro. `codigo`: as it is printed. `marcas`: of its origin. `corte`: of the padrón that answered.

    `criterio`: what was noted of a cédula of paper. `acuse`: address of the signed acuse, "" while it may not be given.
    `base`: address of the consulta. `via`: how it came, in words.
    `audiencia`: address of the hearing in which it is or was contested, "" when there is none.
    """

    ficha: Ficha
    base: str
    proceso: str
    codigo: str
    marcas: tuple[Marca, ...]
    corte: str
    via: str
    criterio: Inconsistencia | None
    acuse: str
    audiencia: str


# -- the page -------------------------------------------------------------------------------------------------------


async def lista(v: Visita, lugar: Lugar) -> Response:
    """Filters and the page of what they find. A filter that cannot be read finds nothing, and is named (status 422)."""
    query = v.request.query_params
    form, filtro = await _leer(v, lugar)
    if not form.bien:
        return v.page(lugar.plantilla, _context(v, lugar, form, filtro, None), status=422)
    if any(value == "" for name, value in query.items() if name in CONVERSIONES):
        # A browser sends empty fields too: on to the address that is worth sharing.
        return RedirectResponse(_url(lugar.base, filtro), 303, headers={"Cache-Control": "no-store"})
    antes, despues, solicitud = _cursor(query.get("antes")), _cursor(query.get("despues")), _visible(v)
    found = await v.read(
        lambda conn: consulta.pagina(conn, filtro, solicitud, limite=POR_PAGINA, antes=antes, despues=despues)
    )
    await v.seen(_objeto(v, filtro), "registros", filtros=filtro.nombres_de_campos(), filas=len(found.renglones))
    return v.page(lugar.plantilla, _context(v, lugar, form, filtro, found))


async def _leer(v: Visita, lugar: Lugar) -> tuple[Leido, Filtro]:
    query, words = v.request.query_params, await v.read(incisos.textos)
    form = con_incisos(lugar.formulario, words)
    names = [campo.nombre for campo in form.campos]
    asked = {name: query[name] for name in names if name in query}
    filtro, errors = leer(asked, words)
    typed = {
        name: asked.get(name, "") if name in errors or getattr(filtro, name) is None else str(getattr(filtro, name))
        for name in names
    }
    return Leido(form, crudo=typed, errores=errors), filtro


def con_incisos(formulario: Formulario, words: Mapping[str, Inconsistencia]) -> Formulario:
    """The form with the incisos there are, those that the OPL added too."""
    options = tuple((one.inciso, f"{one.inciso}) {one.tipo}") for one in words.values())
    return Formulario(
        *(replace(campo, opciones=options) if campo.nombre == "inciso" else campo for campo in formulario.campos)
    )


def _context(v: Visita, lugar: Lugar, form: Leido, filtro: Filtro, found: Pagina | None) -> RegistrosContext:
    url = lugar.base
    return RegistrosContext(
        form=form,
        base=url,
        solicitud=_visible(v),
        puestos=tuple((campo.etiqueta, _told(campo, form)) for campo in form.formulario.campos if _told(campo, form)),
        cuantos=en_palabras(found.cuantos) if found else "",
        renglones=found.renglones if found else (),
        anterior=_url(url, filtro, despues=found.despues) if found and found.despues is not None else "",
        siguiente=(
            _url(url, filtro, antes=found.antes) if found and found.antes is not None and not found.incompleta else ""
        ),
        seguir=_url(url, filtro, antes=found.antes) if found and found.incompleta else "",
        csv=_url(f"{url}.csv", filtro) if found else "",
        xlsx=_url(f"{url}.xlsx", filtro) if found else "",
    )


def _told(campo: Campo, form: Leido) -> str:
    typed = form.texto_de(campo.nombre)
    if campo.tipo == "date" and campo.nombre not in form.errores:
        return "/".join(reversed(typed.split("-")))
    return dict(campo.opciones).get(typed, typed)


def en_palabras(cuantos: Cuantos) -> str:
    """`1,234 registros`, `Más de 10,000 registros`, `Al menos 7 registros`."""
    number = f"{cuantos.n:,} registro{'' if cuantos.n == 1 else 's'}"
    if cuantos.exacto:
        return number
    return f"Más de {number}" if cuantos.n >= consulta.MUCHOS else f"Al menos {number}"


def _cursor(raw: str | None) -> int | None:
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) <= 15 else None


def _url(base: str, filtro: Filtro, **cursor: int | None) -> str:
    query = "&".join(part for part in (filtro.query(), urlencode(cursor)) if part)
    return f"{base}?{query}" if query else base


def _visible(v: Visita) -> int | None:
    """The only folio de solicitud whose registros this person may see; None: all."""
    return v.persona.solicitud


def _objeto(v: Visita, filtro: Filtro) -> str:
    whose = _visible(v) or filtro.solicitud
    return f"aspirante:{whose}" if whose else "registros"


# -- exports --------------------------------------------------------------------------------------------------------

ENCABEZADO = (
    "Folio de registro", "Folio de la solicitud", "Id auxiliar", "Id dispositivo", "Fecha de recepción", "Nombre(s)",
    "Apellido paterno", "Apellido materno", "Tipo de proceso", "Respuesta de situación registral", "Motivo de la baja",
    "Válido", "Inconsistencia", "Tipo de inconsistencia", "Detalle de inconsistencia", "Origen", "Clase", "Vía",
)  # fmt: skip
_VALIDO = {
    Resultado.VALIDO: VALIDO_TEXTO["si"],
    Resultado.INCONSISTENTE: VALIDO_TEXTO["no"],
    Resultado.PENDIENTE: VALIDO_TEXTO["pendiente"],
}


async def exportar(v: Visita, lugar: Lugar, formato: str) -> Response:
    """All that the same filter finds, as `csv` or `xlsx`, newest first."""
    form, filtro = await _leer(v, lugar)
    if not form.bien:
        return v.page(lugar.plantilla, _context(v, lugar, form, filtro, None), status=422)
    name = descargas.nombre_con_fecha("registros", v.now_ms)
    if v.request.method == "HEAD":
        return Response(headers={"Cache-Control": "no-store"})
    solicitud = _visible(v)
    tipos, words = await v.read(lambda conn: (fichas.procesos(conn), incisos.textos(conn)))
    await v.seen(_objeto(v, filtro), f"registros_{formato}", filtros=filtro.nombres_de_campos())
    rows = _export_rows(v, filtro, solicitud, tipos, words)
    if formato == "csv":
        return descargas.respuesta_csv(name, ENCABEZADO, rows)
    return descargas.respuesta_xlsx(name, ENCABEZADO, rows)


async def _export_rows(
    v: Visita, filtro: Filtro, solicitud: int | None, tipos: Mapping[int, str], words: Mapping[str, Inconsistencia]
) -> AsyncIterator[Fila]:  # fmt: skip
    antes: int | None = None
    while True:

        def read(conn: Connection, since: int | None = antes) -> tuple[tuple[Renglon, ...], int | None]:
            return consulta.tramo(conn, filtro, solicitud, antes=since, limite=POR_TRAMO)

        rows, antes = await v.read(read)
        for row in rows:
            yield _export_row(row, tipos, words)
        if antes is None:
            return


def _export_row(row: Renglon, tipos: Mapping[int, str], words: Mapping[str, Inconsistencia]) -> Fila:
    found = words.get(row.inciso)
    return (
        row.folio, str(row.solicitud), str(row.auxiliar or ""), str(row.dispositivo or ""),
        hora_del_centro(row.recibido_ms),
        row.nombre, row.apellido_paterno, row.apellido_materno, PROCESOS.get(tipos.get(row.solicitud, ""), ""),
        row.situacion.texto, row.motivo_baja.texto if row.motivo_baja else "", _VALIDO[row.resultado], row.inciso,
        str(found.tipo) if found else "", row.detalle, "; ".join(marca.texto for marca in row.marcas),
        row.clase.texto, VIAS[row.via],
    )  # fmt: skip


# -- one registro ---------------------------------------------------------------------------------------------------


async def ficha(v: Visita, lugar: Lugar) -> Response:
    """What is known of one registro. Another aspirante's is as little there as one that never was."""
    found = await _found(v)
    await v.seen(f"registro:{found.renglon.folio}", "registro")
    row, sobre, cedula = found.renglon, found.sobre, found.cedula
    given = sobre is not None and v.portal.parts["box"].reception.give(sobre.lote)
    hearing = await v.read(lambda conn: audiencia_registros.of_apoyo(conn, row.id))
    if hearing is not None and v.persona.solicitud is None and not puede.ver_audiencias(v.persona):
        hearing = None
    portal = "/opl" if v.persona.solicitud is None else "/aspirante"
    return v.page(
        lugar.plantilla_ficha,
        FichaContext(
            ficha=found, base=lugar.base, proceso=PROCESOS.get(found.proceso, ""),
            codigo=printed_code(sobre.codigo) if sobre else "", marcas=row.marcas,
            corte=fecha_larga(found.apoyo.padron_corte), via=VIAS[row.via],
            criterio=DE_PAPEL.get(POR_CRITERIO.get(cedula.criterio, "")) if cedula else None,
            acuse=f"{lugar.base}/{row.folio}/acuse" if given else "",
            audiencia=f"{portal}/audiencias/{hearing}" if hearing is not None else "",
        ),
    )  # fmt: skip


async def acuse(v: Visita) -> Response:
    """The signed acuse of one registro with the public keys, in the form in which it is mailed too."""
    found = await _found(v)
    if found.sobre is None or not v.portal.parts["box"].reception.give(found.sobre.lote):
        raise AppError("no_encontrado")
    await v.seen(f"registro:{found.renglon.folio}", "acuse")
    document: dict[str, Any] = {"jwks": acuses.jwks(v.portal.keyring.publicas), "acuses": [found.sobre.acuse]}
    return Response(
        msgspec.json.encode(document), media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="acuse-{found.renglon.folio}.json"',
            "Cache-Control": "no-store",
        },
    )  # fmt: skip


async def _found(v: Visita) -> Ficha:
    solicitud = _visible(v)
    folio = str(v.request.path_params["folio"])
    found = await v.read(lambda conn: fichas.ficha(conn, folio, solicitud))
    if found is None:
        raise AppError("no_encontrado")
    return found
