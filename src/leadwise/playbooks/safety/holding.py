"""What holds a step back: the playbook's own `still`, quiet hours, caps, whoever wants nothing.

A mail to the lead is what waits. What answers the lead's own request (a `transactional` mail: the
step says so, or its template, or it goes to an address that the step names) goes at once; what is
for the team never waits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from sqlalchemy import Connection, text

from leadwise.playbooks.conditions.deciding import Moment, decide
from leadwise.playbooks.conditions.known import facts_then
from leadwise.playbooks.conditions.lead_zone import zone_rules, zones_of
from leadwise.playbooks.conditions.whole_lead import addresses, all_ids
from leadwise.playbooks.model import MessageTrigger, Playbook, Step
from leadwise.playbooks.runs.acting import Go, Leave, Run, Verdict, Wait
from leadwise.playbooks.safety.quiet import loud_everywhere
from leadwise.settings import Settings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.contacts import add_contact
from leadwise.store.driver import ask
from leadwise.store.experiments import left_alone
from leadwise.store.suppression import suppressed_among, wants_nothing

Holds: TypeAlias = Callable[[Connection, Run, Step, int], Verdict]
Answers: TypeAlias = Callable[[str], bool]
"""Whether all that a template is sent as answers what the lead just asked for."""

MAIL = "mail"
DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
CONTACT_LOCK = 7012
"""With a lead's id, PostgreSQL's advisory lock of who counts its messages and adds one."""
ANOTHER_US = 1_000_000
"""When to look again where another process counts just now."""
IDLE_KINDS = frozenset({"wait", "if", "end", "start", "stop"})


def holder(settings: Settings) -> Holds:
    """`may_go` by these settings, which say where templates are, too."""
    from leadwise.playbooks.mails.templates import is_answer  # it brings what makes mails

    def holds(connection: Connection, run: Run, step: Step, now_us: int) -> Verdict:
        answers = partial(is_answer, connection, settings)
        return may_go(connection, run, step, now_us, settings.playbooks, answers)

    return holds


def none_answers(_: str) -> bool:
    """No template is known to."""
    return False


def may_go(
    connection: Connection, run: Run, step: Step, now_us: int,
    settings: PlaybookSettings | None = None, answers: Answers = none_answers,
) -> Verdict:  # fmt: skip
    """Whether a run may take this step now. Called in the transaction in which the run goes there:
    a mail that may go is counted in it, so that no two together are more than the caps allow."""
    settings = settings or PlaybookSettings()
    safety, lead_id = run.playbook.safety, run.lead_id
    if lead_id is None:
        return Go()
    rules = zone_rules(settings)
    if safety.still is not None and not decide(
        connection, run.playbook, safety.still, lead_id, now_us, rules
    ):
        return Leave(f"It does not hold any more: {safety.still.text}")
    if not is_marketing(step, answers):
        return Go()
    why = _unwanted(connection, run.playbook, lead_id, answers)
    if why is not None:
        return Leave(why)
    facts = facts_then(connection, [Moment(lead_id, now_us)])[Moment(lead_id, now_us)]
    zones = zones_of(facts, rules, now_us)
    loud_us = loud_everywhere(settings, zones, now_us) if safety.quiet else now_us
    if loud_us > now_us:
        return Wait(loud_us, "Quiet hours where the lead is.")
    return _within_caps(connection, run, now_us, settings) if safety.caps else Go()


def is_marketing(step: Step, answers: Answers = none_answers) -> bool:
    """Whether it is a mail that the lead did not ask for. One to an address that the step names is
    an answer always (`steps.mail`)."""
    if step.kind != "mail" or step.settings.get("kind") == "transactional":
        return False
    return not step.settings.get("to") and not answers(str(step.settings.get("template") or ""))


def mails_only(playbook: Playbook, answers: Answers = none_answers) -> bool:
    """Whether all that the playbook ever does is to send mails that were not asked for."""
    acts = [step for step in playbook.steps if step.kind not in IDLE_KINDS]
    return bool(acts) and all(is_marketing(step, answers) for step in acts)


def answers_messages(playbook: Playbook) -> bool:
    """Whether it is started by messages alone: work that somebody asked for, and no follow-up."""
    return all(isinstance(one, MessageTrigger) for one in playbook.triggers)


def no_address_left(connection: Connection, lead_ids: list[int]) -> set[int]:
    """Of these leads, those who have addresses of which none may be written to, or who wanted no
    more by one of them."""
    by_lead = addresses(connection, lead_ids)
    found = suppressed_among(connection, {one for own in by_lead.values() for one in own})
    unwilling = wants_nothing(connection, lead_ids)
    return {id_ for id_, own in by_lead.items() if id_ in unwilling or own <= found.keys()}


def _unwanted(
    connection: Connection, playbook: Playbook, lead_id: int, answers: Answers
) -> str | None:
    """Why no such mail is to go; None where it may.

    In a playbook that does more than write, the mail alone is left out: its step sees to that.
    """
    if not answers_messages(playbook) and (alone := left_alone(connection, lead_id)):
        return f"Left alone by the experiment {alone[0]}."
    if mails_only(playbook, answers) and no_address_left(connection, [lead_id]):
        return "The lead wants no mails."
    return None


def _within_caps(
    connection: Connection, run: Run, now_us: int, settings: PlaybookSettings
) -> Verdict:
    assert run.lead_id is not None
    if not _alone(connection, run.lead_id):
        return Wait(now_us + ANOTHER_US, "Another mail to the lead is on its way.")
    sql = (
        "SELECT at_us, key FROM contact WHERE channel = :channel AND at_us > :since "  # noqa: S608 - our own SQL
        f"AND lead_id IN {listed_whole(connection)} ORDER BY at_us DESC"
    )
    ids = all_ids(connection, [run.lead_id])[run.lead_id]
    sent = ask(connection, sql, channel=MAIL, since=now_us - WEEK_US, list=as_list(sorted(ids)))
    key = f"run-{run.id}-{run.number}"
    if any(had == key for _, had in sent):
        return Go()  # counted when it was first to go
    free_us = room_at([at_us for at_us, _ in sent], settings, now_us)
    if free_us > now_us:
        return Wait(free_us, "The lead got as many mails as it may in a day or a week.")
    add_contact(connection, run.lead_id, MAIL, key, now_us)
    return Go()


def room_at(sent_us: list[int], settings: PlaybookSettings, now_us: int) -> int:
    """When one more mail is within the caps; `now_us` where it is now. `sent_us` are the instants
    of those before, the latest first."""
    free_us = now_us
    for most, span_us in ((settings.mails_a_day, DAY_US), (settings.mails_a_week, WEEK_US)):
        within = [at_us for at_us in sent_us if at_us > now_us - span_us]
        if most and len(within) >= most:
            free_us = max(free_us, within[most - 1] + span_us)
    return free_us


def _alone(connection: Connection, lead_id: int) -> bool:
    """Whether nobody else counts the lead's messages until this transaction ends. SQLite has one
    writer anyway."""
    if connection.dialect.name != "postgresql":
        return True
    sql = text("SELECT pg_try_advisory_xact_lock(CAST(:lock AS int), CAST(:id AS int))")
    asked = {"lock": CONTACT_LOCK, "id": lead_id % 2**31}
    return bool(connection.execute(sql, asked).scalar_one())
