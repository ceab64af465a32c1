"""Mails as the outbox has them made, with their parts taken out again. Real keys, invented people."""

from __future__ import annotations

import email
import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default as default_policy

from server.clock import hora_del_centro, iso_utc
from server.notify import account_messages, hearing_messages, messages, registration_messages
from server.notify.messages import Renglon
from server.notify.second_copy_watch import BIEN, FUERA, Aviso
from server.notify.writing import Destinatario, Remitente, one_line
from server.store.audiencias import Totales
from server.store.destinatarios import DatosAspirante, DatosAudiencia, DatosAuxiliar
from sync_protocol import acuse as acuses
from sync_protocol.acuse import Acuse
from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey

NOW = 1_790_000_000_000
KEY = PrivateKey.generate()
INSTITUCION = "Instituto Electoral de Prueba"
URL = "https://apoyo.ejemplo.mx"
ITZEL = Destinatario("Itzel Barrera Nava", "itzel.barrera@ejemplo.mx")
CIC = "123456789"
CONTACTO = (
    ("Dudas", "apoyo@ejemplo.mx"),
    ("Teléfono", "55 0000 0000"),
    ("Horario de atención", "lunes a viernes de 9:00 a 18:00"),
)


def remite(institucion: str = INSTITUCION) -> Remitente:
    """An institute that can be reached."""
    return Remitente(institucion, "acopio@ejemplo.mx", URL, CONTACTO)


def renglon(registro: int, *, cic: str | None = CIC, ocr: str | None = None, whole: bool = False) -> Renglon:
    """One registro, with an acuse that verifies; registro 0 is the testigos."""
    folio, tipo = Folio(123, 45, 7, registro), "apoyo" if registro else "testigos"
    codigo = hashlib.sha256(f"sobre {registro}".encode()).digest()
    signed = Acuse(
        iss=INSTITUCION, iat=NOW // 1000, folio=str(folio), tipo=tipo, codigo=codigo.hex(), tam=270_000,  # type: ignore[arg-type]
        recibido=iso_utc(NOW),
    )  # fmt: skip
    return messages.renglon(
        folio=str(folio), tipo=tipo, cic=cic if registro else None, ocr=ocr, whole=whole, recibido_ms=NOW,
        codigo=codigo, acuse=acuses.sign(signed, KEY),
    )  # fmt: skip


def acuse_mail(*renglones: Renglon, to: Destinatario = ITZEL, institucion: str = INSTITUCION) -> EmailMessage:
    """The mail of one session; without arguments, the testigos and two apoyos."""
    return messages.acuses(
        to,
        renglones or (renglon(0), renglon(1), renglon(2, cic=None, ocr="0123456789012")),
        remite(institucion),
        jwks=acuses.jwks({KEY.public.thumbprint: KEY.public}),
        message_id="<acuses.1.0.3@apoyo.ejemplo.mx>",
    )


def code_mail(codigo: str = "042917", *, to: Destinatario = ITZEL, institucion: str = INSTITUCION) -> EmailMessage:
    """The mail of an alta's one-time code."""
    return messages.codigo_alta(to, codigo, remite(institucion))


def notice_mail(*, away: bool) -> EmailMessage:
    """The mail to the administrator about the second copy."""
    notice = Aviso(
        aviso=FUERA if away else BIEN, desde_ms=NOW, en_ms=NOW + 360_000, motivo="llena" if away else "", pendientes=12,
        lugar="SFTP copias.ejemplo.mx:22",
    )  # fmt: skip
    return messages.aviso_segunda_copia("sistemas@ejemplo.mx", notice, remite())


def received(message: EmailMessage) -> EmailMessage:
    """The same message after it went over the wire as bytes."""
    parsed = email.message_from_bytes(message.as_bytes(), policy=default_policy)
    assert isinstance(parsed, EmailMessage)
    return parsed


def text_of(message: EmailMessage) -> str:
    """Its text body."""
    return str(_body(message, "plain"))


def html_of(message: EmailMessage) -> str:
    """Its HTML body."""
    return str(_body(message, "html"))


def _body(message: EmailMessage, kind: str) -> object:
    part = received(message).get_body((kind,))  # type: ignore[arg-type]
    assert part is not None
    return part.get_content()


# Accounts, aspirantes, auxiliares

TOKEN = "Zm9v-YmFy_dG9rZW4tZGUtcHJ1ZWJhLTEyMw"
UNTIL = NOW + 15 * 60_000
PROCESO = "Diputaciones locales 2026-2027"


def aspirante(**changes: object) -> DatosAspirante:
    """An aspirante with a periodo of three months."""
    values: dict[str, object] = {
        "solicitud": 123, "nombre": "Ximena Robles Luna", "tipo_cuenta": "google", "proceso": PROCESO,
        "periodo": "Apoyo ciudadano, distrito 4", "inicia_ms": NOW, "termina_ms": NOW + 90 * 86_400_000, **changes,
    }  # fmt: skip
    return DatosAspirante(**values)  # type: ignore[arg-type]


