"""What people do with playbooks: publish, pause, retire, move runs on, start and stop by hand.

A run finishes on the version that it began with. Publishing starts nothing for what happened before
it: triggers look at `published_us`, and so does going on after a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select, update

from leadwise.errors import CardError, Problem, UserError
from leadwise.playbooks.language.parse import Parsed, parse
from leadwise.playbooks.library import started_by
from leadwise.playbooks.mails.templates import template_names
from leadwise.playbooks.model import Playbook
from leadwise.playbooks.runs.ways import read_playbook
from leadwise.settings import Settings
from leadwise.store.audit import audit
from leadwise.store.cards import live_version
from leadwise.store.playbooks import (
    PlaybookVersion,
    add_playbook,
    current_playbook,
    get_playbook,
    hold_playbooks,
    list_playbooks,
    set_playbook_status,
)
from leadwise.store.runs import go_on_after_pause, has_active, start_run, stop_runs
from leadwise.store.schema import connection as connection_table
from leadwise.store.schema import lead, playbook_run

MOST_BY_HAND = 10_000
"""Leads that one call starts a playbook for."""


@dataclass(frozen=True, slots=True)
class Added:
    """A version, and what is doubtful in its text."""

    version: PlaybookVersion
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class MovedTo:
    """`moved` runs go on with the other version. `missing` stand at steps (by their ids) that it
    does not have and `busy` are at an outer step just now: they stay."""

    moved: int
    missing: dict[str, int] = field(default_factory=dict)
    busy: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """Runs that were started, and leads that were left out with the reason."""

    run_ids: tuple[int, ...]
    left_out: dict[int, str] = field(default_factory=dict)


def check_playbook(
    connection: Connection, text: str, file: str | None = None, settings: Settings | None = None
) -> Parsed:
    """Check a text against what there is: the live card, templates (`settings` say in which folder,
    too), connections, playbooks."""
    live = live_version(connection)
    names = set(connection.scalars(select(connection_table.c.name)))
    templates = template_names(connection, settings or Settings())
    playbooks = _followed(list_playbooks(connection))
    return parse(
        text, card=live.card if live is not None else None, file=file, templates=templates,
        connections=names, playbooks=playbooks,
    )  # fmt: skip


def _followed(kept: Sequence[PlaybookVersion]) -> dict[str, set[str]]:
    """Of each playbook those that its versions start, as far as they run or may run."""
    found: dict[str, set[str]] = {}
    for version in kept:
        follows = found.setdefault(version.playbook, set())
        if version.status in ("live", "paused"):
            try:
                follows.update(started_by(read_playbook(version.text)))
            except CardError:
                continue  # it cannot be read any more: it starts nothing
    return found


def add(
    connection: Connection, text: str, *, actor: str, now_us: int, why: str | None = None,
    file: str | None = None, settings: Settings | None = None,
) -> Added:  # fmt: skip
    """A draft of this text, or the version that has its content (`settings` as for
    `check_playbook`). CardError with all problems."""
    from leadwise.playbooks.language.plain import content_hash

    parsed = parse(text, file=file)
    if parsed.playbook is None:
        raise CardError(parsed.problems)
    playbook = parsed.playbook
    version = add_playbook(
        connection, playbook=playbook.id, number=playbook.number, digest=content_hash(playbook),
        text=text, by=actor, now_us=now_us, why=why,
    )  # fmt: skip
    audit(connection, actor, "add", "playbook", version.id, f"{playbook.id} {playbook.number}",
          now_us)  # fmt: skip
    found = check_playbook(connection, text, file, settings).problems
    doubtful = (*_same_number(connection, version), *_mail_is_set(playbook, settings))
    return Added(version, (*found, *doubtful))


def _same_number(connection: Connection, version: PlaybookVersion) -> list[Problem]:
    """People tell versions apart by their numbers: another text under one is doubtful."""
    others = [
        one for one in list_playbooks(connection)
        if one.playbook == version.playbook and one.number == version.number
        and one.hash != version.hash
    ]  # fmt: skip
    if not others:
        return []
    free = max(one.number for one in list_playbooks(connection) if one.playbook == version.playbook)
    message = f"there is another text of version {version.number} of {version.playbook}"
    hint = f"write version: {free + 1}, so that runs can be told apart"
    return [Problem("version-number-taken", message, hint, severity="warning")]


def _mail_is_set(playbook: Playbook, settings: Settings | None) -> list[Problem]:
    """Steps that send mail fail where nobody is set from whom it is."""
    if settings is None or settings.mail.sender:
        return []
    steps = [
        step.id for step in playbook.steps
        if step.kind == "mail" or (step.kind == "notify" and "by" not in step.settings)
    ]  # fmt: skip
    if not steps:
        return []
    message = f"{', '.join(steps)}: sends mail, and [mail] sender is not set: it would fail"
    hint = "set it (docs/mail.md), and try it with leadwise mail test"
    return [Problem("mail-settings", message, hint, severity="warning")]


def publish(
    connection: Connection, version_id: int, *, actor: str, now_us: int, why: str | None = None,
    file: str | None = None, settings: Settings | None = None,
) -> PlaybookVersion:  # fmt: skip
    """Let this version start runs from now on; the one before is retired, its runs finish on it.
    `settings` say in which folder there are templates, too; `file` is what problems call the text.

    CardError where the text does not fit the live card, or names what there is not.
    """
    hold_playbooks(connection)
    version = get_playbook(connection, version_id)
    parsed = check_playbook(connection, version.text, file, settings)
    if parsed.playbook is None:
        raise CardError(parsed.problems)
    if version.status == "live":
        return version
    before = current_playbook(connection, version.playbook)
    if before is not None and before.id != version.id:
        set_playbook_status(connection, before.id, "retired")
    set_playbook_status(
        connection, version.id, "live", published_us=now_us, published_by=actor,
        why=why if why is not None else version.why,
    )  # fmt: skip
    go_on_after_pause(connection, version.playbook)
    audit(connection, actor, "publish", "playbook", version.id, why, now_us)
    return get_playbook(connection, version.id)


def pause(connection: Connection, playbook: str, *, actor: str, now_us: int) -> PlaybookVersion:
    """Start nothing more, and let all runs of the playbook wait. UserError
    (`no-such-live-playbook`)."""
    version = _current(connection, playbook)
    if version.status == "live":
        set_playbook_status(connection, version.id, "paused")
        audit(connection, actor, "pause", "playbook", version.id, playbook, now_us)
    return get_playbook(connection, version.id)


def resume(connection: Connection, playbook: str, *, actor: str, now_us: int) -> PlaybookVersion:
    """Go on after a pause: what happened meanwhile starts nothing; runs go on where they stand, and
    those whose time has come are due at once."""
    version = _current(connection, playbook)
    if version.status == "paused":
        set_playbook_status(connection, version.id, "live", published_us=now_us)
        go_on_after_pause(connection, playbook)
        audit(connection, actor, "resume", "playbook", version.id, playbook, now_us)
    return get_playbook(connection, version.id)


def retire(
    connection: Connection, playbook: str, *, actor: str, now_us: int, stop: bool = False
) -> int:
    """Start nothing more, for good; runs finish on their versions, or with `stop` end now. How many
    were stopped. UserError (`no-such-live-playbook`)."""
    version = _current(connection, playbook)
    set_playbook_status(connection, version.id, "retired")
    go_on_after_pause(connection, playbook)
    why = "The playbook was retired."
    stopped = stop_runs(connection, why, now_us, playbook=playbook) if stop else []
    detail = f"{len(stopped)} runs stopped"
    audit(connection, actor, "retire", "playbook", version.id, detail, now_us)
    return len(stopped)


def move_runs(
    connection: Connection, from_id: int, to_id: int, *, actor: str, now_us: int
) -> MovedTo:
    """Let the runs of one version go on with another of the same playbook, at the step of the same
    id. UserError (`another-playbook`) where they are not of one playbook, `never-published` where
    the other is a draft: nobody has said that its text may act."""
    hold_playbooks(connection)
    one, other = get_playbook(connection, from_id), get_playbook(connection, to_id)
    if one.playbook != other.playbook:
        raise UserError(
            "another-playbook", f"{one.playbook} and {other.playbook} are two playbooks.",
            hint="Stop the runs of one and start the other.",
        )  # fmt: skip
    if other.status == "draft":
        raise UserError(
            "never-published",
            f"Version {other.id} of {other.playbook} is a draft: runs go on with what a person "
            "has published.",
            hint=f"Publish it first (leadwise playbook publish {other.id}), then move the runs.",
        )
    old, new = read_playbook(one.text), read_playbook(other.text)
    places = {step.id: place for place, step in enumerate(new.steps)}
    table, moved, missing = playbook_run, 0, dict[str, int]()
    stands = (table.c.version_id == from_id) & table.c.state.in_(("waiting", "held"))
    by_place = select(table.c.at, func.count()).where(stands).group_by(table.c.at)
    # Places of both versions overlap: a run that was moved has the new version's id by then.
    for at, count in connection.execute(by_place).all():
        step = old.steps[at] if at < len(old.steps) else None
        if step is None or not _fits(new, places, step.id, step.kind):
            name = "the end" if step is None else step.id
            missing[name] = missing.get(name, 0) + count
            continue
        moved += connection.execute(
            update(table)
            .where(stands, table.c.at == at)
            .values(version_id=to_id, at=places[step.id])
        ).rowcount
    working = (table.c.version_id == from_id) & (table.c.state == "working")
    busy = connection.execute(select(func.count()).select_from(table).where(working)).scalar_one()
    said = f"{moved} runs to version {to_id}"
    audit(connection, actor, "move runs", "playbook", from_id, said, now_us)
    return MovedTo(moved, missing, busy)


def start_by_hand(
    connection: Connection, playbook: str, lead_ids: Sequence[int], *, actor: str, now_us: int
) -> Started:
    """Start the live version for these leads, whatever its triggers and safety say of them: only
    who is in it already, or has objected, or was erased, is left out.

    UserError (`no-such-live-playbook`, `playbook-paused`, `too-many-leads`).
    """
    version = _current(connection, playbook)
    if version.status == "paused":
        raise UserError(
            "playbook-paused", f"{playbook} is paused.", hint="Let it go on first."
        )  # fmt: skip
    if len(lead_ids) > MOST_BY_HAND:
        raise UserError(
            "too-many-leads", f"A playbook is started for {MOST_BY_HAND:,} leads at most by hand.",
            hint="Give it a schedule, or start it in parts.",
        )  # fmt: skip
    run_ids: list[int] = []
    left_out: dict[int, str] = {}
    for lead_id in dict.fromkeys(lead_ids):
        why = _not_for(connection, playbook, lead_id)
        if why is not None:
            left_out[lead_id] = why
            continue
        trigger = f"hand:{actor}:{lead_id}:{now_us}"
        made = start_run(connection, version, lead_id, trigger, {}, now_us)
        if made is not None:
            run_ids.append(made)
    audit(connection, actor, "start", "playbook", version.id, f"{len(run_ids)} leads", now_us)
    return Started(tuple(run_ids), left_out)


def stop_by_hand(
    connection: Connection, *, actor: str, now_us: int, playbook: str | None = None,
    lead_id: int | None = None, run_id: int | None = None,
) -> list[int]:  # fmt: skip
    """Stop one run, or those of a lead, of a playbook, of both; their ids. UserError (`usage`)
    where nothing says which."""
    if playbook is None and lead_id is None and run_id is None:
        raise UserError("usage", "Which runs?", hint="Say a run, a lead or a playbook.")
    stopped = stop_runs(
        connection, f"{actor} stopped it.", now_us, playbook=playbook, run_id=run_id,
        lead_ids=None if lead_id is None else (lead_id,),
    )  # fmt: skip
    subject = run_id if run_id is not None else lead_id if lead_id is not None else playbook
    audit(connection, actor, "stop runs", "playbook", subject, f"{len(stopped)} runs", now_us)
    return stopped


def _fits(playbook: Playbook, places: dict[str, int], step_id: str, kind: str) -> bool:
    """Whether a step of that id is there that goes on where one of that kind stands."""
    return step_id in places and playbook.steps[places[step_id]].kind == kind


def _current(connection: Connection, playbook: str) -> PlaybookVersion:
    hold_playbooks(connection)
    found = current_playbook(connection, playbook)
    if found is None:
        raise UserError(
            "no-such-live-playbook", f"No playbook {playbook} is live.",
            hint="Publish it first: the list of playbooks has its versions.",
        )  # fmt: skip
    return found


def _not_for(connection: Connection, playbook: str, lead_id: int) -> str | None:
    columns = (lead.c.merged_into, lead.c.objected_us, lead.c.erased_us)
    row = connection.execute(select(*columns).where(lead.c.id == lead_id)).one_or_none()
    if row is None or row.erased_us is not None:
        return "There is no such lead."
    if row.merged_into is not None:
        return f"It is part of lead {row.merged_into}."
    if row.objected_us is not None:
        return "The person objected to being scored."
    if has_active(connection, playbook, lead_id):
        return "It is in this playbook already."
    return None
