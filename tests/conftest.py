"""What every test in this folder may count on: no network, no settings from outside, repeatable examples.

Not for fixtures of one package (its own conftest) nor for builders of valid nouns (`factories.py`).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator

import pytest
import pytest_socket
from hypothesis import HealthCheck, settings

from server import keyring

# `ci` finds the same examples every time, so that a red run is a change of ours. `local` looks for new ones.
settings.register_profile(
    "local",
    deadline=None,  # two busy cores: slowness is what bench/ measures
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.register_profile("a_fondo", settings.get_profile("local"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))

# Deriving a key is made to be slow, and nearly every box of the tests has one secret and one salt (factories.py).
keyring._wrapping_key = functools.lru_cache(64)(keyring._wrapping_key)

_LOOPBACK = ["127.0.0.1", "::1"]
_AMBIENTE = pytest.StashKey[dict[str, str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close the network and clear the settings before any fixture runs, whatever its scope.

    Unix sockets stay, because an asyncio loop makes a pair of them. Only Python's own sockets are watched: uvloop and
    child processes are not, so tests that start them say `socket` and give them loopback addresses.
    """
    if item.get_closest_marker("socket"):
        pytest_socket.socket_allow_hosts(_LOOPBACK, allow_unix_socket=True)
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)
    nombres = [nombre for nombre in os.environ if nombre.startswith("ACOPIO_")]
    item.stash[_AMBIENTE] = {nombre: os.environ.pop(nombre) for nombre in nombres}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Give back what was cleared; the fixtures have undone their own changes by then."""
    try:
        return (yield)
    finally:
        os.environ.update(item.stash.get(_AMBIENTE, {}))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests marked `anyio` run on the loop that the server runs on."""
    return "asyncio"
