"""What changed around apoyos that are through already: the OPL's rule about several aspirantes (F3, P15.3).

Whoever is concerned is judged again, in pieces. Which rule was followed last stands in `ajustes`, so that a process
that was killed goes on. That a padrón came in force is seen to by who puts it there (server.registro.padrones), who
sends jobs back by their rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.banderas import Codigo
from server.domain.reglas import Reglas
from server.store import ajustes, banderas, identidades
from server.store.connection import Connection
from server.store.writer import Tx

SEGUIDA = "tuberia_duplicados"
EN_CURSO = "en_curso"
PIECE = 200


@dataclass(slots=True)
class PuestaAlDia:
    """Up to which apoyo it came; from the first again after a start, which changes nothing twice."""

    _hasta: int = 0
    _regla: str = ""

    def mirar(self, conn: Connection) -> bool:
        """Whether there is anything to do."""
        return _changed(conn) != ""

    def aplicar(self, tx: Tx) -> int:
        """A piece of it; how many apoyos were judged again, or 1 at its end."""
        rule = _changed(tx.conn)
        if not rule:
            return 0
        if rule != self._regla:
            self._hasta, self._regla = 0, rule
            ajustes.poner(tx.conn, SEGUIDA, EN_CURSO, None, tx.now_ms)  # also when it is changed back half way
        # Only of those that were given for another aspirante too does the judgement depend on the rule.
        ids = banderas.flagged_after(tx.conn, Codigo.DUPLICADO_OTRO, self._hasta, PIECE)
        if not ids:
            ajustes.poner(tx.conn, SEGUIDA, rule, None, tx.now_ms)
            self._hasta, self._regla = 0, ""
            return 1
        identidades.revisar(tx.conn, ids, ajustes.reglas(tx.conn).duplicados_otros, tx.now_ms)
        self._hasta = ids[-1]
        return len(ids)


def _changed(conn: Connection) -> str:
    """The rule that was not yet followed, or "". What was judged before there was a setting followed its default."""
    rows = ajustes.valores(conn)
    rule = Reglas.of(rows).duplicados_otros.value
    return rule if rule != (rows.get(SEGUIDA) or Reglas().duplicados_otros.value) else ""
