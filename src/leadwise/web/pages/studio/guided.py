"""The guided start: from answers to ten questions to the text of a first card.

Every answer may be left open. A comment above each part says which answer made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from leadwise.card.scalars import write_scalar

Say: TypeAlias = Callable[..., str]

SIZES = (0, 10, 50, 200, 1000)
"""The least employees; 0: any."""
FADES = {"week": "7 days", "month": "30 days", "quarter": "90 days", "never": ""}
TITLES = {
    "chief": "contains(title, 'chief') or contains(title, 'ceo') or contains(title, 'founder') or "
    "starts_with(title, 'owner') or contains(title, 'co-owner') or "
    "(contains(title, 'president') and not contains(title, 'vice'))",
    "director": "contains(title, 'director') or contains(title, 'head of') or "
    "contains(title, 'vp') or contains(title, 'vice president')",
    "manager": "contains(title, 'manager') or contains(title, 'team lead') or title like '% lead'",
    "specialist": "contains(title, 'specialist') or contains(title, 'analyst') or "
    "contains(title, 'engineer') or contains(title, 'consultant')",
}
"""How a title of each kind is told, in small letters: titles are compared so. A product owner is
no owner, and a vice president no president."""
STUDENT = (
    "contains(title, 'student') or title = 'intern' or title like 'intern %' or "
    "title like '% intern' or title like '% intern %'"
)
"""The word by itself: international sales are no intern's."""
OUT = ("student", "no_email", "unsubscribed", "competitor")
STRONG, SOME = 20, 3
"""Points of an event that shows strong interest, and of one that shows some."""
MOST_SOME = 15
MOST_EVENTS = 12


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered. `titles` are keys of TITLES, `out` of OUT, `fades` of FADES; `strong` and
    `some` plain names of events. `budget` and `calls` are 0 where they were left open."""

    titles: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    size: int = 0
    budget: int = 0
    strong: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    fades: str = "month"
    calls: int = 0


@dataclass(frozen=True, slots=True)
class _Rule:
    """A criterion: the comment above it, its lines, and what it can bring at most."""

    comment: str
    lines: tuple[str, ...]
    most: int


def card_of(answers: Answers, _: Say) -> str:
    """The text of the card."""
    fit, interest = list(_fit(answers, _)), list(_interest(answers, _))
    lines = [
        _note(
            _(
                "Made from your answers. Every line may be changed; "
                "lines that start with # are notes."
            )
        ),
        _note(
            _("The points are a guess to begin with: try the card on your leads, then move them.")
        ),
        "card: first-card",
        "version: 1",
        "about: " + _quoted(_("Made by the guided start.")),
        "",
        *_declared(answers, fit, _),
        "dimensions:",
        *_dimension("fit", _("Fit"), _("Who they are."), fit),
    ]
    if interest:
        lines += _dimension("interest", _("Interest"), _("What they do."), interest)
    lines += _adjustments(answers, _)
    lines += _bands(answers, fit, interest, _)
    return "\n".join(lines) + "\n"


# -- criteria ------------------------------------------------------------------------------------


def _fit(answers: Answers, _: Say) -> Iterator[_Rule]:
    if answers.titles:
        tiers = [
            f"    - {{when: {_quoted(TITLES[kind])}, points: {20 - 5 * place}}}"
            for place, kind in enumerate(kind for kind in TITLES if kind in answers.titles)
        ]
        yield _Rule(
            _("Question 1: the titles of those who buy, by their English words. Add your own."),
            ("- id: title", "  label: " + _quoted(_("Title")), "  tiers:", *tiers),
            20,
        )
    if answers.industries:
        yield _Rule(
            _("Question 2: your industries."),
            _state("industry", _("Industry"), _in("industry", answers.industries), 15),
            15,
        )
    if answers.countries:
        yield _Rule(
            _("Question 3: where you sell."),
            _state("country", _("Country"), _in("country", answers.countries), 10),
            10,
        )
    if answers.size:
        half = max(answers.size // 2, 1)
        yield _Rule(
            _("Question 4: the least size of a company that buys. Half of it is worth a little."),
            (
                "- id: size", "  label: " + _quoted(_("Size of the company")), "  tiers:",
                f"    - {{when: employees >= {answers.size}, points: 15}}",
                f"    - {{when: employees >= {half}, points: 5}}",
            ),
            15,
        )  # fmt: skip
    if answers.budget:
        yield _Rule(
            _("Question 5: the budget from which a deal is worth your time."),
            _state("budget", _("Budget"), f"budget >= {answers.budget}", 15),
            15,
        )
    if not any(
        (answers.titles, answers.industries, answers.countries, answers.size, answers.budget)
    ):
        yield _Rule(
            _("You left open who buys, so only this is known to be good: one can write to them."),
            _state("reachable", _("Has an address"), "email is not null", 10),
            10,
        )


def _interest(answers: Answers, _: Say) -> Iterator[_Rule]:
    half = FADES.get(answers.fades, "")
    fades = (f"  half_life: {half}",) if half else ()
    for name in answers.strong:
        yield _Rule(
            _("Question 6: this shows strong interest. It counts twice at most."),
            (
                f"- id: {_id(name)}", f"  label: {_quoted(_words(name))}", f"  on: {name}",
                f"  points: {STRONG}", *fades, f"  limit: {{points: {2 * STRONG}}}",
            ),
            2 * STRONG,
        )  # fmt: skip
    for name in answers.some:
        if name not in answers.strong:
            yield _Rule(
                _("Question 7: this shows some interest."),
                (
                    f"- id: {_id(name)}", f"  label: {_quoted(_words(name))}", f"  on: {name}",
                    f"  points: {SOME}", *fades, f"  limit: {{points: {MOST_SOME}}}",
                ),
                MOST_SOME,
            )  # fmt: skip


def _state(name: str, label: str, condition: str, points: int) -> tuple[str, ...]:
    return (
        f"- id: {name}",
        f"  label: {_quoted(label)}",
        f"  when: {_quoted(condition)}",
        f"  points: {points}",
    )


def _dimension(name: str, label: str, about: str, rules: list[_Rule]) -> list[str]:
    lines = [f"  - id: {name}", f"    label: {_quoted(label)}", f"    about: {_quoted(about)}",
             "    criteria:"]  # fmt: skip
    for rule in rules:
        lines.append(f"      # {rule.comment}")
        lines += [f"      {line}" for line in rule.lines]
    return lines


# -- the rest of the card ------------------------------------------------------------------------


def _declared(answers: Answers, fit: list[_Rule], _: Say) -> list[str]:
    """Facts, events and measures: those that are used, for others only make noise."""
    text_, number = "{type: text, fold: case, label: %s}", "{type: number, label: %s}"
    named = {
        "title": (answers.titles or "student" in answers.out, text_ % _quoted(_("Title"))),
        "industry": (answers.industries, text_ % _quoted(_("Industry"))),
        "country": (answers.countries, text_ % _quoted(_("Country"))),
        "employees": (answers.size, number % _quoted(_("Employees"))),
        "budget": (answers.budget, number % _quoted(_("Budget"))),
        "email": (
            any("email is not null" in line for rule in fit for line in rule.lines)
            or "no_email" in answers.out or _competitors(answers),
            text_ % _quoted(_("E-mail")),
        ),
    }  # fmt: skip
    lines = [_note(
            _("What may be known of a lead. Where you send it "
              "under another name, add from: to it.")
        ),
             "fields:"]  # fmt: skip
    lines += [f"  {name}: {said}" for name, (used, said) in named.items() if used]
    events = list(dict.fromkeys((*answers.strong, *answers.some)))
    if "unsubscribed" in answers.out and "unsubscribed" not in events:
        events.append("unsubscribed")
    if events:
        lines += [
            "",
            _note(_("What a lead may do.")),
            "events:",
            *(f"  {name}: {{}}" for name in events),
        ]
    if "unsubscribed" in answers.out:
        lines += ["", "measures:", "  times_unsubscribed: {on: unsubscribed, count: all}"]
    return [*lines, ""]


def _adjustments(answers: Answers, _: Say) -> list[str]:
    """What disqualifies takes all or half of the points away."""
    found: list[tuple[str, str, str, int]] = []
    if "student" in answers.out:
        found.append(("student", _("Student"), STUDENT, -100))
    if "no_email" in answers.out:
        found.append(("no-address", _("Has no address"), "email is null", -50))
    if "unsubscribed" in answers.out:
        found.append(("no-mail", _("Unsubscribed"), "times_unsubscribed > 0", -50))
    if competitors := _competitors(answers):
        ends = " or ".join(f"email like '%@{name}'" for name in competitors)
        found.append(("competitor", _("Works for a competitor"), ends, -100))
    if not found:
        return []
    lines = ["", _note(
            _("Question 8: what disqualifies. -100 takes all "
              "points away, -50 half of them.")
        ),
             "adjustments:"]  # fmt: skip
    for name, label, when, percent in found:
        lines += [f"  - id: {name}", f"    label: {_quoted(label)}", f"    when: {_quoted(when)}",
                  f"    percent: {percent}"]  # fmt: skip
    return lines


def _bands(answers: Answers, fit: list[_Rule], interest: list[_Rule], _: Say) -> list[str]:
    """Hot begins higher where few calls can be made. Nobody does everything that may be done, so
    of what shows interest it is measured by one thing of each kind."""
    usual = sum(rule.most for rule in fit) + sum({rule.most for rule in interest})
    most = sum(rule.most for rule in (*fit, *interest))
    share = 0.7 if 0 < answers.calls <= 20 else 0.5 if answers.calls > 60 else 0.6
    hot = max(round(usual * share), 2)
    warm = max(round(hot / 2), 1)
    if answers.calls:
        said = _(
            "Question 10: you can make %(calls)s calls a day. Try the card: it "
            "shows how many become hot a day; move the threshold to fit.",
            calls=answers.calls,
        )
    else:
        said = _(
            "Question 10 was left open: move the thresholds until as many are hot as you can call."
        )
    top = _("At most %(most)s points can be reached.", most=most)
    return ["", f"# {said}", f"# {top}", "bands:", _band("cold", _("Cold"), None),
            _band("warm", _("Warm"), warm),
            _band("hot", _("Hot"), hot)]  # fmt: skip


def _competitors(answers: Answers) -> tuple[str, ...]:
    return answers.competitors if "competitor" in answers.out else ()


# -- words ---------------------------------------------------------------------------------------


def _in(name: str, values: tuple[str, ...]) -> str:
    return f"{name} in ({', '.join(map(_text, values))})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _note(text: str) -> str:
    return f"# {text}"


def _band(name: str, label: str, start: int | None) -> str:
    threshold = "" if start is None else f", from: {start}"
    return f"  - {{id: {name}, label: {_quoted(label)}{threshold}}}"


def _quoted(text: str) -> str:
    return write_scalar(text, flow=True)


def _id(event: str) -> str:
    return event.replace("_", "-")


def _words(event: str) -> str:
    return event.replace("_", " ").capitalize()
