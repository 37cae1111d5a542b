"""The columns of the benchmark's ledger, in order; every side writes exactly these.

They are written out, not taken from Leadwise, because the other sides must not depend on it.
"""

from __future__ import annotations

FIT = (
    "size industry country role value_per_seat opted_in free_mail uses_crm fit__min fit__max"
).split()
ENGAGEMENT = (
    "pricing pricing__limit docs docs__limit webinar downloads downloads__limit opens clicks demo "
    "contact_form unsubscribed unsubscribed__limit bounced quiet engagement__max"
).split()
INTENT = "visits breadth meetings depth last_call recency trial trial__limit".split()
WHOLE = "home_market stale_record score__min score__max".split()
LINES = (*FIT, *ENGAGEMENT, *INTENT, *WHOLE)
"""Every line; their sum is the score."""
TOTALS = ("fit__total", "engagement__total", "intent__total", "score")
AMOUNTS = (*LINES, *TOTALS)
"""Whole hundredths of a point."""
TEXTS = ("band", "grade", "unknown")
COLUMNS = ("lead_id", *AMOUNTS, *TEXTS)
