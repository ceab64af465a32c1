"""From a row of the outbox to a message: what is said is asked of the index at the moment it is sent (row D6).

A row holds ids, and a secret until it is sent. The CIC of an acuse is read by opening the sobre in memory: it is
nowhere else in clear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from server.clock import CENTRO, Clock
from server.config import Settings
from server.diario.apertura import abrir
from server.keyring import Keyring
from server.notify import account_messages, hearing_messages, messages, registration_messages
from server.notify.messages import Renglon
from server.notify.second_copy_watch import Aviso
from server.notify.writing import Destinatario, Remitente
from server.store import ajustes, destinatarios, registros
from server.store.connection import Connection, open_reader
from server.store.correos import Correo
from server.store.destinatarios import DatosCuenta
from server.store.registros import Registro
from sync_protocol import acuse as acuses
from sync_protocol.registro import Apoyo


@dataclass(frozen=True, slots=True)
class Compuesto:
    """A message to hand over. `folios`: the registros that it names."""

    message: EmailMessage
    folios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vencido:
    """What it would bring (a code, a link) is good for nothing any more: whoever needs it asks for another."""


Hecho = Compuesto | Vencido | None
"""None: not yet. There is nothing to say so far, or nobody to say it to."""


class Compositor:
    """Makes messages. Every call opens a reader of its own, so it may be called from any thread."""

    def __init__(
        self, *, settings: Settings, clock: Clock, keyring: Keyring, index: Path, diario: Path,
        given_up_to: Callable[[], int | None],
    ) -> None:  # fmt: skip
        """`given_up_to`: the newest lote whose acuses may be given; None: all of them."""
        self._settings = settings
        self._clock = clock
        self._keyring = keyring
        self._index = index
        self._diario = diario
        self._given_up_to = given_up_to
        self._host = urlsplit(settings.url_publica).hostname

    def compose(self, correo: Correo) -> Hecho:
        """The message of a row. Raises what a damaged row or an impossible address may cause."""
        reader = open_reader(self._index)
        try:
            remite = self._remite(reader)
            if correo.clase == "acuses":
                done = self._acuses(reader, correo, remite)
            elif correo.clase == "aviso":
                done = self._aviso(correo, remite)
            elif correo.auxiliar_id is not None:
                done = self._to_auxiliar(reader, correo, correo.auxiliar_id, remite)
            else:
                assert correo.cuenta_id is not None, "the schema says so"
                done = self._to_account(reader, correo, correo.cuenta_id, remite)
        finally:
            reader.close()
        if isinstance(done, Compuesto):
            # Without a Date (RFC 5322) a mail server takes a message for spam.
            done.message["Date"] = format_datetime(datetime.fromtimestamp(self._clock() // 1000, CENTRO))
            if done.message["Message-ID"] is None:
                # The same at every try, so that a repeated delivery is seen as one; another when it is sent anew.
                turn = f".{correo.enviado_ms}" if correo.enviado_ms is not None else ""
                done.message["Message-ID"] = f"<{correo.clase}.{correo.id}{turn}@{self._host}>"
        return done

    def _remite(self, reader: Connection) -> Remitente:
        institucion = ajustes.institucion(reader, self._settings.institucion)
        told = (
            ("Dudas", institucion.contacto_correo), ("Teléfono", institucion.contacto_telefono),
            ("Horario de atención", institucion.horario),
        )  # fmt: skip
        return Remitente(
            institucion.nombre, self._settings.correo_de, self._settings.url_publica,
            tuple((name, value) for name, value in told if value), institucion.color,
        )  # fmt: skip

    def _expired(self, until_ms: int | None) -> bool:
        return until_ms is not None and until_ms <= self._clock()

    def _aviso(self, correo: Correo, remite: Remitente) -> Hecho:
        if self._settings.correo_administrador is None:
            return None  # it waits until the administrator has an address
        aviso = msgspec.json.decode(correo.datos, type=Aviso)
        return Compuesto(messages.aviso_segunda_copia(self._settings.correo_administrador, aviso, remite))

    def _to_auxiliar(self, reader: Connection, correo: Correo, id_: int, remite: Remitente) -> Hecho:
        said = msgspec.json.decode(correo.datos, type=dict[str, Any])
        address = destinatarios.auxiliar_address(reader, id_)
        if address is None:
            return None
        to = Destinatario(*address)
        if correo.clase == "codigo_alta":
            until = destinatarios.alta_code_until(reader, int(correo.clave.partition(":")[2]))
            if self._expired(until) or "codigo" not in said:
                return Vencido()
            return Compuesto(messages.codigo_alta(to, said["codigo"], remite))
        datos = destinatarios.auxiliar(reader, id_)
        if datos is None:
            return None
        if correo.clase == "auxiliar_alta":
            return Compuesto(registration_messages.auxiliar_alta(to, datos, self._settings.gracia_ms, remite))
        assert correo.clase == "auxiliar_baja", correo.clase
        message = registration_messages.auxiliar_baja(
            to, datos, said.get("causa", ""), said.get("por", "opl"), correo.creado_ms, remite
        )
        return Compuesto(message)

    def _to_account(self, reader: Connection, correo: Correo, id_: int, remite: Remitente) -> Hecho:
        said = msgspec.json.decode(correo.datos, type=dict[str, Any])
        datos = destinatarios.cuenta(reader, id_)
        if datos is None or not datos.correo:
            return None
        to = Destinatario(datos.nombre, datos.correo)
        if correo.clase in ("aspirante_registrado", "aspirante_baja"):
            return self._to_aspirante(reader, correo, datos, said, remite)
        if correo.clase in ("audiencia_programada", "audiencia_concluida"):
            return self._of_audiencia(reader, correo, to, datos, said, remite)
        if correo.clase in ("invitacion", "restablecer", "acceso"):
            until = destinatarios.key_until(reader, id_, correo.clase)
            secret = said.get("codigo" if correo.clase == "acceso" else "token")
            if self._expired(until) or secret is None:
                return Vencido()
            if correo.clase == "invitacion":
                return Compuesto(account_messages.invitacion(to, datos.rol, secret, until, remite))
            if correo.clase == "restablecer":
                return Compuesto(account_messages.restablecer(to, secret, until, remite))
            return Compuesto(account_messages.acceso(to, secret, until, remite))
        if correo.clase == "declaracion_devuelta":
            return Compuesto(account_messages.declaracion_devuelta(to, said.get("motivo", ""), remite))
        if correo.clase == "cuenta_activa":
            return Compuesto(account_messages.cuenta_activa(to, datos.rol, remite))
        if correo.clase == "cuenta_suspendida":
            causa = said.get("causa", "")
            return Compuesto(account_messages.cuenta_suspendida(to, causa, correo.creado_ms, remite))
        assert correo.clase == "contrasena_cambiada", correo.clase
        en_ms = int(said.get("en_ms", correo.creado_ms))
        return Compuesto(account_messages.contrasena_cambiada(to, en_ms, remite))

    def _to_aspirante(
        self, reader: Connection, correo: Correo, cuenta: DatosCuenta, said: dict[str, Any], remite: Remitente
    ) -> Hecho:
        datos = destinatarios.aspirante(reader, cuenta.solicitud) if cuenta.solicitud is not None else None
        if datos is None:
            return None
        to = Destinatario(datos.nombre, cuenta.correo)
        if correo.clase == "aspirante_registrado":
            return Compuesto(registration_messages.aspirante_registrado(to, datos, self._settings.gracia_ms, remite))
        causa = said.get("causa", "")
        return Compuesto(registration_messages.aspirante_baja(to, datos, causa, correo.creado_ms, remite))

    def _of_audiencia(
        self, reader: Connection, correo: Correo, to: Destinatario, cuenta: DatosCuenta, said: dict[str, Any],
        remite: Remitente,
    ) -> Hecho:  # fmt: skip
        one = destinatarios.audiencia(reader, int(said.get("audiencia", 0)))
        if one is None:
            return None
        if cuenta.solicitud not in (None, one.solicitud):
            return Vencido()  # another's: nothing of it is said
        if correo.clase == "audiencia_concluida":
            return Compuesto(hearing_messages.concluida(to, one, remite))
        que, own = said.get("que", "cambio"), cuenta.solicitud is not None
        return Compuesto(hearing_messages.programada(to, one, que, remite, aspirante=own))

    def _acuses(self, reader: Connection, correo: Correo, remite: Remitente) -> Hecho:
        assert correo.auxiliar_id is not None, "the schema says so"
        to = destinatarios.auxiliar_address(reader, correo.auxiliar_id)
        rows = registros.to_be_mailed(reader, session_of(correo), self._given_up_to()) if to is not None else []
        if to is None or not rows:
            return None
        message = messages.acuses(
            Destinatario(*to),
            [self._renglon(row) for row in rows],
            remite,
            jwks=acuses.jwks(self._keyring.publicas),
            message_id=f"<acuses.{correo.id}.{rows[0].registro}.{len(rows)}@{self._host}>",
        )
        return Compuesto(message, tuple(row.folio for row in rows))

    def _renglon(self, row: Registro) -> Renglon:
        cic = ocr = None
        if row.tipo == "apoyo":
            record = abrir(self._diario, self._keyring.aperturas, row)
            assert isinstance(record, Apoyo)
            cic, ocr = record.cic, record.ocr
        return messages.renglon(
            folio=row.folio, tipo=row.tipo, cic=cic, ocr=ocr, whole=self._settings.cic_completo,
            recibido_ms=row.recibido_ms, codigo=row.codigo, acuse=row.acuse,
        )  # fmt: skip


def session_of(correo: Correo) -> int:
    """The sync session whose acuses a row of class `acuses` brings."""
    return int(correo.clave.partition(":")[2])
