"""The page and the text charts: self-contained, well formed, escaped, and showing the figures."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from leadwise.card.model import Band, Card
from leadwise.report import Evaluation, evaluate, evaluation_page, gains_plot, rate_bars
from leadwise.report.svg import thinned
from leadwise.report.wording import count, percent, times

VOID = {"meta"}
NASTY = "<script>alert('x')</script> & \"co\""
CARD = Card(
    "pages",
    3,
    (),
    about=NASTY,
    bands=(Band("cold", label=NASTY), Band("hot", 5000)),
)


def evaluation(converted: int = 60) -> Evaluation:
    """200 leads of 0 to 99.5 points; the best `converted` and every tenth lead converted."""
    rows = [(f"l{n}", n * 50, "hot" if n >= 100 else "cold") for n in range(200)]
    won = {f"l{n}": n >= 200 - converted or (n % 10 == 0 and converted > 0) for n in range(200)}
    return evaluate(rows, won, ["cold", "hot"])


class Balance(HTMLParser):
    """Fails where a tag is not closed in order; collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Balance:
    reader = Balance()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    page = evaluation_page(evaluation(), CARD, made_at="1 May")
    reader = read(page)
    assert reader.links == []
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert not re.search(r"https?:|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page


def test_texts_of_the_card_are_escaped() -> None:
    page = evaluation_page(evaluation(), CARD, made_at=NASTY)
    assert "<script" not in page
    assert "".join(read(page).texts).count(NASTY) == 4  # about, band in chart and table, made_at


def test_each_chart_is_xml_with_a_title_and_a_description_and_a_table_beside_it() -> None:
    page = evaluation_page(evaluation(), CARD)
    charts = re.findall(r"<svg.*?</svg>", page)
    assert len(charts) == 4 == page.count("<table>")
    for chart in charts:
        root = ElementTree.fromstring(chart)
        assert root.findtext("title")
        assert len(root.findtext("desc") or "") > 40
        numbers = re.findall(r'\b(?:x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]+)"', chart)
        assert numbers
        assert all(-1 <= float(number) <= 560 for number in numbers)


def test_the_page_shows_the_figures() -> None:
    found = evaluation()
    texts = read(evaluation_page(found, CARD)).texts
    assert found.auc is not None
    for shown in (f"{found.auc.value:.3f}", percent(found.base_rate), times(found.parts[0].lift)):
        assert shown in texts
    assert "hot" in texts  # a band without a label is named by its id


def test_without_conversions_the_page_says_so_and_draws_no_curve() -> None:
    page = evaluation_page(evaluation(0), CARD)
    assert "nothing can be said about the order" in page
    assert "Gains curve" not in page
    assert "nan" not in page.lower()


def test_few_leads_make_a_page_too() -> None:
    found = evaluate([("a", 100, "hot"), ("b", -50, "cold")], {"a": True, "b": False})
    assert "best 50%" in evaluation_page(found, CARD)


def test_gains_plot_rises_from_corner_to_corner() -> None:
    plot = gains_plot(evaluation(), width=30, height=8).splitlines()
    assert len(plot) == 8 + 3
    rows = [line[7:] for line in plot[1:9]]
    assert {len(row) for row in rows} == {30}
    assert rows[0][-1] != "\u2800"
    assert rows[-1][0] != "\u2800"
    assert rows[0][0] == "\u2800" == rows[-1][-1]
    assert gains_plot(evaluation(0)) == ""


def test_rate_bars_are_as_long_as_their_rates() -> None:
    lines = rate_bars(evaluation(), width=20).splitlines()
    assert len(lines) == 11
    assert lines[0].endswith("█" * 20)
    assert lines[-2].count("█") == 2  # a tenth of the highest rate
    assert lines[-1].split() == ["all", percent(evaluation().base_rate)]
    assert "█" not in rate_bars(evaluation(0))


def test_thinning_keeps_both_ends_and_leaves_no_gap() -> None:
    curve = [(n / 5000, n / 5000) for n in range(5001)]
    kept = thinned(curve)
    assert (kept[0], kept[-1]) == ((0, 0), (1, 1))
    assert len(kept) < 520
    assert max(b[0] - a[0] for a, b in pairwise(kept)) < 0.0025


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (count(41188), "41,188"),
        (count(1949.5625), "1,949.6"),
        (count(3.0000000001), "3"),
        (percent(None), "–"),
        (percent(0.8136, 0), "81%"),
        (times(4.216), "4.2×"),
    ],
)
def test_numbers_as_people_read_them(shown: str, expected: str) -> None:
    assert shown == expected
