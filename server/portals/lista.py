"""Lists by key: which rows a page shows, and the addresses of the one before and the one after; filters stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

T = TypeVar("T")

FILAS = 50


@dataclass(frozen=True, slots=True)
class Lugar:
    """Where a page begins: rows older than `antes`, or newer than `despues`; the newest when neither is said."""

    antes: int | None
    despues: int | None

    @classmethod
    def of(cls, request: Request) -> Lugar:
        """From the address; what is no number says nothing."""
        return cls(_key(request.query_params.get("antes")), _key(request.query_params.get("despues")))


@dataclass(frozen=True, slots=True)
class Hoja(Generic[T]):
    """The rows of one page, newest first, and the addresses of its neighbours, "" where there is none."""

    filas: tuple[T, ...]
    anterior: str
    siguiente: str


def hoja(filas: list[T], keys: list[int], lugar: Lugar, path: str, filtros: Mapping[str, str]) -> Hoja[T]:
    """Cut rows that were asked for with one more than a page holds. `keys`: the key of each."""
    more = len(filas) > FILAS
    if lugar.despues is not None:
        filas, keys = filas[-FILAS:], keys[-FILAS:]
        newer, older = more, True
    else:
        filas, keys = filas[:FILAS], keys[:FILAS]
        newer, older = lugar.antes is not None, more
    kept = {name: value for name, value in filtros.items() if value}
    return Hoja(
        tuple(filas),
        f"{path}?{urlencode({**kept, 'despues': keys[0]})}" if newer and keys else "",
        f"{path}?{urlencode({**kept, 'antes': keys[-1]})}" if older and keys else "",
    )


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
