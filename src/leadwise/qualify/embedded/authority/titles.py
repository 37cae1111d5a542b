"""Job titles: their level, and whose they are.

A title is found by its head noun ("Head of Data", "Betriebsleiterin", "kunnossapitopäällikkö") in
the words of the language. It is the speaker's own where the speaker's label has it, where a mail is
signed with it, where they introduce themselves with it ("I'm the h r manager here", "as plant
manager I ..."), or where they say yes to a seller who says it. Titles of people whom they only
mention are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from leadwise.qualify.answer import LEVELS, Quote
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.words import LANGUAGES, patterns

_FIRST = "_first"
_LABEL_PARTS = re.compile(
    r"\s*[,;|/·•]\s+|\s+[-–—|@·•]\s+|\s*\|\s*|\s+(?:at|bei|chez|en|von|from)\s+"
)
_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_CLAUSE = re.compile(r"[,;:.!?()\n]|\s[-–—]\s")
_BETWEEN_MOST = 5
"""Words that may stand between "I'm the" and the head of a title."""
_SIGNATURE_LINES = 8
_SIGNATURE_WORDS = 9


@dataclass(frozen=True, slots=True)
class Title:
    """A title in a text, from `start` to `end`: its head noun, widened to the words around it where
    it is somebody's own."""

    start: int
    end: int
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class OwnTitle:
    """A speaker's own title, with its quote where it was said (None: it stands in the label)."""

    speaker: str
    level: str
    text: str
    quote: Quote | None
    sentence: int = -1


def titles_in(text: str, language: str) -> list[Title]:
    """The titles of a text, in order; of two that overlap the longer, then the first listed."""
    words = patterns("titles", language)
    found = [
        (match.start() - match.end(), order, match, name.removesuffix(_FIRST))
        for order, (name, pattern) in enumerate(words.items())
        if name.removesuffix(_FIRST) in LEVELS
        for match in pattern.finditer(text)
        if match.end() > match.start()
    ]
    kept: list[Title] = []
    for _, _, match, level in sorted(found, key=lambda one: one[:2]):
        start, end = match.span()
        if all(end <= one.start or start >= one.end for one in kept):
            kept.append(Title(start, end, level, match[0]))
    return sorted(kept, key=lambda one: one.start)


def highest(titles: list[Title]) -> Title | None:
    """The title of the highest level; the first of them."""
    return min(titles, key=lambda one: LEVELS.index(one.level), default=None)


def title_of_label(label: str, language: str) -> Title | None:
    """The title in a speaker's label: "Jari Kemppainen (kunnossapitopäällikkö, Ukkovaaran Saha)",
    "Anna Berg, CFO", "ops manager". A name is no title ("Thomas Koch")."""
    first, *parts = _parts(label)
    for spoken in (language, *(one for one in ("en", *LANGUAGES) if one != language)):
        for part in parts:
            if (best := highest(titles_in(part, spoken))) is not None:
                return replace(best, text=part.strip())
    if _PARTY.match(first):
        return None
    for title in titles_in(first, language):
        rest = (first[: title.start] + first[title.end :]).split()
        if not rest or first[title.start : title.end].islower() or len(first.split()) > 2:
            return replace(title, text=first)
    return None


def parts_of_label(label: str) -> list[str]:
    """The parts of a speaker's label beside the name, in order: in brackets first."""
    return [part.strip() for part in _parts(label)[1:] if part.strip()]


def _parts(label: str) -> list[str]:
    inside = cast("list[str]", _BRACKETS.findall(label))
    outside = _LABEL_PARTS.split(_BRACKETS.sub(" ", label).strip())
    return [outside[0], *(p for text in inside for p in _LABEL_PARTS.split(text)), *outside[1:]]


_PARTY = re.compile(
    r"\W*(?:buyer|seller|agent|user|customer|client|guest|visitor|rep|representative|prospect|lead|"
    r"sales|host|owner|speaker|käufer|kunde|kundin|cliente|comprador|vendedor|client|acheteur|"
    r"vendeur|ostaja|myyjä|asiakas)(?: ?\d+| [A-Z])?\W*$",
    re.IGNORECASE,
)
"""A label that tells a part in the talk, not a job."""


def own_titles(hearing: Hearing, ignored: frozenset[int]) -> list[OwnTitle]:
    """Every title that a speaker of the buyer's side has, in order; labels first."""
    found: list[OwnTitle] = []
    speakers = dict.fromkeys(one.speaker for one in hearing.buyers())
    labels = [(speaker, title_of_label(speaker, hearing.language)) for speaker in speakers]
    found += [OwnTitle(speaker, one.level, one.text, None) for speaker, one in labels if one]
    early = [*dict.fromkeys(one.turn for one in hearing.buyers())][:2]
    for one in hearing.buyers():
        if one.index in ignored:
            continue
        for title in _introduced(one, hearing.language, one.turn in early):
            quote = one.quote() if len(one.text) < 160 else one.quote(*_around(one.text, title))
            found.append(OwnTitle(one.speaker, title.level, title.text, quote, one.index))
    found.extend(_signed(hearing, ignored))
    found.extend(_confirmed(hearing, ignored))
    found.extend(_presented(hearing, ignored, tuple(speakers)))
    return found


