"""The demo: an OPL from nothing, six phones that capture offline and send over a line with cuts, and a table.

The server runs as a process of its own, as in real life, and so do the phones: this module only prepares, starts,
waits and reports. The phones' commands are found by name: neither package imports the other.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from server import demo_opl, keyring, seed
from server.app import INDEX, KEYS, writing
from server.clock import system_clock
from server.config import Settings
from server.domain.apoyo import Clase
from server.seed import Sembrado
from server.store import carga, conteos, trabajos
from server.store.connection import open_reader

PADRON_SIZE = 2_000
ASPIRANTES = 2
MARKER = "demo-de-acopio"
PIPELINE_S = 300.0
"""How long a slow machine may need to read the images of all phones again."""

console = Console()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo lives. Everything under one folder that it may empty."""

    root: Path

    @property
    def settings_env(self) -> dict[str, str]:
        return {
            "ACOPIO_DATOS": str(self.root / "caja"),
            "ACOPIO_LLAVE_ARCHIVO": str(self.root / "llave-del-servidor"),
            "ACOPIO_SEGUNDA_COPIA": str(self.root / "segunda-copia"),
            "ACOPIO_REPLICA": str(self.root / "replica"),
            "ACOPIO_INSTITUCION": "Instituto Electoral de Ejemplo",
            "ACOPIO_CORREO_DE": "acopio@ejemplo.mx",
            "ACOPIO_DEMO": "si",
            "ACOPIO_SESION_QUIETA_S": "3",
        }


def run(carpeta: Path, puerto: int, registros: int, semilla: int, *, once: bool) -> int:
    """The whole demo; returns the exit status: 0 when every figure is as it must be."""
    place = Place(carpeta.resolve())
    _empty(place.root)
    port = free_port(puerto)
    env = {**os.environ, **place.settings_env, "ACOPIO_ESCUCHA": f"127.0.0.1:{port}"}
    url = f"http://127.0.0.1:{port}"
    console.rule("[bold]Acopio · demostración")
    sembrados = _prepare(place, env, semilla)
    with serving(env, url, place.root / "servidor.log") as process:
        console.print(f"Servidor en marcha: {url}")
        status, result = run_phones(place, env, url, registros, semilla, sembrados)
        mailed = wait_for_mail(url, sembrados, expected=result.get("totales", {}).get("acuses", 0))
        good = _report(result, url, mailed, registros) and status == 0
        good = _after_the_acuse(Settings.from_env(env), len(result.get("telefonos", [])) * registros) and good
        _addresses(url)
        if not once and good:
            console.print("\nEl servidor sigue en marcha. Ctrl+C para terminar.")
            with contextlib.suppress(KeyboardInterrupt):
                process.wait()
    return 0 if good else 1


def _empty(root: Path) -> None:
    """Begin afresh, but only ever in a folder that a demo made."""
    if root.exists():
        if any(root.iterdir()) and not (root / MARKER).exists():
            raise SystemExit(f"La carpeta {root.name} no es de una demostración anterior; elija otra con --carpeta.")
        shutil.rmtree(root)
    root.mkdir(parents=True)
    (root / MARKER).write_text("Esta carpeta se vacía en cada demostración.\n", encoding="utf-8")


