"""Who saw what, and did what (row B13): the bitácora by event, person, object and date, and whether it is whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from server.bitacora import Evento
from server.clock import CENTRO
from server.domain.roles import Rol
from server.errors import DatoInvalido
from server.portals import descargas
from server.portals.forms import Campo, Formulario, Leido, entero, fecha, opcion
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.reportes.exportar import Fila, hora_del_centro
from server.store import accesos, bitacora
from server.store.accesos import Acceso, Filtro
from server.store.bitacora import Tramo
from server.store.connection import Connection

ROWS = 50
CHUNK = 1_000
CHAIN_CHUNK = 5_000
CONSULTAS = tuple(evento.value for evento in Evento if evento.value.startswith("datos_"))
"""Events of people who looked at, or took with them, somebody's data."""
TODO = "todo"
_OBJECT = re.compile(r"[a-z_]{2,20}:[A-Za-z0-9._-]{1,60}")


def _objeto(value: str) -> str:
    """`aspirante:123`, also written `Aspirante 123`."""
    found = re.sub(r"[\s:]+", ":", value.strip(), count=1)
    head, mark, tail = found.partition(":")
    found = head.lower() + mark + tail
    if not _OBJECT.fullmatch(found):
        raise DatoInvalido("objeto_forma", "Escriba de qué se trata y su número, como aspirante 123 o auxiliar 45.")
    return found


