"""Conversations and answers on the guide's site: invented, so that its pages of qualification show
something."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from leadwise.card.values import SECOND
from leadwise.qualify.answer import Answer
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.qualify.recording import answer_question
from leadwise.store.schema import lead
from leadwise.web.pages.lead.asked import local_text
from leadwise.web.pages.texts import zone_of
from tests.pages.site import PagesSite

DAY_US = 24 * 3600 * SECOND
CALL = """Rita Salo: Morning! You asked for a call about your stock, what happened?
Ana Ruiz (Operations): We sold the same forty lamps twice last month, in the shop and online.
Rita Salo: How do the two know of each other today?
Ana Ruiz (Operations): A spreadsheet. Marta types the numbers in by hand, two hours every evening.
Rita Salo: Is there a budget for it?
Ana Ruiz (Operations): There is. We have 60,000 euros approved for this year.
Rita Salo: And when would you want it settled?
Ana Ruiz (Operations): We want to sign by the end of May.
"""
SHORT = """Rita Salo: Would you have money for it this year?
Tom Berg: Perhaps twenty thousand or so, I would have to look.
Rita Salo: And who decides?
Tom Berg: My boss and I, mostly he.
"""
TALKS = (CALL, SHORT)
"""With the leads 1 and 2."""
TOLD = 90
"""So many leads have answered some questions on the form."""


def talk(site: PagesSite) -> None:
    """Two calls of yesterday, read; and what was answered on forms."""
    client, now_us = site.client("representative"), site.leads.now[0]
    held = local_text(now_us - DAY_US, zone_of("UTC"))
    for number, text in enumerate(TALKS, 1):
        data = {"text": text, "held_at": held, "seller": "Rita Salo", "frame": "bant"}
        answer = client.post(f"/leads/{number}/conversations", data=data)
        assert answer.status_code == 303, answer.text
    site.leads.write(lambda connection: _told(connection, site, now_us))


def _told(connection: Any, site: PagesSite, now_us: int) -> None:
    by = site.members["representative"].actor
    ids = connection.execute(select(lead.c.id).order_by(lead.c.id).limit(TOLD)).scalars().all()
    for place, id_ in enumerate(ids):
        if id_ <= len(TALKS):
            continue
        for answer in _answers(place):
            answer_question(
                connection, id_, shipped_frame("bant"), answer, answered_by=by,
                at_us=now_us - DAY_US * (1 + place % 20), now_us=now_us,
            )  # fmt: skip


def _answers(place: int) -> list[Answer]:
    """What the lead of a place answered: some a budget, some that there is none, some nothing."""
    found = []
    if place % 3 == 0:
        found.append(Answer("budget", "none"))
    elif place % 3 == 1:
        amounts = {"amount_min": 25_000.0, "amount_max": 50_000.0, "currency": "EUR"}
        found.append(Answer("budget", "stated", amounts))
    if place % 2:
        found.append(Answer("authority", "stated", {"role": "decision_maker"}))
    elif place % 8 == 0:
        found.append(Answer("authority", "contradicted"))
    if place % 5:
        found.append(Answer("need", "stated", {"match": "full" if place % 4 else "partial"}))
    if place % 4 == 0:
        found.append(Answer("timeline", "stated", {"months": 3.0}))
    elif place % 7 == 0:
        found.append(Answer("timeline", "none"))
    return found
