"""Past conversations, many at once: what is uploaded becomes a job, whose progress is shown.

JSON lines are taken as the API takes them. Other files are a conversation each, whose name says
with whom and on which day: `ana@acme.example 2026-03-04.vtt`, or `lead 17 2026-03-04.txt`.
"""

from __future__ import annotations

import json
import re
import uuid
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.jobs import Job
from leadwise.qualify.batch import KIND
from leadwise.qualify.frame.model import said
from leadwise.qualify.library import all_frames
from leadwise.web.api.imports import FOLDER
from leadwise.web.api.qualifying import begin_batch
from leadwise.web.pages.admin.wording import state_names
from leadwise.web.pages.lead.asked import typed
from leadwise.web.pages.lower import in_words
from leadwise.web.pages.qualify.reader import SOURCE, model_offered, reader_asked
from leadwise.web.pages.qualify.standing import PREFERRED
from leadwise.web.pages.qualify.tabs import show
from leadwise.web.pages.visit import Visit

MOST_FILES = 200
MOST_BYTES = 30_000_000
SHOWN = 20
NAMED = "ana@acme.example 2026-03-04.vtt\nlead 17 2026-03-04.txt"
LINED = '{"crm_id": "0031", "held_at": "2026-03-04T09:00:00Z", "text": "Ana: We have 80k."}'
"""What the page shows as examples."""
LINES = (".jsonl", ".ndjson", ".jsonlines")
_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.](\d\d)[-_.](\d\d)(?!\d)")
_MAIL = re.compile(r"[^\s@/\\]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_ENDS = re.compile(r"(?i)\.(?:txt|text|vtt|srt|json|eml|md|log)$")
_LEAD = re.compile(r"(?i)lead[ _-]?(\d{1,15})")


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as it is shown."""

    job: Job
    said: str
    share: float | None
    moving: bool
    result: dict[str, Any]


def show_batch(visit: Visit) -> Response:
    """The form, and the jobs there are."""
    return _page(visit, {}, None)


def batch_progress(visit: Visit) -> Response:
    """How far the jobs are: a part that asks again by itself."""
    return visit.page("qualify/batch_jobs.html", jobs=_jobs(visit))


def begin(visit: Visit) -> Response:
    """Take in what was uploaded as a job."""
    _ = visit.texts.say
    frames = [one.name for one in visit.read(all_frames)]
    frame = next((name for name in frames if name == typed(visit, "frame")), PREFERRED)
    seller = [part.strip() for part in typed(visit, "seller").split(",") if part.strip()]
    faults: dict[str, str] = {}
    lines: list[bytes] = []
    size = 0
    for file in visit.form.getlist("files"):
        if not isinstance(file, UploadFile) or not file.filename:
            continue
        data = file.file.read(MOST_BYTES + 1)
        size += len(data)
        if size > MOST_BYTES:
            faults["files"] = _("At most %(number)s MB at once.", number=MOST_BYTES // 1_000_000)
            break
        if file.filename.lower().endswith(LINES):
            lines += [line for line in data.splitlines() if line.strip()]
        else:
            lines.append(line_of(file.filename, data, seller))
    if not lines and not faults:
        faults["files"] = _("Choose files with conversations.")
    if faults:
        return _page(visit, faults, None, 422)
    try:
        job_id = f"{KIND}:{uuid.uuid4().hex}"
        folder = visit.site.settings.data / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / job_id.replace(":", "-")
        _write(path, lines)
        begin_batch(visit.site.api, visit.who.actor, path, job_id, frame=frame,
                    reader=reader_asked(visit), source=SOURCE)  # fmt: skip
    except UserError as error:
        return _page(visit, {}, in_words(error, visit.texts), 422)
    notice = visit.texts.count("%(num)s conversation is being read.",
                               "%(num)s conversations are being read.", len(lines))  # fmt: skip
    return visit.go("/qualification/batch", notice)


def line_of(name: str, data: bytes, seller: list[str]) -> bytes:
    """A file as a line of the job; what its name does not say, the job refuses by its number."""
    line: dict[str, Any] = {"data": b64encode(data).decode(), "name": name}
    stem = _ENDS.sub("", name)
    mail, lead, day = _MAIL.search(stem), _LEAD.search(stem), _DAY.search(stem)
    if lead:
        line["lead_id"] = int(lead[1])
    elif mail:
        line["email"] = mail[0]
    if day:
        with suppress(ValueError):
            line["held_on"] = date(int(day[1]), int(day[2]), int(day[3])).isoformat()
    if seller:
        line["seller"] = seller
    return json.dumps(line, ensure_ascii=False).encode()


def _write(path: Path, lines: list[bytes]) -> None:
    with path.open("xb") as file:
        file.writelines(line + b"\n" for line in lines)


def _page(visit: Visit, faults: dict[str, str], error: UserError | None, status: int = 200
          ) -> Response:  # fmt: skip
    frames = visit.read(all_frames)
    language = visit.texts.language
    return show(
        visit, "batch", status=status, faults=faults, error=error, jobs=_jobs(visit),
        frames=[(one.name, said(one.label, language)) for one in frames], most=MOST_FILES,
        named=NAMED, lined=LINED, model=model_offered(visit),
        given={"frame": typed(visit, "frame") or PREFERRED, "seller": typed(visit, "seller"),
               "reader": typed(visit, "reader")},
    )  # fmt: skip


def _jobs(visit: Visit) -> list[Shown]:
    if visit.site.api.jobs is None:
        return []
    names = state_names(visit.texts)
    found = []
    for job in visit.site.api.jobs.list(KIND, limit=SHOWN):
        share = job.done / job.total if job.done is not None and job.total else None
        result = job.result if isinstance(job.result, dict) else {}
        moving = job.state in ("waiting", "running")
        found.append(Shown(job, names[job.state], share, moving, result))
    return found
