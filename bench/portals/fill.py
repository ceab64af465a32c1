"""Boxes that hold many apoyos: a periodo of 120 days, six aspirantes, auxiliares, what padrón and mesa said.

Rows are written in bulk; the store then compares apoyos with registros and counters with a recount. Sobres are not
sealed: rows say where they would lie. Four of five apoyos are the first aspirante's, whose pages are measured.
"""

from __future__ import annotations

import itertools
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.ingest import phones
from bench.ingest.procs import BenchError
from server import keyring
from server.app import DIARIO, KEYS, open_index
from server.clock import system_clock
from server.diario.lote import file_name
from server.domain import busqueda
from server.domain.apoyo import MotivoBaja, Resultado, Situacion
from server.domain.dias import DIA_MS, dia_de
from server.security import sessions
from server.store import apoyos, catalogo, conteos, lotes, registros
from server.store.connection import Connection, truncate_wal
from server.store.registros import Registro
from sync_protocol.folio import Folio
from tests import factories

DAYS = 120
PER_LOTE = 256
CHUNK = 50_000
ASPIRANTES = 6
AUXILIARES = 300
"""Of the first aspirante, in every box: what grows is the number of apoyos alone."""
UNITS = 58
ACUSE = "eyJ" + "A" * 560
"""As long as a real one."""
_SURNAMES = (
    "GARCÍA", "HERNÁNDEZ", "MARTÍNEZ", "LÓPEZ", "GONZÁLEZ", "RODRÍGUEZ", "PÉREZ", "SÁNCHEZ", "RAMÍREZ", "CRUZ",
    "GÓMEZ", "MORALES", "VÁZQUEZ", "JIMÉNEZ", "REYES", "TORRES", "DÍAZ", "RUIZ", "MUÑOZ", "ÑONGO", "ZALDÍVAR",
    "URRUTIA",
)  # fmt: skip
_MOTIVES = tuple(MotivoBaja)
_NAMES = ("MARÍA", "JOSÉ", "JUANA", "LUIS", "ITZEL", "ÁNGEL", "ROSA", "PEDRO", "XÓCHITL", "CARLOS", "ZOILA")
_SITUATIONS = (
    [Situacion.LISTA_NOMINAL] * 78 + [Situacion.SIN_RESPUESTA] * 8 + [Situacion.BAJA] * 6
    + [Situacion.NO_ENCONTRADO] * 5 + [Situacion.PADRON] * 3
)  # fmt: skip
_RESULTS = [Resultado.VALIDO] * 60 + [Resultado.PENDIENTE] * 22 + [Resultado.INCONSISTENTE] * 18


@dataclass(frozen=True, slots=True)
class Filled:
    """A box and what the bench knows of it. `received`: apoyos of the first aspirante; `cookie`: its session."""

    folder: Path
    size: int
    received: int
    first_day: int
    cookie: str
    opl_cookie: str


def fill(folder: Path, size: int, seed: int = 7) -> Filled:
    """Make a box with so many apoyos in `folder`."""
    config = phones.settings(folder)
    now = system_clock()
    keyring.create(config.datos / KEYS, factories.SECRET.encode(), now)
    writer, diario = open_index(config, system_clock)
    rng = random.Random(seed)
    conn = writer.conn
    conn.execute("BEGIN IMMEDIATE")
    auxiliares = _catalogue(conn, now, size)
    cookies = [_session(conn, rol, aspirante, now) for rol, aspirante in (("aspirante", 1), ("operacion", None))]
    conn.execute("COMMIT")
    received = _apoyos(conn, config.datos / DIARIO, _rows(size, auxiliares, diario.ultimo + 1, now, rng), now, rng)
    diario.advance(lotes.newest(conn).numero, bytes(32))
    writer.start()
    # One real lote at the end of the chain: the server compares it with the index when it starts.
    writer.run(lambda tx: tx.lote.add("evento", {"evento": "baja", "dispositivo": 1, "en_ms": now}))
    writer.stop()
    return Filled(folder, size, received, dia_de(now) - (DAYS - 1), *cookies)


def _apoyos(conn: Connection, diario: Path, rows: Iterator[Registro], now: int, rng: random.Random) -> int:
    """Rows first, indexes, counters and triggers after: many times quicker than one by one, and compared at the end."""
    taken = conn.execute(
        "SELECT name, sql, type FROM sqlite_master WHERE sql IS NOT NULL AND (type = 'trigger' AND tbl_name IN "
        "('registros', 'apoyos') OR type = 'index' AND tbl_name = 'apoyos')"
    ).fetchall()
    for name, _, kind in taken:
        conn.execute(f"DROP {kind} {name}")
    conn.execute("PRAGMA synchronous = OFF")
    conn.execute("PRAGMA cache_size = -400000")  # folios and codes come in no order: their indexes must fit
    received = 0
    while chunk := list(itertools.islice(rows, CHUNK)):
        received += sum(one.solicitud == 1 for one in chunk)
        conn.execute("BEGIN IMMEDIATE")
        for lote in sorted({one.lote for one in chunk}):
            if not (diario / file_name(lote)).exists():
                lotes.insert(conn, lote, bytes(32), PER_LOTE, PER_LOTE * phones.RECORD_BYTES, now)
                (diario / file_name(lote)).touch()
        for one in chunk:
            registros.insert_new(conn, one)
        conn.executemany(
            "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, "
            "nombre, apellido_paterno, apellido_materno, busqueda, situacion, motivo_baja, municipio, seccion, "
            "resultado, inciso) SELECT id, folio, solicitud, auxiliar, dispositivo, recibido_ms, "
            "(recibido_ms - 21600000) / 86400000, marcas, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? "
            "FROM registros WHERE folio = ?",
            [(*_found(one, rng), one.folio) for one in chunk],
        )
        conn.execute("COMMIT")
        truncate_wal(conn)
    conn.execute("BEGIN IMMEDIATE")
    conn.execute(f"INSERT INTO conteos_totales {conteos.TOTALES}")
    conn.execute(f"INSERT INTO conteos {conteos.POR_EJE}")
    for kind in ("index", "trigger"):
        for _, sql, type_ in taken:
            if type_ == kind:
                conn.execute(sql)
    conn.execute("COMMIT")
    truncate_wal(conn)
    conn.execute("PRAGMA synchronous = FULL")
    if next(conteos.recount(conn), None) or next(apoyos.differences(conn), None):
        raise BenchError("the box that was filled does not add up")
    return received


