"""The rules of the bot gate, one by one and in any order of arrival."""

from __future__ import annotations

import subprocess
import sys
import timeit
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.errors import UserError
from leadwise.ingest.gate import ClearRule, GateRules, Mark, Seen, gate_rules, seen_of, suspect
from leadwise.ingest.gate.agents import GATEWAY_NETWORKS, crawler_of, gateway_of, network_of
from leadwise.ingest.messages import Message
from leadwise.settings import GateSettings
from leadwise.store.documents import canonical

S = 1_000_000
T = 1_700_000_000 * S
RULES = GateRules()
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
GMAIL_IMAGES = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
)


def act(
    event: str, seconds: float = 0, document: Mapping[str, Any] | None = None,
    type_: Any = "track", **context: str,
) -> Message:  # fmt: skip
    at_us = T + int(seconds * S)
    return Message(
        type_, "test", "m", event, at_us, at_us, email="ann@acme.com",
        document=canonical(document or {}), context=context,
    )  # fmt: skip


def click(seconds: float, link: str | None = "/a", mail: str = "m1", **context: str) -> Message:
    return act("email_clicked", seconds, {"mail_id": mail, "link": link}, **context)


def delivered(seconds: float, mail: str = "m1") -> Message:
    return act("email_delivered", seconds, {"mail_id": mail})


def reach(messages: Sequence[Message], rules: GateRules = RULES) -> dict[int, set[str]]:
    """The reasons by place, when the messages reach us in their order."""
    reasons: dict[int, set[str]] = {}
    recent: list[Seen] = []
    for place, m in enumerate(messages, 1):
        for mark in suspect(m, recent, rules):
            reasons.setdefault(mark.event_id or place, set()).add(mark.reason)
        recent.append(seen_of(place, m.event, m.at_us, m.document, m.context, rules))
    return reasons


@pytest.mark.parametrize(
    ("gap", "suspected"),
    [(0, True), (5, True), (5.000001, False), (-1, True), (-60, True), (-60.000001, False)],
)
def test_a_click_near_the_delivery(gap: float, suspected: bool) -> None:
    expected = {"delivery"} if suspected else set()
    assert reach([delivered(0), click(gap)]).get(2, set()) == expected
    assert reach([click(gap), delivered(0)]).get(1, set()) == expected
    opened = act("email_opened", gap, {"mail_id": "m1"})
    assert reach([delivered(0), opened]).get(2, set()) == expected


def test_before_it_was_sent_is_a_matter_of_clocks() -> None:
    sent = act("email_sent", 0, {"mail_id": "m1"})
    assert reach([sent, click(-1)]) == {}
    assert reach([sent, click(1)]) == {2: {"delivery"}}


def test_another_mail_is_another_matter() -> None:
    assert reach([delivered(0, "m1"), click(1, mail="m2")]) == {}
    assert reach([delivered(0), act("email_clicked", 1, {"link": "/a"})]) == {}
    assert reach([act("email_delivered"), act("email_clicked", 1, {"link": "/a"})]) == {
        2: {"delivery"}
    }


def test_the_first_key_that_both_have_says_which_mail() -> None:
    first = act("email_delivered", 0, {"campaign_id": 7})
    second = act("email_clicked", 1, {"campaign_id": "7", "mail_id": "m1"})
    assert reach([first, second]) == {2: {"delivery"}}
    first = act("email_delivered", 0, {"campaign_id": 7, "mail_id": "m2"})
    assert reach([first, second]) == {}


def test_the_detail_says_how_near() -> None:
    (mark,) = suspect(click(2.5), [_seen(delivered(0), 9)], RULES)
    assert mark == Mark(None, "delivery", "2.5 s after the mail was delivered")
    (mark,) = suspect(delivered(0), [_seen(click(-3), 9)], RULES)
    assert mark == Mark(9, "delivery", "3 s before the mail was delivered")


def test_every_link_of_a_burst_is_marked_the_earlier_ones_too() -> None:
    marked = reach([click(100, "/a"), click(104, "/b"), click(110, "/c")])
    assert marked == {1: {"burst"}, 2: {"burst"}, 3: {"burst"}}
    assert reach([click(100, "/a"), click(104, "/b"), click(110.000001, "/c")]) == {}


def test_a_burst_needs_different_links() -> None:
    assert reach([click(s, "/a") for s in range(100, 108)]) == {}
    assert reach([click(100, "/a"), click(101, "/b"), click(102, "/a")]) == {}
    assert reach([click(s, None) for s in range(100, 108)]) == {}


def test_a_person_who_comes_after_a_scanner_counts() -> None:
    links = [click(100, "/a"), click(100, "/b"), click(101, "/c"), click(400, "/a")]
    assert 4 not in reach(links)


