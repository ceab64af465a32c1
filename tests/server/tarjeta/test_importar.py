"""A memory card at the OPL: every sobre its acuse, nothing on the card touched, and cards as bad as they come (X7)."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server import local_channel
from server.__main__ import cli
from server.app import loose_intake
from server.commands import import_sobres as command
from server.diario.places.folder import FolderPlace
from server.diario.places.place import Moved
from server.diario.places.place import Taken as TakenThere
from server.intake.device_auth import DeviceAuth
from server.intake.loose_sobre import LooseIntake
from server.local_channel import Veredicto
from server.store import registros
from server.tarjeta import archivos
from server.tarjeta.archivos import Archivo, Respuestas, Tarjeta
from server.tarjeta.canal import Receptor, channel
from server.tarjeta.importar import Importacion, Importador, Resultado, Suerte
from sync_protocol import acuse as acuses
from sync_protocol import sobre, tarjeta
from sync_protocol.errors import CATALOGUE
from tests import factories
from tests.factories import DAY, SECRET, Phone
from tests.server.asgi import Harness, running


def on_card(card: Path, raw: bytes, name: str = "") -> Path:
    folio = sobre.parse_header(raw).folio
    path = card / (name or tarjeta.file_name(folio, sobre.codigo_de_integridad(raw)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path


def intake(h: Harness) -> LooseIntake:
    return loose_intake(h.box, DeviceAuth(h.box.reader, h.clock))


async def take_in(card: Path, receptor: Receptor, salida: Path | None = None, espera_s: float = 30) -> Importacion:
    """What the command does, from the look over the card on."""
    found = await asyncio.to_thread(Tarjeta.at(card).look)
    answers = Respuestas.beside(Tarjeta.at(card)) if salida is None else Respuestas(salida)
    return await Importador(Tarjeta.at(card), answers, receptor, espera_s=espera_s).run(found)


def fates(done: Importacion) -> dict[str, tuple[str, str]]:
    return {str(one.archivo.relativo): (str(one.suerte), one.codigo) for one in done.resultados}


def check_acuse(h: Harness, path: Path, raw: bytes) -> None:
    token = path.with_name(path.name + ".acuse").read_text()
    folio = sobre.parse_header(raw).folio
    acuses.verify(token, h.box.keys.publicas, folio=folio, codigo=sobre.codigo_de_integridad(raw), tam=len(raw))


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    made = tmp_path / "tarjeta"
    made.mkdir()
    return made


def test_every_sobre_gets_its_acuse_and_twice_is_once(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        async with running(tmp_path, second=True) as h:
            phone, other = await h.phone(0), await h.phone(1)
            sobres = [phone.capture() for _ in range(12)] + [other.capture() for _ in range(3)]
            paths = [on_card(card, raw) for raw in sobres]
            first = await take_in(card, intake(h))
            assert first.completa
            assert first.cuentas == {Suerte.NUEVO: 15}
            for path, raw in zip(paths, sobres, strict=True):
                check_acuse(h, path, raw)
            before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in card.iterdir()}
            again = await take_in(card, intake(h))
            assert again.completa
            assert again.cuentas == {Suerte.REPETIDO: 15}
            assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in card.iterdir()} == before
            assert registros.count(h.box.reader) == 15

    run(test)


def test_what_a_phone_sent_already_gets_the_same_acuse_on_the_card(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            raw = phone.capture()
            told = (await h.send(phone, raw)).headers["acopio-acuse"]
            path = on_card(card, raw)
            assert (await take_in(card, intake(h))).cuentas == {Suerte.REPETIDO: 1}
            assert path.with_name(path.name + ".acuse").read_text() == told
            later = phone.capture()
            on_card(card, later)
            assert (await take_in(card, intake(h))).cuentas == {Suerte.REPETIDO: 1, Suerte.NUEVO: 1}
            assert (await h.session(phone, later)).sobres[0].estado == "acusado"

    run(test)


def test_a_card_as_bad_as_they_come(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            good, damaged, cut, foreign, bad, twice = (phone.capture() for _ in range(6))
            stranger = Phone(phone.solicitud, phone.auxiliar, 99, phone.to)
            forged = Phone(phone.solicitud, phone.auxiliar, phone.dispositivo, phone.to, next_registro=50)
            forged.anterior = b"\x01" * 32

            flipped = bytearray(damaged)
            flipped[400] ^= 1
            damaged_name = on_card(card, damaged).name
            (card / damaged_name).write_bytes(flipped)
            whole = on_card(card, cut)
            whole.write_bytes(cut[: len(cut) // 2])
            (card / "cortado sin nombre.sobre").write_bytes(cut[:3000])
            (card / "vacío.sobre").write_bytes(b"")
            (card / "DCIM").mkdir()
            (card / "DCIM" / "IMG_0001.JPG").write_bytes(b"\xff\xd8\xff\xe0 una foto de alguien")
            (card / "carta.sobre").write_text("esto no es un sobre")
            on_card(card, good, "DCIM/Copia de «apoyo» (1)\x1b[2J\n.SOBRE")
            on_card(card, foreign, "sin_extension")
            (card / os.fsdecode(b"no-utf8-\xff\xfe.sobre")).write_bytes(bad)
            on_card(card, stranger.capture(), "otro telefono.sobre")
            on_card(card, forged.capture(), "falsificado.sobre")
            on_card(card, twice, "a.sobre")
            on_card(card, twice, "b/c/d/a.sobre")
            (card / "enorme.sobre").write_bytes(b"ACOPIO" + bytes(sobre.MAX_SOBRE))
            (card / "afuera.sobre").symlink_to(tmp_path / "caja" / "indice.db")
            (card / "carpeta.sobre").mkdir()
            (card / "._a.sobre").write_bytes(b"ACOPIO")
            (card / ("n" * 240 + ".sobre")).write_bytes(phone.capture())
            os.mkfifo(card / "tubo.sobre")

            before = {path: path.read_bytes() for path in card.rglob("*") if path.is_file()}
            done = await take_in(card, intake(h))
            assert fates(done) == {
                damaged_name: ("rechazado", "integridad_distinta"),
                whole.name: ("rechazado", "integridad_distinta"),
                "cortado sin nombre.sobre": ("rechazado", "sobre_truncado"),
                "vacío.sobre": ("rechazado", "sobre_truncado"),
                "carta.sobre": ("rechazado", "sobre_truncado"),
                "DCIM/Copia de «apoyo» (1)\x1b[2J\n.SOBRE": ("nuevo", ""),
                "sin_extension": ("nuevo", ""),
                os.fsdecode(b"no-utf8-\xff\xfe.sobre"): ("nuevo", ""),
                "otro telefono.sobre": ("rechazado", "dispositivo_desconocido"),
                "falsificado.sobre": ("rechazado", "firma_invalida"),
                "a.sobre": done_as(done, "a.sobre"),
                "b/c/d/a.sobre": done_as(done, "b/c/d/a.sobre"),
                "enorme.sobre": ("rechazado", "sobre_demasiado_grande"),
                "n" * 240 + ".sobre": ("nuevo", ""),
            }
            both = {done_as(done, "a.sobre")[0], done_as(done, "b/c/d/a.sobre")[0]}
            assert both <= {"nuevo", "repetido"}
            assert "nuevo" in both
            assert not done.completa
            assert not done.cortada
            assert {path: path.read_bytes() for path in before} == before, "nothing on the card is altered"
            said = json.loads((card / "falsificado.sobre.rechazo.json").read_bytes())
            assert said["texto"] == CATALOGUE["firma_invalida"].text
            assert said["permanente"] is True
            assert not list(card.rglob("*.tmp"))
            assert not (card / "afuera.sobre.acuse").exists()
            # Whoever carries a card proves nothing: nothing is held against the device that a forgery names.
            assert h.box.reader.execute("SELECT count(*) FROM rechazos").fetchone()[0] == 0

    run(test)


def done_as(done: Importacion, name: str) -> tuple[str, str]:
    return fates(done)[name]


def test_a_sobre_that_is_the_phones_own_and_wrong_is_refused_as_an_upload_would_be(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            taken = phone.capture()
            await h.send(phone, taken)
            on_card(card, phone.seal(phone.plaintext(0, size=900), 0, anterior=sobre.FIRST_ANTERIOR), "conflicto.sobre")
            on_card(card, phone.seal(b"no es un registro", 5), "contenido.sobre")
            done = await take_in(card, intake(h))
            assert fates(done) == {
                "conflicto.sobre": ("rechazado", "folio_en_conflicto"),
                "contenido.sobre": ("rechazado", "contenido_invalido"),
            }
            kept = h.box.reader.execute("SELECT count(*) FROM conflictos").fetchone()[0]
            assert kept == 1, "both contents are kept for review"
            # Signed by the phone itself: the refusal is remembered, so that its next session says so.
            assert h.box.reader.execute("SELECT motivo FROM rechazos").fetchall()[0][0] == "contenido_invalido"

    run(test)


@pytest.mark.parametrize(("after_ms", "suerte"), [(0, Suerte.NUEVO), (1, Suerte.RECHAZADO)])
def test_the_24_hours_of_grace_count_by_the_moment_of_reception(
    tmp_path: Path, card: Path, after_ms: int, suerte: Suerte
) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            path = on_card(card, phone.capture())
            h.clock.advance(11 * DAY - 1 + after_ms)
            done = await take_in(card, intake(h))
            assert done.cuentas == {suerte: 1}
            refusal = path.with_name(path.name + ".rechazo.json")
            assert refusal.exists() == bool(after_ms)
            if after_ms:
                assert tarjeta.read_rechazo(refusal.read_bytes()).codigo == "periodo_cerrado"
                h.clock.advance(-DAY)  # the OPL moves the end: the same card is taken
                assert (await take_in(card, intake(h))).cuentas == {Suerte.NUEVO: 1}

    run(test)


class StuckPlace(FolderPlace):
    """A second copy that answers only while `open` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.open = threading.Event()

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: TakenThere) -> None:
        if not self.open.is_set():
            raise OSError("el disco no está")
        super().put(group, moved, taken)


