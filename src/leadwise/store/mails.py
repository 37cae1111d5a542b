"""Mails: what is to be sent, what was sent, and what became of it.

    ready --(reserve)--> ready, nobody else's until `due_us`, which who has it puts off (`keep`)
          --(begin)----> sending: from here to the server's answer nobody knows whether it went
          --(ended)----> sent | ready again, later | refused
    sending, past its time --(doubt)--> unsure --(settle)--> sent | ready
    sent --(became)--> bounced | complained

A mail's row is written before it is first sent, with its Message-ID, and says so ever after. All
changes look at the state that they leave: of two processes at one mail, one gets it. Each attempt
has a number, so that a process which slept through the end of its own changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Row, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from leadwise.store.schema import mail

State: TypeAlias = Literal[
    "ready", "sending", "sent", "unsure", "refused", "bounced", "complained", "suppressed"
]
ENDED = ("sent", "refused", "bounced", "complained", "suppressed")
LONGEST_WHY = 1_000
FORGOTTEN = ""
"""The subject of a mail whose contents are kept no longer; no mail is without a subject."""
MINUTE_US = 60_000_000
DOMAIN_LOCK = 7015
"""With a domain, PostgreSQL's advisory lock of who counts its mails of the last minute."""
FAR_US = 2**62
"""Later than any time that a mail may be in sending: whoever saw it break need not wait for it."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A row of `mail`. `message_id` is without its angle brackets. `sent_us` is when it was last
    tried until it is sent, then when it was. `doc` is what is sent, empty once it is old."""

    id: int
    message_id: str
    lead_id: int | None
    address: str
    domain: str
    subject: str
    template_id: int | None
    run_id: int | None
    number: int | None
    state: State
    created_us: int
    due_us: int
    sent_us: int | None
    attempts: int
    why: str | None
    doc: dict[str, Any]

    @property
    def token(self) -> str:
        """What links and bounce addresses know it by."""
        return self.message_id.partition("@")[0]


def queue_mail(connection: Connection, **values: Any) -> Mail:
    """The mail with this `message_id`: the one that there is, else a new one of these values."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(mail).values(values)
    connection.execute(row.on_conflict_do_nothing(index_elements=["message_id"]))
    found = find_mail(connection, str(values["message_id"]))
    assert found is not None
    return found


def find_mail(connection: Connection, message_id: str) -> Mail | None:
    """The mail with that Message-ID, without angle brackets."""
    return _one(connection.execute(select(mail).where(mail.c.message_id == message_id)))


def mail_of_token(connection: Connection, token: str) -> Mail | None:
    """The mail that a link or a bounce address names."""
    if not token.isalnum():
        return None
    rows = select(mail).where(mail.c.message_id >= f"{token}@", mail.c.message_id < f"{token}A")
    return _one(connection.execute(rows.limit(1)))


def get_mail(connection: Connection, mail_id: int) -> Mail | None:
    """The mail with that id."""
    return _one(connection.execute(select(mail).where(mail.c.id == mail_id)))


def mails_of_lead(
    connection: Connection, lead_id: int, *, before_id: int | None = None, limit: int = 50
) -> list[Mail]:
    """A lead's mails, the newest first."""
    rows = select(mail).where(mail.c.lead_id == lead_id)
    if before_id is not None:
        rows = rows.where(mail.c.id < before_id)
    rows = rows.order_by(mail.c.created_us.desc(), mail.c.id.desc()).limit(limit)
    return [_mail(row) for row in connection.execute(rows)]


def sent_in_run(connection: Connection, lead_id: int, run_id: int) -> list[Mail]:
    """The mails of a run that went out, the oldest first."""
    rows = select(mail).where(
        mail.c.lead_id == lead_id, mail.c.run_id == run_id, mail.c.state == "sent"
    )
    return [_mail(row) for row in connection.execute(rows.order_by(mail.c.id))]


def mails_in_state(
    connection: Connection, states: Sequence[State], *, after_id: int = 0, limit: int = 50
) -> list[Mail]:
    """Mails in these states, by id: `unsure` ones wait for a person."""
    rows = select(mail).where(mail.c.state.in_(states), mail.c.id > after_id)
    return [_mail(row) for row in connection.execute(rows.order_by(mail.c.id).limit(limit))]


def count_mails(connection: Connection) -> dict[str, int]:
    """How many mails are in each state."""
    rows = select(mail.c.state, func.count()).group_by(mail.c.state)
    return {str(state): int(count) for state, count in connection.execute(rows)}


def reserve(
    connection: Connection, mail_id: int, now_us: int, until_us: int, most_a_minute: int
) -> int | None:
    """Take a mail that is ready, so that nobody else tries it until `until_us`: the number of the
    attempt. None where it is not to be tried now, for it is another's, or for what the domain's
    `most_a_minute` allow (0: no bound)."""
    row = connection.execute(
        select(mail.c.state, mail.c.due_us, mail.c.domain, mail.c.attempts)
        .where(mail.c.id == mail_id)
        .with_for_update()
    ).one()
    if row.state != "ready" or row.due_us > now_us:
        return None
    if most_a_minute:
        _alone(connection, row.domain)
        tried = list(
            connection.scalars(
                select(mail.c.sent_us)
                .where(mail.c.domain == row.domain, mail.c.sent_us > now_us - MINUTE_US)
                .order_by(mail.c.sent_us.desc())
                .limit(most_a_minute)
            )
        )
        if len(tried) >= most_a_minute and tried[-1] is not None:
            free_us = int(tried[-1]) + MINUTE_US
            connection.execute(update(mail).where(mail.c.id == mail_id).values(due_us=free_us))
            return None
    attempt = int(row.attempts) + 1
    connection.execute(
        update(mail)
        .where(mail.c.id == mail_id)
        .values(due_us=until_us, sent_us=now_us, attempts=attempt)
    )
    return attempt


