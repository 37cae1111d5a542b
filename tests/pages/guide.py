"""Makes the pictures of docs/guide.md: `python -m tests.pages.guide [NAME ...]` (or `make guide`).

A site of the bank's contacts with a simulated past (examples/bank-live), a real browser, one
picture for each name in PICTURES. Those that are not named any more are deleted.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from leadwise.jobs import run_here
from leadwise.learn.asked import Asked
from leadwise.learn.jobs import Learning, learn_handlers
from leadwise.settings import QualifySettings
from leadwise.store.owners import give_lead, owner_of
from leadwise.store.schema import member, score
from leadwise.store.studies import Kind, ask_study
from leadwise.web.pages.routing import COOKIE
from tests.chromium import launched
from tests.pages.guide_follow_up import follow_up
from tests.pages.guide_talks import talk
from tests.pages.pictures import smaller
from tests.pages.site import PagesSite, pages_site, served
from tests.pages.trials import add_draft, working

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "docs" / "guide"
LIVE = ROOT / "examples" / "bank-live"
WIDE, PHONE = (1200, 780), (360, 720)
CONTACTS = 400
LEARNED: tuple[Kind, ...] = ("backtest", "refine", "calibrate")
NAMES = {
    "representative": "Rita Salo", "marketing": "Marta Gil", "administrator": "Aino Laine",
    "read_only": "Rosa Real",
}  # fmt: skip
Look = Callable[[Any], None]


def _nothing(_: Any) -> None:
    pass


def _help(page: Any) -> None:
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def _first_lead(page: Any) -> None:
    page.locator("a[href^='/leads/']").first.click()
    page.locator("svg.chart").first.wait_for()


def _ledger(page: Any) -> None:
    _first_lead(page)
    page.locator("table details summary, details.line summary").first.click()
    _top(page, "text=The ledger")


def _over_time(page: Any) -> None:
    _first_lead(page)
    page.locator("h2", has_text="Score over time").wait_for()
    page.locator("[data-chart] svg").nth(1).wait_for()
    _top(page, "h2:has-text('Score over time')")


def _try(page: Any) -> None:
    button = page.get_by_role("button", name="Try it on all leads")
    if button.count():
        button.click()
    page.get_by_role("heading", name="In short").wait_for(timeout=90_000)
    page.locator("svg.chart").first.wait_for()


def _charted(page: Any) -> None:
    page.locator("svg.chart").first.wait_for()


def _saved(page: Any) -> None:
    _top(page, "h2:has-text('Time saved')")


def _calls(page: Any) -> None:
    _charted(page)
    _top(page, "#in-short")


def _proposals(page: Any) -> None:
    _top(page, "#proposals")


def _figure(page: Any) -> None:
    _charted(page)
    _top(page, "h2[id^='figure-']")


def _past(page: Any) -> None:
    page.get_by_label("Days back").fill("84")
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("heading", name="In short").wait_for(timeout=90_000)


def _drawing(page: Any) -> None:
    _top(page, "#steps")


def _seen(page: Any) -> None:
    page.get_by_label("Look at it for the lead with the number").fill("1")
    page.get_by_role("button", name="Look", exact=True).click()
    page.get_by_role("heading", name="As this lead would get it").wait_for()
    _top(page, "#found")


def _log(page: Any) -> None:
    _top(page, "#log")


def _top(page: Any, place: str) -> None:
    page.locator(place).first.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().y - 16)")


PICTURES: dict[str, tuple[str, str, tuple[int, int], Look]] = {
    "sign-in": ("/sign-in", "", (800, 560), _nothing),
    "queue": ("/queue", "representative", WIDE, _nothing),
    "keyboard": ("/queue", "representative", WIDE, _help),
    "queue-phone": ("/queue", "representative", PHONE, _nothing),
    "lead": ("/queue", "representative", WIDE, _first_lead),
    "ledger": ("/queue", "representative", WIDE, _ledger),
    "over-time": ("/queue", "representative", WIDE, _over_time),
    "ask": ("/leads/2/qualify", "representative", WIDE, _nothing),
    "quotes": ("/conversations/1", "representative", WIDE, _nothing),
    "review": ("/review", "representative", WIDE, _nothing),
    "segments": ("/qualification", "marketing", WIDE, _nothing),
    "studio": ("/studio", "marketing", WIDE, _nothing),
    "start": ("/studio/start", "marketing", WIDE, _nothing),
    "text": ("/studio/drafts/1", "marketing", WIDE, _nothing),
    "forms": ("/studio/drafts/1/forms", "marketing", WIDE, _nothing),
    "try": ("/studio/drafts/1/try", "marketing", WIDE, _try),
    "publish": ("/studio/drafts/1/publish", "marketing", WIDE, _nothing),
    "playbook": ("/playbooks/1", "marketing", WIDE, _drawing),
    "questions": ("/playbooks/guided", "marketing", WIDE, _nothing),
    "past": ("/playbooks/1/dry-run", "marketing", WIDE, _past),
    "mail": ("/playbooks/mails/term-deposit", "marketing", WIDE, _seen),
    "run": ("/playbooks/runs/1", "representative", WIDE, _nothing),
    "tasks": ("/tasks", "representative", WIDE, _nothing),
    "connection": ("/admin/connections/crm", "administrator", WIDE, _log),
    "reports": ("/reports", "marketing", WIDE, _nothing),
    "conversion": ("/reports/conversion", "marketing", WIDE, _charted),
    "saved": ("/reports/return", "marketing", WIDE, _saved),
    "backtest": ("/learning/backtest", "marketing", WIDE, _calls),
    "refine": ("/learning/refine", "marketing", WIDE, _proposals),
    "calibration": ("/learning/calibration", "marketing", WIDE, _figure),
    "admin": ("/admin", "administrator", WIDE, _nothing),
    "members": ("/admin/members", "administrator", WIDE, _nothing),
    "trail": ("/admin/trail", "administrator", WIDE, _nothing),
}
"""By the name of the file: where, as whom, how large, and what is done before."""


@contextmanager
def lived_in(folder: Path, contacts: int = CONTACTS) -> Iterator[PagesSite]:
    """A site with the bank's contacts, twelve weeks of a simulated past, some conversations,
    studies of that past, and a draft of a card."""
    sys.path.insert(0, str(LIVE))
    past, demo = importlib.import_module("past"), importlib.import_module("demo")
    sys.path.remove(str(LIVE))
    now_us = time.time_ns() // 1000
    every = QualifySettings(review_sample=1.0)
    with pages_site(folder, healthy=True, qualify=every) as site:
        site.leads.now[0] = now_us
        past.CALLS = 1  # a small team: something is left to call
        past.tell(site.leads.store, demo.the_contacts(contacts), LIVE / "card.yaml", now_us)
        site.leads.write(lambda connection: _named(connection, site, now_us))
        talk(site)
        follow_up(site, now_us)
        text = (LIVE / "card.yaml").read_text(encoding="utf-8")
        text = text.replace(
            "points: 12\n        half_life: 7 days", "points: 20\n        half_life: 14 days"
        )
        add_draft(site, text)
        for kind in LEARNED:
            _learn(site, kind)
        with working(site):
            yield site


def _learn(site: PagesSite, kind: Kind) -> None:
    """Ask the past something and have it answered."""
    store, settings = site.leads.store, site.leads.api.settings
    marta = site.members["marketing"].actor
    asked = Asked(horizon_days=28, every_days=7, calls_a_day=settings.team.calls_a_day)
    study = store.write(
        lambda c: ask_study(
            c, kind, 1, "won", asked.document(), by=marta, now_us=site.leads.now[0], job_id=kind
        )
    )
    told = run_here(learn_handlers(Learning(store, settings.data / "mirror"))["study"],
                    {"study": study.id})  # fmt: skip
    assert told == {"study": study.id, "problem": None}, told


def _named(connection: Any, site: PagesSite, now_us: int) -> None:
    for role, name in NAMES.items():
        own = member.c.id == site.members[role].id
        connection.execute(update(member).where(own).values(name=name, created_us=now_us))
    best = select(score.c.lead_id).order_by(score.c.shown_score.desc()).limit(40)
    leads = connection.execute(best).scalars().all()
    rita = site.members["representative"].id
    for lead_id in leads[::4]:
        if owner_of(connection, lead_id) is None:
            give_lead(connection, lead_id, rita, was=None, actor="guide", now_us=now_us)


def main() -> None:
    """Make all pictures, or those whose names are given."""
    wanted = sys.argv[1:] or list(PICTURES)
    PLACE.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder, lived_in(Path(folder)) as site,
        served(site.app) as address, launched() as browser,
    ):  # fmt: skip
        for name in wanted:
            picture(browser, site, address, name)
    for there in PLACE.glob("*.png"):
        if there.stem not in PICTURES:
            there.unlink()


def picture(browser: Any, site: PagesSite, address: str, name: str) -> None:
    """One picture."""
    path, role, (width, height), look = PICTURES[name]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", timezone_id="Europe/Helsinki"
    )
    if role:
        secret = site.signed_in(role)[1]
        context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
    page = context.new_page()
    page.goto(address + path)
    look(page)
    page.wait_for_timeout(400)
    taken = page.screenshot()
    context.close()
    blank = browser.new_page()
    (PLACE / f"{name}.png").write_bytes(smaller(blank, taken))
    blank.close()


if __name__ == "__main__":
    main()
