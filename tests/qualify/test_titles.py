"""Job titles of labels, introductions and signatures, in five languages."""

from __future__ import annotations

from datetime import date

import pytest

from leadwise.qualify.embedded.authority.titles import (
    highest,
    own_titles,
    title_of_label,
    titles_in,
)
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.talk import Conversation, Turn

LABELS = [
    ("en", "Anna Berg (CFO, Nordlack)", "c_level"),
    ("en", "Anna Berg, Chief People Officer", "c_level"),
    ("en", "Tom Hill - Managing Director", "c_level"),
    ("en", "Tom Hill (SVP Sales, Acme)", "vp"),
    ("en", "Tom Hill (Vice President, Operations)", "vp"),
    ("en", "Tom Hill (Head of Data, Acme)", "director"),
    ("en", "Tom Hill (Deputy Director of Finance, Acme)", "director"),
    ("en", "Tom Hill (interim Head of IT)", "director"),
    ("en", "Tom Hill (head chef, The Bell)", "manager"),
    ("en", "Tom Hill (shift supervisor, Acme)", "manager"),
    ("en", "office manager", "manager"),
    ("en", "Tom Hill (assistant to the CEO, Acme)", "individual"),
    ("en", "Tom Hill (CEO's assistant, Acme)", "individual"),
    ("en", "Tom Hill (Product Owner, Acme)", "individual"),
    ("en", "Tom Hill (M&E Officer)", "individual"),
    ("en", "Tom Hill (Sales Executive, Acme)", "individual"),
    ("en", "Tom Hill (Acme)", None),
    ("en", "Speaker 2", None),
    ("es", "Ana Ruiz (directora general, Hotel Sol)", "c_level"),
    ("es", "Ana Ruiz (dueña)", "c_level"),
    ("es", "Ana Ruiz (directora comercial, Hotel Sol)", "director"),
    ("es", "Ana Ruiz (gerente de logística, Sol)", "manager"),
    ("es", "Ana Ruiz (jefa de compras, Sol)", "manager"),
    ("es", "Ana Ruiz (asistente de dirección, Sol)", "individual"),
    ("de", "Eva Koch (Geschäftsführerin, Bau AG)", "c_level"),
    ("de", "Eva Koch (Inhaberin)", "c_level"),
    ("de", "Eva Koch (Bereichsleiterin Technik, Bau AG)", "director"),
    ("de", "Eva Koch (IT-Leiterin, Bau AG)", "director"),
    ("de", "Eva Koch (Betriebsleiterin, Bau AG)", "manager"),
    ("de", "Eva Koch (Sachbearbeiterin Einkauf, Bau AG)", "individual"),
    ("de", "Eva Koch (Assistentin der Geschäftsleitung, Bau AG)", "individual"),
    ("de", "Eva Koch", None),
    ("fr", "Léa Petit (PDG, Volta)", "c_level"),
    ("fr", "Léa Petit (directrice générale adjointe, Volta)", "c_level"),
    ("fr", "Léa Petit (DSI, Volta)", "director"),
    ("fr", "Léa Petit (directrice logistique, Volta)", "director"),
    ("fr", "Léa Petit (responsable qualité, Volta)", "manager"),
    ("fr", "Léa Petit (cheffe de service, Volta)", "manager"),
    ("fr", "Léa Petit (chargée de mission, Volta)", "individual"),
    ("fr", "Léa Petit (assistante de direction, Volta)", "individual"),
    ("fi", "Aino Laine (toimitusjohtaja, Laine Oy)", "c_level"),
    ("fi", "Aino Laine (yrittäjä)", "c_level"),
    ("fi", "Aino Laine (talousjohtaja, Laine Oy)", "director"),
    ("fi", "Aino Laine (kunnossapitopäällikkö, Laine Oy)", "manager"),
    ("fi", "Aino Laine (työnjohtaja, Laine Oy)", "manager"),
    ("fi", "Aino Laine (toimitusjohtajan assistentti, Laine Oy)", "individual"),
    ("fi", "Aino Laine (vahtimestari)", "individual"),
]


