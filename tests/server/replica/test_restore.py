"""`acopio backup` and `acopio restore` from end to end: what comes back, what is refused, and a crash in the middle."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from server import keyring
from server.app import DIARIO, INDEX, KEYS, open_box
from server.clock import CENTRO, system_clock
from server.commands import respaldo
from server.diario import lote as lotes
from server.domain.apoyo import Resultado
from server.errors import ConfigurationError, DiarioError
from server.replica import backup as backups
from server.replica import relevo
from server.store import apoyos, audiencia_registros, audiencias, bitacora, conteos, elevaciones, registros, revisiones
from server.store.connection import open_reader, open_writer
from tests import factories
from tests.factories import FrozenClock, Phone
from tests.server.asgi import Harness, running
from tests.server.mesa_control import audiencias_de_prueba
from tests.server.replica.test_supervisor import copied, deliver, replicating

Told = dict[bytes, str]


def acopio(folder: Path, *arguments: str, **env: str) -> Result:
    """A command of the console, in this process."""
    settings = {
        "ACOPIO_DATOS": str(folder / "caja"),
        "ACOPIO_FRASE": factories.SECRET,
        "ACOPIO_SEGUNDA_COPIA": str(folder / "segunda"),
        **env,
    }
    command = {"backup": respaldo.backup, "restore": respaldo.restore}[arguments[0]]
    assert isinstance(command, click.Command)
    result = CliRunner(env={name: value for name, value in settings.items() if value}).invoke(command, arguments[1:])
    if result.exception is not None and not isinstance(result.exception, ConfigurationError | DiarioError):
        raise result.exception
    return result


def refused(folder: Path, *arguments: str, **env: str) -> str:
    """The sentence with which a command refuses."""
    result = acopio(folder, *arguments, **env)
    assert isinstance(result.exception, ConfigurationError | DiarioError), result.output
    sentence = str(result.exception)
    assert sentence.endswith((".", ")")), sentence
    return sentence


async def take(h: Harness, phone: Phone, count: int, told: Told) -> None:
    for _ in range(count):
        raw = phone.capture()
        told[raw] = (await h.send(phone, raw)).headers["acopio-acuse"]


async def at_rest(h: Harness) -> None:
    """Wait until the second copy has every lote."""
    assert h.box.second_copy is not None
    async with asyncio.timeout(30):
        while h.box.second_copy.confirmed < h.box.diario.ultimo:
            await asyncio.sleep(0.01)


def filled(folder: Path, after_backup: int = 3) -> tuple[Phone, Told]:
    """A box with five sobres, a backup of it in `respaldo`, then some more sobres; stopped."""
    told: Told = {}

    async def run() -> Phone:
        async with running(folder, second=True) as h:
            phone = await h.phone()
            await take(h, phone, 5, told)
            assert acopio(folder, "backup", str(folder / "respaldo")).exit_code == 0, "beside a running server"
            await take(h, phone, after_backup, told)
            await at_rest(h)
        return phone

    return asyncio.run(run()), told


def remembers(folder: Path, phone: Phone, told: Told) -> None:
    """Started again, it gives every acuse byte for byte, takes more, and its bitácora is whole."""

    async def run() -> None:
        async with running(folder, config=factories.settings(folder, second=True), fresh=False) as h:
            await at_rest(h)
            answers = {one.registro: one for one in (await h.session(phone, *told)).sobres}
            for raw, acuse in told.items():
                assert answers[factories.entry(raw).registro].acuse == acuse
            assert registros.count(h.box.reader) == len(told)
            assert list(apoyos.differences(h.box.reader)) == []
            assert list(conteos.recount(h.box.reader)) == []
            assert conteos.total(h.box.reader, phone.solicitud).recibidos == len(told) - 1, "all but the testigos"
            assert await deliver(h, phone)
            assert bitacora.first_break(h.box.reader) is None

    asyncio.run(run())


def newest_lotes(folder: Path, count: int) -> list[Path]:
    return sorted(folder.glob("*.tar"))[-count:]


# -- backup ---------------------------------------------------------------------------------------------------------


def test_a_backup_is_complete_grows_by_what_is_new_and_says_what_it_lacks(tmp_path: Path) -> None:
    filled(tmp_path)
    first = backups.newest(tmp_path / "respaldo", None)
    said = acopio(tmp_path, "backup", str(tmp_path / "respaldo")).output
    assert "3 lotes nuevos" in said
    assert "NO contiene:\n  - la llave" in said
    manifest = backups.newest(tmp_path / "respaldo", None)
    assert (first.registros, manifest.registros) == (5, 8)
    mine = {path.name: path.read_bytes() for path in (tmp_path / "caja" / DIARIO).glob("*.tar")}
    theirs = {path.name: path.read_bytes() for path in (tmp_path / "respaldo" / DIARIO).glob("*.tar")}
    assert mine == theirs
    assert manifest.lotes == len(mine)
    for _ in range(3):
        acopio(tmp_path, "backup", str(tmp_path / "respaldo"))
    assert len(list((tmp_path / "respaldo").glob("indice-*.db"))) == backups.KEPT
    assert not list((tmp_path / "respaldo").rglob("*.tmp"))


def test_a_backup_takes_no_lote_that_the_index_does_not_know(tmp_path: Path) -> None:
    """It may still be withdrawn: then another one would get its number."""
    filled(tmp_path)
    newest = newest_lotes(tmp_path / "caja" / DIARIO, 1)[0]
    shutil.copy(newest, newest.with_name(lotes.file_name(int(newest.stem) + 1)))
    acopio(tmp_path, "backup", str(tmp_path / "respaldo"))
    assert newest_lotes(tmp_path / "respaldo" / DIARIO, 1)[0].name == newest.name


def test_a_backup_of_what_is_damaged_is_none(tmp_path: Path) -> None:
    filled(tmp_path)
    before = sorted(path.name for path in (tmp_path / "respaldo").glob("respaldo-*"))
    path = newest_lotes(tmp_path / "caja" / DIARIO, 1)[0]
    content = bytearray(path.read_bytes())
    content[700] ^= 1
    path.write_bytes(bytes(content))
    assert "alterado" in refused(tmp_path, "backup", str(tmp_path / "respaldo"))
    assert sorted(path.name for path in (tmp_path / "respaldo").glob("respaldo-*")) == before
    assert not (tmp_path / "respaldo" / DIARIO / path.name).exists(), "a copy that is not right is not kept as one"


def test_backups_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    assert "fuera de la carpeta" in refused(tmp_path, "backup", str(tmp_path / "caja" / "respaldo"))
    assert "revise ACOPIO_DATOS" in refused(
        tmp_path, "backup", str(tmp_path / "otro"), ACOPIO_DATOS=str(tmp_path / "x")
    )
    (tmp_path / "archivo").write_bytes(b"")
    assert "No se pudo escribir" in refused(tmp_path, "backup", str(tmp_path / "archivo" / "dentro"))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1 << 20))
    assert "No cabe" in refused(tmp_path, "backup", str(tmp_path / "respaldo"))


def test_a_backup_of_another_server_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "uno")
    filled(tmp_path / "dos")
    assert "no es el de este servidor" in refused(tmp_path / "dos", "backup", str(tmp_path / "uno" / "respaldo"))


# -- restore --------------------------------------------------------------------------------------------------------


def test_an_index_older_than_the_lotes_is_brought_up_to_them(tmp_path: Path) -> None:
    phone, told = filled(tmp_path)
    shutil.rmtree(tmp_path / "caja")
    said = acopio(tmp_path, "restore", "--desde", str(tmp_path / "respaldo")).output
    assert "8 registros en 9 lotes; 3 se repusieron" in said
    remembers(tmp_path, phone, told)


def test_the_backup_alone_is_enough(tmp_path: Path) -> None:
    phone, told = filled(tmp_path, after_backup=0)
    shutil.rmtree(tmp_path / "caja")
    shutil.rmtree(tmp_path / "segunda")
    assert acopio(tmp_path, "restore", "--desde", str(tmp_path / "respaldo"), ACOPIO_SEGUNDA_COPIA="").exit_code == 0
    (tmp_path / "segunda").mkdir()
    remembers(tmp_path, phone, told)


def test_only_the_lotes_are_left(tmp_path: Path) -> None:
    phone, told = filled(tmp_path)
    shutil.rmtree(tmp_path / "caja")
    assert "Falta de dónde traer el índice" in refused(tmp_path, "restore")
    assert "bitácora no están" in acopio(tmp_path, "restore", "--sin-indice").output
    remembers(tmp_path, phone, told)


def test_what_was_there_is_kept_and_its_lotes_are_used(tmp_path: Path) -> None:
    """The index is broken, the second copy lacks the end: the folder's own lotes have it."""
    phone, told = filled(tmp_path)
    for path in newest_lotes(tmp_path / "segunda", 2):
        path.unlink()
    (tmp_path / "caja" / INDEX).write_bytes(b"rubbish" * 5000)
    said = acopio(tmp_path, "restore", "--desde", str(tmp_path / "respaldo")).output
    aside = next((tmp_path / "caja").glob("anterior-*"))
    assert str(aside) in said
    assert (aside / INDEX).read_bytes() == b"rubbish" * 5000
    assert len(list((aside / DIARIO).glob("*.tar"))) == 9
    remembers(tmp_path, phone, told)


