"""From a population and its outcomes to rows: the one way in."""

from __future__ import annotations

from collections.abc import Mapping

from leadwise.asking.population import Population
from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.learn.moments.built import Built
from leadwise.learn.moments.dated import dated_rows
from leadwise.learn.moments.flat import flat_rows
from leadwise.learn.moments.known import ends_of, known_of
from leadwise.learn.moments.watch import CREATED, Watch


def training_rows(
    of: Population,
    outcomes: Mapping[str, tuple[bool, int | None]],
    watch: Watch,
    *,
    in_order: bool = False,
) -> Built:
    """The rows of a population; `outcomes` says for each lead whether it was won, and when that was
    decided (`read_outcomes`).

    The values are the fields and measures of `of.card` (widen it before, if behaviour is to be
    learned that it does not mention). `in_order`: the rows of a file without dates stand in order
    of time. Raises UserError where no row is left.
    """
    known = known_of(of, created_of(of.card, watch), late_counts=watch.late_counts)
    ends = ends_of(known, outcomes)
    if known.flat:
        built = flat_rows(of, known, ends, watch, in_order=in_order)
    else:
        built = dated_rows(of, known, ends, watch)
    return require_rows(built)


def require_rows(built: Built) -> Built:
    """The same; UserError where there are none."""
    if not len(built.rows):
        raise UserError(
            "learn-rows",
            " ".join(["There is nothing to learn from.", *built.left_out.lines()])
            if built.left_out.lines()
            else "There is nothing to learn from: there are no leads.",
            hint="Are the lead_ids of leads and outcomes the same? Is the horizon too long?",
        )
    return built


def created_of(card: Card, watch: Watch) -> str | None:
    """The time field that says when a lead came; UserError where `watch` names one that is none."""
    times = [field.name for field in card.fields if field.type == "time"]
    if watch.created is None:
        return CREATED if CREATED in times else None
    if watch.created not in times:
        raise UserError(
            "learn-watch",
            f"The card {card.id!r} has no time field {watch.created!r}.",
            hint=f"It has {', '.join(times)}." if times else "It has none.",
        )
    return watch.created
