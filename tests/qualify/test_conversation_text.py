"""Text as people and tools write it down: who speaks, when, and what stays in one turn."""

from __future__ import annotations

import pytest

from tests.qualify.opening import opened, said, sides

ANN, BO = ("Ann Smith", "Hello Bo."), ("Bo Li", "Hi Ann.")
FORMS = {
    "names": "Ann Smith: Hello Bo.\nBo Li: Hi Ann.",
    "paragraphs": "Ann Smith: Hello Bo.\n\nBo Li: Hi Ann.",
    "bold": "**Ann Smith:** Hello Bo.\n\n**Bo Li:** Hi Ann.",
    "time before": "[00:12] Ann Smith: Hello Bo.\n[00:14] Bo Li: Hi Ann.",
    "round time before": "(0:12) Ann Smith: Hello Bo.\n(0:14) Bo Li: Hi Ann.",
    "bare time before": "00:00:12 Ann Smith: Hello Bo.\n00:00:14 Bo Li: Hi Ann.",
    "dash": "00:12 - Ann Smith: Hello Bo.\n00:14 - Bo Li: Hi Ann.",
    "time after": "Ann Smith [00:12]: Hello Bo.\nBo Li [00:14]: Hi Ann.",
    "round time after": "Ann Smith (00:12): Hello Bo.\nBo Li (00:14): Hi Ann.",
    "above": "Ann Smith  00:12\nHello Bo.\n\nBo Li  00:14\nHi Ann.",
    "above, tab": "Ann Smith\t0:12\nHello Bo.\nBo Li\t0:14\nHi Ann.",
    "time and bar": "0:12 | Ann Smith\nHello Bo.\n\n0:14 | Bo Li\nHi Ann.",
    "Zoom's file": "[Ann Smith] 10:02:33\nHello Bo.\n\n[Bo Li] 10:02:35\nHi Ann.",
    "Teams' file": "0:0:12.450 --> 0:0:13.9\nAnn Smith\nHello Bo.\n"
    "0:0:14.1 --> 0:0:15.3\nBo Li\nHi Ann.",
    "Meet's lines": "00:00:00\nAnn Smith: Hello Bo.\nBo Li: Hi Ann.",
    "Windows": "Ann Smith: Hello Bo.\r\nBo Li: Hi Ann.\r\n",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_transcript_gives_the_same_turns(form: str) -> None:
    assert said(FORMS[form]) == [ANN, BO]


@pytest.mark.parametrize(
    ("form", "starts"),
    [
        ("time before", [12, 14]), ("bare time before", [12, 14]), ("time after", [12, 14]),
        ("above", [12, 14]), ("time and bar", [12, 14]), ("Zoom's file", [0, 2]),
        ("Teams' file", [12.45, 14.1]), ("names", [None, None]),
    ],
)  # fmt: skip
def test_times_become_seconds_from_the_start(form: str, starts: list[float | None]) -> None:
    assert [one.start_s for one in opened(FORMS[form]).conversation.turns] == starts


def test_words_before_a_colon_are_no_speaker_unless_they_look_like_one() -> None:
    found = said(
        """
        Ana Ruiz (COO, Lumen): This is what we need:
        - Price: below 30,000
        Note: before May.
        Budget: 60,000
        Bob: I see. One thing: who signs?
        Ana Ruiz (COO, Lumen): I do.
        """
    )
    assert found == [
        ("Ana Ruiz (COO, Lumen)",
         "This is what we need:\n- Price: below 30,000\nNote: before May.\nBudget: 60,000"),
        ("Bob", "I see. One thing: who signs?"),
        ("Ana Ruiz (COO, Lumen)", "I do."),
    ]  # fmt: skip


def test_a_name_said_once_inside_a_turn_parted_by_empty_lines_is_no_speaker() -> None:
    found = said(
        """
        Ana: We looked at two.
        Vendor Alpha: too dear.

        Bob: And now?

        Ana: Now you.

        Bob: Good.

        Ana: Yes.
        """
    )
    assert found[0] == ("Ana", "We looked at two.\nVendor Alpha: too dear.")


def test_what_stands_above_the_first_speaker_is_nobody_s() -> None:
    found = said("Discovery call, 4 March\nAttendees and so on\n\nAna: Hi.\nBo: Hi.\nAna: So.")
    assert found[0] == ("", "Discovery call, 4 March\nAttendees and so on")
    assert found[1:] == [("Ana", "Hi."), ("Bo", "Hi."), ("Ana", "So.")]


def test_lines_broken_to_a_width_are_made_whole_and_lists_are_not() -> None:
    found = said(
        """
        Ana: I have been thinking about this for quite a long time now, and we
        should go on with it before the end of the quarter if the price is
        right.
        - one
        - two
        Bo: Fine.
        """
    )
    assert found[0][1] == (
        "I have been thinking about this for quite a long time now, and we should go on with it "
        "before the end of the quarter if the price is right.\n- one\n- two"
    )


def test_text_without_speakers_is_paragraphs_of_nobody() -> None:
    assert said("We have 80k.\n\nThe CFO signs.") == [("", "We have 80k."), ("", "The CFO signs.")]


def test_text_without_speakers_is_the_buyer_s_where_the_buyer_is_named() -> None:
    (turn,) = opened("We have 80k.", buyer=["Ana Ruiz"]).conversation.turns
    assert (turn.speaker, turn.side) == ("Ana Ruiz", "buyer")


def test_a_sentence_with_a_time_in_it_is_no_head() -> None:
    found = said("Ana  00:12\nWe start at 10:30\nSo be there.\nBo  00:20\nFine.")
    assert found == [("Ana", "We start at 10:30\nSo be there."), ("Bo", "Fine.")]


@pytest.mark.parametrize(
    "label", ["Speaker 1", "Karl Müller-Lüdenscheidt", "dmitri_k", "Q", "Kunde",
              "José Luis de la Vega", "Dr. Patricia Nwosu", "kim (see fault)", "Visitor 4471",
              "R. Subramaniam, Manager (Purchase), Kaveri Hospital", "Veera / KahviKassa",
              "Eoin Darcy <eoin@cover.example>", "SPEAKER_01"]
)  # fmt: skip
def test_labels_of_many_kinds_are_speakers(label: str) -> None:
    assert said(f"{label}: Yes.\nAnn Smith: Good.\n{label}: No.")[0] == (label, "Yes.")


@pytest.mark.parametrize(
    "text",
    [
        "田中: 予算はいくらですか。\n鈴木: 八百万円です。\n",
        "田中：予算はいくらですか。\n鈴木：八百万円です。\n",
    ],
)
def test_names_in_letters_without_size_are_names(text: str) -> None:
    assert said(text) == [("田中", "予算はいくらですか。"), ("鈴木", "八百万円です。")]
    assert sides(text, seller=["田中"]) == {"田中": "seller", "鈴木": "buyer"}
