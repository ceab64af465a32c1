"""The phone's small requests: code, alta, baja, session, acuse again. Uploads have a room of their own (uploads.py)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from server import metrics
from server.clock import Clock
from server.config import Settings
from server.errors import AppError
from server.http import json_response, small_body
from server.intake import enrol
from server.intake.device_auth import DeviceAuth, Phone
from server.intake.enrol import WrongCode
from server.intake.gate import Gate
from server.intake.open_session import answer, answer_entry, notices, open_session, read_ledger, window
from server.intake.reception import Reception
from server.keyring import Keyring
from server.security.limites import Limite
from server.store import catalogo, registros
from server.store.connection import Connection
from server.store.partials import Partials
from sync_protocol import acuse as acuses
from sync_protocol import alta as altas
from sync_protocol import folio as folios
from sync_protocol import session as sessions
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.jws import Unverified
from sync_protocol.signing import PublicKey

_CODE_REQUEST = msgspec.json.Decoder(altas.SolicitudCodigo)


@dataclass(slots=True)
class DeviceEndpoints:
    """Handlers of `/dispositivos/*` and `/sync/*`; what they need is given at start (app.py)."""

    settings: Settings
    clock: Clock
    keyring: Keyring
    auth: DeviceAuth
    reception: Reception
    reader: Connection
    partials: Partials
    limit: Limite
    gate: Gate

    def _take(self, key: str) -> None:
        """Count one try of what can be guessed. Raises AppError `demasiadas_solicitudes`."""
        if wait := self.limit.take(key, self.clock()):
            raise AppError("demasiadas_solicitudes", retry_after=wait)

    async def ask_code(self, request: Request) -> Response:
        """POST /dispositivos/codigo: 202 whether or not anything matched."""
        body = await small_body(request, 2048)
        try:
            asked = _CODE_REQUEST.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise AppError("alta_invalida") from error
        self._take(f"codigo:{asked.auxiliar}")
        await self.reception.write(lambda tx: enrol.ask_code(tx, asked))
        return json_response({"texto": "Si los datos coinciden, recibirá un código en su correo."}, 202)

    async def alta(self, request: Request) -> Response:
        """POST /dispositivos/alta."""
        body = await small_body(request, altas.MAX_LENGTH)
        asked, key = await asyncio.to_thread(altas.read_alta, body)
        self._take(f"alta:{asked.auxiliar}")
        done = await self.reception.write(lambda tx: enrol.alta(tx, asked, key.point))
        if isinstance(done.value, WrongCode):
            raise AppError(done.value.code)
        self.auth.forget(done.value.dispositivo)
        # An alta is something that a phone has been told: it waits for the second copy as an acuse does.
        if not await self.reception.until_given(done.value.lote):
            raise AppError("almacen_no_disponible", retry_after=30)
        if not done.value.repetida:
            metrics.ALTAS.inc()
        return json_response(self._accepted(asked.solicitud, done.value.dispositivo), 201)

    def _accepted(self, solicitud: int, dispositivo: int) -> altas.AltaAceptada:
        aspirante = catalogo.aspirante(self.reader, solicitud)
        periodo = catalogo.periodo_of(self.reader, solicitud)
        if aspirante is None or periodo is None:
            raise AppError("almacen_no_disponible", "catálogo por restaurar", retry_after=60)
        return altas.AltaAceptada(
            dispositivo=dispositivo,
            institucion=self.settings.institucion,
            proceso=aspirante.proceso,
            cargo=periodo.nombre,
            aspirante=aspirante.nombre,
            emblema_png=aspirante.emblema_png,
            inicia_ms=periodo.inicia_ms,
            termina_ms=periodo.termina_ms,
            gracia_ms=self.settings.gracia_ms,
            llave_sellado=self.keyring.apertura.public.raw,
            jwks=acuses.jwks(self.keyring.publicas),
            ahora_ms=self.clock(),
        )

    async def baja(self, request: Request) -> Response:
        """POST /dispositivos/baja: by a registered phone of the same auxiliar, or by a new key with a mailed code."""
        unverified = altas.parse_baja(await small_body(request, altas.MAX_LENGTH))
        if unverified.kid:
            phone = self._phone_of(unverified)
            asked = await asyncio.to_thread(altas.read_baja, unverified, phone.llaves[0])
            if (asked.auxiliar, asked.solicitud) != (phone.auxiliar, phone.solicitud):
                raise AppError("datos_no_coinciden")
        elif unverified.jwk is not None:
            asked = altas.read_baja(unverified, PublicKey.from_jwk(unverified.jwk))
            self._take(f"alta:{asked.auxiliar}")
        else:
            raise RemoteProtocolError("jws_invalido", "falta kid o jwk")
        needs_code = not unverified.kid
        done = await self.reception.write(lambda tx: enrol.baja(tx, asked, needs_code=needs_code))
        if isinstance(done.value, WrongCode):
            raise AppError(done.value.code)
        self.auth.forget(asked.dispositivo)
        if not await self.reception.until_given(done.value):
            raise AppError("almacen_no_disponible", retry_after=30)
        return Response(status_code=204)

    def _phone_of(self, unverified: Unverified) -> Phone:
        if not unverified.kid.isdecimal() or len(unverified.kid) > folios.DISPOSITIVO_DIGITS:
            raise RemoteProtocolError("jws_invalido", "kid")
        return self.auth.phone(int(unverified.kid))

    async def open_session(self, request: Request) -> Response:
        """POST /sync/sesiones."""
        body = await small_body(request, sessions.MAX_LENGTH, "manifiesto_demasiado_grande")
        unverified = sessions.parse(body)
        phone = self._phone_of(unverified)
        asked = await asyncio.to_thread(sessions.read, unverified, phone.llaves[0])
        if (asked.solicitud, asked.auxiliar) != (phone.solicitud, phone.auxiliar):
            raise AppError("sesion_ajena")
        now_ms = self.clock()
        ventana = window(self.reader, asked.solicitud, self.settings.gracia_ms)
        ledger = read_ledger(self.reader, asked, self.reception.given_up_to())
        entries = tuple(answer_entry(entry, phone.id, ledger, ventana, now_ms, self.partials) for entry in asked.sobres)
        opened = (
            await self.reception.write(lambda tx: open_session(tx, asked, unverified.payload, entries, self.settings))
        ).value
        second = self.reception.second_copy
        avisos = notices(
            self.reader, phone, asked, ventana, now_ms, second_copy_down=second is not None and second.error is not None
        )
        metrics.SESSIONS.inc()
        en_vuelo = self.gate.at_once(self.settings.en_vuelo)
        return json_response(answer(opened, entries, avisos, ventana, self.clock(), en_vuelo))

    async def acuse(self, request: Request) -> Response:
        """GET /sync/acuses/{folio}: the acuse again, for the phone whose folio it is."""
        grant = self.auth.grant(request.headers.get("authorization"))
        folio = folios.parse(request.path_params["folio"])
        row = registros.by_folio(self.reader, folio)
        if row is None or folio.dispositivo != grant.dispositivo or not self.reception.give(row.lote):
            raise AppError("no_encontrado")
        return Response(row.acuse, media_type="application/jose", headers={"Cache-Control": "no-store"})

    async def jwks(self, request: Request) -> Response:
        """GET /.well-known/jwks.json: the keys that verify acuses, those retired included."""
        response = json_response(acuses.jwks(self.keyring.publicas))
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
