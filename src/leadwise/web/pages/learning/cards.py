"""Lines of a card that have points: what they are called, where they stand, how to change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leadwise.card import Card, format_condition, parse
from leadwise.card.edit import Set, edit
from leadwise.card.model import OccurrenceCriterion
from leadwise.card.source import Path
from leadwise.card.values import format_hundredths
from leadwise.errors import UserError
from leadwise.web.pages.texts import Texts

Key = tuple[str, str]
"""A criterion's id and its tier: its number from 1, `otherwise`, `unknown` or `each`."""


@dataclass(frozen=True, slots=True)
class Line:
    """`words` say when the points are given; `points` are hundredths, `path` its place in the
    card's text."""

    criterion: str
    tier: str
    label: str
    words: str
    points: int
    path: Path

    @property
    def key(self) -> Key:
        """What tells it apart in a card."""
        return self.criterion, self.tier


def lines_of(card: Card, texts: Texts) -> dict[Key, Line]:
    """All lines with points, in the order of the card; adjustments have none."""
    return {line.key: line for line in _lines(card, texts)}


def _lines(card: Card, texts: Texts) -> Iterator[Line]:
    _ = texts.say
    for d, dimension in enumerate(card.dimensions):
        for c, of in enumerate(dimension.criteria):
            at: Path = ("dimensions", d, "criteria", c)
            label = of.label or of.id
            if isinstance(of, OccurrenceCriterion):
                words = _("each time: %(events)s", events=", ".join(of.occurrences.on))
                yield Line(of.id, "each", label, words, of.points, (*at, "points"))
                continue
            for t, tier in enumerate(of.tiers):
                path = (*at, "points") if of.short else (*at, "tiers", t, "points")
                yield Line(of.id, str(t + 1), label, format_condition(tier.when), tier.points, path)
            if of.otherwise is not None:
                path = (*at, "tiers", len(of.tiers), "otherwise")
                yield Line(of.id, "otherwise", label, _("otherwise"), of.otherwise, path)
            if of.unknown is not None:
                yield Line(of.id, "unknown", label, _("not known"), of.unknown, (*at, "unknown"))


def with_points(text: str, card: Card, points: Mapping[Key, int], texts: Texts) -> str:
    """The text with these points (hundredths), its comments kept. UserError (`card-edit`) where
    the card has no such line, or a line cannot be changed where it stands."""
    lines = lines_of(card, texts)
    for key, hundredths in points.items():
        line = lines.get(key)
        if line is None:
            raise UserError(
                "card-edit", texts.say("The card has no line “%(line)s” any more.",
                                       line=" ".join(key)),
                hint=texts.say("Ask again: the study is of another version."),
            )  # fmt: skip
        text = edit(text, line.path, Set(_written(hundredths)))
    return text


def with_threshold(text: str, band: str, points: int) -> str:
    """The text of a card whose band `band` begins at so many whole points. UserError
    (`card-edit`) where it has no such band, or that begins nowhere."""
    found = parse(text).card
    bands = found.bands if found is not None else ()
    place = next((n for n, each in enumerate(bands) if each.id == band), None)
    if place is None or bands[place].threshold is None:
        raise UserError("card-edit", f"No band '{band}' begins anywhere in this card.",
                        hint="Choose one of the bands that has a threshold.")  # fmt: skip
    key = "above" if bands[place].above else "from"
    made = edit(text, ("bands", place, key), Set(points))
    if parse(made).card is None:
        raise UserError(
            "card-edit", f"Band '{band}' cannot begin at {points}: bands rise.",
            hint="Move the other bands first, in the studio.",
        )  # fmt: skip
    return made


def _written(hundredths: int) -> int | float:
    exact = format_hundredths(hundredths)
    return float(exact) if "." in exact else int(exact)
