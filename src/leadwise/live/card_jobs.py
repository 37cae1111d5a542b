"""The jobs of cards and of the mirror, as handlers: plain results, progress, cancelling.

publish   version_id, by, why          -> Published (instead_of: only if that one is live)
try       version_id or text, days     -> Trial, and `took_ms`
shadow    (version_id: that one only)  -> {version: Trial}
mirror    (anew: from scratch)         -> Updated
refresh                                -> Written
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from leadwise.card import Card, parse
from leadwise.errors import CardError
from leadwise.jobs import JSON, Context, Handler
from leadwise.live.accounts import AccountRules
from leadwise.live.everybody import Progress
from leadwise.live.publish import abandon, publish
from leadwise.live.refresh import refresh
from leadwise.live.scoring import Pace
from leadwise.live.shadow import score_shadow, shadow_versions
from leadwise.live.trial import Mover, Trial, try_card
from leadwise.store.cards import get_version
from leadwise.store.mirror import update
from leadwise.store.opening import Store

LINES_TOLD = 8
"""Of a lead that would change its band."""


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Somebody wants the job to end."""


def card_handlers(
    store: Store,
    folder: Path,
    pace: Pace | None = None,
    *,
    memory_limit: str | None = None,
    account_rules: AccountRules | None = None,
    calls_a_day: int | None = None,
) -> dict[str, Handler]:
    """The handlers by the kinds of their jobs; `folder` is the mirror's."""

    def publishing(context: Context, given: dict[str, JSON]) -> JSON:
        version_id, by = _whole(given, "version_id"), str(given.get("by", ""))
        why = None if given.get("why") is None else str(given["why"])
        instead_of = _whole(given, "instead_of") if "instead_of" in given else None
        try:
            done = publish(
                store, folder, version_id, by, why, context.now_us, progress_of(context), pace=pace,
                memory_limit=memory_limit, account_rules=account_rules, instead_of=instead_of,
            )  # fmt: skip
        except Cancelled:
            _give_up(store, version_id, by, context.now_us())
            return None
        return dict(asdict(done))

    def trying(context: Context, given: dict[str, JSON]) -> JSON:
        began_s = time.perf_counter()
        trial = try_card(
            store, folder, _card(store, given), context.now_us(), progress_of(context),
            days=_whole(given, "days", 28), calls_a_day=calls_a_day, memory_limit=memory_limit,
        )  # fmt: skip
        took_ms = round((time.perf_counter() - began_s) * 1000)
        return {**trial_json(trial), "took_ms": took_ms}

    def shadowing(context: Context, given: dict[str, JSON]) -> JSON:
        wanted = [_whole(given, "version_id")] if "version_id" in given else shadow_versions(store)
        return {
            str(version_id): trial_json(
                score_shadow(
                    store, folder, version_id, context.now_us(), progress_of(context), pace=pace,
                    days=_whole(given, "days", 28), calls_a_day=calls_a_day,
                    memory_limit=memory_limit,
                )
            )
            for version_id in wanted
        }  # fmt: skip

    def mirroring(context: Context, given: dict[str, JSON]) -> JSON:
        done = update(
            store, folder, context.now_us(), progress_of(context), anew=given.get("anew") is True,
            memory_limit=memory_limit,
        )  # fmt: skip
        return dict(asdict(done))

    def refreshing(context: Context, _: dict[str, JSON]) -> JSON:
        now_us = context.now_us()
        told = progress_of(context)
        return dict(
            asdict(refresh(store, folder, now_us, told, pace=pace, memory_limit=memory_limit))
        )

    return {
        "publish": _once(publishing), "try": _once(trying), "shadow": _once(shadowing),
        "mirror": _once(mirroring), "refresh": _once(refreshing),
    }  # fmt: skip


def trial_json(trial: Trial) -> dict[str, JSON]:
    """A trial as plain JSON; scores in hundredths."""
    return {
        "as_of_us": trial.as_of_us,
        "live_id": trial.live_id,
        "leads": trial.leads,
        "changed": trial.changed,
        "moved": trial.moved,
        "bands": [
            {"from": old, "to": new, "leads": count}
            for (old, new), count in sorted(trial.matrix.items(), key=lambda item: -item[1])
        ],
        "before": None if trial.before is None else dict(asdict(trial.before)),
        "after": dict(asdict(trial.after)),
        "days": trial.days,
        "asked_daily": trial.asked_daily,
        "daily": [[old, new] for old, new in trial.daily],
        "movers": [_mover_json(mover) for mover in trial.movers],
        "criteria": [dict(asdict(use)) for use in trial.uses],
        "past": dict(asdict(trial.past)),
    }


def _mover_json(mover: Mover) -> dict[str, JSON]:
    """With its strongest differences: all of them would be long for very different cards."""
    return {**asdict(mover), "lines": [asdict(line) for line in mover.lines[:LINES_TOLD]]}


def _card(store: Store, given: dict[str, JSON]) -> Card:
    """Of a text that is no version yet, or of a version."""
    text = given.get("text")
    if isinstance(text, str):
        parsed = parse(text)
        if parsed.card is None:
            raise CardError(parsed.problems)
        return parsed.card
    with store.read() as connection:
        return get_version(connection, _whole(given, "version_id")).card


def _once(work: Callable[[Context, dict[str, JSON]], JSON]) -> Handler:
    """One step: all of these may be done again from the start."""

    def handler(context: Context, given: dict[str, JSON]) -> JSON:
        try:
            return context.step("all", lambda: work(context, given))
        except Cancelled:
            return None

    return handler


def progress_of(context: Context) -> Progress:
    """Tells how far a job is; raises `Cancelled` where somebody wants it to end."""

    def told(done: int, total: int, message: str) -> None:
        context.progress(done, total, message)
        if context.cancelled():
            raise Cancelled

    return told


def _give_up(store: Store, version_id: int, by: str, now_us: int) -> None:
    """The version is what it was; unless it went live just before."""
    with store.read() as connection:
        status = get_version(connection, version_id).status
    if status == "publishing":
        store.write(lambda c: abandon(c, version_id, by, now_us), "scores", alone=True)


def _whole(given: dict[str, JSON], name: str, default: int = 0) -> int:
    value = given.get(name, default)
    return value if isinstance(value, int) else default
