"""What answers, statuses and readers are called on pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from leadwise.card.values import SECOND
from leadwise.qualify.frame.model import Frame, Question, said
from leadwise.web.pages.lead.naming import actor_said, words
from leadwise.web.pages.texts import Texts, zone_of

_MODEL = re.compile(r"^model:[^:]*:(.*)/[^/]*$")
"""How the model reader names itself: `model:openai:gpt-5/1`."""
LEVELS_OF_STATUS = {"stated": 3, "none": 0, "contradicted": 1, "unknown": 0, "not_discussed": 0}
"""The colour of a status: a level of a badge; it is written out beside, too."""


def status_said(status: str, texts: Texts) -> str:
    """A status as people call it."""
    _ = texts.say
    return {
        "stated": _("answered"),
        "none": _("there is none"),
        "not_discussed": _("not discussed"),
        "contradicted": _("contradicted"),
        "unknown": _("unknown"),
    }[status]


def review_said(review: str, texts: Texts) -> str:
    """What became of an answer; empty where nobody needed to look."""
    _ = texts.say
    return {
        "none": "",
        "waiting": _("waits for review"),
        "confirmed": _("confirmed"),
        "corrected": _("corrected"),
        "rejected": _("rejected"),
        "replaced": _("replaced"),
    }[review]


def channel_said(channel: str, texts: Texts) -> str:
    """A channel as people call it."""
    _ = texts.say
    return {"call": _("Call"), "email_thread": _("E-mails"), "chat": _("Chat")}.get(
        channel, words(channel)
    )


def side_said(side: str | None, texts: Texts) -> str:
    """Whose side somebody is on."""
    _ = texts.say
    return {
        "buyer": _("buyer"), "seller": _("seller"), "other": _("neither side"),
        None: _("side unknown"),
    }.get(side, "")  # fmt: skip


def answered_by(who: str, members: Mapping[str, str], texts: Texts) -> str:
    """Who or what answered: a member by name, the prospect, a reader."""
    _ = texts.say
    if who == "prospect":
        return _("the prospect, on a form")
    if who.startswith("embedded/"):
        return _("read by Leadwise")
    if who.startswith(("member:", "key:")):
        return actor_said(who, members, texts)
    return _("read by %(reader)s", reader=_MODEL.sub(r"\1", who))


def level_said(level: str, texts: Texts) -> str:
    """A level of an authority, where the frame has no words for it."""
    _ = texts.say
    return {
        "c_level": _("Executive management"), "vp": _("Vice president"),
        "director": _("Director"), "manager": _("Manager"), "individual": _("No staff to lead"),
    }.get(level, words(level))  # fmt: skip


def role_said(role: str, texts: Texts) -> str:
    """A part in a decision, where the frame has no words for it."""
    _ = texts.say
    return {
        "decision_maker": _("Decides"), "influencer": _("Has a say"), "end_user": _("Will use it"),
        "consultant": _("Advises from outside"),
    }.get(role, words(role))  # fmt: skip


def match_said(match: str, texts: Texts) -> str:
    """How much a need is met, where the frame has no words for it."""
    _ = texts.say
    return {"full": _("Full"), "partial": _("Partial"), "low": _("Low")}.get(match, words(match))


def answer_said(question: Question | None, status: str, value: Mapping[str, Any], texts: Texts
                ) -> str:  # fmt: skip
    """An answer in words: the value where one is stated, else the status."""
    if status == "none" and question is not None and (none := said(question.none, texts.language)):
        return none
    if status != "stated":
        found = status_said(status, texts)
        return found[:1].upper() + found[1:]
    if question is None:
        return ", ".join(str(one) for one in value.values() if one is not None)
    return value_said(question, value, texts)


def value_said(question: Question, value: Mapping[str, Any], texts: Texts) -> str:
    """A value of a kind in words."""
    _ = texts.say
    match question.kind:
        case "money":
            return money_said(value, texts)
        case "authority":
            parts = [
                _label(question, "level", value.get("level"), texts, level_said),
                _label(question, "role", value.get("role"), texts, role_said),
                value.get("title"),
            ]
            return "; ".join(one for one in parts if one)
        case "need":
            return _need(question, value, texts)
        case "timeline":
            return _timeline(value, texts)
        case "choice":
            option = next((o for o in question.options if o.id == value.get("choice")), None)
            return said(option.label, texts.language) if option else str(value.get("choice"))
        case "yes_no":
            return _("Yes") if value.get("yes") else _("No")
        case "number":
            number = value.get("number")
            unit = value.get("unit") or ""
            return f"{texts.number(float(number)) if number is not None else ''} {unit}".strip()
        case _:
            return str(value.get("text") or "")


def money_said(value: Mapping[str, Any], texts: Texts) -> str:
    """An amount or a range of amounts."""
    _ = texts.say
    least, most, currency = (value.get(part) for part in ("amount_min", "amount_max", "currency"))
    low = None if least is None else texts.number(float(least))
    high = None if most is None else texts.number(float(most))
    money = f" {currency}" if currency else ""
    if low is None and high is None:
        return str(currency or "")
    if low is None:
        return _("up to %(amount)s", amount=f"{high}{money}")
    if high is None:
        return _("%(amount)s or more", amount=f"{low}{money}")
    return f"{low}{money}" if low == high else _("%(low)s to %(high)s", low=low,
                                                 high=f"{high}{money}")  # fmt: skip


def _need(question: Question, value: Mapping[str, Any], texts: Texts) -> str:
    _ = texts.say
    parts = [_label(question, "match", value.get("match"), texts, match_said)]
    items = value.get("items") or ()
    if items:
        parts.append(", ".join(items))
    coverage, intensity = value.get("coverage"), value.get("intensity")
    if coverage is not None:
        parts.append(_("covers %(share)s", share=texts.percent(float(coverage) / 100)))
    if intensity is not None:
        parts.append(_("hurts %(number)s of 100", number=texts.number(float(intensity), 0)))
    return "; ".join(one for one in parts if one)


def _timeline(value: Mapping[str, Any], texts: Texts) -> str:
    _ = texts.say
    by, months = value.get("by"), value.get("months")
    if by:
        try:
            day = date.fromisoformat(str(by)[:10])
        except ValueError:
            return str(by)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return _("by %(day)s", day=texts.date(int(at.timestamp() * SECOND), zone_of("UTC")))
    if months is None:
        return ""
    return texts.count("within a month", "within %(num)s months", round(float(months)) or 1)


def _label(question: Question, part: str, id_: Any, texts: Texts, plain: Any) -> str:
    if not id_:
        return ""
    option = next((one for one in question.options if one.value.get(part) == id_), None)
    found: str = said(option.label, texts.language) if option else plain(str(id_), texts)
    return found


def question_of(frame: Frame, id_: str) -> Question | None:
    """The question of an id; None for one that the frame has no more."""
    return next((one for one in frame.questions if one.id == id_), None)
