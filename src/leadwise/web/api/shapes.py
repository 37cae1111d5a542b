"""The kinds of values that requests and answers are made of: instants, points, ids, pages.

Points are decimal numbers outside and whole hundredths inside; instants are texts outside and
microseconds inside.
"""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from leadwise.asking.instants import written
from leadwise.card.values import parse_time
from leadwise.errors import UserError

Item = TypeVar("Item")
LARGEST_ID = 2**63 - 1
MOST_MONEY = 1_000_000_000_000
"""A trillion of any currency: its hundredths are exact in a double."""
MOST_POINTS = 1_000_000
MOST_IN_PAGE = 200


class Shape(BaseModel):
    """The base of what is answered and sent; what is not described is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(Shape, Generic[Item]):
    """A part of a list; `next` is the `cursor` of the part after it, null at the end."""

    items: list[Item]
    next: str | None = None


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("a time is a text such as 2026-06-30T12:00:00Z")
    return parse_time(value)


def _points(value: Any) -> int:
    return _hundredths(value, "points", -MOST_POINTS, MOST_POINTS)


def _money(value: Any) -> int:
    return _hundredths(value, "a value of money", 0, MOST_MONEY)


def _hundredths(value: Any, what: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(f"{what}: a number")
    try:
        hundredths = Decimal(str(value)) * 100
    except ArithmeticError as error:
        raise ValueError(f"{what}: a number") from error
    if not hundredths.is_finite() or not least * 100 <= hundredths <= most * 100:
        raise ValueError(f"{what}: between {least:,} and {most:,}")
    if hundredths != hundredths.to_integral_value():
        raise ValueError(f"{what}: at most two decimals")
    return int(hundredths)


def _clean(value: str) -> str:
    if any(unicodedata.category(sign) == "Cc" and sign not in "\n\r\t" for sign in value):
        raise ValueError("a text has no control characters")
    return unicodedata.normalize("NFC", value)


def _one_line(value: str) -> str:
    value = _clean(value).strip()
    if not value or not value.isprintable():
        raise ValueError("a text of one line, not empty")
    return value


_NUMBER = {"type": "number"}
_TIME = {"type": "string", "format": "date-time", "examples": ["2026-06-30T12:00:00Z"]}

Moment = Annotated[int, BeforeValidator(_instant), WithJsonSchema(_TIME)]
"""An instant that is sent: ISO 8601, without an offset UTC; microseconds in the code."""
Points = Annotated[
    int,
    BeforeValidator(_points),
    WithJsonSchema(_NUMBER | {"minimum": -MOST_POINTS, "maximum": MOST_POINTS, "multipleOf": 0.01}),
]
"""Points that are sent; hundredths in the code."""
Money = Annotated[
    int,
    BeforeValidator(_money),
    WithJsonSchema(_NUMBER | {"minimum": 0, "maximum": MOST_MONEY, "multipleOf": 0.01}),
]
"""Money that is sent, of whatever currency; hundredths in the code."""
Time = Annotated[int, PlainSerializer(written, return_type=str), WithJsonSchema(_TIME)]
"""An instant that is answered."""
Amount = Annotated[
    int,
    PlainSerializer(lambda h: h // 100 if h % 100 == 0 else h / 100, return_type=int | float),
    WithJsonSchema(_NUMBER),
]
"""Points that are answered."""
Text = Annotated[str, AfterValidator(_clean)]
Line = Annotated[str, AfterValidator(_one_line)]

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Limit = Annotated[
    int, Query(ge=1, le=MOST_IN_PAGE, description="How many items a page has at most.")
]
Cursor = Annotated[
    str | None,
    Query(max_length=400, description="`next` of the page before; nothing for the first."),
]
AsOf = Annotated[
    Moment | None, Query(description="The instant that is asked about; now if not given.")
]
KnownBy = Annotated[
    Moment | None,
    Query(description="With what had reached us by then; the same as `as_of` if not given."),
]


def to_cursor(values: Sequence[Any] | None) -> str | None:
    """A cursor that says where a listing goes on."""
    if values is None:
        return None
    text = json.dumps(list(values), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(cursor: str | None, *kinds: type | tuple[type, ...]) -> list[Any] | None:
    """What a cursor says: values of these kinds. UserError (`bad-cursor`) where it is none."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        values = json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        values = None
    fits = isinstance(values, list) and len(values) == len(kinds)
    if not fits or not all(
        isinstance(value, kind) and not isinstance(value, bool)
        and (not isinstance(value, int) or abs(value) <= LARGEST_ID)
        for value, kind in zip(values, kinds, strict=True)
    ):  # fmt: skip
        raise UserError(
            "bad-cursor",
            "This is not where a listing goes on.",
            hint="Give the `next` of the page before, as it is, to the same listing.",
        )
    found: list[Any] = values
    return found


def page(items: Sequence[Any], limit: int, cursor: Sequence[Any] | None) -> dict[str, Any]:
    """A page, with the cursor of its last item where there may be more."""
    return {"items": items, "next": to_cursor(cursor) if len(items) == limit else None}


ShortText = Annotated[Line, Field(min_length=1, max_length=200)]
Reason = Annotated[Text, Field(min_length=1, max_length=2_000)]
