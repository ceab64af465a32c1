"""What a run tells: text for the terminal, JSON for programs, one page of HTML to keep. Each says how to repeat it."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from torture.run import Result

NAMES: dict[str, str] = {
    "sincronizar_falla": "fsync falla",
    "escribir_falla": "escribir o truncar falla",
    "escribir_a_medias": "se escribe solo una parte",
    "sin_espacio": "sin espacio o sin cuota en una escritura",
    "disco_lleno_un_rato": "disco lleno un rato",
    "nombre_falla": "renombrar o borrar falla",
    "abrir_falla": "abrir un archivo falla",
    "disco_lento": "disco que se tarda",
    "segunda_copia_muerta": "segunda copia fuera un rato",
    "reloj_salta": "el reloj del servidor salta",
    "telefono_kill9": "kill -9 de teléfonos",
    "segundo_servidor": "segundo servidor en la misma carpeta",
    "servidor_kill9": "kill -9 del servidor",
    "corte_de_luz": "corte de luz (solo queda lo sincronizado)",
    "servidor_sigterm": "apagado en plena carga",
    "replica_kill9": "kill -9 de la réplica",
    "linea_corte_subiendo": "línea: corte a media solicitud",
    "linea_respuesta_perdida": "línea: respuesta perdida",
    "linea_duplicada": "línea: solicitud dos veces a la vez",
    "linea_tardia": "línea: copia que llega tarde",
    "linea_reordenada": "línea: solicitud rebasada por otra",
    "linea_lenta": "línea: cuerpo que se detiene, y sigue o se corta",
    "linea_silencio": "línea: silencio",
    "linea_portal_cautivo": "línea: portal cautivo",
}


def command(result: Result) -> str:
    """What to type to run it again."""
    planted = f" --defecto {result.planted}" if result.planted else ""
    return f"python -m torture --semilla {result.seed} --fallos {result.faults.total()} --pasos {result.steps}{planted}"


def verdict(result: Result) -> str:
    """One sentence."""
    if result.findings:
        return f"SE ENCONTRÓ: {len(result.findings)} promesas rotas. La primera: {result.findings[0][1].kind}."
    return "Nada se perdió y nada está dos veces: cada acuse que salió del servidor es cierto."


def text(result: Result) -> str:
    """For the terminal."""
    lines = [f"{'Fallo':<52}{'veces':>8}"]
    for kind, count in result.faults.most_common():
        lines.append(f"{NAMES.get(kind, kind):<52}{count:>8,}")
    lines.append(f"{'Total':<52}{result.faults.total():>8,}")
    lines += ["", *(f"{name[:1].upper() + name[1:]:<52}{count:>8,}" for name, count in result.figures.items())]
    said = ", ".join(f"{status}: {count:,}" for status, count in sorted(result.statuses.items()))
    lines += ["", f"Respuestas del servidor: {said}"]
    lines += [f"{len(result.episodes)} episodios en {result.seconds / 60:.1f} minutos.", ""]
    for seed, finding in result.findings[:30]:
        number = seed - result.seed * 100_000
        lines.append(f"  episodio {number}, paso {finding.fault}: {finding.kind}: {finding.detail}")
    lines += [verdict(result), f"Para repetirla: {command(result)}"]
    if result.kept:
        lines.append(f"Las carpetas quedan en {', '.join(str(one) for one in result.kept)}")
    return "\n".join(lines)


def as_json(result: Result) -> bytes:
    """For programs."""
    return msgspec.json.format(
        msgspec.json.encode(
            {
                "orden": command(result),
                "semilla": result.seed,
                "pasos": result.steps,
                "defecto": result.planted,
                "segundos": round(result.seconds, 1),
                "fallos": result.faults.total(),
                "por_clase": dict(result.faults.most_common()),
                "cifras": dict(result.figures),
                "respuestas": dict(result.statuses),
                "hallazgos": [
                    {"semilla_episodio": seed, "paso": one.fault, "clase": one.kind, "detalle": one.detail}
                    for seed, one in result.findings
                ],
                "episodios": [
                    {"semilla": one.seed, "segundos": round(one.seconds, 1), "fallos": one.faults.total()}
                    for one in result.episodes
                ],
            }
        )
    )


def as_html(result: Result, now: datetime | None = None) -> str:
    """One page without anything from elsewhere."""
    when = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    most = max([*result.faults.values(), 1])
    rows = "".join(
        f"<tr><td>{html.escape(NAMES.get(kind, kind))}<td class=n>{count:,}"
        f'<td><meter min=0 max={most} value={count} aria-label="{count}"></meter>'
        for kind, count in result.faults.most_common()
    )
    figures = "".join(f"<tr><td>{html.escape(name)}<td class=n>{n:,}" for name, n in result.figures.items())
    found = "".join(
        f"<li>{html.escape(f'{one.kind}: {one.detail}')} (semilla {seed}, paso {one.fault})"
        for seed, one in result.findings
    )
    return f"""<!doctype html><html lang=es-MX><meta charset=utf-8><title>Tortura de Acopio</title>
<style>body{{font:16px/1.5 system-ui;max-width:56rem;margin:2rem auto;padding:0 1rem}}td,th{{padding:.1rem 1rem .1rem 0;
text-align:left}}.n{{text-align:right;font-variant-numeric:tabular-nums}}meter{{width:16rem}}</style>
<h1>Tortura de Acopio</h1><p><strong>{html.escape(verdict(result))}</strong>
<p>{result.faults.total():,} fallos en {len(result.episodes)} episodios y {result.seconds / 60:.1f} minutos; {when}.
<p>Para repetirla: <code>{html.escape(command(result))}</code>
<table><tr><th>Fallo<th class=n>Veces<th>{rows}</table><h2>Cifras</h2><table>{figures}</table>
{f"<h2>Hallazgos</h2><ul>{found}</ul>" if found else ""}</html>
"""


def save(result: Result, folder: Path) -> None:
    """`tortura.txt`, `tortura.json` and `tortura.html` in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tortura.txt").write_text(text(result) + "\n", encoding="utf-8")
    (folder / "tortura.json").write_bytes(as_json(result))
    (folder / "tortura.html").write_text(as_html(result), encoding="utf-8")
