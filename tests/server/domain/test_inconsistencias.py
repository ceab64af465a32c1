"""The catalogue of P13.7."""

from __future__ import annotations

from server.domain.apoyo import Via
from server.domain.inconsistencias import DE_PAPEL, DEL_PROTOCOLO, INCONSISTENCIAS, TipoInconsistencia


def test_every_inciso_of_the_protocol_is_there_with_its_type() -> None:
    assert "".join(INCONSISTENCIAS) == "abcdefghijklmn"
    tipos = {"a": "abcd", "e": "e", "f": "f", "g": "ghi", "j": "jkl", "m": "m", "n": "n"}
    for first, together in tipos.items():
        assert {INCONSISTENCIAS[one].tipo for one in together} == {INCONSISTENCIAS[first].tipo}
    assert {one.tipo for one in INCONSISTENCIAS.values()} == set(TipoInconsistencia) - {TipoInconsistencia.PAPEL}
    for inciso, one in INCONSISTENCIAS.items():
        assert one.inciso == inciso
        assert one.texto.endswith(".")
        assert one.detalle


def test_the_five_of_paper_are_beside_them() -> None:
    assert list(DE_PAPEL) == ["pa", "pb", "pc", "pd", "pe"]
    assert list(DEL_PROTOCOLO) == [*INCONSISTENCIAS, *DE_PAPEL]
    assert {one.via for one in DE_PAPEL.values()} == {Via.PAPEL}
    assert {one.via for one in INCONSISTENCIAS.values()} == {Via.APP}
    assert [one.inciso for one in DE_PAPEL.values() if one.pide_detalle] == ["pe"]
