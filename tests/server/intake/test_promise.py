"""The promise (SPEC §1): for each condition, a test in which it alone fails, and no acuse is given."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from server.diario.lote import read_member
from server.diario.places.folder import FolderPlace
from server.diario.places.place import Moved, Taken
from server.intake.check_sobre import Expected
from server.store import lotes as lotes_store
from server.store import registros
from server.store.writer import Tx
from sync_protocol import acuse as acuses
from sync_protocol import registro as contenido
from sync_protocol import sobre
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey
from tests.factories import Phone, entry, image
from tests.server.asgi import Answer, Harness, Line, running


def assert_no_acuse(answer: Answer) -> None:
    assert "acopio-acuse" not in answer.headers
    assert b"eyJ" not in answer.body


async def assert_nothing_taken(h: Harness, phone: Phone, raw: bytes) -> None:
    """Neither the index nor the next session knows an acuse for these bytes, and no mail will tell of it."""
    assert registros.count(h.box.reader) == 0
    again = await h.session(phone, raw)
    assert again.sobres[0].acuse == ""


def case(test: Callable[[Harness, Phone], object], folder: Path, **changes: object) -> None:
    async def run() -> None:
        async with running(folder, **changes) as h:
            await test(h, await h.phone())  # type: ignore[misc]

    asyncio.run(run())


def test_all_conditions_hold_and_the_acuse_is_given(tmp_path: Path) -> None:
    async def good(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        answer = await h.send(phone, raw)
        assert (answer.status, answer.headers["acopio-estado"]) == (204, "acusado")
        acuses.verify(
            answer.headers["acopio-acuse"], h.box.keys.publicas, folio=phone.folio(0),
            codigo=sobre.codigo_de_integridad(raw), tam=len(raw),
        )  # fmt: skip
        row = registros.by_folio(h.box.reader, phone.folio(0))
        assert row is not None
        assert row.marcas == ()

    case(good, tmp_path, second=True)


# -- 1: every byte has arrived and the código de integridad is the one that was announced


def test_1_a_byte_is_missing(tmp_path: Path) -> None:
    async def short(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        answer = await h.patch(opened, url, 0, raw[:-1])
        assert (answer.status, answer.headers["upload-offset"]) == (204, str(len(raw) - 1))
        assert_no_acuse(answer)
        await assert_nothing_taken(h, phone, raw)

    case(short, tmp_path)


@pytest.mark.parametrize("where", [0, 7, 40, 80, 1300, -70, -1])
def test_1_a_bit_was_flipped_on_the_way(tmp_path: Path, where: int) -> None:
    async def flipped(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        damaged = bytearray(raw)
        damaged[where] ^= 1
        answer = await h.patch(opened, opened.sobres[0].url, 0, bytes(damaged))
        assert (answer.status, answer.codigo, answer.headers["upload-offset"]) == (422, "integridad_distinta", "0")
        assert_no_acuse(answer)
        await assert_nothing_taken(h, phone, raw)
        # It was the line's fault: the same sobre, sent again, is taken.
        assert "acopio-acuse" in (await h.send(phone, raw)).headers

    case(flipped, tmp_path)


# -- 2: the device's signature verifies, and the header names device, auxiliar and solicitud of the session


def refused(raw_of: Callable[[Harness, Phone], bytes], codigo: str, status: int = 422):  # type: ignore[no-untyped-def]
    async def run(h: Harness, phone: Phone) -> None:
        raw = raw_of(h, phone)
        line = entry(raw)
        opened = await h.session(phone, sobres=(line,))
        answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
        assert (answer.status, answer.codigo) == (status, codigo)
        assert_no_acuse(answer)
        assert registros.count(h.box.reader) == 0
        again = await h.session(phone, sobres=(line,))
        assert again.sobres[0].acuse == ""
        return again

    return run


def test_2_signed_by_another_key(tmp_path: Path) -> None:
    def other(h: Harness, phone: Phone) -> bytes:
        return phone.seal(phone.plaintext(1), 1, signed_by=PrivateKey.generate(), anterior=b"\1" * 32)

    case(refused(other, "firma_invalida"), tmp_path)


@pytest.mark.parametrize(
    ("field", "delta"),
    [("solicitud", 1), ("auxiliar", 1), ("dispositivo", 1)],
    ids=["solicitud", "auxiliar", "dispositivo"],
)
def test_2_header_names_another(tmp_path: Path, field: str, delta: int) -> None:
    def other(h: Harness, phone: Phone) -> bytes:
        twin = Phone(phone.solicitud, phone.auxiliar, phone.dispositivo, phone.to, phone.key)
        setattr(twin, field, getattr(twin, field) + delta)
        return twin.seal(twin.plaintext(1), 1, anterior=b"\1" * 32)

    case(refused(other, "cabecera_ajena"), tmp_path)


# -- 3: the sobre opens, and its content is well-formed


def test_3_sealed_to_a_key_the_server_does_not_have(tmp_path: Path) -> None:
    def other(h: Harness, phone: Phone) -> bytes:
        return phone.seal(phone.plaintext(1), 1, to=OpeningKey(os.urandom(32)).public, anterior=b"\1" * 32)

    case(refused(other, "llave_desconocida"), tmp_path)


def resigned(raw: bytes, phone: Phone) -> bytes:
    unsigned = raw[: -sobre.SIGNATURE_LENGTH]
    return unsigned + phone.key.sign_low_s(unsigned)


@pytest.mark.parametrize("where", [80, 1100, 1195, -70], ids=["ml-kem", "x25519", "ciphertext", "tag"])
def test_3_signed_and_whole_but_it_does_not_open(tmp_path: Path, where: int) -> None:
    def unopenable(h: Harness, phone: Phone) -> bytes:
        raw = bytearray(phone.seal(phone.plaintext(1), 1, anterior=b"\1" * 32))
        raw[where] ^= 1
        return resigned(bytes(raw), phone)

    case(refused(unopenable, "sobre_no_abre"), tmp_path)


def test_3_content_of_another_folio(tmp_path: Path) -> None:
    case(refused(lambda h, phone: phone.seal(phone.plaintext(2), 1, anterior=b"\1" * 32), "contenido_ajeno"), tmp_path)


def test_3_content_with_a_swapped_image(tmp_path: Path) -> None:
    def swapped(h: Harness, phone: Phone) -> bytes:
        record = contenido.decode(phone.plaintext(1), tipo=sobre.Tipo.APOYO, folio=phone.folio(1))
        images = list(record.imagenes)
        images[2] = msgspec.structs.replace(images[2], datos=image("foto", salt=99).datos)
        return phone.seal(
            contenido.encode(msgspec.structs.replace(record, imagenes=tuple(images))), 1, anterior=b"\1" * 32
        )

    case(refused(swapped, "imagen_alterada"), tmp_path)


# -- 4: it is on stable storage, and so is the index


def failing(*_: object) -> None:
    raise OSError(errno.EIO, "disco")


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "lleno")


@pytest.mark.parametrize(
    ("fault", "status", "codigo"), [(failing, 503, "almacen_no_disponible"), (no_space, 507, "sin_espacio")]
)
def test_4_the_lote_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None], status: int, codigo: str
) -> None:
    async def unsynced(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        before = sorted(path.name for path in h.box.diario.folder.iterdir())
        with monkeypatch.context() as patch:
            patch.setattr("server.diario.lote.os.fsync", fault)
            answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
        assert (answer.status, answer.codigo) == (status, codigo)
        assert "retry-after" in answer.headers
        assert_no_acuse(answer)
        assert sorted(path.name for path in h.box.diario.folder.iterdir()) == before
        await assert_nothing_taken(h, phone, raw)
        assert "acopio-acuse" in (await h.send(phone, raw)).headers

    case(unsynced, tmp_path)


def test_4_the_folder_cannot_be_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unsynced(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        with monkeypatch.context() as patch:
            patch.setattr("server.diario.lote.sync_folder", failing)
            answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
        assert answer.status == 503
        assert_no_acuse(answer)
        await assert_nothing_taken(h, phone, raw)

    case(unsynced, tmp_path)


class CommitFails:
    """A connection whose COMMIT fails once a lote has been written: the index, and only the index, is not durable."""

    def __init__(self, conn: object) -> None:
        self._conn = conn
        self.fail = True

    def execute(self, sql: str, *arguments: object) -> object:
        if sql == "COMMIT" and self.fail:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"
            raise error
        return self._conn.execute(sql, *arguments)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._conn, name)


def test_4_the_index_cannot_be_committed(tmp_path: Path) -> None:
    async def uncommitted(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        lotes = sorted(path.name for path in h.box.diario.folder.iterdir())
        real = h.box.writer.conn
        h.box.writer.conn = CommitFails(real)  # type: ignore[assignment]
        answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
        h.box.writer.conn = real
        assert (answer.status, answer.codigo) == (507, "sin_espacio")
        assert_no_acuse(answer)
        assert sorted(path.name for path in h.box.diario.folder.iterdir()) == lotes, "the lote was withdrawn"
        await assert_nothing_taken(h, phone, raw)
        assert "acopio-acuse" in (await h.send(phone, raw)).headers

    case(uncommitted, tmp_path)


def test_4_nobody_knows_whether_the_index_was_committed(tmp_path: Path) -> None:
    """Its sync failed: the rows may be in the WAL or not. No acuse, no second try; another start finds out."""

    class InDoubt(CommitFails):
        def execute(self, sql: str, *arguments: object) -> object:
            if sql == "COMMIT" and self.fail:
                raise sqlite3.OperationalError("disk I/O error")
            return self._conn.execute(sql, *arguments)  # type: ignore[attr-defined]

    async def run() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            raw = phone.capture()
            opened = await h.session(phone, raw)
            real = h.box.writer.conn
            h.box.writer.conn = InDoubt(real)  # type: ignore[assignment]
            answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
            h.box.writer.conn = real
            assert (answer.status, answer.codigo) == (503, "almacen_no_disponible")
            assert_no_acuse(answer)
            assert (await h.request("GET", "/salud/listo")).status == 503
            assert_no_acuse(await h.patch(opened, opened.sobres[0].url, 0, raw))
        async with running(tmp_path, fresh=False) as h:
            again = (await h.session(phone, raw)).sobres[0]
            assert again.estado == "acusado", "the lote stayed, and the start has taken it"

    asyncio.run(run())


# -- 5: where a second copy is configured, it holds the lote too


class SwitchablePlace(FolderPlace):
    """A second place that can be gone."""

    gone = False

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        if self.gone:
            raise OSError(errno.EHOSTDOWN, "sin segunda copia")
        super().put(group, moved, taken)


def test_5_the_second_copy_is_gone(tmp_path: Path) -> None:
    async def run() -> None:
        folder = tmp_path / "segunda"
        folder.mkdir()
        place = SwitchablePlace(folder)
        async with running(tmp_path, place=place, espera_acuse_ms=200) as h:
            phone = await h.phone()
            assert "acopio-acuse" in (await h.send(phone, phone.capture())).headers
            place.gone = True
            raw = phone.capture()
            opened = await h.session(phone, raw)
            url = opened.sobres[0].url
            answer = await h.patch(opened, url, 0, raw)
            assert (answer.status, answer.headers["acopio-estado"]) == (204, "recibido")
            assert_no_acuse(answer)
            # Whoever asks, in whatever way, is told the same.
            assert_no_acuse(await h.head(opened, url))
            assert_no_acuse(await h.patch(opened, url, 0, raw))
            session = await h.session(phone, raw)
            assert (session.sobres[0].estado, session.sobres[0].acuse) == ("recibido", "")
            assert "segunda_copia" in {aviso.codigo for aviso in session.avisos}
            bearer = {"authorization": f"Bearer {session.token}"}
            again = await h.request("GET", f"/sync/acuses/{phone.folio(1)}", headers=bearer)
            assert again.status == 404
            health = await h.request("GET", "/salud/listo")
            assert (health.status, health.json()["partes"]["segunda_copia"]["estado"]) == (503, "mal")
            assert not any("000001" in str(message) for message in h.mail.messages)
            # It comes back: the same acuse that was signed then is given now.
            place.gone = False
            await until(lambda: h.box.reception.give(lotes_store.newest(h.box.reader).numero))
            healed = await h.session(phone, raw)
            assert healed.sobres[0].estado == "acusado"
            row = registros.by_folio(h.box.reader, phone.folio(1))
            assert row is not None
            assert healed.sobres[0].acuse == row.acuse
            assert (await h.request("GET", "/salud/listo")).status == 200

    asyncio.run(run())


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def test_5_the_second_copy_is_slow(tmp_path: Path) -> None:
    async def run() -> None:
        folder = tmp_path / "segunda"
        folder.mkdir()
        open_gate = threading.Event()

        class SlowPlace(FolderPlace):
            def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
                open_gate.wait(10)
                super().put(group, moved, taken)

        async with running(tmp_path, place=SlowPlace(folder), espera_acuse_ms=100) as h:
            phone = await h.phone()
            raw = phone.capture()
            answer = await h.send(phone, raw)
            assert answer.headers["acopio-estado"] == "recibido"
            assert_no_acuse(answer)
            open_gate.set()
            await until(lambda: h.box.reception.give(lotes_store.newest(h.box.reader).numero))
            assert (await h.session(phone, raw)).sobres[0].estado == "acusado"

    asyncio.run(run())


# -- the same folio


def test_same_folio_same_code_gets_the_same_acuse_however_often_and_however_concurrently(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        first = await h.session(phone, raw)
        url = first.sobres[0].url
        acuse = (await h.patch(first, url, 0, raw)).headers["acopio-acuse"]
        answers = await asyncio.gather(*(h.patch(first, url, 0, raw) for _ in range(20)))
        assert {answer.headers["acopio-acuse"] for answer in answers} == {acuse}
        h.clock.advance(3_600_000)
        later = await h.session(phone, raw)
        assert later.sobres[0].acuse == acuse
        assert registros.count(h.box.reader) == 1

    case(run, tmp_path)


def test_two_arrivals_of_one_sobre_in_the_same_group(tmp_path: Path) -> None:
    """The constraint decides, not a look before the insert: both are in one transaction."""

    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        codigo = sobre.codigo_de_integridad(raw)
        expected = Expected(
            phone.solicitud, phone.auxiliar, phone.dispositivo, 0, codigo, len(raw), (phone.key.public,)
        )
        begun, gate = threading.Event(), threading.Event()

        def blocker(tx: Tx) -> None:
            begun.set()
            gate.wait(10)

        h.box.writer.submit(blocker, lambda result: None)
        await until(begun.is_set)  # only then is its group closed, and the arrivals are sure to share the next one
        pending = [asyncio.create_task(h.box.reception.take([raw], expected, None)) for _ in range(5)]
        await until(lambda: h.box.writer.waiting >= 5)
        gate.set()
        taken = await asyncio.gather(*pending)
        assert len({one.acuse for one in taken}) == 1
        assert [one.nuevo for one in taken].count(True) == 1
        assert registros.count(h.box.reader) == 1

    case(run, tmp_path)


def test_a_folio_again_with_another_content_is_kept_aside_and_never_overwrites(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        acuse = (await h.send(phone, raw)).headers["acopio-acuse"]
        other = phone.seal(phone.plaintext(0, at=1), 0, anterior=sobre.FIRST_ANTERIOR)
        opened = await h.session(phone, other)
        answer = await h.patch(opened, opened.sobres[0].url, 0, other)
        assert (answer.status, answer.codigo) == (409, "folio_en_conflicto")
        assert_no_acuse(answer)
        told = (await h.session(phone, other)).sobres[0]
        assert (told.estado, told.codigo) == ("rechazado", "folio_en_conflicto")
        assert (await h.session(phone, raw)).sobres[0].acuse == acuse
        row = h.box.reader.execute("SELECT lote, posicion, tam FROM conflictos").fetchone()
        assert read_member(h.box.diario.folder, row["lote"], row["posicion"], row["tam"]) == other

    case(run, tmp_path)


def test_a_cut_in_the_last_byte_gives_nothing_and_loses_nothing(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        await h.patch(opened, url, 0, b"", Line((raw[:-1],), cut=True))
        head = await h.head(opened, url)
        assert head.headers["upload-offset"] == str(len(raw) - 1)
        answer = await h.patch(opened, url, len(raw) - 1, raw[-1:])
        assert "acopio-acuse" in answer.headers

    case(run, tmp_path)
