"""After a crash, a loss, or damage: index and diario are brought together, and no acuse is forgotten (row X1)."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest

from server import keyring
from server.app import DIARIO, INDEX, KEYS, open_box, open_index
from server.diario import lote as lotes
from server.diario.cadena import Diario
from server.errors import ConfigurationError, DiarioError
from server.intake.check_sobre import Expected, check
from server.store import apoyos, bitacora, conteos, registros
from server.store import lotes as lotes_store
from sync_protocol import sealing, sobre
from tests import factories
from tests.factories import FrozenClock, Phone
from tests.server.asgi import Harness, running


async def filled(folder: Path, **changes: object) -> tuple[Phone, dict[bytes, str]]:
    """A box that has taken five sobres and a conflict, and was stopped; what its phone was told."""
    async with running(folder, **changes) as h:
        phone = await h.phone()
        told: dict[bytes, str] = {}
        for _ in range(5):
            raw = phone.capture()
            told[raw] = (await h.send(phone, raw)).headers["acopio-acuse"]
        other = phone.seal(phone.plaintext(2, at=1), 2)
        opened = await h.session(phone, other)
        assert (await h.patch(opened, opened.sobres[0].url, 0, other)).status == 409
    return phone, told


async def assert_remembers(h: Harness, phone: Phone, told: dict[bytes, str]) -> None:
    answers = {one.registro: one for one in (await h.session(phone, *told)).sobres}
    for registro, acuse in enumerate(told.values()):
        assert (answers[registro].estado, answers[registro].acuse) == ("acusado", acuse)
    assert registros.count(h.box.reader) == len(told)
    # What the portals read is there again: an apoyo for each registro but the testigos, and counters that agree.
    assert list(apoyos.differences(h.box.reader)) == []
    assert list(conteos.recount(h.box.reader)) == []
    assert conteos.total(h.box.reader, phone.solicitud).recibidos == len(told) - 1


def drop_index(config: factories.Settings) -> None:
    for path in config.datos.glob(f"{INDEX}*"):
        path.unlink()


def test_the_index_is_lost_and_comes_back_whole_from_the_diario(tmp_path: Path) -> None:
    async def run() -> None:
        phone, told = await filled(tmp_path)
        config = factories.settings(tmp_path)
        drop_index(config)
        async with running(tmp_path, config=config, fresh=False) as h:
            await assert_remembers(h, phone, told)
            assert h.box.reader.execute("SELECT count(*) FROM conflictos").fetchone()[0] == 1
            assert h.box.reader.execute("SELECT count(*) FROM trabajos").fetchone()[0] == 4
            # The phone goes on as if nothing had happened, though the catalogue's names are still to be restored.
            assert "acopio-acuse" in (await h.send(phone, phone.capture())).headers
            assert bitacora.first_break(h.box.reader) is None

    asyncio.run(run())


def test_an_index_from_yesterday_is_brought_up_to_date(tmp_path: Path) -> None:
    async def run() -> None:
        config = factories.settings(tmp_path)
        backup = tmp_path / "ayer.db"
        async with running(tmp_path, config=config) as h:
            phone = await h.phone()
            told = {raw: (await h.send(phone, raw)).headers["acopio-acuse"] for raw in [phone.capture()]}
            with sqlite3.connect(backup) as target:
                h.box.reader.backup(target)
            target.close()
            for _ in range(3):
                raw = phone.capture()
                told[raw] = (await h.send(phone, raw)).headers["acopio-acuse"]
        drop_index(config)
        backup.rename(config.datos / INDEX)
        async with running(tmp_path, config=config, fresh=False) as h:
            await assert_remembers(h, phone, told)

    asyncio.run(run())


def test_a_lote_that_was_synced_before_the_commit_is_replayed(tmp_path: Path) -> None:
    """kill -9 between the lote and the commit: nobody was told, and telling it now is true."""

    async def run() -> None:
        phone, told = await filled(tmp_path)
        config = factories.settings(tmp_path)
        diario = Diario(config.datos / DIARIO)
        writer, _ = open_index(config, FrozenClock())
        end = lotes_store.newest(writer.conn)
        writer.conn.close()
        raw = phone.capture()
        box = open_box(config, FrozenClock())
        keys = box.keys
        box.close()
        expected = Expected(
            phone.solicitud, phone.auxiliar, phone.dispositivo, 5, factories.sobre.codigo_de_integridad(raw), len(raw),
            (phone.key.public,),
        )  # fmt: skip
        checked = check(raw, expected, keys.aperturas)
        diario.advance(end.numero, end.resumen)
        builder = diario.begin("2026-09-21T00:00:00.000Z")
        folio = str(phone.folio(5))
        builder.add(
            "sobre", {"folio": folio, "recibido_ms": 1, "marcas": []},
            sobre=(f"{folio}.sobre", raw, checked.codigo), acuse=(f"{folio}.acuse", b"acuse-de-antes"),
        )  # fmt: skip
        builder.write(diario.folder)
        told[raw] = "acuse-de-antes"
        for _ in range(2):  # and starting again changes nothing more
            async with running(tmp_path, config=config, fresh=False) as h:
                await assert_remembers(h, phone, told)

    asyncio.run(run())


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        phone, told = await filled(tmp_path)
        config = factories.settings(tmp_path)
        newest = max((config.datos / DIARIO).glob("*.tar"))
        torn = newest.with_name("0000009999.tmp")
        torn.write_bytes(newest.read_bytes()[:1000])
        async with running(tmp_path, config=config, fresh=False) as h:
            await assert_remembers(h, phone, told)
            assert not torn.exists()

    asyncio.run(run())


def damaged_box(folder: Path) -> tuple[factories.Settings, list[Path]]:
    asyncio.run(filled(folder))
    config = factories.settings(folder)
    return config, sorted((config.datos / DIARIO).glob("*.tar"))


def test_a_hole_in_the_diario_stops_the_replay_and_says_which(tmp_path: Path) -> None:
    config, found = damaged_box(tmp_path)
    drop_index(config)
    found[2].unlink()
    with pytest.raises(DiarioError, match="Falta el lote 3"):
        open_box(config, FrozenClock())


def test_a_torn_lote_stops_the_replay_and_says_which(tmp_path: Path) -> None:
    config, found = damaged_box(tmp_path)
    drop_index(config)
    content = found[3].read_bytes()
    for size in (0, 511, 512, 2000, len(content) - 1500):
        found[3].write_bytes(content[:size])
        with pytest.raises(DiarioError, match=found[3].name):
            open_box(config, FrozenClock())
    found[3].write_bytes(content)
    open_box(config, FrozenClock()).close()


def test_a_lote_that_was_altered_breaks_the_chain_or_its_own_code(tmp_path: Path) -> None:
    config, found = damaged_box(tmp_path)
    content = bytearray(found[2].read_bytes())
    content[700] ^= 1
    found[2].write_bytes(bytes(content))
    with pytest.raises(DiarioError, match="alterado"):
        lotes.verify(found[2])
    at = bytes(content).rindex(b'"recibido_ms":') + 15
    content[at] = ord("9") if content[at] != ord("9") else ord("8")
    found[2].write_bytes(bytes(content))
    drop_index(config)
    with pytest.raises(DiarioError, match="cadena"):
        open_box(config, FrozenClock())


def test_a_diario_that_lost_what_the_index_knows_is_not_served(tmp_path: Path) -> None:
    config, found = damaged_box(tmp_path)
    found[-1].unlink()
    with pytest.raises(DiarioError, match="segunda copia"):
        open_box(config, FrozenClock())


def test_an_index_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    config, _ = damaged_box(tmp_path)
    (config.datos / INDEX).write_bytes(b"rubbish" * 1000)
    with pytest.raises(ConfigurationError, match="diario"):
        open_box(config, FrozenClock())


def test_a_second_server_on_the_same_folder_refuses(tmp_path: Path) -> None:
    config, _ = damaged_box(tmp_path)
    box = open_box(config, FrozenClock())
    with pytest.raises(ConfigurationError, match="Otro servidor"):
        open_box(config, FrozenClock())
    box.close()
    open_box(config, FrozenClock()).close()


def test_the_second_copy_catches_up_in_order_and_heals_what_it_lost(tmp_path: Path) -> None:
    async def run() -> None:
        phone, told = await filled(tmp_path)
        config = factories.settings(tmp_path, second=True)
        assert config.segunda_copia is not None
        config.segunda_copia.mkdir()
        for loss in ("todo", "el último", "uno dañado"):
            copies = sorted(config.segunda_copia.glob("*.tar"))
            if loss == "el último" and copies:
                copies[-1].unlink()
            if loss == "uno dañado" and copies:
                copies[-1].write_bytes(b"x")
            async with running(tmp_path, config=config, fresh=False) as h:
                second = h.box.second_copy
                assert second is not None
                async with asyncio.timeout(10):
                    while second.confirmed < h.box.diario.ultimo:
                        await asyncio.sleep(0.02)
                await assert_remembers(h, phone, told)
            mine = {path.name: path.read_bytes() for path in (config.datos / DIARIO).glob("*.tar")}
            theirs = {path.name: path.read_bytes() for path in config.segunda_copia.glob("*.tar")}
            assert mine == theirs

    asyncio.run(run())


def test_only_the_second_copy_and_the_secret_are_left_and_everything_is_there(tmp_path: Path) -> None:
    """The first disk has burnt: the second copy's folder holds the lotes and the wrapped keys."""

    async def run() -> None:
        phone, told = await filled(tmp_path, second=True)
        config = factories.settings(tmp_path, second=True)
        second = config.segunda_copia
        assert second is not None
        shutil.rmtree(config.datos)
        (config.datos / DIARIO).mkdir(parents=True)
        for path in second.glob("*.tar"):
            shutil.copy(path, config.datos / DIARIO)
        (config.datos / KEYS).mkdir()
        shutil.copy(second / keyring.FILE, config.datos / KEYS)
        async with running(tmp_path, config=config, fresh=False) as h:
            await assert_remembers(h, phone, told)
            row = registros.by_folio(h.box.reader, phone.folio(1))
            assert row is not None
            raw = lotes.read_member(h.box.diario.folder, row.lote, row.posicion, row.tam)
            sealing.open_sobre(sobre.parse(raw), h.box.keys.apertura)

    asyncio.run(run())


