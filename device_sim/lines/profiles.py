"""How lines are bad: each profile says what happens to bytes, never to a protocol, but for the two middle boxes.

Rates and delays are those that phones in the street were seen to have. `acopio sim line`, the sending commands and
`bench/weak_line` take the same profiles, so that what was measured is what can be tried by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

KBIT = 125
"""Bytes a second of one kbit/s."""


@dataclass(frozen=True, slots=True)
class LineProfile:
    """How bad a line is. Bounds are drawn between, by seed; None: it never happens.

    What cuts: `cut_every` bytes, `cut_seconds` of the clock. A cut by bytes is heard at both ends, but for the share
    `lost_replies` that waits for the server's next answer and loses it, and the share `silences` that leaves both
    ends connected while nothing gets through. A cut by the clock is what a phone lives: its system tells it at once,
    the server hears nothing, what was on its way is lost, and for `away_s` there is no line at all.

    What slows: `bytes_per_s` each way, `delay_s` one way, `loss` of packets (a proxy has none, and delays instead),
    `queue` bytes that wait before the narrow place.
    """

    about: str = ""
    cut_every: tuple[int, int] | None = None
    cut_seconds: tuple[float, float] | None = None
    away_s: float = 0.0
    lost_replies: float = 0.0
    silences: float = 0.0
    delay_s: tuple[float, float] = (0.0, 0.0)
    bytes_per_s: int | None = None
    loss: float = 0.0
    queue: int = 32 * 1024
    dies_after: tuple[int, int] | None = None
    """The phone itself is killed after so many bytes of its own."""
    portal_s: float | None = None
    """For so long a captive portal answers every request with its page."""
    body_limit: int | None = None
    """A proxy answers 413 in HTML once a body is longer, and the server sees nothing of it."""
    forgets_s: float | None = None
    """A NAT forgets a flow that was idle for so long: both ends stay connected, and nothing gets through."""


_CORTES = LineProfile(delay_s=(0.1, 0.1), bytes_per_s=256 * KBIT, away_s=1.0)

PROFILES: dict[str, LineProfile] = {
    "buena": LineProfile("sin fallas"),
    "edge": LineProfile(
        "64 kbit/s, ida y vuelta de 800 ms, 3 % de pérdida", delay_s=(0.4, 0.4), bytes_per_s=64 * KBIT, loss=0.03
    ),
    "3g": LineProfile(
        "1 Mbit/s, ida y vuelta de 300 ms, 1 % de pérdida", delay_s=(0.15, 0.15), bytes_per_s=1000 * KBIT, loss=0.01
    ),
    "cortes": replace(_CORTES, about="256 kbit/s que se cortan al azar cada 5 a 35 s", cut_seconds=(5.0, 35.0)),
    "cortes6": replace(_CORTES, about="256 kbit/s que se cortan cada 6 s", cut_seconds=(6.0, 6.0)),
    "telefono-muere": LineProfile(
        "el teléfono muere cada 200 a 600 KB y vuelve a empezar", bytes_per_s=2000 * KBIT, dies_after=(200_000, 600_000)
    ),
    "portal-cautivo": LineProfile("un portal cautivo contesta HTML los primeros 20 s", portal_s=20.0),
    "proxy-1mb": LineProfile("un proxy que no deja pasar cuerpos de más de 1 MB", body_limit=1_000_000),
    "nat": LineProfile("un NAT que olvida en silencio los flujos quietos por 5 s", forgets_s=5.0),
    "demo": LineProfile(
        "se corta cada 150 a 400 KB, a veces en silencio",
        cut_every=(150_000, 400_000),
        lost_replies=0.3,
        silences=0.05,
        delay_s=(0.005, 0.04),
        bytes_per_s=700_000,
    ),
    "lenta": LineProfile("lenta y larga", delay_s=(0.2, 0.4), bytes_per_s=32_000),
    "muda": LineProfile("calla cada 200 a 500 KB", cut_every=(200_000, 500_000), silences=1.0),
}
