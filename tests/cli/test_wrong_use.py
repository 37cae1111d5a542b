"""Wrong use and bad input: exit code 2, a message with a code and a hint, nothing half written."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from tests.cli.running import EXAMPLES, card, data, run

BANT = card("bant-software")
LEADS = EXAMPLES / "bant-software" / "leads.csv"
MESSAGE = re.compile(r"^(\S+: )?error\[[a-z0-9-]+\]: .+", re.MULTILINE)


def refused(*arguments: object, stdin: str | bytes | None = None) -> str:
    """What is said of wrong use: never a traceback, never anything on standard output."""
    result = run(*arguments, stdin=stdin, code=2)
    assert result.stdout == ""
    assert MESSAGE.search(result.stderr), result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


CASES: dict[str, tuple[tuple[object, ...], str]] = {
    "no such command": (("explan",), "Did you mean 'explain'"),
    "no card": (("score",), "Missing argument 'CARD'"),
    "no leads": (("score", BANT), "Missing option '--leads'"),
    "unknown option": (("score", BANT, "--leeds", "x"), "--leeds"),
    "card missing": (("score", "nowhere.yaml", "--leads", LEADS), "no such file"),
    "card is a folder": (("score", EXAMPLES, "--leads", LEADS), "is a directory"),
    "leads missing": (("score", BANT, "--leads", "nowhere.csv"), "There is no such file."),
    "leads are a folder": (("score", BANT, "--leads", EXAMPLES), "It is a folder."),
    "events missing": (("score", BANT, "--leads", LEADS, "--events", "no.csv"), "no such file"),
    "as-of nonsense": (
        ("score", BANT, "--leads", LEADS, "--as-of", "yesterday"),
        "--as-of: 'yesterday' is not a time.",
    ),
    "known-by nonsense": (
        ("score", BANT, "--leads", LEADS, "--known-by", "2026-13-01"),
        "--known-by: '2026-13-01' is not a time.",
    ),
    "as-of before the year 1": (
        ("explain", BANT, "--leads", LEADS, "--lead", "x", "--as-of", "0001-01-01T00:00:00+14:00"),
        "--as-of: '0001-01-01T00:00:00+14:00' is not a time.",
    ),
    "engine unknown": (
        ("score", BANT, "--leads", LEADS, "--engine", "oracle"),
        "There is no engine called 'oracle'.",
    ),
    "column without =": (("score", BANT, "--leads", LEADS, "--column", "lead_id"), "NAME=COLUMN"),
    "column of no name": (
        ("score", BANT, "--leads", LEADS, "--column", "lead_idd=x"),
        "Did you mean 'lead_id'?",
    ),
    "column said twice": (
        ("score", BANT, "--leads", LEADS, "--column", "lead_id=a", "--column", "lead_id=b"),
        "two columns for 'lead_id'",
    ),
    "top 0": (("score", BANT, "--leads", LEADS, "--top", "0"), "--top"),
    "ending unknown": (("score", BANT, "--leads", LEADS, "--out", "x.doc"), "'.doc'"),
    "format unknown": (
        ("score", BANT, "--leads", LEADS, "--out", "-", "--format", "xml"),
        "there is no format 'xml'",
    ),
    "format without out": (("score", BANT, "--leads", LEADS, "--format", "csv"), "is for --out"),
    "ledger without out": (("score", BANT, "--leads", LEADS, "--ledger"), "is for --out"),
    "two on standard output": (
        ("score", BANT, "--leads", LEADS, "--out", "-", "--json"),
        "standard output",
    ),
    "lead unknown": (
        ("explain", BANT, "--leads", LEADS, "--lead", "nobody 🎈"),
        "There is no lead 'nobody 🎈' among the 7 leads.",
    ),
    "explain nobody": (("explain", BANT, "--leads", LEADS), "Missing option '--lead'"),
    "history backwards": (
        ("history", BANT, "--leads", LEADS, "--from", "2026-02-01", "--to", "2026-01-01"),
        "from an earlier instant to a later one",
    ),
    "history of every second": (
        (
            "history",
            BANT,
            "--leads",
            LEADS,
            "--from",
            "0001-01-01",
            "--to",
            "9999-12-31",
            "--every",
            "1 second",
        ),
        "more than 2,000,000 moments",
    ),
    "days without end": (
        ("compare", BANT, BANT, "--leads", LEADS, "--days", "1000000000"),
        "1,000,000,000 days are too many",
    ),
    "months": (
        ("history", BANT, "--leads", LEADS, "--from", "2026-01-01", "--every", "2 months"),
        "write days, for example 60 days",
    ),
    "horizon": (("forecast", BANT, "--leads", LEADS, "--horizon", "soon"), "'soon' is not a"),
    "dialect unknown": (("sql", BANT, "--engine", "mssql"), "no SQL for an engine called 'mssql'"),
    "moments and as-of": (("sql", BANT, "--moments", "--as-of", "2026-01-01"), "--moments"),
    "outcomes without outcome": (
        ("evaluate", BANT, "--leads", LEADS, "--outcomes", LEADS),
        "--column outcome=NAME",
    ),
    "outcomes in other words": (
        ("evaluate", BANT, "--leads", LEADS, "--outcomes", LEADS, "--column", "outcome=need_match"),
        "--won VALUE",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_said_what_is_wrong(name: str) -> None:
    arguments, said = CASES[name]
    assert said.lower() in refused(*arguments).lower()


@pytest.mark.parametrize(
    "arguments",
    [
        ("score", BANT, "--leads", "-", "--events", "-"),
        ("score", "-", "--leads", "-"),
        ("explain", "-", "--leads", "-", "--lead", "a"),
        ("compare", "-", BANT, "--leads", "-"),
        ("evaluate", BANT, "--leads", "-", "--outcomes", "-"),
        ("diff", "-", "-"),
        ("check", "-", "-"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_standard_input_is_one_thing_only(arguments: tuple[object, ...]) -> None:
    assert "Standard input cannot be" in refused(*arguments, stdin="lead_id\na\n")


def test_all_problems_of_a_card_are_told(tmp_path: Path) -> None:
    broken = tmp_path / "card.yaml"
    broken.write_text(BANT.read_text().replace("budget_usd >=", "budgetusd >="))
    said = refused("score", broken, "--leads", LEADS)
    assert said.count("error[") == 2
    assert said.count("did you mean 'budget_usd'?") == 2
    assert f"{broken}:" in said


def test_the_first_wrong_cells_are_told_and_how_many_more(tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("lead_id,budget_usd\n" + "".join(f"l{n},many\n" for n in range(50)))
    said = refused("score", BANT, "--leads", leads)
    assert f"{leads}:2:2: error[input-number]" in said
    assert re.search(r"and \d+ more like these", said)


def test_no_forecast_goes_behind_the_year_9999() -> None:
    said = run("forecast", BANT, "--leads", LEADS, "--as-of", "9999-12-31T23:59:59.999999Z").stdout
    assert "to 9999-12-31T23:59:59.999999Z, nothing new" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_called_one() -> None:
    said = refused("score", BANT, "--leads", LEADS, "--out", "/dev/full", "--format", "csv")
    assert "'/dev/full' cannot be written: no space is left on its disk." in said


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_no_population(text: str, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(text)
    assert "The file is empty." in refused("score", BANT, "--leads", leads)


def test_nothing_is_left_where_writing_fails(tmp_path: Path) -> None:
    said = refused("score", BANT, "--leads", LEADS, "--out", tmp_path / "nowhere" / "x.csv")
    assert "its folder does not exist" in said
    assert "it is a folder" in refused(
        "score", BANT, "--leads", LEADS, "--format", "csv", "--out", tmp_path
    )
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    out, leads = tmp_path / "scores.csv", tmp_path / "leads.csv"
    out.write_text("kept\n")
    leads.write_text("lead_id,budget_usd\na,many\n")
    refused("score", BANT, "--leads", leads, "--out", out)
    assert out.read_text() == "kept\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "scores.csv"]


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr("leadwise.cli.files.os.access", lambda path, mode: False)
    said = refused("score", BANT, "--leads", LEADS, "--out", locked / "x.csv")
    assert "permission denied" in said
    said = refused(
        "evaluate", BANT, "--leads", LEADS, "--outcomes", LEADS, "--html", locked / "x.html"
    )
    assert "permission denied" in said
    assert list(locked.iterdir()) == []


def test_strict_refuses_what_is_otherwise_noted() -> None:
    asked = ("score", card("everything"), *data("everything"), "--as-of", "2026-04-01")
    assert "'intern'" in run(*asked).stderr
    assert "error[input-choice]" in refused(*asked, "--strict")


def test_a_defect_is_an_apology_with_what_to_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("leadwise.cli.score.summarise", fail)
    result = run("score", BANT, "--leads", LEADS, code=3)
    assert result.stdout == ""
    assert "error[defect]: sorry, Leadwise itself failed here." in result.stderr
    assert "what: KeyError: 'surprise'" in result.stderr
    assert "LEADWISE_DEBUG=1" in result.stderr
    assert "Traceback" not in result.stderr
