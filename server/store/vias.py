"""Ways through the apoyos for the consulta (server.store.consulta): what each seeks, and how many it leads to (C5).

An index serves some of the filters; those that it does not are tested on each of its entries. How many entries there
are is said by the counters of the reports, or found out by a probe that stops early.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain import busqueda
from server.domain.apoyo import Clase, OrigenApoyo, Resultado, Situacion
from server.domain.apoyo import Via as Medio
from server.domain.filtro_registros import CON_ORIGEN_INCONSISTENTE, SIN_INCONSISTENCIA_DE_ORIGEN, Filtro
from server.domain.marcas import Marca
from server.store.conteos import FIELDS

TRABAJO = 20_000
"""Entries of an index that one page looks at, at most, where a filter must be tested on each: about 30 ms."""
POCOS = 5_000
"""Up to so many matches, a way that is not in order of arrival is walked whole and sorted."""


@dataclass(frozen=True, slots=True)
class Via:
    """One way through the apoyos. `tabla`: with its index; `donde`: what the index seeks; `tam`: entries, at most.

    `en_orden`: its entries come by id within a solicitud.
    """

    nombre: str
    tabla: str
    donde: str
    tam: int
    en_orden: bool = True


class Conditions:
    """The filter as conditions on `b`, each by the way that already sees to it."""

    def __init__(self, filtro: Filtro) -> None:
        self.values: dict[str, Any] = {}
        self._by_way: list[tuple[str, str]] = []
        paterno, materno, nombre = filtro.prefijos
        self._add("situacion", "+b.situacion = :situacion", situacion=filtro.situacion)
        self._add("resultado", "+b.resultado = :resultado", resultado=filtro.resultado)
        self._add("", "b.motivo_baja = :motivo", motivo=filtro.motivo)
        self._add("clase", "+b.clase = :clase", clase=filtro.clase)
        self._add("papel" if filtro.via == Medio.PAPEL else "", "b.via = :via", via=filtro.via)
        self._add("inciso", "+b.inciso = :inciso", inciso=filtro.inciso)
        self.values["un_auxiliar"] = of_auxiliar(filtro)
        self._add("auxiliar", "+b.auxiliar = :auxiliar", auxiliar=filtro.auxiliar)
        self._add("dispositivo", "b.dispositivo = :dispositivo", dispositivo=filtro.dispositivo)
        self.values["folio_dispositivo"] = filtro.folio_dispositivo
        if filtro.folio_entero:
            self._add("folio_entero", "b.folio = :folio", folio=filtro.folio)
        elif filtro.folio:
            low, high = busqueda.intervalo(filtro.folio_escrito)
            self._add("", "b.folio >= :folio AND b.folio < :folio_hasta", folio=low, folio_hasta=high)
        if filtro.dias is not None:
            self.values["dia_hasta"] = filtro.dias[1]
            self._add("", "+b.dia BETWEEN :dia AND :dia_hasta", dia=filtro.dias[0])
        if filtro.marca in (CON_ORIGEN_INCONSISTENTE, SIN_INCONSISTENCIA_DE_ORIGEN):
            self._add("origen", "+b.origen = :origen", origen=filtro.marca)
        elif filtro.marca:
            self._add("", "instr(b.marcas, :marca)", marca=f'"{filtro.marca}"')
        for part, sign, prefix in (("paterno", "", paterno), ("materno", "|", materno), ("nombre", ">", nombre)):
            low, high = busqueda.intervalo(sign + prefix)
            self.values |= {part: low, f"{part}_hasta": high}
            if prefix and sign:
                self._add(part, f"instr(b.busqueda, :{part})")
            elif prefix:
                self._add(part, "+b.busqueda >= :paterno AND +b.busqueda < :paterno_hasta")

    def _add(self, way: str, condition: str, **values: Any) -> None:
        if any(value in (None, "") for value in values.values()):
            return
        self.values |= values
        self._by_way.append((way, condition))

    def rest(self, way: str) -> list[str]:
        """What a walk by this way must still test."""
        return [condition for sees, condition in self._by_way if sees != way]


def counted_ways(filtro: Filtro, totals: list[sqlite3.Row]) -> list[Via]:
    """Ways within a solicitud whose length the counters say."""
    ways = []

    def way(name: str, condition: str, **wanted: str) -> None:
        length = sum(row["n"] for row in totals if all(row[column] == value for column, value in wanted.items()))
        where = f"b.solicitud = s.value{condition}"
        ways.append(Via(name, f"apoyos b INDEXED BY apoyos_{name}", where, length))

    way("solicitud", "")
    if filtro.situacion or filtro.motivo:
        situacion = Situacion(filtro.situacion or Situacion.BAJA)
        way("situacion", f" AND b.situacion = '{situacion.value}'", situacion=situacion)
    elif filtro.clase == Clase.EN_PROCESAMIENTO:
        # No index has this class alone: they are all of this situación.
        sin = Situacion.SIN_RESPUESTA
        way("situacion", f" AND b.situacion = '{sin.value}'", situacion=sin)
    if filtro.clase and filtro.clase != Clase.EN_PROCESAMIENTO:
        clase = Clase(filtro.clase)
        way("clase", f" AND b.clase = '{clase.value}' AND b.clase <> 'en_procesamiento'", clase=clase)
    if filtro.resultado:
        way("resultado", f" AND b.resultado = '{filtro.resultado.value}'", resultado=filtro.resultado)
    if filtro.marca == CON_ORIGEN_INCONSISTENTE:
        way("origen", " AND b.origen = 'inconsistente'", origen=OrigenApoyo.INCONSISTENTE)
    return ways


def sought_ways(conn: sqlite3.Connection, filtro: Filtro, of_auxiliar: list[sqlite3.Row] | None) -> list[Via]:
    """Ways that lead to few by their nature: one folio, one phone, one auxiliar."""
    ways = []
    if filtro.folio_entero:
        where = (
            "b.id IN (SELECT r.id FROM registros r WHERE r.folio = :folio UNION ALL "
            "SELECT c.id FROM apoyos c WHERE c.via = 'papel' AND c.folio = :folio) AND b.solicitud = s.value"
        )
        ways.append(Via("folio_entero", "apoyos b NOT INDEXED", where, 1, en_orden=False))
    for name, device in (("dispositivo", filtro.dispositivo), ("folio_dispositivo", filtro.folio_dispositivo)):
        if not device:  # 0: of paper, where there is no phone to go by
            continue
        length = conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM registros WHERE dispositivo = ? LIMIT {POCOS + 1})",  # noqa: S608
            (device,),
        ).fetchone()[0]
        if length <= POCOS:
            where = (
                f"b.id IN (SELECT r.id FROM registros r WHERE r.dispositivo = :{name}) "  # noqa: S608
                "AND b.solicitud = s.value"
            )
            ways.append(Via(name, "apoyos b NOT INDEXED", where, length, en_orden=False))
    if of_auxiliar is not None:
        where = "b.auxiliar = :un_auxiliar AND +b.solicitud = s.value"
        length = sum(row["recibidos"] for row in of_auxiliar)
        ways.append(Via("auxiliar", "apoyos b INDEXED BY apoyos_auxiliar", where, length))
    return ways


def found_ways(conn: sqlite3.Connection, filtro: Filtro, values: Mapping[str, Any], shorter: int) -> list[Via]:
    """Ways through those that have any mark, an inciso, or are of paper; a short probe says how many if few."""
    ways = []
    for name, wanted, condition in (
        ("marcados", filtro.marca in tuple(Marca), "b.marcas <> '[]'"),
        ("inciso", bool(filtro.inciso), "b.inciso = :inciso AND b.inciso <> ''"),
        ("papel", filtro.via == Medio.PAPEL, "b.via = 'papel'"),
    ):
        if not wanted:
            continue
        table, where = f"apoyos b INDEXED BY apoyos_{name}", f"b.solicitud = s.value AND {condition}"
        length = conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM json_each(:alcance) s CROSS JOIN {table} "  # noqa: S608
            f"WHERE {where} LIMIT {TRABAJO + 1})",
            values,
        ).fetchone()[0]
        ways.append(Via(name, table, where, length if length <= TRABAJO else shorter - 1))
    return ways


_NAMES = {
    "paterno": ("apoyos_busqueda", "b.busqueda"),
    "materno": ("apoyos_materno", "substr(b.busqueda, instr(b.busqueda, '|'))"),
    "nombre": ("apoyos_nombre", "substr(b.busqueda, instr(b.busqueda, '>'))"),
}


def name_ways(conn: sqlite3.Connection, filtro: Filtro, values: Mapping[str, Any]) -> list[Via]:
    """Ways by the beginning of a name, where at most POCOS begin so; a commoner one is soon found among the newest."""
    ways = []
    for (name, (index, key)), prefix in zip(_NAMES.items(), filtro.prefijos, strict=True):
        if not prefix:
            continue
        where = f"b.solicitud = s.value AND {key} >= :{name} AND {key} < :{name}_hasta AND b.busqueda <> ''"
        row = conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM json_each(:alcance) s CROSS JOIN apoyos b INDEXED BY {index} "  # noqa: S608
            f"WHERE {where} LIMIT {POCOS + 1})",
            values,
        ).fetchone()
        if row[0] <= POCOS:
            ways.append(Via(name, f"apoyos b INDEXED BY {index}", where, row[0], False))
    return ways


# -- counters -------------------------------------------------------------------------------------------------------


_FIGURES = ", ".join(f"c.{name}" for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Counters:
    """Rows of counters of the solicitudes that a filter leaves. `total`: by all that may be asked of an apoyo together;
    `auxiliar`, `dia`: whole Cuentas of the auxiliar and of the days asked for, None where none is."""

    total: list[sqlite3.Row]
    auxiliar: list[sqlite3.Row] | None
    dia: list[sqlite3.Row] | None


def counters_of(conn: sqlite3.Connection, filtro: Filtro, solicitud: int | None) -> Counters:
    """What the counters know of a filter."""
    where, values = ["TRUE"], {"solicitud": solicitud, "pedida": filtro.solicitud, "proceso": filtro.proceso}
    if solicitud is not None:
        where.append("x.id = :solicitud")
    if filtro.solicitud is not None:
        where.append("x.id = :pedida")
    if filtro.folio_solicitudes is not None:
        where.append("x.id BETWEEN :folio_desde AND :folio_hasta")
        values |= dict(zip(("folio_desde", "folio_hasta"), filtro.folio_solicitudes, strict=True))
    if filtro.auxiliar is not None:
        where.append("x.id = (SELECT aspirante_id FROM auxiliares WHERE id = :auxiliar)")
        values |= {"auxiliar": filtro.auxiliar}
    if filtro.dispositivo is not None:
        where.append(
            "x.id = (SELECT u.aspirante_id FROM dispositivos d JOIN auxiliares u ON u.id = d.auxiliar_id "
            "WHERE d.id = :dispositivo)"
        )
        values |= {"dispositivo": filtro.dispositivo}
    if filtro.proceso:
        where.append(
            "(SELECT p.tipo FROM periodos o JOIN procesos p ON p.id = o.proceso_id WHERE o.id = x.periodo_id) "
            "= :proceso"
        )
    among = f"WHERE {' AND '.join(where)}"
    total = conn.execute(
        "SELECT t.solicitud, t.clase, t.situacion, t.resultado, t.origen, t.n FROM aspirantes x "  # noqa: S608
        f"CROSS JOIN conteos_totales t ON t.solicitud = x.id {among} AND t.n > 0",
        values,
    ).fetchall()
    by: dict[str, list[sqlite3.Row]] = {}
    axes = []
    if (auxiliar := of_auxiliar(filtro)) is not None:
        axes.append(("auxiliar", "c.dia = 0 AND c.auxiliar = :un_auxiliar"))
        values |= {"un_auxiliar": auxiliar}
    if filtro.dias is not None:
        axes.append(("dia", "c.dia BETWEEN :dia AND :dia_hasta"))
        values |= dict(zip(("dia", "dia_hasta"), filtro.dias, strict=True))
    for axis, which in axes:
        by[axis] = conn.execute(
            f"SELECT c.solicitud, c.primero, c.ultimo, {_FIGURES} FROM aspirantes x "  # noqa: S608
            f"CROSS JOIN conteos c ON c.solicitud = x.id AND c.eje = '{axis}' AND {which} {among} AND c.recibidos > 0",
            values,
        ).fetchall()
    return Counters(total, by.get("auxiliar"), by.get("dia"))


def of_auxiliar(filtro: Filtro) -> int | None:
    """The one auxiliar whose registros are asked for. 0 is Mi Apoyo, which is everybody's."""
    return filtro.auxiliar if filtro.auxiliar is not None else filtro.folio_auxiliar or None


