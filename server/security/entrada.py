"""How people come in and go out, as operations of the write thread (rows A1, A2): sessions, codes, second factor.

What takes long (Argon2) is done before, in a thread; the operation looks again whether what was compared still stands.
An expected refusal is a value, so that the count of tries and the record are committed. None of them says whether an
account exists: who asks for one that does not gets the same answer after the same work.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from server import bitacora
from server.bitacora import Evento
from server.domain import sesion_portal
from server.domain.roles import Rol
from server.keyring import Keyring
from server.security import segundo_factor, sessions
from server.store import correos, cuentas, llaves_correo, sesiones_portal
from server.store.connection import Connection
from server.store.cuentas import Cuenta
from server.store.writer import Tx

CODIGO_MS = 15 * 60_000
CODIGO_DIGITOS = 6
CODIGO_INTENTOS = 5
CODIGOS_POR_HORA = 6
RECUERDO_MS = 90 * 24 * 3_600_000
"""How long rows of what is over stay: sessions, links, codes. The bitácora keeps that they were."""
_AGENTE = 160


@dataclass(frozen=True, slots=True)
class Entro:
    """Someone is in. `token`: for the cookie, nowhere else. `activa`: the declaración is accepted (A1)."""

    token: bytes
    sesion: int
    cuenta: int
    rol: Rol
    activa: bool
    segundo_factor: bool


@dataclass(frozen=True, slots=True)
class FaltaFactor:
    """The first step is right, and there is no session before the second. `huella`: ends with the password's change."""

    cuenta: int
    huella: str


@dataclass(frozen=True, slots=True)
class NoEntro:
    """Not so. `codigo`: credenciales, codigo, codigo_vencido, suspendida, factor, factor_puesto."""

    codigo: str


Entrada = Entro | FaltaFactor | NoEntro


