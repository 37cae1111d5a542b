"""Pages of learning in a browser: axe, small screens, both colours, keys, charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.pages.learning.past import site_with_a_past
from tests.pages.site import PagesSite

PAGES = ("", "/backtest", "/card", "/refine", "/calibration?value=900&cost=300", "/drift",
         "/experiments")  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesSite]:
    with site_with_a_past(tmp_path_factory.mktemp("past")) as found:
        yield found


def test_nothing_bars_anybody_and_charts_are_drawn(open_page: Any, axe: Any) -> None:
    for address in PAGES:
        page = open_page(f"/learning{address}", "marketing")
        page.wait_for_load_state("load")
        places = page.locator("[data-chart]").count()
        assert page.locator("[data-chart] svg").count() >= places
        axe(page, both=True)


def test_nothing_is_wider_than_a_small_screen(open_page: Any) -> None:
    for address in PAGES:
        page = open_page(f"/learning{address}", "marketing", "phone", "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_the_slider_answers_to_keys(open_page: Any) -> None:
    page = open_page("/learning/backtest?calls=1", "read_only")
    number, slider = page.locator("#calls"), page.locator(".calls input[type=range]")
    before = page.locator('[data-found="0"]').inner_text()
    assert (number.input_value(), slider.input_value()) == ("1", "1")
    slider.focus()
    page.keyboard.press("End")
    assert number.input_value() == slider.input_value() != "1"
    after = page.locator('[data-found="0"]').inner_text()
    assert int(after.rstrip("%")) > int(before.rstrip("%"))
    number.fill("1")
    assert page.locator('[data-found="0"]').inner_text() == before
    page.locator("[data-calls-said]", has_text="%").wait_for(state="attached")
