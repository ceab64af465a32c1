"""Who gave each apoyo, as keyed hashes, and what follows for which of a person's apoyos counts (row F3).

The rule is server.domain.duplicados. Here it is kept true: whoever changes what it depends on calls `revisar` in the
same transaction, and every apoyo whose judgement may change by it is judged again, earliest first.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Mapping

from server.domain.apoyo import Ambito, Duplicado, OrigenApoyo, Resultado, Situacion
from server.domain.banderas import Bandera, Codigo
from server.domain.duplicados import Candidato, Dato, juzgar, puede_contar
from server.domain.reglas import DuplicadosOtros
from server.store import apoyos, banderas

CODIGOS = (Codigo.DUPLICADO_MISMO, Codigo.DUPLICADO_OTRO)

_CANDIDATO = (
    "SELECT a.id, a.solicitud, coalesce(s.periodo_id, -a.solicitud) AS periodo, a.recibido_ms, a.situacion, "
    "a.resultado, a.origen, a.ambito, a.regimen, a.duplicado FROM apoyos a "
    "LEFT JOIN aspirantes s ON s.id = a.solicitud "
)


def of(conn: sqlite3.Connection, apoyo_id: int) -> dict[str, bytes]:
    """The hashes of an apoyo, by clase."""
    rows = conn.execute("SELECT clase, huella FROM identidades WHERE apoyo_id = ?", (apoyo_id,))
    return {row["clase"]: row["huella"] for row in rows}


def near(conn: sqlite3.Connection, apoyo_id: int) -> list[int]:
    """Ids of the apoyos that share a datum with this one, of any aspirante; ascending."""
    rows = conn.execute(
        "SELECT DISTINCT o.apoyo_id FROM identidades i JOIN identidades o ON o.clase = i.clase AND o.huella = i.huella "
        "WHERE i.apoyo_id = ?1 AND o.apoyo_id <> ?1 ORDER BY o.apoyo_id",
        (apoyo_id,),
    )
    return [row["apoyo_id"] for row in rows]


def identify(
    conn: sqlite3.Connection, apoyo_id: int, huellas: Mapping[str, bytes], regla: DuplicadosOtros, now_ms: int
) -> bool:
    """These are its hashes now. Who shared one before, and who does now, is judged again; says whether any changed."""
    if of(conn, apoyo_id) == dict(huellas):
        return False
    before = near(conn, apoyo_id)
    conn.execute("DELETE FROM identidades WHERE apoyo_id = ?", (apoyo_id,))
    conn.executemany(
        "INSERT INTO identidades (clase, huella, apoyo_id) VALUES (?, ?, ?)",
        [(clase, huella, apoyo_id) for clase, huella in huellas.items()],
    )
    revisar(conn, [apoyo_id, *before], regla, now_ms)
    return True


def revisar(conn: sqlite3.Connection, ids: Iterable[int], regla: DuplicadosOtros, now_ms: int) -> int:
    """Judge these again, and whoever their judgement may change; how many labels changed.

    A judgement looks at earlier apoyos only, but for flags and the rule `ninguno`, which also look at who can count at
    all. So what a changed label may change lies later, and one walk in order of reception is enough.
    """
    group = _Group(conn)
    queue: list[tuple[int, int]] = []
    queued: set[int] = set()

    def push(id_: int) -> None:
        found = group.candidate(id_)
        if found is not None and id_ not in queued:
            queued.add(id_)
            heapq.heappush(queue, found.turno)

    for id_ in ids:
        one = group.candidate(id_)
        if one is None:
            continue
        push(id_)
        around = group.near(id_)
        # An earlier one of another aspirante is told of this one; once it was told, one more says nothing new.
        told = group.flagged() if one.puede else frozenset()
        for other in around:
            if other.turno > one.turno or (other.solicitud != one.solicitud and other.id not in told):
                push(other.id)
    changed = 0
    while queue:
        _, id_ = heapq.heappop(queue)
        one = group.candidate(id_)
        assert one is not None
        said = juzgar(one, group.near(id_), group.counts, regla)
        banderas.replace(conn, id_, CODIGOS, [Bandera(codigo) for codigo in said.banderas], now_ms)
        if apoyos.set_duplicado(conn, id_, said.duplicado):
            changed += 1
            group.relabel(id_, said.duplicado)
            for other in group.near(id_):
                if other.turno > one.turno:
                    push(other.id)
    return changed


class _Group:
    """Candidates and who shares a datum with them, each read once.

    One card given a thousand times is a group of a thousand with the same data: they share one list of neighbours, or
    the write thread would read a million rows when the first of them falls.
    """

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._known: dict[int, Candidato | None] = {}
        self._label: dict[int, Duplicado] = {}
        self._members: dict[Dato, list[Candidato]] = {}
        self._groups: dict[frozenset[Dato], list[Candidato]] = {}

    def candidate(self, id_: int) -> Candidato | None:
        if id_ not in self._known:
            row = self._conn.execute(f"{_CANDIDATO}WHERE a.id = ?", (id_,)).fetchone()
            if row is None:
                self._known[id_] = None
            else:
                self._take(row)
        return self._known[id_]

    def near(self, id_: int) -> list[Candidato]:
        """Who shares a datum with it, itself among them; what was received first comes first."""
        data = frozenset(of(self._conn, id_).items())
        if data not in self._groups:
            found = {one.id: one for dato in data for one in self._sharing(dato)}
            self._groups[data] = sorted(found.values(), key=lambda one: one.turno)
        return self._groups[data]

    def _sharing(self, dato: Dato) -> list[Candidato]:
        if dato not in self._members:
            rows = self._conn.execute(
                f"{_CANDIDATO}JOIN identidades i ON i.apoyo_id = a.id WHERE i.clase = ? AND i.huella = ?", dato
            ).fetchall()
            self._members[dato] = [self._take(row) for row in rows]
        return self._members[dato]

    def _take(self, row: sqlite3.Row) -> Candidato:
        able = puede_contar(
            Situacion(row["situacion"]), Resultado(row["resultado"]), OrigenApoyo(row["origen"]), Ambito(row["ambito"]),
            fuera_de_regimen=row["regimen"] == "fuera",
        )  # fmt: skip
        made = Candidato(row["id"], row["solicitud"], row["periodo"], row["recibido_ms"], able)
        self._known[made.id] = made
        self._label.setdefault(made.id, Duplicado(row["duplicado"]))
        return made

    def flagged(self) -> frozenset[int]:
        """Those that are known to have been given for another aspirante too."""
        return banderas.with_code(self._conn, Codigo.DUPLICADO_OTRO, self._known)

    def counts(self, id_: int) -> bool:
        found = self._known[id_]
        return found is not None and found.puede and self._label[id_] is Duplicado.NO

    def relabel(self, id_: int, label: Duplicado) -> None:
        self._label[id_] = label
