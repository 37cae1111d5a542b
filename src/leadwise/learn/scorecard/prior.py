"""What each criterion may become, and what it is taken for before any row was seen.

Hand-made criteria: a normal prior round their own points times the scale on which the card's score
says log odds (C. Chelba, A. Acero 2004, Adaptation of maximum entropy capitalizer: little data can
help a lot, EMNLP), so that a tier that few rows meet keeps the points that people gave it.
Own criteria, of fields and measures: a prior round 0 on each level of a choice and on each
*difference* of neighbouring levels of a number, so that neighbours are alike (ridge on differences,
the fused ridge of S. Land, J. Friedman 1997, Variable fusion); rising or falling where told by
bounds on the same differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from leadwise.card.expression import names
from leadwise.card.model import Adjustment, OccurrenceCriterion, StateCriterion
from leadwise.learn.rows import Floats, Rows, Wholes
from leadwise.learn.scorecard.bins import Binned
from leadwise.learn.scorecard.fit import Column, Group

Direction: TypeAlias = Literal["rising", "falling"]
Monotone: TypeAlias = Mapping[str, Direction]
HandMade: TypeAlias = StateCriterion | OccurrenceCriterion | Adjustment


@dataclass(frozen=True, slots=True)
class Part:
    """A criterion of the card to be: where its levels come from, and its prior with precision 1.

    `points` are the hand-made points of each level (0 for an own criterion), in points. `free`
    levels are those of the basis; a level whose row of `basis` is 0 is worth nothing.
    """

    name: str
    of: HandMade | Binned
    basis: Floats
    points: Floats
    precision: Floats
    lower: Floats = field(default_factory=lambda: np.empty(0))
    upper: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def by_hand(self) -> bool:
        return not isinstance(self.of, Binned)

    @property
    def counts(self) -> bool:
        return isinstance(self.of, OccurrenceCriterion)

    def group(self, unit: float, strength: float) -> Group:
        """For the fit; `unit` is log odds a point, `strength` the precision of the prior."""
        mean = np.linalg.lstsq(self.basis, self.points * unit, rcond=None)[0].astype(np.float64)
        return Group(
            self.name, self.basis, mean, self.precision * strength, self.lower, self.upper,
            self.counts,
        )  # fmt: skip

    def column(self, rows: Rows) -> Column:
        """The level (or amount) of each row."""
        if isinstance(self.of, Binned):
            return self.of.codes(rows)
        return hand_column(rows, self.of)


def hand_column(rows: Rows, of: HandMade) -> Column:
    """The levels of a hand-made criterion: its tiers, otherwise, unknown; of an adjustment: no,
    yes; of occurrences the number that counts, up to where its limit of points bites."""
    places = [i for i, piece in enumerate(rows.piece_names) if piece.criterion == of.id]
    if isinstance(of, OccurrenceCriterion):
        counted = rows.pieces[:, places[0]]
        most = _most(of)
        return counted if most is None else np.minimum(counted, most)
    if isinstance(of, Adjustment):
        return (rows.pieces[:, places[0]] > 0.5).astype(np.int64)
    found: Wholes = np.argmax(rows.pieces[:, places], axis=1).astype(np.int64)
    return found


def _most(of: OccurrenceCriterion) -> float | None:
    if of.limit is None or of.limit.points is None or of.points == 0:
        return None
    return of.limit.points / of.points


def hand_parts(rows: Rows, monotone: Monotone) -> list[Part]:
    """The parts of the hand-made card, its adjustments as additions."""
    found: list[Part] = []
    for criterion in rows.card.criteria:
        if isinstance(criterion, OccurrenceCriterion):
            found.append(_counted(criterion))
        else:
            found.append(_stated(rows, criterion, monotone))
    dimensions = (one for d in rows.card.dimensions for one in d.adjustments)
    return found + [_adjusted(rows, one) for one in (*dimensions, *rows.card.adjustments)]


def _counted(of: OccurrenceCriterion) -> Part:
    one = np.ones((1, 1))
    return Part(of.id, of, one, np.array([of.points / 100.0]), one)


def _adjusted(rows: Rows, of: Adjustment) -> Part:
    """An adjustment in percent is worth its percent of the mean score of those it spares."""
    met = hand_column(rows, of) == 1
    spared = rows.score[~met]
    mean = max(float(spared.mean()) / 100.0, 0.0) if len(spared) else 0.0
    worth = of.percent / 10_000 * mean
    basis = np.array([[0.0], [1.0]])
    return Part(of.id, of, basis, np.array([0.0, worth]), np.ones((1, 1)))


def _stated(rows: Rows, of: StateCriterion, monotone: Monotone) -> Part:
    """Each tier, otherwise and unknown has a weight; of `when` + `points`, no is worth 0."""
    count = len(of.tiers)
    points = [tier.points for tier in of.tiers] + [of.otherwise or 0, of.unknown or 0]
    basis = np.eye(count + 2)
    if of.short:
        basis = np.delete(basis, count, axis=1)
    part = Part(of.id, of, basis, np.array(points) / 100.0, np.eye(basis.shape[1]))
    used = {name for tier in of.tiers for name in names(tier.when)}
    if len(used) == 1 and (name := used.pop()) in monotone:
        return _directed(rows, part, of, name, monotone[name])
    return part


def _directed(rows: Rows, part: Part, of: StateCriterion, name: str, direction: Direction) -> Part:
    """Bounds between the levels that rows have, in order of their mean of the field: the weights
    become a staircase, under the same prior."""
    codes = hand_column(rows, of)
    values = rows.numbers(name)
    size = len(part.points)
    means = np.full(size, np.nan)
    for level in range(size - 1):
        known = values[(codes == level) & ~np.isnan(values)]
        if len(known):
            means[level] = known.mean()
    if any(field.name == name and field.type == "time" for field in rows.card.fields):
        means = -means
    order = [int(i) for i in np.argsort(means) if not np.isnan(means[i])]
    sign = 1.0 if direction == "rising" else -1.0
    free = [level for level in range(size) if part.basis[level].any()]
    if not set(order) <= set(free):  # `when` + `points`: no is worth 0, one bound on the tier
        lower, upper = np.full(len(free), -np.inf), np.full(len(free), np.inf)
        if 0 in order and len(order) == 2:
            up = (order[-1] == 0) == (sign > 0)
            lower[0], upper[0] = (0.0, np.inf) if up else (-np.inf, 0.0)
        return replace(part, lower=lower, upper=upper)
    basis, lower = np.zeros((size, size)), np.full(size, -np.inf)
    rest = [level for level in range(size) if level not in order]
    for step in range(len(order)):
        basis[order[step:], step] = 1.0 if step == 0 else sign
        lower[step] = 0.0 if step else -np.inf
    for extra, level in enumerate(rest, len(order)):
        basis[level, extra] = 1.0
    return replace(
        part, basis=basis, precision=basis.T @ basis, lower=lower, upper=np.full(size, np.inf)
    )


def own_part(of: Binned, rows_of: Wholes, direction: Direction | None, steps: Floats) -> Part:
    """A criterion of a field or measure. `rows_of` counts the rows of each level; `steps[k]` says
    how many first levels lie between the levels k and k + 1 (1 where nothing was merged).

    The staircase is centred on the rows, so that unknown is pulled towards the mean of the known.
    """
    size, known = of.levels, of.known
    if not of.ordered:
        return Part(of.name, of, np.eye(size), np.zeros(size), np.eye(size))
    stairs = np.tril(np.ones((known, known)), -1)[:, : known - 1]
    share = rows_of[:known] / max(1, rows_of[:known].sum())
    basis = np.zeros((size, known))
    basis[:known, : known - 1] = stairs - share @ stairs
    basis[known, known - 1] = 1.0
    weights = np.append(1.0 / steps, 1.0)
    lower, upper = np.full(known, -np.inf), np.full(known, np.inf)
    if direction == "rising":
        lower[: known - 1] = 0.0
    elif direction == "falling":
        upper[: known - 1] = 0.0
    return Part(of.name, of, basis, np.zeros(size), np.diag(weights), lower, upper)
