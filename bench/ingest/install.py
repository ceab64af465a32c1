"""What the peers need: nginx from the system's packages, `@tus/server` from npm into bench/ingest/peers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

PEERS = Path(__file__).parent / "peers"


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
    """None when `@tus/server` is there, or could be installed; else why not."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        return "Node is not installed"
    if not (PEERS / "node_modules" / "@tus" / "server").is_dir():
        if npm is None:
            return "npm is not installed"
        print("installing @tus/server with npm ...", flush=True)
        command = [npm, "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"npm ci failed: {done.stderr.strip()[-300:]}"
    return None


def versions() -> dict[str, str]:
    """What is being compared, for the head of the report."""
    found = {}
    if (node := shutil.which("node")) is not None:
        found["node"] = _says(node, "--version")
    if (program := _nginx()) is not None:
        found["nginx"] = _says(program, "-v").rpartition("/")[2]
    package = PEERS / "node_modules" / "@tus" / "server" / "package.json"
    if package.is_file():
        found["@tus/server"] = str(json.loads(package.read_text(encoding="utf-8"))["version"])
    return found


def _says(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()
