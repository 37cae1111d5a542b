"""Read of authority: who on the buyer's side decides, and what they are.

The main buyer is who decides, else who says most of it. Their title gives the level, what they say
of deciding the role. A role that is not said follows from the level and the other way round, with
less confidence. Where the sentence model is there, the role is what the whole talk makes likely
(`outcome`). Two who openly differ about who decides contradict each other: the main buyer's level
stays, the role is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from leadwise.qualify.answer import LEVELS, Answer, Quote, not_discussed
from leadwise.qualify.embedded.authority.outcome import features, role_shares
from leadwise.qualify.embedded.authority.posts import sensed_title
from leadwise.qualify.embedded.authority.said import Sign, signs_of
from leadwise.qualify.embedded.authority.sensed import Heard, heard, sensed
from leadwise.qualify.embedded.authority.titles import OwnTitle, own_titles
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.words import patterns
from leadwise.qualify.frame.model import Question

_ROLE_OF_LEVEL = {
    "c_level": "decision_maker",
    "vp": "decision_maker",
    "director": "decision_maker",
    "manager": "influencer",
    "individual": "end_user",
}
_LEVEL_ALWAYS = {"end_user": "individual"}
_LEVEL_OF_ROLE = {
    "decision_maker": "c_level",
    "influencer": "manager",
    "end_user": "individual",
    "consultant": "individual",
}
_KINDS_OF_ROLE = {
    "decision_maker": ("mine", "own"),
    "influencer": ("recommend", "denied", "theirs"),
    "end_user": ("uses", "denied", "theirs"),
    "consultant": ("consult",),
}
_SUREST = 0.9
"""The most that a role is believed: labelled conversations are few."""
_LONG = 8
"""Sentences of somebody's from which a title that was never said is guessed by the role: the head
of a small firm has none. In a short exchange it is unknown."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """One person of the buyer's side: titles, signs, how much of the talk is theirs (0 to 1)."""

    speaker: str
    titles: tuple[OwnTitle, ...]
    signs: tuple[Sign, ...]
    share: float
    is_first: bool

    def weight(self, *kinds: str) -> float:
        """The strongest sign of these kinds, and a little for each further one."""
        weights = sorted((one.weight for one in self.signs if one.kind in kinds), reverse=True)
        return (weights[0] + 0.3 * sum(weights[1:])) if weights else 0.0


@dataclass(frozen=True, slots=True)
class Heeded:
    """A talk weighed: its buyers, the main one with their title and level, and the sentences that
    the model was asked for."""

    buyers: tuple[Buyer, ...]
    main: Buyer
    title: OwnTitle | None
    level: str | None
    heard: tuple[Heard, ...]

    def features(self, hearing: Hearing) -> list[float]:
        """What counts of it for the main buyer's role."""
        own = [one for one in self.heard if one.sentence.speaker == self.main.speaker]
        is_short = not _says_much(hearing, self.main)
        return features(self.level, self.main.signs, own, len(self.buyers), is_short)


def heed(
    hearing: Hearing, titles: list[OwnTitle], words: Sequence[Sign], ignored: frozenset[int]
) -> Heeded | None:
    """A talk weighed by the titles and by the signs that words give; None without a buyer."""
    sentences = heard(hearing, words, ignored)
    signs = _turned([*words, *sensed(sentences, words)])
    buyers = _buyers(hearing, titles, signs)
    if not buyers:
        return None
    main = max(buyers, key=_importance)
    if (dispute := _dispute(hearing, buyers)) is not None:
        main = dispute[0]
    title = _title(main)
    level = _level(hearing, main, title, ignored)
    if level is None and (title := sensed_title(hearing, main.speaker, ignored)) is not None:
        level = title.level
    return Heeded(tuple(buyers), main, title, level, tuple(sentences))


def read_authority(hearing: Hearing, question: Question) -> Answer:
    """The answer: `level`, `role` and `title` of the main buyer."""
    ignored = instructions_in(hearing)
    words = signs_of(hearing, ignored)
    heeded = heed(hearing, own_titles(hearing, ignored), words, ignored)
    if heeded is None:
        return not_discussed(question.id)
    main, title, level = heeded.main, heeded.title, heeded.level
    if (dispute := _dispute(hearing, list(heeded.buyers))) is not None:
        _, claim, against = dispute
        return Answer(
            question.id,
            "contradicted",
            {"level": level, "role": None, "title": title.text if title else None},
            0.7,
            (claim.quote, against.quote),
            f"{main.speaker} and {against.sentence.speaker} differ on who decides",
        )
    role, told = _role(main, level)
    if level is None and _is_faint(told):
        return not_discussed(question.id)
    confidence = 0.65 if all(one.is_sensed for one in told) else 0.85
    why = "as they say"
    if role is None:
        role, confidence, why = _ROLE_OF_LEVEL[level or "manager"], 0.45, "by the title alone"
    if hearing.vectors is not None and (shares := role_shares(heeded.features(hearing))):
        likely = max(shares, key=shares.__getitem__)
        if likely != role:
            told = [one for one in main.signs if one.kind in _KINDS_OF_ROLE[likely]]
            why = "as they say" if told else "by the title and what they say together"
        role, confidence = likely, round(min(shares[likely], _SUREST), 2)
    if level is None:
        guessed = _LEVEL_OF_ROLE if _says_much(hearing, main) else _LEVEL_ALWAYS
        level, confidence = guessed.get(role), min(confidence, 0.5)
        why = "the role was said, no title"
    quotes = _quotes(hearing, main, title, told, ignored)
    if not quotes:
        return not_discussed(question.id, "they say nothing but text that instructs its reader")
    value = {"level": level, "role": role, "title": title.text if title else None}
    return Answer(question.id, "stated", value, confidence, quotes, why)


