"""The closed catalogue of events, and how one is recorded. No personal data: ids and codes only."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from server.store import bitacora as rows
from server.store.connection import Connection


class Evento(StrEnum):
    """What can be on the record."""

    SERVIDOR_INICIADO = "servidor_iniciado"
    INDICE_REPUESTO = "indice_repuesto"
    INDICE_RESTAURADO = "indice_restaurado"
    REPLICA_DETENIDA = "replica_detenida"
    REPLICA_RESTABLECIDA = "replica_restablecida"
    CATALOGO_SEMBRADO = "catalogo_sembrado"
    PADRON_IMPORTADO = "padron_importado"
    CODIGO_ALTA_PEDIDO = "codigo_alta_pedido"
    DISPOSITIVO_ALTA = "dispositivo_alta"
    DISPOSITIVO_LLAVE = "dispositivo_llave"
    DISPOSITIVO_BAJA = "dispositivo_baja"
    AUXILIAR_BAJA = "auxiliar_baja"
    SESION_ABIERTA = "sesion_abierta"
    SOBRES_BORRADOS_EN_TELEFONO = "sobres_borrados_en_telefono"
    SOBRE_EN_CONFLICTO = "sobre_en_conflicto"
    SOBRE_RECHAZADO = "sobre_rechazado"
    SEGUNDA_COPIA_DETENIDA = "segunda_copia_detenida"
    SEGUNDA_COPIA_RESTABLECIDA = "segunda_copia_restablecida"
    SEGUNDA_COPIA_HALLAZGO = "segunda_copia_hallazgo"
    CORREO_ENVIADO = "correo_enviado"
    CORREO_VENCIDO = "correo_vencido"
    CORREO_REINTENTADO = "correo_reintentado"
    CORREO_DESCARTADO = "correo_descartado"
    REVISION_PEDIDA = "revision_pedida"
    TARJETA_RECIBIDA = "tarjeta_recibida"
    DATOS_CONSULTADOS = "datos_consultados"


def record(conn: Connection, now_ms: int, evento: Evento, *, actor: str, objeto: str = "", **datos: object) -> None:
    """Append an event in the caller's transaction. `actor`: `dispositivo:7`, `sistema`, `consola`."""
    rows.append(conn, now_ms, evento, actor, objeto, msgspec.json.encode(datos, order="sorted").decode())
