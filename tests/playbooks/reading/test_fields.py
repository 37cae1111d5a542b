"""Fields of documents and messages, each with its quote."""

from __future__ import annotations

from datetime import date

import pytest

from leadwise.playbooks.reading.fields import extracted
from leadwise.playbooks.reading.labels import kind_of
from leadwise.qualify.embedded.vectors import sentence_model

DAY = date(2026, 3, 2)
FIELDS = {
    "supplier": "the name of the company that sends the invoice",
    "number": "the number of the invoice", "order": "the number of the order or purchase order",
    "amount": "money", "date": "date", "due": "the date by which it is to be paid",
}  # fmt: skip
ENGLISH = """Northwind Traders Ltd
12 Harbour Road, London

INVOICE

Invoice number: INV-2026-0077
Invoice date: 3 March 2026
Purchase order: PO-44812
Bill to: Acme GmbH

Item            Qty   Price     Total
Widgets         10    100.00    1,000.00
Shipping        1     50.00     50.00
Subtotal                        1,050.00
VAT 20%                         210.00
Total due                       1,260.00 EUR
Payment due: 2 April 2026
"""
GERMAN = """Muster Werkzeuge GmbH
Rechnung Nr. 2026-311
Datum: 05.02.2026
Ihre Bestellung: 4500012345
Zwischensumme 1.500,00 €
MwSt 19% 285,00 €
Gesamtbetrag 1.785,00 €
Zahlbar bis 07.03.2026
"""
SPANISH = """Ferretería Sol S.L.
Factura Nº F-2026/118
Fecha 12/01/2026
Pedido: P-991
Total a pagar: 302,50 €
Vencimiento: 11/02/2026
"""
BELOW = """ACME Supplies Inc.
Invoice #
A-1009
Date
January 15, 2026
Amount Due
$2,450.00
Due Date
02/28/2026
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENGLISH, ("Northwind Traders Ltd", "INV-2026-0077", "PO-44812", "1260.00 EUR",
                   "2026-03-03", "2026-04-02")),
        (GERMAN, ("Muster Werkzeuge GmbH", "2026-311", "4500012345", "1785.00 EUR", "2026-02-05",
                  "2026-03-07")),
        (SPANISH, ("Ferretería Sol S.L.", "F-2026/118", "P-991", "302.50 EUR", "2026-01-12",
                   "2026-02-11")),
        (BELOW, ("ACME Supplies Inc.", "A-1009", None, "2450.00 USD", "2026-01-15", "2026-02-28")),
    ],
)  # fmt: skip
def test_invoices(text: str, expected: tuple[str | None, ...]) -> None:
    found = extracted(text, FIELDS, DAY, None)
    assert tuple(found[name].value if name in found else None for name in FIELDS) == expected
    for one in found.values():
        assert all(word in text for word in one.quote.split())
        assert 30 <= one.confidence <= 95


def test_what_is_not_there_is_missing() -> None:
    text = "Hello, please find our price list attached. Kind regards, Ben"
    assert extracted(text, FIELDS, DAY, None) == {}
    assert extracted("", FIELDS, DAY, sentence_model()) == {}


def test_a_message_with_a_wish() -> None:
    text = "Hi, could we meet on Thursday at 10? I would like to talk about the integration. Ana"
    fields = {"topic": "what the meeting is to be about", "date": "date", "email": "email"}
    found = extracted(text + " ana@acme.example", fields, DAY, sentence_model())
    assert {name: one.value for name, one in found.items()} == {
        "topic": "the integration", "date": "2026-03-05", "email": "ana@acme.example",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Total: 1,250.00 EUR", "1250.00 EUR"), ("Total: EUR 1.250,00", "1250.00 EUR"),
        ("Total: £12", "12.00 GBP"), ("Total 1 250,50 €", "1250.50 EUR"),
        ("Total CHF 1'250.00", "1250.00 CHF"), ("Total: -12.00 EUR", "-12.00 EUR"),
    ],
)  # fmt: skip
def test_how_money_is_written(line: str, value: str) -> None:
    assert extracted(line, {"amount": "money"}, DAY, None)["amount"].value == value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Date: 2026-03-07", "2026-03-07"), ("Date: 7.3.2026", "2026-03-07"),
        ("Date: 03/28/2026", "2026-03-28"), ("Fecha: 7 de marzo de 2026", "2026-03-07"),
        ("Datum: 7. März 2026", "2026-03-07"), ("Date : 7 mars 2026", "2026-03-07"),
        ("Date: Mar 7, 2026", "2026-03-07"), ("Date: 31.02.2026", None),
    ],
)  # fmt: skip
def test_how_dates_are_written(line: str, value: str | None) -> None:
    found = extracted(line, {"date": "date"}, DAY, None).get("date")
    assert (found.value if found else None) == value


def test_kinds_are_told_by_their_description() -> None:
    said = {
        "money": "money", "the date by which it is to be paid": "date", "how many seats": "number",
        "the number of the order": "reference", "the name of the company": "text",
        "their e-mail address": "email", "the total price": "money",
    }  # fmt: skip
    assert {text: kind_of(text) for text in said} == said


@pytest.mark.parametrize(
    ("lines", "date_", "due"),
    [
        ("Invoice date: 2026-03-03\nDue date: 2026-04-02", "2026-03-03", "2026-04-02"),
        ("Due date: 2026-04-02\nInvoice date: 2026-03-03", "2026-03-03", "2026-04-02"),
        ("Invoice date: 2026-03-03\nPayment terms: 30 days net", "2026-03-03", "2026-04-02"),
        ("Invoice date: 2026-03-03\nZahlbar innerhalb von 14 Tagen netto", "2026-03-03",
         "2026-03-17"),
        ("Invoice date: 2026-03-03\nOpen 7 days a week", "2026-03-03", None),
        ("Invoice date: 2026-03-03\nTerms: 10 days net 2%, or\nterms: 30 days net", "2026-03-03",
         None),
        ("Terms: 30 days net", None, None),
    ],
)  # fmt: skip
def test_the_day_of_payment_is_said_or_worked_out_and_no_other_day(
    lines: str, date_: str | None, due: str | None
) -> None:
    fields = {name: FIELDS[name] for name in ("date", "due")}
    found = extracted(f"INVOICE 7\n{lines}\nThank you", fields, DAY, None)
    told = {name: one.value for name, one in found.items()}
    assert (told.get("date"), told.get("due")) == (date_, due)
