"""One system's HTTP interface: who we are, patience, limits of rate, and what its refusals mean.

    http = Http("hubspot", "https://api.hubapi.com", headers={"Authorization": f"Bearer {token}"})
    found = http.get("/crm/v3/objects/contacts", params={"limit": "100"})

Errors are `RemoteError`s in words: what was asked of whom, what it said, whether a retry helps.
"""

from __future__ import annotations

import base64
import email.utils
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import quote, quote_plus

import httpx2

from leadwise.card.values import parse_time
from leadwise.errors import RemoteError

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "REPORT", "PROPFIND"]
TIMEOUT_S = 30.0
PATIENCE_S = 20.0
"""A pause that a system asks for is made here up to so long; a longer one is its caller's."""
ATTEMPTS = 3
FIRST_WAIT_S = 0.5
MOST_BYTES = 100_000_000
"""Of an answer, as it is once it is unpacked: more is not read."""
LONGEST_S = 300.0
"""For a whole answer, however slowly it comes."""
MOST_SAID = 300
"""Of an answer, no more signs than this are told on."""
_SIGNED = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}")
"""A token that says by itself who it is of (JWT)."""
PACKED = ("content-encoding", "content-length", "transfer-encoding")
READING = ("GET", "REPORT", "PROPFIND")
PASSING = (408, 409, 423, 425, 429, 500, 502, 503, 504)
"""Statuses after which the same may be taken later. 409 where two write at once (RFC 9110)."""


@dataclass(frozen=True, slots=True)
class Would:
    """A request that a dry run left out."""

    method: str
    path: str
    body: Any = None