def _introduced(sentence: Sentence, language: str, is_early: bool) -> Iterator[Title]:
    """Titles that a sentence gives to its speaker."""
    words, text = patterns("titles", language), sentence.text
    titles = titles_in(text, language)
    if not titles:
        return
    ends = [match.end() for match in words["intro"].finditer(text)]
    direct = [match.end() for match in words["as_a"].finditer(text)]
    for title in titles:
        if words["after"].match(text[title.end :].lstrip(" ")) or words["after"].match(
            text[title.end :]
        ):
            continue
        for end in ends:
            between = text[end : title.start]
            if (
                end <= title.start
                and len(between.split()) <= _BETWEEN_MOST
                and not _CLAUSE.search(between.strip(" ,"))
                and not words["between"].search(between)
            ):
                yield replace(title, text=_whole(text, end, title))
                break
        else:
            if (
                (any(0 <= title.start - end <= 1 for end in direct) and _of_self(text, language))
                or _is_here(text, title, language)
                or (is_early and (_is_opening(text, title) or _is_named(sentence, title, language)))
            ):
                yield title


def _of_self(text: str, language: str) -> bool:
    return bool(_SELF[language].search(text))


_SELF = {
    "en": re.compile(r"\b(?:i|my|me|i'm|im|we|our)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:yo|me|mi|mis|nos|\w+o)\b", re.IGNORECASE),
    "de": re.compile(r"\b(?:ich|mir|mich|mein\w*|i|wir)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:je|j|moi|me|mon|ma|nous)\b", re.IGNORECASE),
    "fi": re.compile(r"\b(?:minä|mä|mie|minun|mun|\w+n)\b", re.IGNORECASE),
}


def _is_here(text: str, title: Title, language: str) -> bool:
    """ "ops manager here": a title that is said first and ends with "here"."""
    before = text[: title.start].split()
    after = text[title.end :]
    here = patterns("titles", language)["here"].search(after[:40])
    return len(before) <= 4 and here is not None and len(after[: here.start()].split()) <= 4 and (
        not before or before[-1].lower().strip(",") not in _DETERMINERS
    )  # fmt: skip


def _is_opening(text: str, title: Title) -> bool:
    """ "Secretary of a practice in Nantes": a message that starts with a title."""
    before = text[: title.start].split()
    follows = _AT.match(text[title.end :]) or title.text.lower().endswith((" of", " de", " für"))
    return len(before) <= 2 and bool(follows) and not any(
        word.lower().strip(",") in _DETERMINERS for word in before
    )  # fmt: skip


_AT = re.compile(
    r"(?: \w+)? (?:of|at|for|in|from|with|de|d['’]|du|del|en|chez|dans|bei|von|im|eines|einer)\b|"
    r"\s?[,.;–-]|\s*$",
    re.IGNORECASE,
)


def _is_named(sentence: Sentence, title: Title, language: str) -> bool:
    """ "This is Mike, the plant manager": a title after the speaker's own name."""
    text = sentence.text
    for match in patterns("titles", language)["named"].finditer(text, 0, title.start):
        between = text[match.end() : title.start]
        if len(between.split()) <= _BETWEEN_MOST and _is_name(between, sentence.speaker):
            return True
    return False


_DETERMINERS = frozenset(
    "the our my your a an his her their el la los mi un una der die das mein unser ein eine le mon "
    "notre une ce tuo se meidän".split()
)


def _whole(text: str, start: int, title: Title) -> str:
    """A title with the words between the introduction and it, and an "of ..." after it."""
    words = text[start : title.end].strip(" ,").split()
    while words and words[0].lower() in _DETERMINERS:
        words = words[1:]
    more = _MORE.match(text[title.end :])
    return " ".join(words) + (more[0] if more else "")


_MORE = re.compile(
    r" (?:of|for|de|del|des|du|für|der)(?: (?:the|la|el|los|las|le))? [\w&-]+", re.IGNORECASE
)


def _around(text: str, title: Title) -> tuple[int, int]:
    """Where the clause with a title starts and ends: at most some words to either side."""
    start = text.rfind(" ", 0, max(0, title.start - 40)) + 1 if title.start > 40 else 0
    end = text.find(" ", min(len(text), title.end + 40))
    return start, end if end != -1 else len(text)


