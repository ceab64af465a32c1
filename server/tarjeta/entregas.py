"""Deliveries: what was uploaded in place of a card, its import, and the answers to put on it (row X7).

A delivery is a folder below the data. Its sobres stay until each has its answer there, so that a restart, a full disk
or a second copy that is away cost nothing but asking again; the same sobre always gets the same acuse.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets
import shutil
import zipfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server.clock import Clock
from server.tarjeta.archivos import Archivo, Encontrado, Respuestas, Tarjeta
from server.tarjeta.canal import Receptor
from server.tarjeta.importar import Importador, Resultado
from server.tarjeta.subida import Charola, Clase

log = logging.getLogger("acopio.tarjeta")

KEPT_MS = 7 * 24 * 3600 * 1000
ABANDONED_MS = 30 * 24 * 3600 * 1000
WAIT_S = 20.0
"""How long an import waits for a second copy that does not move; the page asks again later."""
_ID = re.compile(r"[0-9]{13}-[0-9a-f]{8}")
_RECORD, _SOBRES, _ANSWERS, _ZIP = "entrega.json", "sobres", "respuestas", "acuses.zip"


class Fila(msgspec.Struct, omit_defaults=True):
    """One file. `suerte`: of server.tarjeta.importar, or pendiente, ajeno, respuesta, ilegible. `codigo`: why not."""

    nombre: str
    suerte: str = "pendiente"
    folio: str = ""
    codigo: str = ""


class Ficha(msgspec.Struct):
    """What is known of a delivery. `cortada`: why its last import ended before its time, "" when it did not."""

    id: str
    creada_ms: int
    cuenta: int
    filas: list[Fila]
    avisos: list[str]
    cortada: str = ""
    importada_ms: int | None = None

    @property
    def cuentas(self) -> Counter[str]:
        """How many of each `suerte`."""
        return Counter(fila.suerte for fila in self.filas)

    @property
    def por_pedir(self) -> int:
        """Sobres that have no answer yet, though another import may give one."""
        return sum(self.cuentas[one] for one in ("pendiente", "sin_acuse", "no_tomado"))


@dataclass(frozen=True, slots=True)
class Avance:
    """An import that is under way."""

    hechos: int
    total: int


Anotar = Callable[[Ficha], Awaitable[None]]
"""Puts a finished import on the record."""


class Entregas:
    """All deliveries of this box. Belongs to the event loop."""

    def __init__(self, folder: Path, make: Callable[[], Receptor], clock: Clock, *, espera_s: float = WAIT_S) -> None:
        """`make` gives each import its receptor."""
        self._folder = folder
        self._make = make
        self._clock = clock
        self._espera_s = espera_s
        self._turn = asyncio.Lock()
        self._under_way: dict[str, Avance] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, cuenta: int) -> tuple[Ficha, Charola]:
        """A new delivery of this account and where its files are laid. Raises OSError."""
        now = self._clock()
        ficha = Ficha(f"{now:013d}-{secrets.token_hex(4)}", now, cuenta, [], [])
        place = self._folder / ficha.id / _SOBRES
        place.mkdir(parents=True, mode=0o700)
        return ficha, Charola(place)

    def laid(self, ficha: Ficha, charola: Charola) -> None:
        """All of it has arrived (or all that will): from now on a restart finds it. Raises OSError."""
        same = {Clase.SOBRE: "pendiente"}
        ficha.filas = [Fila(one.nombre, same.get(one.clase, one.clase.value)) for one in charola.recibidos]
        ficha.avisos = list(charola.avisos)
        self._save(ficha)

    def forget(self, id_: str) -> bool:
        """Remove a delivery that is not being imported; says whether it was. What was taken of it is in the diario."""
        if id_ in self._under_way or self.get(id_) is None:
            return False
        shutil.rmtree(self._folder / id_, ignore_errors=True)
        return True

    def drop(self, ficha: Ficha) -> None:
        """A delivery that never came to be."""
        shutil.rmtree(self._folder / ficha.id, ignore_errors=True)

    def get(self, id_: str) -> Ficha | None:
        """A delivery; None when there is no such."""
        if not _ID.fullmatch(id_):
            return None
        try:
            return msgspec.json.decode((self._folder / id_ / _RECORD).read_bytes(), type=Ficha)
        except (OSError, msgspec.MsgspecError):
            return None

    def recent(self, limit: int = 20) -> list[Ficha]:
        """The newest deliveries, newest first."""
        try:
            names = sorted(os.listdir(self._folder), reverse=True)  # noqa: PTH208 -- names are all that is needed
        except FileNotFoundError:
            return []
        found = (self.get(name) for name in names[: 2 * limit])
        return [one for one in found if one is not None][:limit]

    def answers(self, id_: str) -> Path | None:
        """The answers as one file, with the card's own paths; None when there are none yet."""
        path = self._folder / id_ / _ZIP
        return path if _ID.fullmatch(id_) and path.is_file() else None

    def under_way(self, id_: str) -> Avance | None:
        """How far its import is; None when none is under way."""
        return self._under_way.get(id_)

    def start(self, ficha: Ficha, record: Anotar) -> bool:
        """Import what still has no answer; says whether one was begun. One at a time over all deliveries."""
        if ficha.id in self._under_way or not ficha.por_pedir:
            return False
        self._under_way[ficha.id] = Avance(0, ficha.por_pedir)
        task = asyncio.create_task(self._run(ficha, record))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def finished(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """End: what is under way stays to be asked for again."""
        for task in self._tasks:
            task.cancel()
        await self.finished()

    def prune(self) -> None:
        """Remove old deliveries: those with every answer after a week, the others after a month."""
        now = self._clock()
        for ficha in self.recent(10_000):
            age = now - ficha.creada_ms
            if age > (ABANDONED_MS if ficha.por_pedir else KEPT_MS):
                self.forget(ficha.id)
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            # An upload that was cut by a restart has no record and never will.
            begun = int(path.name.partition("-")[0]) if _ID.fullmatch(path.name) else now
            if not (path / _RECORD).exists() and now - begun > KEPT_MS:
                shutil.rmtree(path, ignore_errors=True)

    async def _run(self, ficha: Ficha, record: Anotar) -> None:
        try:
            async with self._turn:
                await self._import(ficha)
            await record(ficha)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # nobody waits for the task: the page must say that it ended
            log.exception("importación de una entrega interrumpida")
            ficha.cortada = "sin_espacio" if isinstance(error, OSError) else "interno"
            await asyncio.to_thread(self._save_if_possible, ficha)
        finally:
            self._under_way.pop(ficha.id, None)

    async def _import(self, ficha: Ficha) -> None:
        place = self._folder / ficha.id
        by_name = {fila.nombre: fila for fila in ficha.filas}
        asked = [fila for fila in ficha.filas if fila.suerte in ("pendiente", "sin_acuse", "no_tomado")]
        files = tuple(Archivo(Path(fila.nombre), 0) for fila in sorted(asked, key=lambda fila: fila.nombre))
        done = 0

        def count(_: Resultado) -> None:
            nonlocal done
            done += 1
            self._under_way[ficha.id] = Avance(done, len(files))

        answers = place / _ANSWERS
        answers.mkdir(exist_ok=True)
        run = Importador(
            Tarjeta.at(place / _SOBRES), Respuestas(answers), self._make(), espera_s=self._espera_s, on_result=count
        )
        came_to = await run.run(Encontrado(files, 0, ()))
        for one in came_to.resultados:
            fila = by_name[one.archivo.relativo.as_posix()]
            # What this very delivery had brought before is not somebody else's repetition.
            again = fila.suerte == "sin_acuse" and one.suerte == "repetido"
            fila.suerte, fila.folio, fila.codigo = "nuevo" if again else str(one.suerte), one.folio, one.codigo
            if not one.escrita:
                fila.suerte, fila.codigo = "no_tomado", "sin_espacio"
        ficha.cortada, ficha.importada_ms = came_to.cortada, self._clock()
        await asyncio.to_thread(self._close, ficha)

    def _close(self, ficha: Ficha) -> None:
        """The answers in one file, the record, and only then the sobres that have theirs are let go."""
        place = self._folder / ficha.id
        _pack(place / _ANSWERS, place / _ZIP)
        self._save(ficha)
        for fila in ficha.filas:
            if fila.suerte in ("nuevo", "repetido", "rechazado"):
                (place / _SOBRES / fila.nombre).unlink(missing_ok=True)

    def _save_if_possible(self, ficha: Ficha) -> None:
        try:
            self._save(ficha)
        except OSError as error:
            log.warning("entrega sin anotar", extra={"datos": {"motivo": type(error).__name__}})

    def _save(self, ficha: Ficha) -> None:
        _replace(self._folder / ficha.id / _RECORD, msgspec.json.encode(ficha))


def _pack(folder: Path, target: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".acopio-"))
    if not files:
        return
    temporary = target.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder).as_posix())
    temporary.rename(target)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
