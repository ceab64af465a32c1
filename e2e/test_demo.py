"""A newcomer's first five minutes: `acopio demo --once`, and what it says when a figure is off."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server import demo

FIGURES = ("capturados", "enviados", "acuses", "borrados")


def test_the_demo_from_nothing_to_its_table(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server", "demo", "--once", "--puerto", "0", "--registros", "2"]
    done = subprocess.run(
        [*command, "--carpeta", str(tmp_path / "demo")], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Acuses" in done.stdout
    assert done.stdout.count("✔") == 9
    assert "✘" not in done.stdout


@pytest.mark.parametrize("off", [*FIGURES, "reanudados", "correo"])
def test_any_figure_that_is_off_makes_it_fail(monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    monkeypatch.setattr(demo, "_ready", lambda url: True)
    totals = dict.fromkeys(FIGURES, 3) | {"reanudados": 1, "duplicados_evitados": 0}
    result = {"telefonos": [{"nombre": "telefono-1", **totals}], "totales": dict(totals)}
    assert demo._report(result, "http://127.0.0.1", mailed=3, registros=2)
    if off in result["totales"]:
        result["totales"][off] = 0  # type: ignore[index]
    assert not demo._report(result, "http://127.0.0.1", mailed=2 if off == "correo" else 3, registros=2)


def test_a_folder_that_no_demo_made_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "tesis.odt").write_text("no me borre")
    with pytest.raises(SystemExit, match="no es de una demostración"):
        demo._empty(tmp_path)
    assert (tmp_path / "tesis.odt").exists()
