"""What a frame means: every problem that its shape cannot show."""

from __future__ import annotations

from collections.abc import Iterator, Sized

from leadwise.card.nearest import suggestion
from leadwise.card.source import Path, Source
from leadwise.errors import Problem
from leadwise.qualify.answer import LEVELS, MATCHES, PARTS, ROLES, STATUSES
from leadwise.qualify.frame.model import Frame, Question, Wording

_VALUES = {"level": LEVELS, "role": ROLES, "match": MATCHES, "status": STATUSES}
_OPTION_PARTS = {
    "money": ("amount_min", "amount_max"), "timeline": ("months",), "authority": ("level", "role"),
    "need": ("match",),
}  # fmt: skip
_SAID = ("asked", "stated", "none", "yes", "no")
"""What sentences are listed under in `said`; options' are listed under their ids."""
MOST_QUESTIONS, MOST_OPTIONS, MOST_POINTS = 40, 60, 60
"""More is no form that anybody fills in."""


def check(frame: Frame, source: Source) -> Iterator[Problem]:
    """All problems of a frame that has the right shape."""
    yield from _english(frame.label, ("label",), source, required=True)
    yield from _english(frame.about, ("about",), source)
    yield from _many(frame.questions, MOST_QUESTIONS, "questions", ("questions",), source)
    yield from _repeated([(q.id, ("questions", n, "id")) for n, q in enumerate(frame.questions)],
                         "question", source)  # fmt: skip
    written: dict[str, str] = {}
    for number, question in enumerate(frame.questions):
        path: Path = ("questions", number)
        yield from _wordings(question, path, source)
        yield from _said(question, path, source)
        yield from _options(question, path, source)
        yield from _checklist(question, path, source)
        yield from _writes(question, path, source, written)
    for currency, rate in frame.rates.items():
        where = source.place(("rates", currency))
        if rate <= 0:
            yield Problem("bad-rate", "a rate is more than 0", "write it as EUR: 1.08", where)
        if frame.currency is None:
            hint = "add currency: with the one that rates turn amounts into"
            yield Problem("missing-key", "the frame has rates but no currency", hint, where)


def parts_of(question: Question) -> tuple[str, ...]:
    """What an answer to the question can write."""
    own = PARTS[question.kind]
    return ("amount", *own, "status") if question.kind == "money" else (*own, "status")


def _wordings(question: Question, path: Path, source: Source) -> Iterator[Problem]:
    yield from _english(question.label, (*path, "label"), source, required=True)
    named = {"about": question.about, "help": question.help, "plain": question.plain,
             "none": question.none}  # fmt: skip
    for key, wording in named.items():
        yield from _english(wording, (*path, key), source)
    for place, wording in enumerate(question.ask):
        yield from _english(wording, (*path, "ask", place), source)


def _english(
    wording: Wording, path: Path, source: Source, *, required: bool = False
) -> Iterator[Problem]:
    if (wording or required) and "en" not in wording:
        message = "this has no English wording"
        yield Problem("no-english", message, "add en:", source.place(path))


def _many(items: Sized, most: int, what: str, path: Path, source: Source) -> Iterator[Problem]:
    if len(items) > most:
        message = f"{len(items)} {what} are too many"
        yield Problem("too-many", message, f"keep to {most}", source.key_place(path))


def _said(question: Question, path: Path, source: Source) -> Iterator[Problem]:
    """Sentences for a yes and a no belong to a question that is answered so."""
    for key in ("yes", "no"):
        if question.prototypes.get(key) and question.kind != "yes_no":
            message = f"a question of kind {question.kind} is not answered by {key}"
            yield Problem("said-part", message,
                          "list the sentences under stated or none, or with an option",
                          source.key_place((*path, "said", key)))  # fmt: skip


def _repeated(named: list[tuple[str, Path]], what: str, source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    for name, path in named:
        if name in seen:
            yield Problem("duplicate-id", f"two {what}s are called '{name}'", "rename one of them",
                          source.place(path))  # fmt: skip
        seen.add(name)


def _options(question: Question, path: Path, source: Source) -> Iterator[Problem]:
    allowed = _OPTION_PARTS.get(question.kind, ())
    named: list[tuple[str, Path]] = []
    for number, option in enumerate(question.options):
        here: Path = (*path, "options", number)
        named.append((option.id, (*here, "id")))
        if option.id in _SAID:
            yield Problem("reserved-id", f"an option cannot be called '{option.id}'",
                          "what 'said' lists has that name: call it otherwise",
                          source.place((*here, "id")))  # fmt: skip
        yield from _english(option.label, (*here, "label"), source, required=True)
        given = [part for part in option.value if part != "choice"]
        for part in given:
            if part not in allowed:
                message = f"an option of kind {question.kind} states no {part}"
                hint = f"it may state {' and '.join(allowed)}" if allowed else "remove it"
                yield Problem("option-part", message, hint, source.key_place((*here, part)))
        if allowed and not given:
            hint = f"add {' or '.join(allowed)}"
            yield Problem("option-part", "this option states no value", hint, source.place(here))
        low, high = option.value.get("amount_min"), option.value.get("amount_max")
        if isinstance(low, float) and isinstance(high, float) and low > high:
            yield Problem("option-range", "this range ends before it starts",
                          "write the lower amount as amount_min",
                          source.key_place((*here, "amount_min")))  # fmt: skip
    yield from _repeated(named, "option", source)
    yield from _many(question.options, MOST_OPTIONS, "options", (*path, "options"), source)
    if question.kind == "choice" and not question.options:
        hint = "add options: with an id and a label each"
        yield Problem("no-options", "a choice has options to choose from", hint,
                      source.place((*path, "kind")))  # fmt: skip
    if question.options and question.kind not in (*_OPTION_PARTS, "choice"):
        message = f"a question of kind {question.kind} has no options"
        yield Problem("no-options", message, "remove them",
                      source.key_place((*path, "options")))  # fmt: skip


def _checklist(question: Question, path: Path, source: Source) -> Iterator[Problem]:
    if question.checklist and question.kind != "need":
        yield Problem("no-checklist", f"a question of kind {question.kind} has no checklist",
                      "a checklist belongs to a need",
                      source.key_place((*path, "checklist")))  # fmt: skip
    yield from _many(question.checklist, MOST_POINTS, "points", (*path, "checklist"), source)


def _writes(
    question: Question, path: Path, source: Source, written: dict[str, str]
) -> Iterator[Problem]:
    allowed = parts_of(question)
    for write in question.writes:
        here: Path = (*path, "writes", write.name)
        if write.part not in allowed:
            hint = suggestion(write.part, allowed, "it can be " + ", ".join(allowed))
            message = f"an answer of kind {question.kind} has no '{write.part}'"
            yield Problem("unknown-part", message, hint, source.place(here))
        if (other := written.setdefault(write.name, question.id)) != question.id:
            yield Problem("written-twice", f"'{other}' writes the field '{write.name}' too",
                          "give each field one question", source.key_place(here))  # fmt: skip
        values = tuple(o.id for o in question.options) if write.part == "choice" else ()
        for value in write.map:
            known = _VALUES.get(write.part, values)
            if value not in known:
                hint = suggestion(value, known, "they are " + ", ".join(known)) if known else (
                    "only choices can be mapped")  # fmt: skip
                message = f"'{write.part}' is never '{value}'"
                yield Problem("unknown-value", message, hint,
                              source.key_place((*here, "map", value)))  # fmt: skip
