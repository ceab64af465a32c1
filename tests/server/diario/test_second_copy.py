"""The copier and places that are dead, slow, hang, lie, truncate, reorder or are full: what it tells, how it heals."""

from __future__ import annotations

import contextlib
import errno
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from server.diario.comparison import Clase, Hallazgo, deep_compare
from server.diario.lote import file_name
from server.diario.places.folder import FolderPlace
from server.diario.places.place import Motivo, Moved, PlaceError, Taken
from server.diario.second_copy import SecondCopy
from tests.contracts.second_places import write_lotes

NOW = 1_790_000_000_000


@dataclass
class Clocks:
    """Both clocks, moved by the test alone."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.now / 1000

    def advance(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class Sabotaged(FolderPlace):
    """A folder that does what the test says before it does its work."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.before_put: Callable[[Sequence[tuple[int, Path]]], None] = lambda group: None
        self.before_connect: Callable[[], None] = lambda: None
        self.groups: list[list[int]] = []

    def connect(self) -> None:
        self.before_connect()
        super().connect()

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        self.groups.append([numero for numero, _ in group])
        self.before_put(group)
        super().put(group, moved, taken)


@dataclass
class Copier:
    """A copier over a diario of lotes, and what it told."""

    diario: Path
    place: Sabotaged
    clocks: Clocks = field(default_factory=Clocks)
    advances: list[int] = field(default_factory=list)
    second: SecondCopy = field(init=False)

    def start(self, ultimo: int) -> SecondCopy:
        self.second = SecondCopy(
            self.place, self.diario, on_advance=self.advances.append, clock=self.clocks,
            monotonic=self.clocks.monotonic, pause_s=0.005, pace_s=0.001,
        )  # fmt: skip
        self.second.start(ultimo)
        return self.second

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for the copier's thread, however slow the machine is."""
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, self.second.estado()
            time.sleep(0.002)

    def until_confirmed(self, numero: int) -> None:
        self.until(lambda: self.second.confirmed == numero and self.second.error is None)

    def is_whole(self) -> bool:
        mine = {path.name: path.read_bytes() for path in self.diario.glob("*.tar")}
        theirs = {path.name: path.read_bytes() for path in self.place.folder.glob("*.tar")}
        return mine == theirs


@contextlib.contextmanager
def copying(folder: Path, lotes: int = 6, place: type[Sabotaged] = Sabotaged) -> Iterator[Copier]:
    write_lotes(folder / "diario", lotes)
    (folder / "segunda").mkdir(exist_ok=True)
    copier = Copier(folder / "diario", place(folder / "segunda"))
    yield copier
    copier.second.stop()


def test_many_that_wait_go_in_groups_and_are_confirmed_in_order(tmp_path: Path) -> None:
    with copying(tmp_path, 70) as copier:
        copier.start(70)
        copier.until_confirmed(70)
        assert copier.is_whole()
        assert [len(group) for group in copier.place.groups] == [32, 32, 6]
        assert copier.advances == sorted(copier.advances)
        assert copier.second.pending == 0


class Reordering(Sabotaged):
    """Takes a group from its end to its beginning, and says so as it goes."""

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        for one in reversed(group):
            super().put([one], moved, taken)


def test_a_place_that_reorders_never_makes_a_hole(tmp_path: Path) -> None:
    with copying(tmp_path, 6, Reordering) as copier:
        copier.start(6)
        copier.until_confirmed(6)
        assert copier.advances == [0, 6], "nothing before the first of the group, then all of it"


def test_a_group_that_fails_in_its_middle_confirms_only_what_has_no_hole(tmp_path: Path) -> None:
    with copying(tmp_path, 6, Reordering) as copier:
        gate = threading.Event()

        def third_fails(group: Sequence[tuple[int, Path]]) -> None:
            if group[0][0] == 3 and not gate.is_set():
                raise OSError(errno.EIO, "disco")

        copier.place.before_put = third_fails
        copier.start(6)
        copier.until(lambda: copier.second.error is not None)
        assert copier.second.confirmed == 0
        assert copier.second.error == "falla"
        assert {path.name for path in copier.place.folder.glob("*.tar")} == {file_name(n) for n in (4, 5, 6)}
        gate.set()
        copier.until_confirmed(6)
        assert copier.is_whole()
        assert set(copier.advances) == {0, 6}
        assert {numero for group in copier.place.groups[4:] for numero in group} == {1, 2, 3}


