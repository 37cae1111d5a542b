"""Transcripts and chats as programs write them: JSON of several makers, chats as text."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from leadwise.errors import UserError
from leadwise.qualify.conversation.opening import opened_file
from tests.qualify.opening import opened, said, sides


def made(document: Any, name: str = "call.json", **given: Any) -> Any:
    return opened_file(json.dumps(document).encode(), name, **given)


GONG = {
    "callTranscripts": [
        {
            "callId": "7782",
            "transcript": [
                {"speakerId": "61", "topic": "Intro", "sentences": [
                    {"start": 1000, "end": 3500, "text": "Hello, this is about stock."},
                    {"start": 3500, "end": 5200, "text": "Is there a budget?"}]},
                {"speakerId": "62", "topic": "Money", "sentences": [
                    {"start": 6100, "end": 8800, "text": "We have eighty thousand."}]},
                {"speakerId": "63", "topic": "Money", "sentences": [
                    {"start": 9000, "end": 9900, "text": "Only until June."}]},
            ],
        }
    ]
}  # fmt: skip
PARTIES = [
    {"id": "a1", "speakerId": "61", "name": "Bo Li", "title": "AE", "affiliation": "Internal"},
    {"id": "a2", "speakerId": "62", "name": "Ana Ruiz", "title": "CFO", "affiliation": "External",
     "emailAddress": "ana@acme.example"},
    {"id": "a3", "speakerId": "63", "emailAddress": "dan@acme.example", "affiliation": "Unknown"},
]  # fmt: skip


def test_gong_with_its_parties_knows_the_sides() -> None:
    calls = [{"metaData": {"id": "7782", "title": "Discovery", "started": "2026-03-04T10:00:00Z"},
              "parties": PARTIES}]  # fmt: skip
    found = made(GONG | {"calls": calls})
    talk = found.conversation
    assert (found.format, found.is_dated, talk.held_on, talk.title, talk.channel) == (
        "gong", True, date(2026, 3, 4), "Discovery", "call",
    )  # fmt: skip
    assert [(t.speaker, t.side, t.text, t.start_s) for t in talk.turns] == [
        ("Bo Li (AE)", "seller", "Hello, this is about stock. Is there a budget?", 1.0),
        ("Ana Ruiz (CFO)", "buyer", "We have eighty thousand.", 6.1),
        ("dan@acme.example", "buyer", "Only until June.", 9.0),
    ]


def test_gong_without_parties_has_numbers_for_names() -> None:
    talk = made(GONG).conversation
    assert [t.speaker for t in talk.turns] == ["Speaker 1", "Speaker 2", "Speaker 3"]
    named = made(GONG, seller=["Speaker 1"]).conversation
    assert [t.side for t in named.turns] == ["seller", "buyer", "buyer"]


def test_several_calls_in_one_file_are_refused() -> None:
    with pytest.raises(UserError, match="2 calls"):
        made({"callTranscripts": GONG["callTranscripts"] * 2})


def test_zoom_s_timeline() -> None:
    found = made(
        {
            "type": "zoom_transcript",
            "timeline": [
                {"text": "Hello,", "ts": "00:00:01.250", "users": [{"username": "Bo Li"}]},
                {"text": "Ana.", "ts": "00:00:02.100", "users": [{"username": "Bo Li"}]},
                {"text": "Hi.", "ts": "00:00:03.000", "users": [{"username": "Ana Ruiz"}]},
            ],
        }
    )
    assert found.format == "zoom"
    assert [(t.speaker, t.text, t.start_s) for t in found.conversation.turns] == [
        ("Bo Li", "Hello, Ana.", 1.25), ("Ana Ruiz", "Hi.", 3.0),
    ]  # fmt: skip


def test_our_own_form_keeps_everything_it_says() -> None:
    found = made(
        {
            "language": "es", "channel": "chat", "held_at": "2026-03-04T10:00:00",
            "product": "StockBridge: syncs stock.", "turns": [
                {"speaker": "Ana", "side": "buyer", "text": " Hola. "},
                {"speaker": "Ana", "side": "buyer", "text": "¿Qué tal?"},
                {"speaker": "Kim", "side": "other", "text": "Bien."},
            ],
        }
    )  # fmt: skip
    talk = found.conversation
    assert (found.format, talk.language, talk.channel, talk.product, talk.held_on) == (
        "labelled", "es", "chat", "StockBridge: syncs stock.", date(2026, 3, 4),
    )  # fmt: skip
    assert [(t.speaker, t.side, t.text) for t in talk.turns] == [
        ("Ana", "buyer", " Hola. "), ("Ana", "buyer", "¿Qué tal?"), ("Kim", "other", "Bien."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [{"speaker": "Ana", "text": "Hi"}, {"speaker": "Bo", "text": "Yes"}],
        [{"speaker_name": "Ana", "text": "Hi", "start": 1}, {"speaker_name": "Bo", "text": "Yes"}],
        [{"from": "Ana", "message": "Hi"}, {"from": "Bo", "message": "Yes"}],
        [{"author": {"name": "Ana"}, "body": "Hi"}, {"author": {"name": "Bo"}, "body": "Yes"}],
        [{"type": "message", "user": "U1", "text": "Hi", "user_profile": {"real_name": "Ana"}},
         {"type": "message", "user": "U2", "text": "Yes", "user_profile": {"real_name": "Bo"}}],
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", [None, "messages", "utterances", "segments"])
def test_lists_of_who_said_what_by_the_usual_names(rows: Any, key: str | None) -> None:
    talk = made({key: rows} if key else rows).conversation
    assert [(t.speaker, t.text) for t in talk.turns] == [("Ana", "Hi"), ("Bo", "Yes")]
    lines = "\n".join(json.dumps(one) for one in rows)
    assert said(lines, "chat.jsonl") == [("Ana", "Hi"), ("Bo", "Yes")]


def test_instants_of_messages_are_their_days() -> None:
    talk = made(
        [{"speaker": "Ana", "text": "Hi", "at": "2026-03-04T10:00:00Z"},
         {"speaker": "Bo", "text": "Yes", "ts": "1772710000.000100"}]
    ).conversation  # fmt: skip
    assert talk.channel == "chat"
    assert [t.said_on for t in talk.turns] == [date(2026, 3, 4), date(2026, 3, 5)]


def test_a_line_that_is_no_json_is_named() -> None:
    with pytest.raises(UserError) as error:
        opened('{"speaker": "Ana", "text": "Hi"}\n{"speaker": oops}\n', "chat.jsonl")
    assert (error.value.code, error.value.where.line) == ("broken-transcript", 2)


CHATS = {
    "WhatsApp, Android": "12/03/2026, 14:05 - Ana: Hi\nthere\n12/03/2026, 14:06 - Bo: Yes",
    "WhatsApp, iOS": "[12/03/2026, 14:05:33] Ana: Hi\nthere\n[12/03/2026, 14:06:00] Bo: Yes",
    "WhatsApp, German": "12.03.26, 14:05 - Ana: Hi\nthere\n12.03.26, 14:06 - Bo: Yes",
    "ISO": "2026-03-12 14:05 Ana: Hi\nthere\n2026-03-12 14:06 Bo: Yes",
    "ISO, T": "2026-03-12T14:05:00Z Ana: Hi\nthere\n2026-03-12T14:06:00Z Bo: Yes",
    "nicks": "[2026-03-12 14:05] <Ana> Hi\nthere\n[2026-03-12 14:06] <Bo> Yes",
    "American": "3/12/26, 2:05 PM - Ana: Hi\nthere\n3/12/26, 2:06 PM - Bo: Yes",
}


@pytest.mark.parametrize("form", CHATS)
def test_chats_as_text(form: str) -> None:
    found = opened(CHATS[form], "chat.txt")
    assert (found.format, found.conversation.channel) == ("chat", "chat")
    assert [(t.speaker, t.text, t.said_on) for t in found.conversation.turns] == [
        ("Ana", "Hi\nthere", date(2026, 3, 12)), ("Bo", "Yes", date(2026, 3, 12)),
    ]  # fmt: skip


def test_what_the_program_says_in_a_chat_is_nobody_s() -> None:
    found = said(
        "12/03/2026, 14:05 - Messages are end-to-end encrypted.\n12/03/2026, 14:05 - Ana: Hi\n"
        "12/03/2026, 14:06 - +44 7700 900123: Yes",
        "chat.txt",
    )
    assert found == [
        ("", "Messages are end-to-end encrypted."), ("Ana", "Hi"), ("+44 7700 900123", "Yes"),
    ]  # fmt: skip


def test_the_chat_that_zoom_saves() -> None:
    text = (
        "10:02:33 From Ana Ruiz to Everyone:\n\tHi all\n10:03:01 From  Bo Li  to  Everyone : Yes\n"
    )
    assert said(text, "chat.txt") == [("Ana Ruiz", "Hi all"), ("Bo Li", "Yes")]


TALK = """
Bo: {bo}
Ana: {ana}
Bo: Good.
"""


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("Bo: Hi\nAna: Hi", {}, {"Bo": None, "Ana": None}),
        ("Bo: Hi\nAna: Hi", {"seller": ["bo"]}, {"Bo": "seller", "Ana": "buyer"}),
        ("Bo: Hi\nAna: Hi", {"buyer": ["Ana"]}, {"Bo": "seller", "Ana": "buyer"}),
        ("Bo: Hi\nAna: Hi\nCy: Hi", {"seller": ["Bo"], "buyer": ["Ana"]},
         {"Bo": "seller", "Ana": "buyer", "Cy": "other"}),
        ("Seller: Hi\nCustomer: Hi", {}, {"Seller": "seller", "Customer": "buyer"}),
        ("Bo (seller): Hi\nAna (CFO, Acme): Hi", {},
         {"Bo (seller)": "seller", "Ana (CFO, Acme)": "buyer"}),
        ("Bo (Pay Lark): Hi\nAna (Acme): Hi", {"product": "PayLark: payroll."},
         {"Bo (Pay Lark)": "seller", "Ana (Acme)": "buyer"}),
        ("Bo (Lark): Hi\nCy (Lark): Hi\nAna (Acme): Hi", {"seller": ["Bo"]},
         {"Bo (Lark)": "seller", "Cy (Lark)": "seller", "Ana (Acme)": "buyer"}),
        ("Bo (Lark): Hi\nKen (Nan, reseller): Hi\nAna: Hi", {"seller": ["Lark"]},
         {"Bo (Lark)": "seller", "Ken (Nan, reseller)": "other", "Ana": "buyer"}),
        ("Bo Li (Tabla): Hi\nAna Ruiz, Acme: Hi", {"product": "Tabla POS: point of sale."},
         {"Bo Li (Tabla)": "seller", "Ana Ruiz, Acme": "buyer"}),
        ("Bo Li <bo@paylark.example>: Hi\nAna Ruiz <ana@acme.example>: Hi",
         {"product": "PayLark: x"},
         {"Bo Li <bo@paylark.example>": "seller", "Ana Ruiz <ana@acme.example>": "buyer"}),
        (TALK.format(bo="This is Bo from PayLark.", ana="Hello."), {"product": "PayLark: payroll."},
         {"Bo": "seller", "Ana": "buyer"}),
        (TALK.format(bo="Our customers save time. What is your budget?", ana="We have none."), {},
         {"Bo": "seller", "Ana": "buyer"}),
        (TALK.format(bo="Wie hoch ist das Budget? Unsere Lösung ist neu.", ana="Keins."), {},
         {"Bo": "seller", "Ana": "buyer"}),
    ],
)  # fmt: skip
def test_sides(text: str, given: dict[str, Any], expected: dict[str, str | None]) -> None:
    assert sides(text, **given) == expected


def test_a_name_that_is_nobody_s_is_told_with_those_there_are() -> None:
    with pytest.raises(UserError, match="'Ana', 'Bo'") as error:
        opened("Ana: Hi\nBo: Hi", seller=["Carl"])
    assert error.value.code == "unknown-speaker"
