"""An aspirante reaches nothing of another: pages, fragments, exports, images, PDFs, forms (row A4).

Every route that an aspirante has is asked for with what is somebody else's, and with what is one's own, because a door
that opens for nobody would prove nothing. A route with a parameter and no line in MUESTRAS fails.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from server.domain.roles import Rol
from server.portals.puerta import Pagina
from tests.server.portals.dos_aspirantes import Plantado, plant, rows_of
from tests.server.portals.portal import Persona, Respuesta, Sitio, abierto

pytestmark = pytest.mark.anyio

MUESTRAS: dict[str, dict[str, str]] = {
    "/aspirante/auxiliares/{id:int}": {"id": "auxiliar"},
    "/aspirante/auxiliares/{id:int}/editar": {"id": "auxiliar"},
    "/aspirante/auxiliares/{id:int}/baja": {"id": "auxiliar"},
    "/aspirante/auxiliares/{id:int}/reactivar": {"id": "auxiliar_de_baja"},
    "/aspirante/auxiliares/{id:int}/correo": {"id": "auxiliar"},
    "/aspirante/auxiliares/carga/{id:int}": {"id": "carga"},
    "/aspirante/auxiliares/carga/{id:int}/aceptar": {"id": "carga"},
    "/aspirante/auxiliares/carga/{id:int}/descartar": {"id": "carga"},
    "/aspirante/auxiliares/carga/{id:int}/renglones.csv": {"id": "carga"},
    "/mi-cuenta/sesiones/{id:int}/cerrar": {"id": "sesion"},
    # -- garantía de audiencia
    "/aspirante/audiencias/{id:int}": {"id": "audiencia"},
    "/aspirante/audiencias/{id:int}/retirar": {"id": "audiencia"},
    "/aspirante/audiencias/{id:int}/argumento": {"id": "audiencia"},
    "/aspirante/audiencias/{id:int}/registros/{apoyo:int}": {"id": "audiencia", "apoyo": "apoyo"},
    "/aspirante/audiencias/{id:int}/desistir": {"id": "audiencia"},
    "/aspirante/audiencias/{id:int}/acta.pdf": {"id": "audiencia_concluida"},
    "/aspirante/estadisticas/registros/{folio}": {"folio": "folio"},
    "/aspirante/estadisticas/registros/{folio}/acuse": {"folio": "folio"},
}
"""What stands for the parameters of a route: the field of Plantado."""

DE_TODOS: dict[str, list[dict[str, str]]] = {
    "/aspirante/estadisticas/avance.{formato}": [{"formato": "csv"}, {"formato": "xlsx"}],
    "/aspirante/estadisticas/detallado/{tabla}.{formato}": [
        {"tabla": tabla, "formato": formato} for tabla in ("auxiliares", "dias") for formato in ("csv", "xlsx")
    ],
}
"""Routes whose parameters name nothing that belongs to anybody: each way of asking."""

SIN_DATOS = {
    "/aspirante/auxiliares/carga/plantilla.xlsx", "/aspirante/auxiliares/carga/plantilla.csv", "/aspirante/manuales",
    "/aspirante/auxiliares/registro", "/aspirante/manuales/fura.pdf", "/mi-cuenta/contrasena", "/mi-cuenta/codigos",
    "/mi-cuenta/segundo-factor/retirar", "/aspirante/audiencias/{id:int}/desistir",
}  # fmt: skip
"""Pages on which nothing of the aspirante's own need be, beside the name of whoever is in."""

NO_ES_DE_ASPIRANTES = {"/mi-cuenta/datos"}
"""Pages of an account that lead an aspirante elsewhere: their data are the registration's."""
DICE_LO_MISMO = {"/mi-cuenta/sesiones/{id:int}/cerrar": 303}
"""Forms that answer alike whether or not what they name is there, and change nothing of another's."""


@dataclass
class Dos:
    """One, who looks, and other, whose data nobody else may see."""

    sitio: Sitio
    uno: Plantado
    otro: Plantado
    persona: Persona


@pytest.fixture
async def dos(tmp_path: Path) -> AsyncIterator[Dos]:
    async with abierto(tmp_path) as sitio:
        uno, otro = await sitio.write(lambda tx: plant(tx, 4)), await sitio.write(lambda tx: plant(tx, 7))
        yield Dos(sitio, uno, otro, await sitio.entrar(Rol.ASPIRANTE, solicitud=uno.solicitud))


def pages(sitio: Sitio, method: str) -> list[Pagina]:
    found = [
        route
        for route in sitio.harness.app.router.routes
        if isinstance(route, Pagina)
        and route.path.startswith(("/aspirante", "/mi-cuenta"))
        and method in (route.methods or ())
    ]
    assert found
    return found


def addresses(page: Pagina, of: Plantado) -> list[str]:
    """The route's addresses with what belongs to this aspirante."""
    names = re.findall(r"\{(\w+)(?::\w+)?\}", page.path)
    if not names:
        return [page.path]
    assert page.path in MUESTRAS or page.path in DE_TODOS, f"{page.path} needs a line in MUESTRAS or DE_TODOS"
    found = []
    for values in DE_TODOS.get(page.path) or [
        {name: str(getattr(of, field)) for name, field in MUESTRAS[page.path].items()}
    ]:
        assert set(values) == set(names), page.path
        found.append(re.sub(r"\{(\w+)(?::\w+)?\}", lambda match, values=values: values[match[1]], page.path))  # type: ignore[misc]
    return found


