"""Faces and signatures: another person's differ, one's own are recognisably the same."""

import random
from dataclasses import replace

import numpy as np
from PIL import Image

from device_sim.synthetic.faces import draw_face
from device_sim.synthetic.people import Persona, generate_padron
from device_sim.synthetic.rasgos import Toma, card_toma, live_toma, rasgos_of
from device_sim.synthetic.signatures import draw_signature, signature_of

PEOPLE = list(generate_padron(77, 24, "14"))
SIZE = (120, 160)


def _face(persona: Persona, toma: Toma) -> Image.Image:
    return draw_face(rasgos_of(persona.semilla, persona.sexo, 30), toma, SIZE)


def _signature(persona: Persona, rng: random.Random, size: tuple[int, int] = (200, 100)) -> Image.Image:
    return draw_signature(signature_of(persona.semilla, persona.nombre, persona.apellido_paterno), size, rng)


def _distance(one: Image.Image, other: Image.Image) -> float:
    difference = np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64)
    return float(np.abs(difference).mean())


def test_faces_differ_between_people_in_the_same_pose() -> None:
    pose = card_toma(1)
    drawn = [_face(p, pose) for p in PEOPLE]
    distances = [_distance(a, b) for i, a in enumerate(drawn) for b in drawn[:i]]
    assert min(distances) > 0.8


def test_a_face_is_the_same_each_time() -> None:
    toma = live_toma(random.Random(3))
    assert _face(PEOPLE[0], toma).tobytes() == _face(PEOPLE[0], toma).tobytes()
    assert _face(PEOPLE[0], toma).tobytes() != _face(PEOPLE[0], live_toma(random.Random(4))).tobytes()


def test_growing_older_changes_hair_and_lines_alone() -> None:
    for p in PEOPLE:
        young, old = (rasgos_of(p.semilla, p.sexo, edad) for edad in (20, 80))
        same = replace(old, hair=young.hair, hair_style=young.hair_style, lines=young.lines)
        assert same == young


def test_a_person_resembles_their_card_more_than_strangers_do() -> None:
    # The live photo drawn with the features of each of the others, in the same pose, is farther from it.
    toma = live_toma(random.Random(9))
    for index, person in enumerate(PEOPLE[:6]):
        live = _face(person, toma)
        own = _distance(live, _face(person, replace(toma, smile=toma.smile + 0.1, light=toma.light * 1.01)))
        strangers = [_distance(live, _face(p, toma)) for i, p in enumerate(PEOPLE) if i != index]
        assert own < min(strangers)


def test_signatures_differ_between_people() -> None:
    drawn = [_signature(p, random.Random(1)).tobytes() for p in PEOPLE]
    assert len(set(drawn)) == len(drawn)


def test_a_signature_is_never_written_twice_alike_but_keeps_its_hand() -> None:
    persona = PEOPLE[0]
    once, again = _signature(persona, random.Random(1)), _signature(persona, random.Random(2))
    assert once.tobytes() == _signature(persona, random.Random(1)).tobytes()
    assert once.tobytes() != again.tobytes()
    assert signature_of(persona.semilla, persona.nombre, persona.apellido_paterno) == signature_of(
        persona.semilla, persona.nombre, persona.apellido_paterno
    )


def test_signatures_stay_within_the_sheet_and_leave_ink() -> None:
    for persona in PEOPLE:
        sheet = np.asarray(_signature(persona, random.Random(5)).convert("L"))
        ink = sheet < 128
        assert 0.004 < ink.mean() < 0.3
        assert not ink[0].any()
        assert not ink[-1].any()
        assert not ink[:, 0].any()
        assert not ink[:, -1].any()


def test_a_name_of_one_letter_can_sign() -> None:
    firma = signature_of(5, "J. CARMEN", "")
    assert draw_signature(firma, (200, 100), random.Random(0)).size == (200, 100)
