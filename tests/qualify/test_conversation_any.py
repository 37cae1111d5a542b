"""Whatever bytes come in: a conversation or a UserError, and no word of anybody is lost."""

from __future__ import annotations

import json
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.errors import UserError
from leadwise.qualify.conversation.opening import opened_file

NAMES = st.sampled_from(
    ["x.txt", "x.vtt", "x.srt", "x.json", "x.jsonl", "x.eml", "x.mbox", "x", "x.pdf"]
)
CODES = {
    "empty-conversation", "conversation-too-large", "not-a-conversation", "broken-transcript",
    "unknown-speaker",
}  # fmt: skip
STARTS = st.sampled_from(
    [
        b"", b"WEBVTT\n\n00:00.000 --> 00:01.000\n", b"1\n00:00:01,000 --> 00:00:02,000\n",
        b"From: a@b.c\nDate: Wed, 4 Mar 2026 10:12:00 +0100\nSubject: x\n\n", b"From a@b.c 2026\n",
        b'{"turns": [', b'[{"speaker": "a", "text": ', b"Ana: ", b"[00:12] Ana: ",
        b"12/03/2026, 14:05 - Ana: x\n12/03/2026, 14:06 - Bo: ", b'{"timeline": ', b"\xff\xfe",
        b"From: a@b.c\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=q\n\n--q\n",
        b"From: a@b.c\nDate: x\nContent-Type: text/html; charset=nope\n\n<blockquote>",
    ]
)  # fmt: skip
PIECES = st.lists(
    st.sampled_from(
        [
            "Ana: ", "Bo Li: ", "\n", "\n\n", "> ", "-- ", "-->",
            "On 3 Mar 2026, Bo <b@c.d> wrote:",
            "00:12", "[00:12] ", "<v Ana>", "</v>", "From: x", "Sent: y", "hello there", "1",
            "Best regards,", "8:00 AM", '{"text": "x"}', ",", "]", "}", "\t", "\u2028", "\x0c", "é",
            "WEBVTT", "NOTE", "--q", "Content-Type: text/plain", "\x02" + "1" + "\x03",
        ]
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), STARTS, NAMES)
def test_any_bytes_are_a_conversation_or_a_clear_error(
    data: bytes, start: bytes, name: str
) -> None:
    _opens(start + data, name)


@settings(max_examples=100, deadline=None)
@given(PIECES, STARTS, NAMES)
def test_any_mixture_of_formats_is_a_conversation_or_a_clear_error(
    pieces: list[str], start: bytes, name: str
) -> None:
    _opens(start + "".join(pieces).encode(), name)


def _opens(data: bytes, name: str) -> None:
    try:
        found = opened_file(data, name)
    except UserError as raised:
        error = raised
    else:
        assert any(turn.text.strip() for turn in found.conversation.turns)
        return
    assert error.code in CODES
    assert error.message
    assert error.where.file == name


WORDS = st.lists(
    st.text("abcdefghijklmnop ÄÖé,.?!0123456789€", min_size=1, max_size=60).filter(
        lambda text: any(sign.isalpha() for sign in text)
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(WORDS)
def test_no_word_of_a_named_speaker_is_lost_or_changed(words: list[str]) -> None:
    lines = [f"{('Ana Ruiz', 'Bo Li')[n % 2]}: {text}" for n, text in enumerate(words)]
    turns = opened_file("\n".join(lines).encode(), "x.txt").conversation.turns
    assert [(turn.speaker, turn.text) for turn in turns] == [
        (("Ana Ruiz", "Bo Li")[n % 2], text.strip()) for n, text in enumerate(words)
    ]


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_captions_json_and_mails_keep_every_word(words: list[str]) -> None:
    cues = [
        f"00:{n:02d}.000 --> 00:{n:02d}.900\n<v {('Ana', 'Bo')[n % 2]}>{text}"
        for n, text in enumerate(words)
    ]
    said = [" ".join(text.split()) for text in words]
    vtt = opened_file(("WEBVTT\n\n" + "\n\n".join(cues)).encode(), "x.vtt").conversation
    assert [turn.text for turn in vtt.turns] == said
    rows = [{"speaker": ("Ana", "Bo")[n % 2], "text": text} for n, text in enumerate(words)]
    made = opened_file(json.dumps({"turns": rows}).encode(), "x.json").conversation
    assert [turn.text for turn in made.turns] == words


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(["we have 80,000 euros", "Ärger", "in May; not before", "№ 5 €"]),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["utf-8", "latin-1", "iso-8859-15", "cp1252"]),
)
def test_a_mail_keeps_its_words_in_any_charset(words: list[str], charset: str) -> None:
    text = "\n\n".join(words).encode(charset, "ignore").decode(charset)
    mail = EmailMessage()
    mail["From"], mail["Date"] = "Ana <a@b.example>", "Wed, 4 Mar 2026 10:12:00 +0100"
    mail.set_content(text, charset=charset, cte="base64")
    (turn,) = opened_file(mail.as_bytes(), "x.eml").conversation.turns
    assert turn.text.split() == text.split()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                      "utf-32", "latin-1", "cp1252"])  # fmt: skip
