"""What the manuals say exists, and what exists is in the manuals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync_protocol.errors import CATALOGUE

ROOT = Path(__file__).parents[2]
MANUALS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_readme_names_every_make_target() -> None:
    targets = re.findall(r"^([a-z0-9]+):.*##", read("Makefile"), flags=re.MULTILINE)
    assert {"demo", "test"} <= set(targets)
    assert [target for target in targets if f"`make {target}" not in read("README.md")] == []


def test_leeme_documents_every_setting() -> None:
    settings = set(re.findall(r"ACOPIO_[A-Z_]*[A-Z]", read("server/config.py")))
    assert settings
    assert sorted(name for name in settings if f"`{name}`" not in read("LEEME.md")) == []


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.name)
def test_codes_in_tables_of_codes_exist(manual: Path) -> None:
    """A table whose first column is headed `Código` lists codes of the catalogue."""
    tables = re.findall(r"^\| Código .*\n\|[-| :]+\n((?:\|.*\n)+)", manual.read_text(encoding="utf-8"), re.MULTILINE)
    codes = [code for rows in tables for code in re.findall(r"^\| `([a-z_]+)`", rows, re.MULTILINE)]
    assert [code for code in codes if code not in CATALOGUE] == []


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.name)
def test_links_between_files_lead_somewhere(manual: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", manual.read_text(encoding="utf-8"))
    assert [link for link in links if not (manual.parent / link).exists()] == []
