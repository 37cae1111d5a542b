"""Brings the catalogues of texts up to what the pages say: `python -m tests.pages.catalogue`.

A text that is new gets a place without a translation, one that nothing says any more goes, all
others stay as they are. No line numbers and no dates are written, so that a change shows what has
changed. The head of a file (its glossary, its plural forms) is kept as it is.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from leadwise.web import pages
from leadwise.web.pages.texts import DEFAULT, LANGUAGES

ROOT = Path(pages.__file__).parent
LOCALE = ROOT / "locale"
TRANSLATED = tuple(language for language in LANGUAGES if language != DEFAULT)
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "N_": None, "say": None, "gettext": None, "ngettext": (1, 2), "count": (1, 2),
}  # fmt: skip


def sources() -> Iterator[tuple[Path, str]]:
    """Every file with texts and how Babel reads it."""
    for path in sorted(ROOT.rglob("*.py")):
        yield path, "python"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path, "jinja2.ext:babel_extract"


def extracted() -> Catalog:
    """Everything that the pages say, with the files that say it."""
    found = Catalog()
    for path, method in sources():
        place = path.relative_to(ROOT).as_posix()
        options = {"trimmed": "true", "encoding": "utf-8"}
        said = extract_from_file(
            method, path, keywords=KEYWORDS, options=options, strip_comment_tags=True
        )
        for _, message, _, _ in said:
            ids = tuple(message) if isinstance(message, tuple | list) else message
            found.add(ids, locations=[(place, 0)])
    return found


def read(language: str) -> Catalog:
    """A language's catalogue as it is."""
    with (LOCALE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def brought(language: str, wanted: Catalog) -> str:
    """The text of a language's file with just the texts that are wanted."""
    path, old = LOCALE / f"{language}.po", read(language)
    fresh = Catalog(locale=language)
    for message in messages(wanted):
        there = old.get(message.id if isinstance(message.id, str) else message.id[0])
        kept = there.string if there is not None and _same_shape(there, message) else None
        fresh.add(message.id, kept, locations=message.locations)
    body = io.BytesIO()
    write_po(body, fresh, width=100, sort_by_file=True, omit_header=True, include_lineno=False)
    return f"{head(path.read_text(encoding='utf-8'))}\n\n{body.getvalue().decode().strip()}\n"


def messages(catalogue: Catalog) -> Iterable[Message]:
    """The messages of a catalogue, without its head."""
    return (message for message in catalogue if message.id)


def head(text: str) -> str:
    """The first entry of a file and the comments above it."""
    return text.partition("\n\n")[0].strip()


def _same_shape(one: Message, other: Message) -> bool:
    return isinstance(one.id, str) is isinstance(other.id, str)


def main() -> None:
    """Write the files."""
    wanted = extracted()
    for language in TRANSLATED:
        text = brought(language, wanted)
        (LOCALE / f"{language}.po").write_text(text, encoding="utf-8")
        missing = sum(not message.string or not all(message.string)
                      for message in messages(read(language)))  # fmt: skip
        sys.stdout.write(f"{language}: {len(list(messages(wanted)))} texts, {missing} missing\n")


if __name__ == "__main__":
    main()
