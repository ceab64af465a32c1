"""build_app(settings, clock): the composition root. Everything is made here, once, and given to who needs it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from server import bitacora, keyring, metrics
from server.bitacora import Evento
from server.clock import Clock, system_clock
from server.config import Settings
from server.diario.cadena import Diario
from server.diario.places.address import open_place
from server.diario.places.place import SecondPlace
from server.diario.second_copy import SecondCopy
from server.doctor.valores import Entorno
from server.errors import ERRORS, AppError, ConfigurationError
from server.expedientes.abrir import Abridor
from server.http import Shortcut, error_response
from server.intake import expire
from server.intake.checkers.judge import Checkers, CheckKeys
from server.intake.checkers.processes import ProcessCheckers
from server.intake.checkers.threads import ThreadCheckers
from server.intake.console import Console
from server.intake.device_auth import DeviceAuth
from server.intake.endpoints import DeviceEndpoints
from server.intake.loose_sobre import LooseIntake
from server.intake.open_session import window
from server.intake.reception import Reception
from server.intake.replay import recover
from server.intake.uploads import PREFIX, Uploads, disk_error
from server.lectura.lectores import Lectores
from server.local_channel import Orden, Padron, RespuestaCuentas
from server.mesa_control import bandeja
from server.mesa_control.imagenes import EnMemoria
from server.notify.inbox import Inbox, InboxServer
from server.notify.outbox import Outbox, SmtpTransport, Transport
from server.notify.second_copy_watch import SecondCopyWatch
from server.padron import desde_ajustes
from server.pipeline.runner import Tuberia
from server.portals.public import estilo
from server.portals.public.correo_demo import CorreoDemo
from server.portals.public.errores import error_page
from server.portals.public.salud import Salud
from server.portals.visita import Portal
from server.registro import consola_padron, padrones
from server.registro.cargador import Cargador
from server.replica import litestream, relevo
from server.replica.destino import Destino
from server.replica.en_marcha import LOCK
from server.replica.litestream import ReplicaError
from server.replica.supervisor import Replica
from server.routes import routes
from server.security import consola_cuentas, entrada
from server.security.headers import HEADERS, SecurityHeaders
from server.security.limites import Limite
from server.store.connection import Connection, IndexFailure, open_reader
from server.store.migrations import migrate
from server.store.partials import Partials
from server.store.readers import Readers
from server.store.writer import GroupStats, Tx, Writer
from server.tarjeta.entregas import Entregas
from sync_protocol.errors import ProtocolError

log = logging.getLogger("acopio")

INDEX = "indice.db"
DIARIO = "diario"
PARTIALS = "parciales"
KEYS = "llaves"
DELIVERIES = "tarjetas"
FIRST_LOOK_S = 10.0
"""How long a start waits for the second place: one that is away must not keep the server from taking sobres."""


class FolderLock:
    """One process per data folder: a second server on the same folder would fork the chain."""

    def __init__(self, folder: Path, *, restoring: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            raise ConfigurationError("Otro servidor ya usa esta carpeta de datos. Deténgalo primero.") from error
        if relevo.pending(folder) and not restoring:
            os.close(self._fd)
            raise ConfigurationError("Una restauración quedó a medias: repita «acopio restore», que la termina.")

    def release(self) -> None:
        """Let the folder go."""
        os.close(self._fd)


@dataclass(slots=True)
class Box:
    """The parts of a running server."""

    settings: Settings
    clock: Clock
    lock: FolderLock
    keys: keyring.Keyring
    diario: Diario
    writer: Writer
    reader: Connection
    partials: Partials
    second_copy: SecondCopy | None
    reception: Reception
    replica: Replica | None = None

    def close(self) -> None:
        """Stop in the order in which parts depend on each other."""
        self.reception.stop()
        self.writer.stop()
        if self.replica is not None:
            self.replica.stop()
        if self.second_copy is not None:
            self.second_copy.stop()
        self.reader.close()
        self.lock.release()


def open_index(settings: Settings, clock: Clock) -> tuple[Writer, Diario]:
    """The write connection on the newest schema, brought together with the diario; the writer is not started yet."""
    diario = Diario(settings.datos / DIARIO)
    writer = None
    try:
        litestream.ensure_none(settings.datos)
        writer = Writer(settings.datos / INDEX, diario, clock)
        migrate(writer.conn)
        recover(writer.conn, diario, clock())
    except BaseException as error:
        if writer is not None:
            writer.conn.close()
        if isinstance(error, ReplicaError):
            raise ConfigurationError(str(error)) from error
        if isinstance(error, IndexFailure):
            raise ConfigurationError(
                f"El índice ({INDEX}) no se puede leer. Reponga su respaldo o, si no lo hay, retírelo de la carpeta de "
                "datos y vuelva a iniciar: los registros, sus acuses y los teléfonos vuelven desde el diario; los "
                "periodos, nombres y correos deberán capturarse de nuevo."
            ) from error
        raise
    return writer, diario


@contextlib.contextmanager
def writing(settings: Settings, clock: Clock) -> Iterator[Writer]:
    """The index for a command of the console, with the folder's lock: never beside a server, never beside another."""
    lock = FolderLock(settings.datos)
    try:
        writer, _ = open_index(settings, clock)
        writer.start()
        try:
            yield writer
        finally:
            writer.stop()
    finally:
        lock.release()


