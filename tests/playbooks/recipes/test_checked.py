"""The recipes pass `leadwise playbook check` with their card and mails, without a warning; the page
about them names them all."""

from __future__ import annotations

from leadwise.playbooks.library import connections_of, mails_of
from leadwise.playbooks.runs.ways import read_playbook
from tests.cli.running import document
from tests.docs.pages import ROOT
from tests.playbooks.recipes.conftest import EXAMPLES

RECIPES = sorted(one for one in EXAMPLES.glob("*.yaml") if one.name != "card.yaml")
GIVEN = ("--card", str(EXAMPLES / "card.yaml"), "--mails", str(EXAMPLES / "mails"))


def test_they_are_fine_without_a_warning() -> None:
    found = document("playbook", "check", *RECIPES, *GIVEN)["playbooks"]
    assert len(found) == len(RECIPES) == 5
    assert [(one["ok"], one["problems"]) for one in found] == [(True, [])] * 5


def test_the_page_says_what_each_needs() -> None:
    page = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    parts = {path.name: part for part in page.split("\n## ") for path in RECIPES
             if f"({'../examples/playbooks/' + path.name})" in part}  # fmt: skip
    for path in RECIPES:
        playbook = read_playbook(path.read_text("utf-8"))
        needed = {*connections_of(playbook), *(one.source for one in playbook.triggers)}
        for name in needed:
            assert f"`{name}`" in parts[path.name], name
        for mail in mails_of(playbook):
            assert f"../examples/playbooks/mails/{mail}.md" in parts[path.name]
