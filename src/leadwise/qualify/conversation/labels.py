"""Which words before a colon are somebody's name, and which are only words before a colon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_PREFIX = re.compile(
    r"\s*(?:>>\s*)?(?P<mark>\*{0,2})(?P<label>[^\s:：*][^:：\n]{0,119}?)\s?"
    r"(?:(?::(?P=mark)|(?P=mark):)(?=\s|$)|：)[ \t]*"
)
_ASIDE = re.compile(r"\s*(?:[(\[][^()\[\]]*[)\]]|<[^<>\s]*@[^<>\s]*>)")
_NUMBERED = re.compile(r"(?:[^\W\d_]+ )?(?:\d{1,2}|[A-Z])$")
_CALLED = re.compile(r"[^\W\d_]+[ _#]\d{1,6}$")
"""A word and a number ("Visitor 4471")."""
_MORE = re.compile(r"\s*(?:,|\s[/|·]\s)\s*")
"""Between a name and the title or company behind it: "Karin Berg, CFO", "Veera / Kahvi"."""
_MORE_WORDS = 12
_SIGNS = re.compile(r"[!?;,\"“”„«»<>=/{}]|\.\s+[a-zà-ÿ]|https?$|\d{3,}")
_WORDS_MOST = 5
_ROLES = frozenset(
    "seller buyer rep representative agent customer client prospect lead caller interviewer "
    "interviewee host guest visitor user ae sdr bdr salesperson vendor "
    "verkäufer verkäuferin käufer käuferin kunde kundin vertrieb interessent interessentin "
    "vendedor vendedora comprador compradora cliente comercial "
    "vendeur vendeuse acheteur acheteuse client cliente commercial commerciale "
    "myyjä ostaja asiakas q a".split()
)
_NO_NAMES = frozenset(
    """note notes notiz hinweis nota remarque huom ps p.s pps re fw fwd aw wg vs subject betreff
    asunto objet aihe date datum fecha time duration agenda budget timeline authority need needs
    summary zusammenfassung resumen résumé yhteenveto goal goals question questions answer answers
    frage antwort pregunta respuesta question réponse kysymys vastaus example beispiel ejemplo
    exemple esimerkki action actions next steps action items key takeaways takeaways topics
    participants attendees teilnehmer asistentes osallistujat link links url attachment attachments
    title meeting recording transcript total price cost costs warning important update edit fyi
    todo tldr tl;dr pros cons option today tomorrow yesterday monday tuesday wednesday thursday
    friday saturday sunday phone tel mobile email e-mail mail web website address fax""".split()
    + ["next steps", "action items", "key takeaways", "meeting notes", "nächste schritte",
       "próximos pasos", "prochaines étapes", "seuraavat askeleet", "to do", "one thing"]
)  # fmt: skip


def prefix(line: str) -> tuple[str, int] | None:
    """The words before a line's first colon, where they may be a name, and where the rest starts.

    Parentheses belong to a label: "Anna Berg (CFO, Nordlack): ...".
    """
    match = _PREFIX.match(line)
    if match is None or not may_be_name(match["label"]):
        return None
    return match["label"].strip(), match.end()


def may_be_name(label: str) -> bool:
    """Whether words have the form of a name: few of them, without the signs of a sentence."""
    bare, more = _parted(label)
    words = bare.split()
    if not bare or len(bare) > 60 or not 1 <= len(words) <= _WORDS_MOST:
        return False
    if more and (len(more.split()) > _MORE_WORDS or not _is_large(bare)):
        return False
    if not bare[0].isalpha() and bare[0] != "+":
        return False
    if _CALLED.match(bare):
        return True
    return not _SIGNS.search(bare) and bare.casefold().strip(".") not in _NO_NAMES


def looks_like_name(label: str) -> bool:
    """Whether a label is a name even if it comes but once: every word begins large, it has its
    company in parentheses, or it is a role ("Customer", "Speaker 2")."""
    bare, _ = _parted(label)
    if bare.casefold() in _ROLES or _NUMBERED.match(bare) or _ASIDE.search(label):
        return True
    return _is_large(bare)


def _parted(label: str) -> tuple[str, str]:
    """The name, and what stands behind it without parentheses."""
    name, *more = _MORE.split(_ASIDE.sub("", label).strip(), maxsplit=1)
    return name.strip(), more[0] if more else ""


def _is_large(bare: str) -> bool:
    """Whether every word begins large, as names do; letters of some scripts have no size."""
    return all(_begins_large(word[0]) or word in _SMALL for word in bare.split())


def _begins_large(sign: str) -> bool:
    return sign.isupper() or (sign.isalpha() and not sign.islower())


_SMALL = frozenset("de del der den di du da dos la le van von zu zur af av el al bin y e".split())


def speakers(labels: Iterable[str]) -> frozenset[str]:
    """The labels that are speakers, of all words before colons in a file: who speaks twice, and
    who speaks once and has a name that looks like one."""
    counts = Counter(labels)
    return frozenset(one for one, count in counts.items() if count > 1 or looks_like_name(one))
