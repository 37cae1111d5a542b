"""Google Forms: what people filled in is pulled, with the time that they asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leadwise.asking.instants import written
from leadwise.card.values import parse_time
from leadwise.connect.google.client import Google
from leadwise.connect.google_forms.client import API, SCOPES, FormClient
from leadwise.connect.google_forms.map import WHEN, Filled, filled, questions_of
from leadwise.connect.http import Http
from leadwise.connect.local_times import zone_said
from leadwise.connect.model import Connection, Page
from leadwise.errors import UserError
from leadwise.ingest.messages import Message, Refusal
from leadwise.ingest.naming import event_names
from leadwise.ingest.refusing import no_identity, refusal
from leadwise.store.documents import canonical

EVENT = "form_submitted"


@dataclass(frozen=True, slots=True)
class GoogleForm:
    """One form of a connection."""

    connection: Connection
    client: FormClient
    zone: str

    @classmethod
    def of(cls, connection: Connection, http: Http) -> GoogleForm:
        """UserError (`google-access`, `bad-working-hours`)."""
        options = connection.options
        google = Google.of(connection, http, options.get("api") or API, SCOPES)
        given = options.get("zone") or "UTC"
        zone = zone_said(given)
        if not zone:
            raise UserError(
                "bad-working-hours", f"'{given}' is no time zone.",
                hint="Write it as Europe/Madrid or America/New_York.",
            )  # fmt: skip
        return cls(connection, FormClient(google, _id(options.get("form", ""))), zone)

    def test(self) -> str:
        """In words, which form it is and what becomes of its questions."""
        form = self.client.about()
        self.client.responses("", "")
        questions = questions_of(form)
        title = (form.get("info") or {}).get("title") or self.client.form
        return f"Form {title} with {len(questions)} questions"

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """What was filled in, or changed by whoever filled it in."""
        at: dict[str, Any] = json.loads(cursor) if cursor else {}
        named: dict[str, str] = at.get("named") or {}
        questions = [
            replace(one, named=named.get(one.id, "")) for one in questions_of(self.client.about())
        ]
        # A question that is worded anew is still the one that cards and playbooks know.
        named = {**named, **{one.id: one.name for one in questions}}
        done = 0
        while True:
            found = self.client.responses(at.get("since", ""), at.get("page", ""))
            # Of one page in order; Google promises none over all of them.
            responses = sorted(found.get("responses") or (), key=_sent_us)
            messages: list[Message] = []
            refusals: list[Refusal] = []
            for place, response in enumerate(responses):
                said = filled(response, questions, self.connection.mapping, self.zone)
                if said.email is None:
                    wanted = "let the form collect addresses, or map a question to email"
                    body = json.dumps({"response": response.get("responseId"), **said.values})
                    refusals.append(refusal(place, no_identity(wanted), body))
                    continue
                messages += self._messages(response, said, now_us)
            done += len(responses)
            latest = max((str(one["lastSubmittedTime"]) for one in responses), key=parse_time,
                         default="")  # fmt: skip
            most = max(filter(None, (at.get("most"), latest)), key=parse_time, default="")
            page = str(found.get("nextPageToken") or "")
            if page:
                at = {"since": at.get("since", ""), "most": most, "page": page}
            else:
                at = {"since": most or at.get("since", "")}
            at["named"] = named
            yield Page(json.dumps(at), tuple(messages), done=done, refusals=tuple(refusals))
            if not page:
                return

    def _messages(
        self, response: Mapping[str, Any], said: Filled, now_us: int
    ) -> tuple[Message, Message]:
        """Who it is, and that the form was sent: once for each time that it was sent."""
        options = self.connection.options
        plain, name = event_names(options.get("event") or EVENT)
        id_ = f"{response['responseId']}:{response['lastSubmittedTime']}"
        at_us = min(_sent_us(response), now_us)
        answers: dict[str, Any] = dict(said.values)
        if said.when_us is not None:
            answers |= {WHEN: written(said.when_us), "when_zone": said.zone}
        done = {"form": options.get("name") or self.connection.name} | answers

        def message(type_: str, event: str, document: Mapping[str, Any]) -> Message:
            return Message(
                "identify" if type_ == "identify" else "track", self.connection.name,
                f"{id_}:{type_}", event, at_us, now_us,
                name=None if type_ == "identify" else name, email=said.email,
                document=canonical(document),
            )  # fmt: skip

        return message("identify", "identify", said.values), message("track", plain, done)


def _sent_us(response: Mapping[str, Any]) -> int:
    return parse_time(str(response["lastSubmittedTime"]))


def _id(given: str) -> str:
    """The id of a form, out of its address where that was given."""
    parts = given.strip().split("?")[0].split("/")
    return parts[parts.index("d") + 1] if "d" in parts[:-1] else given.strip()
