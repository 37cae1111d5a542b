"""`--json`: one document on standard output, whatever else is said goes to standard error."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from leadwise.card import content_hash, load
from tests.cli.running import card, data, document, run

NOON = ("--as-of", "2026-04-01T12:00:00Z")
EVERYTHING = (card("everything"), *data("everything"))


def test_score() -> None:
    found = document("score", *EVERYTHING, *NOON)
    assert list(found) == ["card", "as_of", "known_by", "count", "bands", "notes", "leads"]
    assert found["card"] == {
        "id": "everything",
        "version": 2,
        "hash": content_hash(load(card("everything"))),
    }
    assert found["as_of"] == found["known_by"] == "2026-04-01T12:00:00Z"
    assert found["count"] == 6
    assert found["bands"] == {"cold": 2, "warm": 3, "hot": 1}
    assert [lead["lead_id"] for lead in found["leads"]] == [
        "ada",
        "eva",
        "bea",
        "fay",
        "cai",
        "dov",
    ]
    fay = found["leads"][3]
    assert (fay["score"], fay["fit"], fay["engagement"], fay["grade"]) == (37.8, 20.8, 17, "B2")
    assert fay["unknown"] == ["wants_pro"]
    assert fay["reasons"].startswith("Size +15; ")
    assert found["notes"] == ["1 value of 'role' not in its choices, taken for unknown: 'intern'."]


def test_score_with_top_ledger_and_out(tmp_path: Path) -> None:
    found = document("score", *EVERYTHING, *NOON, "--top", "1", "--ledger")
    (ada,) = found["leads"]
    assert ada["fit__max"] == -26
    assert ada["size"] == 30
    beside = document("score", *EVERYTHING, *NOON, "--out", tmp_path / "scores.csv")
    assert "leads" not in beside
    assert (tmp_path / "scores.csv").read_text().count("\n") == 7


def test_score_of_nobody(tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("lead_id,country\n")
    found = document("score", card("mexico-expansion"), "--leads", leads)
    assert found["leads"] == []
    assert found["count"] == 0
    shown = run("score", card("mexico-expansion"), "--leads", leads).stdout
    assert "There is nobody to score" in shown
    run("score", card("mexico-expansion"), "--leads", leads, "--out", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().startswith("lead_id,as_of,score,band,grade,fit,")
    asked = ("--from", "2026-01-01", "--to", "2026-02-01")
    assert document("history", card("mexico-expansion"), "--leads", leads, *asked)["leads"] == []
    assert document("forecast", card("mexico-expansion"), "--leads", leads)["changes"] == []
    both = document("compare", card("mexico-expansion"), card("mexico-expansion"), "--leads", leads)
    assert both["count"] == both["moved"] == 0


def test_explain() -> None:
    found = document("explain", *EVERYTHING, *NOON, "--lead", "fay", "--lead", "cai")
    fay, cai = found["leads"]
    assert fay["score"] == 37.8
    assert round(sum(line["points"] for line in fay["lines"]), 2) == 37.8
    assert fay["next_change"] == {
        "at": "2026-04-15T17:57:08Z",
        "from_band": "warm",
        "to_band": "cold",
        "score": 29.99,
    }
    papers = next(line for line in fay["lines"] if line["name"] == "papers")
    assert (papers["occurrences"], papers["latest"]) == (1, "2026-04-01T12:00:00Z")
    consent = next(line for line in fay["lines"] if line["name"] == "consent")
    assert consent["values"] == {"opted_in": False}
    assert cai["next_change"] is None
    assert {
        "fields": ["role"],
        "decides": ["role", "talks"],
        "best": 20,
        "worst": 0,
        "answer": {"role": "c_level"},
        "band": "cold",
    } in cai["questions"]


def test_history() -> None:
    found = document(
        "history", *EVERYTHING, "--lead", "bea",
        "--from", "2026-03-29T22:00:00Z", "--to", "2026-04-01T12:00:00Z", "--every", "62 hours",
    )  # fmt: skip
    (bea,) = found["leads"]
    assert [(score["as_of"], score["score"]) for score in bea["scores"]] == [
        ("2026-03-29T22:00:00Z", 44.5),
        ("2026-04-01T12:00:00Z", 47),
    ]
    assert bea["scores"][1]["dimensions"] == {"fit": 32, "engagement": 15}


def test_forecast() -> None:
    found = document("forecast", *EVERYTHING, *NOON, "--horizon", "30 days")
    assert (found["as_of"], found["until"]) == ("2026-04-01T12:00:00Z", "2026-05-01T12:00:00Z")
    assert [(change["lead_id"], change["at"]) for change in found["changes"]] == [
        ("fay", "2026-04-15T17:57:08Z")
    ]


def test_compare(tmp_path: Path) -> None:
    old = card("mexico-expansion")
    new = tmp_path / "new.yaml"
    new.write_text(old.read_text().replace("points: 90", "points: 50"))
    asked = ("compare", old, new, *data("mexico-expansion"), "--as-of", "2026-04-01")
    found = document(*asked, "--days", "40", "--top", "1")
    assert found["count"] == 7
    moves = {(row["old_band"], row["new_band"]): row["leads"] for row in found["matrix"]}
    assert moves == {
        ("call", "offer"): 1,
        ("offer", "nurture"): 3,
        ("nurture", "nurture"): 1,
        ("ignore", "ignore"): 2,
    }
    assert found["moved"] == 4
    (first,) = found["leads"]
    assert (first["lead_id"], first["old_score"], first["new_score"]) == ("oaxaca-opened", 100, 60)
    assert [(line["label"], line["old"], line["new"]) for line in first["lines"]] == [
        ("Based in Mexico", 90, 50)
    ]
    # oaxaca-opened comes into `call` once in the 40 days, with its e-mail of 1 March.
    assert found["calls"]["old"] == {"band": "call", "waiting": 1, "per_day": 1 / 40}
    assert found["calls"]["new"] == {"band": "call", "waiting": 0, "per_day": 0}
    out = tmp_path / "out.csv"
    shown = run(*asked, "--out", out)
    assert shown.stdout == ""
    lines = out.read_text().splitlines()
    assert lines[0] == "lead_id,old_score,new_score,difference,old_band,new_band"
    assert "oaxaca-silent,90.00,50.00,-40.00,offer,nurture" in lines


def test_compare_reads_standard_input_for_both_cards() -> None:
    leads = card("bant-software").with_name("leads.csv").read_text()
    same = (card("bant-software"), card("bant-software"))
    found = document("compare", *same, "--leads", "-", "--days", "0", stdin=leads)
    assert (found["count"], found["moved"], found["calls"]["old"]["per_day"]) == (7, 0, None)


def test_check(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("card: x\nversion: 0\n")
    found = document("check", card("everything"), broken, code=1)
    fine, wrong = found["cards"]
    assert (fine["ok"], fine["problems"]) == (True, [])
    assert wrong["ok"] is False
    assert {"severity", "code", "message", "hint", "line", "column"} == set(wrong["problems"][0])
    assert run("check", card("everything"), broken, code=1).stdout.count("error[") >= 2
    assert "everything" in run("check", card("everything"), "nowhere.yaml", code=2).stdout


def test_check_reads_standard_input_and_warnings_do_not_count() -> None:
    text = card("bant-software").read_text().replace("fields:", "fields:\n  spare: {type: number}")
    result = run("check", "-", stdin=text)
    assert "warning[" in result.stdout
    assert "-: fine with 1 warning." in result.stdout


def test_diff() -> None:
    two = (card("mexico-expansion"), card("mexico-expansion", "card-total.yaml"))
    found = document("diff", *two, code=1)
    assert found["old"]["id"] == "mexico-expansion"
    assert len(found["changes"]) == 3
    assert document("diff", two[0], two[0])["changes"] == []


def test_schema_is_a_schema_that_the_examples_meet() -> None:
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"] == "Leadwise card"


@pytest.mark.parametrize("name", ["bant-software", "everything"])
def test_fmt(name: str, tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    untidy = "# kept\n" + card(name).read_text().replace("version: ", "version:   ")
    file.write_text(untidy)
    assert run("fmt", "--check", file, code=1).stdout == f"{file}: not in canonical form\n"
    shown = run("fmt", file, "--stdout").stdout
    assert file.read_text() == untidy
    assert run("fmt", "-", stdin=untidy).stdout == shown
    run("fmt", file)
    assert file.read_text() == shown
    assert shown.startswith("# kept\n")
    run("fmt", "--check", file)
    assert load(file) == load(card(name))
    assert [path.name for path in tmp_path.iterdir()] == ["card.yaml"]


def test_fmt_leaves_a_broken_card_alone(tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    file.write_text("card: x\n")
    assert "error[" in run("fmt", file, code=2).stderr
    assert file.read_text() == "card: x\n"
