"""The vectors of the SPEC, run as the Android client must run them (row X8): a phone that fails one is not a phone.

What is here stands in for the client: it calls the same runner that the tests call, and groups what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync_protocol.vectors import run


@dataclass(frozen=True, slots=True)
class FileReport:
    """What came of one file of vectors. `failed`: name and reason of each that does not hold."""

    name: str
    total: int
    failed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All files, and the fingerprint that says which set of vectors this is about."""

    files: tuple[FileReport, ...]
    fingerprint: str

    @property
    def conforms(self) -> bool:
        """Whether every vector of every file holds, and there were any."""
        return any(file.total for file in self.files) and not any(file.failed for file in self.files)


def check(files: Mapping[str, bytes] | None = None) -> Report:
    """Run the installed vectors, or the ones given by file name."""
    given = {name: run.read_file(name) for name in run.FILES} if files is None else files
    reports = []
    for name, data in given.items():
        results = run.run_file(name, data)
        failed = tuple((result.id, result.message) for result in results if not result.ok)
        reports.append(FileReport(name, len(results), failed))
    return Report(tuple(reports), run.fingerprint(given))