def test_an_index_ahead_of_every_lote_forgets_what_was_never_told(tmp_path: Path) -> None:
    """The second copy was behind: those acuses were not given, the phones still have the sobres."""
    phone, told = filled(tmp_path)
    acopio(tmp_path, "backup", str(tmp_path / "respaldo"))
    lost = list(told)[-2:]
    for folder in (tmp_path / "segunda", tmp_path / "respaldo" / DIARIO):
        for path in newest_lotes(folder, 2):
            path.unlink()
    shutil.rmtree(tmp_path / "caja")
    said = acopio(tmp_path, "restore", "--desde", str(tmp_path / "respaldo")).output
    for raw in lost:
        assert str(phone.folio(factories.entry(raw).registro)) in said
        del told[raw]
    reader = open_reader(tmp_path / "caja" / INDEX)
    assert reader.execute("SELECT count(*) FROM trabajos").fetchone()[0] == 5, "six left, and the testigos have no job"
    noted = reader.execute("SELECT datos FROM bitacora WHERE evento = 'indice_restaurado'").fetchone()[0]
    assert len(msgspec.json.decode(noted)["retirados"]) == 2
    reader.close()

    async def again() -> None:
        async with running(tmp_path, config=factories.settings(tmp_path, second=True), fresh=False) as h:
            for raw in lost:
                told[raw] = (await h.send(phone, raw)).headers["acopio-acuse"]

    asyncio.run(again())
    remembers(tmp_path, phone, told)


