"""`leadwise playbook check, fmt, describe, diff, schema, new`."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadwise.playbooks.library import NAMES, mails_of, shipped_playbook, shipped_text
from tests.cli.running import EXAMPLES, document, run

FOLDER = EXAMPLES / "playbooks"
CARD = ("--card", str(FOLDER / "card.yaml"))
INVOICE = FOLDER / "invoice.yaml"


def _broken(folder: Path) -> Path:
    path = folder / "broken.yaml"
    path.write_text("playbook: p\nversion: 1\nstarts: {band: ht}\nsteps: [{wait: 1 month}]\n")
    return path


def test_a_right_playbook_is_fine() -> None:
    told = run("playbook", "check", INVOICE, "sales-call", *CARD).stdout
    assert "invoice.yaml: fine. invoice, version 1: 1 start, " in told
    assert "sales-call: fine. sales-call, version 1: 1 start, 13 steps, 1 goal; " in told


def test_a_wrong_one_is_told_with_all_that_is_wrong(tmp_path: Path) -> None:
    path = _broken(tmp_path)
    told = run("playbook", "check", path, *CARD, code=1).stdout
    assert "broken.yaml:3:16: error[unknown-band]: the card has no band 'ht'" in told
    assert "broken.yaml:4:16: error[bad-duration]" in told
    assert "broken.yaml: 2 errors" in told
    (found,) = document("playbook", "check", path, *CARD, code=1)["playbooks"]
    assert (found["ok"], found["playbook"], found["hash"]) == (False, None, None)
    assert [one["code"] for one in found["problems"]] == ["unknown-band", "bad-duration"]
    assert found["problems"][0]["line"] == 3


def test_mails_are_looked_for_where_they_are_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "call-booked.es.md").write_text("---\nsubject: x\n---\nx\n")
    run("playbook", "check", "sales-call", "--mails", tmp_path)
    told = run("playbook", "check", "nurture-by-mail", "--mails", tmp_path, code=1).stdout
    assert told.count("error[unknown-template]") == 3
    run("playbook", "check", "sales-call", "--mails", tmp_path / "no", code=2)


def test_files_that_start_each_other_are_told(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one"), ("three", "one")):
        (tmp_path / f"{name}.yaml").write_text(
            f"playbook: {name}\nversion: 1\nstarts: {{band: hot}}\nsteps: [{{start: {other}}}]\n"
        )
    one, two, three = (tmp_path / f"{name}.yaml" for name in ("one", "two", "three"))
    told = run("playbook", "check", one, two, three, code=1).stdout
    assert told.count("error[starts-itself]") == 2
    assert "this playbook starts itself, by way of two" in told
    assert "three.yaml: fine" in told
    run("playbook", "check", one, three)  # of what is not there nothing is known


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert "no-such-playbook" in run("playbook", "check", "sales", code=2).stderr
    assert "cannot-read" in run("playbook", "check", tmp_path / "no.yaml", code=2).stderr
    (tmp_path / "latin.yaml").write_bytes(b"playbook: p\xe9\n")
    assert "not-utf-8" in run("playbook", "check", tmp_path / "latin.yaml", code=1).stdout


def test_standard_input() -> None:
    text = shipped_text("call-now")
    assert run("playbook", "check", "-", stdin=text).stdout.startswith("-: fine. call-now")
    assert run("playbook", "fmt", "-", stdin=text).stdout == text
    assert "input-twice" in run("playbook", "diff", "-", "-", code=2, stdin=text).stderr


def test_form(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(shipped_text("call-now").replace("- push: crm", "- push:    crm # told"))
    assert "not in canonical form" in run("playbook", "fmt", "--check", path, code=1).stdout
    run("playbook", "fmt", path)
    assert "- push: crm  # told" in path.read_text()
    run("playbook", "fmt", "--check", path)
    before = _broken(tmp_path).read_text()
    assert "bad-duration" in run("playbook", "fmt", tmp_path / "broken.yaml", code=2).stderr
    assert (tmp_path / "broken.yaml").read_text() == before


def test_description() -> None:
    told = run("playbook", "describe", "call-now").stdout
    assert told.startswith("Call now (call-now), version 1\n")
    found = document("playbook", "describe", "sales-call", *CARD)
    assert found["mails"] == ["call-booked"]
    assert found["connections"] == ["crm", "calendar", "calls"]
    assert found["content"]["playbook"] == "sales-call"


def test_changes(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(shipped_text("call-now").replace("again: 60 days", "again: 30 days"))
    told = run("playbook", "diff", "call-now", path, code=1).stdout
    assert told == 'safety: again from "60 days" to "30 days"\n'
    assert document("playbook", "diff", "call-now", path, code=1)["changes"] == [told.strip()]
    assert run("playbook", "diff", "call-now", "call-now").stdout == "The playbooks are the same.\n"


def test_schema() -> None:
    assert '"title": "Leadwise playbook"' in run("playbook", "schema").stdout


def test_shipped_ones_are_listed_and_copied(tmp_path: Path) -> None:
    listed = run("playbook", "new").stdout
    assert all(name in listed for name in NAMES)
    assert [one["playbook"] for one in document("playbook", "new")["playbooks"]] == [*NAMES]
    mails = tmp_path / "mails"
    result = run("playbook", "new", "quiet-leads", "--mails", mails)
    assert result.stdout == shipped_text("quiet-leads")
    names = mails_of(shipped_playbook("quiet-leads"))
    assert sorted(path.stem for path in mails.iterdir()) == sorted(names)
    (mails / f"{names[0]}.md").write_text("our own")
    again = run("playbook", "new", "quiet-leads", "--mails", mails)
    assert again.stderr.count("stays as it is") == 2
    assert (mails / f"{names[0]}.md").read_text() == "our own"
    run("playbook", "new", "nothing", code=2)
    run("playbook", "new", "--mails", mails, code=2)


@pytest.mark.parametrize("name", ["check", "fmt", "describe", "diff", "schema", "new"])
def test_help_has_examples(name: str) -> None:
    assert f"leadwise playbook {name}" in run("playbook", name, "--help").stdout
