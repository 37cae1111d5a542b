"""Backups are whole, say what they are, and give back the store that they were made of."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text

from leadwise.errors import UserError
from leadwise.store import dumping, migrations
from leadwise.store.backup import Backup, make_backup, read_backup
from leadwise.store.doctor import Patient, examine, snapshot
from leadwise.store.doctor_scores import check_scores
from leadwise.store.opening import Store
from leadwise.store.privacy import erase_person, object_to_scoring
from leadwise.store.restore import Target, restore_backup
from leadwise.store.schema import audit, band_change, event, lead, meta, metadata, mirror_file
from tests.databases import make_tables, postgres_database
from tests.records import DAY_US, NOW_US, add_lead, make_live, score_all

Rows = dict[str, list[tuple[Any, ...]]]
LATER_US = NOW_US + 3 * DAY_US


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store with leads, events and scores; jobs and a secret beside it."""
    data = _data(tmp_path)
    if request.param == "sqlite":
        yield _filled(str(data / "leadwise.db"))
    else:
        with postgres_database(str(request.getfixturevalue("postgres_url"))) as url:
            yield _filled(url)


@pytest.fixture
def embedded(tmp_path: Path) -> str:
    """The address of an embedded one."""
    return _filled(str(_data(tmp_path) / "leadwise.db"))


def _data(folder: Path) -> Path:
    data = folder / "data"
    data.mkdir()
    (data / "secret.key").write_text("5ec4e7")
    jobs = sqlite3.connect(data / "jobs.db")
    jobs.execute("CREATE TABLE job (id TEXT)")
    jobs.execute("INSERT INTO job VALUES ('one')")
    jobs.commit()
    jobs.close()
    return data


def _filled(address: str) -> str:
    with Store(address) as store:
        make_tables(store)
        with store.transaction() as connection:
            version = make_live(connection)
            for number in range(5):
                facts = {"employees": 90 + 10 * number, "name": 'Zoë "Ö" \\ 日本', "rate": 1e16}
                add_lead(connection, f"{number}@acme.example", facts,
                         [("visit", NOW_US - DAY_US, {"url": "/a\tb"})])  # fmt: skip
            score_all(connection, version)
            connection.execute(insert(band_change).values(
                lead_id=1, card_version_id=version.id, at_us=NOW_US, to_band="hot", score=1,
                cause="event"))  # fmt: skip
            connection.execute(text("DELETE FROM band_change"))
            connection.execute(insert(mirror_file).values(
                kind="events", bucket=0, path="x", rows=1, written_us=1))  # fmt: skip
            connection.execute(insert(meta).values(key="mirror", value="{}"))
            rows = [{"key": f"k{number}", "value": "v"} for number in range(3000)]
            connection.execute(insert(meta), rows)
    return address


def rows_of(connection: Connection) -> Rows:
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
    }


def made(address: str, folder: Path, **more: Any) -> tuple[Backup, Rows]:
    data = folder.parent / "data"
    with Store(address) as store:
        backup = make_backup(store, folder, NOW_US, data=data, secret=data / "secret.key", **more)
        with snapshot(store) as connection:
            return backup, rows_of(connection)


def same_but_for_the_mirror(found: Rows, before: Rows) -> None:
    for name in metadata.tables:
        if name == "mirror_file":
            assert found[name] == []
        elif name == "audit":
            assert [row[3] for row in found[name]][-1] == "restore"
        elif name == "meta":
            assert set(before[name]) - set(found[name]) == {("mirror", "{}")}
        else:
            assert found[name] == before[name], name


def restored(backup: Backup, target: Target, before: Rows) -> None:
    """Restore and compare; the store is well afterwards and counts on where it was."""
    result = restore_backup(read_backup(backup.folder), target, LATER_US, "test")
    assert result.tables == migrations.head()
    with Store(target.url) as store:
        with snapshot(store) as connection:
            same_but_for_the_mirror(rows_of(connection), before)
            assert check_scores(connection).right
            assert check_scores(connection).compared == 5
        findings = examine(Patient(store, LATER_US))
        assert [f for f in findings if f.state == "wrong" and f.check != "disk"] == []
        with store.transaction() as connection:
            added = connection.execute(insert(event).values(
                identity_id=1, source="s", message_id="new", type="track", event="visit",
                at_us=1, received_us=1, doc={})).inserted_primary_key  # fmt: skip
            assert added[0] == len(before["event"]) + 1
            changed = connection.execute(insert(band_change).values(
                lead_id=1, card_version_id=1, at_us=1, score=1, cause="event"))  # fmt: skip
            assert changed.inserted_primary_key[0] == 2  # the deleted one's id is never given again


