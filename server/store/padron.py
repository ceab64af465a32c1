"""The copies of the padrón, each with its date of cut (row F2): which one is in force, and what it says of a person.

A version is a SQLite file of its own (server.store.padron_archivo makes them), so that millions of rows stay out of the
index, of its WAL and of its replica: it can be imported again. The index only names it. Files never change once they
have their name; they are opened as immutable, and a question is answered by one of them from its beginning to its end.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CARPETA: Final = "padron"
"""Below the data folder."""
APLICACION: Final = 0x41635064
"""`application_id` of these files."""
COLUMNS: Final = (
    "clave_elector", "cic", "ocr", "nombre", "apellido_paterno", "apellido_materno", "entidad", "municipio", "seccion",
    "situacion", "motivo_baja",
)  # fmt: skip
"""What is kept of each person: what is asked for, and no more."""
_IDLE: Final = 4


class PadronAusente(Exception):  # noqa: N818 -- the noun is Spanish
    """The file of a version is not there, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version. `corte`: aaaa-mm-dd. `archivo`: its file's name, "" once it was withdrawn. `resumen`: its SHA-256."""

    id: int
    corte: str
    importado_ms: int
    filas: int
    vigente: bool
    archivo: str
    resumen: bytes


@dataclass(frozen=True, slots=True)
class Respuesta:
    """What the version in force says of a person. `motivo`: of a BAJA, else empty. `corte`: aaaa-mm-dd, or empty."""

    situacion: str
    motivo: str = ""
    corte: str = ""


@dataclass(frozen=True, slots=True)
class Persona:
    """A row of a version. `por`: by which of its identifiers it was found (clave, cic, ocr)."""

    clave_elector: str
    nombre: str
    apellido_paterno: str
    apellido_materno: str
    entidad: str
    municipio: str
    seccion: str
    situacion: str
    motivo_baja: str
    por: str


# -- versions, in the index -----------------------------------------------------------------------------------------

_VERSION = "SELECT id, corte, importado_ms, filas, vigente, archivo, resumen FROM padron_versiones"


def _version(row: sqlite3.Row) -> Version:
    return Version(
        row["id"], row["corte"], row["importado_ms"], row["filas"], bool(row["vigente"]), row["archivo"],
        bytes(row["resumen"] or b""),
    )  # fmt: skip


def vigente(conn: sqlite3.Connection) -> Version | None:
    """The version in force; None when no padrón was ever put in force."""
    row = conn.execute(f"{_VERSION} WHERE vigente = 1").fetchone()
    return _version(row) if row else None


def get(conn: sqlite3.Connection, id_: int) -> Version | None:
    """One version."""
    row = conn.execute(f"{_VERSION} WHERE id = ?", (id_,)).fetchone()
    return _version(row) if row else None


def versiones(conn: sqlite3.Connection) -> list[Version]:
    """All that ever were, the newest first."""
    return [_version(row) for row in conn.execute(f"{_VERSION} ORDER BY id DESC")]


def corte_vigente(conn: sqlite3.Connection) -> str | None:
    """The date of cut of the version in force; None when no padrón was ever loaded."""
    found = vigente(conn)
    return found.corte if found else None


def poner_vigente(
    conn: sqlite3.Connection, corte: str, filas: int, archivo: str, resumen: bytes, now_ms: int
) -> Version:
    """Make this file the version in force. The same file again is the same version."""
    row = conn.execute("SELECT id FROM padron_versiones WHERE archivo = ?", (archivo,)).fetchone()
    conn.execute("UPDATE padron_versiones SET vigente = 0 WHERE vigente = 1")
    if row is None:
        cursor = conn.execute(
            "INSERT INTO padron_versiones (corte, importado_ms, filas, vigente, archivo, resumen)"
            " VALUES (?, ?, ?, 1, ?, ?)",
            (corte, now_ms, filas, archivo, resumen),
        )
        id_ = int(cursor.lastrowid or 0)
    else:
        id_ = int(row["id"])
        conn.execute("UPDATE padron_versiones SET vigente = 1 WHERE id = ?", (id_,))
    made = get(conn, id_)
    assert made is not None
    return made


