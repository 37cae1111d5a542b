"""How long a band surely stands: `stable_until_us`, a safe lower bound.

Nothing can move a band, without anything new being learned, but

- an occurrence leaving its window (`expiry` slots),
- an event or fact that is known already and lies ahead,
- elapsed days crossing a constant (`thresholds`),
- ageing. An ageing line worth x with half-life h loses at most x * ln 2 / h per unit of time (the
  tangent of a convex curve lies below it), so a distance gives a time. Positive lines can only pull
  the score down and negative ones only let it rise, as every later stage is monotone: an adjustment
  is not below -100 percent, and a range only clamps. So the two directions are bounded apart.

The bound of one direction, in hundredths and microseconds (docs/how-it-works.md derives it):

    first_k  when the first of the n_k ageing lines of dimension k shows another whole hundredth
    slack_k  what the roundings of lines and adjustments can add: n_k * factor_k + a_k
    over_k   what the dimension's maximum cuts off now, which ageing must eat up before it shows
    start_k  first_k + ((over_k + 1 - a_k) / factor_k - n_k) / rate_k, not before first_k
    time     min start_k + ((needed + over - a) / factor - sum slack_k) / sum (factor_k * rate_k)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlglot import exp

from leadwise.card.model import Adjustment, Card, Dimension, OccurrenceCriterion
from leadwise.plan import asked as at_moment
from leadwise.plan import nodes
from leadwise.plan.amounts import net, weight
from leadwise.plan.conditions import Reading
from leadwise.plan.decided import state
from leadwise.plan.lines import column_name
from leadwise.plan.moving import thresholds
from leadwise.plan.nodes import Node
from leadwise.plan.passes import Passes
from leadwise.plan.relations import FACTS, FOREVER, Asked, At
from leadwise.plan.slots import Slot, Total, score_slots
from leadwise.plan.steps import Step, onward
from leadwise.plan.sums import PERCENT
from leadwise.plan.verdict import threshold

Direction: TypeAlias = Literal["down", "up"]
DIRECTIONS: tuple[Direction, Direction] = ("down", "up")
NEVER = float(FOREVER)
SECOND_US = 1_000_000
# A line shows its next hundredth half of one further on, less the hair by which rounding up comes
# early (nodes.HALF_UP). Less would be safe too, but it costs rounds: what is withheld here is what
# a forecast crosses second by second.
NEARLY_HALF = 0.4999998
THRESHOLD = "_threshold_us"


def stability_slots(card: Card) -> tuple[Slot, ...]:
    """When the first occurrence of each window in use leaves it."""
    windows = (slot.selection for slot in score_slots(card) if slot.selection.within is not None)
    return tuple(Total("expiry", selection) for selection in dict.fromkeys(windows))


def threshold_column(card: Card, reading: Reading, bases: dict[str, Node]) -> Node:
    """The next instant at which elapsed days cross a constant of the card."""
    candidates = []
    for name, edges in thresholds(card).items():
        reached = [nodes.add([bases[name], nodes.whole(edge)]) for edge in edges]
        branches = [(nodes.more(r, reading.as_of.copy()), r.copy()) for r in reached]
        candidates.append(nodes.case(branches, nodes.whole(FOREVER)))
    return nodes.named(nodes.big(nodes.least_of(candidates)), THRESHOLD)


def stability_steps(card: Card, asked: Asked, found: Passes, previous: str) -> Iterator[Step]:
    """Adds `stable_until_us` to the step `previous`."""
    ahead = list(_ahead_steps(card, asked))
    yield from ahead
    lines = {direction: _ageing(card, direction) for direction in DIRECTIONS}
    if any(lines.values()):
        yield _line_step(card, found, previous, [c for d in DIRECTIONS for c in lines[d]])
        previous = "ageing"
        yield _dimension_step(card, previous)
        previous = "ageing_dimensions"
    yield _stable_step(card, asked, found, previous, [step.name for step in ahead])


def _ahead_steps(card: Card, asked: Asked) -> Iterator[Step]:
    key = nodes.column(at_moment.key(asked))
    used = {kind for slot in score_slots(card) for kind in slot.selection.kinds}
    kinds = [event.name for event in card.events if event.name in used]
    if kinds:
        first = nodes.named(nodes.least(nodes.column("at_us")), "_event_us")
        select = at_moment.events(asked, kinds, ahead=True).select(key, first, copy=False)
        about = "The first event that is known already and lies ahead."
        yield Step("events_ahead", about, select.group_by(key.copy(), copy=False))
    if card.fields and not (isinstance(asked, At) and asked.known_by_us <= asked.as_of_us):
        mine = nodes.column(at_moment.key(asked), "asked")
        start = nodes.column("from_us", FACTS)
        select = (
            exp.select(mine, nodes.named(nodes.least(start), "_fact_us"))
            .from_(nodes.nested(at_moment.moments(asked), "asked"))
            .join(
                nodes.relation(FACTS),
                on=nodes.equal(nodes.column("lead_id", FACTS), nodes.column("lead_id", "asked")),
            )
            .where(
                nodes.more(start.copy(), nodes.column("as_of_us", "asked")),
                nodes.at_most(start.copy(), nodes.column("known_by_us", "asked")),
            )
            .group_by(mine.copy())
        )
        yield Step("facts_ahead", "The first change of facts known already.", select)


def _ageing(card: Card, direction: Direction) -> list[OccurrenceCriterion]:
    return [c for dimension in card.dimensions for c in _of(dimension, direction)]


def _of(dimension: Dimension, direction: Direction) -> list[OccurrenceCriterion]:
    """The lines of a dimension that pull the score down (or let it rise) as they age."""
    return [
        criterion
        for criterion in dimension.criteria
        if isinstance(criterion, OccurrenceCriterion)
        and criterion.half_life is not None
        and (criterion.points > 0) == (direction == "down")
    ]


def _line_step(
    card: Card, found: Passes, previous: str, lines: Sequence[OccurrenceCriterion]
) -> Step:
    """For each ageing line how fast it can move, and how long until it shows another hundredth."""
    select = onward(previous)
    for criterion in lines:
        assert criterion.half_life is not None  # only ageing lines come here
        worth: Node = weight(criterion, card, found)
        if criterion.when is not None:
            true = nodes.equal(state(criterion.id), nodes.whole(1))
            worth = nodes.when(true, worth, nodes.number(0.0))
        sign = 1.0 if criterion.points > 0 else -1.0
        size = nodes.times(worth, nodes.number(sign))
        rate = nodes.times(size, nodes.number(math.log(2) / criterion.half_life))
        shown = nodes.times(nodes.double(nodes.add(net(criterion))), nodes.number(sign))
        room = exp.Add(this=nodes.minus(size.copy(), shown), expression=nodes.number(NEARLY_HALF))
        base = f"_{column_name(criterion.id)}"
        select = select.select(
            nodes.named(rate, f"{base}_rate"), nodes.named(room, f"{base}_room"), copy=False
        )
    return Step("ageing", "How fast each ageing line can move.", select, barrier=True)


def _wait(room: Node, rate: Node) -> Node:
    """How long `room` lasts at `rate`; never used up at none."""
    lasting = nodes.when(nodes.less(room, nodes.number(0.0)), nodes.number(0.0), room.copy())
    return nodes.when(
        nodes.more(rate, nodes.number(0.0)), nodes.over(lasting, rate.copy()), nodes.number(NEVER)
    )


def _dimension_step(card: Card, previous: str) -> Step:
    """For each dimension and direction its rate, and when its total can first show it."""
    select = onward(previous)
    for dimension in card.dimensions:
        for direction in DIRECTIONS:
            ageing = _of(dimension, direction)
            if ageing:
                base = f"_{column_name(dimension.id)}_{direction}"
                rate = nodes.add([_of_line(c, "rate") for c in ageing])
                first = nodes.least_of(
                    [_wait(_of_line(c, "room"), _of_line(c, "rate")) for c in ageing]
                )
                select = select.select(
                    nodes.named(rate, f"{base}_rate"),
                    nodes.named(first, f"{base}_first"),
                    copy=False,
                )
    return Step("ageing_dimensions", "How fast each dimension can move.", select, barrier=True)


def _of_line(criterion: OccurrenceCriterion, what: str) -> Node:
    return nodes.column(f"_{column_name(criterion.id)}_{what}")


@dataclass(frozen=True, slots=True)
class _Stage:
    """How a stage of adjustments passes a change on: at most `factor` times it, plus `slack`."""

    factor: float
    slack: float


def _stage(adjustments: Sequence[Adjustment]) -> _Stage:
    factor, slack = 1.0, 0.0
    for adjustment in adjustments:
        grows = max(1.0, 1.0 + adjustment.percent / PERCENT)
        factor, slack = factor * grows, slack * grows + 1.0
    return _Stage(factor, slack)


def _beyond(owner: str, has_max: bool, has_min: bool, direction: Direction) -> Node:
    """What a maximum cuts off (a minimum fills up) now: it hides the first of any change."""
    base = column_name(owner)
    if direction == "down" and has_max:
        return exp.Neg(this=nodes.double(nodes.column(f"{base}__max")))
    if direction == "up" and has_min:
        return nodes.double(nodes.column(f"{base}__min"))
    return nodes.number(0.0)


def _starts(dimension: Dimension, direction: Direction) -> Node:
    """The time at which the dimension's total can first change in this direction."""
    base = f"_{column_name(dimension.id)}_{direction}"
    rate, first = nodes.column(f"{base}_rate"), nodes.column(f"{base}_first")
    stage = _stage(dimension.adjustments)
    of = dimension.range
    over = _beyond(dimension.id, of.max is not None, of.min is not None, direction)
    hidden = nodes.over(
        nodes.add([over, nodes.number(1.0 - stage.slack)]), nodes.number(stage.factor)
    )
    more = nodes.minus(hidden, nodes.number(float(len(_of(dimension, direction)))))
    return nodes.add([first, _extra(more, rate)])


