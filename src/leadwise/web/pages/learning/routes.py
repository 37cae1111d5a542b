"""Routes of learning."""

from __future__ import annotations

from leadwise.store.studies import Kind
from leadwise.web.pages.learning import asking, experiments, taking
from leadwise.web.pages.learning.asked import PATHS
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post

ASKED: tuple[Kind, ...] = ("backtest", "learn", "refine", "calibrate", "drift")


def _of(kind: Kind) -> tuple[Page, ...]:
    at = f"/learning/{PATHS[kind]}"
    return (
        get(at, asking.show(kind)),
        post(at, asking.start(kind), Right.CARDS),
        get(f"{at}/progress", asking.progress(kind)),
        post(f"{at}/cancel", asking.cancel(kind), Right.CARDS),
    )


ROUTES: tuple[Page, ...] = (
    get("/learning", asking.overview),
    *(page for kind in ASKED for page in _of(kind)),
    get("/learning/studies/{id:int}/{table}.csv", asking.table_file),
    post("/learning/card/{id:int}/draft", taking.open_learned, Right.CARDS),
    post("/learning/refine/{id:int}/draft", taking.take_points, Right.CARDS),
    post("/learning/calibration/{id:int}/draft", taking.take_threshold, Right.CARDS),
    get("/learning/experiments", experiments.show_experiments),
    post("/learning/experiments", experiments.begin, Right.CARDS),
    post("/learning/experiments/{id:int}/end", experiments.end, Right.CARDS),
    post("/learning/gate", asking.start("gate"), Right.CARDS),
    get("/learning/gate/progress", asking.progress("gate")),
    post("/learning/gate/cancel", asking.cancel("gate"), Right.CARDS),
)
