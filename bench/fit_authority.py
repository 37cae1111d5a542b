"""Learns from labelled conversations what a talk's sentences together say of the buyer's role.

    python bench/fit_authority.py evals/dev evals/exchanges/authority-a.jsonl

reads them as the embedded reader does, fits a multinomial logistic regression on what counts of
each (`leadwise.qualify.embedded.authority.outcome.features`), prints how often it is right on
conversations held out, and writes authority_outcome.json beside the sentences. Each conversation
counts several times, each time without a part of the signs that words give, taken at random: the
lists of words have been written with these conversations in view, others have fewer of them.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from talks import learned

from leadwise.qualify.embedded.authority.outcome import ROLES
from leadwise.qualify.embedded.authority.read import heed
from leadwise.qualify.embedded.authority.said import signs_of
from leadwise.qualify.embedded.authority.titles import own_titles
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.language import language_of
from leadwise.qualify.embedded.vectors import sentence_model
from leadwise.qualify.evaluation.gold import Labelled, labelled_file, labelled_folder

PLACE = Path("src/leadwise/qualify/embedded/shades/authority_outcome.json")
KEPT = (0.0, 0.5, 0.0, 0.5, 0.0, 0.5)
"""Share of the signs that a conversation keeps, each time that it counts."""


def rows_of(lead: Labelled, chance: random.Random) -> list[list[float]]:
    """What counts of a conversation, each time with fewer signs."""
    hearing = hear(lead.conversation, sentence_model(), language_of(lead.conversation))
    ignored = instructions_in(hearing)
    titles, words = own_titles(hearing, ignored), signs_of(hearing, ignored)
    found = []
    for kept in KEPT:
        heeded = heed(hearing, titles, [w for w in words if chance.random() < kept], ignored)
        if heeded is not None:
            found.append(heeded.features(hearing))
    return found


def main(places: list[str]) -> None:
    """Fits the roles of labelled conversations."""
    leads = [
        lead
        for place in map(Path, places)
        for lead in (labelled_folder(place) if place.is_dir() else labelled_file(place))
    ]
    chance = random.Random(1)
    rows, labels, groups = [], [], []
    for number, lead in enumerate(leads):
        role = str(lead.gold["authority"].value.get("role"))
        if role not in ROLES:
            continue
        for row in rows_of(lead, chance):
            rows.append(row)
            labels.append(ROLES.index(role))
            groups.append(number)
    learned(rows, labels, groups, ROLES, times=len(KEPT), key="roles", place=PLACE)


if __name__ == "__main__":
    main(sys.argv[1:])