def test_backup_and_restore(address: str, tmp_path: Path) -> None:
    backup, before = made(address, tmp_path / "backup")
    embedded = "postgres" not in address
    assert backup.kind == ("files" if embedded else "dump")
    assert backup.tables == migrations.head()
    assert backup.rows["lead"] == 5
    assert backup.rows["meta"] == 3001
    assert backup.age(NOW_US + 90_061_000_000).total_seconds() == 90_061
    assert {"jobs.db", "secret.key"} < set(backup.files)
    for path in (backup.folder, *backup.folder.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert json.loads((backup.folder / "backup.json").read_text())["made"].startswith("2027-01-15")
    elsewhere = tmp_path / "elsewhere"
    url = str(elsewhere / "leadwise.db") if embedded else address
    target = Target(url, elsewhere, elsewhere / "secret.key", replace=not embedded)
    if not embedded:
        with Store(address) as store, store.transaction() as connection:
            connection.execute(text("DELETE FROM event"))
            connection.execute(text("UPDATE score SET score = 1"))
    restored(backup, target, before)
    assert (elsewhere / "secret.key").read_text() == "5ec4e7"
    assert sqlite3.connect(elsewhere / "jobs.db").execute("SELECT id FROM job").fetchall() == [
        ("one",)
    ]


@pytest.mark.parametrize("to", ["sqlite", "postgres"])
def test_portable_goes_anywhere(
    address: str, to: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """From either kind of store into either."""
    backup, before = made(address, tmp_path / "backup", portable=True)
    assert backup.kind == "portable"
    assert "jobs.db" not in backup.files
    elsewhere = tmp_path / "elsewhere"
    if to == "sqlite":
        url = str(elsewhere / "leadwise.db")
        restored(backup, Target(url, elsewhere, elsewhere / "secret.key"), before)
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server, empty=True) as url:
            restored(backup, Target(url, elsewhere, elsewhere / "secret.key"), before)


def test_without_programs_a_dump_is_portable(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "postgres" not in address:
        assert made(address, tmp_path / "b")[0].kind == "files"
        return
    monkeypatch.setattr(dumping.shutil, "which", lambda _: None)
    assert made(address, tmp_path / "b")[0].kind == "portable"


def test_made_while_others_write(tmp_path: Path) -> None:
    """A backup is of one moment: as many facts as leads, whatever is written meanwhile."""
    path = str(tmp_path / "leadwise.db")
    stop = threading.Event()
    with Store(path) as store:
        make_tables(store)

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                store.write(lambda c, n=number: add_lead(c, f"{n}@acme.example"))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            backups = [make_backup(store, tmp_path / f"b{n}", NOW_US) for n in range(3)]
        finally:
            stop.set()
            writer.join()
    for backup in backups:
        assert backup.rows["lead"] == backup.rows["lead_fact"] == backup.rows["identity_lead"]
        with Store(str(backup.folder / "leadwise.db")) as copy:
            assert [f.check for f in examine(Patient(copy, NOW_US)) if f.state == "wrong"] in (
                [], ["disk"],
            )  # fmt: skip


def test_a_changed_or_missing_file_is_found(embedded: str, tmp_path: Path) -> None:
    backup, _ = made(embedded, tmp_path / "backup", portable=True)
    path = backup.folder / "event.jsonl.gz"
    kept = path.read_bytes()
    path.write_bytes(kept[:-9] + b"x" + kept[-8:])
    with pytest.raises(UserError, match=r"event\.jsonl\.gz of the backup has changed") as caught:
        read_backup(backup.folder)
    assert caught.value.code == "backup-damaged"
    path.unlink()
    with pytest.raises(UserError, match="is missing"):
        read_backup(backup.folder)
    with pytest.raises(UserError) as nothing:
        read_backup(tmp_path)
    assert nothing.value.code == "backup-missing"


def test_nothing_is_left_of_a_backup_that_fails(embedded: str, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(UserError) as taken:
        made(embedded, tmp_path / "backup")
    assert taken.value.code == "backup-exists"
    (tmp_path / "data" / "jobs.db").write_bytes(b"SQLite format 3\0" + b"no database" * 999)
    with pytest.raises(UserError) as failed:
        made(embedded, tmp_path / "other")
    assert failed.value.code in ("backup-failed", "backup-damaged")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data"]


def test_what_is_there_is_kept_or_refused(embedded: str, tmp_path: Path) -> None:
    backup, before = made(embedded, tmp_path / "backup")
    target = Target(embedded, tmp_path / "data", tmp_path / "data" / "secret.key")
    with pytest.raises(UserError) as there:
        restore_backup(backup, target, LATER_US, "test")
    assert there.value.code == "restore-target"
    with Store(embedded) as serving:
        with serving.read() as connection:
            connection.execute(select(lead)).all()
        with pytest.raises(UserError) as used:
            restore_backup(backup, replace(target, replace=True), LATER_US, "test")
        assert used.value.code == "store-in-use"
    result = restore_backup(backup, replace(target, replace=True), LATER_US, "test")
    when = "before-20270118T080000Z"
    names = ("jobs.db", "leadwise.db")  # the secret is still the same
    assert [path.name for path in result.kept] == [f"{name}.{when}" for name in names]
    with Store(str(result.kept[-1])) as old, old.read() as connection:
        assert rows_of(connection) == before


def test_the_wrong_kind_of_store(embedded: str, tmp_path: Path) -> None:
    backup, _ = made(embedded, tmp_path / "backup")
    dumped = replace(backup, kind="dump")
    target = Target(str(tmp_path / "new.db"), tmp_path, tmp_path / "key")
    with pytest.raises(UserError, match="PostgreSQL") as caught:
        restore_backup(dumped, target, LATER_US, "test")
    assert caught.value.code == "restore-kind"
    with pytest.raises(UserError) as newer:
        restore_backup(replace(backup, tables="9999"), target, LATER_US, "test")
    assert newer.value.code == "store-newer"


def test_who_was_erased_stays_erased(address: str, tmp_path: Path) -> None:
    """Somebody erased after the backup is not brought back by restoring it."""
    backup, _ = made(address, tmp_path / "backup")
    with Store(address) as store, store.transaction() as connection:
        erase_person(connection, 2, NOW_US + DAY_US, "test")
        object_to_scoring(connection, 3, NOW_US + DAY_US, "test")
    data = tmp_path / "data"
    target = Target(address, data, data / "secret.key", replace=True)
    result = restore_backup(backup, target, LATER_US, "test")
    assert (result.erased, result.objections, result.forgotten) == (1, 1, False)
    with Store(address) as store, store.read() as connection:
        rows = connection.execute(select(lead).order_by(lead.c.id)).all()
        assert [row.erased_us for row in rows] == [None, LATER_US, None, None, None]
        assert [row.objected_us for row in rows] == [None, None, LATER_US, None, None]
        assert "2@acme.example" in str(connection.execute(text("SELECT * FROM identity")).all())
        assert "1@acme.example" not in str(connection.execute(text("SELECT * FROM event")).all())
        actions = connection.scalars(select(audit.c.action).order_by(audit.c.id)).all()
        assert actions[-3:] == ["erase", "object", "restore"]


def test_from_a_store_that_is_damaged(embedded: str, tmp_path: Path) -> None:
    backup, before = made(embedded, tmp_path / "backup")
    Path(embedded).write_bytes(b"damaged" * 5000)
    data = tmp_path / "data"
    result = restore_backup(
        backup, Target(embedded, data, data / "secret.key", replace=True), LATER_US, "test"
    )
    assert result.forgotten
    with Store(embedded) as store, store.read() as connection:
        same_but_for_the_mirror(rows_of(connection), before)


def test_what_came_along_with_mails_comes_along(address: str, tmp_path: Path) -> None:
    data, digest = tmp_path / "data", "ab" + "0" * 62
    kept = data / "attachments" / "ab" / digest
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"%PDF-1.7")
    kept.with_suffix(".7.half").write_bytes(b"%P")  # not yet whole
    with Store(address) as store:
        make_backup(store, tmp_path / "made", NOW_US, data=data)
    backup = read_backup(tmp_path / "made")
    found = [name for name in backup.files if name.startswith("attachments")]
    assert found == [f"attachments/ab/{digest}"]
    again = tmp_path / "again"
    restore_backup(backup, Target(address, again, again / "key", replace=True), NOW_US, "ann")
    there = again / "attachments" / "ab" / digest
    assert there.read_bytes() == b"%PDF-1.7"
    assert stat.S_IMODE(there.stat().st_mode) == 0o600
    (tmp_path / "made" / "attachments" / "ab" / digest).write_bytes(b"other")
    with pytest.raises(UserError, match="has changed"):
        read_backup(tmp_path / "made")