def test_what_the_mesa_said_of_a_registro_that_went_is_not_said_of_the_next(tmp_path: Path) -> None:
    phone, told = filled(tmp_path)
    lost = list(told)[-2:]
    gone: list[int] = []

    def decide(tx: factories.Tx) -> None:
        gone.extend(row[0] for row in tx.conn.execute("SELECT id FROM apoyos ORDER BY id DESC LIMIT 2"))
        operador = audiencias_de_prueba.cuenta(tx, "operacion")
        for id_ in gone:
            revisiones.add(tx.conn, id_, phone.solicitud, "primera", tx.now_ms, tx.now_ms + 1)
        said = audiencias_de_prueba.dictar(tx, gone[0], operador)
        hearing = audiencias.add(tx.conn, phone.solicitud, operador, tx.now_ms)
        assert audiencia_registros.add_registros(tx.conn, hearing, [(gone[0], said)], "") == 1
        raised = audiencias_de_prueba.dictar(tx, gone[1], operador, "elevado", firme=False)
        elevaciones.add(tx.conn, gone[1], raised, "¿Vale?", operador, tx.now_ms)

    async def review() -> None:
        async with running(tmp_path, config=factories.settings(tmp_path, second=True), fresh=False) as h:
            await h.write(decide)

    async def again() -> None:
        async with running(tmp_path, config=factories.settings(tmp_path, second=True), fresh=False) as h:
            for raw in lost:
                told[raw] = (await h.send(phone, raw)).headers["acopio-acuse"]

    asyncio.run(review())
    acopio(tmp_path, "backup", str(tmp_path / "respaldo"))
    for folder in (tmp_path / "segunda", tmp_path / "respaldo" / DIARIO):
        for path in newest_lotes(folder, 2):
            path.unlink()
    shutil.rmtree(tmp_path / "caja")
    acopio(tmp_path, "restore", "--desde", str(tmp_path / "respaldo"))
    asyncio.run(again())
    reader = open_reader(tmp_path / "caja" / INDEX)
    assert dict(reader.execute("SELECT id, folio FROM retirados").fetchall()) == {
        id_: str(phone.folio(factories.entry(raw).registro)) for id_, raw in zip(sorted(gone), lost, strict=True)
    }
    assert {row[0] for row in reader.execute("SELECT DISTINCT apoyo_id FROM dictamenes")} == set(gone), "for ever"
    new = [row[0] for row in reader.execute("SELECT id FROM apoyos ORDER BY id DESC LIMIT 2")]
    assert sorted(new) == [max(gone) + 1, max(gone) + 2], "a number is never given twice"
    assert {apoyo.resultado for id_ in new if (apoyo := apoyos.get(reader, id_))} == {Resultado.PENDIENTE}
    assert elevaciones.abiertas(reader) == 0
    assert audiencias.totales(reader, 1).registros == 0
    assert reader.execute("SELECT count(*) FROM revisiones").fetchone()[0] == 0
    reader.close()
    remembers(tmp_path, phone, told)


