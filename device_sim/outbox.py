"""The queue of a phone on its disk: sealed sobres, the counter, the chain, the ledger, the sync log (rows D4, D5).

Laws: a number is used once; each sobre names the one before it; a sobre leaves only from `acusado`, which only an
acuse verified *here* reaches; the ledger line is written in the transaction that deletes. All of it survives kill -9
at any moment. What was captured is never here in clear: sobres are sealed before they are stored. Not thread-safe.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from device_sim.errors import PhoneError
from device_sim.outbox_schema import PRAGMAS, TABLES, VERSION
from sync_protocol import acuse as acuses
from sync_protocol.errors import LocalProtocolError
from sync_protocol.folio import REGISTRO_DIGITS, Folio
from sync_protocol.queue import EstadoCola, Suceso, advance, to_offer
from sync_protocol.signing import PublicKey
from sync_protocol.sobre import FIRST_ANTERIOR, Tipo, codigo_de_integridad, parse

FILE = "cola.sqlite3"
CLAIM = "en_uso.sqlite3"

Seal = Callable[[Folio, bytes], bytes]
"""Makes the whole sobre of this folio, naming this `anterior`. It runs inside the transaction that stores it."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One sobre on the phone. `reason`: code of the catalogue, when it was refused or set aside."""

    folio: Folio
    tipo: Tipo
    size: int
    codigo: bytes
    state: EstadoCola
    reason: str

    @property
    def registro(self) -> int:
        """Id de registro."""
        return self.folio.registro


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What stays after a deletion. No person is in it."""

    registro: int
    folio: str
    codigo: str
    acuse: str
    deleted_ms: int
    reported: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the sync log."""

    at_ms: int
    event: str
    registro: int | None
    detail: str


