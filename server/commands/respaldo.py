"""The commands `acopio backup` and `acopio restore`: what they are given, what they say (row X1)."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from server import keyring
from server.app import DIARIO, INDEX, KEYS, FolderLock, replica_place
from server.clock import CENTRO, hora_del_centro, system_clock
from server.config import Settings
from server.diario.places.address import open_place
from server.errors import ConfigurationError
from server.intake.replay import recover
from server.replica import backup as backups
from server.replica import relevo
from server.replica.fuentes import Carpeta, Fuente, Lugar, second_copy
from server.replica.restore import Pedido, Restaurado
from server.replica.restore import restore as run_restore


@click.command(
    help="Copia en DESTINO todo lo que no se puede volver a hacer, salvo la llave. Puede correr con el servidor en "
    "marcha; al repetirlo copia solo los lotes nuevos."
)
@click.argument("destino", type=click.Path(file_okay=False, path_type=Path))
def backup(destino: Path) -> None:
    """A backup by hand, read back before it counts."""
    settings = Settings.from_env(os.environ)
    datos = settings.datos
    done = backups.backup(
        datos, datos / INDEX, datos / DIARIO, datos / KEYS, destino, system_clock(), lambda text: click.echo(text)
    )
    manifest = done.manifiesto
    click.echo(
        f"Respaldo completo y leído de vuelta, {hora_del_centro(manifest.creado_ms)} (hora del centro):\n"
        f"  {manifest.registros:,} registros en {manifest.lotes:,} lotes; {done.nuevos:,} lotes nuevos "
        f"({done.bytes_nuevos / 1e6:,.1f} MB), índice {done.bytes_indice / 1e6:,.1f} MB, llaves envueltas."
    )
    click.echo("NO contiene:")
    for missing in manifest.no_contiene:
        click.echo(f"  - {missing}")


@click.command(
    help="Restaura la carpeta de datos (ACOPIO_DATOS): el índice desde su réplica (ACOPIO_REPLICA) y los lotes "
    "desde la "
    "segunda copia (ACOPIO_SEGUNDA_COPIA) y lo que quede en la propia carpeta. Verifica todo antes de cambiar "
    "nada; lo que "
    "había queda en «anterior-…». Con el servicio detenido."
)
@click.option("--desde", type=click.Path(file_okay=False, path_type=Path), help="Carpeta de un «acopio backup».")
@click.option(
    "--hasta",
    help="El índice como estaba entonces: «dd/mm/aaaa HH:MM[:SS]», hora del centro. Los apoyos con acuse "
    "vuelven todos, "
    "también los posteriores.",
)
@click.option("--sin-indice", is_flag=True, help="Solo desde los lotes: sin periodos, nombres, correos ni bitácora.")
@click.option(
    "--aceptar-perdida",
    is_flag=True,
    help="Sigue aunque falten lotes que no están en ninguna parte. Lea antes el manual.",
)
def restore(desde: Path | None, hasta: str | None, sin_indice: bool, aceptar_perdida: bool) -> None:
    """A whole box again."""
    settings = Settings.from_env(os.environ)
    secret = keyring.read_secret(settings.llave_archivo, settings.frase)
    if sin_indice and (desde or hasta):
        raise ConfigurationError("--sin-indice no lleva --desde ni --hasta: elija uno.")
    if desde is None and settings.replica is None and not sin_indice:
        raise ConfigurationError(
            "Falta de dónde traer el índice: indique ACOPIO_REPLICA, un respaldo (--desde), o --sin-indice para "
            "hacerlo "
            "solo con los lotes."
        )
    until = _moment(hasta) if hasta else None
    lock = FolderLock(settings.datos, restoring=True)
    try:
        if relevo.pending(settings.datos):
            aside = relevo.finish(settings.datos)
            click.echo(f"La restauración anterior estaba verificada y quedó en su lugar. Lo que había: {aside}.")
            return
        _say(run_restore(_request(settings, secret, desde, until, sin_indice, aceptar_perdida)))
    finally:
        lock.release()


def _request(
    settings: Settings, secret: bytes, desde: Path | None, until: int | None, sin_indice: bool, aceptar_perdida: bool
) -> Pedido:
    return Pedido(
        datos=settings.datos,
        nombres=(INDEX, DIARIO, KEYS),
        fuentes=_sources(settings, desde),
        secret=secret,
        now_ms=system_clock(),
        replay=recover,
        destino=replica_place(settings) if settings.replica and not (sin_indice or desde) else None,
        respaldo=desde,
        hasta_ms=until,
        segunda=settings.segunda_copia is not None or settings.segunda_copia_url is not None,
        aceptar_perdida=aceptar_perdida,
        say=lambda text: click.echo(text),
    )


def _sources(settings: Settings, desde: Path | None) -> list[Fuente]:
    """What is left of the box (no byte of it is copied), then the second copy, then the backup."""
    found: list[Fuente] = []
    datos = settings.datos
    for folder in [datos, *sorted(datos.glob(f"{relevo.BEFORE}*"), reverse=True)]:
        if (folder / DIARIO).is_dir():
            found.append(Carpeta(folder / DIARIO, folder / KEYS, f"«{folder / DIARIO}»", link=True))
    if settings.segunda_copia is not None:
        found.append(second_copy(settings.segunda_copia))
    elif settings.segunda_copia_url is not None:
        place = open_place(
            None, settings.segunda_copia_url, espera_s=settings.segunda_copia_espera_s, diario=datos / DIARIO
        )
        assert place is not None
        found.append(Lugar(place, "la segunda copia"))
    if desde is not None:
        found.append(backups.source(desde))
    return found


def _moment(text: str) -> int:
    for form in ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"):
        try:
            moment = int(datetime.strptime(text, form).replace(tzinfo=CENTRO).timestamp() * 1000)
        except ValueError:
            continue
        if moment > system_clock():
            raise ConfigurationError("--hasta debe ser un momento que ya pasó.")
        return moment
    raise ConfigurationError(f"«{text}» no es un momento como 31/01/2027 18:00 o 31/01/2027 18:00:30.")


def _say(done: Restaurado) -> None:
    click.echo(
        f"Restaurado: {done.registros:,} registros en {done.lotes:,} lotes; {done.repuestos:,} se repusieron de "
        f"lotes más "
        f"nuevos que el índice. Acuses comparados uno por uno con su lote, firmas verificadas."
    )
    if done.retirado.lotes:
        click.echo(f"Se retiraron {len(done.retirado.folios)} registros que no estaban en ningún lote.")
    if done.anterior.exists():
        click.echo(f"Lo que había quedó en {done.anterior}. Bórrelo cuando ya no haga falta.")
    click.echo("Inicie el servidor.")
