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
    AUXILIAR_ALTA = "auxiliar_alta"
    AUXILIAR_BAJA = "auxiliar_baja"
    AUXILIAR_REACTIVADO = "auxiliar_reactivado"
    AUXILIAR_EDITADO = "auxiliar_editado"
    AUXILIAR_REVISADO = "auxiliar_revisado"
    AUXILIAR_CORREO_REPETIDO = "auxiliar_correo_repetido"
    AUXILIARES_VERIFICADOS = "auxiliares_verificados"
    CARGA_RECIBIDA = "carga_recibida"
    CARGA_ACEPTADA = "carga_aceptada"
    CARGA_APLICADA = "carga_aplicada"
    CARGA_DESCARTADA = "carga_descartada"
    CARGA_FALLIDA = "carga_fallida"
    SESION_ABIERTA = "sesion_abierta"
    SOBRES_BORRADOS_EN_TELEFONO = "sobres_borrados_en_telefono"
    SOBRE_EN_CONFLICTO = "sobre_en_conflicto"
    SOBRE_RECHAZADO = "sobre_rechazado"
    SEGUNDA_COPIA_DETENIDA = "segunda_copia_detenida"
    SEGUNDA_COPIA_RESTABLECIDA = "segunda_copia_restablecida"
    SEGUNDA_COPIA_HALLAZGO = "segunda_copia_hallazgo"
    CORREO_ENVIADO = "correo_enviado"
    PROCESO_CREADO = "proceso_creado"
    PERIODO_CREADO = "periodo_creado"
    PERIODO_MODIFICADO = "periodo_modificado"
    ASPIRANTE_REGISTRADO = "aspirante_registrado"
    ASPIRANTE_MODIFICADO = "aspirante_modificado"
    ASPIRANTE_CONFIRMADO = "aspirante_confirmado"
    ASPIRANTE_CORREO = "aspirante_correo"
    ASPIRANTE_REENVIO = "aspirante_reenvio"
    ASPIRANTE_BAJA = "aspirante_baja"
    ASPIRANTE_REACTIVADO = "aspirante_reactivado"
    CORREO_VENCIDO = "correo_vencido"
    CORREO_REINTENTADO = "correo_reintentado"
    CORREO_DESCARTADO = "correo_descartado"
    REVISION_PEDIDA = "revision_pedida"
    TARJETA_RECIBIDA = "tarjeta_recibida"
    DATOS_CONSULTADOS = "datos_consultados"
    # entering, and the life of an account (A1, A2, A4)
    CUENTA_INVITADA = "cuenta_invitada"
    INVITACION_ACEPTADA = "invitacion_aceptada"
    DECLARACION_ENTREGADA = "declaracion_entregada"
    DECLARACION_ACEPTADA = "declaracion_aceptada"
    DECLARACION_DEVUELTA = "declaracion_devuelta"
    CUENTA_SUSPENDIDA = "cuenta_suspendida"
    CUENTA_REACTIVADA = "cuenta_reactivada"
    CUENTA_ROL = "cuenta_rol"
    CUENTA_DATOS = "cuenta_datos"
    ENTRADA = "entrada"
    ENTRADA_RECHAZADA = "entrada_rechazada"
    CODIGO_ACCESO_PEDIDO = "codigo_acceso_pedido"
    SEGUNDO_FACTOR_PUESTO = "segundo_factor_puesto"
    SEGUNDO_FACTOR_RETIRADO = "segundo_factor_retirado"
    SEGUNDO_FACTOR_RECHAZADO = "segundo_factor_rechazado"
    CODIGOS_RESPALDO_NUEVOS = "codigos_respaldo_nuevos"
    CONTRASENA_CAMBIADA = "contrasena_cambiada"
    RESTABLECER_PEDIDO = "restablecer_pedido"
    SESION_PORTAL_CERRADA = "sesion_portal_cerrada"
    AJUSTES_CAMBIADOS = "ajustes_cambiados"
    AVISO_PUBLICADO = "aviso_publicado"


def record(conn: Connection, now_ms: int, evento: Evento, *, actor: str, objeto: str = "", **datos: object) -> None:
    """Append an event in the caller's transaction. `actor`: `dispositivo:7`, `sistema`, `consola`."""
    rows.append(conn, now_ms, evento, actor, objeto, msgspec.json.encode(datos, order="sorted").decode())
