"""Many apoyos for tests and benches: several aspirantes, their auxiliares and phones, every situación and mark."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from server.domain.busqueda import clave
from server.domain.marcas import Marca
from server.store.connection import open_writer
from server.store.migrations import migrate
from sync_protocol.folio import Folio
from tests.factories import DAY, NOW

SITUACIONES = ("LISTA_NOMINAL", "PADRON", "BAJA", "NO_ENCONTRADO", "SIN_RESPUESTA")
RESULTADOS = ("pendiente", "valido", "inconsistente")
NOMBRES = ("Juana", "José Ángel", "María", "Ma. del Carmen", "Zoé", "")
APELLIDOS = ("Hernández", "García", "Muñoz", "de la Cruz", "López", "Lopátegui", "", "O'Farrill", "Ñandú")
MARCAS = ("[]", "[]", "[]", *(f'["{marca}"]' for marca in Marca), '["auxiliar_de_baja","reloj_sin_referencia"]')
DUPLICADOS = ("", "", "", "", "mismo", "otro")
AMBITOS = ("dentro", "dentro", "dentro", "", "fuera")
DAYS = 10


def indice(folder: Path, count: int, *, solicitudes: int = 3, seed: int = 7) -> sqlite3.Connection:
    """A new index with `count` registros within DAYS from NOW on, most of them of the first solicitud."""
    conn = open_writer(folder / "indice.db")
    conn.execute("PRAGMA synchronous = OFF")
    migrate(conn)
    fill(conn, count, solicitudes=solicitudes, seed=seed)
    return conn


def fill(conn: sqlite3.Connection, count: int, *, solicitudes: int, seed: int) -> None:
    """Catalogue and registros, by the statements that a server uses, in one transaction."""
    rng = random.Random(seed)
    conn.execute("BEGIN")
    conn.execute("INSERT INTO lotes (numero, resumen, sobres, tam, creado_ms) VALUES (1, zeroblob(32), 0, 0, 0)")
    for n, tipo in ((1, "candidatura_independiente"), (2, "consulta_popular")):
        conn.execute("INSERT INTO procesos VALUES (?, ?, 'x', 1)", (n, tipo))
        conn.execute(
            "INSERT INTO periodos (id, proceso_id, nombre, ambito, entidad, inicia_ms, termina_ms, estatus, creado_ms) "
            "VALUES (?, ?, 'x', 'local', '32', 1, 2, 'activo', 1)",
            (n, n),
        )
    phones: list[tuple[int, int, int]] = []
    auxiliar = 0
    for solicitud in range(1, solicitudes + 1):
        conn.execute(
            "INSERT INTO aspirantes (id, periodo_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
            "estatus, creado_ms) VALUES (?, ?, 'a', 'b', '', 'c', 'google', 'activo', 1)",
            (solicitud, 2 if solicitud == 2 else 1),
        )
        for _ in range(3):
            auxiliar += 1
            conn.execute(
                "INSERT INTO auxiliares (id, aspirante_id, nombre, apellido_paterno, apellido_materno, correo, "
                "tipo_cuenta, estatus, creado_ms) VALUES (?, ?, 'a', 'b', '', 'c', 'google', 'activo', 1)",
                (auxiliar, solicitud),
            )
            for _ in range(2):
                phone = conn.execute(
                    "INSERT INTO dispositivos (auxiliar_id, modelo, alta_ms) VALUES (?, 'x', 1)", (auxiliar,)
                ).lastrowid
                phones.append((solicitud, auxiliar, int(phone or 0)))
    weights = [20 if solicitud == 1 else 1 for solicitud, _, _ in phones]
    counters: dict[int, int] = {}
    for n in range(1, count + 1):
        solicitud, auxiliar, phone = rng.choices(phones, weights)[0]
        counters[phone] = counters.get(phone, 0) + 1
        conn.execute(
            "INSERT INTO registros (id, folio, solicitud, auxiliar, dispositivo, registro, tipo, codigo, anterior, "
            "tam, recibido_ms, marcas, lote, posicion, acuse) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, zeroblob(32), zeroblob(32), 1, ?, ?, 1, 0, 'a.b.c')",
            (
                n, str(Folio(solicitud, auxiliar, phone, counters[phone])), solicitud, auxiliar, phone,
                counters[phone], "testigos" if rng.random() < 0.02 else "apoyo",
                # Not quite in order: sobres of a card may be older than what was committed before them.
                NOW + n * DAYS * DAY // count - (rng.randrange(DAY) if rng.random() < 0.02 else 0),
                rng.choice(MARCAS),
            ),
        )  # fmt: skip
        if rng.random() < 0.9:
            person = (rng.choice(NOMBRES), rng.choice(APELLIDOS), rng.choice(APELLIDOS))
            situacion = rng.choice(SITUACIONES)
            conn.execute(
                "UPDATE apoyos SET nombre = ?, apellido_paterno = ?, apellido_materno = ?, busqueda = ?, "
                "situacion = ?, motivo_baja = ?, resultado = ?, duplicado = ?, ambito = ? WHERE id = ?",
                (
                    *person, clave(*person), situacion,
                    rng.choice(("defuncion", "migracion", "")) if situacion == "BAJA" else "",
                    rng.choice(RESULTADOS), rng.choice(DUPLICADOS), rng.choice(AMBITOS), n,
                ),
            )  # fmt: skip
    conn.execute(
        "UPDATE apoyos SET inciso = char(97 + id % 14), detalle = 'detalle ' || id WHERE resultado = 'inconsistente'"
    )
    conn.execute("COMMIT")