def _says_much(hearing: Hearing, buyer: Buyer) -> bool:
    return sum(one.speaker == buyer.speaker for one in hearing.buyers()) >= _LONG


def _turned(signs: list[Sign]) -> list[Sign]:
    """The signs, those of "I choose" or "it is mine" with little weight where a "but" follows and
    after it somebody else has the last word."""
    turns = {
        one.sentence.index: one.start
        for one in signs
        if one.is_sensed and one.start and one.kind in ("theirs", "recommend") and one.weight > 1.9
    }
    claimed = {
        one.sentence.index
        for one in signs
        if one.is_sensed and one.kind in ("mine", "own") and one.weight > _FAINT_ANSWER
    }
    return [
        replace(one, weight=min(one.weight, 0.5))
        if (one.kind in ("mine", "own") and one.end <= turns.get(one.sentence.index, 0))
        or (
            one.kind in ("denied", "theirs")
            and not one.is_sensed
            and one.weight <= _GUESSED
            and one.sentence.index in claimed
        )
        else one
        for one in signs
    ]


_GUESSED = 2.2
"""The most that a "no" or a name in an answer weighs, which "no, I sign alone" takes back."""


def _buyers(hearing: Hearing, titles: list[OwnTitle], signs: list[Sign]) -> list[Buyer]:
    said: dict[str, int] = {}
    for one in hearing.buyers():
        said[one.speaker] = said.get(one.speaker, 0) + len(one.text.split())
    total = sum(said.values()) or 1
    return [
        Buyer(
            speaker,
            tuple(one for one in titles if one.speaker == speaker),
            tuple(one for one in signs if one.speaker == speaker),
            words / total,
            place == 0,
        )
        for place, (speaker, words) in enumerate(said.items())
    ]


def _importance(buyer: Buyer) -> float:
    """Who decides, else who says of the deciding, else who talks most."""
    claims = buyer.weight("mine", "own") - 0.5 * buyer.weight("denied")
    tells = min(buyer.weight("recommend", "denied", "theirs"), 2.0)
    return 2 * buyer.share + max(claims, 0.7 * tells) + (0.3 if buyer.is_first else 0.0)


def _title(buyer: Buyer) -> OwnTitle | None:
    """The title that counts: the label's, else what they say first; a higher one that they say of
    themselves holds against the label."""
    if not buyer.titles:
        return None
    said = [one for one in buyer.titles if one.quote is not None]
    label = [one for one in buyer.titles if one.quote is None]
    best = min(said, key=lambda one: LEVELS.index(one.level), default=None)
    if label and best and best.level == "c_level":
        return best
    return label[0] if label else best


def _level(
    hearing: Hearing, buyer: Buyer, title: OwnTitle | None, ignored: frozenset[int]
) -> str | None:
    owns = [one for one in buyer.signs if one.kind == "own"]
    if any(not one.is_sensed for one in owns) and (
        title is None or title.level not in ("individual",) or not title.quote
    ):
        return "c_level"
    if title is not None:
        return title.level
    if owns and buyer.weight("own") > buyer.weight("consult"):
        return "c_level"
    words = patterns("authority", hearing.language)
    for one in hearing.buyers():
        if one.speaker != buyer.speaker or one.index in ignored:
            continue
        if words["heads"].search(one.text):
            return "director"
        if words["leads"].search(one.text):
            return "manager"
        if words["student"].search(one.text):
            return "individual"
    return None


