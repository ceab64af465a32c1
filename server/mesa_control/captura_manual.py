"""Typing in cédulas of paper: once, a share of them twice, differences settled, and then apoyos (row B5, P11).

Operations of the write thread. Each may be sent twice, and begun again after a crash: what is there already is left as
it is when it is the same, and refused when it is not. What was typed is wrapped; only these operations and those who
open an apoyo read it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.domain import captura_papel
from server.domain.captura_papel import CAMPOS
from server.errors import AppError, DatoInvalido
from server.expedientes import abrir
from server.expedientes.abrir import Datos
from server.keyring import Keyring
from server.mesa_control.regimen import known
from server.store import ajustes, cedulas_papel, excepciones, paquetes
from server.store.cedulas_papel import Cedula
from server.store.connection import Connection
from server.store.paquetes import Paquete
from server.store.writer import Tx


@dataclass(frozen=True, slots=True)
class Captura:
    """What somebody typed of one cédula. `criterio`: a key of CRITERIOS, or ""."""

    datos: Datos
    criterio: str = ""
    comentario: str = ""


@dataclass(frozen=True, slots=True)
class Resultado:
    """What became of it. `estado`: por_repetir, por_conciliar or lista; `nueva`: this call did it."""

    estado: str
    nueva: bool


COTEJADOS = (*CAMPOS, "criterio")
"""What two typings are compared by. The comment is free text: that of the first holds until somebody settles it."""


def capturar(tx: Tx, keyring: Keyring, paquete_id: int, numero: int, captura: Captura, *, cuenta: int) -> Resultado:
    """Type a cédula for the first time.

    Raises AppError `no_encontrado`, `paquete_cerrado`, `sin_regimen`; `DatoInvalido` by field (`numero_ajeno`,
    `cedula_ya_capturada`, and what `_check` says).
    """
    paquete = _open(tx, paquete_id)
    _check(paquete, numero, captura)
    there = cedulas_papel.get(tx.conn, paquete_id, numero)
    if there is not None:
        if there.capturada_por == cuenta and _first(keyring, there) == captura:
            return Resultado(there.estado, nueva=False)
        raise DatoInvalido("cedula_ya_capturada", f"La cédula {numero} ya está capturada. Revise el número.")
    doble = captura_papel.se_repite(paquete_id, numero, ajustes.reglas(tx.conn).papel_doble_pct)
    paquetes.aparecio(tx.conn, paquete_id, numero)
    cedulas_papel.insert(
        tx.conn, paquete_id, numero, _wrapped(keyring, paquete_id, numero, captura.datos), captura.criterio,
        captura.comentario, cuenta, tx.now_ms,
    )  # fmt: skip
    _record(tx, Evento.CEDULA_CAPTURADA, paquete_id, numero, cuenta, criterio=captura.criterio, doble=doble)
    if doble:
        return Resultado("por_repetir", nueva=True)
    _ready(tx, paquete, _known(tx.conn, paquete_id, numero), captura, doble=False)
    return Resultado("lista", nueva=True)


def corregir(tx: Tx, keyring: Keyring, paquete_id: int, numero: int, captura: Captura, *, cuenta: int) -> bool:
    """Change what one typed oneself, before somebody typed it again; says whether anything changed.

    Raises AppError `cedula_ajena` for another's, `cedula_hecha` once it was typed again or is an apoyo.
    """
    paquete = _open(tx, paquete_id)
    _check(paquete, numero, captura)
    cedula = propia(tx.conn, paquete_id, numero, cuenta)
    before = _first(keyring, cedula)
    if before == captura:
        return False
    changed = _differences(before, captura)
    wrapped = _wrapped(keyring, paquete_id, numero, captura.datos)
    cedulas_papel.set_datos(tx.conn, cedula.id, wrapped, captura.criterio, captura.comentario)
    _record(tx, Evento.CEDULA_CORREGIDA, paquete_id, numero, cuenta, campos=changed)
    return True


def repetir(tx: Tx, keyring: Keyring, paquete_id: int, numero: int, captura: Captura, *, cuenta: int) -> Resultado:
    """Type a cédula a second time, without having seen the first. Equal: it is ready; different: to be settled.

    Raises AppError `cedula_propia` for who typed it first, `cedula_hecha` when it waits for no second typing.
    """
    paquete = _open(tx, paquete_id)
    _check(paquete, numero, captura)
    cedula = _known(tx.conn, paquete_id, numero)
    if cedula.capturada_por == cuenta:
        raise AppError("cedula_propia")
    if cedula.segunda is not None and cedula.segunda_por == cuenta and _second(keyring, cedula) == captura:
        return Resultado(cedula.estado, nueva=False)
    if cedula.estado != "por_repetir":
        raise AppError("cedula_hecha")
    wrapped = keyring.wrap(_purpose(paquete_id, numero, "segunda"), msgspec.msgpack.encode(captura))
    cedulas_papel.set_segunda(tx.conn, cedula.id, wrapped, cuenta, tx.now_ms)
    first = _first(keyring, cedula)
    differ = _differences(first, captura)
    _record(tx, Evento.CEDULA_REPETIDA, paquete_id, numero, cuenta, difieren=differ)
    if differ:
        cedulas_papel.por_conciliar(tx.conn, cedula.id)
        return Resultado("por_conciliar", nueva=True)
    _ready(tx, paquete, cedula, first, doble=True)
    return Resultado("lista", nueva=True)


def conciliar(tx: Tx, keyring: Keyring, cedula_id: int, captura: Captura, *, cuenta: int) -> bool:
    """Say what a cédula says whose two typings differ; it is an apoyo from then on. Says whether this call did it.

    Both typings are kept, and counted in how many campos each was not as settled.
    """
    cedula = cedulas_papel.by_id(tx.conn, cedula_id)
    if cedula is None:
        raise AppError("no_encontrado")
    if cedula.estado == "lista" and cedula.conciliada_por == cuenta and _first(keyring, cedula) == captura:
        return False
    if cedula.estado != "por_conciliar":
        raise AppError("cedula_hecha")
    paquete = _open(tx, cedula.paquete)
    _check(paquete, cedula.numero, captura)
    first, second = dos(keyring, cedula)
    wrong, wrong_too = _differences(first, captura), _differences(second, captura)
    kept = keyring.wrap(_purpose(cedula.paquete, cedula.numero, "primera"), msgspec.msgpack.encode(first))
    wrapped = _wrapped(keyring, cedula.paquete, cedula.numero, captura.datos)
    cedulas_papel.set_datos(tx.conn, cedula_id, wrapped, captura.criterio, captura.comentario)
    cedulas_papel.conciliada(tx.conn, cedula_id, kept, len(wrong), len(wrong_too), cuenta, tx.now_ms)
    _record(
        tx, Evento.CEDULA_CONCILIADA, cedula.paquete, cedula.numero, cuenta, primera_difiere=wrong,
        segunda_difiere=wrong_too,
    )  # fmt: skip
    _ready(tx, paquete, _known(tx.conn, cedula.paquete, cedula.numero), captura, doble=True)
    return True


def declarar_faltante(tx: Tx, paquete_id: int, numero: int, motivo: str, *, cuenta: int) -> bool:
    """There is no cédula with this number, and why; says whether that is new. It may turn up later.

    Raises `DatoInvalido` `numero_ajeno`, `falta_motivo`, `cedula_ya_capturada`.
    """
    paquete = _open(tx, paquete_id)
    _in_package(paquete, numero)
    if not motivo:
        raise DatoInvalido("falta_motivo", "Escriba en el comentario por qué falta esta cédula.")
    if cedulas_papel.get(tx.conn, paquete_id, numero) is not None:
        raise DatoInvalido("cedula_ya_capturada", f"La cédula {numero} ya está capturada. Revise el número.")
    if not paquetes.declarar_faltantes(tx.conn, paquete_id, [numero], motivo, cuenta, tx.now_ms):
        return False
    _record(tx, Evento.CEDULA_FALTANTE, paquete_id, numero, cuenta)
    return True


# -- reading ----------------------------------------------------------------------------------------------------------


def propia(conn: Connection, paquete_id: int, numero: int, cuenta: int) -> Cedula:
    """A cédula that this person typed and may still change. Raises AppError, before anything of it is opened."""
    cedula = _known(conn, paquete_id, numero)
    if cedula.capturada_por != cuenta:
        raise AppError("cedula_ajena")
    if cedula.estado != "por_repetir":
        raise AppError("cedula_hecha")
    return cedula


def una(keyring: Keyring, cedula: Cedula) -> Captura:
    """What was typed first, or what holds once it was settled."""
    return _first(keyring, cedula)


def dos(keyring: Keyring, cedula: Cedula) -> tuple[Captura, Captura]:
    """Both typings of a cédula that waits to be settled."""
    return _first(keyring, cedula), _second(keyring, cedula)


def difieren(una: Captura, otra: Captura) -> tuple[str, ...]:
    """The names of COTEJADOS in which two typings differ."""
    return _differences(una, otra)


# -- the pieces -------------------------------------------------------------------------------------------------------


def _open(tx: Tx, paquete_id: int) -> Paquete:
    paquete = known(tx, paquete_id)
    if not paquete.abierto:
        raise AppError("paquete_cerrado")
    if not excepciones.ampara(tx.conn, paquete.solicitud, paquete.recibido_ms):
        raise AppError("sin_regimen")
    return paquete


def _known(conn: Connection, paquete_id: int, numero: int) -> Cedula:
    cedula = cedulas_papel.get(conn, paquete_id, numero)
    if cedula is None:
        raise AppError("no_encontrado")
    return cedula


def _in_package(paquete: Paquete, numero: int) -> None:
    if not 1 <= numero <= paquete.cedulas:
        raise DatoInvalido("numero_ajeno", f"Este paquete tiene las cédulas 1 a {paquete.cedulas}.")


def _check(paquete: Paquete, numero: int, captura: Captura) -> None:
    """What cannot be saved at all. Everything else is typed as the cédula has it."""
    _in_package(paquete, numero)
    datos = captura.datos
    if captura.criterio == "otra" and not captura.comentario:
        raise DatoInvalido("falta_comentario", "Escriba en el comentario qué otra inconsistencia tiene la cédula.")
    if not any(asdict(datos).values()):
        raise DatoInvalido("captura_vacia", "Capture al menos un dato de la cédula, o declare que falta.")
    if captura.criterio:
        return
    if not (datos.clave_elector or datos.cic or datos.ocr):
        raise DatoInvalido("falta_identificador", "Capture la clave de elector, el CIC o el OCR; o marque qué falta.")
    if not (datos.nombre or datos.apellido_paterno or datos.apellido_materno):
        raise DatoInvalido("falta_nombre", "Capture el nombre de la persona; o marque qué le falta a la cédula.")


def _ready(tx: Tx, paquete: Paquete, cedula: Cedula, captura: Captura, *, doble: bool) -> None:
    datos = captura.datos
    cedulas_papel.volver_apoyo(
        tx.conn, paquete, cedula, (datos.nombre, datos.apellido_paterno, datos.apellido_materno), doble=doble,
        now_ms=tx.now_ms,
    )  # fmt: skip


def _differences(una: Captura, otra: Captura) -> tuple[str, ...]:
    return captura_papel.distintos(_compared(una), _compared(otra))


def _compared(captura: Captura) -> dict[str, str]:
    return {campo: getattr(captura.datos, campo) for campo in CAMPOS} | {"criterio": captura.criterio}


def _purpose(paquete_id: int, numero: int, which: str) -> str:
    return f"{abrir.papel(paquete_id, numero)}:{which}"


def _wrapped(keyring: Keyring, paquete_id: int, numero: int, datos: Datos) -> bytes:
    return keyring.wrap(abrir.papel(paquete_id, numero), msgspec.msgpack.encode(datos))


def _first(keyring: Keyring, cedula: Cedula) -> Captura:
    plain = keyring.unwrap(abrir.papel(cedula.paquete, cedula.numero), cedula.datos)
    if plain is None:
        raise AppError("papel_ilegible")
    return Captura(msgspec.msgpack.decode(plain, type=Datos), cedula.criterio, cedula.comentario)


def _second(keyring: Keyring, cedula: Cedula) -> Captura:
    plain = keyring.unwrap(_purpose(cedula.paquete, cedula.numero, "segunda"), cedula.segunda or b"")
    if plain is None:
        raise AppError("papel_ilegible")
    return msgspec.msgpack.decode(plain, type=Captura)


def _record(tx: Tx, evento: Evento, paquete_id: int, numero: int, cuenta: int, **datos: object) -> None:
    bitacora.record(
        tx.conn, tx.now_ms, evento, actor=f"cuenta:{cuenta}", objeto=f"paquete:{paquete_id}", cedula=numero, **datos
    )


assert set(CAMPOS) == {field.name for field in fields(Datos)}
