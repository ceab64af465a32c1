"""Passwords of the portals: Argon2id, modest enough for a small box (row A1).

Hashing takes tens of milliseconds and 19 MiB, so callers do it in a thread, never on the loop nor on the write thread;
two at a time, so that a flood of wrong passwords cannot take a small box's memory. Parameters: OWASP's second choice.
"""

from __future__ import annotations

import functools
import itertools
import secrets
import threading
import unicodedata

import argon2

from server.errors import DatoInvalido

MINIMO = 12
MAXIMO = 200
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)

# What people choose first when twelve characters are asked for. Compared without case, signs and digits at the ends.
_COMUNES = frozenset({
    "contrasena", "contrasenia", "password", "passwordpassword", "contrasenacontrasena", "qwerty", "qwertyuiop",
    "qwertyuiopasdf", "qwertyqwerty", "asdfghjklzxcvb", "administrador", "administracion", "administrator", "acceso",
    "bienvenido", "bienvenida", "bienvenidos", "elecciones", "electoral", "organismopublico", "apoyociudadano",
    "apoyo", "ciudadano", "candidatura", "independiente", "mexico", "vivamexico", "zacatecas", "institutoelectoral",
    "instituto", "teamo", "iloveyou", "temporal", "cambiame", "secreto", "usuario", "operador", "acopio", "letmein",
    "changeme", "abcdefghijkl", "abcdefghijklm", "futbol", "chivas", "america", "cruzazul", "guadalupe",
})  # fmt: skip


def check_new(password: str, *, nombre: str, correo: str) -> None:
    """Raises DatoInvalido when it is too short, too common or made of whom it belongs to."""
    if len(password) < MINIMO:
        raise DatoInvalido(
            "contrasena_corta",
            f"La contraseña tiene {len(password)} caracteres y debe tener al menos {MINIMO}. "
            "Varias palabras que no vayan juntas son fáciles de recordar.",
        )
    if len(password) > MAXIMO:
        raise DatoInvalido("contrasena_larga", f"La contraseña debe tener {MAXIMO} caracteres o menos.")
    plain = _plain(password)
    if len(set(plain)) < 5 or _core(plain) in _COMUNES or _is_run(plain):
        raise DatoInvalido(
            "contrasena_comun", "Esa contraseña es de las primeras que se prueban. Elija otra, con palabras suyas."
        )
    user = _plain(correo).partition("@")[0]
    own = {part for part in (*_plain(nombre).split(), user, *_words(user)) if len(part) >= 4}
    # Her name with a year behind it is her name; a long sentence that has it somewhere is a sentence.
    rest = plain
    for part in sorted(own, key=len, reverse=True):
        rest = rest.replace(part, "")
    if rest != plain and len(rest) < 8:
        raise DatoInvalido(
            "contrasena_personal", "La contraseña no debe hacerse con su nombre ni con su correo. Elija otra."
        )


def hash_new(password: str) -> str:
    """An Argon2id hash with its salt and parameters. Slow: in a thread."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether it is the password of this hash. Without one, the same work is done and the answer is no."""
    nobody = _nobody()  # made at the first entry of all, whoever's it is: it must not tell the unknown from the known
    with _AT_ONCE:
        try:
            right = _HASHER.verify(stored or nobody, _normal(password[: MAXIMO * 2]))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
    return right and stored is not None


def outdated(stored: str) -> bool:
    """Whether it was made with other parameters than today's: hash again while the password is at hand."""
    return _HASHER.check_needs_rehash(stored)


@functools.lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that nobody has the password of, with today's parameters: what an unknown account is compared with."""
    return _HASHER.hash(secrets.token_hex(32))


def _normal(password: str) -> str:
    # One sign has several spellings in Unicode; which of them a keyboard sends must not matter.
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    """Without case and accents."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


def _core(plain: str) -> str:
    """The letters, as if leetspeak and what is hung on at the ends were not there."""
    leet = plain.strip("0123456789!¡?¿.,;:-_*+#$%&/()= ").translate(str.maketrans("013457@$", "oieastas"))
    return "".join(sign for sign in leet if sign.isalpha())


def _words(user: str) -> list[str]:
    return "".join(sign if sign.isalpha() else " " for sign in user).split()


def _is_run(plain: str) -> bool:
    """`123456789012`, `abcabcabcabc`: steps of one, or a short piece over and over."""
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(plain)}
    if steps <= {1, -9} or steps <= {-1, 9}:
        return True
    return any(plain == (plain[:n] * len(plain))[: len(plain)] for n in range(1, 5))
