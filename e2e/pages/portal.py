"""The portals: forms by their labels, buttons and links by their words, tables by their rows."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from e2e.pages.inbox import Inbox


@dataclass(frozen=True)
class Portal:
    """Somebody at a page of the portals. `url`: of the server."""

    page: Page
    url: str

    def open(self, path: str) -> Portal:
        """Go there."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status < 400, f"{answer.status} {path}: {self.text()[:400]}"
        return self

    @property
    def main(self) -> Locator:
        """What the page is about."""
        return self.page.get_by_role("main")

    def text(self) -> str:
        """The words of the page."""
        return self.main.inner_text()

    def heading(self, words: str) -> None:
        """The page's one h1 says so."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile(words))

    def fill(self, **fields: str) -> Portal:
        """Fill fields in by their label; underscores stand for spaces."""
        for label, value in fields.items():
            self.write(label.replace("_", " "), value)
        return self

    def write(self, label: str, value: str) -> Portal:
        """Fill one field in, whose label begins so."""
        field = self.main.get_by_label(re.compile(r"^\s*" + re.escape(label))).first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
        return self

    def tick(self, label: str) -> Portal:
        """Mark a box, or choose one of several."""
        self.main.get_by_label(re.compile(r"^\s*" + re.escape(label))).first.check()
        return self

    def attach(self, label: str, name: str, content: bytes, media: str) -> Portal:
        """Choose a file."""
        field = self.main.get_by_label(re.compile(r"^\s*" + re.escape(label))).first
        field.set_input_files({"name": name, "mimeType": media, "buffer": content})
        return self

    def press(self, words: str) -> Portal:
        """Press a button."""
        self.main.get_by_role("button", name=re.compile("^" + re.escape(words))).first.click()
        return self

    def follow(self, words: str) -> Portal:
        """Follow a link in the page."""
        self.main.get_by_role("link", name=re.compile("^" + re.escape(words))).first.click()
        return self

    def menu(self, words: str) -> Portal:
        """Choose from the menu, unfolding it where it is folded."""
        folded = self.page.get_by_text("Menú", exact=True)
        if folded.is_visible():
            folded.click()
        self.page.get_by_role("navigation", name="Menú").get_by_role("link", name=words, exact=True).click()
        return self

    def download(self, words: str, folder: Path) -> Path:
        """Take what a link gives."""
        with self.page.expect_download() as started:
            self.main.get_by_role("link", name=re.compile("^" + re.escape(words))).first.click()
        target = folder / started.value.suggested_filename
        started.value.save_as(target)
        return target

    def errors(self) -> list[str]:
        """Codes of what is wrong, field by field."""
        return [str(one.get_attribute("data-codigo")) for one in self.main.locator("[data-codigo]").all()]

    def picture(self, name: str, folder: Path | None) -> None:
        """A screenshot for the manuals."""
        if folder is not None:
            whole = Image.open(io.BytesIO(self.page.screenshot(animations="disabled"))).convert("RGB")
            whole.quantize(256).save(folder / f"{name}.png", optimize=True)

    # what people do more than once

    def mail(self, address: str, subject: str) -> str:
        """The text of the newest mail to an address whose subject begins so; it may still be on its way."""
        inbox = Inbox(self.page, self.url)
        for _ in range(60):
            inbox.open(f"?para={address}")
            if any(one.startswith(subject) for one in inbox.subjects()):
                return inbox.open_message(subject).open_text_version()
            self.page.wait_for_timeout(250)
        raise AssertionError(f"no llegó «{subject}» a {address}: {inbox.subjects()}")

    def link_in(self, text: str, path: str) -> str:
        """The address in a mail that leads to this path of the server, without the server."""
        found = re.search(re.escape(self.url) + rf"({path}\S*)", text)
        assert found, text
        return found[1]

    def choose_password(self, password: str) -> Portal:
        """The page that an invitation leads to."""
        self.write("Contraseña nueva", password).write("La misma contraseña", password)
        return self.press("Guardar la contraseña")

    def enrol_factor(self) -> list[str]:
        """Put the second factor into use by the key that is written beside the QR; gives the printed codes."""
        self.heading("Active su segundo paso")
        key = self.main.locator("code.clave").inner_text().replace(" ", "").strip()
        self.write("Código de la aplicación", pyotp.TOTP(key).now()).press("Activar")
        self.heading("Guarde sus códigos de respaldo")
        codes = self.main.locator("ol.codigos code").all_inner_texts()
        self.follow("Ya los guardé")
        return codes

    def enter(self, address: str, password: str) -> Portal:
        """The login of the OPL."""
        self.open("/entrar").write("Correo institucional", address).write("Contraseña", password)
        return self.press("Entrar")

    def second_step(self, code: str) -> Portal:
        """The code that is asked for after the password: the clock's, or a printed one."""
        self.heading("Segundo paso")
        return self.write("Código", code).press("Continuar")

    def enter_aspirante(self, address: str, folio: str) -> Portal:
        """The login of an aspirante, by a mailed code."""
        self.open("/entrar/aspirante").fill(Usuario=address, Folio_único=folio).press("Continuar")
        self.press("Enviarme el código")
        back = self.page.url
        code = re.search(r"\b(\d{6})\b", self.mail(address, "Código para entrar"))
        assert code
        self.page.goto(back)
        return self.write("Código", code[1]).press("Entrar")

    def leave(self) -> None:
        """Out."""
        self.page.get_by_role("button", name="Salir").click()
