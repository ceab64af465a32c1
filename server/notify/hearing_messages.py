"""What is said of a garantía de audiencia: to the aspirante who asked for it, and to who reviews in it (rows B8, C7).

Pure but for the templates. Instants in ms.
"""

from __future__ import annotations

from email.message import EmailMessage

from server.clock import hora_del_centro
from server.notify.writing import Destinatario, Remitente, one_line, write
from server.store.destinatarios import DatosAudiencia

ASUNTOS = {
    "programada": "Su garantía de audiencia tiene fecha",
    "cambio": "Cambió la garantía de audiencia",
    "continua": "La audiencia continúa otro día",
    "nombrado": "Revisará en una garantía de audiencia",
    "desistida": "La audiencia ya no se celebrará",
}
"""What there is to say of a date, by its code."""


def programada(
    to: Destinatario, datos: DatosAudiencia, que: str, remite: Remitente, *, aspirante: bool
) -> EmailMessage:  # fmt: skip
    """A date, another one, or none any more. `que`: a key of ASUNTOS; one that is not there is said as a change."""
    que = que if que in ASUNTOS else "cambio"
    context = {
        **_datos(datos), "que": que, "aspirante": aspirante,
        "fecha": hora_del_centro(datos.inicia_ms)[:16] if datos.inicia_ms is not None else "",
        "minutos": datos.minutos, "lugar": one_line(datos.lugar), "oficialia": one_line(datos.oficialia),
        "ruta": f"/aspirante/audiencias/{datos.id}" if aspirante else f"/opl/audiencias/{datos.id}",
    }  # fmt: skip
    return write("audiencia_programada", ASUNTOS[que], context, to, remite)


def concluida(to: Destinatario, datos: DatosAudiencia, remite: Remitente) -> EmailMessage:
    """It is over: the result, and where the acta is."""
    context = {
        **_datos(datos), "cambiados": f"{datos.totales.cambiados:,}", "confirmados": f"{datos.totales.confirmados:,}",
        "otro_inciso": datos.totales.otro_inciso, "sin_revisar": datos.totales.sin_revisar,
        "ruta": f"/aspirante/audiencias/{datos.id}",
    }  # fmt: skip
    return write("audiencia_concluida", "Concluyó su garantía de audiencia", context, to, remite)


def _datos(datos: DatosAudiencia) -> dict[str, object]:
    return {"audiencia": str(datos.id), "folio": str(datos.solicitud), "registros": f"{datos.totales.registros:,}"}
