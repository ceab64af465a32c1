"""The second factor: a clock's code (TOTP, RFC 6238) from any app, and printed codes for when the phone is lost.

The secret rests wrapped by the server's keyring, bound to its account; the printed codes rest as hashes. A code is
good once: the newest step of the clock that was used is kept in the account's row.
"""

from __future__ import annotations

import base64
import hashlib
import io
import secrets

import pyotp
import segno

from server.keyring import Keyring

CODIGOS = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1, which a print confuses."""


def new_secret() -> str:
    """160 bits, in base32 as apps take it."""
    return pyotp.random_base32(32)


def uri(secret: str, *, correo: str, emisor: str) -> str:
    """`otpauth://…`: what the QR says."""
    return pyotp.TOTP(secret).provisioning_uri(name=correo, issuer_name=emisor.replace(":", " "))


def qr_svg(secret: str, *, correo: str, emisor: str) -> str:
    """The QR as an SVG element without styles of its own: it stands inline in the page, and scales."""
    out = io.BytesIO()
    code = segno.make(uri(secret, correo=correo, emisor=emisor), error="m", micro=False)
    code.save(out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff", nl=False)
    return out.getvalue().decode()


def manual_key(secret: str) -> str:
    """For who types it: groups of four."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def step_of(secret: str, codigo: str, now_ms: int, ultimo: int) -> int | None:
    """The step of the clock that this code is of, if it is right, near now and later than `ultimo`; None otherwise.

    One step to either side is taken: phones' clocks are a little off, and people are slow.
    """
    clean = "".join(sign for sign in codigo if sign in "0123456789")  # isdigit takes signs that are not ASCII
    if len(clean) != 6 or now_ms < 30_000:
        return None
    totp = pyotp.TOTP(secret)
    now = now_ms // 30_000
    found = None
    for step in (now - 1, now, now + 1):
        if secrets.compare_digest(totp.generate_otp(step), clean) and step > ultimo:
            found = step
    return found


def keep(keyring: Keyring, cuenta: int, secret: str) -> str:
    """The secret as the row holds it."""
    return base64.b64encode(keyring.wrap(f"totp:{cuenta}", secret.encode())).decode()


def read(keyring: Keyring, cuenta: int, kept: str) -> str | None:
    """The secret again; None when the row is not this account's, or the key that wrapped it is gone."""
    plain = keyring.unwrap(f"totp:{cuenta}", base64.b64decode(kept))
    return None if plain is None else plain.decode()


def offer(keyring: Keyring, cuenta: int, sesion: int, secret: str) -> str:
    """A secret that is shown and not yet taken: it goes round by the page's own form, bound to the session."""
    return base64.urlsafe_b64encode(keyring.wrap(f"totp-alta:{cuenta}:{sesion}", secret.encode())).decode()


def offered(keyring: Keyring, cuenta: int, sesion: int, text: str) -> str | None:
    """What was offered; None when it was not offered to this session."""
    try:
        raw = base64.urlsafe_b64decode(text.encode())
    except ValueError:
        return None
    plain = keyring.unwrap(f"totp-alta:{cuenta}:{sesion}", raw)
    return None if plain is None else plain.decode()


def new_backup_codes() -> list[str]:
    """Ten codes of twelve signs, 59 bits each."""
    return ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3)) for _ in range(CODIGOS)]


def backup_digest(cuenta: int, codigo: str) -> bytes:
    """What is kept of a printed code; spaces, hyphens and case do not matter."""
    clean = "".join(sign for sign in codigo.casefold() if sign in _ALPHABET)
    return hashlib.sha256(f"respaldo:{cuenta}:{clean}".encode()).digest()


def is_backup_code(codigo: str) -> bool:
    """Whether it looks like a printed code and not like one of the clock."""
    return len("".join(sign for sign in codigo.casefold() if sign in _ALPHABET)) == 12
