"""Fixtures of the tests of the phones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device_sim.phones import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A phone before the fake server; nothing in its queue yet."""
    made = Bench(tmp_path)
    yield made
    made.outbox.close()
