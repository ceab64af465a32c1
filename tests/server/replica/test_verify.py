"""`acopio verify`: each kind of damage is found under its own code, and a box that is well has nothing to say."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from server import keyring
from server.__main__ import cli
from server.app import DIARIO, INDEX, KEYS, PARTIALS
from server.diario import lote as lotes
from server.intake import enrol
from server.replica import en_marcha
from server.replica.revision.copia import folder_comparer
from server.replica.revision.hallazgos import CATALOGO, Gravedad
from server.replica.verify import Carpeta, Informe, Pedido, verify
from sync_protocol import acuse as acuses
from sync_protocol.alta import Baja
from sync_protocol.signing import PrivateKey
from tests.factories import SECRET
from tests.server.asgi import running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box at rest: two phones, five registros, a conflict, a baja, a second copy."""
    folder = tmp_path_factory.mktemp("verify")

    async def run() -> None:
        async with running(folder, second=True) as h:
            first, other = await h.phone(0), await h.phone(1)
            for phone, count in ((first, 3), (other, 2)):
                for _ in range(count):
                    assert (await h.send(phone, phone.capture())).headers["acopio-estado"] == "acusado"
            assert (await h.send(first, first.seal(first.plaintext(1, size=900), 1))).status == 409
            request = Baja(
                solicitud=other.solicitud, auxiliar=other.auxiliar, dispositivo=other.dispositivo, nonce="n" * 16
            )
            await h.write(lambda tx: enrol.baja(tx, request, needs_code=False))

    asyncio.run(run())
    return folder


@pytest.fixture
def box(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "copia")
    return tmp_path / "copia"


def look(box: Path, **changes: object) -> Informe:
    datos = box / "caja"
    keys = keyring.load(datos / KEYS, SECRET.encode())
    asked = Pedido(
        carpeta=Carpeta(datos / INDEX, datos / DIARIO, datos / PARTIALS),
        publicas=dict(keys.publicas),
        nombres=keyring.signing_names(datos / KEYS),
        aperturas=dict(keys.aperturas),
        comparador=folder_comparer(datos / DIARIO, datos / KEYS, box / "segunda"),
        en_marcha=en_marcha.held(datos),
    )
    return verify(replace(asked, **changes))  # type: ignore[arg-type]


def found(informe: Informe) -> dict[str, int]:
    """What is more than information."""
    return {
        codigo: count
        for codigo, count in informe.hallazgos.counts.items()
        if CATALOGO[codigo].gravedad is not Gravedad.INFORMACION
    }


@pytest.mark.parametrize("hilos", [1, 2])
def test_a_box_that_is_well(box: Path, hilos: int) -> None:
    informe = look(box, hilos=hilos)
    assert found(informe) == {}
    assert informe.hallazgos.counts == {"folio_en_conflicto": 1}
    assert (informe.registros, informe.conflictos) == (5, 1)
    assert (informe.acuses, informe.firmas, informe.abiertos) == (5, 6, 6)
    assert informe.sin_revisar == []


def test_what_is_not_checked_without_the_passphrase_is_said(box: Path) -> None:
    informe = look(box, publicas=None, aperturas=None, comparador=None)
    assert found(informe) == {}
    assert (informe.acuses, informe.abiertos, informe.firmas) == (0, 0, 6)
    assert [line.split(":")[0] for line in informe.sin_revisar] == [
        "Las firmas de los acuses", "Que los sobres abran", "La segunda copia",
    ]  # fmt: skip


# -- damage -----------------------------------------------------------------------------------------------------------


def sql(box: Path, statement: str, *values: object) -> None:
    conn = sqlite3.connect(box / "caja" / INDEX)
    with conn:
        for name in ("bitacora_sin_cambios", "bitacora_sin_borrados"):
            if "bitacora" in statement:
                conn.execute(f"DROP TRIGGER IF EXISTS {name}")
        conn.execute(statement, values)
    conn.close()


