"""The command line: init, serve, demo, seed, padron, verify; and the groups that other packages add (`sim`)."""

from __future__ import annotations

import gc
import os
import secrets
import sys
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path

import click
import uvicorn

from server import keyring, logs, seed
from server.app import KEYS, build_app, replica_place, writing
from server.clock import CENTRO, system_clock
from server.commands import cuentas, doctor, import_sobres, padron, respaldo, verify
from server.config import Settings
from server.demo import run as run_demo
from server.errors import ConfigurationError, DiarioError
from server.portals.rendering import asset
from server.seed import Persona, Semilla


@click.group(help="Acopio: recepción de apoyo ciudadano, con acuse verificable.")
def cli() -> None:
    """The root of every command."""


def _settings() -> Settings:
    return Settings.from_env(os.environ)


@cli.command(help="Crea la carpeta de datos, las llaves del servidor y, si hace falta, el archivo de llave.")
def init() -> None:
    """First step on a new box."""
    settings = _settings()
    key_file = settings.llave_archivo
    if key_file is not None and not key_file.exists():
        key_file.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        click.echo(f"Archivo de llave creado: {key_file}. Guarde una copia fuera de este equipo.")
    keyring.create(settings.datos / KEYS, keyring.read_secret(key_file, settings.frase), system_clock())
    if settings.segunda_copia is not None:
        settings.segunda_copia.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.replica is not None and (folder := replica_place(settings).folder) is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    click.echo(f"Listo. Datos en {settings.datos}. Respalde la carpeta «{KEYS}» y el archivo de llave por separado.")


@cli.command(help="Inicia el servidor.")
def serve() -> None:
    """Serve until told to stop."""
    logs.configure()
    settings = _settings()
    asset("app.css")
    app = build_app(settings)
    app.state.box.writer.on_broken = _end_at_once
    # What is there now stays: the collector need not walk through it again and again, nor come by for every request.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
        backlog=2048,
    )


def _end_at_once(reason: str) -> None:
    """The store must be opened anew: end now, with a status at which systemd starts the service again.

    As kill -9 would: nothing in memory may be trusted any more, and nothing that was told depends on it.
    """
    click.echo(f"El almacén debe abrirse de nuevo: {reason}. El servidor termina para que se reinicie.", err=True)
    os._exit(os.EX_IOERR)


@cli.command(help="Prepara todo, captura y envía con seis teléfonos simulados, y deja el servidor en marcha.")
@click.option("--once", is_flag=True, help="Termina al acabar; el código de salida dice si todas las cifras cuadran.")
@click.option("--carpeta", type=click.Path(path_type=Path), default=Path("demo-datos"), show_default=True)
@click.option("--puerto", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--registros", type=click.IntRange(1, 500), default=8, show_default=True, help="Apoyos por teléfono.")
@click.option("--semilla", type=int, default=2026, show_default=True)
def demo(once: bool, carpeta: Path, puerto: int, registros: int, semilla: int) -> None:
    """The main job on real input, from nothing."""
    sys.exit(run_demo(carpeta, puerto, registros, semilla, once=once))


@cli.command(
    "seed",
    help="Da de alta un proceso con su periodo, un aspirante y sus auxiliares (--auxiliar, una vez por cada cual).",
)
@click.option("--tipo", default="candidatura_independiente", show_default=True)
@click.option("--proceso", required=True)
@click.option("--cargo", required=True)
@click.option("--entidad", default="32", show_default=True, help="Clave de la entidad, dos dígitos.")
@click.option("--inicia", required=True, help="dd/mm/aaaa HH:MM, hora del centro.")
@click.option("--termina", required=True, help="dd/mm/aaaa HH:MM, hora del centro.")
@click.option("--aspirante", required=True, help="Nombre|Apellido paterno|Apellido materno|correo")
@click.option("--auxiliar", "auxiliares", multiple=True, help="Nombre|Apellido paterno|Apellido materno|correo")
def seed_catalogue(
    tipo: str, proceso: str, cargo: str, entidad: str, inicia: str, termina: str, aspirante: str,
    auxiliares: tuple[str, ...],
) -> None:  # fmt: skip
    """The catalogue, by hand, until the portals do it. The server must be stopped."""
    semilla = Semilla(
        tipo, proceso, cargo, entidad, _instant(inicia), _instant(termina), (_persona(aspirante),),
        (tuple(_persona(one) for one in auxiliares),),
    )  # fmt: skip
    with writing(_settings(), system_clock) as writer:
        for made in writer.run(lambda tx: seed.sow(tx, semilla)).value:
            click.echo(f"Id de proceso {made.solicitud}, Id de auxiliar {made.auxiliar}: {made.correo}")


def _persona(text: str) -> Persona:
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 4 or "@" not in parts[3]:
        raise ConfigurationError(f"«{text}» no tiene la forma Nombre|Apellido paterno|Apellido materno|correo.")
    return Persona((parts[0], parts[1], parts[2]), parts[3])


def _instant(text: str) -> int:
    try:
        local = datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=CENTRO)
    except ValueError as error:
        raise ConfigurationError(f"«{text}» no es una fecha como 31/01/2027 18:00.") from error
    return int(local.timestamp() * 1000)


for command in (verify.verify, doctor.doctor, import_sobres.import_sobres, cuentas.cuentas, padron.padron):
    cli.add_command(command)


cli.add_command(respaldo.backup)
cli.add_command(respaldo.restore)


def main() -> None:
    """Entry point: adds the commands of other packages, and turns expected errors into sentences."""
    for entry in entry_points(group="acopio.commands"):
        cli.add_command(entry.load(), entry.name)
    try:
        cli()
    except (ConfigurationError, DiarioError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
