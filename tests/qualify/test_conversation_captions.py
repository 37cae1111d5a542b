"""WebVTT and SRT: voices, names before the words, cues joined, and faults with their line."""

from __future__ import annotations

import pytest

from leadwise.errors import UserError
from tests.qualify.opening import opened, said


def test_voices_are_speakers_and_their_cues_are_joined() -> None:
    found = opened(
        """
        WEBVTT
        Kind: captions

        NOTE Confidence: 0.93

        00:02.000 --> 00:03.000
        <v Ann Smith>Hello &amp; welcome,</v>

        00:03.000 --> 00:04.500 align:start
        <v Ann Smith>everybody.</v>

        00:05.000 --> 00:06.000
        <v.loud Bo Li>It costs a &lt; b, <i>really</i>.</v>
        """,
        "call.vtt",
    )
    assert found.format == "vtt"
    assert [(t.speaker, t.text, t.start_s) for t in found.conversation.turns] == [
        ("Ann Smith", "Hello & welcome, everybody.", 2.0),
        ("Bo Li", "It costs a < b, really.", 5.0),
    ]


def test_names_before_the_words_are_speakers_as_zoom_writes_them() -> None:
    found = said(
        """
        WEBVTT

        1
        00:00:16.239 --> 00:00:27.079
        Ann Smith: Hello, good
        morning.

        2
        00:00:27.500 --> 00:00:29.000
        Ann Smith: All fine?

        3
        00:00:30.500 --> 00:00:31.000
        Bo Li: Yes. Note: it's late

        4
        00:00:31.500 --> 00:00:32.000
        and so on.
        """,
        "GMT2026_Recording.transcript.vtt",
    )
    assert found == [
        ("Ann Smith", "Hello, good morning. All fine?"),
        ("Bo Li", "Yes. Note: it's late and so on."),
    ]  # fmt: skip


def test_two_voices_in_one_cue_are_two_turns() -> None:
    found = said("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hi.</v>\n<v Bo>Hello.</v>\n", "x.vtt")
    assert found == [("Ann", "Hi."), ("Bo", "Hello.")]


def test_srt_with_names() -> None:
    found = opened(
        """
        1
        00:00:01,000 --> 00:00:02,000
        Ann: Hi

        2
        00:00:03,000 --> 00:00:04,000
        Bo: Hello
        there

        3
        00:00:05,000 --> 00:00:06,000
        Ann: So.
        """,
        "call.srt",
    )
    assert found.format == "srt"
    assert [(t.speaker, t.text, t.start_s) for t in found.conversation.turns] == [
        ("Ann", "Hi", 1.0), ("Bo", "Hello there", 3.0), ("Ann", "So.", 5.0),
    ]  # fmt: skip


def test_captions_without_names_part_at_pauses() -> None:
    found = said(
        "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:02.100 --> 00:03.000\ntwo\n\n"
        "00:09.000 --> 00:10.000\nthree\n",
        "x.vtt",
    )
    assert found == [("", "one two"), ("", "three")]


def test_the_header_may_be_missing_and_the_name_wrong() -> None:
    text = "00:01.000 --> 00:02.000\n<v Ann>Hi.</v>\n"
    assert opened(text, "x.txt").format == "vtt"
    assert opened("WEBVTT\n\n" + text, "call").format == "vtt"


def test_words_after_an_empty_line_in_a_cue_are_kept() -> None:
    found = said(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>We have\n\n80,000 euros.\n\n"
        "00:03.000 --> 00:04.000\n<v Bo>Good.\n",
        "x.vtt",
    )
    assert found == [("Ann", "We have 80,000 euros."), ("Bo", "Good.")]


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi.\n\n00:xx --> 00:04.000\nWell.\n", "x.vtt", 6),
        ("WEBVTT\n\n--> 00:04.000\nWell.\n", "x.vtt", 3),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi.\n\n2\n00:00:03 -> oh --> 0\nHo.\n", "x.srt", 6),
    ],
)
def test_a_cue_with_broken_times_is_named_by_its_line(text: str, name: str, line: int) -> None:
    with pytest.raises(UserError) as error:
        opened(text, name)
    assert error.value.code == "broken-transcript"
    assert (error.value.where.file, error.value.where.line) == (name, line)