@pytest.mark.parametrize(("language", "label", "level"), LABELS)
def test_a_label_tells_a_level(language: str, label: str, level: str | None) -> None:
    found = title_of_label(label, language)
    assert (found.level if found else None) == level


SAID = [
    ("en", "im the h r manager here so its me and one other girl", "manager"),
    ("en", "I'm the acting CFO.", "c_level"),
    ("en", "I am manager of facility section.", "manager"),
    ("en", "As plant manager I see it every day.", "manager"),
    ("en", "My role here is procurement specialist.", "individual"),
    ("en", "I work as a nurse on the ward.", "individual"),
    ("en", "ops manager here, quick question", "manager"),
    ("en", "I was promoted to Head of Sales in May.", "director"),
    ("en", "I'm the CEO's assistant.", "individual"),
    ("en", "I'm waiting for the CFO.", None),
    ("en", "I'm not the manager.", None),
    ("en", "The finance director signs it.", None),
    ("en", "I'm talking to the owner tomorrow.", None),
    ("en", "I'm the owner's son.", None),
    ("es", "Soy la directora de operaciones.", "director"),
    ("es", "Yo soy el dueño.", "c_level"),
    ("es", "Soy hijo del dueño.", None),
    ("es", "El gerente lo firma.", None),
    ("de", "Ich bin hier der Betriebsleiter.", "manager"),
    ("de", "Als Geschäftsführerin unterschreibe ich das.", "c_level"),
    ("de", "Ich bin die Frau vom Chef.", None),
    ("de", "Der Geschäftsführer unterschreibt.", None),
    ("fr", "Je suis responsable RH dans une boîte de transport.", "manager"),
    ("fr", "En tant que directrice, je signe.", "director"),
    ("fr", "Je suis la femme du patron.", None),
    ("fi", "Olen toimitusjohtaja.", "c_level"),
    ("fi", "Toimin tuotantopäällikkönä.", "manager"),
    ("fi", "Toimitusjohtaja päättää.", None),
]


@pytest.mark.parametrize(("language", "text", "level"), SAID)
def test_only_a_title_of_their_own_counts(language: str, text: str, level: str | None) -> None:
    talk = Conversation("call", date(2026, 3, 2), (Turn("Buyer", "buyer", text),), language)
    found = own_titles(hear(talk, None, language), frozenset())
    assert [one.level for one in found[:1]] == ([level] if level else [])


def test_a_mail_is_signed_with_a_title() -> None:
    text = "Hi Owen,\n\nit fits.\n\nRenée Thibault\nChief Information Security Officer"
    turns = (Turn("Renée Thibault (Prairie Sky)", "buyer", text),)
    talk = Conversation("email_thread", date(2026, 3, 2), turns, "en")
    found = own_titles(hear(talk, None, "en"), frozenset())
    assert {one.level for one in found} == {"c_level"}
    assert {one.quote.text for one in found if one.quote} == {"Chief Information Security Officer"}


def test_a_title_that_a_seller_says_counts_when_it_is_confirmed() -> None:
    asked = Turn("Sam", "seller", "You're the head of purchasing there?")
    for reply, levels in (("Yes, that's right.", ["director"]), ("No, she's off today.", [])):
        turns = (asked, Turn("Kay", "buyer", reply))
        talk = Conversation("call", date(2026, 3, 2), turns, "en")
        found = own_titles(hear(talk, None, "en"), frozenset())
        assert [one.level for one in found] == levels


def test_the_longer_of_two_titles_counts() -> None:
    found = titles_in("vice president and assistant to the managing director", "en")
    assert [one.level for one in found] == ["vp", "individual"]
    assert highest(found) == found[0]
    assert highest([]) is None