def open_box(settings: Settings, clock: Clock, place: SecondPlace | None = None) -> Box:
    """Open a data folder for serving. Raises ConfigurationError or DiarioError with what to do about it."""
    lock = FolderLock(settings.datos)
    try:
        secret = keyring.read_secret(settings.llave_archivo, settings.frase)
        keys = keyring.load(settings.datos / KEYS, secret)
        partials = Partials(settings.datos / PARTIALS)
        partials.prepare()
        writer, diario = open_index(settings, clock)
        writer.on_group = _measure
        reader = open_reader(settings.datos / INDEX)
        if place is None:
            place = open_place(
                settings.segunda_copia, settings.segunda_copia_url, espera_s=settings.segunda_copia_espera_s,
                diario=diario.folder,
            )  # fmt: skip
        reception = Reception(
            settings=settings, clock=clock, checkers=_checkers(settings, keys), writer=writer, reader=reader,
            second_copy=None,
        )  # fmt: skip
        if place is not None:
            reception.second_copy = SecondCopy(
                place, diario.folder, on_advance=reception.second_copy_advanced, clock=clock,
                # Wrapped keys go with the lotes: without them nobody could ever open what is there.
                keep={keyring.FILE: settings.datos / KEYS / keyring.FILE}, espera_s=settings.segunda_copia_espera_s,
            )  # fmt: skip
            writer.on_commit = reception.second_copy.want
            diario.read_soon = True
        box = Box(settings, clock, lock, keys, diario, writer, reader, partials, reception.second_copy, reception)
        if settings.replica is not None:
            # An absolute path: Litestream and its restore name the database by it.
            datos = settings.datos.resolve()
            box.replica = Replica(datos, datos / INDEX, replica_place(settings), writer, clock)
            writer.before_end = box.replica.stop
        return box
    except BaseException:
        lock.release()
        raise


def _checkers(settings: Settings, keys: keyring.Keyring) -> Checkers:
    known = CheckKeys(keys.aperturas, keys.firma, settings.institucion)
    if settings.revisores:
        return ProcessCheckers(known, settings.revisores, settings.memoria_cuerpos)
    return ThreadCheckers(known)


def replica_place(settings: Settings) -> Destino:
    """Where ACOPIO_REPLICA says. Raises ConfigurationError for a place, or a box, that cannot have one."""
    litestream.binary()
    place = Destino.parse(settings.replica or "")
    if place.folder is not None:
        folder = place.folder.resolve()
        if folder.is_relative_to(settings.datos.resolve()):
            raise ConfigurationError("ACOPIO_REPLICA debe estar fuera de la carpeta de datos (ACOPIO_DATOS).")
        if settings.segunda_copia is not None and folder == settings.segunda_copia.resolve():
            raise ConfigurationError("ACOPIO_REPLICA y ACOPIO_SEGUNDA_COPIA deben ser carpetas distintas.")
    return place


def _measure(stats: GroupStats) -> None:
    metrics.GROUP_SIZE.observe(stats.operations)
    metrics.GROUP_SECONDS.labels("renglones").observe(stats.rows_s)
    metrics.GROUP_SECONDS.labels("lote").observe(stats.lote_s)
    metrics.GROUP_SECONDS.labels("confirmacion").observe(stats.commit_s)


