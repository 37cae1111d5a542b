"""Many conversations of the past as a job; what a model answered and cost, in the record."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from leadwise.errors import UserError
from leadwise.jobs import run_here
from leadwise.qualify.batch import LINES_OF_STEP, batch_handler
from leadwise.qualify.read_job import read_handler
from leadwise.qualify.readers import KeptReplies, KeptSpending, reader_named
from leadwise.qualify.recording import keep_conversation
from leadwise.settings import Settings
from leadwise.store.answers import answers_of_lead
from leadwise.store.conversations import get_conversation, list_conversations
from leadwise.store.model_replies import forget_old_replies
from leadwise.store.opening import Store
from leadwise.store.privacy import erase_person
from tests.qualify.record_store import HELD_US, known, opened, talk
from tests.records import DAY_US, NOW_US, add_lead

SAID = "Sam (Vendor): Is there a budget?\nAna: Yes, we have a budget of $80,000 approved for it."
ARGUMENTS = {"frame": "bant", "reader": "embedded", "source": "history", "by": "member:1"}
HELD = "2026-03-04T09:00:00Z"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with opened(request, tmp_path) as found:
        yield found


def batch(store: Store, folder: Path, lines: list[Any], **more: str) -> dict[str, Any]:
    """The result of the job over these lines; its file is gone afterwards."""
    folder.mkdir(exist_ok=True)
    path = folder / "calls.jsonl"
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    handler = batch_handler(store, Settings(), folder)
    found: Any = run_here(handler, {**ARGUMENTS, **more, "path": str(path)})
    assert not path.exists()
    return dict(found)


def test_leads_of_the_past_are_filled_in_once(store: Store, tmp_path: Path) -> None:
    ann = store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - 900 * DAY_US))
    bob = store.write(lambda c: add_lead(c, "bob@acme.example", at_us=HELD_US - 900 * DAY_US))
    lines: list[Any] = [
        {"email": "Ann@ACME.example", "held_at": HELD, "text": SAID, "seller": ["Sam"]},
        "",
        {"lead_id": bob, "held_on": "2026-03-05", "text": SAID, "channel": "chat"},
        {"email": "nobody@acme.example", "held_at": HELD, "text": SAID},
        {"held_at": HELD, "text": SAID},
        {"email": "ann@acme.example", "lead_id": ann, "held_at": HELD, "text": SAID},
        {"email": "ann@acme.example", "text": SAID},
        {"email": "ann@acme.example", "held_at": "in March", "text": SAID},
        {"email": "ann@acme.example", "held_at": HELD, "words": SAID},
        "{",
        {"email": "ann@acme.example", "held_at": "2031-01-01", "text": SAID},
    ]
    assert len(lines) > 2 * LINES_OF_STEP
    done = batch(store, tmp_path / "uploads", lines)

    assert {key: done[key] for key in ("lines", "conversations", "known", "refused")} == {
        "lines": 10, "conversations": 2, "known": 0, "refused": 8,
    }  # fmt: skip
    assert done["answers"] >= 2
    assert [(one["line"], one["code"]) for one in done["refusals"]] == [
        (4, "identity-unknown"), (5, "bad-line"), (6, "bad-line"), (7, "undated-conversation"),
        (8, "bad-line"), (9, "bad-line"), (10, "bad-line"), (11, "held-in-future"),
    ]  # fmt: skip
    assert known(store, ann)["budget_usd"] == 80_000
    with store.read() as connection:
        (held,) = list_conversations(connection, bob)
        assert (held.channel, held.held_on, held.source) == ("chat", "2026-03-05", "history")
        before = answers_of_lead(connection, ann, every=True)
    noon = 12 * 3_600_000_000
    assert known(store, bob, held.held_us)["budget_usd"] == 80_000
    assert known(store, bob, held.held_us - 1) == {}
    assert held.held_us % DAY_US == noon

    again = batch(store, tmp_path / "uploads", lines)
    assert (again["conversations"], again["known"], again["answers"]) == (0, 2, 0)
    with store.read() as connection:
        assert answers_of_lead(connection, ann, every=True) == before


def test_a_batch_wants_its_frame_and_reader(store: Store, tmp_path: Path) -> None:
    store.write(lambda c: add_lead(c, "ann@acme.example"))
    line = {"email": "ann@acme.example", "held_at": HELD, "text": SAID}
    done = batch(store, tmp_path / "uploads", [line], frame="spin")
    assert done["refusals"][0]["code"] == "no-such-frame"
    assert "name" not in done["refusals"][0], "nobody called it anything"
    for reader, code in (("clairvoyant", "no-such-reader"), ("model", "no-model")):
        with pytest.raises(UserError) as caught:
            reader_named(reader, store, Settings())
        assert caught.value.code == code


def test_one_conversation_is_read_by_a_job(store: Store) -> None:
    ann = store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - DAY_US))
    said = talk("We have a budget of $80,000 approved for it.")
    kept_id, _ = store.write(
        lambda c: keep_conversation(
            c, ann, said, held_us=HELD_US, source="t", actor="member:1", now_us=NOW_US
        )
    )
    handler = read_handler(store, Settings())
    given = {"conversation_id": kept_id, "frame": "bant", "reader": "embedded"}
    done: Any = run_here(handler, given)
    assert (done["added"], done["stayed"]) == (4, 0)
    again: Any = run_here(handler, given)
    assert (again["added"], again["stayed"]) == (0, 4)
    assert known(store, ann)["budget_usd"] == 80_000


def test_what_a_model_answered_is_kept_until_somebody_is_erased(store: Store) -> None:
    replies = KeptReplies(store)
    assert replies.get("a" * 64) is None
    replies.put("a" * 64, "one")
    replies.put("a" * 64, "two")
    replies.put("b" * 64, "three")
    assert (replies.get("a" * 64), replies.get("b" * 64)) == ("two", "three")
    assert store.write(lambda c: forget_old_replies(c, 0, 10)) == 0
    assert store.write(lambda c: forget_old_replies(c, 2**62, 1)) == 1

    replies.put("a" * 64, "one")
    ann = store.write(lambda c: add_lead(c, "ann@acme.example"))
    store.write(lambda c: erase_person(c, ann, NOW_US, "member:1"))
    assert (replies.get("a" * 64), replies.get("b" * 64)) == (None, None)


def test_what_models_cost_adds_up_by_day(store: Store) -> None:
    spending, today = KeptSpending(store), date(2026, 11, 22)
    assert spending.spent(today) == 0
    spending.add(today, Decimal("0.0100005"))
    spending.add(today, Decimal("0.02"))
    spending.add(date(2026, 11, 23), Decimal(5))
    spending.add(today, Decimal(0))
    assert spending.spent(today) == Decimal("0.030001")


def test_a_file_is_taken_as_it_is_whatever_its_encoding_and_size(
    store: Store, tmp_path: Path
) -> None:
    ann = store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - 900 * DAY_US))
    said = "Sam (Vendor): Is there a budget?\nAna: Yes, 80.000 € für Größe, approved for it."
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ana Ruiz <ana@acme.example>", "sam@vendor.example"
    mail["Date"] = "Wed, 4 Mar 2026 10:12:00 +0100"
    mail.set_content("We have a budget of $80,000 approved for it.\n")
    mail.add_attachment(b"x" * 6_000_000, maintype="application", subtype="pdf", filename="x.pdf")
    lines = [
        {"lead_id": ann, "held_at": HELD, "name": name, "data": b64encode(data).decode()}
        for name, data in (
            ("wide.txt", said.encode("utf-16")), ("west.txt", said.encode("cp1252")),
            ("thread.eml", mail.as_bytes()), ("call.pdf", b"%PDF-1.7 x"),
        )
    ]  # fmt: skip
    assert max(len(one["data"]) for one in lines) > 5_000_000
    done = batch(store, tmp_path / "uploads", lines)
    # the first two are one conversation: the same words
    assert (done["conversations"], done["known"], done["refused"]) == (2, 1, 1)
    assert [one["code"] for one in done["refusals"]] == ["not-a-conversation"]
    assert all(one["name"] for one in done["refusals"])
    with store.read() as connection:
        texts = [get_conversation(connection, one.id).turns for one in
                 list_conversations(connection, ann)]  # fmt: skip
    assert any("80.000 € für Größe" in str(one) for one in texts)
    assert any("$80,000 approved for it." in str(one) for one in texts)


@pytest.mark.parametrize(
    "odd",
    [
        {"lead_id": 10**30},
        {"lead_id": -1},
        {"lead_id": 2**63 - 1},
        {"email": "a\x00b@x.example"},
        {"user_id": ""},
        {"crm_id": "x" * 5_000},
        {"email": "ann@acme.example", "held_on": "0001-01-01"},
        {"email": "ann@acme.example", "held_at": "9999-12-31T23:59:59Z"},
        {"email": "ann@acme.example", "text": None, "turns": [{"speaker": 1}]},
        {"email": "ann@acme.example", "text": None, "turns": []},
        {"email": "ann@acme.example", "text": None, "data": "%%%"},
        {"email": "ann@acme.example", "data": "QW5hOiBoaQ=="},
        {"email": "ann@acme.example", "seller": ["Nobody"]},
        {"email": "ann@acme.example", "seller": "Sam"},
    ],
    ids=str,
)
def test_an_odd_line_is_refused_and_the_next_goes_on(
    store: Store, tmp_path: Path, odd: dict[str, Any]
) -> None:
    store.write(lambda c: add_lead(c, "ann@acme.example", at_us=HELD_US - 900 * DAY_US))
    good = {"email": "ann@acme.example", "held_at": HELD, "text": SAID, "seller": ["Sam"]}
    base = {"text": SAID} if "held_on" in odd else {"held_at": HELD, "text": SAID}
    done = batch(store, tmp_path / "uploads", [base | odd, good])
    assert (done["conversations"], done["refused"]) == (1, 1), done
