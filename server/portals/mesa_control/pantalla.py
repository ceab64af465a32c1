"""What stands on the review screen, and what is kept of it with the decision (rows G1, G2, G5).

What was on the screen travels with its form, sealed by the server: so it is what that person saw, whatever has changed
since, a restarted server knows it too, and nobody can say they saw something else.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from server.domain.apoyo import Via
from server.domain.auxiliar import fecha_larga
from server.domain.inconsistencias import Inconsistencia
from server.domain.marcas import Marca
from server.expedientes.abrir import Abridor
from server.keyring import Keyring
from server.mesa_control import criterios
from server.mesa_control.expediente import COINCIDE, DIFIERE, Expediente, Grupo, mirar, nombre_imagen
from server.portals.visita import Visita
from server.store import ajustes
from server.store.connection import Connection
from server.store.mirada import Papel, Vecina
from server.store.revisiones import Revision
from sync_protocol.registro import IMAGENES

RONDAS = {
    "primera": "Primera revisión", "segunda": "Segunda revisión", "tercera": "Tercera opinión",
    "reapertura": "Revisión reabierta", "audiencia": "Garantía de audiencia",
}  # fmt: skip
COTEJOS = {COINCIDE: ("Coincide", "bien"), DIFIERE: ("Difiere", "mal")}
"""What is said beside a datum, and the class of its label; nothing where no code says it."""
DIA_MS = 24 * 3600 * 1000


class Vista(msgspec.Struct, frozen=True):
    """What was on the screen: codes and ids alone. `huellas`: by image, the start of its SHA-256."""

    abierto_ms: int
    banderas: tuple[str, ...]
    huellas: dict[str, str]
    situacion: str
    criterios: int
    oculto: bool
    lectura: bool
    grupos: dict[str, int]

    def en_pantalla(self, *, zoom: bool, guion: bool) -> dict[str, object]:
        """As the dictamen keeps it. `zoom`: an image was enlarged; `guion`: the page's script was at work."""
        said = msgspec.to_builtins(self)
        del said["abierto_ms"]
        return {**said, "zoom": zoom, "guion": guion}


def sellar(keyring: Keyring, revision: int, cuenta: int, vista: Vista) -> str:
    """For the form: readable by this server alone, good for this registro and this person."""
    wrapped = keyring.wrap(_purpose(revision, cuenta), msgspec.msgpack.encode(vista))
    return base64.urlsafe_b64encode(wrapped).decode("ascii")