def build_app(
    settings: Settings,
    clock: Clock = system_clock,
    *,
    place: SecondPlace | None = None,
    transport: Transport | None = None,
) -> Starlette:
    """The ASGI application. The data folder is opened at once, threads and mail start with the lifespan.

    `place` and `transport` stand in for the second copy and the mail server where a test wants its own.
    """
    box = open_box(settings, clock, place)
    inbox = Inbox(clock) if settings.demo else None
    auth = DeviceAuth(box.reader, clock)
    uploads = Uploads(
        settings=settings,
        clock=clock,
        auth=auth,
        reception=box.reception,
        partials=box.partials,
        window_of=lambda solicitud: window(box.reader, solicitud, settings.gracia_ms),
    )
    device = DeviceEndpoints(
        settings=settings,
        clock=clock,
        keyring=box.keys,
        auth=auth,
        reception=box.reception,
        reader=box.reader,
        partials=box.partials,
        limit=Limite(10, 30_000),
        gate=uploads.gate,
    )
    app = Starlette(
        routes=routes(
            device,
            uploads,
            Salud(settings.datos, box.writer, box.reader, box.second_copy, clock, box.replica),
            CorreoDemo(inbox) if inbox is not None else None,
        ),
        middleware=[Middleware(Shortcut, prefix=f"{PREFIX}/", target=uploads), Middleware(SecurityHeaders)],
        exception_handlers={
            AppError: _refused,
            ProtocolError: _refused,
            OSError: _disk,
            ClientDisconnect: _gone,
            HTTPException: _http,
            Exception: _unexpected,
        },
        lifespan=lambda app: _lifespan(app, box, inbox, transport, auth),
    )
    app.state.box = box
    app.state.inbox = inbox
    app.state.portal = Portal(
        settings=settings,
        clock=clock,
        keyring=box.keys,
        writer=box.writer,
        reader=box.reader,
        readers=Readers(settings.datos / INDEX),
        diario=box.diario.folder,
        parts={
            "estilo": estilo.url,
            "box": box,
            "loose_intake": lambda: loose_intake(box, auth),
            "entorno": lambda: _entorno(box),
            "imagenes_mesa": EnMemoria(),
        },
    )
    return app


@contextlib.asynccontextmanager
async def _lifespan(
    app: Starlette, box: Box, inbox: Inbox | None, transport: Transport | None, auth: DeviceAuth
) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, box.close)
        stack.callback(app.state.portal.readers.close)
        box.reception.start(asyncio.get_running_loop())
        box.writer.start()
        if box.replica is not None:
            await box.replica.start()
        if box.second_copy is not None:
            box.second_copy.start(box.diario.ultimo)
            motivo = await asyncio.to_thread(box.second_copy.first_look, FIRST_LOOK_S)
            if motivo is not None:
                log.critical("el servidor no inicia", extra={"datos": {"segunda_copia": motivo.texto}})
                raise ConfigurationError(f"Segunda copia: {motivo.texto}")
        await asyncio.to_thread(box.writer.run, _started)
        console = Console(box.settings.datos, lambda: loose_intake(box, auth), lambda asked: _orders(box, asked))
        await console.start()
        stack.push_async_callback(console.stop)
        settings = box.settings
        if inbox is not None and transport is None and settings.smtp_url is None:
            server = InboxServer(inbox)
            settings = replace(settings, smtp_url=await server.start())
            stack.push_async_callback(server.stop)
        if transport is None and settings.smtp_url is not None:
            transport = SmtpTransport(settings.smtp_url)
        entregas = Entregas(settings.datos / DELIVERIES, lambda: loose_intake(box, auth), box.clock)
        stack.push_async_callback(entregas.stop)
        cargador = Cargador(box.writer, settings.datos / INDEX, box.clock)
        app.state.portal.parts.update(entregas=entregas, cargador=cargador)
        tasks = [
            asyncio.create_task(_expire(box, app.state.portal.parts["imagenes_mesa"])),
            asyncio.create_task(cargador.run()),
            asyncio.create_task(asyncio.to_thread(padrones.seguir, box.writer)),
        ]
        if settings.tuberia:
            tasks.append(asyncio.create_task(_pipeline(app, box, stack).run()))
        if box.second_copy is not None:
            watch = SecondCopyWatch(
                box.second_copy, box.writer, settings.datos / INDEX, box.clock, tras_ms=settings.aviso_tras_ms,
                mail=settings.correo_administrador is not None,
            )  # fmt: skip
            app.state.watch = watch
            tasks.append(asyncio.create_task(watch.run()))
        if box.replica is not None:
            tasks.append(asyncio.create_task(box.replica.run()))
        if transport is not None:
            outbox = Outbox(
                settings=settings,
                clock=box.clock,
                keyring=box.keys,
                writer=box.writer,
                index=settings.datos / INDEX,
                diario=box.diario.folder,
                transport=transport,
                given_up_to=box.reception.given_up_to,
            )
            app.state.outbox = outbox
            app.state.portal.parts["outbox"] = outbox
            tasks.append(asyncio.create_task(outbox.run()))
        stack.push_async_callback(_end, tasks)
        log.info("servidor iniciado", extra={"datos": {"lote": box.diario.ultimo}})
        yield