def _extra(room: Node, rate: Node) -> Node:
    """The time that further room gives, none where there is no room (or no movement at all)."""
    both = nodes.all_of(
        [nodes.more(nodes.wrapped(room), nodes.number(0.0)), nodes.more(rate, nodes.number(0.0))]
    )
    return nodes.when(both, nodes.over(room.copy(), rate.copy()), nodes.number(0.0))


def _ageing_wait(card: Card, direction: Direction) -> Node | None:
    """The time for which ageing in this direction surely leaves the band alone."""
    moving = [d for d in card.dimensions if _of(d, direction)]
    if not moving or len(card.bands) < 2:
        return None
    stage = _stage(card.adjustments)
    rates, slack = [], 0.0
    for dimension in moving:
        inner = _stage(dimension.adjustments)
        rate = nodes.column(f"_{column_name(dimension.id)}_{direction}_rate")
        rates.append(nodes.times(rate, nodes.number(inner.factor)))
        slack += max(1.0, inner.factor * len(_of(dimension, direction)) + inner.slack)
    start = nodes.least_of([_starts(dimension, direction) for dimension in moving])
    over = _beyond("score", card.range.max is not None, card.range.min is not None, direction)
    needed = nodes.add([_distance(card, direction), over, nodes.number(-stage.slack)])
    room = nodes.minus(nodes.over(needed, nodes.number(stage.factor)), nodes.number(slack))
    return nodes.add([start, _extra(room, nodes.add(rates))])


