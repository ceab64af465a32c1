"""From a template of `web/templates/print` and plain values to the bytes of a PDF (typst, PDF/UA-1).

Values reach a template as JSON, never as source: what a person typed is text and nothing else. The time and memory of a
compilation follow from the size of the values alone, and that is bounded here; a thread cannot be ended from outside,
so the time limit is on how long somebody waits.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import typst

ROOT = Path(__file__).resolve().parents[2]
"""What a template may read: `/web/templates/print`, and `/docs/img` for the manuals."""
TEMPLATES = ROOT / "web" / "templates" / "print"

LIMIT_S = 20.0
"""A page takes some 20 ms, the longest manual a second; whoever waits longer is told so."""
LIMIT_BYTES = 24_000_000
"""Of values as JSON. Four photographs fit (a byte of an image is up to four there)."""
LIMIT_TEXT = 20_000
"""Characters of one value; what a form takes is far below."""

# The printable characters that the fonts in typst's wheel have, as far as they are of use here; a PDF/UA with a
# character that no font shows is refused, so others become a square. A test compiles every one of them.
KNOWN = (
    (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x38E, 0x3A1), (0x3A3, 0x482), (0x48A, 0x4FF), (0x1E00, 0x1F15),
    (0x2010, 0x2027), (0x2030, 0x2040), (0x2044, 0x2052), (0x2054, 0x205E), (0x20A0, 0x20BF), (0x2100, 0x211E),
    (0x2153, 0x2184), (0x2190, 0x22FF), (0x25A0, 0x25FF), (0x2713, 0x2717), (0xA78B, 0xA78C),
)  # fmt: skip
UNKNOWN = "□"
LONG_WORD = 30

WAITING = 40
"""Documents that may wait for their turn; past it whoever asks is told at once, and the rest of the box stays quick."""

_compiler_lock = threading.Lock()
# A thread of their own: documents that wait must not take the threads in which phones' sobres are written.
_thread = ThreadPoolExecutor(1, thread_name_prefix="documentos")
_turns = threading.BoundedSemaphore(WAITING)


class DocumentoError(Exception):
    """A document could not be made. The message is for the log: no value of the document is in it.

    `pasajero`: the box is busy with other documents; the same may do later.
    """

    def __init__(self, motivo: str, *, pasajero: bool = False) -> None:
        super().__init__(motivo)
        self.pasajero = pasajero


def texto(valor: str) -> str:
    """What may be printed of a value: composed, without controls, in characters that the fonts have.

    A word too long for a line can be broken anywhere, by spaces of no width that nobody sees.
    """
    composed = unicodedata.normalize("NFC", valor[:LIMIT_TEXT].replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(_printable(character) for character in composed)
    return re.sub(rf"[^\s-]{{{LONG_WORD},}}", lambda word: "\u200b".join(word[0]), kept)


def _printable(character: str) -> str:
    if character in "\n\t":
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return ""
    code = ord(character)
    return character if any(first <= code <= last for first, last in KNOWN) else UNKNOWN


def parrafos(valor: str) -> list[list[str]]:
    """A text that keeps its line breaks, as paragraphs of lines."""
    blocks = re.split(r"\n\s*\n", texto(valor).strip())
    return [[line.strip() for line in block.split("\n")] for block in blocks if block.strip()]


@cache
def _compiler() -> typst.Compiler:
    """One for the process: it holds the fonts. Only the wheel's own, so that every box makes the same document."""
    return typst.Compiler(root=str(ROOT), ignore_system_fonts=True)


def compilar(plantilla: str, datos: dict[str, Any]) -> bytes:
    """The PDF. `datos`: what JSON can hold, texts already through `texto`, images as lists of their bytes.

    Raises DocumentoError.
    """
    made = _compile(plantilla, datos, formato="pdf")
    assert isinstance(made, bytes)
    return made


def imagenes(plantilla: str, datos: dict[str, Any], ppi: float = 72.0) -> list[bytes]:
    """The same document as PNG, a picture a page: for whoever looks at it, and for tests. Raises DocumentoError."""
    made = _compile(plantilla, datos, formato="png", ppi=ppi)
    return [made] if isinstance(made, bytes) else made


def _compile(plantilla: str, datos: dict[str, Any], **how: Any) -> bytes | list[bytes]:
    values = json.dumps(datos, ensure_ascii=False)
    if len(values) > LIMIT_BYTES:
        raise DocumentoError(f"{plantilla}: demasiado grande")
    if not _compiler_lock.acquire(timeout=LIMIT_S):
        raise DocumentoError(f"{plantilla}: otro documento no termina", pasajero=True)
    try:
        made = _compiler().compile(
            input=str(TEMPLATES / plantilla),
            format=how["formato"],
            ppi=how.get("ppi"),
            sys_inputs={"datos": values},
            pdf_standards=["ua-1"] if how["formato"] == "pdf" else [],
        )
    except typst.TypstError as error:
        # The message may quote the text that failed, which is somebody's.
        raise DocumentoError(f"{plantilla}: {re.sub(r'`.*`', '…', str(error), flags=re.DOTALL)}") from None
    finally:
        _compiler_lock.release()
    if made is None:
        raise DocumentoError(f"{plantilla}: nada se produjo")
    return made


async def hacer(fabrica: Callable[[], bytes], limite_s: float = LIMIT_S) -> bytes:
    """A document made outside the event loop. Raises DocumentoError, also when it takes longer than `limite_s`.

    One whose turn has not come when the time is over, or whose asker has gone, is not made any more.
    """
    if not _turns.acquire(blocking=False):
        raise DocumentoError("hay demasiados documentos en espera", pasajero=True)
    made = _thread.submit(fabrica)
    made.add_done_callback(lambda _: _turns.release())
    try:
        return await asyncio.wait_for(asyncio.wrap_future(made), limite_s)
    except TimeoutError:
        raise DocumentoError("el documento tarda demasiado", pasajero=True) from None
