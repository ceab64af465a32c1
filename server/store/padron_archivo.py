"""Making the file of a version of the padrón, and reading it back (row F2).

One import at a time (a lock in the folder). It is written under a name that is always the same, so that what a killed
import leaves behind is one file, which the next one drops. It gets its own name once it is whole, synced and read back:
`<corte>-<first 16 digits of its SHA-256>.sqlite`. The row of a person is the line of the file that it came from.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.store.padron import APLICACION, COLUMNS, PadronAusente, Version, folder_of, versiones

EN_OBRA: Final = "importando.tmp"
CANDADO: Final = "candado"
_CACHE_KIB: Final = 48 * 1024
_SCHEMA: Final = f"""
CREATE TABLE personas (
  linea INTEGER PRIMARY KEY,
  {", ".join(f"{name} TEXT NOT NULL" for name in COLUMNS)}
) STRICT;
CREATE TABLE acerca (corte TEXT NOT NULL, filas INTEGER NOT NULL) STRICT;
"""


class PadronOcupado(Exception):  # noqa: N818 -- the noun is Spanish
    """Another import is writing in the folder."""


class PadronIncompleto(Exception):  # noqa: N818 -- the noun is Spanish
    """What was read back is not what was written: the disk, or somebody in the folder."""


@dataclass(frozen=True, slots=True)
class Construido:
    """A whole version on the disk, named by nobody yet. `resumen`: SHA-256 of its bytes; `bytes`: its size."""

    archivo: str
    corte: str
    filas: int
    resumen: bytes
    bytes: int


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The only import in this folder, which is made if it is not there. Raises PadronOcupado."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(folder / CANDADO, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PadronOcupado from error
        yield
    finally:
        os.close(fd)


def sweep(folder: Path, named: Collection[str]) -> int:
    """Remove what no version names: what a killed import left, files that were withdrawn. The caller is alone here."""
    gone = 0
    for path in folder.glob("*"):
        if path.name != CANDADO and path.name not in named:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


class Obra:
    """A file in the making. Rows are given in any order, then `close_up` and `finish`; else `discard`."""

    def __init__(self, folder: Path, corte: str) -> None:
        self._folder, self._corte = folder, corte
        self._path = folder / EN_OBRA
        self._path.unlink(missing_ok=True)
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._conn = sqlite3.connect(self._path, isolation_level=None)
        for pragma in (
            # Nothing of it counts before it has its name: no journal, one sync at the end.
            "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", f"cache_size = -{_CACHE_KIB}",
            f"application_id = {APLICACION}",
        ):  # fmt: skip
            self._conn.execute(f"PRAGMA {pragma}")
        self._conn.executescript(_SCHEMA)
        self._conn.execute("BEGIN")

    def add(self, rows: Iterable[tuple[object, ...]]) -> int:
        """Rows of (line, *COLUMNS); returns how many."""
        places = ", ".join("?" * (len(COLUMNS) + 1))
        return self._conn.executemany(f"INSERT INTO personas VALUES ({places})", rows).rowcount  # noqa: S608

    def close_up(self) -> list[tuple[int, int]]:
        """Sort it for looking up. Rows whose clave an earlier one has are taken out again: (line, earlier line)."""
        self._conn.execute("CREATE INDEX personas_clave ON personas (clave_elector)")
        repeated = self._conn.execute(
            "SELECT p.linea, primera FROM (SELECT clave_elector AS clave, min(linea) AS primera FROM personas"
            " GROUP BY clave_elector HAVING count(*) > 1) JOIN personas p ON p.clave_elector = clave"
            " WHERE p.linea > primera ORDER BY p.linea"
        ).fetchall()
        self._conn.executemany("DELETE FROM personas WHERE linea = ?", [(line,) for line, _ in repeated])
        self._conn.execute("CREATE INDEX personas_cic ON personas (cic) WHERE cic <> ''")
        self._conn.execute("CREATE INDEX personas_ocr ON personas (ocr) WHERE ocr <> ''")
        return [(int(line), int(first)) for line, first in repeated]

    def finish(self, filas: int) -> Construido:
        """Give it its name, once it is on the disk and was read back. `filas`: how many it must have.

        Raises PadronIncompleto, OSError.
        """
        self._conn.execute("INSERT INTO acerca VALUES (?, ?)", (self._corte, filas))
        self._conn.execute("COMMIT")
        self._conn.close()
        _sync(self._path)
        resumen, size = digest(self._path), self._path.stat().st_size
        archivo = f"{self._corte}-{resumen.hex()[:16]}.sqlite"
        made = Construido(archivo, self._corte, filas, resumen, size)
        _read_back(self._path, made, whole=True)
        self._path.rename(self._folder / archivo)
        _sync(self._folder)
        return made

    def discard(self) -> None:
        """Leave nothing behind."""
        self._conn.close()
        self._path.unlink(missing_ok=True)


def build(folder: Path, corte: str, rows: Iterable[Sequence[str]]) -> Construido:
    """A whole version from rows of COLUMNS that are known to be right; the caller is alone in the folder."""
    obra = Obra(folder, corte)
    try:
        count = obra.add((line, *row) for line, row in enumerate(rows, 2))
        return obra.finish(count - len(obra.close_up()))
    except BaseException:
        obra.discard()
        raise


def digest(path: Path) -> bytes:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def check(path: Path, made: Construido) -> None:
    """Whether a file is what was made: size, digest, corte, rows. Raises PadronAusente, PadronIncompleto."""
    try:
        if path.stat().st_size != made.bytes or digest(path) != made.resumen:
            raise PadronIncompleto("resumen")
        _read_back(path, made)
    except OSError as error:
        raise PadronAusente(type(error).__name__) from error


def review(conn: sqlite3.Connection) -> list[tuple[Version, str]]:
    """Versions of this index whose file is not as it was imported, each with why: padron_sin_archivo (of the one in
    force: the others are not needed), padron_alterado. Reads every file."""
    found: list[tuple[Version, str]] = []
    folder = folder_of(conn)
    for version in versiones(conn) if folder is not None else ():
        path = (folder or Path()) / version.archivo
        if not version.archivo or not path.is_file():
            if version.vigente:
                found.append((version, "padron_sin_archivo"))
            continue
        try:
            check(path, Construido(version.archivo, version.corte, version.filas, version.resumen, path.stat().st_size))
        except (OSError, PadronAusente, PadronIncompleto):
            found.append((version, "padron_alterado"))
    return found


def _read_back(path: Path, made: Construido, *, whole: bool = False) -> None:
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        said = conn.execute("SELECT corte, filas FROM acerca").fetchall()
        held = conn.execute("SELECT count(*) FROM personas").fetchone()[0]
        by_key = conn.execute("SELECT count(*) FROM personas INDEXED BY personas_clave WHERE clave_elector > ''")
        if whole and [row[0] for row in conn.execute("PRAGMA quick_check(1)")] != ["ok"]:
            raise PadronIncompleto("paginas")
        if said != [(made.corte, made.filas)] or held != made.filas or by_key.fetchone()[0] != made.filas:
            raise PadronIncompleto("filas")
    except sqlite3.Error as error:
        raise PadronIncompleto(type(error).__name__) from error
    finally:
        conn.close()


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
