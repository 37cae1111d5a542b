"""Learning over HTTP: a study asked, answered by a job, read; probabilities; experiments; gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from leadwise.asking.instants import written
from leadwise.learn.experiments import Drawing
from leadwise.store.cards import live_version
from leadwise.store.doctor import snapshot
from leadwise.store.doctor_rows import check_identities
from leadwise.store.experiments import left_alone
from leadwise.store.privacy import erase_person
from leadwise.store.queue import QueueFilter, levels_of, list_places
from leadwise.store.studies import ask_study, end_study
from leadwise.web.modelling import LiveModels
from tests.databases import postgres_database
from tests.web.api_service import CARD, DAY_US, NOW_US, Running, message, publish, running
from tests.web.test_api_jobs import working

LEADS = 120


@pytest.fixture(params=["sqlite"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    with ExitStack() as stack:
        url = None
        if request.param == "postgres":
            server = str(request.getfixturevalue("postgres_url"))
            url = stack.enter_context(postgres_database(server))
        found = stack.enter_context(running(tmp_path, url))
        found.write(publish)
        yield found


def sent(service: Running, leads: int = LEADS) -> None:
    """Bosses are won through the very route that the queue's buttons and CRMs write by."""
    service.say(
        *(
            message("identify", f"u{n}", 1, ago=came(n), email=f"{n}@acme.example",
                    values={"title": "boss" if n % 2 else "clerk"})
            for n in range(leads)
        )
    )  # fmt: skip
    client = service.client("admin")
    for n in range(leads):
        kind = "won" if n % 8 in (1, 3, 5, 4) else "lost"
        said = {"kind": kind, "at": written(NOW_US - int((came(n) - 20) * DAY_US))}
        assert client.post(f"/api/leads/{n + 1}/outcomes", json=said).status_code == 201


def came(n: int) -> float:
    return 180 - n / 2


def test_a_calibration_gives_leads_their_probability(service: Running, tmp_path: Path) -> None:
    sent(service)
    client = service.client("admin")
    first = client.get("/api/leads").json()["items"][0]
    assert first["probability"] is None
    asked = client.post("/api/studies", json={"kind": "calibrate", "horizon_days": 60})
    assert asked.status_code == 202, asked.text
    again = client.post("/api/studies", json={"kind": "calibrate", "horizon_days": 60})
    assert again.json() == asked.json() | {"state": "waiting"}
    with working(service, tmp_path) as jobs:
        jobs.wait(asked.json()["job_id"], 60)
    found = client.get(f"/api/studies/{asked.json()['id']}").json()
    assert (found["state"], found["problem"]) == ("done", None)
    assert found["result"]["calibration"]["won"] > LEADS / 4
    items = client.get("/api/leads?limit=200").json()["items"]
    bosses, clerks = ({tuple(one["probability"].items()) for one in items if one["score"] == points}
                      for points in (30, 5))  # fmt: skip
    (boss,), (clerk,) = map(list, (bosses, clerks))
    assert 0 < dict(clerk)["value"] < 0.4 < 0.6 < dict(boss)["value"] < 1
    assert dict(boss)["low"] < dict(boss)["value"] < dict(boss)["high"]
    lead = client.get(f"/api/leads/{first['id']}").json()
    assert lead["score"]["probability"] == dict(boss)


def test_a_study_is_cancelled_before_it_began(service: Running) -> None:
    client = service.client("admin")
    asked = client.post("/api/studies", json={"kind": "backtest"}).json()
    assert client.post(f"/api/studies/{asked['id']}/cancel").json() == {"did": True}
    found = client.get(f"/api/studies/{asked['id']}").json()
    assert (found["state"], found["problem"]) == ("failed", "It was cancelled.")
    assert client.post(f"/api/studies/{asked['id']}/cancel").json() == {"did": False}
    assert client.get("/api/studies?kind=learn").json()["items"] == []
    assert client.get("/api/studies/9").json()["code"] == "no-such-study"


@pytest.mark.parametrize("service", ["sqlite", "postgres"], indirect=True)
def test_who_is_left_alone(service: Running) -> None:
    client = service.client("admin")
    made = client.post("/api/experiments", json={"name": "calls", "share": 0.5, "bands": ["warm"]})
    assert made.status_code == 201, made.text
    service.say(
        *(
            message("identify", f"u{n}", 1, ago=-0.001 * n, values={"title": "boss"})
            for n in range(40)
        )
    )
    Drawing(service.store).look()
    told = client.get("/api/experiments/1").json()
    everybody, warm = told["uplift"]
    assert everybody | {"band": "warm", "text": ""} == warm | {"text": ""}
    assert warm["followed_up"] + warm["left_alone"] == 40
    assert 10 < warm["left_alone"] < 30
    with service.store.read() as connection:
        alone = [n for n in range(1, 41) if left_alone(connection, n)]
    assert len(alone) == warm["left_alone"]
    lead = client.get(f"/api/leads/{alone[0]}").json()
    assert lead["left_alone"] == ["calls"]
    with service.store.read() as connection:
        version = live_version(connection)
        assert version is not None
        asked = (connection, version.id, levels_of(version.card, ()), QueueFilter())
        queue = {place.lead_id for place in list_places(*asked, member_id=1, now_us=NOW_US)}
    assert queue == set(range(1, 41)) - set(alone)
    service.write(lambda c: erase_person(c, alone[-1], NOW_US, "test"))
    service.score()
    (held, other) = alone[0], min(queue)
    merged = client.post(f"/api/leads/{other}/merges", json={"other_id": held})
    assert merged.status_code == 201, merged.text
    _, warm = client.get("/api/experiments/1").json()["uplift"]
    assert warm["followed_up"] + warm["left_alone"] == 38
    with snapshot(service.store) as connection:
        assert check_identities(connection).state == "fine"
    held = alone[1]
    assert client.post("/api/experiments/1/end").json() == {"did": True}
    assert client.get(f"/api/leads/{held}").json()["left_alone"] == []
    again = client.post(
        "/api/experiments", json={"name": "calls", "share": 0.1, "bands": ["warm"]}
    ).json()
    assert again["code"] == "experiment-name"


