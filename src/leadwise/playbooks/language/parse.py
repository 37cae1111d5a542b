"""From the text of a playbook to the playbook, with every problem found on the way.

    parsed = parse(text, card=card, file="welcome.yaml")
    parsed.playbook or parsed.problems

The steps are those of cards: YAML into a tree with places, then each part by itself, then what the
parts are together. Without a card only what needs none is checked.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from leadwise.card.model import Card, Measure
from leadwise.card.source import Mapping, Path, Scalar, read_source
from leadwise.errors import CardError, Problem
from leadwise.playbooks.language.check_names import check_conditions, check_goals, check_starts
from leadwise.playbooks.language.check_steps import Around, check_steps, too_many
from leadwise.playbooks.language.check_texts import check_texts
from leadwise.playbooks.language.drafts import Draft, all_of, read_steps
from leadwise.playbooks.language.flat import flatten
from leadwise.playbooks.language.flow import flow_of
from leadwise.playbooks.language.measures import check_measures, read_measures
from leadwise.playbooks.language.reading import Reading
from leadwise.playbooks.language.safety import read_safety
from leadwise.playbooks.language.starts import read_goals, read_starts
from leadwise.playbooks.model import (
    BandTrigger,
    Goal,
    Playbook,
    Safety,
    ScheduleTrigger,
    Trigger,
)

KEYS = (
    "playbook", "version", "label", "about", "language", "starts", "when", "measures", "steps",
    "goals", "safety",
)  # fmt: skip
"""What a playbook's file may have, in the order of the canonical form."""
MANY = {"card": "another card that goes live", "import": "an import"}
"""Causes of changes of bands that are not a lead's own, and may be those of all leads at once."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A playbook where its text has no error, and all problems, in the order of the file. `ids` are
    those that the file gives its steps; the others are made."""

    playbook: Playbook | None
    problems: tuple[Problem, ...]
    ids: frozenset[str] = frozenset()


def parse(
    text: str, *, card: Card | None = None, file: str | None = None,
    templates: Collection[str] | None = None, connections: Collection[str] | None = None,
    playbooks: Collection[str] | None = None,
) -> Parsed:  # fmt: skip
    """Reads and checks a playbook (YAML or JSON). Never raises; `file` is only named in problems.

    `card` is the one that leads are scored by; `templates` (of mails), `connections` and
    `playbooks` are the names that there are; as a mapping, these say which others they start
    (`library.started_by`). What is None is not checked.
    """
    source, faults = read_source(text, file or "playbook.yaml", "playbook")
    if source is None:
        return Parsed(None, tuple(map(_of_playbooks, faults)))
    found = Reading(source, list(faults))
    if not isinstance(source.root, Mapping):
        message = f"a playbook is a mapping of keys and values, this is {source.root.kind}"
        hint = "start with: playbook: my-playbook"
        return Parsed(None, (Problem("wrong-type", message, hint, source.place(())),))
    playbook, ids = _read(found, Around(card, templates, connections, playbooks))
    problems = tuple(sorted(dict.fromkeys(found.problems), key=_order))
    broken = any(one.severity == "error" for one in problems)
    return Parsed(None if broken else playbook, problems, ids)


def playbook_of(text: str, *, card: Card | None = None, file: str | None = None) -> Playbook:
    """The playbook of a text. CardError with all problems where it has an error."""
    parsed = parse(text, card=card, file=file)
    if parsed.playbook is None:
        raise CardError(parsed.problems)
    return parsed.playbook


def _order(problem: Problem) -> tuple[int, int, str]:
    return problem.where.line or 0, problem.where.column or 0, problem.code


def _of_playbooks(problem: Problem) -> Problem:
    """The YAML reader's hints speak of cards in one place."""
    if problem.code != "too-deep":
        return problem
    hint = "let a branch start another playbook, instead of branches in branches"
    return Problem("too-deep", problem.message, hint, problem.where)


