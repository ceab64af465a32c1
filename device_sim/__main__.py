"""The command line of the phones: `acopio sim …`, or `python -m device_sim …` (rows D1 to D5, X8)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table

from device_sim import identity as identities
from device_sim import report
from device_sim.backoff import Backoff
from device_sim.board import Board, printable, say
from device_sim.capture import capture_apoyo, capture_testigos, check_periodo, take
from device_sim.card import export_sobres, import_acuses
from device_sim.conformance import check
from device_sim.device import Phone, Synced, phone_of
from device_sim.enrolment import ask_code, enrol, leave, open_own_outbox
from device_sim.errors import PhoneError, Stopped
from device_sim.fleet import Member, Plan, run_fleet
from device_sim.identity import Account, Identity
from device_sim.lines.command import line
from device_sim.lines.profiles import PROFILES
from device_sim.lines.proxy import Line
from device_sim.load.command import load
from device_sim.outbox import Outbox
from device_sim.pool import open_pool
from device_sim.scenarios import SCENARIOS, Padron, places, sittings
from device_sim.synthetic.camera import Defects
from device_sim.synthetic.people import generate_padron, write_padron_csv
from device_sim.transport import Transport
from sync_protocol import acuse as acuses
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import printed_code

PASSWORD_VARIABLE = "ACOPIO_SIM_CONTRASENA"  # noqa: S105 -- the variable's name
DEMO_PASSWORD = "apoyo-ciudadano"  # noqa: S105 -- of synthetic phones that hold synthetic people
_THIS = "teléfono"

console = Console()
T = TypeVar("T")

_folder = click.option("--folder", type=click.Path(path_type=Path), required=True, help="Carpeta del teléfono.")
_server = click.option("--server", envvar="ACOPIO_SIM_SERVIDOR", required=True, help="Dirección del servidor.")
_authority = click.option(
    "--ca", type=click.Path(path_type=Path, exists=True), default=None, help="Autoridad TLS propia del servidor (PEM)."
)
_password = click.option(
    "--password", envvar=PASSWORD_VARIABLE, prompt="Contraseña local", hide_input=True, help="Contraseña local."
)
_padron = (
    click.option("--padron-seed", default=1, show_default=True, help="Semilla del padrón."),
    click.option("--padron-size", default=2000, show_default=True, help="Personas en el padrón."),
    click.option("--entidad", default="32", show_default=True, help="Clave de la entidad."),
)


class _Group(click.Group):
    """Says what a phone says when it cannot go on, without a trace of the program."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PhoneError as error:
            raise click.ClickException(error.text) from error


def _with_padron(command: Callable[..., T]) -> Callable[..., T]:
    for option in _padron:
        command = option(command)
    return command


@click.group(cls=_Group, help="Teléfonos simulados: alta, captura sin red, envío y acuses.")
def sim() -> None:
    """The group that the server's command line finds by its entry point."""


@sim.command(help="Da de alta el teléfono y capta sus testigos visuales. Con --reset, otra llave y contraseña.")
@_folder
@_server
@_authority
@click.option("--solicitud", type=int, required=True, help="Id de proceso (folio de solicitud).")
@click.option("--auxiliar", type=int, required=True, help="Id de auxiliar.")
@click.option("--correo", required=True, help="Cuenta del auxiliar.")
@click.option("--tipo-cuenta", type=click.Choice(["google", "facebook", "x"]), default="google", show_default=True)
@click.option("--code", default=None, help="Código de seis dígitos, si ya lo tiene.")
@click.option("--reset", is_flag=True, help="Olvidó la contraseña local: nueva llave para el mismo dispositivo.")
@click.option(
    "--password", envvar=PASSWORD_VARIABLE, prompt="Contraseña local nueva", hide_input=True, confirmation_prompt=True
)
def alta(
    folder: Path,
    server: str,
    ca: Path | None,
    solicitud: int,
    auxiliar: int,
    correo: str,
    tipo_cuenta: Literal["google", "facebook", "x"],
    code: str | None,
    *,
    reset: bool,
    password: str,
) -> None:
    """Ask for a code, enrol, photograph the testigos."""
    known = identities.load(folder)
    if known is not None and known.alta is not None and not reset:
        raise PhoneError("ya_tiene_alta", "Este teléfono ya está dado de alta. Para otra contraseña use --reset.")
    account = Account(solicitud=solicitud, auxiliar=auxiliar, tipo_cuenta=tipo_cuenta, correo=correo)

    if code is None:
        _checked(_run(_talk(server, ca, lambda line: ask_code(line, account, Backoff()))))
        console.print(f"Si los datos coinciden, llegará un código a {printable(correo)}.")
        code = click.prompt("Código de seis dígitos", type=str)
    typed = code
    answer = _checked(
        _run(_talk(server, ca, lambda line: enrol(folder, account, typed, password, line, Backoff(), clock_ms=_clock)))
    )
    identity, key, outbox = _open(folder, password)
    with outbox:
        if outbox.captured == 0:
            seed = answer.dispositivo
            capture_testigos(outbox, identity, key, take(Padron().persona(seed), seed), clock_ms=_clock())
    console.print(f"Dispositivo {answer.dispositivo}. {printable(answer.aspirante)} · {printable(answer.cargo)}")