def keep(connection: Connection, mail_id: int, attempt: int, until_us: int) -> bool:
    """Whoever has the mail is still at it. False where it is not theirs any more."""
    was: tuple[State, ...] = ("ready", "sending")
    return _moved(connection, mail_id, was, attempt, due_us=until_us)


def _alone(connection: Connection, domain: str) -> None:
    """Nobody else counts a domain's mails until this transaction ends. SQLite has one writer."""
    if connection.dialect.name == "postgresql":
        sql = text("SELECT pg_advisory_xact_lock(CAST(:lock AS int), hashtext(:domain))")
        connection.execute(sql, {"lock": DOMAIN_LOCK, "domain": domain})


def begin(connection: Connection, mail_id: int, attempt: int) -> bool:
    """The server takes the mail's text next: `sending`. False where it is not ours any more."""
    return _moved(connection, mail_id, ("ready",), attempt, state="sending", why=None)


def ended(
    connection: Connection, mail_id: int, state: State, *, now_us: int, attempt: int | None = None,
    why: str | None = None, due_us: int | None = None, unsent: bool = False,
    was: Sequence[State] = ("ready", "sending"),
) -> bool:  # fmt: skip
    """An attempt ended, the one of that number where one is given. `unsent`: it did not count, for
    the server was never reached."""
    values: dict[str, Any] = {"state": state, "why": why[:LONGEST_WHY] if why else None}
    if state == "sent":
        values["sent_us"] = now_us
    if due_us is not None:
        values["due_us"] = due_us
    if unsent:
        values["sent_us"] = None
    return _moved(connection, mail_id, was, attempt, **values)


def doubt(connection: Connection, mail_id: int, attempt: int, now_us: int, why: str) -> bool:
    """A mail whose sending nobody has seen the end of is `unsure`."""
    rows = update(mail).where(
        mail.c.id == mail_id, mail.c.state == "sending", mail.c.attempts == attempt,
        mail.c.due_us <= now_us,
    )  # fmt: skip
    return connection.execute(rows.values(state="unsure", why=why[:LONGEST_WHY])).rowcount > 0


def settle(
    connection: Connection, mail_id: int, how: Literal["sent", "again"], now_us: int
) -> bool:  # fmt: skip
    """Decide on a mail that is unsure: it was sent, or it is to be sent again; what was refused can
    be tried again too."""
    if how == "sent":
        return _moved(connection, mail_id, ("unsure",), state="sent", why="taken to be sent")
    was: tuple[State, ...] = ("unsure", "refused")
    return _moved(connection, mail_id, was, state="ready", due_us=now_us, created_us=now_us)


def became(connection: Connection, mail_id: int, state: State, why: str) -> bool:
    """A report came on a mail that was sent, or may have been. A complaint follows a bounce, never
    the other way round."""
    was: tuple[State, ...] = ("sent", "unsure", "sending")
    if state == "complained":
        was = (*was, "bounced")
    return _moved(connection, mail_id, was, state=state, why=why[:LONGEST_WHY])


def drop_waiting(connection: Connection, address: str, why: str) -> int:
    """Mails that wait to be tried again are not, for the address is suppressed now."""
    rows = update(mail).where(mail.c.address == address, mail.c.state == "ready")
    return connection.execute(rows.values(state="suppressed", why=why)).rowcount


def forget_mails(connection: Connection, before_us: int, limit: int = 1_000) -> int:
    """Empty what was in mails that ended before an instant; their rows stay. How many."""
    old = (
        select(mail.c.id)
        .where(
            mail.c.state.in_(ENDED), mail.c.created_us < before_us, mail.c.subject != FORGOTTEN,
        )
        .order_by(mail.c.id)
        .limit(limit)
    )  # fmt: skip
    ids = list(connection.scalars(old))
    if ids:
        connection.execute(
            update(mail).where(mail.c.id.in_(ids)).values(doc={}, subject=FORGOTTEN, why=None)
        )
    return len(ids)


def _moved(
    connection: Connection, mail_id: int, was: Sequence[State], attempt: int | None = None,
    **values: Any,
) -> bool:  # fmt: skip
    rows = update(mail).where(mail.c.id == mail_id, mail.c.state.in_(was))
    if attempt is not None:
        rows = rows.where(mail.c.attempts == attempt)
    return connection.execute(rows.values(values)).rowcount > 0


def _one(rows: Any) -> Mail | None:
    row = rows.one_or_none()
    return None if row is None else _mail(row)


def _mail(row: Row[Any]) -> Mail:
    return Mail(**row._mapping)