def abrir_sello(keyring: Keyring, revision: int, cuenta: int, sello: str) -> Vista | None:
    """What `sellar` wrapped; None when it is another's, another registro's, or was altered."""
    try:
        wrapped = base64.b64decode(sello, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    plain = keyring.unwrap(_purpose(revision, cuenta), wrapped)
    if plain is None:
        return None
    try:
        return msgspec.msgpack.decode(plain, type=Vista)
    except msgspec.MsgspecError:
        return None


def _purpose(revision: int, cuenta: int) -> str:
    return f"pantalla:{revision}:{cuenta}"


@dataclass(frozen=True, slots=True)
class Imagen:
    """One of the four. `n`: the key that shows it alone; `url`: its own address."""

    n: int
    tipo: str
    nombre: str
    url: str


@dataclass(frozen=True, slots=True)
class Fila:
    """A datum as the page shows it. `cotejo`, `clase`: words and class of the label, empty without a reading."""

    etiqueta: str
    vigente: str
    capturado: str
    leido: str
    cotejo: str
    clase: str


@dataclass(frozen=True, slots=True)
class Inciso:
    """A criterion to choose. `corto`: its line; `opciones`: details that may be chosen instead of written."""

    inciso: str
    tipo: str
    corto: str
    texto: str
    detalle: str
    pide_detalle: bool
    opciones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Junto:
    """Another registro beside this one. `miniatura`: its image's address, empty for paper; `resultado`: in words."""

    folio: str
    recibido_ms: int
    mismo_auxiliar: bool
    distancia: int
    resultado: str
    miniatura: str


@dataclass(frozen=True, slots=True)
class Bloque:
    """A group of registros to compare. `propia`: address of this registro's own image, empty for paper."""

    titulo: str
    tipo: str
    nombre: str
    propia: str
    vecinas: tuple[Junto, ...]


@dataclass(frozen=True, slots=True)
class Mirado:
    """An open registro, ready to be shown."""

    revision: Revision
    expediente: Expediente
    criterios: criterios.Criterios
    oculto: bool
    vista: Vista


def abrir(v: Visita, conn: Connection, revision: Revision) -> Mirado:
    """Open what a revisión is about. Raises NoAbre."""
    expediente = mirar(conn, Abridor(v.portal.diario, v.portal.keyring), revision.apoyo_id)
    vigentes = criterios.vigentes(conn, expediente.via)
    oculto = ajustes.reglas(conn).ocultar_aspirante
    vista = Vista(
        abierto_ms=v.now_ms,
        banderas=tuple(f"{one.codigo}:{one.dato}" if one.dato else str(one.codigo) for one in expediente.banderas),
        huellas=expediente.huellas,
        situacion=expediente.apoyo.situacion.value,
        criterios=vigentes.version,
        oculto=oculto,
        lectura=expediente.lectura is not None,
        grupos={f"{grupo.tipo}:{n}": len(grupo.vecinas) for n, grupo in enumerate(expediente.grupos)},
    )
    return Mirado(revision, expediente, vigentes, oculto, vista)


def imagenes(revision: int, expediente: Expediente) -> tuple[Imagen, ...]:
    """The four, in the order in which people look at them; none for paper."""
    return tuple(
        Imagen(n, tipo, nombre_imagen(tipo), f"/mesa/revision/{revision}/imagen/{tipo}")
        for n, tipo in enumerate(IMAGENES, 1)
        if tipo in expediente.abierto.imagenes
    )


def filas(expediente: Expediente) -> tuple[Fila, ...]:
    """The captured data beside what was read again."""
    return tuple(
        Fila(one.etiqueta, one.vigente, one.capturado, one.leido, *COTEJOS.get(one.cotejo, ("", "")))
        for one in expediente.datos
    )


def incisos(vigentes: criterios.Criterios) -> tuple[Inciso, ...]:
    """The criteria in force, as choices."""
    return tuple(_inciso(one) for one in vigentes.incisos)


def _inciso(one: Inconsistencia) -> Inciso:
    opciones = opciones_de(one.detalle)
    corto = one.detalle.partition(":")[0] if opciones or len(one.detalle) > 60 else one.detalle
    return Inciso(one.inciso, str(one.tipo), corto, one.texto, one.detalle, one.pide_detalle, opciones)


def opciones_de(detalle: str) -> tuple[str, ...]:
    """Details that a criterion's own words list: what stands after a colon, or the whole; none where it is a question.

    `En blanco y negro, o a color` gives two; `De qué símbolo se trata` none.
    """
    head, colon, tail = detalle.partition(":")
    listed = (tail if colon else head).partition(";")[0].strip()
    if re.search(r"\b(qué|cuál|cuáles|cómo)\b", listed, re.IGNORECASE):
        return ()
    parts = [part.strip() for part in re.split(r",\s*(?:[ou]\s+)?|\s+[ou]\s+", listed)]
    parts = [part[:1].upper() + part[1:] for part in parts if part and not re.match(r"otr[oa]s?\b", part)]
    return tuple(parts) if len(parts) > 1 else ()


def bloques(mirado: Mirado) -> tuple[Bloque, ...]:
    """Near-equal images and other registros of the person, side by side."""
    return tuple(_bloque(mirado, grupo) for grupo in mirado.expediente.grupos)


def _bloque(mirado: Mirado, grupo: Grupo) -> Bloque:
    at = f"/mesa/revision/{mirado.revision.id}"
    own = f"{at}/imagen/{grupo.tipo}" if grupo.tipo in mirado.expediente.abierto.imagenes else ""
    return Bloque(
        grupo.titulo, grupo.tipo, grupo.nombre, own, tuple(_junto(mirado, grupo, one, at) for one in grupo.vecinas)
    )


def _junto(mirado: Mirado, grupo: Grupo, one: Vecina, at: str) -> Junto:
    said = one.resultado.texto + (f", inciso {one.inciso})" if one.inciso else "")
    thumb = f"{at}/junto/{one.id}/{grupo.tipo}" if one.via == Via.APP else ""
    return Junto(
        folio_visible(one.folio, oculto=mirado.oculto), one.recibido_ms,
        one.auxiliar == mirado.expediente.apoyo.auxiliar, one.distancia, said, thumb,
    )  # fmt: skip


def folio_visible(folio: str, *, oculto: bool) -> str:
    """A folio as the operator may see it: its first part is the aspirante's own folio."""
    head, dash, tail = folio.partition("-")
    return f"{'·' * len(head)}{dash}{tail}" if oculto else folio


def situacion(mirado: Mirado) -> str:
    """What the padrón says, in words, with its motive and its date."""
    apoyo = mirado.expediente.apoyo
    said = apoyo.situacion.texto
    if apoyo.motivo_baja is not None:
        said += f": {apoyo.motivo_baja.texto.lower()}"
    return said + (f", con corte al {fecha_larga(apoyo.padron_corte)}" if apoyo.padron_corte else "")


@dataclass(frozen=True, slots=True)
class Contenido:
    """The part of the page that is about the registro itself; hearings may use it too."""

    via: str
    ronda: str
    folio: str
    aspirante: str
    recibido_ms: int
    captura_ms: int | None
    limite_ms: int
    situacion: str
    imagenes: tuple[Imagen, ...]
    filas: tuple[Fila, ...]
    banderas: tuple[str, ...]
    marcas: tuple[Marca, ...]
    bloques: tuple[Bloque, ...]
    papel: Papel | None
    papel_criterio: str
    leido: bool


PAPEL: Mapping[str, str] = {
    "": "Nada", "copia": "Cédula en copia", "sin_copia_credencial": "Sin copia de credencial",
    "sin_leyenda": "Sin leyenda", "sin_firma": "Sin firma", "otra": "Otra",
}  # fmt: skip


def contenido(mirado: Mirado, aspirante: str) -> Contenido:
    """What is shown of an open registro. `aspirante`: the name, used only where it is not hidden."""
    expediente = mirado.expediente
    apoyo, papel = expediente.apoyo, expediente.papel
    values: dict[str, Any] = {
        "via": expediente.via.value,
        "ronda": RONDAS.get(str(mirado.revision.ronda), str(mirado.revision.ronda)),
        "folio": folio_visible(apoyo.folio, oculto=mirado.oculto),
        "aspirante": "" if mirado.oculto else aspirante,
        "recibido_ms": apoyo.recibido_ms,
        "captura_ms": expediente.captura_ms,
        "limite_ms": mirado.revision.limite_ms,
        "situacion": situacion(mirado),
        "imagenes": imagenes(mirado.revision.id, expediente),
        "filas": filas(expediente),
        "banderas": tuple(one.texto for one in expediente.banderas),
        "marcas": expediente.marcas,
        "bloques": bloques(mirado),
        "papel": papel,
        "papel_criterio": PAPEL.get(papel.criterio, papel.criterio) if papel else "",
        "leido": expediente.lectura is not None,
    }
    return Contenido(**values)