def _read(found: Reading, around: Around) -> tuple[Playbook | None, frozenset[str]]:
    keys = found.keys((), "the playbook", KEYS, ("playbook", "version", "starts", "steps"))
    name = found.value("id", keys["playbook"]) if "playbook" in keys else None
    version = found.value("version", keys["version"]) if "version" in keys else None
    label, about = (
        found.value("text", keys[key]) if key in keys else None for key in ("label", "about")
    )
    language = _language(found, keys["language"]) if "language" in keys else "en"
    starts = read_starts(found, keys["starts"]) if "starts" in keys else []
    when = found.condition(keys["when"]) if "when" in keys else None
    measures = read_measures(found, keys["measures"]) if "measures" in keys else ()
    drafts = read_steps(found, keys["steps"]) if "steps" in keys else []
    goals = read_goals(found, keys["goals"]) if "goals" in keys else []
    safety = read_safety(found, keys["safety"]) if "safety" in keys else Safety()
    _empty(found, keys)
    _scheduled(found, starts, keys)
    _many(found, starts, safety)
    _check(found, drafts, starts, goals, measures, name or "", around)
    ids = frozenset(draft.id for draft in all_of(drafts) if "id" in draft.paths)
    if name is None or version is None:
        return None, ids
    return Playbook(
        name, version, label or name, about or "", language or "en",
        tuple(one for _, one in starts), when, measures, flatten(drafts),
        tuple(one for _, one in goals), safety,
    ), ids  # fmt: skip


def _language(found: Reading, path: Path) -> str | None:
    text: str | None = found.value("text", path)
    if text is not None and not re.fullmatch(r"[a-z]{2}", text):
        message = f"'{text[:20]}' is no language"
        hint = "write two letters: en, es"
        found.add(Problem("bad-language", message, hint, found.place(path)))
        return None
    return text


def _empty(found: Reading, keys: dict[str, Path]) -> None:
    """What starts it and what it does must not be empty lists."""
    for name in ("starts", "steps"):
        node = found.node(keys[name]) if name in keys else None
        nothing = isinstance(node, Scalar) and node.is_nothing
        if nothing or (node is not None and not getattr(node, "items", (1,))):
            message = f"'{name}' is empty"
            hint = (
                "add - band: {enters: [hot]}" if name == "starts" else "add a step: - wait: 3 days"
            )
            found.add(Problem("missing-key", message, hint, found.key(keys[name])))


def _scheduled(found: Reading, starts: list[tuple[Path, Trigger]], keys: dict[str, Path]) -> None:
    """A schedule is for all leads that meet a condition: without one, for everybody."""
    if any(isinstance(one, ScheduleTrigger) for _, one in starts) and "when" not in keys:
        message = "a schedule starts this for every lead that meets 'when', and there is none"
        hint = "add a condition: when: days_since_visit > 60"
        found.add(Problem("schedule-for-all", message, hint, found.key(keys["starts"])))


def _many(found: Reading, starts: list[tuple[Path, Trigger]], safety: Safety) -> None:
    """A card that goes live, or an import, moves thousands at one instant."""
    for path, one in starts:
        causes = one.causes if isinstance(one, BandTrigger) else ()
        many = [said for cause, said in MANY.items() if cause in causes]
        if many and safety.a_day is None:
            message = f"{' or '.join(many)} may start this for thousands of leads at once"
            hint = "say how many may start in a day: safety: {a_day: 100}"
            found.add(Problem("starts-many", message, hint, found.place(path), "warning"))


def _check(
    found: Reading, drafts: list[Draft], starts: list[tuple[Path, Trigger]],
    goals: list[tuple[Path, Goal]], measures: tuple[Measure, ...], name: str, around: Around,
) -> None:  # fmt: skip
    """What depends on more than one part. Conditions are typed only where all could be read."""
    if too_many(found, drafts):
        return  # to follow all ways through very many steps takes for ever
    flow = flow_of(drafts)
    check_measures(found, measures, around.card)
    whole = found.whole
    check_starts(found, starts, around.card)
    check_goals(found, goals, around.card)
    if whole or not measures:
        check_conditions(found, around.card, measures)
    check_steps(found, drafts, flow, name, around)
    check_texts(found, drafts, flow)
