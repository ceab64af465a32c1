"""Settings: what cannot work is said before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.config import Settings
from server.errors import ConfigurationError


def test_defaults_and_every_variable() -> None:
    plain = Settings.from_env({})
    assert (plain.host, plain.port, plain.url_publica) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    full = Settings.from_env(
        {
            "ACOPIO_DATOS": "/srv/acopio", "ACOPIO_LLAVE_ARCHIVO": "/etc/acopio/llave", "ACOPIO_FRASE": "f",
            "ACOPIO_SEGUNDA_COPIA": "/mnt/b", "ACOPIO_INSTITUCION": "IE", "ACOPIO_ESCUCHA": "0.0.0.0:80",
            "ACOPIO_URL_PUBLICA": "https://acopio.ejemplo.mx/", "ACOPIO_SMTP_URL": "smtps://u:p@correo",
            "ACOPIO_CORREO_DE": "a@b.mx", "ACOPIO_CIC_COMPLETO": "sí", "ACOPIO_DEMO": "no", "ACOPIO_EN_VUELO": "4",
            "ACOPIO_SESION_QUIETA_S": "5",
        }
    )  # fmt: skip
    assert (full.host, full.port, full.url_publica) == ("0.0.0.0", 80, "https://acopio.ejemplo.mx")
    assert (full.cic_completo, full.demo, full.en_vuelo, full.sesion_quieta_ms) == (True, False, 4, 5000)


@pytest.mark.parametrize(
    ("env", "word"),
    [
        ({"ACOPIO_DATOS": "d", "ACOPIO_SEGUNDA_COPIA": "d/diario"}, "propio diario"),
        ({"ACOPIO_DATOS": "d", "ACOPIO_LLAVE_ARCHIVO": "d/llave"}, "fuera"),
        ({"ACOPIO_ESCUCHA": "ochenta"}, "dirección:puerto"),
        ({"ACOPIO_SMTP_URL": "http://correo"}, "smtp://"),
        ({"ACOPIO_DEMO": "quizá"}, "«si» o «no»"),
        ({"ACOPIO_EN_VUELO": "0"}, "entre 1 y 8"),
        ({"ACOPIO_EN_VUELO": "x"}, "entero"),
    ],
)
def test_what_cannot_work_is_said(env: dict[str, str], word: str) -> None:
    with pytest.raises(ConfigurationError, match=word):
        Settings.from_env(env)


def test_paths_are_paths() -> None:
    assert Settings.from_env({"ACOPIO_DATOS": "x"}).datos == Path("x")
