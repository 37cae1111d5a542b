"""Checks of the store that look at rows alone: what belongs to nothing, what overlaps in time."""

# ruff: noqa: S608 - the SQL is ours; only names of columns and tables of the schema are put in

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, func, select, text

from leadwise.plan.relations import FOREVER
from leadwise.store.findings import SHOWN, Finding, counted, fine, warned, wrong
from leadwise.store.schema import changed, event, lead, mirror_file, touched

MUCH = 100_000
"""Touched rows above which the backlog is worth a warning: half a minute of a scorer's work."""

_DANGLING = {
    "identity {0} belongs to no lead":
        "SELECT id FROM identity AS i WHERE NOT EXISTS "
        "(SELECT 1 FROM identity_lead AS o WHERE o.identity_id = i.id)",
    "identity {0}, of lead {1}, is not there":
        "SELECT identity_id, lead_id FROM identity_lead AS o WHERE NOT EXISTS "
        "(SELECT 1 FROM identity AS i WHERE i.id = o.identity_id)",
    "lead {0}, which has identity {1}, is not there":
        "SELECT lead_id, identity_id FROM identity_lead AS o WHERE NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = o.lead_id)",
    "event {0} is of identity {1}, which is not there":
        "SELECT id, identity_id FROM event AS e WHERE NOT EXISTS "
        "(SELECT 1 FROM identity AS i WHERE i.id = e.identity_id)",
    "conversation {0} is of identity {1}, which is not there":
        "SELECT id, identity_id FROM conversation AS c WHERE NOT EXISTS "
        "(SELECT 1 FROM identity AS i WHERE i.id = c.identity_id)",
    "answer {0} is of identity {1}, which is not there":
        "SELECT id, identity_id FROM answer AS a WHERE NOT EXISTS "
        "(SELECT 1 FROM identity AS i WHERE i.id = a.identity_id)",
    "lead {1}, whose lot of experiment {0} was drawn, is not there":
        "SELECT experiment_id, lead_id FROM held_out AS h WHERE NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = h.lead_id AND l.erased_us IS NULL)",
    "lead {1} has a lot of experiment {0}, which is not there":
        "SELECT experiment_id, lead_id FROM held_out AS h WHERE NOT EXISTS "
        "(SELECT 1 FROM experiment AS x WHERE x.id = h.experiment_id)",
    "study {0} is of card version {1}, which is not there":
        "SELECT id, version_id FROM study AS s WHERE NOT EXISTS "
        "(SELECT 1 FROM card_version AS v WHERE v.id = s.version_id)",
    "model {0} is of card version {1}, which is not there":
        "SELECT id, version_id FROM model AS m WHERE NOT EXISTS "
        "(SELECT 1 FROM card_version AS v WHERE v.id = m.version_id)",
    "run {0} is of playbook version {1}, which is not there":
        "SELECT id, version_id FROM playbook_run AS r WHERE NOT EXISTS "
        "(SELECT 1 FROM playbook_version AS v WHERE v.id = r.version_id)",
    "run {0} is of lead {1}, which is not there":
        "SELECT id, lead_id FROM playbook_run AS r WHERE lead_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = r.lead_id AND l.erased_us IS NULL)",
    "step {1} is of run {0}, which is not there":
        "SELECT run_id, number FROM playbook_step AS s WHERE NOT EXISTS "
        "(SELECT 1 FROM playbook_run AS r WHERE r.id = s.run_id)",
    "task {0} is of run {1}, which is not there":
        "SELECT id, run_id FROM task AS t WHERE run_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM playbook_run AS r WHERE r.id = t.run_id)",
    "task {0} is of lead {1}, which is not there":
        "SELECT id, lead_id FROM task AS t WHERE lead_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = t.lead_id AND l.erased_us IS NULL)",
    "mail {0} is of lead {1}, which is not there":
        "SELECT id, lead_id FROM mail AS m WHERE lead_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = m.lead_id AND l.erased_us IS NULL)",
    "a score of lead {1} was told to connection {0}; one of them is not there":
        "SELECT connection_id, lead_id FROM pushed AS p WHERE NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = p.lead_id AND "
        "(l.erased_us IS NULL OR p.state = 'blanking')) OR NOT EXISTS "
        "(SELECT 1 FROM connection AS c WHERE c.id = p.connection_id)",
    "playbook {0} remembers lead {1}, which is not there":
        "SELECT playbook, lead_id FROM playbook_lead AS p WHERE NOT EXISTS "
        "(SELECT 1 FROM lead AS l WHERE l.id = p.lead_id AND l.erased_us IS NULL)",
    "answer {0} is of conversation {1}, which is not there":
        "SELECT id, conversation_id FROM answer AS a WHERE conversation_id IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM conversation AS c WHERE c.id = a.conversation_id)",
}  # fmt: skip
_LEADS = {
    "lead {0} has no identity":
        "SELECT id FROM lead AS l WHERE merged_into IS NULL AND erased_us IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM identity_lead AS o WHERE o.lead_id = l.id)",
    "lead {0} was merged into lead {1} and has identities":
        "SELECT id, merged_into FROM lead AS l WHERE merged_into IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM identity_lead AS o WHERE o.lead_id = l.id)",
    "lead {0} was merged into lead {1}, which is not there":
        "SELECT id, merged_into FROM lead AS l WHERE merged_into IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM lead AS k WHERE k.id = l.merged_into)",
    "lead {0} is of account {1}, which is not there":
        "SELECT id, account_id FROM lead AS l WHERE account_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM account AS a WHERE a.id = l.account_id)",
    "lead {0}, which was erased, has facts or scores":
        "SELECT id FROM lead AS l WHERE erased_us IS NOT NULL AND (EXISTS "
        "(SELECT 1 FROM lead_fact AS f WHERE f.lead_id = l.id) OR EXISTS "
        "(SELECT 1 FROM score AS s WHERE s.lead_id = l.id))",
}  # fmt: skip