def test_an_alta_a_key_and_a_baja_beyond_the_last_lote_are_forgotten_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, second=True) as h:
            kept, sembrados = await h.phone(), h.sembrados
            await take(h, kept, 1, {})
            last = h.box.diario.ultimo
            lost = await h.phone(1)

            def end(tx: factories.Tx) -> None:
                factories.dispositivos.set_baja(tx.conn, kept.dispositivo, tx.now_ms)
                tx.lote.add("evento", {"evento": "baja", "dispositivo": kept.dispositivo, "en_ms": tx.now_ms})

            h.clock.advance(1000)
            await h.write(end)
            await at_rest(h)
            acopio(tmp_path, "backup", str(tmp_path / "respaldo"))
        for folder in (tmp_path / "segunda", tmp_path / "respaldo" / DIARIO):
            for path in folder.glob("*.tar"):
                if int(path.stem) > last:
                    path.unlink()
        shutil.rmtree(tmp_path / "caja")
        acopio(tmp_path, "restore", "--desde", str(tmp_path / "respaldo"))
        async with running(tmp_path, config=factories.settings(tmp_path, second=True), fresh=False) as h:
            phones = dict(h.box.reader.execute("SELECT id, baja_ms FROM dispositivos").fetchall())
            assert phones == {kept.dispositivo: None}
            h.sembrados = sembrados
            fresh = await h.phone(1)
            assert fresh.dispositivo > lost.dispositivo, "an Id is never given to a second phone"

    asyncio.run(run())


def test_a_loss_that_may_break_a_promise_is_a_persons_decision(tmp_path: Path) -> None:
    phone, told = filled(tmp_path)
    shutil.rmtree(tmp_path / "segunda")
    conn = open_writer(tmp_path / "caja" / INDEX)
    conn.execute("UPDATE registros SET correo_id = NULL")
    conn.close()
    acopio(tmp_path, "backup", str(tmp_path / "respaldo"), ACOPIO_SEGUNDA_COPIA="")
    for path in newest_lotes(tmp_path / "respaldo" / DIARIO, 1):
        path.unlink()
    shutil.rmtree(tmp_path / "caja")
    arguments = ("restore", "--desde", str(tmp_path / "respaldo"))
    assert "sin segunda copia" in refused(tmp_path, *arguments, ACOPIO_SEGUNDA_COPIA="")
    assert acopio(tmp_path, *arguments, "--aceptar-perdida", ACOPIO_SEGUNDA_COPIA="").exit_code == 0
    (tmp_path / "segunda").mkdir()
    told.popitem()
    remembers(tmp_path, phone, told)


def test_an_acuse_that_went_out_by_mail_was_given(tmp_path: Path) -> None:
    filled(tmp_path)
    conn = open_writer(tmp_path / "caja" / INDEX)
    conn.execute("UPDATE registros SET correo_id = 1")
    conn.close()
    acopio(tmp_path, "backup", str(tmp_path / "respaldo"))
    for folder in (tmp_path / "segunda", tmp_path / "respaldo" / DIARIO):
        newest_lotes(folder, 1)[0].unlink()
    shutil.rmtree(tmp_path / "caja")
    assert "ya salió el acuse por correo" in refused(tmp_path, "restore", "--desde", str(tmp_path / "respaldo"))
    assert not (tmp_path / "caja" / INDEX).exists()


