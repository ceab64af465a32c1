"""`acopio doctor`: each thing that is wrong has its line, under its code, with what to do about it."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import shutil
import socket
import sqlite3
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.__main__ import cli
from server.app import DIARIO, INDEX, KEYS, PARTIALS
from server.diario import lote as lotes
from server.doctor import ajustes, certificados, cola, copias, correo, disco, reloj, sistema
from server.doctor.lista import CHEQUEOS, examine
from server.doctor.valores import Chequeo, Entorno, Estado, Resultado
from tests import factories
from tests.factories import DAY, NOW, SECRET
from tests.server.asgi import running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box at rest that has taken two registros, with its second copy."""
    folder = tmp_path_factory.mktemp("doctor")

    async def run() -> None:
        async with running(folder, second=True) as h:
            phone = await h.phone()
            await h.send(phone, phone.capture())
            await h.send(phone, phone.capture())

    asyncio.run(run())
    return folder


@pytest.fixture
def box(made: Path, tmp_path: Path) -> Entorno:
    """A copy of it that a test may hurt."""
    shutil.copytree(made, tmp_path / "copia")
    return surroundings(tmp_path / "copia")


def surroundings(folder: Path, **changes: object) -> Entorno:
    settings = factories.settings(folder, second=True, **changes)
    datos = settings.datos
    return Entorno(
        settings=settings, env={}, clock=lambda: NOW + 1000, indice=datos / INDEX, diario=datos / DIARIO,
        parciales=datos / PARTIALS, llaves=datos / KEYS, en_marcha=False,
    )  # fmt: skip


def set_up(e: Entorno, **changes: object) -> Entorno:
    return replace(e, settings=replace(e.settings, **changes))  # type: ignore[arg-type]


def said(check: Chequeo, e: Entorno) -> dict[str, Estado]:
    results = list(check(e))
    for result in results:
        assert result.texto
        assert bool(result.que_hacer) == (result.estado in (Estado.AVISO, Estado.FALLA)), result
    return {result.codigo: result.estado for result in results}


def sql(e: Entorno, statement: str, *values: object) -> None:
    conn = sqlite3.connect(e.indice)
    with conn:
        conn.execute(statement, values)
    conn.close()


B, A, F, O = Estado.BIEN, Estado.AVISO, Estado.FALLA, Estado.OMITIDO  # noqa: E741


def test_no_check_faints_and_codes_are_stable(box: Entorno) -> None:
    found: list[tuple[str, Resultado]] = []
    examine(box, lambda group, result: found.append((group, result)))
    assert "revision_interrumpida" not in {result.codigo for _, result in found}
    assert {group for group, _ in found} == {group for group, _ in CHEQUEOS}


def test_a_check_that_breaks_does_not_stop_the_others(box: Entorno) -> None:
    def faints(e: Entorno) -> Iterable[Resultado]:
        raise PermissionError(13, "no")

    found: list[Resultado] = []
    examine(box, lambda _, result: found.append(result), (("X", faints), ("Copias", copias.segunda_copia)))
    assert [(one.codigo, one.estado) for one in found] == [("revision_interrumpida", F), ("segunda_copia", B)]
    assert "faints" in found[0].texto


# -- system -----------------------------------------------------------------------------------------------------------


def test_the_index(box: Entorno) -> None:
    assert said(sistema.indice, box) == {"indice": B}
    sql(box, "DROP TRIGGER registro_tomado")
    assert said(sistema.indice, box) == {"indice": A}
    box.indice.write_bytes(b"no es una base" * 500)
    assert said(sistema.indice, box) == {"indice": F}
    box.indice.unlink()
    assert said(sistema.indice, box) == {"indice": F}, "there are lotes: it was lost"


def test_a_new_box_has_no_index_yet(tmp_path: Path) -> None:
    env = {"ACOPIO_DATOS": str(tmp_path / "caja"), "ACOPIO_FRASE": SECRET}
    assert CliRunner().invoke(cli, ["init"], env=env).exit_code == 0
    e = surroundings(tmp_path)
    assert said(sistema.indice, e) == {"indice": A}
    assert said(sistema.permisos, e) == {"datos_permisos": B}, "init leaves the folder to its owner alone"


