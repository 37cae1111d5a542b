"""HTML as text: what it says, and that no HTML takes long."""

from __future__ import annotations

import time

import pytest

from leadwise.connect.files.map import text_in
from leadwise.connect.mail.markup import to_html, to_plain, to_text, with_links


@pytest.mark.parametrize(
    "part",
    ["<a ", "<a b=c ", '<a href="', "<a href='>", "<!--", "<![CDATA[", "<", "</", "<?", "<!x>",
     "<![x]>", "<a/>", "<a b=c>", "&#", "<div style='display:none'>", '<x y="', "<a\"'"],
)  # fmt: skip
def test_no_html_takes_long(part: str) -> None:
    """A mail of 20 kB took half a minute, and anybody may send one."""
    markup = part * (60_000 // len(part))
    began = time.monotonic()
    to_text(markup)
    text_in(markup.encode(), "a.html")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a &lt; b <b>c</b>", "a < b c"),
        ("1 < 2 and 3 > 2 <i>x</i>", "1 < 2 and 3 > 2 x"),
        ("x<!-- <p>no</p> -->y<!--[if mso]><p>no</p><![endif]-->z", "xyz"),
        ("x<!-- never closed <p>y</p>", "x"),
        ("<!doctype html><p>y</p>", "y"),
        ('<a title="a > b" href="https://x.example">y</a>', "y (https://x.example)"),
        ('<img alt="Logo" src="data:image/png;base64,' + "A" * 9_000 + '">', "[Logo]"),
        ('x<span style="display: none">no</span>y', "xy"),
        ('<p style="display:none">y<p>z', "y\n\nz"),
        ("<a <b>c</b>", "<a c"),
    ],
)
def test_html_says_as_text(markup: str, text: str) -> None:
    assert to_text(markup).strip() == text


@pytest.mark.parametrize("part", ["{{", "{%", "{#", "<a ", '<a href="', "<a href='", "<area x="])
def test_no_template_takes_long(part: str) -> None:
    text = part * (60_000 // len(part))
    began = time.monotonic()
    to_html(text)
    to_plain(text)
    with_links(text, str.upper)
    assert time.monotonic() - began < 4


def test_links_are_found_whatever_stands_in_their_other_attributes() -> None:
    markup = '<a title="a > b < c" href="https://x.example">y</a>'
    assert with_links(markup, str.upper) == markup.replace("https://x.example", "HTTPS://X.EXAMPLE")
