"""Build and sign an acuse. When it may be given is decided by the intake, once everything is durable."""

from __future__ import annotations

from server.clock import iso_utc
from sync_protocol import acuse as acuses
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import Cabecera


def issue(cabecera: Cabecera, codigo: bytes, tam: int, recibido_ms: int, institucion: str, key: PrivateKey) -> str:
    """The acuse of one sobre as a compact JWS. `codigo`: its código de integridad, 32 bytes."""
    acuse = acuses.Acuse(
        iss=institucion,
        iat=recibido_ms // 1000,
        folio=str(cabecera.folio),
        tipo="testigos" if cabecera.folio.registro == 0 else "apoyo",
        codigo=codigo.hex(),
        tam=tam,
        recibido=iso_utc(recibido_ms),
    )
    return acuses.sign(acuse, key)