def test_opens_are_no_links() -> None:
    opens = [act("email_opened", s, {"mail_id": "m1", "link": f"/{s}"}) for s in (100, 101, 102)]
    assert reach(opens) == {}


def test_a_honeypot_betrays_the_clicks_about_it() -> None:
    trap = click(100, "https://acme.example/x?lw_honeypot=1&u=2")
    messages = [click(50), trap, click(155), click(165), click(100, mail="m2")]
    expected = {1: {"honeypot"}, 2: {"honeypot"}, 3: {"honeypot"}}
    assert reach(messages) == expected
    late = [messages[i] for i in (0, 2, 3, 4, 1)]
    assert reach(late) == {1: {"honeypot"}, 2: {"honeypot"}, 5: {"honeypot"}}


@pytest.mark.parametrize(
    ("message", "suspected"),
    [
        (act("page_viewed", 0, {"honeypot": True}, "page", user_agent=CHROME), True),
        (act("page_viewed", 0, type_="page", user_agent=CHROME, url="/x?lw_honeypot=1"), True),
        (act("page_viewed", 0, type_="page", user_agent=CHROME, url="/x?lw_honeypot=10"), False),
        (act("email_clicked", 0, {"honeypot": "true"}), True),
        (act("email_clicked", 0, {"honeypot": False}), False),
        (act("email_clicked", 0, {"link": "/a?lw_honeypot=1"}), True),
    ],
)
def test_what_is_a_honeypot(message: Message, suspected: bool) -> None:
    assert [m.reason for m in suspect(message, (), RULES)] == ["honeypot"] * suspected


def test_a_page_of_a_mail_s_honeypot_betrays_its_clicks() -> None:
    page = act(
        "page_viewed", 10, {"mail_id": "m1"}, "page", user_agent=CHROME, url="/?lw_honeypot=1"
    )
    assert reach([click(0), page, click(20)]) == {k: {"honeypot"} for k in (1, 2, 3)}


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "crawler"),
        ("python-requests/2.32.3", "crawler"),
        ("Barracuda Sentinel (EE)", "gateway"),
        ("Mozilla/5.0", "gateway"),
        (CHROME.replace("131.0.0.0", "42.0.2311.135") + " Edge/12.246 Mozilla/5.0", "gateway"),
        (CHROME + " Gmail-content-sampling", "gateway"),
        (CHROME, None),
        ("Microsoft Office/16.0 (Microsoft Outlook 16.0.18129; Pro)", None),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/96 Mobile", None),
    ],
)
def test_who_clicked(agent: str, reason: str | None) -> None:
    expected = [] if reason is None else [reason]
    assert [m.reason for m in suspect(click(0, user_agent=agent), (), RULES)] == expected
    told = act("email_clicked", 0, {"user_agent": agent}, user_agent=CHROME)
    assert [m.reason for m in suspect(told, (), RULES)] == expected


def test_a_mail_service_fetches_images_for_a_person() -> None:
    assert suspect(act("email_opened", user_agent=GMAIL_IMAGES), (), RULES) == ()
    (mark,) = suspect(act("email_clicked", user_agent=GMAIL_IMAGES), (), RULES)
    assert mark.reason == "crawler"


def test_a_library_tells_of_events_and_is_not_who_did_them() -> None:
    assert suspect(act("order_completed", user_agent="axios/1.7.2"), (), RULES) == ()
    (mark,) = suspect(act("order_completed", user_agent="GPTBot/1.2"), (), RULES)
    assert mark.reason == "crawler"


def test_what_is_said_of_somebody_is_not_judged() -> None:
    said = act("identify", type_="identify", user_agent="GPTBot/1.2")
    assert suspect(said, (), RULES) == ()


def test_networks_of_gateways() -> None:
    (mark,) = suspect(click(0, ip="64.235.150.7"), (), RULES)
    assert mark == Mark(None, "gateway", "Barracuda (64.235.144.0/20)")
    assert suspect(click(0, ip="64.235.160.7"), (), RULES) == ()
    assert network_of("::ffff:67.231.144.1") == "Proofpoint (67.231.144.0/20)"
    assert network_of("2001:db8::1", (("2001:db8::/32", "Ours"),)) == "Ours (2001:db8::/32)"
    assert network_of("0.0.0.9", (("2001:db8::/32", "Ours"), ("::/64", "Zero"))) is None
    assert network_of("9.9.9.9", (("0.0.0.0/1", "Half"),)) == "Half (0.0.0.0/1)"
    for text in ("", "nonsense", "64.235", "64.235.150.7, 10.0.0.1"):
        assert network_of(text, GATEWAY_NETWORKS) is None


