"""Forged requests: what changes something must come from a page of this site.

Browsers say so themselves: `Sec-Fetch-Site` over TLS and on localhost, `Origin` with every POST everywhere. One that
says neither is refused: no browser of the last years is that silent. Tokens in forms would add nothing to this.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def from_this_site(method: str, headers: Mapping[str, str], url_publica: str) -> bool:
    """Whether a request may change something. `headers` have lower-case names.

    Behind a proxy the Host may be its own; then the Origin is compared with the public address.
    """
    if method in SAFE_METHODS:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    if "://" not in origin:
        return False
    return urlsplit(origin).netloc in (headers.get("host", ""), urlsplit(url_publica).netloc)
