"""`leadwise qualify --evaluate`: a reader against labelled conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pyarrow as pa

from leadwise.api import score
from leadwise.card import Card, parse
from leadwise.cli.cards import load_card
from leadwise.cli.screen import grid, heading, plain, print_json, say, show
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted
from leadwise.errors import InternalError, UserError
from leadwise.qualify.answer import Answer, Reading
from leadwise.qualify.embedded.language import language_of
from leadwise.qualify.evaluation.gold import Labelled
from leadwise.qualify.evaluation.measure import Measured, Share, measure, promising
from leadwise.qualify.fields import Fact
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.reading import Reader, read


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """Figures by question, by language and of all; recall and precision of promising leads."""

    questions: Mapping[str, Measured]
    languages: Mapping[str, Measured]
    all: Measured
    recall: Share
    precision: Share
    conversations: int
    seconds: float
    refused: int


def show_evaluation(
    leads: Sequence[Labelled],
    frame: Frame,
    reader: Reader,
    card: str | None,
    least: float,
    *,
    json: bool,
) -> None:
    """Read every labelled conversation and say how right the answers are."""
    with waiting("Reading"):
        readings = [read(one.conversation, frame, reader) for one in leads]
    found = _evaluated(frame, leads, readings, _card(card), least)
    if json:
        print_json(_document(found, frame, reader, least))
    else:
        _show(found, frame, reader, least)


def _evaluated(
    frame: Frame, leads: Sequence[Labelled], readings: Sequence[Reading], card: Card, least: float
) -> _Evaluated:
    kinds = {one.id: one.kind for one in frame.questions}
    pairs = [
        (one.gold[answer.question], answer, one)
        for one, reading in zip(leads, readings, strict=True)
        for answer in reading.answers
        if answer.question in one.gold
    ]
    if not pairs:
        raise UserError(
            "no-labelled-conversations",
            f"None of the conversations has labels for a question of {frame.name}.",
            hint=f"its questions are {', '.join(kinds)}",
        )

    def of(wanted: Sequence[tuple[Answer, Answer, Labelled]]) -> Measured:
        return measure([(gold, answer) for gold, answer, _ in wanted], kinds)

    spoken = {id(one): language_of(one.conversation) for one in leads}
    whole = [(one, reading) for one, reading in zip(leads, readings, strict=True)
             if all(question in one.gold for question in kinds)]  # fmt: skip
    recall, precision = promising(
        frame,
        [one for one, _ in whole],
        [reading.answers for _, reading in whole],
        lambda rows: _points(card, rows),
        least,
    )
    return _Evaluated(
        {name: of([p for p in pairs if p[0].question == name]) for name in kinds},
        {
            code: of([p for p in pairs if spoken[id(p[2])] == code])
            for code in sorted(set(spoken.values()))
        },
        of(pairs),
        recall,
        precision,
        len(leads),
        sum(one.seconds for one in readings),
        sum(len(one.refused) for one in readings),
    )


def _points(card: Card, rows: Sequence[Mapping[str, Fact]]) -> list[float]:
    """The points of leads with these fields under a card; in their order."""
    if not rows:
        return []
    names = sorted({name for row in rows for name in row})
    columns: dict[str, Any] = {"lead_id": [str(place) for place in range(len(rows))]}
    columns |= {name: [row.get(name) for row in rows] for name in names}
    scored = score(card, pa.table(columns))
    points = dict(zip(scored["lead_id"].to_pylist(), scored["score"].to_pylist(), strict=True))
    return [float(points[str(place)]) for place in range(len(rows))]


def _card(file: str | None) -> Card:
    """The card of a file, else the one that reads what the BANT frame writes."""
    if file is not None:
        return load_card(file)
    text = files("leadwise.qualify.evaluation") / "bant-card.yaml"
    found = parse(text.read_text("utf-8"), text.name).card
    if found is None:
        raise InternalError(f"{text.name} has errors")
    return found


def _show(found: _Evaluated, frame: Frame, reader: Reader, least: float) -> None:
    say(f"{frame.name} by {reader.name}, {counted(found.conversations, 'labelled conversation')}")
    heading("Questions")
    _table({**found.questions, "all": found.all}, "question")
    heading("Languages")
    _table(found.languages, "language")
    heading(f"Promising leads, from {least:g} points")
    say(f"found      {_wide(found.recall)}")
    say(f"precision  {_wide(found.precision)}")
    say()
    each = found.seconds / found.conversations
    say(f"Refused for their quotes: {found.refused}. {each:.2f} s a conversation.", "dim")


def _table(rows: Mapping[str, Measured], what: str) -> None:
    table = grid()
    table.add_column(what, no_wrap=True)
    for name in ("status right", "value right", "answered: precision", "recall"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, one in rows.items():
        shares = (one.status, one.value, one.precision, one.recall)
        table.add_row(plain(name), *(_short(share) for share in shares))
    show(table)


def _short(one: Share) -> str:
    return "–" if one.share is None else f"{one.share:.0%} ({one.right}/{one.all})"


def _wide(one: Share) -> str:
    if one.share is None:
        return "nothing to count"
    low, high = one.interval
    return f"{one.share:.0%} ({one.right} of {one.all}), between {low:.0%} and {high:.0%} (95 %)"


def _document(found: _Evaluated, frame: Frame, reader: Reader, least: float) -> dict[str, Any]:
    return {
        "frame": {"name": frame.name, "version": frame.version},
        "reader": reader.name,
        "conversations": found.conversations,
        "seconds_each": round(found.seconds / found.conversations, 3),
        "refused": found.refused,
        "questions": {name: _measured(one) for name, one in found.questions.items()},
        "languages": {name: _measured(one) for name, one in found.languages.items()},
        "all": _measured(found.all),
        "promising": {
            "least": least,
            "recall": _share(found.recall),
            "precision": _share(found.precision),
        },
    }


def _measured(one: Measured) -> dict[str, Any]:
    return {
        "status": _share(one.status),
        "value": _share(one.value),
        "precision": _share(one.precision),
        "recall": _share(one.recall),
        "parts": {name: _share(share) for name, share in one.parts.items()},
    }


def _share(one: Share) -> dict[str, Any]:
    low, high = one.interval
    share = None if one.share is None else round(one.share, 4)
    return {"right": one.right, "all": one.all, "share": share,
            "interval": [round(low, 4), round(high, 4)]}  # fmt: skip