def check_database(connection: Connection) -> Finding:
    """What the database says of itself."""
    if connection.dialect.name == "sqlite":
        said = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(10)")]
        if said == ["ok"]:
            return fine("database", "SQLite finds its file whole")
        return wrong(
            "database", "SQLite finds its file damaged", said, hint="Restore the last backup."
        )
    bad = connection.execute(text(_POSTGRES_INVALID)).scalars().all()
    if bad:
        return wrong("database", "PostgreSQL does not vouch for some indexes or constraints", bad)
    return fine("database", "PostgreSQL vouches for every index and constraint")


def check_identities(connection: Connection) -> Finding:
    """Every identity has a lead, and events have identities that there are."""
    bad = _found(connection, _DANGLING)
    if bad:
        return wrong("identities", "identities, leads and events that belong to nothing", bad)
    return fine("identities", "every identity and every event belongs to somebody")


def check_leads(connection: Connection) -> Finding:
    """Every lead has an identity, unless it was merged or erased."""
    bad = _found(connection, _LEADS)
    number = connection.execute(select(func.count()).select_from(lead)).scalar_one()
    if bad:
        return wrong("leads", "leads that are not as they should be", bad)
    return fine("leads", f"{counted(number, 'lead')}, each with its identities")


def check_owners_in_time(connection: Connection) -> Finding:
    """At every moment an identity belongs to one lead at most."""
    bad = _found(connection, {
        "identity {0} from {1}": _overlapping("identity_lead", "identity_id", "until_us > next_us")
    })  # fmt: skip
    if bad:
        return wrong("owners", "identities that belong to two leads at one time", bad)
    return fine("owners", "no identity belongs to two leads at one time")


def check_facts_in_time(connection: Connection) -> Finding:
    """The rows of a lead's facts follow on one another, and the last is open."""
    broken = f"until_us <> coalesce(next_us, {FOREVER})"
    bad = _found(connection, {"lead {0} from {1}": _overlapping("lead_fact", "lead_id", broken)})
    if bad:
        return wrong("facts in time", "facts that overlap, or leave a gap", bad)
    return fine("facts in time", "the facts of every lead follow on one another")


def check_what_belongs_to_events(connection: Connection) -> Finding:
    """Marks have their event, and scores their version and lead."""
    bad = _found(connection, {
        "mark {0} is of event {1}, which is not there":
            "SELECT id, event_id FROM event_mark AS m WHERE NOT EXISTS "
            "(SELECT 1 FROM event AS e WHERE e.id = m.event_id)",
        "a score of lead {1} is by version {0}, which is not there":
            "SELECT card_version_id, lead_id FROM score AS s WHERE NOT EXISTS "
            "(SELECT 1 FROM card_version AS v WHERE v.id = s.card_version_id)",
        "a score is of lead {0}, which is not there":
            "SELECT lead_id FROM score AS s WHERE NOT EXISTS "
            "(SELECT 1 FROM lead AS l WHERE l.id = s.lead_id)",
    })  # fmt: skip
    number = connection.execute(select(func.count()).select_from(event)).scalar_one()
    if bad:
        return wrong("events", "marks and scores that belong to nothing", bad)
    return fine("events", f"{counted(number, 'event')}; marks and scores have what they are of")


def check_backlog(connection: Connection) -> Finding:
    """How many leads wait to be scored."""
    rows, leads = connection.execute(
        select(func.count(), func.count(touched.c.lead_id.distinct()))
    ).one()
    said = f"{counted(leads, 'lead')} to be scored, touched {rows:,} times" if rows else (
        "no lead waits to be scored"
    )  # fmt: skip
    if rows > MUCH:
        return warned("backlog", said, hint="Is `leadwise serve` running? It scores them.")
    return fine("backlog", said)


def check_mirror(connection: Connection, now_us: int) -> Finding:
    """How old the columnar mirror is, and how many leads changed since."""
    oldest = connection.execute(select(func.min(mirror_file.c.written_us))).scalar()
    waiting = connection.execute(select(func.count(changed.c.lead_id.distinct()))).scalar_one()
    behind = f"{counted(waiting, 'lead')} changed since"
    if oldest is None:
        return fine("mirror", "there is no columnar mirror yet: it is made when first needed")
    latest = connection.execute(select(func.max(mirror_file.c.written_us))).scalar_one()
    age = timedelta(seconds=max(0, now_us - latest) // 1_000_000)
    return fine("mirror", f"the columnar mirror was last written {age} ago; {behind}")


def _overlapping(table: str, owner: str, broken: str) -> str:
    return (
        f"SELECT {owner}, from_us FROM (SELECT {owner}, from_us, until_us, "
        f"lead(from_us) OVER (PARTITION BY {owner} ORDER BY from_us) AS next_us FROM {table}) "
        f"AS following WHERE {broken} OR until_us <= from_us"
    )


def _found(connection: Connection, questions: dict[str, str]) -> list[str]:
    """What is wrong, in words; more than `SHOWN` of one kind are not looked for."""
    found: list[str] = []
    for words, sql in questions.items():
        rows: Iterable[tuple[object, ...]] = connection.execute(text(f"{sql} LIMIT {SHOWN}"))
        found += [words.format(*row) for row in rows]
    return found


_POSTGRES_INVALID = """
SELECT indexrelid::regclass::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT conname::text FROM pg_constraint
WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
"""
