"""The report on the vectors: it says what fails, and never conforms by having run nothing (row X8)."""

from __future__ import annotations

from device_sim.conformance import check
from sync_protocol.vectors import run


def test_the_installed_folio_vectors_hold() -> None:
    report = check({"folio.json": run.read_file("folio.json")})
    assert report.conforms
    assert report.files[0].total > 10


def test_a_vector_that_does_not_hold_is_named() -> None:
    broken = run.read_file("folio.json").replace(b'"valid"', b'"invalid"', 1)
    report = check({"folio.json": broken, "queue.json": run.read_file("queue.json")})
    assert not report.conforms
    assert report.files[0].failed
    assert report.files[1].failed == ()
    assert report.fingerprint != check({"queue.json": run.read_file("queue.json")}).fingerprint


def test_nothing_run_is_not_conformance() -> None:
    assert not check({}).conforms
    assert not check({"folio.json": b"{}"}).conforms
