"""The life of an account (rows A1, A4): no declaración, no entry; somebody always administers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from server.errors import DatoInvalido
from server.registro import aspirantes as registro
from server.security import cuentas as vida
from server.security import entrada
from server.store import declaraciones
from tests.server.security.mesa import PDF, Mesa, mesa

DAY = 24 * 3_600_000


@pytest.fixture
def m(tmp_path: Path) -> Iterator[Mesa]:
    with mesa(tmp_path) as made:
        yield made


def test_from_the_invitation_to_the_active_account(m: Mesa) -> None:
    admin = m.active(Rol.ADMINISTRACION)
    made = m.invited(autor=admin)
    [mailed] = m.mails("invitacion")[-1:]
    assert mailed == {"token": made.token}
    assert m.do(lambda tx: vida.whose_link(tx.conn, "invitacion", made.token, tx.now_ms)).id == made.cuenta
    assert m.do(lambda tx: vida.accept_invitation(tx, made.token, "hash")).estatus == "por_declarar"
    assert m.do(lambda tx: vida.accept_invitation(tx, made.token, "otro")) is None, "a link is good once"
    first = m.do(lambda tx: vida.hand_in(tx, made.cuenta, PDF))
    assert m.estatus(made.cuenta) == "por_aceptar"
    with pytest.raises(DatoInvalido, match="declaracion_no_esperada"):
        m.do(lambda tx: vida.hand_in(tx, made.cuenta, PDF))
    with pytest.raises(DatoInvalido, match="falta_motivo"):
        m.do(lambda tx: vida.resolve(tx, first, admin, acepta=False, motivo="  "))
    m.do(lambda tx: vida.resolve(tx, first, admin, acepta=False, motivo="Falta la firma"))
    assert m.estatus(made.cuenta) == "por_declarar"
    assert m.mails("declaracion_devuelta") == [{"motivo": "Falta la firma"}]
    second = m.do(lambda tx: vida.hand_in(tx, made.cuenta, PDF))
    m.do(lambda tx: vida.resolve(tx, second, admin, acepta=True))
    assert m.estatus(made.cuenta) == "activa"
    assert m.mails("cuenta_activa") == [{}]
    with pytest.raises(DatoInvalido, match="declaracion_resuelta"):
        m.do(lambda tx: vida.resolve(tx, second, admin, acepta=False, motivo="tarde"))
    [event] = m.events("declaracion_devuelta")
    assert (event["actor"], event["objeto"]) == (f"cuenta:{admin}", f"declaracion:{first}")
    assert "firma" not in event["datos"], "what was wrong with it is in its row and its mail, not on the record"


def test_nobody_accepts_their_own_nor_acts_after_suspension(m: Mesa) -> None:
    first, second = m.active(Rol.ADMINISTRACION), m.active(Rol.ADMINISTRACION)
    own = m.do(lambda tx: declaraciones.add(tx.conn, first, 1, tx.now_ms))
    with pytest.raises(DatoInvalido, match="declaracion_propia"):
        m.do(lambda tx: vida.resolve(tx, own, first, acepta=True))
    m.do(lambda tx: vida.suspend(tx, second, first, "ya no labora"))
    with pytest.raises(DatoInvalido, match="sin_permiso"):
        m.do(lambda tx: vida.suspend(tx, first, second, "en respuesta"))
    assert m.estatus(first) == "activa"


def test_the_last_administrator_stays(m: Mesa) -> None:
    only = m.active(Rol.ADMINISTRACION)
    for attempt in (
        lambda tx: vida.suspend(tx, only, None, "causa"),
        lambda tx: vida.change_role(tx, only, Rol.AYUDA, None),
    ):
        with pytest.raises(DatoInvalido, match="ultima_administracion"):
            m.do(attempt)
    other = m.active(Rol.ADMINISTRACION)
    with pytest.raises(DatoInvalido, match="cuenta_propia"):
        m.do(lambda tx: vida.suspend(tx, only, only, "causa"))
    m.do(lambda tx: vida.change_role(tx, only, Rol.AYUDA, other))
    with pytest.raises(DatoInvalido, match="ultima_administracion"):
        m.do(lambda tx: vida.change_role(tx, other, Rol.AYUDA, other))


def test_suspension_ends_everything_and_reactivation_goes_on_where_it_stood(m: Mesa) -> None:
    admin = m.active(Rol.ADMINISTRACION)
    cuenta = m.active(contrasena="hash")
    m.do(lambda tx: vida.ask_reset(tx, cuenta))
    token = m.mails("restablecer")[-1]["token"]
    m.do(lambda tx: entrada.enter(tx, cuenta, "hash", bien=True, agente="", anterior=None))
    m.do(lambda tx: vida.suspend(tx, cuenta, admin, "Licencia"))
    assert m.read("SELECT 1 FROM sesiones_portal WHERE cerrada_ms IS NULL") == []
    assert m.do(lambda tx: vida.reset_password(tx, token, "nuevo")) is None
    assert m.mails("cuenta_suspendida") == [{"causa": "Licencia"}]
    with pytest.raises(DatoInvalido, match="ya_suspendida"):
        m.do(lambda tx: vida.suspend(tx, cuenta, admin, "Licencia"))
    assert m.do(lambda tx: vida.reactivate(tx, cuenta, admin)) == "activa"
    invited = m.invited()
    m.do(lambda tx: vida.suspend(tx, invited.cuenta, admin, "Error"))
    assert m.do(lambda tx: vida.accept_invitation(tx, invited.token, "hash")) is None
    assert m.do(lambda tx: vida.reactivate(tx, invited.cuenta, admin)) == "invitada"
    again = m.mails("invitacion")[-1]["token"]
    assert m.do(lambda tx: vida.accept_invitation(tx, again, "hash")).estatus == "por_declarar"


def test_links_end(m: Mesa) -> None:
    made = m.invited()
    newer = m.do(lambda tx: vida.invite_again(tx, made.cuenta, None))
    assert m.do(lambda tx: vida.accept_invitation(tx, made.token, "hash")) is None, "replaced"
    m.clock.advance(7 * DAY)
    assert m.do(lambda tx: vida.accept_invitation(tx, newer.token, "hash")) is None, "expired"
    last = m.do(lambda tx: vida.invite_again(tx, made.cuenta, None))
    m.clock.advance(-DAY)
    assert m.do(lambda tx: vida.accept_invitation(tx, last.token, "hash")) is None, "from a future that did not come"
    m.clock.advance(DAY)
    assert m.do(lambda tx: vida.accept_invitation(tx, "x" * 43, "hash")) is None
    assert m.do(lambda tx: vida.accept_invitation(tx, last.token, "hash")) is not None
    assert made.token.encode() not in b"".join(bytes(row[0]) for row in m.read("SELECT resumen FROM llaves_correo"))


def test_an_invitation_resets_nothing_and_a_reset_invites_nobody(m: Mesa) -> None:
    made = m.invited()
    assert m.do(lambda tx: vida.reset_password(tx, made.token, "hash")) is None
    cuenta = m.active()
    m.do(lambda tx: vida.ask_reset(tx, cuenta))
    token = m.mails("restablecer")[-1]["token"]
    assert m.do(lambda tx: vida.accept_invitation(tx, token, "hash")) is None


def test_reset_ends_every_session_and_keeps_quiet_about_who_exists(m: Mesa) -> None:
    cuenta = m.active(contrasena="viejo")
    m.do(lambda tx: entrada.enter(tx, cuenta, "viejo", bien=True, agente="", anterior=None))
    before = len(m.read("SELECT 1 FROM correos"))
    m.do(lambda tx: vida.ask_reset(tx, None))
    assert len(m.read("SELECT 1 FROM correos")) == before
    for _ in range(10):
        m.do(lambda tx: vida.ask_reset(tx, cuenta))
    assert len(m.mails("restablecer")) == vida.RESTABLECER_POR_HORA
    token = m.mails("restablecer")[-1]["token"]
    assert m.do(lambda tx: vida.reset_password(tx, token, "nuevo")).id == cuenta
    assert m.read("SELECT 1 FROM sesiones_portal WHERE cerrada_ms IS NULL") == []
    assert m.do(lambda tx: vida.reset_password(tx, token, "otro")) is None
    assert len(m.mails("contrasena_cambiada")) == 1
    invited = m.invited()
    m.do(lambda tx: vida.ask_reset(tx, invited.cuenta))
    assert m.mails("invitacion")[-1]["token"] != invited.token, "who lost the invitation gets another"


def test_a_change_of_password_keeps_this_session_alone(m: Mesa) -> None:
    cuenta = m.active(contrasena="viejo")
    here, there = (
        m.do(lambda tx: entrada.enter(tx, cuenta, "viejo", bien=True, agente="", anterior=None)) for _ in range(2)
    )
    assert isinstance(here, entrada.Entro)
    assert not m.do(lambda tx: vida.change_password(tx, cuenta, "otro", "nuevo", here.sesion)), "changed meanwhile"
    assert m.do(lambda tx: vida.change_password(tx, cuenta, "viejo", "nuevo", here.sesion))
    assert [row[0] for row in m.read("SELECT id FROM sesiones_portal WHERE cerrada_ms IS NULL")] == [here.sesion]
    assert there is not None


def test_one_address_one_account_whatever_its_case(m: Mesa) -> None:
    m.invited(correo="ana@ejemplo.mx")
    with pytest.raises(DatoInvalido, match="correo_ocupado"):
        m.invited(correo="ANA@Ejemplo.mx")
    assert m.aspirante("ana@ejemplo.mx") > 0, "an aspirante's account is another thing: it enters by folio"
    with pytest.raises(DatoInvalido, match="rol_invalido"):
        m.invited(Rol.ASPIRANTE)


def test_an_aspirante_whose_address_changes_leaves_the_old_one_outside(m: Mesa) -> None:
    admin = m.active(Rol.ADMINISTRACION)
    m.aspirante("vieja@ejemplo.mx")
    m.do(lambda tx: entrada.ask_code(tx, "vieja@ejemplo.mx", m.solicitud))
    codigo = m.mails("acceso")[-1]["codigo"]
    m.do(lambda tx: registro.corregir_correo(tx, m.solicitud, "nueva@ejemplo.mx", "google", actor="prueba"))
    refused = m.do(lambda tx: entrada.spend_code(tx, "nueva@ejemplo.mx", m.solicitud, codigo, agente="", anterior=None))
    assert refused == entrada.NoEntro("codigo_vencido")
    assert m.do(lambda tx: entrada.aspirante(tx.conn, "nueva@ejemplo.mx", m.solicitud)) is not None
    m.do(lambda tx: registro.dar_baja(tx, m.solicitud, "Desistió", cuenta=admin, actor="prueba"))
    assert m.do(lambda tx: entrada.aspirante(tx.conn, "nueva@ejemplo.mx", m.solicitud)) is None


def test_a_declaracion_on_paper_is_on_the_record(m: Mesa) -> None:
    from server.security.archivo_firmado import on_paper

    made = m.invited(Rol.ADMINISTRACION)
    m.do(lambda tx: vida.declare_at_console(tx, made.cuenta, on_paper("Recibida en papel.")))
    assert m.estatus(made.cuenta) == "invitada", "without a password there is nothing to enter by"
    assert m.do(lambda tx: vida.accept_invitation(tx, made.token, "hash")).estatus == "activa"
    [event] = m.events("declaracion_aceptada")
    assert (event["actor"], event["datos"]) == ("consola", '{"en_papel":true}')


def test_a_lost_phone(m: Mesa) -> None:
    admin, cuenta = m.active(Rol.ADMINISTRACION), m.active()
    with pytest.raises(DatoInvalido, match="sin_factor"):
        m.do(lambda tx: vida.take_factor_away(tx, cuenta, admin))
    m.do(lambda tx: tx.conn.execute("UPDATE cuentas SET totp_secreto = 'x'"))
    with pytest.raises(DatoInvalido, match="cuenta_propia"):
        m.do(lambda tx: vida.take_factor_away(tx, admin, admin))
    m.do(lambda tx: vida.take_factor_away(tx, cuenta, admin))
    assert m.read("SELECT totp_secreto FROM cuentas WHERE id = ?", cuenta)[0][0] is None
