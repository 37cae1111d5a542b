"""Signing in and administration in a browser: by form, narrow, dark, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leadwise.web.pages.signin.links import invitation, start_key
from tests.pages.conftest import PASSWORD
from tests.pages.filled import fill
from tests.pages.signing import sign_in_settings
from tests.pages.site import SECRET, PagesSite
from tests.web.api_service import NOW_US

Opened = Callable[..., Any]
WIDTH = "document.documentElement.scrollWidth"
PAGES = (
    "/account", "/admin", "/admin/members", "/admin/members/1", "/admin/keys", "/admin/trail",
    "/admin/jobs", "/admin/refused", "/admin/refused/1", "/admin/sources",
)  # fmt: skip


def test_pages_of_administration_bar_nobody(
    open_page: Opened, axe: Callable[..., None], site: PagesSite
) -> None:
    fill(site)
    page = open_page(PAGES[0], role="administrator", size="phone")
    origin = page.evaluate("location.origin")
    for path in PAGES:
        page.goto(origin + path)
        assert page.evaluate(WIDTH) <= 320, path
        axe(page, both=True)


def test_a_day_begins_by_signing_in(
    open_page: Opened, axe: Callable[[Any], None], known: PagesSite
) -> None:
    sign_in_settings(known, issuer="https://id.example", client_id="x", provider_name="Acme")
    page = open_page("/account", role=None, size="phone")
    axe(page)
    assert page.evaluate(WIDTH) <= 320
    assert page.evaluate("document.activeElement.id") == "email"
    page.keyboard.type("marketing@team.example")
    page.keyboard.press("Tab")
    page.keyboard.type("not my password at all")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    axe(page)
    assert page.input_value("#email") == "marketing@team.example"
    assert page.evaluate("document.activeElement.id") == "password"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")
    assert "Chrom" in page.inner_text("ul.sessions")
    page.select_option("#language", "es")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("html[lang=es] [role=status]")


def test_the_links_let_people_in(
    open_page: Opened, axe: Callable[[Any], None], site: PagesSite, quick_hashes: object
) -> None:
    who = site.members["marketing"]
    page = open_page(invitation(SECRET, who, "", NOW_US), role=None)
    axe(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    assert "Marketing One" in page.inner_text("header")
    # A first start has nobody in it: here there is somebody.
    page = open_page(f"/start?key={start_key(SECRET)}", role=None)
    assert page.url.endswith("/sign-in")


def test_a_key_is_made_and_copied(
    open_page: Opened, axe: Callable[[Any], None], site: PagesSite
) -> None:
    page = open_page("/admin/keys", role="administrator")
    page.fill("#name", "reports")
    page.get_by_label("Read leads").check()
    page.get_by_role("button", name="Make the key").click()
    page.wait_for_selector("#secret")
    axe(page)
    secret = page.input_value("#secret")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == secret