@pytest.mark.parametrize(
    ("error", "motivo"),
    [
        (OSError(errno.ENOSPC, "lleno"), Motivo.LLENA),
        (OSError(errno.EHOSTUNREACH, "red"), Motivo.SIN_CONEXION),
        (OSError(errno.EROFS, "solo lectura"), Motivo.SIN_PERMISO),
        (TimeoutError("tarde"), Motivo.NO_RESPONDE),
        (PlaceError(Motivo.SIN_FSYNC), Motivo.SIN_FSYNC),
        (RuntimeError("un defecto"), Motivo.FALLA),
    ],
)
def test_whatever_fails_stops_confirming_says_why_and_heals(tmp_path: Path, error: Exception, motivo: Motivo) -> None:
    with copying(tmp_path) as copier:
        copier.start(2)
        copier.until_confirmed(2)
        well_since = copier.second.estado().desde_ms
        copier.clocks.advance(100)
        gone = threading.Event()
        gone.set()

        def fail(group: Sequence[tuple[int, Path]]) -> None:
            if gone.is_set():
                raise error

        copier.place.before_put = fail
        copier.second.want(5)
        # The clock's leap may find the thread busy: until it moves again it looks as if the place did not answer.
        copier.until(lambda: copier.second.error == motivo.value)
        estado = copier.second.estado()
        assert (estado.motivo, estado.pendientes, estado.confirmado) == (motivo, 3, 2)
        assert estado.desde_ms == NOW + 100_000 > well_since
        copier.clocks.advance(50)
        tries = len(copier.place.groups)
        copier.until(lambda: len(copier.place.groups) > tries + 3)
        assert copier.second.error == motivo.value, "to be reached is not yet to be well"
        assert copier.second.estado().desde_ms == NOW + 100_000, "since it began, not since the last try"
        gone.clear()
        copier.until_confirmed(5)
        assert copier.second.estado().desde_ms == NOW + 150_000
        assert not (copier.place.folder / file_name(6)).exists(), "never ahead of what is committed"


def test_a_place_that_hangs_is_told_and_the_end_does_not_wait_for_it(tmp_path: Path) -> None:
    with copying(tmp_path) as copier:
        hanging, release = threading.Event(), threading.Event()

        def hang(group: Sequence[tuple[int, Path]]) -> None:
            hanging.set()
            release.wait(120)

        copier.place.before_put = hang
        copier.start(3)
        copier.until(hanging.is_set)
        assert copier.second.error is None, "slow is not yet dead"
        copier.clocks.advance(31)
        estado = copier.second.estado()
        assert (estado.motivo, estado.pendientes) == (Motivo.NO_RESPONDE, 3)
        assert estado.desde_ms == NOW
        release.set()
        copier.until_confirmed(3)
        hanging.clear()
        release.clear()
        copier.second.want(4)
        copier.until(hanging.is_set)
        copier.second.stop()
        assert copier.second.confirmed == 3
        release.set()


def test_a_place_that_hangs_at_its_first_look_does_not_keep_a_server_from_starting(tmp_path: Path) -> None:
    with copying(tmp_path) as copier:
        release = threading.Event()
        copier.place.before_connect = lambda: release.wait(120) and None
        second = copier.start(3)
        assert second.first_look(0.01) is None
        release.set()
        assert second.first_look(60) is None
        copier.until_confirmed(3)


def test_a_place_that_is_slow_is_told_to_be_behind_although_it_moves(tmp_path: Path) -> None:
    with copying(tmp_path) as copier:
        taken = threading.Semaphore(0)
        copier.place.before_put = lambda group: taken.acquire(timeout=120) and None
        copier.start(0)
        copier.until_confirmed(0)
        copier.second.want(1)
        copier.until(lambda: len(copier.place.groups) == 1)
        copier.second.want(2)
        for _ in range(4):
            copier.clocks.advance(10)
            copier.second._moved()
        estado = copier.second.estado()
        assert (estado.motivo, estado.desde_ms) == (Motivo.ATRASADA, NOW)
        taken.release()
        taken.release()
        copier.until_confirmed(2)


class Forgetful(Sabotaged):
    """Says that it took a lote and drops it, or keeps a part of it."""

    keep: int | None = 0
    lies = True

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        super().put(group, moved, taken)
        for numero, _ in group if self.lies else ():
            path = self.folder / file_name(numero)
            if self.keep is None:
                path.unlink()
            else:
                path.write_bytes(path.read_bytes()[: self.keep])


@pytest.mark.parametrize("keep", [None, 0, 700])
def test_a_lie_is_found_when_the_place_is_reached_again(tmp_path: Path, keep: int | None) -> None:
    with copying(tmp_path, 4, Forgetful) as copier:
        assert isinstance(copier.place, Forgetful)
        copier.place.keep = keep
        copier.start(2)
        copier.until_confirmed(2)
        copier.place.lies = False
        copier.second._reached = False  # as after any cut
        copier.second.want(4)
        copier.until(copier.is_whole)
        copier.until_confirmed(4)
        assert copier.second.estado().hallazgos > 0
        if keep:
            aside = list((copier.place.folder / "apartados").iterdir())
            assert {path.stat().st_size for path in aside} == {keep}, "what it had is set aside, not overwritten"