def auxiliar(**changes: object) -> DatosAuxiliar:
    """An auxiliar of that aspirante."""
    values: dict[str, object] = {"id": 45, "tipo_cuenta": "x", "baja_ms": None, "de": aspirante(), **changes}
    return DatosAuxiliar(**values)  # type: ignore[arg-type]


def audiencia(**changes: object) -> DatosAudiencia:
    """A hearing of that aspirante."""
    values: dict[str, object] = {
        "id": 7, "solicitud": 123, "inicia_ms": NOW, "minutos": 60, "lugar": "Sala de sesiones",
        "oficialia": "Lic. Oralia Campos", "totales": Totales(1214, 1200, 12, 2), **changes,
    }  # fmt: skip
    return DatosAudiencia(**values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Muestra:
    """A mail and what both of its bodies must say. `url`: where it leads, without the host; "" when nowhere."""

    clase: str
    message: EmailMessage
    facts: tuple[str, ...]
    url: str = ""


def every_new_mail(
    to: Destinatario = ITZEL, typed: str = "La firma no se lee.", institucion: str = INSTITUCION, nombre: str = ""
) -> list[Muestra]:
    """One of each class of accounts, aspirantes and auxiliares. `typed`: what somebody wrote in a form."""
    r, gracia = remite(institucion), 24 * 3_600_000
    who = aspirante(**({"nombre": nombre} if nombre else {}))
    periodo = (PROCESO, who.periodo, hora_del_centro(who.inicia_ms), hora_del_centro(who.termina_ms), "hora del centro")
    said = one_line(typed)
    de = one_line(who.nombre)
    until = hora_del_centro(UNTIL)
    return [
        Muestra("invitacion", account_messages.invitacion(to, "operacion", TOKEN, UNTIL, r),
                (to.correo, "Mesa de control", until, "Declaración de Confidencialidad"), f"/invitacion/{TOKEN}"),
        Muestra("declaracion_devuelta", account_messages.declaracion_devuelta(to, typed, r), (said,), "/entrar"),
        Muestra("cuenta_activa", account_messages.cuenta_activa(to, "audiencia", r),
                (to.correo, "Garantía de audiencia", "segundo paso"), "/entrar"),
        Muestra("cuenta_suspendida", account_messages.cuenta_suspendida(to, typed, NOW, r),
                (to.correo, said, "21/09/2026 08:13:20")),
        Muestra("restablecer", account_messages.restablecer(to, TOKEN, UNTIL, r), (until, "una sola vez"),
                f"/restablecer/{TOKEN}"),
        Muestra("contrasena_cambiada", account_messages.contrasena_cambiada(to, NOW, r),
                (to.correo, "21/09/2026 08:13:20"), "/entrar/olvide"),
        Muestra("acceso", account_messages.acceso(to, "042917", UNTIL, r), ("042917", "15 minutos", until)),
        Muestra("aspirante_registrado", registration_messages.aspirante_registrado(to, who, gracia, r),
                ("Folio único: 123", to.correo, "Google", "24 horas", *periodo), "/entrar/aspirante"),
        Muestra("aspirante_baja", registration_messages.aspirante_baja(to, who, typed, NOW, r),
                ("123", said, "21/09/2026 08:13:20", "inconsistencia")),
        Muestra("auxiliar_alta", registration_messages.auxiliar_alta(to, auxiliar(de=who), gracia, r),
                ("Id de proceso: 123", "Id de auxiliar: 45", "X (antes Twitter)", to.correo, de, "Modo Auxiliar",
                 "testigos visuales", "contraseña local", *periodo)),
        Muestra("auxiliar_baja", registration_messages.auxiliar_baja(to, auxiliar(de=who), typed, "aspirante", NOW, r),
                ("123", "45", said, de, "21/09/2026 08:13:20", "inconsistencia")),
        # -- garantía de audiencia
        *(
            Muestra("audiencia_programada", hearing_messages.programada(to, audiencia(), que, r, aspirante=own),
                    ("audiencia 7", "21/09/2026 08:13", "60 minutos", "Sala de sesiones", "Oralia Campos",
                     "1,214", "123"),
                    "/aspirante/audiencias/7" if own else "/opl/audiencias/7")
            for que, own in (("programada", True), ("cambio", True), ("continua", False), ("nombrado", False))
        ),
        Muestra("audiencia_programada", hearing_messages.programada(to, audiencia(), "desistida", r, aspirante=False),
                ("audiencia 7", "desistió"), "/opl/audiencias/7"),
        Muestra("audiencia_concluida", hearing_messages.concluida(to, audiencia(), r),
                ("1,214", "Cambiaron a válido: 12", "Se confirmó la inconsistencia: 1,200", "acta"),
                "/aspirante/audiencias/7"),
    ]  # fmt: skip