@sim.command(help="Da de baja este teléfono, u otro del mismo auxiliar.")
@_folder
@_server
@_authority
@click.option("--dispositivo", type=int, default=None, help="Otro dispositivo del mismo auxiliar.")
@_password
def baja(folder: Path, server: str, ca: Path | None, dispositivo: int | None, password: str) -> None:
    """Tell the server; what is in the queue may still be sent."""
    _, key, outbox = _open(folder, password)
    outbox.close()
    _checked(
        _run(
            _talk(
                server,
                ca,
                lambda line: leave(folder, key, line, Backoff(), now_ms=_clock(), dispositivo=dispositivo),
            )
        )
    )
    console.print("Baja hecha. Lo que siga en la cola se puede enviar y quedará marcado.")


@sim.command(help="Cambia la contraseña local.")
@_folder
@_password
@click.option("--new", prompt="Contraseña nueva", hide_input=True, confirmation_prompt=True)
def password(folder: Path, password: str, new: str) -> None:
    """The same key under another password."""
    identities.save(folder, identities.change_password(_identity(folder), password, new))
    console.print("Contraseña local cambiada.")


@sim.command(help="Capta apoyos sin red, dentro del periodo.")
@_folder
@_password
@click.option("--count", default=1, show_default=True, help="Cuántos apoyos.")
@click.option("--seed", default=1, show_default=True, help="Semilla de la jornada.")
@click.option("--blur", default=0.0, help="Desenfoque de las fotos, de 0 a 1.")
@click.option("--tilt", default=0.0, help="Inclinación de la credencial, en grados.")
@click.option("--dark", default=0.0, help="Oscuridad de las fotos, de 0 a 1.")
@_with_padron
def capture(
    folder: Path,
    password: str,
    count: int,
    seed: int,
    blur: float,
    tilt: float,
    dark: float,
    padron_seed: int,
    padron_size: int,
    entidad: str,
) -> None:
    """Persons of the padrón, one after the other; the folio is shown at once."""
    identity, key, outbox = _open(folder, password)
    padron = Padron(padron_seed, padron_size, entidad)
    with outbox:
        day_seed = hash((seed, outbox.folio(0).dispositivo, outbox.captured))
        people = places(padron, 1, count, day_seed)[0]
        for sitting in sittings(SCENARIOS["jornada"], people, day_seed):
            check_periodo(outbox, identity, _clock())
            shot = take(padron.persona(sitting.index), sitting.seed, Defects(blur, tilt, dark))
            queued = capture_apoyo(outbox, identity, key, shot, clock_ms=_clock())
            read = "códigos leídos" if shot.codigos else "sin códigos legibles"
            console.print(f"{queued.folio}  {queued.size / 1000:.0f} KB  {read}", highlight=False)