def test_crawlers_are_those_of_the_package() -> None:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler

    agents = [a for entry in CRAWLER_USER_AGENTS_DATA[::15] for a in entry["instances"][:2]]
    agents += [CHROME, "", "x" * 400, GMAIL_IMAGES]
    assert len(agents) > 50
    for agent in agents:
        assert (crawler_of(agent) is not None) == is_crawler(agent[:512]), agent


def test_allowed_is_what_every_part_of_a_rule_covers() -> None:
    trap = click(0, "/?lw_honeypot=1", "m1", user_agent="Barracuda Sentinel (EE)")

    def reasons(*allow: ClearRule) -> set[str]:
        return {m.reason for m in suspect(trap, (), GateRules(allow=allow))}

    assert reasons() == {"honeypot", "gateway"}
    assert reasons(ClearRule(reason="gateway")) == {"honeypot"}
    assert reasons(ClearRule(mail="m1")) == set()
    assert reasons(ClearRule(mail="m2")) == {"honeypot", "gateway"}
    assert reasons(ClearRule(user_agent="BARRACUDA")) == set()
    assert reasons(ClearRule(identity="ann@acme.com", reason="honeypot")) == {"gateway"}
    assert reasons(ClearRule(identity="bob@acme.com")) == {"honeypot", "gateway"}
    assert reasons(ClearRule(reason="gateway"), ClearRule(reason="honeypot")) == set()


def test_faulty_rules_are_refused() -> None:
    for faulty in (
        {"honeypot_link": "("}, {"gateway_agents": (("[", "x"),)},
        {"gateway_networks": (("1.2.3.4/8", "x"),)},
    ):  # fmt: skip
        with pytest.raises(UserError) as refused:
            GateRules(**faulty)
        assert refused.value.code == "gate-pattern"
    with pytest.raises(UserError) as refused:
        ClearRule()
    assert refused.value.code == "gate-rule"


def test_thresholds_come_from_the_settings() -> None:
    rules = gate_rules(GateSettings(delivery_seconds=2, burst_seconds=4, burst_links=2))
    assert reach([delivered(0), click(3)], rules) == {}
    assert reach([click(100, "/a"), click(104, "/b")], rules) == {1: {"burst"}, 2: {"burst"}}


_MOMENTS = st.sampled_from([0, 1, 4, 5, 6, 9, 10, 11, 15, 20, 21, 59, 60, 61, 75])
_EVENTS = st.lists(
    st.one_of(
        st.builds(click, _MOMENTS, st.sampled_from(["/a", "/b", "/c", "/d", None]),
                  st.sampled_from(["m1", "m2"])),
        st.builds(delivered, _MOMENTS, st.sampled_from(["m1", "m2"])),
        st.builds(lambda s: click(s, "/?lw_honeypot=1"), _MOMENTS),
        st.builds(lambda s: act("email_opened", s, {"mail_id": "m1"}), _MOMENTS),
    ),
    max_size=9,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(messages: list[Message], chance: Any) -> None:
    order = list(range(len(messages)))
    chance.shuffle(order)
    shuffled = reach([messages[place] for place in order])
    assert {order[place - 1] + 1: reasons for place, reasons in shuffled.items()} == reach(messages)


@settings(max_examples=300, deadline=None)
@given(_EVENTS)
def test_bursts_are_what_the_definition_says(messages: list[Message]) -> None:
    clicks = {p: m for p, m in enumerate(messages, 1) if m.event == "email_clicked"}
    expected = set()
    for first in clicks.values():
        mail, start = first.document["mail_id"], first.at_us
        span = {
            p: m.document["link"]
            for p, m in clicks.items()
            if m.document["mail_id"] == mail and start <= m.at_us <= start + 10 * S
        }
        if len(set(span.values()) - {None}) >= 3:
            expected |= span.keys()
    assert {p for p, reasons in reach(messages).items() if "burst" in reasons} == expected


def test_events_that_are_no_concern_cost_next_to_nothing() -> None:
    message = act("order_completed", 0, {"total": 7})
    best = min(timeit.repeat(lambda: suspect(message, (), RULES), number=10_000, repeat=7))
    assert best / 10_000 < 2e-6, "0.3 microseconds on the machine it was written on"


def test_crawlers_are_loaded_when_first_needed() -> None:
    program = "import sys, leadwise.ingest.gate; print('crawleruseragents' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "False\n"


def test_long_user_agents_are_cut() -> None:
    assert crawler_of("x" * 600 + "Googlebot/2.1") is None
    assert gateway_of("x" * 600 + "Barracuda") is None


def _seen(message: Message, event_id: int) -> Seen:
    return seen_of(event_id, message.event, message.at_us, message.document, message.context, RULES)
