"""What stages write: each an operation of the write thread on one job, small and good for doing twice (rows F1-F5).

Every one asks first whether the job is still where it was when the work began: a correction of the mesa may have sent
it back meanwhile, and what was found out with the old data must not go over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server import bitacora
from server.bitacora import Evento
from server.domain.apoyo import Ambito, Via
from server.domain.banderas import Bandera, Codigo
from server.domain.duplicados import identificadores
from server.domain.territorio import dentro
from server.expedientes.abrir import Datos
from server.keyring import Keyring
from server.lectura import parecidas
from server.padron.proveedor import Respuesta
from server.pipeline.compulsa import DE_COMPULSAR, DE_LEER, DEL_PADRON
from server.pipeline.outcome import Cuarentena, Fallido, Hallado, banderas_de
from server.pipeline.paciencia import PADRON
from server.pipeline.stages import CADENA, desde, siguiente
from server.store import (
    ajustes,
    apoyos,
    banderas,
    correcciones,
    excepciones,
    identidades,
    lecturas,
    periodos,
    revisiones,
    trabajos,
)
from server.store.connection import Connection
from server.store.writer import Tx

DIA_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Persona:
    """Who gave an apoyo, as known when its sobre was opened. `correccion`: the newest that was known then.

    `huellas`: the keyed hashes by which persons are told apart. In memory alone.
    """

    id: int
    datos: Datos
    huellas: Mapping[str, bytes]
    correccion: int


def huellas(keyring: Keyring, datos: Datos) -> dict[str, bytes]:
    """The keyed hashes of what identifies a person, by clase; none of what is not there or has not its form."""
    found = identificadores(datos.clave_elector, datos.cic, datos.ocr)
    return {clase: keyring.huella(f"identidad:{clase}", text) for clase, text in found.items()}


@dataclass(frozen=True, slots=True)
class Leida:
    """A reading, wrapped already. `imagenes`: perceptual hashes by image."""

    leido: bytes
    lector: str
    imagenes: Mapping[str, bytes]
    hallado: Hallado


def abierto(tx: Tx, persona: Persona) -> bool:
    """After `abrir`: whose it is. False when the job is not there any more; nothing was written then."""
    if not _still(tx.conn, persona, "abrir"):
        return False
    _know(tx, persona)
    _advance(tx, persona.id, "abrir")
    return True


def leido(tx: Tx, persona: Persona, lectura: Leida | None) -> bool:
    """After `leer_codigos`: what the readers found; None for paper, which has no images."""
    if not _still(tx.conn, persona, "leer_codigos"):
        return False
    if lectura is not None:
        lecturas.save(tx.conn, persona.id, lectura.leido, lectura.lector, tx.now_ms)
        banderas.replace(tx.conn, persona.id, DE_LEER, banderas_de(lectura.hallado), tx.now_ms)
        for id_ in parecidas.registrar(tx.conn, persona.id, lectura.imagenes):  # both of a pair, whichever came first
            found = parecidas.banderas(tx.conn, id_)
            banderas.replace(tx.conn, id_, (Codigo.IMAGEN_REPETIDA,), found, tx.now_ms)
    _advance(tx, persona.id, "leer_codigos")
    return True


def compulsado(tx: Tx, persona: Persona, hallado: Hallado, comparado: Hallado | None) -> bool:
    """After `compulsar`. `comparado`: with the codes again, because data were corrected; else None."""
    if not _still(tx.conn, persona, "compulsar"):
        return False
    _know(tx, persona)
    banderas.replace(tx.conn, persona.id, DE_COMPULSAR, banderas_de(hallado), tx.now_ms)
    if comparado is not None:
        banderas.replace(tx.conn, persona.id, DE_LEER, banderas_de(comparado), tx.now_ms)
    _advance(tx, persona.id, "compulsar")
    return True


def verificado(tx: Tx, persona: Persona, respuesta: Respuesta, hallado: Hallado) -> bool:
    """After `verificar_padron`: its answer, and all that follows from it, in the same transaction."""
    job = trabajos.get(tx.conn, persona.id)
    if job is None or not _still(tx.conn, persona, "verificar_padron"):
        return False
    apoyos.set_situacion(
        tx.conn, persona.id, respuesta.situacion, motivo_baja=respuesta.motivo, municipio=respuesta.municipio,
        seccion=respuesta.seccion, entidad=respuesta.entidad, version=respuesta.version, corte=respuesta.corte,
        en_ms=tx.now_ms,
    )  # fmt: skip
    banderas.replace(tx.conn, persona.id, DEL_PADRON, banderas_de(hallado), tx.now_ms)
    trabajos.advance(tx.conn, persona.id, CADENA[0], tx.now_ms)
    silent_before = job.intentos if job.motivo == trabajos.ESPERA_PADRON else 0
    return encadenado(tx, persona.id, silent_before)


def encadenado(tx: Tx, id_: int, silencios: int = 0) -> bool:
    """What needs rows alone, from where the job is to its end. `silencios`: how often the padrón was silent before."""
    job = trabajos.get(tx.conn, id_)
    if job is None or job.etapa not in CADENA:
        return False
    regla = ajustes.reglas(tx.conn).duplicados_otros
    for etapa in desde(job.etapa, CADENA):
        if etapa == "buscar_duplicados":
            identidades.revisar(tx.conn, [id_], regla, tx.now_ms)
        elif etapa == "verificar_ambito":
            if _place(tx, id_):  # what is outside counts for nobody, so it displaces nobody
                identidades.revisar(tx.conn, [id_], regla, tx.now_ms)
        else:
            _classify(tx, id_, silencios)
    return True


def fallado(tx: Tx, id_: int, etapa: str, fallido: Fallido) -> bool:
    """A stage could not be done."""
    job = trabajos.get(tx.conn, id_)
    if job is None or job.etapa != etapa:
        return False
    if isinstance(fallido, Cuarentena):
        trabajos.quarantine(tx.conn, id_, fallido.motivo)
        bitacora.record(
            tx.conn, tx.now_ms, Evento.TRABAJO_EN_CUARENTENA, actor="sistema", objeto=f"apoyo:{id_}", etapa=etapa,
            motivo=fallido.motivo,
        )  # fmt: skip
    else:
        trabajos.retry(tx.conn, id_, fallido.motivo, tx.now_ms + fallido.en_ms)
    return True


def _still(conn: Connection, persona: Persona, etapa: str) -> bool:
    job = trabajos.get(conn, persona.id)
    return job is not None and job.etapa == etapa and correcciones.ultima(conn, persona.id) == persona.correccion


def _advance(tx: Tx, id_: int, etapa: str) -> None:
    after = siguiente(etapa)
    assert after is not None
    trabajos.advance(tx.conn, id_, after, tx.now_ms)


def _know(tx: Tx, persona: Persona) -> None:
    datos = persona.datos
    apoyos.set_person(tx.conn, persona.id, datos.nombre, datos.apellido_paterno, datos.apellido_materno)
    identidades.identify(
        tx.conn, persona.id, persona.huellas, ajustes.reglas(tx.conn).duplicados_otros, tx.now_ms
    )  # fmt: skip


def _place(tx: Tx, id_: int) -> bool:
    one = apoyos.get(tx.conn, id_)
    assert one is not None
    entidad, where = periodos.territorio_de(tx.conn, one.solicitud)
    ambito = dentro(where, entidad, one.entidad, one.municipio, one.seccion)
    paper = one.via is Via.PAPEL
    outside = paper and not excepciones.ampara(tx.conn, one.solicitud, one.recibido_ms, one.municipio)
    flags = [Bandera(Codigo.FUERA_DE_AMBITO)] if ambito is Ambito.FUERA else []
    banderas.replace(tx.conn, id_, (Codigo.FUERA_DE_AMBITO,), flags, tx.now_ms)
    return apoyos.set_ambito(tx.conn, id_, ambito, fuera_de_regimen=outside)


def _classify(tx: Tx, id_: int, silencios: int) -> None:
    """To the mesa, if it has not been there. Its class follows from its columns (`apoyos.clase`)."""
    one = apoyos.get(tx.conn, id_)
    assert one is not None
    if not revisiones.of_apoyo(tx.conn, id_):
        limit = tx.now_ms + ajustes.reglas(tx.conn).plazo_dias * DIA_MS
        revisiones.add(tx.conn, id_, one.solicitud, "primera", tx.now_ms, limit)
    if one.situacion.value == "SIN_RESPUESTA":
        trabajos.wait_for_padron(tx.conn, id_, silencios + 1, tx.now_ms + PADRON.espera_ms(silencios + 1))
    else:
        trabajos.finish(tx.conn, id_)
