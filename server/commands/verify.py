"""`acopio verify`: reads everything back and says what does not hold. Exit codes: 0 well, 1 avisos, 2 fallas."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from server import keyring
from server.app import DIARIO, INDEX, KEYS, PARTIALS
from server.config import Settings
from server.diario.places.address import open_place
from server.errors import ConfigurationError
from server.fast_keys import FastPublicKey
from server.replica import en_marcha
from server.replica.revision.copia import folder_comparer, place_comparer
from server.replica.revision.hallazgos import CATALOGO, Gravedad
from server.replica.verify import Carpeta, Informe, Pedido
from server.replica.verify import verify as review
from sync_protocol import acuse as acuses
from sync_protocol.errors import ProtocolError
from sync_protocol.signing import PublicKey

EXIT = {None: 0, Gravedad.AVISO: 1, Gravedad.FALLA: 2}
SHOWN = 10
"""Places listed under each code; --json has more."""


@click.command(
    help="Relee todo: lotes, firmas, acuses, bitácora, índice contra diario, teléfonos, segunda copia. Solo lee; puede "
    "correr con el servidor en marcha. Termina con 0 si todo coincide, 1 si hay avisos, 2 si algo no coincide o no se "
    "pudo revisar."
)
@click.option("--datos", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None,
              help="Otra carpeta de datos, por ejemplo una restaurada.")  # fmt: skip
@click.option("--abrir", is_flag=True, help="Además abre cada sobre, en memoria. Necesita la llave.")
@click.option("--jwks", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None,
              help="Llaves públicas del servidor, para revisar los acuses sin la llave.")  # fmt: skip
@click.option("--segunda-copia", "segunda", type=click.Path(path_type=Path), default=None,
              help="Carpeta con la que se compara; si no se indica, la de ACOPIO_SEGUNDA_COPIA.")  # fmt: skip
@click.option("--sin-segunda-copia", "sin_segunda", is_flag=True, help="No compara la segunda copia.")
@click.option("--hilos", type=click.IntRange(1, 64), default=1, show_default=True, help="Procesadores que puede usar.")
@click.option("--json", "as_json", is_flag=True, help="El informe como JSON.")
def verify(
    datos: Path | None, *, abrir: bool, jwks: Path | None, segunda: Path | None, sin_segunda: bool, hilos: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Review a data folder and end with what was found."""
    settings = Settings.from_env(os.environ)
    if datos is not None:
        # A folder restored elsewhere: the second copy of the one in use has nothing to say about it unasked.
        settings = replace(settings, datos=datos, segunda_copia=None, segunda_copia_url=None)
    if segunda is not None or sin_segunda:
        settings = replace(settings, segunda_copia=None if sin_segunda else segunda, segunda_copia_url=None)
    pedido = _asked(settings, abrir=abrir, jwks=jwks, hilos=hilos)
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console,
        transient=True, disable=as_json or not console.is_terminal,
    ) as progress:  # fmt: skip
        task = progress.add_task("Lotes", total=None)

        def advance(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage, completed=done, total=total)

        informe = review(pedido, advance)
    if as_json:
        click.echo(msgspec.json.encode(as_dict(informe)).decode())
    else:
        show(informe, Console(soft_wrap=True))
    sys.exit(EXIT[informe.hallazgos.worst()])


def _asked(settings: Settings, *, abrir: bool, jwks: Path | None, hilos: int) -> Pedido:
    datos = settings.datos
    if not datos.is_dir():
        raise ConfigurationError(f"No existe la carpeta de datos {datos} (ACOPIO_DATOS o --datos).")
    keys = _keys(settings)
    if abrir and keys is None:
        raise ConfigurationError(
            "Para --abrir hacen falta la llave (ACOPIO_LLAVE_ARCHIVO o ACOPIO_FRASE) y llaves.json."
        )
    publicas: dict[str, PublicKey] | None = None
    if jwks is not None:
        publicas = _published(jwks)
    elif keys is not None:
        publicas = dict(keys.publicas)
    if publicas is not None:
        publicas = {name: FastPublicKey.from_point(key.point) for name, key in publicas.items()}
    comparer = None
    if settings.segunda_copia is not None:
        comparer = folder_comparer(datos / DIARIO, datos / KEYS, settings.segunda_copia)
    elif settings.segunda_copia_url is not None:
        place = open_place(
            None, settings.segunda_copia_url, espera_s=settings.segunda_copia_espera_s, diario=datos / DIARIO
        )
        assert place is not None
        comparer = place_comparer(datos / DIARIO, place)
    return Pedido(
        carpeta=Carpeta(datos / INDEX, datos / DIARIO, datos / PARTIALS),
        publicas=publicas,
        nombres=keyring.signing_names(datos / KEYS),
        aperturas=dict(keys.aperturas) if abrir and keys is not None else None,
        comparador=comparer,
        en_marcha=en_marcha.held(datos),
        hilos=hilos,
    )


