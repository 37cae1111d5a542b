"""docs/command-line.md is held to the real command line, in both directions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from leadwise.cli import build
from leadwise.cli.failures import DEBUG, DEFECT, ENDED, INTERRUPTED, NO, UNREAD, WRONG_USE
from leadwise.engines.entry.columns import OWN
from leadwise.plan.render import DIALECTS
from tests.docs.pages import ROOT, section

PAGE = ROOT / "docs" / "command-line.md"
SECTIONS = {"Exit codes", "Files", "Surroundings"}


def _root() -> Any:
    return typer.main.get_command(build())


def _commands() -> dict[str, Any]:
    found: dict[str, Any] = _root().commands
    return found


def _options(command: Any) -> dict[str, Any]:
    """Each option's longest name; `--help` is everybody's."""
    return {
        max(p.opts, key=len): p
        for p in command.params
        if p.param_type_name == "option" and "--help" not in p.opts
    }


def _documented(name: str) -> dict[str, str]:
    """Option -> what its row says, metavar included."""
    rows = re.findall(r"^\| `(--[a-z-]+)([^`]*)` \| (.*) \|$", section(PAGE, name), re.M)
    assert len(rows) == len({option for option, _, _ in rows})
    return {option: metavar + " " + said for option, metavar, said in rows}


def test_every_command_has_a_section_and_a_row() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = set(_commands())
    assert set(re.findall(r"^## (.*)$", text, re.M)) == names | SECTIONS
    assert set(re.findall(r"^\| \[`([a-z]+)`\]\(#\1\) \|", text, re.M)) == names
    for option in _options(_root()):
        assert f"--{option.strip('-')}`" in text


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_option_is_documented_and_every_documented_option_exists(name: str) -> None:
    real, told = _options(_commands()[name]), _documented(name)
    assert set(told) == set(real)
    for option, parameter in real.items():
        if parameter.required:
            assert "required" in told[option], option
            assert f"{option} " in re.findall(r"^`leadwise .*`$", section(PAGE, name), re.M)[0]
        if parameter.is_flag:
            assert told[option].startswith(" "), f"{option} takes no value"
        elif parameter.metavar:
            assert told[option].startswith(f" {parameter.metavar} "), option


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_argument_is_in_the_synopsis(name: str) -> None:
    synopsis = re.findall(r"^`(leadwise .*)`$", section(PAGE, name), re.M)
    arguments = [p for p in _commands()[name].params if p.param_type_name == "argument"]
    assert len(synopsis) == 1
    assert synopsis[0].startswith(" ".join([f"leadwise {name}", *(a.metavar for a in arguments)]))


def test_every_exit_code_is_documented() -> None:
    codes = re.findall(r"^\| (\d+) \|", section(PAGE, "Exit codes"), re.M)
    assert [int(code) for code in codes] == [0, NO, WRONG_USE, DEFECT, INTERRUPTED, UNREAD, ENDED]


def test_every_column_and_engine_is_documented() -> None:
    files = section(PAGE, "Files")
    for name in (*OWN, "outcome", "decided_at"):
        assert f"`{name}`" in files
    for dialect in DIALECTS:
        assert f"`{dialect}`" in section(PAGE, "sql")


def test_every_variable_of_the_environment_is_documented() -> None:
    sources = (ROOT / "src").rglob("*.py")
    used = {v for p in sources for v in _variables(p)}
    assert used == {DEBUG}
    assert DEBUG in section(PAGE, "Surroundings")


def _variables(path: Path) -> set[str]:
    return set(re.findall(r'"(LEADWISE_[A-Z_]+)"', path.read_text(encoding="utf-8")))
