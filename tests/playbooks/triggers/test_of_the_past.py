"""What starts nothing: another card, an import, and what is told long after it happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from leadwise.ingest.gate.rules import GateRules, recording_rules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.live.publish import publish
from leadwise.live.scoring import score_touched
from leadwise.playbooks.model import BandTrigger, ScoreTrigger
from leadwise.settings import Settings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.store.cards import add_version
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from leadwise.store.schema import score_history
from tests.databases import make_tables, postgres_database
from tests.playbooks.triggers.playing import Play, follow_up
from tests.records import CARD, DAY_US

# Demos are worth more: 30 becomes 35, in the same band, and 15 becomes 18.
RAISED = CARD.replace("points: 30", "points: 35").replace("points: 5", "points: 6")
BY_SCORE = follow_up(id="by-score", triggers=(ScoreTrigger(rises_past=1_000),))
BY_BAND = follow_up(id="by-band", triggers=(BandTrigger(enters=("warm", "hot")),))


@pytest.fixture
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Play]:
    if getattr(request, "param", "sqlite") == "sqlite":
        with Store(str(tmp_path / "leadwise.db")) as store:
            make_tables(store)
            yield Play(store)
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, Store(url) as store:
            make_tables(store)
            yield Play(store)


def go_live(play: Play, folder: Path, text: str) -> None:
    version = play.store.write(
        lambda c: add_version(c, text, subject="lead", by="ana", now_us=play.now_us)
    )
    publish(
        play.store, folder / "mirror", version.id, "ana", None, lambda: play.now_us,
        lambda *_: None,
    )  # fmt: skip


def happened(
    play: Play, who: str, name: str, ago_us: int = 0, values: Mapping[str, Any] | None = None,
    rules: GateRules | None = None, **more: Any,
) -> None:  # fmt: skip
    """An event that is told now, and everybody's score after it."""
    play.now_us += 1_000_000
    play.said += 1
    message = Message(
        "identify" if name == "identify" else "track", "site", f"m{play.said}", name,
        play.now_us - ago_us, play.now_us, email=who, document=canonical(values or {}),
    )  # fmt: skip
    own = rules or GateRules()
    play.store.write(lambda c: record(c, Received((message,)), own, play.now_us, **more))
    while play.store.write(lambda c: score_touched(c, play.now_us)).leads:
        pass


@pytest.mark.parametrize("play", ["sqlite", "postgres"], indirect=True)
def test_a_card_that_is_published_anew_starts_nothing(play: Play, tmp_path: Path) -> None:
    go_live(play, tmp_path, CARD)
    play.publish(BY_SCORE)
    happened(play, "asks@acme.example", "demo_requested")
    for _ in range(2):
        happened(play, "looks@acme.example", "visit")
    play.take()
    assert len(play.runs()) == 1
    play.publish(follow_up(id="later", triggers=BY_SCORE.triggers))
    play.publish(BY_BAND)

    play.now_us += DAY_US
    go_live(play, tmp_path, RAISED)
    play.take()
    with play.store.read() as connection:
        said = connection.execute(select(score_history).order_by(score_history.c.id)).all()
    assert [row.cause for row in said[-2:]] == ["card", "card"]
    assert {row.shown_score > 1_000 for row in said[-2:]} == {True}
    assert [run.playbook for run in play.runs()] == ["by-score"]
    # The next thing that they do is no rise either: they were past the line before.
    for who in ("asks@acme.example", "looks@acme.example"):
        happened(play, who, "visit")
    play.take()
    assert [run.playbook for run in play.runs()] == ["by-score"]


def test_who_is_the_same_under_a_new_card_rises_past_a_line_later(
    play: Play, tmp_path: Path
) -> None:
    go_live(play, tmp_path, CARD)
    happened(play, "ana@acme.example", "visit")
    go_live(play, tmp_path, CARD.replace("version: 1", "version: 2").replace("30\n", "31\n"))
    play.publish(BY_SCORE)
    happened(play, "ana@acme.example", "demo_requested")
    play.take()
    assert len(play.runs()) == 1


def test_an_import_starts_nothing_within_a_band_either(play: Play) -> None:
    play.card()
    play.publish(follow_up(triggers=(ScoreTrigger(rises_past=700),)))
    happened(play, "ana@acme.example", "visit")
    happened(play, "ana@acme.example", "visit", cause="import")
    play.take()
    assert play.runs() == []


@pytest.mark.parametrize("own", [BY_SCORE, BY_BAND], ids=["score", "band"])
def test_what_is_told_long_after_it_happened_starts_nothing_by_the_score(
    play: Play, own: Any
) -> None:
    play.card()
    play.publish(own)
    happened(play, "old@acme.example", "demo_requested", 3 * DAY_US)
    happened(play, "known@acme.example", "identify", 3 * DAY_US, {"employees": 500})
    play.take()
    assert play.runs() == []
    happened(play, "new@acme.example", "demo_requested", 3_600_000_000)
    play.take()
    assert len(play.runs()) == 1


def test_how_late_is_late_is_the_settings(play: Play) -> None:
    play.card()
    play.publish(BY_SCORE)
    rules = recording_rules(Settings(playbooks=PlaybookSettings(late_hours=6)))
    happened(play, "late@acme.example", "demo_requested", DAY_US // 2, rules=rules)
    play.take()
    assert play.runs() == []
    happened(play, "not-late@acme.example", "demo_requested", DAY_US // 2)
    play.take()
    assert len(play.runs()) == 1
