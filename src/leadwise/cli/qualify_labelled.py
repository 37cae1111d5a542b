"""Where the labels of `--evaluate` come from: a folder, or what people decided in the record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leadwise.cli.conversing import chosen_frame
from leadwise.cli.stores import opened_store, settings_of
from leadwise.errors import Place, UserError
from leadwise.qualify.evaluation.gold import Labelled, labelled_folder
from leadwise.qualify.frame.model import Frame

REVIEWS = "reviews"
"""In place of a folder: what people confirmed, corrected and rejected in the record."""


def labelled_of(where: str, frame: str, data: Path | None) -> tuple[Frame, Sequence[Labelled]]:
    """The frame and the labelled conversations; of a folder called `reviews` those of
    `./reviews`. UserError (`no-labelled-conversations`) where there is none."""
    if where != REVIEWS:
        if data is not None:
            raise UserError("usage", "--data goes with --evaluate reviews, not with a folder.",
                            hint="leadwise qualify --evaluate reviews --data FOLDER")  # fmt: skip
        return chosen_frame(frame), labelled_folder(Path(where))
    from leadwise.qualify.library import frame_named
    from leadwise.qualify.reviewing import labelled

    settings = settings_of(data, None, None)
    with opened_store(settings) as store, store.read() as connection:
        asked = frame_named(connection, frame)
        found = [one.labelled for one in labelled(connection, asked.name)]
    if not found:
        raise UserError(
            "no-labelled-conversations",
            f"Nobody has decided on an answer of {asked.name} yet whose conversation is kept.",
            where=Place(str(settings.data)),
            hint="confirm, correct or reject some in the review inbox",
        )
    return asked, found