def _role(buyer: Buyer, level: str | None) -> tuple[str | None, list[Sign]]:
    """The role with the signs that tell it."""

    def of(*kinds: str) -> list[Sign]:
        return [one for one in buyer.signs if one.kind in kinds]

    mine, others = buyer.weight("mine", "own"), buyer.weight("denied", "theirs")
    recommends, uses = buyer.weight("recommend"), buyer.weight("uses")
    if not any(one.kind in ("mine", "own") and not one.is_sensed for one in buyer.signs):
        mine += _SENSED_MORE.get(level or "", 0.0) if mine else 0.0
    if level in ("c_level", "vp", "director") and all(
        (one.is_sensed and not one.start) or (one.weight <= _GUESSED and not one.is_sensed)
        for one in of("denied", "theirs", "recommend")
    ):
        others, recommends = 0.7 * others, 0.8 * recommends
    is_high = level in ("c_level", "vp")
    if is_high or level == "director":
        uses = 0.0
    if (
        buyer.weight("consult") >= 1.3
        and buyer.weight("consult") > max(mine, recommends, uses)
        and not is_high
    ):
        return "consultant", of("consult")
    if level is None and max(mine, others, recommends, uses + 0.2) < _LEAST:
        return None, []
    if is_high and max(others, recommends + 0.6) < _ANSWERED and mine < _LEAST:
        return None, []
    if mine >= _LEAST and mine + (1.0 if is_high else 0.0) >= max(
        others, recommends + (0.5 if others >= _ANSWERED else -1.0)
    ):
        return "decision_maker", of("mine", "own")
    if recommends > 0 and recommends + (0.8 if level not in ("individual", None) else 0) >= uses:
        return "influencer", of("recommend", "denied", "theirs")
    if uses + 0.2 >= _LEAST or (uses > 0 and level in ("individual", None)):
        return "end_user", of("uses", "denied", "theirs")
    if others >= _LEAST:
        role = "end_user" if level in ("individual", None) else "influencer"
        return role, of("denied", "theirs")
    return None, []


_SENSED_MORE = {"c_level": 0.8, "vp": 0.8, "director": 0.8, "manager": -0.6, "individual": -1.2}
"""How much more somebody of a level is believed to decide where only the model senses it."""
_LEAST = 1.2
"""The weight from which a sign by itself tells a role."""
_ANSWERED = 2.0
"""The weight of signs that answer a question about who decides."""


def _is_faint(told: list[Sign]) -> bool:
    """Whether nothing tells a role, or only the sentence model senses a little."""
    return all(
        one.is_sensed
        and one.kind != "consult"
        and one.weight < (_FAINT_ANSWER if one.is_answer else _FAINT)
        for one in told
    )


_FAINT_ANSWER, _FAINT = 1.5, 1.9


def _quotes(
    hearing: Hearing,
    main: Buyer,
    title: OwnTitle | None,
    signs: list[Sign],
    ignored: frozenset[int],
) -> tuple[Quote, ...]:
    ordered = sorted(signs, key=lambda one: -one.weight)[:2]
    quotes = [one.quote for one in sorted(ordered, key=lambda one: one.sentence.index)]
    if title is not None and title.quote is not None:
        quotes.append(title.quote)
    if not quotes:
        own = [one for one in hearing.buyers() if one.speaker == main.speaker]
        own = [one for one in own if one.index not in ignored]
        quotes = [own[0].quote()] if own else []
    return tuple(dict.fromkeys(quotes))


def _dispute(hearing: Hearing, buyers: list[Buyer]) -> tuple[Buyer, Sign, Sign] | None:
    """Who claims to decide, the claim, and what a colleague says against it soon after, where
    neither gives in."""
    for buyer in buyers:
        claims = [one for one in buyer.signs if one.kind in ("mine", "own") and one.weight >= _LEAST
                  and (not one.is_sensed or one.weight >= _FAINT_ANSWER)
                  and one.sentence.speaker == buyer.speaker]  # fmt: skip
        others = [sign for other in buyers if other is not buyer for sign in other.signs]
        for claim in claims:
            for sign in others:
                turns = sign.sentence.turn - claim.sentence.turn
                is_sensed = claim.is_sensed or sign.is_sensed
                if (
                    0 < turns <= (1 if is_sensed else _SOON)
                    and sign.sentence.speaker != buyer.speaker
                    and _is_against(hearing, sign)
                    and not _gives_in(hearing, buyer.speaker, sign)
                    and not _gives_in(hearing, sign.sentence.speaker, sign)
                ):
                    return buyer, claim, sign
    return None


_SOON = 3
"""Turns within which a colleague's word is about a claim."""


def _is_against(hearing: Hearing, sign: Sign) -> bool:
    """Whether a sign stands against a colleague's claim: "you can't sign this", "no, the board
    decides", "I decide" after another's "I decide". What is only sensed needs a "no" before it."""
    words = patterns("authority", hearing.language)
    turn = [one for one in hearing.sentences if one.turn == sign.sentence.turn]
    objects = any(words["object"].search(one.text[:80]) for one in turn)
    starts = re.match(r"(?:\W*\w+){0,2}?\W*(?=" + words["object"].pattern + ")", turn[0].text, re.I)
    if sign.kind == "denies_you":
        return not any(one.is_question for one in turn[:1])
    if sign.is_sensed and not starts:
        return False
    if sign.kind in ("mine", "own"):
        return sign.weight >= _LEAST
    return sign.kind == "theirs" and objects


def _gives_in(hearing: Hearing, speaker: str, sign: Sign) -> bool:
    """Whether somebody agrees the next time that they speak."""
    words = patterns("authority", hearing.language)
    for one in hearing.sentences[sign.sentence.index + 1 :]:
        if one.speaker == speaker and one.turn > sign.sentence.turn:
            start = one.text[:60]
            return bool(words["agree"].search(start)) and not words["object"].search(start)
    return False
