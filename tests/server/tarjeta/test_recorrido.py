"""The journey of a card: captured without a line, exported, taken in at the OPL, acuses back, deleted by the phone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from device_sim import __main__ as sim
from device_sim import card as cards
from device_sim import identity as identities
from device_sim.errors import PhoneError
from device_sim.identity import Account, Identity
from device_sim.outbox import Outbox, open_outbox
from server.app import loose_intake
from server.intake.device_auth import DeviceAuth
from server.store import registros
from server.tarjeta.archivos import Respuestas, Tarjeta
from server.tarjeta.importar import Importacion, Importador, Suerte
from sync_protocol import acuse as acuses
from sync_protocol import sobre, tarjeta
from sync_protocol.alta import AltaAceptada
from sync_protocol.queue import EstadoCola
from sync_protocol.signing import PrivateKey
from tests import factories
from tests.device_sim.sobres import fill
from tests.factories import NOW
from tests.server.asgi import Harness, running


async def opl(h: Harness, card: Path) -> Importacion:
    known = Tarjeta.at(card)
    receptor = loose_intake(h.box, DeviceAuth(h.box.reader, h.clock))
    return await Importador(known, Respuestas.beside(known), receptor, espera_s=30).run(known.look())


def outbox_of(folder: Path, phone: factories.Phone) -> Outbox:
    folder.mkdir(exist_ok=True)
    return open_outbox(folder, solicitud=phone.solicitud, auxiliar=phone.auxiliar, dispositivo=phone.dispositivo)


def test_twice_with_one_damaged_file(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path / "servidor", second=True) as h:
            card = tmp_path / "tarjeta"
            phone, other = await h.phone(0), await h.phone(1)
            with outbox_of(tmp_path / "uno", phone) as mine, outbox_of(tmp_path / "dos", other) as theirs:
                fill(mine, phone.key, phone.to, 6)
                fill(theirs, other.key, other.to, 2)
                assert cards.export_sobres(mine, card, NOW) == cards.Exported(7, 0)
                assert cards.export_sobres(theirs, card, NOW) == cards.Exported(3, 0)
                assert cards.export_sobres(mine, card, NOW) == cards.Exported(0, 7), "again costs nothing"
                hurt = card / tarjeta.file_name(mine.get(3).folio, mine.get(3).codigo)
                raw = bytearray(hurt.read_bytes())
                raw[1500] ^= 4
                hurt.write_bytes(raw)

                done = await opl(h, card)
                assert done.cuentas == {Suerte.NUEVO: 9, Suerte.RECHAZADO: 1}
                back = cards.import_acuses(mine, h.box.keys.publicas, card, clock_ms=lambda: NOW)
                assert [folio.registro for folio in back.deleted] == [0, 1, 2, 4, 5, 6]
                assert (back.left, back.false) == (1, ())
                assert [(one.queued.registro, one.copy_damaged) for one in back.refusals] == [(3, True)]
                assert [q.registro for q in mine.pending()] == [3]
                assert mine.get(3).state is EstadoCola.CAPTURADO, "a refusal on a card changes nothing"
                assert len(theirs.pending()) == 3, "acuses of others delete nothing here"

                # The damaged copy is written again, and the queue has grown meanwhile.
                fill(mine, phone.key, phone.to, 2)
                assert cards.export_sobres(mine, card, NOW) == cards.Exported(3, 0)
                done = await opl(h, card)
                assert done.cuentas == {Suerte.NUEVO: 3, Suerte.REPETIDO: 9}
                assert done.completa
                for outbox, count in ((mine, 3), (theirs, 3)):
                    back = cards.import_acuses(outbox, h.box.keys.publicas, card, clock_ms=lambda: NOW)
                    assert (len(back.deleted), back.left, back.refusals) == (count, 0, ())
                assert cards.import_acuses(mine, h.box.keys.publicas, card, clock_ms=lambda: NOW).deleted == ()
                assert registros.count(h.box.reader) == 12
                for line in mine.ledger():
                    acuses.read(line.acuse, h.box.keys.publicas)

    asyncio.run(run())


def test_the_acuses_go_out_by_mail_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path / "servidor", sesion_quieta_ms=1000) as h:
            card = tmp_path / "tarjeta"
            phone = await h.phone(0)
            with outbox_of(tmp_path / "uno", phone) as mine:
                fill(mine, phone.key, phone.to, 3)
                cards.export_sobres(mine, card, NOW)
            await opl(h, card)
            h.clock.advance(2000)
            await h.app.state.outbox.send_due()
            assert len(h.mail.messages) == 1, "one message for all that the card brought"
            assert await opl(h, card)
            h.clock.advance(2000)
            await h.app.state.outbox.send_due()
            assert len(h.mail.messages) == 1, "and none for what was there already"

    asyncio.run(run())


@pytest.mark.parametrize("what", ["other_key", "other_sobre", "torn", "no_acuse"])
def test_an_acuse_that_does_not_hold_deletes_nothing(tmp_path: Path, what: str) -> None:
    key, server = PrivateKey.generate(), PrivateKey.generate()
    phone = factories.Phone(1, 1, 1, factories.sealing.OpeningKey(bytes(32)).public, key)
    keys = {server.public.thumbprint: server.public}
    card = tmp_path / "tarjeta"
    with outbox_of(tmp_path / "uno", phone) as mine:
        queued = fill(mine, key, phone.to, 0)[0]
        cards.export_sobres(mine, card, NOW)
        said = acuses.Acuse(
            iss="x", iat=1, folio=str(queued.folio), tipo="testigos", codigo=queued.codigo.hex(),
            tam=queued.size + (what == "other_sobre"), recibido="2026-01-01T00:00:00.000Z",
        )  # fmt: skip
        token = acuses.sign(said, PrivateKey.generate() if what == "other_key" else server)
        token = {"torn": token[:200], "no_acuse": "\0" * 300}.get(what, token)
        (card / (tarjeta.file_name(queued.folio, queued.codigo) + ".acuse")).write_text(token)
        back = cards.import_acuses(mine, keys, card, clock_ms=lambda: NOW)
        code = {"other_key": "llave_de_acuse_desconocida", "other_sobre": "acuse_ajeno"}.get(what, "jws_invalido")
        assert (back.deleted, back.left, back.false) == ((), 1, ((queued.folio, code),))
        assert sobre.codigo_de_integridad(mine.read(0)) == queued.codigo


def test_a_card_that_is_full_says_so_and_the_queue_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = factories.Phone(1, 1, 1, factories.sealing.OpeningKey(bytes(32)).public)

    def full(target: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cards, "_write", full)
    with outbox_of(tmp_path / "uno", phone) as mine:
        fill(mine, phone.key, phone.to, 1)
        with pytest.raises(PhoneError, match="Nada se borró"):
            cards.export_sobres(mine, tmp_path / "tarjeta", NOW)
        assert len(mine.pending()) == 2


def test_the_commands_of_the_phone(tmp_path: Path) -> None:
    folder, card = tmp_path / "telefono", tmp_path / "tarjeta"
    folder.mkdir()

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(sim.sim, [str(one) for one in arguments])

    async def run() -> None:
        async with running(tmp_path / "servidor") as h:
            phone = await h.phone()
            account = Account(
                solicitud=phone.solicitud, auxiliar=phone.auxiliar, tipo_cuenta="google", correo="a@ejemplo.mx"
            )
            alta = AltaAceptada(
                dispositivo=phone.dispositivo, institucion="I", proceso="P", cargo="C", aspirante="A",
                emblema_png=None, inicia_ms=0, termina_ms=1, gracia_ms=1, llave_sellado=phone.to.raw,
                jwks=acuses.jwks(h.box.keys.publicas), ahora_ms=NOW,
            )  # fmt: skip
            wrapped = identities.wrap(phone.key, "una contraseña larga")
            identities.save(folder, Identity(account=account, aviso="1", key=wrapped, alta=alta))
            with outbox_of(folder, phone) as mine:
                fill(mine, phone.key, phone.to, 2)
            out = await asyncio.to_thread(invoke, "export-sobres", "--folder", folder, card)
            assert out.exit_code == 0, out.output
            assert "3 sobres escritos" in out.output
            out = await asyncio.to_thread(invoke, "import-acuses", "--folder", folder, card)
            assert (out.exit_code, "3 siguen en el teléfono" in out.output) == (2, True)
            await opl(h, card)
            out = await asyncio.to_thread(invoke, "import-acuses", "--folder", folder, card)
            assert out.exit_code == 0, out.output
            assert "3 acuses verificados y borrados; 0 siguen" in out.output

    asyncio.run(run())
