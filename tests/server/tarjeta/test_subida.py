"""Uploaded files laid down: names made harmless, archives read within bounds, whatever a stranger put in them."""

from __future__ import annotations

import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.tarjeta import subida
from server.tarjeta.subida import Charola, Clase, safe_path
from sync_protocol.sobre import MAGIC, MAX_SOBRE

SOBRE = MAGIC + b"x" * 500


@pytest.fixture
def charola(tmp_path: Path) -> Charola:
    (tmp_path / "sobres").mkdir()
    return Charola(tmp_path / "sobres", reserva=0)


def laid(charola: Charola) -> dict[str, int]:
    return {
        path.relative_to(charola.carpeta).as_posix(): path.stat().st_size
        for path in charola.carpeta.rglob("*")
        if path.is_file()
    }


def zip_of(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def tar_of(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@given(st.text(max_size=400))
def test_a_name_is_a_path_below_wherever_it_is_put(name: str) -> None:
    path = Path("/a/b") / safe_path(name)
    assert path.resolve().is_relative_to("/a/b")
    assert path != Path("/a/b")
    assert all(len(part.encode()) <= 200 for part in path.parts)
    assert safe_path(name).isprintable()
    assert safe_path(safe_path(name)) == safe_path(name)


@pytest.mark.parametrize("end", [".sobre", ".SOBRE", ".acuse"])
def test_a_long_name_keeps_what_says_what_it_is(end: str) -> None:
    assert safe_path("á" * 500 + end).endswith(end)


def test_what_is_what(charola: Charola) -> None:
    for name, content in (
        ("a.sobre", SOBRE), ("sin-extension", SOBRE), ("b.sobre", b""), ("b.sobre.acuse", b"x"), ("c.txt", b"x"),
        ("d.rechazo.json", b"{}"), (".e.sobre", SOBRE), ("vacio", b""),
    ):  # fmt: skip
        charola.take(name, io.BytesIO(content))
    assert [one.clase for one in charola.recibidos] == [
        Clase.SOBRE, Clase.SOBRE, Clase.SOBRE, Clase.RESPUESTA, Clase.AJENO, Clase.RESPUESTA, Clase.AJENO, Clase.AJENO,
    ]  # fmt: skip
    assert laid(charola) == {"a.sobre": len(SOBRE), "sin-extension": len(SOBRE), "b.sobre": 0}


def test_two_files_of_one_name_are_both_kept_whatever_the_case(charola: Charola) -> None:
    for name in ("x/a.sobre", "x/a.sobre", "X/A.SOBRE"):
        charola.take(name, io.BytesIO(SOBRE))
    assert sorted(laid(charola)) == ["otra-2/x/a.sobre", "otra-3/X/A.SOBRE", "x/a.sobre"]


def test_a_sobre_that_is_too_large_is_kept_one_byte_too_long(charola: Charola) -> None:
    charola.take("a.sobre", io.BytesIO(MAGIC + bytes(MAX_SOBRE * 2)))
    assert laid(charola) == {"a.sobre": MAX_SOBRE + 1}


@pytest.mark.parametrize("pack", [zip_of, tar_of])
def test_an_archive_is_its_members(charola: Charola, pack: object) -> None:
    content = pack(("a/1.sobre", SOBRE), ("a/2.txt", b"x"), ("../3.sobre", SOBRE), ("a/1.sobre.acuse", b"x"))  # type: ignore[operator]
    charola.take("tarjeta", io.BytesIO(content))
    assert laid(charola) == {"a/1.sobre": len(SOBRE), "3.sobre": len(SOBRE)}
    assert [one.clase for one in charola.recibidos] == [Clase.SOBRE, Clase.AJENO, Clase.SOBRE, Clase.RESPUESTA]
    assert charola.avisos == []


@pytest.mark.parametrize("pack", [zip_of, tar_of])
@pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
def test_an_archive_that_is_cut_says_so(charola: Charola, pack: object, keep: float) -> None:
    content = pack(*((f"{n}.sobre", SOBRE + bytes(n * 1000)) for n in range(40)))  # type: ignore[operator]
    charola.take("t", io.BytesIO(content[: int(len(content) * keep)]))
    assert len(charola.avisos) == 1
    assert "dañado o incompleto" in charola.avisos[0]
    assert len(laid(charola)) == sum(one.clase is Clase.SOBRE for one in charola.recibidos)


def test_a_tar_that_is_cut_between_two_members_says_so(charola: Charola) -> None:
    content = tar_of(*((f"{n}.sobre", SOBRE) for n in range(4)))
    charola.take("t.tar", io.BytesIO(content[: 2 * (512 + 512)]))
    assert len(laid(charola)) == 2
    assert len(charola.avisos) == 1


def test_a_member_whose_bytes_rotted_is_unreadable_and_the_others_go_on(charola: Charola) -> None:
    content = bytearray(zip_of(("1.sobre", SOBRE), ("2.sobre", SOBRE), method=zipfile.ZIP_STORED))
    content[content.index(SOBRE) + 100] ^= 1
    charola.take("t.zip", io.BytesIO(content))
    assert [(one.nombre, one.clase) for one in charola.recibidos] == [
        ("1.sobre", Clase.ILEGIBLE), ("2.sobre", Clase.SOBRE),
    ]  # fmt: skip
    assert list(laid(charola)) == ["2.sobre"]


def test_a_zip_with_a_password_says_so(charola: Charola) -> None:
    content = bytearray(zip_of(("1.sobre", SOBRE)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    charola.take("t.zip", io.BytesIO(content))
    assert "contraseña" in charola.avisos[0]


def test_a_bomb_costs_neither_memory_nor_disk(charola: Charola) -> None:
    huge = zip_of(("grande.txt", bytes(200_000_000)), ("grande.sobre", MAGIC + bytes(200_000_000)))
    assert len(huge) < 1_000_000
    tracemalloc.start()
    charola.take("t.zip", io.BytesIO(huge))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert laid(charola) == {"grande.sobre": MAX_SOBRE + 1}
    assert peak < 8_000_000


def test_as_many_as_a_delivery_may_have_and_no_more(charola: Charola, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subida, "MAX_FILES", 5)
    charola.take("t.zip", io.BytesIO(zip_of(*((f"{n}.sobre", SOBRE) for n in range(9)))))
    assert len(laid(charola)) == 5
    assert any("los primeros" in one for one in charola.avisos)
    for n in range(20):
        charola.take(f"{n}.txt", io.BytesIO(b""))
    assert len(charola.recibidos) == 5


def test_as_many_bytes_as_a_delivery_may_have(charola: Charola, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subida, "MAX_BYTES", 3 * len(SOBRE))
    charola.take("t.tar", io.BytesIO(tar_of(*((f"{n}.sobre", SOBRE) for n in range(9)))))
    assert len(laid(charola)) == 3


def test_entries_that_are_none_of_ours_end_too(charola: Charola, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subida, "MAX_ENTRIES", 10)
    charola.take("t.tar", io.BytesIO(tar_of(*((f"{n}.txt", b"") for n in range(30)))))
    assert len(charola.recibidos) == 10
    assert len(charola.avisos) == 1


def test_lists_as_long_as_a_stranger_says_are_not_read(charola: Charola) -> None:
    """A central directory, or a header of a tar, that claims to be enormous."""
    directory = bytes(10_000_000)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 60_000, 60_000, len(directory), 4, 0)
    charola.take("t.zip", io.BytesIO(b"PK\x03\x04" + directory + end))
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 50_000_000
    charola.take("t.tar", io.BytesIO(header.tobuf(tarfile.USTAR_FORMAT) + bytes(50_000_000)))
    assert laid(charola) == {}
    assert len(charola.avisos) == 2


def test_no_disk_is_taken_from_the_diario(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="diario"):
        Charola(tmp_path, reserva=2**62).take("a.sobre", io.BytesIO(SOBRE))
    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=600), st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b""]), st.integers(0, 2**32 - 1))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, noise: bytes, start: bytes, seed: int) -> None:
    charola = Charola(tmp_path_factory.mktemp("s"), reserva=0)
    whole = bytearray(zip_of(("1.sobre", SOBRE)) if seed % 2 else tar_of(("1.sobre", SOBRE)))
    for n in range(3):
        whole[zlib.crc32(bytes([n]), seed) % len(whole)] = n
    charola.take("t", io.BytesIO(start + noise))
    charola.take("u", io.BytesIO(bytes(whole)))
    assert len(laid(charola)) <= 1
