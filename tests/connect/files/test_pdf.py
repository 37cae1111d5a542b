"""PDFs: their text, scans, and hostile ones."""

from __future__ import annotations

import io
import time
import zlib
from pathlib import Path

import pytest

from leadwise.connect.files import pdf
from leadwise.connect.files.pdf import is_pdf, text_of_pdf
from leadwise.errors import UserError


def made(*pages: str) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file)
    for page in pages:
        for number, line in enumerate(page.splitlines()):
            canvas.drawString(72, 760 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def scanned() -> bytes:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(picture, "JPEG")
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawImage(ImageReader(picture), 0, 0)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def test_the_text_of_every_page() -> None:
    data = made("Invoice 2026-77\nTotal: 1,250.00 EUR", "Page two")
    assert is_pdf(data)
    text = text_of_pdf(data)
    assert "Total: 1,250.00 EUR" in text
    assert text.count("\f") == 1


def test_a_locked_one_says_so() -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made("secret"))))
    writer.encrypt("password", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    with pytest.raises(UserError) as raised:
        text_of_pdf(file.getvalue(), "a.pdf")
    assert raised.value.code == "unreadable-pdf"
    assert "a.pdf" in raised.value.message


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n" + b"\x00" * 5000, made("x")[:200]])
def test_damaged_ones_are_told(data: bytes) -> None:
    with pytest.raises(UserError) as raised:
        text_of_pdf(data)
    assert raised.value.code in ("unreadable-pdf", "empty-pdf")


def test_a_bomb_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 5.0)
    monkeypatch.setattr(pdf, "MEMORY", 400_000_000)
    bomb = zlib.compress(zlib.compress(b"0 0 m " * 20_000_000, 1), 1)
    page = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length "
    )
    data = (
        page
        + b"%d>>stream\n" % len(bomb)
        + bomb
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )
    begun = time.monotonic()
    with pytest.raises(UserError):
        text_of_pdf(data)
    assert time.monotonic() - begun < 15


def test_too_long_a_reading_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 0.001)
    with pytest.raises(UserError, match="seconds to read"):
        text_of_pdf(made("x"))


def test_a_scan_asks_for_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = scanned()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError) as raised:
        text_of_pdf(data, "scan.pdf")
    assert (raised.value.code, "tesseract" in raised.value.hint) == ("no-ocr", True)
    with pytest.raises(UserError) as raised:
        text_of_pdf(data, "scan.pdf", ocr=False)
    assert raised.value.code == "empty-pdf"


def test_tesseract_is_given_the_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tesseract"
    program.write_text('#!/bin/sh\nread -r start < "$1"\necho "Total 99 EUR on $2"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert text_of_pdf(scanned()).strip() == "Total 99 EUR on stdout"
