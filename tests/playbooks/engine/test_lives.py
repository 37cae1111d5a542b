"""Runs when leads are merged, taken apart, erased, or object; versions, pauses, by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from leadwise.errors import UserError
from leadwise.ingest.merging import merge_leads, undo_merge
from leadwise.playbooks.versions import (
    add,
    move_runs,
    pause,
    publish,
    resume,
    retire,
    start_by_hand,
    stop_by_hand,
)
from leadwise.store.audit import list_audit
from leadwise.store.doctor_rows import check_identities
from leadwise.store.export import export_person, text_of_export
from leadwise.store.members import add_member
from leadwise.store.privacy import erase_person, object_to_scoring
from leadwise.store.retention import DAY_US
from leadwise.store.runs import forget_runs, list_runs
from leadwise.store.schema import connection as connection_table
from leadwise.store.schema import (
    contact,
    exchange,
    held_out,
    lead_owner,
    mail,
    metadata,
    playbook_lead,
    playbook_left_out,
    playbook_pending,
    playbook_run,
    playbook_step,
    pushed,
    remote_record,
    snooze,
    suppression,
    task,
)
from leadwise.store.tasks import list_tasks
from tests.playbooks.engine.world import DAY, STARTS, World

NOTIFY = "  - notify: {text: Hello, to: team}\n"
WAIT = "  - wait: 1 days\n" + NOTIFY


def test_a_run_follows_its_lead_when_leads_are_merged_and_back(either: World) -> None:
    version = either.publish(WAIT)
    kept, other = either.lead("a@b.example"), either.lead("b@b.example")
    run_id = either.start(version, other)
    either.move()
    made = either.store.write(lambda c: merge_leads(c, kept, other, "person", "me", either.now_us))
    assert either.run(run_id).lead_id == kept
    either.store.write(lambda c: undo_merge(c, made.id, "me", either.now_us))
    assert either.run(run_id).lead_id == other
    either.store.write(lambda c: merge_leads(c, kept, other, "person", "me", either.now_us))
    either.pass_time(DAY)
    assert (either.run(run_id).state, either.run(run_id).lead_id) == ("done", kept)
    with either.store.read() as connection:
        rows = connection.execute(select(playbook_lead).where(playbook_lead.c.lead_id == kept))
        (row,) = rows
        assert (row.starts, row.ended_us) == (1, either.now_us)


def test_two_leads_in_one_playbook_are_one_run_when_they_are_one_lead(either: World) -> None:
    version = either.publish(WAIT)
    kept, other = either.lead("a@b.example"), either.lead("b@b.example")
    one, two = either.start(version, kept, "event:1"), either.start(version, other, "event:2")
    either.move()
    either.store.write(lambda c: merge_leads(c, kept, other, "person", "me", either.now_us))
    assert either.run(two).state == "stopped"
    assert "which is in this playbook already" in (either.run(two).why or "")
    either.pass_time(DAY)
    assert either.run(one).state == "done"
    assert len(either.done) == 1
    with either.store.read() as connection:
        starts = connection.scalar(
            select(playbook_lead.c.starts).where(playbook_lead.c.lead_id == kept)
        )
    assert starts == 1


def test_erasure_leaves_nothing_of_follow_up_but_the_suppression(either: World) -> None:
    either.publish("  - approve: {question: May we?, of: team}\n", "asks")
    version = either.publish(NOTIFY + "  - start: asks\n  - wait: 1 days\n")
    lead_id, bystander = either.lead("ann@b.example"), either.lead("bob@b.example")
    run_id = either.start(version, lead_id, "event:1")
    stays = either.start(version, bystander, "event:2")
    either.store.write(lambda c: _with_the_rest(c, lead_id, run_id))
    either.move()
    document = either.store.write(lambda c: export_person(c, lead_id, either.now_us, "me"))
    assert [run["playbook"] for run in document["runs"]] == ["follow", "asks"]
    assert [step["kind"] for step in document["runs"][0]["steps"]] == ["notify", "start", "wait"]
    told = {name: len(rows) for name, rows in document.items() if isinstance(rows, list)}
    wanted = {
        "tasks": 1, "mails": 2, "contacts": 1, "playbooks": 2, "waiting_starts": 1, "left_out": 1,
        "owners": 1, "snoozed": 1, "experiments": 1, "told_to_systems": 1, "records_in_systems": 1,
        "exchanges": 1, "nothing_is_sent_to": 1,
    }  # fmt: skip
    assert {name: told[name] for name in wanted} == wanted
    (sent,) = document["told_to_systems"]
    assert (sent["system"], sent["kind"], sent["state"]) == ("crm", "hubspot", "sent")
    (made,) = document["records_in_systems"]
    assert (made["system"], made["noun"], made["remote_id"]) == ("crm", "contact", "7")
    assert json.loads(text_of_export(document)) == document
    either.store.write(lambda c: erase_person(c, lead_id, either.now_us, "me"))
    with either.store.read() as connection:
        for table in metadata.sorted_tables:
            if "lead_id" in table.c and table.name != "changed":  # that tells the mirror
                own = select(func.count()).select_from(table).where(table.c.lead_id == lead_id)
                assert connection.scalar(own) == 0, table.name
            if table.name not in ("suppression", "changed"):
                for row in connection.execute(select(table)):
                    assert "ann@b.example" not in str(row), table.name
        left = select(playbook_step.c.run_id).distinct().order_by(playbook_step.c.run_id)
        assert run_id not in connection.scalars(left).all()
        assert connection.scalar(select(func.count()).select_from(remote_record)) == 0
        assert connection.scalar(select(func.count()).select_from(suppression)) == 1
        assert check_identities(connection).state == "fine"
    either.pass_time(DAY)
    assert either.run(stays).state == "done"


def test_a_run_of_a_message_that_names_the_person_goes_too(world: World) -> None:
    version = world.publish(WAIT)
    lead_id = world.lead("ann@b.example")

    def start(connection: Any) -> None:
        for n, sender in enumerate(("ann@b.example", "bob@b.example")):
            connection.execute(insert(playbook_run).values(
                playbook="follow", version_id=version.id, lead_id=None, trigger=f"message:{n}",
                state="waiting", at=0, number=0, due_us=world.now_us, began_us=world.now_us,
                doc={"message": {"from": sender}, "step": {}},
            ))  # fmt: skip

    world.store.write(start)
    world.store.write(lambda c: erase_person(c, lead_id, world.now_us, "me"))
    with world.store.read() as connection:
        (left,) = list_runs(connection)
    assert left.doc["message"]["from"] == "bob@b.example"


def test_whoever_objects_is_followed_up_no_more(either: World) -> None:
    lead_id = either.lead()
    run_id = either.start(
        either.publish("  - task: {title: Call, wait: true, to: team}\n"), lead_id
    )
    either.move()
    either.store.write(lambda c: object_to_scoring(c, lead_id, either.now_us, "me"))
    assert (either.run(run_id).state, either.run(run_id).why) == (
        "stopped", "The person objected to being scored.",
    )  # fmt: skip
    with either.store.read() as connection:
        assert [one.state for one in list_tasks(connection)] == ["dropped"]


def test_runs_finish_on_their_version_or_are_moved_on_purpose(either: World) -> None:
    old = _published(either, "  - wait: 1 days\n    id: first\n  - notify: {text: Old, to: team}\n"
                             "    id: old\n")  # fmt: skip
    one, two = (either.start(old, either.lead(f"{n}@b.example"), f"event:{n}") for n in (1, 2))
    either.move()
    new = _published(
        either, "  - notify: {text: New, to: team}\n    id: before\n  - wait: 1 days\n"
        "    id: first\n  - notify: {text: New, to: team}\n    id: new\n", number=2,
    )  # fmt: skip
    with either.store.read() as connection:
        assert [v.status for v in _versions(connection)] == ["live", "retired"]
    either.store.write(lambda c: stop_by_hand(c, actor="me", now_us=either.now_us, run_id=two))
    moved = either.store.write(
        lambda c: move_runs(c, old.id, new.id, actor="me", now_us=either.now_us)
    )
    assert (moved.moved, moved.missing, moved.busy) == (1, {}, 0)
    due = either.run(one).due_us
    assert (either.run(one).version_id, either.run(one).at) == (new.id, 1)
    either.pass_time(DAY)
    assert either.now_us == due
    assert [row.step for row in either.steps(one)] == ["first", "new"]
    assert either.run(two).why == "me stopped it."


def test_runs_at_steps_that_are_not_there_stay(world: World) -> None:
    old = _published(world, "  - wait: 1 days\n    id: pause\n" + NOTIFY)
    run_id = world.start(old)
    world.move()
    new = _published(world, "  - wait: 2 days\n    id: rest\n" + NOTIFY, number=2)
    kind = _published(world, "  - notify: {text: x, to: team}\n    id: pause\n", number=3)
    for other in (new, kind):
        moved = world.store.write(
            lambda c, other=other: move_runs(c, old.id, other.id, actor="me", now_us=world.now_us)
        )
        assert (moved.moved, moved.missing) == (0, {"pause": 1})
    world.pass_time(DAY)
    assert world.run(run_id).state == "done"
    foreign = world.publish(NOTIFY, "another")
    with pytest.raises(UserError, match="two playbooks"):
        world.store.write(lambda c: move_runs(c, old.id, foreign.id, actor="me", now_us=1))


def test_runs_are_moved_to_no_draft(world: World) -> None:
    old = _published(world, "  - wait: 1 days\n    id: pause\n" + NOTIFY)
    run_id = world.start(old)
    world.move()
    text = STARTS.format(id="follow", number=2) + "  - wait: 2 days\n    id: pause\n"
    draft = world.store.write(lambda c: add(c, text, actor="me", now_us=world.now_us)).version
    with pytest.raises(UserError, match="is a draft") as refused:
        world.store.write(lambda c: move_runs(c, old.id, draft.id, actor="me", now_us=1))
    assert refused.value.code == "never-published"
    assert world.run(run_id).version_id == old.id


def test_another_text_under_the_same_number_is_doubtful(world: World) -> None:
    text = STARTS.format(id="follow", number=1) + "  - end: enough\n"

    def added(text: str) -> list[str]:
        made = world.store.write(lambda c: add(c, text, actor="ann", now_us=world.now_us))
        return [one.code for one in made.warnings if one.code == "version-number-taken"]

    assert added(text) == []
    assert added(text) == []  # the same once more is the same version
    assert added(text.replace("enough", "done")) == ["version-number-taken"]
    assert added(text.replace("version: 1", "version: 2")) == []


def test_a_pause_starts_nothing_and_lets_runs_wait_for_its_end(world: World) -> None:
    version = _published(world, WAIT)
    run_id = world.start(version)
    world.move()
    world.store.write(lambda c: pause(c, "follow", actor="me", now_us=world.now_us))
    world.pass_time(3 * DAY)
    assert (world.run(run_id).state, world.run(run_id).why) == (
        "held", "The playbook is paused.",
    )  # fmt: skip
    with pytest.raises(UserError, match="paused"):
        world.store.write(lambda c: start_by_hand(c, "follow", [1], actor="me", now_us=1))
    live = world.store.write(lambda c: resume(c, "follow", actor="me", now_us=world.now_us))
    assert (live.status, live.published_us) == ("live", world.now_us)
    world.move()
    assert world.run(run_id).state == "done"
    with world.store.read() as connection:
        said = [one.action for one in list_audit(connection, subject="playbook")]
    assert said == ["resume", "pause", "publish", "add"]


def test_what_is_retired_starts_nothing_and_ends_its_runs_if_told(world: World) -> None:
    version = _published(world, WAIT)
    finishes = world.start(version, world.lead("a@b.example"), "event:1")
    world.move()
    assert world.store.write(lambda c: retire(c, "follow", actor="me", now_us=world.now_us)) == 0
    world.pass_time(DAY)
    assert world.run(finishes).state == "done"
    with pytest.raises(UserError, match="No playbook follow is live"):
        world.store.write(lambda c: retire(c, "follow", actor="me", now_us=world.now_us))
    world.store.write(lambda c: publish(c, version.id, actor="me", now_us=world.now_us))
    stops = world.start(version, world.lead("b@b.example"), "event:2")
    stopped = world.store.write(
        lambda c: retire(c, "follow", actor="me", now_us=world.now_us, stop=True)
    )
    assert stopped == 1
    assert world.run(stops).why == "The playbook was retired."


def test_by_hand_it_starts_for_those_who_may_be_followed_up(world: World) -> None:
    _published(world, WAIT)
    ann, bob, eve = (world.lead(f"{name}@b.example") for name in ("ann", "bob", "eve"))
    world.store.write(lambda c: object_to_scoring(c, eve, world.now_us, "me"))
    world.store.write(lambda c: start_by_hand(c, "follow", [bob], actor="me", now_us=1))
    done = world.store.write(
        lambda c: start_by_hand(c, "follow", [ann, bob, eve, 99, ann], actor="me", now_us=2)
    )
    assert len(done.run_ids) == 1
    assert world.run(done.run_ids[0]).lead_id == ann
    assert set(done.left_out) == {bob, eve, 99}


def test_runs_that_are_long_over_are_forgotten_with_their_steps(world: World) -> None:
    version = world.publish(WAIT)
    over = world.start(version, world.lead("a@b.example"), "event:1")
    world.move()
    world.pass_time(DAY)
    stays = world.start(version, world.lead("b@b.example"), "event:2")
    world.move()
    assert world.store.write(lambda c: forget_runs(c, world.now_us - DAY_US, 100)) == 0
    assert world.store.write(lambda c: forget_runs(c, world.now_us + 1, 100)) == 1
    with world.store.read() as connection:
        assert [run.id for run in list_runs(connection)] == [stays]
        assert set(connection.scalars(select(playbook_step.c.run_id))) == {stays}
    assert over != stays


def _published(world: World, steps: str, number: int = 1) -> Any:
    text = STARTS.format(id="follow", number=number) + steps

    def write(connection: Any) -> Any:
        made = add(connection, text, actor="me", now_us=world.now_us).version
        return publish(connection, made.id, actor="me", now_us=world.now_us)

    return world.store.write(write)


def _versions(connection: Any) -> Any:
    from leadwise.store.playbooks import list_playbooks

    return list_playbooks(connection)


def _with_the_rest(connection: Any, lead_id: int, run_id: int) -> None:
    """What other parts write of the person."""
    made = connection.execute(insert(connection_table).values(
        name="crm", kind="hubspot", options={}, secrets={}, mapping={}, created_us=1,
        created_by="me")).inserted_primary_key[0]  # fmt: skip
    connection.execute(insert(mail).values(
        message_id="<1@b>", lead_id=lead_id, address="ann@b.example", domain="b.example",
        subject="Hi", state="sent", created_us=1, due_us=1, doc={}))  # fmt: skip
    connection.execute(insert(mail).values(
        message_id="<2@b>", lead_id=None, address="ann@b.example", domain="b.example",
        subject="Re: A question", state="sent", created_us=1, due_us=1, doc={}))  # fmt: skip
    connection.execute(insert(playbook_pending).values(
        playbook="other", trigger="event:7", lead_id=lead_id, why="settles", since_us=1,
        due_us=2 * 10**15, doc={"event": {"email": "ann@b.example"}}))  # fmt: skip
    connection.execute(
        insert(playbook_left_out).values(
            playbook="other", why="cools down", slot=3, lead_id=lead_id, kind="event", at_us=1
        )
    )
    connection.execute(insert(lead_owner).values(
        lead_id=lead_id, member_id=add_member(
            connection, "Rita", "rita@team.example", "representative", by="x", now_us=1).id,
        since_us=1, actor="x"))  # fmt: skip
    connection.execute(insert(snooze).values(lead_id=lead_id, member_id=1, until_us=9))
    connection.execute(insert(held_out).values(
        experiment_id=1, lead_id=lead_id, at_us=1, band="hot", held=0))  # fmt: skip
    connection.execute(insert(exchange).values(
        connection_id=made, at_us=1, direction="out", what="push", state="refused", records=1,
        detail="no contact ann@b.example"))  # fmt: skip
    connection.execute(insert(task).values(
        kind="review", title="other: a run failed", about="ann@b.example was refused", state="open",
        created_us=1, doc={}))  # fmt: skip
    connection.execute(insert(suppression).values(
        address="ann@b.example", reason="unsubscribed", at_us=1, by="x"))  # fmt: skip
    connection.execute(insert(contact).values(
        lead_id=lead_id, channel="mail", at_us=1, key=f"run-{run_id}-0"))  # fmt: skip
    connection.execute(insert(pushed).values(
        connection_id=made, lead_id=lead_id, as_of_us=1, digest="x", state="sent",
        at_us=1))  # fmt: skip
    connection.execute(insert(remote_record).values(
        connection_id=made, key=f"run-{run_id}-0", noun="contact", remote_id="7",
        at_us=1))  # fmt: skip
