"""/opl/captura/conciliar: cédulas whose two typings differ, side by side, settled campo by campo (row B5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain.captura_papel import CAMPOS, CRITERIOS
from server.errors import AppError, DatoInvalido
from server.expedientes.abrir import Datos
from server.mesa_control import captura_manual
from server.mesa_control.captura_manual import Captura
from server.portals.forms import Campo, Formulario, Leido, opcion
from server.portals.opl import captura_cedulas
from server.portals.visita import Visita
from server.store import cedulas_papel, paquetes
from server.store.cedulas_papel import Cedula, Pendiente
from server.store.connection import Connection
from server.store.paquetes import Paquete

URL: Final = "/opl/captura/conciliar"
SHOWN: Final = 200
ELIGE: Final = "elige_"
PRIMERA, SEGUNDA, OTRO = "primera", "segunda", "otro"


@dataclass(frozen=True, slots=True)
class ListaContext:
    """opl/captura_por_conciliar.html. `mas`: there are more than are shown."""

    filas: tuple[Pendiente, ...]
    mas: bool


@dataclass(frozen=True, slots=True)
class Renglon:
    """One campo of both typings. `difiere`: they are not the same; `elige`: the name of its choice."""

    campo: str
    etiqueta: str
    primera: str
    segunda: str
    difiere: bool
    elige: str


@dataclass(frozen=True, slots=True)
class ConciliarContext:
    """opl/captura_conciliar.html. `primera_por`, `segunda_por`: names; `comentarios`: what each wrote."""

    form: Leido
    paquete: Paquete
    cedula: int
    numero: int
    renglones: tuple[Renglon, ...]
    primera_por: str
    segunda_por: str
    comentarios: tuple[str, str]


async def lista(v: Visita) -> Response:
    """GET /opl/captura/conciliar"""
    rows = await v.read(lambda conn: cedulas_papel.pendientes(conn, SHOWN + 1))
    return v.page("opl/captura_por_conciliar.html", ListaContext(tuple(rows[:SHOWN]), len(rows) > SHOWN))


@dataclass(frozen=True, slots=True)
class _Abierta:
    cedula: Cedula
    paquete: Paquete
    primera: Captura
    segunda: Captura
    difieren: tuple[str, ...]
    nombres: tuple[str, str]


async def ver(v: Visita) -> Response:
    """GET /opl/captura/conciliar/{id}: both typings, which is on the record."""
    found = await _open(v)
    await v.seen(f"paquete:{found.paquete.id}", "captura_conciliar", cedula=found.cedula.numero)
    typed = {campo: _value(found.primera, campo) for campo in _equal(found)}
    comment = found.primera.comentario or found.segunda.comentario
    return _page(v, found, formulario(found.primera, found.segunda).vacio({**typed, "comentario": comment}), 200)


async def guardar(v: Visita) -> Response:
    """POST /opl/captura/conciliar/{id}"""
    found = await _open(v)
    form = await v.form(formulario(found.primera, found.segunda))
    if form.bien:
        settled, keys, cuenta = _settled(found, form), v.portal.keyring, v.persona.cuenta
        try:
            await v.write(lambda tx: captura_manual.conciliar(tx, keys, found.cedula.id, settled, cuenta=cuenta))
        except DatoInvalido as error:
            field = {"falta_comentario": "comentario"}.get(error.codigo, "")
            form = form.con_error(field, error)
        except AppError as error:
            form = form.con_error("", DatoInvalido(error.code, error.entry.text))
        else:
            return v.go(URL, "cedula_conciliada")
    return _page(v, found, form, 422)


async def _open(v: Visita) -> _Abierta:
    id_ = int(v.request.path_params["id"])

    def read(conn: Connection) -> tuple[Cedula, Paquete, tuple[str, str]]:
        cedula = cedulas_papel.by_id(conn, id_)
        paquete = paquetes.get(conn, cedula.paquete) if cedula else None
        if cedula is None or paquete is None:
            raise AppError("no_encontrado")
        if cedula.estado != "por_conciliar":
            raise AppError("cedula_hecha")
        return cedula, paquete, cedulas_papel.nombres(conn, cedula)

    cedula, paquete, nombres = await v.read(read)
    first, second = captura_manual.dos(v.portal.keyring, cedula)
    return _Abierta(cedula, paquete, first, second, captura_manual.difieren(first, second), nombres)


def formulario(primera: Captura, segunda: Captura) -> Formulario:
    """A choice for each campo in which they differ, and what it says if neither is right; the rest as it is."""
    campos: list[Campo] = []
    for campo in captura_manual.COTEJADOS:
        own = captura_cedulas.FORMULARIO.campo(campo)
        if campo not in captura_manual.difieren(primera, segunda):
            campos.append(own)
            continue
        choices = (
            (PRIMERA, f"Primera: {_shown(primera, campo)}"),
            (SEGUNDA, f"Segunda: {_shown(segunda, campo)}"),
            (OTRO, "Ninguna de las dos"),
        )
        campos.append(
            Campo(ELIGE + campo, own.etiqueta, opcion(PRIMERA, SEGUNDA, OTRO), tipo="radio", opciones=choices)
        )
        etiqueta = "Si ninguna de las dos, qué le falta" if campo == "criterio" else f"{own.etiqueta}, si ninguna"
        campos.append(
            Campo(
                campo, etiqueta, own.convertir, obligatorio=False, maximo=own.maximo,
                opciones=tuple(one for one in own.opciones if one[0]),
                tipo="select" if own.opciones else "text", teclado=own.teclado,
            )
        )  # fmt: skip
    return Formulario(*campos, captura_cedulas.FORMULARIO.campo("comentario"))


def _equal(found: _Abierta) -> list[str]:
    return [campo for campo in captura_manual.COTEJADOS if campo not in found.difieren]


def _settled(found: _Abierta, form: Leido) -> Captura:
    said = {}
    for campo in captura_manual.COTEJADOS:
        chosen = form.valores.get(ELIGE + campo, OTRO)
        source = {PRIMERA: found.primera, SEGUNDA: found.segunda}.get(chosen)
        said[campo] = _value(source, campo) if source else form.valores[campo] or ""
    criterio = said.pop("criterio")
    return Captura(Datos(**said), criterio, form.valores["comentario"] or "")


def _value(captura: Captura, campo: str) -> str:
    return captura.criterio if campo == "criterio" else str(getattr(captura.datos, campo))


def _shown(captura: Captura, campo: str) -> str:
    value = _value(captura, campo)
    return (CRITERIOS.get(value, "nada") if campo == "criterio" else value) or "vacío"


def _page(v: Visita, found: _Abierta, form: Leido, status: int) -> Response:
    rows = tuple(
        Renglon(
            campo,
            captura_cedulas.FORMULARIO.campo(campo).etiqueta,
            _shown(found.primera, campo),
            _shown(found.segunda, campo),
            campo in found.difieren,
            ELIGE + campo,
        )
        for campo in (*CAMPOS, "criterio")
    )
    return v.page(
        "opl/captura_conciliar.html",
        ConciliarContext(
            form=form,
            paquete=found.paquete,
            cedula=found.cedula.id,
            numero=found.cedula.numero,
            renglones=rows,
            primera_por=found.nombres[0],
            segunda_por=found.nombres[1],
            comentarios=(found.primera.comentario, found.segunda.comentario),
        ),
        status=status,
    )