def lote_with(box: Path, clase: str) -> tuple[Path, lotes.Manifiesto]:
    folder = box / "caja" / DIARIO
    for numero in lotes.numbers(folder):
        path = folder / lotes.file_name(numero)
        manifest, _ = lotes.read_manifest(path)
        if any(entrada.clase == clase for entrada in manifest.entradas):
            return path, manifest
    raise AssertionError(clase)


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def flip_sobre(box: Path) -> None:
    path, manifest = lote_with(box, "sobre")
    miembro = manifest.entradas[0].sobre
    assert miembro is not None
    flip(path, miembro.posicion + miembro.tam // 2)


def flip_acuse(box: Path) -> None:
    path, manifest = lote_with(box, "sobre")
    miembro = manifest.entradas[0].acuse
    assert miembro is not None
    flip(path, miembro.posicion + 5)


def flip_tar_header(box: Path) -> None:
    flip(lote_with(box, "sobre")[0], 3)


def truncate(box: Path) -> None:
    path, _ = lote_with(box, "conflicto")
    path.write_bytes(path.read_bytes()[:-700])


def lose_a_lote(box: Path) -> None:
    lote_with(box, "conflicto")[0].unlink()


def rewrite(box: Path, change: Callable[[lotes.LoteBuilder, lotes.Entrada, bytes, bytes], None]) -> None:
    """The first lote with a sobre, made again with something else in it, and the index made to agree with its hash."""
    path, manifest = lote_with(box, "sobre")
    entrada = manifest.entradas[0]
    assert entrada.sobre is not None
    assert entrada.acuse is not None
    raw = path.read_bytes()
    sobre = raw[entrada.sobre.posicion : entrada.sobre.posicion + entrada.sobre.tam]
    acuse = raw[entrada.acuse.posicion : entrada.acuse.posicion + entrada.acuse.tam]
    builder = lotes.LoteBuilder(manifest.lote, bytes.fromhex(manifest.anterior), manifest.creado)
    change(builder, entrada, sobre, acuse)
    resumen = builder.write(path.parent)
    sql(box, "UPDATE lotes SET resumen = ? WHERE numero = ?", resumen, manifest.lote)


def forge_acuse(box: Path) -> None:
    keys = keyring.load(box / "caja" / KEYS, SECRET.encode())

    def change(builder: lotes.LoteBuilder, entrada: lotes.Entrada, sobre: bytes, acuse: bytes) -> None:
        said = acuses.read(acuse.decode(), keys.publicas)
        token = acuses.sign(said, PrivateKey.generate()).encode()
        assert entrada.sobre is not None
        assert entrada.acuse is not None
        builder.add("sobre", entrada.datos, sobre=(entrada.sobre.nombre, sobre, bytes.fromhex(entrada.sobre.sha256)),
                    acuse=(entrada.acuse.nombre, token))  # fmt: skip

    rewrite(box, change)


def acuse_of_another(box: Path) -> None:
    keys = keyring.load(box / "caja" / KEYS, SECRET.encode())

    def change(builder: lotes.LoteBuilder, entrada: lotes.Entrada, sobre: bytes, acuse: bytes) -> None:
        said = acuses.read(acuse.decode(), keys.publicas)
        token = acuses.sign(
            acuses.Acuse(**{**{name: getattr(said, name) for name in said.__struct_fields__}, "tam": said.tam + 1}),
            keys.firma,
        ).encode()
        assert entrada.sobre is not None
        assert entrada.acuse is not None
        builder.add("sobre", entrada.datos, sobre=(entrada.sobre.nombre, sobre, bytes.fromhex(entrada.sobre.sha256)),
                    acuse=(entrada.acuse.nombre, token))  # fmt: skip

    rewrite(box, change)


def swap_signature(box: Path) -> None:
    def change(builder: lotes.LoteBuilder, entrada: lotes.Entrada, sobre: bytes, acuse: bytes) -> None:
        assert entrada.sobre is not None
        assert entrada.acuse is not None
        other = sobre[:-64] + bytes(31) + b"\x01" + bytes(31) + b"\x01"
        builder.add("sobre", entrada.datos, sobre=(entrada.sobre.nombre, other, hashlib.sha256(other).digest()),
                    acuse=(entrada.acuse.nombre, acuse))  # fmt: skip

    rewrite(box, change)


def paper_without_cedula(box: Path) -> None:
    sql(
        box,
        "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, via) "
        "VALUES (?, 'papel', 1, 0, 0, 1, 0, '[]', 'bien', 'papel')",
        2**40,
    )


def stray_partial(box: Path) -> None:
    (box / "caja" / PARTIALS / "9-9-0011223344556677").write_bytes(b"x")


DAMAGE: list[tuple[Callable[[Path], object], set[str]]] = [
    (flip_sobre, {"miembro_alterado", "copia_distinta"}),
    (flip_acuse, {"miembro_alterado", "copia_distinta"}),
    (flip_tar_header, {"lote_ilegible", "copia_distinta"}),
    (truncate, {"lote_ilegible", "copia_distinta"}),
    (lose_a_lote, {"lote_faltante"}),
    (forge_acuse, {"acuse_firma", "fila_distinta", "lote_no_sigue", "copia_distinta"}),
    (acuse_of_another, {"acuse_ajeno", "fila_distinta", "lote_no_sigue", "copia_distinta"}),
    (swap_signature, {"sobre_firma", "acuse_ajeno", "fila_distinta", "lote_no_sigue", "copia_distinta"}),
    (stray_partial, {"parcial_sin_fila"}),
    (lambda box: (box / "caja" / DIARIO / "notas.txt").write_text("x"), {"archivo_ajeno"}),
    (lambda box: (box / "segunda" / lotes.file_name(3)).unlink(), {"copia_faltante"}),
    (lambda box: flip(box / "segunda" / lotes.file_name(3), 900), {"copia_distinta"}),
    (lambda box: shutil.rmtree(box / "segunda"), {"copia_ausente"}),
    (lambda box: (box / "segunda" / keyring.FILE).unlink(), {"llaves_sin_copia"}),
    (lambda box: sql(box, "DELETE FROM registros WHERE id = 2"),
     {"miembro_sin_fila", "cuenta_distinta"}),
    (lambda box: sql(box, "DELETE FROM conflictos"), {"miembro_sin_fila", "cuenta_distinta"}),
    (lambda box: sql(box, "DELETE FROM llaves_dispositivo WHERE dispositivo_id = 1"),
     {"miembro_sin_fila", "dispositivo_sin_llave"}),
    (lambda box: sql(box, "UPDATE dispositivos SET baja_ms = NULL"), {"miembro_sin_fila"}),
    (lambda box: sql(box, "UPDATE dispositivos SET baja_ms = 5 WHERE id = 1"), {"fila_sin_bytes"}),
    (lambda box: sql(box, "UPDATE registros SET posicion = posicion + 512 WHERE id = 2"), {"fila_distinta"}),
    (lambda box: sql(box, "UPDATE registros SET acuse = 'eyJ' WHERE id = 2"), {"fila_distinta"}),
    (lambda box: sql(box, "UPDATE registros SET marcas = '[\"auxiliar_de_baja\"]' WHERE id = 2"),
     {"fila_distinta", "apoyo_descuadrado"}),
    (lambda box: sql(box, "UPDATE registros SET anterior = zeroblob(32) WHERE id = 3"),
     {"fila_distinta", "cadena_de_telefono"}),
    (lambda box: sql(box, "UPDATE conteos_totales SET n = n + 1"), {"conteo_descuadrado", "clases_no_suman"}),
    (lambda box: sql(box, "INSERT INTO conteos_mesa VALUES (1, 1, 0, 'primera', 4)"),
     {"conteo_descuadrado"}),
    (lambda box: sql(box, "DELETE FROM conteos WHERE eje = 'diario'"), {"conteo_descuadrado", "clases_no_suman"}),
    (lambda box: sql(box, "INSERT INTO conteos_totales VALUES (9, 'bajas', 'BAJA', 'valido', 'bien', 3)"),
     {"conteo_descuadrado", "clases_no_suman"}),
    (lambda box: sql(box, "UPDATE conteos_totales SET clase = 'lista_nominal'"), {"conteo_descuadrado"}),
    (lambda box: sql(box, "DELETE FROM apoyos WHERE id = 2"),
     {"apoyo_descuadrado", "clases_no_suman", "trabajo_faltante"}),
    (paper_without_cedula, {"apoyo_descuadrado", "clases_no_suman", "trabajo_faltante"}),
    (lambda box: sql(box, "UPDATE apoyos SET folio = 'otro', dia = dia + 1 WHERE id = 2"),
     {"apoyo_descuadrado", "conteo_descuadrado"}),
    (lambda box: sql(box, "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, "
                          "origen) VALUES (99, 'x', 1, 1, 1, 1, 0, '[]', 'bien')"),
     {"apoyo_descuadrado", "clases_no_suman"}),
    (lambda box: sql(box, "UPDATE apoyos SET resultado = 'valido' WHERE id = 2"), {"resultado_sin_dictamen"}),
    (lambda box: sql(box, "DROP TRIGGER apoyo_recontado"), {"base_esquema"}),
    (lambda box: sql(box, "UPDATE registros SET sesion_id = 999 WHERE id = 2"), {"referencia_huerfana"}),
    (lambda box: sql(box, "UPDATE registros SET lote = 1 WHERE id = 2"), {"fila_sin_bytes", "miembro_sin_fila"}),
    (lambda box: sql(box, "UPDATE lotes SET sobres = 9 WHERE numero = 3"), {"cuenta_distinta"}),
    (lambda box: sql(box, "UPDATE lotes SET resumen = zeroblob(32) WHERE numero = 3"), {"lote_distinto"}),
    (lambda box: sql(box, "DELETE FROM trabajos WHERE id = (SELECT min(id) FROM trabajos)"), {"trabajo_faltante"}),
    (lambda box: sql(box, "INSERT INTO trabajos (id, proximo_ms, creado_ms) VALUES (999, 1, 1)"), {"trabajo_huerfano"}),
    (lambda box: sql(box, "UPDATE bitacora SET datos = '{\"x\":1}' WHERE id = 2"), {"bitacora_rota", "base_esquema"}),
    (lambda box: sql(box, "DELETE FROM bitacora WHERE id = 2"), {"bitacora_rota", "base_esquema"}),
    (lambda box: sql(box, "DROP TRIGGER registro_tomado"), {"base_esquema"}),
    (lambda box: sql(box, "INSERT INTO llaves_dispositivo VALUES (zeroblob(65), 77, 1, 1)"),
     {"base_referencias", "fila_sin_bytes"}),
    (lambda box: (box / "caja" / INDEX).unlink(), {"indice_ilegible"}),
    (lambda box: (box / "caja" / INDEX).write_bytes(b"no es una base" * 500), {"indice_ilegible"}),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "codes"), DAMAGE, ids=[" ".join(sorted(codes)) for _, codes in DAMAGE])
