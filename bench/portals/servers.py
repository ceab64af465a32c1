"""The servers that are asked: ours, ours without counters, and Datasette on the same index."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from bench.ingest import phones
from bench.ingest.procs import free_port, started
from bench.portals.fill import Filled
from server.app import INDEX

HERE = Path(__file__).parent
DATASETTE = HERE / "peers" / "datasette"
OURS, RECOUNTING, DATASETTE_NAME = "acopio", "without counters", "Datasette"
REPORT, DETAIL, DETAIL_RANGE, ALL = "avance", "detallado", "detallado, 7 days", "avance of all (OPL)"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to ask for. `right`: whether an answer is what it should be."""

    name: str
    path: str
    cookie: str
    right: Callable[[str], bool]


def _week(box: Filled) -> tuple[str, str]:
    start = date(1970, 1, 1) + timedelta(days=box.first_day + 60)
    return start.isoformat(), (start + timedelta(days=6)).isoformat()


def reports(box: Filled) -> list[Page]:
    """Ours, and the same at the peer without counters. The figure on the page must be what was put in."""
    said = f"{box.received:,}<small>"
    desde, hasta = _week(box)
    week = urlencode({"desde": desde, "hasta": hasta, "orden": "recibidos"})
    total = re.compile(r"<tfoot>.*?<td class=\"n\">([\d,]+)</td>", re.S)
    return [
        Page(REPORT, "/aspirante/estadisticas/avance", box.cookie, lambda text: said in text),
        Page(
            DETAIL, "/aspirante/estadisticas/detallado", box.cookie,
            lambda text: (found := total.search(text)) is not None and found.group(1) == f"{box.received:,}",
        ),
        Page(DETAIL_RANGE, f"/aspirante/estadisticas/detallado?{week}", box.cookie, lambda text: "<tfoot>" in text),
        Page(ALL, "/opl/avance", box.opl_cookie, lambda text: f"{box.size:,}</dd>" in text),
    ]  # fmt: skip


def _filters(box: Filled) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Name, what our consulta is asked, what Datasette is asked for the same."""
    desde, hasta = _week(box)
    low, high = str(box.first_day + 60), str(box.first_day + 66)
    return [
        ("no filter", {}, {}),
        ("bajas", {"situacion": "BAJA"}, {"situacion": "BAJA"}),
        ("inconsistent", {"valido": "no"}, {"resultado": "inconsistente"}),
        ("an auxiliar, a week", {"auxiliar": "3", "desde": desde, "hasta": hasta},
         {"auxiliar": "3", "dia__gte": low, "dia__lte": high}),
        ("a surname", {"paterno": "URRUTIA"}, {"busqueda__startswith": "URRUTIA"}),
        ("bajas by death, not valid, a week",
         {"situacion": "BAJA", "motivo": "defuncion", "valido": "no", "desde": desde, "hasta": hasta},
         {"situacion": "BAJA", "motivo_baja": "defuncion", "resultado": "inconsistente", "dia__gte": low,
          "dia__lte": high}),
        ("a surname that nobody has", {"paterno": "ÑAÑEZ"}, {"busqueda__startswith": "NANEZ"}),
    ]  # fmt: skip


def recounted(box: Filled) -> list[Page]:
    """Those that the peer without counters counts."""
    return [page for page in reports(box) if page.name != ALL]


def consultas(box: Filled) -> list[Page]:
    """Our filtered consulta: the first page of each filter."""
    url = "/aspirante/estadisticas/registros"
    return [
        Page(f"consulta: {name}", f"{url}?{urlencode(ours)}" if ours else url, box.cookie, lambda text: "<h1" in text)
        for name, ours, _ in _filters(box)
    ]


def tables(box: Filled) -> list[Page]:
    """The same filters in Datasette's table page: fifty rows, without the counts and facets that would slow it."""
    spared = {"_size": "50", "_sort_desc": "id", "_nocount": "1", "_nofacet": "1", "_nosuggest": "1"}
    return [
        Page(
            f"consulta: {name}", f"/indice/apoyos?{urlencode({'solicitud': '1', **theirs, **spared})}", "",
            lambda text: "<h1" in text,
        )
        for name, _, theirs in _filters(box)
    ]  # fmt: skip


@contextlib.contextmanager
def ours(box: Filled, *, counters: bool = True) -> Iterator[int]:
    """`acopio serve` on the box, or the peer without counters; yields its port."""
    port = free_port()
    module = ["-m", "server"] if counters else ["-m", "bench.portals.recounting"]
    env = phones.environment(box.folder, port)
    with started([sys.executable, *module, "serve"], box.folder / "log", port, env=env, cwd=Path.cwd()):
        yield port


@contextlib.contextmanager
def datasette(box: Filled) -> Iterator[int]:
    """Datasette on the same index, as a file that nothing changes: its quickest way. Yields its port."""
    port = free_port()
    command = [
        str(DATASETTE / ".venv" / "bin" / "datasette"), "serve", "-i", str(box.folder / "caja" / INDEX), "-h",
        "127.0.0.1", "-p", str(port), "--setting", "suggest_facets", "off", "--setting", "sql_time_limit_ms", "60000",
    ]  # fmt: skip
    with started(command, box.folder / "log-datasette", port):
        yield port


def have_datasette() -> str | None:
    """None when Datasette is there, in an environment of its own, or could be installed; else why not."""
    wanted = (DATASETTE / "requirements.txt").read_text(encoding="utf-8")
    stamp = DATASETTE / ".venv" / "installed.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return None
    print("installing Datasette with pip ...", flush=True)
    python = str(DATASETTE / ".venv" / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-input"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(DATASETTE / ".venv")],
        [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(DATASETTE / "requirements.txt")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{' '.join(command[1:4])} failed: {(done.stderr or done.stdout).strip()[-300:]}"
    stamp.write_text(wanted, encoding="utf-8")
    return None


def datasette_version() -> str:
    """For the head of the report."""
    code = "from importlib.metadata import version as v; print(v('datasette'))"
    python = str(DATASETTE / ".venv" / "bin" / "python")
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
