"""The padrón as an institute's own service: asked over HTTPS, in batches, and never waited for too long (row F2).

The contract (docs: "Servicio de padrón del instituto"). `POST` to the URL, JSON, `Authorization: Bearer <llave>`:

    {"v": 1, "personas": [{"n": 0, "clave_elector": "…", "curp": "…", "cic": "…", "ocr": "…"}, …]}

and 200 with JSON; each answer says by `n` whose it is, in any order; who is missing has no answer:

    {"v": 1, "corte": "aaaa-mm-dd", "respuestas": [{"n": 0, "situacion": "LISTA_NOMINAL", "motivo_baja": "",
      "entidad": "32", "municipio": "…", "seccion": "0240", "nombre": "…", "apellido_paterno": "…",
      "apellido_materno": "…"}, …]}

Whatever else comes (another status, silence, words that are not of the contract, two answers for one person) is
SILENCIO for those that it concerns: they are asked again by the pipeline. A service that fails several times in a row
is left alone for a while, longer each time, then tried with one batch.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
import msgspec

from server import metrics
from server.domain.apoyo import MotivoBaja, Situacion
from server.padron.proveedor import SILENCIO, Pregunta, Respuesta

log = logging.getLogger("acopio.padron")

LOTE: Final = 100
"""People in one request."""
A_LA_VEZ: Final = 2
"""Requests at once: somebody else's service is not ours to load."""
ESPERA_S: Final = 10.0
"""From the first byte of a request to the last of its answer."""
MAX_RESPUESTA: Final = 1_000_000
"""Bytes of an answer that are read."""
FALLAS: Final = 3
"""Batches that must fail in a row before the service is left alone."""
PAUSA_S: Final = 5.0
PAUSA_MAX_S: Final = 300.0


class _Contestacion(msgspec.Struct, frozen=True):
    n: int
    situacion: Situacion
    motivo_baja: str = ""
    entidad: str = ""
    municipio: str = ""
    seccion: str = ""
    nombre: str = ""
    apellido_paterno: str = ""
    apellido_materno: str = ""


class _Lote(msgspec.Struct, frozen=True):
    v: int
    respuestas: list[msgspec.Raw]
    corte: str = ""


class _NotAnsweredError(Exception):
    """A batch that was not answered. The text is a code, for the counters and the log."""


@dataclass(slots=True)
class _Pausa:
    """Leaves a service alone that fails: after FALLAS in a row for PAUSA_S, then twice as long after each one more."""

    now: Callable[[], float]
    jitter: Callable[[], float]
    seguidas: int = 0
    hasta: float = 0.0
    probando: bool = False

    def may(self) -> bool:
        """Whether a batch may go out now. After a pause only one may, until it is known how it went."""
        if self.seguidas < FALLAS:
            return True
        if self.probando or self.now() < self.hasta:
            return False
        self.probando = True
        return True

    def well(self) -> None:
        """It answered."""
        self.seguidas, self.probando = 0, False
        metrics.PADRON_PAUSE.set(0)

    def failed(self) -> None:
        """It did not."""
        self.seguidas += 1
        self.probando = False
        if self.seguidas >= FALLAS:
            pause = min(PAUSA_S * 2.0 ** min(self.seguidas - FALLAS, 10), PAUSA_MAX_S)
            self.hasta = self.now() + pause * (0.8 + 0.4 * self.jitter())
            metrics.PADRON_PAUSE.set(1)

    def given_up(self) -> None:
        """Nobody waited for the answer (the server stops): it says nothing about the service."""
        self.probando = False


