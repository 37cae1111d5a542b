"""Long work asked for over HTTP and done by the service's own jobs: an import, publishing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leadwise.jobs import JSON, Job, Jobs, Pace
from leadwise.settings import Settings
from leadwise.web.api.jobs import job_shape
from leadwise.web.work import handlers_of
from tests.web.api_service import CARD, Running, running, with_leads


@contextmanager
def working(service: Running, folder: Path) -> Iterator[Jobs]:
    """Somebody who works on what is put in."""
    handlers = handlers_of(Settings(data=folder), service.store)
    with Jobs(
        folder / "jobs", handlers, worker="one", version="1", pace=Pace(slots=2, poll_s=0.05)
    ) as jobs:
        jobs.start()
        yield jobs


def finished(service: Running, jobs: Jobs, answer: Any) -> dict[str, Any]:
    """The job of an answer 202, once it is over."""
    assert answer.status_code == 202, answer.text
    jobs.wait(answer.json()["id"], 60)
    done = service.client("admin").get(f"/api/jobs/{answer.json()['id']}").json()
    assert done["state"] == "done", done
    return dict(done)


def test_a_file_is_imported_a_card_published_and_taken_back(tmp_path: Path) -> None:
    with running(tmp_path) as service, working(service, tmp_path) as jobs:
        with_leads(service)
        client = service.client("admin")
        rows = b"lead_id,title,employees\nx1,boss,500\nx2,clerk,\n"
        sent = client.post(
            "/api/imports?of=leads&source=crm", content=rows, headers={"Content-Type": "text/csv"}
        )
        assert finished(service, jobs, sent)["result"]["rows"] == 2
        assert list((tmp_path / "uploads").iterdir()) == []
        service.now[0] = max(service.now[0], jobs.now_us())
        service.score()
        found = client.get("/api/leads?crm_id=x1").json()["items"]
        assert [lead["score"] for lead in found] == [42.5]

        text = CARD.replace("version: 1", "version: 2").replace("points: 30}", "points: 70.5}")
        card = client.post("/api/cards", json={"card": text}).json()["id"]
        why = {"why": "bosses buy"}
        published = client.post(f"/api/cards/{card}/publish", json=why)
        assert finished(service, jobs, published)["result"]["retired_id"] == 1
        assert client.get("/api/leads?crm_id=x1").json()["items"][0]["shown_band"] == "hot"
        assert client.get("/api/cards?status=live").json()["items"][0]["why"] == "bosses buy"
        back = client.post("/api/cards/roll-back", json={"why": "too many"})
        assert finished(service, jobs, back)["result"]["version_id"] == 1
        assert client.get("/api/leads?crm_id=x1").json()["items"][0]["shown_band"] == "warm"


def test_results_are_told_in_points_and_times() -> None:
    """As `live.card_jobs.trial_json` writes them: in hundredths and microseconds."""
    movers: list[JSON] = [{"lead_id": 7, "old_score": 4250, "new_score": 8300}]
    result: JSON = {"as_of_us": 0, "leads": 3, "after": {"per_day": 0.5}, "movers": movers}
    job = Job("try:1", "try", {}, "done", 5, 1, 1, "", result, None, 0, None, 5, 5)
    assert job_shape(job).model_dump()["result"] == {
        "as_of": "1970-01-01T00:00:00Z",
        "leads": 3,
        "after": {"per_day": 0.5},
        "movers": [{"lead_id": 7, "old_score": 42.5, "new_score": 83}],
    }
