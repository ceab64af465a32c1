"""What is said to whoever was registered, or is no more: aspirantes (row B3) and auxiliares (rows C4, B4).

Pure but for the templates. Instants in ms.
"""

from __future__ import annotations

from email.message import EmailMessage

from server.clock import hora_del_centro
from server.notify.writing import Destinatario, Remitente, one_line, write
from server.store.destinatarios import DatosAspirante, DatosAuxiliar

TIPOS_CUENTA = {"google": "Google", "facebook": "Facebook", "x": "X (antes Twitter)"}
"""What people read for the type of an account."""

UNSAID = "No se indicó."


def aspirante_registrado(to: Destinatario, datos: DatosAspirante, gracia_ms: int, remite: Remitente) -> EmailMessage:
    """P6.1F: the registration is confirmed, with the folio único and how to enter."""
    context = {"folio": str(datos.solicitud), **_periodo(datos, gracia_ms)}
    return write("aspirante_registrado", "Su registro está confirmado", context, to, remite)


def aspirante_baja(to: Destinatario, datos: DatosAspirante, causa: str, en_ms: int, remite: Remitente) -> EmailMessage:
    """The registration was ended, why, and what follows for what is still to be sent."""
    context = {
        "folio": str(datos.solicitud), "causa": one_line(causa) or UNSAID, "fecha": hora_del_centro(en_ms),
    }  # fmt: skip
    return write("aspirante_baja", "Su registro se dio de baja", context, to, remite)


def auxiliar_alta(to: Destinatario, datos: DatosAuxiliar, gracia_ms: int, remite: Remitente) -> EmailMessage:
    """P7.5: the ids with which a phone is registered, for whom, until when, and how."""
    context = {**_auxiliar(datos), **_periodo(datos.de, gracia_ms), "tipo_cuenta": _tipo(datos.tipo_cuenta)}
    return write("auxiliar_alta", "Sus datos para registrar su teléfono como auxiliar", context, to, remite)


def auxiliar_baja(
    to: Destinatario, datos: DatosAuxiliar, causa: str, por: str, en_ms: int, remite: Remitente
) -> EmailMessage:
    """P7.7: why and since when, and what becomes of what is sent after it. `por`: opl, aspirante or padron."""
    context = {
        **_auxiliar(datos), "causa": one_line(causa) or UNSAID, "por": por,
        "fecha": hora_del_centro(datos.baja_ms if datos.baja_ms is not None else en_ms),
    }  # fmt: skip
    return write("auxiliar_baja", "Su registro como auxiliar se dio de baja", context, to, remite)


def _auxiliar(datos: DatosAuxiliar) -> dict[str, object]:
    return {
        "id_proceso": str(datos.de.solicitud), "id_auxiliar": str(datos.id), "aspirante": one_line(datos.de.nombre),
    }  # fmt: skip


def _periodo(datos: DatosAspirante, gracia_ms: int) -> dict[str, object]:
    return {
        "tipo_cuenta": _tipo(datos.tipo_cuenta), "proceso": one_line(datos.proceso),
        "periodo": one_line(datos.periodo), "inicia": hora_del_centro(datos.inicia_ms),
        "termina": hora_del_centro(datos.termina_ms), "gracia_h": gracia_ms // 3_600_000,
    }  # fmt: skip


def _tipo(tipo: str) -> str:
    return TIPOS_CUENTA.get(tipo, tipo)
