"""Every broken promise is found, and a schedule is its seed's: a bench that cannot fail proves nothing."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import msgspec
import pytest

from server.diario.cadena import Diario
from sync_protocol import acuse as acuses
from sync_protocol.folio import Folio
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey
from tests.device_sim.sobres import fill
from torture import check, plan, report
from torture.disk_shim import Mode
from torture.episode import Outcome
from torture.line import Answer
from torture.model import Finding, LoteReader, TornLoteError, Witness, promises_kept
from torture.phones import Config, PhoneConfig
from torture.run import Result

KEY = PrivateKey.generate()
KEYS = {KEY.public.thumbprint: KEY.public}


def acuse(registro: int = 1, *, codigo: str = "ab" * 32, recibido: str = "2026-11-21T18:20:11.123Z") -> str:
    folio = str(Folio(1, 1, 1, registro))
    return acuses.sign(
        acuses.Acuse(iss="I", iat=1, folio=folio, tipo="apoyo", codigo=codigo, tam=10, recibido=recibido), KEY
    )


def answer(token: str) -> Answer:
    return Answer("PATCH", "/sync/subidas/x", 204, {"acopio-acuse": token}, b"", b"")


def kinds(findings: list[Finding]) -> set[str]:
    return {one.kind for one in findings}


def test_the_witness_hears_acuses_wherever_they_are_told_and_notices_a_second_one() -> None:
    witness = Witness(KEYS)
    witness(answer(acuse()))
    body = msgspec.json.encode({"sobres": [{"acuse": acuse()}, {"acuse": ""}, {"acuse": acuse(2)}]})
    witness(Answer("POST", "/sync/sesiones", 200, {}, body, b""))
    witness(Answer("GET", "/sync/acuses/x", 200, {}, acuse(3).encode(), b""))
    assert (len(witness.given), witness.told, witness.findings) == (3, 4, [])
    witness(answer(acuse(recibido="2026-11-21T18:20:11.124Z")))
    assert kinds(witness.findings) == {"dos_acuses"}
    witness(answer(acuse()[:-4] + "AAAA"))
    assert "acuse_ilegible" in kinds(witness.findings)


def diario(folder: Path, *lotes: list[tuple[str, bytes, str]]) -> Path:
    made = Diario(folder)
    made.prepare()
    for number, sobres in enumerate(lotes, 1):
        lote = made.begin("2026-11-21T18:20:11.123Z")
        for folio, raw, token in sobres:
            digest = hashlib.sha256(raw).digest()
            lote.add("sobre", {"folio": folio}, sobre=(f"{folio}.sobre", raw, digest),
                     acuse=(f"{folio}.acuse", token.encode()))  # fmt: skip
        made.advance(number, lote.write(folder))
    return folder


def test_promises_are_compared_with_the_very_bytes(tmp_path: Path) -> None:
    raw = b"sobre" * 2
    codigo = hashlib.sha256(raw).hexdigest()
    token, folio = acuse(codigo=codigo), str(Folio(1, 1, 1, 1))
    witness = Witness(KEYS)
    witness(answer(token))
    good = LoteReader().folder(diario(tmp_path / "a", [(folio, raw, token)]))
    empty = LoteReader().folder(diario(tmp_path / "b"))
    twice = LoteReader().folder(diario(tmp_path / "c", [(folio, raw, token)], [(folio, raw, token)]))
    other = LoteReader().folder(diario(tmp_path / "d", [(folio, b"otro sobre", token)]))
    assert promises_kept(witness.given, {"x": good}, 1) == []
    assert kinds(promises_kept(witness.given, {"x": good, "y": empty}, 1)) == {"acuse_sin_sobre"}
    assert kinds(promises_kept(witness.given, {"x": twice}, 1)) == {"folio_repetido"}
    assert kinds(promises_kept(witness.given, {"x": other}, 1)) == {"acuse_falso"}


def test_damaged_lotes_holes_and_broken_chains_are_found(tmp_path: Path) -> None:
    sobres = [[(str(Folio(1, 1, 1, n)), b"x" * 700, "acuse")] for n in range(3)]
    reader = LoteReader()
    folder = diario(tmp_path / "a", *sobres)
    assert len(reader.folder(folder)) == 3
    second = folder / "0000000002.tar"
    whole = second.read_bytes()
    for damaged in (whole[:600], whole[:512] + b"y" + whole[513:], b""):
        second.write_bytes(damaged)
        with pytest.raises(TornLoteError):
            reader.folder(folder)
    second.unlink()
    with pytest.raises(TornLoteError, match="falta el lote 2"):
        reader.folder(folder)
    strange = diario(tmp_path / "b", sobres[1], sobres[0])
    second.write_bytes((strange / "0000000002.tar").read_bytes())
    with pytest.raises(TornLoteError, match="no sigue"):
        reader.folder(folder)


def test_a_phone_that_lost_a_sobre_is_found(tmp_path: Path) -> None:
    phone = PhoneConfig(1, 1, 1, KEY.scalar)
    config = Config(((phone,),), b"", {})
    with phone.open(tmp_path) as outbox:
        fill(outbox, KEY, OpeningKey(os.urandom(32)).public, 2)
    ledger = check.of_phones(tmp_path, config)
    assert (len(ledger.captured), len(ledger.waiting), ledger.findings) == (3, 3, [])
    with sqlite3.connect(tmp_path / "telefono-1" / "cola.sqlite3") as conn:
        conn.execute("UPDATE telefono SET siguiente = siguiente + 1")  # a number was used, and its sobre is nowhere
    conn.close()
    assert kinds(check.of_phones(tmp_path, config).findings) == {"telefono_perdio"}


def test_a_schedule_is_its_seed_s_and_knows_every_kind() -> None:
    steps = plan.draw(7, 3_000, 3)
    assert steps == plan.draw(7, 3_000, 3)
    assert steps != plan.draw(8, 3_000, 3)
    assert {step.kind for step in steps} == set(plan.SHARES)
    assert {step.rule.mode for step in steps if step.rule} == set(Mode) - {Mode.LIE}, "lies are planted, never drawn"
    assert set(report.NAMES) >= set(plan.SHARES)


def test_the_report_says_what_was_found_and_how_to_see_it_again(tmp_path: Path) -> None:
    good = Outcome(700_001, seconds=60.0)
    good.faults.update({"corte_de_luz": 3, "linea_tardia": 9})
    result = Result(7, 80, episodes=[good], seconds=61.0)
    report.save(result, tmp_path)
    assert "Nada se perdió" in (tmp_path / "tortura.txt").read_text()
    assert "python -m torture --semilla 7 --fallos 12 --pasos 80" in (tmp_path / "tortura.html").read_text()
    result.episodes.append(Outcome(700_002, findings=[Finding("acuse_sin_sobre", "<folio>", 4)]))
    report.save(result, tmp_path)
    assert "episodio 2, paso 4: acuse_sin_sobre" in (tmp_path / "tortura.txt").read_text()
    assert "&lt;folio&gt;" in (tmp_path / "tortura.html").read_text()
    found = msgspec.json.decode((tmp_path / "tortura.json").read_bytes())
    assert (found["fallos"], found["por_clase"]["linea_tardia"], len(found["hallazgos"])) == (12, 9, 1)
