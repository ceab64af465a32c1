"""The Cédula de confirmación of an aspirante as people read it, made into a PDF (row B3, P6.1F)."""

from __future__ import annotations

from datetime import date

from server.clock import hora_del_centro
from server.documentos import cedula_confirmacion
from server.documentos.cedula_confirmacion import CedulaConfirmacion
from server.domain import entidades
from server.domain.institucion import Institucion
from server.portals.opl.aspirantes import CUENTAS
from server.store.aspirantes import Aspirante
from server.store.periodos import Periodo


def pdf(
    institucion: Institucion, aspirante: Aspirante, periodo: Periodo | None, now_ms: int, logo_png: bytes | None
) -> bytes:
    """The document; takes some tens of milliseconds."""
    return cedula_confirmacion.pdf(cedula(institucion, aspirante, periodo, now_ms, logo_png))


def cedula(
    institucion: Institucion, aspirante: Aspirante, periodo: Periodo | None, now_ms: int, logo_png: bytes | None = None
) -> CedulaConfirmacion:
    """What it says."""
    datos = aspirante.datos
    telefonos = (("Móvil", datos.tel_movil), ("Domicilio", datos.tel_domicilio), ("Oficina", datos.tel_oficina))
    return CedulaConfirmacion(
        institucion=institucion,
        folio=str(aspirante.id),
        proceso=periodo.proceso if periodo else "",
        periodo=periodo.nombre if periodo else "",
        inicia=_minute(periodo.inicia_ms) if periodo else "",
        termina=_minute(periodo.termina_ms) if periodo else "",
        nombre=aspirante.nombre_completo,
        lugar_nacimiento=datos.lugar_nacimiento,
        fecha_nacimiento=_day(datos.fecha_nacimiento),
        telefonos=tuple((kind, number) for kind, number in telefonos if number),
        correo=datos.correo,
        tipo_cuenta=dict(CUENTAS).get(datos.tipo_cuenta, ""),
        clave_elector=datos.clave_elector,
        ocr=datos.ocr,
        cic=datos.cic,
        entidad=f"{datos.entidad} {entidades.nombre(datos.entidad)}" if datos.entidad else "",
        municipio=datos.municipio,
        seccion=datos.seccion,
        fecha_manifestacion=_day(datos.fecha_manifestacion),
        oficio=datos.oficio,
        folio_interno=datos.folio_interno,
        observaciones=datos.observaciones,
        emblema_png=aspirante.emblema_png,
        leyenda=institucion.leyenda_cedula,
        emitida=_minute(now_ms),
        logo_png=logo_png,
    )


def _minute(ms: int) -> str:
    return hora_del_centro(ms)[:16]


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}" if iso else ""
