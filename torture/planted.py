"""The server with a defect put in on purpose: `python -m torture.planted NAME`. A run that misses it is worthless.

`sin-esperar-segunda`: acuses go out before the second copy has them. `acuse-nuevo`: a repeated sobre gets a new acuse
instead of the old one. `olvida-repetidos`: a folio that is there already is taken once more.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from server import __main__ as command_line
from server.intake import accept_registro, reception
from server.intake.accept_registro import Arrival, Taken
from server.store.writer import Tx


def _give_at_once() -> None:
    reception.Reception.give = lambda self, lote: True  # type: ignore[method-assign]
    reception.Reception.given_up_to = lambda self: None  # type: ignore[method-assign]


def _new_acuse() -> None:
    original = accept_registro._again

    def again(tx: Tx, arrival: Arrival) -> Taken:
        taken = original(tx, arrival)
        return replace(taken, acuse=arrival.acuse) if taken.acuse else taken

    accept_registro._again = again


def _take_again() -> None:
    original = accept_registro.accept

    def accept(tx: Tx, arrival: Arrival) -> Taken:
        taken = original(tx, arrival)
        if not taken.nuevo and taken.acuse:
            folio = str(arrival.checked.cabecera.folio)
            tx.lote.add(
                "sobre",
                {"folio": folio, "recibido_ms": arrival.recibido_ms, "marcas": []},
                sobre=(f"{folio}.sobre", arrival.checked.raw, arrival.checked.codigo),
                acuse=(f"{folio}.acuse", taken.acuse.encode("ascii")),
            )
        return taken

    accept_registro.accept = accept


DEFECTS = {"sin-esperar-segunda": _give_at_once, "acuse-nuevo": _new_acuse, "olvida-repetidos": _take_again}

if __name__ == "__main__":
    DEFECTS[sys.argv[1]]()
    sys.argv[1:] = ["serve"]
    command_line.main()
