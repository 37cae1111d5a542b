"""Answers in words, as tables show them, and as documents for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadwise.cli.words import number
from leadwise.qualify.answer import Answer, Reading
from leadwise.qualify.conversation.opening import Opened
from leadwise.qualify.fields import facts_of
from leadwise.qualify.frame.model import Frame, Kind
from leadwise.qualify.talk import Conversation

STATUS = {
    "stated": "stated",
    "none": "there is none",
    "not_discussed": "not discussed",
    "contradicted": "contradicted",
}


def value_in_words(kind: Kind, value: Mapping[str, Any]) -> str:
    """A stated value: `80,000 to 90,000 EUR`, `director, influencer`, `3 months`."""
    if kind == "money":
        return _money(value)
    if kind == "authority":
        known = [value.get("level"), value.get("role"), value.get("title")]
        return ", ".join(str(one).replace("c_", "C ").replace("_", " ") for one in known if one)
    if kind == "need":
        return _need(value)
    if kind == "timeline":
        return _timeline(value)
    if kind == "yes_no":
        return {True: "yes", False: "no"}.get(value.get("yes"), "")  # type: ignore[arg-type]  # None is no key
    if kind == "number":
        found = value.get("number")
        unit = value.get("unit")
        return f"{number(float(found))}{f' {unit}' if unit else ''}" if found is not None else ""
    return str(value.get(kind) or "")


def _money(value: Mapping[str, Any]) -> str:
    least, most = value.get("amount_min"), value.get("amount_max")
    currency = f" {value['currency']}" if value.get("currency") else ""
    if least is None:
        return "amount not said" if most is None else f"up to {number(most)}{currency}"
    if most is None:
        return f"at least {number(least)}{currency}"
    return f"{number(least)}{'' if least == most else f' to {number(most)}'}{currency}"


def _need(value: Mapping[str, Any]) -> str:
    match, coverage = value.get("match"), value.get("coverage")
    covered = "" if coverage is None else f"{number(coverage)} % of the points"
    return ", ".join(str(one) for one in (match, covered) if one)


def _timeline(value: Mapping[str, Any]) -> str:
    months, by = value.get("months"), value.get("by")
    if months is None:
        return str(by or "time not said")
    said = "at once" if months == 0 else f"{number(months)} month{'' if months == 1 else 's'}"
    return f"{said} (by {by})" if by else said


def qualified_document(name: str, opened: Opened, frame: Frame, reading: Reading) -> dict[str, Any]:
    """A conversation with its answers for a program (docs/qualification.md)."""
    talk = opened.conversation
    speakers = dict.fromkeys((turn.speaker, turn.side) for turn in talk.turns)
    return {
        "file": name,
        "format": opened.format,
        "channel": talk.channel,
        "held_on": talk.held_on.isoformat(),
        "language": talk.language,
        "title": talk.title,
        "turns": len(talk.turns),
        "speakers": [{"speaker": speaker, "side": side} for speaker, side in speakers],
        "reader": reading.reader,
        "seconds": round(reading.seconds, 3),
        "answers": [answer_document(one, talk) for one in reading.answers],
        "facts": facts_of(frame, reading.answers),
        "refused": [answer_document(one, talk) for one in reading.refused],
    }


def answer_document(answer: Answer, talk: Conversation) -> dict[str, Any]:
    """An answer with its quotes; `turn` counts from 0, as `turns` of the conversation do."""
    return {
        "question": answer.question,
        "status": answer.status,
        "value": {key: list(v) if isinstance(v, tuple) else v for key, v in answer.value.items()},
        "confidence": round(answer.confidence, 2),
        "why": answer.why,
        "quotes": [
            {
                "turn": one.turn,
                "start": one.start,
                "text": one.text,
                "speaker": _speaker(talk, one.turn),
            }
            for one in answer.quotes
        ],
    }


def _speaker(talk: Conversation, turn: int) -> str | None:
    """Who speaks in a turn; a refused quote may name one that is not there."""
    return talk.turns[turn].speaker if 0 <= turn < len(talk.turns) else None
