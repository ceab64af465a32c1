"""What every second place must do, asked of each real one: a folder, SFTP (asyncssh, OpenSSH), S3 (moto)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import keyring
from server.diario.lote import file_name, read_manifest
from server.diario.places.place import Motivo, PlaceError, SecondPlace, reason
from server.replica.fuentes import Lugar, bring
from tests.contracts.second_places import FIRST, KINDS, FolderRig, Rig, S3Rig, rig, write_lotes

pytestmark = pytest.mark.socket

MARCA = "20261121T182011123Z"


@pytest.fixture(params=KINDS)
def behind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with rig(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def place(behind: Rig) -> Iterator[SecondPlace]:
    made = behind.make()
    made.connect()
    yield made
    made.close()


def put(place: SecondPlace, paths: list[Path], start: int = 1) -> set[int]:
    """Put them as consecutive numbers; returns what was told as taken."""
    told: set[int] = set()
    place.put([(start + n, path) for n, path in enumerate(paths)], lambda: None, told.add)
    return told


def refusal(work: object, *arguments: object) -> Motivo:
    with pytest.raises(OSError) as caught:  # noqa: PT011 -- which one it is, is what is returned
        work(*arguments)  # type: ignore[operator]
    return reason(caught.value)


def test_a_group_is_taken_whole_and_can_be_read_again(place: SecondPlace, behind: Rig, tmp_path: Path) -> None:
    paths = write_lotes(tmp_path / "diario", 12, size=3_000)
    assert place.listing(lambda: None) == {}
    assert put(place, paths) == set(range(1, 13))
    assert place.listing(lambda: None) == {n + 1: path.stat().st_size for n, path in enumerate(paths)}
    assert behind.names() == [path.name for path in paths], "nothing else is left behind"
    for path in paths:
        assert behind.content(path.name) == path.read_bytes()
    whole = paths[4].read_bytes()
    assert place.read(5, 0, len(whole)) == whole
    assert place.read(5, 700, 33) == whole[700:733]
    assert place.read(5, len(whole) - 10, 500) == whole[-10:]
    assert reason_of_nothing(place, len(whole))


def reason_of_nothing(place: SecondPlace, end: int) -> bool:
    """Past the end there are no bytes, and nothing goes wrong."""
    return place.read(5, end, 100) == b""


def test_a_lote_of_many_pieces_arrives_as_it_left(place: SecondPlace, behind: Rig, tmp_path: Path) -> None:
    paths = write_lotes(tmp_path / "diario", 2, size=1_700_000)
    moved: list[int] = []
    place.put([(1, paths[0]), (2, paths[1])], lambda: moved.append(1), lambda numero: None)
    assert [behind.content(path.name) for path in paths] == [path.read_bytes() for path in paths]
    assert moved, "whoever watches sees that something moves"


def test_what_is_there_already_is_compared_and_never_overwritten(
    place: SecondPlace, behind: Rig, tmp_path: Path
) -> None:
    mine = write_lotes(tmp_path / "diario", 2)
    put(place, mine)
    assert put(place, mine) == {1, 2}, "the same again is well: its answer may have been lost"
    other = write_lotes(tmp_path / "otro", 2, salt="x")
    assert refusal(put, place, [other[0]]) is Motivo.DISTINTA
    longer = write_lotes(tmp_path / "largo", 1, size=9_000)
    assert refusal(put, place, longer) is Motivo.DISTINTA
    assert [behind.content(path.name) for path in mine] == [path.read_bytes() for path in mine]
    assert behind.names() == [path.name for path in mine]


def test_what_is_set_aside_stays_and_makes_room(place: SecondPlace, behind: Rig, tmp_path: Path) -> None:
    paths = write_lotes(tmp_path / "diario", 2)
    behind.plant(file_name(1), b"damaged")
    put(place, [paths[1]], 2)
    place.set_aside(1, MARCA)
    assert set(place.listing(lambda: None)) == {2}
    put(place, [paths[0]])
    behind.plant(file_name(2), b"damaged too")
    place.set_aside(2, MARCA)
    assert behind.content(f"apartados/0000000001.{MARCA}.tar") == b"damaged"
    assert behind.content(f"apartados/0000000002.{MARCA}.tar") == b"damaged too"
    assert behind.content(file_name(1)) == paths[0].read_bytes()


def test_files_of_others_are_no_lotes(place: SecondPlace, behind: Rig) -> None:
    for name in ("notas.txt", "7.tar", "0000000007.tmp", "00000000a7.tar", "0000000007.tar.gz"):
        behind.plant(name, b"x")
    behind.plant(file_name(7), b"lote")
    assert place.listing(lambda: None) == {7: 4}


def test_a_small_file_beside_the_lotes(place: SecondPlace, behind: Rig) -> None:
    assert place.load("llaves.json") is None
    place.store("llaves.json", b'{"uno":1}')
    assert place.load("llaves.json") == b'{"uno":1}'
    place.store("llaves.json", b"{}")
    assert behind.content("llaves.json") == b"{}"
    assert place.listing(lambda: None) == {}


def test_a_lote_that_is_not_there_is_said_to_be_missing(place: SecondPlace) -> None:
    assert refusal(place.read, 3, 0, 10) is Motivo.NO_ESTA


def test_a_checksum_is_of_what_is_stored_or_none_is_given(place: SecondPlace, tmp_path: Path) -> None:
    import hashlib

    paths = write_lotes(tmp_path / "diario", 1)
    put(place, paths)
    assert place.checksum(1) in (None, hashlib.sha256(paths[0].read_bytes()).digest())


def test_a_place_that_is_closed_says_so_and_can_be_reached_again(place: SecondPlace, tmp_path: Path) -> None:
    paths = write_lotes(tmp_path / "diario", 1)
    closer = threading.Thread(target=place.close)
    closer.start()
    closer.join()
    place.close()
    if place.clase != "carpeta":
        assert refusal(put, place, paths) is Motivo.SIN_CONEXION
        assert refusal(place.listing, lambda: None) is Motivo.SIN_CONEXION
    place.connect()
    place.connect()
    assert put(place, paths) == {1}


def test_a_place_that_is_down_is_an_error_and_comes_back(place: SecondPlace, behind: Rig, tmp_path: Path) -> None:
    paths = write_lotes(tmp_path / "diario", 2)
    behind.down()
    assert isinstance(refusal(put, place, paths), Motivo)
    assert refusal(place.connect) in (Motivo.SIN_CONEXION, Motivo.NO_RESPONDE, Motivo.NO_ESTA)
    behind.up()
    place.connect()
    assert place.listing(lambda: None) == {}
    assert put(place, paths) == {1, 2}


def test_a_place_that_was_never_made_is_not_made(behind: Rig, tmp_path: Path) -> None:
    place = behind.make()
    if isinstance(behind, FolderRig):
        behind.folder.rmdir()
        assert refusal(place.connect) is Motivo.NO_ESTA
        assert not behind.folder.exists()
    else:
        assert isinstance(behind, S3Rig)
        place._address = type(place._address)("nadie-lo-hizo", "", behind.host.endpoint, "us-east-1")  # type: ignore[attr-defined]
        assert refusal(place.connect) is Motivo.NO_ESTA
    place.close()


def test_it_says_where_it_is_without_secrets(behind: Rig) -> None:
    place = behind.make()
    assert place.clase in ("carpeta", "sftp", "s3")
    assert "@" not in place.describe()
    assert "prueba" not in place.describe() or place.clase == "carpeta"
    place.close()


def test_every_reason_has_its_words() -> None:
    assert all(motivo.texto.endswith(".") for motivo in Motivo)
    assert reason(PlaceError(Motivo.LLENA)) is Motivo.LLENA
    assert reason(TimeoutError()) is Motivo.NO_RESPONDE
    assert reason(OSError(28, "lleno")) is Motivo.LLENA
    assert reason(ValueError()) is Motivo.FALLA


def test_a_restore_brings_lotes_and_keys_back_from_it(place: SecondPlace, tmp_path: Path) -> None:
    paths = write_lotes(tmp_path / "diario", 3, size=3_000)
    put(place, paths)
    place.store(keyring.FILE, b"{}")
    source = Lugar(place, "la segunda copia")
    back = tmp_path / "vuelto"
    back.mkdir()
    assert sorted(source.numbers()) == [1, 2, 3]
    anterior = FIRST
    for numero, path in enumerate(paths, 1):
        assert source.size(numero) == path.stat().st_size
        assert bring(source, numero, back, anterior, None) == path.stat().st_size
        assert (back / path.name).read_bytes() == path.read_bytes()
        anterior = read_manifest(path)[1]
    assert source.keys() == b"{}"
    with pytest.raises(FileNotFoundError):
        source.fetch(4, back / "nada")
