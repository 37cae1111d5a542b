"""Learns from labelled conversations what a talk's sentences together say of the need.

    python bench/fit_need.py evals/dev evals/exchanges/need-a.jsonl

reads them as the embedded reader does, fits a multinomial logistic regression on what counts of
each (`leadwise.qualify.embedded.need.outcome.features`), prints how often it is right on
conversations held out, and writes need_outcome.json beside the sentences. Each conversation counts
several times, each time without some of its signs taken at random: the lists of words have been
written with these conversations in view, others have fewer of them.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

from talks import learned

from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.language import language_of
from leadwise.qualify.embedded.need.hurt import Hurt, hurts, shaded
from leadwise.qualify.embedded.need.outcome import OUTCOMES, features
from leadwise.qualify.embedded.need.points import points_of
from leadwise.qualify.embedded.vectors import sentence_model
from leadwise.qualify.evaluation.gold import Labelled, labelled_file, labelled_folder
from leadwise.qualify.frame.shipped import shipped_frame

PLACE = Path("src/leadwise/qualify/embedded/shades/need_outcome.json")
TIMES = 6
KEPT = 0.5
"""Share of the signs that a conversation keeps each time."""


def heard(lead: Labelled) -> tuple[Hurt, ...]:
    """What the buyer's side says of its pains, as the reader hears it."""
    question = next(one for one in shipped_frame("bant").questions if one.id == "need")
    hearing = hear(lead.conversation, sentence_model(), language_of(lead.conversation))
    return shaded(hearing, hurts(hearing, points_of(lead.conversation, question)))


def fewer(said: tuple[Hurt, ...], chance: random.Random) -> tuple[Hurt, ...]:
    """The same without some of the signs."""
    return tuple(
        replace(one, signs=tuple(sign for sign in one.signs if chance.random() < KEPT))
        for one in said
    )


def main(places: list[str]) -> None:
    """Fits the outcomes of labelled conversations."""
    leads = [
        lead
        for place in map(Path, places)
        for lead in (labelled_folder(place) if place.is_dir() else labelled_file(place))
    ]
    chance = random.Random(1)
    rows, labels, groups = [], [], []
    for number, lead in enumerate(leads):
        gold = lead.gold["need"]
        label = str(gold.value.get("match")) if gold.status == "stated" else gold.status
        if label not in OUTCOMES:
            continue
        said = heard(lead)
        for _ in range(TIMES):
            rows.append(features(fewer(said, chance)))
            labels.append(OUTCOMES.index(label))
            groups.append(number)
    learned(rows, labels, groups, OUTCOMES, times=TIMES, key="outcomes", place=PLACE)


if __name__ == "__main__":
    main(sys.argv[1:])