def test_damage_is_found_under_its_code(box: Path, damage: Callable[[Path], object], codes: set[str]) -> None:
    damage(box)
    informe = look(box)
    assert set(found(informe)) == codes


def test_a_lost_lote_hides_nothing_of_the_others(box: Path) -> None:
    lose_a_lote(box)
    informe = look(box)
    assert (informe.registros, informe.acuses, informe.conflictos) == (5, 5, 0)


def test_the_diario_alone_is_checked_by_the_keys_that_its_altas_bring(box: Path) -> None:
    (box / "caja" / INDEX).unlink()
    informe = look(box)
    assert (informe.registros, informe.firmas, informe.acuses, informe.abiertos) == (5, 6, 5, 6)


def test_lotes_that_the_index_lacks_are_read_too_when_nothing_runs(box: Path) -> None:
    last = max(lotes.numbers(box / "caja" / DIARIO))
    conn = sqlite3.connect(box / "caja" / INDEX)
    with conn:
        for number in range(3, last + 1):
            conn.execute("DELETE FROM registros WHERE lote = ?", (number,))
            conn.execute("DELETE FROM conflictos WHERE lote = ?", (number,))
            conn.execute("DELETE FROM lotes WHERE numero = ?", (number,))
        conn.execute("DELETE FROM trabajos")
        conn.execute("UPDATE dispositivos SET baja_ms = NULL")
    conn.close()
    informe = look(box)
    assert found(informe) == {}
    assert (informe.registros, informe.acuses) == (5, 5)
    assert informe.hallazgos.counts["lote_nuevo"] == 1


