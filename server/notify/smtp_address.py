"""What ACOPIO_SMTP_URL says: `smtp://`, `smtp+starttls://` or `smtps://`, with user and password if they are in it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """A mail server. `tls`: from the first byte; `starttls`: asked for after EHLO."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str | None
    password: str | None

    @classmethod
    def parse(cls, url: str) -> SmtpAddress:
        """Settings have checked the scheme already."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or {"smtps": 465, "smtp+starttls": 587}.get(parts.scheme, 25),
            tls=parts.scheme == "smtps",
            starttls=parts.scheme == "smtp+starttls",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )
