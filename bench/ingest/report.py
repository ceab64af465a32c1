"""The tables that a run prints, made of medians over its rounds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from bench.ingest.breakdown import Steps
from bench.ingest.measure import Measured
from bench.ingest.targets import TAKEN

PARTS = {"renglones": "rows", "lote": "lote: write and sync", "confirmacion": "commit, synced"}
MEMORY_LIMIT_MB = 150
_GROUPS = "acopio_grupo_operaciones_count"
_SECONDS = 'acopio_grupo_segundos_sum{{parte="{}"}}'


def _median(runs: Sequence[Measured], of: Callable[[Measured], float]) -> float:
    return statistics.median(of(run) for run in runs)


def _select(runs: Sequence[Measured], target: str, phones: int) -> list[Measured]:
    return [run for run in runs if run.target == target and run.phones == phones]


def comparison(runs: Sequence[Measured]) -> str:
    """One table for each number of phones."""
    blocks = []
    for phones in sorted({run.phones for run in runs}):
        names = list(dict.fromkeys(run.target for run in runs if run.phones == phones))
        blocks.append(_table(phones, [_select(runs, name, phones) for name in names]))
    return "\n\n".join(blocks)


def _table(phones: int, rows: list[list[Measured]]) -> str:
    title = f"{phones} phone{'s' if phones > 1 else ''}"
    lines = [
        f"{title:36}{'records/s':>10}{'(low-high)':>14}{'p50 ms':>9}{'p95':>8}{'p99':>8}{'CPU ms':>9}{'peak MB':>9}"
    ]
    for row in rows:
        spread = f"({min(run.rate for run in row):.0f}-{max(run.rate for run in row):.0f})"
        waits = (_median(row, lambda run: run.p50_ms), _median(row, lambda run: run.p95_ms))
        last = _median(row, lambda run: run.p99_ms)
        # The limit maps the phones' files into its own memory: its peak says nothing.
        peak = "-" if row[0].target == "limit" else f"{max(run.memory_peak_mb for run in row):.0f}"
        lines.append(
            f"{row[0].label:36}{_median(row, lambda run: run.rate):10.0f}{spread:>14}"
            f"{waits[0]:9.1f}{waits[1]:8.1f}{last:8.1f}{_median(row, lambda run: run.cpu_ms):9.2f}{peak:>9}"
        )
    return "\n".join(lines)


def where_the_time_goes(runs: Sequence[Measured], as_served: Sequence[Steps], plain: Sequence[Steps]) -> str:
    """Acopio only: the steps of one record by themselves, then the writer's groups as the server counted them."""
    lines = [f"{'Where the time goes: one record, ms of one thread':52}{'server':>9}{'pycryptodome':>14}"]
    served = {step: statistics.median(one[step] for one in as_served) for step in as_served[0]}
    other = {step: statistics.median(one[step] for one in plain) for step in plain[0]}
    for step, cost in served.items():
        lines.append(f"  {step:50}{cost:9.2f}{other[step]:14.2f}")
    total = sum(served.values())
    lines.append(f"  {'all of these':50}{total:9.2f}{sum(other.values()):14.2f}")
    for name, label in (("acopio", "acopio"), ("acopio2", "with a second copy")):
        for phones in sorted({run.phones for run in runs if run.target == name}):
            lines += ["", *_groups(_select(runs, name, phones), f"{label}, {phones} phones", total)]
    return "\n".join(lines)


def _groups(runs: Sequence[Measured], title: str, steps_ms: float) -> list[str]:
    def each(part: str) -> Callable[[Measured], float]:
        return lambda run: 1000 * run.meters[_SECONDS.format(part)] / run.meters[TAKEN]

    size = _median(runs, lambda run: run.meters[TAKEN] / run.meters[_GROUPS])
    cpu = _median(runs, lambda run: run.cpu_ms)
    parts = {label: _median(runs, each(part)) for part, label in PARTS.items()}
    busy = _median(runs, lambda run: sum(each(part)(run) for part in PARTS) * run.rate / 10)
    line = ", ".join(f"{label} {cost:.2f}" for label, cost in parts.items())
    return [
        f"  {title}: server CPU {cpu:.2f} ms a record, of which {max(0.0, cpu - steps_ms):.2f} beside the steps above",
        f"    the writer, ms a record: {line}; {size:.1f} records a group, busy {busy:.0f} % of the time",
    ]


def growth(runs: Sequence[Measured]) -> str:
    """The same ingest on boxes that hold few and many registros."""
    stored = sorted({run.stored for run in runs})
    title = f"Stored already (acopio, {runs[0].phones} phones)"
    lines = [f"{title:40}{'records/s':>10}{'p50 ms':>9}{'CPU ms':>9}"]
    rows = {count: [run for run in runs if run.stored == count] for count in stored}
    cpu, waits = {}, {}
    for count, row in rows.items():
        cpu[count], waits[count] = _median(row, lambda run: run.cpu_ms), _median(row, lambda run: run.p50_ms)
        lines.append(f"  {count:<38,}{_median(row, lambda run: run.rate):10.0f}{waits[count]:9.1f}{cpu[count]:9.2f}")
    if len(stored) > 1:
        low, high = stored[0], stored[-1]
        lines.append(
            f"  cost of one record with {high:,} against {low:,}: CPU x {cpu[high] / cpu[low]:.2f}, "
            f"time x {waits[high] / waits[low]:.2f}"
        )
    return "\n".join(lines)


def _memory(row: Sequence[Measured]) -> str:
    peak = max(run.memory_peak_mb for run in row)
    grown = _median(row, lambda run: run.memory_closed_mb - run.memory_opened_mb)
    held, said = peak, f"peak {peak:.0f} MB resident"
    if row[0].processes > 1:
        # The sum of the peaks counts what processes share several times over.
        held = max(run.memory_shared_out_mb for run in row)
        said = f"{held:.0f} MB resident in {row[0].processes} processes (peaks summed: {peak:.0f})"
    limit = f"{'under' if held < MEMORY_LIMIT_MB else 'NOT under'} {MEMORY_LIMIT_MB}"
    return f"{said}, {limit}; {grown:+.1f} MB from the start to the end of a window"


def remarks(runs: Sequence[Measured]) -> str:
    """What the issue asks about, in a line each."""
    lines = []
    for name in ("acopio", "acopio2"):
        most = max((run.phones for run in runs if run.target == name), default=0)
        if most:
            row = _select(runs, name, most)
            lines.append(f"{row[0].label}, {most} phones: {_memory(row)}")
    if any(run.session_ms for run in runs):
        session = statistics.median(run.session_ms for run in runs if run.session_ms)
        lines.append(f"sessions, opened before the window: {session:.2f} ms for each record of the manifest")
    driven = [run.client_cpu_ms for run in runs if run.client_cpu_ms]
    if driven:
        lines.append(f"load generator: {statistics.median(driven):.2f} ms of CPU a record")
    return "\n".join(lines)
