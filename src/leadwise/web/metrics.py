"""What Prometheus is told, from a registry of the service's own.

Counters and histograms are moved by whoever does the work (`events`, `commit_seconds`, ...);
gauges are read when somebody asks (`watch`, `watch_by`). All names start with `leadwise_`.
docs/operations.md lists them.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadwise.errors import UserError
from leadwise.web.problems import Refused

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LAG_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


class Metrics:
    """The registry and what is counted in it. Safe to use from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._watched = _Watched()
        self.registry.register(self._watched)
        self.request_seconds = Histogram(
            "leadwise_request_seconds",
            "Time from a request to its answer.",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.events = self._counter(
            "leadwise_events", "Events that came in, by what became of them.", "outcome"
        )
        """outcome: recorded, duplicate, refused."""
        self.batch_events = self._histogram(
            "leadwise_batch_events", "Events of one request.", SIZES
        )
        self.commit_events = self._histogram(
            "leadwise_commit_events", "Events written in one transaction.", SIZES
        )
        self.commit_seconds = self._histogram(
            "leadwise_commit_seconds", "Time of a transaction that records events.", SECONDS
        )
        self.scores = self._counter("leadwise_scores", "Leads scored.")
        self.band_changes = self._counter("leadwise_band_changes", "Leads that changed band.")
        self.score_lag_seconds = self._histogram(
            "leadwise_score_lag_seconds",
            "Time from an event coming in to the score that knows of it: the longest of a pass.",
            LAG_SECONDS,
        )

    def watch(self, name: str, text: str, read: Callable[[], float | None]) -> None:
        """A gauge that `read` is asked for at every scrape; None or an error leaves it out."""
        self._watched.add(name, text, "", lambda: {"": read()})

    def watch_by(
        self, name: str, text: str, label: str, read: Callable[[], Mapping[str, float]]
    ) -> None:
        """The same with a label: one value for each key that `read` gives."""
        self._watched.add(name, text, label, read)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it. May ask the store: not for the event loop."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, buckets=buckets, registry=self.registry)


Read = Callable[[], Mapping[str, float | None]]


class _Watched:
    """The gauges that are read at a scrape."""

    def __init__(self) -> None:
        self._gauges: list[tuple[str, str, str, Read]] = []

    def add(self, name: str, text: str, label: str, read: Read) -> None:
        self._gauges.append((name, text, label, read))

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        for name, text, label, read in self._gauges:
            try:
                values = read()
            except Exception as error:  # noqa: BLE001 - one that fails must not hide the others
                logging.getLogger("leadwise.web").warning("no metric %s: %s", name, error)
                continue
            family = GaugeMetricFamily(name, text, labels=[label] if label else [])
            for key, value in values.items():
                if value is not None:
                    family.add_metric([key] if label else [], value)
            yield family


def metrics_route(metrics: Metrics, token: str) -> Route:
    """`/metrics`: for who has the token; without a token, for this machine alone.

    A request that a proxy passed on is not from this machine, wherever the proxy is.
    """

    async def answer(request: Request) -> Response:
        if token:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                raise Refused(
                    401,
                    UserError("metrics-token", "The metrics want a token.",
                              hint="Send `Authorization: Bearer` and the setting metrics_token."),
                    {"WWW-Authenticate": "Bearer"},
                )  # fmt: skip
        elif not _from_here(request):
            raise Refused(
                403,
                UserError("metrics-token", "Without a token the metrics are for this machine.",
                          hint="Set metrics_token, and send it as `Authorization: Bearer`."),
            )  # fmt: skip
        body = await run_in_threadpool(metrics.text)
        return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return Route("/metrics", answer, methods=["GET"])


def _from_here(request: Request) -> bool:
    passed_on = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return request.client is not None and request.client.host in LOOPBACK and not passed_on
