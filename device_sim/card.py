"""The queue on a memory card, for when there is no line at all (SPEC §12; row X7).

Out: every sobre as a file. Back: acuses, each verified as one from the network is, and only then its sobre is deleted.
A refusal on a card is not signed: it is shown, and changes nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from device_sim.errors import PhoneError
from device_sim.outbox import Outbox, Queued
from sync_protocol import acuse as acuses
from sync_protocol import folio as folios
from sync_protocol import tarjeta
from sync_protocol.errors import ProtocolError
from sync_protocol.folio import Folio
from sync_protocol.queue import EstadoCola
from sync_protocol.signing import PublicKey
from sync_protocol.sobre import codigo_de_integridad
from sync_protocol.tarjeta import Rechazo


@dataclass(frozen=True, slots=True)
class Exported:
    """How many files were written, and how many were there already."""

    written: int
    already: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a card says of one of this phone's sobres. `copy_damaged`: of a damaged copy; the phone's own is whole."""

    queued: Queued
    said: Rechazo
    copy_damaged: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """What a card brought. `false`: acuses of this phone's folios that did not hold, with their code."""

    deleted: tuple[Folio, ...]
    false: tuple[tuple[Folio, str], ...]
    refusals: tuple[Refusal, ...]
    left: int


def export_sobres(outbox: Outbox, folder: Path, now_ms: int) -> Exported:
    """Write the whole queue as files. Raises PhoneError `tarjeta` when the card is full or gone; run it again then."""
    written = already = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for queued in outbox.pending():
            target = folder / tarjeta.file_name(queued.folio, queued.codigo)
            if _holds(target, queued):
                already += 1
                continue
            _write(target, outbox.read(queued.registro))
            written += 1
    except OSError as error:
        raise PhoneError(
            "tarjeta", f"No se pudo escribir en la tarjeta ({written} copiados). Nada se borró del teléfono."
        ) from error
    outbox.log(now_ms, "exportado", detail=f"{written} a la tarjeta, {already} ya estaban")
    return Exported(written, already)


def _holds(path: Path, queued: Queued) -> bool:
    """Whether that file is the whole sobre; one that was cut short by a card pulled out is written again."""
    try:
        return path.stat().st_size == queued.size and codigo_de_integridad(path.read_bytes()) == queued.codigo
    except OSError:
        return False


def _write(target: Path, content: bytes) -> None:
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def import_acuses(
    outbox: Outbox, keys: Mapping[str, PublicKey], folder: Path, *, clock_ms: Callable[[], int]
) -> Returned:
    """Take the answers of a card. What is deleted has an acuse that this phone has verified itself."""
    mine = {str(queued.folio): queued for queued in outbox.pending()}
    deleted: list[Folio] = []
    false: dict[str, tuple[Folio, str]] = {}
    for queued in list(mine.values()):
        if queued.state is EstadoCola.ACUSADO:  # the phone died between the acuse and the deletion
            outbox.delete(queued.registro, clock_ms())
            deleted.append(mine.pop(str(queued.folio)).folio)
    for path in _files(folder, tarjeta.ACUSE):
        token = _text(path, acuses.MAX_LENGTH)
        try:
            folio = folios.parse(acuses.read(token, keys).folio)
        except ProtocolError as error:
            owner = _of_this_phone(path, mine)
            if owner is not None:
                false[str(owner)] = (owner, error.code)
            continue
        found = mine.get(str(folio))
        if found is None:
            continue  # another phone's, or long deleted
        try:
            outbox.acknowledge(found.registro, token, keys)
        except ProtocolError as error:
            false[str(folio)] = (folio, error.code)
            continue
        outbox.delete(found.registro, clock_ms())
        outbox.log(clock_ms(), "borrado", registro=found.registro, detail="acuse de la tarjeta")
        deleted.append(folio)
        false.pop(str(folio), None)
        del mine[str(folio)]
    refusals = tuple(_refusals(folder, mine))
    return Returned(tuple(deleted), tuple(false.values()), refusals, len(mine))


def _of_this_phone(path: Path, mine: Mapping[str, Queued]) -> Folio | None:
    """Whose an acuse that cannot be read pretends to be, by its name."""
    found = mine.get(path.name.partition("_")[0])
    return found.folio if found else None


def _refusals(folder: Path, mine: Mapping[str, Queued]) -> list[Refusal]:
    found: dict[tuple[str, str], Refusal] = {}
    for path in _files(folder, tarjeta.RECHAZO):
        try:
            said = tarjeta.read_rechazo(_text(path, tarjeta.MAX_RECHAZO + 1).encode("utf-8", "replace"))
        except ProtocolError:
            continue
        queued = mine.get(said.folio) or mine.get(path.name.partition("_")[0])
        if queued is not None:
            damaged = said.integridad != queued.codigo.hex()
            found[str(queued.folio), said.codigo] = Refusal(queued, said, damaged)
    return list(found.values())


def _files(folder: Path, suffix: str) -> list[Path]:
    try:
        return sorted(
            path for path in folder.rglob("*") if path.name.lower().endswith(suffix) and not path.name.startswith(".")
        )
    except OSError as error:
        raise PhoneError("tarjeta", "No se puede leer la tarjeta.") from error


def _text(path: Path, limit: int) -> str:
    """A small file's text; empty when it cannot be read, as a torn one is."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1).decode("utf-8", "replace").strip()
    except OSError:
        return ""
