"""docs/command-line.md (files) and docs/service-commands.md (a store) are held to the real command
line, in both directions."""

from __future__ import annotations

import re
from functools import cache
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
SERVICE = ROOT / "docs" / "service-commands.md"
SECTIONS = {PAGE: {"Exit codes", "Files", "Surroundings"}, SERVICE: {"The store"}}


@cache  # a tenth of a second, and each test asks several times
def _root() -> Any:
    return typer.main.get_command(build())


def _commands() -> dict[str, Any]:
    """Each command by what is typed for it: `check`, `playbook check`."""
    found: dict[str, Any] = {}
    for name, command in _root().commands.items():
        below = getattr(command, "commands", None)
        found |= {name: command} if below is None else {f"{name} {n}": c for n, c in below.items()}
    return found


def _options(command: Any) -> dict[str, Any]:
    """Each option's longest name; `--help` is everybody's."""
    return {
        max(p.opts, key=len): p
        for p in command.params
        if p.param_type_name == "option" and "--help" not in p.opts
    }


def _page(name: str) -> Path:
    """The page of a command: whatever needs the store is on that of the service."""
    return SERVICE if "--database" in _options(_commands()[name]) else PAGE


def _rows(text: str) -> dict[str, str]:
    """Option -> what its row says, metavar included."""
    rows = re.findall(r"^\| `(--[a-z-]+)([^`]*)` \| (.*) \|$", text, re.M)
    assert len(rows) == len({option for option, _, _ in rows})
    return {option: metavar + " " + said for option, metavar, said in rows}


def _documented(name: str) -> dict[str, str]:
    """The rows of a command, with those that all commands of the service share."""
    page = _page(name)
    own = _rows(section(page, name))
    shared = _rows(section(page, "The store")) if page == SERVICE else {}
    assert not own.keys() & shared.keys()
    return own | shared


def _synopsis(name: str) -> str:
    (found,) = re.findall(r"^`(leadwise .*)`$", section(_page(name), name), re.M)
    return str(found)


@pytest.mark.parametrize("page", SECTIONS, ids=lambda page: page.name)
def test_every_command_has_a_section_and_a_row(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    names = {name for name in _commands() if _page(name) == page}
    assert set(re.findall(r"^## (.*)$", text, re.M)) == names | SECTIONS[page]
    rows = re.findall(r"^\| \[`([a-z -]+)`\]\(#([a-z-]+)\) \|", text, re.M)
    assert {name for name, anchor in rows if anchor == name.replace(" ", "-")} == names


def test_options_of_leadwise_itself_are_documented() -> None:
    for option in _options(_root()):
        assert f"--{option.strip('-')}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_option_is_documented_and_every_documented_option_exists(name: str) -> None:
    real, told = _options(_commands()[name]), _documented(name)
    assert set(told) == set(real)
    for option, parameter in real.items():
        if parameter.required:
            assert "required" in told[option], option
            assert f"{option} " in _synopsis(name), option
        if parameter.is_flag:
            assert told[option].startswith(" "), f"{option} takes no value"
        elif parameter.metavar:
            assert told[option].startswith(f" {parameter.metavar} "), option


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_argument_is_in_the_synopsis(name: str) -> None:
    arguments = [p for p in _commands()[name].params if p.param_type_name == "argument"]
    whole = " ".join([f"leadwise {name}", *(a.metavar for a in arguments)])
    assert _synopsis(name).startswith(whole)


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
