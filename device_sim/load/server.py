"""The server under load: one of our own on a folder of its own, or any; and what it says of itself while it works.

The server is another program: it is prepared, started, killed and counted by its command line, as an administrator
would; this package knows nothing of its inside but `/metrics`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from device_sim.errors import PhoneError
from device_sim.fleet import Member
from device_sim.load.results import ServerSample

_CENTRO = timezone(timedelta(hours=-6))
_SEEDED = re.compile(r"Id de proceso (\d+), Id de auxiliar (\d+): (\S+)")
_WELL = ("bien", "aviso")
_METRIC = re.compile(r"^(acopio_[a-z_]+|process_[a-z_]+)(?:\{motivo=\"([a-z]+)\"\})? ([0-9.e+-]+)$", re.MULTILINE)
_TICKS = os.sysconf("SC_CLK_TCK")
START_S = 60.0


@dataclass(slots=True)
class OwnServer:
    """A server on `folder`. `settings`: further ACOPIO_ variables."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    _env: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def prepare(self, phones: int, ends: float) -> tuple[Member, ...]:
        """Keys and a catalogue with an auxiliar for each phone; it ends in the minute of `ends` (Unix time)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{address}"
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("ACOPIO_")} | {
            "ACOPIO_DATOS": str(self.folder / "caja"),
            "ACOPIO_LLAVE_ARCHIVO": str(self.folder / "llave"),
            "ACOPIO_ESCUCHA": address,
            "ACOPIO_INSTITUCION": "Instituto Electoral de Ejemplo",
            "ACOPIO_CORREO_DE": "acopio@ejemplo.mx",
            "ACOPIO_DEMO": "si",
            **self.settings,
        }
        self._order("init")
        auxiliares = [f"--auxiliar=Auxiliar|Número {n}|De Carga|auxiliar{n}@ejemplo.mx" for n in range(1, phones + 1)]
        said = self._order(
            "seed", "--proceso=Prueba de carga", "--cargo=Gubernatura", f"--inicia={_written(ends - 30 * 86_400)}",
            f"--termina={_written(ends)}", "--aspirante=Persona|De|Ejemplo|persona@ejemplo.mx", *auxiliares,
        )  # fmt: skip
        found = _SEEDED.findall(said)
        return tuple(Member(solicitud=int(one[0]), auxiliar=int(one[1]), correo=one[2]) for one in found)

    def start(self) -> None:
        """Start it and wait until it answers. Raises PhoneError when it does not."""
        log = self.folder / "servidor.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", "serve"], env=self._env, stderr=output, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            if _get(f"{self.url}/salud/vivo") is not None:
                return
            time.sleep(0.05)
        end = log.read_text(encoding="utf-8", errors="replace")[-1500:]
        raise PhoneError("sin_servidor", f"El servidor de la prueba no pudo iniciar:\n{end}")

    @property
    def pid(self) -> int | None:
        """Its process; None while there is none."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def kill(self) -> None:
        """As if the power went: no goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Stop it where it stands."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end, then make it."""
        if self._process is None or self._process.poll() is not None:
            return
        self.resume()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()

    def count(self) -> int:
        """Sobres in the diario, by `verify`, which reads everything back. Raises PhoneError when anything is wrong."""
        said = self._run("verify", "--json").stdout
        found = json.loads(said)
        if found["resultado"] not in _WELL:
            raise PhoneError("verificacion", f"El servidor no está completo: {said.strip()}")
        return int(found["registros"])

    def _order(self, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise PhoneError("sin_servidor", f"No se pudo preparar el servidor ({arguments[0]}): {done.stderr[-800:]}")
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 -- our own program, our own arguments
            [sys.executable, "-m", "server", *arguments], env=self._env, capture_output=True, text=True, check=False
        )


def sample(url: str, t: float, pid: int | None) -> ServerSample:
    """What `/metrics` says, and /proc when the process is ours: that one answers also when the server does not."""
    found = ServerSample(t)
    text = _get(f"{url}/metrics")
    if text is not None:
        _read_metrics(text, found)
    if pid is not None:
        with contextlib.suppress(OSError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            found.cpu_s = (int(fields[11]) + int(fields[12])) / _TICKS
            found.rss_mb = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return found


def _read_metrics(text: str, found: ServerSample) -> None:
    names = {
        "acopio_sobres_tomados_total": "taken",
        "acopio_puerta_subidas": "active",
        "acopio_puerta_en_espera": "waiting",
        "acopio_puerta_citados": "outside",
        "acopio_puerta_espera_mayor_segundos": "longest_s",
        "process_cpu_seconds_total": "cpu_s",
    }
    for name, reason, value in _METRIC.findall(text):
        if name == "acopio_puerta_rechazos_total":
            found.refused[reason] = float(value)
        elif name == "process_resident_memory_bytes":
            found.rss_mb = float(value) / 1e6
        elif name in names:
            setattr(found, names[name], float(value))


def _get(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- the server's own address
            return str(answer.read().decode("utf-8", "replace"))
    except (OSError, urllib.error.URLError, ValueError):
        return None


def _written(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).astimezone(_CENTRO).strftime("%d/%m/%Y %H:%M")
