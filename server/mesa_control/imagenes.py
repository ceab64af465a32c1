"""The images of the registros that operators hold, made anew and kept in memory only (rows G1, G5).

They are made as soon as a registro is opened, side by side in threads (Pillow gives the interpreter's lock away), so
that they are there when the browser asks. An opening belongs to one operator and one revisión; it goes with the
decision, with the release, when the hold ends, when the operator leaves, and when there is no room. Never on a disk.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.registro.testigos import anew

MAXIMO = 96 * 1024 * 1024
"""Bytes of all openings together: some 150 registros, with what is prefetched for fifty operators."""


@dataclass(slots=True)
class Apertura:
    """What one operator has open. `vence_ms`: until when they hold it; `jpegs`: by tipo, None where it is no image."""

    revision: int
    cuenta: int
    apoyo: int
    vence_ms: int
    jpegs: Mapping[str, asyncio.Task[bytes | None]]
    crudo: int = field(default=0)

    @property
    def bytes(self) -> int:
        """What it takes, or will take: an image made anew is less than thrice what the phone sent."""
        made = [task.result() for task in self.jpegs.values() if _done(task)]
        return sum(len(one) for one in made if one) if len(made) == len(self.jpegs) else 3 * self.crudo


def _done(task: asyncio.Task[bytes | None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


class EnMemoria:
    """The openings of all operators. Used on the event loop alone."""

    def __init__(self, maximo: int = MAXIMO, hacer: Callable[[bytes], bytes | None] = anew) -> None:
        self._maximo = maximo
        self._hacer = hacer
        self._open: OrderedDict[tuple[int, int], Apertura] = OrderedDict()

    def abrir(
        self, revision: int, cuenta: int, apoyo: int, vence_ms: int, imagenes: Mapping[str, bytes], now_ms: int
    ) -> Apertura:
        """Begin to make the images of a registro that was opened; what was open of the same is replaced."""
        self.depurar(now_ms)
        self._drop((revision, cuenta))
        jpegs = {tipo: asyncio.create_task(asyncio.to_thread(self._hacer, datos)) for tipo, datos in imagenes.items()}
        made = Apertura(revision, cuenta, apoyo, vence_ms, jpegs, sum(len(datos) for datos in imagenes.values()))
        self._open[revision, cuenta] = made
        while len(self._open) > 1 and self.bytes > self._maximo:
            self._drop(next(iter(self._open)))
        return made

    def de(self, revision: int, cuenta: int, now_ms: int) -> Apertura | None:
        """What this operator has open of this revisión, if it is still there and held."""
        self.depurar(now_ms)
        found = self._open.get((revision, cuenta))
        if found is not None:
            self._open.move_to_end((revision, cuenta))
        return found

    def mantener(self, revision: int, cuenta: int, vence_ms: int) -> None:
        """The hold was renewed."""
        if (found := self._open.get((revision, cuenta))) is not None:
            found.vence_ms = vence_ms

    def olvidar(self, revision: int) -> None:
        """It was decided or released."""
        for key in [key for key in self._open if key[0] == revision]:
            self._drop(key)

    def olvidar_cuenta(self, cuenta: int) -> None:
        """The operator left."""
        for key in [key for key in self._open if key[1] == cuenta]:
            self._drop(key)

    def depurar(self, now_ms: int) -> None:
        """Drop what is held no longer."""
        for key in [key for key, one in self._open.items() if one.vence_ms <= now_ms]:
            self._drop(key)

    @property
    def bytes(self) -> int:
        """What all of it takes."""
        return sum(one.bytes for one in self._open.values())

    def __len__(self) -> int:
        return len(self._open)

    def _drop(self, key: tuple[int, int]) -> None:
        if (gone := self._open.pop(key, None)) is not None:
            for task in gone.jpegs.values():
                task.cancel()
