"""What changed, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from leadwise.learn.drift.model import Alert, Delay, Drift, Workload
from leadwise.learn.drift.shift import Shift

OVERFULL, IDLE = 1.25, 0.5
"""Hot leads beyond this multiple of what can be called, or below it, are worth an alert."""
SLOWER = 1.5


def alerts(found: Drift) -> tuple[Alert, ...]:
    """The alerts of a comparison, the most serious first."""
    return (*_meaning(found), *_moves(found), *_silent(found), *_work(found.workload),
                  *_late(found.delay))  # fmt: skip


def _meaning(found: Drift) -> Iterator[Alert]:
    off = [month for month in found.months if month.off]
    if found.months and found.months[-1].off:
        last = found.months[-1]
        way = "more" if last.came.value > last.said else "fewer"
        yield Alert(
            "calibration", last.name,
            f"In {last.name} {last.came.value:.1%} were won where {last.said:.1%} were said: {way} "
            f"than chance allows ({len(off)} of {len(found.months)} months are off).",
            "Calibrate again on the latest outcomes; if the order still holds, only the base rate "
            "has changed.",
        )  # fmt: skip


def _moves(found: Drift) -> Iterator[Alert]:
    if found.score.verdict in ("moved", "changed"):
        yield Alert(
            "score", "score", f"Scores have {found.score.verdict}: PSI {found.score.psi:.2f}, "
            f"chance alone stays below {found.score.chance:.2f}.",
            "See which fields moved; if the leads are others than before, run the backtest on the "
            "latest ones before you rely on bands.",
        )  # fmt: skip
    for shift in sorted(found.fields, key=lambda one: -one.psi):
        if shift.verdict == "changed":
            yield _moved(shift)


def _silent(found: Drift) -> Iterator[Alert]:
    for one in found.silent:
        yield Alert(
            "silent", one.criterion,
            f"Criterion {one.criterion} counted for {one.before:.1%} of the leads and now for "
            f"none of {one.rows:,}.",
            "Look whether its event or field still arrives: a form, a tag or an import may have "
            "changed its name.",
        )  # fmt: skip


def _moved(shift: Shift) -> Alert:
    most = max(shift.bins, key=lambda one: abs(one.after - one.before))
    return Alert(
        "field", shift.name,
        f"{shift.name} has changed: PSI {shift.psi:.2f}; {most.name} went from {most.before:.0%} "
        f"to {most.after:.0%}.",
        "Ask where it comes from: a new source of leads is fine, a broken import is not.",
    )  # fmt: skip


def _work(workload: Workload | None) -> list[Alert]:
    if workload is None or not workload.calls_a_day:
        return []
    times = workload.after / workload.calls_a_day
    if IDLE <= times <= OVERFULL:
        return []
    remedy = (
        "Raise the threshold of the best band: the thresholds page proposes one for your calls."
        if times > OVERFULL
        else "Lower the threshold of the best band, or call the next band as well."
    )
    return [Alert(
        "capacity", "hot leads",
        f"{workload.after:.1f} hot leads a day came (before {workload.before:.1f}) for "
        f"{workload.calls_a_day:g} calls a day.", remedy,
    )]  # fmt: skip


def _late(delay: Delay | None) -> list[Alert]:
    if delay is None or not delay.median_after > delay.median_before * SLOWER:
        return []
    return [Alert(
        "delay", "outcomes",
        f"Outcomes come later than before: half of them within {delay.median_after:.0f} days "
        f"(before {delay.median_before:.0f}).",
        "Wait longer before you judge recent months, or remind the team to record outcomes.",
    )]  # fmt: skip
