"""The card as expressions of zen-engine: (name, expression) pairs, in steps.

Within a step `$.name` is what the step has said before; a later step reads it by its name. A
comparison with null is an error there, so what may be unknown is asked for first.
"""

from __future__ import annotations

Step = list[tuple[str, str]]

FIT = "size industry country role value_per_seat opted_in free_mail uses_crm".split()
ENGAGEMENT = (
    "pricing pricing__limit docs docs__limit webinar downloads downloads__limit opens clicks demo "
    "contact_form unsubscribed unsubscribed__limit bounced"
).split()
INTENT = "visits breadth meetings depth last_call recency trial trial__limit".split()


def counting(day: int) -> list[Step]:
    """From a lead's events (`event`, `age`, properties) to its numbers."""

    def on(*kinds: str, days: int | None = None, also: str = "") -> str:
        kind = " or ".join(f"#.event == '{k}'" for k in kinds)
        window = f" and #.age < {days * day}" if days else ""
        return f"({kind}){window}{' and ' + also if also else ''}"

    def count(where: str) -> str:
        return f"count(events, {where})"

    def worth(items: str, days: int, age: str) -> str:
        return f"sum(map({items}, 0.5 ^ ({age} / {days * day})))"

    def aged(kind: str, days: int) -> str:
        recent = f"filter(events, {on(kind, days=60 * days)})"
        return worth(recent, days, "#.age")

    docs = (
        "#.path != null and startsWith(#.path, '/docs/') and #.seconds != null and #.seconds > 30"
    )
    product = "#.path != null and startsWith(#.path, '/product') and #.seconds != null"
    minutes = on("meeting_held", "webinar_attended", days=180, also="#.minutes != null")
    calls = on("call_logged", also="#.outcome != null")
    return [
        [
            ("n_visits", count(on("page_viewed", days=30))),
            ("n_docs", count(on("page_viewed", days=30, also=docs))),
            ("long_visits", f"filter(events, {on('page_viewed', days=90, also=product)})"),
            ("longest_visit", "len($.long_visits) > 0 ? max(map($.long_visits, #.seconds)) : null"),
            ("n_opens", count(on("email_opened", days=30))),
            ("contacts", count(on("form_submitted", days=60, also="#.form == 'contact'"))),
            ("n_bounced", count(on("email_bounced", "spam_complaint", days=90))),
            ("meeting_minutes", f"sum(map(filter(events, {minutes}), #.minutes))"),
            ("webinar_worth", aged("webinar_attended", 30)),
            ("trial_worth", aged("trial_login", 7)),
            ("click_worth", worth(f"filter(click_ages, # < {60 * 14 * day})", 14, "#")),
            ("demos", count(on("demo_requested"))),
            ("unsubscriptions", count(on("unsubscribed"))),
            ("calls", f"filter(events, {calls})"),
            ("last", "len($.calls) > 0 ? $.calls[len($.calls) - 1].outcome : null"),
            (
                "last_outcome",
                (
                    "$.last == null ? null : $.last == 'interested' ? 0 : "
                    "$.last == 'no_answer' ? 1 : $.last == 'not_now' ? 2 : 3"
                ),
            ),
            ("days_quiet", f"len(events) > 0 ? min(map(events, #.age)) / {day} : null"),
        ]
    ]


def _plus(names: list[str]) -> str:
    return " + ".join(f"$.{name}" for name in names)


def _percent(total: str, percent: int, condition: str) -> str:
    amount = f"floor({total} * {percent} / 100 + 0.5000001)"
    return f"({condition}) and {total} > 0 ? {amount} : 0"


def _hundredths(points: str) -> str:
    return f"floor({points} * 100 + 0.5000001)"


_KEPT: Step = [(f"k_{name}", name) for name in ("industry", "country", "role", "opted_in")]
"""The fields that share their name with a line are kept aside before they are overwritten."""

