"""Whether the facts that answers state stand in the record: for `leadwise doctor`."""

# ruff: noqa: S608 - the SQL is ours; values are bound

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, text

from leadwise.errors import CardError, UserError
from leadwise.qualify.fields import facts_of
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.library import frame_named
from leadwise.qualify.recording import SOURCE, message_id, plain
from leadwise.store.answers import COUNTS, get_answer
from leadwise.store.findings import SHOWN, Finding, counted, fine, wrong

_COUNTING = f"({', '.join(repr(one) for one in COUNTS)})"
_PREFIX = message_id(0)[:-1]
_WITHOUT = (
    "SELECT a.id FROM answer AS a WHERE a.id > :after AND a.at_us >= :since "
    f"AND a.status <> 'not_discussed' AND a.review IN {_COUNTING} AND NOT EXISTS (SELECT 1 FROM "
    "event AS e WHERE e.source = :source AND e.message_id = :prefix || CAST(a.id AS text)) "
    "ORDER BY a.id LIMIT 500"
)
_LEFT_OVER = (
    "SELECT e.message_id FROM event AS e WHERE e.source = :source AND NOT EXISTS (SELECT 1 "
    "FROM answer AS a WHERE :prefix || CAST(a.id AS text) = e.message_id "
    f"AND a.identity_id = e.identity_id AND a.at_us = e.at_us AND a.review IN {_COUNTING}) "
    "ORDER BY e.id LIMIT :limit"
)


def check_answers(connection: Connection, since_us: int = 0) -> Finding:
    """Each answer that counts and writes something has its event, and no other answer has one.

    `since_us`: events before it may have been kept long enough and be gone.
    """
    given = {"source": SOURCE, "prefix": _PREFIX}
    left = connection.execute(text(_LEFT_OVER), {**given, "limit": SHOWN}).scalars()
    bad = [f"'{one}' states facts, but no answer that counts is behind it" for one in left]
    bad += [f"answer {one} counts, but its facts were not recorded"
            for one in _without(connection, given, since_us)]  # fmt: skip
    if bad:
        return wrong(
            "answers", "answers and the facts that they state do not fit", bad,
            hint="Reading the conversation again records its answers anew.",
        )  # fmt: skip
    number = connection.execute(
        text(f"SELECT count(*) FROM answer WHERE review IN {_COUNTING}")
    ).scalar_one()
    return fine("answers", f"{counted(number, 'answer')}; what they state is recorded")


def _without(connection: Connection, given: dict[str, str], since_us: int) -> list[int]:
    """Answers that write something and have no event; `SHOWN` at most."""

    @cache
    def frame(name: str, version: int) -> Frame | None:
        try:
            return frame_named(connection, name, version)
        except (CardError, UserError):
            return None  # of a frame that is no more nobody can say what it writes

    found: list[int] = []
    after = 0
    while len(found) < SHOWN:
        wanted = {**given, "after": after, "since": since_us}
        ids = connection.execute(text(_WITHOUT), wanted).scalars().all()
        if not ids:
            break
        for one in (get_answer(connection, id_) for id_ in ids):
            asked = frame(one.frame, one.frame_version)
            names = {question.id for question in asked.questions} if asked else ()
            if asked and one.question in names and facts_of(asked, [plain(one)]):
                found.append(one.id)
        after = ids[-1]
    return found[:SHOWN]
