"""Mails: words, quotes, signatures, threads, charsets, HTML."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest

from leadwise.errors import UserError
from leadwise.qualify.conversation.mail_quotes import day_in
from leadwise.qualify.conversation.opening import opened_file, opened_thread
from tests.qualify.opening import opened, said

HEAD = """\
From: Ana Ruiz <ana@acme.example>
To: Bob Stone <bob@stockbridge.example>
Date: Wed, 4 Mar 2026 10:12:00 +0100
Subject: Re: StockBridge offer
Content-Type: text/plain; charset=utf-8

"""


def mail(body: str, head: str = HEAD) -> str:
    return head + dedent(body).lstrip("\n")


def test_a_thread_in_one_mail_is_its_mails_by_date() -> None:
    found = opened(
        mail(
            """
            Hi Bob,

            we have 80-90k for this. I have been thinking about it for quite a long
            time now, and we should go on before summer.

            Best regards,
            Ana Ruiz
            CFO
            Acme Ltd
            +44 1234 5678

            On Tue, 3 Mar 2026 at 09:00, Bob Stone <bob@stockbridge.example> wrote:
            > Hello Ana,
            >
            > what is your budget?
            >
            > On Mon, 2 Mar 2026 at 08:00, Ana Ruiz <ana@acme.example> wrote:
            >> We oversell every week.
            """
        ),
        "thread.eml",
        product="StockBridge: syncs stock.",
    )
    assert (found.format, found.is_dated, found.conversation.title) == (
        "mail", True, "StockBridge offer",
    )  # fmt: skip
    assert found.conversation.channel == "email_thread"
    assert found.conversation.held_on == date(2026, 3, 4)
    turns = found.conversation.turns
    assert [(one.speaker, one.side, one.said_on) for one in turns] == [
        ("Ana Ruiz (CFO, Acme Ltd)", "buyer", date(2026, 3, 2)),
        ("Bob Stone", "seller", date(2026, 3, 3)),
        ("Ana Ruiz (CFO, Acme Ltd)", "buyer", date(2026, 3, 4)),
    ]
    assert turns[0].text == "We oversell every week."
    assert turns[2].text == (
        "Hi Bob,\n\nwe have 80-90k for this. I have been thinking about it for quite a long time "
        "now, and we should go on before summer."
    )


def test_answers_below_quoted_questions_are_the_sender_s() -> None:
    found = said(
        mail(
            """
            Hallo Bob, siehe unten.

            Am Di., 3. März 2026 um 09:00 Uhr schrieb Bob Stone <bob@stockbridge.example>:
            > Wie hoch ist Ihr Budget?
            Etwa 80 Tausend.
            > Wer unterschreibt?
            Unser CFO.
            """
        ),
        "x.eml",
    )
    assert found == [
        ("Ana Ruiz", "Hallo Bob, siehe unten."), ("Bob Stone", "Wie hoch ist Ihr Budget?"),
        ("Ana Ruiz", "Etwa 80 Tausend."), ("Bob Stone", "Wer unterschreibt?"),
        ("Ana Ruiz", "Unser CFO."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("On Tue, Mar 3, 2026 at 9:00 AM Bob Stone <bob@s.example> wrote:", date(2026, 3, 3)),
        ("Am Dienstag, 3. März 2026 um 09:00 schrieb Bob Stone <bob@s.example>:", date(2026, 3, 3)),
        ("El mar, 3 mar 2026 a las 9:00, Bob Stone (<bob@s.example>) escribió:", date(2026, 3, 3)),
        ("Le mar. 3 mars 2026 à 09:00, Bob Stone <bob@s.example> a écrit :", date(2026, 3, 3)),
        ("ti 3. maalisk. 2026 klo 9.00 Bob Stone (bob@s.example) kirjoitti:", date(2026, 3, 3)),
        ("On 2026-03-03 09:00, Bob Stone wrote:", date(2026, 3, 3)),
    ],
)
def test_heads_of_quotes_in_five_languages(head: str, day: date) -> None:
    found = opened(mail(f"Fine with us.\n\n{head}\n> Shall we?\n"), "x.eml").conversation.turns
    assert [(one.speaker, one.text) for one in found] == [
        ("Bob Stone", "Shall we?"), ("Ana Ruiz", "Fine with us."),
    ]  # fmt: skip
    assert found[0].said_on == day


BOB = "Bob Stone <bob@s.example>"
OUTLOOK = {
    "English": f"From: {BOB}\nSent: Tuesday, March 3, 2026 9:00 AM\nTo: Ana\nSubject: x",
    "forwarded": "-----Original Message-----\n"
    f"From: {BOB}\nSent: Tuesday, March 3, 2026 9:00 AM\nTo: Ana\nSubject: x",
    "German": f"Von: {BOB}\nGesendet: Dienstag, 3. März 2026 09:00\nAn: Ana\nBetreff: x",
    "Spanish": f"De: {BOB}\nEnviado: martes, 3 de marzo de 2026 9:00\nPara: Ana\nAsunto: x",
    "French": f"De : {BOB}\nEnvoyé : mardi 3 mars 2026 09:00\nÀ : Ana\nObjet : x",
    "Finnish": f"Lähettäjä: {BOB}\nLähetetty: tiistai 3. maaliskuuta 2026 9.00\n"
    "Vastaanottaja: Ana\nAihe: x",
}


@pytest.mark.parametrize("head", OUTLOOK.values(), ids=OUTLOOK)
def test_heads_as_outlook_writes_them(head: str) -> None:
    found = opened(mail(f"Fine with us.\n\n{head}\n\nShall we?\n"), "x.eml").conversation.turns
    assert [(one.speaker, one.text) for one in found] == [
        ("Bob Stone", "Shall we?"), ("Ana Ruiz", "Fine with us."),
    ]  # fmt: skip
    assert found[0].said_on == date(2026, 3, 3)


def test_html_alone_is_read_with_its_quotes() -> None:
    head = HEAD.replace("text/plain; charset=utf-8", "text/html; charset=iso-8859-1")
    source = mail(
        """
        <html><head><style>p {x}</style></head><body><div>Sí, tenemos 80.000 &euro;.<br>Bien</div>
        <div>El mar, 3 mar 2026 a las 9:00, Bob Stone (&lt;bob@s.example&gt;) escribió:<br>
        <blockquote><div>¿Tienen presupuesto?</div></blockquote></div></body></html>
        """,
        head,
    )
    found = opened_file(source.encode("latin-1"), "x.eml").conversation.turns
    assert [(one.speaker, one.text) for one in found] == [
        ("Bob Stone", "¿Tienen presupuesto?"), ("Ana Ruiz", "Sí, tenemos 80.000 €.\nBien"),
    ]  # fmt: skip


def test_a_postscript_and_a_list_are_no_signature() -> None:
    found = said(
        mail("We take:\n- one\n- two\n\nThanks,\nAna\nPS: the board decides in May.\n"), "x.eml"
    )
    assert found == [("Ana Ruiz", "We take:\n- one\n- two\nPS: the board decides in May.")]


def test_several_mails_and_an_mbox_are_one_thread_without_what_they_quote() -> None:
    seller = "From: Bob <bob@stockbridge.example>"
    first = HEAD.replace("4 Mar 2026 10", "2 Mar 2026 08") + "We oversell every week.\n"
    answer = HEAD.replace("4 Mar 2026 10", "3 Mar 2026 09") + (
        "What is your budget?\n\nOn Mon, 2 Mar 2026 at 08:12, Ana Ruiz <ana@acme.example> wrote:\n"
        "> We oversell every week.\n"
    )
    answer = answer.replace("From: Ana Ruiz <ana@acme.example>", seller)
    last = HEAD + (
        "About 80k.\n\nOn 3 Mar 2026, Bob <bob@stockbridge.example> wrote:\n"
        "> What is your budget?\n"
    )
    texts = ["We oversell every week.", "What is your budget?", "About 80k."]
    files = [(one.encode(), f"{n}.eml") for n, one in enumerate((last, first, answer))]
    thread = opened_thread(files, seller=["stockbridge.example"]).conversation
    assert [one.text for one in thread.turns] == texts
    assert [one.side for one in thread.turns] == ["buyer", "seller", "buyer"]
    box = "".join(
        f"From x@y.example Wed Mar  4 10:12:00 2026\n{one}\n" for one in (last, first, answer)
    )
    found = opened_file(box.encode(), "thread.mbox").conversation
    assert [one.text for one in found.turns] == texts


def test_a_thread_is_made_of_mails_alone() -> None:
    with pytest.raises(UserError) as error:
        opened_thread([(HEAD.encode() + b"Hi.", "a.eml"), (b"Ana: Hi", "b.txt")])
    assert (error.value.code, error.value.where.file) == ("not-a-conversation", "b.txt")


def test_attachments_are_not_read_and_attached_mails_are() -> None:
    source = dedent(
        """\
        From: Ana Ruiz <ana@acme.example>
        Date: Wed, 4 Mar 2026 10:12:00 +0100
        Subject: Fwd
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=q

        --q
        Content-Type: text/plain

        See below.
        --q
        Content-Type: text/plain
        Content-Disposition: attachment; filename=prices.txt

        Secret prices
        --q
        Content-Type: message/rfc822

        From: Bob <bob@s.example>
        Date: Tue, 3 Mar 2026 09:00:00 +0100
        Subject: x

        Shall we?
        --q--
        """
    )
    assert said(source, "x.eml") == [("Bob", "Shall we?"), ("Ana Ruiz", "See below.")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tue, 3 Mar 2026 at 09:00", date(2026, 3, 3)), ("3.3.2026 09:00", date(2026, 3, 3)),
        ("13/03/2026", date(2026, 3, 13)), ("3/13/2026", date(2026, 3, 13)),
        ("03/04/2026", None), ("yesterday", None), ("31.2.2026", None),
        ("3. maaliskuuta 2026", date(2026, 3, 3)), ("3 août 2026", date(2026, 8, 3)),
    ],
)  # fmt: skip
def test_days_of_heads(text: str, day: date | None) -> None:
    assert day_in(text) == day
