"""Languages: every text has its translation, numbers and dates are as people write them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Message

from leadwise.web.pages.texts import LANGUAGES, negotiated, texts, zone_of
from tests.pages.addresses import addresses, with_draft
from tests.pages.catalogue import LOCALE, ROOT, TRANSLATED, brought, extracted, messages, read
from tests.pages.framed import visit_of
from tests.pages.site import PagesSite
from tests.web.api_service import NOW_US

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
PLACE = re.compile(r"%\((\w+)\)[sd]|%%|%")
SPACES = re.compile(r"[\u00a0\u202f]")


def plain(text: str) -> str:
    return SPACES.sub(" ", text)


# --- the catalogues


def said_by(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def ids_of(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_has_its_translation_and_none_is_left_over(language: str) -> None:
    there = (LOCALE / f"{language}.po").read_text(encoding="utf-8")
    assert brought(language, extracted()) == there, "bring it up to date: make texts"
    assert "#~" not in there
    catalogue = read(language)
    assert not [message.id for message in catalogue if message.fuzzy]
    missing = [ids_of(m)[0] for m in messages(catalogue) if not all(said_by(m))]
    assert not missing, f"{len(missing)} texts of {language}.po wait for their translation"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_names_the_same_values_in_the_same_shape(language: str) -> None:
    for message in messages(read(language)):
        ids = ids_of(message)
        for form, said in enumerate(said_by(message)):
            if not said:
                continue
            source = ids[min(form, len(ids) - 1)]
            wanted = {each[0] for each in PLACE.finditer(ids[-1])}
            # a form for one may leave the number out
            given = {each[0] for each in PLACE.finditer(said)}
            least = wanted - {"%(num)s"} if len(ids) > 1 and form == 0 else wanted
            assert least <= given <= wanted | {each[0] for each in PLACE.finditer(ids[0])}, said
            assert source[:1].isspace() == said[:1].isspace(), said
            assert source[-1:].isspace() == said[-1:].isspace(), said
            assert source.endswith(".") == said.endswith("."), said
            assert source.count("<") == said.count("<"), said


@pytest.mark.parametrize("language", TRANSLATED)
def test_one_word_is_translated_in_one_way(language: str) -> None:
    short = Counter(said_by(m)[0] for m in messages(read(language)) if len(ids_of(m)[0]) < 4)
    assert all(count <= 2 for said, count in short.items() if said), short


def test_texts_are_written_out_where_they_are_marked() -> None:
    """Extraction reads literals: a text put together first would never be translated."""
    wrong = []
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            built = isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
            if name in ("_", "N_", "say", "ngettext") and built:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong


HIDDEN = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<script.*?</script>|<!--.*?-->|<(code|kbd)\b.*?</\1>",
    re.DOTALL,
)
SPOKEN = re.compile(r"(?:aria-label|title|alt|placeholder|aria-roledescription)=\"([^\"]*)\"")
WORDS = re.compile(r"[A-Za-z]{2,}")
NAMES = re.compile(
    r"Leadwise|SQLite|PostgreSQL|CloudEvents|CSV|PDF|YAML|JSON|OpenID|ICP|BANT|Esc(ape)?|Enter|Ctrl"
    r"|Tab|Space|&\w+;|doctype html"
)
"""What is the same in every language."""


def test_no_template_says_anything_that_cannot_be_translated() -> None:
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = HIDDEN.sub(lambda found: re.sub(r"[^\n]", "", found[0]), path.read_text("utf-8"))
        spoken = [each[1] for each in SPOKEN.finditer(text)]
        shown = re.sub(r"<[^>]*>|[\w-]+=\"[^\"]*\"", "\n", text)  # macros hold attributes alone
        wrong += [
            f"{path.relative_to(ROOT)}: {line.strip()}"
            for line in [*shown.splitlines(), *spoken]
            if WORDS.search(NAMES.sub("", line))
        ]
    assert not wrong


# --- every page in every language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_language_asked_for(site: PagesSite, language: str) -> None:
    client = site.client("administrator")
    client.headers["accept-language"] = f"{language}, en;q=0.1"
    shown = 0
    with_draft(site)
    for path in addresses():
        answer = client.get(path)
        assert answer.status_code in (200, 303, 400, 404), f"{path}: {answer.text[-500:]}"
        if answer.status_code == 200 and "<html" in answer.text:
            assert f'<html lang="{language}">' in answer.text, path
            shown += 1
    assert shown >= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_not_signed_in_is_spoken_to_in_their_language(
    site: PagesSite, language: str
) -> None:
    client = site.client()
    client.headers["accept-language"] = language
    for path in ("/sign-in", "/nowhere", "/welcome?key=none"):
        assert f'<html lang="{language}">' in client.get(path).text, path


# --- numbers, dates, times


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("1,234,567.89", "5", "5.50", "−12,345.67", "+0.5", "0", "50%", "12.3%")),
        ("es", ("1.234.567,89", "5", "5,50", "−12.345,67", "+0,5", "0", "50 %", "12,3 %")),
        ("fi", ("1 234 567,89", "5", "5,50", "−12 345,67", "+0,5", "0", "50 %", "12,3 %")),
    ],
)
def test_numbers(language: str, expected: tuple[str, ...]) -> None:
    said = texts(language)
    found = (
        said.number(1_234_567.891), said.number(5, 0), said.number(5.5, 2),
        said.points(-1_234_567), said.points(50, signed=True), said.points(0, signed=True),
        said.percent(0.5), said.percent(0.1234, 1),
    )  # fmt: skip
    assert tuple(map(plain, found)) == expected
    assert plain(said.number(-3)) == "−3"
    assert plain(said.percent(-0.5)).startswith("−50")


@pytest.mark.parametrize(
    ("language", "moment", "day", "time", "weekday"),
    [
        ("en", "15 Jan 2027, 10:00", "15 Jan 2027", "10:00", "Friday"),
        ("es", "15 ene 2027, 10:00", "15 ene 2027", "10:00", "viernes"),
        ("fi", "15.1.2027 10.00", "15.1.2027", "10.00", "perjantaina"),
    ],
)
def test_days_and_times(language: str, moment: str, day: str, time: str, weekday: str) -> None:
    said = texts(language)
    assert plain(said.moment(NOW_US, HELSINKI)) == moment
    assert said.date(NOW_US, HELSINKI) == day
    assert said.time(NOW_US, HELSINKI) == time
    assert said.weekday(NOW_US, HELSINKI) == weekday


def test_a_day_is_that_of_the_zone() -> None:
    evening = NOW_US + 15 * HOUR  # 23:00 UTC
    assert texts("en").moment(evening, ZoneInfo("UTC")) == "15 Jan 2027, 23:00"
    assert texts("en").moment(evening, HELSINKI) == "16 Jan 2027, 01:00"


@pytest.mark.parametrize(
    ("us", "en", "es", "fi"),
    [
        (0, "0 seconds", "0 segundos", "0 sekuntia"),
        (90 * MINUTE, "90 minutes", "90 minutos", "90 minuuttia"),
        (47 * HOUR, "47 hours", "47 horas", "47 tuntia"),
        (3 * DAY, "3 days", "3 días", "3 päivää"),
        (21 * DAY, "3 weeks", "3 semanas", "3 viikkoa"),
    ],
)
def test_lengths_of_time(us: int, en: str, es: str, fi: str) -> None:
    assert [plain(texts(each).duration(us)) for each in ("en", "es", "fi")] == [en, es, fi]


def test_how_long_ago() -> None:
    said = texts("en")
    assert said.ago(NOW_US, NOW_US) == "just now"
    assert said.ago(NOW_US - 59_000_000, NOW_US) == "just now"
    assert said.ago(NOW_US - 30 * HOUR, NOW_US) == "30 hours ago"
    assert said.ago(NOW_US + 5 * HOUR, NOW_US) == "in 5 hours"
    assert texts("fi").ago(NOW_US - 3 * DAY, NOW_US) == "3 päivää sitten"


def test_a_text_for_a_number(site: PagesSite) -> None:
    en = texts("en")
    assert en.count("%(num)s lead", "%(num)s leads", 1) == "1 lead"
    assert en.count("%(num)s lead", "%(num)s leads", 0) == "0 leads"
    assert en.count("%(num)s of %(all)s", "%(num)s of %(all)s", 1234, all="9") == "1,234 of 9"
    own = site.leads.api
    from leadwise.web.pages.routes import site_of

    template = site_of(own, b"").templates.from_string(
        '{{ ngettext("%(num)s <b>", "%(num)s of %(who)s", n, who="<i>") }}|{{ _("100%") }}'
    )
    visit = type("V", (), {"texts": en, "request": visit_of(own)})()
    assert template.render(visit=visit, n=12345) == "12,345 of &lt;i&gt;|100%"


# --- which language, which zone


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("fi", "fi"), ("FI-fi", "fi"), ("es-419,es;q=0.9,en;q=0.8", "es"),
        ("sv, fi;q=0.5, en;q=0.4", "fi"), ("en;q=0.1, es ; q=0.7", "es"), ("de, fr;q=0.9", "en"),
        ("es;q=0, fi;q=0.1", "fi"), ("es;q=0", "en"), ("*", "en"), ("fi;q=nan, es;q=0.1", "es"),
        (";;;q=,,,", "en"), ("fi,es", "fi"), ("es,fi", "es"), ("x" * 10_000, "en"),
        (", ".join(["de"] * 30 + ["fi"]), "en"), ("fi;q=.5,es;q=.6", "es"), ("fi;q=", "en"),
    ],
)  # fmt: skip
def test_the_language_that_a_browser_likes_best(header: str, language: str) -> None:
    assert negotiated(header) == language


def test_a_zone_that_there_is_not_is_utc() -> None:
    assert zone_of("Europe/Helsinki") == HELSINKI
    for name in ("Nowhere/City", "", "../../etc/passwd", "/etc/localtime", "\0"):
        assert zone_of(name).key == "UTC"
