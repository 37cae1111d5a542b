"""Asking through the page: a job with progress, its answer; experiments; probabilities."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import insert

from leadwise.report.chance import Chance
from leadwise.settings.model import LearningSettings
from leadwise.store.cards import add_version, set_status
from leadwise.store.experiments import begin_experiment, list_experiments
from leadwise.store.schema import held_out
from leadwise.store.studies import ask_study, end_study, latest_study
from leadwise.web.pages.lead.likely import about, between
from leadwise.web.pages.texts import texts
from tests.pages.learning.past import CARD, ago, site_with_a_past
from tests.pages.site import PagesSite
from tests.pages.trials import wait_for, working
from tests.records import NOW_US
from tests.web.api_service import DAY_US

CALIBRATION = {
    "method": "beta", "rows": 900, "leads": 300, "won": 90, "base_rate": 0.1, "least": 0.003,
    "horizon_us": 90 * DAY_US,
    "knots": [[0, 0.05, 0.02, 0.09], [50, 0.25, 0.18, 0.31], [200, 0.999, 0.98, 1.0]],
}  # fmt: skip


def test_asking_is_a_job_that_ends_in_an_answer(tmp_path: Any) -> None:
    with site_with_a_past(tmp_path, ()) as site, working(site):
        client = site.client("marketing")
        assert "Nobody has looked back with this card yet." in client.get("/learning/backtest").text
        sent = {"version": "1", "goal": "won", "horizon": "30", "without": " country ,"}
        assert client.post("/learning/backtest", data=sent).status_code == 303
        client.post("/learning/backtest", data=sent)

        def done() -> bool:
            answer = client.get("/learning/backtest/progress", headers={"hx-request": "true"})
            return answer.headers.get("hx-refresh") == "true"

        wait_for(done)
        text = client.get("/learning/backtest").text
        assert re.search(r"AUC 0\.\d\d \(0\.\d\d to 0\.\d\d\)", text)
        assert "Asked by Marketing One" in text
        with site.leads.store.read() as connection:
            study = latest_study(connection, "backtest", 1)
        assert study is not None
        assert study.options["horizon_days"] == 30
        assert study.options["without"] == ["country"]
        assert 'value="country"' in text


def test_experiments_are_begun_read_and_ended(site: PagesSite) -> None:
    client = site.client("marketing")
    faults = client.post("/learning/experiments", data={"name": "", "share": "80"})
    assert faults.status_code == 422
    for said in ("Give it a name", "at most 50.", "Tick at least one band."):
        assert said in faults.text
    bands = re.findall(r'name="bands" value="([^"]+)"', faults.text)
    sent = {"name": "autumn", "share": "12.5", "bands": bands[:1]}
    assert client.post("/learning/experiments", data=sent).status_code == 303
    assert client.post("/learning/experiments", data=sent).status_code == 422, "names are unique"
    with site.leads.store.read() as connection:
        (found,) = list_experiments(connection)
    assert (found.share, found.bands, found.until_us) == (0.125, (bands[0],), None)
    text = client.get("/learning/experiments").text
    assert "12.5% of the leads" in text
    assert "Nothing can be said yet: nobody was left alone." in text
    assert client.post(f"/learning/experiments/{found.id}/end").status_code == 303
    assert "ended" in client.get("/learning/experiments").text
    assert client.post("/learning/experiments/999/end").status_code == 404


def test_what_follow_up_brings_stands_in_words(tmp_path: Any) -> None:
    with site_with_a_past(tmp_path, ()) as site:

        def work(connection: Any) -> None:
            of = begin_experiment(connection, "lots", 0.5, ["hot"], by="test", now_us=ago(300))
            rows = [
                {"experiment_id": of.id, "lead_id": number, "at_us": ago(299), "band": "hot",
                 "held": int(number % 3 != 1)}
                for number in range(1, 161)
            ]  # fmt: skip
            connection.execute(insert(held_out), rows)

        site.leads.write(work)
        text = site.client("read_only").get("/learning/experiments").text
        # Leads 1, 4, 7 ... are the large companies, which win more often: the lot is none here.
        assert re.search(
            r"Follow-up brings deals: \+[\d.]+ \(\+[\d.]+ to \+[\d.]+\) percentage", text
        )
        assert "Begin an experiment" not in text


@pytest.mark.parametrize(
    ("open_", "gap", "said"),
    [
        (True, (0.05, 0.02, 0.08), "The gate is open"),
        (False, (0.01, -0.02, 0.03), "cannot be told from the live card"),
        (False, (-0.05, -0.08, -0.02), "orders worse"),
        (False, (None, None, None), "too few outcomes"),
    ],
)
def test_the_gate_says_whether_the_challenger_is_better(
    site: PagesSite, open_: bool, gap: tuple[float | None, ...], said: str
) -> None:
    span = dict(zip(("value", "low", "high"), gap, strict=True))

    def work(connection: Any) -> int:
        version = add_version(connection, CARD, subject="lead", by="test", now_us=NOW_US)
        set_status(connection, version.id, "shadow")
        study = ask_study(connection, "gate", version.id, "won", {}, by="test", now_us=NOW_US,
                          job_id="gate")  # fmt: skip
        gate = {"open": open_, "champion": span, "challenger": span, "auc": span,
                "precision": span, "rows": 812, "won": 144}  # fmt: skip
        end_study(connection, study.id, NOW_US, {"gate": gate, "champion_id": 1})
        return version.id

    shadow = site.leads.write(work)
    text = site.client("marketing").get("/learning/experiments").text
    assert said in text
    publish = f'href="/studio/versions/{shadow}/publish"'
    assert (publish in text) == open_


def test_leads_have_a_probability_once_the_card_is_calibrated(site: PagesSite) -> None:
    client = site.client("representative")
    with site.leads.store.read() as connection:
        from leadwise.store.cards import live_version

        live = live_version(connection)
    assert live is not None
    version_id = live.id
    assert "likely" not in client.get("/queue").text
    assert "likely" not in client.get("/leads/1").text

    def work(connection: Any) -> None:
        study = ask_study(connection, "calibrate", version_id, "won", {}, by="test", now_us=NOW_US,
                          job_id="calibrate")  # fmt: skip
        end_study(connection, study.id, NOW_US, {"calibration": CALIBRATION})

    site.leads.write(work)
    assert re.search(r"about 1 in \d+", client.get("/queue").text)
    text = client.get("/leads/1").text
    assert re.search(r"<strong>about 1 in \d+</strong>", text)
    assert re.search(r"are won within 90 days \(\d+% to \d+%\)", text)


@pytest.mark.parametrize(
    ("chance", "said", "interval"),
    [
        (Chance(0.25, 0.18, 0.31), "about 1 in 4", "18% to 31%"),
        (Chance(0.62, 0.5, 0.7), "about 6 in 10", "50% to 70%"),
        (Chance(0.999, 0.98, 0.9999), "about 9 in 10", "98% to 99.9%"),
        (Chance(0.0004, 0.00001, 0.002), "about 1 in 2,500", "0.1% to 0.2%"),
        (Chance(0.0123, 0.0099, 0.0151), "about 1 in 80", "1.0% to 2%"),
    ],
)
def test_a_probability_is_said_as_people_say_it(chance: Chance, said: str, interval: str) -> None:
    assert about(texts("en"), chance) == said
    assert between(texts("en"), chance) == interval


def test_with_the_gate_on_publishing_wants_it_open_or_somebody_who_says_so(tmp_path: Any) -> None:
    better = CARD.replace("points: 20}", "points: 26}")
    gate = LearningSettings(gate="on")
    with site_with_a_past(tmp_path, (), learning=gate) as site, working(site):
        version_id = site.leads.write(
            lambda c: add_version(c, better, subject="lead", by="test", now_us=NOW_US).id
        )
        client, address = site.client("marketing"), f"/studio/versions/{version_id}/publish"
        assert "The gate is shut" in client.get(address).text
        sent = {"why": "because", "revision": "0", "instead_of": "1"}
        answer = client.post(address, data=sent)
        assert answer.status_code == 422
        assert "Tick that you publish it all the same" in answer.text

        def work(connection: Any) -> None:
            study = ask_study(connection, "gate", version_id, "won", {}, by="test",
                              now_us=NOW_US, job_id="gate")  # fmt: skip
            found = {"gate": {"open": True}, "champion_id": 1}
            end_study(connection, study.id, NOW_US, found)

        site.leads.write(work)
        assert "The gate is shut" not in client.get(address).text
        assert client.post(address, data=sent).status_code == 303


def test_a_lead_left_alone_says_so_while_the_experiment_runs(site: PagesSite) -> None:
    def work(connection: Any) -> int:
        of = begin_experiment(connection, "lots", 0.5, ["hot"], by="test", now_us=NOW_US)
        rows = [
            {"experiment_id": of.id, "lead_id": 1, "at_us": NOW_US, "band": "hot", "held": 1},
            {"experiment_id": of.id, "lead_id": 2, "at_us": NOW_US, "band": "hot", "held": 0},
        ]
        connection.execute(insert(held_out), rows)
        return of.id

    said = "This lead is left alone, by lot, in the experiment lots"
    number = site.leads.write(work)
    client = site.client("marketing")
    assert said in client.get("/leads/1").text
    assert said not in client.get("/leads/2").text
    assert client.post(f"/learning/experiments/{number}/end").status_code == 303
    assert said not in client.get("/leads/1").text
