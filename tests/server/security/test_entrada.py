"""In and out (rows A1, A2): tokens, codes and factors are good once, and no answer says whether an account exists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from server.security import cuentas as vida
from server.security import entrada, segundo_factor, sessions
from server.security.entrada import Entro, FaltaFactor, NoEntro
from tests.server.security.mesa import Mesa, mesa

MINUTE = 60_000
CORREO = "alma@ejemplo.mx"


@pytest.fixture
def m(tmp_path: Path) -> Iterator[Mesa]:
    with mesa(tmp_path) as made:
        yield made


def enter(m: Mesa, cuenta: int | None, *, bien: bool = True, comparada: str = "hash", anterior: bytes | None = None):
    return m.do(lambda tx: entrada.enter(tx, cuenta, comparada, bien=bien, agente="Firefox", anterior=anterior))


def who(m: Mesa, token: bytes):
    return m.do(lambda tx: sessions.who(tx.conn, token, tx.now_ms))


def test_in_by_password_with_a_new_token_each_time(m: Mesa) -> None:
    cuenta = m.active()
    first = enter(m, cuenta)
    assert isinstance(first, Entro)
    assert who(m, first.token).cuenta == cuenta
    second = enter(m, cuenta, anterior=first.token)
    assert isinstance(second, Entro)
    assert first.token != second.token
    assert who(m, first.token) is None, "what the browser brought ends, whoever put it there"
    [row] = m.read("SELECT resumen FROM sesiones_portal WHERE id = ?", second.sesion)
    assert row["resumen"] == sessions.digest(second.token)


def test_unknown_wrong_and_suspended(m: Mesa) -> None:
    cuenta = m.active()
    unknown, wrong = enter(m, None, bien=False), enter(m, cuenta, bien=False)
    assert unknown == wrong == NoEntro("credenciales")
    assert enter(m, cuenta, comparada="anterior") == NoEntro("credenciales"), "the password was changed meanwhile"
    assert len(m.events("entrada_rechazada")) == 3, "both leave the same trace: neither is quicker"
    admin = m.active()
    m.do(lambda tx: vida.suspend(tx, cuenta, None, "causa"))
    assert enter(m, cuenta) == NoEntro("suspendida")
    assert enter(m, cuenta, bien=False) == NoEntro("credenciales")
    assert admin


def test_a_code_is_good_once_and_not_for_ever(m: Mesa) -> None:
    cuenta = m.aspirante()

    def ask() -> str:
        m.do(lambda tx: entrada.ask_code(tx, CORREO.upper(), m.solicitud))
        return m.mails("acceso")[-1]["codigo"]

    def spend(codigo: str, solicitud: int = m.solicitud, correo: str = CORREO):
        return m.do(lambda tx: entrada.spend_code(tx, correo, solicitud, codigo, agente="", anterior=None))

    codigo = ask()
    assert spend(codigo, solicitud=m.solicitud + 1) == NoEntro("codigo")
    assert spend(codigo, correo="otra@ejemplo.mx") == NoEntro("codigo")
    done = spend(f" {codigo[:3]} {codigo[3:]}")
    assert isinstance(done, Entro)
    assert who(m, done.token).solicitud == m.solicitud
    assert spend(codigo) == NoEntro("codigo_vencido"), "replayed"
    old = ask()
    m.clock.advance(15 * MINUTE)
    assert spend(old) == NoEntro("codigo_vencido")
    replaced = ask()
    newest = ask()
    if replaced != newest:
        assert spend(replaced) == NoEntro("codigo")
    for _ in range(entrada.CODIGO_INTENTOS):
        wrong = f"{(int(newest) + 1) % 10**6:06d}"
        spend(wrong)
    assert spend(newest) == NoEntro("codigo"), "five wrong tries, and not even the right one is good"
    assert m.read("SELECT max(intentos) FROM llaves_correo")[0][0] == entrada.CODIGO_INTENTOS
    assert cuenta


def test_codes_are_mailed_to_who_is_right_and_not_without_end(m: Mesa) -> None:
    m.aspirante()
    m.do(lambda tx: entrada.ask_code(tx, "otra@ejemplo.mx", m.solicitud))
    m.do(lambda tx: entrada.ask_code(tx, CORREO, m.solicitud + 7))
    assert m.mails("acceso") == []
    for _ in range(20):
        m.do(lambda tx: entrada.ask_code(tx, CORREO, m.solicitud))
    assert len(m.mails("acceso")) == entrada.CODIGOS_POR_HORA
    m.do(lambda tx: tx.conn.execute("UPDATE aspirantes SET confirmado_ms = NULL"))
    assert m.do(lambda tx: entrada.aspirante(tx.conn, CORREO, m.solicitud)) is None, "the cédula is not signed"


def with_factor(m: Mesa, cuenta: int) -> tuple[str, list[str], Entro]:
    secret = segundo_factor.new_secret()
    code = pyotp.TOTP(secret).at(m.clock() // 1000)
    put = m.do(lambda tx: entrada.put_factor(tx, m.keys, cuenta, secret, code, agente="", anterior=None))
    assert isinstance(put, tuple)
    m.clock.advance(MINUTE)
    return secret, put[1], put[0]


def test_second_factor(m: Mesa) -> None:
    cuenta = m.active()
    before = enter(m, cuenta)
    assert isinstance(before, Entro)
    secret, codes, now = with_factor(m, cuenta)
    assert who(m, before.token) is None, "sessions from before it have only a password behind them"
    assert who(m, now.token).segundo_factor
    [kept] = m.read("SELECT totp_secreto FROM cuentas WHERE id = ?", cuenta)
    assert secret not in kept[0]
    missing = enter(m, cuenta)
    assert isinstance(missing, FaltaFactor)

    def passing(codigo: str, falta: FaltaFactor = missing):
        return m.do(lambda tx: entrada.pass_factor(tx, m.keys, falta, codigo, agente="", anterior=None))

    code = pyotp.TOTP(secret).at(m.clock() // 1000)
    assert passing("000000" if code != "000000" else "111111") == NoEntro("factor")
    done = passing(code)
    assert isinstance(done, Entro)
    assert done.segundo_factor
    assert passing(code) == NoEntro("factor"), "replayed"
    earlier = pyotp.TOTP(secret).at(m.clock() // 1000 - 30)
    assert passing(earlier) == NoEntro("factor"), "an earlier step than the last one used"
    m.clock.advance(-2 * MINUTE)
    assert passing(code) == NoEntro("factor"), "a clock set back gives nothing back"
    m.clock.advance(4 * MINUTE)
    assert isinstance(passing(codes[0].upper().replace("-", " ")), Entro)
    assert passing(codes[0]) == NoEntro("factor"), "a printed code is good once"
    m.do(lambda tx: tx.conn.execute("UPDATE cuentas SET contrasena = 'nueva' WHERE id = ?", (cuenta,)))
    assert passing(codes[1]) == NoEntro("credenciales"), "the first step was made with another password"


def test_whoever_finds_an_open_session_cannot_replace_the_second_factor(m: Mesa) -> None:
    cuenta = m.active()
    _, codes, _ = with_factor(m, cuenta)
    other = segundo_factor.new_secret()
    code = pyotp.TOTP(other).at(m.clock() // 1000)
    assert m.do(lambda tx: entrada.put_factor(tx, m.keys, cuenta, other, code, agente="", anterior=None)) == NoEntro(
        "factor_puesto"
    )
    assert m.do(lambda tx: entrada.drop_factor(tx, m.keys, cuenta, "123456")) == NoEntro("factor")
    assert isinstance(m.do(lambda tx: entrada.new_codes(tx, m.keys, cuenta, codes[0])), list)
    assert m.do(lambda tx: entrada.drop_factor(tx, m.keys, cuenta, codes[1])) == NoEntro("factor"), "replaced"


def test_a_secret_moved_to_another_row_opens_nothing(m: Mesa) -> None:
    cuenta, other = m.active(), m.active()
    secret, _, _ = with_factor(m, cuenta)
    m.do(
        lambda tx: tx.conn.execute(
            "UPDATE cuentas SET totp_secreto = (SELECT totp_secreto FROM cuentas WHERE id = ?) WHERE id = ?",
            (cuenta, other),
        )
    )
    missing = enter(m, other)
    assert isinstance(missing, FaltaFactor)
    code = pyotp.TOTP(secret).at(m.clock() // 1000)
    assert m.do(lambda tx: entrada.pass_factor(tx, m.keys, missing, code, agente="", anterior=None)) == NoEntro(
        "factor"
    )


def test_sessions_end(m: Mesa) -> None:
    cuenta = m.active()
    one, two, three = (enter(m, cuenta) for _ in range(3))
    other = m.active()
    assert not m.do(lambda tx: entrada.close(tx, one.sesion, other)), "another's session is not one's own"
    assert m.do(lambda tx: entrada.close(tx, one.sesion, cuenta))
    assert not m.do(lambda tx: entrada.close(tx, one.sesion, cuenta))
    assert m.do(lambda tx: entrada.close_others(tx, cuenta, three.sesion)) == 1
    assert who(m, two.token) is None
    assert who(m, three.token) is not None
    m.clock.advance(-60 * MINUTE)
    assert who(m, three.token) is None, "it began in a future that a clock made up"
    m.clock.advance(60 * MINUTE)
    assert who(m, three.token) is not None


def test_the_record_names_nobody(m: Mesa) -> None:
    cuenta = m.aspirante()
    m.do(lambda tx: entrada.ask_code(tx, CORREO, m.solicitud))
    m.do(lambda tx: entrada.spend_code(tx, CORREO, m.solicitud, "1", agente="Firefox", anterior=None))
    whole = " ".join(str(tuple(row)) for row in m.read("SELECT actor, objeto, datos FROM bitacora"))
    assert f"cuenta:{cuenta}" in whole
    for word in ("alma", "Alma", "ejemplo", m.mails("acceso")[-1]["codigo"], "Firefox"):
        assert word not in whole


def test_what_is_long_over_is_forgotten_and_nothing_else(m: Mesa) -> None:
    cuenta = m.active()
    enter(m, cuenta)
    m.do(lambda tx: vida.ask_reset(tx, cuenta))
    m.clock.advance(entrada.RECUERDO_MS)
    kept = enter(m, cuenta)
    assert m.do(entrada.forget_old) == 0, "ninety days after the end, not after the beginning"
    m.clock.advance(13 * 60 * MINUTE)
    assert m.do(entrada.forget_old) == 2, "the first session and the link; the invitation still has its week"
    assert [row[0] for row in m.read("SELECT id FROM sesiones_portal")] == [kept.sesion]
    assert len(m.events("entrada")) == 2
