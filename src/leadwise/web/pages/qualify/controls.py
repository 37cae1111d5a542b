"""A frame's question as fields of a form; what is typed into them, `filled` reads again.

Of each question there is one choice (`budget.pick`): what may be stated at once (`o:from-25k`), the
fields beside it (`fields`), or one of the other statuses. The names of fields carry the question's
id, so that one form holds a whole frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadwise.qualify.answer import LEVELS, ROLES, Answer, Value
from leadwise.qualify.frame.model import Option, Question, said
from leadwise.web.pages.qualify.wording import level_said, role_said
from leadwise.web.pages.texts import Texts

FIELDS = "fields"
"""The choice that says: as the fields beside it say."""
OPTION = "o:"
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "INR", "BRL", "MXN", "JPY")
"""Offered where people choose one; any other may be typed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to choose; `key` is the digit that chooses it."""

    value: str
    label: str
    chosen: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field beside the choices. `kind`: number, text, lines, date, select, currency, several."""

    name: str
    kind: str
    label: str
    value: str = ""
    choices: tuple[Choice, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a form shows it. `open`: whether the fields beside the choices are shown at
    once; `fault` is what is wrong with what was typed."""

    id: str
    kind: str
    label: str
    about: str
    help: str
    plain: str
    choices: tuple[Choice, ...]
    blanks: tuple[Blank, ...]
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""

    @property
    def pick(self) -> str:
        """The name of the choice."""
        return f"{self.id}.pick"

    @property
    def open(self) -> bool:
        """Whether the fields say something that no choice says."""
        return any(one.value == FIELDS and one.chosen for one in self.choices)


def asked(
    question: Question,
    answer: Answer | None,
    texts: Texts,
    *,
    language: str | None = None,
    prospect: bool = False,
    disputed: bool = False,
    currency: str | None = None,
    fault: str = "",
    typed: Mapping[str, str] | None = None,
) -> Asked:
    """The question with an answer filled in, or with what was typed (and had a fault).

    `prospect`: what a prospect is asked, and no more. `disputed`: it may be said that people
    differ. `currency`: which one is meant where nobody has said another.
    """
    _ = texts.say
    words = language or texts.language
    filled = _filled(question, answer) if typed is None else dict(typed)
    pick = filled.get("pick", "")
    if answer is None or answer.status != "stated":
        filled.setdefault("currency", currency or "")
    offered: list[tuple[str, str]] = [
        (OPTION + one.id, said(one.label, words)) for one in offered_of(question)
    ]
    blanks = _blanks(question, filled, texts, words, prospect=prospect)
    if question.kind == "yes_no":
        offered = [(OPTION + "yes", _("Yes")), (OPTION + "no", _("No"))]
    if blanks and question.kind != "need":
        label = _("Another answer:") if offered else _("Answered:")
        offered.append((FIELDS, label))
    none = said(question.none, words)
    if none or not prospect:
        offered.append(("none", none or _("There is none")))
    if disputed or pick == "contradicted":
        offered.append(("contradicted", _("They do not agree")))
    offered.append(("not_discussed", "" if prospect else _("Not discussed")))
    choices = tuple(
        Choice(value, label, value == (pick or "not_discussed"), str(n) if n < 10 else "")
        for n, (value, label) in enumerate(offered, 1)
    )
    return Asked(
        question.id, question.kind, said(question.label, words), said(question.about, words),
        said(question.help, words), _plain(question, words), choices, blanks, filled, fault,
    )  # fmt: skip


def is_same(one: Answer | None, other: Answer) -> bool:
    """Whether two answers say the same; nothing said is not discussed. Of a day it is no matter
    from which other day the months to it were counted."""
    if one is None:
        return other.status == "not_discussed"
    had, has = _bare(one.value), _bare(other.value)
    if "by" in had and "by" in has:
        had.pop("months", None)
        has.pop("months", None)
    return one.status == other.status and had == has


def _bare(value: Value) -> dict[str, Any]:
    return {
        part: list(found) if isinstance(found, tuple | list) else found
        for part, found in value.items()
        if found not in (None, "", (), [])
    }


def _plain(question: Question, words: str) -> str:
    found = said(question.plain, words)
    return found or (said(question.ask[0], words) if question.ask else said(question.label, words))


def offered_of(question: Question) -> tuple[Option, ...]:
    """The options that say all: those of an authority say a level or a role, each half of it."""
    if question.kind == "authority":
        return ()
    return question.options


def _filled(question: Question, answer: Answer | None) -> dict[str, str]:
    """An answer as the fields have it."""
    if answer is None:
        return {}
    if answer.status != "stated":
        return {"pick": answer.status}
    value = _bare(answer.value)
    found = {part: _shown(one) for part, one in value.items()}
    found["pick"] = FIELDS
    if question.kind == "yes_no":
        found = {"pick": OPTION + ("yes" if value.get("yes") else "no")}
    elif question.kind == "timeline":
        months = value.get("months")
        option = next((o for o in question.options if o.value.get("months") == months), None)
        if option is not None and "by" not in value:
            found = {"pick": OPTION + option.id}
    else:
        option = next((o for o in offered_of(question) if _says(o, value)), None)
        if option is not None:
            found["pick"] = OPTION + option.id
            for part in option.value:
                found.pop(part, None)
    return found


def _says(option: Option, value: Mapping[str, Any]) -> bool:
    """Whether an option states what is known, of the parts that any option can state."""
    states = ("amount_min", "amount_max", "match", "choice")
    return bool(option.value) and all(
        option.value.get(part) == value.get(part)
        for part in states
        if part in value or part in option.value
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:.10g}" if abs(value) < 1e10 else str(int(value))
    return str(value)


def _blanks(question: Question, filled: Mapping[str, str], texts: Texts, words: str, *,
            prospect: bool) -> tuple[Blank, ...]:  # fmt: skip
    _ = texts.say

    def of(part: str) -> str:
        return f"{question.id}.{part}"

    def blank(part: str, kind: str, label: str, hint: str = "") -> Blank:
        return Blank(of(part), kind, label, filled.get(part, ""), hint=hint)

    def select(part: str, label: str, offered: list[tuple[str, str]]) -> Blank:
        now = filled.get(part, "")
        choices = tuple(Choice(value, text, value == now) for value, text in offered)
        return Blank(of(part), "select", label, now, choices)

    match question.kind:
        case "money":
            return (
                blank("amount_min", "number", _("At least")),
                blank("amount_max", "number", _("At most"), _("The same twice for one figure.")),
                blank("currency", "currency", _("Currency")),
            )
        case "authority":
            levels = _named(question, "level", LEVELS, words) or [
                (one, level_said(one, texts)) for one in LEVELS
            ]
            roles = _named(question, "role", ROLES, words) or [
                (one, role_said(one, texts)) for one in ROLES
            ]
            return (
                select("level", _("Level"), levels),
                select("role", _("Part in the decision"), roles),
                blank("title", "text", _("Title, as they say it")),
            )
        case "need":
            return _of_need(question, filled, texts, blank, prospect=prospect)
        case "timeline":
            return (blank("by", "date", _("By a day")),)
        case "number":
            return (blank("number", "number", _("Number")), blank("unit", "text", _("Unit")))
        case "text":
            return (blank("text", "lines", _("In their words")),)
        case _:
            return ()


def _of_need(question: Question, filled: Mapping[str, str], texts: Texts, blank: Any, *,
             prospect: bool) -> tuple[Blank, ...]:  # fmt: skip
    _ = texts.say
    intensity = blank("intensity", "number", _("How badly it hurts (0 to 100)"))
    if question.checklist:
        had = filled.get("items", "").splitlines()
        choices = tuple(Choice(one, one, one in had) for one in question.checklist)
        items = Blank(f"{question.id}.items", "several", _("What hurts them"), "", choices)
        return (items,) if prospect else (items, intensity)
    items = blank("items", "lines", _("What should be solved, one a line"))
    if prospect:
        return (items,)
    return (
        items, blank("coverage", "number", _("Share of it that the product solves (percent)")),
        intensity,
    )  # fmt: skip


def _named(question: Question, part: str, known: tuple[str, ...], words: str
           ) -> list[tuple[str, str]]:  # fmt: skip
    labels = {str(one.value[part]): said(one.label, words) for one in question.options
              if one.value.get(part)}  # fmt: skip
    return [(one, labels[one]) for one in known if one in labels]
