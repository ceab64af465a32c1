"""`acopio cuentas`: accounts of the OPL from the console of the box (row A1).

While a server runs on the data folder the command asks it over its local channel; when none does, it opens the index
itself. Exit codes: 0 done, 1 it cannot be done (the sentence says why), 2 the box cannot be used.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import click

from server import local_channel
from server.app import writing
from server.clock import system_clock
from server.config import Settings
from server.domain.roles import ROLES_OPL
from server.errors import ConfigurationError
from server.local_channel import BrokenChannelError, Cuentas, RespuestaCuentas
from server.replica import en_marcha
from server.security import archivo_firmado, consola_cuentas


@click.group(help="Cuentas del OPL. Se puede usar con el servidor en marcha.")
def cuentas() -> None:
    """Commands about accounts."""


@cuentas.command(help="Crea una cuenta e imprime el enlace de su invitación.")
@click.argument("correo")
@click.option("--nombre", required=True, help="Nombre completo.")
@click.option("--cargo", required=True)
@click.option("--telefono", default="", help="Diez dígitos.")
@click.option("--rol", type=click.Choice([rol.value for rol in ROLES_OPL]), default="administracion", show_default=True)
@click.option("--declaracion", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
              help="La declaración firmada (PDF, PNG o JPG de hasta 2 MB): queda aceptada.")  # fmt: skip
@click.option("--en-papel", is_flag=True, help="La declaración se recibió firmada en papel: queda aceptada así.")
def crear(
    correo: str, nombre: str, cargo: str, telefono: str, rol: str, declaracion: Path | None, *, en_papel: bool
) -> None:
    """An account; the first administrator's too."""
    if declaracion is not None and en_papel:
        raise ConfigurationError("Use --declaracion o --en-papel, no ambas.")
    raw = b""
    if declaracion is not None:
        if declaracion.stat().st_size > archivo_firmado.MAXIMO:
            raise ConfigurationError("La declaración pesa más de 2 MB.")
        raw = declaracion.read_bytes()
        if not raw:
            raise ConfigurationError("El archivo de la declaración está vacío.")
    _say(
        Cuentas(
            orden="crear", correo=correo, nombre=nombre, cargo=cargo, telefono=telefono, rol=rol, declaracion=raw,
            archivo=declaracion.name if declaracion else "", en_papel=en_papel,
        )
    )  # fmt: skip


@cuentas.command(help="Lista las cuentas del OPL.")
def listar() -> None:
    """All of them."""
    _say(Cuentas(orden="listar"))


@cuentas.command(help="Suspende una cuenta: nadie entra más con ella y sus sesiones se cierran.")
@click.argument("correo")
@click.option("--causa", required=True, help="La persona la lee en su correo.")
def suspender(correo: str, causa: str) -> None:
    """Nobody enters by it."""
    _say(Cuentas(orden="suspender", correo=correo, causa=causa))


@cuentas.command(help="Reactiva una cuenta suspendida.")
@click.argument("correo")
def reactivar(correo: str) -> None:
    """It goes on where it stood."""
    _say(Cuentas(orden="reactivar", correo=correo))


@cuentas.command(help="Imprime un enlace para elegir otra contraseña.")
@click.argument("correo")
@click.option("--segundo-factor", is_flag=True, help="Retira también el segundo paso, si perdió teléfono y códigos.")
def restablecer(correo: str, *, segundo_factor: bool) -> None:
    """For who cannot get in."""
    _say(Cuentas(orden="restablecer", correo=correo, segundo_factor=segundo_factor))


@cuentas.command(help="Imprime otra vez el enlace de la invitación, o uno para elegir otra contraseña.")
@click.argument("correo")
def enlace(correo: str) -> None:
    """For who has no mail server."""
    _say(Cuentas(orden="enlace", correo=correo))


def _say(asked: Cuentas) -> None:
    answer = _ask(Settings.from_env(os.environ), asked)
    for line in answer.renglones:
        click.echo(line, err=not answer.bien)
    if not answer.bien:
        sys.exit(1)


def _ask(settings: Settings, asked: Cuentas) -> RespuestaCuentas:
    if en_marcha.held(settings.datos):
        try:
            return asyncio.run(local_channel.order(settings.datos, asked))
        except (OSError, BrokenChannelError) as error:
            raise ConfigurationError(
                "Otra orden o un servidor que aún inicia tiene la carpeta de datos: espere un momento y repita."
            ) from error
    with writing(settings, system_clock) as writer:
        return consola_cuentas.answer(writer, asked, settings.url_publica)
