"""Tables to take away: what a spreadsheet must not run, what must come back as it was, and the memory they take."""

from __future__ import annotations

import asyncio
import csv
import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import StreamingResponse

from server.portals import descargas
from server.reportes import exportar
from server.reportes.exportar import Celda, Libro

HEADING = ("Folio de registro", "Recibido", "Día", "Nombre", "Registros", "Válido")
INSTANT = datetime.fromisoformat("2026-11-21T12:20:11")
DAY = date(2026, 11, 21)
FILA: tuple[Celda, ...] = ("000001-000002-0000003-000004-5", INSTANT, DAY, "María-José Ñandú", 7, True)


def xlsx(*filas: Sequence[Celda], **limits: int) -> openpyxl.Workbook:
    libro = Libro(HEADING, "Registros", **limits)
    return openpyxl.load_workbook(io.BytesIO(b"".join([libro.add([fila]) for fila in filas]) + libro.end()))


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def rows(count: int, fila: Sequence[Celda] = FILA) -> AsyncIterator[Sequence[Celda]]:
    for _ in range(count):
        yield fila


async def body(response: StreamingResponse) -> bytes:
    return b"".join([bytes(piece) async for piece in response.body_iterator])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\tx", "\rx", " =1", "＝1", "－1", '=HYPERLINK("http://x","y")',
        "a;=1", "a;\t=1", "a\n=1", "a\r\n@x", "a\t=cmd",
    ],
)  # fmt: skip
def test_no_cell_of_a_csv_begins_like_a_formula_whatever_the_separator(text: str) -> None:
    told = read_csv(exportar.csv_bytes([[text]]))[0][0]
    assert told != text
    assert told.replace("'", "") == text.replace("'", "")
    for separator in ";\t\n":
        for cell in told.split(separator):
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\r", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("text", ["", "Pérez", "a-b", "María-José", "a=b", "c/o; otro", "000001-000002", "1,5", 'a"b'])
def test_ordinary_text_comes_back_as_it_was(text: str) -> None:
    assert read_csv(exportar.csv_bytes([["x", text]])) == [["x", text]]
    assert (xlsx(("x", text)).active["B2"].value or "") == text  # type: ignore[index,union-attr]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_csv_keeps_its_columns_and_lines_whatever_is_in_it(one: str, two: str) -> None:
    read = read_csv(exportar.csv_bytes([[one, two], ["fin", "x"]]))
    assert len(read) == 2
    assert [len(row) for row in read] == [2, 2]
    assert read[1] == ["fin", "x"]


def test_dates_and_numbers_of_a_csv_are_written_as_people_read_them() -> None:
    assert (
        exportar.csv_bytes([FILA, ["a,b", None, None, 'c"d', -3, False]])
        == (
            "000001-000002-0000003-000004-5,21/11/2026 12:20:11,21/11/2026,María-José Ñandú,7,Sí\r\n"
            '"a,b",,,"c""d",-3,No\r\n'
        ).encode()
    )
    assert exportar.hora_del_centro(1_790_000_000_999) == datetime.fromisoformat("2026-09-21T08:13:20")


def test_cells_of_an_xlsx_have_types_and_a_text_is_never_a_formula() -> None:
    evil = ("=1+1", "@x", "-2", "#N/A", '=cmd|" /C calc"!A0', "<b>&")
    sheet = xlsx(FILA, evil).active
    assert sheet is not None
    found = list(sheet.iter_rows())
    assert [cell.value for cell in found[0]] == list(HEADING)
    assert [cell.font.bold for cell in found[0]] == [True] * 6
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in found[1]] == [
        FILA[0], FILA[1], datetime.fromisoformat("2026-11-21"), FILA[3], 7, "Sí",
    ]  # fmt: skip
    assert [cell.number_format for cell in found[1][1:3]] == ["dd/mm/yyyy hh:mm:ss", "dd/mm/yyyy"]
    assert [cell.value for cell in found[2]] == list(evil)
    with zipfile.ZipFile(io.BytesIO((made := Libro(HEADING, "R")).add([evil]) + made.end())) as package:
        xml = package.read("xl/worksheets/sheet1.xml").decode()
        assert package.testzip() is None
    assert "<f" not in xml
    assert xml.count('t="inlineStr"') == 12


