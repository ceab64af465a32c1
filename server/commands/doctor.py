"""`acopio doctor`: one line for each thing that must be well. Exit codes: 0 well, 1 avisos, 2 fallas."""

from __future__ import annotations

import os
import sys

import click
import msgspec
from rich.console import Console
from rich.text import Text

from server.app import DIARIO, INDEX, KEYS, PARTIALS
from server.clock import system_clock
from server.config import Settings
from server.doctor.lista import examine
from server.doctor.valores import Entorno, Estado, Resultado
from server.errors import ConfigurationError
from server.replica import en_marcha

_MARK = {Estado.BIEN: "✓", Estado.AVISO: "aviso", Estado.FALLA: "falla", Estado.OMITIDO: "–"}
_STYLE = {Estado.BIEN: "green", Estado.AVISO: "yellow", Estado.FALLA: "bold red", Estado.OMITIDO: "dim"}


@click.command(
    help="Revisa disco, reloj, certificados, llaves, copias, colas, correo, ajustes y permisos. Puede correr con el "
    "servidor en marcha. Termina con 0 si todo está bien, 1 si hay avisos, 2 si hay fallas."
)
@click.option("--ntp", metavar="SERVIDOR", default=None, help="Compara el reloj con este servidor de hora.")
@click.option(
    "--enviar-prueba", metavar="CORREO", default=None, help="Además envía un mensaje de prueba a esta dirección."
)
@click.option("--json", "as_json", is_flag=True, help="El informe como JSON.")
def doctor(*, ntp: str | None, enviar_prueba: str | None, as_json: bool) -> None:
    """Examine the box of the settings."""
    settings = Settings.from_env(os.environ)
    if not settings.datos.is_dir():
        raise ConfigurationError(f"No existe la carpeta de datos {settings.datos} (ACOPIO_DATOS).")
    if enviar_prueba is not None and not _address(enviar_prueba):
        raise ConfigurationError("--enviar-prueba necesita una dirección de correo.")
    e = Entorno(
        settings=settings,
        env=dict(os.environ),
        clock=system_clock,
        indice=settings.datos / INDEX,
        diario=settings.datos / DIARIO,
        parciales=settings.datos / PARTIALS,
        llaves=settings.datos / KEYS,
        en_marcha=en_marcha.held(settings.datos),
        ntp=ntp,
        prueba=enviar_prueba,
    )
    found: list[tuple[str, Resultado]] = []
    console = Console(soft_wrap=True)

    def tell(group: str, result: Resultado) -> None:
        if not as_json:
            if not found or found[-1][0] != group:
                console.print(Text(group, style="bold"))
            _line(console, result)
        found.append((group, result))

    examine(e, tell)
    states = {result.estado for _, result in found}
    worst = next((one for one in (Estado.FALLA, Estado.AVISO) if one in states), Estado.BIEN)
    if as_json:
        click.echo(msgspec.json.encode(_as_dict(found, worst)).decode())
    else:
        said = {Estado.BIEN: "Todo está bien.", Estado.AVISO: "Hay avisos.", Estado.FALLA: "Hay fallas."}
        console.print(said[worst])
    sys.exit({Estado.BIEN: 0, Estado.AVISO: 1, Estado.FALLA: 2}[worst])


def _address(text: str) -> bool:
    name, at, domain = text.partition("@")
    return bool(name and at and domain) and text.isprintable() and not any(c in text for c in " <>,;")


def _line(console: Console, result: Resultado) -> None:
    console.print(Text.assemble((f"  {_MARK[result.estado]:<6}", _STYLE[result.estado]), result.texto))
    if result.que_hacer:
        console.print(Text(f"        Qué hacer: {result.que_hacer}"))


def _as_dict(found: list[tuple[str, Resultado]], worst: Estado) -> dict[str, object]:
    return {
        "v": 1,
        "resultado": str(worst),
        "revisiones": [
            {
                "grupo": group, "codigo": one.codigo, "estado": str(one.estado), "texto": one.texto,
                "que_hacer": one.que_hacer, "datos": dict(one.datos),
            }
            for group, one in found
        ],
    }  # fmt: skip
