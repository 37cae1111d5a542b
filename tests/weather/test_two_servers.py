"""Two servers on one PostgreSQL share the work; one is killed, the other goes on."""

from __future__ import annotations

from pathlib import Path

from tests.databases import postgres_database
from tests.weather.judge import judge, until_scored
from tests.weather.loader import Load, loaded
from tests.weather.nursery import Nursery
from tests.weather.servers import Server, prepared, until


def test_one_of_two_is_killed(postgres_url: str, tmp_path: Path, nursery: Nursery) -> None:
    with postgres_database(postgres_url) as url:
        one, other = (
            Server(tmp_path / name, url, variables={"LEADWISE_WORKER": name}, nursery=nursery)
            for name in ("one", "other")
        )
        key = prepared(url)
        with one, other:
            for server in (one, other):
                server.start()
            for server in (one, other):
                server.until_ready()

            def address(sender: int) -> str | None:
                """Half of the senders here, half there; where one is gone, all of them there."""
                first, second = (one, other) if sender % 2 else (other, one)
                return first.address or second.address

            load = Load(address, key, senders=4, batch=8)
            with loaded(load):
                until(lambda: load.sent.answers["200"] > 40, "both take events", of=other)
                one.kill()
                taken = load.sent.answers["200"]
                until(lambda: load.sent.answers["200"] > taken + 20, "the other goes on", of=other)
            until_scored(url)
            assert other.stop() == 0
        verdict = judge(url, load.sent)
    assert verdict.wrong == ()
    assert verdict.events >= len(load.sent.acknowledged) > 100
    assert verdict.band_changes >= verdict.scores > 20
    for server in (one, other):
        assert '"level": "error"' not in server.log
