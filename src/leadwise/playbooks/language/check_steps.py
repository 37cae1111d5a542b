"""What single steps may still have wrong, and whether runs come to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from leadwise.card.model import Card
from leadwise.card.nearest import listing, suggestion
from leadwise.card.source import Path
from leadwise.card.values import parse_time
from leadwise.errors import Problem
from leadwise.playbooks.language.check_names import check_events
from leadwise.playbooks.language.drafts import MOST_STEPS, Draft, all_of
from leadwise.playbooks.language.flow import Flow
from leadwise.playbooks.language.reading import Reading
from leadwise.playbooks.model import EventTrigger
from leadwise.playbooks.shapes import SHAPES

_UNTIL = re.compile(
    r"((mon|tues|wednes|thurs|fri|satur|sun)day +)?([01]?[0-9]|2[0-3]):[0-5][0-9]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Around:
    """What there is beside the file; None where it is not known, so that nothing is checked.
    `playbooks` may say of each by which others it is followed (`start`)."""

    card: Card | None = None
    templates: Collection[str] | None = None
    connections: Collection[str] | None = None
    playbooks: Collection[str] | None = None


def too_many(found: Reading, drafts: list[Draft]) -> bool:
    """Whether there are more steps than a playbook may have."""
    number = sum(1 for _ in all_of(drafts))
    if number > MOST_STEPS:
        message = f"this playbook has {number} steps; the most is {MOST_STEPS}"
        hint = "split it, and let one start the other"
        found.add(Problem("too-many-steps", message, hint, found.key(("steps",))))
    return number > MOST_STEPS


def check_steps(
    found: Reading, drafts: list[Draft], flow: Flow, playbook: str, around: Around
) -> None:
    """Each step by itself; then steps that no run comes to."""
    for draft in all_of(drafts):
        _named(found, draft, playbook, around)
        event = draft.settings.get("event")
        if isinstance(event, EventTrigger):
            check_events(found, draft.paths["event"], event, around.card)
        if check := CHECKS.get(draft.kind):
            check(found, draft)
    for draft in flow.unreached:
        message = "no run comes to this step: those before it end"
        found.add(Problem("unreachable-step", message, "remove it, or move it up",
                          found.place(draft.path)))  # fmt: skip


def _named(found: Reading, draft: Draft, playbook: str, around: Around) -> None:
    """Templates, connections and playbooks that a step names."""
    for setting in SHAPES[draft.kind].settings:
        value, path = draft.settings.get(setting.name), draft.paths.get(setting.name)
        if not isinstance(value, str) or path is None:
            continue
        if setting.type == "connection":
            _connection(found, value, path, around.connections)
        elif setting.name == "template":
            _mail_template(found, value, path, around.templates)
        elif setting.name == "playbook":
            _playbook(found, draft, value, path, playbook, around.playbooks)


def _connection(found: Reading, name: str, path: Path, known: Collection[str] | None) -> None:
    if known is not None and name not in known:
        hint = suggestion(name, known, f"the connections are {listing(sorted(known))}")
        if not known:
            hint = f"there are none yet: make it by leadwise connect add {name} KIND"
        message = f"there is no connection '{name}'"
        found.add(Problem("unknown-connection", message, hint, found.place(path)))


def _mail_template(found: Reading, name: str, path: Path, known: Collection[str] | None) -> None:
    if known is not None and name not in known:
        hint = suggestion(name, known, f"the templates are {listing(sorted(known))}")
        message = f"there is no mail template '{name}'"
        found.add(Problem("unknown-template", message, hint, found.place(path)))


def _playbook(
    found: Reading, draft: Draft, name: str, path: Path, own: str, known: Collection[str] | None
) -> None:
    if name == own:
        starts = draft.kind == "start"
        message = f"this playbook {'starts' if starts else 'stops'} itself"
        hint = "write safety: {again: always} and let its trigger start it" if starts else "use end"
        found.add(Problem("starts-itself", message, hint, found.place(path)))
    elif known is not None and name not in known:
        hint = suggestion(name, known, f"the playbooks are {listing(sorted(known))}")
        message = f"there is no playbook '{name}'"
        found.add(Problem("unknown-playbook", message, hint, found.place(path)))
    elif draft.kind == "start" and (way := _way_back(name, own, known)):
        message = f"this playbook starts itself, by way of {' and '.join(way)}"
        hint = "a lead would go round for ever: let its own start begin it again (safety: again:)"
        found.add(Problem("starts-itself", message, hint, found.place(path)))


def _way_back(name: str, own: str, known: Collection[str] | None) -> list[str]:
    """The playbooks by which one starts another again; empty where there is no such way."""
    if not isinstance(known, Mapping):
        return []
    ways: list[list[str]] = [[name]]
    seen = {name}
    while ways:
        way = ways.pop(0)
        for following in sorted(known.get(way[-1], ())):
            if following == own:
                return way
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def _wait(found: Reading, draft: Draft) -> None:
    given = [name for name in ("for", "until", "event") if name in draft.paths]
    if len(given) != 1:
        if given:
            message = f"this step waits '{given[0]}' and '{given[1]}' at once"
            hint = "write two steps; a deadline of an event is at_most:"
        else:
            message = "this step does not say what it waits for"
            hint = "write wait: 3 days, or wait: {event: email_replied, at_most: 3 days}"
        found.add(Problem("wait-kind", message, hint, found.place(draft.path)))
    elif given == ["event"]:
        _deadline(found, draft)
    else:
        _only_with(found, draft, ("at_most", "late"), "event")
    until = draft.settings.get("until")
    if isinstance(until, str) and "{" not in until and not _is_instant(until):
        message = f"'{until[:60]}' is not an instant"
        hint = "write 09:00, monday 09:00, 2026-06-30T12:00:00+02:00 or {{ step.book.at }}"
        found.add(Problem("bad-time", message, hint, found.place(draft.paths["until"])))


def _is_instant(text: str) -> bool:
    if _UNTIL.fullmatch(text.strip()):
        return True
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


def _deadline(found: Reading, draft: Draft) -> None:
    if "at_most" in draft.paths:
        return
    if "late" in draft.paths:
        message = "'late' is for when the event did not come in time, and there is no time"
        hint = "add at_most: 3 days"
        found.add(Problem("pointless-setting", message, hint, found.key(draft.paths["late"])))
        return
    message = "this step may wait for ever: the event may never come"
    found.add(Problem("waits-for-ever", message, "add at_most: 30 days", found.place(draft.path),
                      "warning"))  # fmt: skip


def _only_with(found: Reading, draft: Draft, names: tuple[str, ...], other: str) -> None:
    for name in names:
        if name in draft.paths:
            message = f"'{name}' belongs to '{other}', which this step does not have"
            where = found.key(draft.paths[name])
            found.add(Problem("pointless-setting", message, f"remove it, or add {other}:", where))


def _if(found: Reading, draft: Draft) -> None:
    given = [name for name in ("condition", "text") if name in draft.paths]
    if len(given) != 1:
        message = "this step does not say what decides"
        hint = "write if: country = 'es', or if: {text: \"{{ step.classify.class }}\", is: bug}"
        if given:
            message = "this step decides by a condition and by a text at once"
            hint = "keep one of them"
        found.add(Problem("if-kind", message, hint, found.place(draft.path)))
    elif given == ["condition"]:
        _only_with(found, draft, ("is",), "text")
    if not any(name in draft.paths for name in ("then", "otherwise")):
        message = "this step decides nothing: it has no branch"
        hint = "add then: with steps, or otherwise:"
        found.add(Problem("empty-branch", message, hint, found.place(draft.path)))


def _assign(found: Reading, draft: Draft) -> None:
    territory = draft.settings.get("by") == "territory"
    if territory and "rules" not in draft.paths:
        message = "to assign by territory there must be rules"
        hint = "add rules: with - {when: country = 'es', to: anna@example.com}"
        found.add(Problem("missing-key", message, hint, found.place(draft.path)))
    elif not territory and "rules" in draft.paths and "by" in draft.settings:
        message = "'rules' are for by: territory"
        where = found.key(draft.paths["rules"])
        found.add(Problem("pointless-setting", message, "remove them, or write by: territory",
                          where))  # fmt: skip


def _notify(found: Reading, draft: Draft) -> None:
    if "to" not in draft.paths and "by" not in draft.paths:
        message = "this step tells nobody"
        hint = "add to: owner, or by: and the name of a connection"
        found.add(Problem("missing-key", message, hint, found.place(draft.path)))
    if "by" not in draft.paths:
        _only_with(found, draft, ("channel",), "by")


def _fetch(found: Reading, draft: Draft) -> None:
    every, most = draft.settings.get("every"), draft.settings.get("at_most")
    if isinstance(every, int) and isinstance(most, int) and every > most:
        message = "this looks again only after it has given up"
        path = draft.paths.get("every") or draft.paths["at_most"]
        found.add(Problem("pointless-setting", message, "make every: shorter than at_most:",
                          found.place(path)))  # fmt: skip


CHECKS: Mapping[str, Callable[[Reading, Draft], None]] = {
    "wait": _wait, "if": _if, "assign": _assign, "notify": _notify, "fetch": _fetch,
}  # fmt: skip
