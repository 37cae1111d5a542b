"""Which events are no person's, judged from the event and what else was seen of its lead's mails.

The marks do not depend on the order in which events reach us: each new one is judged beside all
that are recorded within `GateRules.reach_us` of it, and marks earlier ones too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from leadwise.ingest.gate.agents import crawler_of, gateway_of, network_of
from leadwise.ingest.gate.rules import SECOND_US, GateRules, MailKey, Mark, Reason, Seen
from leadwise.ingest.messages import Message
from leadwise.store.documents import Scalar

OURSELVES = 0
"""The event id of the message that is judged: no recorded event has it."""
ON_HONEYPOT = "on a honeypot link"
_JUDGED = frozenset(("track", "page", "screen"))
_Marks: TypeAlias = dict[tuple[int, Reason], str]


def concerns(message: Message, rules: GateRules) -> bool:
    """Whether it can be marked or bring a mark to others. A quick look, for every event."""
    return "user_agent" in message.context or message.event in rules.mail_events


def suspect(message: Message, recent: Sequence[Seen], rules: GateRules) -> tuple[Mark, ...]:
    """The marks that a message brings to itself and to `recent`, the mail events of its lead.

    Of `recent` only what lies within `rules.reach_us` matters. At most one mark for each event and
    reason; none that `rules.allow` clears, by the message's own identities.
    """
    if not concerns(message, rules):
        return ()
    found = suspicions(message, recent, rules)
    if not found or not rules.allow:
        return found
    own = as_seen(OURSELVES, message, rules)
    seen = {OURSELVES: own} | {each.event_id: each for each in recent}
    names = names_of(message)

    def cleared(mark: Mark) -> bool:
        of = seen[mark.event_id or OURSELVES]
        return any(r.covers(mark.reason, names, of.mail, of.user_agent) for r in rules.allow)

    return tuple(mark for mark in found if not cleared(mark))


def suspicions(message: Message, recent: Iterable[Seen], rules: GateRules) -> tuple[Mark, ...]:
    """The same before any rule clears them."""
    if message.type not in _JUDGED:
        return ()
    marks: _Marks = {}
    if beside_others(message, rules):
        own = as_seen(OURSELVES, message, rules)
        near = [
            each
            for each in recent
            if abs(each.at_us - own.at_us) <= rules.reach_us and same_mail(each.mail, own.mail)
        ]
        _delivery(own, near, rules, marks)
        _burst(own, near, rules, marks)
        _honeypot(own, near, rules, marks)
    elif _is_honeypot(message.document, message.context.get("url"), rules):
        marks[OURSELVES, "honeypot"] = ON_HONEYPOT
    _agent(message, rules, marks)
    if not marks:  # as nearly always
        return ()
    return tuple(
        Mark(event_id or None, reason, detail) for (event_id, reason), detail in marks.items()
    )


def beside_others(message: Message, rules: GateRules) -> bool:
    """Whether a message is judged beside other events: of a mail, or on a mail's honeypot."""
    return message.event in rules.mail_events or (
        any(message.document.get(key) is not None for key in rules.mail_keys)
        and _is_honeypot(message.document, message.context.get("url"), rules)
    )


def as_seen(event_id: int, message: Message, rules: GateRules) -> Seen:
    return seen_of(event_id, message.event, message.at_us, message.document, message.context, rules)


def seen_of(
    event_id: int, event: str, at_us: int, document: Mapping[str, Scalar],
    context: Mapping[str, str], rules: GateRules,
) -> Seen:  # fmt: skip
    """What the rules need of an event as it is recorded."""
    return Seen(
        event_id, event, at_us, tuple([_text(document.get(key)) for key in rules.mail_keys]),
        _first(document, rules.link_keys), _is_honeypot(document, context.get("url"), rules),
        _first(document, rules.agent_keys) or context.get("user_agent"),
    )  # fmt: skip


def names_of(message: Message) -> frozenset[str]:
    """The identities that a message gives."""
    given = (message.email, message.user_id, message.anonymous_id, message.crm_id)
    return frozenset(name for name in given if name)


def same_mail(one: MailKey, other: MailKey) -> bool:
    """Equal in the first key that both have; two events that say nothing of a mail are of one."""
    for left, right in zip(one, other, strict=True):
        if left is not None and right is not None:
            return left == right
    return not any(one) and not any(other)


def _delivery(own: Seen, near: Sequence[Seen], rules: GateRules, marks: _Marks) -> None:
    """Opens and clicks too near to the delivery, whichever of the two came to us first."""
    for each in near:
        act, delivery = (own, each) if _is_delivery(each, rules) else (each, own)
        if not _is_delivery(delivery, rules) or not _is_act(act, rules):
            continue
        gap = act.at_us - delivery.at_us
        if 0 <= gap <= rules.after_delivery_us:
            when = "was sent" if delivery.event in rules.sent else "was delivered"
            marks[act.event_id, "delivery"] = f"{_seconds(gap)} after the mail {when}"
        elif delivery.event in rules.delivered and 0 < -gap <= rules.before_delivery_us:
            marks[act.event_id, "delivery"] = f"{_seconds(-gap)} before the mail was delivered"