def test_permissions(box: Entorno, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(sistema.permisos, box) == {"datos_permisos": B}
    box.settings.datos.chmod(0o755)
    assert said(sistema.permisos, box) == {"datos_permisos": A}
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert said(sistema.permisos, box) == {"datos_permisos": A, "datos_dueno": A}


def test_open_files(box: Entorno, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sistema.resource, "getrlimit", lambda _: (256, 512))
    assert said(sistema.limites, box) == {"archivos_abiertos": A}
    monkeypatch.setattr(sistema.resource, "getrlimit", lambda _: (65536, 65536))
    assert said(sistema.limites, box) == {"archivos_abiertos": B}


def test_no_server(box: Entorno) -> None:
    assert said(sistema.servidor, box) == {"servidor": A}


@pytest.mark.socket
def test_something_holds_the_folder_and_does_not_answer(box: Entorno) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        e = set_up(replace(box, en_marcha=True), escucha=f"127.0.0.1:{taken.getsockname()[1]}")
        assert said(sistema.servidor, e) == {"servidor": A}


# -- disk and copies --------------------------------------------------------------------------------------------------


def test_room_on_the_disk(box: Entorno, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(disco.shutil.disk_usage(box.diario))

    def with_free(free: int) -> dict[str, Estado]:
        monkeypatch.setattr(disco.shutil, "disk_usage", lambda _: usage(10**12, 10**12 - free, free))
        return said(disco.datos, box)

    assert with_free(5 * 10**11)["datos_espacio"] is B
    assert with_free(2 * 10**11)["datos_espacio"] is A
    assert with_free(10**8)["datos_espacio"] is F


def test_a_write_is_really_tried_and_timed(box: Entorno, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(box.settings.datos.iterdir())
    assert said(disco.datos, box)["datos_escritura"] in (B, A)
    assert sorted(box.settings.datos.iterdir()) == before

    def broken(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disco.os, "fsync", broken)
    assert said(disco.datos, box)["datos_escritura"] is F


def test_a_network_disk(box: Entorno, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disco, "_kind", lambda folder: "nfs4")
    assert said(disco.datos, box)["datos_en_red"] is F


def test_the_second_copy(box: Entorno) -> None:
    assert said(copias.segunda_copia, box) == {"segunda_copia": B}
    assert said(disco.segunda_copia, box)["segunda_copia_mismo_disco"] is A
    place = box.settings.segunda_copia
    assert place is not None
    last = max(lotes.numbers(place))
    held = (place / lotes.file_name(last)).read_bytes()
    (place / lotes.file_name(last)).unlink()
    assert said(copias.segunda_copia, box) == {"segunda_copia": A}
    assert said(copias.segunda_copia, replace(box, en_marcha=True)) == {"segunda_copia": B}, "it is being copied"
    (place / lotes.file_name(last)).write_bytes(held[:-3000])
    assert said(copias.segunda_copia, box) == {"segunda_copia_ajena": F, "segunda_copia": B}
    place.rename(place.with_name("desmontada"))
    assert said(copias.segunda_copia, box) == {"segunda_copia": F}
    assert said(copias.segunda_copia, set_up(box, segunda_copia=None)) == {"segunda_copia": A}


# -- clock ------------------------------------------------------------------------------------------------------------


def test_a_clock_behind_its_own_past(box: Entorno) -> None:
    assert said(reloj.hechos, box) == {"reloj_atrasado": B}
    behind = replace(box, clock=lambda: NOW - DAY)
    assert said(reloj.hechos, behind) == {"reloj_atrasado": F}
    box.indice.unlink()
    assert said(reloj.hechos, behind) == {"reloj_atrasado": F}, "the diario alone remembers too"


def test_jumps_back_are_seen_in_the_bitacora(box: Entorno) -> None:
    sql(box, "INSERT INTO bitacora (en_ms, evento, actor, objeto, datos, anterior, resumen) "
        "VALUES (?, 'x', 'x', '', '{}', zeroblob(32), zeroblob(32))", NOW - DAY)  # fmt: skip
    assert said(reloj.hechos, box)["reloj_saltos"] is A


@pytest.fixture
def time_server() -> Iterator[Callable[[int], str]]:
    """Answers one SNTP question with our clock and an offset."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(offset_ms: int) -> str:
        def answer() -> None:
            asked, whom = line.recvfrom(512)
            seconds, ms = divmod(NOW + 1000 + offset_ms, 1000)
            stamp = struct.pack(">II", seconds + 2_208_988_800, ms * 2**32 // 1000)
            line.sendto(b"\x24\x02" + bytes(22) + asked[40:48] + stamp + stamp, whom)

        threads.append(threading.Thread(target=answer, daemon=True))
        threads[-1].start()
        return f"127.0.0.1:{line.getsockname()[1]}"

    yield serve
    for thread in threads:
        thread.join(5)
    line.close()


@pytest.mark.socket
@pytest.mark.parametrize(("offset_ms", "estado"), [(0, B), (-5_000, A), (3_600_000, F)])
def test_against_a_time_server(box: Entorno, time_server: Callable[[int], str], offset_ms: int, estado: Estado) -> None:
    e = replace(box, ntp=time_server(offset_ms))
    assert said(reloj.ntp, e) == {"reloj_ntp": estado}
    host, _, port = (e.ntp or "").partition(":")
    time_server(offset_ms)
    assert abs(reloj.ntp_offset_ms(host, int(port), e) - offset_ms) <= 1


def test_without_a_time_server_nothing_is_asked(box: Entorno) -> None:
    assert said(reloj.ntp, box) == {"reloj_ntp": O}


# -- keys and certificates --------------------------------------------------------------------------------------------


def test_keys(box: Entorno) -> None:
    assert said(certificados.llaves, box) == {"llaves": B}
    assert said(certificados.llaves_respaldo, box) == {"llaves_copia": B}
    wrong = set_up(box, frase="otra frase que no es")
    assert said(certificados.llaves, wrong) == {"llaves": F}
    (box.llaves / "llaves.json").chmod(0o644)
    assert said(certificados.llaves, box) == {"llaves": B, "llaves_permisos": A}
    (box.llaves / "llaves.json").unlink()
    assert said(certificados.llaves, box) == {"llaves": F}
    assert said(certificados.llaves_respaldo, box) == {"llaves_copia": A}


def certificate(folder: Path, ends: datetime.datetime) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(ends - datetime.timedelta(days=365)).not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "tls.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.socket
def test_the_certificate_as_a_phone_sees_it(box: Entorno, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=30)
    path = certificate(tmp_path, ends)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        for _ in range(3):
            line, _ = listener.accept()
            try:
                context.wrap_socket(line, server_side=True).close()
            except OSError:
                line.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    e = set_up(box, url_publica=f"https://localhost:{port}")
    assert said(certificados.tls, e) == {"tls": F}, "nobody knows this authority"
    trusting = ssl.create_default_context(cafile=path)
    monkeypatch.setattr(certificados.ssl, "create_default_context", lambda: trusting)
    ends_ms = int(ends.timestamp()) * 1000
    assert said(certificados.tls, replace(e, clock=lambda: ends_ms - 25 * DAY)) == {"tls": B}
    assert said(certificados.tls, replace(e, clock=lambda: ends_ms - 20 * DAY)) == {"tls": A}
    thread.join(5)
    listener.close()
    assert said(certificados.tls, e) == {"tls": A}, "nobody answers"


# -- queues -----------------------------------------------------------------------------------------------------------


def test_what_waits(box: Entorno) -> None:
    assert said(cola.cola, box) == {"trabajos": B, "correo_espera": B}
    later = replace(box, clock=lambda: NOW + DAY)
    sql(box, "DELETE FROM correos")
    for key, state in (("a", "pendiente"), ("b", "fallido")):
        sql(box, "INSERT INTO correos (clave, clase, auxiliar_id, datos, estado, creado_ms, proximo_ms, ultimo_error) "
            "VALUES (?, 'acuses', 1, '{}', ?, ?, ?, 'SMTPServerDisconnected')", key, state, NOW, NOW)  # fmt: skip
    sql(box, "UPDATE trabajos SET estado = 'cuarentena'")
    assert said(cola.cola, later) == {
        "trabajos": B, "trabajos_cuarentena": A, "correo_fallido": A, "correo_espera": A,
    }  # fmt: skip
    box.indice.unlink()
    assert said(cola.cola, box) == {"trabajos": O}


def test_uploads_under_way(box: Entorno) -> None:
    assert said(cola.parciales, box) == {"parciales": B}
    left = box.parciales / "1-1-0011223344556677"
    left.write_bytes(b"x" * 100)
    os.utime(left, (NOW / 1000 - 20 * 86_400, NOW / 1000 - 20 * 86_400))
    assert said(cola.parciales, box) == {"parciales": A}


# -- mail -------------------------------------------------------------------------------------------------------------


class Postman:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        self.messages.append(envelope.content)  # type: ignore[attr-defined]
        return "250 OK"


class AnyPort(Controller):
    """Listens where there is room."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def post_office() -> Iterator[tuple[Postman, int]]:
    postman = Postman()

    def login(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=data.password == b"secreta", handled=False)  # type: ignore[attr-defined]

    controller = AnyPort(
        postman, hostname="127.0.0.1", port=0, authenticator=login, auth_require_tls=False, auth_required=False
    )
    controller.start()
    yield postman, controller.server.sockets[0].getsockname()[1]
    controller.stop()


@pytest.mark.socket
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_real_conversation_without_a_message(box: Entorno, post_office: tuple[Postman, int]) -> None:
    postman, port = post_office
    e = set_up(box, smtp_url=f"smtp://yo:secreta@127.0.0.1:{port}")
    result = next(iter(correo.smtp(e)))
    assert (result.estado, result.datos["pasos"]) == (B, ["conexión", "EHLO", "usuario", "NOOP"])
    assert postman.messages == []
    assert said(correo.smtp, replace(e, prueba="ti@ejemplo.mx")) == {"smtp": B}
    assert len(postman.messages) == 1
    wrong = next(iter(correo.smtp(set_up(box, smtp_url=f"smtp://yo:mala@127.0.0.1:{port}"))))
    assert (wrong.estado, "contraseña" in wrong.texto) == (F, True)
    assert said(correo.smtp, set_up(box, smtp_url=f"smtp+starttls://127.0.0.1:{port}")) == {"smtp": F}


@pytest.mark.socket
def test_no_mail_server(box: Entorno) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert said(correo.smtp, set_up(box, smtp_url=f"smtp://127.0.0.1:{nobody.getsockname()[1]}")) == {"smtp": F}
    assert said(correo.smtp, box) == {"smtp": A}
    assert said(correo.smtp, set_up(box, demo=True)) == {"smtp": O}


# -- settings ---------------------------------------------------------------------------------------------------------

PUBLIC = {"url_publica": "https://acopio.ejemplo.mx", "correo_de": "a@ejemplo.mx"}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, {"ajustes": B}),
        ({"url_publica": "http://acopio.ejemplo.mx"}, {"url_sin_tls": F}),
        ({"url_publica": "http://127.0.0.1:8000"}, {"url_local": A}),
        ({"demo": True}, {"demo_publica": F}),
        ({"escucha": "0.0.0.0:8443", "url_publica": "https://x.mx:8443"}, {"escucha_sin_tls": A}),
        ({"llave_archivo": Path("/etc/x")}, {"dos_llaves": A}),
        ({"smtp_url": "smtp://a:b@correo.mx"}, {"smtp_en_claro": F}),
        ({"smtp_url": "smtps://a:b@correo.mx", "correo_de": "acopio@localhost"}, {"remitente": A}),
    ],
)
def test_contradictions(box: Entorno, changes: dict[str, object], codes: dict[str, Estado]) -> None:
    assert said(ajustes.contradicciones, set_up(box, **{**PUBLIC, **changes})) == codes


