"""Documents filled in by hand, and what a PDF says of itself."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import pypdf
from PIL import Image

from server.documentos import cedula_auxiliar, cedula_confirmacion, declaracion, fura
from server.documentos.cedula_auxiliar import CedulaAuxiliar
from server.documentos.cedula_confirmacion import CedulaConfirmacion
from server.documentos.declaracion import DeclaracionDatos
from server.documentos.fura import Fura
from server.domain.institucion import Institucion

HOSTILES = (
    '<script>alert("x")</script>', "#panic()", "#read(\"/etc/passwd\")", "$1+1$", "*a* _b_ `c` @d <e>", "\\u{202e}",
    "= Título\n== Otro", "\u202eabc", "\x00\x07", "😀漢字", "{{ 7*7 }}", "'; DROP TABLE x; --", "a\u0301\u0302\u0303",
)  # fmt: skip

INSTITUCION = Institucion(
    "Instituto Electoral de Prueba", "IEP", domicilio="Avenida Juárez 100", contacto_correo="apoyo@iep.example",
    contacto_telefono="55 0000 0000", horario="Lunes a viernes, 9 a 18 h",
)  # fmt: skip


def imagen(ancho: int = 600, alto: int = 400, formato: str = "PNG", modo: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(modo, (ancho, alto), "teal").save(out, formato)
    return out.getvalue()


CONFIRMACION = CedulaConfirmacion(
    institucion=INSTITUCION, folio="000123", proceso="Candidatura independiente", periodo="Presidencia municipal",
    inicia="01/01/2027 00:00", termina="15/02/2027 23:59", nombre="Itzel Ñáñez Güemes",
    lugar_nacimiento="Oaxaca de Juárez", fecha_nacimiento="01/02/1980",
    telefonos=(("Domicilio", "9510000000"), ("Móvil", "")), correo="itzel@ejemplo.mx", tipo_cuenta="Google",
    clave_elector="NXGMIT80020120M100", ocr="1234567890123", cic="123456789", entidad="Oaxaca", municipio="Oaxaca",
    seccion="0512", fecha_manifestacion="20/12/2026", oficio="OF/12/2026", folio_interno="FI-7",
    observaciones="Trajo copia.\nFalta una.", emblema_png=imagen(), leyenda=INSTITUCION.leyenda_cedula,
    emitida="22/11/2026 10:00", logo_png=imagen(900, 200, modo="RGBA"),
)  # fmt: skip
AUXILIAR = CedulaAuxiliar(
    institucion=INSTITUCION, solicitud="123", aspirante="Itzel Ñáñez Güemes", auxiliar="45", nombre="Juan Pérez López",
    correo="juan@ejemplo.mx", tipo_cuenta="Google", clave_elector="PRLPJN80020120H100", dispositivo="7",
    modelo="Modelo 12", folio="000123-000045-0000007-000001-9", recibido="22/11/2026 10:00:00",
    codigo_integridad="a1" * 32, anverso=(imagen(1000, 630, "JPEG"), "image/jpeg"),
    reverso=(imagen(1000, 630, "WEBP"), "image/webp"), foto=(imagen(600, 800, "JPEG"), "image/jpeg"), firma=None,
    revision="Pendiente de revisión", emitida="22/11/2026 10:00",
)  # fmt: skip
DECLARACION = DeclaracionDatos(INSTITUCION, "Rosa Martínez", "Directora", "rosa@iep.example", "55 1111 1111", "")
FURA = Fura(INSTITUCION, "Itzel Ñáñez Güemes", "000123", "Presidencia municipal")
TODOS: list[tuple[Any, Any]] = [
    (cedula_confirmacion, CONFIRMACION), (cedula_auxiliar, AUXILIAR), (declaracion, DECLARACION), (fura, FURA),
    (fura, Fura(Institucion("I"))), (declaracion, DeclaracionDatos(Institucion("I"), "", "", "", "", "")),
]  # fmt: skip


def con_texto(documento: Any, valor: str) -> Any:
    """The same document with `valor` in every field that is a text."""
    changes: dict[str, Any] = {
        name: valor for name in documento.__dataclass_fields__ if isinstance(getattr(documento, name), str)
    }
    if isinstance(documento, CedulaConfirmacion):
        changes["telefonos"] = ((valor, valor),)
    return replace(
        documento, **changes,
        institucion=replace(
            INSTITUCION, nombre=valor, siglas=valor, domicilio=valor, horario=valor, contacto_correo=valor,
            contacto_telefono=valor, responsiva=valor, declaracion=valor,
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Leido:
    """What is in a PDF."""

    texto: str
    paginas: int
    idioma: str
    marcado: bool
    ua: bool
    titulo: str
    acciones: bool


def leer(pdf: bytes) -> Leido:
    """As pypdf reads it; the spaces of no width that let long words break are taken out."""
    reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    root: Any = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    texto = "\n".join(page.extract_text() for page in reader.pages).replace("\u200b", "")
    return Leido(
        texto, len(reader.pages), str(root["/Lang"]), bool(root["/MarkInfo"]["/Marked"]),
        "<pdfuaid:part>1</pdfuaid:part>" in xmp, str(reader.metadata.title if reader.metadata else ""),
        b"/JavaScript" in pdf or b"/Launch" in pdf,
    )  # fmt: skip


def fuera_del_margen(png: bytes, margen: float) -> int:
    """How many pixels of a page are not white in its outer `margen` (a fraction of its width), left and right."""
    page = Image.open(io.BytesIO(png)).convert("L")
    band = int(page.width * margen)
    sides = (page.crop((0, 0, band, page.height)), page.crop((page.width - band, 0, page.width, page.height)))
    return sum(sum(count for shade, count in enumerate(side.histogram()) if shade < 250) for side in sides)
