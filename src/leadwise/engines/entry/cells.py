"""DuckDB's SQL for one cell: what it says, whether it is known, and its typed value.

Three steps, each a column of its own query level (see `rows`), so that no work is done twice:

    s   said: text in NFC without NUL characters, the empty text NULL; or the source's own type
    r   known: `s`, or NULL where the value is one of the card's `nulls` or a NaN
    v   typed: DOUBLE, BIGINT or VARCHAR; NULL where `r` is not what the card's type asks for

A cell is wrong where `r` is not NULL and `v` is (of a choice: not in its list).
"""

from __future__ import annotations

import re
import unicodedata

from leadwise.card.model import ValueType, Variable
from leadwise.card.values import FIRST_US, LAST_US, parse_time
from leadwise.engines.duckdb import literal
from leadwise.engines.entry.sources import Kind

NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r"(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?"
)
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())  # str.strip's
FOLD = "leadwise_fold"  # the name under which `rows.register_functions` makes casefold known


def said(kind: Kind, type_: ValueType, raw: str) -> str:
    """`s` of the raw column `raw`."""
    if kind not in ("text", "json"):
        return raw
    form = "nfc_normalize({})" if type_ in ("text", "choice") else "{}"
    bare = form.format(f"replace({raw}, chr(0), '')")
    return (
        f"CASE WHEN {raw} = '' THEN NULL WHEN contains({raw}, chr(0)) "
        f"THEN nullif({bare}, '') ELSE {form.format(raw)} END"
    )


def nul_count(kind: Kind, raw: str) -> str:
    """How many NUL characters the raw value has; '' where it can have none."""
    if kind not in ("text", "json"):
        return ""
    return (
        f"CASE WHEN contains({raw}, chr(0)) "
        f"THEN length({raw}) - length(replace({raw}, chr(0), '')) ELSE 0 END"
    )


def trimmed(s: str) -> str:
    """`s` without the white space of Python's `str.strip` at its ends."""
    # Trimming a set of signs is slow in DuckDB; hardly a value needs it. White space is no sign
    # from ! to ~. (Never ask by IN: DuckDB makes a join of every long list, and the time to plan
    # many joins grows with the third power of their number.)
    ends = " OR ".join(f"ord({end}) NOT BETWEEN 33 AND 126" for end in (s, f"right({s}, 1)"))
    return f"CASE WHEN {ends} THEN nullif(trim({s}, {literal(SPACES)}), '') ELSE {s} END"


def known(variable: Variable, kind: Kind, s: str) -> str:
    """`r` of `s`: NULL for the card's `nulls` and for NaN; trimmed where the type says so."""
    if kind in ("text", "json"):
        if variable.type not in ("text", "choice"):
            text = trimmed(s)
            nulls = [literal(null.strip()) for null in variable.nulls]
            return (
                f"CASE WHEN {text} NOT IN ({', '.join(nulls)}) THEN {text} END" if nulls else text
            )
        text = s
        if variable.fold:
            # In ASCII (as many bytes as signs) folding is DuckDB's own `lower`, which is quicker.
            text = f"CASE WHEN strlen({s}) = length({s}) THEN lower({s}) ELSE {FOLD}({s}) END"
        if not variable.nulls:
            return text
        nulls = [literal(folded(null.strip(), variable.fold)) for null in variable.nulls]
        # A text of nothing but white space trims to NULL, and is none of the nulls.
        bare = f"coalesce({trimmed(text)}, '')"
        return f"CASE WHEN {bare} NOT IN ({', '.join(nulls)}) THEN {text} END"
    numbers = _typed_nulls(variable, kind)
    unknown = [f"isnan({s})"] if kind == "float" else []
    unknown += [f"{s} IN ({', '.join(numbers)})"] if numbers else []
    return f"CASE WHEN NOT ({' OR '.join(unknown)}) THEN {s} END" if unknown else s


