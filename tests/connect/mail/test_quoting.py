"""What programs put around replies, and bounces in words alone, as many servers write them."""

from __future__ import annotations

import pytest

from leadwise.connect.mail.quoting import is_away, own_words
from leadwise.connect.mail.reports import read_report

TOKEN = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes\n\nOn Tue, Mar 3, 2026 at 10:00 AM Ann <ann@acme.example>\nwrote:\n\n> hi", "Yes"),
        (
            "Sure\n\nFrom: Ann <a@b.example>\nSent: Tuesday, March 3\nTo: x\nSubject: y\n\nhi",
            "Sure",
        ),
        ("Ja\n\nVon: Ann <a@b.example>\nGesendet: Dienstag, 3. März\nAn: x\n\nhi", "Ja"),
        ("Sí\n\n*De:* Ann <a@b.example>\n*Enviado:* martes 3\n*Para:* x\n\nhola", "Sí"),
        ("Joo\n\nti 3. maalisk. 2026 klo 10.00 Ann (a@b.example) kirjoitti:\n> moi", "Joo"),
        ("Ok\n\nW dniu 3.03.2026 o 10:00, Ann pisze:\n> x", "Ok"),
        ("好的\n\n在 2026年3月3日，Ann 写道：\n> x", "好的"),
        ("Oui\n\nLe mar. 3 mars 2026 à 10:00, Ann <a@b.example> a\nécrit :\n\n> x", "Oui"),
        ("Y\n\n2026-03-03 10:00 GMT+02:00 Ann <ann@acme.example>:\n\n> x", "Y"),
        ("Ok\n-------- Alkuperäinen viesti --------\nx", "Ok"),
        # What is a reply's own stays, though it looks like what programs write.
        ("Am I right? He wrote:\nhello", "Am I right? He wrote:\nhello"),
        ("From: now on, call me.\nThanks", "From: now on, call me.\nThanks"),
        ("On Monday 3 March we can talk.\nAnn", "On Monday 3 March we can talk.\nAnn"),
        ("- one\n- two\n---\nthree", "- one\n- two\n---\nthree"),
    ],
)
def test_a_reply_is_cut_where_the_mail_that_it_answers_begins(text: str, own: str) -> None:
    assert own_words(text) == own


def reply(subject: str, more: str = "") -> bytes:
    return (
        f"{more}From: ann@lead.example\nTo: sales@acme.example\nSubject: {subject}\n"
        f"In-Reply-To: <{TOKEN}@acme.example>\n\nI am away.\n"
    ).encode()


@pytest.mark.parametrize(
    "subject",
    ["Automatisch antwoord: weg", "Automatiskt svar: borta", "Resposta automática: férias",
     "Automatyczna odpowiedź: x", "Autosvar: x", "Réponse automatique : absent",
     "Absence du bureau", "Fuera de la oficina", "Afwezig: x", "Poissa toimistolta", "自動返信: x",
     "Автоответ: x", "[Auto-Reply] x", "I am out of the office",
     "=?utf-8?Q?R=C3=A9ponse_automatique?=",
     "Re\u0301ponse automatique"],
)  # fmt: skip
def test_a_note_of_absence_is_no_reply(subject: str) -> None:
    assert read_report(reply(subject)).said == "auto_replied"


def test_who_takes_no_answer_is_a_program() -> None:
    assert read_report(reply("Danke", "Return-Path: <>\n")).said == "auto_replied"


@pytest.mark.parametrize(
    "subject", ["Re: An offer", "Ready to talk", "Office hours", "Automate our sales", "Outline"]
)
def test_a_person_is_none(subject: str) -> None:
    assert not is_away(subject)
    assert read_report(reply(subject)).said == "replied"


def bounce(text: str, to: str = f"bounces+{TOKEN}@acme.example", subject: str = "failed") -> bytes:
    return f"From: Mailer-Daemon@mx.example\nTo: {to}\nSubject: {subject}\n\n{text}\n".encode()


@pytest.mark.parametrize(
    ("text", "said", "hard"),
    [
        # A version of Exim and an address of a host are no codes.
        ("Created by Exim 4.94.2.\n host mx [5.10.20.30]: 550 No such user here", "bounced", True),
        ("host mx [4.2.2.1]: 451 4.7.1 greylisted", "delayed", False),
        ("host mx: 450 try later", "delayed", False),
        ("Dein Postfach? 550 5.1.1 mailbox unavailable", "bounced", True),
        ("The user's mailbox is full.", "bounced", False),
        ("550 user is over quota", "bounced", False),
        ("552 5.2.2 Mailbox full", "bounced", False),
        ("554 5.7.1 rejected as spam", "bounced", False),
        ("Das Postfach gibt es nicht.", "bounced", False),
    ],
)  # fmt: skip
def test_bounces_in_words_alone(text: str, said: str, hard: bool) -> None:
    found = read_report(bounce(text))
    assert (found.said, found.hard, found.tokens) == (said, hard, (TOKEN,))


def test_a_warning_that_a_mail_waits_is_no_bounce() -> None:
    warning = "Warning: message 1abc delayed 24 hours"
    assert read_report(bounce("It is tried for 3 days.", subject=warning)).said == "delayed"


def test_a_bounce_without_our_sign_is_known_by_the_mail_below_it() -> None:
    text = (
        "Hi. This is the qmail-send program.\n<ann@lead.example>:\n"
        "Remote host said: 550 5.1.1 User unknown\n\n--- Below this line is a copy.\n\n"
        f"From: sales@acme.example\nMessage-ID: <{TOKEN}@acme.example>\n\nHello"
    )
    found = read_report(bounce(text, to="sales@acme.example"))
    assert (found.said, found.hard, found.tokens) == ("bounced", True, (TOKEN,))