@sim.command(help="Envía la cola y borra lo que tenga acuse verificado.")
@_folder
@_server
@_authority
@click.option("--line", "line_name", type=click.Choice(list(PROFILES)), default="buena", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Semilla de la línea.")
@_password
def sync(folder: Path, server: str, ca: Path | None, line_name: str, seed: int, password: str) -> None:
    """Everything that can be sent now; what stays is listed with its reason."""
    identity, key, outbox = _open(folder, password)

    async def send(board: Board) -> Synced:
        async with _over(line_name, server, seed) as url:
            return await _talk(url, ca, lambda line: phone_on(line, board).sync())

    def phone_on(line: Transport, board: Board) -> Phone:
        watch = partial(board.event, _THIS)
        return phone_of(folder, identity, key, outbox, line, Backoff(), _clock, on_event=watch)

    with outbox, Board(console) as board:
        board.stage("envio")
        board.sending(_THIS, outbox.pending())
        ended = _run(send(board))
    counts = ended.counts
    console.print(
        f"{counts.sent} enviados, {counts.acuses_verified} acuses verificados, {counts.deleted} borrados,"
        f" {counts.resumed} reanudados, {counts.duplicates_avoided} duplicados evitados, {counts.cuts} cortes"
    )
    for queued in ended.left:
        why = f": {printable(say(queued.reason))}" if queued.reason else ""
        console.print(f"{queued.folio}  {queued.state}{why}", highlight=False)
    if ended.stopped is not None:
        raise click.ClickException(ended.stopped.text)
    if ended.left:
        sys.exit(2)


@sim.command("export-sobres", help="Escribe la cola, cerrada, en una tarjeta de memoria. Nada se borra del teléfono.")
@_folder
@click.argument("tarjeta", type=click.Path(path_type=Path, file_okay=False))
def export_queue(folder: Path, tarjeta: Path) -> None:
    """No password: the sobres are sealed, and stay so."""
    identity = _identity(folder)
    with open_own_outbox(folder, identity.account, identity.registered[0]) as outbox:
        done = export_sobres(outbox, tarjeta, _clock())
    console.print(f"{done.written} sobres escritos en la tarjeta, {done.already} ya estaban. Siguen en el teléfono.")


@sim.command("import-acuses", help="Lee los acuses de una tarjeta, los verifica y borra lo que tenga acuse.")
@_folder
@click.argument("tarjeta", type=click.Path(path_type=Path, exists=True, file_okay=False))
def import_card(folder: Path, tarjeta: Path) -> None:
    """Only an acuse that this phone has verified deletes; what stays is listed with what the card says of it."""
    identity = _identity(folder)
    alta_ = identity.registered[0]
    with open_own_outbox(folder, identity.account, alta_) as outbox:
        back = import_acuses(outbox, acuses.keys_from_jwks(alta_.jwks), tarjeta, clock_ms=_clock)
    console.print(f"{len(back.deleted)} acuses verificados y borrados; {back.left} siguen en el teléfono.")
    for folio, code in back.false:
        console.print(f"{folio}  acuse que no vale: {printable(say(code))}", highlight=False)
    for refusal in back.refusals:
        what = "la copia se dañó: expórtela otra vez" if refusal.copy_damaged else say(refusal.said.codigo)
        console.print(f"{refusal.queued.folio}  rechazado: {printable(what)}", highlight=False)
    if back.left:
        sys.exit(2)


@asynccontextmanager
async def _over(line_name: str, server: str, seed: int) -> AsyncIterator[str]:
    """The server's address, through a line of that name."""
    if line_name == "buena":
        yield server
        return
    async with Line(server, PROFILES[line_name], seed, on_death=_die) as line:
        yield line.url


def _die() -> None:
    """What a phone does whose battery ends: nothing more of its program runs. The next `sync` goes on."""
    console.print("El teléfono muere. Vuelva a dar la misma orden y seguirá donde iba.")
    os.kill(os.getpid(), signal.SIGKILL)


@sim.command(help="Muestra la cola, el libro de acuses y la bitácora de envíos.")
@_folder
@click.option("--ledger", is_flag=True, help="Lista cada folio borrado con su código de integridad.")
def status(folder: Path, *, ledger: bool) -> None:
    """No password: nothing here can be opened with it, or without it."""
    identity = _identity(folder)
    alta_, _ = identity.registered
    with open_own_outbox(folder, identity.account, alta_, to_look=True) as outbox:
        lines, pending = outbox.ledger(), outbox.pending()
        console.print(
            f"Dispositivo {alta_.dispositivo} · {printable(alta_.aspirante)} · {outbox.captured} captados,"
            f" {len(pending)} en la cola, {len(lines)} entregados"
        )
        if pending:
            table = Table("Folio", "Tipo", "KB", "Estado", "Motivo")
            for queued in pending:
                row = (str(queued.folio), queued.tipo.nombre, f"{queued.size / 1000:.0f}", str(queued.state))
                table.add_row(*row, printable(say(queued.reason)) if queued.reason else "")
            console.print(table)
        for line in lines if ledger else ():
            console.print(f"{line.folio}  {printed_code(bytes.fromhex(line.codigo))}", highlight=False)
        for entry in outbox.log_lines(10):
            at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at_ms / 1000))
            where = "" if entry.registro is None else f" registro {entry.registro}"
            console.print(f"[dim]{at}  {entry.event}{where} {printable(entry.detail)}[/]", highlight=False)