def test_places_inside_each_other(box: Entorno) -> None:
    datos = box.settings.datos
    e = set_up(box, **PUBLIC, segunda_copia=datos / "copia", frase=None, llave_archivo=datos / "copia" / "llave")
    assert said(ajustes.contradicciones, e) == {"segunda_copia_dentro": F, "llave_con_copia": F}


def test_a_misspelt_variable(box: Entorno) -> None:
    assert said(ajustes.desconocidos, replace(box, env={"ACOPIO_FRASE": "x", "PATH": "/"})) == {"ajuste_desconocido": B}
    result = next(iter(ajustes.desconocidos(replace(box, env={"ACOPIO_SEGUNDACOPIA": "x"}))))
    assert (result.estado, result.que_hacer) == (A, "¿Quiso decir ACOPIO_SEGUNDA_COPIA?")


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_command(box: Entorno) -> None:
    env = {
        "ACOPIO_DATOS": str(box.settings.datos), "ACOPIO_FRASE": SECRET,
        "ACOPIO_SEGUNDA_COPIA": str(box.settings.segunda_copia),
    }  # fmt: skip
    done = CliRunner().invoke(cli, ["doctor"], env=env)
    assert done.exit_code == 1, done.output
    assert "  ✓     Las llaves abren" in done.output
    assert "  aviso No hay un servidor en marcha" in done.output
    assert "Qué hacer: systemctl start acopio" in done.output
    assert done.output.endswith("Hay avisos.\n")
    done = CliRunner().invoke(cli, ["doctor", "--json"], env={**env, "ACOPIO_FRASE": "otra frase que no es"})
    assert done.exit_code == 2
    report = json.loads(done.output)
    assert report["resultado"] == "falla"
    assert {"llaves"} == {one["codigo"] for one in report["revisiones"] if one["estado"] == "falla"}
    done = CliRunner().invoke(cli, ["doctor", "--enviar-prueba", "a <b@c>"], env=env)
    assert "necesita una dirección" in str(done.exception)