def _typed_nulls(variable: Variable, kind: Kind) -> list[str]:
    """The `nulls` that can be meant in a column of numbers or times."""
    found: list[str] = []
    for null in variable.nulls:
        text = null.strip()
        if kind in ("integer", "float") and re.fullmatch(NUMBER, text):
            found.append(f"CAST({literal(text)} AS DOUBLE)")
        if kind == "instant":
            try:
                found.append(str(parse_time(text)))
            except ValueError:
                continue
    return found


def folded(text: str, fold: bool) -> str:
    """A text of the card as `said` and `known` would leave it."""
    text = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", text.casefold()) if fold else text


def typed(variable: Variable, kind: Kind, r: str) -> str | None:
    """`v` of `r`; None where the card's type cannot come from a column of this kind."""
    if kind == "null":
        return f"CAST(NULL AS {SQL_TYPES[variable.type]})"
    textual = kind in ("text", "json")
    match variable.type:
        case "number":
            return _number(kind, r)
        case "boolean":
            return _boolean(kind, r)
        case "time":
            if textual:
                us = f"epoch_us(try_cast({r} AS TIMESTAMPTZ))"
                # An offset can lead out of the years 1 to 9999, or into them from year 0.
                return (
                    f"CASE WHEN regexp_full_match({r}, {literal(TIME)}) "
                    f"AND NOT starts_with({r}, '0000') "
                    f"AND {us} BETWEEN {FIRST_US} AND {LAST_US} THEN {us} END"
                )
            inside = f"CASE WHEN {r} BETWEEN {FIRST_US} AND {LAST_US} THEN {r} END"
            return inside if kind == "instant" else None
        case "text":
            return r if textual else _text(kind, r)
        case "choice":
            text = r if textual else _text(kind, r)
            if text is None:
                return None
            choices = [literal(folded(choice, variable.fold)) for choice in variable.choices]
            return f"CASE WHEN {text} IN ({', '.join(choices)}) THEN {text} END"


SQL_TYPES: dict[ValueType, str] = {
    "number": "DOUBLE",
    "text": "VARCHAR",
    "choice": "VARCHAR",
    "boolean": "BIGINT",
    "time": "BIGINT",
}


def _number(kind: Kind, r: str) -> str | None:
    # + 0.0 turns a negative zero into zero: the two are one number to the card, not to DISTINCT.
    if kind in ("text", "json"):
        finite = f"isfinite(try_cast({r} AS DOUBLE))"
        return (
            f"CASE WHEN regexp_full_match({r}, {literal(NUMBER)}) AND {finite} "
            f"THEN CAST({r} AS DOUBLE) + 0.0::DOUBLE END"
        )
    if kind == "float":
        return f"CASE WHEN isfinite({r}) THEN {r} + 0.0::DOUBLE END"
    return f"CAST({r} AS DOUBLE)" if kind == "integer" else None


def _boolean(kind: Kind, r: str) -> str | None:
    if kind in ("text", "json"):
        return (
            f"CASE lower({r}) WHEN 'true' THEN 1 WHEN 'yes' THEN 1 WHEN '1' THEN 1 "
            "WHEN 'false' THEN 0 WHEN 'no' THEN 0 WHEN '0' THEN 0 END::BIGINT"
        )
    if kind == "boolean":
        return f"CAST({r} AS BIGINT)"
    if kind in ("integer", "float"):
        return f"CASE WHEN {r} IN (0, 1) THEN CAST({r} AS BIGINT) END"
    return None


def _text(kind: Kind, r: str) -> str | None:
    if kind == "float":
        # pandas makes floats of whole numbers where one is missing: 12.0 says 12.
        whole = f"{r} = floor({r}) AND abs({r}) < {2**53}"
        return (
            f"CASE WHEN {whole} THEN CAST(CAST({r} AS BIGINT) AS VARCHAR) "
            f"WHEN isfinite({r}) THEN CAST({r} AS VARCHAR) END"
        )
    return f"CAST({r} AS VARCHAR)" if kind in ("integer", "boolean") else None
