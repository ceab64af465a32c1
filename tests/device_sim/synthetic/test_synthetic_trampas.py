"""Captures that are not as they should be: each is spoilt in its own images alone, and the same again by its seed."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageStat

from device_sim.scenarios import SCENARIOS, Padron, sittings
from device_sim.synthetic.camera import NO_DEFECTS, Expediente, capture_expediente
from device_sim.synthetic.trampas import Trampa, spoil
from server.domain.inconsistencias import INCONSISTENCIAS

PADRON = Padron()
HONEST = capture_expediente(PADRON.persona(20), 7)
CHANGED = {
    Trampa.FOTOCOPIA: {"anverso", "reverso"},
    Trampa.PANTALLA: {"anverso", "reverso"},
    Trampa.DOS_ANVERSOS: {"reverso"},
    Trampa.OTRO_REVERSO: {"reverso"},
    Trampa.OTRA_PERSONA: {"foto"},
    Trampa.FOTO_REPETIDA: {"foto"},
    Trampa.SIN_FIRMA: {"firma"},
    Trampa.SIMBOLO: {"firma"},
}


def spoilt(trampa: Trampa, place: int = 20) -> Expediente:
    persona = PADRON.persona(place)
    made = HONEST if place == 20 else capture_expediente(persona, 7)
    return spoil(made, trampa, persona, PADRON.persona(3), 7, NO_DEFECTS)


@pytest.mark.parametrize("trampa", Trampa)
def test_only_its_images_differ_and_the_same_seed_gives_the_same(trampa: Trampa) -> None:
    made = spoilt(trampa)
    names = ("anverso", "reverso", "foto", "firma")
    assert {name for name in names if getattr(made, name) != getattr(HONEST, name)} == CHANGED[trampa]
    assert made == spoilt(trampa)
    for name in names:
        with Image.open(io.BytesIO(getattr(made, name))) as image:
            image.load()
    assert trampa.inciso in INCONSISTENCIAS


def test_what_an_operator_would_see_is_there() -> None:
    with Image.open(io.BytesIO(spoilt(Trampa.FOTOCOPIA).anverso)) as copied:
        hsv = ImageStat.Stat(copied.convert("HSV")).mean
    assert hsv[1] < 4, "a photocopy has no colour"
    with Image.open(io.BytesIO(spoilt(Trampa.SIN_FIRMA).firma)) as blank:
        assert ImageStat.Stat(blank.convert("L")).extrema[0][0] > 250
    assert spoilt(Trampa.FOTO_REPETIDA).foto == spoilt(Trampa.FOTO_REPETIDA, place=55).foto


def test_the_scenario_of_the_mesa_shows_all_kinds_in_a_small_fleet() -> None:
    days = [sittings(SCENARIOS["mesa"], list(range(100 * phone, 100 * phone + 13)), phone) for phone in range(6)]
    seen = {one.trampa for day in days for one in day if one.trampa}
    assert seen == set(Trampa)
    assert all(len({one.index for one in day}) < len(day) for day in days), "somebody comes back in each"
