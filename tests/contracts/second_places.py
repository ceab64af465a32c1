"""Real second places on 127.0.0.1: a folder, two SFTP servers, an S3 store. Each can be looked into, and broken."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import asyncssh
import boto3
import pytest
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from server.diario.lote import LoteBuilder, file_name
from server.diario.places.address import open_place
from server.diario.places.folder import FolderPlace
from server.diario.places.place import SecondPlace

SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")
BUCKET = "apoyos"
logging.getLogger("werkzeug").setLevel(logging.WARNING)
FIRST = bytes(32)


class Rig(Protocol):
    """A place as the test sees it: from behind."""

    def make(self) -> SecondPlace:
        """A new client of it."""

    def names(self) -> list[str]:
        """Every file or object, sorted, with its folder."""

    def content(self, name: str) -> bytes: ...
    def plant(self, name: str, content: bytes) -> None: ...
    def drop(self, name: str) -> None: ...
    def down(self) -> None:
        """From now on it cannot be reached."""

    def up(self) -> None: ...


class FolderRig:
    """A folder, and what the two SFTP servers store in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def make(self) -> SecondPlace:
        return FolderPlace(self.folder)

    def names(self) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())

    def content(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def plant(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def drop(self, name: str) -> None:
        (self.folder / name).unlink()

    def down(self) -> None:
        self.folder.rename(self.folder.with_name("desmontada"))

    def up(self) -> None:
        self.folder.with_name("desmontada").rename(self.folder)


class SftpHost:
    """An SSH server on a loop of its own, with asyncssh's SFTP or with the `sftp-server` of OpenSSH behind it."""

    def __init__(self, folder: Path, *, openssh: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._openssh = openssh
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        user_key = asyncssh.generate_private_key("ssh-ed25519")
        self.key, self.known = folder / "llave", folder / "conocidos"
        user_key.write_private_key(str(self.key))
        user_key.write_public_key(str(folder / "autorizadas"))
        self._authorized = str(folder / "autorizadas")
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.start()
        public = self._host_key.export_public_key().decode()
        self.known.write_text(f"[127.0.0.1]:{self.port} {public}")
        self.fault: Callable[[str], None] = lambda operation: None
        """Called before every operation of asyncssh's server; may raise OSError or wait."""

    def start(self) -> None:
        self._acceptor = self._run(self._listen())
        self.port = self._acceptor.get_port()

    def stop(self) -> None:
        async def stop() -> None:
            self._acceptor.close()
            for connection in list(self._connections):
                connection.abort()
            await self._acceptor.wait_closed()

        self._run(stop())

    def close(self) -> None:
        async def ended() -> None:
            await asyncio.gather(*self._tasks)

        self.stop()
        self._run(ended())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def url(self, folder: Path, **changes: str) -> str:
        given = {"llave": str(self.key), "conocidos": str(self.known), **changes}
        return f"sftp://acopio@127.0.0.1:{self.port}{folder}?" + "&".join(f"{k}={v}" for k, v in given.items() if v)

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def _listen(self) -> asyncssh.SSHAcceptor:
        host = self

        class Server(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                self._conn = conn
                host._connections.add(conn)

            def connection_lost(self, exc: Exception | None) -> None:
                host._connections.discard(self._conn)

            def session_requested(self) -> OpensshSession | bool:
                return OpensshSession(host._tasks) if host._openssh else False

        options: dict[str, Any] = {"sftp_factory": lambda channel: FaultySftp(channel, host)}
        if self._openssh:
            options = {"encoding": None}
        return await asyncssh.listen(
            "127.0.0.1", self.port, server_host_keys=[self._host_key], authorized_client_keys=self._authorized,
            server_factory=Server, **options,
        )  # fmt: skip


class OpensshSession(asyncssh.SSHServerSession[bytes]):
    """What sshd does for the subsystem: the real binary, on pipes."""

    def __init__(self, tasks: set[asyncio.Task[None]]) -> None:
        self._tasks = tasks

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._chan = chan
        self._over = False
        self._early: list[bytes] = []
        self._child: asyncio.subprocess.Process | None = None

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def session_started(self) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(self._pump()))

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._child is None or self._child.stdin is None:
            self._early.append(data)
        else:
            self._child.stdin.write(data)

    def eof_received(self) -> bool:
        self._end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()

    def _end(self) -> None:
        self._over = True
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()

    async def _pump(self) -> None:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(SFTP_SERVER, stdin=pipe, stdout=pipe)
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.writelines(self._early)
        self._child = child
        if self._over:
            child.stdin.close()
        while data := await child.stdout.read(65_536):
            with contextlib.suppress(OSError):
                self._chan.write(data)
        await child.wait()
        with contextlib.suppress(OSError):
            self._chan.exit(0)


class FaultySftp(asyncssh.SFTPServer):
    """asyncssh's own server, whose operations can be made to fail or to wait."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], host: SftpHost) -> None:
        super().__init__(channel)
        self._host = host

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        self._host.fault("write")
        return super().write(file_obj, offset, data)

    def fsync(self, file_obj: object) -> Any:
        self._host.fault("fsync")
        return super().fsync(file_obj)

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        self._host.fault("rename")
        if os.path.lexists(newpath):  # as the protocol asks, and OpenSSH does; asyncssh's would replace it
            raise OSError(errno.EEXIST, "ya existe")
        return super().rename(oldpath, newpath)


class SftpRig(FolderRig):
    """A folder that is reached through a server."""

    def __init__(self, folder: Path, host: SftpHost) -> None:
        super().__init__(folder)
        self.host = host

    def make(self) -> SecondPlace:
        made = open_place(None, self.host.url(self.folder), espera_s=10, diario=self.folder)
        assert made is not None
        return made

    def down(self) -> None:
        self.host.stop()

    def up(self) -> None:
        self.host.start()


class S3Host:
    """moto on 127.0.0.1, one for all tests of a process: it takes a second to come up.

    `gate`: called with each request; may change it, or answer by itself.
    """

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self.gate: Callable[[dict[str, Any]], bytes | None] = lambda request: None
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._serve, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self.client = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="p",
            aws_secret_access_key="p", config=Config(s3={"addressing_style": "path"}),
        )  # fmt: skip
        self.client.create_bucket(Bucket=BUCKET)

    def _serve(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        answer = self.gate(environ)
        if answer is None:
            return self._app(environ, start_response)
        # The body must be read, or the client would see a broken line rather than this answer.
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, _, body = answer.partition(b"\n")
        start_response(status.decode(), [("Content-Length", str(len(body))), ("Content-Type", "application/xml")])
        return [body]


@functools.cache
def s3_host() -> S3Host:
    """The one of this process."""
    return S3Host()


def s3_error(status: str, code: str) -> bytes:
    """An answer of `S3Host.gate`."""
    return f"{status}\n<Error><Code>{code}</Code><Message>prueba</Message></Error>".encode()


class S3Rig:
    """A prefix of the bucket."""

    def __init__(self, host: S3Host, prefix: str) -> None:
        self.host, self.prefix = host, prefix

    @property
    def url(self) -> str:
        return f"s3://{BUCKET}/{self.prefix}?endpoint={self.host.endpoint}&region=us-east-1"

    def make(self, espera_s: float = 10) -> SecondPlace:
        made = open_place(None, self.url, espera_s=espera_s, diario=Path())
        assert made is not None
        return made

    def names(self) -> list[str]:
        found = self.host.client.list_objects_v2(Bucket=BUCKET, Prefix=f"{self.prefix}/").get("Contents", ())
        names = sorted(entry["Key"].removeprefix(f"{self.prefix}/") for entry in found)
        return [name for name in names if name != "prueba"]

    def content(self, name: str) -> bytes:
        return self.host.client.get_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}")["Body"].read()  # type: ignore[no-any-return]

    def plant(self, name: str, content: bytes) -> None:
        self.host.client.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}", Body=content)

    def drop(self, name: str) -> None:
        self.host.client.delete_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}")

    def down(self) -> None:
        self.host.gate = lambda request: s3_error("503 Service Unavailable", "ServiceUnavailable")

    def up(self) -> None:
        self.host.gate = lambda request: None


KINDS = ("carpeta", "sftp", "openssh", "s3")


@contextlib.contextmanager
def rig(kind: str, folder: Path) -> Iterator[Rig]:
    """A place of this kind with a server of its own."""
    if kind == "carpeta":
        yield FolderRig(folder / "lugar")
    elif kind == "s3":
        with pytest.MonkeyPatch.context() as patch:
            s3_environment(patch)
            made = S3Rig(s3_host(), f"{folder.parent.name}-{folder.name}")
            yield made
            made.up()
    else:
        if kind == "openssh" and not SFTP_SERVER.exists():
            pytest.skip("este equipo no tiene el sftp-server de OpenSSH")
        sftp = SftpHost(folder / "ssh", openssh=kind == "openssh")
        yield SftpRig(folder / "lugar", sftp)
        sftp.close()


def s3_environment(patch: pytest.MonkeyPatch) -> None:
    """Credentials as the place finds them, and nothing of the machine's own."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    patch.setenv("AWS_ACCESS_KEY_ID", "prueba")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "prueba")
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def write_lotes(diario: Path, count: int, *, salt: str = "", size: int = 2_000) -> list[Path]:
    """A diario with a chain of so many lotes; another `salt`, another chain."""
    shutil.rmtree(diario, ignore_errors=True)
    diario.mkdir(parents=True)
    anterior, paths = FIRST, []
    for numero in range(1, count + 1):
        builder = LoteBuilder(numero, anterior, "2026-11-21T18:20:11.123Z")
        content = f"{salt}{numero}|".encode() * (size // len(f"{salt}{numero}|"))
        digest = hashlib.sha256(content).digest()
        builder.add("conflicto", {"folio": f"{salt}{numero}"}, sobre=("uno.sobre", content, digest))
        anterior = builder.write(diario)
        paths.append(diario / file_name(numero))
    return paths