def test_holes_in_a_counter_are_information(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            held = [phone.capture() for _ in range(5)]
            for raw in (held[0], held[3]):
                await h.send(phone, raw)

    asyncio.run(run())
    informe = look(tmp_path, comparador=None)
    assert found(informe) == {}
    assert [(one.donde, one.detalle) for one in informe.hallazgos.kept] == [("dispositivo 1", "registro 1 a 2")]


def test_beside_a_server_that_takes_sobres(tmp_path: Path) -> None:
    """What is newer than the beginning of the review is no error."""

    async def run() -> list[Informe]:
        async with running(tmp_path, second=True) as h:
            phone = await h.phone()
            done = asyncio.Event()
            informes: list[Informe] = []

            async def load() -> None:
                while not done.is_set():
                    assert (await h.send(phone, phone.capture())).status == 204

            loading = asyncio.create_task(load())
            for hilos in (1, 2, 2):
                informes.append(await asyncio.to_thread(look, tmp_path, hilos=hilos, comparador=None))
            done.set()
            await loading
            return informes

    for informe in asyncio.run(run()):
        assert found(informe) == {}


# -- the command ------------------------------------------------------------------------------------------------------


def command(box: Path, *options: str, frase: str | None = SECRET, env: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    settings = {"ACOPIO_DATOS": str(box / "caja"), **({"ACOPIO_FRASE": frase} if frase else {}), **(env or {})}
    return CliRunner().invoke(cli, ["verify", *options], env=settings)


def test_the_command_says_what_it_saw_and_ends_with_0(box: Path) -> None:
    said = command(box, "--abrir", env={"ACOPIO_SEGUNDA_COPIA": str(box / "segunda")})
    assert said.exit_code == 0, said.output
    assert "Todo coincide." in said.output
    assert "5 registros" in said.output


def test_json_and_exit_codes(box: Path) -> None:
    stray_partial(box)
    said = command(box, "--json")
    assert said.exit_code == 1
    report = json.loads(said.output)
    assert report["resultado"] == "aviso"
    assert report["hallazgos"][-1]["codigo"] in {"parcial_sin_fila", "folio_en_conflicto"}
    assert all(one["que_hacer"] for one in report["hallazgos"])
    flip_sobre(box)
    said = command(box)
    assert said.exit_code == 2
    assert "FALLA  miembro_alterado (1)" in said.output
    assert "Qué hacer: No borre nada." in said.output


def test_a_restored_folder_without_the_passphrase_but_with_the_published_keys(box: Path, tmp_path: Path) -> None:
    keys = keyring.load(box / "caja" / KEYS, SECRET.encode())
    (tmp_path / "jwks.json").write_text(json.dumps(acuses.jwks(keys.publicas)))
    said = command(tmp_path, "--datos", str(box / "caja"), "--jwks", str(tmp_path / "jwks.json"), "--json", frase=None)
    assert said.exit_code == 0, said.output
    assert json.loads(said.output)["acuses_verificados"] == 5


@pytest.mark.parametrize(
    ("options", "frase", "words"),
    [(["--abrir"], None, "Para --abrir"), ([], "una frase que no es la de aquí", "no es el de este servidor")],
)
def test_what_cannot_be_reviewed_is_said(box: Path, options: list[str], frase: str | None, words: str) -> None:
    said = command(box, *options, frase=frase)
    assert said.exit_code == 1
    assert words in str(said.exception)
