"""A phone and a server in memory, made of `sync_protocol` and little else, for the machine that joins them.

`Phone` keeps its queue by `queue`, `tus_client`, `session` and `acuse.verify`; `Server` answers by `tus_server.decide`
and gives an acuse when the promise of SPEC §1 holds. Neither knows the network: they take messages and give messages.
What real ones do beside that (files, HTTP, threads) is left out; what can go wrong there is a method, as `crash` is.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from dataclasses import dataclass, field, replace

import msgspec

from sync_protocol import acuse as acuses
from sync_protocol import session, sobre, tus_client, tus_server
from sync_protocol.errors import CATALOGUE, RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.queue import EstadoCola, Suceso, advance, to_offer
from sync_protocol.session import Entrada, EstadoSobre, RespuestaSesion, SolicitudSesion
from sync_protocol.signing import b64url, b64url_decode
from sync_protocol.sobre import FIRST_ANTERIOR
from sync_protocol.tus_client import HttpReply
from sync_protocol.tus_events import Append, Create, Received, Reply, Terminate, TusRequest, UploadState
from sync_protocol.vectors import run
from tests.sync_protocol import material

MINUTE = 60_000
DAY = 86_400_000
TOKEN_MS = 15 * MINUTE
EXPIRES_MS = 7 * DAY
KEYS = {material.SERVER.public.thumbprint: material.SERVER.public}


def make_chain(length: int) -> list[bytes]:
    """The sobres of a phone, from its testigos on, each naming the one before."""
    made: list[bytes] = []
    for registro in range(length):
        anterior = material.codigo(made[-1]) if made else FIRST_ANTERIOR
        made.append(material.seal(Folio(123, 45, 7, registro), anterior))
    return made


CHAIN = make_chain(5)
"""Sealed once: sealing is dear, and the machine is about what comes after."""


# --- What travels


@dataclass(frozen=True)
class Request:
    """A request for an upload. `about`: the registro, which the phone remembers and the server does not see."""

    id: int
    about: int
    url: str
    head: TusRequest
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """A reply on its way to the phone, about one registro."""

    about: int
    http: HttpReply


@dataclass(frozen=True)
class SessionAnswer:
    """The body of an answer to a session request; errors have another status."""

    status: int
    body: bytes


# --- The phone


@dataclass
class Item:
    """One sobre on the phone. `step` is what it does next; None: it waits for a session."""

    registro: int
    raw: bytes
    estado: EstadoCola = EstadoCola.CAPTURADO
    upload: tus_client.Upload | None = None
    step: tus_client.Step | None = None
    acuse: str = ""


@dataclass
class Phone:
    """The queue, and what the phone makes of what it is told."""

    items: dict[int, Item] = field(default_factory=dict)
    ledger: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    captured: int = 0
    token: str = ""
    borrados: list[int] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    def capture(self) -> None:
        self.items[self.captured] = Item(self.captured, CHAIN[self.captured])
        self.captured += 1

    def folio(self, registro: int) -> Folio:
        return Folio(123, 45, 7, registro)

    def open_session(self) -> bytes:
        """A session request with all that is still here."""
        entries = []
        for item in self.items.values():
            assert to_offer(item.estado)
            item.estado = advance(item.estado, Suceso.EN_MANIFIESTO)
            entries.append(Entrada(item.registro, len(item.raw), b64url(material.codigo(item.raw))))
        request = SolicitudSesion(
            solicitud=123,
            auxiliar=45,
            dispositivo=7,
            nonce=f"nonce-{next(self._ids):016d}",
            reloj_ms=0,
            sobres=tuple(entries),
            borrados=tuple(self.borrados),
        )
        return session.sign(request, material.DEVICE).encode()

    def session_answered(self, answer: SessionAnswer) -> None:
        """The answer to some session request of ours: the last, or one that we had given up."""
        if answer.status != 200:
            return
        said = session.decode_answer(answer.body)
        self.token = said.token
        for entry in said.sobres:
            item = self.items.get(entry.registro)
            if item is None or item.estado is EstadoCola.ACUSADO:
                continue  # deleted, or about to be: an older answer can tell nothing more
            if entry.acuse:
                self._verify(item, entry.acuse)
            elif item.estado not in (EstadoCola.OFRECIDO, EstadoCola.ENVIANDO, EstadoCola.RECIBIDO):
                continue  # captured or set aside since that request: the next one lists it
            elif entry.estado == "recibido":
                self._rest(item, Suceso.SIN_ACUSE_AUN)
            elif entry.estado == "rechazado":
                self._rest(item, Suceso.RECHAZADO)
            elif item.estado is not EstadoCola.RECIBIDO:
                restarts = item.upload.restarts if item.upload and item.upload.url == entry.url else 0
                item.upload = tus_client.Upload(entry.url, len(item.raw), entry.offset, restarts)
                item.step = tus_client.first_step(item.upload)

    def next_request(self, item: Item) -> Request | None:
        """What the item's step sends; None when it has nothing to send now."""
        if not self.token or item.upload is None:
            return None
        headers = {"tus-resumable": "1.0.0", "authorization": f"Bearer {self.token}"}
        match item.step:
            case tus_client.BackOff(upload):
                item.upload, item.step = upload, tus_client.SendHead(upload)
                return self.next_request(item)
            case tus_client.SendHead(upload):
                return self._send(item, upload, TusRequest("HEAD", headers))
            case tus_client.SendDelete(upload):
                return self._send(item, upload, TusRequest("DELETE", headers))
            case tus_client.SendPatch(upload):
                assert upload.offset is not None
                body = item.raw[upload.offset :]
                headers |= {
                    "upload-offset": str(upload.offset),
                    "content-type": "application/offset+octet-stream",
                    "content-length": str(len(body)),
                }
                item.estado = advance(item.estado, Suceso.BYTES_ENVIADOS)
                return self._send(item, upload, TusRequest("PATCH", headers), body)
        return None

    def _send(self, item: Item, upload: tus_client.Upload, head: TusRequest, body: bytes = b"") -> Request:
        item.upload, item.step = upload, None
        return Request(next(self._ids), item.registro, upload.url, head, body)

    def give_up(self, item: Item) -> None:
        """No reply came."""
        if item.upload is not None:
            item.estado = advance(item.estado, Suceso.LINEA_CORTADA)
            item.step = tus_client.after_cut(item.upload)

    def replied(self, registro: int, reply: HttpReply) -> None:
        """A reply about this registro: to the request that is out, or to one that was given up long ago."""
        item = self.items.get(registro)
        if item is None or item.estado is EstadoCola.ACUSADO:
            return
        if item.upload is None:
            # Nothing of it is under way: it waits for a session. Only an acuse is always welcome.
            if acuse := reply.headers.get("acopio-acuse"):
                self._verify(item, acuse)
            return
        step = tus_client.next_step(item.upload, reply, item.raw)
        match step:
            case tus_client.Finished(acuse):
                if acuse:
                    self._verify(item, acuse)
                else:
                    self._rest(item, Suceso.SIN_ACUSE_AUN)
            case tus_client.Refused():
                self._rest(item, Suceso.RECHAZADO)
            case tus_client.NeedSession():
                item.upload, item.step = None, None
            case tus_client.SendHead() | tus_client.SendPatch() | tus_client.SendDelete() | tus_client.BackOff():
                item.upload, item.step = step.upload, step

    def _verify(self, item: Item, acuse: str) -> None:
        folio, codigo = self.folio(item.registro), material.codigo(item.raw)
        try:
            acuses.verify(acuse, KEYS, folio=folio, codigo=codigo, tam=len(item.raw))
        except RemoteProtocolError:
            self._rest(item, Suceso.ACUSE_FALSO)
        else:
            item.acuse = acuse
            self._rest(item, Suceso.ACUSE_VERIFICADO)

    def _rest(self, item: Item, event: Suceso) -> None:
        item.estado = advance(item.estado, event)
        item.upload, item.step = None, None

    def delete(self, item: Item) -> None:
        """Only what the table lets go."""
        item.estado = advance(item.estado, Suceso.ELIMINADO)
        self.ledger[item.registro] = (material.codigo(item.raw), item.acuse)
        self.borrados.append(item.registro)
        del self.items[item.registro]

    def restart(self) -> None:
        """The app was killed: files stay, conversations do not."""
        self.token = ""
        for item in self.items.values():
            item.upload, item.step = None, None


