"""JSON by a wide reading: what real senders write that strict readers refuse."""

from __future__ import annotations

import json
import math

from leadwise.errors import UserError


def loose_json(raw: bytes) -> object:
    """The value; UserError `not-json` where there is none.

    Taken are also a byte order mark, bytes that are not UTF-8 (as replacement signs), control
    characters in texts, halves of surrogate pairs (a text cut within an emoji), NaN and Infinity
    (Python writes them), and whole numbers of any length.
    """
    try:
        text = raw.decode("utf-8-sig", "replace")
        return json.loads(text, strict=False, parse_int=_whole)
    except RecursionError:
        raise UserError("not-json", "the JSON nests too deep", hint="Send flatter JSON.") from None
    except ValueError as error:
        raise UserError("not-json", f"this is not JSON: {error}") from None


def written(value: object) -> str:
    """JSON text of what `loose_json` gave, to be kept; empty where it nests too deep for that."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return ""


def _whole(digits: str) -> int | float:
    # Python refuses to read whole numbers of thousands of digits.
    return int(digits) if len(digits) < 300 else math.inf