def free_port(wanted: int = 0) -> int:
    """`wanted`, if nobody has it, or any free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise SystemExit(f"El puerto {wanted} está ocupado; elija otro con --puerto, o 0 para uno libre.") from None
        return int(probe.getsockname()[1])


def _prepare(place: Place, env: dict[str, str], semilla: int) -> list[Sembrado]:
    key_file = Path(env["ACOPIO_LLAVE_ARCHIVO"])
    key_file.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")
    key_file.chmod(0o600)
    Path(env["ACOPIO_SEGUNDA_COPIA"]).mkdir()
    Path(env["ACOPIO_REPLICA"]).mkdir()
    settings = Settings.from_env(env)
    keyring.create(settings.datos / KEYS, keyring.read_secret(key_file, None), system_clock())
    padron = place.root / "padron.csv"
    _run_sim("padron", str(padron), "--size", str(PADRON_SIZE), "--seed", str(semilla), env=env)
    keys = keyring.load(settings.datos / KEYS, keyring.read_secret(key_file, None))
    contrasena = demo_opl.password_hash()
    with writing(settings, system_clock) as writer:
        total = writer.run(lambda tx: seed.import_padron(tx, seed.padron_rows(padron), "2026-10-31")).value
        made = writer.run(
            lambda tx: demo_opl.register(tx, seed.padron_rows(padron), keys, [None] * ASPIRANTES, contrasena)
        ).value
    people = f"{made.aspirantes} aspirantes, {len(made.auxiliares)} auxiliares"
    console.print(f"OPL, periodo, {people} y un padrón de {total:,} listos.")
    return made.auxiliares


def _run_sim(*arguments: str, env: dict[str, str]) -> int:
    # The phones are a program of their own; its arguments are ours, never a person's.
    return subprocess.run([sys.executable, "-m", "device_sim", *arguments], env=env, check=False).returncode  # noqa: S603


@contextlib.contextmanager
def serving(env: dict[str, str], url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "server", "serve"], env=env, stderr=output)
        try:
            _wait_until_ready(process, url, log)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(
                "El servidor no pudo iniciar:\n" + log.read_text(encoding="utf-8", errors="replace")[-2000:]
            )
        with contextlib.suppress(OSError):
            if _get(f"{url}/salud/vivo"):
                return
        time.sleep(0.1)
    raise SystemExit("El servidor no respondió en 30 segundos.")


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- always http://127.0.0.1
        return json.loads(answer.read())


def run_phones(
    place: Place, env: dict[str, str], url: str, registros: int, semilla: int, sembrados: list[Sembrado]
) -> tuple[int, dict[str, Any]]:
    phones, result = place.root / "telefonos.json", place.root / "resultado.json"
    phones.write_text(json.dumps([asdict(one) for one in sembrados]), encoding="utf-8")
    status = _run_sim(
        "fleet", "--server", url, "--folder", str(place.root / "telefonos"), "--phones-json", str(phones),
        "--inbox", f"{url}/demo/correo", "--registros", str(registros), "--seed", str(semilla), "--line", "demo",
        "--scenario", "mesa", "--result", str(result), env=env,
    )  # fmt: skip
    return status, json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}


def wait_for_mail(url: str, sembrados: list[Sembrado], *, expected: int) -> int:
    """Count the folios that reached the inbox; one message a session, so it takes a moment."""
    found = 0
    for _ in range(60):
        found = 0
        for one in sembrados:
            for message in _get(f"{url}/demo/correo/api/mensajes?para={one.correo}"):
                if message["asunto"].startswith("Acuse"):
                    found += message["texto"].count("Código de integridad:")
        if found >= expected:
            break
        time.sleep(0.5)
    return found


def _report(result: dict[str, Any], url: str, mailed: int, registros: int) -> bool:
    table = Table(title="Qué pasó", title_justify="left", box=None, padding=(0, 1, 0, 0), header_style="bold")
    columns = (
        ("capturados", "Capturados"), ("enviados", "Enviados"), ("acuses", "Acuses verificados"),
        ("borrados", "Borrados del teléfono"), ("reanudados", "Reanudados tras un corte"),
        ("duplicados_evitados", "Duplicados evitados"),
    )  # fmt: skip
    table.add_column("Teléfono", no_wrap=True)
    for _, title in columns:
        # A word is never cut: narrow terminals get taller headings, not shorter ones.
        table.add_column(title, justify="right", min_width=max(len(word) for word in title.split()))
    for phone in result.get("telefonos", []):
        table.add_row(str(phone["nombre"]), *(str(phone[key]) for key, _ in columns))
    totals = result.get("totales", {})
    table.add_section()
    table.add_row("[bold]Total", *(f"[bold]{totals.get(key, 0)}" for key, _ in columns))
    console.print(table)
    captured = totals.get("capturados", 0)
    expected = len(result.get("telefonos", [])) * (registros + 1)
    checks = {
        "todo lo capturado se envió": captured == expected and totals.get("enviados") == captured,
        "cada sobre tiene su acuse verificado": totals.get("acuses") == captured,
        "cada teléfono quedó vacío": totals.get("borrados") == captured,
        "la línea se cortó y el envío continuó": totals.get("reanudados", 0) > 0,
        "los acuses llegaron por correo": mailed == captured,
        "el servidor está listo": _ready(url),
    }
    for what, holds in checks.items():
        console.print(f"  {'[green]✔' if holds else '[red]✘'}[/] {what}")
    console.print("[dim]Capturados incluye los testigos visuales del alta de cada teléfono.[/]")
    return all(checks.values())


def _after_the_acuse(settings: Settings, enviados: int) -> bool:
    """What became of every apoyo: opened, its codes read again, looked up, compared, classed, and left for people."""
    reader = open_reader(settings.datos / INDEX)
    try:
        until = time.monotonic() + PIPELINE_S
        with console.status("Se abre, se lee de nuevo, se consulta y se compara cada registro…"):
            while sum(trabajos.pending(reader).values()) and time.monotonic() < until:
                time.sleep(0.3)
        waiting = sum(trabajos.pending(reader).values())
        by_class = {folio: conteos.por_clase(reader, folio) for folio in conteos.solicitudes(reader)}
        in_bandeja = sum(carga.por_ronda(reader).values())
    finally:
        reader.close()
    table = Table(title="\nQué se sabe de cada registro", title_justify="left", box=None, padding=(0, 1, 0, 0),
                  header_style="bold")  # fmt: skip
    table.add_column("Clase")
    for folio in by_class:
        table.add_column(f"Folio {folio}", justify="right")
    for clase in Clase:
        table.add_row(clase.texto, *(str(counts[clase]) for counts in by_class.values()))
    table.add_section()
    table.add_row("[bold]Enviados", *(f"[bold]{sum(counts.values())}" for counts in by_class.values()))
    console.print(table)
    total = sum(sum(counts.values()) for counts in by_class.values())
    checks = {
        "las clases suman lo enviado": total == enviados,
        "cada registro se abrió, se leyó y se clasificó": waiting == 0,
        "la mesa de control tiene trabajo en su bandeja": in_bandeja == enviados,
    }
    for what, holds in checks.items():
        console.print(f"  {'[green]✔' if holds else '[red]✘'}[/] {what}")
    return all(checks.values())


def _addresses(url: str) -> None:
    console.print(f"\nInicio            {url}/\nCuentas           {url}/demo/accesos")
    console.print(f"Correo recibido   {url}/demo/correo\nMesa de control   {url}/mesa")
    console.print(f"Salud             {url}/salud/listo\nLlaves públicas   {url}/.well-known/jwks.json")


def _ready(url: str) -> bool:
    try:
        return bool(_get(f"{url}/salud/listo")["estado"] == "listo")
    except urllib.error.HTTPError:
        return False
