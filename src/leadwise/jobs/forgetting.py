"""Taking what tells a person out of the book of jobs.

Jobs carry ids and no personal data; but somebody may have written an address into a message or an
argument, and a person has the right to be forgotten there too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from leadwise.jobs.tables import JOB, create_tables, open_engine, own

ERASED = "(erased)"
_TEXTS = ("arguments", "message", "result", "error")


def _sayings(name: str) -> dict[str, str]:
    """How a name may stand in the texts, and what comes in its place.

    As a whole JSON text, for a user id such as `1` is part of many a number. An address is told
    from everything else, and is found inside of texts too.
    """
    # The texts are ASCII: ü is written as \\u00fc.
    found = {json.dumps(name): json.dumps(ERASED)}
    if "@" in name:
        found |= {json.dumps(name)[1:-1]: ERASED, name: ERASED}
    return found


def forget_names(place: str, names: Sequence[str]) -> int:
    """Write `ERASED` in place of each name in the texts of all jobs at `place` (a folder or the URL
    of a PostgreSQL); returns how many texts were changed. Upper and lower case are told apart."""
    engine = open_engine(place, 1)
    changed = 0
    try:
        create_tables(engine)
        with own(engine).begin() as connection:
            for name in names:
                for said, instead in _sayings(name).items():
                    for column in (JOB.c[text] for text in _TEXTS):
                        holds = column.contains(said, autoescape=True)
                        there = sa.update(JOB).where(holds)
                        new = {column.name: sa.func.replace(column, said, instead)}
                        changed += connection.execute(there.values(new)).rowcount
    finally:
        engine.dispose()
    return changed
