"""Passwords (row A1): what is refused, what is kept, and that an unknown account costs the same."""

from __future__ import annotations

import argon2
import pytest

from server.errors import DatoInvalido
from server.security import passwords

ANA = {"nombre": "Ana María Núñez Ibarra", "correo": "ana.nunez@ejemplo.mx"}


@pytest.mark.parametrize(
    ("password", "codigo"),
    [
        ("corta", "contrasena_corta"),
        ("a" * 201, "contrasena_larga"),
        ("123456789012", "contrasena_comun"),
        ("aaaaaaaaaaaaaaa", "contrasena_comun"),
        ("abcabcabcabcabc", "contrasena_comun"),
        ("Contraseña2026!", "contrasena_comun"),
        ("P@ssword2026", "contrasena_comun"),
        ("Elecciones2027", "contrasena_comun"),
        ("Administrador1", "contrasena_comun"),
        ("AnaNunez2026", "contrasena_personal"),
        ("núñez-ibarra", "contrasena_personal"),
        ("ana.nunez1234", "contrasena_personal"),
    ],
)
def test_refused(password: str, codigo: str) -> None:
    with pytest.raises(DatoInvalido) as refused:
        passwords.check_new(password, **ANA)
    assert refused.value.codigo == codigo
    assert password not in refused.value.texto


@pytest.mark.parametrize(
    "password",
    ["caballo grapa pila correcta", "tres tristes tigres", "mi abuela Núñez hacía pan los martes", "x7!Kq0zR#m2V"],
)
def test_taken(password: str) -> None:
    passwords.check_new(password, **ANA)


def test_kept_as_argon2id_and_found_again_however_the_keyboard_spells_it() -> None:
    stored = passwords.hash_new("caf\u00e9 con piloncillo")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(stored, "cafe\u0301 con piloncillo")
    assert not passwords.verify(stored, "cafe con piloncillo")
    assert not passwords.outdated(stored)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    assert passwords.outdated(weak)


def test_an_unknown_account_costs_what_a_known_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counting(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        compared.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    assert not passwords.verify(None, "lo que sea")
    assert not passwords.verify(passwords.hash_new("otra cosa distinta"), "lo que sea")
    parameters = [argon2.extract_parameters(stored) for stored in compared]
    assert len(parameters) == 2
    assert parameters[0] == parameters[1]
    assert not passwords.verify("esto no es un hash", "lo que sea")
