"""The catalogue: codes that are unique, named and explained (SPEC §9)."""

from __future__ import annotations

import re
from http import HTTPStatus
from importlib import resources

import pytest

from sync_protocol import errors
from sync_protocol.errors import CATALOGUE, ErrorCode, Layer, LocalProtocolError, ProtocolError, RemoteProtocolError

SPEC = resources.files("sync_protocol").joinpath("SPEC.md").read_text(encoding="utf-8")
ROWS = list(CATALOGUE.values())
TUS_CHECKSUM_MISMATCH = 460


def test_codes_are_unique() -> None:
    assert len(ROWS) == len(errors._ROWS)


@pytest.mark.parametrize("entry", ROWS, ids=lambda entry: entry.code)
def test_a_row_is_complete(entry: ErrorCode) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", entry.code)
    assert entry.status == TUS_CHECKSUM_MISMATCH or HTTPStatus(entry.status) >= HTTPStatus.BAD_REQUEST
    assert re.fullmatch(r"[A-ZÁÉÍÓÚÑ].+\.", entry.text), "a Spanish sentence"
    assert not (entry.permanent and entry.status >= 500), "a server's trouble passes"


def test_texts_are_unique() -> None:
    assert len({entry.text for entry in ROWS}) == len(ROWS)


def test_every_layer_is_used() -> None:
    assert {entry.layer for entry in ROWS} == set(Layer)


def test_every_code_that_spec_names_exists() -> None:
    """Words in code style that look like codes of the catalogue's families, and all those that SPEC says are codes."""
    families = {code.split("_")[0] for code in CATALOGUE}
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", SPEC))
    fields = {"codigo_integridad", "llave_sellado"}
    assert {word for word in named if word.split("_")[0] in families} - set(CATALOGUE) == fields & named


def test_errors_carry_their_row() -> None:
    error = RemoteProtocolError("sobre_truncado", "5 de 9 bytes")
    assert (error.code, error.layer, error.status_hint) == ("sobre_truncado", Layer.FRAME, 422)
    assert str(error) == "sobre_truncado: 5 de 9 bytes"
    assert isinstance(error, ProtocolError)
    assert str(LocalProtocolError("interno")) == "interno"


def test_a_code_that_is_not_in_the_catalogue_is_a_bug() -> None:
    with pytest.raises(KeyError):
        RemoteProtocolError("no_hay_tal")