@dataclass(slots=True)
class Http:
    """A connection's requests.

    `secrets` never stand in an error. With `dry`, what would change something there is not sent but
    kept in `would`, and answered by an empty object. `pace_s` is the least time between requests.
    """

    system: str
    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)
    pace_s: float = 0.0
    dry: bool = False
    said: Callable[[Any], str] | None = None
    """Finds the reason in the system's own error document."""
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    transport: httpx2.BaseTransport | None = None
    would: list[Would] = field(default_factory=list)
    _client: httpx2.Client | None = None
    _last: float = float("-inf")
    _shown: str = field(default="", repr=False)
    """What the last request showed who we are by: a token that was given for the secrets."""

    def get(self, path: str, **more: Any) -> Any:
        """The decoded JSON of an answer."""
        return self.call("GET", path, **more)

    def call(self, method: Method, path: str, *, reads: bool | None = None, **more: Any) -> Any:
        """The decoded JSON of an answer (None: it has no body).

        `reads` says that a POST changes nothing (a search). `more` goes to httpx2: `params`,
        `json`, `data`, `content`, `headers`. What changes something is tried again only where the
        system said that it did not take it (429, 503) or where `headers` has an idempotency key.
        """
        response = self.send(method, path, reads=reads, **more)
        if response is None:
            return {}
        if not response.content:
            return None
        try:
            return response.json()
        except (ValueError, RecursionError):
            raise RemoteError(
                f"{self.system} answered {method} {path} with something that is not JSON: "
                f"{self._clean(response.text)!r}.", permanent=False,
            ) from None  # fmt: skip

    def send(
        self, method: Method, path: str, *, reads: bool | None = None, allow: Sequence[int] = (),
        **more: Any,
    ) -> httpx2.Response | None:  # fmt: skip
        """The answer itself (None: a dry run left it out). `allow` are statuses besides those of
        success that are answers, too: `(404, 412)`."""
        harmless = method in READING if reads is None else reads
        if self.dry and not harmless:
            body = more.get("json", more.get("data", more.get("content")))
            self.would.append(Would(method, path, body))
            return None
        keyed = any(name.lower() == "idempotency-key" for name in more.get("headers") or ())
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            wait = FIRST_WAIT_S * 4**attempt
            try:
                response = self._once(method, path, more)
            except (UnicodeEncodeError, httpx2.LocalProtocolError):
                # What they say would show the secret that cannot be sent.
                raise RemoteError(
                    f"{self.system}: a secret or a setting has signs that no request can carry. "
                    "Give it again, without line ends and in plain letters.",
                    permanent=True,
                ) from None
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                if last or not (harmless or keyed) or isinstance(error, httpx2.InvalidURL):
                    raise self._unreachable(method, path, error) from None
            else:
                if response.is_success or response.status_code in allow:
                    return response
                asked = after_s(response.headers.get("retry-after"), time.time())
                wait = wait if asked is None else asked
                untaken = response.status_code in (429, 503)
                passing = response.status_code in PASSING
                if last or not passing or wait > PATIENCE_S or not (harmless or keyed or untaken):
                    raise self._refused(method, path, response, asked)
            self.sleep(wait)
        raise AssertionError

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _once(self, method: str, path: str, more: Mapping[str, Any]) -> httpx2.Response:
        if self._client is None:
            self._client = httpx2.Client(
                base_url=self.base_url, headers=dict(self.headers), timeout=TIMEOUT_S,
                auth=self.auth, transport=self.transport, follow_redirects=False,
            )  # fmt: skip
        early = self._last + self.pace_s - self.monotonic()
        if early > 0:
            self.sleep(early)
        self._last = self.monotonic()
        sent: dict[str, Any] = {}
        if "follow_redirects" in more:
            sent["follow_redirects"] = more["follow_redirects"]
        asked = {name: value for name, value in more.items() if name not in sent}
        request = self._client.build_request(method, path, **asked)
        self._shown = request.headers.get("authorization", "").partition(" ")[2]
        streamed = self._client.send(request, stream=True, **sent)
        try:
            return self._whole(method, path, streamed)
        finally:
            streamed.close()

    def _whole(self, method: str, path: str, streamed: httpx2.Response) -> httpx2.Response:
        """The answer, read as far as one may be long."""
        parts, size, until = list[bytes](), 0, self.monotonic() + LONGEST_S
        for part in streamed.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES or self.monotonic() > until:
                more = (
                    f"over {MOST_BYTES:,} bytes" if size > MOST_BYTES else "an answer without end"
                )
                raise RemoteError(
                    f"{self.system} answered {method} {path} with {more}.", permanent=True
                )
        # Unpacked already: the headers that say how it was packed are no longer true.
        said = [one for one in streamed.headers.multi_items() if one[0].lower() not in PACKED]
        return httpx2.Response(
            streamed.status_code, headers=said, content=b"".join(parts), request=streamed.request
        )

    def _unreachable(self, method: str, path: str, error: Exception) -> RemoteError:
        return RemoteError(
            f"{self.system} could not be reached for {method} {path}: "
            f"{self._clean(str(error) or type(error).__name__)}.",
            permanent=isinstance(error, httpx2.InvalidURL),
        )

    def _refused(
        self, method: str, path: str, response: httpx2.Response, asked: float | None
    ) -> RemoteError:
        try:
            document = response.json()
            reason = (self.said(document) if self.said else "") or response.text
        except ValueError:
            reason = response.text
        told = f"{self.system} answered {method} {path} with {response.status_code}"
        return RemoteError(
            f"{told}: {self._clean(reason)}" if reason.strip() else f"{told}.",
            permanent=response.status_code not in PASSING, status=response.status_code,
            after_s=asked,
        )  # fmt: skip

    def _clean(self, said: str) -> str:
        for secret in filter(None, (*self.secrets, self._shown)):
            for form in shown_as(secret):
                said = said.replace(form, "(secret)")
        said = _SIGNED.sub("(secret)", said)
        said = " ".join(said.split())
        return said if len(said) <= MOST_SAID else said[:MOST_SAID] + " ..."


def shown_as(secret: str) -> tuple[str, ...]:
    """A secret as it may stand in what others say: plain, in an address, in JSON, in base64."""
    plain = secret.encode("utf-8", "replace")
    forms = (
        secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1],
        base64.b64encode(plain).decode(),
    )  # fmt: skip
    return tuple(sorted(set(forms), key=len, reverse=True))


def after_s(header: str | None, now_s: float) -> float | None:
    """The seconds that a Retry-After asks for: a number, a date (RFC 9110, 10.2.3), or a date as
    ISO 8601 has it, which is what Zoom sends."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - now_s)
    except ValueError:
        pass
    try:
        return max(0.0, parse_time(header) / 1e6 - now_s)
    except ValueError:
        return None
