"""Steps that read: classify, extract, search."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.errors import RemoteError, UserError
from leadwise.settings import Settings
from leadwise.testing.serving import served
from leadwise.testing.slack import FakeSlack
from tests.playbooks.steps.standing import Standing

INVOICE = """- extract: "{{ message.ref | default(message.text) }}"
  id: read
  fields:
    supplier: the name of the company that sends the invoice
    number: the number of the invoice
    amount: money
    due: the date by which it is to be paid
"""
CLASSIFY = """- classify: "{{ message.text }}"
  into: {broken: "Something does not work, an error.", money: "An invoice, a payment."}
"""


def pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file)
    lines = ("Northwind Traders Ltd", "Invoice number: INV-7", "Total due: 1,260.00 EUR",
             "Payment due: 2 April 2026")  # fmt: skip
    for number, line in enumerate(lines):
        canvas.drawString(72, 760 - 16 * number, line)
    canvas.save()
    return file.getvalue()


def test_a_pdf_of_a_folder_is_read(standing: Standing, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.pdf").write_bytes(pdf())
    standing.connect("invoices", "files", folder=str(tmp_path / "in"))
    message = {"ref": "file:invoices/a.pdf", "source": "invoices", "text": "cut"}
    came = standing.act(INVOICE, None, {"message": message})
    assert came.result["fields"] == {
        "supplier": "Northwind Traders Ltd", "number": "INV-7", "amount": "1260.00 EUR",
        "due": "2026-04-02",
    }  # fmt: skip
    assert came.result["missing"] == []
    assert came.result["quotes"]["amount"] == "Total due: 1,260.00 EUR"


def test_what_is_missing_is_told(standing: Standing) -> None:
    came = standing.act(INVOICE, None, {"message": {"text": "Total: 12.00 EUR"}})
    assert came.result["fields"] == {"amount": "12.00 EUR"}
    assert came.result["missing"] == ["supplier", "number", "due"]


def test_a_text_gets_its_class_and_quote(standing: Standing) -> None:
    text = "Hello. The export fails with an error since today."
    came = standing.act(CLASSIFY, None, {"message": {"text": text}})
    assert came.result["class"] == "broken"
    assert came.result["quote"] == "The export fails with an error since today."
    assert (
        standing.act(CLASSIFY, None, {"message": {"text": "Thanks!"}}).result["class"] == "unclear"
    )


def test_a_model_that_is_set_is_asked(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pydantic_ai", reason="the extra model is not installed")
    from pydantic_ai.models.test import TestModel

    from leadwise.qualify.provider import reader

    quote = [{"turn": 0, "words": "The bill is wrong."}]
    said = {"status": "stated", "choice": "c1", "confidence": 0.9, "quotes": quote, "why": "bill"}
    model = TestModel(custom_output_args={"class": said})
    monkeypatch.setattr(reader.ModelReader, "__init__", _with(reader.ModelReader, model))
    standing.settings = Settings.model_validate({"model": {"name": "openai:made-up", "key": "k"}})
    came = standing.act(CLASSIFY, None, {"message": {"text": "The bill is wrong."}})
    assert came.result == {"class": "money", "confidence": 90, "quote": "The bill is wrong."}


def _with(kind: type, model: object) -> object:
    made = kind.__init__

    def init(self: object, *args: object, **more: object) -> None:
        made(self, *args, **{**more, "model": lambda *_: model})

    return init


@pytest.fixture
def places(standing: Standing, tmp_path: Path) -> Iterator[FakeSlack]:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "export.md").write_text("Contacts are exported under Settings, Export.")
    (tmp_path / "docs" / "travel.md").write_text("Trains are booked in second class.")
    standing.connect("documents", "files", folder=str(tmp_path / "docs"))
    fake = FakeSlack()
    with served(fake) as url:
        standing.connect(
            "chat", "slack", {"token": fake.token}, api=url + "/api/", channels="#help"
        )
        yield fake


SEARCH = "- search: '{{ message.text }}'\n  in: [documents, chat]"


def test_documents_and_chat_answer_with_links(standing: Standing, places: FakeSlack) -> None:
    ts = places.say("C00000HELP", "U1", "The export of contacts hung; we split the file.")
    asking = places.say("C00000HELP", "U2", "How do I export contacts?")
    message = {"text": "How do I export contacts?", "channel": "C00000HELP", "ts": asking}
    came = standing.act(SEARCH, None, {"message": message})
    found = came.result["found"]
    assert {one["source"] for one in found} == {"documents", "chat"}
    links = [one["link"] for one in found]
    assert f"https://acme.slack.com/archives/C00000HELP/p{ts.replace('.', '')}" in links
    assert any(link.endswith("docs/export.md") for link in links)
    assert found[0]["quote"] in came.result["best"]
    assert "How do I" not in came.result["best"]


def test_nothing_found_has_no_best(standing: Standing, places: FakeSlack) -> None:
    came = standing.act(SEARCH, None, {"message": {"text": "Who won the cup in 1974?"}})
    assert came.result == {"found": []}
    assert came.why == "Nothing was found."


def test_a_source_that_fails_leaves_the_others(standing: Standing, places: FakeSlack) -> None:
    places.fail(500, times=3)
    message = {"text": "How do I export contacts?"}
    came = standing.act(SEARCH, None, {"message": message})
    assert [one["source"] for one in came.result["found"]] == ["documents"]
    assert "chat" in came.result["failed"]
    places.fail(500, times=3)
    with pytest.raises(RemoteError) as raised:
        standing.act("- search: export\n  in: [chat]")
    assert not raised.value.permanent
    with pytest.raises(UserError) as wrong:
        standing.act("- search: export\n  in: [nowhere]")
    assert wrong.value.code == "cannot-search"
