"""Everything that gives the outcome away, in the rows and in the history that they come from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from leadwise.asking.population import Population
from leadwise.learn.leakage.columns import column_of, judged
from leadwise.learn.leakage.history import suspects_in_history
from leadwise.learn.leakage.suspect import Suspect
from leadwise.learn.moments.built import Built
from leadwise.learn.rows import Rows, Wholes

MOST_LEADS = 200_000
"""Of more leads so many are looked at, evenly through time: what is suspicious shows in them."""


def suspects(rows: Rows, *, dated_facts: bool = False) -> tuple[Suspect, ...]:
    """The fields and measures of `rows` that tell too much, in the order of their card.

    One row a lead is looked at, its last: rows of one lead are not independent. Measures, and with
    `dated_facts` fields too, are those of the moment and cannot have been written later, so only an
    order that is too good to be true counts against them.
    """
    places = _last_of_leads(rows)
    last = rows.take(places[:: -(-len(places) // MOST_LEADS) or 1])
    fields = {field.name for field in rows.card.fields}
    timed = {field.name for field in rows.card.fields if field.type == "time"}
    found = []
    for name in rows.values.column_names:
        if name in timed:  # an instant orders leads by when they came, not by what they are
            continue
        believed = dated_facts or name not in fields
        suspect = judged(column_of(name, last.values[name]), last.won, believed=believed)
        if suspect:
            found.append(suspect)
    return tuple(found)


def all_suspects(
    built: Built, of: Population, outcomes: Mapping[str, tuple[bool, int | None]]
) -> tuple[Suspect, ...]:
    """Those of the rows, and those of the history: what was written or happened with the outcome
    or after it."""
    found = [*suspects(built.rows, dated_facts=built.dated_facts)]
    found += suspects_in_history(of, outcomes)
    return tuple({suspect.name: suspect for suspect in reversed(found)}.values())[::-1]


def _last_of_leads(rows: Rows) -> Wholes:
    """The place of each lead's last row, in order."""
    _, first = np.unique(rows.lead[::-1], return_index=True)
    places: Wholes = np.sort(len(rows) - 1 - first)
    return places
