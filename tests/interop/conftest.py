"""Other people's implementations, where they are: Node with its packages, and the openssl command.

Where one is missing its tests are skipped, and the reason says what is missing. The packages come with `npm ci` from
the lock file beside this one, once; they stay in `node_modules`, which git does not see.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NODE_MAJOR = 20
MINUTES = 60

Node = Callable[..., Any]


def _run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE, **options)


def _node_command() -> str:
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        pytest.skip("falta Node.js con npm: no se comprueba con las bibliotecas de JavaScript")
    version = _run([found, "--version"], timeout=30).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < NODE_MAJOR:
        pytest.skip(f"Node.js {version} es anterior a la versión {NODE_MAJOR}")
    return found


def _install() -> None:
    """`npm ci`, unless what is installed is already what the lock file says."""
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".acopio-lock.json"
    with (HERE / "npm-ci.tmp").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # xdist: one process installs, the others wait
        if installed.exists() and installed.read_bytes() == lock.read_bytes():
            return
        try:
            done = _run(["npm", "ci", "--ignore-scripts"], timeout=5 * MINUTES)
        except subprocess.TimeoutExpired:
            pytest.skip("npm ci no terminó en cinco minutos: faltan los paquetes de JavaScript")
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-3:]
            pytest.skip(f"npm ci falló, faltan los paquetes de JavaScript: {' / '.join(last)}")
        installed.write_bytes(lock.read_bytes())


@pytest.fixture(scope="session")
def node() -> Node:
    """Runs one job of `interop.mjs`."""
    command = _node_command()
    _install()

    def job(name: str, **input_: Any) -> Any:
        asked = json.dumps({"job": name, **input_})
        done = _run([command, "interop.mjs"], input=asked, timeout=2 * MINUTES)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return job


@pytest.fixture(scope="session")
def openssl() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs the openssl command."""
    found = shutil.which("openssl")
    if found is None:
        pytest.skip("falta la orden openssl: no se comprueban las firmas con ella")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([found, *map(str, arguments)], capture_output=True, check=False, timeout=MINUTES)

    return run
