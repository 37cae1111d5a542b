"""Measures that a card's author did not think of."""

from __future__ import annotations

import pyarrow as pa

from leadwise.asking.instants import DAY_US
from leadwise.asking.population import population
from leadwise.card import parse
from leadwise.card.format import format_card
from leadwise.card.model import Card
from leadwise.learn.moments import Watch, training_rows, widened

TEXT = """
card: watched
version: 1
fields: {mail_times: number}
events:
  page: {path: text, seconds: number}
  mail: {}
  demo: {product: {type: choice, choices: [basic, pro]}}
measures:
  visits: {on: page, count: all, within: 7 days}
dimensions:
  - id: all
    criteria:
      - {id: keen, when: visits >= 2, points: 10}
"""


def card() -> Card:
    found = parse(TEXT).card
    assert found is not None
    return found


def test_names_are_fresh_and_meanings_not_repeated() -> None:
    wide = widened(card())
    names = [measure.name for measure in wide.measures]
    assert names[0] == "visits"
    assert "page_times_7d" not in names  # the card's own `visits` says that
    assert {"page_times_30d", "any_last_days", "demo_product_last", "page_path_kinds"} <= {*names}
    assert "mail_times_2" in names  # a field has the name already
    assert len(set(names)) == len(names)
    meanings = [(m.occurrences, m.statistic, m.property) for m in wide.measures]
    assert len(set(meanings)) == len(meanings)
    assert widened(card(), most=3).measures == wide.measures[:4]
    assert widened(wide) == wide


def test_a_widened_card_scores_alike_and_tells_more() -> None:
    leads = pa.table({"lead_id": ["a", "b"], "mail_times": [1.0, None]})
    events = pa.table(
        {
            "lead_id": ["a", "a", "a", "b"],
            "event": ["page", "page", "demo", "mail"],
            "timestamp": ["2026-01-01", "2026-01-03", "2026-01-04", "2026-01-01"],
            "path": ["/", "/prices", None, None],
            "seconds": [5.0, 7.0, None, None],
            "product": [None, None, "pro", None],
        }
    )
    end = 20_454 * DAY_US + 60 * DAY_US
    watch = Watch(10 * DAY_US, every_us=None, bands=False, arrival=False, ages_us=(5 * DAY_US,),
                  end_us=end)  # fmt: skip
    found = []
    for one in (card(), widened(card())):
        with population(one, leads, events) as of:
            found.append(training_rows(of, {}, watch).rows)
    assert found[0].score.tolist() == found[1].score.tolist() == [1000, 0]
    row = found[1].values.slice(0, 1).to_pylist()[0]
    assert row["any_times"] == 3
    assert row["page_seconds_sum"] == 12
    assert row["page_seconds_last"] == 7
    assert row["page_path_kinds"] == 2
    assert row["demo_product_last"] == "pro"
    assert row["page_last_days"] == 3
    assert found[1].numbers("any_first_days").tolist() == [5, 5]


def test_what_is_added_can_be_written_down() -> None:
    wide = widened(card())
    again = parse(format_card(wide))
    assert again.card == wide