_POINTS: Step = [
    (
        "size",
        (
            "company_size == null ? 300 : company_size >= 1000 ? 2500 : "
            "company_size >= 200 ? 1800 : company_size >= 50 ? 1000 : 200"
        ),
    ),
    (
        "industry",
        (
            "k_industry in ['software', 'finance'] ? 1500 : "
            "k_industry in ['health', 'manufacturing'] ? 800 : "
            "k_industry == 'government' ? -500 : 0"
        ),
    ),
    ("country", "k_country in ['es', 'pt', 'fr', 'it', 'mx'] ? 1000 : 0"),
    (
        "role",
        (
            "k_role == null ? 200 : k_role == 'c_level' ? 2000 : "
            "k_role in ['vp', 'director'] ? 1500 : "
            "k_role == 'manager' ? 800 : k_role == 'student' ? -2000 : 100"
        ),
    ),
    ("per_seat", "budget == null or company_size == null ? null : budget / company_size"),
    ("value_per_seat", "$.per_seat == null ? 0 : $.per_seat in [50..5000] ? 750 : 0"),
    ("opted_in", "k_opted_in == 1 ? 500 : 0"),
    (
        "free_mail",
        (
            "email_domain == null ? 0 : "
            "email_domain in ['gmail.com', 'hotmail.com', 'yahoo.com'] or "
            "endsWith(email_domain, '.edu') ? -1200 : 0"
        ),
    ),
    (
        "uses_crm",
        "tech_stack == null ? 0 : contains(lower(tech_stack), 'salesforce') ? 600 : 0",
    ),
    ("pricing", "500 * pricing_days"),
    ("pricing__limit", "min([0, 2000 - $.pricing])"),
    ("docs", "75 * n_docs"),
    ("docs__limit", "min([0, 1200 - $.docs])"),
    ("webinar", _hundredths("20 * webinar_worth")),
    ("downloads", "400 * recent_assets"),
    ("downloads__limit", "min([0, 2400 - $.downloads])"),
    ("opens", "100 * min([n_opens, 5])"),
    ("clicks", _hundredths("3 * click_worth")),
    ("demo", "3000 * min([demos, 1])"),
    ("contact_form", "k_opted_in == 1 ? 1500 * contacts : 0"),
    ("unsubscribed", "-1000 * unsubscriptions"),
    ("unsubscribed__limit", "max([0, -2000 - $.unsubscribed])"),
    ("bounced", "-250 * n_bounced"),
    ("visits", "n_visits >= 10 ? 1000 : n_visits >= 3 ? 500 : 0"),
    ("breadth", "assets >= 5 ? 800 : assets >= 2 ? 400 : 0"),
    ("meetings", "meeting_minutes >= 120 ? 1200 : meeting_minutes >= 30 ? 600 : 0"),
    ("depth", "longest_visit == null ? 0 : longest_visit > 300 ? 400 : 0"),
    (
        "last_call",
        "last_outcome == null ? 0 : last_outcome == 0 ? 1500 : last_outcome == 3 ? -1000 : 100",
    ),
    ("recency", "days_quiet == null ? -100 : days_quiet <= 7 ? 1000 : days_quiet <= 30 ? 500 : 0"),
    ("trial", _hundredths("2 * trial_worth")),
    ("trial__limit", "min([0, 1500 - $.trial])"),
    ("fit", _plus(FIT)),
    ("fit__min", "max([0, -$.fit])"),
    ("fit__max", "min([0, 6000 - $.fit - $.fit__min])"),
    ("fit__total", "$.fit + $.fit__min + $.fit__max"),
    ("engagement", _plus(ENGAGEMENT)),
    ("quiet", _percent("$.engagement", -50, "days_quiet != null and days_quiet > 60")),
    ("engagement__max", "min([0, 6000 - $.engagement - $.quiet])"),
    ("engagement__total", "$.engagement + $.quiet + $.engagement__max"),
    ("intent__total", _plus(INTENT)),
    ("before_home", "$.fit__total + $.engagement__total + $.intent__total"),
    ("home_market", _percent("$.before_home", 10, "k_country == 'es'")),
    ("before_stale", "$.before_home + $.home_market"),
    (
        "stale_record",
        _percent("$.before_stale", -20, "days_old != null and days_old > 700 and k_opted_in == 0"),
    ),
    ("before_min", "$.before_stale + $.stale_record"),
    ("score__min", "max([0, -$.before_min])"),
    ("score__max", "min([0, 10000 - $.before_min - $.score__min])"),
    ("score", "$.before_min + $.score__min + $.score__max"),
    (
        "band",
        "$.score > 7000 ? 'call' : $.score >= 4500 ? 'hot' : $.score >= 2000 ? 'warm' : 'cold'",
    ),
    (
        "letter",
        (
            "$.fit__total >= 4500 ? 'A' : $.fit__total >= 3000 ? 'B' : "
            "$.fit__total >= 1500 ? 'C' : 'D'"
        ),
    ),
    (
        "grade",
        "$.letter + ($.engagement__total >= 4000 ? '1' : $.engagement__total >= 1500 ? '2' : '3')",
    ),
]

_UNDECIDED = {
    "size": "company_size == null",
    "industry": "k_industry == null",
    "country": "k_country == null",
    "role": "k_role == null",
    "value-per-seat": "$.per_seat == null",
    "opted-in": "k_opted_in == null",
    "free-mail": "email_domain == null",
    "uses-crm": "tech_stack == null",
    "contact-form": "k_opted_in == null",
    "quiet": "days_quiet == null",
    "depth": "longest_visit == null",
    "last-call": "last_outcome == null",
    "recency": "days_quiet == null",
    "home-market": "k_country == null",
    "stale-record": "(days_old == null and (k_opted_in == null or k_opted_in == 0)) or "
    "(days_old != null and days_old > 700 and k_opted_in == null)",
}
_LISTED = " + ".join(f"({test} ? '{name} ' : '')" for name, test in _UNDECIDED.items())
_UNKNOWN: Step = [("unknown", f"trim({_LISTED})")]

LEDGER: list[Step] = [_KEPT, [*_POINTS, *_UNKNOWN]]
"""From a lead's fields and numbers to its ledger."""
