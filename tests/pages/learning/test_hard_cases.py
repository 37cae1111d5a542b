"""Pasts that say little, forms that nobody sends by hand, and studies that are ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from leadwise.errors import UserError
from leadwise.jobs.model import Job
from leadwise.learn.experiments import uplift_of
from leadwise.store.cards import add_version, set_status
from leadwise.store.experiments import begin_experiment, end_experiment
from leadwise.store.outcomes import add_outcome
from leadwise.store.schema import held_out
from leadwise.store.studies import ask_study, end_study, find_study
from leadwise.web.pages.studio.running import running
from leadwise.web.pages.texts import texts
from tests.pages.learning.past import ASKED, CARD, ago, answered, site_with_a_past
from tests.pages.site import PagesSite, pages_site
from tests.records import DAY_US, NOW_US, add_lead

WITHOUT_EVENTS = """\
card: plain
version: 1
fields: {employees: number}
dimensions: [{id: fit, criteria: [{id: size, when: employees >= 100, points: 3}]}]
bands: [{id: cold}, {id: warm, from: 3}]
"""


def fill(connection: Connection, card: str, kinds: tuple[str, ...]) -> int:
    """Sixty leads, with these outcomes in turn."""
    for number in range(60):
        came = (60 - number) * 2.5
        facts = {"employees": (500, 50, 5)[number % 3]}
        lead_id = add_lead(connection, f"{number}@acme.example", facts, [], ago(came))
        if came > 25:
            kind: Any = kinds[number % len(kinds)]
            add_outcome(connection, lead_id, kind, at_us=ago(came - 22), now_us=NOW_US,
                        source="test", message_id=str(number))  # fmt: skip
    version = add_version(connection, card, subject="lead", by="test", now_us=ago(400))
    set_status(connection, version.id, "live", published_us=ago(399), published_by="test")
    return version.id


def test_a_past_in_which_nobody_won_is_shown(tmp_path: Path) -> None:
    with pages_site(tmp_path) as site:
        version_id = site.leads.write(lambda c: fill(c, CARD, ("lost",)))
        answered(site, "backtest", version_id)
        client = site.client("marketing")
        assert "too few outcomes" in client.get("/learning").text
        text = client.get("/learning/backtest").text
        assert "too few outcomes" in text
        assert "there was nobody to find" in text
        assert "None" not in text


def test_a_card_without_events_can_be_asked_about(tmp_path: Path) -> None:
    with pages_site(tmp_path) as site:
        version_id = site.leads.write(lambda c: fill(c, WITHOUT_EVENTS, ("won", "lost")))
        assert answered(site, "calibrate", version_id).document is not None


@pytest.mark.parametrize("points", ["--5", "-", "5-", "1e5", "9" * 40])
def test_a_threshold_that_is_no_number_is_refused(site: PagesSite, points: str) -> None:
    study = site.leads.write(_calibrated)
    sent = {"points": points, "band": "hot"}
    answer = site.client("marketing").post(f"/learning/calibration/{study}/draft", data=sent)
    assert answer.status_code == 400
    assert "No threshold was chosen." in answer.text


def _calibrated(connection: Connection) -> int:
    study = ask_study(connection, "calibrate", 1, "won", {}, by="test", now_us=NOW_US,
                      job_id="c")  # fmt: skip
    end_study(connection, study.id, NOW_US, {"calibration": None})
    return study.id


def test_no_threshold_leaves_as_few_leads_as_can_be_called(tmp_path: Path) -> None:
    with site_with_a_past(tmp_path, ("calibrate",)) as site:
        client = site.client("marketing")
        text = client.get("/learning/calibration?calls=1&leads=1000000").text
        assert "No threshold fits" in text
        assert "NaN" not in text
        assert "Put it into a draft" not in text


def test_a_study_ended_before_it_began_is_over_for_everybody(tmp_path: Path) -> None:
    with site_with_a_past(tmp_path, ()) as site:
        client = site.client("marketing")
        assert client.post("/learning/backtest", data={"horizon": "30"}).status_code == 303
        assert client.post("/learning/backtest/cancel").status_code == 303
        with site.leads.store.read() as connection:
            found = find_study(connection, 1)
        assert (found.done_us is None, found.problem) == (False, "It was cancelled.")
        text = client.get("/learning/backtest").text
        assert "Its work was broken off." in text
        assert "It was cancelled." not in text


@pytest.mark.parametrize("share", [0.0, 1e-9, 0.0004, 0.51, float("nan"), float("inf")])
def test_nobody_would_be_left_alone_by_such_a_share(site: PagesSite, share: float) -> None:
    with pytest.raises(UserError, match="holdout"):
        site.leads.write(
            lambda c: begin_experiment(c, "few", share, ["hot"], by="test", now_us=NOW_US)
        )
    sent = {"name": "few", "share": f"{share * 100:.9f}", "bands": ["hot"]}
    assert site.client("marketing").post("/learning/experiments", data=sent).status_code == 422


def test_what_is_won_after_an_experiment_tells_nothing_of_it(tmp_path: Path) -> None:
    """By hand: 4 followed up, 1 won meanwhile; 4 left alone, 1 won meanwhile. Two more of those
    left alone win once the experiment is over, when they are called like everybody."""
    with pages_site(tmp_path) as site:

        def work(connection: Connection) -> int:
            of = begin_experiment(connection, "x", 0.5, ["hot"], by="test", now_us=ago(100))
            leads = [add_lead(connection, f"{n}@x.example", {}, [], ago(120)) for n in range(8)]
            rows = [{"experiment_id": of.id, "lead_id": lead, "at_us": ago(99), "band": "hot",
                     "held": int(n >= 4)} for n, lead in enumerate(leads)]  # fmt: skip
            connection.execute(insert(held_out), rows)
            end_experiment(connection, of.id, by="test", now_us=ago(50))
            wins = [(0, 60), (4, 60), (4, 10), (5, 40), (6, 30)]
            for number, (place, days) in enumerate(wins):
                add_outcome(connection, leads[place], "won", at_us=ago(days), now_us=NOW_US,
                            source="test", message_id=str(number))  # fmt: skip
            return of.id

        number = site.leads.write(work)
        _, (everybody, _hot) = uplift_of(site.leads.store, number)
    told = (everybody.treated, everybody.treated_won, everybody.held_out, everybody.held_out_won)
    assert told == (4, 1, 4, 1)
    assert everybody.uplift.value == 0.0


@pytest.mark.parametrize(
    "said", ["learning", "fitting probabilities", "comparing the latest leads with those before"]
)
def test_how_far_a_study_is_stands_in_the_language_of_the_page(said: str) -> None:
    job = Job("1", "study", {}, "running", 0, 1, 2, said, None, None, 0, None, 0, 0)
    for language in ("es", "fi"):
        now = running(texts(language), job)
        assert now is not None
        assert now.words not in (said, running(texts("en"), job).words)


def test_outcomes_are_not_known_ahead(tmp_path: Path) -> None:
    """With an end ahead of now, rows whose horizon is not over would be called lost."""
    with pages_site(tmp_path) as site:
        version_id = site.leads.write(lambda c: fill(c, CARD, ("won", "lost")))
        now, ahead = (
            answered(site, "backtest", version_id, asked=replace(ASKED, until_us=until)).document
            for until in (None, NOW_US + 60 * DAY_US)
        )
    assert now == ahead
