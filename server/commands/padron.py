"""`acopio padron`: copies of the padrón, replaced without stopping anything (row F2).

The command reads the CSV and makes the file; while a server runs on the data folder it then asks it over the local
channel to put it in force, and when none does it opens the index itself. Exit codes: 0 done, 1 it cannot be done (the
sentences say why, and what was in force still is), 2 the box cannot be used.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from server import local_channel
from server.app import INDEX, writing
from server.clock import system_clock
from server.config import Settings
from server.errors import ConfigurationError, DatoInvalido
from server.local_channel import BrokenChannelError, Padron, RespuestaCuentas
from server.padron.importar import Importado, Informe, importar
from server.registro import consola_padron
from server.replica import en_marcha
from server.store import padron as versiones
from server.store import padron_archivo
from server.store.connection import IndexFailure, open_reader
from server.store.padron_archivo import PadronIncompleto, PadronOcupado

PATIENCE_S = 30
"""How long a server that is starting, or another command, is waited for once the file is made."""


@click.group(help="Copias del padrón electoral. Se puede usar con el servidor en marcha.")
def padron() -> None:
    """Commands about the padrón."""


@padron.command(
    "import",
    help="Hace de un CSV una versión del padrón y la pone en vigor, sin detener el servidor. Si se interrumpe, sigue "
    "la versión anterior; basta repetir. El primer renglón dice las columnas: clave_elector, nombre, "
    "apellido_paterno, apellido_materno, entidad, municipio, seccion, situacion (LISTA_NOMINAL, PADRON o BAJA) y, "
    "si los hay, cic, ocr y motivo_baja. Otras columnas no se guardan.",
)
@click.argument("archivo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--corte", required=True, help="Fecha de corte, aaaa-mm-dd.")
@click.option("--tolerar", type=click.IntRange(0), default=0, show_default=True,
              help="Cuántos renglones malos se pueden dejar fuera.")  # fmt: skip
@click.option("--aunque-menor", is_flag=True, help="Aunque tenga menos de la mitad de personas que la vigente.")
def importar_(archivo: Path, corte: str, tolerar: int, *, aunque_menor: bool) -> None:
    """Replace the padrón in force."""
    settings = Settings.from_env(os.environ)
    if not settings.datos.is_dir():
        raise ConfigurationError(f"No existe la carpeta de datos {settings.datos} (ACOPIO_DATOS): use «acopio init».")
    folder = settings.datos / versiones.CARPETA
    try:
        with padron_archivo.alone(folder):
            padron_archivo.sweep(folder, _named(settings.datos / INDEX))
            # SQLite sorts through temporary files: they stay on the disk that was asked for its room.
            os.environ["SQLITE_TMPDIR"] = str(folder)
            found = _with_progress(archivo, corte, folder, tolerar)
            _tell(found.informe, tolerar)
            if found.hecho is None:
                click.echo("No se importó nada: sigue la versión que estaba en vigor.", err=True)
                sys.exit(1)
            made = found.hecho
            answer = _ask(
                settings,
                Padron(orden="vigente", archivo=made.archivo, corte=made.corte, filas=made.filas, resumen=made.resumen,
                       tam=made.bytes, aunque_menor=aunque_menor),
                PATIENCE_S,
            )  # fmt: skip
            if not answer.bien:
                padron_archivo.sweep(folder, _named(settings.datos / INDEX))
    except PadronOcupado as error:
        raise ConfigurationError("Otra importación del padrón está en marcha: espere a que termine.") from error
    except DatoInvalido as error:
        click.echo(f"{error.texto} Sigue la versión que estaba en vigor.", err=True)
        sys.exit(1)
    except (OSError, IndexFailure, PadronIncompleto) as error:
        raise ConfigurationError(
            f"La importación se detuvo ({getattr(error, 'strerror', None) or type(error).__name__}); sigue la versión "
            "que estaba en vigor. Revise el disco de la carpeta de datos y repita."
        ) from error
    _say(answer)


def _named(index: Path) -> set[str]:
    if not index.exists():
        return set()
    try:
        conn = open_reader(index)
        try:
            return {one.archivo for one in versiones.versiones(conn)}
        finally:
            conn.close()
    except IndexFailure as error:
        raise ConfigurationError(
            "El índice no se puede leer, o es de una versión anterior de Acopio: inicie una vez el servidor y repita."
        ) from error


def _with_progress(archivo: Path, corte: str, folder: Path, tolerar: int) -> Importado:
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console,
        transient=True, disable=not console.is_terminal,
    ) as progress:  # fmt: skip
        task = progress.add_task("Revisar", total=None)

        def advance(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage, completed=done, total=total or None)

        return importar(archivo, corte, folder, tolerar=tolerar, avance=advance)


def _tell(informe: Informe, tolerar: int) -> None:
    if not informe.malas:
        return
    click.echo(f"Renglones que no se tomaron: {informe.malas:,} (se toleran {tolerar:,}).", err=True)
    for bad in informe.primeras:
        where = f", columna {bad.columna}" if bad.columna else ""
        click.echo(f"  línea {bad.linea:,}{where}: {bad.texto} [{bad.motivo}]", err=True)
    if informe.malas > len(informe.primeras):
        click.echo("En total:", err=True)
        for (column, motivo), count in informe.por_motivo.most_common():
            click.echo(f"  {count:>10,}  {motivo}{f' ({column})' if column else ''}", err=True)
    if informe.interrumpido:
        click.echo("Se dejó de leer: el archivo no parece un padrón, o sus columnas no son las que dice.", err=True)


@padron.command(help="Lista las versiones, con su corte y sus personas.")
def estado() -> None:
    """All of them."""
    _say(_ask(Settings.from_env(os.environ), Padron(orden="estado")))


@padron.command(help="Borra el archivo de una versión anterior. La vigente no se retira.")
@click.argument("version", type=int)
def retirar(version: int) -> None:
    """Room on the disk, and people's data that nobody needs any more."""
    _say(_ask(Settings.from_env(os.environ), Padron(orden="retirar", version=version)))


@padron.command(
    help="Vuelve a preguntar al padrón por los apoyos sin respuesta y los no encontrados; con --todos, por todos."
)
@click.option("--todos", is_flag=True, help="También por los que ya tienen respuesta.")
def reverificar(*, todos: bool) -> None:
    """The pipeline takes them again from there."""
    _say(_ask(Settings.from_env(os.environ), Padron(orden="reverificar", todos=todos)))


def _say(answer: RespuestaCuentas) -> None:
    for line in answer.renglones:
        click.echo(line, err=not answer.bien)
    if not answer.bien:
        sys.exit(1)


def _ask(settings: Settings, asked: Padron, patience_s: int = 0) -> RespuestaCuentas:
    for left in range(patience_s, -1, -1):
        if not en_marcha.held(settings.datos):
            with writing(settings, system_clock) as writer:
                return consola_padron.answer(writer, asked)
        try:
            return asyncio.run(local_channel.order(settings.datos, asked))
        except (OSError, BrokenChannelError) as error:
            if not left:
                raise ConfigurationError(
                    "Otra orden o un servidor que aún inicia tiene la carpeta de datos: espere un momento y repita."
                ) from error
            time.sleep(1)
    raise AssertionError("unreachable")
