"""A described REST interface as a connection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadwise.asking.instants import DAY_US
from leadwise.connect.http import Http
from leadwise.connect.model import JSON, Connection, Page, Paper
from leadwise.connect.rest.client import RestClient
from leadwise.connect.rest.declared import Declared
from leadwise.connect.rest.map import at, filled, instant, message_of, written_as
from leadwise.connect.rest.parse import declared_of
from leadwise.errors import Place, RemoteError, UserError
from leadwise.ingest.messages import Message, Refusal
from leadwise.store.documents import canonical, values_of


@dataclass(frozen=True, slots=True)
class Rest:
    """An interface by its description."""

    connection: Connection
    declared: Declared
    client: RestClient

    def test(self) -> str:
        """Ask for the first page, or say what would be asked."""
        pull = self.declared.pull
        if pull is None:
            return f"{self.declared.url}: asked only when somebody is looked up."
        got = next(self.client.pages(pull, {}, None))
        return f"{len(got.records):,} records on the first page of {self.declared.url}{pull.path}"

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """What changed since the cursor: everything where the description has no `since`."""
        pull = self.declared.pull
        if pull is None:
            return
        known: dict[str, Any] = json.loads(cursor) if cursor else {}
        since_us, newest = known.get("since"), known.get("newest")
        params: dict[str, str] = {}
        if pull.since is not None and since_us is not None:
            params[pull.since.param] = written_as(since_us, pull.since.format)
        done = int(known.get("done", 0))
        for got in self.client.pages(pull, params, known.get("place")):
            found = [
                message_of(one, pull, self.connection.name, self.connection.mapping, now_us)
                for one in got.records
            ]
            times = [instant(at(one, pull.updated)) for one in got.records] if pull.updated else []
            # A year such as 9999 is no time of a change: nothing would come after it.
            told = [one for one in times if one is not None and one <= now_us + DAY_US]
            newest = max([one for one in (newest, *told) if one is not None], default=None)
            done += len(found)
            after: dict[str, Any] = {"since": since_us, "newest": newest, "place": got.then,
                                     "done": done}  # fmt: skip
            if got.then is None:
                # A system whose clock runs ahead of ours is still asked for all that comes.
                after = {"since": newest if newest is not None else since_us}
            yield Page(
                json.dumps(after), tuple(one for one in found if isinstance(one, Message)),
                done=done, refusals=tuple(one for one in found if isinstance(one, Refusal)),
            )  # fmt: skip

    def ask(self, known: Mapping[str, JSON]) -> Mapping[str, JSON] | None:
        """Facts of one person or company, flat; None where the interface knows nobody."""
        ask = self.declared.ask
        if ask is None:
            raise UserError(
                "cannot-ask", f"The description of {self.connection.name} has no ask.",
                hint="Say under ask how one record is asked for (docs/connectors/rest.md).",
            )  # fmt: skip
        path = filled(ask.path, known)
        if path is None:
            return None
        try:
            document = self.client.get(path)
        except RemoteError as error:
            if error.status in ask.unknown:
                return None
            raise
        record = at(document, ask.record)
        if isinstance(record, list):
            record = record[0] if record else None
        if not isinstance(record, Mapping) or not record:
            return None
        found = {ours: at(record, theirs) for ours, theirs in ask.fields.items()}
        plain = canonical({n: v for n, v in found.items() if v not in (None, "", [], {})})
        return dict(values_of(plain)) or None

    def papers(self, about: str, most: int) -> Iterator[Paper]:
        """What the interface finds for some words."""
        search = self.declared.search
        if search is None:
            raise UserError(
                "cannot-ask", f"The description of {self.connection.name} has no search.",
                hint="Say under search how texts are looked for (docs/connectors/rest.md).",
            )  # fmt: skip
        path = filled(search.path, {"about": about})
        records = at(self.client.get(path), search.records) if path else None
        for one in (records if isinstance(records, list) else [])[:most]:
            text, title = at(one, search.text), at(one, search.title)
            if isinstance(text, str) and text.strip():
                link = at(one, search.link) if search.link else ""
                yield Paper(str(at(one, search.id)), str(title or text[:80]), text, str(link or ""))


def open_rest(connection: Connection, http: Http) -> Rest:
    """UserError where there is no description, CardError where it has problems."""
    declared = declared_of(*_text_of(connection))
    return Rest(
        connection, declared, RestClient.of(declared, http, connection.secrets.get("secret", ""))
    )


def _text_of(connection: Connection) -> tuple[str, str]:
    text, file = connection.options.get("text", ""), connection.options.get("file", "")
    if text:
        return text, connection.name
    if not file:
        raise UserError(
            "connection-option", f"The connection {connection.name} has no description.",
            hint="Give it a file, or the text of one (docs/connectors/rest.md).",
        )  # fmt: skip
    try:
        return Path(file).read_text("utf-8"), file
    except OSError as error:
        raise UserError(
            "cannot-read", f"The description cannot be read: {error.strerror}.",
            where=Place(file), hint="Check the path.",
        ) from None  # fmt: skip
    except UnicodeDecodeError:
        raise UserError(
            "not-utf-8",
            "The description is not UTF-8.",
            where=Place(file),
            hint="Save it as UTF-8.",
        ) from None
