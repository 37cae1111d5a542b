"""Mentions of time in five languages, relative to Tuesday 17 March 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.qualify.embedded.time.dates import fiscal_start, mentions, months_until
from leadwise.qualify.embedded.time.feasts import feast_after, feast_day
from leadwise.qualify.embedded.words import LANGUAGES

DAY = date(2026, 3, 17)
LAST = {
    "en": {
        "by the end of next month": "2026-04-30", "in six weeks": "2026-04-28",
        "before Christmas": "2026-12-24", "mid-October": "2026-10-15", "this Friday": "2026-03-20",
        "end of Q3": "2026-09-30", "in the first quarter of next year": "2027-03-31",
        "ordered six months before the move in March": "2026-09-30",
        "within the quarter": "2026-03-31", "by the 20th": "2026-03-20", "May 15th": "2026-05-15",
        "Friday week": "2026-03-27", "on the seventh": "2026-04-07",
        "Friday the thirteenth": "2026-11-13", "this side of Christmas": "2026-12-24",
        "the fifteenth of may": "2026-05-15", "in two or three months": "2026-06-17",
        "next year": "2027-12-31", "early next year": "2027-03-31", "H1 2027": "2027-06-30",
        "two weeks before Christmas": "2026-12-11", "by year-end": "2026-12-31",
        "the first week of June": "2026-06-07", "end of June or early July": "2026-07-10",
        "15 May 2026": "2026-05-15", "2026-05-15": "2026-05-15", "week 36": "2026-09-06",
        "by March next year": "2027-03-31", "before the quarter is out": "2026-03-31",
        "a month and a half from now": "2026-05-02", "before june": "2026-05-31",
        "by the end of twenty twenty seven": "2027-12-31", "before Thanksgiving": "2026-11-25",
        "before Chinese New Year": "2027-02-05", "in the week of 5 October": "2026-10-09",
        "next year, say the first half": "2027-06-30", "tomorrow": "2026-03-18",
    },
    "de": {
        "bis Ende nächsten Monats": "2026-04-30", "in sechs Wochen": "2026-04-28",
        "vor Weihnachten": "2026-12-24", "Mitte Oktober": "2026-10-15", "KW 36": "2026-09-06",
        "bis Quartalsende": "2026-03-31", "im ersten Quartal nächsten Jahres": "2027-03-31",
        "bis zum 20.": "2026-03-20", "am 15.5.": "2026-05-15", "am 3. Mai": "2026-05-03",
        "in anderthalb Monaten": "2026-05-02", "in einem halben Jahr": "2026-09-17",
        "im Herbst": "2026-11-30", "am ersten Oktober": "2026-10-01", "bis März": "2026-03-31",
        "in zwei bis drei Monaten": "2026-06-17", "im Mai oder Juni": "2026-06-30",
        "vor Pfingsten": "2026-05-23", "Drei Monate vor Weihnachten": "2026-09-25",
    },
    "es": {
        "a finales del mes que viene": "2026-04-30", "dentro de seis semanas": "2026-04-28",
        "antes de Semana Santa": "2026-04-04", "de aquí a dos meses": "2026-05-17",
        "primer trimestre del año que viene": "2027-03-31", "el quince de mayo": "2026-05-15",
        "primera quincena de junio": "2026-06-15", "a principios de año": "2027-01-31",
        "antes del 20": "2026-03-20", "pasado mañana": "2026-03-19", "para junio": "2026-06-30",
        "en menos de un mes y medio": "2026-05-02", "antes de Reyes": "2027-01-05",
    },
    "fr": {
        "d'ici fin juin": "2026-06-30", "avant la fin du mois": "2026-03-31",
        "d’ici trois mois": "2026-06-17", "sous quinze jours": "2026-04-01",
        "avant l'été": "2026-06-20", "mi-octobre": "2026-10-15", "à la rentrée": "2026-09-01",
        "l'année prochaine": "2027-12-31", "T3": "2026-09-30",
        "avant le 15 septembre": "2026-09-15",
        "d'ici deux à trois mois": "2026-06-17", "avant la fin de l'exercice": "2026-12-31",
    },
    "fi": {
        "ensi kuun loppuun mennessä": "2026-04-30", "kuuden viikon päästä": "2026-04-28",
        "ennen joulua": "2026-12-24", "lokakuun puolivälissä": "2026-10-15",
        "viikolla 36": "2026-09-06", "ensi vuoden ensimmäisellä neljänneksellä": "2027-03-31",
        "puolen vuoden sisällä": "2026-09-17", "viidestoista toukokuuta": "2026-05-15",
        "15.5. mennessä": "2026-05-15", "kuukauden päästä": "2026-04-17",
        "kahdessa kuukaudessa": "2026-05-17", "touko-kesäkuussa": "2026-06-30",
        "ennen juhannusta": "2026-06-20", "tän viikon perjantaina": "2026-03-20",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "last"),
    [(language, text, last) for language, rows in LAST.items() for text, last in rows.items()],
)
def test_latest_day_of_a_mention(language: str, text: str, last: str) -> None:
    assert [str(one.last) for one in mentions(text, language, DAY)][-1:] == [last]


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "three months ago", "past"), ("en", "not before September", "open"),
        ("en", "six months before the move", "lead"), ("en", "for three months", "length"),
        ("de", "vor drei Monaten", "past"), ("de", "frühestens im September", "open"),
        ("es", "hace tres meses", "past"), ("fr", "il y a trois mois", "past"),
        ("fi", "kolme kuukautta sitten", "past"), ("en", "last October", "past"),
    ],
)  # fmt: skip
def test_kind_of_a_mention(language: str, text: str, kind: str) -> None:
    assert [one.kind for one in mentions(text, language, DAY)] == [kind]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "we may buy it, they march on"), ("en", "$40 per month"), ("en", "one in fifteen"),
        ("de", "guten Morgen, das kostet 1.5 Millionen"), ("fr", "on en a sept"),
        ("es", "por la mañana"), ("fi", "kolme miestä"),
    ],
)  # fmt: skip
def test_no_mention(language: str, text: str) -> None:
    assert not [one for one in mentions(text, language, DAY) if one.last]


def test_fiscal_year() -> None:
    assert fiscal_start(["Unser Geschäftsjahr beginnt am ersten Oktober."], "de") == 10
    assert fiscal_start(["Our financial year ends in March."], "en") == 4
    assert fiscal_start(["Nothing is said of it."], "en") == 0
    found = mentions("in the first quarter of the new fiscal year", "en", date(2026, 5, 18), 10)
    assert str(found[0].last) == "2026-12-31"


def test_feasts() -> None:
    assert feast_day("easter", 2026) == date(2026, 4, 5)
    assert feast_day("thanksgiving", 2026) == date(2026, 11, 26)
    assert feast_after("chinese_new_year", date(2026, 10, 6)) == date(2027, 2, 6)
    assert feast_day("diwali", 1999) is None
    ramadan = feast_day("ramadan", 2026)
    assert ramadan is not None
    assert abs((ramadan - date(2026, 2, 18)).days) <= 1


@pytest.mark.parametrize(
    ("last", "months"),
    [
        ("2026-03-17", 0), ("2026-04-01", 0.5), ("2026-03-20", 0), ("2026-05-01", 1),
        ("2026-09-30", 6), ("2026-01-01", 0),
    ],
)  # fmt: skip
def test_months(last: str, months: float) -> None:
    assert months_until(DAY, date.fromisoformat(last)) == months


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "in by before the end of 31 30. 2 February 2027 1.2. 31/02 week 53 next month year Q3 "
            "six to or bis Ende Februar vor avant fin mai le 32 ensi kuun loppuun antes de , . - x "
            "99999999 fifteenth half quarter ago after Ramadan '27 twenty-ninth".split(" ")
        ),
        max_size=12,
    ).map(" ".join),
    st.sampled_from(LANGUAGES),
)
def test_any_text_is_read(text: str, language: str) -> None:
    for one in mentions(text, language, DAY):
        assert 0 <= one.start < one.end <= len(text)
        assert one.kind != "until" or (one.last is not None and one.last >= DAY)
