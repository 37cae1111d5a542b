"""Queries in Salesforce's language, with values that cannot break out of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from leadwise.asking.instants import EPOCH

_ESCAPED = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t",
            "\b": "\\b", "\f": "\\f"}  # fmt: skip


def quoted(text: str) -> str:
    """A text as a literal; a NUL, which no field holds, is dropped."""
    return "'" + "".join(_ESCAPED.get(sign, sign) for sign in text if sign != "\x00") + "'"


def one_of(texts: Iterable[str]) -> str:
    """A list of literals for IN."""
    return "(" + ", ".join(quoted(text) for text in texts) + ")"


def instant(us: int) -> str:
    """An instant as a literal (it takes no quotes) and as fields hold it: to the millisecond."""
    moment = EPOCH + timedelta(microseconds=us)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def select(
    fields: Iterable[str], of: str, where: Iterable[str] = (), *, order: str = "", limit: int = 0
) -> str:
    """A query; conditions are joined by AND."""
    conditions = " AND ".join(where)
    return (
        f"SELECT {', '.join(fields)} FROM {of}"  # noqa: S608 - literals are made by `quoted`
        + (f" WHERE {conditions}" if conditions else "")
        + (f" ORDER BY {order}" if order else "")
        + (f" LIMIT {limit}" if limit else "")
    )