def test_a_card_waits_for_the_gate(service: Running) -> None:
    learning = service.api.settings.learning.model_copy(update={"gate": "on"})
    settings = service.api.settings.model_copy(update={"learning": learning})
    object.__setattr__(service.api, "settings", settings)
    client = service.client("admin")
    other = client.post("/api/cards", json={"card": CARD.replace("30}", "35}")}).json()["id"]
    shut = client.post(f"/api/cards/{other}/publish", json={"why": "better"})
    assert shut.json()["code"] == "gate-shut"
    despite = client.post(
        f"/api/cards/{other}/publish", json={"why": "better", "despite_gate": True}
    )
    assert despite.status_code == 202

    def opened(connection: object) -> None:
        study = ask_study(connection, "gate", other, "won", {}, by="x", now_us=NOW_US, job_id="g")
        end_study(connection, study.id, NOW_US, {"champion_id": 1, "gate": {"open": True}})

    service.write(opened)
    assert client.post(f"/api/cards/{other}/publish", json={"why": "b"}).status_code == 202


def test_a_model_says_what_a_card_reads(service: Running, tmp_path: Path) -> None:
    sent(service, 160)
    client = service.client("admin")
    said = {
        "kind": "model",
        "horizon_days": 25,
        "every_days": 10,
        "name": "likely",
        "kinds": ["logistic"],
    }
    asked = client.post("/api/studies", json=said).json()
    with working(service, tmp_path) as jobs:
        jobs.wait(asked["job_id"], 120)
        found = client.get(f"/api/studies/{asked['id']}").json()
        assert found["problem"] is None
        (model,) = client.get("/api/models").json()
        assert (model["field"], model["retired"]) == ("model_likely", None)
        assert model["id"] == found["result"]["model_id"]
        assert model["about"]["verdict"] == found["result"]["verdict"]
        done = jobs.wait(jobs.enqueue("model"), 60)
        assert done.result == {"model_likely": 160}, done.error
        assert jobs.wait(jobs.enqueue("model"), 60).result == {"model_likely": 0}
    text = CARD.replace("since: {type: time}", "since: {type: time}\n  model_likely: number")
    text = text.replace(
        "      - id: size\n",
        "      - {id: model, when: model_likely >= 40, points: 9}\n      - id: size\n",
    )
    service.now[0] = jobs.now_us() + 1_000_000
    service.write(lambda c: c.exec_driver_sql("UPDATE card_version SET status = 'retired'"))
    service.write(lambda c: publish(c, text))
    service.score()
    items = client.get("/api/leads?limit=200").json()["items"]
    assert [one["score"] for one in items] == [39] * 80 + [5] * 80
    ledger = client.get(f"/api/leads/{items[0]['id']}/ledger").json()
    line = next(one for one in ledger["lines"] if one["id"] == "model")
    (why,) = line["models"]
    assert 0.4 < why["probability"] < 1
    assert line["values"]["model_likely"] == pytest.approx(why["probability"] * 100, abs=0.01)
    parts = sum(one["log_odds"] for one in why["contributions"])
    assert why["base"] + parts == pytest.approx(why["log_odds"])
    assert any("title boss" in one["text"] for one in why["contributions"])

    live = LiveModels(service.store, lambda: service.now[0])
    clerk = items[-1]["id"]
    live.moved([clerk, items[0]["id"]])
    assert live.work() == 0
    names = client.get(f"/api/leads/{clerk}").json()["identities"]
    user = next(one["value"] for one in names if one["kind"] == "user")
    service.now[0] += 1_000_000
    ago = (NOW_US - service.now[0]) / DAY_US
    service.say(message("identify", user, 9, ago=ago, values={"title": "boss"}))
    service.now[0] += 1_000_000
    live.moved([clerk])
    assert live.work() == 1
    service.score()
    assert client.get(f"/api/leads/{clerk}").json()["score"]["score"] == 39
    assert client.post(f"/api/models/{model['id']}/retire").json() == {"did": True}
    live.moved([clerk])
    assert live.work() == 0
