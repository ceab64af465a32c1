"""The OPL of the demo: its accounts, a periodo, two aspirantes and their auxiliares, registered as the portal does it.

All people come from the synthetic padrón that the simulator drew, so that their data agree with one another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from server.clock import CENTRO
from server.domain.auxiliar import DatosAuxiliar
from server.domain.mayoria import is_of_age
from server.domain.roles import Rol
from server.domain.umbral import Umbral
from server.keyring import Keyring
from server.portals.public.demo_accesos import CONTRASENA
from server.registro import aspirantes, auxiliares, periodos
from server.security import cuentas, passwords, segundo_factor
from server.security.archivo_firmado import Firmado
from server.security.cuentas import Datos
from server.seed import Sembrado
from server.store import cuentas as renglones
from server.store.aspirantes import DatosAspirante
from server.store.periodos import DatosPeriodo
from server.store.writer import Tx

ACTOR = "consola"
DAY_MS = 24 * 3600 * 1000
AUXILIARES = 3
"""Of each aspirante."""
_FUNCIONARIOS = (
    Datos("Guadalupe Rentería Olmos", "Dirección de Organización", "administracion@ejemplo.mx", "4920000001",
          Rol.ADMINISTRACION),
    Datos("Tomás Villaseñor Cruz", "Mesa de control", "mesa@ejemplo.mx", "4920000002", Rol.OPERACION),
    Datos("Irma Quezada Lira", "Mesa de control", "mesa2@ejemplo.mx", "4920000003", Rol.OPERACION),
    Datos("Rubén Escobedo Paz", "Secretaría Ejecutiva", "audiencia@ejemplo.mx", "4920000004", Rol.AUDIENCIA),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demostrado:
    """What was registered. `auxiliares`: what reaches each of them by mail. `aspirantes`: how many."""

    auxiliares: list[Sembrado]
    aspirantes: int


def register(
    tx: Tx, padron: Iterable[dict[str, str]], keyring: Keyring, emblemas: Sequence[bytes | None], contrasena: str
) -> Demostrado:
    """Everything in one transaction. `contrasena`: the hash of the demo's password. Raises DatoInvalido."""
    hoy = datetime.fromtimestamp(tx.now_ms / 1000, CENTRO).date()
    for funcionario in _FUNCIONARIOS:
        _account(tx, funcionario, keyring, contrasena)
    grown = (
        (place, row)
        for place, row in enumerate(padron)
        if row["situacion"] == "LISTA_NOMINAL" and is_of_age(date.fromisoformat(row["fecha_nacimiento"]), hoy)
    )
    people = list(islice(grown, len(emblemas) * (1 + AUXILIARES)))
    periodo = periodos.guardar(
        tx, None, _periodo(tx.now_ms, people[0][1]["entidad"]),
        periodos.ProcesoNuevo("candidatura_independiente", "Proceso Electoral Local (demostración)"),
        aceptadas=(), gracia_ms=DAY_MS, actor=ACTOR,
    )  # fmt: skip
    assert isinstance(periodo, periodos.Guardado), "a new periodo in an empty box has no consequences"
    made: list[Sembrado] = []
    for index, emblema in enumerate(emblemas):
        (_, aspirante), *helpers = people[index * (1 + AUXILIARES) : (index + 1) * (1 + AUXILIARES)]
        folio = _aspirante(tx, periodo.id, aspirante, emblema, hoy)
        account = renglones.of_aspirante(tx.conn, folio)
        assert account is not None, "confirming makes the account"
        renglones.set_contrasena(tx.conn, account.id, contrasena)
        for place, row in helpers:
            datos = _auxiliar(row)
            done = auxiliares.registrar(tx, folio, datos, ACTOR)
            assert isinstance(done, auxiliares.Registrado), done
            made.append(Sembrado(folio, done.id, datos.correo, datos.tipo_cuenta, place))
    return Demostrado(made, len(emblemas))


def _account(tx: Tx, datos: Datos, keyring: Keyring, contrasena: str) -> None:
    invited = cuentas.invite(tx, datos, None)
    cuentas.accept_invitation(tx, invited.token, contrasena)
    cuentas.declare_at_console(
        tx, invited.cuenta, Firmado("declaracion.txt", "text/plain", "Firmada en papel (demostración).".encode())
    )
    secret = segundo_factor.new_secret()
    renglones.set_totp(tx.conn, invited.cuenta, segundo_factor.keep(keyring, invited.cuenta, secret), 0)


def _periodo(now_ms: int, entidad: str) -> DatosPeriodo:
    today = datetime.fromtimestamp(now_ms / 1000, CENTRO).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = int(today.timestamp() * 1000)
    return DatosPeriodo(
        proceso_id=0, nombre="Presidencia Municipal", ambito="local", entidad=entidad,
        inicia_ms=midnight - 10 * DAY_MS, termina_ms=midnight + 20 * DAY_MS, activo=True, umbral=Umbral(requeridos=40),
    )  # fmt: skip


def _aspirante(tx: Tx, periodo: int, row: dict[str, str], emblema: bytes | None, hoy: date) -> int:
    datos = DatosAspirante(
        periodo_id=periodo, nombre=row["nombre"].title(), apellido_paterno=row["apellido_paterno"].title(),
        apellido_materno=row["apellido_materno"].title(), lugar_nacimiento=row["municipio"].title(),
        fecha_nacimiento=row["fecha_nacimiento"], tel_domicilio="", tel_oficina="", tel_movil="4920000010",
        correo=_mail(row), tipo_cuenta="google", clave_elector=row["clave_elector"], curp=row["curp"],
        ocr=row["ocr"], cic=row["cic"], entidad=row["entidad"], municipio=row["municipio"].title(),
        seccion=row["seccion"],
        fecha_manifestacion=hoy.isoformat(), oficio="OPL/SE/001/2026", folio_interno="", observaciones="",
    )  # fmt: skip
    saved = aspirantes.registrar(tx, datos, emblema, revisadas=(), actor=ACTOR)
    assert isinstance(saved, aspirantes.Guardado), saved
    aspirantes.confirmar(tx, saved.folio, actor=ACTOR)
    return saved.folio


def _auxiliar(row: dict[str, str]) -> DatosAuxiliar:
    return DatosAuxiliar(
        nombre=row["nombre"].title(), apellido_paterno=row["apellido_paterno"].title(),
        apellido_materno=row["apellido_materno"].title(), fecha_nacimiento=row["fecha_nacimiento"],
        telefono="", correo=_mail(row), tipo_cuenta="google",
        clave_elector=row["clave_elector"], curp=row["curp"], referencia="",
    )  # fmt: skip


def _mail(row: dict[str, str]) -> str:
    plain = unicodedata.normalize("NFKD", f"{row['nombre'].split()[0]}.{row['apellido_paterno']}".lower())
    local = "".join(sign for sign in plain if sign.isascii() and (sign.isalnum() or sign == "."))
    return f"{local}.{row['seccion']}@ejemplo.mx"


def password_hash() -> str:
    """Of the demo's one password. Slow."""
    return passwords.hash_new(CONTRASENA)
