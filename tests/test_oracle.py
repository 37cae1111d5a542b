"""The oracle against the answers worked out by hand."""

from __future__ import annotations

import pytest

from tests.corpus import Case, cases, only
from tests.oracle import answer
from tests.oracle_entry import events_of, facts_of

CORPUS = cases()


def test_names_are_unique_and_every_case_says_why() -> None:
    assert len({case.name for case in CORPUS}) == len(CORPUS) >= 150
    assert all(case.because and case.asks for case in CORPUS)


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.file}/{case.name}")
def test_the_oracle_agrees(case: Case) -> None:
    card = case.card
    for ask in case.asks:
        facts = facts_of(card, list(case.leads), ask.lead)
        events = events_of(card, list(case.events), ask.lead)
        found = answer(card, facts, events, ask.as_of_us, ask.known_by_us)
        assert only(ask.expected, found) == ask.expected, (case.because, ask, found)
        assert sum(found.lines.values()) == found.score