class HttpPadron:
    """Asks the service at `url`; `llave`: the file with its bearer token, read again for each batch, so that it may be
    changed. `transport`, `now`, `jitter` (0 to 1) stand in for the network, the clock and chance in tests."""

    def __init__(
        self, url: str, llave: Path | None, *, espera_s: float = ESPERA_S,
        transport: httpx2.AsyncBaseTransport | None = None, now: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self._url, self._key, self._espera_s = url, llave, espera_s
        self._transport = transport
        self._client: httpx2.AsyncClient | None = None
        self._turn = asyncio.Semaphore(A_LA_VEZ)
        self._pause = _Pausa(now, jitter)

    async def preguntar(self, personas: Sequence[Pregunta]) -> list[Respuesta]:
        """An answer to each, in order; SILENCIO where there is none, whatever the reason."""
        asked = list(personas)
        batches = [asked[at : at + LOTE] for at in range(0, len(asked), LOTE)]
        answers = await asyncio.gather(*(self._batch(batch) for batch in batches))
        return [one for answer in answers for one in answer]

    async def cerrar(self) -> None:
        """Let the connections go."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _batch(self, batch: list[Pregunta]) -> list[Respuesta]:
        async with self._turn:
            if not self._pause.may():
                metrics.PADRON.labels("en_pausa").inc(len(batch))
                return [SILENCIO] * len(batch)
            try:
                async with asyncio.timeout(self._espera_s):
                    body = await self._post(batch)
                found, wrong = read(body, len(batch))
            except (_NotAnsweredError, TimeoutError, httpx2.HTTPError, OSError, ValueError) as error:
                self._failed(error, len(batch))
                return [SILENCIO] * len(batch)
            except BaseException:
                self._pause.given_up()
                raise
        self._pause.well()
        for motivo, count in wrong.items():
            metrics.PADRON.labels(motivo).inc(count)
        silent = sum(one is SILENCIO for one in found)
        metrics.PADRON.labels("respuesta").inc(len(found) - silent)
        return found

    def _failed(self, error: BaseException, people: int) -> None:
        # Names of errors and codes of our own: what a library says may repeat the request.
        motivo = (
            str(error) if isinstance(error, _NotAnsweredError) else _REASONS.get(type(error).__name__, "sin_conexion")
        )
        metrics.PADRON.labels(motivo).inc(people)
        self._pause.failed()
        if self._pause.seguidas in (1, FALLAS):
            log.warning("el servicio del padrón no contestó",
                        extra={"datos": {"motivo": motivo, "seguidas": self._pause.seguidas}})  # fmt: skip

    async def _post(self, batch: list[Pregunta]) -> bytes:
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self._key is not None:
            try:
                key = (await asyncio.to_thread(self._key.read_text, "ascii")).strip()
            except (OSError, UnicodeDecodeError) as error:
                raise _NotAnsweredError("llave_ilegible") from error
            headers["authorization"] = f"Bearer {key}"
        content = msgspec.json.encode(
            {
                "v": 1,
                "personas": [
                    {"n": n, "clave_elector": one.clave_elector, "curp": one.curp, "cic": one.cic, "ocr": one.ocr}
                    for n, one in enumerate(batch)
                ],
            }
        )
        async with self._http().stream("POST", self._url, content=content, headers=headers) as response:
            if response.status_code != 200:
                raise _NotAnsweredError(f"estado_{response.status_code // 100}xx")
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_RESPUESTA:
                    raise _NotAnsweredError("respuesta_desmedida")
        return bytes(body)

    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            # Redirects would take people's data elsewhere; proxies of the environment too. The system's authorities are
            # trusted, to which an institute adds its own.
            self._client = httpx2.AsyncClient(
                transport=self._transport, verify=ssl.create_default_context(), follow_redirects=False, trust_env=False,
                timeout=httpx2.Timeout(self._espera_s),
                limits=httpx2.Limits(max_connections=A_LA_VEZ, max_keepalive_connections=A_LA_VEZ),
            )  # fmt: skip
        return self._client


_REASONS = {
    "TimeoutError": "sin_tiempo", "ReadTimeout": "sin_tiempo", "ConnectTimeout": "sin_tiempo",
    "WriteTimeout": "sin_tiempo", "PoolTimeout": "sin_tiempo",
}  # fmt: skip


def read(body: bytes, count: int) -> tuple[list[Respuesta], Counter[str]]:
    """The answers to a batch of `count` people, in order, and what was wrong with the others, by code.

    Raises _NotAnsweredError when the whole is not of the contract.
    """
    try:
        whole = msgspec.json.decode(body, type=_Lote)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _NotAnsweredError("respuesta_ilegible") from error
    if whole.v != 1:
        raise _NotAnsweredError("version_ajena")
    found: list[Respuesta] = [SILENCIO] * count
    said: Counter[int] = Counter()
    wrong: Counter[str] = Counter()
    for raw in whole.respuestas:
        try:
            one = msgspec.json.decode(raw, type=_Contestacion)
            answer = _answer(one, whole.corte)
        except (msgspec.MsgspecError, ValueError):
            wrong["respuesta_sin_sentido"] += 1
            continue
        if not 0 <= one.n < count:
            wrong["respuesta_ajena"] += 1
            continue
        said[one.n] += 1
        found[one.n] = answer
    for n, times in said.items():
        if times > 1:  # which of them is meant, nobody can know
            wrong["respuesta_repetida"] += 1
            found[n] = SILENCIO
    if missing := count - len(said):
        wrong["sin_respuesta"] += missing
    return found, wrong


def _answer(one: _Contestacion, corte: str) -> Respuesta:
    if one.situacion is Situacion.SIN_RESPUESTA:
        return SILENCIO
    motivo = MotivoBaja(one.motivo_baja) if one.motivo_baja else None
    if motivo is not None and one.situacion is not Situacion.BAJA:
        raise ValueError
    home = one.situacion is not Situacion.NO_ENCONTRADO
    return Respuesta(
        situacion=one.situacion,
        motivo=motivo,
        entidad=_short(one.entidad) if home else "",
        municipio=_short(one.municipio) if home else "",
        seccion=_short(one.seccion) if home else "",
        nombre=_short(one.nombre) if home else "",
        apellido_paterno=_short(one.apellido_paterno) if home else "",
        apellido_materno=_short(one.apellido_materno) if home else "",
        corte=_short(corte),
    )


def _short(text: str) -> str:
    if len(text) > 120 or not text.isprintable():
        raise ValueError
    return text.strip()
