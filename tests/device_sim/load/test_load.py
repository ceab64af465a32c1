"""The load against a real server: too few places, lines that are cut, a kill -9 in mid-load; nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from device_sim.__main__ import sim

pytestmark = pytest.mark.socket


@pytest.mark.faults
def test_a_crowd_before_two_places_and_a_server_that_is_killed(tmp_path: Path) -> None:
    page = tmp_path / "reporte" / "noche.html"
    ran = CliRunner().invoke(
        sim,
        [
            "load", "--phones", "12", "--records", "1", "--line", "cortes", "--arrive", "steady", "--minutes", "0.01",
            "--size", "60000", "--places", "2", "--place-wait", "0", "--kill", "2:0.1", "--give-up", "100",
            "--folder", str(tmp_path / "carga"), "--report", str(page),
        ],
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    figures = json.loads(page.with_suffix(".json").read_text())["cifras"]
    assert (figures["sobres"], figures["acuses"], figures["perdidos"], figures["repetidos"]) == (24, 24, 0, 0)
    assert figures["rechazos_503"] > 0, "two places for twelve phones"
    assert figures["retry_after_respetados"] > 0
    assert figures["retry_after_no_respetados"] == 0
    assert figures["cortes"] > 0
    assert "kill -9 del servidor" in page.read_text()
    assert list((tmp_path / "carga").rglob("*.sobre")) == [], "a phone deletes what has its acuse"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--server", "http://127.0.0.1:9", "--kill", "3"], "servidor propio"),
        (["--server", "http://127.0.0.1:9"], "--phones-json"),
        (["--kill", "pronto"], "no tiene la forma"),
        (["--kill", "-3"], "negativos"),
        (["--records", "4000", "--phones", "20000", "--size", "8000000"], "MB libres"),
    ],
)
def test_what_cannot_be_is_said_before_anything_starts(arguments: list[str], said: str, tmp_path: Path) -> None:
    ran = CliRunner().invoke(sim, ["load", "--report", str(tmp_path / "r.html"), *arguments])
    assert ran.exit_code != 0
    assert said in ran.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "carta.txt").write_text("mía")
    ran = CliRunner().invoke(sim, ["load", "--folder", str(tmp_path)])
    assert ran.exit_code == 2
    assert "no está vacía" in ran.output
    assert [path.name for path in tmp_path.iterdir()] == ["carta.txt"]