def test_what_it_lost_long_ago_is_copied_again_in_order_and_not_given_meanwhile(tmp_path: Path) -> None:
    with copying(tmp_path, 9) as copier:
        copier.start(9)
        copier.until_confirmed(9)
        for numero in (2, 3, 7):
            (copier.place.folder / file_name(numero)).unlink()
        copier.place.groups.clear()
        copier.advances.clear()
        copier.second._reached = False
        copier.until(lambda: bool(copier.advances) and copier.advances[-1] == 9)
        assert copier.advances[0] == 1, "up to the first hole, and no further, until it is filled"
        assert copier.place.groups == [[2, 3, 7]]
        assert copier.is_whole()
        assert copier.second.take_findings() == [Hallazgo(n, Clase.FALTA) for n in (2, 3, 7)]
        assert copier.second.take_findings() == []


def test_a_place_that_was_swapped_for_an_empty_one_is_filled_again(tmp_path: Path) -> None:
    with copying(tmp_path, 9) as copier:
        copier.start(9)
        copier.until_confirmed(9)
        copier.place.folder.rename(tmp_path / "la de antes")
        copier.until(lambda: copier.second.error is not None)
        copier.place.folder.mkdir()
        copier.until(lambda: 0 in copier.advances[1:] and copier.is_whole())
        copier.until_confirmed(9)
        assert copier.second.take_findings() == [Hallazgo(0, Clase.VACIA)]


def test_one_bit_that_turned_is_found_by_the_slow_comparison_set_aside_and_healed(tmp_path: Path) -> None:
    with copying(tmp_path, 5) as copier:
        copier.start(5)
        copier.until_confirmed(5)
        path = copier.place.folder / file_name(3)
        damaged = bytearray(path.read_bytes())
        damaged[900] ^= 1
        path.write_bytes(bytes(damaged))
        copier.until(copier.is_whole)
        copier.until_confirmed(5)
        aside = list((copier.place.folder / "apartados").iterdir())
        assert [one.read_bytes() for one in aside] == [bytes(damaged)]
        assert Hallazgo(3, Clase.DANADA) in copier.second.take_findings()
        rounds = copier.second.slow.vueltas
        copier.until(lambda: copier.second.slow.vueltas > rounds + 2)
        assert copier.second.take_findings() == []


def test_a_lote_that_rotted_at_home_is_never_put_over_the_good_copy(tmp_path: Path) -> None:
    with copying(tmp_path, 5) as copier:
        copier.start(5)
        copier.until_confirmed(5)
        good = (copier.place.folder / file_name(2)).read_bytes()
        rotten = bytearray(good)
        rotten[900] ^= 1
        (copier.diario / file_name(2)).write_bytes(bytes(rotten))
        found: list[Hallazgo] = []
        copier.until(lambda: bool(found.extend(copier.second.take_findings()) or found))
        assert found[0] == Hallazgo(2, Clase.DIARIO_DANADO)
        assert (copier.place.folder / file_name(2)).read_bytes() == good
        # And when the place has lost it too, nothing rotten takes its name there.
        (copier.place.folder / file_name(2)).unlink()
        copier.second._reached = False
        copier.until(lambda: copier.second.error == "diario")
        assert not (copier.place.folder / file_name(2)).exists()
        (copier.diario / file_name(2)).write_bytes(good)
        copier.until_confirmed(5)


@pytest.mark.parametrize("theirs", [1, 5, 6])
def test_lotes_of_another_box_stop_everything_and_nothing_is_touched(tmp_path: Path, theirs: int) -> None:
    write_lotes(tmp_path / "otra", theirs, salt="x")
    shutil.copytree(tmp_path / "otra", tmp_path / "segunda")
    before = {path.name: path.read_bytes() for path in (tmp_path / "segunda").iterdir()}
    with copying(tmp_path, 5) as copier:
        second = copier.start(5)
        assert second.first_look(60) is Motivo.AJENA
        assert second.confirmed == 0
        assert second.estado().motivo is Motivo.AJENA
    assert {path.name: path.read_bytes() for path in (tmp_path / "segunda").iterdir()} == before
    assert copier.place.groups == []


def test_a_chain_that_forked_after_a_restore_is_found_at_its_newest_lotes(tmp_path: Path) -> None:
    with copying(tmp_path, 5) as copier:
        forked = write_lotes(tmp_path / "otra", 5, salt="x")
        for numero in (1, 2, 3):
            shutil.copy(copier.diario / file_name(numero), copier.place.folder)
        shutil.copy(forked[3], copier.place.folder)
        assert copier.start(5).first_look(60) is Motivo.AJENA


