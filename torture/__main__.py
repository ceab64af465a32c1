"""`python -m torture`: faults by the thousand against the real server, and a report. See `make torture`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from torture import disk_shim, report
from torture.disk_shim import NoCompilerError
from torture.run import ENTRIES, LIES, Result, run


@click.command(
    help="Provoca fallos de disco, luz, reloj, línea y procesos, y compara al final cada acuse con el servidor."
)
@click.option("--fallos", type=click.IntRange(1), default=10_000, show_default=True, help="Cuántos fallos, al menos.")
@click.option("--semilla", type=click.IntRange(0, 10**9), default=2026, show_default=True)
@click.option("--pasos", type=click.IntRange(1, 5_000), default=80, show_default=True, help="Pasos de cada episodio.")
@click.option("--desde", type=click.IntRange(1), default=1, show_default=True, help="Número del primer episodio.")
@click.option("--episodios", type=click.IntRange(1), help="Cuántos episodios, a lo más.")
@click.option("--informe", type=click.Path(path_type=Path), default=Path("tortura"), show_default=True)
@click.option("--carpeta", type=click.Path(path_type=Path, exists=True), help="Dónde trabajar; si no, en memoria.")
@click.option("--defecto", type=click.Choice([*LIES, *ENTRIES]), help="Siembra un defecto, que debe ser encontrado.")
def main(
    fallos: int, semilla: int, pasos: int, desde: int, episodios: int | None, informe: Path, carpeta: Path | None,
    defecto: str | None,
) -> None:  # fmt: skip
    """Run, report, and end with status 1 if a promise was broken."""

    def progress(number: int, result: Result) -> None:
        found = f"; {len(result.findings)} hallazgos" if result.findings else ""
        click.echo(
            f"episodio {number}: {result.faults.total():,} de {fallos:,} fallos, {result.seconds / 60:.1f} min{found}"
        )
        report.save(result, informe)

    shim = disk_shim.compiler() is not None
    if not shim:
        click.echo("No hay compilador de C (en Debian, apt-get install gcc libc6-dev).", err=True)
        click.echo("Se omiten los fallos de disco, de luz y de reloj.", err=True)
    try:
        result = run(
            semilla, fallos, steps=pasos, first=desde, episodes=episodios, folder=carpeta, planted=defecto or "",
            shim=shim, on_episode=progress,
        )  # fmt: skip
    except NoCompilerError as error:
        raise click.ClickException(str(error)) from error
    click.echo(report.text(result))
    click.echo(f"Informe: {informe / 'tortura.html'}")
    sys.exit(1 if result.findings else 0)


if __name__ == "__main__":
    main()
