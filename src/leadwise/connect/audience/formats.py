"""The files: columns and rows of each ad network's list, and of a dialler's."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from leadwise.asking.instants import moment_of
from leadwise.connect.audience.hashing import (
    email_google,
    email_plain,
    hashed,
    name_google,
    name_meta,
    phone_digits,
    zip_meta,
)
from leadwise.connect.audience.people import Person, wants_no_calls

Row: TypeAlias = tuple[str, ...]
Zone: TypeAlias = Callable[[Mapping[str, object]], ZoneInfo]
"""Where the clock of somebody with these facts is."""
FIRST_HOUR, LAST_HOUR = 9, 18
"""Nobody is called outside these hours where they are."""
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Full-width ones are signs of formulas, too, where people write so."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of list. `rows` may be several of one person: one for each address and number."""

    columns: Row
    rows: Callable[[Person], list[Row]]


def _google(one: Person) -> list[Row]:
    names = (hashed(name_google(one.first_name)), hashed(name_google(one.last_name)))
    return [
        (hashed(email_google(email)), hashed(phone), *names, one.country, safe(one.zip_code))
        for email, phone in _pairs(one)
    ]


def _meta(one: Person) -> list[Row]:
    names = (hashed(name_meta(one.first_name)), hashed(name_meta(one.last_name)))
    place = (hashed(zip_meta(one.zip_code, one.country)), hashed(one.country.lower()))
    return [
        (hashed(email_plain(email)), hashed(phone_digits(phone)), *names, *place)
        for email, phone in _pairs(one)
    ]


def _linkedin(one: Person) -> list[Row]:
    return [(hashed(email_plain(email)),) for email in one.emails]


def _plain(one: Person) -> list[Row]:
    return [
        (safe(email), phone, safe(one.first_name), safe(one.last_name), safe(one.company),
         one.country, points(one.score), one.band or "") for email, phone in _pairs(one)
    ]  # fmt: skip


AUDIENCES: Mapping[str, Format] = {
    "google": Format(("Email", "Phone", "First Name", "Last Name", "Country", "Zip"), _google),
    "meta": Format(("email", "phone", "fn", "ln", "zip", "country"), _meta),
    "linkedin": Format(("email",), _linkedin),
    "plain": Format(("email", "phone", "first_name", "last_name", "company", "country", "score",
                     "band"), _plain),
}  # fmt: skip
DIALLER: Row = (
    "phone", "first_name", "last_name", "company", "score", "band", "reasons", "question", "zone",
    "call_from", "call_until", "lead_id",
)  # fmt: skip


def audience(people: Iterable[Person], name: str) -> tuple[Row, list[Row]]:
    """Columns and rows of a band as an audience, each row once, in an order that says nothing."""
    found = AUDIENCES[name]
    rows = dict.fromkeys(row for one in people for row in found.rows(one))
    # Plain lists are read by people, the best first; hashes in the order of scores would tell them.
    return found.columns, list(rows) if name == "plain" else sorted(rows)


def dialler(people: Iterable[Person], zone_of: Zone, now_us: int) -> tuple[Row, list[Row]]:
    """Columns and rows of a dialler's list, the best first; who has no number is left out, and a
    number that several people have is called once, for the best of them. A number at which one of
    them does not want to be called is not called."""
    everybody = list(people)
    unwanted = {phone for one in everybody if wants_no_calls(one.facts) for phone in one.phones}
    rows: dict[str, Row] = {}
    for one in everybody:
        zone = zone_of(one.facts)
        start, end = next_hours(zone, now_us)
        for phone in (each for each in one.phones if each not in unwanted):
            rows.setdefault(phone, (
                phone, safe(one.first_name), safe(one.last_name), safe(one.company),
                points(one.score), one.band or "", safe("; ".join(one.reasons)),
                safe(one.question or ""), str(zone), start, end, str(one.lead_id),
            ))  # fmt: skip
    return DIALLER, list(rows.values())


def next_hours(zone: ZoneInfo, now_us: int) -> tuple[str, str]:
    """The next hours in which somebody there may be called, with their offset: from now on where it
    is such an hour, else from the next morning of a working day."""
    now = moment_of(now_us).astimezone(zone)
    day = now
    for _ in range(8):
        start = day.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
        end = day.replace(hour=LAST_HOUR, minute=0, second=0, microsecond=0)
        if day.weekday() < 5 and now < end:
            first = max(start, now.replace(second=0, microsecond=0))
            return first.isoformat(timespec="minutes"), end.isoformat(timespec="minutes")
        day = (start + timedelta(days=1)).replace(fold=0)
    raise AssertionError("a week has working days")


def written(columns: Row, rows: Sequence[Row]) -> bytes:
    """A CSV file as spreadsheets and networks read it: UTF-8, commas, lines ended by CR LF."""
    file = io.StringIO(newline="")
    made = csv.writer(file)
    made.writerow(columns)
    made.writerows(rows)
    return file.getvalue().encode()


def read(content: bytes) -> tuple[Row, list[Row]]:
    """What such a file holds."""
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline="")))
    return (tuple(lines[0]), [tuple(line) for line in lines[1:]]) if lines else ((), [])


def changed(
    before: Sequence[Row], now: Sequence[Row], key: int | None = None
) -> tuple[list[Row], list[Row]]:
    """The rows that came and those that went; `key` is the column that says who it is (None: the
    whole row), so that a new score is neither."""

    def of(row: Row) -> Row:
        return row if key is None else row[key : key + 1]

    had, has = {of(row) for row in before}, {of(row) for row in now}
    return [row for row in now if of(row) not in had], [row for row in before if of(row) not in has]


def safe(text: str) -> str:
    """A text on one line that no spreadsheet takes for a formula."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def points(hundredths: int) -> str:
    """Points as people write them."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def _pairs(one: Person) -> list[tuple[str, str]]:
    """Each address with a number, so that none is lost: the first with the first, and so on."""
    many = max(len(one.emails), len(one.phones))
    emails = (*one.emails, *[""] * (many - len(one.emails)))
    phones = (*one.phones, *[""] * (many - len(one.phones)))
    return list(zip(emails, phones, strict=True))
