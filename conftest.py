"""What holds for every test run: no skips where they are forbidden, how long Hypothesis looks, that
tests of one `xdist_group` share a worker, and that a large heap is not searched again and again.

On a laptop a missing part (no Java, no PostgreSQL) is a skip with its reason. Where `CI=true` or
`LEADWISE_NO_SKIP=1` is set, a skip is a failure, so that nothing passes by not being there.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from _pytest.nodeid import NodeId
from hypothesis import HealthCheck, settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def skips_are_forbidden() -> bool:
    """Whether the surroundings ask that every test really runs."""
    return os.environ.get("CI") == "true" or os.environ.get("LEADWISE_NO_SKIP") == "1"


def as_failure(report: Report) -> Report:
    """The same report, failed if it was a skip; an expected failure is not a skip."""
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = (
            f"{reason}\n\nSkips are forbidden here (CI=true or LEADWISE_NO_SKIP=1): install what "
            "is missing. `.ci/run` shows which packages of the operating system are needed."
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return as_failure(report) if skips_are_forbidden() else report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return as_failure(report) if skips_are_forbidden() else report


def pytest_configure(config: pytest.Config) -> None:
    """Profiles: `test` for every run, `laws` (make laws) for a long look."""
    settings.register_profile("test", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("laws", settings.get_profile("test"), max_examples=3000)
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("test")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Writes `@group` behind the ids of grouped tests, by which xdist's scheduler knows them.

    pytest-xdist 3.8 does that itself, into an attribute that pytest 9.2 no longer has; its groups
    then hold for nothing, and say so to nobody (pytest-xdist, issue 1386).
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
        ending = "@" + "_".join(groups)
        if groups and not item.nodeid.endswith(ending):
            item._id = NodeId.parse(item.nodeid + ending)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What stands from now on (thousands of tests, all modules) the collector need not look at.

    A full collection looked at two million objects for most of a second, fifty times a run.
    """
    gc.freeze()


def pytest_sessionfinish() -> None:
    """What ends, ends as always."""
    gc.unfreeze()
