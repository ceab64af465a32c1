"""What `acopio cuentas` asks for, done on the write thread: by the running server, or by the command itself (row A1).

The first administrator of an empty box is made here, because there is nobody yet who could invite or accept. Whoever
may enter the data folder may ask: on the record the actor is the console.
"""

from __future__ import annotations

import re

from server.domain.roles import Rol
from server.errors import DatoInvalido
from server.local_channel import Cuentas, RespuestaCuentas
from server.security import archivo_firmado
from server.security import cuentas as vida
from server.security.archivo_firmado import Firmado
from server.security.cuentas import Datos, Invitada
from server.store import cuentas
from server.store.cuentas import Cuenta
from server.store.writer import Tx, Writer


def answer(writer: Writer, asked: Cuentas, url_publica: str) -> RespuestaCuentas:
    """Do it and wait, in a thread that may block. What cannot be done is an answer too, and leaves nothing behind."""
    try:
        signed = _signed(asked)
        lines = writer.run(lambda tx: _ACTIONS[asked.orden](tx, asked, url_publica, signed)).value
    except DatoInvalido as error:
        return RespuestaCuentas(id=asked.id, bien=False, renglones=(error.texto,))
    return RespuestaCuentas(id=asked.id, bien=True, renglones=tuple(lines))


def _signed(asked: Cuentas) -> Firmado | None:
    if asked.declaracion:
        return archivo_firmado.read(asked.archivo, asked.declaracion)
    if asked.en_papel:
        return archivo_firmado.on_paper(
            "La Declaración de Confidencialidad de esta cuenta se recibió firmada en papel; así se asentó en la "
            "consola del servidor al crear la cuenta."
        )
    return None


def _create(tx: Tx, asked: Cuentas, url: str, signed: Firmado | None) -> list[str]:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", asked.correo):
        raise DatoInvalido("correo_forma", f"«{asked.correo}» no es un correo como nombre@ejemplo.mx.")
    if asked.rol not in set(Rol) - {Rol.ASPIRANTE}:
        raise DatoInvalido("rol_invalido", "El rol debe ser administracion, operacion, audiencia o ayuda.")
    datos = Datos(asked.nombre.strip(), asked.cargo.strip(), asked.correo, asked.telefono.strip(), Rol(asked.rol))
    if not datos.nombre:
        raise DatoInvalido("falta_dato", "Escriba el nombre de la persona.")
    made = vida.invite(tx, datos, None)
    lines = [f"Cuenta {made.cuenta} creada para {datos.correo} ({datos.rol.titulo})."]
    if signed is not None:
        vida.declare_at_console(tx, made.cuenta, signed)
        lines.append("Su declaración quedó aceptada: la cuenta se activa en cuanto elija su contraseña.")
    return [*lines, *_link(made, "invitacion", url)]


def _link(made: Invitada, clase: str, url: str) -> list[str]:
    until = "siete días" if clase == "invitacion" else "una hora"
    return [f"Enlace (sirve una vez, {until}; entréguelo sólo a esa persona):", f"  {url}/{clase}/{made.token}"]


def _list(tx: Tx, asked: Cuentas, url: str, signed: Firmado | None) -> list[str]:
    rows = cuentas.of_functionaries(tx.conn)
    if not rows:
        return ["Todavía no hay cuentas del OPL. Cree la primera con «acopio cuentas crear»."]
    return [
        f"{one.id:>5}  {one.estatus:<13} {one.rol:<15} {'2 pasos' if one.segundo_factor else '1 paso':<8} {one.correo}"
        for one in rows
    ]


def _by_address(tx: Tx, asked: Cuentas) -> Cuenta:
    found = cuentas.of_opl(tx.conn, asked.correo)
    if found is None:
        raise DatoInvalido("cuenta_desconocida", f"No hay una cuenta del OPL con el correo {asked.correo}.")
    return found


def _suspend(tx: Tx, asked: Cuentas, url: str, signed: Firmado | None) -> list[str]:
    vida.suspend(tx, _by_address(tx, asked).id, None, asked.causa)
    return ["La cuenta quedó suspendida y sus sesiones, cerradas."]


def _reactivate(tx: Tx, asked: Cuentas, url: str, signed: Firmado | None) -> list[str]:
    return [f"La cuenta quedó {vida.reactivate(tx, _by_address(tx, asked).id, None)}."]


def _reset(tx: Tx, asked: Cuentas, url: str, signed: Firmado | None) -> list[str]:
    cuenta = _by_address(tx, asked)
    lines = []
    if asked.segundo_factor:
        vida.take_factor_away(tx, cuenta.id, None)
        lines.append("El segundo paso quedó retirado: hará uno nuevo al entrar.")
    clase = "invitacion" if cuenta.estatus == "invitada" else "restablecer"
    return [*lines, *_link(vida.send_reset(tx, cuenta.id, None), clase, url)]


_ACTIONS = {
    "crear": _create,
    "listar": _list,
    "suspender": _suspend,
    "reactivar": _reactivate,
    "restablecer": _reset,
    "enlace": _reset,
}
