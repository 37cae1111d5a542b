"""Documents are read quickly, and mean what a plain reading of the rules says they mean."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from leadwise.card.values import parse_time
from leadwise.store.documents import LONGEST_TEXT, NUMBER, WHOLE_BELOW, canonical

LETTERS = st.sampled_from('abZ.#nrfgst"\\\x00\u0301é ßİ\ud800 1-')
KEYS = st.text(LETTERS, max_size=6)
TEXTS = st.text(LETTERS, max_size=8) | st.sampled_from(
    ["2026-11-21", "2026-11-21T19:34:25.805Z", "2026-11-21T19:34:25.80Z", "-0", "1e3", "01", " 7 ",
     "2026-13-01T00:00:00Z", "12 Main St", "1e999", "٣", "0-0-0-0"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3)
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
@example({"a.b": "É", "a": {"b": 5}})
@example({"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}})
def test_documents_are_what_the_rules_say(values: dict[str, object]) -> None:
    expected: dict[str, object] = {}
    for key, value in leaves(values, "", 1):
        if usable(key):
            for mark in "nrfgst":
                expected.pop(f"{key}#{mark}", None)
            expected.update(reading(key, value))
    assert canonical(values) == expected
    assert [type(value) for value in canonical(values).values()] == [
        type(value) for value in expected.values()
    ]


def test_bounds() -> None:
    assert canonical({"k": "é" * 9_000})["k"] == "é" * LONGEST_TEXT
    assert canonical({"k" * 201: 1, "x" * 200: 2}) == {"x" * 200: 2}
    # What is too long as written may be short enough composed.
    assert canonical({"e\u0301" * 200: 1}) == {"é" * 200: 1}
    assert canonical({"e\0\u0301": {"x": 1}, "E\0\u0301": 2}) == {"é.x": 1, "É": 2}
    assert len(canonical({str(number): number for number in range(1000)})) == 400


def leaves(values: Mapping[str, object], path: str, depth: int) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        key = path + unicodedata.normalize("NFC", name.replace("\x00", ""))
        if isinstance(value, dict) and depth < 6:
            yield from leaves(value, f"{key}.", depth + 1)
        else:
            yield key, value


def usable(key: str) -> bool:
    bad = any(sign in '"\\' or ord(sign) < 32 for sign in key)
    marked = len(key) > 1 and key[-2] == "#" and key[-1] in "nrfgst"
    return 0 < len(key) <= 200 and not bad and not marked


def reading(key: str, value: object) -> dict[str, object]:
    """What one value puts into a document."""
    if value is None or isinstance(value, bool):
        return {key: value}
    if isinstance(value, int | float):
        return number(key, value)
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = value.encode("utf-8", "replace").decode().replace("\x00", "")
    text = unicodedata.normalize("NFC", text[:LONGEST_TEXT])
    if not text:
        return {key: None}
    lowered = "".join(chr(ord(sign) + 32) if "A" <= sign <= "Z" else sign for sign in text)
    folded = unicodedata.normalize("NFC", text.casefold())
    found: dict[str, object] = {key: text}
    found |= {f"{key}#r": text.strip()} if text.strip() != text else {}
    if folded != lowered:
        found |= {f"{key}#f": folded}
        found |= {f"{key}#g": folded.strip()} if folded.strip() != folded else {}
    return found | numbers_and_times(key, text.strip())


def number(key: str, value: int | float) -> dict[str, object]:
    try:
        real = float(value)
    except OverflowError:
        return {}
    if not math.isfinite(real):
        return {}
    whole = real.is_integer() and abs(real) < WHOLE_BELOW
    return {key: int(real)} if whole else {key: real, f"{key}#s": repr(real)}


def numbers_and_times(key: str, text: str) -> dict[str, object]:
    if NUMBER.fullmatch(text):
        return {f"{key}#n": float(text) + 0.0} if math.isfinite(float(text)) else {}
    try:
        return {f"{key}#t": parse_time(text)} if text[:1].isdigit() else {}
    except ValueError:
        return {}
