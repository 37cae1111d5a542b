"""Qualification in a browser: saved while typing, over a lost connection, and by keys alone."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import delete

from leadwise.store.answers import current_answers
from leadwise.store.schema import session
from leadwise.web.pages.routing import COOKIE
from tests.pages.qualified import lead_id, upload
from tests.pages.site import PagesSite


def standing(site: PagesSite, lead: int) -> dict[str, Any]:
    return site.leads.store.write(lambda c: current_answers(c, lead, "bant"))


def narrow(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_the_form_saves_as_one_answers_by_keys(site: PagesSite, open_page: Any, axe: Any) -> None:
    lead = lead_id(site)
    page = open_page(f"/leads/{lead}/qualify")
    axe(page, both=True)
    page.keyboard.press("n")
    page.keyboard.press("3")
    budget = page.locator("#question-budget")
    budget.locator(".state.done").wait_for()
    assert standing(site, lead)["budget"].value["amount_min"] == 25000
    assert page.locator("#beside").get_by_text("fund a project like this").count() == 0
    page.keyboard.press("6")  # another answer: the first field
    page.keyboard.type("80000")
    page.keyboard.press("Tab")
    page.keyboard.type("90000")
    for _ in range(40):
        if standing(site, lead)["budget"].value.get("amount_max") == 90000:
            break
        page.wait_for_timeout(100)
    assert standing(site, lead)["budget"].value["amount_min"] == 80000


def test_what_is_typed_outlives_a_lost_connection(site: PagesSite, open_page: Any) -> None:
    lead = lead_id(site)
    page = open_page(f"/leads/{lead}/qualify", size="phone", scheme="dark")
    narrow(page)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')); }")
    page.locator("#question-timeline").get_by_text("Within three months").click()
    waiting = page.locator("#question-timeline .state.wait")
    waiting.filter(has_text="no connection").wait_for()
    assert standing(site, lead) == {}
    page.reload()
    page.locator("#question-timeline .state.done").wait_for()
    assert standing(site, lead)["timeline"].value["months"] == 3
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_quotes_and_review_by_keys(site: PagesSite, open_page: Any, axe: Any) -> None:
    lead = lead_id(site)
    at = upload(site, lead).headers["location"]
    site.leads.store.write(_all_wait)
    page = open_page(at)
    axe(page, both=True)
    page.locator("mark a.tag").first.click()
    assert re.search(r"#answer-\d+$", page.url)
    page = open_page("/review")
    axe(page, both=True)
    before = page.get_by_text(re.compile(r"\d+ answers? waits?")).inner_text()
    page.keyboard.press("y")
    page.get_by_text("Confirmed.").wait_for()
    assert page.get_by_text(re.compile(r"\d+ answers? waits?")).inner_text() != before
    page.keyboard.press("c")
    page.get_by_role("button", name="Save the correction").wait_for()
    for path in ("/qualification", f"/leads/{lead}/answers"):
        page = open_page(path, role="marketing", size="phone")
        narrow(page)
        axe(page)


def _all_wait(connection: Any) -> None:
    connection.exec_driver_sql("UPDATE answer SET review = 'waiting'")


def test_pains_are_saved_as_they_are_typed_and_signing_in_anew_loses_nothing(
    site: PagesSite, open_page: Any
) -> None:
    lead = lead_id(site)
    page = open_page(f"/leads/{lead}/qualify")
    page.locator("#need-items").fill("Overselling")
    page.locator("#question-need .state.done").wait_for()
    assert page.locator("#question-need input[type=radio]:checked").count() == 0
    assert standing(site, lead)["need"].value["items"] == ["Overselling"]
    site.leads.write(lambda c: c.execute(delete(session)))
    site.sessions.clear()
    page.locator("#question-timeline").get_by_text("Within three months").click()
    page.locator("#question-timeline .state").get_by_text("sign in again in another tab").wait_for()
    place = page.url.partition("/leads")[0]
    cookie = {"name": COOKIE, "value": site.signed_in("representative")[1], "url": place}
    page.context.add_cookies([cookie])
    page.reload()
    page.locator("#question-timeline .state.done").wait_for()
    assert standing(site, lead)["timeline"].value["months"] == 3


def test_single_keys_can_be_switched_off(site: PagesSite, open_page: Any) -> None:
    upload(site, lead_id(site))
    site.leads.store.write(_all_wait)
    page = open_page("/review")
    before = page.get_by_text(re.compile(r"\d+ answers? waits?")).inner_text()
    page.evaluate("localStorage.setItem('leadwise.queue.keys-off', '1')")
    page.keyboard.press("y")
    page.keyboard.press("c")
    assert not page.get_by_role("button", name="Save the correction").is_visible()
    page.evaluate("localStorage.clear()")
    page.keyboard.press("c")
    page.get_by_role("button", name="Save the correction").wait_for()
    assert page.get_by_text(re.compile(r"\d+ answers? waits?")).inner_text() == before
