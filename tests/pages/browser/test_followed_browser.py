"""Playbooks, runs, tasks, mails and connections in a browser: narrow, dark, by keys, without
scripts, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from leadwise.store.members import change_member
from leadwise.store.tasks import get_task
from leadwise.web.pages.routing import COOKIE
from tests.pages.followed import Followed, connect, follow
from tests.pages.site import PagesSite

Opened = Callable[..., Any]
Axe = Callable[..., None]
WIDTH = "document.documentElement.scrollWidth"
CLIPPED = """() => [...document.querySelectorAll('main button, main .button, main .badge, main h1')]
    .filter(each => each.getBoundingClientRect().right > innerWidth && !each.closest('.scroll'))
    .map(each => each.textContent)"""

WORDY = (
    "/playbooks /playbooks/{version} /playbooks/runs /playbooks/runs/{held} /tasks "
    "/playbooks/write /playbooks/mails/offer?lead=1 /admin/connections/crm /admin/connections/old "
    "/queue /leads/1"
)
"""Pages with the most words of ours on them."""


@pytest.fixture
def followed(site: PagesSite) -> Followed:
    connect(site)
    return follow(site)


def pages_of(found: Followed) -> list[str]:
    """Every page that is looked at, with something on it."""
    own = f"/playbooks/{found.version}"
    return [
        "/playbooks", own, f"/playbooks/{found.draft}", f"{own}/dry-run?days=365",
        "/playbooks/runs", *(f"/playbooks/runs/{found.runs[one]}" for one in ("held", "failed")),
        f"/playbooks/write?version={found.version}", "/playbooks/guided", "/playbooks/wish",
        "/playbooks/mails", "/playbooks/mails/offer?lead=1", "/tasks", "/tasks?of=all",
        "/admin/connections", "/admin/connections/crm", "/admin/connections/old",
        "/admin/connections/new/hubspot", "/queue", "/leads/1",
    ]  # fmt: skip


def test_pages_bar_nobody_and_fit_a_phone(open_page: Opened, axe: Axe, followed: Followed) -> None:
    page = open_page("/tasks", role="administrator", size="phone")
    base, faults = page.url.removesuffix("/tasks"), []
    for path in pages_of(followed):
        page.goto(base + path)
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        if (width := page.evaluate(WIDTH)) > 320 or page.evaluate(CLIPPED):
            faults.append(f"{path}: {width} wide, {page.evaluate(CLIPPED)}")
        try:
            axe(page, both=True)
        except AssertionError as error:
            faults.append(str(error))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("language", "said"), [("es", "Tareas"), ("fi", "Tehtävät")])
def test_pages_in_other_languages_fit_a_phone(
    site: PagesSite, open_page: Opened, followed: Followed, language: str, said: str
) -> None:
    who = site.members["administrator"]
    site.leads.write(lambda c: change_member(c, who.id, language=language))
    page = open_page("/tasks", role="administrator", size="phone", scheme="dark")
    assert page.inner_text("h1") == said
    base = page.url.removesuffix("/tasks")
    for path in WORDY.format(held=followed.runs["held"], version=followed.version).split():
        page.goto(base + path)
        assert page.get_attribute("html", "lang") == language
        assert page.evaluate(WIDTH) <= 320, path
        assert not page.evaluate(CLIPPED), path


def test_a_task_is_ended_by_keys(
    site: PagesSite, open_page: Opened, axe: Axe, followed: Followed
) -> None:
    page = open_page("/queue")
    page.get_by_role("link", name="Your tasks (4)").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks")
    number = followed.tasks["late"]
    page.focus(f"#said-{number}")
    page.keyboard.type("Ten are allowed.")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").startswith("Yes")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    axe(page)
    with site.leads.store.read() as connection:
        found = get_task(connection, number)
    assert (found.state, found.said) == ("refused", "Ten are allowed.")
    # What is pressed where something was typed is the first button: the one that goes on.
    page.focus(f"#said-{followed.tasks['held']}")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    with site.leads.store.read() as connection:
        assert get_task(connection, followed.tasks["held"]).state == "done"


def test_from_a_text_to_a_run_without_scripts(
    site: PagesSite, chromium: Any, address: str, followed: Followed
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    try:
        cookie = {"name": COOKIE, "value": site.signed_in("administrator")[1], "url": address}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"{address}/playbooks/{followed.version}")
        page.get_by_role("link", name="Change its text").click()
        text = page.get_by_label("Its text").input_value()
        page.get_by_label("Its text").fill(text.replace("version: 1", "version: 3"))
        page.get_by_role("button", name="Check it").click()
        assert page.get_by_text("Nothing is wrong with it.").count() == 1
        page.get_by_role("button", name="Keep it as a draft").click()
        page.get_by_role("button", name="Publish it").click()
        assert page.get_by_text("It is live.").count() == 1
        page.get_by_role("button", name="Move its runs here").first.click()
        assert page.get_by_text("2 runs were moved.").count() == 1
        page.goto(f"{address}/playbooks/mails/offer")
        page.get_by_label("Look at it for the lead with the number").fill("1")
        page.get_by_role("button", name="Look").click()
        assert page.get_by_text("For ann@acme.example").count() == 1
        page.goto(f"{address}/leads/1")
        page.get_by_role("link", name="Call Ann").click()
        page.get_by_role("button", name=re.compile("Done.*Call Ann")).click()
        assert page.get_by_text("what waited for it goes on").count() == 1
        page.goto(f"{address}/admin/connections/crm")
        page.get_by_role("button", name="Pause it").click()
        assert page.get_by_role("button", name="Let it go on").count() == 1
    finally:
        context.close()