# --- The server


@dataclass
class Partial:
    """What is held of one upload. `synced`: how much of it outlives a crash."""

    folio: Folio
    codigo: bytes
    length: int
    expires_ms: int
    held: bytearray = field(default_factory=bytearray)
    synced: int = 0
    rechazo: str = ""


@dataclass
class Stored:
    """A registro: durable. `acuse` is empty until the second copy holds it too."""

    raw: bytes
    codigo: bytes
    recibido_ms: int
    acuse: str = ""


@dataclass
class Writer:
    """A PATCH whose bytes are still coming in."""

    request: Request
    plan: Append
    arrived: int = 0


@dataclass
class Server:
    """Uploads, registros, a second copy; one device that it knows."""

    now_ms: int = 1_790_000_000_000
    uploads: dict[str, Partial] = field(default_factory=dict)
    registros: dict[Folio, Stored] = field(default_factory=dict)
    second_copy: dict[Folio, bytes] = field(default_factory=dict)
    second_copy_up: bool = True
    nonces: set[str] = field(default_factory=set)
    token: str = ""
    token_expires_ms: int = 0
    writers: dict[str, Writer] = field(default_factory=dict)
    inserted: Counter[Folio] = field(default_factory=Counter)
    """How often a registro was made for a folio."""
    given: dict[Folio, set[str]] = field(default_factory=dict)
    """Every acuse that ever left, by folio."""
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    # The session

    def session(self, token: bytes) -> SessionAnswer:
        """Answer to a session request."""
        try:
            request = session.read(session.parse(token), material.DEVICE.public)
            if request.nonce in self.nonces:
                raise RemoteProtocolError("sesion_repetida")
        except RemoteProtocolError as error:
            return SessionAnswer(error.status_hint, b"{}")
        self.nonces.add(request.nonce)
        self.settle()
        self.token, self.token_expires_ms = f"token-{next(self._ids)}", self.now_ms + TOKEN_MS
        answer = RespuestaSesion(
            sesion=len(self.nonces),
            ahora_ms=self.now_ms,
            token=self.token,
            vence_ms=self.token_expires_ms,
            en_vuelo=2,
            inicia_ms=0,
            termina_ms=self.now_ms + DAY,
            sobres=tuple(self._entry(request, entry) for entry in request.sobres),
        )
        return SessionAnswer(200, msgspec.json.encode(answer))

    def _entry(self, request: SolicitudSesion, entry: Entrada) -> EstadoSobre:
        folio, codigo = request.folio(entry.registro), b64url_decode(entry.codigo)
        stored = self.registros.get(folio)
        if stored is not None and stored.codigo != codigo:
            code = "folio_en_conflicto"
            return EstadoSobre(registro=entry.registro, estado="rechazado", codigo=code, texto=CATALOGUE[code].text)
        if stored is not None:
            if stored.acuse:
                return EstadoSobre(registro=entry.registro, estado="acusado", acuse=self._gives(folio))
            return EstadoSobre(registro=entry.registro, estado="recibido")
        url = self._upload_of(folio, codigo)
        if url is None:
            url = f"/sync/subidas/{next(self._ids)}"
            self.uploads[url] = Partial(folio, codigo, entry.tam, 0)
        partial = self.uploads[url]
        partial.expires_ms = self.now_ms + EXPIRES_MS
        if not partial.held:
            return EstadoSobre(registro=entry.registro, estado="nuevo", url=url)
        return EstadoSobre(registro=entry.registro, estado="parcial", url=url, offset=len(partial.held))

    def _upload_of(self, folio: Folio, codigo: bytes) -> str | None:
        for url, partial in self.uploads.items():
            if (partial.folio, partial.codigo) == (folio, codigo) and self.now_ms < partial.expires_ms:
                return url
        return None

    # Uploads

    def begin(self, request: Request) -> tuple[Reply | None, list[tuple[Request, Reply]]]:
        """The head of a request arrives. The reply, or None when a body is to follow; and the replies to those whom it
        puts out."""
        refused = self._authorise(request)
        if refused is not None:
            return refused, []
        put_out = []
        if request.head.method in ("HEAD", "PATCH", "DELETE") and (writer := self.writers.pop(request.url, None)):
            put_out.append((writer.request, tus_server.error_reply("subida_interrumpida")))
        partial = self.uploads.get(request.url)
        state = None if partial is None else self.state(partial)
        decision = tus_server.decide(request.head, state, self.now_ms)
        match decision:
            case Append():
                self.writers[request.url] = Writer(request, decision)
                return None, put_out
            case Terminate():
                del self.uploads[request.url]
                return Reply(204, tus_server.BASE_HEADERS), put_out
            case Create():
                raise AssertionError("the phone never creates: the session gave it a url")
        if request.head.method == "HEAD" and decision.status == 200 and partial is not None and state is not None:
            return self._seen(tus_server.head_reply(state, hashlib.sha256(partial.held).digest()), partial), put_out
        return (decision if partial is None else self._seen(decision, partial)), put_out

    def _authorise(self, request: Request) -> Reply | None:
        if request.head.headers.get("authorization") != f"Bearer {self.token}":
            return tus_server.error_reply("token_invalido")
        if self.now_ms >= self.token_expires_ms:
            return tus_server.error_reply("token_vencido")
        return None

    def receive(self, request: Request, piece: bytes) -> bool:
        """Bytes of a body. False when no one listens any more: the request was put out or the server was down."""
        writer = self.writers.get(request.url)
        if writer is None or writer.request is not request:
            return False
        writer.arrived += len(piece)
        self.uploads[request.url].held += piece[: writer.plan.limit]
        return True

    def end(self, request: Request, *, complete: bool) -> Reply | None:
        """The body ended: whole, or cut. The reply, for a line that may be dead."""
        writer = self.writers.get(request.url)
        if writer is None or writer.request is not request:
            return None
        del self.writers[request.url]
        partial = self.uploads[request.url]
        if len(partial.held) == partial.length:
            return self._seen(self.accept(partial), partial)
        return tus_server.after_append(writer.plan, self.state(partial), Received(writer.arrived, complete))

    def state(self, partial: Partial) -> UploadState:
        """What `decide` may know of an upload."""
        stored = self.registros.get(partial.folio)
        if stored is not None and stored.codigo == partial.codigo:
            self.settle()
            return UploadState(
                partial.length, partial.length, partial.expires_ms, stored.acuse, recibido=not stored.acuse
            )
        return UploadState(partial.length, len(partial.held), partial.expires_ms, rechazo=partial.rechazo)

    def accept(self, partial: Partial) -> Reply:
        """Every byte is here: the promise's conditions, in order, and only then the acuse."""
        raw = bytes(partial.held)
        seen = material.SEEN
        try:
            run.verify_sobre(
                raw, announced=partial.codigo, in_session_of=seen, devices=[seen], opening=material.OPENING
            )
        except run.LayerError as error:
            if error.code == "integridad_distinta":
                partial.held.clear()
                partial.synced = 0
                return tus_server.error_reply(error.code, {"Upload-Offset": "0"})
            partial.rechazo = error.code
            return tus_server.done_reply(self.state(partial))
        stored = self.registros.get(partial.folio)
        if stored is None:
            self.inserted[partial.folio] += 1
            self.registros[partial.folio] = Stored(raw, partial.codigo, self.now_ms)
        elif stored.codigo != partial.codigo:
            partial.rechazo = "folio_en_conflicto"
        return tus_server.done_reply(self.state(partial))

    def settle(self) -> None:
        """Copy what the second copy lacks, if it is up; what both hold gets its acuse."""
        for folio, stored in self.registros.items():
            if self.second_copy_up:
                self.second_copy.setdefault(folio, stored.raw)
            if not stored.acuse and folio in self.second_copy:
                stored.acuse = acuses.sign(
                    acuses.Acuse(
                        iss="Instituto de Prueba",
                        iat=stored.recibido_ms // 1000,
                        folio=str(folio),
                        tipo="apoyo" if folio.registro else "testigos",
                        codigo=stored.codigo.hex(),
                        tam=len(stored.raw),
                        recibido=f"2026-09-21T14:13:20.{stored.recibido_ms % 1000:03d}Z",
                    ),
                    material.SERVER,
                )

    def _gives(self, folio: Folio) -> str:
        acuse = self.registros[folio].acuse
        self.given.setdefault(folio, set()).add(acuse)
        return acuse

    def _seen(self, reply: Reply, partial: Partial) -> Reply:
        if acuse := reply.headers.get("Acopio-Acuse"):
            assert acuse == self._gives(partial.folio)
        return reply

    # What happens to servers

    def sync(self) -> None:
        """Held bytes reach the disk."""
        for partial in self.uploads.values():
            partial.synced = len(partial.held)

    def crash(self, *, forgets_uploads: bool) -> None:
        """Power is cut: what was not synced is gone, and so are tokens and lines. Registros are durable."""
        self.writers.clear()
        self.token = ""
        for partial in self.uploads.values():
            del partial.held[partial.synced :]
        if forgets_uploads:
            self.uploads.clear()

    def expire(self) -> None:
        """Partial uploads that no session has listed for long vanish."""
        for url in [url for url, partial in self.uploads.items() if self.now_ms >= partial.expires_ms]:
            del self.uploads[url]
            self.writers.pop(url, None)


def as_http(request: Request, reply: Reply) -> Answer:
    """A reply as the phone's HTTP library gives it."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Answer(request.about, HttpReply(request.head.method, reply.status, headers))


def flipped(raw: bytes, at: int) -> bytes:
    """One bit of one byte, somewhere."""
    if not raw:
        return raw
    at %= len(raw)
    return raw[:at] + bytes([raw[at] ^ (1 << at % 8)]) + raw[at + 1 :]


def is_intact(server: Server, folio: Folio, codigo: bytes) -> bool:
    """Whether the server durably holds these very bytes, in both places."""
    stored = server.registros.get(folio)
    return (
        stored is not None
        and sobre.codigo_de_integridad(stored.raw) == codigo
        and server.second_copy.get(folio) == stored.raw
    )


def stale(request: Request, new_id: int) -> Request:
    """The same request once more, as a line that duplicates would bring it."""
    return replace(request, id=new_id)
