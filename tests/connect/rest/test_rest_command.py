"""`leadwise rest`: a description checked and tried."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadwise.cli.app import build
from leadwise.testing.serving import Answer, Fake, Query, served

TEXT = """
rest: firms
url: URL
auth: bearer
pull:
  path: /people
  identity: {email: mail}
ask: {path: "/firm/{domain}", fields: {employees: size}}
"""


class Firms(Fake):
    """People and firms."""

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        if path == "/people":
            return 200, {}, [{"mail": "a@b.example", "id": 1}, {"mail": "no", "id": 2}]
        return (200, {}, {"size": 9}) if path == "/firm/acme.example" else (404, {}, None)


def run(*given: str) -> tuple[int, str]:
    found = CliRunner().invoke(build("rest"), ["rest", *given])
    return found.exit_code, found.output


def test_checked_and_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "firms.yaml"
    with served(Firms()) as url:
        file.write_text(TEXT.replace("URL", url))
        code, said = run(str(file))
        assert (code, "fine" in said, "pull, ask" in said) == (0, True, True)
        assert run(str(file), "--try", "--secret", "env:KEY")[0] == 2
        monkeypatch.setenv("KEY", "t")
        code, said = run(str(file), "--try", "--secret", "env:KEY", "--json")
        assert code == 0
        assert '"a@b.example"' in said
        assert "nothing says who it was" in said
        known = run(str(file), "--ask", "domain=acme.example", "--secret", "env:KEY")
        assert known == (0, "employees: 9\n")
        assert "nobody" in run(str(file), "--ask", "domain=x.example", "--secret", "env:KEY")[1]


def test_problems_have_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "firms.yaml"
    file.write_text("rest: firms\nurl: x\n")
    code, said = run(str(file))
    assert code == 1
    assert "firms.yaml:2:6: error[rest-url]" in said.replace("\n", "")
    assert run(str(tmp_path / "none.yaml"))[0] == 2
