"""What a PDF of Chromium's says: its pages and the text on them, as far as these tests need it."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\s(.*?)^endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)  # what is packed may end in \r
_SHOWN = re.compile(rb"/F(\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj|(\bET\b)")
_ONE = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4,})>(?! <)")
_RANGE = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})>")


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, in the order in which it was drawn."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}
    fonts = {
        number: _signs(_content(objects[int(named[1])]))
        for number, body in objects.items()
        if (named := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    return [
        _text(_content(objects[int(drawn[1])]), fonts)
        for body in objects.values()
        if re.search(rb"/Type /Page\b", body)
        and (drawn := re.search(rb"/Contents (\d+) 0 R", body))
    ]


def _content(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]


def _signs(cmap: bytes) -> dict[int, str]:
    signs: dict[int, str] = {}
    for first, last, start in _RANGE.findall(cmap):
        for place in range(int(last, 16) - int(first, 16) + 1):
            signs[int(first, 16) + place] = chr(int(start, 16) + place)
    for glyph, sign in _ONE.findall(_RANGE.sub(b"", cmap)):
        signs[int(glyph, 16)] = bytes.fromhex(sign.decode()).decode("utf-16-be")
    return signs


def _text(content: bytes, fonts: dict[int, dict[int, str]]) -> str:
    said: list[str] = []
    signs: dict[int, str] = {}
    for font, shown, end in _SHOWN.findall(content):
        if font:
            signs = fonts.get(int(font), {})
        elif shown:
            glyphs = [int(shown[n : n + 4], 16) for n in range(0, len(shown), 4)]
            said.append("".join(signs.get(glyph, "") for glyph in glyphs))
        elif end:
            said.append(" ")
    return "".join(said)
