"""A box with two aspirantes, somebody of the administration and three who type; people to type."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server import keyring
from server.app import KEYS
from server.domain import curp as curps
from server.expedientes.abrir import Datos
from server.keyring import Keyring
from server.mesa_control import regimen
from server.mesa_control.captura_manual import Captura
from server.store.writer import Tx
from tests.factories import DAY, NOW, SAL, SECRET
from tests.server.registro.caja import Caja, abierta

RECIBIDO = NOW - DAY // 2


@dataclass
class Mesa:
    """`ana`, `beto`, `ceci`: accounts that type; `jefa`: of the administration."""

    caja: Caja
    keys: Keyring
    jefa: int
    ana: int
    beto: int
    ceci: int

    def grant(self, solicitud: int = 1, *municipios: str) -> int:
        """The régimen de excepción, since five days ago."""
        return self.caja.do(
            lambda tx: regimen.otorgar(tx, solicitud, municipios, "OPL/1/2026", NOW - 5 * DAY, cuenta=self.jefa)
        )

    def package(self, cedulas: int = 5, folio: str = "P-1", solicitud: int = 1, recibido_ms: int = RECIBIDO) -> int:
        """A package that was received half a day ago."""
        return self.caja.do(
            lambda tx: regimen.abrir_paquete(
                tx, solicitud, folio, cedulas, recibido_ms, "", cuenta=self.jefa, gracia_ms=DAY
            )
        )

    def twice(self, percent: int) -> None:
        """The share that is typed twice."""
        self.caja.do(
            lambda tx: (
                tx.conn.execute(
                    "INSERT INTO ajustes (clave, valor, cambiado_ms) VALUES ('regla_papel_doble_pct', ?, 1) "
                    "ON CONFLICT DO UPDATE SET valor = excluded.valor",
                    (str(percent),),
                )
                and None
            )
        )


@contextlib.contextmanager
def mesa(folder: Path) -> Iterator[Mesa]:
    """A box like that."""
    with abierta(folder) as caja:
        keys = folder / "caja" / KEYS
        keyring.create(keys, SECRET.encode(), NOW, SAL)

        def people(tx: Tx) -> list[int]:
            made = []
            for rol, nombre in (("administracion", "Jefa"), ("operacion", "Ana"), ("operacion", "Beto"),
                                ("operacion", "Ceci")):  # fmt: skip
                cursor = tx.conn.execute(
                    "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
                    "VALUES (?, ?, '', ?, '', 'activa', 1)",
                    (rol, nombre, f"{nombre.lower()}@ejemplo.mx"),
                )
                made.append(int(cursor.lastrowid or 0))
            return made

        yield Mesa(caja, keyring.load(keys, SECRET.encode()), *caja.do(people))


def persona(n: int, **changes: str) -> Datos:
    """The n-th synthetic person, whose data agree: Rosa Luna Mora, born on a day of 1990."""
    born = f"90{n % 12 + 1:02d}{n // 12 % 28 + 1:02d}"
    body = f"LUMR{born}MZSNRS0"
    values = {
        "nombre": "ROSA", "apellido_paterno": "LUNA", "apellido_materno": "MORA",
        "clave_elector": f"LNMRRS{born}32M{n % 1000:03d}", "curp": body + curps.check_digit(body),
        "cic": f"{100_000_000 + n}", "ocr": f"0123{n:09d}", **changes,
    }  # fmt: skip
    return Datos(**values)


def captura(n: int, criterio: str = "", comentario: str = "", **changes: str) -> Captura:
    """What one types of the n-th person's cédula."""
    return Captura(persona(n, **changes), criterio, comentario)