class Outbox:
    """One phone's queue. Open it with `open_outbox`."""

    def __init__(self, connection: sqlite3.Connection, claim: sqlite3.Connection | None) -> None:
        self._db = connection
        self._claim = claim
        row = self._row("SELECT solicitud, auxiliar, dispositivo FROM telefono")
        self._owner: tuple[int, int, int] = (row[0], row[1], row[2])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Nothing is pending: every change was committed when it was made."""
        self._db.close()
        if self._claim is not None:
            self._claim.close()

    # Capture

    def add(self, tipo: Tipo, seal: Seal) -> Queued:
        """The next registro, sealed and stored in one transaction; when this returns it is on the disk."""
        with self._transaction():
            siguiente, anterior = self._row("SELECT siguiente, anterior FROM telefono")
            if (siguiente == 0) != (tipo is Tipo.TESTIGOS):
                raise PhoneError(
                    "testigos_primero", "Primero van los testigos visuales, una sola vez; después, los apoyos."
                )
            if siguiente >= 10**REGISTRO_DIGITS:
                raise PhoneError("contador_agotado", "Este teléfono ya no tiene números de registro: dé de alta otro.")
            folio = self.folio(siguiente)
            raw = seal(folio, anterior)
            header = parse(raw).cabecera
            if (header.folio, header.tipo, header.anterior) != (folio, tipo, anterior):
                raise LocalProtocolError("interno", "el sobre no es del registro que se pidió")
            codigo = codigo_de_integridad(raw)
            self._db.execute("UPDATE telefono SET siguiente = siguiente + 1, anterior = ?", (codigo,))
            self._db.execute(
                "INSERT INTO cola (registro, tipo, tam, codigo, estado) VALUES (?, ?, ?, ?, ?)",
                (siguiente, int(tipo), len(raw), codigo, EstadoCola.CAPTURADO),
            )
            self._db.execute("INSERT INTO sobres (registro, datos) VALUES (?, ?)", (siguiente, raw))
        return self.get(siguiente)

    def folio(self, registro: int) -> Folio:
        """The folio of one of this phone's registros."""
        return Folio(*self._owner, registro)

    @property
    def captured(self) -> int:
        """How many numbers were used so far, testigos included."""
        return int(self._row("SELECT siguiente FROM telefono")[0])

    # What is on the phone

    def pending(self) -> tuple[Queued, ...]:
        """Everything still on the phone, oldest first."""
        rows = self._db.execute("SELECT registro, tipo, tam, codigo, estado, motivo FROM cola ORDER BY registro")
        found = (self._queued(row) for row in rows)
        return tuple(queued for queued in found if to_offer(queued.state))

    def get(self, registro: int) -> Queued:
        """One sobre's line. Raises KeyError when it is not on the phone."""
        return self._queued(
            self._row("SELECT registro, tipo, tam, codigo, estado, motivo FROM cola WHERE registro = ?", registro)
        )

    def read(self, registro: int) -> bytes:
        """The sobre's bytes, exactly as they were sealed. Raises KeyError when it is not on the phone."""
        return bytes(self._row("SELECT datos FROM sobres WHERE registro = ?", registro)[0])

    # Its states

    def offer(self, registros: Iterable[int]) -> None:
        """They went into a manifest. The reason of an earlier refusal stays readable until a new one replaces it."""
        with self._transaction():
            for registro in registros:
                state = advance(self.get(registro).state, Suceso.EN_MANIFIESTO)
                self._db.execute("UPDATE cola SET estado = ? WHERE registro = ?", (state, registro))

    def advance(self, registro: int, event: Suceso, reason: str = "") -> None:
        """What happened to one sobre, by the table of SPEC §8.5; verified acuses and deletion have their own ways."""
        if event in (Suceso.ACUSE_VERIFICADO, Suceso.ELIMINADO):
            raise LocalProtocolError("interno", f"{event} no se declara: se demuestra")
        with self._transaction():
            before = self.get(registro).state
            after = advance(before, event)
            if after is not before or reason:
                self._db.execute("UPDATE cola SET estado = ?, motivo = ? WHERE registro = ?", (after, reason, registro))

    def acknowledge(self, registro: int, token: str, keys: Mapping[str, PublicKey]) -> None:
        """Verify an acuse and keep it. Raises a `jws` error, and nothing has changed, when it does not hold."""
        with self._transaction():
            queued = self.get(registro)
            acuses.verify(token, keys, folio=queued.folio, codigo=queued.codigo, tam=queued.size)
            state = advance(queued.state, Suceso.ACUSE_VERIFICADO)
            self._db.execute(
                "UPDATE cola SET estado = ?, motivo = '', acuse = ? WHERE registro = ?", (state, token, registro)
            )

    def delete(self, registro: int, at_ms: int) -> None:
        """Out of the queue and into the ledger, at once. Raises LocalProtocolError unless it is `acusado`."""
        with self._transaction():
            queued = self.get(registro)
            advance(queued.state, Suceso.ELIMINADO)
            self._db.execute(
                "INSERT INTO libro (registro, folio, codigo, acuse, borrado_ms)"
                " SELECT registro, ?, ?, acuse, ? FROM cola WHERE registro = ?",
                (str(queued.folio), queued.codigo.hex(), at_ms, registro),
            )
            self._db.execute("DELETE FROM sobres WHERE registro = ?", (registro,))
            self._db.execute("DELETE FROM cola WHERE registro = ?", (registro,))

    # The ledger

    def ledger(self) -> tuple[LedgerLine, ...]:
        """Every deleted sobre, oldest first."""
        rows = self._db.execute(
            "SELECT registro, folio, codigo, acuse, borrado_ms, informado FROM libro ORDER BY registro"
        )
        return tuple(
            LedgerLine(registro, folio, codigo, acuse, deleted_ms, bool(reported))
            for registro, folio, codigo, acuse, deleted_ms, reported in rows
        )

    def unreported(self, limit: int) -> tuple[int, ...]:
        """Ids de registro whose deletion no session has told the server yet."""
        rows = self._db.execute("SELECT registro FROM libro WHERE informado = 0 ORDER BY registro LIMIT ?", (limit,))
        return tuple(row[0] for row in rows)

    def mark_reported(self, registros: Iterable[int]) -> None:
        """The server has answered the session that told it."""
        with self._transaction():
            self._db.executemany(
                "UPDATE libro SET informado = 1 WHERE registro = ?", ((registro,) for registro in registros)
            )

    # What the server said of clocks and dates

    def set_clock(self, desfase_ms: int, inicia_ms: int | None = None, termina_ms: int | None = None) -> None:
        """Server's clock minus the phone's, and the periodo as last told."""
        with self._transaction():
            self._db.execute(
                "UPDATE telefono SET desfase_ms = ?, inicia_ms = coalesce(?, inicia_ms),"
                " termina_ms = coalesce(?, termina_ms)",
                (desfase_ms, inicia_ms, termina_ms),
            )

    @property
    def desfase_ms(self) -> int | None:
        """Server's clock minus the phone's, as last seen."""
        value: int | None = self._row("SELECT desfase_ms FROM telefono")[0]
        return value

    @property
    def periodo(self) -> tuple[int, int] | None:
        """Start and end as the latest session told them; None when there was no session yet."""
        start, end = self._row("SELECT inicia_ms, termina_ms FROM telefono")
        return None if start is None or end is None else (start, end)

    # The sync log

    def log(self, at_ms: int, event: str, *, registro: int | None = None, detail: str = "") -> None:
        """One line for the person who asks later what the phone did. No personal data."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO bitacora (instante_ms, suceso, registro, detalle) VALUES (?, ?, ?, ?)",
                (at_ms, event, registro, detail),
            )

    def log_lines(self, last: int) -> tuple[LogLine, ...]:
        """The last lines of the sync log, oldest first."""
        rows = self._db.execute(
            "SELECT instante_ms, suceso, registro, detalle FROM bitacora ORDER BY id DESC LIMIT ?", (last,)
        ).fetchall()
        return tuple(LogLine(*row) for row in reversed(rows))

    # Inside

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise PhoneError(
                    "almacen_del_telefono", "El teléfono no puede guardar: revise su espacio o cierre otra copia."
                ) from error
            raise

    def _row(self, sql: str, *values: int) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        if row is None:
            raise KeyError(values)
        return row

    def _queued(self, row: tuple[Any, ...]) -> Queued:
        registro, tipo, size, codigo, state, reason = row
        return Queued(self.folio(registro), Tipo(tipo), size, codigo, EstadoCola(state), reason)


def open_outbox(folder: Path, *, solicitud: int, auxiliar: int, dispositivo: int, to_look: bool = False) -> Outbox:
    """The queue of this phone, made on first use. Raises PhoneError when the file is another phone's.

    One program at a time has a phone in its hands; `to_look` opens it beside that one, to read only.
    """
    claim = None if to_look else _claim(folder)
    connection = sqlite3.connect(folder / FILE, timeout=10, isolation_level=None)
    try:
        with closing(connection.executescript(PRAGMAS)):
            pass
        create(connection, (solicitud, auxiliar, dispositivo))
        outbox = Outbox(connection, claim)
        if outbox.folio(0) != Folio(solicitud, auxiliar, dispositivo, 0):
            raise PhoneError("cola_ajena", "La cola de esta carpeta es de otro teléfono.")
    except BaseException:
        connection.close()
        if claim is not None:
            claim.close()
        raise
    return outbox


def _claim(folder: Path) -> sqlite3.Connection:
    """A lock that the death of its holder undoes, on every system: an open transaction on a file of its own."""
    connection = sqlite3.connect(folder / CLAIM, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        raise PhoneError("telefono_en_uso", "Otro programa está usando este teléfono: espere a que termine.") from error
    return connection


def create(connection: sqlite3.Connection, owner: tuple[int, int, int]) -> None:
    """The tables of a queue, for this solicitud, auxiliar and dispositivo; nothing when they are there already."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in _statements(TABLES):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO telefono (una, solicitud, auxiliar, dispositivo, siguiente, anterior)"
                " VALUES (1, ?, ?, ?, 0, ?)",
                (*owner, FIRST_ANTERIOR),
            )
            connection.execute(f"PRAGMA user_version = {VERSION}")
        elif version != VERSION:
            raise PhoneError("cola_de_otra_version", "La cola de esta carpeta es de otra versión del programa.")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """One statement at a time: `executescript` would commit what is open, and half a schema could stay."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
