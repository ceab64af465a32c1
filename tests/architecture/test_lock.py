"""The lock files say what pyproject.toml asks for, on any machine: every pin hashed, no registry named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BUILD = [
    line
    for line in (ROOT / "requirements/build.in").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
RUNTIME = [*PROJECT["dependencies"], *BUILD]
ASKED = {"base.txt": RUNTIME, "dev.txt": [*RUNTIME, *PROJECT["optional-dependencies"]["dev"]]}


def pinned(lock: str) -> dict[str, Version]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return {
        canonicalize_name(name): Version(version)
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE)
    }


@pytest.mark.parametrize("lock", sorted(ASKED))
def test_lock_satisfies_pyproject(lock: str) -> None:
    pins = pinned(lock)
    asked = [Requirement(text) for text in ASKED[lock]]
    stale = [
        str(wanted)
        for wanted in asked
        if (pin := pins.get(canonicalize_name(wanted.name))) is None or pin not in wanted.specifier
    ]
    assert not stale, f"run `make lock`: {stale}"


@pytest.mark.parametrize("lock", sorted(ASKED))
def test_every_pin_is_hashed_and_names_no_host(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_both_locks_agree() -> None:
    base, dev = pinned("base.txt"), pinned("dev.txt")
    assert base.items() <= dev.items()
