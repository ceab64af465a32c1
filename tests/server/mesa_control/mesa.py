"""A mesa de control to test with: operators, apoyos that came by phone or paper, and what waits for review."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from server.domain.apoyo import Resultado
from server.domain.plazo import limite
from server.domain.reglas import PREFIJO
from server.domain.roles import Rol
from server.mesa_control import bandeja, dictamen
from server.mesa_control.dictamen import Decision, Dictado
from server.store import ajustes, apoyos, carga, dictamenes, revisiones
from server.store.apoyos import PAPEL_DESDE, Apoyo
from server.store.dictamenes import Dictamen
from server.store.revisiones import Revision
from server.store.writer import Tx, Writer
from sync_protocol.folio import Folio
from tests.factories import FrozenClock
from tests.server.security import mesa as caja

T = TypeVar("T")


def insert_apoyos(tx: Tx, solicitud: int, first: int, count: int) -> list[int]:
    """Registros of one phone, as an arrival makes them, without their sobres; ids of their apoyos."""
    tx.conn.execute("INSERT OR IGNORE INTO lotes (numero, resumen, sobres, tam, creado_ms) "
                    "VALUES (900000, zeroblob(32), 0, 0, 0)")  # fmt: skip
    auxiliar = tx.conn.execute("SELECT min(id) FROM auxiliares WHERE aspirante_id = ?", (solicitud,)).fetchone()[0]
    found = tx.conn.execute("SELECT min(id) FROM dispositivos WHERE auxiliar_id = ?", (auxiliar,)).fetchone()[0]
    phone = int(found or 0)
    if not phone:
        made = tx.conn.execute(
            "INSERT INTO dispositivos (auxiliar_id, modelo, alta_ms) VALUES (?, 'x', 1)", (auxiliar,)
        )
        phone = int(made.lastrowid or 0)
    ids = []
    for n in range(first, first + count):
        cursor = tx.conn.execute(
            "INSERT INTO registros (folio, solicitud, auxiliar, dispositivo, registro, tipo, codigo, anterior, tam, "
            "recibido_ms, marcas, lote, posicion, acuse) "
            "VALUES (?, ?, ?, ?, ?, 'apoyo', zeroblob(32), zeroblob(32), 1, ?, '[]', 900000, 0, 'a.b.c')",
            (str(Folio(solicitud, auxiliar, phone, n)), solicitud, auxiliar, phone, n, tx.now_ms),
        )
        ids.append(int(cursor.lastrowid or 0))
    return ids


def insert_papel(tx: Tx, solicitud: int, n: int) -> int:
    """An apoyo that was typed from paper."""
    tx.conn.execute(
        "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, via) "
        "VALUES (?, ?, ?, 0, 0, ?, ?, '[]', 'bien', 'papel')",
        (PAPEL_DESDE + n, f"P{n}", solicitud, tx.now_ms, tx.now_ms // 86_400_000),
    )
    return PAPEL_DESDE + n


@dataclass
class Mesa:
    """`caja`: index, keys and accounts. Registros are numbered as they are asked for."""

    caja: caja.Mesa
    registro: int = 0

    @property
    def writer(self) -> Writer:
        return self.caja.writer

    @property
    def clock(self) -> FrozenClock:
        return self.caja.clock

    @property
    def solicitud(self) -> int:
        return self.caja.solicitud

    def do(self, operation: Callable[[Tx], T]) -> T:
        return self.caja.do(operation)

    def value(self, sql: str, *values: object) -> Any:
        return self.caja.read(sql, *values)[0][0]

    def operador(self, rol: Rol = Rol.OPERACION) -> int:
        return self.caja.active(rol)

    def reglas(self, **values: object) -> None:
        """Rules of this OPL."""
        for name, value in values.items():
            self.do(lambda tx, k=name, v=value: ajustes.poner(tx.conn, PREFIJO + k, str(v), None, tx.now_ms))  # type: ignore[misc]

    def apoyos(self, count: int = 1) -> list[int]:
        first = self.registro + 1
        self.registro += count
        return self.do(lambda tx: insert_apoyos(tx, self.solicitud, first, count))

    def en_mesa(self, count: int = 1) -> list[int]:
        """Apoyos that came to the mesa now: ids of their revisiones."""
        return [self.revision(id_) for id_ in self.apoyos(count)]

    def revision(self, apoyo: int) -> int:
        made = self.do(
            lambda tx: revisiones.add(tx.conn, apoyo, self.solicitud, "primera", tx.now_ms, limite(tx.now_ms, 10))
        )
        assert made is not None
        return made

    def reclamar(self, revision: int, cuenta: int) -> Revision:
        return self.do(lambda tx: bandeja.reclamar(tx, revision, cuenta))

    def siguiente(self, cuenta: int, *excepto: int) -> Revision | None:
        return self.do(lambda tx: bandeja.siguiente(tx, cuenta, excepto=excepto))

    def decidir(self, revision: int, cuenta: int, resultado: str = "valido", inciso: str = "", **more: Any) -> Dictado:
        decision = Decision(revision, cuenta, resultado, inciso, abierto_ms=self.clock(), **more)
        return self.do(lambda tx: dictamen.decidir(tx, decision))

    def deshacer(self, id_: int, cuenta: int) -> Revision:
        return self.do(lambda tx: dictamen.deshacer(tx, id_, cuenta))

    def apoyo(self, id_: int) -> Apoyo:
        found = self.do(lambda tx: apoyos.get(tx.conn, id_))
        assert found is not None
        return found

    def resultado(self, apoyo: int) -> tuple[Resultado, str]:
        found = self.apoyo(apoyo)
        return found.resultado, found.inciso

    def de(self, revision: int) -> Revision:
        found = self.do(lambda tx: revisiones.get(tx.conn, revision))
        assert found is not None
        return found

    def pendiente(self, apoyo: int) -> Revision | None:
        return self.do(lambda tx: revisiones.pendiente_de(tx.conn, apoyo))

    def dictamenes(self, apoyo: int) -> list[Dictamen]:
        return self.do(lambda tx: dictamenes.of_apoyo(tx.conn, apoyo))


@contextlib.contextmanager
def abierta(folder: Path) -> Iterator[Mesa]:
    """Open one, where nothing is reviewed twice unless a test says so. Whatever was done in it, its sums hold."""
    with caja.mesa(folder) as made:
        mesa = Mesa(made)
        mesa.reglas(segunda_pct=0)
        yield mesa
        assert mesa.do(lambda tx: carga.descuadres(tx.conn)) == []
        assert mesa.do(lambda tx: dictamenes.not_in_force(tx.conn)) == []
