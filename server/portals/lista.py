"""Lists by key: `antes` and `despues` in the address say which rows a page shows; the filters stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from server.store.por_clave import PorClave

T = TypeVar("T")

FILAS = 50


@dataclass(frozen=True, slots=True)
class Hoja(Generic[T]):
    """The rows of one page, newest first, and the addresses of its neighbours, "" where there is none."""

    filas: tuple[T, ...]
    anterior: str
    siguiente: str


def place(request: Request) -> PorClave:
    """Where the page begins. What is no number says nothing."""
    return PorClave(_number(request.query_params.get("antes")), _number(request.query_params.get("despues")))


def turns(
    path: str, filters: Mapping[str, str], first: int | None, last: int | None, *, newer: bool, older: bool
) -> tuple[str, str]:
    """Addresses of the newer and the older page, "" where there is none. `first`, `last`: keys of the rows shown."""
    kept = {name: value for name, value in filters.items() if value}
    anterior = f"{path}?{urlencode({**kept, 'despues': str(first)})}" if newer and first is not None else ""
    siguiente = f"{path}?{urlencode({**kept, 'antes': str(last)})}" if older and last is not None else ""
    return anterior, siguiente


def hoja(filas: list[T], keys: list[int], at: PorClave, path: str, filtros: Mapping[str, str]) -> Hoja[T]:
    """Cut rows that were asked for with one more than a page holds. `keys`: the key of each."""
    more = len(filas) > FILAS
    back = at.despues is not None
    kept = slice(-FILAS, None) if back else slice(FILAS)
    filas, keys = filas[kept], keys[kept]
    newer, older = (more, True) if back else (at.antes is not None, more)
    first, last = (keys[0], keys[-1]) if keys else (None, None)
    return Hoja(tuple(filas), *turns(path, filtros, first, last, newer=newer, older=older))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None
