"""The portals in this process, and people who use them: a session each, forms that are sent, pages that are read."""

from __future__ import annotations

import contextlib
import re
import secrets
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from server.app import Box
from server.domain.roles import Rol
from server.security import sessions
from server.store import connection
from server.store.writer import Tx
from tests.factories import FrozenClock
from tests.server import asgi

HOUR = 3_600_000
Archivo = tuple[str, bytes, str]
"""An uploaded file: name, content, media type."""


class Documento(HTMLParser):
    """What a page has, as far as tests ask: text, links, forms' fields, errors by their code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.actions: list[str] = []
        self.fields: dict[str, str] = {}
        self.codes: list[str] = []
        self.headings: list[str] = []
        self._text: list[str] = []
        self._in: list[str] = []
        self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in ("input", "meta", "link", "img", "br", "hr"):
            self._in.append(tag)
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "form":
            self.actions.append(found.get("action", ""))
        if "data-codigo" in found:
            self.codes.append(found["data-codigo"])
        name = found.get("name", "")
        if tag == "input" and name and (found.get("type") not in ("checkbox", "radio") or "checked" in found):
            self.fields[name] = found.get("value", "")
        if tag == "select":
            self._area = name
        if tag == "option" and "selected" in found and self._area:
            self.fields[self._area] = found.get("value", "")
        if tag == "textarea":
            self._area = name
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass
        if tag in ("select", "textarea"):
            self._area = ""

    def handle_data(self, data: str) -> None:
        inside = self._in[-1] if self._in else ""
        if inside == "textarea":
            self.fields[self._area] += data.removeprefix("\n")
        if inside not in ("style", "script"):
            self._text.append(data)
        if "h1" in self._in:
            self.headings.append(data.strip())

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        return " ".join(" ".join(self._text).split())


@dataclass(frozen=True)
class Respuesta:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        """Where a 303 leads."""
        assert self.status == 303, (self.status, self.text[:300])
        return self.headers["location"]

    def page(self) -> Documento:
        """The page as people find it."""
        return Documento(self.text)


def multipart(data: Mapping[str, str], files: Mapping[str, Archivo | list[Archivo]]) -> tuple[str, bytes]:
    """(content type, body) as a browser sends a form with files."""
    edge = secrets.token_hex(12)
    parts: list[bytes] = []
    for name, value in data.items():
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, given in files.items():
        for filename, content, media in given if isinstance(given, list) else [given]:
            head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {media}'
            parts.append(f"--{edge}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={edge}", b"".join(parts) + f"--{edge}--\r\n".encode()


@dataclass
class Persona:
    """Somebody at a browser. `cuenta`: id of the account; `cookie`: what the browser keeps."""

    sitio: Sitio
    cuenta: int = 0
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Respuesta:
        """Look at a page."""
        return await self._send("GET", path, b"", dict(headers))

    async def fragment(self, path: str) -> Respuesta:
        """What htmx asks for: a part of a page."""
        return await self._send("GET", path, b"", {"hx-request": "true", "hx-request-type": "partial"})

    async def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, files: Mapping[str, Any] | None = None,
        **headers: str,
    ) -> Respuesta:  # fmt: skip
        """Send a form, from a page of this site unless `headers` say otherwise."""
        if files is None:
            media, body = "application/x-www-form-urlencoded", urlencode(data or {}, doseq=True).encode()
        else:
            media, body = multipart(data or {}, files)
        return await self._send("POST", path, body, {"content-type": media, "sec-fetch-site": "same-origin", **headers})

    async def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Respuesta:
        headers = {"host": "127.0.0.1:8000", "accept": "text/html", **headers}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.sitio.harness.raw(method, path, headers=headers, body=body)
        for line in answer.cookies:
            pair = line.partition(";")[0]
            name, _, value = pair.partition("=")
            if "max-age=0" in line.lower() or value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer


class _Harness(asgi.Harness):
    async def raw(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Respuesta:
        cookies: list[str] = []
        keep = self.app

        async def watching(scope: Any, receive: Any, send: Any) -> None:
            async def look(message: Any) -> None:
                if message["type"] == "http.response.start":
                    cookies.extend(v.decode() for k, v in message["headers"] if k.lower() == b"set-cookie")
                await send(message)

            await keep(scope, receive, look)

        self.app = watching  # type: ignore[assignment]
        try:
            answer = await self.request(method, path, headers=headers, body=body)
        finally:
            self.app = keep
        return Respuesta(answer.status, answer.headers, answer.body, tuple(cookies))


@dataclass
class Sitio:
    """A running server and who visits it."""

    harness: _Harness

    @property
    def caja(self) -> Box:
        return self.harness.box

    @property
    def clock(self) -> FrozenClock:
        return self.harness.clock

    async def write(self, operation: Any) -> Any:
        """Run an operation on the write thread."""
        return await self.harness.write(operation)

    def read(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Ask the index."""
        return self.caja.reader.execute(sql, values).fetchall()

    def correos(self, clase: str = "") -> list[sqlite3.Row]:
        """Mail that was queued, oldest first."""
        return self.read("SELECT * FROM correos WHERE ? IN ('', clase) ORDER BY id", clase)

    def eventos(self, evento: str) -> list[sqlite3.Row]:
        """Events on the record."""
        return self.read("SELECT * FROM bitacora WHERE evento = ? ORDER BY id", evento)

    async def entrar(
        self, rol: Rol | str, *, solicitud: int | None = None, segundo_factor: bool = True, estatus: str = "activa",
        nombre: str = "Persona de Prueba",
    ) -> Persona:  # fmt: skip
        """Somebody of this role who is in already. An aspirante's `solicitud` is the first of the catalogue."""
        rol = Rol(rol)
        token = secrets.token_bytes(sessions.TOKEN_BYTES)
        if rol is Rol.ASPIRANTE and solicitud is None:
            solicitud = int(self.read("SELECT min(id) FROM aspirantes")[0][0])

        def make(tx: Tx) -> int:
            found = tx.conn.execute("SELECT id FROM cuentas WHERE aspirante_id = ?", (solicitud,)).fetchone()
            cuenta = found["id"] if found else tx.conn.execute(
                "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, aspirante_id, estatus, creada_ms) "
                "VALUES (?, ?, '', ?, '', ?, ?, ?)",
                (rol, nombre, f"{rol}.{secrets.token_hex(4)}@ejemplo.mx", solicitud, estatus, tx.now_ms),
            ).lastrowid  # fmt: skip
            if solicitud is not None:
                tx.conn.execute(
                    "UPDATE aspirantes SET confirmado_ms = ? WHERE id = ? AND confirmado_ms IS NULL",
                    (tx.now_ms, solicitud),
                )
            tx.conn.execute(
                "INSERT INTO sesiones_portal (resumen, cuenta_id, segundo_factor, agente, creada_ms, vista_ms, "
                "vence_ms) VALUES (?, ?, ?, 'prueba', ?, ?, ?)",
                (sessions.digest(token), cuenta, int(segundo_factor), tx.now_ms, tx.now_ms, tx.now_ms + 12 * HOUR),
            )
            return int(cuenta)

        cuenta = await self.write(make)
        name = sessions.cookie_name(self.caja.settings)
        return Persona(self, cuenta, {name: sessions.encode(token)})

    def nadie(self) -> Persona:
        """Somebody who is not in."""
        return Persona(self)

    @contextlib.contextmanager
    def consultas(self) -> Iterator[list[str]]:
        """Collects the SELECTs that pages make meanwhile (N+1 shows as a list that grows with the rows)."""
        found: list[str] = []
        make = connection.open_reader

        def trace(statement: str) -> None:
            if re.match(r"\s*(SELECT|WITH)", statement, re.IGNORECASE):
                found.append(statement)

        readers = self.harness.app.state.portal.readers
        readers.close()
        self.caja.reader.set_trace_callback(trace)
        from server.store import readers as module

        def traced(path: Path) -> sqlite3.Connection:
            conn = make(path)
            conn.set_trace_callback(trace)
            return conn

        module.open_reader = traced
        try:
            yield found
        finally:
            module.open_reader = make
            self.caja.reader.set_trace_callback(None)
            readers.close()


@contextlib.asynccontextmanager
async def abierto(folder: Path, *, clock: FrozenClock | None = None, **changes: object) -> AsyncIterator[Sitio]:
    """A server with the tests' small catalogue: one periodo, one aspirante, two auxiliares."""
    async with asgi.running(folder, clock=clock, **changes) as harness:
        yield Sitio(_Harness(harness.app, harness.box, harness.clock, harness.mail, harness.sembrados))
