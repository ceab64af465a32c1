"""Boxes that hold many apoyos: a periodo of 120 days, six aspirantes, auxiliares, what padrón and mesa said.

Everything goes through the store, so that the triggers count it as they count a phone's. Sobres are not sealed: rows
say where they would lie. Four of five apoyos are the first aspirante's, whose pages are measured.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.ingest import phones
from server import keyring
from server.app import DIARIO, KEYS, open_index
from server.clock import system_clock
from server.diario.lote import file_name
from server.domain.apoyo import MotivoBaja, Resultado, Situacion
from server.domain.dias import DIA_MS
from server.security import sessions
from server.store import apoyos, catalogo, lotes, registros
from server.store.connection import Connection
from server.store.registros import Registro
from sync_protocol.folio import Folio
from tests import factories

DAYS = 120
PER_LOTE = 256
ASPIRANTES = 6
AUXILIARES = 600
UNITS = 58
ACUSE = "eyJ" + "A" * 560
"""As long as a real one."""
_SURNAMES = (
    "GARCÍA", "HERNÁNDEZ", "MARTÍNEZ", "LÓPEZ", "GONZÁLEZ", "RODRÍGUEZ", "PÉREZ", "SÁNCHEZ", "RAMÍREZ", "CRUZ",
    "GÓMEZ", "MORALES", "VÁZQUEZ", "JIMÉNEZ", "REYES", "TORRES", "DÍAZ", "RUIZ", "MUÑOZ", "ÑONGO", "ZALDÍVAR",
    "URRUTIA",
)  # fmt: skip
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
    received = 0
    last = diario.ultimo
    conn.execute("BEGIN IMMEDIATE")
    for count, registro in enumerate(_rows(size, auxiliares, diario.ultimo + 1, now, rng), start=1):
        if registro.lote != last:
            last = registro.lote
            lotes.insert(conn, last, bytes(32), PER_LOTE, PER_LOTE * phones.RECORD_BYTES, now)
            (config.datos / DIARIO / file_name(last)).touch()
        registros.insert_new(conn, registro)
        _what_was_found(conn, _id(conn), rng)
        received += registro.solicitud == 1
        if count % 20_000 == 0:
            conn.execute("COMMIT")
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.execute("BEGIN IMMEDIATE")
    conn.execute("COMMIT")
    diario.advance(last, bytes(32))
    writer.start()
    # One real lote at the end of the chain: the server compares it with the index when it starts.
    writer.run(lambda tx: tx.lote.add("evento", {"evento": "baja", "dispositivo": 1, "en_ms": now}))
    writer.stop()
    first_day = (now - (DAYS - 1) * DIA_MS) // DIA_MS
    return Filled(folder, size, received, first_day, *cookies)


def _id(conn: Connection) -> int:
    return int(conn.execute("SELECT last_insert_rowid()").fetchone()[0])


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
    each = min(AUXILIARES, max(10, size // 200))
    found = []
    for solicitud in range(1, ASPIRANTES + 1):
        catalogo.add_aspirante(conn, periodo, (f"Aspirante {solicitud}", "De", "Prueba"), "a@ejemplo.mx", now)
        conn.execute("UPDATE aspirantes SET confirmado_ms = ?", (now,))
        for n in range(each if solicitud == 1 else 10):
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


def _what_was_found(conn: Connection, id_: int, rng: random.Random) -> None:
    """As the pipeline and the mesa will write it."""
    apoyos.set_person(conn, id_, rng.choice(_NAMES), rng.choice(_SURNAMES), rng.choice(_SURNAMES))
    situacion = rng.choice(_SITUATIONS)
    apoyos.set_situacion(
        conn, id_, situacion, motivo_baja=rng.choice(list(MotivoBaja)) if situacion is Situacion.BAJA else None,
        municipio=f"{rng.randint(1, UNITS):03}", seccion=f"{rng.randint(1, 1_900):04}",
    )  # fmt: skip
    resultado = rng.choice(_RESULTS)
    if resultado is not Resultado.PENDIENTE:
        inciso = rng.choice("abcdefghijklmn") if resultado is Resultado.INCONSISTENTE else ""
        apoyos.set_resultado(conn, id_, resultado, inciso=inciso)
