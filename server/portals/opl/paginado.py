"""Pages by key in an address: `antes` and `despues` say from which row on; the filters stay."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request

from server.store.por_clave import PorClave


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


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None