@sim.command(help="Corre los vectores del protocolo como debe correrlos el cliente de un teléfono.")
def conformance() -> None:
    """A table by file; every failure by name."""
    found = check()
    table = Table("Vectores", "Pasan", "Fallan", title=f"Conjunto {found.fingerprint[:16]}", title_justify="left")
    for file in found.files:
        table.add_row(file.name, str(file.total - len(file.failed)), str(len(file.failed)))
    console.print(table)
    for file in found.files:
        for name, message in file.failed:
            console.print(f"[red]✘[/] {printable(name)}: {printable(message)}", highlight=False)
    if not found.conforms:
        sys.exit(1)
    console.print("Cumple el protocolo, versión 1.")


@sim.command(help="Escribe un padrón sintético en CSV.")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--size", default=2000, show_default=True, help="Personas.")
@click.option("--seed", default=1, show_default=True, help="Semilla.")
@click.option("--entidad", default="32", show_default=True, help="Clave de la entidad.")
def padron(target: Path, size: int, seed: int, entidad: str) -> None:
    """The same people whom the phones capture with the same numbers."""
    written = write_padron_csv(target, generate_padron(seed, size, entidad))
    console.print(f"{written:,} personas sintéticas en {target}")


@sim.command(help="Muchos teléfonos a la vez: altas, captura sin red y envío por una línea con fallas.")
@_server
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Carpeta de los teléfonos.")
@click.option(
    "--phones-json", type=click.Path(path_type=Path, exists=True), required=True, help="De quién es cada uno."
)
@click.option("--inbox", required=True, help="Buzón donde se leen los códigos de alta.")
@click.option("--registros", default=8, show_default=True, help="Apoyos por teléfono.")
@click.option("--seed", default=1, show_default=True)
@click.option("--line", "line_name", type=click.Choice(list(PROFILES)), default="demo", show_default=True)
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="jornada", show_default=True)
@click.option("--padron-size", default=2000, show_default=True, help="Personas en el padrón de la misma semilla.")
@click.option("--entidad", default="32", show_default=True)
@click.option("--result", type=click.Path(path_type=Path), default=None, help="Archivo JSON con las cifras.")
@click.option("--password", envvar=PASSWORD_VARIABLE, default=DEMO_PASSWORD, help="Contraseña local de todos.")
def fleet(
    server: str,
    folder: Path,
    phones_json: Path,
    inbox: str,
    registros: int,
    seed: int,
    line_name: str,
    scenario: str,
    padron_size: int,
    entidad: str,
    result: Path | None,
    password: str,
) -> None:
    """Used by the demo; exits with 1 unless every sobre ended deleted with a verified acuse."""
    try:
        members = msgspec.json.decode(phones_json.read_bytes(), type=tuple[Member, ...])
    except msgspec.MsgspecError as error:
        raise click.ClickException(f"La lista de teléfonos no tiene la forma debida: {error}") from error
    plan = Plan(
        server=server,
        folder=folder,
        members=members,
        inbox=inbox,
        registros=registros,
        seed=seed,
        line=PROFILES[line_name],
        password=password,
        padron=Padron(seed, padron_size, entidad),
        scenario=SCENARIOS[scenario],
    )
    with open_pool() as pool, Board(console) as board:
        ended = _run(run_fleet(plan, board, pool, _clock))
    if result is not None:
        report.write(result, ended)
    for phone in ended.phones:
        stopped = phone.stopped or (phone.synced.stopped if phone.synced else None)
        if stopped is not None:
            console.print(f"  {phone.name}: {printable(stopped.text)}", highlight=False)
    if not ended.complete:
        raise click.ClickException("No todos los apoyos quedaron entregados con su acuse.")
    total = sum(phone.borrados for phone in ended.phones)
    console.print(f"{total} sobres entregados, cada uno con su acuse verificado.")


sim.add_command(load)
sim.add_command(line)


def _clock() -> int:
    return time.time_ns() // 1_000_000


def _run(work: Coroutine[Any, Any, T]) -> T:
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)


async def _talk(server: str, ca: Path | None, speak: Callable[[Transport], Coroutine[Any, Any, T]]) -> T:
    transport = Transport(server, authority=ca)
    try:
        return await speak(transport)
    finally:
        await transport.aclose()


def _checked(answer: T | Stopped) -> T:
    if isinstance(answer, Stopped):
        raise click.ClickException(answer.text)
    return answer


def _identity(folder: Path) -> Identity:
    known = identities.load(folder)
    if known is None:
        raise PhoneError("sin_alta", "En esa carpeta no hay ningún teléfono.")
    return known


def _open(folder: Path, password: str) -> tuple[Identity, PrivateKey, Outbox]:
    identity = _identity(folder)
    key = identities.unlock(identity, password)
    return identity, key, open_own_outbox(folder, identity.account, identity.registered[0])


if __name__ == "__main__":
    sim(prog_name="device_sim")
