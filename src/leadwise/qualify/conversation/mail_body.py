"""The words of one mail: its text part, else its HTML made text, in whatever charset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser

from leadwise.qualify.conversation.decoding import decoded

_BLOCKS = frozenset(
    "p div tr table ul ol h1 h2 h3 h4 h5 h6 pre section article header footer hr center".split()
)
_SILENT = frozenset(("script", "style", "head", "title", "template"))
_MOST = 400_000
"""Characters of one mail's words that are read."""


def body_of(mail: EmailMessage) -> str:
    """A mail's own words with what it quotes; attachments are not read."""
    plain = "\n\n".join(one.strip("\n") for one in _texts(mail, "plain") if one.strip())
    if plain.strip():
        return plain[:_MOST]
    return "\n\n".join(text_of_html(one) for one in _texts(mail, "html"))[:_MOST]


def attached_mails(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Mails forwarded as attachments."""
    for part in mail.walk():
        if part is not mail and part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            found = inner[0] if isinstance(inner, list) and inner else inner
            if isinstance(found, EmailMessage):
                yield found


def _texts(mail: EmailMessage, subtype: str) -> Iterator[str]:
    """The texts of a kind that are meant to be read, in order; none of attached mails or files."""
    if (
        mail.get_content_type() == "message/rfc822"
        or mail.get_content_disposition() == "attachment"
    ):
        return
    if mail.is_multipart():
        payload = mail.get_payload()
        for part in payload if isinstance(payload, list) else ():
            if isinstance(part, EmailMessage):
                yield from _texts(part, subtype)
    elif mail.get_content_type() == f"text/{subtype}":
        yield _content(mail)


def _content(part: EmailMessage) -> str:
    """A part's text; where its charset is unknown or a lie, by its bytes."""
    try:
        found = part.get_content()
        if isinstance(found, str) and "�" not in found:
            return found.replace("\r\n", "\n").replace("\r", "\n")
    except (LookupError, ValueError, KeyError, AssertionError, AttributeError):
        pass
    try:
        data = part.get_payload(decode=True)
    except (LookupError, ValueError, AssertionError):
        data = None
    text = decoded(data) if isinstance(data, bytes) else str(part.get_payload())
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of_html(source: str) -> str:
    """HTML as text: a line for each block, "> " before what is in a quote."""
    reader = _Reader()
    try:
        reader.feed(source)
        reader.close()
    except (AssertionError, ValueError, RecursionError):
        return re.sub(r"<[^>]*>", " ", source)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(reader.lines())).strip()


class _Reader(HTMLParser):
    """Collects lines with the depth of quoting they stand in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[tuple[int, str]] = []
        self._here: list[str] = []
        self._depth = self._silent = 0

    def lines(self) -> Iterator[str]:
        self._end()
        return ("> " * depth + text for depth, text in self._found)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self._end(keep=True)
        elif tag == "li":
            self._end()
            self._here.append("- ")
        elif tag == "blockquote":
            self._end()
            self._depth += 1
        elif tag in _BLOCKS:
            self._end()
            if tag == "p":
                self._found.append((self._depth, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "blockquote":
            self._end()
            self._depth = max(0, self._depth - 1)
        elif tag in _BLOCKS or tag == "li":
            self._end()
        elif tag in ("td", "th"):
            self._here.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._here.append(data)

    def _end(self, *, keep: bool = False) -> None:
        text = " ".join("".join(self._here).split())
        self._here = []
        if text or keep:
            self._found.append((self._depth, text))
