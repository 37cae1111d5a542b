"""`webhook`: a call of another program's address, signed as Standard Webhooks has it.

`webhook-id` is the step's key, the same however often the step is done: receivers tell repeats by
it. Redirects are not followed, and of an answer no more than LONGEST_ANSWER bytes is read. Who
writes playbooks decides which addresses are called: a lead's values never become part of one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from standardwebhooks import Webhook

from leadwise.asking.instants import written
from leadwise.connect.http import PASSING, after_s
from leadwise.errors import RemoteError, UserError
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import values_of
from leadwise.store.cards import live_version
from leadwise.store.leads import get_score_row

ENVIRONMENT = "env:"
TIMEOUT_S = 20.0
LONGEST_ANSWER = 16_384
TYPE = "playbook.step"


def act(house: House, here: Here) -> Came:
    """Call it. UserError where the address or key means nothing."""
    url = _checked(setting(house, here, "url"))
    body = json.dumps(
        {"type": TYPE, "timestamp": written(here.now_us), "data": _data(house, here)},
        ensure_ascii=False, separators=(",", ":"), default=str,
    )  # fmt: skip
    sent_s = house.clock_us() // 1_000_000
    headers = {
        "content-type": "application/json", "user-agent": "Leadwise-Webhooks",
        "webhook-id": here.key, "webhook-timestamp": str(sent_s), "idempotency-key": here.key,
    }  # fmt: skip
    secret = setting(house, here, "secret")
    if secret:
        headers["webhook-signature"] = _signature(secret, here.key, sent_s, body)
    status, text = _call(url, body, headers)
    return Came("done", {"status": status, "answer": _answer(text)})


def setting(house: House, here: Here, name: str) -> str:
    """A setting as it stands, or of the environment. UserError `no-environment`."""
    said = str(here.step.settings.get(name) or "")
    if not said.startswith(ENVIRONMENT):
        return said
    found = house.environment.get(said.removeprefix(ENVIRONMENT), "")
    if not found:
        raise UserError(
            "no-environment", f"The environment has no {said.removeprefix(ENVIRONMENT)}.",
            hint="Set it where the service runs, then start the service again.",
        )  # fmt: skip
    return found


def _data(house: House, here: Here) -> dict[str, Any]:
    """What is sent: what the step says, or who and with which score."""
    about = {"run": here.run.id, "playbook": here.run.playbook.id, "step": here.step.id}
    given = values_of(here, "body")
    if given or here.step.settings.get("body"):
        return {**given, **{name: value for name, value in about.items() if name not in given}}
    found: dict[str, Any] = {**about, "lead_id": here.run.lead_id}
    if here.run.lead_id is not None:
        with house.store.read() as database:
            version = live_version(database)
            row = get_score_row(database, version.id if version else None, here.run.lead_id)
        if row is not None:
            score = row.shown_score
            found["score"] = score // 100 if score % 100 == 0 else score / 100
            found["band"] = row.shown_band
    return found


def _call(url: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
    host = urlsplit(url).hostname or "the address"
    try:
        with (
            httpx2.Client(timeout=TIMEOUT_S, follow_redirects=False) as client,
            client.stream("POST", url, content=body.encode(), headers=headers) as response,
        ):
            text = _bounded(response)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise RemoteError(
            f"{host} could not be called: {type(error).__name__}.",
            permanent=isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol),
        ) from None
    if not response.is_success:
        raise RemoteError(
            f"{host} answered {response.status_code}.", status=response.status_code,
            permanent=response.status_code not in PASSING,
            after_s=after_s(response.headers.get("retry-after"), datetime.now(UTC).timestamp()),
        )  # fmt: skip
    return response.status_code, text


def _bounded(response: httpx2.Response) -> str:
    found = bytearray()
    for part in response.iter_bytes():
        found += part
        if len(found) >= LONGEST_ANSWER:
            break
    return bytes(found[:LONGEST_ANSWER]).decode("utf-8", "replace").replace("\x00", "")


def _answer(text: str) -> Any:
    """The answer as templates see it: decoded where it is JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _signature(secret: str, key: str, sent_s: int, body: str) -> str:
    try:
        return Webhook(secret).sign(key, datetime.fromtimestamp(sent_s, UTC), body)
    except (ValueError, RuntimeError):
        raise UserError(
            "webhook-secret", "The key of the webhook's signature is none.",
            hint="It is whsec_ and base64, as Standard Webhooks has it.",
        ) from None  # fmt: skip


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        raise UserError(
            "webhook-url", "The address of the webhook is none of the web.",
            hint="Write https://example.com/path, or env:NAME.",
        )  # fmt: skip
    return url
