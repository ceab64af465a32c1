"""The server with a defect put in on purpose: `python -m torture.planted NAME`. A run that misses it is worthless.

`sin-esperar-segunda`: acuses go out before the second copy has them. `acuse-antes`: they go out before anything is
stored. `sobre-dos-veces`: each sobre goes into its lote two times.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from server import __main__ as command_line
from server.intake import accept_registro, reception
from server.intake.accept_registro import Arrival, Taken
from server.intake.check_sobre import Expected
from server.intake.checkers.judge import Verdict
from server.store.writer import Done, Tx


def _give_at_once() -> None:
    reception.Reception.give = lambda self, lote: True  # type: ignore[method-assign]
    reception.Reception.given_up_to = lambda self: None  # type: ignore[method-assign]


def _acuse_first() -> None:
    def checked_and_queued(
        self: reception.Reception, chunks: Sequence[bytes], expected: Expected, sesion_id: int | None
    ) -> asyncio.Future[Done[Taken]]:
        assert self._loop is not None
        assert self._replies is not None
        replies, settings, future = self._replies, self._settings, self._loop.create_future()
        recibido_ms = self._clock()

        def judged(verdict: Verdict | BaseException) -> None:
            if isinstance(verdict, BaseException):
                replies.tell(future, verdict)
                return
            replies.tell(future, Done(Taken(0, acuse=verdict.acuse, nuevo=True), 0))
            arrival = Arrival(
                verdict.checked, verdict.acuse, recibido_ms, sesion_id, settings.gracia_ms, settings.sesion_quieta_ms
            )
            size = len(arrival.checked.raw)
            self._writer.submit(lambda tx: accept_registro.accept(tx, arrival), lambda _: verdict.release(), size)

        self._checkers.submit(chunks, expected, recibido_ms, judged)
        return future

    reception.Reception._checked_and_queued = checked_and_queued  # type: ignore[method-assign]


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
