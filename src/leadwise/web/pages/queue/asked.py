"""What a request to the queue says: the filter in its address, the place where a page goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from sqlalchemy import Connection

from leadwise.store.lead_pages import search_accounts, search_leads
from leadwise.store.queue import Answer, Owners, Place, QueueFilter
from leadwise.web.pages.lead.asked import LARGEST, hundredths_of, whole_of
from leadwise.web.pages.visit import Visit, is_local

PAGE = "queue"
START = "/queue"
ANSWERS: tuple[Answer, ...] = get_args(Answer)
WHOSE: tuple[Owners, ...] = ("open", "mine", "free", "all")
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter as it stands in the address, each part as it was typed.

    `owner` is `open`, `mine`, `free`, `all` or the number of a member.
    """

    owner: str
    bands: tuple[str, ...]
    answer: Answer
    words: str
    company: str
    least: str
    visitors: bool

    @property
    def query(self) -> str:
        """The same filter as it stands in an address; never empty, so that it is no first view."""
        return self.query_of(self.bands)

    def query_of(self, bands: Sequence[str]) -> str:
        """The filter with other bands."""
        said = [("owner", self.owner), *(("band", band) for band in bands)]
        said += [("answer", self.answer)] if self.answer != "any" else []
        given = (("q", self.words), ("company", self.company), ("least", self.least))
        said += [(name, value) for name, value in given if value]
        said += [("visitors", "1")] if self.visitors else []
        return urlencode(said)

    @property
    def address(self) -> str:
        """The address of the queue with this filter."""
        return f"{START}?{self.query}"

    @property
    def narrow(self) -> bool:
        """Whether more is asked for than whose leads and which bands."""
        more = self.words or self.company or self.least or self.visitors
        return bool(more) or self.answer != "any"


def asked_of(visit: Visit) -> Asked:
    """The filter of a request; what makes no sense is as if it were not there."""
    query = visit.query
    owner = query.get("owner", "")
    if owner not in WHOSE and not _is_id(owner):
        owner = "open" if visit.may("work") else "all"
    answer: Answer = next((one for one in ANSWERS if one == query.get("answer")), "any")
    least = query.get("least", "").strip()
    return Asked(
        owner,
        tuple(dict.fromkeys(band for band in query.getlist("band") if band))[:20],
        answer,
        query.get("q", "").strip()[:LONGEST_WORDS],
        query.get("company", "").strip()[:LONGEST_WORDS],
        least if hundredths_of(least) is not None else "",
        query.get("visitors") == "1",
    )


def filter_of(connection: Connection, asked: Asked) -> QueueFilter:
    """The filter with what its words find: leads by name or address, companies by name."""
    owners: Owners = next((one for one in WHOSE if one == asked.owner), "of")
    return QueueFilter(
        owners,
        int(asked.owner) if owners == "of" else None,
        asked.bands,
        asked.answer,
        hundredths_of(asked.least) if asked.least else None,
        tuple(search_leads(connection, asked.words)) if asked.words else None,
        tuple(search_accounts(connection, asked.company)) if asked.company else None,
        asked.visitors,
    )


def place_of(text: str | None) -> Place | None:
    """A place as `written` has it; None for what is none."""
    parts = (text or "").split(".")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) != len(Place._fields) or any(abs(number) > LARGEST for number in numbers):
        return None
    return Place(*numbers)


def written(place: Place) -> str:
    """A place as it stands in an address."""
    return ".".join(str(number) for number in place)


def back_of(visit: Visit) -> str:
    """Where a form of the queue goes back to: the list it was on."""
    given = visit.form.get("back") or visit.query.get("back")
    known = isinstance(given, str) and is_local(given)
    return str(given) if known else START


def numbers_of(visit: Visit, name: str, most: int = 200) -> list[int]:
    """A list of leads in the address: `ids=3,17`."""
    parts = visit.query.get(name, "").split(",")[:most]
    return [int(part) for part in parts if _is_id(part)]


def _is_id(text: str) -> bool:
    return (whole_of(text) or 0) > 0
