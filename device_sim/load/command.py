"""`acopio sim load`: the command, its progress bars, and the sentence at the end."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from device_sim.errors import PhoneError
from device_sim.fleet import Member
from device_sim.load import report
from device_sim.load.line import LINES
from device_sim.load.plan import PATTERNS, Fault, LoadPlan, Pattern
from device_sim.load.results import LoadResult
from device_sim.load.run import Target, minutes_ahead, run
from device_sim.load.server import OwnServer

console = Console()

_STAGES = {
    "alta": "Altas",
    "captura": "Sobres sellados",
    "espera": "Espera de la última noche",
    "envio": "Acuses verificados",
    "comprobacion": "Comprobación de acuses",
}
_LINE_EVERY_S = 10.0
_SPARE = 200 * 1024 * 1024


@dataclass(slots=True)
class Bars:
    """A bar for each stage on a terminal, a line now and then elsewhere (`run.Watch`)."""

    console: Console
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _progress: Progress = field(init=False)
    _said: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[said]}"),
            console=self.console,
            disable=not self.console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._progress.stop()

    def progress(self, stage: str, done: float, total: float, said: str = "") -> None:
        """Move a bar; where there is no terminal, say it every ten seconds and at the end."""
        name, count = _STAGES.get(stage, stage), f"{done:,.0f} de {total:,.0f}"
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(name, total=total, count=count, said=said)
        self._progress.update(self._tasks[stage], completed=done, count=count, said=said)
        if self.console.is_terminal:
            return
        now, last = time.monotonic(), self._said.get(stage, 0.0)
        if now - last >= _LINE_EVERY_S or (done >= total and last < float("inf")):
            self._said[stage] = float("inf") if done >= total else now
            self.console.print(f"{name}: {count}{'; ' + said if said else ''}", highlight=False)


class _FaultType(click.ParamType[tuple[float, float]]):
    """SECONDS, or SECONDS:FOR-SECONDS."""

    name = "SEG[:SEG]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        if isinstance(value, tuple):
            return value
        at, _, lasts = str(value).partition(":")
        try:
            found = float(at), float(lasts or 1)
        except ValueError:
            self.fail(f"«{value}» no tiene la forma 30 o 30:5 (segundo en que ocurre, y cuántos dura).", param, ctx)
        if min(found) < 0:
            self.fail("Los segundos no pueden ser negativos.", param, ctx)
        return found


_FAULT = _FaultType()


@click.command(help="La última noche: muchos teléfonos entregan a la vez. Deja un reporte con gráficas.")
@click.option("--phones", type=click.IntRange(1, 20_000), default=500, show_default=True, help="Teléfonos.")
@click.option("--records", type=click.IntRange(1, 4_000), default=20, show_default=True, help="Apoyos por teléfono.")
@click.option("--line", "line_name", type=click.Choice(list(LINES)), default="3g", show_default=True)
@click.option(
    "--arrive",
    "pattern",
    type=click.Choice(list(PATTERNS)),
    default="surge",
    show_default=True,
    help="Cómo llegan: surge (cada vez más hasta el fin del periodo, y rezagados), steady (parejo), ramp (en aumento).",
)
@click.option("--surge", "pattern", flag_value="surge", help="Lo mismo que --arrive surge.")
@click.option(
    "--minutes", type=click.FloatRange(0.01, 24 * 60), default=2.0, show_default=True, help="En cuánto tiempo llegan."
)
@click.option(
    "--size", type=click.IntRange(4_000, 8_000_000), default=270_000, show_default=True, help="Bytes de un sobre."
)
@click.option("--seed", default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Procesos de teléfonos.")
@click.option(
    "--give-up", type=click.FloatRange(1), default=1800.0, show_default=True, help="Segundos tras la última llegada."
)
@click.option("--server", default=None, help="Un servidor que ya está en marcha; sin ella se inicia uno propio.")
@click.option(
    "--phones-json", type=click.Path(path_type=Path, exists=True), help="Con --server: de quién es cada teléfono."
)
@click.option("--inbox", default=None, help="Con --server: buzón donde se leen los códigos de alta.")
@click.option("--places", type=click.IntRange(1, 20_000), default=None, help="ACOPIO_SUBIDAS del servidor propio.")
@click.option(
    "--place-wait", type=click.IntRange(0, 10), default=None, help="ACOPIO_ESPERA_LUGAR_S del servidor propio."
)
@click.option("--second-copy", is_flag=True, help="El servidor propio lleva segunda copia.")
@click.option(
    "--kill", "kills", type=_FAULT, multiple=True, help="kill -9 del servidor propio en ese segundo; vuelve después."
)
@click.option("--pause", "pauses", type=_FAULT, multiple=True, help="Lo detiene en ese segundo por tantos segundos.")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=None, help="Carpeta de trabajo; si falta, una temporal."
)
@click.option(
    "--report",
    "report_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("carga.html"),
    show_default=True,
    help="Reporte HTML; las cifras quedan junto, en .json.",
)
def load(
    phones: int,
    records: int,
    line_name: str,
    pattern: Pattern,
    minutes: float,
    size: int,
    seed: int,
    processes: int,
    give_up: float,
    server: str | None,
    phones_json: Path | None,
    inbox: str | None,
    places: int | None,
    place_wait: int | None,
    *,
    second_copy: bool,
    kills: tuple[tuple[float, float], ...],
    pauses: tuple[tuple[float, float], ...],
    folder: Path | None,
    report_path: Path,
) -> None:
    """Exits with 1 unless everything was delivered, nothing lost, nothing twice, every Retry-After honoured."""
    faults = tuple(Fault("kill", at, lasts) for at, lasts in kills) + tuple(
        Fault("pause", at, lasts) for at, lasts in pauses
    )
    plan = LoadPlan(
        phones=phones, records=records, line=line_name, pattern=pattern, window_s=minutes * 60, seed=seed, size=size,
        processes=processes, give_up_s=give_up, faults=faults,
    )  # fmt: skip
    if server is not None and (faults or places or second_copy or place_wait is not None):
        raise click.UsageError("--kill, --pause, --places, --place-wait y --second-copy son del servidor propio.")
    if server is not None and (phones_json is None or inbox is None):
        raise click.UsageError("Con --server indique también --phones-json y --inbox, como en «acopio sim fleet».")
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"La carpeta {folder} no está vacía: elija otra.")
    root = Path(tempfile.mkdtemp(prefix="acopio-carga-")) if folder is None else folder
    try:
        root.mkdir(parents=True, exist_ok=True)
        _check_space(root, plan, copies=2 if second_copy else 1)
        with Bars(console) as bars:
            if server is None:
                settings = {
                    "ACOPIO_SUBIDAS": "" if places is None else str(places),
                    "ACOPIO_ESPERA_LUGAR_S": "" if place_wait is None else str(place_wait),
                    "ACOPIO_SEGUNDA_COPIA": str(root / "segunda") if second_copy else "",
                }
                result = _on_own(plan, root, bars, settings)
            else:
                assert phones_json is not None
                result = run(plan, Target(server, str(inbox), _members(phones_json, phones)), root / "telefonos", bars)
    finally:
        if folder is None:
            shutil.rmtree(root, ignore_errors=True)
    page, figures = report.write(report_path, result)
    console.print(report.verdict(result), highlight=False)
    console.print(f"Reporte: {page}. Cifras: {figures}.", highlight=False)
    if not result.complete:
        raise click.exceptions.Exit(1)


def _on_own(plan: LoadPlan, root: Path, bars: Bars, settings: dict[str, str]) -> LoadResult:
    own = OwnServer(root / "servidor", settings)
    ends = minutes_ahead(plan, time.time())
    members = own.prepare(plan.phones, ends)
    own.start()
    try:
        return run(plan, Target(own.url, f"{own.url}/demo/correo", members, own), root / "telefonos", bars)
    finally:
        own.stop()


def _members(path: Path, phones: int) -> tuple[Member, ...]:
    try:
        members = msgspec.json.decode(path.read_bytes(), type=tuple[Member, ...])
    except msgspec.MsgspecError as error:
        raise click.ClickException(f"La lista de teléfonos no tiene la forma debida: {error}") from error
    if len(members) < phones:
        raise click.ClickException(f"La lista tiene {len(members)} teléfonos y se pidieron {phones}.")
    return members


def _check_space(root: Path, plan: LoadPlan, copies: int) -> None:
    # The phones' files go as the server's lotes come: together they are never much more than one of them.
    wanted = int(plan.sobres * plan.size * (copies + 0.1)) + _SPARE
    free = shutil.disk_usage(root).free
    if free < wanted:
        raise PhoneError(
            "sin_espacio",
            f"Hacen falta unos {wanted >> 20:,} MB libres y hay {free >> 20:,}: use --folder o menos sobres.",
        )
