"""docs/errors.md and docs/service-errors.md hold the very codes that the sources raise outside
cards.

The codes of cards are compared by tests/card/test_error_codes.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from leadwise.web.problems import _BY_STATUS as BY_STATUS
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "errors.md"
SERVICE = ROOT / "docs" / "service-errors.md"
SOURCES = ROOT / "src" / "leadwise"
CODE = r"[a-z]+(?:-[a-z0-9]+)*"
MADE_OF_TYPES = {"input-number", "input-boolean", "input-time"}
"""`findings` writes these as `input-{type}`; texts and choices are never wrong in that way."""
MAKERS = {"UserError": 0, "Problem": 0, "JobError": 0, "Failure": 1, "Refusal": 1,
          "problem_response": 1, "fault_at": 2}  # fmt: skip
"""What makes an error out of a code, and the place of the code among its arguments; a document
`{"code": ...}` that is written out is one, too."""


def documented() -> tuple[set[str], set[str]]:
    """(codes of cards, all other codes), as the pages have them."""
    before, cards, after = re.split(
        r"^## Cards\n|^## Files and frames\n", PAGE.read_text(encoding="utf-8"), flags=re.M
    )
    assert not _rows(before)
    others = _rows(after) + _rows(SERVICE.read_text(encoding="utf-8"))
    assert len(others) == len(set(others)), "a code stands twice"
    return set(_rows(cards)), set(others)


def _rows(text: str) -> list[str]:
    return re.findall(rf"^\| `({CODE})` \|", text, re.M)


def raised() -> Iterator[tuple[str, str]]:
    """(file, code) of every error and problem made outside `card`."""
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        if not name.startswith(("card/", "testing/")):  # the fakes speak as their vendors do
            yield from ((name, code) for code in Source(path, name).codes())
    # Shapes of frames refuse as those of cards do.
    shape = "qualify/frame/shape.py"
    told = re.findall(rf'refusal\(\s*"({CODE})"', (SOURCES / shape).read_text(encoding="utf-8"))
    yield from ((shape, code) for code in told)
    # What the framework refuses gets its code by the status of the answer.
    yield from (("web/problems.py", code) for code in BY_STATUS.values())


class Source:
    """A file whose codes are followed through variables, parameters and choices."""

    def __init__(self, path: Path, name: str):
        self.text, self.name = path.read_text(encoding="utf-8"), name
        self.tree = ast.parse(self.text)
        self.nodes = list(ast.walk(self.tree))
        functions = [n for n in self.nodes if isinstance(n, ast.FunctionDef)]
        self.inside = {n: f for f in functions for n in ast.walk(f)}

    def codes(self) -> set[str]:
        found = set(re.findall(rf'"error\[({CODE})\]', self.text))
        for call, inside in self._calls():
            place = MAKERS.get(_called(call))
            if place is not None:
                found |= self._of_argument(call, place, "code", inside)
        for node in self.nodes:
            for key, value in zip(*_members(node), strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    found |= self._of(value, self.inside.get(node))
        return found

    def _calls(self) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
        """Each call with the innermost function around it."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield node, self.inside.get(node)

    def _of_argument(
        self, call: ast.Call, place: int, name: str, inside: ast.FunctionDef | None
    ) -> set[str]:
        named = [k.value for k in call.keywords if k.arg == name]
        if named:
            return self._of(named[0], inside)
        # `Failure(**data)` and `JobError(**...)` are read again as they were written.
        return self._of(call.args[place], inside) if len(call.args) > place else set()

    def _of(self, node: ast.expr, inside: ast.FunctionDef | None) -> set[str]:
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.IfExp):
            return self._of(node.body, inside) | self._of(node.orelse, inside)
        if isinstance(node, ast.Dict) or (isinstance(node, ast.Attribute) and node.attr == "code"):
            return set()  # of a schema, of an error that was raised elsewhere
        if isinstance(node, ast.JoinedStr) and ast.unparse(node) == "f'input-{type_}'":
            return MADE_OF_TYPES
        if ast.unparse(node).startswith("_BY_STATUS.get(status, "):
            return self._of(node.args[1], inside)
        assert isinstance(node, ast.Name), self._new_way(node)
        assert inside is not None, self._new_way(node)
        return self._of_variable(node.id, inside)

    def _of_variable(self, name: str, inside: ast.FunctionDef) -> set[str]:
        """What a variable is set to, or what those who call the function give as that parameter."""
        parameters = [argument.arg for argument in inside.args.args]
        if name in parameters:
            return {
                code
                for call, around in self._calls()
                if _called(call) == inside.name
                for code in self._of_argument(call, parameters.index(name), name, around)
            }
        values = [
            node.value
            for node in ast.walk(inside)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
        ]
        assert values, f"{self.name} makes codes in a new way: {name}"
        return {code for value in values for code in self._of(value, inside)}

    def _new_way(self, node: ast.expr) -> str:
        return f"{self.name}:{node.lineno} makes codes in a new way: {ast.unparse(node)}"


def _members(node: ast.AST) -> tuple[list[ast.expr | None], list[ast.expr]]:
    return (node.keys, node.values) if isinstance(node, ast.Dict) else ([], [])


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    of_cards, others = documented()
    found = {code for _, code in raised()}
    assert found - of_cards == others


def test_codes_are_followed_through_variables() -> None:
    """Each of the ways in which the sources hand a code on, with one code that goes that way."""
    found = set(raised())
    assert {
        ("engines/entry/findings.py", "input-boolean"),  # made of a type
        ("ingest/segment/receiving.py", "event-too-large"),  # a parameter
        ("web/posted.py", "not-gzip"),
        ("web/api/sources.py", "no-such-form"),  # a variable
        ("web/recording.py", "not-recorded"),  # not of a UserError
        ("web/problems.py", "headers-too-large"),  # by status
    } <= found


def test_what_is_said_of_every_code_has_a_remedy() -> None:
    for page in (PAGE, SERVICE):
        for row in re.findall(rf"^\| `{CODE}` \|.*$", page.read_text(encoding="utf-8"), re.M):
            cells = [cell.strip() for cell in row.strip("|").split(" | ")]
            assert len(cells) == 3, row
            assert all(cell.endswith((".", "…")) for cell in cells[1:]), row
