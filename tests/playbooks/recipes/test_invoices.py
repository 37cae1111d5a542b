"""Invoices: a PDF in a folder is read, compared with the orders, approved, noted and kept."""

from __future__ import annotations

import io
import shutil
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from leadwise.store.tasks import Task
from tests.playbooks.recipes.conftest import Team

SECOND_US = 1_000_000
LINES = (
    "Paper & Pens Ltd", "1 Mill Lane, Leeds", "", "INVOICE", "Invoice number: INV-2207",
    "Invoice date: 2026-11-02", "{due}", "Your order: PO-1044", "",
    "Paper A4, 40 boxes      1,000.00 EUR", "VAT 20%      200.00 EUR",
    "Total amount: {total} EUR",
)  # fmt: skip
ORDERS = (
    "order,supplier,amount,ordered on\n"
    "PO-1043,Chairs Inc,800.00 EUR,2026-10-01\n"
    "PO-1044,Paper & Pens Ltd,\"1,200.00 EUR\",2026-10-12\n"
    "PO-1045,Paper & Pens Ltd,90.00 EUR,2026-10-14\n"
)  # fmt: skip


def _pdf(total: str = "1,200.00", due: str = "Due date: 2026-12-02") -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for number, line in enumerate(LINES):
        canvas.drawString(60, 780 - 22 * number, line.format(total=total, due=due))
    canvas.save()
    return file.getvalue()


def _scan() -> bytes:
    """A page that is a picture of the same words."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (1240, 1000), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(30)
    for number, line in enumerate(LINES):
        text = line.format(total="1,200.00", due="Due date: 2026-12-02")
        draw.text((80, 60 + 60 * number), text, fill="black", font=font)
    file = io.BytesIO()
    picture.save(file, "PDF", resolution=150)
    return file.getvalue()


@pytest.fixture
def folder(team: Team) -> Path:
    """The folder where invoices come in. Files bear the machine's time, so the play has it, too."""
    team.play.clock_us = time.time_ns() // 1000 - 60 * SECOND_US
    (team.folder_of("orders") / "orders.csv").write_text(ORDERS)
    team.folder_of("archive")
    team.helpdesk("books")
    made = team.folder_of("invoices", "messages")
    team.live("invoice")
    team.pull("invoices")
    return made


def _comes(team: Team, folder: Path, content: bytes) -> Task:
    """The file is put there; the task that is asked then."""
    (folder / "a.pdf").write_bytes(content)
    team.play.clock_us = time.time_ns() // 1000 + 5 * SECOND_US
    assert team.pull("invoices") == "1 new"
    team.play.turn()
    (task,) = team.tasks()
    return task


def test_an_invoice_that_fits_is_approved_noted_and_kept(team: Team, folder: Path) -> None:
    content = _pdf()
    task = _comes(team, folder, content)
    assert task.title.startswith(
        "It fits the order. Pay 1200.00 EUR to Paper & Pens Ltd by 2026-12-02? The order: "
        "order: PO-1044; supplier: Paper & Pens Ltd"
    )
    assert team.issues() == []
    team.finish(task)
    (run,) = team.runs()
    assert (run.state, run.lead_id is None or run.lead_id > 0) == ("done", True)
    read = team.steps(run)["read"].doc
    assert read["fields"]["date"] == "2026-11-02"
    assert read["fields"]["number"] == "INV-2207"
    assert "Total amount" in read["quotes"]["amount"]
    (entry,) = team.issues()
    assert entry["hs_task_subject"] == "Pay 1200.00 EUR to Paper & Pens Ltd, invoice INV-2207"
    assert entry["hs_timestamp"].startswith("2026-12-02")
    kept = team.folder / "archive" / "Paper & Pens Ltd" / "a.pdf"
    assert kept.read_bytes() == content
    assert team.pull("invoices") == "nothing new"


def test_an_invoice_that_comes_by_mail_goes_the_same_way(team: Team, folder: Path) -> None:
    assert folder.is_dir()
    content, mail = _pdf(), EmailMessage()
    mail["From"], mail["To"] = "Books <books@paper.example>", "bills@team.example"
    mail["Subject"], mail["Message-ID"] = "Your invoice", "<7@paper.example>"
    mail.set_content("Please find our invoice attached.")
    mail.add_attachment(content, "application", "octet-stream", filename="../INV 2207.PDF")
    for _ in range(2):  # a mail server that hands it on twice starts one run
        assert team.mail_in(mail.as_string()).said == "asked"
    (task,) = team.tasks()
    assert task.title.startswith("It fits the order. Pay 1200.00 EUR to Paper & Pens Ltd")
    team.finish(task)
    (run,) = team.runs()
    assert run.state == "done"
    assert "Total amount" in team.steps(run)["read"].doc["quotes"]["amount"]
    kept = team.folder / "archive" / "Paper & Pens Ltd" / "INV 2207.PDF"
    assert kept.read_bytes() == content


def test_one_that_does_not_fit_says_so_and_a_no_keeps_it_apart(team: Team, folder: Path) -> None:
    task = _comes(team, folder, _pdf("1,900.00"))
    assert task.title.startswith("IT DOES NOT FIT AN ORDER. Pay 1900.00 EUR to Paper & Pens Ltd")
    team.finish(task, "refused")
    (run,) = team.runs()
    assert (run.state, run.why) == ("done", "It was refused.")
    assert team.issues() == []
    assert (team.folder / "archive" / "refused" / "a.pdf").exists()
    (mail,) = team.mails()
    assert (mail["To"], "INV-2207" in mail["Subject"]) == ("Ada <ada@team.example>", True)


def test_the_day_of_payment_is_worked_out_from_the_terms(team: Team, folder: Path) -> None:
    task = _comes(team, folder, _pdf(due="Payment terms: 30 days net"))
    assert "by 2026-12-02?" in task.title


def test_what_cannot_be_read_is_completed_by_a_person_first(team: Team, folder: Path) -> None:
    task = _comes(team, folder, _pdf(due="Thank you!"))
    assert task.title == "Complete the invoice a.pdf: due could not be read"
    team.finish(task)
    (asked,) = team.tasks()
    assert " by ?" in asked.title


@pytest.mark.skipif(
    shutil.which("tesseract") is None or shutil.which("pdftoppm") is None,
    reason="a scan is read by tesseract and pdftoppm, which are not installed here",
)
def test_a_scan_is_read_where_tesseract_is(team: Team, folder: Path) -> None:
    task = _comes(team, folder, _scan())
    assert "1200.00 EUR" in task.title
