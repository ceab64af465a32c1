"""The catalogue of P13.7."""

from __future__ import annotations

from server.domain.inconsistencias import INCONSISTENCIAS, TipoInconsistencia


def test_every_inciso_of_the_protocol_is_there_with_its_type() -> None:
    assert "".join(INCONSISTENCIAS) == "abcdefghijklmn"
    tipos = {"a": "abcd", "e": "e", "f": "f", "g": "ghi", "j": "jkl", "m": "m", "n": "n"}
    for first, together in tipos.items():
        assert {INCONSISTENCIAS[one].tipo for one in together} == {INCONSISTENCIAS[first].tipo}
    assert {one.tipo for one in INCONSISTENCIAS.values()} == set(TipoInconsistencia)
    for inciso, one in INCONSISTENCIAS.items():
        assert one.inciso == inciso
        assert one.texto.endswith(".")
        assert one.detalle