@pytest.mark.parametrize("mine", [0, 3])
def test_a_place_that_has_more_than_the_diario_stops_everything(tmp_path: Path, mine: int) -> None:
    with copying(tmp_path, 5) as copier:
        shutil.copytree(copier.diario, copier.place.folder, dirs_exist_ok=True)
        for numero in range(mine + 1, 6):
            (copier.diario / file_name(numero)).unlink()
        second = copier.start(mine)
        assert second.first_look(60) is Motivo.ADELANTADA
        # The administrator brings back what the diario lacks: it heals by itself.
        for numero in range(mine + 1, 6):
            shutil.copy(copier.place.folder / file_name(numero), copier.diario)
        second.want(5)
        copier.until_confirmed(5)


def test_what_cannot_be_set_aside_stops_and_says_so(tmp_path: Path) -> None:
    class Stubborn(Sabotaged):
        def set_aside(self, numero: int, marca: str) -> None:
            raise PlaceError(Motivo.SIN_PERMISO)

    with copying(tmp_path, 3, Stubborn) as copier:
        (copier.place.folder / file_name(1)).write_bytes(b"x")
        copier.start(3)
        copier.until(lambda: copier.second.error == "sin_permiso")
        assert (copier.place.folder / file_name(1)).read_bytes() == b"x"


def test_files_beside_the_lotes_go_along_and_older_ones_are_kept(tmp_path: Path) -> None:
    write_lotes(tmp_path / "diario", 1)
    keys = tmp_path / "llaves.json"
    keys.write_bytes(b"uno")
    folder = tmp_path / "segunda"
    folder.mkdir()
    for content in (b"uno", b"uno", b"dos"):
        keys.write_bytes(content)
        second = SecondCopy(
            FolderPlace(folder), tmp_path / "diario", on_advance=lambda numero: None, clock=Clocks(),
            keep={"llaves.json": keys},
        )  # fmt: skip
        second.start(1)
        assert second.first_look(60) is None
        second.stop()
    assert (folder / "llaves.json").read_bytes() == b"dos"
    older = list(folder.glob("*.llaves.json"))
    assert [path.read_bytes() for path in older] == [b"uno"]


def test_deep_compare_names_everything_that_is_wrong_and_changes_nothing(tmp_path: Path) -> None:
    diario, folder = tmp_path / "diario", tmp_path / "segunda"
    write_lotes(diario, 9)
    shutil.copytree(diario, folder)
    place = FolderPlace(folder)
    assert list(deep_compare(place, diario)) == []
    turned = bytearray((folder / file_name(2)).read_bytes())
    turned[900] ^= 1
    (folder / file_name(2)).write_bytes(bytes(turned))
    (folder / file_name(3)).unlink()
    (folder / file_name(4)).write_bytes(b"")
    other = write_lotes(tmp_path / "otra", 5, salt="x")
    shutil.copy(other[4], folder)
    (diario / file_name(6)).write_bytes(bytes(turned))
    (diario / file_name(7)).unlink()
    (diario / file_name(9)).unlink()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    seen: list[int] = []
    found = list(deep_compare(place, diario, progress=lambda numero, total: seen.append(numero)))
    assert found == [
        Hallazgo(2, Clase.DANADA), Hallazgo(3, Clase.FALTA), Hallazgo(4, Clase.DANADA), Hallazgo(5, Clase.AJENA),
        Hallazgo(6, Clase.DIARIO_DANADO), Hallazgo(7, Clase.DIARIO_DANADO), Hallazgo(9, Clase.DE_MAS),
    ]  # fmt: skip
    assert seen == list(range(1, 10))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / file_name(8)).unlink()
    (folder / file_name(9)).unlink()
    assert list(deep_compare(place, diario))[-1] == Hallazgo(8, Clase.FALTA), "missing at the end, and still so"


class Counting(FolderPlace):
    """Counts how often the whole of it is listed."""

    listed = 0

    def listing(self, moved: Moved) -> Mapping[int, int]:
        self.listed += 1
        return super().listing(moved)


def test_a_steady_place_is_listed_once(tmp_path: Path) -> None:
    write_lotes(tmp_path / "diario", 3)
    (tmp_path / "segunda").mkdir()
    place = Counting(tmp_path / "segunda")
    second = SecondCopy(place, tmp_path / "diario", on_advance=lambda numero: None, clock=Clocks(), pace_s=0.001)
    second.start(1)
    end = time.monotonic() + 60
    while second.slow.vueltas < 3 and time.monotonic() < end:
        second.want(3)
        time.sleep(0.002)
    second.stop()
    assert (place.listed, second.confirmed) == (1, 3)
