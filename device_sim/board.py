"""What a person sees while phones capture and send: a bar for each on a terminal, lines of text elsewhere.

Folios and figures only, never a citizen. Texts that came from the server are shown without their control characters.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self, assert_never

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from device_sim.events import (
    AcuseVerified,
    Deleted,
    Event,
    LineCut,
    Sent,
    SessionOpened,
    SetAside,
    Waiting,
)
from device_sim.outbox import Queued
from sync_protocol.errors import CATALOGUE

_STAGES = {
    "alta": "Altas de los teléfonos",
    "captura": "Captura sin red: fotos, lectura de códigos y sellado",
    "envio": "Envío por la línea",
}
_REASONS = {
    "sin_linea": "sin línea",
    "corte": "se cortó la línea",
    "silencio": "el servidor no contesta",
    "no_es_el_servidor": "contestó otra página, no el servidor: ¿la red pide aceptar condiciones?",
    "sin_acuse_aun": "el servidor lo tiene; falta el acuse",
    "sin_avance": "sin avance",
}
_CUTS_A_LINE = 5


def say(code: str) -> str:
    """A code as a person reads it."""
    entry = CATALOGUE.get(code)
    return entry.text if entry else _REASONS.get(code, code)


def printable(text: str) -> str:
    """Text from elsewhere, safe for a terminal."""
    return escape("".join(c if c.isprintable() else " " for c in text))


class _Phone:
    """How far one phone is, in sobres and in bytes."""

    def __init__(self, queue: tuple[Queued, ...]) -> None:
        self.total = len(queue)
        self.bytes = sum(queued.size for queued in queue)
        self.held: dict[int, int] = {}
        self.verified = self.cuts = 0

    @property
    def sent(self) -> int:
        return sum(self.held.values())


class Board:
    """Shows a fleet, or one phone. Enter it, and tell it what happens (`fleet.Watch`)."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._phones: dict[str, _Phone] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._close()

    def stage(self, name: str) -> None:
        """A new stage: new bars under a heading."""
        self._close()
        self._console.print(f"[bold]{_STAGES.get(name, name)}[/]")
        if self._console.is_terminal and name != "alta":
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=32),
                TaskProgressColumn(),
                TextColumn("{task.fields[said]}"),
                console=self._console,
            )
            self._bars.start()

    def captured(self, phone: str, count: int, total: int) -> None:
        """One more in the queue."""
        self._show(phone, count, total, f"{count} de {total} en la cola")
        if self._bars is None and count == total:
            self._line(phone, f"{total} sobres en la cola, sellados")

    def sending(self, phone: str, queue: tuple[Queued, ...]) -> None:
        """A phone begins."""
        state = self._phones[phone] = _Phone(queue)
        self._show(phone, 0, state.bytes, f"0 de {state.total} acuses")

    def event(self, phone: str, event: Event) -> None:
        """What happened to a phone that is sending."""
        state = self._phones.setdefault(phone, _Phone(()))
        match event:
            case Sent():
                state.held[event.folio.registro] = event.held
            case Deleted():
                state.held[event.folio.registro] = event.size
            case AcuseVerified():
                state.verified += 1
                if state.verified == state.total:
                    self._line(phone, f"{state.verified} acuses verificados; {state.cuts} cortes")
            case LineCut():
                state.cuts += 1
                if state.cuts % _CUTS_A_LINE == 1:
                    self._line(phone, f"{_REASONS.get(event.reason, event.reason)} (van {state.cuts}); reintenta")
            case SetAside():
                self._line(phone, f"{event.folio} se queda en el teléfono: {printable(say(event.code))}", always=True)
            case SessionOpened():
                for aviso in event.avisos:
                    self._line(phone, f"aviso: {printable(aviso.texto)}", always=True)
            case Waiting():
                pass
            case _:
                assert_never(event)
        cuts = f", {state.cuts} cortes" if state.cuts else ""
        self._show(phone, state.sent, state.bytes, f"{state.verified} de {state.total} acuses{cuts}")

    def _show(self, phone: str, done: int, total: int, said: str) -> None:
        if self._bars is None:
            return
        if phone not in self._tasks:
            self._tasks[phone] = self._bars.add_task(phone, total=total, said=said)
        self._bars.update(self._tasks[phone], completed=min(done, total), total=total, said=said)

    def _line(self, phone: str, text: str, *, always: bool = False) -> None:
        """A line of its own: on a terminal only what a person must read, for the bar shows the rest."""
        if self._bars is None or always:
            self._console.print(f"  {phone}: {text}", highlight=False)

    def _close(self) -> None:
        if self._bars is not None:
            self._bars.stop()
        self._bars = None
        self._tasks.clear()
