"""An index with its write thread, one aspirante or two, and a padrón."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from server.app import open_index
from server.clock import Clock
from server.domain.auxiliar import DatosAuxiliar
from server.seed import Persona, Semilla, import_padron, sow
from server.store import padron
from server.store.connection import Connection, open_reader
from server.store.writer import Tx, Writer
from tests import factories
from tests.factories import DAY, FrozenClock
from tests.server.registro.archivos import clave

T = TypeVar("T")


class Caja:
    """What these tests need of a box."""

    def __init__(self, writer: Writer, index: Path, clock: FrozenClock) -> None:
        self.writer, self.index, self.clock = writer, index, clock

    def do(self, operation: Callable[[Tx], T]) -> T:
        """One operation on the write thread."""
        return self.writer.run(operation).value

    def ask(self, reading: Callable[[Connection], T]) -> T:
        """Read."""
        reader = open_reader(self.index)
        try:
            return reading(reader)
        finally:
            reader.close()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the index."""
        return self.ask(lambda conn: [tuple(row) for row in conn.execute(sql, values)])

    def value(self, sql: str, *values: Any) -> Any:
        """One value of the index."""
        return self.rows(sql, *values)[0][0]

    def load_padron(self, *people: tuple[str, str, str], corte: str = "2026-08-31") -> None:
        """A padrón of (clave, situación, motivo)."""
        rows = [
            dict.fromkeys(padron.COLUMNS, "") | {"clave_elector": who, "situacion": what, "motivo_baja": why}
            for who, what, why in people
        ]
        self.do(lambda tx: import_padron(tx, rows, corte))


@contextlib.contextmanager
def abierta(folder: Path, clock: FrozenClock | None = None) -> Iterator[Caja]:
    """A box without auxiliares: folios de solicitud 1 and 2 on first use, what is there afterwards."""
    clock = clock or FrozenClock()
    config = factories.settings(folder)
    config.datos.mkdir(parents=True, exist_ok=True)
    writer, _ = open_index(config, clock)
    writer.start()
    try:
        made = Caja(writer, writer.path, clock)
        if not made.value("SELECT count(*) FROM aspirantes"):
            made.do(lambda tx: sow(tx, _seed(clock)))
        yield made
    finally:
        writer.stop()


def _seed(clock: Clock) -> Semilla:
    people = (Persona(("Alma", "Prueba", "Uno"), "a@ejemplo.mx"), Persona(("Beto", "Prueba", "Dos"), "b@ejemplo.mx"))
    return Semilla(
        "candidatura_independiente", "Proceso", "Cargo", "32", clock() - DAY, clock() + DAY, people, ((), ())
    )


def datos(n: int = 1, **changes: str) -> DatosAuxiliar:
    """The n-th person."""
    values: dict[str, str] = {
        "nombre": "Itzel", "apellido_paterno": "Peñaloza", "apellido_materno": "Domínguez",
        "fecha_nacimiento": "1990-09-05", "telefono": "", "correo": f"gestor{n}@ejemplo.mx", "tipo_cuenta": "google",
        "clave_elector": clave(n), "curp": "", "referencia": "", **changes,
    }  # fmt: skip
    return DatosAuxiliar(**values)


def registered(caja: Caja, *people: DatosAuxiliar, solicitud: int = 1) -> Sequence[int]:
    """Their Ids."""
    from server.registro import auxiliares
    from server.registro.auxiliares import Registrado

    found = [caja.do(lambda tx, who=who: auxiliares.registrar(tx, solicitud, who, "cuenta:1")) for who in people]  # type: ignore[misc]
    assert all(isinstance(one, Registrado) for one in found), found
    return [one.id for one in found]
