"""What an OPL has before it when it registers: the fields of the forms, of synthetic people."""

from __future__ import annotations

from device_sim.synthetic.people import Persona as Ciudadano
from device_sim.synthetic.people import persona_at
from tests.server.portals.portal import Persona, Respuesta

PERIODO = {
    "proceso": "nuevo",
    "proceso_tipo": "candidatura_independiente",
    "proceso_nombre": "Proceso Electoral Local 2026-2027",
    "nombre": "Diputación local",
    "ambito": "local",
    "entidad": "20",
    "inicia": "2026-09-01T00:00",
    "termina": "2026-12-01T18:00",
    "estatus": "activo",
    "apoyos_requeridos": "5,567",
    "dispersion": "ninguna",
}


def ciudadano(index: int = 3, entidad: str = "20") -> Ciudadano:
    """A synthetic citizen."""
    return persona_at(7, 1000, entidad, index)


def aspirante(persona: Ciudadano, periodo: int, /, **changes: str) -> dict[str, str]:
    """The form filled in with what that person's card says."""
    return {
        "periodo": str(periodo),
        "nombre": persona.nombre,
        "apellido_paterno": persona.apellido_paterno,
        "apellido_materno": persona.apellido_materno,
        "lugar_nacimiento": "Oaxaca de Juárez",
        "fecha_nacimiento": persona.fecha_nacimiento.isoformat(),
        "tel_movil": "951 123 4567",
        "correo": "aspirante@ejemplo.mx",
        "tipo_cuenta": "google",
        "clave_elector": persona.clave_elector,
        "curp": persona.curp,
        "cic": persona.cic,
        "ocr": persona.ocr,
        "entidad": persona.entidad,
        "municipio": persona.municipio,
        "seccion": persona.seccion,
        "fecha_manifestacion": "2026-09-10",
        "oficio": "OPL/123/2026",
        **changes,
    }


async def new_periodo(opl: Persona, **changes: str) -> int:
    """Register a periodo through its form; returns its id."""
    answer = await opl.post("/opl/periodos", {**PERIODO, **changes})
    return id_of(answer)


async def new_aspirante(opl: Persona, data: dict[str, str], **files: tuple[str, bytes, str]) -> int:
    """Register an aspirante through its form; returns the folio."""
    return id_of(await opl.post("/opl/aspirantes", data, files=files or None))


def id_of(answer: Respuesta) -> int:
    """The number at the end of where a form led."""
    return int(answer.location.partition("?")[0].rpartition("/")[2])
