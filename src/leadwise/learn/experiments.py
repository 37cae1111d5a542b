"""Experiments of the record: drawing lots as leads enter bands, and what follow-up brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from leadwise.learn.refinement.uplift import Uplift, is_held_out, uplift
from leadwise.store.experiments import (
    Experiment,
    draw_lots,
    find_experiment,
    list_experiments,
    lots_of,
)
from leadwise.store.following import Horizon
from leadwise.store.opening import Store
from leadwise.store.schema import band_change


@dataclass(slots=True)
class Drawing:
    """Draws for whoever enters a band; `look` often, from any thread."""

    store: Store
    done_id: int = 0
    _horizon: Horizon = field(default_factory=lambda: Horizon(band_change))

    def look(self) -> None:
        """Draw for all that entered a band since. Nothing where no experiment runs."""
        with self.store.read() as connection:
            if not list_experiments(connection, running=True):
                return
            up_to = self._horizon.look(connection)
        while self.done_id < up_to:
            draw = partial(draw_lots, after_id=self.done_id, up_to_id=up_to, held=is_held_out)
            self.done_id = self.store.write(draw)


def uplift_of(store: Store, experiment_id: int) -> tuple[Experiment, tuple[Uplift, ...]]:
    """An experiment with what its follow-up brings, of all and by band."""
    with store.read() as connection:
        found = find_experiment(connection, experiment_id)
        lots = lots_of(connection, experiment_id)
    place = {band: at for at, band in enumerate(found.bands)}
    band = np.array([place[lot.band] for lot in lots], np.int64)
    held = np.array([lot.held for lot in lots], np.bool_)
    won = np.array([lot.won for lot in lots], np.bool_)
    return found, uplift(found.bands, band, held, won)