def link_digest(token: str) -> bytes:
    """What the row holds of a mailed link. It has 256 bits of its own: nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


def aspirante(conn: Connection, correo: str, solicitud: int) -> Cuenta | None:
    """The account that user (address) and folio name together; None unless both are right and it may enter."""
    cuenta = cuentas.of_aspirante(conn, solicitud)
    if cuenta is None or cuenta.estatus != "activa" or not cuentas.may_enter(conn, solicitud):
        return None
    same = hmac.compare_digest(cuenta.correo.casefold().encode(), correo.strip().casefold().encode())
    return cuenta if same else None


def enter(
    tx: Tx, cuenta_id: int | None, comparada: str | None, *, bien: bool, agente: str, anterior: bytes | None,
    mejor: str | None = None,
) -> Entrada:  # fmt: skip
    """In by password. `comparada`: the hash that was compared, `bien`: with what result; `mejor`: a newer hash of it.

    `anterior`: the token that the browser brought; it ends here, whoever put it there.
    """
    cuenta = cuentas.get(tx.conn, cuenta_id) if cuenta_id is not None else None
    if cuenta is None or not bien or cuenta.contrasena is None or cuenta.contrasena != comparada:
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "credenciales")
    if cuenta.rol == Rol.ASPIRANTE and not _aspirante_still(tx, cuenta):
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "credenciales")
    if cuenta.estatus == "suspendida":  # who has the password may know
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "suspendida")
    if mejor is not None:
        cuentas.set_contrasena(tx.conn, cuenta.id, mejor)
    return _first_step(tx, cuenta, agente=agente, anterior=anterior, por="contrasena")


def enter_verified(tx: Tx, cuenta_id: int | None, *, agente: str, anterior: bytes | None, por: str) -> Entrada:
    """In by what somebody else vouched for: `por` names the provider that verified the address."""
    cuenta = cuentas.get(tx.conn, cuenta_id) if cuenta_id is not None else None
    if cuenta is None or cuenta.rol != Rol.ASPIRANTE or not _aspirante_still(tx, cuenta):
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "credenciales")
    return _first_step(tx, cuenta, agente=agente, anterior=anterior, por=por)


def _aspirante_still(tx: Tx, cuenta: Cuenta) -> bool:
    solicitud = cuenta.aspirante_id
    return cuenta.estatus == "activa" and solicitud is not None and cuentas.may_enter(tx.conn, solicitud)


def ask_code(tx: Tx, correo: str, solicitud: int) -> None:
    """Mail a code to an aspirante whose user and folio are right. Says nothing either way."""
    cuenta = aspirante(tx.conn, correo, solicitud)
    codigo = f"{secrets.randbelow(10**CODIGO_DIGITOS):0{CODIGO_DIGITOS}d}"
    digest = _code_digest(cuenta.id if cuenta else 0, tx.now_ms, codigo)
    if cuenta is None:
        bitacora.record(tx.conn, tx.now_ms, Evento.CODIGO_ACCESO_PEDIDO, actor="anonimo", enviado=False)
        return
    if llaves_correo.count_since(tx.conn, "acceso", cuenta.id, tx.now_ms - 3_600_000) >= CODIGOS_POR_HORA:
        return
    llave = llaves_correo.add(tx.conn, "acceso", cuenta.id, digest, tx.now_ms, tx.now_ms + CODIGO_MS)
    correos.add_to_account(tx.conn, f"acceso:{llave}", "acceso", cuenta.id, f'{{"codigo":"{codigo}"}}', tx.now_ms)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CODIGO_ACCESO_PEDIDO, actor="anonimo", objeto=f"cuenta:{cuenta.id}", enviado=True
    )


def spend_code(tx: Tx, correo: str, solicitud: int, codigo: str, *, agente: str, anterior: bytes | None) -> Entrada:
    """In by the code that was mailed last. A wrong one counts against it; after five it is worth nothing."""
    cuenta = aspirante(tx.conn, correo, solicitud)
    newest = llaves_correo.newest(tx.conn, "acceso", cuenta.id) if cuenta else None
    clean = "".join(sign for sign in codigo if sign in "0123456789")
    given = _code_digest(cuenta.id if cuenta else 0, newest.creada_ms if newest else tx.now_ms, clean)
    if cuenta is None or newest is None:
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "codigo")
    if newest.intentos >= CODIGO_INTENTOS:
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "codigo")
    if not hmac.compare_digest(newest.resumen, given):
        llaves_correo.add_attempt(tx.conn, newest.id)
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "codigo")
    # From here on the right code was given: it may be said what is wrong with it.
    if newest.usada_ms is not None or not sesion_portal.vigente(newest.creada_ms, newest.vence_ms, tx.now_ms):
        return _refused(tx, cuenta, Evento.ENTRADA_RECHAZADA, "codigo_vencido")
    llaves_correo.use(tx.conn, newest.id, tx.now_ms)
    return _first_step(tx, cuenta, agente=agente, anterior=anterior, por="codigo")


def _code_digest(cuenta: int, creada_ms: int, codigo: str) -> bytes:
    # Six digits need slow work to be guessed from a copy of the index; they are worthless after a quarter of an hour.
    salt = hashlib.sha256(f"acceso:{cuenta}:{creada_ms}".encode()).digest()
    return hashlib.scrypt(codigo.encode(), salt=salt, n=2**10, r=8, p=1, dklen=32)


def pass_factor(
    tx: Tx, keyring: Keyring, falta: FaltaFactor, codigo: str, *, agente: str, anterior: bytes | None
) -> Entro | NoEntro:
    """The second step, by the clock's code or a printed one."""
    cuenta = cuentas.get(tx.conn, falta.cuenta)
    if cuenta is None or cuenta.totp_secreto is None or not hmac.compare_digest(fingerprint(cuenta), falta.huella):
        return NoEntro("credenciales")
    if cuenta.estatus == "suspendida" or (cuenta.rol == Rol.ASPIRANTE and not _aspirante_still(tx, cuenta)):
        return NoEntro("credenciales")
    if not check_factor(tx, keyring, cuenta, codigo):
        return NoEntro("factor")
    return _open(tx, cuenta, agente=agente, anterior=anterior, por="segundo_factor", factor=True)


