"""The copy on this box answers whatever is in it, also what nobody should have put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.app import INDEX
from server.domain.apoyo import MotivoBaja, Situacion
from server.padron.local import LocalPadron
from server.padron.proveedor import Pregunta
from tests.server.registro.caja import abierta

pytestmark = pytest.mark.anyio
CLAVES = ("GMPRRS90010132H100", "GMPRRS90010132H200", "GMPRRS90010132H300")


async def test_a_motive_however_it_is_spelt(tmp_path: Path) -> None:
    with abierta(tmp_path) as caja:
        caja.load_padron(
            (CLAVES[0], "BAJA", "DEFUNCION"), (CLAVES[1], "BAJA", "por otra causa"), (CLAVES[2], "LISTA_NOMINAL", "")
        )
        answers = await LocalPadron(caja.index).preguntar([Pregunta(clave) for clave in CLAVES])
    assert caja.index.name == INDEX
    assert [(one.situacion, one.motivo) for one in answers] == [
        (Situacion.BAJA, MotivoBaja.DEFUNCION), (Situacion.BAJA, None), (Situacion.LISTA_NOMINAL, None),
    ]  # fmt: skip
