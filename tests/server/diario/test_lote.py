"""The format of a lote: anyone reads it with tar."""

from __future__ import annotations

import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.diario.lote import header


@given(nombre=st.text("0123456789abcxyz.-", min_size=1, max_size=100), tam=st.integers(0, 8**11 - 1))
def test_a_header_is_the_one_that_tarfile_writes(nombre: str, tam: int) -> None:
    info = tarfile.TarInfo(nombre)
    info.size, info.mode = tam, 0o600
    assert header(nombre, tam) == info.tobuf(tarfile.USTAR_FORMAT)


def test_a_name_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="101"):
        header("x" * 101, 0)
