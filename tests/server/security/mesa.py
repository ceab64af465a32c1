"""A write thread with the tests' catalogue, for operations without a server around them."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from server import keyring, seed
from server.diario.cadena import Diario
from server.domain.roles import Rol
from server.keyring import Keyring
from server.security import cuentas as vida
from server.security.archivo_firmado import Firmado
from server.store import aspirantes
from server.store.writer import Tx, Writer
from tests import factories
from tests.factories import FrozenClock

T = TypeVar("T")
PDF = Firmado("declaracion.pdf", "application/pdf", b"%PDF-1.7 %%EOF")


@dataclass
class Mesa:
    """`solicitud`: the one aspirante's folio; confirmed, so that it may enter once it has an account."""

    writer: Writer
    clock: FrozenClock
    keys: Keyring
    solicitud: int

    def do(self, operation: Callable[[Tx], T]) -> T:
        return self.writer.run(operation).value

    def read(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self.do(lambda tx: tx.conn.execute(sql, values).fetchall())

    def mails(self, clase: str) -> list[dict[str, str]]:
        return [json.loads(row[0]) for row in self.read("SELECT datos FROM correos WHERE clase = ? ORDER BY id", clase)]

    def events(self, evento: str) -> list[sqlite3.Row]:
        return self.read("SELECT * FROM bitacora WHERE evento = ? ORDER BY id", evento)

    def estatus(self, cuenta: int) -> str:
        return str(self.read("SELECT estatus FROM cuentas WHERE id = ?", cuenta)[0][0])

    def invited(self, rol: Rol = Rol.OPERACION, autor: int | None = None, correo: str = "") -> vida.Invitada:
        count = self.read("SELECT count(*) FROM cuentas")[0][0]
        datos = vida.Datos(f"Persona {count}", "Analista", correo or f"p{count}@ejemplo.mx", "4920000000", rol)
        return self.do(lambda tx: vida.invite(tx, datos, autor))

    def active(self, rol: Rol = Rol.OPERACION, contrasena: str = "hash") -> int:
        """An account with its password and its declaración accepted at the console."""
        made = self.invited(rol)
        self.do(lambda tx: vida.accept_invitation(tx, made.token, contrasena))
        self.do(lambda tx: vida.declare_at_console(tx, made.cuenta, PDF))
        assert self.estatus(made.cuenta) == "activa"
        return made.cuenta

    def aspirante(self, correo: str = "alma@ejemplo.mx") -> int:
        """The account of the one aspirante, as its confirmation opens it."""
        return self.do(
            lambda tx: aspirantes.open_account(tx.conn, self.solicitud, "Alma Prueba", correo, "", tx.now_ms)
        )


@contextlib.contextmanager
def mesa(folder: Path) -> Iterator[Mesa]:
    """Open one."""
    clock = FrozenClock()
    keyring.create(folder / "llaves", b"un secreto de pruebas", clock(), factories.SAL)
    diario = Diario(folder / "diario")
    diario.prepare()
    (folder / "indice.db").write_bytes(factories.empty_index())
    writer = Writer(folder / "indice.db", diario, clock)
    writer.start()
    try:
        sown = writer.run(lambda tx: seed.sow(tx, factories.catalogue())).value
        solicitud = sown[0].solicitud
        writer.run(lambda tx: tx.conn.execute("UPDATE aspirantes SET confirmado_ms = 1"))
        yield Mesa(writer, clock, keyring.load(folder / "llaves", b"un secreto de pruebas"), solicitud)
    finally:
        writer.stop()