def _burst(own: Seen, near: Sequence[Seen], rules: GateRules, marks: _Marks) -> None:
    """Every click in each span of `burst_us` that holds this one and enough different links."""
    if own.event not in rules.clicked:
        return
    clicks = [
        each
        for each in near
        if each.event in rules.clicked and abs(each.at_us - own.at_us) <= rules.burst_us
    ]
    if len({each.link for each in clicks if each.link} | {own.link}) < rules.burst_links:
        return
    clicks = sorted([own, *clicks], key=lambda each: each.at_us)
    links: Counter[str] = Counter()  # of clicks[first:end]
    end, marked, detail = 0, range(0), ""
    for first, start in enumerate(clicks):
        if start.at_us > own.at_us:
            break
        while end < len(clicks) and clicks[end].at_us <= start.at_us + rules.burst_us:
            links[clicks[end].link or ""] += 1
            end += 1
        different = len(links) - ("" in links)
        if different >= rules.burst_links and clicks[end - 1].at_us >= own.at_us:
            # Spans that all hold one click are together one stretch.
            marked = range(marked.start if marked else first, end)
            length = _seconds(clicks[end - 1].at_us - start.at_us)
            detail = f"{different} links of one mail within {length}"
        links[start.link or ""] -= 1
        if not links[start.link or ""]:
            del links[start.link or ""]
    for place in marked:
        marks[clicks[place].event_id, "burst"] = detail


def _honeypot(own: Seen, near: Sequence[Seen], rules: GateRules, marks: _Marks) -> None:
    """The event on the honeypot itself, and clicks on the same mail before and after it."""
    if own.honeypot:
        marks[OURSELVES, "honeypot"] = ON_HONEYPOT
    for each in near:
        gap = abs(each.at_us - own.at_us)
        if gap > rules.honeypot_us:
            continue
        if own.honeypot and each.event in rules.clicked and not each.honeypot:
            marks[each.event_id, "honeypot"] = f"{_seconds(gap)} from one on a honeypot link"
        if each.honeypot and own.event in rules.clicked and not own.honeypot:
            marks[OURSELVES, "honeypot"] = f"{_seconds(gap)} from one on a honeypot link"


def _agent(message: Message, rules: GateRules, marks: _Marks) -> None:
    """Crawlers and gateways, by the user agent and the network."""
    event, of_mail = message.event, message.event in rules.mail_events
    if of_mail and event not in rules.clicked and event not in rules.opened:
        return
    agent, ip = message.context.get("user_agent"), message.context.get("ip")
    if of_mail:
        agent = _first(message.document, rules.agent_keys) or agent
        ip = _first(message.document, rules.ip_keys) or ip
    gateway = gateway_of(agent, rules.gateway_agents) if agent else None
    gateway = gateway or (network_of(ip, rules.gateway_networks) if ip else None)
    if gateway:
        marks[OURSELVES, "gateway"] = gateway
    if not agent or not rules.crawlers:
        return
    crawler = crawler_of(agent)
    if crawler is None or (event in rules.opened and _is_proxy(agent, rules)):
        return
    # A library in the context of another event is the program that told us of it.
    if of_mail or not crawler.library:
        marks[OURSELVES, "crawler"] = crawler.pattern.replace("\\", "")


def _is_proxy(agent: str, rules: GateRules) -> bool:
    return bool(rules.image_proxies and re.search(rules.image_proxies, agent))


def _is_delivery(seen: Seen, rules: GateRules) -> bool:
    return seen.event in rules.sent or seen.event in rules.delivered


def _is_act(seen: Seen, rules: GateRules) -> bool:
    return seen.event in rules.clicked or seen.event in rules.opened


def _is_honeypot(document: Mapping[str, Scalar], url: str | None, rules: GateRules) -> bool:
    if rules.honeypot_key and document.get(rules.honeypot_key) in (True, "true"):
        return True
    if not rules.honeypot_link:
        return False
    link = _first(document, rules.link_keys)
    return bool(
        (link and re.search(rules.honeypot_link, link))
        or (url and re.search(rules.honeypot_link, url))
    )


def _first(document: Mapping[str, Scalar], keys: Sequence[str]) -> str | None:
    for key in keys:
        text = _text(document.get(key))
        if text is not None:
            return text
    return None


def _text(value: Scalar) -> str | None:
    return None if value is None or isinstance(value, bool) else str(value)


def _seconds(span_us: int) -> str:
    return f"{span_us / SECOND_US:.3g} s"
