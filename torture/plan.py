"""The schedule of an episode, drawn from a seed: which fault, where, and when. (Those of the lines are in `line`.)

Two processes, threads and a kernel do not run twice alike, so a seed repeats the schedule, the lines' draws and the
power cuts' draws, and not the interleaving: repeat an episode a few times to meet again what it found.
"""

from __future__ import annotations

import errno
import random
from dataclasses import dataclass

from torture.disk_shim import FOREVER, Mode, Op, Rule

LOTE, LOTE_FOLDER = "*/caja/diario/*.tmp", "*/caja/diario"
WAL, INDEX, PARTIAL = "*/caja/indice.db-wal", "*/caja/indice.db", "*/caja/parciales/*"
SECOND_LOTE, SECOND_FOLDER, SECOND = "*/segunda/*.tmp", "*/segunda", "*/segunda*"
_FILES = (LOTE, LOTE, LOTE, WAL, WAL, WAL, PARTIAL, SECOND_LOTE, INDEX)
_FOLDERS = (LOTE_FOLDER, LOTE_FOLDER, SECOND_FOLDER)
_SYNCS = (Op.SYNC, Op.SYNC_FOLDER)
_ALL = tuple(Op)
_FULL = (errno.ENOSPC, errno.ENOSPC, errno.EDQUOT)

_POINTS: tuple[tuple[tuple[Op, ...], str], ...] = (
    ((Op.WRITE,), LOTE),
    ((Op.SYNC,), LOTE),
    ((Op.RENAME,), LOTE),
    ((Op.SYNC_FOLDER,), LOTE_FOLDER),
    ((Op.WRITE,), WAL),
    ((Op.SYNC,), WAL),
    ((Op.WRITE,), INDEX),
    ((Op.SYNC,), INDEX),
    ((Op.WRITE, Op.SYNC), PARTIAL),
    ((Op.WRITE, Op.SYNC), SECOND_LOTE),
    ((Op.RENAME,), SECOND_LOTE),
    ((Op.SYNC_FOLDER,), SECOND_FOLDER),
    ((Op.UNLINK,), "*"),
)
"""Where a process is killed on purpose: each step between a phone's last byte and its acuse."""

SHARES: dict[str, int] = {
    "sincronizar_falla": 20,
    "escribir_falla": 12,
    "escribir_a_medias": 5,
    "sin_espacio": 9,
    "disco_lleno_un_rato": 4,
    "nombre_falla": 6,
    "abrir_falla": 3,
    "disco_lento": 3,
    "segunda_copia_muerta": 4,
    "reloj_salta": 6,
    "telefono_kill9": 5,
    "segundo_servidor": 1,
    "servidor_kill9": 5,
    "corte_de_luz": 7,
    "servidor_sigterm": 1,
    "replica_kill9": 1,
}
"""How often each is drawn, out of their sum."""

NEED_SHIM = SHARES.keys() - {
    "telefono_kill9", "segundo_servidor", "servidor_kill9", "servidor_sigterm", "replica_kill9",
}  # fmt: skip
"""What cannot be done where there is no C compiler."""

CLOCK_JUMPS_S = (1, -1, 30, -30, 600, -600, 3 * 3600, -3 * 3600, 8 * 86400, -8 * 86400, 15 * 86400, -40 * 86400)
"""A second is what a clock's daemon does; three hours end tokens; 8 days, uploads; 15, the periodo and its grace."""


@dataclass(frozen=True, slots=True)
class Step:
    """One fault of the schedule, after `wait_s`. Which of the rest is set depends on the kind.

    `rule`: for faults of the disk, and the point at which a server is to be killed. `for_s`: how long it lasts, 0 when
    it ends by itself. `amount`: milliseconds of a clock's jump, or which group of phones is killed.
    `acuses`: it waits until so many more have been given too, so that it strikes a server at work,
    on a slow machine as well.
    """

    kind: str
    wait_s: float
    rule: Rule | None = None
    for_s: float = 0.0
    amount: int = 0
    acuses: int = 0


def draw(seed: int, steps: int, groups: int) -> list[Step]:
    """The schedule of an episode."""
    rng = random.Random(seed)
    kinds = rng.choices(list(SHARES), weights=list(SHARES.values()), k=steps)
    return [_step(kind, rng, groups) for kind in kinds]


def _step(kind: str, rng: random.Random, groups: int) -> Step:
    wait_s = rng.uniform(0.05, 0.35)
    if kind == "reloj_salta":
        jump = rng.choice(CLOCK_JUMPS_S)
        # Far jumps are put right soon: a server whose periodo is over has nothing to be tested with.
        return Step(kind, wait_s, for_s=0.4 if abs(jump) > 86400 else rng.choice((0.0, 1.0)), amount=jump * 1000)
    if kind == "telefono_kill9":
        return Step(kind, wait_s, amount=rng.randrange(groups))
    if kind in ("servidor_kill9", "corte_de_luz"):
        point = None
        if rng.random() < 0.7:
            ops, pattern = rng.choice(_POINTS)
            mode = rng.choice((Mode.KILL_BEFORE, Mode.KILL_AFTER))
            point = Rule(ops, mode, pattern, skip=rng.randint(0, 3))
        return Step(kind, wait_s, point, acuses=rng.randint(1, 8))
    if kind in ("disco_lleno_un_rato", "segunda_copia_muerta"):
        full = kind == "disco_lleno_un_rato"
        rule = Rule(
            (Op.WRITE, Op.MKDIR) if full else _ALL, Mode.FAIL, "*" if full else SECOND,
            error=errno.ENOSPC if full else errno.EIO, count=FOREVER,
        )  # fmt: skip
        return Step(kind, wait_s, rule, for_s=rng.uniform(0.2, 1.2))
    return Step(kind, wait_s, _disk_rule(kind, rng))


def _disk_rule(kind: str, rng: random.Random) -> Rule | None:
    skip, count = rng.randint(0, 3), rng.choice((1, 1, 1, 2, 5))
    done = Mode.FAIL_AFTER if rng.random() < 0.25 else Mode.FAIL
    match kind:
        case "sincronizar_falla":
            pattern = rng.choice(_FILES + _FOLDERS)
            return Rule(_SYNCS, done, pattern, errno.EIO, skip, count)
        case "escribir_falla":
            return Rule((Op.WRITE, Op.TRUNCATE), done, rng.choice(_FILES), errno.EIO, skip, count)
        case "escribir_a_medias":
            return Rule((Op.WRITE,), Mode.SHORT, rng.choice(_FILES), 0, skip, count)
        case "sin_espacio":
            return Rule((Op.WRITE,), Mode.FAIL, rng.choice(_FILES), rng.choice(_FULL), skip, count)
        case "nombre_falla":
            op = rng.choice((Op.RENAME, Op.RENAME, Op.UNLINK))
            return Rule((op,), done, "*", errno.EIO, skip, count)
        case "abrir_falla":
            return Rule((Op.OPEN,), Mode.FAIL, "*", rng.choice((errno.EMFILE, errno.EIO)), skip, count)
        case "disco_lento":
            return Rule((*_SYNCS, Op.WRITE), Mode.SLOW, "*", 0, skip, count, milliseconds=rng.randint(50, 400))
    return None
