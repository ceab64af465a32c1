"""A box whose mesa has work in it: real synthetic photographs of phone size, sealed, in lotes, ready to be reviewed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.ingest import phones
from device_sim.synthetic.camera import capture_expediente
from device_sim.synthetic.people import Persona, persona_at
from server import keyring
from server.app import KEYS, open_index
from server.clock import system_clock
from server.security import sessions
from server.store.writer import Tx
from sync_protocol.registro import IMAGENES
from tests import factories, registros_en_mesa
from tests.factories import FrozenClock

PADRON = 4_000
CAMPOS = ("nombre", "apellido_paterno", "apellido_materno", "clave_elector", "curp", "cic", "ocr")
CHUNK = 50


@dataclass(frozen=True, slots=True)
class Filled:
    """A box and how its operators come in. `cookies`: (name, value) of each operator's session."""

    folder: Path
    size: int
    cookies: tuple[tuple[str, str], ...]


def shot(index: int, seed: int = 7) -> tuple[dict[str, str], dict[str, bytes]]:
    """One person of the padrón and their four photographs: some two seconds of a processor."""
    persona = persona_at(seed, PADRON, "32", index)
    made = capture_expediente(persona, seed)
    return _datos(persona), {tipo: getattr(made, tipo) for tipo in IMAGENES}


def _datos(persona: Persona) -> dict[str, str]:
    return {campo: str(getattr(persona, campo)) for campo in CAMPOS}


def shots(count: int, workers: int) -> tuple[list[Mapping[str, str]], list[Mapping[str, bytes]]]:
    """So many different people with their photographs."""
    with ProcessPoolExecutor(max_workers=workers) as pool:
        made = list(pool.map(shot, range(1, 1 + count)))
    return [datos for datos, _ in made], [imagenes for _, imagenes in made]


def fill(folder: Path, size: int, people: int, operators: int, workers: int = 2) -> Filled:
    """Make a box with so many registros in its mesa; as many operators are in."""
    folder.mkdir(parents=True, exist_ok=True)
    config = phones.settings(folder)
    clock = FrozenClock(system_clock())
    [sembrado] = factories.make_box(config, clock, factories.catalogue(clock(), auxiliares=1))
    keys = keyring.load(config.datos / KEYS, factories.SECRET.encode())
    personas, imagenes = shots(people, workers)
    capturas = registros_en_mesa.variadas(imagenes, personas, size)
    writer, _ = open_index(config, clock)
    writer.start()
    try:
        phone = writer.run(lambda tx: factories.enrol(tx, sembrado, keys.apertura.public)).value
        for chunk in _chunks(capturas):
            writer.run(lambda tx, chunk=chunk: registros_en_mesa.recibir(tx, keys, phone, list(chunk)))  # type: ignore[misc]
        cookies = writer.run(lambda tx: tuple(_operator(tx, n) for n in range(operators))).value
    finally:
        writer.stop()
    return Filled(folder, size, cookies)


def _chunks(items: list[registros_en_mesa.Captura]) -> list[tuple[registros_en_mesa.Captura, ...]]:
    return [tuple(items[n : n + CHUNK]) for n in range(0, len(items), CHUNK)]


def _operator(tx: Tx, n: int) -> tuple[str, str]:
    token = secrets.token_bytes(sessions.TOKEN_BYTES)
    cuenta = tx.conn.execute(
        "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
        "VALUES ('operacion', ?, 'Mesa de control', ?, '', 'activa', ?)",
        (f"Persona de la medición {n + 1}", f"mesa{n}@ejemplo.mx", tx.now_ms),
    ).lastrowid
    tx.conn.execute(
        "INSERT INTO sesiones_portal (resumen, cuenta_id, segundo_factor, agente, creada_ms, vista_ms, vence_ms) "
        "VALUES (?, ?, 1, 'bench', ?, ?, ?)",
        (sessions.digest(token), cuenta, tx.now_ms, tx.now_ms, tx.now_ms + 12 * 3_600_000),
    )
    return sessions.cookie_name(phones.settings(Path())), sessions.encode(token)