def possible(filtro: Filtro, row: sqlite3.Row) -> bool:
    """Whether what this counter counts may be among what is asked for."""
    situacion = Situacion.BAJA if filtro.motivo else filtro.situacion
    return (
        (not situacion or row["situacion"] == situacion)
        and (not filtro.clase or row["clase"] == filtro.clase)
        and (filtro.resultado is None or row["resultado"] == filtro.resultado)
        and (
            filtro.marca not in (CON_ORIGEN_INCONSISTENTE, SIN_INCONSISTENCIA_DE_ORIGEN)
            or (row["origen"] == SIN_INCONSISTENCIA_DE_ORIGEN) == (filtro.marca == SIN_INCONSISTENCIA_DE_ORIGEN)
        )
    )


_FIGURE_OF: dict[str, str] = {
    **{situacion: situacion.name.lower() for situacion in Situacion},
    Resultado.PENDIENTE: "pendientes",
    Resultado.VALIDO: "validos",
    Resultado.INCONSISTENTE: "inconsistentes",
}
assert set(_FIGURE_OF.values()) <= set(FIELDS)


def _asked(filtro: Filtro, row: sqlite3.Row) -> list[int]:
    """Those figures of a Cuenta that the filter asks for; the apoyos that it finds are in each of them."""
    situacion = Situacion.BAJA if filtro.motivo else filtro.situacion
    figures = [row[_FIGURE_OF[asked]] for asked in (situacion, filtro.resultado) if asked]
    if filtro.clase:
        clase, count, wait = Clase(filtro.clase), row["cuentan"], row["en_espera"]
        figures.append(count if clase.cuenta else wait if clase.espera else row["recibidos"] - count - wait)
    if filtro.marca == CON_ORIGEN_INCONSISTENTE:
        figures.append(row["de_origen"])
    elif filtro.marca == SIN_INCONSISTENCIA_DE_ORIGEN:
        figures.append(row["recibidos"] - row["de_origen"])
    return figures


def at_most(filtro: Filtro, row: sqlite3.Row) -> int:
    """How many of a Cuenta's apoyos the filter may find."""
    return min(_asked(filtro, row), default=int(row["recibidos"]))


def counted(filtro: Filtro, counters: Counters) -> int | None:
    """How many there are, where the counters know all that is asked; otherwise 0 or None: not known."""
    everything = sum(row["n"] for row in counters.total)
    found = sum(row["n"] for row in counters.total if possible(filtro, row))
    known = not (
        filtro.folio
        or filtro.dispositivo
        or filtro.motivo
        or filtro.inciso
        or filtro.via
        or any(filtro.prefijos)
        or filtro.marca in tuple(Marca)
    )
    # A Cuenta has whole classes only of what waits.
    whole = filtro.clase in ("", Clase.EN_PROCESAMIENTO)
    narrower = 0
    for rows in (counters.auxiliar, counters.dia):
        if rows is not None and sum(row["recibidos"] for row in rows) < everything:
            narrower += 1
            found = min(found, sum(at_most(filtro, row) for row in rows))
            # A Cuenta says how many have one thing, not how many have two together.
            known = known and whole and narrower == 1 and all(len(_asked(filtro, row)) < 2 for row in rows)
    return found if known or not found else None
