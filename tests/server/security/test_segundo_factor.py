"""The second factor's parts: what the QR says, which steps of the clock are taken, how codes rest."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pyotp
import pytest

from server import keyring
from server.security import segundo_factor as factor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_790_000_000_000


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_to_either_side(off: int, taken: bool) -> None:
    code = pyotp.TOTP(SECRET).at(NOW // 1000 + 30 * off)
    step = factor.step_of(SECRET, f"{code[:3]} {code[3:]}", NOW, 0)
    assert step == (NOW // 30_000 + off if taken else None)
    if step is not None:
        assert factor.step_of(SECRET, code, NOW, step) is None


@pytest.mark.parametrize("codigo", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code(codigo: str) -> None:
    assert factor.step_of(SECRET, codigo, NOW, 0) is None


def test_a_clock_at_the_beginning_of_time() -> None:
    assert factor.step_of(SECRET, "123456", 0, 0) is None


def test_the_qr_is_an_svg_without_styles() -> None:
    svg = factor.qr_svg(SECRET, correo='a"<b>@ejemplo.mx', emisor="Instituto: de Prueba")
    ElementTree.fromstring(svg)
    assert "style" not in svg
    assert "<b>" not in svg
    assert factor.uri(SECRET, correo="ana@ejemplo.mx", emisor="Instituto: X").startswith("otpauth://totp/")
    assert factor.manual_key(SECRET).replace(" ", "") == SECRET


def test_kept_wrapped_and_offered_to_one_session(tmp_path: Path) -> None:
    keyring.create(tmp_path, b"un secreto de pruebas", 1)
    keys = keyring.load(tmp_path, b"un secreto de pruebas")
    kept = factor.keep(keys, 7, SECRET)
    assert SECRET not in kept
    assert factor.read(keys, 7, kept) == SECRET
    assert factor.read(keys, 8, kept) is None
    offer = factor.offer(keys, 7, 3, SECRET)
    assert factor.offered(keys, 7, 3, offer) == SECRET
    assert factor.offered(keys, 7, 4, offer) is None
    assert factor.offered(keys, 7, 3, kept) is None, "what rests in the row is not what goes round by the page"
    for text in ("", "á", "====", offer[:-4]):
        assert factor.offered(keys, 7, 3, text) is None


def test_printed_codes() -> None:
    codes = factor.new_backup_codes()
    assert len(set(codes)) == factor.CODIGOS
    assert all(factor.is_backup_code(code) for code in codes)
    assert not factor.is_backup_code("123456")
    assert factor.backup_digest(1, codes[0]) == factor.backup_digest(1, f" {codes[0].upper()} ")
    assert factor.backup_digest(1, codes[0]) != factor.backup_digest(2, codes[0])
