"""`leadwise template` and `leadwise mail`, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadwise.cli import build
from leadwise.store.opening import Store
from tests.connect.mail.server import Post, serving
from tests.records import NOW_US, add_lead

Typed = Callable[..., tuple[int, str]]
OFFER = "---\nsubject: For {{ lead.first_name }}\n---\nHello, [see](https://acme.example/).\n"


@pytest.fixture
def post() -> Iterator[Post]:
    with serving() as found:
        yield found


@pytest.fixture
def typed(tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch) -> Typed:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leadwise-data").mkdir()
    (tmp_path / "leadwise-data" / "secret.key").write_text("ab" * 32)
    (tmp_path / "leadwise.toml").write_text(
        'public_url = "https://leads.acme.example"\n[mail]\nhost = "127.0.0.1"\n'
        f'port = {post.port}\nsecurity = "none"\nsender = "Ann <ann@acme.example>"\n'
    )
    from leadwise.store import migrations

    with Store(f"sqlite:///{tmp_path / 'leadwise-data' / 'leadwise.db'}") as store:
        migrations.upgrade(store)
        store.write(lambda c: add_lead(c, "ana@lead.example", {"first_name": "Ana"}, at_us=NOW_US))

    def run(*words: str, text: str | None = None) -> tuple[int, str]:
        done = CliRunner().invoke(build(words[0]), list(words), input=text)
        return done.exit_code, done.output

    return run


def test_a_template_is_checked_added_and_seen(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "offer.md").write_text(OFFER)
    (tmp_path / "broken.md").write_text("---\nsubject: {{ x\n---\ntext")
    assert typed("template", "check", "offer.md")[0] == 0
    code, said = typed("template", "check", "broken.md")
    assert code != 0
    assert "broken.md:2" in said
    code, said = typed("template", "add", "offer.md", "--json")
    assert (code, json.loads(said)["templates"]) == (0, [{"name": "offer", "version": 1}])
    (tmp_path / "offer.md").write_text(OFFER + "more\n")
    assert "version 2" in typed("template", "add", "offer.md")[1]
    rows = json.loads(typed("template", "list", "--json")[1])["templates"]
    assert {"name": "offer", "from": "store", "kind": "marketing",
            "about": "For {{ lead.first_name }}"} in rows  # fmt: skip
    assert typed("template", "show", "offer")[1].strip() == (OFFER + "more").strip()
    found = json.loads(typed("template", "preview", "offer", "--lead", "1", "--json")[1])
    assert (found["subject"], found["to"]) == ("For Ana", "ana@lead.example")
    assert "Unsubscribe" in found["text"]
    assert "<p>Hello" in typed("template", "preview", "offer", "--lead", "1", "--part", "html")[1]


def test_the_mail_server_is_tried_out(typed: Typed, post: Post) -> None:
    assert "takes mail" in typed("mail", "test")[1]
    code, said = typed("mail", "test", "you@acme.example")
    assert code == 0, said
    assert post.got[0].rcpt_tos == ["you@acme.example"]
    post.rcpt = ["550 5.1.1 nobody"]
    code, said = typed("mail", "test", "other@acme.example")
    assert code != 0
    assert "5.1.1" in said
    assert json.loads(typed("mail", "list", "--json")[1]) == {"states": {"bounced": 1, "sent": 1}}


def test_the_list_of_addresses_is_kept(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "gone.csv").write_text("name,email\nAna,ANA@lead.example\n;bo@lead.example\nx\n")
    code, said = typed("mail", "import", "gone.csv", "--reason", "unsubscribed", "--json")
    assert (code, json.loads(said)) == (0, {"addresses": 2, "new": 2})
    assert json.loads(typed("mail", "import", "gone.csv", "--json")[1])["new"] == 2
    typed("mail", "suppress", "cy@lead.example", "--reason", "bounced")
    rows = json.loads(typed("mail", "suppressed", "--json")[1])["addresses"]
    assert [(row["address"], row["reason"]) for row in rows] == [
        ("ana@lead.example", "by hand"), ("bo@lead.example", "by hand"),
        ("cy@lead.example", "bounced"),
    ]  # fmt: skip
    # Who unsubscribed is not forgotten under a graver reason.
    allowed = [json.loads(typed("mail", "allow", "Ana@lead.example", "--json")[1]) for _ in "ab"]
    assert [one["still"] for one in allowed] == ["unsubscribed", None]
    assert typed("mail", "allow", "ana@lead.example")[0] != 0
    assert typed("mail", "suppress", "nobody")[0] != 0
    assert typed("mail", "settle", "1", "--sent")[0] != 0
