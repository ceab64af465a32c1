"""The régimen de excepción and the packages of paper that come by it: operations of the write thread (B5, P11)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from server import bitacora
from server.bitacora import Evento
from server.domain.captura_papel import en_palabras
from server.domain.folio_papel import MAXIMO
from server.errors import AppError, DatoInvalido
from server.store import aspirantes, excepciones, paquetes, periodos
from server.store.apoyos import PAPEL_DESDE
from server.store.excepciones import TODO
from server.store.paquetes import Paquete
from server.store.writer import Tx


def otorgar(
    tx: Tx, solicitud: int, municipios: Sequence[str], oficio: str, otorgada_ms: int, *, cuenta: int
) -> int:  # fmt: skip
    """Grant it for these municipios, or with none for the whole territory; returns for how many it is new.

    Raises `DatoInvalido` for an aspirante who is not there. What was typed already is checked against it again.
    """
    if not any(folio == solicitud for folio, _ in excepciones.aspirantes(tx.conn)):
        raise DatoInvalido("aspirante_ajeno", "Elija un aspirante con registro activo.")
    made = 0
    for municipio in municipios or (TODO,):
        id_ = excepciones.otorgar(tx.conn, solicitud, municipio, oficio, otorgada_ms, cuenta)
        if id_ is None:
            continue
        made += 1
        _record(
            tx, Evento.EXCEPCION_OTORGADA, f"aspirante:{solicitud}", cuenta, excepcion=id_,
            territorio="todo" if municipio == TODO else "municipio",
        )  # fmt: skip
    if made:
        excepciones.volver_a_verificar(tx.conn, solicitud, PAPEL_DESDE)
    return made


def revocar(tx: Tx, id_: int, revocada_ms: int, *, cuenta: int) -> bool:
    """Revoke a grant from this day on; says whether it was in force. Paper that was received before stays covered.

    Raises AppError `no_encontrado`, `DatoInvalido` for a day before that of the grant.
    """
    one = excepciones.get(tx.conn, id_)
    if one is None:
        raise AppError("no_encontrado")
    if revocada_ms < one.otorgada_ms:
        raise DatoInvalido("revocada_antes", "La revocación no puede ser anterior al otorgamiento.")
    if not excepciones.revocar(tx.conn, id_, revocada_ms, cuenta):
        return False
    excepciones.volver_a_verificar(tx.conn, one.solicitud, PAPEL_DESDE)
    _record(tx, Evento.EXCEPCION_REVOCADA, f"aspirante:{one.solicitud}", cuenta, excepcion=id_)
    return True


def abrir_paquete(
    tx: Tx, solicitud: int, folio: str, cedulas: int, recibido_ms: int, observaciones: str, *, cuenta: int,
    gracia_ms: int,
) -> int:  # fmt: skip
    """A package was received; returns its id. The same once more, of the same person, is the package that is there.

    Raises AppError `sin_regimen` when the aspirante's paper of that day is not covered, `DatoInvalido` for a folio
    that is taken, a reception in the future or outside the periodo (`gracia_ms` after its end), or too many cédulas.
    """
    if not excepciones.ampara(tx.conn, solicitud, recibido_ms):
        raise AppError("sin_regimen")
    there = paquetes.by_folio(tx.conn, solicitud, folio)
    if there is not None:
        same = (there.cedulas, there.recibido_ms, there.observaciones, there.creado_por)
        if same == (cedulas, recibido_ms, observaciones, cuenta):
            return there.id
        raise DatoInvalido("paquete_repetido", "Ya hay un paquete de este aspirante con ese folio.")
    if recibido_ms > tx.now_ms:
        raise DatoInvalido("recibido_futuro", "La recepción no puede ser posterior a este momento.")
    _check_periodo(tx, solicitud, recibido_ms, gracia_ms)
    if paquetes.declared(tx.conn, solicitud) + cedulas > MAXIMO:
        raise DatoInvalido("cedulas_de_mas", f"Un aspirante puede tener hasta {MAXIMO:,} cédulas en papel.")
    id_ = paquetes.insert(tx.conn, solicitud, folio, cedulas, recibido_ms, observaciones, cuenta, tx.now_ms)
    _record(tx, Evento.PAQUETE_ABIERTO, f"paquete:{id_}", cuenta, cedulas=cedulas, solicitud=solicitud)
    return id_


def _check_periodo(tx: Tx, solicitud: int, recibido_ms: int, gracia_ms: int) -> None:
    aspirante = aspirantes.get(tx.conn, solicitud)
    periodo = periodos.get(tx.conn, aspirante.datos.periodo_id) if aspirante else None
    if periodo is None or not periodo.inicia_ms <= recibido_ms < periodo.termina_ms + gracia_ms:
        raise DatoInvalido(
            "recibido_fuera_de_periodo",
            "Ese día no está dentro del periodo del aspirante: revise la fecha y hora de recepción.",
        )


def cerrar(tx: Tx, id_: int, motivo: str, vistas: Collection[int], *, cuenta: int) -> bool:
    """Close a package; says whether it was open. What was neither typed nor declared missing is declared now.

    `motivo`: why those are missing; `vistas`: their numbers as the person saw them. Raises AppError `no_encontrado`,
    `paquete_con_pendientes` while a second typing or a difference waits, `DatoInvalido` `falta_motivo`, or
    `faltantes_otras` when others are missing than those that were seen.
    """
    paquete = known(tx, id_)
    if not paquete.abierto:
        return False
    far = paquetes.avance(tx.conn, paquete)
    if far.por_repetir or far.por_conciliar:
        raise AppError("paquete_con_pendientes")
    missing = paquetes.sin_capturar(tx.conn, paquete)
    if set(missing) - set(vistas):
        raise DatoInvalido(
            "faltantes_otras", f"Faltan por capturar otras que las que vio: {en_palabras(missing)}. Revíselo."
        )
    if missing and not motivo:
        raise DatoInvalido("falta_motivo", "Escriba por qué faltan estas cédulas.")
    paquetes.declarar_faltantes(tx.conn, id_, missing, motivo, cuenta, tx.now_ms)
    paquetes.set_estado(tx.conn, id_, cerrado_ms=tx.now_ms)
    _record(
        tx, Evento.PAQUETE_CERRADO, f"paquete:{id_}", cuenta, listas=far.listas, faltan=far.faltantes + len(missing)
    )
    return True


def reabrir(tx: Tx, id_: int, *, cuenta: int) -> bool:
    """Open a closed package again; says whether it was closed."""
    known(tx, id_)
    if not paquetes.set_estado(tx.conn, id_, cerrado_ms=None):
        return False
    _record(tx, Evento.PAQUETE_REABIERTO, f"paquete:{id_}", cuenta)
    return True


def known(tx: Tx, id_: int) -> Paquete:
    """The package, or AppError `no_encontrado`."""
    paquete = paquetes.get(tx.conn, id_)
    if paquete is None:
        raise AppError("no_encontrado")
    return paquete


def _record(tx: Tx, evento: Evento, objeto: str, cuenta: int, **datos: object) -> None:
    bitacora.record(tx.conn, tx.now_ms, evento, actor=f"cuenta:{cuenta}", objeto=objeto, **datos)
