"""What a load came to: ticks while it runs, an outcome for each phone, and the figures that follow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from device_sim.load.plan import LoadPlan


class Tick(msgspec.Struct):
    """One process of phones, so far. Everything counts up but `in_flight`, `sending` and `told_to_wait`.

    `deliveries` and `answers` are of this tick alone: (seconds after the start, seconds it took). A delivery lasts from
    a sobre's first byte to its verified acuse, cuts and waits included; an answer from a body's last byte to its
    reply, round trip included.
    """

    t: float = 0.0
    acuses: int = 0
    payload_bytes: int = 0
    wire_bytes: int = 0
    sessions: int = 0
    requests: int = 0
    refused: int = 0
    """Answers 503, 507 and 429."""
    honoured: int = 0
    """Returns that came no sooner than Retry-After."""
    too_soon: int = 0
    retry_after_s: float = 0.0
    cuts: int = 0
    resumed: int = 0
    phones_done: int = 0
    in_flight: int = 0
    sending: int = 0
    told_to_wait: int = 0
    deliveries: list[tuple[float, float]] = msgspec.field(default_factory=list)
    answers: list[tuple[float, float]] = msgspec.field(default_factory=list)


class PhoneOutcome(msgspec.Struct):
    """How one phone ended. `checked`: folios whose acuse a new session gave again, byte for byte as in the ledger."""

    number: int
    arrived_s: float
    ended_s: float | None
    captured: int
    delivered: int
    checked: int
    differing: int
    cuts: int
    resumed: int
    stopped: str = ""


class ServerSample(msgspec.Struct):
    """The server at one instant. None: it did not say."""

    t: float
    cpu_s: float | None = None
    rss_mb: float | None = None
    taken: float | None = None
    active: float | None = None
    waiting: float | None = None
    outside: float | None = None
    longest_s: float | None = None
    refused: dict[str, float] = msgspec.field(default_factory=dict)


class Event(msgspec.Struct, frozen=True):
    """Something that a reader of the graphs must know: the end of the periodo, a kill."""

    t: float
    text: str


class LoadResult(msgspec.Struct):
    """Everything that the report is made of."""

    plan: LoadPlan
    line: str
    began: str
    machine: str
    seconds: float
    ticks: list[list[Tick]]
    """For each process."""
    phones: list[PhoneOutcome]
    server: list[ServerSample]
    events: list[Event]
    own_server: bool
    stored: int | None = None
    """Sobres in the diario of our own server, counted by `verify` after the run; its registros are as many."""
    trouble: str = ""

    # -- is all well ------------------------------------------------------------------------------------------------

    @property
    def captured(self) -> int:
        """Sobres that were sealed."""
        return sum(phone.captured for phone in self.phones)

    @property
    def delivered(self) -> int:
        """Sobres that a phone deleted, each with an acuse that it verified."""
        return sum(phone.delivered for phone in self.phones)

    @property
    def lost(self) -> int:
        """Deleted from a phone, and the server does not give the same acuse again. Must be 0."""
        return sum(phone.delivered - phone.checked for phone in self.phones)

    @property
    def twice(self) -> int | None:
        """Sobres in the diario beyond those delivered; None when nobody counted. Must be 0 when all were delivered."""
        return None if self.stored is None else self.stored - self.delivered

    @property
    def too_soon(self) -> int:
        """Returns before their Retry-After."""
        return sum(each[-1].too_soon for each in self.ticks if each)

    @property
    def complete(self) -> bool:
        """Everything delivered, nothing lost, nothing twice, every Retry-After honoured."""
        return (
            not self.trouble
            and self.captured == self.delivered > 0
            and not self.lost
            and not self.twice
            and not self.too_soon
        )

    # -- figures ----------------------------------------------------------------------------------------------------

    def total(self, name: str) -> float:
        """The last value of a counter, over all processes."""
        return float(sum(getattr(each[-1], name) for each in self.ticks if each))

    def series(self, name: str, width: float) -> list[tuple[float, float]]:
        """A counter's increase a second, in steps of `width` seconds."""
        steps = [0.0] * (int(self.seconds / width) + 1)
        for each in self.ticks:
            for before, after in pairwise([Tick(), *each]):
                steps[min(int(after.t / width), len(steps) - 1)] += getattr(after, name) - getattr(before, name)
        return [(step * width, value / width) for step, value in enumerate(steps)]

    def level(self, name: str, width: float) -> list[tuple[float, float]]:
        """A level, all processes together: the last value of each step."""
        count = int(self.seconds / width) + 1
        found = [0.0] * count
        for each in self.ticks:
            last, at = 0.0, 0
            for step in range(count):
                while at < len(each) and each[at].t < (step + 1) * width:
                    last = getattr(each[at], name)
                    at += 1
                found[step] += last
        return [(step * width, value) for step, value in enumerate(found)]

    def observed(self, name: str) -> list[tuple[float, float]]:
        """All `deliveries` or `answers`."""
        return [one for each in self.ticks for tick in each for one in getattr(tick, name)]

    def percentile_series(self, name: str, share: float, width: float) -> list[tuple[float, float]]:
        """A percentile of what ended in each step; steps in which nothing did are left out."""
        steps: dict[int, list[float]] = {}
        for at, seconds in self.observed(name):
            steps.setdefault(int(at / width), []).append(seconds)
        return [(step * width, percentile(values, share)) for step, values in sorted(steps.items())]

    def cpu_series(self) -> list[tuple[float, float]]:
        """Processors in use by the server, between samples."""
        known = [one for one in self.server if one.cpu_s is not None]
        return [
            (after.t, max(0.0, (after.cpu_s or 0) - (before.cpu_s or 0)) / (after.t - before.t))
            for before, after in pairwise(known)
            if after.t > before.t
        ]

    def server_series(self, name: str) -> list[tuple[float, float]]:
        """A level that the server told."""
        return [(one.t, value) for one in self.server if (value := getattr(one, name)) is not None]

    @property
    def durations(self) -> list[float]:
        """For each phone that ended: seconds from its arrival to its last acuse."""
        return sorted(phone.ended_s - phone.arrived_s for phone in self.phones if phone.ended_s is not None)

    @property
    def fairness(self) -> float:
        """Jain's index over the phones' pace (sobres delivered a second): 1 when all were served alike."""
        return jain(
            [phone.delivered / max(0.001, (phone.ended_s or self.seconds) - phone.arrived_s) for phone in self.phones]
        )

    def summary(self) -> dict[str, float | int | str | bool | None]:
        """The figures that go into the JSON and at the head of the report."""
        deliveries = [seconds for _, seconds in self.observed("deliveries")]
        answers = [seconds for _, seconds in self.observed("answers")]
        durations = self.durations
        cpu = self.cpu_series()
        rss = [value for _, value in self.server_series("rss_mb")]
        sending = max((t for t, value in self.series("acuses", 1.0) if value), default=0.0)
        return {
            "completo": self.complete,
            "sobres": self.captured,
            "acuses": self.delivered,
            "perdidos": self.lost,
            "repetidos": self.twice,
            "segundos": round(self.seconds, 1),
            "sobres_por_segundo": round(self.delivered / max(0.001, sending), 2),
            "sobres_por_segundo_max": round(max((value for _, value in self.series("acuses", 5.0)), default=0), 2),
            "megabytes": round(self.total("payload_bytes") / 1e6, 1),
            "megabytes_linea": round(self.total("wire_bytes") / 1e6, 1),
            "entrega_p50_s": round(percentile(deliveries, 0.50), 3),
            "entrega_p95_s": round(percentile(deliveries, 0.95), 3),
            "entrega_p99_s": round(percentile(deliveries, 0.99), 3),
            "respuesta_p50_s": round(percentile(answers, 0.50), 3),
            "respuesta_p95_s": round(percentile(answers, 0.95), 3),
            "respuesta_p99_s": round(percentile(answers, 0.99), 3),
            "sesiones": int(self.total("sessions")),
            "solicitudes": int(self.total("requests")),
            "solicitudes_por_segundo_max": round(max((value for _, value in self.series("requests", 1.0)), default=0)),
            "rechazos_503": int(self.total("refused")),
            "retry_after_promedio_s": round(self.total("retry_after_s") / max(1, self.total("refused")), 2),
            "retry_after_respetados": int(self.total("honoured")),
            "retry_after_no_respetados": self.too_soon,
            "cortes": int(self.total("cuts")),
            "reanudados": int(self.total("resumed")),
            "equidad_jain": round(self.fairness, 4),
            "telefono_p10_s": round(percentile(durations, 0.10), 1),
            "telefono_p50_s": round(percentile(durations, 0.50), 1),
            "telefono_p90_s": round(percentile(durations, 0.90), 1),
            "telefono_ultimo_s": round(max(durations, default=0.0), 1),
            "servidor_cpu_promedio": round(sum(v for _, v in cpu) / len(cpu), 2) if cpu else None,
            "servidor_cpu_max": round(max((v for _, v in cpu), default=0), 2) if cpu else None,
            "servidor_memoria_max_mb": round(max(rss), 1) if rss else None,
            "problema": self.trouble,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies (nearest rank); 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def jain(values: Sequence[float]) -> float:
    """Jain's fairness index: 1 when all are equal, 1/n when one has all; 1 of nothing."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0
