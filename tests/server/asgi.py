"""A server in this process, spoken to over ASGI: whole requests, and some that are cut, stall or come in pieces."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import msgspec
from starlette.applications import Starlette

from server.app import Box, build_app
from server.config import Settings
from server.diario.places.place import SecondPlace
from sync_protocol import session
from sync_protocol.session import RespuestaSesion
from tests import factories
from tests.factories import FrozenClock, Phone

TUS = {"tus-resumable": "1.0.0"}
OCTETS = {**TUS, "content-type": "application/offset+octet-stream"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict:  # type: ignore[type-arg]
        return msgspec.json.decode(self.body)

    @property
    def codigo(self) -> str:
        return self.headers.get("acopio-codigo") or self.json()["codigo"]


@dataclass
class Line:
    """The body of one request, piece by piece. `cut` ends it with a disconnect instead of a last piece."""

    pieces: Sequence[bytes] = (b"",)
    cut: bool = False
    hold: asyncio.Event | None = None
    """Waited for before the last piece (or the cut): a line that stalls."""
    reached_hold: asyncio.Event = field(default_factory=asyncio.Event)
    _sent: int = 0

    async def receive(self) -> dict[str, object]:
        last = self._sent == len(self.pieces) - 1
        if self._sent >= len(self.pieces) or (last and self.hold is not None):
            self.reached_hold.set()
            if self.hold is not None:
                await self.hold.wait()
        if self._sent >= len(self.pieces):
            return {"type": "http.disconnect"}
        piece = self.pieces[self._sent]
        self._sent += 1
        more = not last or self.cut
        return {"type": "http.request", "body": piece, "more_body": more}


@dataclass
class MailCatcher:
    """Stands in for a mail server."""

    messages: list[EmailMessage] = field(default_factory=list)
    failing: Exception | None = None

    async def send(self, message: EmailMessage) -> None:
        if self.failing is not None:
            raise self.failing
        self.messages.append(message)

    async def rest(self) -> None:
        """Nothing is held."""


@dataclass
class Harness:
    """A running application and what a test needs of it."""

    app: Starlette
    box: Box
    clock: FrozenClock
    mail: MailCatcher
    sembrados: list[factories.Sembrado]

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        line: Line | None = None,
    ) -> Answer:  # fmt: skip
        """One request; with `line` the body comes from there."""
        if line is None:
            line = Line((body,))
            headers = {"content-length": str(len(body)), **(headers or {})}
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method,
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
            "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
            "state": {},
        }  # fmt: skip
        start: dict[str, object] = {}
        chunks: list[bytes] = []

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                chunks.append(message.get("body", b""))  # type: ignore[arg-type]

        await self.app(scope, line.receive, send)  # type: ignore[arg-type]
        names = {k.decode(): v.decode() for k, v in start["headers"]}  # type: ignore[attr-defined]
        return Answer(start["status"], names, b"".join(chunks))  # type: ignore[arg-type]

    async def write(self, operation: object) -> object:
        """Run an operation on the write thread."""
        return (await asyncio.to_thread(self.box.writer.run, operation)).value  # type: ignore[arg-type]

    async def phone(self, index: int = 0) -> Phone:
        """An enrolled phone of one of the auxiliares."""
        sembrado = self.sembrados[index]
        return await self.write(lambda tx: factories.enrol(tx, sembrado, self.box.keys.apertura.public))  # type: ignore[return-value]

    async def session(self, phone: Phone, *sobres: bytes, **changes: object) -> RespuestaSesion:
        """Open a session that offers these sobres."""
        answer = await self.request(
            "POST", "/sync/sesiones", body=phone.session_jws(*sobres, **changes),
            headers={"content-type": "application/jose"},
        )  # fmt: skip
        assert answer.status == 200, answer.body
        return session.decode_answer(answer.body)

    async def patch(
        self, opened: RespuestaSesion, url: str, offset: int, body: bytes, line: Line | None = None, **headers: str
    ) -> Answer:
        """One PATCH with the session's token."""
        return await self.request(
            "PATCH", url, body=body, line=line,
            headers={**OCTETS, "authorization": f"Bearer {opened.token}", "upload-offset": str(offset), **headers},
        )  # fmt: skip

    async def head(self, opened: RespuestaSesion, url: str) -> Answer:
        """HEAD of an upload."""
        return await self.request("HEAD", url, headers={**TUS, "authorization": f"Bearer {opened.token}"})

    async def send(self, phone: Phone, raw: bytes) -> Answer:
        """A session, and what the server lacks of the sobre in one PATCH: nothing, if only its taking had failed."""
        opened = await self.session(phone, raw)
        told = opened.sobres[0]
        assert told.url, told
        return await self.patch(opened, told.url, told.offset, raw[told.offset :])


@contextlib.asynccontextmanager
async def running(
    folder: Path, *, clock: FrozenClock | None = None, config: Settings | None = None, fresh: bool = True,
    place: SecondPlace | None = None, **changes: object,
) -> AsyncIterator[Harness]:  # fmt: skip
    """A server on this folder; `fresh` prepares keys and catalogue first."""
    clock = clock or FrozenClock()
    config = config or factories.settings(folder, **changes)
    sembrados = factories.make_box(config, clock) if fresh else []
    mail = MailCatcher()
    app = build_app(config, clock, place=place, transport=mail)
    async with app.router.lifespan_context(app):
        yield Harness(app, app.state.box, clock, mail, sembrados)
