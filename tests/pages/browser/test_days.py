"""Whole days in a real browser: of one who calls, one who makes cards, one who administers; and
days on which things go wrong: two who call the same lead, a restart, a slow line."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from sqlalchemy import delete, func, select, update

from leadwise.live.overrides import history_of_overrides
from leadwise.store.audit import list_audit
from leadwise.store.outcomes import list_outcomes
from leadwise.store.schema import lead, member, session, snooze
from leadwise.web.pages.routing import COOKIE
from leadwise.web.pages.signin.links import start_key
from leadwise.web.pages.signin.passwords import hashed
from tests.pages.site import SECRET, PagesSite
from tests.pages.trials import add_draft, working
from tests.web.api_service import CARD
from tests.web.shell import free_port

Opened = Callable[..., Any]
PASSWORD = "four quiet words here"
FOCUSED = "document.activeElement"
MOST_TABS = 60


def kinds(site: PagesSite) -> list[str]:
    rows = site.leads.write(list_outcomes)
    return [row.kind for row in rows]


def tab_to(page: Any, place: Any) -> None:
    """Reach it with the tab key alone, and see where one is."""
    for _ in range(MOST_TABS):
        if place.evaluate(f"(wanted) => wanted === {FOCUSED}"):
            width = page.evaluate(f"parseFloat(getComputedStyle({FOCUSED}).outlineWidth)")
            assert width >= 2, "nobody sees that it has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{place} is not reached with the tab key on {page.url}")


def test_the_day_of_one_who_calls_with_a_keyboard_alone(site: PagesSite, open_page: Opened) -> None:
    own = member.c.id == site.members["representative"].id
    site.leads.write(
        lambda c: c.execute(update(member).where(own).values(password=hashed(PASSWORD)))
    )
    page = open_page("/queue", role=None)
    page.wait_for_url("**/sign-in?next=*")
    assert page.evaluate(f"{FOCUSED}.name") == "email"
    page.keyboard.type("representative@team.example")
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    # The first lead is called, the second one is for later.
    page.keyboard.press("j")
    assert page.evaluate(f"{FOCUSED}.textContent").strip() == "ann@acme.example"
    page.keyboard.press("c")
    page.wait_for_selector("#undo-1")
    assert kinds(site) == ["called"]
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.wait_for_selector("#panel[open]")
    tab_to(page, page.get_by_role("button", name="1 hour"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#lead-2.away")
    assert site.leads.write(lambda c: c.execute(select(func.count(snooze.c.lead_id))).scalar()) == 1
    # The first lead's page: why, and an opinion of one's own.
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/1")
    page.locator("svg.chart").first.wait_for()
    tab_to(page, page.locator("summary", has_text="Say otherwise"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Reason"))
    page.keyboard.type("said so on the phone")
    tab_to(page, page.get_by_role("button", name="Override"))
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Overridden").wait_for()
    said = site.leads.write(lambda c: history_of_overrides(c, 1))
    assert [each.reason for each in said] == ["said so on the phone"]
    # The day is over.
    tab_to(page, page.locator("details.me summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in*")
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == COOKIE]


def test_the_day_of_one_who_makes_cards(site: PagesSite, open_page: Opened) -> None:
    with working(site):
        page = open_page("/studio", role="marketing")
        page.get_by_role("link", name="Answer ten questions").click()
        page.get_by_label("Countries").fill("es, fi")
        page.get_by_label("Calls a day").fill("20")
        page.get_by_role("button", name="Make the draft").click()
        page.wait_for_url(re.compile(r"/studio/drafts/\d+$"))
        text = page.get_by_label("The card as text")
        assert "'es'" in text.input_value()
        broken = text.input_value().replace("bands:", "bandz:")
        whole = text.input_value()
        text.fill(broken)
        page.locator("#problems a").first.wait_for()  # checked while one types
        text.fill(whole.replace("version: 1", "version: 2", 1))
        page.locator("#problems", has_text="No problems").wait_for()
        page.get_by_role("button", name="Save and try").click()
        page.get_by_role("button", name="Try it on all leads").click()
        page.get_by_role("heading", name="In short").wait_for(timeout=60_000)
        page.get_by_role("link", name="On to publishing").click()
        page.get_by_label("Why do you publish it?").fill("Ten answers are better than none")
        page.get_by_role("button", name="Publish").click()
        page.get_by_text("It is live.").wait_for(timeout=60_000)
        page.get_by_role("link", name="Reports").click()
        page.get_by_role("link", name="Conversion").click()
        page.get_by_role("heading", name="Conversion", level=1).wait_for()
        page.goto(page.url.split("/reports")[0] + "/studio/versions")
        assert "Ten answers are better than none" in page.get_by_role("row").nth(1).inner_text()


def test_the_day_of_one_who_administers(site: PagesSite, open_page: Opened) -> None:
    def nobody(connection: Any) -> None:
        connection.execute(delete(session))
        connection.execute(delete(member))

    site.leads.write(nobody)
    page = open_page(f"/start?key={start_key(SECRET)}", role=None)
    page.get_by_label("Your name").fill("Aino Laine")
    page.get_by_label("E-mail address").fill("aino@team.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Become the administrator").click()
    page.get_by_role("status").filter(has_text="You are the administrator").wait_for()
    # Somebody is added, and signs in with the link.
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Members", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Rita Salo")
    page.get_by_label("E-mail address").fill("rita@team.example")
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.get_by_label("Link").input_value()
    other = open_page(link[link.index("/welcome") :], role=None)
    other.get_by_label("Password").first.fill(PASSWORD)
    other.get_by_role("button", name="Set the password and sign in").click()
    other.wait_for_url("**/queue")
    assert other.locator("details.me summary").inner_text() == "Rita Salo"
    # A key for the web site.
    page.get_by_role("link", name="Keys", exact=True).click()
    page.get_by_label("Name", exact=True).fill("www")
    page.get_by_label("For tracking on web pages, and forms").check()
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("heading", name="A new key: www").wait_for()
    # A person asks to be forgotten.
    page.get_by_role("link", name="Leads", exact=True).click()
    page.get_by_role("link", name="ann@acme.example").click()
    page.get_by_role("link", name="Privacy").click()
    page.get_by_label("to confirm").fill("2")
    page.get_by_role("button", name="Erase the person").click()
    page.locator("[aria-invalid=true]").wait_for()  # the number of another lead
    page.get_by_label("to confirm").fill("1")
    page.get_by_role("button", name="Erase the person").click()
    page.get_by_role("status").filter(has_text="erased with the person").wait_for()
    erased = select(lead.c.erased_us).where(lead.c.id == 1)
    assert site.leads.write(lambda c: c.execute(erased).scalar()) is not None
    # Everything stands in the trail.
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Audit trail").click()
    written = site.leads.write(lambda c: [each.action for each in list_audit(c)])
    assert len(written) >= 4
    assert "Aino Laine" in page.get_by_role("main").inner_text()


def test_two_who_call_the_same_lead_at_once(site: PagesSite, open_page: Opened) -> None:
    first, second = open_page("/queue"), open_page("/queue", role="marketing", size="phone")
    # As if the news of it were still on its way.
    second.route("**/queue/rows*", lambda route: None)
    first.click("#called-1")
    first.wait_for_selector("#undo-1")
    second.click("#called-1")
    second.get_by_text("Representative One was quicker").wait_for()
    assert kinds(site) == ["called"]
    second.get_by_role("button", name="Record mine too").click()
    second.wait_for_selector("#undo-1")
    assert kinds(site) == ["called", "called"]


def test_a_slow_line_records_once_whatever_one_presses(site: PagesSite, open_page: Opened) -> None:
    page = open_page("/queue")
    devtools = page.context.new_cdp_session(page)
    slow = {
        "offline": False,
        "latency": 600,
        "downloadThroughput": 30_000,
        "uploadThroughput": 15_000,
    }
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)
    for _ in range(3):
        page.click("#called-1", force=True, no_wait_after=True)
    page.wait_for_selector("#undo-1", timeout=20_000)
    page.wait_for_timeout(1500)
    assert kinds(site) == ["called"]
    page.click("#open-1")
    page.get_by_role("heading", name="ann@acme.example").wait_for(timeout=30_000)


@contextmanager
def serving(site: PagesSite, port: int) -> Iterator[None]:
    config = uvicorn.Config(site.app, host="127.0.0.1", port=port, log_config=None, lifespan="off",
                            timeout_graceful_shutdown=1)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def test_a_restart_in_the_middle_of_a_form(site: PagesSite, chromium: Any) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    context = chromium.new_context()
    context.add_cookies([{"name": COOKIE, "value": site.signed_in("marketing")[1], "url": base}])
    page = context.new_page()
    _draft, place = add_draft(site, CARD)
    try:
        with serving(site, port):
            page.goto(base + place)
            text = page.get_by_label("The card as text")
            text.fill(CARD.replace("points: 40", "points: 41"))
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("The server does not answer.").wait_for()
        assert "points: 41" in text.input_value()
        with serving(site, port):
            page.reload()  # as one does; the browser would have forgotten
            page.get_by_role("button", name="Put it back").click()
            assert "points: 41" in text.input_value()
            page.get_by_role("button", name="Save", exact=True).click()
            page.locator("#saved", has_text=re.compile("Saved")).wait_for()
            page.reload()
            assert "points: 41" in text.input_value()
            assert not page.locator("#unsaved").is_visible()
    finally:
        context.close()