def fingerprint(cuenta: Cuenta) -> str:
    """Changes with password and second factor: what was begun before such a change is not gone on with."""
    return hashlib.sha256(f"{cuenta.id}|{cuenta.contrasena}|{cuenta.totp_secreto}".encode()).hexdigest()


def check_factor(tx: Tx, keyring: Keyring, cuenta: Cuenta, codigo: str) -> bool:
    """Spend a code of this account's second factor; the refusal is on the record."""
    if segundo_factor.is_backup_code(codigo):
        digest = segundo_factor.backup_digest(cuenta.id, codigo)
        right = cuentas.use_backup_code(tx.conn, cuenta.id, digest, tx.now_ms)
    else:
        secret = segundo_factor.read(keyring, cuenta.id, cuenta.totp_secreto or "")
        step = segundo_factor.step_of(secret, codigo, tx.now_ms, cuenta.totp_ultimo) if secret else None
        right = step is not None and cuentas.use_totp(tx.conn, cuenta.id, step)
    if not right:
        _refused(tx, cuenta, Evento.SEGUNDO_FACTOR_RECHAZADO, "factor")
    return right


def put_factor(
    tx: Tx, keyring: Keyring, cuenta_id: int, secret: str, codigo: str, *, agente: str, anterior: bytes | None
) -> tuple[Entro, list[str]] | NoEntro:
    """Take a second factor into use, once a code of it was right; gives the session anew, and the printed codes.

    An account that has one must give it up first: whoever finds an open session must not be able to replace it.
    """
    cuenta = cuentas.get(tx.conn, cuenta_id)
    if cuenta is None or cuenta.estatus == "suspendida":
        return NoEntro("credenciales")
    if cuenta.totp_secreto is not None:
        return NoEntro("factor_puesto")
    step = segundo_factor.step_of(secret, codigo, tx.now_ms, 0)
    if step is None:
        return _refused(tx, cuenta, Evento.SEGUNDO_FACTOR_RECHAZADO, "factor")
    cuentas.set_totp(tx.conn, cuenta.id, segundo_factor.keep(keyring, cuenta.id, secret), step)
    codes = _print_codes(tx, cuenta.id)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.SEGUNDO_FACTOR_PUESTO, actor=f"cuenta:{cuenta.id}", objeto=f"cuenta:{cuenta.id}"
    )
    # Sessions from before it have only a password behind them.
    sesiones_portal.close_all(tx.conn, cuenta.id, tx.now_ms)
    return _open(tx, cuenta, agente=agente, anterior=anterior, por="segundo_factor", factor=True), codes


def new_codes(tx: Tx, keyring: Keyring, cuenta_id: int, codigo: str) -> list[str] | NoEntro:
    """Printed codes in place of those before, for who has the second factor at hand."""
    cuenta = cuentas.get(tx.conn, cuenta_id)
    if cuenta is None or cuenta.totp_secreto is None or not check_factor(tx, keyring, cuenta, codigo):
        return NoEntro("factor")
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CODIGOS_RESPALDO_NUEVOS, actor=f"cuenta:{cuenta_id}", objeto=f"cuenta:{cuenta_id}"
    )
    return _print_codes(tx, cuenta_id)


def drop_factor(tx: Tx, keyring: Keyring, cuenta_id: int, codigo: str) -> NoEntro | None:
    """Give the second factor up, by a code of it. Whether this role may is the permission's business."""
    cuenta = cuentas.get(tx.conn, cuenta_id)
    if cuenta is None or cuenta.totp_secreto is None or not check_factor(tx, keyring, cuenta, codigo):
        return NoEntro("factor")
    forget_factor(tx, cuenta_id, actor=f"cuenta:{cuenta_id}")
    return None


