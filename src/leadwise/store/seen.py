"""What has come in lately, for people who write cards: events, their properties, facts, values.

It looks at the last few thousand rows of each, so that it takes as long in a record of millions;
the counts are of these rows. Values that tell who a
person is are left out: of names such as phone, with an @, and long ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from leadwise.card.seen import Seen, SeenEvent, SeenName
from leadwise.plan.relations import FOREVER
from leadwise.store.documents import Scalar, values_of
from leadwise.store.schema import event, lead_fact

EVENTS, FACTS = 3_000, 1_500
"""How many of the latest rows are looked at."""
MOST_VALUES, LONGEST = 30, 40
MOST_NAMES = 200
PERSONAL = re.compile(
    r"name|phone|mobile|mail|address|street|birth|user|(^|[._])(ip|ids?)$|token|linkedin|avatar|session"
)
"""In the name of a property or fact: its values tell who somebody is."""
NOT_ACTS = frozenset({"identify", "group", "alias"})


def seen_lately(connection: Connection) -> Seen:
    """What the latest rows of the record hold."""
    latest = select(event.c.event, event.c.type, event.c.doc).order_by(event.c.id.desc())
    documents: dict[str, list[Mapping[str, Scalar]]] = {}
    for name, kind, document in connection.execute(latest.limit(EVENTS)):
        if kind not in NOT_ACTS:
            documents.setdefault(name, []).append(document)
    ordered = sorted(documents.items(), key=lambda each: (-len(each[1]), each[0]))[:MOST_NAMES]
    facts = (
        select(lead_fact.c.doc)
        .where(lead_fact.c.until_us == FOREVER)
        .order_by(lead_fact.c.lead_id.desc())
        .limit(FACTS)
    )
    return Seen(
        tuple(SeenEvent(name, len(found), _names(found)) for name, found in ordered),
        _names(connection.execute(facts).scalars()),
    )


def _names(documents: Iterable[Mapping[str, Scalar]]) -> tuple[SeenName, ...]:
    values: dict[str, Counter[str]] = {}
    numbers: dict[str, bool] = {}
    for document in documents:
        for name, value in values_of(document).items():
            if value is None:
                continue
            values.setdefault(name, Counter())[_said(value)] += 1
            number = isinstance(value, int | float) and not isinstance(value, bool)
            numbers[name] = numbers.get(name, True) and (number or f"{name}#n" in document)
    found = [
        SeenName(
            name, sum(counts.values()), numbers[name], () if _tells_who(name) else _frequent(counts)
        )
        for name, counts in values.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.count, each.name))[:MOST_NAMES])


def _said(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _frequent(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    told = [(text, n) for text, n in counts.most_common(MOST_VALUES) if _is_general(text)]
    return tuple(told)


def _is_general(text: str) -> bool:
    return "@" not in text and len(text) <= LONGEST


def _tells_who(name: str) -> bool:
    return PERSONAL.search(name.lower()) is not None
