"""The server with a defect put in on purpose: `python -m torture.planted NAME`. A run that misses it is worthless.

`sin-esperar-segunda`: acuses go out before the second copy has them. `acuse-antes`: they go out before anything is
stored. `sobre-dos-veces`: each sobre goes into its lote two times.
"""

from __future__ import annotations

import asyncio
import sys

from server import __main__ as command_line
from server.intake import accept_registro, reception
from server.intake.accept_registro import Arrival, Taken
from server.intake.check_sobre import Expected
from server.store.writer import Done, Tx


def _give_at_once() -> None:
    reception.Reception.give = lambda self, lote: True  # type: ignore[method-assign]
    reception.Reception.given_up_to = lambda self: None  # type: ignore[method-assign]


def _acuse_first() -> None:
    def check_and_queue(
        self: reception.Reception,
        raw: bytes,
        expected: Expected,
        recibido_ms: int,
        sesion_id: int | None,
        future: asyncio.Future[Done[Taken]],
    ) -> None:
        assert self._replies is not None
        try:
            arrival = self._check(raw, expected, recibido_ms, sesion_id)
        except BaseException as error:  # noqa: BLE001 -- as in the original
            self._replies.tell(future, error)
            return
        self._replies.tell(future, Done(Taken(0, acuse=arrival.acuse, nuevo=True), 0))
        self._writer.submit(lambda tx: accept_registro.accept(tx, arrival), lambda result: None, len(raw))

    reception.Reception._check_and_queue = check_and_queue  # type: ignore[method-assign]


def _twice() -> None:
    original = accept_registro.accept

    def accept(tx: Tx, arrival: Arrival) -> Taken:
        taken = original(tx, arrival)
        if taken.nuevo:
            folio = str(arrival.checked.cabecera.folio)
            tx.lote.add(
                "sobre",
                {"folio": folio, "recibido_ms": arrival.recibido_ms, "marcas": []},
                sobre=(f"{folio}.sobre", arrival.checked.raw, arrival.checked.codigo),
                acuse=(f"{folio}.acuse", taken.acuse.encode("ascii")),
            )
        return taken

    accept_registro.accept = accept


DEFECTS = {"sin-esperar-segunda": _give_at_once, "acuse-antes": _acuse_first, "sobre-dos-veces": _twice}

if __name__ == "__main__":
    DEFECTS[sys.argv[1]]()
    sys.argv[1:] = ["serve"]
    command_line.main()
