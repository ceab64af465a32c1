"""The reporte de avance as both portals show it: figures, graphs, and the words beside them (rows B6, C6).

Not a screen: those are aspirante/avance.py and opl/avance.py, whose templates include `shared/_avance.html`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.clock import hora_del_centro
from server.domain.apoyo import Clase, Cuenta
from server.domain.dias import dia_de, largo
from server.domain.umbral import Dispersion
from server.portals.tablas import direccion
from server.reportes import graficas
from server.reportes.avance import Avance, Dia
from server.reportes.exportar import Fila
from server.reportes.graficas import GraficaBarras, GraficaLineas, GraficaTramos, miles, porcentaje

SONDEO_MS = 30 * 60_000
"""How long a page that nobody touches goes on asking. Asking keeps a session awake: it must not do so for ever."""


@dataclass(frozen=True, slots=True)
class FilaDia:
    """A day of the table. `fecha`: as people write it."""

    fecha: str
    cuenta: Cuenta
    acumulado: Cuenta


@dataclass(frozen=True, slots=True)
class FilaClase:
    """A class of the table «Enviados». `trama`: its hatching; `cuenta`: whether it counts today, in words; `estado`:
    the class of that label."""

    clase: Clase
    trama: str
    cuantos: int
    parte: str
    cuenta: str
    estado: str


@dataclass(frozen=True, slots=True)
class Informe:
    """Everything `shared/_avance.html` shows. `hora`: hh:mm:ss; `meta`, `dispersion`: the meters in words;
    `unidad`: municipio or sección; `dias`: the newest first; `clases`: `grafica` in words, a line a class."""

    avance: Avance
    hora: str
    meta: str
    unidad: str
    dispersion: str
    no_cuentan: str
    clases: tuple[FilaClase, ...]
    grafica: GraficaTramos
    situaciones: GraficaTramos
    resultados: GraficaTramos
    barras: GraficaBarras | None
    lineas: GraficaLineas | None
    dias: tuple[FilaDia, ...]


def informe(avance: Avance) -> Informe:
    """A report ready to be shown."""
    meta, total, found = avance.meta, avance.total, avance.solicitud
    u = meta.progreso if meta else None
    today = dia_de(avance.en_ms)
    inicia = today if found.inicia_ms is None else dia_de(found.inicia_ms)
    termina = today if found.termina_ms is None else dia_de(found.termina_ms - 1)
    return Informe(
        avance=avance,
        hora=hora_del_centro(avance.en_ms)[11:],
        meta=en_palabras(avance),
        unidad="sección" if meta and meta.dispersion is Dispersion.SECCION else "municipio",
        dispersion=f"{miles(u.alcanzadas)} con lo suyo; se piden {miles(u.unidades_requeridas)}" if u else "",
        no_cuentan=_why(avance),
        clases=clases(avance),
        grafica=graficas.clases(avance.clases.por_clase),
        situaciones=graficas.situaciones(total),
        resultados=graficas.resultados(total),
        barras=graficas.barras(avance.dias),
        lineas=graficas.lineas(avance.dias, u.requeridos if u else None, inicia, termina),
        dias=tuple(_fila(one) for one in reversed(avance.dias)),
    )


def en_palabras(avance: Avance) -> str:
    """`1,200 de 5,567 (21.6 %)`: what counts of what is asked for; "" where no number is."""
    if avance.meta is None or not avance.meta.progreso.requeridos:
        return ""
    asked, counting = avance.meta.progreso.requeridos, avance.meta.progreso.apoyos
    return f"{miles(counting)} de {miles(asked)} ({porcentaje(counting, asked)})"


def clases(avance: Avance) -> tuple[FilaClase, ...]:
    """Every class with how many, those without anything too: their sum is what was sent."""
    sent = avance.clases.enviados
    return tuple(
        FilaClase(clase, clase.value.replace("_", "-"), n, porcentaje(n, sent), *_counts(clase))
        for clase, n in avance.clases.por_clase
    )


def _counts(clase: Clase) -> tuple[str, str]:
    if clase.cuenta:
        return "Sí", "bien"
    return ("Aún no se sabe", "duda") if clase.espera else ("No", "gris")


def _why(avance: Avance) -> str:
    against = {clase: n for clase, n in avance.clases.por_clase if n and not clase.cuenta and not clase.espera}
    if not against:
        return "duplicados, bajas, fuera del ámbito o con inconsistencia"
    most = max(against, key=against.__getitem__)
    rest = f"; {miles(sum(against.values()) - against[most])} por otras causas" if len(against) > 1 else ""
    return f"{miles(against[most])}: {most.texto.lower()}{rest}"


ENCABEZADO_CLASES = ("Clase", "Apoyos", "Parte", "Cuenta hasta hoy")


def filas_de_clases(avance: Avance) -> list[Fila]:
    """The table «Enviados» as a file has it: a line a class, what the inconsistent ones have, the total, the note."""
    found: list[Fila] = []
    for one in clases(avance):
        found.append((one.clase.texto, one.cuantos, one.parte, one.cuenta))
        if one.clase is Clase.CON_INCONSISTENCIA:
            found += [(f"De ellos: {what}", n, "", "") for what, n in avance.clases.hallazgos]
    found.append(("Enviados", avance.clases.enviados, "", ""))
    found.append((f"{PRELIMINARES} Al {hora_del_centro(avance.en_ms)}, hora del centro.", None, "", ""))
    return found


PRELIMINARES = (
    "Cifras preliminares e informativas: cambian mientras se verifica la situación registral de cada apoyo y la mesa "
    "de control revisa cada expediente."
)


def _fila(one: Dia) -> FilaDia:
    return FilaDia(largo(one.dia), one.cuenta, one.acumulado)


def sondeo(path: str, query: Mapping[str, str], now_ms: int, kept: Sequence[str] = ()) -> str:
    """The address that a page asks again every 15 seconds; "" when it has done so for long, or was told to be still.

    `kept`: parameters of the page that the address carries on.
    """
    if query.get("quieto"):
        return ""
    asked = query.get("mirando", "")
    since = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 15 else now_ms
    return path + direccion(query, kept, mirando=str(since)) if 0 <= now_ms - since < SONDEO_MS else ""
