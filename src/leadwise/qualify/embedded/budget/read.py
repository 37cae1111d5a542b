"""Which budget the buyer's side has: what was said of it, sentence by sentence, made one answer."""

from __future__ import annotations

from leadwise.qualify.answer import Answer, Quote, not_discussed
from leadwise.qualify.embedded.budget.positions import Outcome, settled
from leadwise.qualify.embedded.budget.said import said_of
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.money.amounts import amounts
from leadwise.qualify.embedded.money.currencies import currencies, currency_of
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.frame.model import Question

_CONFIDENT = 0.95


def read_budget(hearing: Hearing, question: Question) -> Answer:
    """The budget of the buyer's side.

    Stated: an amount (one figure, a range, or one bound), or approved with the figure withheld
    (amounts None). A figure for a month, a quarter or a seat is made a year's and everybody's.
    """
    said = said_of(hearing)
    outcome = settled(hearing, said)
    if outcome is None:
        return not_discussed(question.id, "no figure of theirs" if said else "")
    quotes = _quotes(outcome)
    if outcome.status != "stated":
        value = dict.fromkeys(("amount_min", "amount_max", "currency"))
        return Answer(question.id, outcome.status, value, outcome.confidence, quotes, outcome.why)
    amount = outcome.position.amount
    if amount is None:
        value = dict.fromkeys(("amount_min", "amount_max", "currency"))
        return Answer(question.id, "stated", value, outcome.confidence, quotes, outcome.why)
    others = [one.amount.currency for one in outcome.near if one.amount is not None]
    others += _currencies_near(hearing, outcome.position.sentence)
    currency = currency_of(
        amount.currency, others, hearing.conversation, hearing.language
    )  # fmt: skip
    times = amount.times or 1.0
    value_of = {
        "amount_min": _year(amount.low, times),
        "amount_max": _year(amount.high, times),
        "currency": currency,
    }
    unsure = 0.1 if amount.currency is None else 0.0
    confidence = min(_CONFIDENT, max(0.2, outcome.confidence - unsure))
    return Answer(question.id, "stated", value_of, confidence, quotes, outcome.why)


def _currencies_near(hearing: Hearing, sentence: Sentence) -> list[str]:
    """Currencies named anywhere, the nearest first: "yes, Sing dollars", a seller's price."""
    near = sorted(hearing.around(sentence, 30, 30), key=lambda one: abs(one.turn - sentence.turn))
    known = currencies()
    found = [code for one in near for code in known.standing_alone(one.text)]
    for one in near:
        found += [
            amount.currency for amount in amounts(one.text, hearing.language) if amount.currency
        ]
    return found


def _year(bound: float | None, times: float) -> float | None:
    return None if bound is None else round(bound * times, 2)


def _quotes(outcome: Outcome) -> tuple[Quote, ...]:
    found: list[Quote] = []
    for said in outcome.proof:
        for quote in said.quotes:
            if quote not in found:
                found.append(quote)
    return tuple(found)
