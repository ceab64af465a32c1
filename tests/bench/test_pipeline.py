"""The bench of decode rates counts what was read and what was not."""

from __future__ import annotations

import json

from bench.pipeline.cards import Photo
from bench.pipeline.lectura import OURS, Score, kinds, measure, table

PHOTOS = [
    Photo("C", "as taken", b"1", (("PDF417", b"a"),)),
    Photo("D", "as taken", b"2", (("Code128", b"b"), ("QR denso", b"c"))),
    Photo("D", "soft", b"3", (("Code128", b"d"),)),
]


def test_shares_and_ratios_are_of_what_was_there() -> None:
    ours = {b"1": {b"a"}, b"2": {b"b", b"c", b"invented"}, b"3": {b"d"}}
    plain: dict[bytes, set[bytes]] = {b"1": set(), b"2": {b"b"}, b"3": {b"z"}}
    scores, there, names = measure(PHOTOS, {OURS: ours.__getitem__, "other": plain.__getitem__})
    assert names == ["as taken", "soft"]
    assert [line.split()[:4] for line in table(scores, there, names)[2:]] == [
        ["as", "taken", "100", "33"], ["soft", "100", "0", "0"],
    ]  # fmt: skip
    lines = kinds(scores, there, names)
    assert lines[1].split() == ["PDF417", "1", "100.0", "0.0", "-"]
    assert lines[2].split() == ["Code128", "2", "100.0", "50.0", "2.00"]
    assert lines[4].split() == ["all", "4", "100.0", "25.0", "4.00"]
    assert lines[-1].endswith(f"read by {OURS}: 1")


def test_what_is_kept_of_a_reader_is_json() -> None:
    score = Score("acopio")
    score.read["sin daño", "PDF417"] += 2
    score.cards["sin daño"] += 3
    assert json.loads(json.dumps(score.data())) == {
        "reader": "acopio", "read": {"sin daño/PDF417": 2}, "false": 0, "cards": {"sin daño": 3}, "ms": {},
    }  # fmt: skip
