"""The commands that work on a store, one after the other as somebody would use them."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from leadwise.jobs import Jobs
from leadwise.live.scoring import score_touched
from leadwise.store.keys import verify_key
from leadwise.store.mirror import update
from leadwise.store.opening import Store
from tests.cli.running import document, run
from tests.databases import postgres_database
from tests.records import CARD, make_live

LEADS = "lead_id,email,employees\n1,ann@acme.example,200\n2,bob@acme.example,50\n"
EVENTS = "lead_id,event,timestamp\n1,visit,2026-01-01\n1,Demo requested,2026-01-02\n2,visit,never\n"
NOW = 1_900_000_000_000_000


class Place:
    """A data folder with a store of one kind, and files to import."""

    def __init__(self, folder: Path, database: str | None) -> None:
        self.folder, self.data = folder, folder / "data"
        self.at = ["--data", str(self.data)]
        self.at += ["--database", database] if database else []
        self.url = database or f"sqlite:///{self.data / 'leadwise.db'}"
        self.card = self.file("card.yaml", CARD)

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *arguments: object, code: int = 0, stdin: str | None = None) -> str:
        return run(*arguments, *self.at, code=code, stdin=stdin).output

    def document(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        return document(*arguments, *self.at, code=code)

    def score(self) -> None:
        """What a running service does."""
        with Store(self.url) as store:
            while store.write(lambda c: score_touched(c, NOW)).taken:
                pass


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place with a store, a live card, two leads and two events."""
    if request.param == "sqlite":
        yield _filled(Place(tmp_path, None))
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server, empty=True) as url:
            yield _filled(Place(tmp_path, url))


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    return Place(tmp_path, None)


def _filled(place: Place) -> Place:
    place.run("init")
    with Store(place.url) as store, store.transaction() as connection:
        make_live(connection)  # publishing takes seconds
    files = ["--leads", place.file("leads.csv", LEADS), "--events", place.file("e.csv", EVENTS)]
    place.run("import", *files, code=1)
    return place


