"""What a model is told of the two languages, and of the names that there are."""

from __future__ import annotations

from collections.abc import Iterable

from leadwise.card.model import Card
from leadwise.playbooks.conditions.names import OWN_EVENTS, OWN_NAMES
from leadwise.playbooks.shapes import SHAPES, Setting

RULES = (
    "Answer with one YAML file in a block of code, and nothing else. Use only what is described "
    "here. Where something is not said, choose what a careful sales team would; say so in a "
    "comment. Never invent a field, event, template, connection or person that is not listed."
)
_PLAYBOOK = """You write playbooks of Leadwise: what is done for a lead after something happened.

playbook: demo-from-spain          # an id: small letters, digits, hyphens
version: 1
label: A demo for Spain
about: One sentence.
starts:                            # one or more; any of them starts it
  - event: demo_requested          # with `where: condition on its properties`, if any
  - band: {enters: [hot]}          # or leaves:
  - score: {rises_past: 90}        # or falls_below: 20; `back: 5` is hysteresis
  - answer: {question: budget, is: unknown}   # or failed, known
  - task: {kind: call, state: overdue}        # or done, refused
  - schedule: "0 9 * * 1"          # cron; needs `when`
    zone: Europe/Madrid
  - form: book_a_call
  - booked: true
when: country = 'ES' and score >= 20      # a condition; without it, every lead
steps:                             # in order; `id:` names one, `label:` says it in words
  - task: {title: "Call {{ lead.email }}", kind: call, to: owner, due: 4 hours}
  - wait: 2 days
  - if: score >= 60
    then:
      - mail: offer
    otherwise:
      - end: not interested
goals:                             # what ends a run early, well
  - event: email_replied
  - outcome: won
safety:
  again: 90 days                   # or never, always
  a_day: 40                        # the most leads started in a day
  settle: 10 minutes               # what started it must hold for so long
  still: band = 'hot'              # looked at before each step

Conditions are SQL: =, <>, <, in (...), between, like, is null, and, or, not, contains(a, 'b'),
starts_with(a, 'b'), lower(a), coalesce(a, 0), days_since(field). Texts stand in single quotes.
Durations are 10 minutes, 4 hours, 3 days, 2 weeks; there are no months.
Texts of steps are templates: {{ lead.NAME }}, {{ event.NAME }}, {{ step.ID.RESULT }}.
"""
_CARD = """You write cards of Leadwise: what makes a good lead, in points that add up.

card: b2b-software                 # an id: small letters, digits, hyphens
version: 1
about: One sentence.
fields:                            # what is known of a lead
  title: {type: text, fold: case}  # text, number, choice, boolean, time
  industry: {type: choice, choices: [software, retail, other]}
  employees: number
events:                            # what a lead does, with properties
  demo_requested: {}
  page_viewed: {path: text}
measures:                          # numbers made of events, for conditions
  visits_30: {on: page_viewed, within: 30 days, count: all}
  days_quiet: {on: any, days_since: last}
dimensions:
  - id: fit                        # explicit facts
    criteria:
      - {id: decides, label: Decides, when: "contains(title, 'director')", points: 20}
      - {id: ours, label: Our industry, when: industry = 'software', points: 10}
      - id: size
        label: Size of the firm
        tiers:
          - {when: employees >= 200, points: 15}
          - {when: employees >= 20, points: 8}
          - {otherwise: 0}
  - id: engagement                 # behaviour, which ages
    criteria:
      - {id: demo, label: Asked for a demo, on: demo_requested, points: 30, limit: {times: 1}}
      - id: pricing
        label: Looked at pricing
        on: page_viewed
        where: starts_with(path, '/pricing')
        points: 5
        within: 30 days            # or half_life: 30 days
        limit: {points: 20}
      - {id: often, label: Comes often, when: visits_30 >= 5, points: 10}
    adjustments:                   # percent of the dimension's sum
      - {id: quiet, when: days_quiet > 60, percent: -50}
score: {min: 0, max: 100}
bands:                             # rising
  - {id: cold}
  - {id: warm, from: 30}
  - {id: hot, from: 60}

Conditions are SQL: =, <>, <, in (...), between, like, is null, and, or, not, contains(a, 'b'),
starts_with(a, 'b'), lower(a), coalesce(a, 0), days_since(field). Durations are hours, days, weeks;
there are no months. Every name that a condition uses is declared above it. Fewer criteria are
better: at most fifteen.
"""


def card_instructions() -> str:
    """The language of cards in short."""
    return f"{_CARD}\n{RULES}\n"


def playbook_instructions(
    card: Card | None, templates: Iterable[str] | None, connections: Iterable[str] | None,
    playbooks: Iterable[str] | None,
) -> str:  # fmt: skip
    """The language of playbooks in short, all steps, and the names that there are."""
    steps = "\n".join(
        f"- {kind}: {shape.about}" + "".join(f"\n    {_setting(one)}" for one in shape.settings)
        for kind, shape in SHAPES.items()
    )
    return "\n".join(
        [
            _PLAYBOOK, "The steps, and what each is told:", steps, "",
            *_card_names(card), *_names("Templates of mails", templates),
            *_names("Connections", connections), *_names("Other playbooks", playbooks), "", RULES,
        ]
    )  # fmt: skip


def _setting(one: Setting) -> str:
    needed = ", needed" if one.required else ""
    words = f", one of {', '.join(one.one_of)}" if one.one_of else ""
    return f"{one.name} ({one.type}{needed}{words}): {one.about}"


def _card_names(card: Card | None) -> list[str]:
    own = "Every condition may use: " + ", ".join(OWN_NAMES) + "."
    events = "Events that there always are: " + ", ".join(OWN_EVENTS) + "."
    if card is None:
        return [own, events]
    fields = [
        f"{one.name} ({one.type}" + (f": {', '.join(one.choices)}" if one.choices else "") + ")"
        for one in card.fields
    ]
    lines = [own, events, "Fields of a lead: " + "; ".join(fields) + "."]
    lines += _names("Measures", [one.name for one in card.measures])
    lines += _names("Events", [one.name for one in card.events])
    return lines + _names("Bands, the lowest first", [one.id for one in card.bands])


def _names(what: str, names: Iterable[str] | None) -> list[str]:
    if names is None:
        return []
    listed = ", ".join(names)
    return [f"{what}: {listed}." if listed else f"{what}: none."]
