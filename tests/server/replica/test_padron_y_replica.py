"""The padrón's files beside the index's copies: what `verify` says of them, and a restore that leaves them there."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.replica import backup, relevo
from server.replica.revision import indice
from server.replica.revision.hallazgos import CATALOGO, Gravedad, Hallazgos
from server.store import padron, padron_archivo
from server.store.connection import open_writer
from server.store.migrations import migrate
from tests.server.padron.archivos import persona


def review(datos: Path, *cortes: str, damage: str = "") -> dict[str, int]:
    conn = open_writer(datos / "indice.db")
    migrate(conn)
    folder = datos / padron.CARPETA
    files = []
    for corte in cortes:
        with padron_archivo.alone(folder):
            rows = [[persona(n)[name] for name in padron.COLUMNS] for n in range(40)]
            made = padron_archivo.build(folder, corte, rows)
        padron.poner_vigente(conn, made.corte, made.filas, made.archivo, made.resumen, 1)
        files.append(folder / made.archivo)
    match damage:
        case "newest gone":
            files[-1].unlink()
        case "oldest gone":
            files[0].unlink()
        case "oldest other":
            files[0].write_bytes(files[0].read_bytes()[:-1] + b"x")
        case "newest torn":
            files[-1].write_bytes(files[-1].read_bytes()[:4096])
        case "withdrawn":
            padron.retirar(conn, 1)
            files[0].unlink()
    found = Hallazgos()
    indice.trabajos(found, conn, 0)
    conn.close()
    return found.counts


@pytest.mark.parametrize(
    ("damage", "codes"),
    [
        ("", {}), ("newest gone", {"padron_sin_archivo": 1}), ("oldest gone", {}),
        ("oldest other", {"padron_alterado": 1}),
        ("newest torn", {"padron_alterado": 1}), ("withdrawn", {}),
    ],
)  # fmt: skip
def test_verify_says_which_file_is_not_as_it_was_imported(tmp_path: Path, damage: str, codes: dict[str, int]) -> None:
    assert dict(review(tmp_path, "2026-01-31", "2026-02-28", damage=damage)) == codes
    assert all(CATALOGO[codigo].gravedad is Gravedad.AVISO for codigo in codes), "it can be imported again"


def test_a_restore_leaves_the_files_where_they_are(tmp_path: Path) -> None:
    """No copy has them: put aside with the old index they would be missed by the new one."""
    (tmp_path / padron.CARPETA).mkdir()
    (tmp_path / padron.CARPETA / "2026-01-31-0123456789abcdef.sqlite").write_bytes(b"x")
    (tmp_path / "indice.db").write_bytes(b"old")
    work = relevo.begin(tmp_path)
    (work / "indice.db").write_bytes(b"new")
    aside = relevo.exchange(tmp_path, "20260101T000000")
    assert (tmp_path / "indice.db").read_bytes() == b"new"
    assert (aside / "indice.db").read_bytes() == b"old"
    assert [path.name for path in (tmp_path / padron.CARPETA).iterdir()] == ["2026-01-31-0123456789abcdef.sqlite"]


def test_a_backup_says_that_it_does_not_have_them() -> None:
    assert any("padrón" in line and "acopio padron import" in line for line in backup.NO_CONTIENE)