def test_init_makes_what_is_missing_and_leaves_the_rest(empty: Place) -> None:
    made = empty.document("init", "--card", empty.card)
    assert made["store"] == "made: SQLite, version 0001 of the tables"
    assert made["card"] == "published: small, version 1"
    for path in (empty.data, empty.data / "secret.key", empty.data / "leadwise.db"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    with Store(empty.url) as store, store.read() as connection:
        write = verify_key(connection, made["keys"]["write"], NOW, "write")
        api = verify_key(connection, made["keys"]["api"], NOW)
        assert write is not None
        assert api is not None
        assert api.allows("privacy")
    secret = (empty.data / "secret.key").read_text()
    said = empty.run("init", "--card", empty.card)
    assert re.findall(r"^\w[\w ]*?  +(?:was|were) there", said, re.M) == [
        "data folder  was there", "secret key   was there", "store        was there",
        "card         was there", "keys         were there",
    ]  # fmt: skip
    assert "lw_" not in said
    assert (empty.data / "secret.key").read_text() == secret
    assert len(empty.document("cards")["cards"]) == 1


def test_init_with_a_wrong_card_or_folder(empty: Place) -> None:
    wrong = empty.file("wrong.yaml", "card: x\n")
    assert "error[" in empty.run("init", "--card", wrong, code=2)
    empty.file("file", "")
    assert "data-folder" in run("init", "--data", empty.folder / "file" / "x", code=2).output


@pytest.mark.parametrize(
    "arguments", [["doctor"], ["backup", "b"], ["migrate"], ["key", "list"], ["jobs"], ["cards"]]
)
def test_without_a_store_they_say_so(empty: Place, arguments: list[str]) -> None:
    said = empty.run(*arguments, code=2)
    assert "error[store-missing]" in said
    assert "leadwise init" in said
    assert not empty.data.exists()


def test_import_says_what_became_of_the_rows(empty: Place) -> None:
    place = _filled(empty)
    files = ["--leads", place.folder / "leads.csv", "--events", place.folder / "e.csv"]
    assert place.document("import", *files, code=1) == {
        "leads": {"rows": 2, "recorded": 0, "known": 0, "unchanged": 2, "refused": 0},
        "events": {"rows": 3, "recorded": 0, "known": 2, "unchanged": 0, "refused": 1},
    }
    said = place.run("import", *files, code=1)
    assert "leads.csv: 2 rows, 0 recorded, 2 of leads that say nothing new" in said
    assert "e.csv: 3 rows, 0 recorded, 2 recorded before, 1 refused" in said


def test_import_in_other_words(empty: Place) -> None:
    empty.run("init")
    path = empty.file("x.csv", "Mail,Kind,When\nann@acme.example,visit,2026-01-01\n")
    columns = ["lead_id=Mail", "event=Kind", "timestamp=When"]
    given = [part for column in columns for part in ("--column", column)]
    done = empty.document("import", "--events", path, "--identity", "email", *given)
    assert done["events"]["recorded"] == 1
    piped = run("import", "--leads", "-", *empty.at, stdin=LEADS)
    assert "-: 2 rows, 2 recorded" in piped.output
    assert "ann@acme.example" in empty.run("person", "export", "ann@acme.example")


def test_import_of_nothing_and_of_a_missing_file(empty: Place) -> None:
    empty.run("init")
    assert "error[usage]" in empty.run("import", code=2)
    assert "error[usage]" in empty.run("import", "--leads", empty.card, "--identity", "x", code=2)
    leads = empty.file("leads.csv", LEADS)
    missing = ["--leads", leads, "--events", empty.folder / "no.csv"]
    assert "error[input-missing-file]" in empty.run("import", *missing, code=2)
    assert empty.document("import", "--leads", leads)["leads"]["recorded"] == 2


def test_doctor(place: Place) -> None:
    said = place.run("doctor")
    assert "2 leads to be scored" in said
    place.score()
    found = place.document("doctor", "--scores")
    assert found["ok"]
    scores = found["findings"][-1]
    assert scores["said"] == "2 scores compared with the query's answer: all equal"
    with Store(place.url) as store, store.transaction() as connection:
        connection.exec_driver_sql("UPDATE score SET score = score + 1 WHERE lead_id = 1")
        connection.exec_driver_sql("DELETE FROM lead_fact WHERE lead_id = 2")
    said = place.run("doctor", "--scores", code=1)
    assert re.search(r"^wrong +facts +the facts of 1 lead are not", said, re.M)
    assert re.search(r"^wrong +scores +2 scores compared .*: \d differ", said, re.M)
    assert "is the answer" in said
    assert not place.document("doctor", code=1)["ok"]


def test_doctor_tells_of_failed_jobs(empty: Place) -> None:
    place = empty
    place.run("init")
    where = place.data if "sqlite" in place.url else place.url
    with Jobs(where) as jobs:
        job_id = jobs.enqueue("import", {"path": "x"})
    with _jobs_table(place) as execute:
        execute(
            "UPDATE {job} SET state = 'failed', "
            """error = '{{"code": "x", "message": "no such file", "hint": ""}}'"""
        )
    said = place.run("doctor")
    assert re.search(r"^warning +jobs +1 job failed; .*no such file", said, re.M)
    assert "no such file" in place.run("jobs", "show", job_id)
    assert place.document("jobs", "list", "--state", "failed")["jobs"][0]["id"] == job_id
    assert "tried again" in place.run("jobs", "retry", job_id)
    assert "cancelled" in place.run("jobs", "cancel", job_id)
    assert "cannot be cancelled" in place.run("jobs", "cancel", job_id)
    assert place.document("jobs", "show", job_id)["state"] == "cancelled"
    assert "error[unknown-job]" in place.run("jobs", "show", "x", code=2)


@contextmanager
def _jobs_table(place: Place) -> Iterator[Callable[[str], object]]:
    """Runs SQL that calls the table of jobs `{job}`."""
    if "sqlite" in place.url:
        with closing(sqlite3.connect(place.data / "jobs.db", isolation_level=None)) as file:
            yield lambda sql: file.execute(sql.format(job="job"))
        return
    with Store(place.url) as store:

        def execute(sql: str) -> None:
            with store.transaction() as connection:
                connection.exec_driver_sql(sql.format(job="leadwise_jobs.job"))

        yield execute


def test_publish(empty: Place) -> None:
    place = _filled(empty)
    place.score()
    assert "nothing was changed" in place.run("publish", "1", "--try")
    other = place.file("other.yaml", CARD.replace("points: 20", "points: 60", 1))
    tried = place.document("publish", other, "--try")
    assert tried["moved"] == 1
    assert "draft" in place.run("publish", other, "--draft")
    done = place.document("publish", other, "--why", "fit counts more")
    assert done == {
        "version": 2, "already_live": False, "retired": 1, "scored": 2, "band_changes": 1,
    }  # fmt: skip
    listed = place.document("cards")["cards"]
    assert [(one["version"], one["status"], one["why"]) for one in listed] == [
        (2, "live", "fit counts more"), (1, "retired", None),
    ]  # fmt: skip
    assert place.run("doctor", "--scores")
    assert "is live already" in place.run("publish", "2")
    assert "retired" in place.run("cards")
    assert "card-version-unknown" in place.run("publish", "77", code=2)
    wrong = place.file("wrong.yaml", "card: x\n")
    assert str(wrong) in place.run("publish", wrong, code=2)


def test_keys(empty: Place) -> None:
    empty.run("init")
    made = empty.document("key", "create", "reports", "--scope", "read:leads", "--days", "9")
    with Store(empty.url) as store, store.read() as connection:
        found = verify_key(connection, made["key"], 0)
        assert found is not None
        assert found.scopes == {"read:leads"}
    said = empty.run("key", "create", "web", "--write", "--origin", "https://a.example")
    assert said.startswith("lww_")
    listed = empty.run("key", "list")
    assert made["key"] not in listed
    assert "https://a.example" in listed
    empty.run("key", "revoke", made["id"])
    assert empty.document("key", "list")["keys"][1]["revoked"]
    with Store(empty.url) as store, store.read() as connection:
        assert verify_key(connection, made["key"], 0) is None
    for wrong in (["create"], ["create", "x"], ["revoke", "x"], ["lose", "x"]):
        assert "error[usage]" in empty.run("key", *wrong, code=2)
    assert "key-scope" in empty.run("key", "create", "x", "--scope", "all", code=2)


def test_persons(place: Place) -> None:
    place.score()
    with Store(place.url) as store:
        update(store, place.data / "mirror", NOW, lambda *_: None)
    out = place.folder / "ann.json"
    place.run("person", "export", "Ann@Acme.example", "--out", out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    exported = json.loads(out.read_text())
    assert exported["lead"]["id"] == 1
    assert len(exported["events"]) == 3
    place.run("person", "object", "crm:2")
    place.score()
    assert [row[0] for row in _rows(place, "SELECT lead_id FROM score")] == [1]
    place.run("person", "withdraw", "2")
    place.score()
    assert len(_rows(place, "SELECT lead_id FROM score")) == 2
    where = place.data if "sqlite" in place.url else place.url
    with Jobs(where) as jobs:
        job_id = jobs.enqueue("import", {"who": "ann@acme.example"})
    assert run("person", "erase", "1", *place.at, stdin="n\n", code=130)
    said = place.run("person", "erase", "ann@acme.example", "--yes")
    assert "Erased: 1 lead, 3 events" in said
    with Jobs(where) as jobs:
        assert jobs.get(job_id).arguments == {"who": "(erased)"}
    assert "identity-unknown" in place.run("person", "export", "ann@acme.example", code=2)
    assert "error[gone]" in place.run("person", "export", "1", code=2)
    assert "error[usage]" in place.run("person", "praise", "1", code=2)
    kept = [path for path in place.data.rglob("*") if path.is_file()]
    assert [
        path for path in kept if b"ann@acme" in path.read_bytes() and path.suffix != ".db"
    ] == []
    place.score()
    assert place.run("doctor", "--scores")


def _rows(place: Place, sql: str) -> list[Any]:
    with Store(place.url) as store, store.read() as connection:
        return list(connection.exec_driver_sql(sql))


def test_backup_and_restore(place: Place) -> None:
    place.score()
    with Jobs(place.data if "sqlite" in place.url else place.url) as jobs:
        job_id = jobs.enqueue("import", {"path": "x"})
    folder = place.folder / "backup"
    assert "2 leads, 4 events" in place.run("backup", folder)
    assert "backup-exists" in place.run("backup", folder, code=2)
    said = run("restore", folder, "--check").output
    assert "every file is whole" in said
    assert "ago" in said
    assert "restore-target" in place.run("restore", folder, code=2)
    place.run("person", "erase", "2", "--yes")
    with _jobs_table(place) as execute:
        execute("DELETE FROM {job}")
    said = place.run("restore", folder, "--replace")
    assert "1 erasure, 0 objections" in " ".join(said.split())
    assert "error[gone]" in place.run("person", "export", "2", code=2)
    assert place.document("jobs", "show", job_id)["state"] == "waiting"
    place.score()
    assert place.run("doctor", "--scores")
    (folder / "backup.json").unlink()
    assert "backup-missing" in run("restore", folder, "--check", code=2).output


def test_restore_waits_for_no_running_service(empty: Place, monkeypatch: Any) -> None:
    from leadwise.jobs import place as jobs_place

    empty.run("init")
    empty.run("backup", empty.folder / "b", "--portable")
    monkeypatch.setattr(jobs_place, "PATIENCE_S", 0.2)
    with jobs_place.hold(empty.data, "serve"):
        said = empty.run("restore", empty.folder / "b", "--replace", code=2)
    assert "jobs-folder-in-use" in said
    assert "Restored" in empty.run("restore", empty.folder / "b", "--replace")


def test_backup_without_a_name(empty: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    empty.run("init")
    monkeypatch.chdir(empty.folder)
    empty.run("backup")
    assert list(empty.folder.glob("leadwise-backup-20*Z"))


def test_migrate(empty: Place) -> None:
    empty.run("init")
    assert "nothing to do" in empty.run("migrate", "--check")
    with Store(empty.url) as store, store.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for command in (["migrate"], ["doctor"], ["key", "list"], ["init"]):
        said = empty.run(*command, code=1 if command == ["doctor"] else 2)
        assert "9999" in said
    (empty.data / "leadwise.db").unlink()
    (empty.data / "leadwise.db").touch()
    assert "from version none to version 0001" in empty.run("migrate", "--check", code=1)
    assert "were brought from version none" in empty.run("migrate")
    assert "nothing to do" in empty.run("migrate")
