"""`acopio import-sobres FOLDER`: the queue of phones on a memory card, taken in at the OPL (row X7).

While a server runs on the data folder the sobres go through it, over its local channel; when none does, the command
opens the box itself. Exit codes: 0 every sobre has its acuse on the card, 1 some have not, 2 it was cut short.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from server.app import receiving
from server.clock import system_clock
from server.config import Settings
from server.errors import ConfigurationError
from server.replica import en_marcha
from server.tarjeta.archivos import Encontrado, Respuestas, Tarjeta
from server.tarjeta.canal import Receptor, channel
from server.tarjeta.importar import Importacion, Importador, Resultado, Suerte
from sync_protocol.errors import CATALOGUE

_CUT = {
    "tarjeta": "La tarjeta se retiró antes de terminar. Lo ya recibido está a salvo: conéctela y repita la orden.",
    "servidor": "El servidor dejó de responder. Lo ya recibido está a salvo: repita la orden cuando esté en marcha.",
}  # fmt: skip
_SAID = {
    Suerte.NUEVO: "recibidos, con acuse",
    Suerte.REPETIDO: "ya se tenían: el mismo acuse",
    Suerte.SIN_ACUSE: "recibidos; la segunda copia aún no permite dar su acuse: repita la orden más tarde",
    Suerte.RECHAZADO: "rechazados (el porqué, junto a cada uno): el teléfono los conserva",
    Suerte.ILEGIBLE: "que la tarjeta no dejó leer: que el teléfono los exporte otra vez, de preferencia a otra",
    Suerte.NO_TOMADO: "que el servidor no pudo tomar ahora: repita la orden",
}  # fmt: skip
SHOWN = 20


@click.command(
    "import-sobres",
    help="Recibe los sobres que los teléfonos exportaron a una tarjeta de memoria y deja sus acuses en ella. Nada de "
    "la tarjeta se borra ni se cambia. Se puede repetir, y usar con el servidor en marcha. Termina con 0 si todo quedó "
    "con acuse, 1 si algo no, 2 si no se pudo terminar.",
)
@click.argument("carpeta", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--salida", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Carpeta para los acuses, si la tarjeta es de solo lectura o está llena.")  # fmt: skip
@click.option("--espera", type=click.IntRange(0, 86_400), default=60, show_default=True,
              help="Segundos que se espera a la segunda copia sin que avance.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="El resultado como JSON.")
def import_sobres(carpeta: Path, *, salida: Path | None, espera: int, as_json: bool) -> None:
    """Take a card in."""
    settings = Settings.from_env(os.environ)
    try:
        card = Tarjeta.at(carpeta)
    except OSError as error:
        raise ConfigurationError(f"No se puede leer la carpeta {carpeta}.") from error
    answers = _answers(card, salida, settings)
    console = Console(stderr=True)
    found = card.look()
    with Progress(
        TextColumn("Sobres"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console,
        transient=True, disable=as_json or not console.is_terminal,
    ) as progress:  # fmt: skip
        task = progress.add_task("Sobres", total=len(found.sobres))

        def done(_: Resultado) -> None:
            progress.advance(task)

        async def run() -> Importacion:
            async with _receptor(settings) as receptor:
                run = Importador(card, answers, receptor, espera_s=espera, on_result=done)
                return await run.run(found)

        came_to = asyncio.run(run())
    if as_json:
        click.echo(msgspec.json.encode(_as_dict(came_to, found)).decode())
    else:
        _show(came_to, found, Console(soft_wrap=True))
    sys.exit(2 if came_to.cortada else 0 if came_to.completa else 1)


def _answers(card: Tarjeta, salida: Path | None, settings: Settings) -> Respuestas:
    if card.carpeta.resolve().is_relative_to(settings.datos.resolve()):
        raise ConfigurationError("Esa carpeta está dentro de los datos del servidor: indique la de la tarjeta.")
    answers = Respuestas.beside(card)
    if salida is not None:
        try:
            salida.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"No se puede usar la carpeta {salida} para los acuses.") from error
        answers = Respuestas(salida)
    if not answers.writable():
        raise ConfigurationError(
            f"No se puede escribir en {salida or card.carpeta}: indique con --salida una carpeta para los acuses."
        )
    return answers


@contextlib.asynccontextmanager
async def _receptor(settings: Settings) -> AsyncIterator[Receptor]:
    """The running server, or the box itself."""
    async with contextlib.AsyncExitStack() as stack:
        receptor: Receptor
        if en_marcha.held(settings.datos):
            try:
                receptor = await stack.enter_async_context(channel(settings.datos))
            except OSError as error:
                raise ConfigurationError(
                    "Otra orden o un servidor que aún inicia tiene la carpeta de datos: espere un momento y repita."
                ) from error
        else:
            receptor = await stack.enter_async_context(receiving(settings, system_clock))
        yield receptor


def _as_dict(came_to: Importacion, found: Encontrado) -> dict[str, object]:
    return {
        "v": 1,
        "completa": came_to.completa,
        "cortada": came_to.cortada,
        "encontrados": len(found.sobres),
        "ajenos": found.ajenos,
        "cuentas": {str(suerte): count for suerte, count in came_to.cuentas.items()},
        "respuestas_sin_escribir": came_to.sin_escribir,
        "ilegibles": [_name(path) for path in found.ilegibles],
        "sobres": [
            {
                "archivo": _name(one.archivo.relativo), "suerte": str(one.suerte), "folio": one.folio,
                "codigo": one.codigo, "respuesta_escrita": one.escrita,
            }
            for one in came_to.resultados
        ],
    }  # fmt: skip


def _name(path: Path) -> str:
    """A file's name, safe for a terminal and for JSON, whatever a card has in it."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "·" for c in text)


def _show(came_to: Importacion, found: Encontrado, console: Console) -> None:
    console.print(
        f"{len(found.sobres):,} sobres en la tarjeta; {found.ajenos:,} archivos que no lo son.", highlight=False
    )
    for suerte, count in sorted(came_to.cuentas.items(), key=lambda item: list(Suerte).index(item[0])):
        console.print(f"{count:,} {_SAID[suerte]}.", highlight=False)
    why = Counter(one.codigo for one in came_to.resultados if one.codigo)
    for codigo, count in why.most_common():
        console.print(f"    {count:,} {codigo}: {CATALOGUE[codigo].text}", highlight=False)
    aside = [one for one in came_to.resultados if one.suerte not in (Suerte.NUEVO, Suerte.REPETIDO)]
    for one in aside[:SHOWN]:
        console.print(Text(f"    {_name(one.archivo.relativo)}  {one.suerte} {one.codigo}"))
    if len(aside) > SHOWN:
        console.print(f"    … y {len(aside) - SHOWN:,} más (con --json, todos)", highlight=False)
    for path in found.ilegibles[:SHOWN]:
        console.print(Text(f"    {_name(path)}  no se puede leer"))
    if came_to.sin_escribir:
        console.print(
            f"{came_to.sin_escribir:,} respuestas no cupieron o no se pudieron escribir en la tarjeta. Lo recibido "
            "está a salvo: haga lugar, o repita con --salida CARPETA.",
            highlight=False,
        )
    if came_to.cortada:
        console.print(_CUT.get(came_to.cortada) or CATALOGUE[came_to.cortada].text)
    elif not came_to.asentada:
        console.print("La tarjeta no confirmó lo escrito: no la dé por buena y repita la orden.")
    else:
        console.print("Ya puede retirar la tarjeta.")
