"""Bulk API 2.0: queries and updates of many records as jobs, with CSV in and out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.connect.salesforce.client import Client, Row
from leadwise.errors import RemoteError

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 15.0
PATIENCE_S = 600.0
"""After so long a job is asked for again later; it goes on there."""
PAGE = 2000
_OVER = ("JobComplete", "Failed", "Aborted")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what a query found; `locator` gets the next one, and is empty with the last."""

    rows: list[Row]
    locator: str


def begin_query(client: Client, soql: str) -> str:
    """Have a query done; the job's id."""
    body = {"operation": "query", "query": soql, "contentType": "CSV", "lineEnding": "LF"}
    said = client.call("POST", f"{client.data}/jobs/query", json=body, reads=True)
    return str(said["id"])


def results(client: Client, job_id: str, locator: str = "") -> Iterator[Part]:
    """What a query found, once it is done, from `locator` on.

    RemoteError: passing where it is not done after PATIENCE_S, or with 404 where the job is gone.
    """
    job = f"{client.data}/jobs/query/{job_id}"
    _wait(client, job)
    while True:
        params = {"maxRecords": str(PAGE)} | ({"locator": locator} if locator else {})
        response = client.send(
            "GET", f"{job}/results", params=params, headers={"Accept": "text/csv"}
        )
        assert response is not None
        locator = response.headers.get("sforce-locator", "")
        locator = "" if locator == "null" else locator
        rows = _read(response.text)
        yield Part(rows, locator)
        if not locator:
            return


def update(client: Client, of: str, records: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """Update records by their `Id`: for each id None, or why not. {} in a dry run.

    What was not worked at (the job was stopped, a limit) is told as `UNPROCESSED`.
    """
    body = {"operation": "update", "object": of, "contentType": "CSV", "lineEnding": "LF"}
    made = client.call("POST", f"{client.data}/jobs/ingest", json=body)
    if not made:
        return {}
    job = f"{client.data}/jobs/ingest/{made['id']}"
    content = _written(records).encode()
    client.call("PUT", f"{job}/batches", content=content, headers={"Content-Type": "text/csv"})
    client.call("PATCH", job, json={"state": "UploadComplete"})
    _wait(client, job)
    found: dict[str, str | None] = {str(one["Id"]): "UNPROCESSED" for one in records}
    for kind in ("successfulResults", "failedResults"):
        response = client.send("GET", f"{job}/{kind}", headers={"Accept": "text/csv"})
        for row in _read(response.text if response is not None else ""):
            id_ = str(row.get("sf__Id") or row.get("Id") or "")
            found[id_] = None if kind == "successfulResults" else str(row.get("sf__Error") or "")
    return found


def _wait(client: Client, job: str) -> None:
    wait, waited = FIRST_WAIT_S, 0.0
    while True:
        said = client.call("GET", job)
        state = said.get("state")
        if state in _OVER:
            break
        if waited >= PATIENCE_S:
            raise RemoteError(
                f"Salesforce is still at the job {said.get('id')}.", permanent=False, after_s=60.0
            )
        client.http.sleep(wait)
        waited += wait
        wait = min(wait * 2, LONGEST_WAIT_S)
    # A failed update says by its results what was done; a failed query has none.
    if state != "JobComplete" and "/query/" in job:
        why = str(said.get("errorMessage") or state)
        raise RemoteError(f"Salesforce could not do the query: {why[:300]}", permanent=True)


def _read(text: str) -> list[Row]:
    return [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))]


def _written(records: Sequence[Mapping[str, Any]]) -> str:
    """As the Bulk API reads it: `#N/A` takes a value away, an empty cell would leave it."""
    names = list(dict.fromkeys(name for one in records for name in one))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    for one in records:
        writer.writerow(["#N/A" if one.get(n) in (None, "") else one[n] for n in names])
    return stream.getvalue()