def _pipeline(app: Starlette, box: Box, stack: contextlib.AsyncExitStack) -> Tuberia:
    """What works on registros after their acuse; its parts end with `stack`, after it."""
    indice = box.settings.datos / INDEX
    readers = Readers(indice)  # its own: pages must not wait for it
    stack.callback(readers.close)
    lectores = Lectores(box.settings.lectores)
    lectores.start()
    stack.push_async_callback(lectores.stop)
    proveedor = desde_ajustes(box.settings, indice)
    stack.push_async_callback(proveedor.cerrar)
    tuberia = Tuberia(
        box.writer, readers, box.clock, Abridor(box.diario.folder, box.keys), lectores, proveedor
    )  # fmt: skip
    app.state.tuberia = tuberia
    app.state.portal.parts.update(tuberia=tuberia, padron=proveedor)
    return tuberia


def _entorno(box: Box) -> Entorno:
    """What the checks of `acopio doctor` look at, while this server runs."""
    datos = box.settings.datos
    return Entorno(
        settings=box.settings, env=dict(os.environ), clock=box.clock, indice=datos / INDEX, diario=box.diario.folder,
        parciales=box.partials.folder, llaves=datos / KEYS, en_marcha=True,
    )  # fmt: skip


def loose_intake(box: Box, auth: DeviceAuth) -> LooseIntake:
    """An import of sobres that come without a session."""
    return LooseIntake(reception=box.reception, auth=auth, reader=box.reader, keyring=box.keys)


@contextlib.asynccontextmanager
async def receiving(settings: Settings, clock: Clock) -> AsyncIterator[LooseIntake]:
    """A box that takes sobres without serving anybody: for a command, when no server runs on the folder."""
    box = await asyncio.to_thread(open_box, settings, clock)
    try:
        box.reception.start(asyncio.get_running_loop())
        box.writer.start()
        if box.second_copy is not None:
            box.second_copy.start(box.diario.ultimo)
        yield loose_intake(box, DeviceAuth(box.reader, clock))
    finally:
        await asyncio.to_thread(box.close)


async def _orders(box: Box, asked: Orden) -> RespuestaCuentas:
    """What `acopio cuentas` and `acopio padron` ask the running server."""
    if isinstance(asked, Padron):
        return await asyncio.to_thread(consola_padron.answer, box.writer, asked)
    return await asyncio.to_thread(consola_cuentas.answer, box.writer, asked, box.settings.url_publica)


def _started(tx: Tx) -> None:
    bitacora.record(tx.conn, tx.now_ms, Evento.SERVIDOR_INICIADO, actor="sistema")


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _expire(box: Box, imagenes: EnMemoria) -> None:
    while True:
        imagenes.depurar(box.clock())
        try:
            await asyncio.to_thread(expire.expire, box.writer, box.partials, box.clock())
            await asyncio.to_thread(box.writer.run, entrada.forget_old)
            await asyncio.to_thread(box.writer.run, bandeja.vencer)
        except (AppError, OSError) as error:
            log.warning("no se pudo depurar lo vencido", extra={"datos": {"motivo": type(error).__name__}})
        await asyncio.sleep(expire.EVERY_S)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError | ProtocolError)
    metrics.REQUESTS.labels(request.url.path.split("/")[1] or "inicio", str(error.entry.status)).inc()
    return error_page(request, error.code, error.entry.status) or error_response(error)


async def _disk(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    refusal = disk_error(error)
    return error_page(request, refusal.code, refusal.entry.status) or error_response(refusal)


async def _gone(request: Request, error: Exception) -> Response:
    """The line was cut in the middle of a small request: nobody is there to be told, and nothing is wrong here."""
    return Response(status_code=400)


_HTTP_CODES = {404: "no_encontrado", 405: "tus_metodo", 413: "cuerpo_demasiado_grande"}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "solicitud_invalida")
    return error_page(request, code, ERRORS[code].status) or error_response(AppError(code))


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("error inesperado", exc_info=error)
    response = error_page(request, "interno", 500) or error_response(AppError("interno"))
    # Starlette answers this one outside every middleware.
    response.headers.update({name.decode(): value.decode() for name, value in HEADERS})
    return response
