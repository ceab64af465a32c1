"""The pages that the browser's test walks are all there are: e2e/paginas.py against the table of routes."""

from __future__ import annotations

from unittest.mock import Mock

from starlette.routing import Route

from e2e.paginas import ELSEWHERE, FILES, PAGES
from server.intake.uploads import PREFIX
from server.routes import routes

FOR_PHONES = (PREFIX, "/sync/", "/dispositivos/")


def test_every_page_is_looked_at_or_says_why_not() -> None:
    table = routes(Mock(), Mock(), Mock(), Mock())
    gets = [one.path for one in table if isinstance(one, Route) and "GET" in (one.methods or ("GET",))]
    gets = [path for path in gets if not path.startswith(FOR_PHONES)]
    assert sorted(set(gets)) == sorted({*PAGES, *FILES, *ELSEWHERE})
    assert not set(PAGES) & FILES
    assert not set(ELSEWHERE) & ({*PAGES} | FILES)
