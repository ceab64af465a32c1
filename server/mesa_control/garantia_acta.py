"""What the acta of a hearing says, from its rows (row B8). server.documentos.acta_audiencia makes it a PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from server.clock import hora_del_centro
from server.documentos.acta_audiencia import Acta, Dia, Renglon
from server.domain.garantia_audiencia import Estado
from server.domain.inconsistencias import DEL_PROTOCOLO, Inconsistencia
from server.domain.institucion import Institucion
from server.errors import AppError
from server.store import aspirantes, audiencia_registros, audiencia_revisores, audiencias, criterios, periodos
from server.store.audiencia_registros import Dicho
from server.store.audiencia_registros import Renglon as Fila
from server.store.audiencias import Audiencia, Totales
from server.store.connection import Connection

Catalogo = Mapping[int, Mapping[str, Inconsistencia]]
"""The words of criteria, by version and inciso."""


def acta(conn: Connection, id_: int, institucion: Institucion, en_ms: int, logo_png: bytes | None) -> Acta:
    """The acta of a hearing as it stands, at `en_ms` when it has not ended yet. Raises AppError `no_encontrado`."""
    one = audiencias.get(conn, id_)
    if one is None:
        raise AppError("no_encontrado")
    whose = aspirantes.get(conn, one.solicitud)
    periodo = periodos.get(conn, whose.datos.periodo_id) if whose else None
    rows, _, _ = audiencia_registros.registros(conn, id_)
    said = catalogo(conn, rows)
    totales = audiencias.totales(conn, id_)
    return Acta(
        institucion=institucion,
        numero=str(one.id),
        folio=f"{one.solicitud:06d}",
        aspirante=whose.nombre_completo if whose else "",
        periodo=f"{periodo.proceso} · {periodo.nombre}" if periodo else "",
        solicitada=_minute(one.solicitada_ms),
        emitida=_minute(one.concluida_ms or en_ms),
        argumentos=_argumentos(one.motivo, rows),
        dias=tuple(
            Dia(
                _minute(dia.iniciada_ms), _minute(dia.terminada_ms or en_ms), dia.lugar, dia.oficialia, dia.asistentes,
                dia.suspendida_por,
            )
            for dia in audiencias.sesiones(conn, id_)
        ),
        revisores=tuple((revisor.nombre, revisor.cargo) for revisor in audiencia_revisores.revisaron(conn, id_)),
        totales=en_palabras(totales),
        renglones=[renglon(row, said) for row in sorted(rows, key=lambda row: (row.auxiliar, row.folio))],
        borrador=borrador(one, totales),
        logo_png=logo_png,
    )  # fmt: skip


def catalogo(conn: Connection, rows: Iterable[Fila]) -> Catalogo:
    """The words of the criteria by which these were decided: by version and inciso."""
    versions = {one.criterios for row in rows for one in (row.antes, row.despues) if one}
    return {n: {one.inciso: one for one in criterios.of_version(conn, n) or ()} for n in versions}


def borrador(one: Audiencia, totales: Totales) -> bool:
    """Whether what would be printed is not the end of it."""
    return one.estado is not Estado.CONCLUIDA and (one.estado is not Estado.EN_DESAHOGO or totales.faltan > 0)


def en_palabras(totales: Totales) -> tuple[tuple[str, int], ...]:
    """Totals as they are printed and shown: the first is the sum of the others."""
    rows = (
        ("Impugnados", totales.registros),
        ("Se confirmó la inconsistencia", totales.confirmados),
        ("Cambiaron a válido", totales.cambiados),
        ("Con otra inconsistencia o detalle", totales.otro_inciso),
        ("No se revisaron", totales.sin_revisar),
        ("Por revisar", totales.faltan),
    )
    return tuple((label, n) for label, n in rows if n or label in (rows[0][0], rows[1][0], rows[2][0]))


def renglon(row: Fila, said: Catalogo) -> Renglon:
    """A contested registro in words. `said`: the criteria by version and inciso."""
    before = dicho(row.antes, said)
    after = dicho(row.despues, said) if row.despues else row.sin_revisar.texto or "Por revisar"
    same = row.despues is not None and _what(row.despues) == _what(row.antes)
    return Renglon(
        row.folio, str(row.auxiliar), before, "Se confirma" if same else after, row.despues is not None and not same
    )


def dicho(one: Dicho, said: Catalogo) -> str:
    """`Inconsistente, inciso e) Fotocopia de la credencial: A color`, or `Válido`."""
    if one.resultado != "inconsistente":
        return "Válido"
    found = said.get(one.criterios, DEL_PROTOCOLO).get(one.inciso)
    kind = f" {found.tipo}" if found else ""
    return f"Inconsistente, inciso {one.inciso}){kind}" + (f": {one.detalle}" if one.detalle else "")


def _argumentos(motivo: str, rows: Sequence[Fila]) -> tuple[str, ...]:
    """What was said of all, then each thing that was said of some, with of how many, or of which when it is one."""
    said: dict[str, list[str]] = {}
    for row in rows:
        if row.argumento:
            said.setdefault(row.argumento, []).append(row.folio)
    of_some = (
        f"{'Del registro ' + folios[0] if len(folios) == 1 else f'De {len(folios):,} registros'}: {argument}"
        for argument, folios in said.items()
    )
    return (*([motivo] if motivo else []), *of_some)


def _what(one: Dicho) -> tuple[str, str, str]:
    return one.resultado, one.inciso, one.detalle


def _minute(ms: int) -> str:
    return hora_del_centro(ms)[:16]
