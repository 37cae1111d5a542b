"""docs/errors.md and the codes that the sources raise outside cards are the same set.

The codes of cards are compared by tests/card/test_error_codes.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "errors.md"
CODE = r"[a-z]+(?:-[a-z0-9]+)*"
MADE_OF_TYPES = {"input-number", "input-boolean", "input-time"}
"""`findings` writes these as `input-{type}`; texts and choices are never wrong in that way."""


def documented() -> tuple[set[str], set[str]]:
    """(codes of cards, all other codes), as the page has them."""
    before, cards, after = re.split(
        r"^## Cards\n|^## Files and frames\n", PAGE.read_text(encoding="utf-8"), flags=re.M
    )
    assert not re.findall(rf"^\| `({CODE})` \|", before, re.M)
    of_cards, others = (set(re.findall(rf"^\| `({CODE})` \|", x, re.M)) for x in (cards, after))
    return of_cards, others


def raised() -> Iterator[tuple[str, str]]:
    """(file, code) of every error and problem made outside `card`."""
    for path in sorted((ROOT / "src" / "leadwise").rglob("*.py")):
        name = path.relative_to(ROOT / "src" / "leadwise").as_posix()
        if name.startswith("card/"):
            continue
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("UserError", "Problem"):
                yield from ((name, code) for code in _codes(node.args[0], name))
        yield from ((name, code) for code in re.findall(rf'"error\[({CODE})\]', source))


def _codes(node: ast.expr, name: str) -> set[str]:
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.JoinedStr):
        assert ast.unparse(node) == "f'input-{type_}'", f"{name} makes codes in a new way"
        return MADE_OF_TYPES
    # cli/failures shows the code of an error that was raised elsewhere.
    assert ast.unparse(node) == "error.code", f"{name} makes codes in a new way"
    return set()


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    of_cards, others = documented()
    found = {code for _, code in raised()}
    assert found - of_cards == others


def test_what_is_said_of_every_code_has_a_remedy() -> None:
    for row in re.findall(rf"^\| `{CODE}` \|.*$", PAGE.read_text(encoding="utf-8"), re.M):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 3, row
        assert all(cell.endswith((".", "…")) for cell in cells[1:]), row
