"""The padrón's CSV as seeds and demonstrations read it: every column, because people are made of its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from server import seed
from server.errors import ConfigurationError
from tests.server.padron.archivos import persona, texto


def test_every_column_is_given_also_those_that_no_version_keeps(tmp_path: Path) -> None:
    lines = texto([persona(1), persona(2)], fin="\n").splitlines()
    (tmp_path / "p.csv").write_text("\n".join(f"{line},1990-09-05" for line in lines).replace("1990-09-05", "fecha", 1))
    found = list(seed.padron_rows(tmp_path / "p.csv"))
    assert [row["fecha"] for row in found] == ["1990-09-05"] * 2
    assert found[0]["nombre"] == "ÍTZEL"


@pytest.mark.parametrize(("content", "words"), [("a,b\n1,2\n", "clave_elector"), (texto([]) + "x\n", "línea 2")])
def test_a_file_that_is_no_padron(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "p.csv").write_text(content)
    with pytest.raises(ConfigurationError, match=words):
        list(seed.padron_rows(tmp_path / "p.csv"))