def _distance(card: Card, direction: Direction) -> Node:
    """Hundredths that the score must fall (rise) by to leave its band; huge at the outer ones."""
    score = nodes.column("score")
    edges = [t for b in card.bands if (t := threshold(b)) is not None]
    if direction == "down":
        branches = [
            (nodes.at_least(score, nodes.whole(e)), nodes.minus(score.copy(), nodes.whole(e - 1)))
            for e in reversed(edges)
        ]
    else:
        branches = [
            (nodes.less(score, nodes.whole(e)), nodes.minus(nodes.whole(e), score.copy()))
            for e in edges
        ]
    return nodes.double(nodes.case(branches, nodes.whole(FOREVER)))


def _stable_step(
    card: Card, asked: Asked, found: Passes, previous: str, ahead: Sequence[str]
) -> Step:
    candidates = [nodes.column(found.columns[slot], previous) for slot in stability_slots(card)]
    candidates += [nodes.column(THRESHOLD, previous)] if thresholds(card) else []
    candidates += [nodes.column("_event_us")] if "events_ahead" in ahead else []
    candidates += [nodes.column("_fact_us")] if "facts_ahead" in ahead else []
    candidates = [nodes.either(c, nodes.whole(FOREVER)) for c in candidates]
    for direction in DIRECTIONS:
        wait = _ageing_wait(card, direction)
        if wait is not None:
            candidates.append(_instant(wait))
    soonest = nodes.least_of(candidates or [nodes.big(nodes.whole(FOREVER))])
    clamped = nodes.greatest_of([soonest, _next_second()])
    select = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(previous, quoted=True)))
    select = select.select(nodes.named(nodes.big(clamped), "stable_until_us"), copy=False)
    select = select.from_(nodes.relation(previous), copy=False)
    key = at_moment.key(asked)
    for name in ahead:
        same = nodes.equal(nodes.column(key, name), nodes.column(key, previous))
        select = select.join(nodes.relation(name), on=same, join_type="left", copy=False)
    return Step("stable", "Until when the band surely stands.", select)


def _instant(wait: Node) -> Node:
    """as_of + wait, or never: beyond a thousand years there is no need to be exact."""
    long = nodes.number(float(366 * 1000 * nodes.DAY_US))
    instant = nodes.add([nodes.column("as_of_us"), nodes.big(nodes.floor(nodes.wrapped(wait)))])
    return nodes.when(nodes.less(nodes.wrapped(wait.copy()), long), instant, nodes.whole(FOREVER))


def _next_second() -> Node:
    """Bands are told apart at whole seconds, so none can differ before the next one."""
    seconds = nodes.floor(nodes.over(nodes.double(nodes.column("as_of_us")), nodes.number(1e6)))
    following = nodes.add([nodes.big(seconds), nodes.whole(1)])
    return nodes.times(following, nodes.whole(SECOND_US))
