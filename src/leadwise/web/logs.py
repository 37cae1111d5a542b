"""Structured logs on standard error: JSON or lines for people, with nothing secret in them.

Modules log through `logging.getLogger("leadwise.…")` or structlog; libraries through `logging`.
All lines pass the same processors. `configure` is called once, by whoever runs the process.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO, TypeAlias

import structlog
from structlog.typing import Processor

from leadwise.settings import LogSettings
from leadwise.web.redaction import redact

EventDict: TypeAlias = MutableMapping[str, Any]
_HARMLESS = frozenset({"timestamp", "level", "exc_info", "_record", "_from_structlog"})
RUNNING: ContextVar[str] = ContextVar("leadwise_request_id", default="")
"""The id of the request that is being answered; every line that is written meanwhile bears it."""
QUIET = (
    "uvicorn.access", "uvicorn.error", "asyncio", "alembic", "sqlalchemy", "dbos", "httpx2",
    "httpcore2", "urllib3", "botocore", "boto3", "s3transfer", "apprise",
)  # fmt: skip
"""Loggers that speak only from `warning` on."""


def configure(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send every log line of the process to `stream` (standard error) in the wanted form."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        _with_request,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                *(_json() if as_json else _console(stream)),
            ],
        )
    )
    handler.addFilter(_without_noise)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "dbos"):
        # These may have handlers of their own, which know nothing of secrets.
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
    logging.captureWarnings(True)
    # A log that cannot be written (a full disk, a closed pipe) must not stop the service.
    logging.raiseExceptions = False
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


@contextmanager
def configured(settings: LogSettings, stream: TextIO | None = None) -> Iterator[None]:
    """The same for a while; afterwards logging is as it was before."""
    root = logging.getLogger()
    handlers, level, raising = list(root.handlers), root.level, logging.raiseExceptions
    try:
        configure(settings, stream)
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.raiseExceptions = raising
        logging.captureWarnings(False)
        structlog.reset_defaults()


def without_secrets(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """A processor: every value of the line without keys, passwords and e-mail addresses."""
    for name, value in line.items():
        if name not in _HARMLESS:
            line[name] = redact(value, name)
    return line


def _without_noise(record: logging.LogRecord) -> bool:
    # Anybody can send bytes that are no HTTP; ten thousand of them are no news.
    return not (record.name == "uvicorn.error" and record.msg == "Invalid HTTP request received.")


def _with_request(_logger: Any, _method: str, line: EventDict) -> EventDict:
    if RUNNING.get():
        line["request_id"] = RUNNING.get()
    return line


def _json() -> list[Processor]:
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return [structlog.processors.EventRenamer("message"), _ordered, renderer]


def _ordered(_logger: Any, _method: str, line: EventDict) -> EventDict:
    first = {name: line[name] for name in ("timestamp", "level", "logger", "message")}
    return first | dict(line)


def _console(stream: TextIO) -> list[Processor]:
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0)]