def test_no_acuse_reaches_the_card_before_the_second_copy(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        (tmp_path / "segunda").mkdir()
        place = StuckPlace(tmp_path / "segunda")
        place.open.set()
        async with running(tmp_path, place=place, espera_acuse_ms=100) as h:
            phone = await h.phone()
            place.open.clear()
            paths = [on_card(card, phone.capture()) for _ in range(10)]
            done = await take_in(card, intake(h), espera_s=0)
            assert done.cuentas == {Suerte.SIN_ACUSE: 10}
            assert sorted(card.iterdir()) == sorted(paths)
            place.open.set()
            done = await take_in(card, intake(h))
            assert done.cuentas == {Suerte.REPETIDO: 10}
            assert done.completa

    run(test)


def test_acuses_that_wait_for_the_second_copy_come_when_it_heals(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        (tmp_path / "segunda").mkdir()
        place = StuckPlace(tmp_path / "segunda")
        place.open.set()
        async with running(tmp_path, place=place, espera_acuse_ms=50) as h:
            phone = await h.phone()
            place.open.clear()
            for _ in range(10):
                on_card(card, phone.capture())
            inner = intake(h)

            class Healing:
                async def take(self, raw: bytes, announced: bytes = b"") -> Veredicto:
                    return await inner.take(raw, announced)

                async def ask(self, folio: str, codigo: bytes) -> Veredicto:
                    answer = await inner.ask(folio, codigo)
                    place.open.set()
                    return answer

            done = await take_in(card, Healing())
            assert done.cuentas == {Suerte.NUEVO: 10}
            assert done.completa

    run(test)


# -- the card itself fails --------------------------------------------------------------------------------------------


def test_a_card_that_is_pulled_out_ends_the_run_and_the_next_one_goes_on(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            for _ in range(60):
                on_card(card, phone.capture())
            pulled = tmp_path / "en la mano"
            noted = 0

            def note(_: Resultado) -> None:
                nonlocal noted
                noted += 1
                if noted == 5:
                    card.rename(pulled)

            found = Tarjeta.at(card).look()
            answers = Respuestas.beside(Tarjeta.at(card))
            done = await Importador(Tarjeta.at(card), answers, intake(h), espera_s=5, on_result=note).run(found)
            assert done.cortada == "tarjeta"
            assert not card.exists(), "no folder is made where a card was"
            pulled.rename(card)
            done = await take_in(card, intake(h))
            assert done.completa
            assert len(done.resultados) == 60
            assert registros.count(h.box.reader) == 60

    run(test)


def test_the_folder_that_a_card_leaves_behind_gets_no_answers(tmp_path: Path, card: Path) -> None:
    """The empty mount point is on the system's disk: an acuse there would be no acuse for anybody."""
    known = Tarjeta.at(card)
    elsewhere = Tarjeta(known.carpeta, known.dispositivo + 1, known.inodo)
    with pytest.raises(OSError, match="ya no está"):
        Respuestas.beside(elsewhere).put(Archivo(Path("a.sobre"), 1), ".acuse", b"x", "f", 0)
    assert list(card.iterdir()) == []


def test_another_card_under_the_same_path_is_not_taken_for_this_one(tmp_path: Path, card: Path) -> None:
    known = Tarjeta.at(card)
    card.rename(tmp_path / "otra")
    card.mkdir()
    with pytest.raises(archivos.CardGoneError):
        known.check()


def test_answers_that_do_not_fit_are_counted_and_go_elsewhere(
    tmp_path: Path, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            paths = [on_card(card, phone.capture()) for _ in range(5)]
            put = Respuestas.put

            def full(self: Respuestas, archivo: Archivo, *rest: object) -> bool:
                if archivo.relativo.name in {paths[1].name, paths[3].name} and self._carpeta == card:
                    raise OSError(28, "No space left on device")
                return put(self, archivo, *rest)  # type: ignore[arg-type]

            monkeypatch.setattr(Respuestas, "put", full)
            done = await take_in(card, intake(h))
            assert (done.cuentas, done.sin_escribir, done.completa) == ({Suerte.NUEVO: 5}, 2, False)
            elsewhere = tmp_path / "salida"
            done = await take_in(card, intake(h), salida=elsewhere)
            assert done.completa
            assert len(list(elsewhere.iterdir())) == 5

    run(test)


def test_a_torn_acuse_on_the_card_is_written_again(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            raw = phone.capture()
            path = on_card(card, raw)
            path.with_name(path.name + ".acuse").write_bytes(bytes(700))
            (card / ".acopio-0.tmp").write_bytes(b"de un corte anterior")
            assert (await take_in(card, intake(h))).completa
            check_acuse(h, path, raw)
            assert not (card / ".acopio-0.tmp").exists()

    run(test)


# -- through a running server, and without one ------------------------------------------------------------------------


@pytest.mark.socket
def test_through_the_channel_of_a_running_server(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        deep = tmp_path / ("una carpeta con un nombre largo " * 4)
        deep.mkdir()
        async with running(deep, second=True) as h:
            phone = await h.phone()
            paths = {on_card(card, raw): raw for raw in (phone.capture() for _ in range(40))}
            socket = h.box.settings.datos / local_channel.SOCKET
            assert stat.S_IMODE(socket.stat().st_mode) == 0o600
            async with channel(h.box.settings.datos) as canal:
                assert (await take_in(card, canal)).cuentas == {Suerte.NUEVO: 40}
                assert (await canal.ask("no es un folio", bytes(32))).codigo == "no_encontrado"
            for path, raw in paths.items():
                check_acuse(h, path, raw)
        assert not socket.exists()

    run(test)


@pytest.mark.socket
def test_a_server_that_stops_in_mid_import_ends_the_run(tmp_path: Path, card: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            for _ in range(30):
                on_card(card, phone.capture())
            async with channel(h.box.settings.datos) as canal:
                found = Tarjeta.at(card).look()
                halt = asyncio.Event()
                runner = Importador(
                    Tarjeta.at(card),
                    Respuestas.beside(Tarjeta.at(card)),
                    canal,
                    espera_s=5,
                    on_result=lambda _: halt.set(),
                )
                going = asyncio.create_task(runner.run(found))
                await halt.wait()
                canal._writer.transport.abort()
                done = await going
            assert done.cortada == "servidor"
            async with channel(h.box.settings.datos) as canal:
                assert (await take_in(card, canal)).completa

    run(test)


@pytest.mark.socket
@pytest.mark.parametrize("bad", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x03abc", b"\x00\x00"])
def test_what_the_channel_does_not_understand_it_hangs_up_on(tmp_path: Path, bad: bytes) -> None:
    async def test() -> None:
        async with running(tmp_path) as h:
            reader, writer = await asyncio.open_unix_connection(sock=local_channel.connect(h.box.settings.datos))
            writer.write(bad)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
            async with channel(h.box.settings.datos) as canal:
                assert (await canal.take(b"ACOPIO")).codigo == "sobre_truncado"

    run(test)


def invoke(tmp_path: Path, *arguments: object) -> Result:
    env = {"ACOPIO_DATOS": str(tmp_path / "caja"), "ACOPIO_FRASE": SECRET}
    return CliRunner().invoke(cli, ["import-sobres", *(str(one) for one in arguments)], env=env)


@pytest.mark.socket
def test_the_command_with_and_without_a_server(tmp_path: Path, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = factories.FrozenClock()
    monkeypatch.setattr(command, "system_clock", clock)
    (card / "foto.jpg").write_bytes(b"x")

    async def test() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            on_card(card, phone.capture())
            said = await asyncio.to_thread(invoke, tmp_path, card)
            assert said.exit_code == 0, said.output
            assert "1 recibidos, con acuse" in said.output
            assert "Ya puede retirar la tarjeta" in said.output
            on_card(card, phone.capture())

    run(test)
    said = invoke(tmp_path, card, "--json")
    assert said.exit_code == 0, said.output
    report = json.loads(said.output)
    assert report["cuentas"] == {"repetido": 1, "nuevo": 1}
    assert (report["ajenos"], report["encontrados"]) == (1, 2)

    (card / "roto.sobre").write_bytes(b"ACOPIO")
    said = invoke(tmp_path, card)
    assert said.exit_code == 1
    assert "sobre_truncado" in said.output
    said = invoke(tmp_path, tmp_path / "caja" / "diario")
    assert "dentro de los datos del servidor" in str(said.exception)


def test_a_read_only_card_needs_a_folder_for_the_answers(
    tmp_path: Path, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Respuestas, "writable", lambda self: self._carpeta != card)
    said = invoke(tmp_path, card)
    assert "--salida" in str(said.exception)
