"""Files of a padrón as institutes have them: what is taken, what is named, what is refused (row F2)."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import DatoInvalido
from server.padron import importar as importing
from server.padron.importar import NOMBRADOS, TOPE, Importado, importar
from server.store import padron, padron_archivo
from server.store.padron import COLUMNS
from tests.server.padron.archivos import CORTE, clave, persona, texto

MANY = [persona(n) for n in range(1, 41)]


def load(folder: Path, content: bytes | str, **options: int) -> Importado:
    file = folder / "padron.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "padron").mkdir(exist_ok=True)
    return importar(file, CORTE, folder / "padron", **options)


def rows(folder: Path, found: Importado) -> list[tuple[str, ...]]:
    assert found.hecho is not None, found.informe
    conn = sqlite3.connect(folder / "padron" / found.hecho.archivo)
    try:
        return conn.execute(f"SELECT {', '.join(COLUMNS)} FROM personas ORDER BY linea").fetchall()
    finally:
        conn.close()


def expected(people: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [tuple(one[name] for name in COLUMNS) for one in people]


def left(folder: Path) -> set[str]:
    return {path.name for path in (folder / "padron").iterdir()}


@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separador", [",", ";", "|", "\t"])
@pytest.mark.parametrize("codificacion", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_way_of_writing_it(tmp_path: Path, codificacion: str, separador: str, fin: str) -> None:
    found = load(tmp_path, texto(MANY, separador, fin=fin).encode(codificacion))
    assert rows(tmp_path, found) == expected(MANY)
    assert found.informe.malas == 0


def test_the_file_is_ours_alone_and_named_by_its_content(tmp_path: Path) -> None:
    made = load(tmp_path, texto(MANY)).hecho
    assert made is not None
    path = tmp_path / "padron" / made.archivo
    assert path.stat().st_mode & 0o777 == 0o600
    assert padron_archivo.digest(path) == made.resumen
    assert made.archivo == f"{CORTE}-{made.resumen.hex()[:16]}.sqlite"
    assert (made.filas, made.bytes) == (40, path.stat().st_size)
    assert left(tmp_path) == {made.archivo}
    assert load(tmp_path, texto(MANY)).hecho == made, "the same padrón is the same version"


def test_headings_as_people_write_them_and_columns_that_are_not_kept(tmp_path: Path) -> None:
    heading = [
        "Clave de Elector", "CIC", "OCR", "Nombre(s)", "Primer Apellido", "Segundo apellido", "ENTIDAD", "Municipio",
        "Sección", "Situación registral", "Motivo de baja",
    ]  # fmt: skip
    text = "\n".join(f"XEXX{n},{line}" for n, line in enumerate(texto(MANY, encabezado=heading, fin="\n").splitlines()))
    found = load(tmp_path, text.replace("XEXX0", "CURP", 1))
    assert rows(tmp_path, found) == expected(MANY)
    assert found.hecho is not None
    assert b"XEXX" not in (tmp_path / "padron" / found.hecho.archivo).read_bytes(), "what nobody asks is not kept"


def test_what_spreadsheets_do_to_a_row(tmp_path: Path) -> None:
    text = texto([
        persona(1, seccion="7", entidad="5", municipio="3", cic="7", situacion="Lista Nominal"),
        persona(2, clave_elector=f" {clave(2)[:6].lower()}-{clave(2)[6:]} ", nombre=" ÍTZEL "),
        persona(3, situacion="Bajas", motivo_baja="Defunción"),
        persona(4, situacion="padrón", seccion="", municipio="", cic="", ocr=""),
    ])  # fmt: skip
    one, two, three, four = rows(tmp_path, load(tmp_path, text))
    assert (one[1], one[6:9], one[9]) == ("000000007", ("05", "003", "0007"), "LISTA_NOMINAL")
    assert (two[0], two[3]) == (clave(2), "ÍTZEL")
    assert three[9:] == ("BAJA", "defuncion")
    assert (four[1], four[2], four[9]) == ("", "", "PADRON")


def test_quotes_line_breaks_in_a_cell_and_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    lines = texto(MANY[:6], fin="\n").splitlines()
    lines[1] = ",".join(f'"{cell}"' for cell in lines[1].split(","))
    lines[2] = lines[2].replace("ZACATECAS", '"ZACATECAS, ZAC."')
    lines[4] = lines[4].replace("ÍTZEL", '"ÍTZEL')
    found = load(tmp_path, "sep=,\n\n" + "\n".join(lines), tolerar=1)
    assert [(bad.linea, bad.motivo) for bad in found.informe.primeras] == [(7, "comillas_sin_cerrar")]
    taken = rows(tmp_path, found)
    assert [row[0] for row in taken] == [clave(n) for n in (1, 2, 3, 5, 6)]
    assert taken[1][7] == "ZACATECAS, ZAC."


@pytest.mark.parametrize(
    ("changes", "columna", "motivo"),
    [
        ({"clave_elector": "ABC"}, "clave_elector", "clave_forma"),
        ({"clave_elector": ""}, "clave_elector", "clave_forma"),
        ({"cic": "1.23E+08"}, "cic", "cic_forma"), ({"cic": "1" * 10}, "cic", "cic_forma"),
        ({"ocr": "02401111A1111"}, "ocr", "ocr_forma"),
        ({"situacion": "QUIEN_SABE"}, "situacion", "situacion_desconocida"),
        ({"situacion": ""}, "situacion", "situacion_desconocida"),
        ({"motivo_baja": "defuncion"}, "motivo_baja", "motivo_sin_baja"),
        ({"situacion": "BAJA", "motivo_baja": "por ahí"}, "motivo_baja", "motivo_desconocido"),
        ({"entidad": "34"}, "entidad", "entidad_forma"), ({"entidad": "ZAC"}, "entidad", "entidad_forma"),
        ({"seccion": "02400"}, "seccion", "seccion_forma"), ({"seccion": ""}, "seccion", "domicilio_faltante"),
        ({"nombre": "A" * 101}, "nombre", "texto_largo"), ({"nombre": "A\x07"}, "nombre", "caracter_ilegible"),
        ({"nombre": "", "apellido_paterno": "", "apellido_materno": " "}, "nombre", "nombre_faltante"),
        ({"municipio": "A,B"}, "", "columnas"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_by_line_column_and_reason_and_never_by_what_it_says(
    tmp_path: Path, changes: dict[str, str], columna: str, motivo: str
) -> None:
    people = [persona(1), persona(2, **changes), persona(3)]
    refused = load(tmp_path, texto(people))
    assert refused.hecho is None
    (bad,) = refused.informe.primeras
    assert (bad.linea, bad.columna, bad.motivo) == (3, columna, motivo)
    assert not any(len(value) > 3 and value in bad.texto for value in changes.values())
    assert left(tmp_path) == set(), "nothing is left of it"
    taken = load(tmp_path, texto(people), tolerar=1)
    assert [row[0] for row in rows(tmp_path, taken)] == [clave(1), clave(3)]


def test_utf8_with_a_spoiled_byte_names_its_row(tmp_path: Path) -> None:
    raw = texto(MANY).encode().replace(b"\xc3\x8dTZEL", b"\xc3TZEL", 1)
    found = load(tmp_path, raw, tolerar=1)
    assert [(bad.linea, bad.motivo) for bad in found.informe.primeras] == [(2, "caracter_ilegible")]
    assert rows(tmp_path, found)[0][3] == "ÍTZEL"


def test_a_clave_twice_keeps_the_first_and_names_both_lines(tmp_path: Path) -> None:
    people = [persona(1), persona(2), persona(1, situacion="PADRON", cic="", ocr=""), persona(1, cic="", ocr="")]
    assert load(tmp_path, texto(people)).hecho is None
    found = load(tmp_path, texto(people), tolerar=2)
    assert [(bad.linea, bad.motivo, bad.texto) for bad in found.informe.primeras] == [
        (4, "clave_repetida", "es la misma de la línea 2"), (5, "clave_repetida", "es la misma de la línea 2"),
    ]  # fmt: skip
    assert [row[9] for row in rows(tmp_path, found)] == ["LISTA_NOMINAL", "LISTA_NOMINAL"]
    assert found.informe.leidas == 2


def test_bad_rows_are_named_up_to_a_limit_and_counted_beyond(tmp_path: Path) -> None:
    found = load(tmp_path, texto([persona(n, cic="x", seccion="y" if n % 2 else "0001") for n in range(50)]))
    assert len(found.informe.primeras) == NOMBRADOS
    assert found.informe.por_motivo == {("seccion", "seccion_forma"): 25, ("cic", "cic_forma"): 25}
    assert not found.informe.interrumpido


def test_a_file_in_which_all_is_bad_is_not_read_to_its_end(tmp_path: Path) -> None:
    found = load(tmp_path, texto([persona(1, cic="x")] * (TOPE + 500)), tolerar=7)
    assert found.hecho is None
    assert (found.informe.malas, found.informe.interrumpido) == (TOPE + 8, True)


@pytest.mark.parametrize(
    ("content", "codigo"),
    [
        (b"", "padron_vacio"), (b" \r\n \n", "padron_vacio"), (b"\xef\xbb\xbf", "padron_vacio"),
        (texto([]).encode(), "padron_vacio"), (b"PK\x03\x04aaaa", "padron_no_es_csv"),
        (b"\xd0\xcf\x11\xe0aaaa", "padron_no_es_csv"), (b"\x7fELF\x00\x00", "padron_no_es_csv"),
        (b"hola\nque tal\n", "padron_sin_columnas"), (b"clave_elector,situacion\nA,B\n", "padron_sin_columnas"),
        (b"a" * 300_000, "padron_no_es_csv"), (texto(MANY).encode() + b"x" * 300_000, "padron_no_es_csv"),
        (texto(MANY, encabezado=[*COLUMNS[:-1], "cic"]).encode(), "padron_columnas_repetidas"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_padron_leaves_nothing(tmp_path: Path, content: bytes, codigo: str) -> None:
    with pytest.raises(DatoInvalido) as caught:
        load(tmp_path, content)
    assert caught.value.codigo == codigo
    assert left(tmp_path) == set()


@pytest.mark.parametrize("corte", ["31/08/2026", "2026-13-01", "2026-02-30", "20260831", ""])
def test_a_date_of_cut_that_is_none(tmp_path: Path, corte: str) -> None:
    with pytest.raises(DatoInvalido) as caught:
        importar(tmp_path / "padron.csv", corte, tmp_path)
    assert caught.value.codigo == "corte_forma"


def test_without_room_nothing_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(importing.shutil, "disk_usage", lambda path: usage(10**12, 10**12, 1 << 20))
    with pytest.raises(DatoInvalido) as caught:
        load(tmp_path, texto(MANY))
    assert caught.value.codigo == "padron_sin_espacio"
    assert left(tmp_path) == set()


def test_a_disk_that_says_something_else_than_it_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(path: Path) -> None:
        if path.is_file():
            with path.open("r+b") as file:
                file.seek(40_000)  # rows of people
                file.write(b"\xff" * 2_000)

    monkeypatch.setattr(padron_archivo, "_sync", spoil)
    with pytest.raises(padron_archivo.PadronIncompleto):
        load(tmp_path, texto([persona(n) for n in range(1, 900)]))
    assert left(tmp_path) == set()


@given(st.binary(max_size=3_000) | st.text(alphabet='",;|\n\rABÑ \u00a0019', max_size=600).map(
    lambda tail: texto(MANY[:2]).encode() + tail.encode()))  # fmt: skip
def test_whatever_comes_is_a_version_a_report_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("cualquiera")
    try:
        found = load(folder, content, tolerar=3)
    except DatoInvalido:
        assert left(folder) == set()
        return
    assert len(left(folder)) == (0 if found.hecho is None else 1)
    assert found.hecho is None or len(rows(folder, found)) == found.hecho.filas == found.informe.leidas


def test_people_of_one_identifier_are_nobody_in_particular(tmp_path: Path) -> None:
    made = load(tmp_path, texto([persona(1, cic="000000009"), persona(2, cic="000000009"), persona(3, cic="")])).hecho
    assert made is not None
    path = tmp_path / "padron" / made.archivo
    found = padron.buscar(path, [("", "000000009", ""), ("", "000000009", persona(2)["ocr"]), ("", "", "")])
    assert [one.clave_elector if one else None for one in found] == [None, clave(2), None]
    assert [one.por for one in found if one] == ["ocr"]