def test_the_usual_encodings_are_read(encoding: str) -> None:
    data = "Aña Ruiz: Sí, ocho mil.\nBo: Gut so, höchstens.".encode(encoding)
    turns = opened_file(data, "x.txt").conversation.turns
    assert [turn.text for turn in turns] == ["Sí, ocho mil.", "Gut so, höchstens."]


@pytest.mark.parametrize(
    ("data", "name", "code", "said"),
    [
        (b"", "x.txt", "empty-conversation", "no words"),
        (b" \n\t\n", "x.txt", "empty-conversation", "no words"),
        (b"WEBVTT\n\nNOTE nothing\n", "x.vtt", "empty-conversation", "no words"),
        (b"%PDF-1.7\n%...", "x.txt", "not-a-conversation", "PDF"),
        (b"PK\x03\x04....", "x.docx", "not-a-conversation", "ZIP"),
        (b"ID3\x04....", "call.mp3", "not-a-conversation", "recording"),
        (b"\0\0\0\x20ftypmp42...", "call.mp4", "not-a-conversation", "recording"),
        (bytes(range(256)) * 20, "x.bin", "not-a-conversation", "no text"),
        (b"a" * 5_000_001, "x.txt", "conversation-too-large", "5 MB"),
        (b"a: b\n" * 150_000, "x.txt", "conversation-too-large", "lines"),
        (b"{}", "x.json", "not-a-conversation", "no list"),
        (b'{"turns": []}', "x.json", "not-a-conversation", "nobody"),
        (b'{"turns": [', "x.json", "broken-transcript", "no JSON"),
    ],
)  # fmt: skip
def test_what_is_no_conversation_is_told_so(data: bytes, name: str, code: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        opened_file(data, name)
    assert error.value.code == code
    assert said in error.value.message
    assert error.value.hint


def test_a_call_of_three_hours_is_read_whole() -> None:
    cues = [
        f"{n // 1200:02d}:{n // 20 % 60:02d}:{n * 3 % 60:02d}.000 --> "
        f"{n // 1200:02d}:{n // 20 % 60:02d}:{n * 3 % 60 + 2:02d}.000\n"
        f"<v {'Ana' if n // 4 % 2 else 'Bo'}>words number {n} of a long talk"
        for n in range(3600)
    ]
    found = opened_file(("WEBVTT\n\n" + "\n\n".join(cues)).encode(), "x.vtt").conversation
    assert len(found.turns) == 900
    assert found.turns[-1].text.endswith("words number 3599 of a long talk")
    assert (found.turns[-1].start_s or 0) > 10_000


def test_a_day_that_is_given_counts_before_the_file_s() -> None:
    data = json.dumps({"held_at": "2026-03-04", "turns": [{"speaker": "Ana", "text": "Hi"}]})
    assert opened_file(data.encode(), "x.json").conversation.held_on == date(2026, 3, 4)
    given_ = opened_file(data.encode(), "x.json", held_on=date(2025, 1, 2))
    assert given_.conversation.held_on == date(2025, 1, 2)
    undated = opened_file(b"Ana: Hi\nBo: Hi", "x.txt", today=date(2026, 5, 6))
    assert (undated.is_dated, undated.conversation.held_on) == (False, date(2026, 5, 6))