@given(st.text(max_size=60))
def test_any_text_makes_an_xlsx_that_opens(text: str) -> None:
    sheet = xlsx((text, "fin")).active
    assert sheet is not None
    assert sheet["B2"].value == "fin"


def test_more_rows_than_a_sheet_holds_go_to_a_next_one() -> None:
    book = xlsx(*([n, "x"] for n in range(7)), filas_por_hoja=3)
    assert book.sheetnames == ["Registros", "Registros 2", "Registros 3"]
    assert [[row[0].value for row in sheet.iter_rows()] for sheet in book] == [
        [HEADING[0], 0, 1, 2], [HEADING[0], 3, 4, 5], [HEADING[0], 6],
    ]  # fmt: skip
    book = xlsx(*([n, "x" * 500] for n in range(7)), bytes_por_hoja=2_500)
    assert [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)] == list(range(7))
    assert len(book.sheetnames) > 2
    assert [sheet.max_row for sheet in xlsx()] == [1], "none at all is a table with its heading"


def test_answers_have_a_name_a_type_and_are_kept_by_nobody() -> None:
    async def run() -> None:
        name = descargas.nombre_con_fecha("registros", 1_790_000_000_000)
        assert name == "registros-2026-09-21-0813"
        answer = descargas.respuesta_csv(name, HEADING, rows(1_201))
        assert answer.headers["content-disposition"] == 'attachment; filename="registros-2026-09-21-0813.csv"'
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        data = await body(answer)
        assert data.startswith(exportar.BOM + b"Folio de registro,")
        assert len(read_csv(data)) == 1_202
        table = descargas.respuesta_xlsx('Señas "x"\r\n/y', HEADING, rows(1_201))
        assert table.headers["content-disposition"] == 'attachment; filename="Senas-x-y.xlsx"'
        assert openpyxl.load_workbook(io.BytesIO(await body(table))).active.max_row == 1_202  # type: ignore[union-attr]

    asyncio.run(run())


def test_the_first_rows_go_out_before_the_last_are_read() -> None:
    async def run() -> None:
        read = 0

        async def counted() -> AsyncIterator[Sequence[Celda]]:
            nonlocal read
            for _ in range(10_000):
                read += 1
                yield FILA

        pieces = descargas.respuesta_csv("x", HEADING, counted()).body_iterator
        await anext(pieces)  # type: ignore[call-overload]
        await anext(pieces)  # type: ignore[call-overload]
        assert read == descargas.CHUNK

    asyncio.run(run())


def test_a_failure_in_the_middle_is_not_a_short_table() -> None:
    async def run() -> None:
        async def failing() -> AsyncIterator[Sequence[Celda]]:
            for _ in range(600):
                yield FILA
            raise OSError("disco")

        for make in (descargas.respuesta_csv, descargas.respuesta_xlsx):
            with pytest.raises(OSError, match="disco"):
                await body(make("x", HEADING, failing()))

    asyncio.run(run())


@pytest.mark.parametrize("make", [descargas.respuesta_csv, descargas.respuesta_xlsx])
def test_memory_does_not_grow_with_the_rows(make: object) -> None:
    async def run() -> None:
        async def peak(count: int) -> int:
            response = make("x", HEADING, rows(count))  # type: ignore[operator]
            tracemalloc.start()
            try:
                async for _ in response.body_iterator:
                    pass
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        await peak(500)  # what is imported and cached once
        small = await peak(5_000)
        assert await peak(50_000) < small + 300_000

    asyncio.run(run())
