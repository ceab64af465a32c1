"""The short run: faults for a while, nothing lost and nothing twice; and planted defects that must be found."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from torture import disk_shim, plan
from torture.disk_shim import Mode, Op, Rule
from torture.episode import Episode, Setting
from torture.plan import Step
from torture.run import ENTRIES, LIES, run

pytestmark = [pytest.mark.socket, pytest.mark.faults, pytest.mark.timeout(600)]
needs_compiler = pytest.mark.skipif(
    disk_shim.compiler() is None, reason="no hay compilador de C: sin él no hay fallos de disco ni cortes de luz"
)


def suffer(folder: Path, steps: list[Step], planted: Rule | None = None, **changes: object) -> set[str]:
    """The kinds of what was found in this schedule; two phones are enough for a defect that is there all the time."""
    setting = Setting(
        20261121, folder / "episodio", disk_shim.build(folder), groups=1, patience_s=60, planted=planted, **changes
    )  # type: ignore[arg-type]
    outcome = asyncio.run(Episode(setting, steps).run())
    kinds = {one.kind for one in outcome.findings}
    assert not kinds & {"disco_sin_ver", "telefono_murio"}, outcome.findings
    return kinds


@needs_compiler
def test_a_short_run_loses_nothing_and_takes_nothing_twice() -> None:
    result = run(20261121, 1, steps=20, episodes=1)
    assert result.findings == []
    assert result.faults.total() > 20
    assert result.faults["corte_de_luz"] + result.faults["servidor_kill9"] >= 2
    assert result.figures["captados"] == result.figures["borrados con acuse"] > 20


def test_without_a_compiler_lines_and_processes_still_fail(tmp_path: Path) -> None:
    steps = [Step("servidor_kill9", 0.1, acuses=5), Step("corte_de_luz", 0.0), Step("telefono_kill9", 0.1, acuses=5)]
    outcome = asyncio.run(Episode(Setting(3, tmp_path / "e", None, groups=1, patience_s=60), steps).run())
    assert outcome.findings == []
    assert {"servidor_kill9", "telefono_kill9"} <= outcome.faults.keys()
    assert "corte_de_luz" not in outcome.faults


@needs_compiler
def test_a_server_that_cannot_know_whether_it_committed_ends_and_starts_again(tmp_path: Path) -> None:
    """fsync of the WAL fails at a COMMIT that has a lote: `serve` ends, and the next start has every acuse."""
    failed = Rule((Op.SYNC,), Mode.FAIL, plan.WAL, errno.EIO)
    shim = disk_shim.build(tmp_path)
    for seed in range(4, 10):  # which commit it strikes is chance; one without a lote is simply undone
        setting = Setting(seed, tmp_path / f"e{seed}", shim, groups=1, patience_s=60)
        outcome = asyncio.run(Episode(setting, [Step("sincronizar_falla", 0.0, failed, acuses=2)] * 8).run())
        assert outcome.findings == []
        if outcome.figures["reinicios del supervisor"]:
            break
    assert outcome.figures["reinicios del supervisor"] >= 1
    words = (tmp_path / f"e{seed}" / "servidor.log").read_text()
    assert "El servidor termina para que se reinicie." in words


@needs_compiler
@pytest.mark.parametrize("lie", ["lotes-sin-sync", "carpeta-sin-sync"])
def test_a_disk_that_lies_is_found_out_by_power_cuts(tmp_path: Path, lie: str) -> None:
    found = suffer(tmp_path, [Step("corte_de_luz", 0.1, acuses=12)] * 6, LIES[lie])
    assert found & {"acuse_sin_sobre", "lote_roto"}


@needs_compiler
@pytest.mark.parametrize(
    ("defect", "kinds"),
    [
        ("sin-esperar-segunda", {"acuse_sin_sobre"}),
        ("acuse-antes", {"acuse_sin_sobre", "dos_acuses"}),
        ("sobre-dos-veces", {"folio_repetido"}),
    ],
)
def test_a_server_with_a_planted_defect_is_found_out(tmp_path: Path, defect: str, kinds: set[str]) -> None:
    nowhere = Rule(tuple(Op), Mode.FAIL, plan.SECOND, count=disk_shim.FOREVER)
    full = Rule((Op.WRITE,), Mode.FAIL, plan.LOTE, errno.ENOSPC, count=disk_shim.FOREVER)
    steps = [
        Step("segunda_copia_muerta", 0.1, nowhere, 600.0, acuses=5),
        *([Step("sin_espacio", 0.1, full, 600.0)] if defect == "acuse-antes" else []),
        Step("corte_de_luz", 0.1, acuses=0 if defect == "sobre-dos-veces" else 5),
    ]
    assert suffer(tmp_path, steps, entry=ENTRIES[defect]) & kinds
