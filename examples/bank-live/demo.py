"""Starts the service on a fresh data folder, with the bank's contacts and a simulated past.

The contacts are real (UCI Bank Marketing, CC BY 4.0), and so is whether they took a deposit. What
they do and who calls them is SIMULATED: no data of that kind is public (see past.py).

    python examples/bank-live/demo.py [--data .demo/live] [--port 8000] [--leads 5000]
"""

from __future__ import annotations

import argparse
import base64
import csv
import gzip
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import past

from leadwise.store.opening import Store

HERE = Path(__file__).parent
CONTACTS = HERE.parent / "bank-telemarketing" / "bank-additional-full.csv.gz"
ACCOUNT = "account.json"
EMAIL = "demo@bank.example"
SEED = 2027
LEADWISE = [sys.executable, "-m", "leadwise"]


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--data", type=Path, default=Path(".demo/live"))
    given.add_argument("--port", type=int, default=8000)
    given.add_argument("--stop", action="store_true", help="only stop what runs")
    given.add_argument("--leads", type=int, default=5_000, help="how many contacts, the last ones")
    options = given.parse_args()
    stop(options.data)
    if options.stop:
        return
    password = password_of(options.data)
    shutil.rmtree(options.data, ignore_errors=True)
    options.data.mkdir(parents=True, mode=0o700)
    (options.data / ACCOUNT).write_text(json.dumps({"email": EMAIL, "password": password}))
    (options.data / ACCOUNT).chmod(0o600)
    where = ["--data", str(options.data)]
    keys = json.loads(run("init", *where, "--json"))["keys"]
    now = datetime.now(UTC).replace(microsecond=0)
    contacts = the_contacts(options.leads)
    print(f"Living through twelve weeks with {len(contacts):,} contacts ...", flush=True)
    with Store(f"sqlite:///{options.data / 'leadwise.db'}") as store:
        sent = past.tell(store, contacts, HERE / "card.yaml", int(now.timestamp() * 1_000_000))
    run("member", "add", *where, "--email", EMAIL, "--name", "Demo", "--role", "administrator",
        "--password-stdin", given=password)  # fmt: skip
    base = serve(options.data, options.port)
    sent += sum(send(base, keys["write"], batch) for batch in batches(today(contacts, now)))
    wait_until_scored(base)
    show(options.data, base, keys, sent)
    print(ready(base, password))


def password_of(data: Path) -> str:
    """The password of an earlier demo, else a new one."""
    try:
        return str(json.loads((data / ACCOUNT).read_text())["password"])
    except (OSError, ValueError, KeyError):
        return "-".join(secrets.token_hex(2) for _ in range(4))


def the_contacts(count: int) -> list[dict[str, str]]:
    """The last contacts of the bank's file, under the names by which we know them."""
    with gzip.open(CONTACTS, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    first = max(0, len(rows) - count)
    return [
        row | {"lead_id": f"contact-{number}"}
        for number, row in enumerate(rows[first:], start=first + 1)
    ]


def today(contacts: list[dict[str, str]], now: datetime) -> Iterator[dict[str, Any]]:
    """The last hour, sent as a website would send it. Invented, not data."""
    chance = random.Random(SEED)
    for number in range(60):
        person = chance.choice(contacts)["lead_id"]
        name, properties = past.one_event(chance, chance.random())
        at = now - timedelta(minutes=60 - number)
        yield {
            "type": "track", "event": name, "userId": person, "timestamp": iso(at),
            "properties": properties | {"simulated": True}, "messageId": f"today-{number}",
        }  # fmt: skip


def batches(events: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for event in events:
        batch.append(event)
        if len(batch) == 100:
            yield batch
            batch = []
    if batch:
        yield batch


def send(base: str, key: str, batch: list[dict[str, Any]]) -> int:
    """Post a batch as a client of the tracking API would; `import` keeps the times of the past."""
    basic = base64.b64encode(f"{key}:".encode()).decode()
    ask(f"{base}/v1/import", {"batch": batch}, f"Basic {basic}")
    return len(batch)


def serve(data: Path, port: int) -> str:
    """Start the service in the background; the address that it answers at."""
    log = (data / "serve.log").open("w", encoding="utf-8")
    process = subprocess.Popen(
        [*LEADWISE, "serve", "--data", str(data), "--port", str(port)],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    (data / "serve.pid").write_text(str(process.pid), encoding="ascii")
    base = f"http://127.0.0.1:{port}"
    for _ in range(300):
        if process.poll() is not None:
            sys.exit((data / "serve.log").read_text(encoding="utf-8"))
        try:
            ask(f"{base}/readyz")
        except OSError:
            time.sleep(0.2)
        else:
            return base
    sys.exit(f"The service did not get ready within a minute: see {data / 'serve.log'}")


def stop(data: Path) -> None:
    """Stop the service of an earlier demo."""
    pid = data / "serve.pid"
    if not pid.exists():
        return
    number = int(pid.read_text(encoding="ascii"))
    for _ in range(150):
        try:
            os.kill(number, signal.SIGTERM)
        except ProcessLookupError:
            break
        time.sleep(0.2)
    pid.unlink()


def wait_until_scored(base: str) -> None:
    """Until everybody's score knows of everything that was sent."""
    for _ in range(600):
        with urllib.request.urlopen(f"{base}/metrics", timeout=30) as answer:
            if b"\nleadwise_touched 0.0" in answer.read():
                return
        time.sleep(0.2)
    sys.exit("Not everybody was scored within two minutes.")


def show(data: Path, base: str, keys: dict[str, str], sent: int) -> None:
    bearer = f"Bearer {keys['api']}"
    print(f"\nThe service runs at {base}, with {sent:,} SIMULATED events of twelve weeks.")
    print("Whom to call first, and why:")
    for lead in ask(f"{base}/api/leads?limit=5", None, bearer)["items"]:
        lines = ask(f"{base}/api/leads/{lead['id']}/ledger", None, bearer)["lines"]
        reasons = sorted((line for line in lines if line["points"]), key=_strength)[:4]
        said = ", ".join(f"{line['label']} {line['points']:+g}" for line in reasons)
        print(f"  {lead['identities'][0]['value']:<14} {lead['shown_score']:>6g}  {said}")
    print(f"""
Raise a contact's score (here contact-41188 asks to be called) ...
  curl -u {keys["write"]}: -H 'Content-Type: application/json' \\
    -d '{{"userId": "contact-41188", "event": "callback_requested"}}' {base}/v1/track
... and read it a moment later:
  curl -H 'Authorization: Bearer {keys["api"]}' \\
    '{base}/api/leads?user_id=contact-41188'

  metrics {base}/metrics    API {base}/api/openapi.json    log {data / "serve.log"}
  stop it with: make demo-stop""")


def ready(base: str, password: str) -> str:
    """What to open, and as whom."""
    return f"""
Open      {base}/
e-mail    {EMAIL}
password  {password}"""


def _strength(line: dict[str, Any]) -> float:
    return -abs(float(line["points"]))


def run(*command: str, given: str = "") -> str:
    done = subprocess.run(
        [*LEADWISE, *command], input=given, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def ask(url: str, body: object = None, authorization: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": authorization} if authorization else {}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    main()
