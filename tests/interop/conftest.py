"""Other people's implementations, where they are: Node with its packages, and the openssl command.

Where one is missing its tests are skipped, and the reason says what is missing. The packages come with `npm ci` from
the lock file beside this one, once; they stay in `node_modules`, which git does not see.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NODE_MAJOR = 20
MINUTES = 60

Node = Callable[..., Any]


def _run(command: list[str], *, timeout: float, text: str = "") -> subprocess.CompletedProcess[str]:
    """Like subprocess.run, but the time limit ends what the command started too: npm's own children hold its pipes."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(text, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _node_command() -> str:
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        pytest.skip("falta Node.js con npm: no se comprueba con las bibliotecas de JavaScript")
    version = _run([found, "--version"], timeout=30).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < NODE_MAJOR:
        pytest.skip(f"Node.js {version} es anterior a la versión {NODE_MAJOR}")
    return found


def _install() -> None:
    """`npm ci`, unless what is installed is already what the lock file says. One try for all processes of a run."""
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".acopio-lock.json"
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    with (HERE / "npm-ci.tmp").open("a+") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # xdist: one process installs, the others wait
        if installed.exists() and installed.read_bytes() == lock.read_bytes():
            return
        turn.seek(0)
        of_run, _, failure = turn.read().partition("\n")
        if not (run and of_run == run):
            failure = _npm_ci()
            turn.truncate(0)
            turn.write(f"{run}\n{failure}")
        if failure:
            pytest.skip(f"faltan los paquetes de JavaScript: {failure}")
        installed.write_bytes(lock.read_bytes())


def _npm_ci() -> str:
    """Empty when it went well, else why not."""
    try:
        done = _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], timeout=100)
    except subprocess.TimeoutExpired:
        return "npm ci no terminó en cien segundos"
    return " / ".join(done.stderr.strip().splitlines()[-3:]) or "npm ci falló" if done.returncode else ""


@pytest.fixture(scope="session")
def node() -> Node:
    """Runs one job of `interop.mjs`."""
    command = _node_command()
    _install()

    def job(name: str, **input_: Any) -> Any:
        asked = json.dumps({"job": name, **input_})
        done = _run([command, "interop.mjs"], text=asked, timeout=2 * MINUTES)
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
