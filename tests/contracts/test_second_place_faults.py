"""Real second places that refuse, hang, fill up or lie; and the promise end to end with each of them (SPEC §1.5)."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from server.diario.lote import file_name
from server.diario.places.address import open_place
from server.diario.places.place import Motivo, SecondPlace
from server.errors import ConfigurationError
from server.store import registros
from tests.contracts.second_places import (
    KINDS,
    SFTP_SERVER,
    FolderRig,
    S3Rig,
    SftpHost,
    SftpRig,
    rig,
    s3_error,
    write_lotes,
)  # fmt: skip
from tests.contracts.test_second_place import put, refusal
from tests.server.asgi import Harness, running
from tests.server.intake.test_promise import assert_no_acuse, until

pytestmark = pytest.mark.socket


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[SftpRig]:
    with rig("sftp", tmp_path) as made:
        assert isinstance(made, SftpRig)
        yield made


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3Rig]:
    with rig("s3", tmp_path) as made:
        assert isinstance(made, S3Rig)
        yield made


@pytest.fixture
def lotes(tmp_path: Path) -> list[Path]:
    return write_lotes(tmp_path / "diario", 3)


def sftp_place(host: SftpHost, folder: Path, espera_s: float = 10, **changes: str) -> SecondPlace:
    made = open_place(None, host.url(folder, **changes), espera_s=espera_s, diario=folder)
    assert made is not None
    return made


# -- SFTP


def test_a_server_that_is_not_the_known_one_gets_nothing(sftp: SftpRig, tmp_path: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (tmp_path / "otros").write_text(f"[127.0.0.1]:{sftp.host.port} {other}")
    (tmp_path / "ninguno").write_text("")
    for known in ("otros", "ninguno"):
        place = sftp_place(sftp.host, sftp.folder, conocidos=str(tmp_path / known))
        assert refusal(place.connect) is Motivo.IDENTIDAD
        place.close()
    assert sftp.names() == []


def test_a_key_that_is_not_authorized_is_said(sftp: SftpRig, tmp_path: Path) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(tmp_path / "otra"))
    place = sftp_place(sftp.host, sftp.folder, llave=str(tmp_path / "otra"))
    assert refusal(place.connect) is Motivo.SIN_PERMISO
    place.close()


def test_a_server_that_cannot_sync_is_refused(sftp: SftpRig, monkeypatch: pytest.MonkeyPatch) -> None:
    handler: Any = asyncssh.sftp.SFTPServerHandler
    without = [one for one in handler._extensions if one[0] != b"fsync@openssh.com"]
    monkeypatch.setattr(handler, "_extensions", without)
    place = sftp.make()
    assert refusal(place.connect) is Motivo.SIN_FSYNC
    place.close()
    assert sftp.names() == [], "and its probe is gone"


def test_a_sync_that_fails_is_no_copy(sftp: SftpRig, lotes: list[Path]) -> None:
    place = sftp.make()
    place.connect()

    def fails(operation: str) -> None:
        if operation == "fsync":
            raise OSError(errno.EIO, "disco")

    sftp.host.fault = fails
    assert refusal(put, place, lotes) is Motivo.FALLA
    assert set(sftp.names()) <= {path.with_suffix(".tmp").name for path in lotes}
    place.close()


@pytest.mark.parametrize("where", ["write", "fsync", "rename"])
def test_a_server_that_hangs_is_an_error_in_its_time(sftp: SftpRig, lotes: list[Path], where: str) -> None:
    place = sftp_place(sftp.host, sftp.folder, espera_s=0.3)
    place.connect()
    release = threading.Event()
    sftp.host.fault = lambda operation: operation == where and release.wait(60) and None
    try:
        assert refusal(put, place, lotes) is Motivo.NO_RESPONDE
    finally:
        sftp.host.fault = lambda operation: None
        release.set()
        place.close()


def test_closing_ends_a_call_that_hangs(sftp: SftpRig, lotes: list[Path]) -> None:
    place = sftp_place(sftp.host, sftp.folder, espera_s=100)
    place.connect()
    hanging, release = threading.Event(), threading.Event()

    def hang(operation: str) -> None:
        hanging.set()
        release.wait(60)

    sftp.host.fault = hang
    outcome: list[Motivo] = []
    caller = threading.Thread(target=lambda: outcome.append(refusal(put, place, lotes)))
    caller.start()
    assert hanging.wait(60)
    place.close()
    caller.join(60)
    release.set()
    assert outcome in ([Motivo.SIN_CONEXION], [Motivo.NO_RESPONDE])


@pytest.mark.faults
def test_a_full_disk_behind_openssh_is_told_from_a_failure(tmp_path: Path) -> None:
    if os.geteuid() != 0 or sys.platform != "linux" or not SFTP_SERVER.exists():
        pytest.skip("montar un disco pequeño de verdad requiere root en Linux, y hace falta el sftp-server de OpenSSH")
    disk = tmp_path / "disco"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "acopio", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("este equipo no permite montar un tmpfs")
    host = SftpHost(tmp_path / "ssh", openssh=True)
    try:
        place = sftp_place(host, disk)
        place.connect()
        big = write_lotes(tmp_path / "diario", 2, size=700_000)
        assert refusal(put, place, big) is Motivo.LLENA
        place.close()
    finally:
        host.close()
        subprocess.run(["umount", str(disk)], check=True)


# -- S3


def test_a_store_that_ignores_the_condition_is_found_and_still_nothing_is_overwritten(
    s3: S3Rig, lotes: list[Path], tmp_path: Path
) -> None:
    def ignore(request: dict[str, Any]) -> None:
        request.pop("HTTP_IF_NONE_MATCH", None)

    s3.host.gate = ignore
    place = s3.make()
    place.connect()
    assert "If-None-Match" in place.nota
    assert put(place, lotes) == {1, 2, 3}
    assert put(place, lotes) == {1, 2, 3}
    other = write_lotes(tmp_path / "otro", 1, salt="x")
    assert refusal(put, place, other) is Motivo.DISTINTA
    assert s3.content(file_name(1)) == lotes[0].read_bytes()
    place.close()


def test_a_store_that_does_not_know_the_condition_is_used_without(s3: S3Rig, lotes: list[Path]) -> None:
    def unknown(request: dict[str, Any]) -> bytes | None:
        return s3_error("501 Not Implemented", "NotImplemented") if "HTTP_IF_NONE_MATCH" in request else None

    s3.host.gate = unknown
    place = s3.make()
    place.connect()
    assert "If-None-Match" in place.nota
    assert put(place, lotes) == {1, 2, 3}
    place.close()


def test_a_store_that_says_it_took_a_lote_and_did_not_is_caught(s3: S3Rig, lotes: list[Path]) -> None:
    place = s3.make()
    place.connect()

    def swallow(request: dict[str, Any]) -> bytes | None:
        lied = request["REQUEST_METHOD"] == "PUT" and request["PATH_INFO"].endswith(file_name(2))
        return b"200 OK\n" if lied else None

    s3.host.gate = swallow
    told: set[int] = set()
    with pytest.raises(OSError, match="no lo tiene"):
        place.put([(n + 1, path) for n, path in enumerate(lotes)], lambda: None, told.add)
    assert told == {1, 3}
    place.close()


@pytest.mark.parametrize(
    ("answer", "motivo"),
    [
        (s3_error("403 Forbidden", "InvalidAccessKeyId"), Motivo.SIN_PERMISO),
        (s3_error("403 Forbidden", "RequestTimeTooSkewed"), Motivo.RELOJ),
        (s3_error("507 Insufficient Storage", "XMinioStorageFull"), Motivo.LLENA),
        (s3_error("503 Slow Down", "SlowDown"), Motivo.NO_RESPONDE),
        (s3_error("500 Internal Server Error", "InternalError"), Motivo.FALLA),
        (b"502 Bad Gateway\n<html>portal</html>", Motivo.FALLA),
        (s3_error("409 Conflict", "ConditionalRequestConflict"), Motivo.FALLA),
    ],
)
def test_what_a_store_refuses_has_its_reason(s3: S3Rig, lotes: list[Path], answer: bytes, motivo: Motivo) -> None:
    place = s3.make()
    place.connect()
    s3.host.gate = lambda request: answer if request["REQUEST_METHOD"] == "PUT" else None
    assert refusal(put, place, lotes) is motivo
    s3.up()
    assert put(place, lotes) == {1, 2, 3}
    place.close()


def test_a_store_that_hangs_is_an_error_in_its_time(s3: S3Rig, lotes: list[Path]) -> None:
    place = s3.make(espera_s=0.3)
    place.connect()
    release = threading.Event()
    s3.host.gate = lambda request: release.wait(60) and None
    try:
        assert refusal(put, place, lotes) is Motivo.NO_RESPONDE
    finally:
        release.set()
        place.close()


def test_without_credentials_nothing_is_guessed(s3: S3Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("server.diario.places.s3._session", __import__("boto3").session.Session)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-hay"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-hay"))
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    place = s3.make()
    assert refusal(place.connect) is Motivo.SIN_PERMISO
    place.close()


# -- the setting


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sftp://servidor/carpeta?conocidos=K&llave=K", "usuario@servidor"),
        ("sftp://u@servidor/carpeta?llave=K", "conocidos"),
        ("sftp://u@servidor/carpeta?conocidos=K", "llave"),
        ("sftp://u@servidor?conocidos=K&llave=K", "carpeta"),
        ("sftp://u@servidor:nada/carpeta?conocidos=K&llave=K", "puerto"),
        ("sftp://u@servidor/carpeta?conocidos=/no/existe&llave=K", "no existe"),
        ("sftp://u@servidor/carpeta?conocidos=&llave=K", "vacío"),
        ("sftp://u@servidor/carpeta?conocidos=K&llave=K&verificar=no", "verificar"),
        ("s3:///prefijo", "depósito"),
        ("s3://llave:secreto@deposito/prefijo", "AWS_ACCESS_KEY_ID"),
        ("s3://deposito?endpoint=ftp://x", "endpoint"),
        ("s3://deposito?ca=/no/existe", "no existe"),
    ],
)
def test_an_address_that_cannot_work_is_said_with_what_to_do(tmp_path: Path, url: str, says: str) -> None:
    (tmp_path / "k").write_text("x")
    with pytest.raises(ConfigurationError, match=says) as caught:
        open_place(None, url.replace("=K", f"={tmp_path / 'k'}"), espera_s=1, diario=tmp_path)
    assert "secreto" not in str(caught.value)


# -- the promise, with each place


@pytest.mark.parametrize("kind", KINDS)
def test_5_no_acuse_before_the_second_copy_has_it(tmp_path: Path, kind: str) -> None:
    with rig(kind, tmp_path) as behind:
        (tmp_path / "datos").mkdir()

        async def run() -> None:
            async with running(tmp_path / "datos", place=behind.make(), espera_acuse_ms=60_000) as h:
                await promise(h)

        async def promise(h: Harness) -> None:
            phone = await h.phone()
            answer = await h.send(phone, phone.capture())
            assert "acopio-acuse" in answer.headers
            copied()
            # From here on nobody waits for long.
            h.box.reception._settings = replace(h.box.settings, espera_acuse_ms=50)
            behind.down()
            raw = phone.capture()
            answer = await h.send(phone, raw)
            assert answer.headers["acopio-estado"] == "recibido"
            assert_no_acuse(answer)
            second = h.box.second_copy
            assert second is not None
            await until(lambda: second.error is not None, 60)
            health = await h.request("GET", "/salud/listo")
            part = health.json()["partes"]["segunda_copia"]
            assert (health.status, part["estado"], part["pendientes"]) == (503, "mal", 1)
            assert part["motivo"] in set(Motivo)
            page = await h.request("GET", "/salud", headers={"accept": "text/html"})
            assert page.status == 503
            assert Motivo(part["motivo"]).texto in page.body.decode()
            metrics = (await h.request("GET", "/metrics")).body.decode()
            assert "acopio_segunda_copia_disponible 0.0" in metrics
            assert "acopio_segunda_copia_pendientes 1.0" in metrics
            behind.up()
            await until(lambda: second.error is None and second.pending == 0, 60)
            row = registros.by_folio(h.box.reader, phone.folio(1))
            assert row is not None
            assert (await h.session(phone, raw)).sobres[0].acuse == row.acuse
            assert (await h.request("GET", "/salud/listo")).status == 200
            copied()

        def copied() -> None:
            diario = tmp_path / "datos" / "caja" / "diario"
            for path in diario.glob("*.tar"):
                assert behind.content(path.name) == path.read_bytes()
            assert behind.content("llaves.json") == (diario.parent / "llaves" / "llaves.json").read_bytes()

        asyncio.run(run())


def test_a_server_whose_second_place_is_anothers_does_not_start(tmp_path: Path) -> None:
    behind = FolderRig(tmp_path / "segunda")
    for path in write_lotes(tmp_path / "otra", 2, salt="x"):
        behind.plant(path.name, path.read_bytes())

    async def run() -> None:
        async with running(tmp_path / "datos", place=behind.make()):
            pytest.fail("it must not start")

    with pytest.raises(ConfigurationError, match="Segunda copia"):
        asyncio.run(run())
