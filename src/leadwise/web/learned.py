"""What learning tells the rest of the service: gauges of the live card, lots of experiments."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from leadwise.learn.experiments import Drawing
from leadwise.live.scoring import Scored
from leadwise.store.cards import live_version
from leadwise.store.opening import Store
from leadwise.store.studies import Goal, Kind, latest_study
from leadwise.web.metrics import Metrics

GAUGES: dict[str, tuple[str, Kind, Callable[[Mapping[str, Any]], float | None]]] = {
    "leadwise_drift_psi": (
        "How far the scores of the live card have moved (population stability index).",
        "drift",
        lambda document: document["drift"]["score"]["psi"],
    ),
    "leadwise_drift_alerts": (
        "Alerts of the latest look at drift.",
        "drift",
        lambda document: float(len(document["drift"]["alerts"])),
    ),
    "leadwise_calibration_error": (
        "How far probabilities were off on later leads, 0 to 1.",
        "calibrate",
        lambda document: document["error_later"],
    ),
}


def watch_learning(metrics: Metrics, store: Store, goal: Goal) -> None:
    """Gauges by card, of the latest studies of the live one; none where it has none."""
    for name, (text, kind, read) in GAUGES.items():
        metrics.watch_by(name, text, "card", _reader(store, goal, kind, read))


def drawing_lots(store: Store) -> Callable[[Scored], None]:
    """Draw lots after each pass of the scorer that changed bands."""
    drawing = Drawing(store)

    def scored(done: Scored) -> None:
        if done.band_changes:
            try:
                drawing.look()
            except Exception:  # scores are written: an experiment must not hold them up
                logging.getLogger("leadwise.web").exception("lots could not be drawn")

    return scored


def _reader(
    store: Store, goal: Goal, kind: Kind, read: Callable[[Mapping[str, Any]], float | None]
) -> Callable[[], dict[str, float]]:
    def values() -> dict[str, float]:
        with store.read() as connection:
            live = live_version(connection)
            found = latest_study(connection, kind, live.id, goal) if live else None
        value = None if found is None or found.document is None else read(found.document)
        return {} if live is None or value is None else {live.name: value}

    return values
