"""The fields of a text: values of their kind whose label fits best, each with the line it is from.

What is not there is missing: nothing is guessed. Documents have labels before values or above
them; in sentences the words around a value are its label, and a text without a kind is the sentence
that comes nearest to what is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from leadwise.connect.model import JSON
from leadwise.playbooks.reading.labels import ideas, kind_of, nearness, wanted
from leadwise.playbooks.reading.values import FieldKind, values
from leadwise.qualify.embedded.language import language_of
from leadwise.qualify.embedded.sentences import split
from leadwise.qualify.embedded.vectors import Vectors
from leadwise.qualify.talk import Conversation, Turn

MOST_LINES = 3_000
MOST = 400_000
LEAST = 0.3
"""Nearness of a label from which its value is taken."""
LEAST_LIKE = 0.28
"""Likeness to what is looked for from which a sentence is a field's text."""
_LABEL = re.compile(r"^\s*([^:;\t]{2,48}?)\s*(?::|\t| {3,}|\.{3,})\s*(\S.*)$")
_COMPANY = re.compile(
    r"\b(?:GmbH|AG|UG|KG|Ltd|Limited|LLC|Inc|Corp|PLC|plc|S\.?L\.?U?|S\.?A\.?S?|SARL|B\.?V|N\.?V|"
    r"Oyj?|AB|A/S|AS|ApS|S\.?p\.?A|S\.?r\.?l|Pty|Co)\b\.?"
)
_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning|acerca de|sobre|über|wegen|au sujet de|concernant)\s+"
    r"([^.?!\n]{4,200})",
    re.IGNORECASE,
)
_DUE = re.compile(r"\b(?:due|paid|payable|payment|deadline)\b", re.IGNORECASE)
_TERMS = re.compile(
    r"(?=.*(?:\bnet\b|\bpay|\bterms|\bdue|zahl|netto|\bpago|\bpaie|maks))"
    r".*?\b(\d{1,3})\s*(?:days?|tagen?|d[ií]as|jours|p[aä]iv[aä]+)\b",
    re.IGNORECASE,
)
_TOP = 12
"""Lines at the top of a document in which its sender's name is looked for."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that was found. `confidence` is percent."""

    value: JSON
    quote: str
    confidence: int


@dataclass(frozen=True, slots=True)
class _Text:
    lines: tuple[str, ...]
    language: str
    day: date


def extracted(
    text: str, fields: Mapping[str, str], day: date, vectors: Vectors | None
) -> dict[str, Field]:
    """The fields that the text has, of those asked for (names and kinds, or what to look for).
    `day` is the one from which "next Friday" counts."""
    text = text[:MOST]
    lines = tuple(" ".join(line.split(" ")) for line in text.splitlines() if line.strip())
    talk = Conversation("email_thread", day, (Turn("them", "buyer", text[:4_000]),))
    read = _Text(lines[:MOST_LINES], language_of(talk), day)
    found: dict[str, Field] = {}
    for name, description in fields.items():
        kind = kind_of(description)
        one = (
            _text(read, text, name, description, vectors) if kind == "text"
            else _typed(read, kind, name, description)
        )  # fmt: skip
        if one is not None:
            found[name] = one
    for name in [one for one in found if _is_anothers(one, found, fields)]:
        quote = found.pop(name).quote
        rest = replace(read, lines=tuple(one for one in read.lines if one.strip()[:300] != quote))
        other = _typed(rest, "date", name, fields[name])
        if other is not None and other.quote != quote:
            found[name] = other
    for name, description in fields.items():
        is_due = _DUE.search(f"{name} {description}") and kind_of(description) == "date"
        if is_due and (name not in found or _counts_days(read, found[name])):
            others = {other: one for other, one in found.items() if other != name}
            by_terms = _by_terms(read, others, fields)
            if by_terms is not None:
                found[name] = by_terms
    return found


def _is_anothers(name: str, found: Mapping[str, Field], fields: Mapping[str, str]) -> bool:
    """Whether a day is that of another field, whose label says so more plainly: the only date of
    an invoice is not the day by which it is to be paid."""
    own = found[name]
    return kind_of(fields[name]) == "date" and any(
        (other.value, other.quote) == (own.value, own.quote) and other.confidence > own.confidence
        for other in found.values()
    )


def _counts_days(read: _Text, field: Field) -> bool:
    """Whether a day was counted from today (`within 14 days`): terms count from the document's."""
    written = values("date", field.quote, read.language, read.day)
    return bool(_TERMS.search(field.quote)) and not any(one.weight for one in written)


