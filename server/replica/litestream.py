"""Litestream as a program: its binary, its configuration, one run of it, its control socket, its restore.

The rules under which its replica can be trusted, found by testing, are kept by `supervisor.py`. Linux only, as the
whole server: a child that dies with its parent, and a socket reached through /proc for its short name.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server.errors import ConfigurationError
from server.replica import atado
from server.replica.destino import Destino

FOLDER = "litestream"
LOCK = "candado"
STATE = "estado"
SOCKET = "control.sock"
CONFIG = "litestream.json"
LOG = "litestream.log"
RETENTION = "168h"
"""How far back a restore to a time can go: seven days."""
WAIT_S = 5.0
"""How long one that is dying may take."""
_LOG_MAX = 1 << 20


class ReplicaError(Exception):
    """Litestream could not do it; the message is for the administrator, in Spanish."""


def binary() -> str:
    """Litestream's program: beside our Python, where its wheel puts it, or in PATH. Raises ConfigurationError."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        if os.access(folder / "litestream", os.X_OK):
            return str(folder / "litestream")
    found = shutil.which("litestream")
    if found is None:
        raise ConfigurationError(
            "Hay una réplica configurada (ACOPIO_REPLICA) y no está el programa litestream: repita "
            "«deploy/preparar-entorno base»."
        )
    return found


def _environment() -> dict[str, str]:
    # With AWS_CA_BUNDLE its S3 fails at start; ours are no business of its.
    return {
        name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE" and not name.startswith("ACOPIO_")
    }


def write_config(path: Path, index: Path, destino: Destino, state: Path) -> None:
    """The configuration file; JSON is YAML. It may hold a password: only we may read it."""
    config = {
        "logging": {"level": "warn", "type": "text", "stderr": True},
        "socket": {"enabled": True, "path": SOCKET, "permissions": 0o600},
        "snapshot": {"interval": "24h", "retention": RETENTION},
        "shutdown-sync-timeout": "2s",
        "dbs": [
            {
                "path": str(index),
                "meta-path": str(state),
                "busy-timeout": "2s",
                "replica": {**destino.config, "sync-interval": "1s"},
            }
        ],
    }
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(msgspec.json.encode(config))


@contextlib.contextmanager
def held(datos: Path, wait_s: float | None = None) -> Iterator[int]:
    """The lock that a Litestream on this data folder holds for as long as it lives; its descriptor is inherited.

    Raises ReplicaError while another one is alive: then nothing may write to the index, or its replica would be false.
    """
    folder = datos / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + (WAIT_S if wait_s is None else wait_s)
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() >= deadline:
                    pid = (folder / LOCK).read_text(encoding="ascii").strip() or "?"
                    raise ReplicaError(
                        f"Un Litestream anterior (proceso {pid}) sigue vivo en esta carpeta de datos: deténgalo con "
                        f"«kill -9 {pid}» e inicie de nuevo."
                    ) from error
                time.sleep(0.02)
        yield fd
    finally:
        os.close(fd)


def ensure_none(datos: Path) -> None:
    """Raises ReplicaError while a Litestream lives on this data folder: it must not outlive its server."""
    if (datos / FOLDER / LOCK).exists():
        with held(datos):
            pass


@dataclass(slots=True)
class Run:
    """One run of Litestream on a data folder. Must be started from the main thread, and dies with it."""

    index: Path
    folder: Path
    process: subprocess.Popen[bytes]
    _fd: int

    @classmethod
    def start(cls, index: Path, destino: Destino) -> Run:
        """Begin, with no memory of earlier runs: what the index is now goes to the replica whole, first of all."""
        folder = index.parent / FOLDER
        with held(index.parent) as lock:
            shutil.rmtree(folder / STATE, ignore_errors=True)
            (folder / SOCKET).unlink(missing_ok=True)
            write_config(folder / CONFIG, index, destino, folder / STATE)
            command = [binary(), "replicate", "-no-expand-env", "-config", str(folder / CONFIG)]
            with (folder / LOG).open("wb") as log:
                process = subprocess.Popen(  # noqa: S603 -- our own program, our own arguments
                    [sys.executable, "-I", "-S", str(Path(atado.__file__)), str(os.getpid()), *command],
                    cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[lock],
                )  # fmt: skip
            os.pwrite(lock, f"{process.pid:<10}\n".encode("ascii"), 0)
        return cls(index, folder, process, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    @property
    def alive(self) -> bool:
        """Whether it runs; a dead one is reaped by this."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End it now and wait until it has ended. Harmless when it has."""
        self.process.kill()
        self.process.wait()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def sync(self, timeout_s: float) -> str | None:
        """Ask that all that is committed now be in the replica; None when it is, else why not. Never takes longer."""
        if not (self.folder / SOCKET).exists():
            return "aún no abre su canal de control"
        # Through /proc: the name of a unix socket may have 107 bytes, a data folder's may have more.
        connection = _Control(f"/proc/self/fd/{self._fd}/{SOCKET}", timeout_s)
        body = {"path": str(self.index), "wait": True, "timeout": max(1, int(timeout_s))}
        try:
            connection.request("POST", "/sync", msgspec.json.encode(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read(64 * 1024)
        except TimeoutError:
            return f"no respondió en {timeout_s:g} segundos"
        except (OSError, http.client.HTTPException) as error:
            return f"no responde ({type(error).__name__})"
        finally:
            connection.close()
        return None if answer.status == 200 else _reason(content)

    def last_words(self) -> str:
        """The last line of its log, for the administrator."""
        path = self.folder / LOG
        try:
            with path.open("rb+") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 600))
                tail = file.read().decode("utf-8", "replace").strip().splitlines()
                if size > _LOG_MAX:
                    file.truncate(0)
        except OSError:
            return ""
        return tail[-1][-300:] if tail else ""


class _Control(http.client.HTTPConnection):
    """HTTP over the unix socket at `path`."""

    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("litestream", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _reason(content: bytes) -> str:
    try:
        return str(msgspec.json.decode(content)["error"])[-300:]
    except (msgspec.MsgspecError, KeyError, TypeError):
        return "respondió algo que no se entiende"


def restorable(datos: Path, timeout_s: float) -> str | None:
    """Why the replica that this folder's configuration names could not be restored now; None when it could.

    A place that is too slow to say in time is not held against it.
    """
    config = datos / FOLDER / CONFIG
    index = Path(msgspec.json.decode(config.read_bytes())["dbs"][0]["path"])
    try:
        return _restore(config, index, ["-dry-run", "-o", str(datos / FOLDER / "ensayo.db")], timeout_s)
    except subprocess.TimeoutExpired:
        return None


def restore_index(index: Path, destino: Destino, target: Path, work: Path, *, until: str | None) -> None:
    """Write the index as it is in the replica to `target` (which must not exist). `until`: RFC 3339, UTC.

    `index`: the path under which it was replicated; `work`: a folder for our files. Raises ReplicaError.
    """
    write_config(work / CONFIG, index, destino, work / STATE)
    arguments = ["-o", str(target), "-integrity-check", "quick"]
    if until is not None:
        arguments += ["-timestamp", until]
    failure = _restore(work / CONFIG, index, arguments, None)
    if failure is not None:
        raise ReplicaError(failure)


def _restore(config: Path, index: Path, arguments: list[str], timeout_s: float | None) -> str | None:
    command = [binary(), "restore", "-no-expand-env", "-config", str(config), *arguments, str(index)]
    done = subprocess.run(  # noqa: S603 -- our own program, our own arguments
        command, env=_environment(), capture_output=True, timeout=timeout_s, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return said[-1][-300:] if said else f"terminó con el código {done.returncode}"
