"""Files of auxiliares: whatever comes, every row is good or named, and nothing is raised but DatoInvalido (C3)."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import DatoInvalido
from server.registro import hoja, plantilla
from server.registro.carga import CAMPOS, Buena, Lectura, Mala
from tests.server.registro.archivos import ENCABEZADO, clave, fila, texto, xlsx

HOY = date(2026, 9, 21)


def leer(contenido: bytes | str) -> list[Buena | Mala]:
    return list(Lectura(HOY).filas(contenido.encode() if isinstance(contenido, str) else contenido))


def buenas(contenido: bytes | str) -> list[Buena]:
    found = leer(contenido)
    assert [one for one in found if isinstance(one, Mala)] == []
    return [one for one in found if isinstance(one, Buena)]


def codigos(contenido: bytes | str) -> list[tuple[int, str, str]]:
    """(line, field, code) of every finding."""
    return [
        (one.linea, hallazgo.campo, hallazgo.codigo)
        for one in leer(contenido)
        if isinstance(one, Mala)
        for hallazgo in one.hallazgos
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separador", [",", ";", "\t"])
@pytest.mark.parametrize("fin", ["\r\n", "\n", "\r"])
def test_encodings_separators_and_line_ends_of_the_field(encoding: str, separador: str, fin: str) -> None:
    [one, two] = buenas(texto([fila(1), fila(2)], separador, fin=fin).encode(encoding))
    assert (one.linea, two.linea) == (2, 3)
    assert one.datos.apellido_paterno == "Peñaloza"
    assert one.datos.fecha_nacimiento == "1990-09-05"
    assert one.datos.tipo_cuenta == "google"


def test_what_excel_says_of_its_separator() -> None:
    [one] = buenas("sep=;\r\n" + texto([fila()], ";"))
    assert one.linea == 3


def test_without_a_header_the_columns_are_in_the_official_order() -> None:
    assert [one.linea for one in buenas(texto([fila(1), fila(2)], encabezado=False))] == [1, 2]


def test_header_in_any_order_case_and_accents() -> None:
    order = [7, 5, 6, 0, 1, 2, 3, 4, 9, 8]
    names = [ENCABEZADO[i].upper().replace("É", "E").replace("Ó", "O") for i in order]
    names[1], names[3] = "e-mail", "nombre"
    [one] = buenas(texto([names, [fila()[i] for i in order]], encabezado=False))
    assert one.datos.correo == "gestor1@ejemplo.mx"
    assert one.datos.clave_elector == clave(1)
    assert one.celdas == tuple(fila())


def test_unknown_columns_are_told_and_ours_pass() -> None:
    lectura = Lectura(HOY)
    rows = [[*ENCABEZADO, "Colonia", "Motivos"], [*fila(), "Centro", "lo de antes"]]
    assert all(isinstance(one, Buena) for one in lectura.filas(texto(rows, encabezado=False).encode()))
    assert lectura.ignoradas == ["Colonia"]


def test_blank_lines_trailing_columns_and_spaces() -> None:
    text = "\n\n" + ",".join(ENCABEZADO) + ",,\n\n" + ",".join([*fila(1), "", ""]) + "\n,,,,,,,,,\n" + ",".join(
        ["  Itzel ", "Peñaloza ", "", "5/9/1990", "(492) 123-4567", " GESTOR2@Ejemplo.MX ", " G ",
         f"{clave(2)[:6]} {clave(2)[6:12]} {clave(2)[12:]}", "", ""]
    ) + "\n   \n"  # fmt: skip
    [_, two] = buenas(text)
    assert (two.linea, two.datos.correo, two.datos.clave_elector) == (7, "gestor2@ejemplo.mx", clave(2))
    assert (two.datos.telefono, two.datos.fecha_nacimiento) == ("4921234567", "1990-09-05")


@pytest.mark.parametrize(
    ("escrito", "leido"),
    [
        ("044 492 123 4567", "4921234567"), ("+52 1 492 123 4567", "4921234567"), ("01 492 1234567", "4921234567"),
        ("524921234567", "4921234567"), ("4921234567", "4921234567"), ("", ""),
    ],
)  # fmt: skip
def test_phones_with_the_prefixes_of_before(escrito: str, leido: str) -> None:
    [one] = buenas(texto([fila(telefono=escrito)]))
    assert one.datos.telefono == leido


@pytest.mark.parametrize(
    ("cuenta", "leida"),
    [("g", "google"), ("F", "facebook"), ("x", "x"), ("t", "x"), ("Gmail", "google"), ("Twitter", "x")],
)
def test_kinds_of_account(cuenta: str, leida: str) -> None:
    [one] = buenas(texto([fila(tipo_cuenta=cuenta)]))
    assert one.datos.tipo_cuenta == leida


def test_xlsx_with_dates_numbers_formulas_and_other_sheets() -> None:
    row: list[object] = list(fila())
    row[3], row[4] = datetime(1990, 9, 5), 4921234567  # noqa: DTZ001 -- a cell has no zone
    other: list[object] = list(fila(2))
    other[3], other[4] = 33121, 4921234567.0  # days since 1900, as a cell that is no date shows them
    [one, two] = buenas(xlsx([row, other]))
    assert one.datos == two.datos.__class__(**{**_as_dict(one), "telefono": "4921234567"})
    assert one.datos.fecha_nacimiento == two.datos.fecha_nacimiento == "1990-09-05"
    formula = list(fila(3))
    formula[9] = "=1+1"
    [three] = buenas(xlsx([formula]))
    assert three.datos.referencia == "", "nobody has computed it: there is no value to read"


def _as_dict(one: Buena) -> dict[str, str]:
    return {campo: getattr(one.datos, campo) for campo in CAMPOS}


def test_quotes() -> None:
    row = fila(referencia='"Equipo ""A"", zona norte"')
    [one] = buenas(texto([row]))
    assert one.datos.referencia == 'Equipo "A", zona norte'
    [two] = buenas(
        texto(
            [
                fila(referencia='"dos\r\nrenglones"'),
            ]
        )
    )
    assert two.datos.referencia == "dos renglones"


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    rows = [fila(1, referencia='"sin cerrar'), *(fila(n) for n in range(2, 40))]
    found = leer(texto(rows))
    assert [one.linea for one in found] == list(range(2, 41))
    assert [one.linea for one in found if isinstance(one, Mala)] == [2]
    assert codigos(texto(rows)) == [(2, "", "comillas_sin_cerrar")]


@pytest.mark.parametrize(
    ("cambios", "hallado"),
    [
        ({"nombre": ""}, [("nombre", "dato_faltante")]),
        ({"nombre": "Itzel2"}, [("nombre", "nombre_caracteres")]),
        ({"nombre": "JosÃ©"}, [("nombre", "nombre_caracteres")]),
        ({"nombre": "x" * 81}, [("nombre", "nombre_largo")]),
        ({"apellido_paterno": "", "apellido_materno": ""}, [("apellido_paterno", "sin_apellidos")]),
        ({"fecha_nacimiento": "09/25/1990"}, [("fecha_nacimiento", "fecha_mes_primero")]),
        ({"fecha_nacimiento": "31/02/1990"}, [("fecha_nacimiento", "fecha_inexistente")]),
        ({"fecha_nacimiento": "5/9/90"}, [("fecha_nacimiento", "fecha_sin_siglo")]),
        ({"fecha_nacimiento": "5 de mayo"}, [("fecha_nacimiento", "fecha_forma")]),
        ({"fecha_nacimiento": "22/09/2008"}, [("fecha_nacimiento", "menor_de_edad")]),
        ({"telefono": "123"}, [("telefono", "telefono_longitud")]),
        ({"telefono": "49212O4567"}, [("telefono", "telefono_caracteres")]),
        ({"correo": "ana.ejemplo.mx"}, [("correo", "correo_forma")]),
        ({"correo": "ana@@ejemplo.mx"}, [("correo", "correo_forma")]),
        ({"tipo_cuenta": "h"}, [("tipo_cuenta", "tipo_cuenta_desconocido")]),
        ({"clave_elector": "ABC"}, [("clave_elector", "clave_elector_longitud")]),
        ({"curp": "ABC"}, [("curp", "curp_longitud")]),
        ({"referencia": "x" * 121}, [("referencia", "referencia_larga")]),
        ({"correo": "", "clave_elector": ""}, [("correo", "dato_faltante"), ("clave_elector", "dato_faltante")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line_field_and_reason(
    cambios: dict[str, str], hallado: list[tuple[str, str]]
) -> None:
    found = leer(texto([fila(1), fila(2, **cambios), fila(3)]))
    assert [type(one) for one in found] == [Buena, Mala, Buena]
    bad = found[1]
    assert isinstance(bad, Mala)
    assert [(one.campo, one.codigo) for one in bad.hallazgos] == hallado
    assert bad.linea == 3
    for campo, value in cambios.items():
        assert bad.visto(campo) == value
    assert all(one.texto.endswith(".") for one in bad.hallazgos)


def test_eighteen_today_is_of_age() -> None:
    assert len(buenas(texto([fila(fecha_nacimiento="21/09/2008", clave_elector="PRDMSN08092101H000")]))) == 1


def test_the_same_person_twice_in_a_file() -> None:
    rows = [fila(1), fila(2, correo="GESTOR1@ejemplo.mx"), fila(3, clave_elector=clave(1).lower()), fila(4)]
    assert codigos(texto(rows)) == [
        (3, "correo", "correo_repetido_en_archivo"),
        (4, "clave_elector", "clave_elector_repetido_en_archivo"),
    ]


def test_a_separator_inside_a_datum_is_seen() -> None:
    assert codigos(texto([fila(referencia="norte, zona 2")])) == [(2, "", "columnas_de_mas")]


@pytest.mark.parametrize(
    ("contenido", "codigo"),
    [
        (b"", "archivo_vacio"),
        (b"  \r\n ", "archivo_vacio"),
        (",".join(ENCABEZADO).encode(), "archivo_vacio"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "archivo_xls"),
        (b"%PDF-1.7\n" + bytes(600), "archivo_no_es_tabla"),
        (b"PK\x03\x04" + bytes(100), "archivo_danado"),
        (b"x" * (hoja.MAX_BYTES + 1), "archivo_grande"),
        (b"Nombre(s),Apellido Paterno,Correo,Correo\na,b,c,d\n", "columna_repetida"),
        (b"Nombre(s),Apellido Paterno,Correo\na,b,c\n", "columna_faltante"),
        (("a,b\n" * 20_002).encode(), "archivo_demasiadas_filas"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_taken(contenido: bytes, codigo: str) -> None:
    with pytest.raises(DatoInvalido) as caught:
        leer(contenido)
    assert caught.value.codigo == codigo


def test_twenty_thousand_rows_below_a_header_are_taken() -> None:
    assert len(leer(texto([["x"]] * 20_000))) == 20_000
    with pytest.raises(DatoInvalido):
        leer(texto([["x"]] * 20_001))


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    with pytest.raises(DatoInvalido) as caught:
        leer(_zip({"xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": bytes(61_000_000)}))
    assert caught.value.codigo == "archivo_desmedido"
    with pytest.raises(DatoInvalido) as caught:
        leer(_zip({f"a{n}": b"" for n in range(501)}))
    assert caught.value.codigo == "archivo_desmedido"
    with pytest.raises(DatoInvalido) as caught:
        leer(_zip({"content.xml": b"<x/>"}))
    assert caught.value.codigo == "archivo_otro_formato"


def test_entities_that_grow_are_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx([fila()]))) as package:
        members = {name: package.read(name) for name in package.namelist()}
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "risa"}">' for n in range(12))
    members["xl/worksheets/sheet1.xml"] = (
        f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><worksheet xmlns="http://schemas.openxmlformats.org/'
        'spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="str"><v>&e11;</v></c></row>'
        "</sheetData></worksheet>"
    ).encode()
    with pytest.raises(DatoInvalido) as caught:
        leer(_zip(members))
    assert caught.value.codigo == "archivo_danado"


def test_the_official_template_is_read_by_what_it_is_a_template_for() -> None:
    with pytest.raises(DatoInvalido) as caught:
        leer(plantilla.csv())
    assert caught.value.codigo == "archivo_vacio"
    book = openpyxl.load_workbook(io.BytesIO(plantilla.xlsx()))
    assert book.sheetnames == ["Auxiliares", "Instrucciones"]
    sheet = book["Auxiliares"]
    assert [cell.value for cell in sheet[1]] == ENCABEZADO
    assert sheet.column_dimensions["D"].number_format == "@"
    assert sheet.data_validations.dataValidation[0].formula1 == '"g,f,x"'
    sheet.append(fila())
    out = io.BytesIO()
    book.save(out)
    assert len(buenas(out.getvalue())) == 1


def test_what_we_put_before_a_formula_is_taken_away_again() -> None:
    [one] = buenas(texto([fila(referencia="'+norte")]))
    assert one.datos.referencia == "+norte"


# Every row, good or named.

_CELL = st.one_of(
    st.text(max_size=25),
    st.sampled_from(["", '"', '""', 'a"b', "=1", "Itzel", "05/09/1990", "g", clave(1), "a@b.mx", "33121", "9" * 30]),
)


@given(st.lists(st.lists(_CELL, min_size=1, max_size=12), max_size=12), st.sampled_from(",;\t|"), st.booleans())
def test_no_row_is_lost(rows: list[list[str]], separador: str, encabezado: bool) -> None:
    clean = [[cell.replace("\r", " ").replace("\n", " ").replace('"', "'") for cell in row] for row in rows]
    text = texto(clean, separador, encabezado=encabezado, fin="\n")
    # Which separator it has may be told otherwise from so few rows; a line that says something is a row all the same.
    expected = {number for number, line in enumerate(text.split("\n"), 1) if line.translate(_NOTHING).strip()}
    try:
        lines = [one.linea for one in leer(text.encode("utf-8", "surrogatepass"))]
    except DatoInvalido:
        return
    assert lines == sorted(set(lines))
    assert expected - {1 if encabezado else 0} <= set(lines)


_NOTHING = str.maketrans("", "", ",;\t|")


@given(st.binary(max_size=600))
def test_whatever_bytes_come(contenido: bytes) -> None:
    try:
        found = leer(contenido)
    except DatoInvalido:
        return
    assert found
    for one in found:
        assert isinstance(one, Buena) or one.hallazgos
        assert len(one.celdas) == len(CAMPOS)


@given(st.text(max_size=400), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_whatever_text_comes_below_a_header(text: str, encoding: str) -> None:
    contenido = (",".join(ENCABEZADO) + "\n" + text).encode(encoding, "replace")
    try:
        found = leer(contenido)
    except DatoInvalido:
        return
    assert all(isinstance(one, Buena) or one.hallazgos for one in found)


_BOOK = xlsx([fila(n) for n in range(1, 4)])


@given(st.lists(st.tuples(st.integers(4, len(_BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_damaged_workbook(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(_BOOK)
    for position, value in changes:
        damaged[position] = value
    try:
        found = leer(bytes(damaged))
    except DatoInvalido:
        return
    assert all(isinstance(one, Buena) or one.hallazgos for one in found)
