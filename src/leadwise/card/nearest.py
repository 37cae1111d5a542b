"""'Did you mean': the nearest of the names that would have been right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST, _MOST = 60, 500


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like a word; None where none is near. Bounded, whatever the input."""
    if len(word) > _LONGEST:
        return None
    some = [name for name, _ in zip(known, range(_MOST), strict=False)]
    joints = {name.replace("-", "_"): name for name in some}
    exact = joints.get(word.lower().replace("-", "_").replace(" ", "_"))
    found = difflib.get_close_matches(word, some, 1, 0.6)
    return exact or (found[0] if found else None)


def suggestion(word: str, known: Iterable[str], otherwise: str) -> str:
    """A hint: 'did you mean ...?', or what else to say."""
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else otherwise


def listing(known: Iterable[str], most: int = 8) -> str:
    """The first few names, for a hint."""
    names = list(known)
    shown = ", ".join(names[:most]) or "none"
    return shown + (f", and {len(names) - most} more" if len(names) > most else "")
