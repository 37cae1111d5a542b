"""Amounts of money in text: figures, words, ranges, bounds, periods, currencies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.qualify.embedded.money.amounts import amounts
from leadwise.qualify.embedded.numbers.figures import figure_value
from leadwise.qualify.embedded.numbers.numerals import numerals
from leadwise.qualify.embedded.words import LANGUAGES

NUMBERS = {
    "en": {
        "a hundred and eighty thousand": 180e3, "one point eight million": 1.8e6,
        "half a million": 5e5, "a quarter of a million": 25e4, "a million and a half": 1.5e6,
        "two and a half million": 2.5e6, "twelve hundred": 1200, "a couple hundred thousand": 2e5,
        "one twenty-five": 125, "12,00,000": 12e5, "2.5 crore": 25e6, "five lakhs": 5e5,
        "1.250 million": 1.25e6, "80k": 8e4, "1.2m": 1.2e6, "forty-five thousand": 45e3,
        "a hundred grand": 1e5, "three quarters of a million": 75e4, "1,500.50": 1500.5,
    },
    "de": {
        "fünfundvierzigtausend": 45e3, "anderthalb Millionen": 1.5e6, "eine halbe Million": 5e5,
        "zweieinhalb Millionen": 2.5e6, "hundertzwanzigtausend": 12e4, "1,2 Mio": 1.2e6,
        "45.000": 45e3, "25'000": 25e3, "eins Komma zwei Millionen": 1.2e6, "50 TEUR": 5e4,
        "eine Viertelmillion": 25e4, "zweitausendfünfhundert": 2500, "zwölf Mille": 12e3,
        "eine Million zweihunderttausend": 1.2e6, "einundzwanzig": 21, "1.234,56": 1234.56,
    },
    "es": {
        "ochocientos mil": 8e5, "un millón doscientos": 1.2e6, "medio millón": 5e5,
        "un millón y medio": 1.5e6, "treinta y cinco mil": 35e3, "ciento veinte mil": 12e4,
        "veinticinco mil": 25e3, "dos mil quinientos": 2500, "dos mil millones": 2e9,
        "uno coma dos millones": 1.2e6, "una centena de miles": 1e5, "mil quinientos": 1500,
    },
    "fr": {
        "quatre-vingt-dix-sept mille": 97e3, "soixante-quinze mille": 75e3,
        "un million et demi": 1.5e6, "un demi-million": 5e5, "une centaine de milliers": 1e5,
        "cent vingt mille": 12e4, "vingt et un mille": 21e3, "soixante et onze mille": 71e3,
        "nonante mille": 9e4, "deux cent cinquante mille": 25e4, "un virgule deux million": 1.2e6,
        "45 000": 45e3, "90 K€": 9e4, "cent quatre-vingts mille": 18e4, "1,5 M€": 1.5e6,
    },
    "fi": {
        "kolmekymmentäviisituhatta": 35e3, "viisitoistatuhatta": 15e3, "puoli miljoonaa": 5e5,
        "puolitoista miljoonaa": 1.5e6, "satakaksikymmentätuhatta": 12e4, "50 tonnia": 5e4,
        "kakskytviis tonnia": 25e3, "parikymmentä tonnia": 2e4, "kolmenkymmenen tuhannen": 3e4,
        "viidelläkymmenellä tonnilla": 5e4, "sadastakymmenestä tuhannesta": 11e4,
        "kolkyt tonnia": 3e4, "1,2 milj": 1.2e6, "kaksi ja puoli miljoonaa": 2.5e6,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [(language, *one) for language, table in NUMBERS.items() for one in table.items()],
)
def test_a_number_has_its_value(language: str, text: str, value: float) -> None:
    assert [one.value for one in numerals(text, language)] == [pytest.approx(value)]


@pytest.mark.parametrize(
    ("language", "text", "low", "high", "currency", "times"),
    [
        ("en", "four fifty to five hundred thousand dirhams", 45e4, 5e5, "AED", None),
        ("en", "could stretch to 300 a month tops", None, 300, None, 12),
        ("en", "at least three hundred and fifty thousand dollars", 35e4, None, "dollar", None),
        ("en", "it is ninety thousand new zealand", 9e4, 9e4, "NZD", None),
        ("en", "we get 25k usd a year max", None, 25e3, "USD", 1),
        ("en", "$40,000 CAD a year", 4e4, 4e4, "CAD", 1),
        ("en", "somewhere between 50 and 60 thousand", 5e4, 6e4, None, None),
        ("en", "80-90k", 8e4, 9e4, None, None),
        ("en", "between $40k and $50k", 4e4, 5e4, "dollar", None),
        ("en", "no more than about 50 grand", None, 5e4, None, None),
        ("en", "from eighty to a hundred grand", 8e4, 1e5, None, None),
        ("en", "mid five figures", 4e4, 6e4, None, None),
        ("en", "R450,000", 45e4, 45e4, "ZAR", None),
        ("en", "thirty-five lakhs", 35e5, 35e5, "rupee", None),
        ("en", "9 grand a year, not a cent more", None, 9000, None, 1),
        ("de", "maximal CHF 25'000 pro Jahr", None, 25e3, "CHF", 1),
        ("de", "fünfzig- bis sechzigtausend Euro", 5e4, 6e4, "EUR", None),
        ("de", "mindestens 40.000 Euro", 4e4, None, "EUR", None),
        ("de", "ein mittlerer fünfstelliger Betrag", 4e4, 6e4, None, None),
        ("de", "rund 500 € im Monat", 500, 500, "EUR", 12),
        ("es", "hasta ochocientos mil pesos al año", None, 8e5, "peso", 1),
        ("es", "entre medio millón y seiscientos", 5e5, 6e5, None, None),
        ("es", "de 40 a 50 mil euros", 4e4, 5e4, "EUR", None),
        ("es", "más de quince mil no puedo", None, 15e3, None, None),
        ("fr", "entre quatre-vingts et cent mille euros", 8e4, 1e5, "EUR", None),
        ("fr", "300 euros par mois grand maximum", None, 300, "EUR", 12),
        ("fr", "80 à 90 K€", 8e4, 9e4, "EUR", None),
        ("fi", "enintään 25 tonnia", None, 25e3, None, None),
        ("fi", "30–40 tuhatta euroa", 3e4, 4e4, "EUR", None),
        ("fi", "400 euroa kuukaudessa", 400, 400, "EUR", 12),
    ],
)  # fmt: skip
def test_an_amount_has_bounds_currency_and_period(
    language: str, text: str, low: float, high: float, currency: str, times: float
) -> None:
    [one] = amounts(text, language)
    assert (one.low, one.high, one.currency, one.times) == (low, high, currency, times)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "in 2026 we had 300 people"),
        ("en", "around 3.5% of them, at 9:30 with 14 trucks"),
        ("en", "30 minutes, 2 days"),
        ("en", "approved on September 11."),
        ("en", "grand, so you filled in the form"),
        ("de", "am 3. Mai um 14 Uhr mit 20 Leuten"),
        ("es", "el 15 de marzo, 40 personas"),
        ("fr", "140 personnes, 4 % de retards"),
        ("fi", "40 henkeä ja 3 viikkoa"),
    ],
)
def test_what_is_counted_is_no_money(language: str, text: str) -> None:
    assert amounts(text, language) == []


def test_a_count_of_something_unknown_is_marked() -> None:
    [one] = amounts("douze mille pièces détachées", "fr")
    assert one.counts


@pytest.mark.parametrize(
    ("text", "following", "value"),
    [("45.000", "", 45e3), ("1.250", " million", 1.25), ("12,5", "", 12.5),
     ("1 200,50", "", 1200.5), ("25'000", "", 25e3), ("1.500.000", "", 1.5e6), ("0.75", "", 0.75)],
)  # fmt: skip
def test_signs_of_figures(text: str, following: str, value: float) -> None:
    assert figure_value(text, following) == value


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=160), st.sampled_from(LANGUAGES))
def test_any_text_is_read_and_offsets_are_in_it(text: str, language: str) -> None:
    for one in amounts(text, language):
        assert 0 <= one.start < one.end <= len(text)
        assert one.low is None or one.high is None or one.low <= one.high
