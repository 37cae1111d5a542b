"""From one part of a mail to the other: HTML into text, light markup into HTML, the links in HTML.

Light markup is what people write in plain mails anyway: paragraphs, `# heading`, lists of `- ` and
`1. `, `**bold**`, `*italic*`, `[words](https://...)`, bare addresses, `---`; a link alone on its
line, written `[[words]](https://...)`, is a button. Placeholders of templates (`{{ }}`, `{% %}`)
go through untouched: what is put in for them later can be no markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

from leadwise.connect.mail.links import is_web

_HOLE = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.S)
_TAG_LINE = re.compile(r"\s*(?:\ue000\d+\ue001\s*)+")
_MARK = re.compile(r"\ue000(\d+)\ue001")
_BUTTON = re.compile(r"\[\[([^\[\]]+)\]\]\(([^()\s]+)\)")
_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
_BARE = re.compile(r"(?<![\w\"'>=/])(https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]])")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.S)
_ITALIC = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_ITEM = re.compile(r"\s{0,3}(?:([-*])|\d{1,3}[.)])\s+(.*)")
_HEADING = re.compile(r"(#{1,3})\s+(.*)")
_GOES = ("http", "https", "mailto", "tel")
_BUTTON_STYLE = (
    "display:inline-block;padding:12px 20px;background:#1a56a0;color:#ffffff;"
    "text-decoration:none;border-radius:4px;font-weight:bold"
)


def to_html(text: str) -> str:
    """Light markup as HTML, without a layout."""
    marked, holes = _without_holes(text)
    tags = {place for place, hole in enumerate(holes) if not hole.startswith("{{")}
    blocks = re.split(r"\n[ \t]*\n", marked.strip("\n"))
    made = "\n".join(filter(None, (_block(block, tags) for block in blocks)))
    return _with_holes(made, holes)


def to_plain(text: str) -> str:
    """Light markup as it is read in a text part: links as `words: address`, no stars."""
    plain, holes = _without_holes(text)
    plain = _BUTTON.sub(r"\1: \2", plain)
    plain = _LINK.sub(lambda m: m[2] if m[1].strip() == m[2] else f"{m[1]}: {m[2]}", plain)
    plain = re.sub(r"(?m)^#{1,3}\s+", "", plain)
    return _with_holes(_ITALIC.sub(r"\1", _BOLD.sub(r"\1", plain)), holes)


def _without_holes(text: str) -> tuple[str, list[str]]:
    holes: list[str] = []

    def kept(found: re.Match[str]) -> str:
        holes.append(found[0])
        return f"\ue000{len(holes) - 1}\ue001"

    # Signs of the private area that a text has by itself would be taken for ours.
    given = text.replace("\ue000", "").replace("\ue001", "").replace("\r\n", "\n")
    return _HOLE.sub(kept, given), holes


def _with_holes(text: str, holes: list[str]) -> str:
    return _MARK.sub(lambda found: holes[int(found[1])], text)


def _block(block: str, tags: set[int]) -> str:
    lines = [line for line in block.split("\n") if line.strip()]
    before: list[str] = []
    after: list[str] = []
    while lines and _is_tags(lines[0], tags):
        before.append(lines.pop(0).strip())
    while lines and _is_tags(lines[-1], tags):
        after.insert(0, lines.pop().strip())
    words = [line for line in lines if not _is_tags(line, tags)]
    if words and all(_ITEM.fullmatch(line) for line in words):
        # A loop around items is inside the list: one list, however often it turns.
        body = _list([*before, *lines, *after], tags)
        before, after = [], []
    else:
        body = _paragraphs(lines)
    return "".join([*before, body, *after])


def _is_tags(line: str, tags: set[int]) -> bool:
    return bool(_TAG_LINE.fullmatch(line)) and all(int(m) in tags for m in _MARK.findall(line))


def _list(lines: list[str], tags: set[int]) -> str:
    items, kind = list[str](), "ul"
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found is None or _is_tags(line, tags):
            items.append(line.strip())
            continue
        kind = "ul" if found[1] else "ol"
        items.append(f"<li>{_inline(found[2])}</li>")
    return f"<{kind}>{''.join(items)}</{kind}>"


def _paragraphs(lines: list[str]) -> str:
    if not lines:
        return ""
    if len(lines) == 1:
        line = lines[0].strip()
        if re.fullmatch(r"-{3,}|\*{3,}", line):
            return "<hr>"
        button = _BUTTON.fullmatch(line)
        if button:
            address = html.escape(button[2])
            return f'<p><a href="{address}" style="{_BUTTON_STYLE}">{_inline(button[1])}</a></p>'
    heading = _HEADING.fullmatch(lines[0].strip())
    if heading:
        level = len(heading[1])
        rest = _paragraphs(lines[1:])
        return f"<h{level}>{_inline(heading[2])}</h{level}>{rest}"
    return f"<p>{'<br>'.join(_inline(line.rstrip()) for line in lines)}</p>"


def _inline(text: str) -> str:
    links: list[str] = []

    def linked(found: re.Match[str]) -> str:
        links.append(f'<a href="{html.escape(found[2])}">{_emphasis(found[1])}</a>')
        return f"\ue002{len(links) - 1}\ue003"

    def bare(found: re.Match[str]) -> str:
        address = html.escape(found[1])
        links.append(f'<a href="{address}">{address}</a>')
        return f"\ue002{len(links) - 1}\ue003"

    plain = text.replace("\ue002", "").replace("\ue003", "")
    held = _BARE.sub(bare, _LINK.sub(linked, plain))
    return re.sub(r"\ue002(\d+)\ue003", lambda m: links[int(m[1])], _emphasis(held))


def _emphasis(text: str) -> str:
    safe = html.escape(text, quote=False)
    return _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", safe))


class _Reader(HTMLParser):
    """HTML as text."""

    SILENT = frozenset(("style", "script", "head", "title", "template"))
    HIDING = frozenset(("div", "span", "section", "table"))
    """Tags that are closed; a hidden paragraph that is not would hide the rest."""
    BLOCKS = frozenset(
        ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "tr", "section",
         "article", "header", "footer", "main", "blockquote", "pre", "hr")
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.silent: list[str] = []
        self.links: list[tuple[str, int]] = []
        self.lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hidden = "display:none" in (given.get("style") or "").replace(" ", "")
        if tag in self.SILENT or self.silent or (hidden and tag in self.HIDING):
            if tag not in _VOID:
                self.silent.append(tag)
            return
        if tag == "br":
            self.out.append("\n")
        elif tag in ("ul", "ol"):
            self.out.append("\n\n" if not self.lists else "\n")
            self.lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            number = self.lists[-1] if self.lists else None
            if number is not None:
                self.lists[-1] = number + 1
            self.out.append("\n- " if number is None else f"\n{number + 1}. ")
        elif tag == "a":
            self.links.append((given.get("href") or "", len(self.out)))
        elif tag == "img" and given.get("alt"):
            self.out.append(f"[{given['alt']}]")
        elif tag in ("td", "th"):
            self.out.append(" ")
        elif tag in self.BLOCKS:
            self.out.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            if tag in self.silent:
                while self.silent.pop() != tag:
                    pass
            return
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            self.out.append("\n\n")
        elif tag == "a" and self.links:
            address, start = self.links.pop()
            words = "".join(self.out[start:]).strip()
            scheme = address.partition(":")[0].lower()
            if scheme in _GOES and address not in (words, f"mailto:{words}", f"tel:{words}"):
                self.out.append(f" ({address})" if words else address)
        elif tag in self.BLOCKS and tag != "tr":
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            words = re.sub(r"\s+", " ", data)
            if words == " " and (not self.out or self.out[-1].endswith("\n")):
                return
            self.out.append(words)


_VOID = frozenset(("br", "img", "hr", "meta", "link", "input", "area", "base", "col", "wbr"))


def to_text(markup: str) -> str:
    """HTML as it is read in a text part: links as `words (address)`, lists with dashes."""
    reader = _Reader()
    reader.feed(readable(markup))
    reader.close()
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(reader.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


_UNCLOSED = re.compile(r"""<(?![^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*>)""")
_DECLARED = re.compile(r"<[!?][^<>]*>")


def readable(markup: str) -> str:
    """HTML without comments and declarations, and with each < that begins no whole tag as a sign:
    the library's parser takes time with the square of the length of what is not closed."""
    parts, at = list[str](), 0
    while (start := markup.find("<!--", at)) >= 0:
        parts.append(markup[at:start])
        end = markup.find("-->", start + 4)
        at = end + 3 if end >= 0 else len(markup)
    parts.append(markup[at:])
    return _UNCLOSED.sub("&lt;", _DECLARED.sub("", "".join(parts)))


_ANCHOR = re.compile(r"""<(?:a|area)\b(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.I)
_ATTRIBUTE = re.compile(r"""(?is)(?<![\w-])(href)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""")
_UNTRACKED = re.compile(r"""\sdata-track\s*=\s*["']?no\b["']?""", re.I)


def with_links(markup: str, change: Callable[[str], str], *, untracked: bool = False) -> str:
    """The HTML with the address of each link changed; what is no page, mail or telephone number
    (`javascript:`) leads nowhere. A link with `data-track="no"` keeps its address, and with
    `untracked` that mark, too."""

    def anchor(found: re.Match[str]) -> str:
        kept = _UNTRACKED.search(found[0])

        def attribute(inner: re.Match[str]) -> str:
            address = html.unescape(inner[3].strip("\"'")).strip()
            if address.startswith("#"):
                return inner[0]
            if address.partition(":")[0].lower() not in _GOES:
                return f'{inner[1]}{inner[2]}"#"'
            after = address if kept or not is_web(address) else change(address)
            return f'{inner[1]}{inner[2]}"{html.escape(after)}"'

        return _ATTRIBUTE.sub(attribute, found[0] if untracked else _UNTRACKED.sub("", found[0]))

    return _ANCHOR.sub(anchor, markup)