def _by_terms(
    read: _Text, found: Mapping[str, Field], fields: Mapping[str, str]
) -> Field | None:  # fmt: skip
    """The day by which something is to be paid, worked out from the document's own date and its
    terms (`Payment terms: 30 days net`)."""
    dates = [one for name, one in found.items() if kind_of(fields[name]) == "date"]
    terms = [(line, match) for line in read.lines if (match := _TERMS.search(line))]
    if len(dates) != 1 or len({match[1] for _, match in terms}) != 1:
        return None
    line, match = terms[0]
    day = date.fromisoformat(str(dates[0].value)[:10]) + timedelta(days=int(match[1]))
    quote = f"{dates[0].quote} / {line.strip()}"[:300]
    return Field(day.isoformat(), quote, min(60, dates[0].confidence))


def _typed(read: _Text, kind: FieldKind, name: str, description: str) -> Field | None:
    """The value of this kind whose label is nearest; the only one there is without a label."""
    field, own = wanted(name, description), ideas(re.sub(r"[_-]+", " ", name))
    if kind == "money":
        field |= {"amount", "total"}
    best: tuple[float, int, Field] | None = None
    count = 0
    for number, line in enumerate(read.lines):
        above = read.lines[number - 1] if number else ""
        for value in values(kind, line, read.language, read.day):
            count += 1
            label = _before(line, value.start)
            near = nearness(label, field, own)
            if near <= 0 and not ideas(label) and _is_label(read, kind, above):
                near, label = nearness(above, field, own) - 0.05, above
            near += value.weight
            if kind == "money" and "total" in ideas(label) and "net" not in ideas(label):
                near += 0.2
            quote = line.strip() if label != above else f"{above.strip()} {line.strip()}"
            # Of equal ones the later: what is to be paid stands below what it is made of.
            if best is None or near >= best[0]:
                best = (near, number, Field(value.value, quote[:300], _percent(near)))
    if best is None:
        return None
    if best[0] >= LEAST:
        return best[2]
    if count == 1 and kind not in ("reference", "number"):
        return Field(best[2].value, best[2].quote, 55)
    return None


def _is_label(read: _Text, kind: FieldKind, line: str) -> bool:
    """Whether a line is a label of what stands below it: a few words in one column, no value."""
    words = line.split()
    alone = line.strip() == " ".join(words)
    return alone and 0 < len(words) <= 4 and not values(kind, line, read.language, read.day)


def _before(line: str, start: int) -> str:
    """The words before a value that are its label: those after the value before it."""
    before = line[:start].rstrip(" :.\t#-€$£")
    return re.split(r"\s{3,}|\t|[;|]|\d(?=\D*$)", before)[-1][-60:]


def _text(
    read: _Text, text: str, name: str, description: str, vectors: Vectors | None
) -> Field | None:
    """A text: what stands behind its label; of a sender the name at the top; else the sentence that
    comes nearest to it."""
    field, own = wanted(name, description), ideas(re.sub(r"[_-]+", " ", name))
    best: tuple[float, Field] | None = None
    for line in read.lines:
        match = _LABEL.match(line)
        if match is None:
            continue
        near = nearness(match[1], field, own)
        if near >= LEAST and (best is None or near > best[0]):
            best = (near, Field(match[2].strip()[:500], line.strip()[:300], _percent(near)))
    if best is not None:
        return best[1]
    if {"supplier", "name"} <= field or own == {"supplier"}:
        top = next((line for line in read.lines[:_TOP] if _COMPANY.search(line)), None)
        return None if top is None else Field(top.strip()[:200], top.strip()[:300], 60)
    if "about" in description.split() and (said := _ABOUT.search(text)):
        return Field(said[1].strip()[:500], " ".join(said[0].split())[:300], 60)
    if vectors is None:
        return _in_words(text, field)
    return _nearest(text, description if description != "text" else name, vectors)


def _nearest(text: str, looked_for: str, vectors: Vectors) -> Field | None:
    sentences = [one for _, one in split(text) if len(one) > 8][:120]
    if not sentences:
        return None
    near = vectors.nearest(sentences, [looked_for])
    most = max(near)
    if most < LEAST_LIKE:
        return None
    found = " ".join(sentences[near.index(most)].split())
    return Field(found[:500], found[:300], round(100 * min(0.8, most + 0.25)))


def _in_words(text: str, field: frozenset[str]) -> Field | None:
    sentences = [" ".join(one.split()) for _, one in split(text)]
    shared: Sequence[int] = [len(ideas(one) & field) for one in sentences]
    if not shared or max(shared) < 2:
        return None
    found = sentences[shared.index(max(shared))]
    return Field(found[:500], found[:300], 50)


def _percent(near: float) -> int:
    return round(100 * max(0.3, min(0.95, 0.5 + near / 2)))
