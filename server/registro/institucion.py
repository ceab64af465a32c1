"""What an administrator says of the institute: settings with their history, and avisos de privacidad (issue 4, B13)."""

from __future__ import annotations

from dataclasses import fields

from server import bitacora
from server.bitacora import Evento
from server.domain.institucion import Institucion
from server.store import ajustes, archivos, avisos_privacidad
from server.store.writer import Tx

CLAVES = tuple(field.name for field in fields(Institucion) if field.name != "logo")
QUITAR = b""


def cambiar(tx: Tx, cuenta: int, valores: dict[str, str], logo: bytes | None) -> list[str]:
    """Set what differs from what is set. Returns the settings that changed.

    `logo`: a PNG made by `server.documentos.imagenes`, `QUITAR` to have none, None to leave it. The record keeps what a
    setting said before and says now: these are an institute's public texts, and their history is asked for.
    """
    before = ajustes.valores(tx.conn)
    changes: dict[str, dict[str, str]] = {}
    for clave in CLAVES:
        valor = valores.get(clave, before.get(clave, ""))
        if valor != before.get(clave, ""):
            ajustes.poner(tx.conn, clave, valor, None, tx.now_ms)
            changes[clave] = {"antes": before.get(clave, ""), "ahora": valor}
    if logo is not None and (logo or before.get("logo")):
        archivo = archivos.add(tx.conn, "logo.png", "image/png", logo, tx.now_ms) if logo else None
        valor = str(archivo or "")
        ajustes.poner(tx.conn, "logo", valor, archivo, tx.now_ms)
        changes["logo"] = {"antes": before.get("logo", ""), "ahora": valor}
    if changes:
        bitacora.record(
            tx.conn, tx.now_ms, Evento.AJUSTES_CAMBIADOS, actor=f"cuenta:{cuenta}", objeto="institucion",
            cambios=changes,
        )  # fmt: skip
    return list(changes)


def publicar_aviso(tx: Tx, cuenta: int, clase: str, titulo: str, texto: str) -> int:
    """Publish a version of an aviso de privacidad; returns its id. Earlier ones stay readable."""
    id_ = avisos_privacidad.publicar(tx.conn, clase, titulo, texto, tx.now_ms, cuenta)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.AVISO_PUBLICADO, actor=f"cuenta:{cuenta}", objeto=f"aviso:{id_}", clase=clase
    )
    return id_
