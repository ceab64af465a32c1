"""An expediente as the phone takes it: four JPEG of the usual size, the same for the same seed."""

import io
import random

import pytest
from PIL import Image

from device_sim.synthetic import camera
from device_sim.synthetic.camera import Expediente, capture_expediente
from device_sim.synthetic.people import Persona, persona_at

USUAL = 270_000


@pytest.fixture(scope="module")
def personas() -> list[Persona]:
    return [persona_at(31, 500, "30", index) for index in range(3)]


@pytest.fixture(scope="module")
def expedientes(personas: list[Persona]) -> list[Expediente]:
    return [capture_expediente(p, 100 + i) for i, p in enumerate(personas)]


def _images(expediente: Expediente) -> tuple[bytes, bytes, bytes, bytes]:
    return expediente.anverso, expediente.reverso, expediente.foto, expediente.firma


def test_sizes_are_those_of_a_usual_expediente(expedientes: list[Expediente]) -> None:
    for expediente in expedientes:
        assert abs(sum(map(len, _images(expediente))) - USUAL) < 0.15 * USUAL
        assert all(len(image) > 8_000 for image in _images(expediente))


def test_images_are_jpeg_of_the_expected_shape(expedientes: list[Expediente]) -> None:
    shapes = []
    for data in _images(expedientes[0]):
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == "JPEG"
            shapes.append(image.size)
    assert shapes == [camera.PHOTO_SIZE, camera.PHOTO_SIZE, camera.LIVE_SIZE, camera.FIRMA_SIZE]


def test_same_seed_same_bytes(personas: list[Persona], expedientes: list[Expediente]) -> None:
    assert capture_expediente(personas[0], 100) == expedientes[0]


def test_another_seed_is_another_capture_of_the_same_card(
    personas: list[Persona], expedientes: list[Expediente]
) -> None:
    again = capture_expediente(personas[0], 999)
    assert all(a != b for a, b in zip(_images(again), _images(expedientes[0]), strict=True))


def test_no_two_people_share_an_image(expedientes: list[Expediente]) -> None:
    everything = [image for expediente in expedientes for image in _images(expediente)]
    assert len(set(everything)) == len(everything)


def test_darkness_darkens_and_spares_the_signature(personas: list[Persona], expedientes: list[Expediente]) -> None:
    dark = capture_expediente(personas[0], 100, dark=0.8)
    with Image.open(io.BytesIO(dark.anverso)) as night, Image.open(io.BytesIO(expedientes[0].anverso)) as day:
        night_grey, day_grey = (
            i.convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) for i in (night, day)
        )
    assert isinstance(night_grey, int)
    assert isinstance(day_grey, int)
    assert night_grey < day_grey * 0.5
    with Image.open(io.BytesIO(dark.firma)) as signature:
        assert signature.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("degrees", [-40.0, 25.0, 90.0])
def test_a_tilted_card_stays_in_the_picture(degrees: float) -> None:
    for seed in range(5):
        for x, y in camera._corners(random.Random(seed), degrees):
            assert -20 <= x <= camera.PHOTO_SIZE[0] + 20
            assert -20 <= y <= camera.PHOTO_SIZE[1] + 20