def _signed(hearing: Hearing, ignored: frozenset[int]) -> Iterator[OwnTitle]:
    """Titles below a name at the end of a mail or message."""
    by_turn: dict[int, list[Sentence]] = {}
    for one in hearing.buyers():
        by_turn.setdefault(one.turn, []).append(one)
    for turn in by_turn.values():
        lines = turn[-_SIGNATURE_LINES:]
        last = turn[-1]
        if last.index not in ignored and not last.is_question:
            for spoken in dict.fromkeys((hearing.language, "en")):
                title = next(iter(titles_in(last.text, spoken)), None)
                if title is not None and _signs_off(last.text, title):
                    text = last.text[title.start :].strip(" .")
                    yield OwnTitle(
                        last.speaker, title.level, text, last.quote(title.start), last.index
                    )
                    break
        for place, one in enumerate(lines):
            named = place > 0 and _is_name(lines[place - 1].text, one.speaker)
            parts = _LABEL_PARTS.split(one.text)
            beside = len(parts) > 1 and _is_name(parts[0], one.speaker)
            if one.index in ignored or len(one.text.split()) > _SIGNATURE_WORDS:
                continue
            if not (
                named or beside or (place > 1 and _is_name(lines[place - 2].text, one.speaker))
            ):
                continue
            if one.is_question or _of_self(one.text, "en"):
                continue
            for spoken in dict.fromkeys((hearing.language, "en")):
                if (title := highest(titles_in(one.text, spoken))) is not None:
                    text = next((p for p in parts if title.text in p), one.text)
                    yield OwnTitle(one.speaker, title.level, text, one.quote(), one.index)
                    break


_CLOSING = re.compile(
    r"\b(?:(?:best|kind|warm|many|with|yours?|sincerely|faithfully|truly|thanks?|regards|wishes|"
    r"cheers|br|un|muy|cordial\w*|saludos?|atentamente|atte|gracias|abrazo|quedo|mit|freundlich\w+|"
    r"viele\w*|beste\w*|liebe\w*|schöne\w*|herzlich\w*|gr[uü](?:ß|ss)\w*|mfg|lg|vg|i|a|v|gez|danke|"
    r"bien|à|vous|toi|sincères|salutations|merci|d['’]avance|avec|mes|terveisin|ystävällisin|"
    r"parhain|terv|kiitos|kiittäen|yt|t)\b[.,]*\s*)+",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"\W*(?:[A-ZÀ-ÖØ-Þ][\w.'’-]*,?\s+){1,4}[-–—|]?\s*$")


def _signs_off(text: str, title: Title) -> bool:
    """ "Kind regards, Anjali, Legal Officer": a last line of a closing, a name and a title."""
    before = _CLOSING.sub("", text[: title.start].replace(" und ", " "))
    words = text[title.end :].split()
    return len(words) <= 4 and (
        bool(_SIGNED.match(before)) and ("," in text[: title.start] or "|" in text)
    )


def _is_name(line: str, speaker: str) -> bool:
    """Whether a line is (part of) the speaker's name."""
    names = set(re.findall(r"\w{2,}", _BRACKETS.sub(" ", speaker).lower()))
    said = re.findall(r"\w{2,}", line.lower())
    return 0 < len(said) <= 5 and any(one in names for one in said[:4])


def _confirmed(hearing: Hearing, ignored: frozenset[int]) -> Iterator[OwnTitle]:
    """Titles that a seller gives to the buyer ("so as head of people you ..."), who says yes, or
    says the title again with a yes."""
    words = patterns("titles", hearing.language)
    for one in hearing.sentences:
        if one.side != "seller" or not (titles := titles_in(one.text, hearing.language)):
            continue
        reply = hearing.reply_to(one)
        if reply is None or reply.index in ignored:
            continue
        title = titles[0]
        again = reply.text.lower().find(title.text.lower())
        is_said = again != -1 and hearing.says("yes", reply.text[again:][: len(title.text) + 8])
        if not is_said and not hearing.is_confirmed(one):
            continue
        you = patterns("authority", hearing.language)["asks_you"].search(one.text)
        is_as = any(0 <= title.start - m.end() <= 1 for m in words["as_a"].finditer(one.text))
        if you and (is_as or (you.start() < title.start and (is_said or one.is_question))):
            yield OwnTitle(reply.speaker, title.level, title.text, reply.quote(), one.index)


def _presented(
    hearing: Hearing, ignored: frozenset[int], speakers: tuple[str, ...]
) -> Iterator[OwnTitle]:
    """Titles that somebody of the buyer's side gives to a colleague who is there by name."""
    for one in hearing.buyers():
        if one.index in ignored or len(speakers) < 2:
            continue
        for title in titles_in(one.text, hearing.language):
            near = one.text[max(0, title.start - 30) : title.end + 25]
            for other in speakers:
                if other != one.speaker and named_in(other, near):
                    yield OwnTitle(other, title.level, title.text, one.quote(), one.index)


def named_in(speaker: str, text: str) -> bool:
    """Whether a text names a speaker by a part of the name."""
    names = re.findall(r"\w{3,}", _LABEL_PARTS.split(_BRACKETS.sub(" ", speaker))[0])
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names if name[0].isupper())
