"""Canonical documents: what a sender's JSON becomes once, at entry; every engine reads it alike.

A document is a flat JSON object. Keys are dotted paths (`address.city`), values are numbers,
booleans, texts or null ("no longer known"). Texts are NFC, without NUL characters; the empty text
is null; a whole number is written without a fraction; a list is its JSON text. What no database can
work out as another does stands beside the value, under the key with a mark:

    k#n   the number that the text k is, by JSON's grammar
    k#t   the microseconds since 1970 UTC of the time that the text k is
    k#f   the text k case-folded, where that is more than A to Z becoming a to z
    k#r   the text k without white space at its ends, where that differs
    k#g   k#f without white space at its ends, where that differs
    k#s   the text of the number k, where it is not whole

A card's type then picks by plain CASE expressions (`leadwise.store.relations`), with the meaning
that files have: see `leadwise.engines.entry.cells`.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

import msgspec

from leadwise.card.values import parse_time

Scalar: TypeAlias = int | float | bool | str | None
Document: TypeAlias = dict[str, Scalar]

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
WHOLE_BELOW = 2**53
"""Above this a double no longer tells neighbouring whole numbers apart."""
MOST_KEYS = 400
"""Of one document; the rest is dropped, for no card has so many criteria."""
LONGEST_TEXT = 8_000
"""Characters; a longer text is cut."""
DEEPEST = 6
"""Levels of objects that become dotted paths; what lies deeper is JSON text."""
MARKS = "nrfgst"
_ENCODER = msgspec.json.Encoder(order="sorted")
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
LONGEST_KEY = 200
_PLAIN = frozenset({str, int, float, bool, type(None)})
_KEY = re.compile(r'[^"\\\x00-\x1f]{1,200}(?<!#[nrfgst])')
"""What a key may be: no quote, backslash or control character, which a path in SQL cannot say."""


def canonical(values: Mapping[str, object]) -> Document:
    """The document of a decoded JSON object. Never fails: what means nothing is left out."""
    document: Document = {}
    _fill(document, values, "", 1)
    return document


def values_of(document: Mapping[str, Scalar]) -> Document:
    """The document without its marks: what people and programs are shown."""
    return {key: value for key, value in document.items() if not is_mark(key)}


def is_mark(key: str) -> bool:
    """Whether the key is not a value's own but that of another reading of it."""
    return len(key) > 2 and key[-2] == "#" and key[-1] in MARKS


def renewed(document: Mapping[str, Scalar], newer: Mapping[str, Scalar]) -> Document:
    """`document` with what `newer` says; a null takes the value away, with its marks."""
    result = dict(document)
    for key in newer:
        if not is_mark(key):
            result.pop(key, None)
            for mark in MARKS:
                result.pop(f"{key}#{mark}", None)
    result.update((key, value) for key, value in newer.items() if value is not None)
    return result


def prefixed(document: Mapping[str, Scalar], prefix: str) -> Document:
    """The same with `prefix` before every key."""
    return {prefix + key: value for key, value in document.items()}


def text_of(document: Mapping[str, Scalar]) -> str:
    """As it is stored: JSON with sorted keys, so that equal documents are equal texts."""
    return _ENCODER.encode(document).decode()


def _fill(document: Document, values: Mapping[str, object], path: str, depth: int) -> None:
    for name, value in values.items():
        if len(document) >= MOST_KEYS:
            return
        if value.__class__ not in _PLAIN and isinstance(value, Mapping) and depth < DEEPEST:
            _fill(document, value, f"{path}{_composed(str(name))}.", depth + 1)
            continue
        written = path + str(name)
        key = _key(written) if len(written) <= LONGEST_KEY else _key_of(written)
        if key is None:
            continue
        if key in document:  # `a.b` and `a: {b}` are one key: the last counts, with its marks
            for mark in MARKS:
                document.pop(f"{key}#{mark}", None)
        _put(document, key, value)


def _key_of(written: str) -> str | None:
    key = _composed(written)
    return key if _KEY.fullmatch(key) else None


@lru_cache(maxsize=4096)
def _key(written: str) -> str | None:
    return _key_of(written)  # the same few keys are in every event


def _composed(name: str) -> str:
    # In this order: what stood on both sides of a NUL may be one letter now.
    return unicodedata.normalize("NFC", name.replace("\x00", ""))


def _put(document: Document, key: str, value: object) -> None:
    if isinstance(value, str):
        _put_text(document, key, value)
    elif value is None or isinstance(value, bool):
        document[key] = value
    elif isinstance(value, int | float):
        _put_number(document, key, value)
    else:
        written = json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
        _put_text(document, key, written)


def _put_number(document: Document, key: str, value: int | float) -> None:
    if value.__class__ is int and -WHOLE_BELOW < value < WHOLE_BELOW:
        document[key] = value
        return
    try:
        number = float(value)
    except OverflowError:
        return
    if not math.isfinite(number):
        return
    if number.is_integer() and abs(number) < WHOLE_BELOW:
        document[key] = int(number)
    else:
        document[key] = number
        document[f"{key}#s"] = repr(number)


def _put_text(document: Document, key: str, value: str) -> None:
    plain = value.isascii()
    text = value if plain else _well_formed(value)
    if "\x00" in text:
        text = text.replace("\x00", "")
    text = text[:LONGEST_TEXT]
    if not plain:
        text = unicodedata.normalize("NFC", text)
    if not text:
        document[key] = None
        return
    document[key] = text
    trimmed = text.strip()
    if trimmed != text:
        document[f"{key}#r"] = trimmed
    if not plain:
        _put_folded(document, key, text)
    if trimmed and trimmed[0] in "-0123456789":
        _put_readings(document, key, trimmed)


def _put_folded(document: Document, key: str, text: str) -> None:
    folded = unicodedata.normalize("NFC", text.casefold())
    if folded != _lowered(text):
        document[f"{key}#f"] = folded
        if folded.strip() != folded:
            document[f"{key}#g"] = folded.strip()


def _lowered(text: str) -> str:
    """A to Z in lower case, which every database can do."""
    return text.translate(_LOWER)


def _put_readings(document: Document, key: str, trimmed: str) -> None:
    if NUMBER.fullmatch(trimmed):
        number = float(trimmed)
        if math.isfinite(number):
            document[f"{key}#n"] = number + 0.0  # a negative zero is zero
        return
    if trimmed[4:5] != "-":
        return  # no year: a telephone number, a street's
    try:
        document[f"{key}#t"] = parse_time(trimmed)
    except ValueError:
        return


def _well_formed(text: str) -> str:
    """Without halves of surrogate pairs, which JSON can say and no database can keep."""
    return text.encode("utf-8", "replace").decode("utf-8")
