"""Laws of reading the Segment protocol: any bytes, any JSON, any mixture of good and bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from leadwise.card import values as card_values
from leadwise.card.values import FIRST_US, parse_time
from leadwise.errors import UserError
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.segment import Arrival, Kind, receive, receive_again, write_key_in

NOW = parse_time("2026-11-21T19:34:27Z")
ARRIVAL = Arrival("site", NOW, "10.0.0.9", "Mozilla/5.0")
KINDS: tuple[Kind, ...] = (
    "identify", "track", "page", "screen", "group", "alias", "batch", "import",
)  # fmt: skip
KEYS = """type event userId anonymousId previousId groupId messageId timestamp sentAt receivedAt
name category properties traits context page campaign library ip userAgent url email batch writeKey
x a.b""".split()

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["track", "identify", "alias", "2026-11-20", "ann@acme.example", "\ud800"])
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=8)
    ),
    max_leaves=25,
)
good = st.fixed_dictionaries(
    {"type": st.sampled_from(["page", "screen", "identify"]), "userId": st.just("u")},
    optional={"properties": st.dictionaries(st.text(max_size=5), leaves, max_size=4)},
)


@given(st.sampled_from(KINDS), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(kind: Kind, body: bytes) -> None:
    _read(kind, body)


@given(st.sampled_from(KINDS), values, st.integers(0, 400), st.binary(max_size=3))
def test_any_json_is_read_or_refused(kind: Kind, value: object, at: int, junk: bytes) -> None:
    for text in (json.dumps(value), json.dumps({"batch": value})):
        body = text.encode()
        _read(kind, body)
        _read(kind, body[:at] + junk + body[at:])


@given(st.lists(st.tuples(st.booleans(), good, values), max_size=6))
def test_each_item_is_a_message_or_a_refusal_and_good_ones_are_never_lost(
    drawn: list[tuple[bool, dict[str, object], object]],
) -> None:
    items = [well if is_good else ill for is_good, well, ill in drawn]
    received = receive("batch", json.dumps({"batch": items}).encode(), ARRIVAL)
    assert len(received.messages) + len(received.refusals) == len(items)
    bad = {refusal.index for refusal in received.refusals}
    assert not [place for place, (is_good, _, _) in enumerate(drawn) if is_good and place in bad]


@given(st.text(max_size=30))
def test_a_refused_event_sent_again_as_it_is_is_refused_again(text: str) -> None:
    first = receive("track", json.dumps({"event": "A", "timestamp": f"{text}!"}).encode(), ARRIVAL)
    again = receive_again(first.refusals[0].body, ARRIVAL)
    assert [each.code for each in again.refusals] == [first.refusals[0].code]


@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)),  # noqa: DTZ001 - zones follow
    st.sampled_from(["seconds", "milliseconds", "microseconds", "minutes"]),
    st.integers(-14 * 60, 14 * 60) | st.none(),
    st.sampled_from("TtW 5,-"),
    st.integers(0, 40),
)
def test_the_quick_reading_of_times_is_the_full_one(
    moment: datetime, unit: str, offset: int | None, sign: str, at: int
) -> None:
    zone = UTC if offset is None else timezone(timedelta(minutes=offset))
    text = moment.replace(tzinfo=zone).isoformat(timespec=unit)
    for written in (text, text.replace("+00:00", "Z"), text[:at] + sign + text[at + 1 :]):
        assert _or_none(parse_time, written) == _or_none(card_values._any_time, written)


def _or_none(read: Callable[[str], int], text: str) -> int | None:
    try:
        return read(text)
    except ValueError:
        return None


def _read(kind: Kind, body: bytes) -> None:
    try:
        write_key_in(body)
        received = receive(kind, body, ARRIVAL)
    except UserError:
        return
    _assert_can_be_kept(received)


def _assert_can_be_kept(received: Received) -> None:
    for message in received.messages:
        assert message.user_id or message.anonymous_id or message.email
        assert message.message_id
        assert message.event
        assert FIRST_US <= message.at_us <= message.received_us == NOW
        for text in _texts(message):
            text.encode("utf-8")  # a half of a surrogate pair would raise
            assert "\x00" not in text
            assert len(text) <= 8_000
        assert len(message.message_id) <= 500
    for refusal in received.refusals:
        assert refusal.code
        assert refusal.reason
        assert "\x00" not in (refusal.body + refusal.reason)
        (refusal.body + refusal.reason).encode("utf-8")


def _texts(message: Message) -> list[str]:
    own = [
        message.message_id, message.event, message.name, message.user_id, message.anonymous_id,
        message.email, message.previous_id, message.group_id,
    ]  # fmt: skip
    documents = [*message.document, *message.document.values(), *message.context.values()]
    return [text for text in [*own, *documents] if isinstance(text, str)]
