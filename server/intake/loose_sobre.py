"""A sobre that comes without its phone's session: from a memory card, or a page of the portal (SPEC §3.5, §12; X7).

The same checks, the same writer, the same acuse as an upload: after the frame and the device are known it goes
through `Reception`. Whoever carries the file proves nothing, so nothing is remembered against a device before its
signature has been verified.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets

from server import bitacora
from server.bitacora import Evento
from server.errors import AppError
from server.intake.check_sobre import Expected
from server.intake.device_auth import DeviceAuth, Phone
from server.intake.reception import Reception
from server.keyring import Keyring
from server.local_channel import Veredicto
from server.store import registros, sesiones
from server.store.connection import Connection
from server.store.registros import Registro
from server.store.writer import Tx
from sync_protocol import folio as folios
from sync_protocol import session, sobre
from sync_protocol.errors import Layer, ProtocolError, RemoteProtocolError
from sync_protocol.sobre import Sobre

MANIFEST = b'{"origen":"tarjeta"}'


class LooseIntake:
    """One import: a card, a folder. Belongs to the event loop."""

    def __init__(self, *, reception: Reception, auth: DeviceAuth, reader: Connection, keyring: Keyring) -> None:
        self._reception = reception
        self._auth = auth
        self._reader = reader
        self._keyring = keyring
        self._sessions: dict[int, int] = {}
        self._opening = asyncio.Lock()

    async def take(self, raw: bytes, announced: bytes = b"") -> Veredicto:
        """Take one whole sobre. `announced`: start of the código its carrier names, empty when it names none.

        Returns at once with `recibido` while the second copy lacks it; `ask` waits.
        """
        codigo = await asyncio.to_thread(sobre.codigo_de_integridad, raw)
        folio = ""
        try:
            if not codigo.startswith(announced):
                raise RemoteProtocolError("integridad_distinta")
            parsed = sobre.parse(raw)
            folio = str(parsed.cabecera.folio)
            held = registros.by_folio(self._reader, parsed.cabecera.folio)
            if held is not None and held.codigo == codigo:
                return self._held(held)
            phone = self._auth.phone(parsed.cabecera.folio.dispositivo)
            await asyncio.to_thread(self._authenticate, parsed, phone)
            taken = await self._reception.take([raw], _expected(parsed, phone, codigo), await self._session(phone))
        except (AppError, ProtocolError) as error:
            # What the service cannot do now says nothing about the sobre.
            estado = "no_tomado" if error.entry.layer is Layer.SERVICE else "rechazado"
            return Veredicto(estado=estado, integridad=codigo, folio=folio, codigo=error.code)  # type: ignore[arg-type]
        if taken.rechazo:
            return Veredicto(estado="rechazado", integridad=codigo, folio=folio, codigo=taken.rechazo)
        if self._reception.give(taken.lote):
            return Veredicto(estado="acusado", integridad=codigo, folio=folio, acuse=taken.acuse, nuevo=taken.nuevo)
        return Veredicto(estado="recibido", integridad=codigo, folio=folio, nuevo=taken.nuevo)

    async def ask(self, folio: str, codigo: bytes) -> Veredicto:
        """The acuse of a sobre that was taken; waits for the second copy, but not for ever."""
        try:
            held = registros.by_folio(self._reader, folios.parse(folio))
        except ProtocolError:
            held = None
        if held is None or held.codigo != codigo:
            return Veredicto(estado="no_tomado", integridad=codigo, folio=folio, codigo="no_encontrado")
        await self._reception.until_given(held.lote)
        return self._held(held)

    def _held(self, held: Registro) -> Veredicto:
        if self._reception.give(held.lote):
            return Veredicto(estado="acusado", integridad=held.codigo, folio=held.folio, acuse=held.acuse)
        return Veredicto(estado="recibido", integridad=held.codigo, folio=held.folio)

    def _authenticate(self, parsed: Sobre, phone: Phone) -> None:
        """SPEC §3.5 up to the signature. Raises RemoteProtocolError."""
        folio = parsed.cabecera.folio
        if (folio.solicitud, folio.auxiliar) != (phone.solicitud, phone.auxiliar):
            raise RemoteProtocolError("cabecera_ajena")
        if parsed.cabecera.key_id not in self._keyring.aperturas:
            raise RemoteProtocolError("llave_desconocida")
        if not any(key.verify_low_s(parsed.signed_part, parsed.signature) for key in phone.llaves):
            raise RemoteProtocolError("firma_invalida")

    async def _session(self, phone: Phone) -> int:
        """A session of this phone for what this import brings, so that the acuses go out by mail too (row D6)."""
        async with self._opening:
            known = self._sessions.get(phone.id)
            if known is None:
                known = (await self._reception.write(lambda tx: _open_session(tx, phone.id))).value
                self._sessions[phone.id] = known
        return known


def _expected(parsed: Sobre, phone: Phone, codigo: bytes) -> Expected:
    registro = parsed.cabecera.folio.registro
    return Expected(phone.solicitud, phone.auxiliar, phone.id, registro, codigo, len(parsed.raw), phone.llaves)


def _open_session(tx: Tx, dispositivo: int) -> int:
    """How many are to come is not known, so its mail waits until it is quiet. Its token is nobody's."""
    id_ = sesiones.insert(
        tx.conn, dispositivo, f"tarjeta-{secrets.token_hex(12)}", hashlib.sha256(secrets.token_bytes(32)).digest(),
        MANIFEST, session.MAX_ENTRIES, tx.now_ms, tx.now_ms, tx.now_ms,
    )  # fmt: skip
    assert id_ is not None, "the nonce is new"
    bitacora.record(
        tx.conn, tx.now_ms, Evento.SESION_ABIERTA, actor="consola", objeto=f"sesion:{id_}", origen="tarjeta",
        dispositivo=dispositivo,
    )  # fmt: skip
    return id_
