"""The queue in a browser: a day on the keyboard, changes that come by themselves, two who call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from leadwise.store.schema import outcome, snooze
from tests.pages.site import PagesSite
from tests.web.api_service import message

Opened = Callable[..., Any]


def outcomes(site: PagesSite) -> list[tuple[int, str]]:
    columns = (outcome.c.lead_id, outcome.c.kind)
    rows = site.leads.write(lambda c: c.execute(select(*columns).order_by(outcome.c.id)).all())
    return [tuple(row) for row in rows]


def focused(page: Any) -> str:
    """The id of what has the focus."""
    found: str = page.evaluate("document.activeElement.id")
    return found


def test_nothing_bars_people(open_page: Opened, axe: Callable[..., None]) -> None:
    page = open_page("/queue")
    page.click("text=More filters")
    page.click("summary:has-text('Views')")
    axe(page, both=True)
    page.keyboard.press("Escape")
    page.click("#outcome-1")
    page.wait_for_selector("#panel[open]")
    axe(page, both=True)
    for path in ("/queue/snoozed", "/queue/leads/1/act?what=owner", "/queue?q=nobody"):
        page.goto(page.url.split("/queue")[0] + path)
        axe(page)


def test_a_day_on_the_keyboard(site: PagesSite, open_page: Opened) -> None:
    page = open_page("/queue")
    page.keyboard.press("j")
    assert focused(page) == "open-1"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == "open-3"
    page.keyboard.press("k")
    page.keyboard.press("c")
    page.wait_for_selector("#undo-2")
    assert focused(page) == "open-2"
    assert outcomes(site) == [(2, "called")]
    assert page.text_content("#said") == "Recorded: Called."
    # Undone, by the button that stands in the row.
    page.click("#undo-2")
    page.wait_for_selector("#undo-2", state="detached")
    assert outcomes(site) == []
    page.focus("#open-1")
    page.keyboard.press("a")
    page.wait_for_selector("#undo-1")
    assert outcomes(site) == [(1, "sales_accepted")]
    # Snoozing asks for how long; the row stays where it is.
    page.keyboard.press("s")
    page.wait_for_selector("#panel[open]")
    page.click("#panel >> text=1 hour")
    page.wait_for_selector("#lead-1.away")
    assert focused(page) == "open-1"
    assert site.leads.write(lambda c: len(c.execute(select(snooze)).all())) == 1
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.focus("#open-2")
    page.keyboard.press("c")
    page.keyboard.press("/")
    assert focused(page) == "open-2"
    page.reload()
    page.keyboard.press("j")
    assert focused(page) == ""
    page.click("#keys")
    page.check("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert focused(page) == "q"
    page.keyboard.type("ben")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=ben**")
    assert page.locator(".lead").count() == 1
    assert outcomes(site) == [(1, "sales_accepted")]


def test_a_form_in_the_dialog_keeps_what_was_typed(site: PagesSite, open_page: Opened) -> None:
    page = open_page("/queue")
    page.click("#outcome-1")
    page.wait_for_selector("#panel[open]")
    page.fill("#value", "a lot")
    page.fill("#currency", "EUR")
    page.click("#panel button.main")
    page.wait_for_selector("#value[aria-invalid=true]")
    assert focused(page) == "value"
    assert page.input_value("#value") == "a lot"
    page.fill("#value", "1200.50")
    page.click("#panel button.main")
    page.wait_for_selector("#lead-1.closed")
    assert not page.locator("#panel[open]").count()
    assert outcomes(site) == [(1, "won")]


def test_changes_come_by_themselves_and_nothing_moves(site: PagesSite, open_page: Opened) -> None:
    page = open_page("/queue?owner=all")
    page.wait_for_selector("#live >> text=Changes show here")
    page.focus("#called-2")
    assert "19.5" in page.text_content("#lead-2 .points")
    site.leads.say(message("track", "ben", 9, ago=0.001, event="Demo Requested"))
    page.wait_for_selector("#lead-2 .points:has-text('59.5')")
    assert focused(page) == "called-2"
    order = "[...document.querySelectorAll('.lead')].map(row => row.dataset.lead).join()"
    assert page.evaluate(order) == "1,2,3"
    # Two that are new: told in a bar and in the title, shown when asked for.
    site.leads.say(
        message("identify", "dan", 1, ago=1, values={"title": "boss"}),
        message("track", "dan", 2, ago=0.5, event="Demo Requested"),
        message("identify", "eva", 1, ago=1, values={"title": "boss"}),
    )
    page.wait_for_selector("#news:not([hidden]) >> text=2 new leads: show")
    assert page.title().startswith("(2) ")
    assert page.evaluate(order) == "1,2,3"
    assert focused(page) == "called-2"
    page.click("#news a")
    page.wait_for_selector("#lead-4")
    assert page.locator(".lead").count() == 5


def test_what_others_do_shows_by_itself(site: PagesSite, open_page: Opened) -> None:
    one, two = open_page("/queue?owner=all"), open_page("/queue?owner=all", role="administrator")
    two.wait_for_selector("#live >> text=Changes show here")
    two.focus("#called-1")
    one.click("#called-1")
    two.wait_for_selector("#lead-1 .when >> text=Called, just now, Representative One")
    assert focused(two) == "called-1"
    one.click("#undo-1")
    two.wait_for_selector("#lead-1 .when >> text=no contact yet")
    one.click("#owner-1")
    one.click("#panel >> text=Take it")
    two.wait_for_selector("#lead-1 .when >> text=Representative One's lead")
    # Who becomes part of another lead has nothing left to be pressed.
    two.focus("#called-2")
    client = site.client("representative")
    assert client.post("/leads/1/merge", data={"other": "2"}).status_code == 303
    two.wait_for_selector("#lead-2.away >> text=is not in the queue any more")
    assert focused(two) == "open-2"
    assert not two.locator("#lead-2 button").count()


def test_two_browsers_on_one_lead(site: PagesSite, open_page: Opened) -> None:
    one, two = open_page("/queue"), open_page("/queue", role="administrator")
    # As if the change were still on its way to the second.
    two.route("**/queue/rows*", lambda route: None)
    one.click("#called-1", click_count=2, delay=120)
    one.wait_for_selector("#undo-1")
    one.click("#called-1")
    site.leads.now[0] += 120_000_000
    two.click("#called-1")
    two.wait_for_selector("#lead-1 .problem >> text=Representative One was quicker")
    assert outcomes(site) == [(1, "called")]
    two.click("text=Record mine too")
    two.wait_for_selector("#undo-1")
    assert outcomes(site) == [(1, "called"), (1, "called")]


def test_nothing_is_lost_where_the_service_does_not_answer(
    site: PagesSite, open_page: Opened
) -> None:
    page = open_page("/queue")
    broken = "() => { kept = fetch; fetch = () => Promise.reject(new TypeError()); }"
    page.evaluate(broken)
    page.click("#called-1")
    page.wait_for_selector("#lead-1 .trouble >> text=The service does not answer")
    page.evaluate("() => { fetch = kept; }")
    page.click("#outcome-1")
    page.fill("#lost-text", "has no budget this year")
    page.select_option("#lost-reason", "no budget")
    page.evaluate(broken)
    page.click("#panel fieldset:has(#lost-text) button")
    page.wait_for_selector("#panel .trouble >> text=The service does not answer")
    assert page.input_value("#lost-text") == "has no budget this year"
    page.evaluate("() => { fetch = kept; }")
    page.click("#panel fieldset:has(#lost-text) button")
    page.wait_for_selector("#lead-1.closed")
    assert outcomes(site) == [(1, "lost")]


def test_a_key_records_nothing_where_no_lead_is_chosen(site: PagesSite, open_page: Opened) -> None:
    page = open_page("/queue")
    page.keyboard.press("c")
    assert focused(page) == "open-1"
    for key in ("Control+c", "Alt+c", "Meta+c", "Shift+c"):
        page.keyboard.press(key)
    page.click("#snooze-1")
    page.wait_for_selector("#panel[open]")
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    page.focus("#q")
    page.keyboard.type("cs")
    assert page.input_value("#q") == "cs"
    assert not page.locator("#panel[open]").count()
    assert outcomes(site) == []


def test_on_a_phone(site: PagesSite, open_page: Opened, axe: Callable[[Any], None]) -> None:
    page = open_page("/queue", size="phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(
        "[...document.querySelectorAll('.lead button, .lead a')].filter(each => "
        "each.getBoundingClientRect().height < 24).map(each => each.id)"
    )
    assert small == []
    axe(page)
    page.click("#snooze-1")
    page.wait_for_selector("#panel[open]")
    assert page.evaluate("document.getElementById('panel').getBoundingClientRect().width") <= 320
    page.click("#panel >> text=Tomorrow morning")
    page.wait_for_selector("#lead-1.away")


def test_more_leads_come_where_one_is(site: PagesSite, open_page: Opened) -> None:
    site.leads.say(
        *(message("identify", f"user{n}", 1, values={"title": "clerk"}) for n in range(60))
    )
    page = open_page("/queue")
    assert page.locator(".lead").count() == 50
    # One of them is worth less by the time that the others are asked for: it stays where it is.
    site.leads.say(message("identify", "user59", 900, ago=0.5, values={"title": "nobody"}))
    page.focus("#more a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#more", state="detached")
    assert page.locator(".lead").count() == 63
    first_new = page.locator(".lead").nth(50).get_attribute("data-lead")
    page.wait_for_selector(f"#open-{first_new}:focus")
