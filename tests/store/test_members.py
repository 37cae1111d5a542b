"""Members, their sessions and failures to sign in, in both stores."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.errors import UserError
from leadwise.store.members import (
    add_member,
    change_member,
    count_members,
    find_member,
    get_member,
    list_members,
)
from leadwise.store.opening import Store
from leadwise.store.sessions import (
    IDLE_US,
    begin_session,
    drop_ended_sessions,
    end_own_session,
    find_session,
    list_sessions,
)
from leadwise.store.sign_in_failures import WINDOW_US, begin_attempt, forget_failures
from tests.databases import make_tables, postgres_database


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        with Store(str(tmp_path / "record.db")) as found:
            make_tables(found)
            yield found
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as found:
            make_tables(found)
            yield found


def test_a_member_has_one_address_and_one_subject(store: Store) -> None:
    def add(email: str, subject: str | None = None) -> int:
        return store.write(
            lambda c: add_member(c, "Ann", email, "marketing", by="t", now_us=1, subject=subject)
        ).id

    ann = add(" Ann@Team.example ", "provider 1")
    with pytest.raises(UserError, match=r"ann@team\.example is a member already"):
        add("ann@team.example")
    bo = add("bo@team.example")
    with store.read() as connection:
        assert count_members(connection) == 2
        found = find_member(connection, email="ANN@team.example")
        assert found is not None
        assert found.id == ann
        found = find_member(connection, subject="provider 1")
        assert found is not None
        assert found.id == ann
        assert find_member(connection, subject="provider 2") is None
        assert [member.id for member in list_members(connection)] == [ann, bo]
        with pytest.raises(UserError, match="no member 99"):
            get_member(connection, 99)


def test_somebody_can_always_administer(store: Store) -> None:
    """Also when two administrators disable each other at the same moment."""
    ids = [
        store.write(
            lambda c, n=number: add_member(
                c, "A", f"{n}@team.example", "administrator", by="t", now_us=1
            )
        ).id
        for number in range(2)
    ]
    refused: list[str] = []
    start = threading.Barrier(2)

    def disable(id_: int) -> None:
        start.wait()
        try:
            with store.transaction() as connection:
                change_member(connection, id_, disabled_us=5)
        except UserError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=disable, args=[id_]) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert refused == ["last-administrator"]
    with store.read() as connection:
        (left,) = [member.id for member in list_members(connection) if not member.disabled_us]
    for values in ({"role": "marketing"}, {"disabled_us": 6}):
        with pytest.raises(UserError):
            store.write(lambda c, v=values: change_member(c, left, **v))
    store.write(lambda c: change_member(c, left, role="administrator", name="B"))


def test_no_more_passwords_are_looked_at_than_allowed(store: Store) -> None:
    """However many are sent at once."""
    start, locked = threading.Barrier(12), []

    def attempt() -> None:
        start.wait()
        with store.transaction() as connection:
            locked.append(begin_attempt(connection, "a@team.example", "1.2.3.4", 3, 100))

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(locked, key=str).count(None) == 3
    assert set(locked) == {None, 100 + WINDOW_US}
    store.write(lambda c: forget_failures(c, "A@team.example"))
    assert store.write(lambda c: begin_attempt(c, "a@team.example", "1.2.3.4", 3, 101)) is None


def test_sessions_are_of_their_member(store: Store) -> None:
    ann, bo = (
        store.write(
            lambda c, n=name: add_member(c, n, f"{n}@team.example", "marketing", by="t", now_us=1)
        ).id
        for name in ("ann", "bo")
    )
    first, secret = store.write(lambda c: begin_session(c, ann, "x" * 500, 10))
    store.write(lambda c: begin_session(c, ann, "y", 20))
    with store.read() as connection:
        found = find_session(connection, secret, 30)
        assert found is not None
        assert found[1].id == ann
        assert len(found[0].agent) == 200
        assert find_session(connection, secret + "x", 30) is None
        assert [one.agent[0] for one in list_sessions(connection, ann, 30)] == ["y", "x"]
        assert list_sessions(connection, ann, 20 + IDLE_US) == []
    store.write(lambda c: end_own_session(c, bo, first.id))
    with store.read() as connection:
        assert find_session(connection, secret, 30) is not None
    assert store.write(lambda c: drop_ended_sessions(c, 10 + IDLE_US)) == 1
    with store.read() as connection:
        assert len(list_sessions(connection, ann, 30)) == 1