def _keys(settings: Settings) -> keyring.Keyring | None:
    """The server's keys; None when the secret is not at hand. A secret that is wrong is said, not passed over."""
    if settings.llave_archivo is None and settings.frase is None:
        return None
    if not (settings.datos / KEYS / keyring.FILE).exists():
        return None
    return keyring.load(settings.datos / KEYS, keyring.read_secret(settings.llave_archivo, settings.frase))


def _published(path: Path) -> dict[str, PublicKey]:
    try:
        return acuses.keys_from_jwks(msgspec.json.decode(path.read_bytes(), type=dict[str, object]))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ProtocolError) as error:
        raise ConfigurationError(f"{path.name} no es un JWKS que se pueda leer.") from error


def as_dict(informe: Informe) -> dict[str, Any]:
    """The report as data; stable names."""
    found = informe.hallazgos
    worst = found.worst()
    return {
        "v": 1,
        "resultado": str(worst) if worst else "bien",
        "lotes": informe.lotes,
        "registros": informe.registros,
        "conflictos": informe.conflictos,
        "bytes": informe.bytes,
        "acuses_verificados": informe.acuses,
        "firmas_verificadas": informe.firmas,
        "sobres_abiertos": informe.abiertos,
        "segundos": round(informe.segundos, 3),
        "registros_por_segundo": round(informe.por_segundo, 1),
        "sin_revisar": informe.sin_revisar,
        "cuentas": found.counts,
        "hallazgos": [
            {
                "codigo": one.codigo, "gravedad": str(one.clase.gravedad), "donde": one.donde, "detalle": one.detalle,
                "texto": one.clase.texto, "que_hacer": one.clase.que_hacer,
            }
            for one in found.kept
        ],
    }  # fmt: skip


def show(informe: Informe, console: Console) -> None:
    """The report for a person. Gravity is a word, never a color alone."""
    console.print(
        f"{informe.lotes:,} lotes, {informe.registros:,} registros, {informe.conflictos:,} conflictos, "
        f"{informe.bytes / 1e6:,.1f} MB en {informe.segundos:,.1f} s ({informe.por_segundo:,.0f} registros/s).",
        highlight=False,
    )
    console.print(
        f"Firmas de teléfono que valen: {informe.firmas:,}. Acuses verificados: {informe.acuses:,}. "
        f"Sobres que abrieron: {informe.abiertos:,}.",
        highlight=False,
    )
    style = {Gravedad.FALLA: "bold red", Gravedad.AVISO: "yellow", Gravedad.INFORMACION: "dim"}
    for codigo, clase in sorted(CATALOGO.items(), key=lambda item: list(Gravedad).index(item[1].gravedad)):
        count = informe.hallazgos.counts.get(codigo, 0)
        if not count:
            continue
        console.print(
            Text(f"{clase.gravedad.upper()}  {codigo} ({count:,})  {clase.texto}", style=style[clase.gravedad])
        )
        places = [one for one in informe.hallazgos.kept if one.codigo == codigo][:SHOWN]
        for one in places:
            console.print(Text(f"    {one.donde}" + (f": {one.detalle}" if one.detalle else "")))
        if count > len(places):
            console.print(Text(f"    … y {count - len(places):,} más"))
        console.print(Text(f"    Qué hacer: {clase.que_hacer}"))
    for line in informe.sin_revisar:
        console.print(Text(f"No se revisó. {line}"))
    worst = informe.hallazgos.worst()
    if worst is None:
        console.print("Todo coincide.")
    elif worst is Gravedad.AVISO:
        console.print("Lo prometido coincide; hay avisos que conviene ver.")
    else:
        console.print("Hay fallas: no borre nada y siga lo que dice cada una.")
