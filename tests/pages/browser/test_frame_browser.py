"""The frame in a browser: where a keyboard is, what stays where something fails, how wide it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from leadwise.web.pages.forged import FIELD, proof
from tests.pages.framed import framed
from tests.pages.site import PagesSite, served

Opened = Callable[..., Any]
OUTLINED = """() => { const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; }"""
FOCUSED = "document.activeElement.textContent.trim()"
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def address(site: PagesSite) -> Iterator[str]:
    """Where the frame around the test's own pages is served."""
    with served(framed(site).app) as found:
        yield found


def test_a_keyboard_sees_where_it_is_and_gets_past_the_navigation(open_page: Opened) -> None:
    page = open_page("/test/shown")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the content"
    assert page.evaluate(OUTLINED)
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Go on from the start"
    assert page.evaluate(OUTLINED)


def test_the_menu_opens_and_closes_by_keyboard_and_gives_the_focus_back(open_page: Opened) -> None:
    page = open_page("/test/shown")
    menu = page.locator("details.me")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Your account"
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert "Representative" in page.evaluate(FOCUSED)


def test_pages_of_the_frame_bar_nobody(
    open_page: Opened, axe: Callable[..., None], site: PagesSite
) -> None:
    page = open_page("/test/fails", size="phone")
    axe(page)
    page.locator("details.me summary").click()
    axe(page, both=True)
    assert page.evaluate(WIDTH) <= 320
    _post(page, "/test/save", {"note": "a\nb", "reason": "none"})
    page.wait_for_url("**/test/save")
    assert page.locator("textarea").first.input_value() == "a\nb"
    axe(page, both=True)
    assert page.evaluate(WIDTH) <= 320


def test_twice_the_size_of_text_and_the_other_direction_need_no_sideways_scrolling(
    open_page: Opened,
) -> None:
    page = open_page("/test/fails", size="phone")
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(WIDTH) <= 320
    skip = page.locator(".brand").bounding_box()
    assert skip["x"] > 100  # it starts on the right now
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.set_viewport_size({"width": 640, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(WIDTH) <= 640


def test_paper_has_no_navigation_and_forced_colours_keep_what_is_current(open_page: Opened) -> None:
    page = open_page("/test/shown")
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    page.emulate_media(media="screen", forced_colors="active", reduced_motion="reduce")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    page.keyboard.press("Tab")
    assert page.evaluate(OUTLINED)


def test_a_part_that_fails_leaves_the_page_and_what_was_typed(open_page: Opened) -> None:
    page = open_page("/test/shown")
    page.evaluate("""() => { const field = document.createElement('input'); field.id = 'typed';
      field.value = 'mine'; document.querySelector('main').append(field); }""")
    missing = f"/test/number/{2**63}"
    for path, text in (("/test/fails", "There is no lead <b>."), (missing, "There is no page")):
        page.evaluate(f"htmx.ajax('GET', '{path}', 'main')")
        page.locator("#problem .problem", has_text=text).wait_for()
        assert page.locator("#typed").input_value() == "mine"
    assert page.locator("#problem .problem").count() == 1


def test_what_was_typed_outlives_being_signed_out(open_page: Opened, site: PagesSite) -> None:
    """The whole way: signed out meanwhile, signed in in another tab, sent again."""
    page = open_page("/test/shown")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    session, _ = site.signed_in("representative")
    _post(page, "/test/save", {"note": "an hour's work", FIELD: proof(session.token)})
    page.get_by_text("You are signed out.").wait_for()
    page.context.add_cookies(cookies)  # as the other tab has it then
    page.get_by_role("button", name="Send it again").click()
    page.get_by_text("You have signed in anew").wait_for()
    assert page.get_by_label("note").input_value() == "an hour's work"
    page.get_by_role("button", name="Send it again").click()
    page.wait_for_url("**/test/shown")
    assert page.get_by_role("status").inner_text() == "Saved “ä”."


def _post(page: Any, path: str, fields: dict[str, str]) -> None:
    page.evaluate(
        """([path, fields]) => { const form = document.createElement('form');
          form.method = 'post'; form.action = path;
          for (const [name, value] of Object.entries(fields)) {
            const field = document.createElement('textarea');
            field.name = name; field.value = value; form.append(field); }
          document.body.append(form); form.submit(); }""",
        [path, fields],
    )
