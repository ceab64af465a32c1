"""The front page leads where it says, and the service says how it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Site
from e2e.pages.front import FrontPage

pytestmark = [pytest.mark.e2e, pytest.mark.socket]


def test_names_the_institution_and_every_link_leads_somewhere(site: Site, page: Page) -> None:
    front = FrontPage(page, site.url).open()
    expect(front.heading).to_have_text("Recepción de apoyo ciudadano")
    expect(page.get_by_role("main")).to_contain_text("Instituto Electoral de Ejemplo")
    expect(page).to_have_title("Recepción de apoyo ciudadano · Instituto Electoral de Ejemplo")
    links = front.links()
    assert {"/demo/correo", "/salud/listo", "/salud/vivo", "/.well-known/jwks.json"} <= set(links)
    for link in links:
        if not link.startswith("#"):
            assert page.request.get(site.url + link).status == 200, link
    icon = page.locator('link[rel="icon"]').get_attribute("href")
    assert page.request.get(f"{site.url}{icon}").headers["content-type"].startswith("image/svg+xml")


def test_health_is_json_that_says_whether_acuses_can_be_given(site: Site, page: Page) -> None:
    ready = page.request.get(f"{site.url}/salud/listo")
    assert ready.status == 200
    assert ready.headers["content-type"] == "application/json"
    answer = ready.json()
    assert answer["estado"] == "listo"
    assert {"indice", "disco", "correo", "segunda_copia"} <= set(answer["partes"])
    assert all(part["texto"] for part in answer["partes"].values())
    assert page.request.get(f"{site.url}/salud/vivo").json() == {"estado": "vivo"}


def test_unknown_addresses_are_a_page_for_people_and_json_for_phones(site: Site, page: Page) -> None:
    answer = page.goto(f"{site.url}/esto/no/existe")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("No encontramos esa página")
    expect(page.get_by_role("main")).to_contain_text("no_encontrado")
    page.get_by_role("link", name="Ir al inicio").click()
    expect(page).to_have_url(f"{site.url}/")
    for path in ("/sync/nada", "/dispositivos/nada"):
        refused = page.request.get(site.url + path, headers={"Accept": "text/html"})
        assert refused.json()["codigo"] == "no_encontrado"


def test_keys_are_a_jwks(site: Site, page: Page) -> None:
    keys = page.request.get(f"{site.url}/.well-known/jwks.json").json()["keys"]
    assert [(key["kty"], key["crv"], key["alg"]) for key in keys] == [("EC", "P-256", "ES256")]
    assert "d" not in keys[0]
