"""Registering aspirantes, confirming them, and what comes after (rows B2, B3; P6.1): operations of the write thread."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.domain import clave_elector, cpv, curp, discrepancias
from server.domain.discrepancias import Datos, Discrepancia
from server.errors import DatoInvalido
from server.store import aspirantes, correos, padron, periodos
from server.store.aspirantes import Aspirante, DatosAspirante
from server.store.connection import Connection
from server.store.writer import Tx

T = TypeVar("T")

SITUACIONES = {
    "PADRON": "La clave de elector está en el padrón, pero no en la lista nominal.",
    "BAJA": "El padrón dice que la clave de elector está dada de baja",
    "NO_ENCONTRADO": "La clave de elector no está en la copia del padrón.",
}

# What the cédula says: a change of any of these and the signed one says something else.
_NOT_ON_CEDULA = frozenset({"periodo_id", "correo", "tipo_cuenta"})


@dataclass(frozen=True, slots=True)
class Guardado:
    """It is done."""

    folio: int


@dataclass(frozen=True, slots=True)
class PorRevisar:
    """Nothing was written: somebody must look at these differences first."""

    diferencias: tuple[Discrepancia, ...]


def diferencias(conn: Connection, datos: DatosAspirante, folio: int | None) -> tuple[Discrepancia, ...]:
    """Where the data disagree: with each other, with the padrón, with another aspirante. Flags, never refusals."""
    periodo = periodos.get(conn, datos.periodo_id)
    clave = _maybe(clave_elector.parse, datos.clave_elector)
    found = list(
        discrepancias.revisar(
            Datos(
                nombre=datos.nombre,
                apellido_paterno=datos.apellido_paterno,
                apellido_materno=datos.apellido_materno,
                nacimiento=_maybe(date.fromisoformat, datos.fecha_nacimiento),
                clave=clave,
                curp=_maybe(curp.parse, datos.curp),
                ocr=_maybe(cpv.parse_ocr, datos.ocr),
                seccion=datos.seccion,
                entidad=datos.entidad,
                entidad_periodo=periodo.entidad if periodo else "",
            )
        )
    )
    if clave is None:
        return tuple(found)
    for other in aspirantes.same_clave(conn, clave.texto, datos.periodo_id, folio):
        found.append(
            Discrepancia(
                "clave_repetida",
                f"Ya hay un registro con esta clave de elector en este periodo: folio de solicitud {other}.",
                ("clave_elector",),
            )
        )
    said = padron.ask(conn, clave.texto)
    if said.situacion in SITUACIONES:
        text = SITUACIONES[said.situacion]
        if said.situacion == "BAJA":
            text += f": {said.motivo.replace('_', ' ').lower()}." if said.motivo else "."
        found.append(Discrepancia(f"padron_{said.situacion.lower()}", text, ("clave_elector",)))
    return tuple(found)


def registrar(
    tx: Tx, datos: DatosAspirante, emblema_png: bytes | None, *, revisadas: Collection[str], actor: str
) -> Guardado | PorRevisar:
    """A new aspirante, still to be confirmed. Raises `DatoInvalido`."""
    found = _reviewed(tx, datos, None, revisadas)
    if isinstance(found, PorRevisar):
        return found
    folio = aspirantes.insert(tx.conn, datos, emblema_png, tx.now_ms)
    _record(tx, Evento.ASPIRANTE_REGISTRADO, folio, actor, diferencias=found, emblema=emblema_png is not None)
    return Guardado(folio)


def modificar(
    tx: Tx, folio: int, datos: DatosAspirante, emblema_png: bytes | None, *, revisadas: Collection[str], actor: str
) -> Guardado | PorRevisar:
    """Change what is registered. Mail and kind of account of a confirmed one stay: `corregir_correo` is for them."""
    before = _known(tx.conn, folio)
    if before.confirmado_ms is not None:
        datos = replace(datos, correo=before.datos.correo, tipo_cuenta=before.datos.tipo_cuenta)
    found = _reviewed(tx, datos, folio, revisadas, before)
    if isinstance(found, PorRevisar):
        return found
    aspirantes.update(tx.conn, folio, datos, emblema_png)
    aspirantes.rename_account(tx.conn, folio, full_name(datos), telephone(datos))
    changed = [name for name in DatosAspirante.__slots__ if getattr(datos, name) != getattr(before.datos, name)]
    _record(tx, Evento.ASPIRANTE_MODIFICADO, folio, actor, campos=changed, diferencias=found)
    return Guardado(folio)


def confirmar(tx: Tx, folio: int, *, actor: str) -> bool:
    """The cédula is signed (P6.1F): the account is made and the mail with the folio único queued.

    Says whether this call did it; False when it was confirmed already. Raises `DatoInvalido`.
    """
    aspirante = _known(tx.conn, folio)
    if aspirante.estado == "confirmado":
        return False
    check_complete(aspirante)
    if not aspirantes.confirm(tx.conn, folio, tx.now_ms):
        return False
    cuenta = aspirantes.open_account(
        tx.conn, folio, aspirante.nombre_completo, aspirante.datos.correo, telephone(aspirante.datos), tx.now_ms
    )
    _mail_registered(tx, folio, cuenta)
    _record(tx, Evento.ASPIRANTE_CONFIRMADO, folio, actor, cuenta=cuenta)
    return True


def corregir_correo(tx: Tx, folio: int, correo: str, tipo_cuenta: str, *, actor: str) -> None:
    """Another address for a confirmed aspirante. Whoever entered with the old one is out, and the mail goes again."""
    aspirante = _known(tx.conn, folio)
    if aspirante.estado != "confirmado" or aspirante.cuenta is None:
        raise DatoInvalido("aspirante_sin_confirmar", "El registro no está confirmado y activo.")
    aspirantes.set_mail(tx.conn, folio, correo, tipo_cuenta)
    closed = aspirantes.end_entry(tx.conn, folio, tx.now_ms)
    _mail_registered(tx, folio, aspirante.cuenta)
    _record(tx, Evento.ASPIRANTE_CORREO, folio, actor, sesiones=closed)


def reenviar(tx: Tx, folio: int, *, actor: str) -> None:
    """The mail with the folio único once more. Raises `DatoInvalido`."""
    aspirante = _known(tx.conn, folio)
    if aspirante.estado != "confirmado" or aspirante.cuenta is None:
        raise DatoInvalido("aspirante_sin_confirmar", "El registro no está confirmado y activo.")
    _mail_registered(tx, folio, aspirante.cuenta)
    _record(tx, Evento.ASPIRANTE_REENVIO, folio, actor)


def dar_baja(tx: Tx, folio: int, causa: str, *, cuenta: int, actor: str) -> bool:
    """Inactive from now on, with its cause: the account is suspended, its sessions end, and it is told by mail.

    What its phones hold is still taken. False when it was inactive already.
    """
    aspirante = _known(tx.conn, folio)
    if not aspirantes.move(tx.conn, folio, "baja", causa, cuenta, tx.now_ms):
        return False
    closed = aspirantes.end_entry(tx.conn, folio, tx.now_ms)
    if aspirante.cuenta is not None:
        datos = msgspec.json.encode({"causa": causa}).decode()
        correos.add_to_account(
            tx.conn, f"aspirante_baja:{folio}:{tx.now_ms}", "aspirante_baja", aspirante.cuenta, datos, tx.now_ms
        )
    _record(tx, Evento.ASPIRANTE_BAJA, folio, actor, sesiones=closed)
    return True


def reactivar(tx: Tx, folio: int, causa: str, *, cuenta: int, actor: str) -> bool:
    """Active again; who was confirmed enters again and is told how by mail. False when it was active."""
    aspirante = _known(tx.conn, folio)
    if not aspirantes.move(tx.conn, folio, "reactivacion", causa, cuenta, tx.now_ms):
        return False
    if aspirante.cuenta is not None and aspirante.confirmado_ms is not None:
        _mail_registered(tx, folio, aspirante.cuenta)
    _record(tx, Evento.ASPIRANTE_REACTIVADO, folio, actor)
    return True


def check_complete(aspirante: Aspirante) -> None:
    """Whether there is all that a cédula needs; raises `DatoInvalido`."""
    if aspirante.estado == "inactivo":
        raise DatoInvalido("aspirante_inactivo", "El registro está inactivo. Reactívelo antes de confirmarlo.")
    datos = aspirante.datos
    missing = [
        said
        for said, there in (
            ("periodo", datos.periodo_id),
            ("fecha de nacimiento", datos.fecha_nacimiento),
            ("un teléfono", telephone(datos)),
            ("correo", datos.correo),
            ("clave de elector", datos.clave_elector),
            ("OCR o CIC", datos.ocr or datos.cic),
            ("sección", datos.seccion),
            ("fecha de manifestación", datos.fecha_manifestacion),
        )
        if not there
    ]
    if missing:
        raise DatoInvalido(
            "aspirante_incompleto", f"Faltan datos de la cédula: {', '.join(missing)}. Complételos antes de confirmar."
        )


def full_name(datos: DatosAspirante) -> str:
    """Nombre and apellidos in one line."""
    return aspirantes.full_name(datos.nombre, datos.apellido_paterno, datos.apellido_materno)


def telephone(datos: DatosAspirante) -> str:
    """The telephone to call first."""
    return datos.tel_movil or datos.tel_domicilio or datos.tel_oficina


def _known(conn: Connection, folio: int) -> Aspirante:
    found = aspirantes.get(conn, folio)
    if found is None:
        raise DatoInvalido("aspirante_ajeno", "No hay un registro con ese folio de solicitud.")
    return found


def _reviewed(
    tx: Tx, datos: DatosAspirante, folio: int | None, revisadas: Collection[str], before: Aspirante | None = None
) -> list[str] | PorRevisar:
    if periodos.get(tx.conn, datos.periodo_id) is None:
        raise DatoInvalido("periodo_ajeno", "Ese periodo no existe. Elija uno de la lista.")
    found = list(diferencias(tx.conn, datos, folio))
    if before is not None:
        found += _after_confirmation(before, datos)
    codes = sorted({d.codigo for d in found})
    return codes if set(codes) <= set(revisadas) else PorRevisar(tuple(found))


def _after_confirmation(before: Aspirante, datos: DatosAspirante) -> list[Discrepancia]:
    names = [name for name in DatosAspirante.__slots__ if name not in _NOT_ON_CEDULA]
    if before.confirmado_ms is None:
        return []
    found: list[Discrepancia] = []
    changed = tuple(name for name in names if getattr(before.datos, name) != getattr(datos, name))
    if changed:
        found.append(
            Discrepancia(
                "cedula_firmada",
                "La cédula que se firmó ya no dirá lo mismo que el registro: imprímala otra vez y recabe la firma.",
                changed,
            )
        )
    if before.datos.periodo_id != datos.periodo_id:
        found.append(
            Discrepancia(
                "cambia_periodo",
                "El registro pasa a otro periodo: sus teléfonos captarán según las fechas de ese periodo. Los apoyos "
                "que ya llegaron no se vuelven a clasificar.",
                ("periodo",),
            )
        )
    return found


def _mail_registered(tx: Tx, folio: int, cuenta: int) -> None:
    clave = f"aspirante_registrado:{folio}:{tx.now_ms}"
    correos.add_to_account(tx.conn, clave, "aspirante_registrado", cuenta, "{}", tx.now_ms)


def _record(tx: Tx, evento: Evento, folio: int, actor: str, **datos: object) -> None:
    bitacora.record(tx.conn, tx.now_ms, evento, actor=actor, objeto=f"aspirante:{folio}", **datos)


def _maybe(parse: Callable[[str], T], text: str) -> T | None:
    """What is registered was parsed when it came; what was restored or sown may be anything."""
    try:
        return parse(text) if text else None
    except (DatoInvalido, ValueError):
        return None
