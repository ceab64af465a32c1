"""The bench of the portals: its boxes add up and are those of every run, its ratios are taken within a round."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bench.ingest import phones
from bench.portals import fill, recounting, report
from bench.portals.load import Asked
from bench.portals.servers import DATASETTE_NAME, OURS, RECOUNTING, consultas, reports, tables
from bench.portals.triggers import Cost
from server.app import INDEX
from server.store import avance, conteos, revision
from server.store.avance import OrdenAuxiliares


def test_a_box_has_what_was_asked_for_and_its_counters_agree_with_the_peer_without(tmp_path: Path) -> None:
    box = fill.fill(tmp_path, 700)
    conn = sqlite3.connect(tmp_path / "caja" / INDEX)
    conn.row_factory = sqlite3.Row
    try:
        assert conn.execute("SELECT count(*) FROM apoyos").fetchone()[0] == 700
        assert list(conteos.recount(conn)) == []
        assert revision.schema_differences(conn) == [], "indexes and triggers are there again"
        assert conteos.total(conn, 1).recibidos == box.received
        assert conteos.por_dia(conn, 1) == recounting.por_dia(conn, 1)
        assert conteos.por_unidad(conn, 1, "municipio") == recounting.por_unidad(conn, 1, "municipio")
        days = [dia for dia, _ in conteos.por_dia(conn, 1)]
        assert box.first_day in (days[0], days[0] - 1)
        for range_ in (None, (days[3], days[9])):
            values = {"folio": 1, "desde": days[3], "hasta": days[9]}
            mine = conn.execute(f"SELECT * FROM ({avance._counters(range_)}) ORDER BY auxiliar", values).fetchall()
            theirs = conn.execute(f"SELECT * FROM ({recounting.counters(range_)}) ORDER BY auxiliar", values).fetchall()
            assert list(map(tuple, mine)) == list(map(tuple, theirs))
            assert len(mine) > 10
        lines = avance.auxiliares(conn, 1, OrdenAuxiliares.ID, descendente=False, limite=9_999, salto=0)
        assert len(lines) == fill.AUXILIARES
        assert phones.settings(tmp_path).datos.is_dir()
    finally:
        conn.close()
    assert [page.name for page in consultas(box)] == [page.name for page in tables(box)]
    assert all(page.cookie for page in reports(box))


def asked(server: str, size: int, p95: float, rate: float, number: int) -> Asked:
    return Asked(server, size, "avance", rate, p95 / 2, p95, 10, 50.0, number)


def test_ratios_are_taken_within_a_round() -> None:
    runs = [
        asked(OURS, 1_000, 10, 100, 1), asked(OURS, 10_000, 12, 90, 1), asked(RECOUNTING, 10_000, 50, 30, 1),
        asked(OURS, 1_000, 40, 25, 2), asked(OURS, 10_000, 44, 24, 2), asked(RECOUNTING, 10_000, 200, 6, 2),
    ]  # fmt: skip
    assert report.growth(runs, OURS, "avance") == (1.2 + 1.1) / 2
    assert report.faster(runs, "avance", 10_000, RECOUNTING) == (3 + 4) / 2
    assert report.faster(runs, "avance", 10_000, DATASETTE_NAME) is None
    assert report.growth(runs, RECOUNTING, "avance") is None
    assert report.targets(runs, ["avance", "otra"]) == ["avance: p95 grows at most 1.5 times: seen 1.15: held"]
    text = "\n".join(report.pages(runs) + report.ratios(runs) + report.costs([Cost("as it is", 100.0, 150.0, 6_000)]))
    assert "10,000" in text
    assert "3.50" in text
    assert "6,000" in text
