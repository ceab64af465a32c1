"""Errors of the server beside those of the protocol (sync_protocol.errors holds the catalogue of codes)."""

from __future__ import annotations

from sync_protocol.errors import CATALOGUE


class AppError(Exception):
    """An expected refusal with a code of the catalogue; becomes an HTTP answer at the edge."""

    def __init__(self, code: str, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.entry = CATALOGUE[code]
        self.detail = detail
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        """The stable code."""
        return self.entry.code


class DatoInvalido(Exception):
    """A datum that a person gave and that cannot be taken.

    `codigo`: stable, snake_case. `texto`: a Spanish sentence that says what was wrong and what to do.
    """

    def __init__(self, codigo: str, texto: str) -> None:
        super().__init__(codigo)
        self.codigo = codigo
        self.texto = texto


class ConfigurationError(Exception):
    """The box cannot start as it is set up; the message is for its administrator, in Spanish."""


class DiarioError(Exception):
    """The diario is not what it must be (a hole, a torn or altered lote); the message is for the administrator."""


class DatoInvalido(Exception):  # noqa: N818 (a noun of the screens, not a fault)
    """A datum that a person gave and that cannot be taken: a stable snake_case code, and a sentence in Spanish that
    names what was wrong and what to do."""

    def __init__(self, codigo: str, texto: str) -> None:
        super().__init__(codigo)
        self.codigo = codigo
        self.texto = texto