def test_a_hole_and_a_damaged_lote_are_named_and_healed_from_another_place(tmp_path: Path) -> None:
    phone, told = filled(tmp_path, after_backup=0)
    shutil.rmtree(tmp_path / "caja")
    second, kept = tmp_path / "segunda", tmp_path / "respaldo" / DIARIO
    (second / lotes.file_name(3)).unlink()
    (second / lotes.file_name(4)).write_bytes(b"x" * 2000)
    content = bytearray((kept / lotes.file_name(5)).read_bytes())
    content[700] ^= 1
    (kept / lotes.file_name(5)).write_bytes(bytes(content))
    (kept / lotes.file_name(3)).rename(tmp_path / "tres.tar")
    sentence = refused(tmp_path, "restore", "--desde", str(tmp_path / "respaldo"))
    assert "Falta el lote 3 de 6 (no está en ninguna parte)" in sentence
    (tmp_path / "tres.tar").rename(kept / lotes.file_name(3))
    (second / lotes.file_name(5)).rename(tmp_path / "cinco.tar")
    assert "en el respaldo: En el lote 0000000005.tar" in refused(
        tmp_path, "restore", "--desde", str(tmp_path / "respaldo")
    )
    (tmp_path / "cinco.tar").rename(second / lotes.file_name(5))
    assert acopio(tmp_path, "restore", "--desde", str(tmp_path / "respaldo")).exit_code == 0
    (second / lotes.file_name(4)).unlink()
    remembers(tmp_path, phone, told)


def test_lotes_of_another_server_are_not_taken(tmp_path: Path) -> None:
    filled(tmp_path / "uno")
    filled(tmp_path / "dos")
    shutil.rmtree(tmp_path / "uno" / "caja")
    for path in (tmp_path / "uno" / "segunda").glob("*.tar"):
        path.write_bytes((tmp_path / "dos" / "segunda" / path.name).read_bytes())
    shutil.rmtree(tmp_path / "uno" / "respaldo" / DIARIO)
    (tmp_path / "uno" / "respaldo" / DIARIO).mkdir()
    sentence = refused(tmp_path / "uno", "restore", "--desde", str(tmp_path / "uno" / "respaldo"))
    assert "no es el que el índice conoce" in sentence


def test_keys_come_from_where_they_are_and_must_open(tmp_path: Path) -> None:
    filled(tmp_path)
    shutil.rmtree(tmp_path / "caja")
    arguments = ("restore", "--desde", str(tmp_path / "respaldo"))
    assert "no es el de este servidor" in refused(tmp_path, *arguments, ACOPIO_FRASE="una frase que no es")
    assert "Falta ACOPIO_LLAVE_ARCHIVO o ACOPIO_FRASE" in refused(tmp_path, *arguments, ACOPIO_FRASE="")
    (tmp_path / "respaldo" / keyring.FILE).write_bytes(b"rubbish")
    assert "Llaves: de la segunda copia" in acopio(tmp_path, *arguments).output
    shutil.rmtree(tmp_path / "caja")
    (tmp_path / "segunda" / keyring.FILE).unlink()
    (tmp_path / "respaldo" / keyring.FILE).unlink()
    assert f"En ninguna parte está {keyring.FILE}" in refused(tmp_path, *arguments)


def test_what_cannot_be_is_said_before_anything_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    config = factories.settings(tmp_path, second=True)
    arguments = ("restore", "--desde", str(tmp_path / "respaldo"))
    box = open_box(config, FrozenClock())
    assert "Otro servidor ya usa" in refused(tmp_path, *arguments)
    box.close()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "caja").rglob("*") if path.is_file()}
    assert "No existe la carpeta de la segunda copia" in refused(
        tmp_path, *arguments, ACOPIO_SEGUNDA_COPIA=str(tmp_path / "sin-montar")
    )
    assert "no hay un respaldo" in refused(tmp_path, "restore", "--desde", str(tmp_path / "nada"))
    assert "de ese momento o antes" in refused(tmp_path, *arguments, "--hasta", "01/01/2020 10:00")
    assert "ya pasó" in refused(tmp_path, *arguments, "--hasta", "01/01/2090 10:00")
    assert "no es un momento" in refused(tmp_path, *arguments, "--hasta", "ayer")
    assert "elija uno" in refused(tmp_path, *arguments, "--sin-indice")
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1 << 20))
        assert "No cabe" in refused(tmp_path, *arguments)
    index = tmp_path / "respaldo" / backups.newest(tmp_path / "respaldo", None).indice
    index.write_bytes(index.read_bytes()[:-4096])
    assert "falta o está alterado" in refused(tmp_path, *arguments)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "caja").rglob("*") if path.is_file()}
    kept = {path: at for path, at in after.items() if relevo.WORK not in path.parts}
    assert kept == before