def forget_factor(tx: Tx, cuenta_id: int, *, actor: str) -> None:
    """Without second factor and printed codes from now on."""
    cuentas.set_totp(tx.conn, cuenta_id, None, 0)
    cuentas.put_backup_codes(tx.conn, cuenta_id, [])
    bitacora.record(tx.conn, tx.now_ms, Evento.SEGUNDO_FACTOR_RETIRADO, actor=actor, objeto=f"cuenta:{cuenta_id}")


def _print_codes(tx: Tx, cuenta_id: int) -> list[str]:
    codes = segundo_factor.new_backup_codes()
    cuentas.put_backup_codes(tx.conn, cuenta_id, [segundo_factor.backup_digest(cuenta_id, code) for code in codes])
    return codes


def close(tx: Tx, sesion: int, cuenta_id: int) -> bool:
    """End one of one's own sessions; False when it is another's or over."""
    closed = sesiones_portal.close(tx.conn, sesion, cuenta_id, tx.now_ms)
    if closed:
        _closed(tx, cuenta_id, 1)
    return closed


def close_others(tx: Tx, cuenta_id: int, but: int) -> int:
    """End all of one's own sessions but this; returns how many."""
    count = sesiones_portal.close_all(tx.conn, cuenta_id, tx.now_ms, but=but)
    if count:
        _closed(tx, cuenta_id, count)
    return count


def _closed(tx: Tx, cuenta_id: int, count: int) -> None:
    bitacora.record(
        tx.conn, tx.now_ms, Evento.SESION_PORTAL_CERRADA, actor=f"cuenta:{cuenta_id}", objeto=f"cuenta:{cuenta_id}",
        sesiones=count,
    )  # fmt: skip


def _first_step(tx: Tx, cuenta: Cuenta, *, agente: str, anterior: bytes | None, por: str) -> Entro | FaltaFactor:
    if cuenta.totp_secreto is not None:
        return FaltaFactor(cuenta.id, fingerprint(cuenta))
    return _open(tx, cuenta, agente=agente, anterior=anterior, por=por, factor=False)


def _open(tx: Tx, cuenta: Cuenta, *, agente: str, anterior: bytes | None, por: str, factor: bool) -> Entro:
    if anterior is not None:
        sesiones_portal.close_digest(tx.conn, sessions.digest(anterior), tx.now_ms)
    token = secrets.token_bytes(sessions.TOKEN_BYTES)
    sesion = sesiones_portal.add(
        tx.conn, sessions.digest(token), cuenta.id, segundo_factor=factor,
        agente="".join(sign for sign in agente[:_AGENTE] if sign.isprintable()), now_ms=tx.now_ms,
        vence_ms=tx.now_ms + sesion_portal.maximo(cuenta.rol),
    )  # fmt: skip
    bitacora.record(
        tx.conn, tx.now_ms, Evento.ENTRADA, actor=f"cuenta:{cuenta.id}", objeto=f"sesion_portal:{sesion}", por=por
    )
    return Entro(token, sesion, cuenta.id, Rol(cuenta.rol), cuenta.estatus == "activa", factor)


def _refused(tx: Tx, cuenta: Cuenta | None, evento: Evento, codigo: str) -> NoEntro:
    bitacora.record(
        tx.conn, tx.now_ms, evento, actor="anonimo", objeto=f"cuenta:{cuenta.id}" if cuenta else "", codigo=codigo
    )
    return NoEntro(codigo)


def forget_old(tx: Tx) -> int:
    """Remove the rows of sessions, links and codes that ended long ago; returns how many."""
    before = tx.now_ms - RECUERDO_MS
    return sesiones_portal.forget(tx.conn, before) + llaves_correo.forget(tx.conn, before)
