"""What a person looks at to decide on an apoyo, in review and in hearings (rows G1, F1-F4, X9).

The captured data beside what the server read again, flags in words, the situación in the padrón, and other apoyos with
which it must be compared. All of it is in memory and leaves to whoever asks; they put the view on the record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from server.domain.apoyo import Via
from server.domain.banderas import DATOS, Bandera
from server.domain.marcas import Marca
from server.expedientes.abrir import CAMPOS, Abierto, Abridor
from server.lectura import modelo
from server.lectura.modelo import Lectura
from server.registro.testigos import NOMBRES, SIDE, anew
from server.store import apoyos, banderas, lecturas, mirada
from server.store.apoyos import Apoyo
from server.store.connection import Connection
from server.store.mirada import Papel, Vecina
from sync_protocol.registro import IMAGENES

ETIQUETAS = {
    "nombre": "Nombre",
    "apellido_paterno": "Apellido paterno",
    "apellido_materno": "Apellido materno",
    "clave_elector": "Clave de elector",
    "curp": "CURP",
    "cic": "CIC",
    "ocr": "OCR",
}
"""The data by their campo, as people read them."""
LEIDOS = ("clave_elector", "curp", "cic", "ocr")
"""Those that a code of the card may carry."""
COINCIDE, DIFIERE, SIN_LEER = "coincide", "difiere", ""
MINIATURA = 480
"""The longest side of an image of another registro, in pixels."""


@dataclass(frozen=True, slots=True)
class Dato:
    """One datum. `vigente`: what holds; `capturado`: as it came, where a correction changed it, else empty.

    `leido`: what the codes of the card say, empty when none says it; `cotejo`: COINCIDE, DIFIERE or SIN_LEER.
    """

    campo: str
    etiqueta: str
    vigente: str
    capturado: str
    leido: str
    cotejo: str


@dataclass(frozen=True, slots=True)
class Grupo:
    """Apoyos to be looked at beside this one. `tipo`: the image to compare, the same of each."""

    titulo: str
    tipo: str
    nombre: str
    vecinas: tuple[Vecina, ...]


@dataclass(frozen=True, slots=True)
class Expediente:
    """One apoyo as a person looks at it. `lectura`: None before the readers looked; `papel`: of a cédula of paper.

    `huellas`: of each image, the start of its SHA-256 as the phone sealed it (12 hexadecimal digits).
    """

    apoyo: Apoyo
    abierto: Abierto
    datos: tuple[Dato, ...]
    lectura: Lectura | None
    banderas: tuple[Bandera, ...]
    marcas: tuple[Marca, ...]
    grupos: tuple[Grupo, ...]
    papel: Papel | None
    huellas: dict[str, str]

    @property
    def via(self) -> Via:
        """How it came."""
        return self.apoyo.via

    @property
    def captura_ms(self) -> int | None:
        """When it was captured, by the phone's clock as corrected; None for paper."""
        contenido = self.abierto.contenido
        return None if contenido is None else contenido.capturado_ms + (contenido.desfase_ms or 0)


def mirar(conn: Connection, abridor: Abridor, apoyo_id: int) -> Expediente:
    """Everything that is looked at together, of one state of the index. Raises NoAbre with its motive."""
    abierto = abridor.abrir(conn, apoyo_id)
    apoyo = apoyos.get(conn, apoyo_id)
    assert apoyo is not None, "it was opened"
    lectura = _lectura(conn, abridor, apoyo_id)
    sealed = () if abierto.contenido is None else abierto.contenido.imagenes
    return Expediente(
        apoyo=apoyo,
        abierto=abierto,
        datos=tuple(_dato(abierto, lectura, campo) for campo in CAMPOS),
        lectura=lectura,
        banderas=tuple(banderas.of(conn, apoyo_id)),
        marcas=tuple(Marca(one) for one in mirada.marcas(conn, apoyo_id) if one in set(Marca)),
        grupos=_grupos(conn, apoyo_id),
        papel=mirada.papel(conn, apoyo_id),
        huellas={image.tipo: image.sha256.hex()[:12] for image in sealed},
    )


def imagen(abierto: Abierto, tipo: str, lado: int = SIDE) -> bytes | None:
    """One image as a JPEG made anew; None when what came is no image, or there is none of that tipo."""
    sent = abierto.imagenes.get(tipo)
    return None if sent is None else anew(sent, lado)


def nombre_imagen(tipo: str) -> str:
    """What an image is called on pages."""
    return NOMBRES[tipo]


def _lectura(conn: Connection, abridor: Abridor, apoyo_id: int) -> Lectura | None:
    kept = lecturas.get(conn, apoyo_id)
    plain = abridor.keyring.unwrap(lecturas.proposito(apoyo_id), kept.leido) if kept else None
    if plain is None:
        return None  # not read yet, or with a key that is gone: it is read again, nothing depends on it
    try:
        return modelo.decode(plain)
    except msgspec.MsgspecError:
        return None


def _dato(abierto: Abierto, lectura: Lectura | None, campo: str) -> Dato:
    vigente = getattr(abierto.datos, campo)
    capturado = getattr(abierto.capturados, campo)
    leido = (getattr(lectura, campo) or "") if lectura is not None and campo in LEIDOS else ""
    cotejo = SIN_LEER if not leido else COINCIDE if plano(leido) == plano(vigente) else DIFIERE
    return Dato(campo, ETIQUETAS[campo], vigente, capturado if campo in abierto.corregidos else "", leido, cotejo)


def plano(value: str) -> str:
    """A datum as it is compared: upper case, nothing but letters and digits."""
    return re.sub(r"[^0-9A-ZÑ]", "", value.upper())


def _grupos(conn: Connection, apoyo_id: int) -> tuple[Grupo, ...]:
    found = []
    near = mirada.parecidas(conn, apoyo_id)
    for tipo in IMAGENES:
        if same := tuple(one for one in near if one.tipo == tipo):
            found.append(Grupo(f"Imágenes casi iguales de {DATOS[tipo]}", tipo, NOMBRES[tipo], same))
    if person := mirada.de_la_persona(conn, apoyo_id):
        found.append(Grupo("Otros registros de la misma persona", "anverso", NOMBRES["anverso"], person))
    return tuple(found)