class Crash(BaseException):
    """Stands for kill -9."""


@contextlib.contextmanager
def crashing_at(rename: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The n-th rename of the exchange does not happen any more."""
    real, done = Path.rename, [0]

    def counted(self: Path, target: object) -> Path:
        if relevo.WORK in self.parts or "anterior-" in str(target):
            done[0] += 1
            if done[0] == rename:
                raise Crash
        return real(self, target)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", counted)
        yield done


def test_a_crash_anywhere_in_the_exchange_is_finished_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, told = filled(tmp_path)
    arguments = ("restore", "--desde", str(tmp_path / "respaldo"))
    config = factories.settings(tmp_path, second=True)
    crashes = finished = 0
    for rename in range(1, 40):
        before = sorted(path.name for path in (tmp_path / "caja").iterdir())
        with crashing_at(rename, monkeypatch) as done, contextlib.suppress(Crash):
            acopio(tmp_path, *arguments)
        if done[0] < rename:
            break
        crashes += 1
        if relevo.pending(tmp_path / "caja"):
            finished += 1
            with pytest.raises(ConfigurationError, match="Una restauración quedó a medias"):
                open_box(config, FrozenClock())
            assert "quedó en su lugar" in acopio(tmp_path, *arguments).output
        else:
            assert [name for name in before if not (tmp_path / "caja" / name).exists()] == []
        open_box(config, FrozenClock()).close()
    assert crashes > finished > 4
    remembers(tmp_path, phone, told)


@pytest.mark.socket
@pytest.mark.faults
def test_the_index_goes_back_to_a_moment_and_no_registro_does(tmp_path: Path) -> None:
    told: Told = {}
    env = {"ACOPIO_REPLICA": str(tmp_path / "replica")}

    async def fill() -> tuple[Phone, str]:
        async with replicating(tmp_path, second=True) as h:
            phone = await h.phone()
            await take(h, phone, 2, told)
            await copied(h)
            moment = -(-system_clock() // 1000) * 1000
            while system_clock() < moment + 1000:
                await asyncio.sleep(0.05)
            h.clock.now = system_clock()
            await h.write(lambda tx: factories.seed.sow(tx, factories.catalogue(tx.now_ms, auxiliares=4)))
            await take(h, phone, 2, told)
            await copied(h)
            await at_rest(h)
        at = factories_moment(moment)
        return phone, at

    phone, at = asyncio.run(fill())
    shutil.rmtree(tmp_path / "caja")
    assert "2 se repusieron" in acopio(tmp_path, "restore", "--hasta", at, **env).output
    reader = open_reader(tmp_path / "caja" / INDEX)
    assert reader.execute("SELECT count(*) FROM auxiliares").fetchone()[0] == 2, "the catalogue is as it was then"
    reader.close()

    async def go_on() -> None:
        """The replica goes on from the older index, and can be restored again."""
        config = factories.settings(tmp_path, second=True, replica=env["ACOPIO_REPLICA"])
        clock = FrozenClock(system_clock())
        async with running(tmp_path, config=config, clock=clock, fresh=False) as h:
            await take(h, phone, 1, told)
            await copied(h)
            await at_rest(h)

    asyncio.run(go_on())
    shutil.rmtree(tmp_path / "caja")
    assert "5 registros" in acopio(tmp_path, "restore", **env).output
    reader = open_reader(tmp_path / "caja" / INDEX)
    assert reader.execute("SELECT count(*) FROM auxiliares").fetchone()[0] == 2
    reader.close()
    remembers(tmp_path, phone, told)


def factories_moment(ms: int) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(ms / 1000, CENTRO).strftime("%d/%m/%Y %H:%M:%S")


@pytest.mark.socket
@pytest.mark.faults
def test_a_replica_that_is_not_there_is_said(tmp_path: Path) -> None:
    filled(tmp_path)
    sentence = refused(tmp_path, "restore", ACOPIO_REPLICA=str(tmp_path / "replica"))
    assert "No se pudo traer el índice" in sentence
    assert (tmp_path / "caja" / INDEX).exists()
    assert os.listdir(tmp_path / "caja" / KEYS) == [keyring.FILE]