def within(answer: Respuesta) -> str:
    """What an answer says but for the frame, where everyone finds their own name."""
    return said(answer).partition("<main")[2] or said(answer)


def said(answer: Respuesta) -> str:
    """All that an answer says: headers, text, what is inside a ZIP or XLSX, the streams of a PDF."""
    text = repr(answer.headers) + answer.body.decode("utf-8", "replace")
    if answer.body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.body)) as package:
            text += "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", answer.body, re.S):
        try:
            text += zlib.decompress(stream).decode("latin-1")
        except zlib.error:
            text += stream.decode("latin-1")
    return text


def tokens(answer: Respuesta, of: Plantado) -> list[str]:
    """What an answer says of this aspirante."""
    text = said(answer)
    return [sign for sign in of.senas if sign in text]


def everything(of: Plantado) -> dict[str, str]:
    """What somebody might add to an address, or put into a form, to be shown another's data."""
    ids = {
        "solicitud": of.solicitud, "aspirante": of.solicitud, "aspirante_id": of.solicitud, "folio": of.folio,
        "auxiliar": of.auxiliar, "auxiliar_id": of.auxiliar, "id": of.auxiliar, "dispositivo": of.dispositivo,
        "carga": of.carga, "periodo": of.periodo, "cuenta": of.cuenta,
    }  # fmt: skip
    return {name: str(value) for name, value in ids.items()}


async def _look(persona: Persona, address: str) -> list[Respuesta]:
    """Whole, and as the part that htmx asks for."""
    return [await persona.get(address), await persona.fragment(address)]


async def test_what_is_ones_own_is_there(dos: Dos) -> None:
    silent = []
    for page in pages(dos.sitio, "GET"):
        for address in addresses(page, dos.uno):
            for answer in await _look(dos.persona, address):
                elsewhere = page.path in NO_ES_DE_ASPIRANTES and answer.status == 303
                assert elsewhere or answer.status == 200, (address, answer.status, answer.text[:200])
                assert tokens(answer, dos.otro) == [], address
                there = any(sign in within(answer) for sign in dos.uno.senas) or page.path in SIN_DATOS
                if not there and not elsewhere:
                    silent.append(address)
    assert silent == [], "pages without anything of whoever asks prove nothing"


async def test_what_is_anothers_is_not_there(dos: Dos) -> None:
    before = rows_of(dos.sitio.caja.reader, dos.otro)
    asked = 0
    for page in pages(dos.sitio, "GET"):
        if page.path not in MUESTRAS:
            continue
        for address in addresses(page, dos.otro):
            for answer in await _look(dos.persona, address):
                asked += 1
                assert answer.status == 404, (address, answer.status)
                assert dos.otro.marca not in said(answer), address
    assert asked >= 2 * sum("{" in page.path and page.path in MUESTRAS for page in pages(dos.sitio, "GET")) > 0
    assert rows_of(dos.sitio.caja.reader, dos.otro) == before


async def test_nothing_in_an_address_shows_anothers_data(dos: Dos) -> None:
    before = rows_of(dos.sitio.caja.reader, dos.otro)
    for page in pages(dos.sitio, "GET"):
        for address in addresses(page, dos.uno):
            for query in (everything(dos.otro), *({name: value} for name, value in everything(dos.otro).items())):
                answer = await dos.persona.get(f"{address}?{urlencode(query)}")
                assert answer.status < 500, (address, query)
                # What was asked for may be shown again in a field; what it belongs to may not.
                assert dos.otro.marca not in said(answer), (address, query)
                assert dos.otro.marca.lower() not in said(answer), (address, query)
    assert rows_of(dos.sitio.caja.reader, dos.otro) == before


async def test_no_form_touches_what_is_anothers(dos: Dos) -> None:
    before = rows_of(dos.sitio.caja.reader, dos.otro)
    asked = 0
    for page in pages(dos.sitio, "POST"):
        for address in addresses(page, dos.otro):
            for data in ({}, everything(dos.otro), {**everything(dos.otro), "confirmar": "si", "causa": "prueba"}):
                answer = await dos.persona.post(address, data)
                asked += 1
                if page.path in MUESTRAS:
                    assert answer.status == DICE_LO_MISMO.get(page.path, 404), (address, answer.status)
                assert answer.status < 500, (address, answer.status)
                assert dos.otro.marca not in said(answer), address
    assert asked
    assert rows_of(dos.sitio.caja.reader, dos.otro) == before


async def test_the_other_way_round_it_is_the_same(dos: Dos) -> None:
    """The markers are found where they are: as the other, the other's pages say them."""
    otro = await dos.sitio.entrar(Rol.ASPIRANTE, solicitud=dos.otro.solicitud)
    answer = await otro.get(f"/aspirante/estadisticas/registros/{dos.otro.folio}")
    assert dos.otro.marca in answer.text
    assert (await otro.get(f"/aspirante/estadisticas/registros/{dos.uno.folio}")).status == 404
