"""One Salesforce organisation: tokens are renewed, limits held, queries read page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx2

from leadwise.connect.http import Http, Method
from leadwise.errors import RemoteError

Row: TypeAlias = dict[str, Any]
"""A record with its fields side by side: `Account.Name` is a name too."""
PASSING = (
    "REQUEST_LIMIT_EXCEEDED",
    "UNABLE_TO_LOCK_ROW",
    "SERVER_UNAVAILABLE",
    "API_CURRENTLY_DISABLED",
    "QUERY_TIMEOUT",
    "CONCURRENT_REQUEST_LIMIT_EXCEEDED",
    "TXN_SECURITY_METERING_ERROR",
)
"""What Salesforce refuses with for a while only, whatever the status."""
DAY_IS_FULL_S = 3600.0
_USED = re.compile(r"api-usage=(\d+)/(\d+)")


@dataclass(slots=True)
class Client:
    """An organisation, by an OAuth client of its own or the refresh token of a person.

    `share`: of the calls that the organisation has in a day, how many parts of a hundred may be
    used up, by whomever, before Leadwise leaves the rest to others.
    """

    http: Http
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    version: str = "62.0"
    share: int = 90
    used: tuple[int, int] | None = None
    """Calls of this day, and how many there are, as the last answer said."""
    _used_at: float = float("-inf")
    _token: str = field(default="", repr=False)
    _fields: dict[str, dict[str, Row]] = field(default_factory=dict)

    @property
    def data(self) -> str:
        """The path that resources are below."""
        return f"/services/data/v{self.version}"

    def renew(self) -> None:
        """Get a token. RemoteError (401, permanent) where the client is not known or allowed."""
        grant = {"grant_type": "client_credentials"}
        if self.refresh_token:
            grant = {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        form = {**grant, "client_id": self.client_id, "client_secret": self.client_secret}
        try:
            said = self.http.call(
                "POST", "/services/oauth2/token", reads=True,
                data={name: value for name, value in form.items() if value},
            )  # fmt: skip
        except RemoteError as error:
            if error.status not in (400, 401, 403):
                raise
            raise RemoteError(
                f"Salesforce gives no token: {error}", permanent=True, status=401
            ) from None
        self._token = str(said["access_token"])
        self.http.secrets = (*self.http.secrets, self._token)

    def send(
        self, method: Method, path: str, *, reads: bool | None = None, **more: Any
    ) -> httpx2.Response | None:
        """An answer (None: a dry run left it out). A token that ran out is renewed once."""
        self._spare()
        if not self._token:
            self.renew()
        for again in (True, False):
            headers = {**more.pop("headers", {}), "Authorization": f"Bearer {self._token}"}
            try:
                response = self.http.send(method, path, reads=reads, headers=headers, **more)
                break
            except RemoteError as error:
                if error.status == 401 and again:
                    self.renew()
                    more["headers"] = headers
                    continue
                raise _understood(error) from None
        if response is not None and (
            found := _USED.search(response.headers.get("sforce-limit-info", ""))
        ):
            self.used = (int(found[1]), int(found[2]))
            self._used_at = self.http.monotonic()
        return response

    def call(self, method: Method, path: str, *, reads: bool | None = None, **more: Any) -> Any:
        """The decoded answer; None where it has no body, {} where a dry run left it out."""
        response = self.send(method, path, reads=reads, **more)
        if response is None:
            return {}
        try:
            return response.json() if response.content else None
        except ValueError:
            raise RemoteError(
                f"Salesforce answered {path} with no JSON.", permanent=False
            ) from None

    def query(self, soql: str, *, every: bool = False) -> Iterator[list[Row]]:
        """The records of a query, as many at a time as it gives; `every`: deleted ones too."""
        said = self.call(
            "GET", f"{self.data}/{'queryAll' if every else 'query'}", params={"q": soql}
        )
        while True:
            if said.get("records"):
                yield [flat(row) for row in said["records"]]
            if said.get("done", True):
                return
            said = self.call("GET", said["nextRecordsUrl"])

    def rows(self, soql: str) -> list[Row]:
        """All records of a query."""
        return [row for rows in self.query(soql) for row in rows]

    def count(self, of: str, where: str = "") -> int:
        """How many records there are."""
        soql = f"SELECT COUNT() FROM {of}" + (f" WHERE {where}" if where else "")  # noqa: S608 - made of literals
        said = self.call("GET", f"{self.data}/query", params={"q": soql})
        return int(said["totalSize"])

    def fields(self, of: str) -> dict[str, Row]:
        """The fields of an object that this user may see, by name. Asked once."""
        if of not in self._fields:
            said = self.call("GET", f"{self.data}/sobjects/{of}/describe")
            self._fields[of] = {one["name"]: one for one in said["fields"]}
        return self._fields[of]

    def forget_fields(self) -> None:
        """After fields were made."""
        self._fields.clear()

    def _spare(self) -> None:
        if self.http.monotonic() - self._used_at >= DAY_IS_FULL_S:
            self.used = None  # how it is now only the next answer says
        if self.used is None or self.used[1] == 0:
            return
        used, all_ = self.used
        if used * 100 >= all_ * self.share:
            raise RemoteError(
                f"{used:,} of the {all_:,} calls that Salesforce gives in a day are used; the rest "
                "is left to others (option share).", permanent=False, after_s=DAY_IS_FULL_S,
            )  # fmt: skip


def flat(record: Mapping[str, Any], before: str = "") -> Row:
    """A record of the REST interface with its fields side by side; a subquery's stay a list."""
    row: Row = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping) and "records" in value:
            row[before + name] = [flat(one) for one in value["records"]]
        elif isinstance(value, Mapping):
            row.update(flat(value, f"{before}{name}."))
        else:
            row[before + name] = value
    return row


def said(document: Any) -> str:
    """The reasons in an error of Salesforce's: a list of codes and messages, or that of OAuth."""
    if isinstance(document, list):
        parts = [one for one in document if isinstance(one, Mapping)]
        return "; ".join(
            f"{one.get('errorCode') or one.get('statusCode')}: {one.get('message')}"
            for one in parts
        )
    if isinstance(document, Mapping):
        return ": ".join(
            str(document[n]) for n in ("error", "error_description") if document.get(n)
        )
    return ""


def _understood(error: RemoteError) -> RemoteError:
    if any(code in str(error) for code in PASSING):
        waits = DAY_IS_FULL_S if "REQUEST_LIMIT_EXCEEDED: Total" in str(error) else error.after_s
        return RemoteError(str(error), permanent=False, status=error.status, after_s=waits)
    return error
