"""Lists that are written by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadwise.errors import UserError
from leadwise.jobs import run_here
from leadwise.playbooks.export_job import export_handlers, listed
from leadwise.settings import Settings
from leadwise.store.connections import add_connection
from leadwise.store.opening import Store
from tests.databases import make_tables
from tests.records import NOW_US, add_lead, make_live, score_all


def test_every_list_that_can_be_written_is(tmp_path: Path) -> None:
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)
        asked = [("demo_requested", NOW_US - 1, {})]
        store.write(lambda c: add_lead(c, "ann@acme.example", {"employees": 200}, asked))
        store.write(lambda c: score_all(c, make_live(c)))
        store.write(
            lambda c: add_connection(
                c, "lake", "files", options={"folder": str(tmp_path / "lake")}, secrets={},
                by="test", now_us=NOW_US,
            )
        )  # fmt: skip
        assert export_handlers(store, Settings()) == {}
        lists = ("audience hot plain nowhere a.csv", "audience hot+warm plain lake b/hot.csv")
        handler = export_handlers(store, Settings.model_validate({"exports": lists}), {})["exports"]
        with pytest.raises(UserError) as raised:
            run_here(handler, {})
        assert raised.value.code == "no-such-connection"
        assert b"ann@acme.example" in (tmp_path / "lake" / "b" / "hot.csv").read_bytes()
        good = Settings.model_validate({"exports": lists[1:]})
        assert run_here(export_handlers(store, good, {})["exports"], {}) == {"b/hot.csv": 1}
        assert (tmp_path / "lake" / "b" / "hot.added.csv").read_bytes().count(b"\n") == 1


def test_a_line_that_says_no_list() -> None:
    for text in ("", "audience hot", "audience hot x lake a.csv", "ducks hot plain lake a.csv"):
        with pytest.raises(UserError) as raised:
            listed(text)
        assert raised.value.code == "export-line"
