"""The comparisons: disk, index and phones against what was promised. None of them asks the server's own opinion first.

`on_disk` is asked after every power cut *before* the server starts again, because a start may heal what it should
never have promised; `in_index` when it is up; `at_the_end` when every phone has emptied its queue.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from server.store import bitacora
from tests import factories
from torture import box
from torture.model import Finding, Held, LoteReader, TornLoteError, Witness, promises_kept
from torture.phones import Config

INDEX = "indice.db"
Places = dict[str, dict[str, list[Held]]]


@dataclass(slots=True)
class Ledger:
    """What the phones of an episode say: by folio, the código of what is still in the queue or was deleted."""

    captured: dict[str, str] = field(default_factory=dict)
    acuses: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def on_disk(folder: Path, readers: Mapping[str, LoteReader], witness: Witness) -> tuple[list[Finding], Places]:
    """Every acuse given, in the diario and in the second copy, as the disks are now."""
    places: Places = {}
    for name, path in (("el diario", folder / box.DATA / "diario"), ("la segunda copia", folder / box.SECOND)):
        try:
            places[name] = readers[name].folder(path)
        except TornLoteError as error:
            return [Finding("lote_roto", str(error), witness.fault)], places
    return promises_kept(witness.given, places, witness.fault), places


def in_index(folder: Path, witness: Witness) -> list[Finding]:
    """Every acuse given, in the index of the running server."""
    with closing(sqlite3.connect(f"file:{folder / box.DATA / INDEX}?mode=ro", uri=True, timeout=30)) as conn:
        rows = {folio: (acuse, codigo.hex()) for folio, acuse, codigo in conn.execute(
            "SELECT folio, acuse, codigo FROM registros")}  # fmt: skip
    findings = []
    for folio, tokens in witness.given.items():
        for token, said in tokens.items():
            if rows.get(folio) != (token, said.codigo):
                what = "no lo tiene" if folio not in rows else "tiene otro acuse o código"
                findings.append(Finding("indice_sin_acuse", f"{folio}: el índice {what}", witness.fault))
    return findings


def of_phones(folder: Path, config: Config) -> Ledger:
    """Read every phone's queue and ledger; together they must be everything it captured, and nothing twice."""
    ledger = Ledger()
    for phone in (one for group in config.groups for one in group):
        with phone.open(folder, to_look=True) as outbox:
            lines, pending = outbox.ledger(), outbox.pending()
            numbers = sorted([line.registro for line in lines] + [queued.registro for queued in pending])
            if numbers != list(range(outbox.captured)):
                ledger.findings.append(Finding("telefono_perdio", f"teléfono {phone.dispositivo}: {len(numbers)} de "
                                               f"{outbox.captured} registros en cola y libro"))  # fmt: skip
            for line in lines:
                ledger.captured[line.folio] = line.codigo
                ledger.acuses[line.folio] = line.acuse
            for queued in pending:
                ledger.captured[str(queued.folio)] = queued.codigo.hex()
                ledger.waiting.append(f"{queued.folio} {queued.state} {queued.reason}")
    return ledger


def at_the_end(folder: Path, config: Config, witness: Witness, readers: Mapping[str, LoteReader]) -> list[Finding]:
    """All there is to compare. The server is stopped and every phone has ended."""
    ledger = of_phones(folder, config)
    findings = list(ledger.findings)
    findings += [Finding("sin_entregar", one, witness.fault) for one in ledger.waiting]
    torn, places = on_disk(folder, readers, witness)
    findings += torn
    for folio, acuse in ledger.acuses.items():
        if acuse not in witness.given.get(folio, {}):
            findings.append(Finding("acuse_de_nadie", f"{folio}: el teléfono borró con un acuse que nadie vio salir"))
    for where, sobres in places.items():
        for folio, held in sobres.items():
            if len(held) > 1:
                findings.append(Finding("folio_repetido", f"{folio} está {len(held)} veces en {where}"))
            if ledger.captured.get(folio) != held[0].codigo:
                findings.append(Finding("sobre_de_nadie", f"{folio} en {where} no lo captó ningún teléfono"))
    findings += in_index(folder, witness)
    findings += _recount(folder, ledger, places)
    findings += _verify(folder)
    return findings


def _recount(folder: Path, ledger: Ledger, places: Places) -> list[Finding]:
    """Counters against a recount, the bitácora's chain, and the index's own integrity."""
    findings = []
    with closing(sqlite3.connect(folder / box.DATA / INDEX)) as conn:
        conn.row_factory = sqlite3.Row
        count = {
            "registros en el índice": conn.execute("SELECT count(*) FROM registros").fetchone()[0],
            "folios distintos": conn.execute("SELECT count(DISTINCT folio) FROM registros").fetchone()[0],
            "trabajos y testigos": conn.execute(
                "SELECT (SELECT count(*) FROM trabajos) + (SELECT count(*) FROM registros WHERE tipo = 'testigos')"
            ).fetchone()[0],
            "captados": len(ledger.captured),
            **{f"sobres en {where}": len(sobres) for where, sobres in places.items()},
        }
        if len(set(count.values())) != 1:
            findings.append(Finding("cuentas_distintas", ", ".join(f"{name}: {n}" for name, n in count.items())))
        for table in ("conflictos", "rechazos"):
            if n := conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
                findings.append(Finding("rechazo_indebido", f"{n} renglones en {table}"))
        broken = bitacora.first_break(conn)
        if broken is not None:
            findings.append(Finding("bitacora_rota", f"evento {broken}"))
        whole = conn.execute("PRAGMA integrity_check").fetchone()[0]
        strange = conn.execute("PRAGMA foreign_key_check").fetchall()
        if whole != "ok" or strange:
            findings.append(Finding("indice_dañado", f"{whole}; {len(strange)} referencias rotas"))
    return findings


def _verify(folder: Path) -> list[Finding]:
    """What the administrator's own command says."""
    env = {
        **os.environ,
        "PYTHONPATH": str(box.ROOT),
        "ACOPIO_DATOS": str(folder / box.DATA),
        "ACOPIO_FRASE": factories.SECRET,
        "ACOPIO_SEGUNDA_COPIA": str(folder / box.SECOND),
    }
    made = subprocess.run(
        [sys.executable, "-m", "server", "verify"], env=env, cwd=box.ROOT, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    # 1 is avisos: an upload whose partial file outlived a kill is retired by the server in a moment.
    # 1 is avisos: a partial file that outlived a kill is retired by the server in a moment.
    if made.returncode > 1:
        return [Finding("verify", (made.stdout + made.stderr).strip()[-400:])]
    return []
