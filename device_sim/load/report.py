"""The report of a load: one HTML file that needs nothing else, and the same figures as JSON."""

from __future__ import annotations

from pathlib import Path

import jinja2
import msgspec

from device_sim.load.charts import Drawing, Line, Mark, clock, draw, figure
from device_sim.load.plan import PATTERNS
from device_sim.load.results import LoadResult, percentile

TEMPLATE = Path(__file__).with_name("reporte.html.jinja")
_MOST_UNFINISHED = 20


def write(path: Path, result: LoadResult) -> tuple[Path, Path]:
    """`path` and its sibling with .json. Returns both."""
    other = path.with_suffix(".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html(result), encoding="utf-8")
    other.write_bytes(msgspec.json.format(msgspec.json.encode(as_json(result)), indent=2) + b"\n")
    return path, other


def as_json(result: LoadResult) -> dict[str, object]:
    """Figures, phones, events and the server's samples; without the single latencies."""
    return {
        "plan": result.plan,
        "inicio": result.began,
        "equipo": result.machine,
        "cifras": result.summary(),
        "sucesos": result.events,
        "telefonos": result.phones,
        "servidor": result.server,
    }


def html(result: LoadResult) -> str:
    """The page."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    stored = f"{result.stored:,} sobres, cada uno una vez" if result.stored is not None else "no se completó"
    return page.render(
        plan=result.plan,
        result=result,
        began=result.began.replace("T", " ").replace("+00:00", " UTC"),
        pattern=PATTERNS[result.plan.pattern],
        window=f"{result.plan.window_s / 60:.3g} min",
        verdict=verdict(result),
        figures=_figures(result),
        marks=[f"{clock(event.t)}: {event.text}" for event in result.events],
        graphs=graphs(result),
        deciles=_deciles(result),
        spread=_spread(result),
        unfinished=_unfinished(result),
        stored=stored,
    )


def verdict(result: LoadResult) -> str:
    """One sentence that says whether all is well."""
    if result.trouble:
        return f"La prueba no terminó bien. {result.trouble}"
    if result.complete:
        return (
            f"Los {result.captured:,} sobres se entregaron, cada uno con su acuse verificado; ninguno se perdió,"
            " ninguno quedó dos veces y ningún teléfono volvió antes de lo que se le pidió."
        )
    found = []
    if result.lost:
        found.append(f"{result.lost} sobres borrados de un teléfono sin que el servidor dé el mismo acuse")
    if result.delivered < result.captured:
        found.append(f"{result.captured - result.delivered} sobres siguen en sus teléfonos")
    if result.twice:
        found.append(f"el diario tiene {result.twice:+d} sobres respecto de los entregados")
    if result.too_soon:
        found.append(f"{result.too_soon} regresos antes de lo pedido")
    return "No todo está bien: " + "; ".join(found or ["no se entregó nada"]) + "."


def graphs(result: LoadResult) -> list[Drawing]:
    """All of them, over the same time."""
    width = max(1.0, result.seconds / 120)
    marks = [Mark(event.t, event.text) for event in result.events]

    def graph(id_: str, title: str, unit: str, *lines: Line) -> Drawing:
        return draw(id_, title, unit, lines, result.seconds, marks)

    def shares(name: str) -> list[Line]:
        named = ((0.50, "p50"), (0.95, "p95"), (0.99, "p99"))
        return [Line(label, result.percentile_series(name, share, width)) for share, label in named]

    acuses = result.series("acuses", width)
    total, gathered = 0.0, []
    for at, rate in acuses:
        total += rate * width
        gathered.append((at, total))
    return [
        graph("ritmo", "Sobres entregados", "por segundo", Line("acuses verificados", acuses)),
        graph("acuses", "Acuses acumulados", "sobres", Line("acuses verificados", gathered)),
        graph("entrega", "Duración de una entrega", "segundos", *shares("deliveries")),
        graph("respuesta", "Espera de la respuesta tras el último byte", "segundos", *shares("answers")),
        graph(
            "vuelo",
            "Teléfonos y subidas a la vez",
            "a la vez",
            Line("teléfonos que envían", result.level("sending", width)),
            Line("subidas en vuelo", result.level("in_flight", width)),
            Line("esperan su turno (Retry-After)", result.level("told_to_wait", width)),
        ),
        graph(
            "rechazos",
            "Solicitudes y respuestas 503",
            "por segundo",
            Line("solicitudes", result.series("requests", width)),
            Line("sesiones", result.series("sessions", width)),
            Line("respuestas 503", result.series("refused", width)),
            Line("regresos a su hora", result.series("honoured", width)),
        ),
        graph(
            "puerta",
            "La puerta del servidor",
            "subidas o teléfonos",
            Line("subidas con lugar", result.server_series("active")),
            Line("esperan en la puerta", result.server_series("waiting")),
            Line("citados para más tarde", result.server_series("outside")),
        ),
        graph(
            "mayor",
            "Teléfono que lleva más tiempo sin entrar",
            "segundos",
            Line("espera", result.server_series("longest_s")),
        ),
        graph(
            "cortes",
            "Cortes y sobres reanudados",
            "por segundo",
            Line("cortes", result.series("cuts", width)),
            Line("reanudados", result.series("resumed", width)),
        ),
        graph("cpu", "Procesador del servidor", "núcleos", Line("uso", result.cpu_series())),
        graph("memoria", "Memoria del servidor", "MB", Line("residente", result.server_series("rss_mb"))),
    ]


def _figures(result: LoadResult) -> list[tuple[str, str, str]]:
    found = result.summary()

    def number(name: str) -> str:
        value = found[name]
        return "–" if value is None else figure(float(value))

    return [
        ("Acuses verificados", f"{result.delivered:,}", f"de {result.captured:,}"),
        ("Perdidos", str(result.lost), ""),
        ("Dos veces en el diario", "–" if result.twice is None else str(result.twice), ""),
        ("Duración", clock(result.seconds), "min"),
        ("Ritmo sostenido", number("sobres_por_segundo"), "sobres/s"),
        ("Recibido", number("megabytes"), "MB"),
        ("Entrega p50", number("entrega_p50_s"), "s"),
        ("Entrega p95", number("entrega_p95_s"), "s"),
        ("Entrega p99", number("entrega_p99_s"), "s"),
        ("Respuesta p50", number("respuesta_p50_s"), "s"),
        ("Respuesta p95", number("respuesta_p95_s"), "s"),
        ("Respuesta p99", number("respuesta_p99_s"), "s"),
        ("Respuestas 503", number("rechazos_503"), f"promedio {number('retry_after_promedio_s')} s"),
        ("Regresos a su hora", number("retry_after_respetados"), f"antes: {result.too_soon}"),
        ("Cortes", number("cortes"), ""),
        ("Reanudados", number("reanudados"), ""),
        ("Equidad (Jain)", f"{result.fairness:.3f}", "de 1"),
        ("Procesador, promedio", number("servidor_cpu_promedio"), "núcleos"),
        ("Memoria, máximo", number("servidor_memoria_max_mb"), "MB"),
    ]


def _deciles(result: LoadResult) -> list[tuple[str, str]]:
    durations = result.durations
    named = [("más rápido", 0.0), *((f"{share} %", share / 100) for share in range(10, 100, 10)), ("más lento", 1.0)]
    return [(name, f"{percentile(durations, share):.1f}" if durations else "–") for name, share in named]


def _spread(result: LoadResult) -> str:
    durations = result.durations
    if not durations:
        return "Ningún teléfono terminó."
    fast, slow = percentile(durations, 0.1), percentile(durations, 0.9)
    return f"Nueve de cada diez terminaron en {slow:.1f} s o menos; el décimo más rápido, en {fast:.1f} s o menos."


def _unfinished(result: LoadResult) -> list[str]:
    left = [phone for phone in result.phones if phone.delivered < phone.captured]
    lines = [
        f"Teléfono {phone.number}: {phone.delivered} de {phone.captured} ({phone.stopped or 'sin motivo'})"
        for phone in left[:_MOST_UNFINISHED]
    ]
    return lines + ([f"Y {len(left) - _MOST_UNFINISHED} más."] if len(left) > _MOST_UNFINISHED else [])
