"""A stand-in for Google: access tokens, Google Calendar (v3) and Google Forms (v1).

google = FakeGoogle()
google.answers("form-1", "r1", "2026-11-20T10:00:00Z", {"q-mail": ["ana@acme.example"]})
with served(google) as url:
    ...     # connections with api: url + "/calendar/v3", or url for forms
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from leadwise.testing.serving import Answer, Fake, Query

TOKEN = "ya29.token"  # noqa: S105 - of a stand-in


@dataclass
class FakeGoogle(Fake):
    """One account. `calendars` are events by id, by calendar; `taken` are further spans (RFC 3339)
    at which a calendar is busy; `hidden` calendars are seen by nobody."""

    me: str = "sales@leadwise.example"
    zone: str = "Europe/Madrid"
    page: int = 250
    meet_takes: int = 0
    """So often a video call is still being made when an event is asked for."""
    calendars: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    taken: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    responses: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    grants: list[dict[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    """Calendar and event, in the order in which they changed: a sync token is a place in it."""
    forgotten: int = 0
    """Sync tokens below this place are gone."""
    told: list[tuple[str, str]] = field(default_factory=list)
    """What guests were told: the event, and `asked`, `changed` or `cancelled`."""
    pending: dict[str, int] = field(default_factory=dict)

    # What tests do to it ----------------------------------------------------------------------

    def revoke(self) -> None:
        """No access token holds any more."""
        self.tokens.clear()

    def forget(self) -> None:
        """Nobody's sync token holds any more."""
        self.forgotten = len(self.changed) + 1

    def invite(self, calendar: str, event: Mapping[str, Any]) -> None:
        """Put an event there as somebody else would."""
        self._keep(self._calendar(calendar), dict(event))

    def answers(
        self, form: str, response: str, at: str, answers: Mapping[str, Sequence[str]],
        email: str = "", first: str = "",
    ) -> None:  # fmt: skip
        """A response to a form, sent at an instant (`first`: where it was sent before)."""
        said = {
            question: {
                "questionId": question,
                "textAnswers": {"answers": [{"value": one} for one in values]},
            }
            for question, values in answers.items()
        }
        self.responses.setdefault(form, {})[response] = {
            "responseId": response, "createTime": first or at,
            "lastSubmittedTime": at, "answers": said,
            **({"respondentEmail": email} if email else {}),
        }  # fmt: skip

    # The interface ----------------------------------------------------------------------------

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        if path == "/token":
            return self._grant(body)
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _refused(401, "authError", "Invalid Credentials")
        sent = json.loads(body) if body else {}
        parts = path.strip("/").split("/")
        match (method, *parts):
            case ("POST", "calendar", "v3", "freeBusy"):
                return self._busy(sent)
            case (_, "calendar", "v3", "calendars", calendar, *rest):
                return self._calendars(method, calendar, rest, query, sent)
            case ("GET", "v1", "forms", form, *rest):
                return self._forms(form, rest, query)
        return _refused(404, "notFound", "Not Found")

    def _grant(self, body: bytes) -> Answer:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.grants.append(form)
        if form.get("refresh_token") == "revoked":
            return 400, {}, {"error": "invalid_grant", "error_description": "Token was revoked."}
        token = f"{TOKEN}{len(self.grants)}"
        self.tokens.add(token)
        return 200, {}, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def _calendars(
        self, method: str, calendar: str, rest: Sequence[str], query: Query, sent: dict[str, Any]
    ) -> Answer:
        if calendar in self.hidden:
            return _refused(404, "notFound", "Not Found")
        events = self._calendar(calendar)
        match (method, *rest):
            case ("GET",):
                return 200, {}, {"kind": "calendar#calendar", "id": self._id(calendar),
                                 "summary": "Sales", "timeZone": self.zone}  # fmt: skip
            case ("GET", "events"):
                return self._listed(calendar, query)
            case ("POST", "events"):
                return self._insert(calendar, query, sent)
            case (_, "events", event_id) if event_id not in events:
                return _refused(404, "notFound", "Not Found")
            case ("GET", "events", event_id):
                return 200, {}, self._shown(events[event_id])
            case ("PATCH", "events", event_id):
                merged = {**events[event_id], **sent}
                self._keep(events, merged, query)
                if query.get("sendUpdates") == "all":
                    self.told.append((event_id, "changed"))
                return 200, {}, self._shown(events[event_id])
            case ("DELETE", "events", event_id):
                if events[event_id]["status"] == "cancelled":
                    return _refused(410, "deleted", "Resource has been deleted")
                self._keep(events, {**events[event_id], "status": "cancelled"})
                if query.get("sendUpdates") == "all":
                    self.told.append((event_id, "cancelled"))
                return 204, {}, None
        return _refused(404, "notFound", "Not Found")

    def _insert(self, calendar: str, query: Query, sent: dict[str, Any]) -> Answer:
        events = self._calendar(calendar)
        id_ = sent.get("id") or f"made{len(self.changed)}"
        if not 5 <= len(id_) <= 1024 or set(id_) - set("0123456789abcdefghijklmnopqrstuv"):
            return _refused(400, "invalid", "Invalid resource id value.")
        if id_ in events:
            return _refused(409, "duplicate", "The requested identifier already exists.")
        if _moment(sent["end"]["dateTime"]) < _moment(sent["start"]["dateTime"]):
            return _refused(400, "timeRangeEmpty", "The specified time range is empty.")
        self._keep(events, {**sent, "id": id_}, query)
        if query.get("sendUpdates") == "all" and sent.get("attendees"):
            self.told.append((id_, "asked"))
        return 200, {}, self._shown(events[id_])

    def _keep(
        self, events: dict[str, dict[str, Any]], event: dict[str, Any], query: Query | None = None
    ) -> None:
        calendar = next(name for name, found in self.calendars.items() if found is events)
        id_ = event["id"]
        self.changed.append((calendar, id_))
        at = f"2026-11-20T10:00:{len(self.changed) % 60:02}.000Z"
        asked = (event.get("conferenceData") or {}).get("createRequest")
        if asked and "entryPoints" not in event["conferenceData"] and query is not None:
            if query.get("conferenceDataVersion") != "1":
                event.pop("conferenceData")
            else:
                self.pending[id_] = self.meet_takes
        attendees = [
            {"responseStatus": "needsAction", **one, **({"self": True} if one.get("email") ==
             self.me else {})} for one in event.get("attendees") or ()
        ]  # fmt: skip
        me = {"email": self.me, "self": True}
        before = events.get(id_, {})
        events[id_] = {
            "kind": "calendar#event", "status": "confirmed", "created": at, "creator": me,
            "organizer": me, "sequence": 0, **before, **event, "attendees": attendees,
            "etag": f'"{len(self.changed)}"', "updated": at, "iCalUID": f"{id_}@google.com",
            "htmlLink": f"https://www.google.com/calendar/event?eid={id_}",
        }  # fmt: skip

    def _shown(self, event: dict[str, Any]) -> dict[str, Any]:
        data = event.get("conferenceData") or {}
        if "createRequest" not in data:
            return event
        left = self.pending.get(event["id"], 0)
        if left > 0:
            self.pending[event["id"]] = left - 1
            asked = {**data["createRequest"], "status": {"statusCode": "pending"}}
            return {**event, "conferenceData": {"createRequest": asked}}
        link = f"https://meet.google.com/{event['id'][:10]}"
        asked = {**data["createRequest"], "status": {"statusCode": "success"}}
        entry = {"entryPointType": "video", "uri": link, "label": link}
        return {
            **event, "hangoutLink": link,
            "conferenceData": {"createRequest": asked, "entryPoints": [entry]},
        }  # fmt: skip

    def _listed(self, calendar: str, query: Query) -> Answer:
        name, events = self._name(calendar), self._calendar(calendar)
        sync = query.get("syncToken")
        if sync and "timeMin" in query:
            return _refused(400, "badRequest", "syncToken cannot be combined with timeMin")
        if sync and int(sync.removeprefix("sync")) < self.forgotten:
            return _refused(410, "fullSyncRequired", "Sync token is no longer valid.")
        if sync:
            since = int(sync.removeprefix("sync"))
            ids = list(dict.fromkeys(id_ for at, id_ in self.changed[since:] if at == name))
        else:
            least = _moment(query["timeMin"]) if "timeMin" in query else None
            ids = [
                id_ for id_, one in events.items()
                if one["status"] != "cancelled"
                and (least is None or _moment(_when(one["end"])) > least)
            ]  # fmt: skip
        first = int(query.get("pageToken") or 0)
        shown = [self._shown(events[id_]) for id_ in ids[first : first + self.page]]
        more: dict[str, str] = (
            {"nextPageToken": str(first + self.page)} if first + self.page < len(ids)
            else {"nextSyncToken": f"sync{len(self.changed)}"}
        )  # fmt: skip
        return 200, {}, {"kind": "calendar#events", "items": shown, **more}

    def _busy(self, sent: dict[str, Any]) -> Answer:
        start, end = _moment(sent["timeMin"]), _moment(sent["timeMax"])
        if (end - start).days > 92:
            return _refused(400, "timeRangeTooLong", "The requested time range is too long.")
        found: dict[str, Any] = {}
        for item in sent["items"]:
            id_ = item["id"]
            if id_ in self.hidden:
                found[id_] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
                continue
            spans = [
                (one["start"]["dateTime"], one["end"]["dateTime"])
                for one in self._calendar(id_).values()
                if one["status"] != "cancelled" and one.get("transparency") != "transparent"
            ] + self.taken.get(self._name(id_), [])
            within = [(a, b) for a, b in spans if _moment(a) < end and _moment(b) > start]
            found[id_] = {"busy": [{"start": a, "end": b} for a, b in sorted(within)]}
        return 200, {}, {"kind": "calendar#freeBusy", "timeMin": sent["timeMin"],
                         "timeMax": sent["timeMax"], "calendars": found}  # fmt: skip

    def _forms(self, form: str, rest: Sequence[str], query: Query) -> Answer:
        if form not in self.forms:
            return _refused(404, "NOT_FOUND", "Requested entity was not found.")
        if not rest:
            return 200, {}, {"formId": form, **self.forms[form]}
        if list(rest) != ["responses"]:
            return _refused(404, "NOT_FOUND", "Requested entity was not found.")
        found = list(self.responses.get(form, {}).values())
        if asked := query.get("filter"):
            sign, given = asked.removeprefix("timestamp ").split(" ")
            least = _moment(given)
            found = [
                one for one in found
                if _moment(one["lastSubmittedTime"]) > least
                or (sign == ">=" and _moment(one["lastSubmittedTime"]) == least)
            ]  # fmt: skip
        first, most = int(query.get("pageToken") or 0), int(query.get("pageSize") or 5000)
        size = min(most, self.page)
        more = {"nextPageToken": str(first + size)} if first + size < len(found) else {}
        return 200, {}, {"responses": found[first : first + size], **more}

    def _name(self, calendar: str) -> str:
        return "primary" if calendar == self.me else calendar

    def _id(self, calendar: str) -> str:
        return self.me if calendar == "primary" else calendar

    def _calendar(self, calendar: str) -> dict[str, dict[str, Any]]:
        return self.calendars.setdefault(self._name(calendar), {})


def _when(place: Mapping[str, str]) -> str:
    return place.get("dateTime") or f"{place['date']}T00:00:00Z"


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _refused(status: int, reason: str, message: str) -> Answer:
    error = {"domain": "global", "reason": reason, "message": message}
    return status, {}, {"error": {"errors": [error], "code": status, "message": message}}
