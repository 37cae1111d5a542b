"""The editor in a browser: suggestions, checks, saving, and a server that is gone meanwhile."""

from __future__ import annotations

import re
from typing import Any

from tests.pages.site import PagesSite
from tests.pages.test_studio import begin, saved


def test_writing_by_keyboard(site: PagesSite, open_page: Any, axe: Any) -> None:
    address = begin(site, version="1")
    page = open_page(address, role="marketing")
    text, offers = page.locator("#text"), page.locator("#offers")
    page.set_default_timeout(8000)
    text.focus()
    # A condition is completed from the card's names and from what was seen.
    page.evaluate("""() => { const t = document.getElementById('text');
        const at = t.value.indexOf("- id: views");
        t.setRangeText("\\n      ", at, at, "start"); }""")
    page.keyboard.type("- {id: rank, when: tit", delay=5)
    offers.wait_for(state="visible")
    assert offers.locator("[aria-selected=true]").inner_text().startswith("title")
    axe(page)
    page.keyboard.press("Enter")
    assert "- {id: rank, when: title\n" in text.input_value()
    page.keyboard.type(" = ", delay=5)
    page.keyboard.press("Control+Space")
    offers.wait_for(state="visible")
    page.keyboard.press("ArrowDown")
    assert text.get_attribute("aria-activedescendant") == "offer-1"
    page.keyboard.press("Escape")
    assert offers.is_hidden()
    page.keyboard.press("Control+Space")
    offers.wait_for(state="visible")
    page.keyboard.press("Enter")
    page.keyboard.type(", points: 5}")
    assert "when: title = 'boss', points: 5}" in text.input_value()
    # The checks follow, and lead to the line.
    page.keyboard.press("Enter")
    page.keyboard.type("      - {id: wrong, when: nothing = 1, points: 1}")
    link = page.locator("#problems li", has_text="nothing").locator("a")
    link.wait_for()
    line = int(re.sub(r"\D", "", link.inner_text()))
    link.click()
    at = text.evaluate("t => t.value.slice(0, t.selectionStart).split('\\n').length")
    assert at == line
    assert "nothing" in text.input_value().split("\n")[line - 1]
    # Tab indents; Escape and then Tab leaves.
    page.keyboard.press("Tab")
    assert text.evaluate("t => document.activeElement === t")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not text.evaluate("t => document.activeElement === t")
    page.keyboard.press("Control+s")
    page.locator("#saved", has_text="Saved.").wait_for()
    assert saved(site, address) == text.input_value()


def test_nothing_typed_is_lost(site: PagesSite, open_page: Any) -> None:
    address = begin(site, ready="bant")
    page = open_page(address, role="marketing")
    page.set_default_timeout(8000)
    before = saved(site, address)
    page.locator("#text").fill(before.replace("100000", "300000"))
    # The server goes in the middle of it, and the tab is loaded anew.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')); }")
    page.locator("#save").click()
    page.locator("#saved", has_text="kept in this tab").wait_for()
    page.reload()
    assert "100000" in page.locator("#text").input_value()
    page.locator("#put-back").click()
    assert "300000" in page.locator("#text").input_value()
    # Somebody else saves meanwhile: both texts are there.
    site.client("administrator").post(
        f"{address}/save", data={"text": before.replace("100000", "400000"), "revision": "1"}
    )
    page.locator("#save").click()
    page.locator("[data-conflict]").wait_for()
    page.locator("[data-conflict] summary").click()
    assert "400000" in page.locator("#theirs").input_value()
    assert "300000" in page.locator("#text").input_value()
    page.locator("#save").click()
    page.locator("#saved", has_text="Saved.").wait_for()
    assert "300000" in saved(site, address)


def test_forms_and_other_pages(site: PagesSite, open_page: Any, axe: Any) -> None:
    address = begin(site, ready="icp-70")
    page = open_page(f"{address}/forms", role="marketing")
    page.set_default_timeout(8000)
    part = page.locator("details.part", has_text="Size").filter(has=page.locator("form"))
    page.locator("summary", has_text=re.compile(r"^Size")).first.click()
    unknown = page.locator("[id='dimensions-0-criteria-1.unknown']")
    unknown.fill("4")
    unknown.press("Enter")
    page.locator(".notice", has_text="Saved.").wait_for()
    assert page.locator("[id='dimensions-0-criteria-1.unknown']").is_visible()
    assert "# 15 points: size." in saved(site, address)
    assert saved(site, address).count("unknown: 4") == 1
    assert part.count() > 0
    axe(page)
    for path, size, scheme in (
        ("/studio", "wide", "light"), ("/studio", "phone", "dark"),
        ("/studio/start", "phone", "light"), ("/studio/start", "wide", "dark"),
        (address, "phone", "dark"), (f"{address}/forms", "phone", "dark"),
    ):  # fmt: skip
        other = open_page(path, role="marketing", size=size, scheme=scheme)
        axe(other)
        wide = other.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, path
        other.context.close()
