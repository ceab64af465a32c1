"""`acopio sim line`: a bad line before any client, by hand (row D5)."""

from __future__ import annotations

import asyncio
import signal
import time
from urllib.parse import urlsplit

import click
from rich.console import Console

from device_sim.lines.profiles import PROFILES
from device_sim.lines.proxy import Happening, Line

console = Console()

_HAPPENINGS: dict[Happening, str] = {
    "corte": "se cortó la línea",
    "respuesta_perdida": "se perdió una respuesta",
    "silencio": "la línea calla, sin cortarse",
    "vuelve": "vuelve la línea",
    "portal": "contestó el portal cautivo",
    "cuerpo": "el proxy rechazó un cuerpo largo",
    "olvido": "el NAT olvidó una conexión quieta",
    "muerte": "aquí muere el teléfono",
}


def _profiles(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        for name, profile in PROFILES.items():
            console.print(f"{name:16}{profile.about}", highlight=False)
        ctx.exit()


@click.command(help="Pone una línea mala entre cualquier cliente y un servidor, hasta Ctrl+C.")
@click.argument("name", metavar="PERFIL", type=click.Choice(list(PROFILES)))
@click.option("--to", "server", required=True, help="Dirección del servidor, por ejemplo http://127.0.0.1:8000.")
@click.option("--listen", default="127.0.0.1:8090", show_default=True, help="Dónde escucha; puerto 0: uno libre.")
@click.option("--seed", default=1, show_default=True, help="Semilla de los cortes.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_profiles, help="Lista los perfiles.")
def line(name: str, server: str, listen: str, seed: int) -> None:
    """A proxy; what the line does is said as it happens."""
    host, _, port = listen.rpartition(":")
    if not port.isdigit() or int(port) > 65535 or not host:
        raise click.BadParameter("debe tener la forma dirección:puerto", param_hint="--listen")
    parts = urlsplit(server)
    if parts.scheme != "http" or parts.hostname is None:
        raise click.BadParameter("debe empezar con http:// y decir un servidor", param_hint="--to")
    try:
        asyncio.run(_be_line(name, server, (host, int(port)), seed))
    except OSError as error:
        raise click.ClickException(f"No se puede escuchar en {listen}: {error.strerror or error}.") from error


async def _be_line(name: str, server: str, listen: tuple[str, int], seed: int) -> None:
    def watch(happening: Happening) -> None:
        console.print(f"{time.strftime('%H:%M:%S')}  {_HAPPENINGS[happening]}", highlight=False)

    ended = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        # Said outright: a shell starts what it puts in the background with SIGINT ignored, and Python keeps it so.
        asyncio.get_running_loop().add_signal_handler(signum, ended.set)
    async with Line(server, PROFILES[name], seed, listen=listen, watch=watch) as proxy:
        console.print(f"{name}: {PROFILES[name].about}. Use {proxy.url} en lugar de {server}. Ctrl+C para terminar.")
        await ended.wait()
        console.print(f"{proxy.cuts} cortes, {proxy.carried / 1000:.0f} KB entregados.", highlight=False)
    console.print("Línea cerrada.")