def retirar(conn: sqlite3.Connection, id_: int) -> bool:
    """Forget the file of a version that is not in force; what it answered keeps its id and its corte."""
    cursor = conn.execute(
        "UPDATE padron_versiones SET archivo = '' WHERE id = ? AND vigente = 0 AND archivo <> ''", (id_,)
    )
    return cursor.rowcount == 1


# -- what a version says --------------------------------------------------------------------------------------------


def folder_of(conn: sqlite3.Connection) -> Path | None:
    """Where the files of the versions that this index names are; None for an index in memory."""
    file = next((row[2] for row in conn.execute("PRAGMA database_list") if row[1] == "main"), "")
    return Path(file).parent / CARPETA if file else None


def missing(conn: sqlite3.Connection, version: Version) -> bool:
    """Whether the file of this version is not there: in force, it answers nothing."""
    folder = folder_of(conn)
    return folder is not None and not (folder / version.archivo).is_file()


class _Abiertos:
    """Open files: a connection is lent for one question at a time, and those of a version that went out are closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Path, list[tuple[tuple[int, int], sqlite3.Connection]]] = {}
        self._newest: dict[Path, Path] = {}

    @contextlib.contextmanager
    def lent(self, path: Path) -> Iterator[sqlite3.Connection]:
        """A connection to this file. Raises PadronAusente, from within the block too."""
        try:
            found = path.stat()
            key = (found.st_dev, found.st_ino)
            conn = self._take(path, key) or _open(path)
        except (OSError, sqlite3.Error) as error:
            raise PadronAusente(type(error).__name__) from error
        try:
            yield conn
        except sqlite3.Error as error:
            conn.close()
            raise PadronAusente(type(error).__name__) from error
        except BaseException:
            conn.close()
            raise
        self._back(path, key, conn)

    def _take(self, path: Path, key: tuple[int, int]) -> sqlite3.Connection | None:
        with self._lock:
            for other in [one for one in self._idle if one.parent == path.parent and one != path]:
                for _, conn in self._idle.pop(other):
                    conn.close()
            self._newest[path.parent] = path
            idle = self._idle.get(path, [])
            while idle:
                known, conn = idle.pop()
                if known == key:
                    return conn
                conn.close()  # another file has its name now
        return None

    def _back(self, path: Path, key: tuple[int, int], conn: sqlite3.Connection) -> None:
        with self._lock:
            idle = self._idle.setdefault(path, [])
            if self._newest.get(path.parent) == path and len(idle) < _IDLE:
                idle.append((key, conn))
                return
        conn.close()

    def drop(self, folder: Path) -> None:
        """Close what is open of a folder and lent to nobody."""
        with self._lock:
            self._newest.pop(folder, None)
            for path in [one for one in self._idle if one.parent == folder]:
                for _, conn in self._idle.pop(path):
                    conn.close()


_ABIERTOS = _Abiertos()


def close_files(folder: Path) -> None:
    """Let go of the files of this folder: a file that was withdrawn takes up its room until then."""
    _ABIERTOS.drop(folder)


def _open(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None, check_same_thread=False,
        cached_statements=16,
    )  # fmt: skip
    try:
        conn.row_factory = sqlite3.Row
        conn.execute("PRAGMA query_only = ON")
        conn.execute("PRAGMA trusted_schema = OFF")
        if conn.execute("PRAGMA application_id").fetchone()[0] != APLICACION:
            raise sqlite3.DatabaseError("not a padrón")
    except BaseException:
        conn.close()
        raise
    return conn


_PERSONA = (
    "SELECT clave_elector, nombre, apellido_paterno, apellido_materno, entidad, municipio, seccion, situacion,"
    " motivo_baja FROM personas WHERE"
)
_POR = (
    ("clave", f"{_PERSONA} clave_elector = ? LIMIT 2"),
    ("cic", f"{_PERSONA} cic = ? AND cic <> '' LIMIT 2"),
    ("ocr", f"{_PERSONA} ocr = ? AND ocr <> '' LIMIT 2"),
)


def buscar(path: Path, personas: Iterable[tuple[str, str, str]]) -> list[Persona | None]:
    """Each of these (clave, CIC, OCR; "" where it is not known) in this file: by the first that leads to one person.

    CIC and OCR are the second way, for a clave that is missing or not there. Raises PadronAusente.
    """
    with _ABIERTOS.lent(path) as conn:
        return [_one(conn, wanted) for wanted in personas]


def _one(conn: sqlite3.Connection, wanted: Sequence[str]) -> Persona | None:
    for (por, sql), value in zip(_POR, wanted, strict=True):
        if not value:
            continue
        rows = conn.execute(sql, (value,)).fetchall()
        if len(rows) == 1:  # two people under one CIC are nobody in particular
            return Persona(**dict(rows[0]), por=por)
    return None


def ask(conn: sqlite3.Connection, clave_elector: str) -> Respuesta:
    """Situación registral of a clave de elector: SIN_RESPUESTA without a padrón, its file, or a clave to ask for."""
    version = vigente(conn)
    folder = folder_of(conn)
    if version is None or folder is None or not clave_elector:
        return Respuesta("SIN_RESPUESTA")
    try:
        found = buscar(folder / version.archivo, [(clave_elector, "", "")])[0]
    except PadronAusente:
        return Respuesta("SIN_RESPUESTA")
    if found is None:
        return Respuesta("NO_ENCONTRADO", corte=version.corte)
    return Respuesta(found.situacion, found.motivo_baja, version.corte)


# -- asking again ---------------------------------------------------------------------------------------------------

_WIDTH: Final = {"sin_respuesta": 0, "no_encontrados": 1, "todos": 2}
_OF: Final = {
    "sin_respuesta": "situacion = 'SIN_RESPUESTA'",
    "no_encontrados": "situacion IN ('SIN_RESPUESTA', 'NO_ENCONTRADO')",
    "todos": "1",
}


@dataclass(frozen=True, slots=True)
class Repaso:
    """What is being asked again. `que`: sin_respuesta, no_encontrados (those too) or todos; `auxiliar`, `apoyo`: up to
    which id it was done; `cuantos`: apoyos so far."""

    que: str
    auxiliar: int
    apoyo: int
    cuantos: int


def repaso(conn: sqlite3.Connection) -> Repaso | None:
    """The one under way, if there is one."""
    row = conn.execute("SELECT que, auxiliar, apoyo, cuantos FROM padron_repaso").fetchone()
    return Repaso(*row) if row else None


def empezar_repaso(conn: sqlite3.Connection, que: str) -> None:
    """Begin one, from the first on. One that is under way is begun again, and never made narrower."""
    before = repaso(conn)
    wider = que if before is None or _WIDTH[que] >= _WIDTH[before.que] else before.que
    conn.execute("INSERT OR REPLACE INTO padron_repaso (id, que, auxiliar, apoyo, cuantos) VALUES (1, ?, 0, 0, 0)",
                 (wider,))  # fmt: skip


def avanzar_auxiliares(conn: sqlite3.Connection, hasta: int) -> None:
    """The auxiliares up to this id were asked about."""
    conn.execute("UPDATE padron_repaso SET auxiliar = ?", (hasta,))


def avanzar_apoyos(conn: sqlite3.Connection, limite: int) -> int | None:
    """Send the jobs of the next `limite` apoyos back to the padrón, as far as they are concerned and had got past it.

    Returns how many were sent so far; when no apoyo is left, the repaso is over and None is returned. What is in
    quarantine stays there; what has not come to the padrón yet will by itself.
    """
    now = repaso(conn)
    if now is None:
        return None
    last = conn.execute(
        "SELECT max(id) FROM (SELECT id FROM apoyos WHERE id > ? ORDER BY id LIMIT ?)", (now.apoyo, limite)
    ).fetchone()[0]
    if last is None:
        conn.execute("DELETE FROM padron_repaso")
        return None
    sent = conn.execute(
        "UPDATE trabajos SET etapa = 'verificar_padron', estado = 'pendiente', intentos = 0, proximo_ms = 0,"  # noqa: S608
        " motivo = '' WHERE id IN (SELECT id FROM apoyos WHERE id > ? AND id <= ?"
        f" AND {_OF[now.que]}) AND (estado = 'hecho' OR (estado = 'pendiente' AND etapa IN"
        " ('verificar_padron', 'buscar_duplicados', 'verificar_ambito', 'clasificar')))",
        (now.apoyo, last),
    ).rowcount
    conn.execute("UPDATE padron_repaso SET apoyo = ?, cuantos = ?", (last, now.cuantos + sent))
    return now.cuantos + sent
