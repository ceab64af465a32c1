"""From an empty box to a report that moves, all of it in the browser: the OPL, the aspirante, an auxiliar's phone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from e2e.conftest import APOYOS, EmptyBox, OpenPage
from e2e.pages.portal import Portal
from server.clock import CENTRO
from server.seed import Sembrado

pytestmark = [pytest.mark.e2e, pytest.mark.socket]

ADMIN, PASSWORD = "lourdes.campa@opl.ejemplo.mx", "cuatro palabras muy tranquilas"
OPERATOR = "rene.solis@opl.ejemplo.mx"
TODAY = datetime.now(CENTRO).date()
ASPIRANTE = "aspirante@correo.ejemplo.mx"
PDF = b"%PDF-1.4 una hoja firmada %%EOF"


@dataclass(frozen=True)
class Journey:
    """A box and somebody at a browser, with or without JavaScript."""

    box: EmptyBox
    portal: Portal
    scripts: bool
    pictures: Path | None
    tmp: Path
    codes: list[str] = field(default_factory=list)
    """Printed codes of the administrator's second factor: the clock's serve once each half minute."""


@pytest.fixture(params=[True, False], ids=["con JavaScript", "sin JavaScript"])
def journey(
    request: pytest.FixtureRequest, empty_box: EmptyBox, open_page: OpenPage, pictures: Path, tmp_path: Path
) -> Journey:
    """The whole way twice: htmx only makes it nicer."""
    page = open_page(viewport={"width": 1280, "height": 900}, java_script_enabled=request.param)
    folder = pictures if request.param else None
    return Journey(empty_box, Portal(page, empty_box.url), request.param, folder, tmp_path)


def test_from_an_empty_box_to_a_report_that_moves(journey: Journey) -> None:
    first_administrator(journey)
    second_functionary(journey)
    periodo(journey)
    folio = aspirante(journey)
    journey.portal.leave()

    aspirante_enters(journey, folio)
    one, many = auxiliares(journey, folio)
    report_moves(journey, [one, *many])
    consulta(journey, folio)
    baja(journey, many[-1])
    journey.portal.leave()

    review(journey, one)


def first_administrator(journey: Journey) -> None:
    """The console makes the first account; its link leads to a password and the second factor."""
    portal = journey.portal
    said = journey.box.acopio(
        "cuentas", "crear", ADMIN, "--nombre", "Lourdes Campa Ibarra", "--cargo", "Secretaría Ejecutiva", "--en-papel"
    )
    portal.open(portal.link_in(said, "/invitacion/")).choose_password(PASSWORD)
    if "/entrar" in portal.page.url.removeprefix(portal.url):
        portal.enter(ADMIN, PASSWORD)
    portal.open("/opl/cuentas")
    journey.codes.extend(portal.enrol_factor())
    assert len(journey.codes) == 10
    portal.heading("Cuentas")
    portal.picture("opl-cuentas", journey.pictures)


def second_functionary(journey: Journey) -> None:
    """An invitation by mail, the Declaración signed and handed in, accepted by the administrator (A1)."""
    portal = journey.portal
    portal.follow("Invitar").fill(
        Nombre_completo="René Solís Mata", Cargo="Mesa de control", Correo=OPERATOR, Teléfono="492 000 0005",
    )  # fmt: skip
    portal.tick("Mesa de control").press("Invitar")
    invited = portal.link_in(portal.mail(OPERATOR, "Active su cuenta"), "/invitacion/")
    portal.open("/opl").leave()

    portal.open(invited).choose_password(PASSWORD)
    if "/entrar" in portal.page.url.removeprefix(portal.url):
        portal.enter(OPERATOR, PASSWORD)
    portal.open("/opl")
    portal.heading("Declaración de Confidencialidad")
    pdf = portal.download("Descargar el PDF", journey.tmp)
    assert pdf.read_bytes().startswith(b"%PDF-")
    portal.press("Entregar la declaración")
    assert portal.errors() == ["falta_archivo", "falta_dato"]
    portal.attach("Declaración firmada", "firmada.pdf", PDF, "application/pdf").tick("Leí la declaración")
    portal.press("Entregar la declaración")
    expect(portal.main).to_contain_text("La entregó")
    portal.leave()

    portal.enter(ADMIN, PASSWORD).second_step(journey.codes.pop())
    portal.open("/opl/cuentas").follow("René Solís Mata")
    portal.press("Aceptar la declaración")
    assert "cuenta" in portal.mail(OPERATOR, "Su cuenta").lower()


def periodo(journey: Journey) -> None:
    """B1, with a mistake on the way: what was typed stays."""
    portal = journey.portal
    portal.open("/opl").menu("Periodos").follow("Registrar un periodo")
    portal.fill(
        Proceso="nuevo", Tipo_del_proceso="candidatura_independiente", Nombre_del_proceso="Proceso Electoral Local",
        Nombre_del_periodo="Presidencia Municipal", Entidad="32",
    )  # fmt: skip
    portal.tick("Local").tick("Activo").tick("No se pide")
    portal.write("Inicio", f"{TODAY - timedelta(days=2)}T00:00").write("Fin", f"{TODAY - timedelta(days=9)}T00:00")
    portal.write("Apoyos requeridos", "10")
    portal.press("Guardar el periodo")
    assert portal.errors(), "the end lies before the start"
    expect(portal.main.get_by_label("Nombre del periodo")).to_have_value("Presidencia Municipal")
    portal.write("Fin", f"{TODAY + timedelta(days=20)}T00:00")
    portal.picture("opl-periodo", journey.pictures)
    portal.press("Guardar el periodo")
    portal.heading("Presidencia Municipal")


def aspirante(journey: Journey) -> str:
    """B2 and B3: registered with a difference to look at, the cédula printed, confirmed; the mail brings the folio."""
    portal, who = journey.portal, journey.box.people[0]
    portal.menu("Aspirantes").follow("Registrar un aspirante")
    portal.fill(
        Nombre=who["nombre"].title(), Apellido_paterno=who["apellido_paterno"].title(),
        Apellido_materno=who["apellido_materno"].title(), Lugar_de_nacimiento="Fresnillo",
        Fecha_de_nacimiento=who["fecha_nacimiento"], Correo=ASPIRANTE, Clave_de_elector=who["clave_elector"],
        CURP=who["curp"], CIC=who["cic"], OCR=who["ocr"], Entidad=who["entidad"], Municipio=who["municipio"].title(),
        Sección=who["seccion"], Fecha_de_manifestación=str(TODAY), Número_de_oficio="OPL/SE/014/2026",
    )  # fmt: skip
    portal.tick("Google")
    portal.press("Guardar el registro")
    assert portal.errors() == ["falta_telefono"]
    expect(portal.main.get_by_label("Clave de elector")).to_have_value(who["clave_elector"])
    portal.write("Teléfono móvil", "492 123 4567")
    portal.picture("opl-aspirante", journey.pictures)
    portal.press("Guardar el registro")
    portal.heading(who["apellido_paterno"].title())
    cedula = portal.download("Cédula de confirmación", journey.tmp)
    assert cedula.read_bytes().startswith(b"%PDF-")
    portal.picture("opl-cedula", journey.pictures)
    portal.follow("Confirmar el registro").tick("La cédula").press("Confirmar el registro")
    text = portal.mail(ASPIRANTE, "Su registro está confirmado")
    folio = re.search(r"[Ff]olio único:?\s+(\d+)", text)
    assert folio, text
    assert f"{journey.box.url}/entrar/aspirante" in text
    portal.open("/opl")
    return folio[1]


def aspirante_enters(journey: Journey, folio: str) -> None:
    """A2: user and folio, a code by mail, and the menu of C1."""
    portal = journey.portal
    portal.open("/entrar/aspirante")
    portal.picture("aspirante-entrar", journey.pictures)
    portal.enter_aspirante(ASPIRANTE, folio)
    if portal.page.url != f"{portal.url}/aspirante":
        portal.open("/aspirante")
    menu = portal.page.get_by_role("navigation", name="Menú")
    for option in (
        "Inicio",
        "Registro",
        "Consulta",
        "Reporte de avance",
        "Consulta de registros",
        "Reporte detallado",
        "Manuales",
    ):
        expect(menu.get_by_role("link", name=option, exact=True)).to_be_visible()
    portal.picture("aspirante-menu", journey.pictures)


def row_of(who: dict[str, str], mail: str) -> str:
    """A line of the official layout (P7.4)."""
    born = "/".join(reversed(who["fecha_nacimiento"].split("-")))
    return ",".join(
        (who["nombre"], who["apellido_paterno"], who["apellido_materno"], born, "", mail, "g", who["clave_elector"],
         who["curp"], "")
    )  # fmt: skip


def auxiliares(journey: Journey, folio: str) -> tuple[Sembrado, list[Sembrado]]:
    """C2 to C4: one by hand, then a file with good and wrong rows; each gets the ids by mail."""
    portal, (who, *others) = journey.portal, journey.box.people[1:5]
    portal.menu("Registro")
    portal.fill(
        Nombre=who["nombre"], Apellido_Paterno=who["apellido_paterno"], Apellido_Materno=who["apellido_materno"],
        Fecha_de_nacimiento=who["fecha_nacimiento"], Correo="aux.uno@correo.ejemplo.mx",
        Clave_de_elector=who["clave_elector"], Tipo_de_cuenta="google",
    )  # fmt: skip
    portal.picture("aspirante-auxiliar", journey.pictures)
    portal.press("Registrar")
    first = sembrado(portal, folio, "aux.uno@correo.ejemplo.mx", who)

    portal.open("/aspirante").menu("Registro por archivo")
    template = portal.download("CSV", journey.tmp).read_bytes().decode("utf-8-sig")
    header = template.splitlines()[0].replace(";", ",")
    mails = [f"aux.{n}@correo.ejemplo.mx" for n in range(2)]
    wrong = row_of(others[2], "esto no es un correo")
    content = "\r\n".join([header, *(row_of(*pair) for pair in zip(others, mails, strict=False)), wrong, ""])
    portal.attach("Archivo", "auxiliares.csv", content.encode("cp1252"), "text/csv").press("Subir y revisar")
    expect_settled(portal, "Aceptar las 2 filas correctas")
    expect(portal.main).to_contain_text("esto no es un correo")
    portal.picture("aspirante-carga", journey.pictures)
    portal.press("Aceptar las 2 filas correctas")
    expect_settled(portal, "Ver a los auxiliares")
    return first, [sembrado(portal, folio, mail, one) for mail, one in zip(mails, others, strict=False)]


def expect_settled(portal: Portal, words: str) -> None:
    """Work in the background is done when these words are there; without JavaScript one looks again."""
    for _ in range(60):
        if portal.main.get_by_text(words).first.is_visible():
            return
        portal.page.wait_for_timeout(250)
        if portal.main.get_by_role("link", name="Actualizar").is_visible():
            portal.follow("Actualizar")
    raise AssertionError(portal.text())


def sembrado(portal: Portal, folio: str, mail: str, who: dict[str, str]) -> Sembrado:
    """What reaches an auxiliar: Id de proceso and Id de auxiliar."""
    text = portal.mail(mail, "Sus datos para registrar su teléfono")
    ids = re.search(r"Id de proceso:?\s+(\d+).*?Id de auxiliar:?\s+(\d+)", text, re.DOTALL)
    assert ids, text
    assert int(ids[1]) == int(folio)
    return Sembrado(int(ids[1]), int(ids[2]), mail, persona=int(who["lugar"]))


def report_moves(journey: Journey, registered: list[Sembrado]) -> None:
    """C6: what phones send shows in the report, by itself where there is JavaScript."""
    portal = journey.portal
    portal.open("/aspirante/estadisticas/avance")
    expect(figure(portal, "Recibidos")).to_contain_text("0")
    result = journey.box.phones(registered[:2])
    assert result["totales"]["acuses"] == 2 * (APOYOS + 1)
    if not journey.scripts:
        portal.page.reload()
    expect(figure(portal, "Recibidos")).to_contain_text(str(2 * APOYOS), timeout=30_000)
    portal.picture("aspirante-avance", journey.pictures)
    portal.menu("Reporte detallado")
    expect(portal.main).to_contain_text(str(registered[0].auxiliar))
    portal.picture("aspirante-detallado", journey.pictures)


def figure(portal: Portal, name: str) -> Locator:
    """One of the big figures."""
    return portal.main.locator(".cifras > div").filter(has_text=re.compile(rf"^\s*{name}"))


def consulta(journey: Journey, folio: str) -> None:
    """C5: filters that make an address to share; the same rows as a file; one registro with its acuse."""
    portal = journey.portal
    portal.menu("Consulta de registros")
    rows = portal.main.locator("tbody tr")
    expect(rows).to_have_count(2 * APOYOS)
    portal.picture("aspirante-registros", journey.pictures)
    portal.write("Id auxiliar", "1").press("Filtrar")
    expect(rows).to_have_count(APOYOS)
    assert "auxiliar=1" in portal.page.url
    exported = portal.download("Descargar CSV", journey.tmp).read_text(encoding="utf-8-sig")
    assert [line[:14] for line in exported.splitlines()[1:]] == [f"{int(folio):06d}-000001-"] * APOYOS
    portal.main.locator("tbody a").first.click()
    expect(portal.main).to_contain_text("Código de integridad")


def baja(journey: Journey, who: Sembrado) -> None:
    """C4: a baja names what it does, asks for the cause, and the auxiliar hears of it."""
    portal = journey.portal
    portal.open(f"/aspirante/auxiliares/{who.auxiliar}").follow("Dar de baja")
    portal.write("Causa", "Dejó de colaborar").press("Dar de baja")
    assert "Dejó de colaborar" in portal.mail(who.correo, "Su registro como auxiliar se dio de baja")
    portal.open("/aspirante")


def review(journey: Journey, one: Sembrado) -> None:
    """B4 and B6: the OPL compares the testigos visuales with who was registered, and sees the same figures."""
    portal = journey.portal
    portal.enter(ADMIN, PASSWORD).second_step(journey.codes.pop())
    portal.menu("Auxiliares")
    portal.picture("opl-auxiliares", journey.pictures)
    portal.open(f"/opl/auxiliares/{one.auxiliar}")
    images = portal.main.get_by_role("img")
    expect(images).to_have_count(4)
    for image in images.all():
        assert image.evaluate("one => one.complete && one.naturalWidth") > 100
    portal.picture("opl-auxiliar-revision", journey.pictures)
    portal.press("Corresponde")
    portal.menu("Reporte de avance")
    expect(portal.main).to_contain_text(str(2 * APOYOS))
    portal.picture("opl-avance", journey.pictures)
    portal.menu("Estado del servidor")
    portal.picture("opl-administracion", journey.pictures)
    portal.menu("Tarjetas de memoria")
    portal.picture("opl-tarjeta", journey.pictures)
    portal.menu("Quién vio qué")
    expect(portal.main).to_contain_text(f"Auxiliar {one.auxiliar}")
