"""The peer: what a team writes itself in an afternoon. It stores events and adds points to leads.

    python -m bench.live.naive --database FILE_OR_URL --key KEY --port N

Same server (uvicorn, uvloop, httptools), same batches, an event is stored once, one commit for each
request, durable as Leadwise's. Its score is a sum that only grows: no windows, limits, fading, no
facts, no identities beyond the user id, no ledger, and a changed rule never reaches what was added.
"""

import argparse
import base64
import json
import sqlite3

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

POINTS = {"page": 1, "email_opened": 1, "email_clicked": 3, "demo_requested": 30, "trial_login": 2}
TABLES = (
    "CREATE TABLE IF NOT EXISTS lead (id TEXT PRIMARY KEY, points BIGINT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS event
    (message_id TEXT PRIMARY KEY, lead_id TEXT, name TEXT, at TEXT, doc TEXT, context TEXT)""",
    "CREATE INDEX IF NOT EXISTS events_of_lead ON event (lead_id, at)",
)
STORE = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
ADD = "UPDATE lead SET points = points + ? WHERE id = ?"
MEET = "INSERT INTO lead VALUES (?, ?) ON CONFLICT DO NOTHING"


def connect(database: str, durability: str) -> sqlite3.Connection | psycopg.Connection:
    """A connection to either store, durable as asked."""
    if "://" in database:
        remote = psycopg.connect(database)
        remote.execute(f"SET synchronous_commit = {'on' if durability == 'power' else 'off'}")
        return remote
    local = sqlite3.connect(database, check_same_thread=False)
    local.execute("PRAGMA journal_mode = WAL")
    local.execute(f"PRAGMA synchronous = {'FULL' if durability == 'power' else 'NORMAL'}")
    return local


def application(database: str, key: str, durability: str = "process") -> Starlette:
    connection = connect(database, durability)
    spoken = [s if "://" not in database else s.replace("?", "%s") for s in (STORE, ADD, MEET)]
    store, add, meet = spoken
    for table in TABLES:
        connection.execute(table)
    connection.commit()
    signed = "Basic " + base64.b64encode(f"{key}:".encode()).decode()

    async def take(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != signed:
            return JSONResponse({"success": False}, 401)
        body = await request.json()
        for said in body.get("batch") or [body]:
            lead, name = said["userId"], said.get("event") or said["type"]
            texts = [json.dumps(said.get(part)) for part in ("properties", "context")]
            row = (said["messageId"], lead, name, said["timestamp"], *texts)
            if connection.execute(store, row).rowcount:  # not when it was sent before
                points = POINTS.get(name, 1)
                if not connection.execute(add, (points, lead)).rowcount:
                    connection.execute(meet, (lead, points))
        connection.commit()
        return JSONResponse({"success": True})

    async def ready(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ready"})

    paths = ("batch", "track", "page")
    routes = [Route(f"/v1/{path}", take, methods=["POST"]) for path in paths]
    return Starlette(routes=[*routes, Route("/ready", ready)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("--database", "--key", "--port", "--durability"):
        parser.add_argument(name)
    options = parser.parse_args()
    served = application(options.database, options.key, options.durability or "process")
    uvicorn.run(served, port=int(options.port), log_level="warning", access_log=False)
