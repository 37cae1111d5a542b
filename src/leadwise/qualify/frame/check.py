"""What a frame means: every problem that its shape cannot show."""

from __future__ import annotations

from collections.abc import Iterator

from leadwise.card.nearest import suggestion
from leadwise.card.source import Path, Source
from leadwise.errors import Problem
from leadwise.qualify.answer import LEVELS, MATCHES, PARTS, ROLES, STATUSES
from leadwise.qualify.frame.model import Frame, Question, Wording

_VALUES = {"level": LEVELS, "role": ROLES, "match": MATCHES, "status": STATUSES}
_OPTION_PARTS = {"money": ("amount_min", "amount_max"), "timeline": ("months",)}


def check(frame: Frame, source: Source) -> Iterator[Problem]:
    """All problems of a frame that has the right shape."""
    yield from _english(frame.label, ("label",), source)
    yield from _repeated([(q.id, ("questions", n, "id")) for n, q in enumerate(frame.questions)],
                         "question", source)  # fmt: skip
    written: dict[str, str] = {}
    for number, question in enumerate(frame.questions):
        path: Path = ("questions", number)
        yield from _english(question.label, (*path, "label"), source)
        for place, wording in enumerate(question.ask):
            yield from _english(wording, (*path, "ask", place), source)
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


def _english(wording: Wording, path: Path, source: Source) -> Iterator[Problem]:
    if wording and "en" not in wording:
        message = "this has no English wording"
        yield Problem("no-english", message, "add en:", source.place(path))


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
        yield from _english(option.label, (*here, "label"), source)
        given = [part for part in option.value if part != "choice"]
        for part in given:
            if part not in allowed:
                message = f"an option of a {question.kind} question states no {part}"
                hint = f"it may state {' and '.join(allowed)}" if allowed else "remove it"
                yield Problem("option-part", message, hint, source.key_place((*here, part)))
        if allowed and not given:
            hint = f"add {' or '.join(allowed)}"
            yield Problem("option-part", "this option states no value", hint, source.place(here))
    yield from _repeated(named, "option", source)
    if question.kind == "choice" and not question.options:
        hint = "add options: with an id and a label each"
        yield Problem("no-options", "a choice has options to choose from", hint,
                      source.place((*path, "kind")))  # fmt: skip
    if question.options and question.kind not in (*_OPTION_PARTS, "choice"):
        yield Problem("no-options", f"a {question.kind} question has no options", "remove them",
                      source.key_place((*path, "options")))  # fmt: skip


def _checklist(question: Question, path: Path, source: Source) -> Iterator[Problem]:
    if question.checklist and question.kind != "need":
        yield Problem("no-checklist", f"a {question.kind} question has no checklist",
                      "a checklist belongs to a need",
                      source.key_place((*path, "checklist")))  # fmt: skip


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
