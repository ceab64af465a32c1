"""A small server made only of `sync_protocol`, in memory: SPEC §7 to §9, with knobs for what may go wrong.

It is not the project's server and shares nothing with it: what the phones do is tested against the SPEC.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync_protocol import acuse as acuses
from sync_protocol import alta, registro, session, sobre, tus_server
from sync_protocol import folio as folios
from sync_protocol.alta import AltaAceptada
from sync_protocol.errors import CATALOGUE, ProtocolError, RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.sealing import OpeningKey, open_sobre
from sync_protocol.session import EstadoSobre, RespuestaSesion, SolicitudSesion
from sync_protocol.signing import PrivateKey, PublicKey, b64url_decode
from sync_protocol.tus_events import Append, Create, Received, Reply, Terminate, TusRequest, UploadState
from tests.device_sim.sobres import NOW_MS

HOUR_MS = 3_600_000


@dataclass
class Held:
    """One upload and what is held of it."""

    folio: Folio
    length: int
    codigo: bytes
    data: bytearray = field(default_factory=bytearray)
    acuse: str = ""
    recibido: bool = False
    rechazo: str = ""

    def state(self) -> UploadState:
        return UploadState(
            self.length, len(self.data), NOW_MS + HOUR_MS, self.acuse, self.recibido and not self.acuse, self.rechazo
        )


@dataclass
class Device:
    solicitud: int
    auxiliar: int
    key: PublicKey
    active: bool = True


@dataclass
class FakeServer:
    """Knobs first: a test turns them before it lets a phone speak."""

    busy: int = 0
    """So many requests are answered 503 with Retry-After."""
    busy_only: str = ""
    """Only paths that begin so are busy."""
    token_good_for: int = 10**9
    """Requests to uploads that one token opens."""
    withhold: int = 0
    """So many sessions say `recibido` where an acuse could be given; uploads say so while it is above 0."""
    refuse: dict[int, str] = field(default_factory=dict)
    """Id de registro -> code with which its complete sobre is refused."""
    sign_with: PrivateKey | None = None
    """Acuses are signed by this key in place of the server's."""
    lie_about: dict[str, object] = field(default_factory=dict)
    """Fields of an acuse that are given wrong, for registros in `lies`."""
    lies: set[int] = field(default_factory=set)
    absolute_urls: bool = False
    en_vuelo: int = 2
    now_ms: int = NOW_MS
    inicia_ms: int = NOW_MS - 24 * HOUR_MS
    termina_ms: int = NOW_MS + 24 * HOUR_MS
    mail: dict[str, str] = field(default_factory=dict)
    """Codes by account, as if read from its inbox."""

    def __post_init__(self) -> None:
        self.signing = PrivateKey.generate()
        self.published = {self.signing.public.thumbprint: self.signing.public}
        self.opening = OpeningKey(os.urandom(32))
        self.devices: dict[int, Device] = {}
        self.altas: dict[str, AltaAceptada] = {}
        self.uploads: dict[str, Held] = {}
        self.stored: dict[str, tuple[str, str]] = {}
        """Folio -> código de integridad and acuse: a second entry for a folio would be a second registro."""
        self.contents: dict[str, registro.Apoyo | registro.Testigos] = {}
        self.tokens: dict[str, tuple[int, int]] = {}
        self.nonces: set[str] = set()
        self.manifests: list[SolicitudSesion] = []
        self.requests: list[str] = []
        self.body_bytes: Counter[str] = Counter()
        self.app = Starlette(
            routes=[
                Route("/dispositivos/codigo", self._guard(self.codigo), methods=["POST"]),
                Route("/dispositivos/alta", self._guard(self.alta), methods=["POST"]),
                Route("/dispositivos/baja", self._guard(self.baja), methods=["POST"]),
                Route("/sync/sesiones", self._guard(self.sesion), methods=["POST"]),
                Route("/sync/subidas/{id}", self._guard(self.subida), methods=["HEAD", "PATCH", "DELETE"]),
                Route("/sync/acuses/{folio}", self._guard(self.acuse), methods=["GET"]),
                Route("/.well-known/jwks.json", self._guard(self.jwks), methods=["GET"]),
            ]
        )

    def _guard(self, endpoint):  # type: ignore[no-untyped-def]
        async def handler(request: Request) -> Response:
            self.requests.append(f"{request.method} {request.url.path}")
            if self.busy > 0 and request.url.path.startswith(self.busy_only):
                self.busy -= 1
                return self._error("ocupado", {"Retry-After": "7"}, request)
            try:
                return await endpoint(request)
            except ProtocolError as error:
                return self._error(error.code, {}, request)
            except ClientDisconnect:
                return Response(status_code=499)

        return handler

    def _error(self, code: str, headers: dict[str, str], request: Request) -> Response:
        entry = CATALOGUE[code]
        if request.url.path.startswith("/sync/subidas"):
            headers = {"Tus-Resumable": "1.0.0", "Acopio-Codigo": code, **headers}
        return JSONResponse({"codigo": code, "texto": entry.text, "detalle": ""}, entry.status, headers)

    # §7

    async def codigo(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body(), type=alta.SolicitudCodigo)
        self.mail[asked.correo] = f"{len(self.mail) + 100000:06d}"
        return Response(status_code=202)

    async def alta(self, request: Request) -> Response:
        asked, key = alta.read_alta(await request.body())
        if key.thumbprint not in self.altas:
            if self.mail.get(asked.correo) != asked.codigo:
                raise RemoteProtocolError("datos_no_coinciden")
            number = asked.dispositivo or len(self.devices) + 1
            if asked.dispositivo is None and sum(d.active for d in self.devices.values()) >= 2:
                raise RemoteProtocolError("dispositivos_maximo")
            self.devices[number] = Device(asked.solicitud, asked.auxiliar, key)
            del self.mail[asked.correo]
            self.altas[key.thumbprint] = self.accepted(number)
        return Response(msgspec.json.encode(self.altas[key.thumbprint]), 201, media_type="application/json")

    def accepted(self, dispositivo: int) -> AltaAceptada:
        return AltaAceptada(
            dispositivo=dispositivo,
            institucion="OPL de prueba",
            proceso="Proceso de prueba",
            cargo="Diputación",
            aspirante="Aspirante de prueba",
            emblema_png=None,
            inicia_ms=self.inicia_ms,
            termina_ms=self.termina_ms,
            gracia_ms=24 * HOUR_MS,
            llave_sellado=self.opening.public.raw,
            jwks=acuses.jwks({self.signing.public.thumbprint: self.signing.public}),
            ahora_ms=self.now_ms,
        )

    async def baja(self, request: Request) -> Response:
        unverified = alta.parse_baja(await request.body())
        asked = alta.read_baja(unverified, self.devices[int(unverified.kid)].key)
        self.devices[asked.dispositivo].active = False
        return Response(status_code=204)

    # §8

    async def sesion(self, request: Request) -> Response:
        unverified = session.parse(await request.body())
        device = self.devices.get(int(unverified.kid))
        if device is None:
            raise RemoteProtocolError("dispositivo_desconocido")
        manifest = session.read(unverified, device.key)
        if manifest.nonce in self.nonces:
            raise RemoteProtocolError("sesion_repetida")
        self.nonces.add(manifest.nonce)
        self.manifests.append(manifest)
        token = hashlib.sha256(manifest.nonce.encode()).hexdigest()
        self.tokens = {token: (manifest.dispositivo, self.token_good_for)}
        self.withhold = max(0, self.withhold - 1)
        answer = RespuestaSesion(
            sesion=len(self.manifests),
            ahora_ms=self.now_ms,
            token=token,
            vence_ms=self.now_ms + HOUR_MS,
            en_vuelo=self.en_vuelo,
            inicia_ms=self.inicia_ms,
            termina_ms=self.termina_ms,
            sobres=tuple(self._estado(manifest, entry) for entry in manifest.sobres),
        )
        return Response(msgspec.json.encode(answer), media_type="application/json")

    def _estado(self, manifest: SolicitudSesion, entry: session.Entrada) -> EstadoSobre:
        folio = manifest.folio(entry.registro)
        name = str(folio)
        held = self.uploads.get(name)
        if held is not None and held.acuse == "" and held.recibido and not self.withhold:
            held.acuse = self.stored[name][1]
        if held is not None and held.rechazo:
            return EstadoSobre(registro=entry.registro, estado="rechazado", codigo=held.rechazo, texto="No.")
        if held is not None and held.acuse:
            return EstadoSobre(registro=entry.registro, estado="acusado", acuse=held.acuse)
        if held is not None and held.recibido:
            return EstadoSobre(registro=entry.registro, estado="recibido")
        url = ("http://otro.invalid" if self.absolute_urls else "") + f"/sync/subidas/{name}"
        if held is not None and held.data:
            return EstadoSobre(registro=entry.registro, estado="parcial", url=url, offset=len(held.data))
        self.uploads[name] = Held(folio, entry.tam, b64url_decode(entry.codigo))
        return EstadoSobre(registro=entry.registro, estado="nuevo", url=url)

    async def subida(self, request: Request) -> Response:
        self._authorise(request)
        held = self.uploads.get(request.path_params["id"])
        asked = TusRequest(request.method, {name.lower(): value for name, value in request.headers.items()})
        decision = tus_server.decide(asked, held.state() if held else None, self.now_ms)
        if isinstance(decision, Reply):
            if request.method == "HEAD" and held is not None and decision.status == 200:
                decision = tus_server.head_reply(held.state(), hashlib.sha256(held.data).digest())
            return self._reply(decision)
        assert held is not None
        assert not isinstance(decision, Create)
        if isinstance(decision, Terminate):
            del self.uploads[str(held.folio)]
            return self._reply(Reply(204, tus_server.BASE_HEADERS))
        return await self._append(request, held, decision)

    async def _append(self, request: Request, held: Held, plan: Append) -> Response:
        count = 0
        try:
            async for piece in request.stream():
                count += len(piece)
                held.data += piece
                self.body_bytes[str(held.folio)] += len(piece)
        except ClientDisconnect:
            if len(held.data) == held.length:
                self._accept(held)
            raise
        if len(held.data) < held.length:
            return self._reply(tus_server.after_append(plan, held.state(), Received(count, complete=True)))
        self._accept(held)
        return self._reply(tus_server.done_reply(held.state()))

    def _accept(self, held: Held) -> None:
        name = str(held.folio)
        raw = bytes(held.data)
        if sobre.codigo_de_integridad(raw) != held.codigo:
            held.data.clear()
            raise RemoteProtocolError("integridad_distinta")
        code = self.refuse.get(held.folio.registro)
        if code:
            held.rechazo = code
            return
        parsed = sobre.parse(raw)
        assert parsed.cabecera.folio == held.folio
        device = self.devices[held.folio.dispositivo]
        if not device.key.verify(parsed.signed_part, parsed.signature):
            held.rechazo = "firma_invalida"
            return
        self.contents[name] = registro.decode(
            open_sobre(parsed, self.opening), tipo=parsed.cabecera.tipo, folio=held.folio
        )
        assert name not in self.stored, "a second registro for the same folio"
        self.stored[name] = (held.codigo.hex(), self._acuse(held, parsed.cabecera.tipo.nombre))
        held.recibido = True
        if not self.withhold:
            held.acuse = self.stored[name][1]

    def _acuse(self, held: Held, tipo: str) -> str:
        fields: dict[str, object] = {
            "iss": "OPL de prueba",
            "iat": self.now_ms // 1000,
            "folio": str(held.folio),
            "tipo": tipo,
            "codigo": held.codigo.hex(),
            "tam": held.length,
            "recibido": "2023-11-14T22:13:20.000Z",
        }
        lying = held.folio.registro in self.lies
        made = acuses.Acuse(**(fields | (self.lie_about if lying else {})))  # type: ignore[arg-type]
        return acuses.sign(made, (self.sign_with if lying else None) or self.signing)

    def _authorise(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise RemoteProtocolError("token_invalido")
        dispositivo, left = self.tokens[token]
        if left <= 0:
            raise RemoteProtocolError("token_vencido")
        self.tokens[token] = (dispositivo, left - 1)

    def _reply(self, reply: Reply) -> Response:
        if reply.code:
            entry = CATALOGUE[reply.code]
            body = {"codigo": reply.code, "texto": entry.text, "detalle": ""}
            return JSONResponse(body, reply.status, dict(reply.headers))
        return Response(status_code=reply.status, headers=dict(reply.headers))

    async def acuse(self, request: Request) -> Response:
        self._authorise(request)
        folio = folios.parse(request.path_params["folio"])
        held = self.uploads.get(str(folio))
        if held is None or not held.acuse:
            raise RemoteProtocolError("no_encontrado")
        return Response(held.acuse, media_type="application/jose")

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(acuses.jwks(self.published))
