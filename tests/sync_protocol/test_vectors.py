"""The committed vectors: all pass, all can be made again byte for byte, and the runner does not overlook anything."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from sync_protocol.errors import CATALOGUE, Layer
from sync_protocol.vectors import run, shape
from sync_protocol.vectors.generate import build

MAX_FILE = 700 * 1024


@pytest.mark.parametrize("name", run.FILES)
def test_every_vector_of_the_file_passes(name: str) -> None:
    results = run.run_file(name, run.read_file(name))
    assert [(result.id, result.message) for result in results if not result.ok] == []
    assert len(results) > 10


def test_making_them_again_changes_no_byte() -> None:
    made = build()
    assert set(made) == {*run.FILES, "schema.json"}
    for name, data in made.items():
        assert data == run.read_file(name), f"{name}: corra make vectors"


def test_files_are_small() -> None:
    assert [name for name in run.FILES if len(run.read_file(name)) > MAX_FILE] == []


def vectors(name: str) -> list[Any]:
    return [vector for group in run.load(run.read_file(name)).test_groups for vector in group.tests]


def test_every_layer_of_the_order_and_every_code_of_a_sobre_is_reached() -> None:
    bad = Counter((vector.layer, vector.code) for vector in vectors("sobre.json") if vector.result == "invalid")
    assert {layer for layer, _ in bad} == {layer.value for layer in run.ORDER}
    codes = {code for _, code in bad}
    sobre_layers = {Layer.FRAME, Layer.INTEGRITY, Layer.SIGNATURE, Layer.HEADER, Layer.HPKE, Layer.PAYLOAD}
    assert {e.code for e in CATALOGUE.values() if e.layer in sobre_layers} - codes == {"folio_en_conflicto"}


def test_every_tus_code_is_reached() -> None:
    codes = {vector.code for vector in vectors("tus.json")}
    # subida_interrumpida is answered by a server to the connection that another one puts out: no head decides it.
    assert {e.code for e in CATALOGUE.values() if e.layer is Layer.TUS} - codes == {"subida_interrumpida"}


def test_one_name_one_defect() -> None:
    """No two sobres of the file are the same input: each shows something that no other does."""
    inputs = Counter((vector.codigo, vector.sobre) for vector in vectors("sobre.json"))
    assert [count for count in inputs.values() if count > 1] == []


# --- The runner fails on what it does not know


def planted(change: Any, name: str = "folio.json") -> list[run.Result]:
    document = json.loads(run.read_file(name))
    change(document)
    return run.run_file(name, json.dumps(document).encode())


PLANTS = {
    "key of the file": lambda d: d.update(extra=1),
    "key of a group": lambda d: d["testGroups"][0].update(extra=1),
    "key of a vector": lambda d: d["testGroups"][0]["tests"][0].update(extra=1),
    "key of a value": lambda d: d["testGroups"][0]["tests"][0]["counters"].update(extra=1),
    "type of group": lambda d: d["testGroups"][0].update(type="FolioGuess"),
    "no type of group": lambda d: d["testGroups"][0].pop("type"),
    "flag": lambda d: d["testGroups"][0]["tests"][0].update(flags=["Surprise"]),
    "result": lambda d: d["testGroups"][0]["tests"][0].update(result="acceptable"),
    "code": lambda d: d["testGroups"][0]["tests"][-1].update(code="folio_feo"),
    "layer": lambda d: d["testGroups"][0]["tests"][-1].update(layer="cellar"),
    "valid with a code": lambda d: d["testGroups"][0]["tests"][0].update(layer="folio", code="folio_invalido"),
    "invalid without a code": lambda d: d["testGroups"][0]["tests"][-1].pop("code"),
    "count": lambda d: d.update(numberOfTests=d["numberOfTests"] + 1),
    "number": lambda d: d["testGroups"][0]["tests"][1].update(tcId=1),
    "name twice": lambda d: d["testGroups"][0]["tests"][1].update(name=d["testGroups"][0]["tests"][0]["name"]),
}


@pytest.mark.parametrize("change", PLANTS.values(), ids=PLANTS.keys())
def test_a_planted_unknown_makes_the_file_fail(change: Any) -> None:
    assert planted(lambda document: None)[0].ok
    results = planted(change)
    assert len(results) == 1
    assert not results[0].ok
    assert results[0].message


def test_not_json_is_one_result() -> None:
    assert [result.ok for result in run.run_file("folio.json", b"<html>")] == [False]


def test_an_unknown_key_inside_a_decision_or_a_step_is_seen() -> None:
    def decision(document: Any) -> None:
        document["testGroups"][0]["tests"][0]["decision"]["extra"] = 1

    def step(document: Any) -> None:
        document["testGroups"][2]["tests"][0]["step"]["extra"] = 1

    for change in (decision, step):
        assert [result.ok for result in planted(change, "tus.json")].count(False) == 1


@pytest.mark.parametrize("name", run.FILES)
def test_a_vector_whose_verdict_is_turned_fails(name: str) -> None:
    """A runner that says yes to everything, or no, would pass the others."""
    document = json.loads(run.read_file(name))
    tests = [test for group in document["testGroups"] for test in group["tests"]]
    for test in tests:
        if test["result"] == "invalid":
            test.update(result="valid")
            del test["layer"], test["code"]
        else:
            test.update(result="invalid", layer="service", code="no_encontrado")
    results = run.run_file(name, json.dumps(document).encode())
    assert len(results) == len(tests)
    assert not any(result.ok for result in results)


@pytest.mark.parametrize("layer", [layer.value for layer in run.ORDER])
def test_failing_at_another_layer_is_failing(layer: str) -> None:
    """Every bad sobre is told to fail elsewhere with the same code: none may pass."""
    document = json.loads(run.read_file("sobre.json"))
    tests = [test for group in document["testGroups"] for test in group["tests"] if test["result"] == "invalid"]
    others = {f"{test['tcId']} {test['name']}" for test in tests if test["layer"] != layer}
    for test in tests:
        test["layer"] = layer
    results = run.run_file("sobre.json", json.dumps(document).encode())
    assert {result.id.removeprefix("sobre/") for result in results if not result.ok} == others


def test_fingerprint_tells_sets_apart() -> None:
    files = {name: run.read_file(name) for name in run.FILES}
    assert run.fingerprint(files) != run.fingerprint({**files, "folio.json": files["folio.json"] + b"\n"})


def test_every_type_of_group_has_a_check_and_is_used() -> None:
    used = {type(group) for name in run.FILES for group in run.load(run.read_file(name)).test_groups}
    assert used == set(run._CHECKS)
    assert used == set(shape.Group.__args__)