def test_a_folder_that_is_gone_is_not_an_empty_second_copy(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, second=True, espera_acuse_ms=100) as h:
            phone = await h.phone()
            second = h.box.settings.segunda_copia
            assert second is not None
            assert await h.box.reception.until_given(h.box.diario.ultimo), "the copier is at rest"
            for path in second.iterdir():
                path.unlink()
            second.rmdir()
            answer = await h.send(phone, phone.capture())
            assert answer.headers["acopio-estado"] == "recibido"
            assert not second.exists()

    asyncio.run(run())


def test_a_lote_is_not_told_before_its_name_is_synced_though_the_process_died_between_the_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 after the rename and before the folder's sync: the next start finds the lote, and must sync its name."""
    synced: list[str] = []
    real = lotes.sync_folder

    def counting(folder: Path) -> None:
        synced.append(folder.name)
        real(folder)

    async def run() -> None:
        async with running(tmp_path, second=True) as h:
            phone = await h.phone()
            await h.send(phone, phone.capture())
        monkeypatch.setattr("server.diario.lote.sync_folder", counting)
        monkeypatch.setattr("server.diario.places.folder.sync_folder", counting)
        async with running(tmp_path, fresh=False, second=True) as h:
            assert synced[:2] == ["caja", "diario"], "before the index is brought up to the diario"
            second = h.box.second_copy
            assert second is not None
            while second.confirmed < h.box.diario.ultimo:
                await asyncio.sleep(0.01)
            assert "segunda" in synced, "and before an acuse rests on the newest lote of the second copy"

    asyncio.run(run())