def _catalogue(conn: Connection, now: int, size: int) -> list[tuple[int, int]]:
    proceso = catalogo.add_proceso(conn, "candidatura_independiente", "Proceso de la medición", now)
    periodo = catalogo.add_periodo(
        conn, proceso, "Gubernatura", "32", now - (DAYS - 1) * DIA_MS, now + 10 * DIA_MS, now
    )  # fmt: skip
    conn.execute(
        "UPDATE periodos SET apoyos_requeridos = ?, dispersion = 'municipio', unidades_requeridas = 30 WHERE id = ?",
        (max(10, size // 2), periodo),
    )
    conn.executemany(
        "INSERT INTO periodo_unidades VALUES (?, ?, ?, ?)",
        [(periodo, f"{n:03}", f"Municipio {n}", max(1, size // 200)) for n in range(1, UNITS + 1)],
    )
    found = []
    for solicitud in range(1, ASPIRANTES + 1):
        catalogo.add_aspirante(conn, periodo, (f"Aspirante {solicitud}", "De", "Prueba"), "a@ejemplo.mx", now)
        conn.execute("UPDATE aspirantes SET confirmado_ms = ?", (now,))
        for n in range(AUXILIARES if solicitud == 1 else 10):
            auxiliar = catalogo.add_auxiliar(conn, solicitud, (f"Auxiliar {n}", "De", "Prueba"), "x@ejemplo.mx", now)
            conn.execute("INSERT INTO dispositivos (auxiliar_id, modelo, alta_ms) VALUES (?, 'x', ?)", (auxiliar, now))
            found.append((solicitud, auxiliar))
    return found


def _session(conn: Connection, rol: str, aspirante: int | None, now: int) -> str:
    """Somebody who is in; returns what the browser would send."""
    token = secrets.token_bytes(sessions.TOKEN_BYTES)
    cuenta = conn.execute(
        "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, aspirante_id, estatus, creada_ms) "
        "VALUES (?, 'Persona de la medición', '', ?, '', ?, 'activa', ?)",
        (rol, f"{rol}@ejemplo.mx", aspirante, now),
    ).lastrowid
    conn.execute(
        "INSERT INTO sesiones_portal (resumen, cuenta_id, segundo_factor, agente, creada_ms, vista_ms, vence_ms) "
        "VALUES (?, ?, 1, 'bench', ?, ?, ?)",
        (sessions.digest(token), cuenta, now, now, now + 12 * 3_600_000),
    )
    return f"{sessions.cookie_name(phones.settings(Path()))}={sessions.encode(token)}"


def _rows(
    size: int, auxiliares: list[tuple[int, int]], first_lote: int, now: int, rng: random.Random
) -> Iterator[Registro]:
    first = [one for one in auxiliares if one[0] == 1]
    others = [one for one in auxiliares if one[0] != 1]
    counters: dict[int, int] = {}
    start = now - (DAYS - 1) * DIA_MS
    for count in range(size):
        solicitud, auxiliar = rng.choice(first if rng.random() < 0.8 else others)
        counters[auxiliar] = counters.get(auxiliar, 0) + 1
        folio = Folio(solicitud, auxiliar, auxiliar, counters[auxiliar])
        yield Registro(
            folio=str(folio), solicitud=solicitud, auxiliar=auxiliar, dispositivo=auxiliar,
            registro=counters[auxiliar], tipo="apoyo", codigo=rng.randbytes(32), anterior=rng.randbytes(32),
            tam=phones.RECORD_BYTES, recibido_ms=start + (DAYS - 1) * DIA_MS * count // size,
            marcas=("auxiliar_de_baja",) if rng.random() < 0.01 else (), lote=first_lote + count // PER_LOTE,
            posicion=512, acuse=ACUSE,
        )  # fmt: skip


def _found(one: Registro, rng: random.Random) -> tuple[str, ...]:
    """What the pipeline and the mesa will have written: origin, names, situación, place, result."""
    nombre, paterno, materno = rng.choice(_NAMES), rng.choice(_SURNAMES), rng.choice(_SURNAMES)
    situacion, resultado = rng.choice(_SITUATIONS), rng.choice(_RESULTS)
    return (
        "inconsistente" if one.marcas else "bien", nombre, paterno, materno,
        busqueda.clave(nombre, paterno, materno), situacion,
        rng.choice(_MOTIVES) if situacion is Situacion.BAJA else "", f"{rng.randint(1, UNITS):03}",
        f"{rng.randint(1, 1_900):04}", resultado,
        rng.choice("abcdefghijklmn") if resultado is Resultado.INCONSISTENTE else "",
    )  # fmt: skip