def _formulario(personas: list[tuple[int, str]]) -> Formulario:
    people = tuple((str(id_), nombre) for id_, nombre in personas)
    return Formulario(
        Campo(
            "evento", "Qué", opcion("", TODO, *Evento), obligatorio=False, tipo="select",
            ayuda="Sin elegir: consultas de datos personales.",
            opciones=((TODO, "Todo lo registrado"), *((e.value, _words(e.value)) for e in Evento)),
        ),
        Campo(
            "persona", "Quién, del instituto", opcion(*dict(people)), obligatorio=False, tipo="select",
            opciones=people,
        ),
        Campo("folio", "O la cuenta del folio", entero(1, 999_999), obligatorio=False, teclado="numeric", maximo=7),
        Campo("objeto", "Sobre qué", _objeto, obligatorio=False, ayuda="Como aspirante 123.", maximo=80),
        Campo("desde", "Desde", fecha, obligatorio=False, tipo="date"),
        Campo("hasta", "Hasta", fecha, obligatorio=False, tipo="date"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Renglon:
    """One event as people read it. `detalle`: what else is known, ids and counts."""

    id: int
    en_ms: int
    quien: str
    papel: str
    hizo: str
    objeto: str
    detalle: str


@dataclass(frozen=True, slots=True)
class AccesosContext:
    """`form`: the filters. `renglones`: newest first. `anterior`, `siguiente`: addresses of newer and older ones.

    `exporta`: address of all of them as CSV.
    """

    form: Leido
    renglones: list[Renglon]
    anterior: str
    siguiente: str
    exporta: str


@dataclass(frozen=True, slots=True)
class CadenaContext:
    """`cadena`: what reading every event found, at the instant `en_ms`. `codigo`: of the last good event, hex."""

    cadena: Tramo
    codigo: str
    en_ms: int


@dataclass(frozen=True, slots=True)
class _Asked:
    form: Leido
    filtro: Filtro | None
    """None when something in the filters is wrong, or nobody has the account that was asked for."""


_ACCENTS = {
    "bitacora": "bitácora", "catalogo": "catálogo", "codigo": "código", "contrasena": "contraseña",
    "declaracion": "declaración", "exportacion": "exportación", "indice": "índice", "institucion": "institución",
    "invitacion": "invitación", "padron": "padrón", "replica": "réplica", "revision": "revisión", "sesion": "sesión",
    "telefono": "teléfono",
}  # fmt: skip
"""Codes have no accents; people's words do."""


def _words(code: str) -> str:
    words = " ".join(_ACCENTS.get(word, word) for word in code.replace("_", " ").split(" "))
    return words[:1].upper() + words[1:]


def _midnight(day: str, days: int = 0) -> int:
    found = date.fromisoformat(day) + timedelta(days=days)
    return int(datetime(found.year, found.month, found.day, tzinfo=CENTRO).timestamp() * 1000)


def _asked(conn: Connection, query: Mapping[str, str]) -> _Asked:
    form = _formulario(accesos.personas(conn)).leer(query)
    values = form.valores
    actor = f"cuenta:{values['persona']}" if values["persona"] else ""
    if values["folio"] and not actor:
        cuenta = accesos.cuenta_de(conn, values["folio"])
        if cuenta is None:
            form = form.con_error("folio", DatoInvalido("folio_sin_cuenta", "Ese folio no tiene una cuenta."))
        actor = f"cuenta:{cuenta}"
    if values["desde"] and values["hasta"] and values["desde"] > values["hasta"]:
        form = form.con_error("hasta", DatoInvalido("fechas_al_reves", "«Hasta» es anterior a «Desde»."))
    if not form.bien:
        return _Asked(form, None)
    evento = values["evento"] or ""
    eventos = CONSULTAS if not evento else () if evento == TODO else (evento,)
    return _Asked(form, Filtro(
        eventos, actor, values["objeto"] or "",
        _midnight(values["desde"]) if values["desde"] else None,
        _midnight(values["hasta"], 1) if values["hasta"] else None,
    ))  # fmt: skip


def _rows(conn: Connection, found: list[Acceso]) -> list[Renglon]:
    cuentas = {int(event.actor[7:]) for event in found if event.actor.startswith("cuenta:")}
    nombres = accesos.nombres(conn, cuentas)
    rows = []
    for event in found:
        quien, papel = _words(event.actor.replace(":", " ", 1)), ""
        if event.actor.startswith("cuenta:") and int(event.actor[7:]) in nombres:
            quien, rol = nombres[int(event.actor[7:])]
            papel = Rol(rol).titulo
        rows.append(Renglon(
            event.id, event.en_ms, quien, papel, _words(event.evento),
            _words(event.objeto.replace(":", " ", 1)), _detail(event.datos),
        ))  # fmt: skip
    return rows


def _detail(datos: str) -> str:
    """`pantalla: consulta · filas: 50`; what is longer than a line is cut."""
    values: dict[str, Any] = msgspec.json.decode(datos)
    shown = " · ".join(f"{key.replace('_', ' ')}: {_plain(value)}" for key, value in values.items())
    return shown if len(shown) <= 200 else shown[:199] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(str(key) for key in value)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)


async def lista(v: Visita) -> Response:
    """A page of the record, filtered. Looking at it is on the record too."""
    query = v.request.query_params
    at = place(v.request)

    def reading(conn: Connection) -> tuple[_Asked, list[Renglon], bool]:
        asked = _asked(conn, query)
        if asked.filtro is None:
            return asked, [], False
        found = accesos.pagina(conn, asked.filtro, ROWS + 1, antes=at.antes, despues=at.despues)
        more = len(found) > ROWS
        # Of newer ones the surplus is the first: they were asked for from the other side.
        found = found[1:] if more and at.despues is not None else found[:ROWS]
        return asked, _rows(conn, found), more

    asked, rows, more = await v.read(reading)
    kept = {name: query[name] for name in asked.form.crudo if query.get(name)}
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    back = at.despues is not None
    newer, older = turns(
        "", kept, first, last, newer=more if back else at.antes is not None, older=True if back else more
    )
    await v.seen("bitacora", "accesos", filas=len(rows))
    exporta = "/opl/accesos.csv" + (f"?{urlencode(kept)}" if kept else "")
    context = AccesosContext(asked.form, rows, newer, older, exporta if asked.filtro is not None else "")
    return v.page("opl/accesos.html", context, status=200 if asked.form.bien else 422, fragmento="resultado")


async def exporta(v: Visita) -> Response:
    """All that the filters find, oldest last, as CSV."""
    query = v.request.query_params
    asked = await v.read(lambda conn: _asked(conn, query))
    if asked.filtro is None:
        return v.page("opl/accesos.html", AccesosContext(asked.form, [], "", "", ""), status=422)
    await v.seen("bitacora", "accesos_csv")
    head = ("Número", "Fecha y hora (centro)", "Quién", "Papel", "Qué", "Sobre qué", "Detalle")
    rows = _all(v, asked.filtro)
    return descargas.respuesta_csv(descargas.nombre_con_fecha("accesos", v.now_ms), head, rows)


async def _all(v: Visita, filtro: Filtro) -> AsyncIterator[Fila]:
    antes: int | None = None
    while True:
        at = antes

        def reading(conn: Connection, at: int | None = at) -> list[Renglon]:
            return _rows(conn, accesos.pagina(conn, filtro, CHUNK, antes=at))

        rows = await v.read(reading)
        for row in rows:
            yield row.id, hora_del_centro(row.en_ms), row.quien, row.papel, row.hizo, row.objeto, row.detalle
        if len(rows) < CHUNK:
            return
        antes = rows[-1].id


async def cadena(v: Visita) -> Response:
    """Read every event and say whether each follows from the one before."""
    found, before = Tramo(), -1
    while found.rota_en is None and found.leidos != before:
        before, at = found.leidos, found

        def reading(conn: Connection, at: Tramo = at) -> Tramo:
            return bitacora.follow(conn, at, CHAIN_CHUNK)

        found = await v.read(reading)
    return v.page("opl/accesos_cadena.html", CadenaContext(found, found.resumen.hex(), v.now_ms))
