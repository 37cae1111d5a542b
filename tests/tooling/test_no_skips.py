"""A skip is a skip on a laptop and a failure where skips are forbidden."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[2] / "conftest.py"
TESTS = """
import pytest

def test_by_a_call():
    pytest.skip('no Java')

@pytest.mark.skip(reason='no PostgreSQL')
def test_by_a_mark(): pass

@pytest.mark.xfail
def test_expected_failure(): assert False

def test_that_passes(): pass
"""
MODULE = "import pytest\npytest.importorskip('no_such_module', reason='no Spark')\n"


def run(folder: Path, **surroundings: str) -> tuple[int, str]:
    """The exit code and output of pytest, with the project's conftest.py, on the tests above."""
    (folder / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "test_some.py").write_text(TESTS)
    (folder / "test_module.py").write_text(MODULE)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CI", "LEADWISE_NO_SKIP"} and not name.startswith("PYTEST_")
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "-p", "no:schemathesis",
         "--rootdir=.", "--continue-on-collection-errors"],
        cwd=folder,
        env=kept | surroundings,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["CI=true", "LEADWISE_NO_SKIP=1"])
def test_a_skip_fails_where_skips_are_forbidden(tmp_path: Path, name: str) -> None:
    variable, value = name.split("=")
    code, output = run(tmp_path, **{variable: value})
    assert code == 1, output
    assert "1 failed, 1 passed, 1 xfailed, 2 errors" in output
    for reason in ("no Java", "no PostgreSQL", "no Spark"):
        assert f"{reason}\n\nSkips are forbidden here" in output


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    code, output = run(tmp_path)
    assert code == 0, output
    assert "1 passed, 3 skipped, 1 xfailed" in output
    assert "Skips are forbidden here" not in output
