"""The steps of the language: for each kind, what it is told. The parser checks by this, the docs
and the forms are made of it, and the modules of `steps` rely on it.

Types of settings: `text` (a template), `words` (text as it stands), `id`, `whole`, `duration`
(microseconds), `condition`, `event` (an EventTrigger), `connection` (the name of one), `people`
(who: `owner`, a member's e-mail address, `role:representative`, `team`, or a template), `values` (a
mapping of names to templates), `list` (of words), `choices` (a mapping of a name to what it means),
`steps` (a branch), `rules` (see `assign`), `yes` (true or false).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadwise.playbooks.model import StepKind

SettingType: TypeAlias = Literal[
    "text", "words", "id", "whole", "duration", "condition", "event", "connection", "people",
    "values", "list", "choices", "steps", "rules", "yes",
]  # fmt: skip
DAY_US = 86_400_000_000
MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a step. The first of a kind may be given alone: `wait: 3 days`. `one_of` are
    the words it may be."""

    name: str
    type: SettingType
    about: str
    required: bool = False
    default: object = None
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of step. `outer`: it reaches outside the record, so it is a durable job of its own;
    `gives` is what `step.ID` has afterwards."""

    about: str
    settings: tuple[Setting, ...]
    outer: bool = False
    gives: tuple[str, ...] = ()


def _s(name: str, type_: SettingType, about: str, **more: object) -> Setting:
    return Setting(name, type_, about, **more)  # type: ignore[arg-type] # names and types as above


PATIENCE = (
    _s("every", "duration", "How often it is looked for.", default=15 * MINUTE_US),
    _s("at_most", "duration", "For how long; then `missing` is taken.", default=3 * DAY_US),
    _s("missing", "steps", "The branch for what never came; without one the run goes on."),
)
SHAPES: Mapping[StepKind, Shape] = {
    "mail": Shape(
        "Send a mail to the lead, from a template.",
        (
            _s("template", "id", "The template's name.", required=True),
            _s("to", "text", "The address, where it is not the lead's own (`{{ message.from }}`); "
               "such a mail is always an answer: `transactional`."),
            _s("with", "values", "Further values for the template."),
            _s("from", "words", "The sender, where it is not the settings' own."),
            _s("attach", "list", "Results of earlier steps that are files (`file`)."),
            _s("unsure", "words", "Where the connection broke between sending and the answer: send "
               "it again, or hold it for a person.", default="hold", one_of=("hold", "send again")),
            _s("kind", "words", "Whether suppression and caps hold for it: `transactional` mail "
               "answers what the lead just asked for.", default="marketing",
               one_of=("marketing", "transactional")),
        ),
        outer=True,
        gives=("message_id", "state"),
    ),
    "wait": Shape(
        "Wait for a time, until an instant, or until an event with a deadline.",
        (
            _s("for", "duration", "For so long."),
            _s("until", "text", "An instant: `{{ step.book.at }}`, `09:00`, `monday 09:00` where "
               "the lead is."),
            _s("event", "event", "Until this happens."),
            _s("at_most", "duration", "The deadline of the event."),
            _s("late", "steps", "The branch for when it did not happen in time."),
        ),
        gives=("event", "late"),
    ),
    "if": Shape(
        "Go one way or another.",
        (
            _s("condition", "condition", "What decides, of the lead."),
            _s("text", "text", "What decides instead, of an earlier step: a template. It is met "
               "where that comes to one of the words in `is`; without those where it is neither "
               "empty nor `0`, `no`, `none` or `false`."),
            _s("is", "list", "The words; capitals do not matter."),
            _s("then", "steps", "The branch where it is met."),
            _s("otherwise", "steps", "The branch where it is not, or cannot be decided."),
        ),
    ),
    "task": Shape(
        "Give a person something to do; the run goes on, or waits until it is done.",
        (
            _s("title", "text", "What is to be done.", required=True),
            _s("kind", "words", "Of what kind.", default="to-do",
               one_of=("call", "to-do", "review", "hand-over")),
            _s("to", "people", "Whose it is.", default="owner"),
            _s("about", "text", "More of it."),
            _s("due", "duration", "From now on."),
            _s("wait", "yes", "Whether the run waits for it.", default=False),
            _s("late", "steps", "The branch for when it was not done in time; implies `wait`."),
            _s("refused", "steps", "The branch for when the person says no; implies `wait`."),
        ),
        gives=("task", "state", "by", "said"),
    ),
    "assign": Shape(
        "Give the lead to a person.",
        (
            _s("by", "words", "How.", required=True,
               one_of=("round robin", "capacity", "territory", "account owner", "nobody")),
            _s("among", "list", "Members' e-mail addresses or roles; representatives without it.",
               default=("role:representative",)),
            _s("pool", "id", "Whose turn it is, is kept by this name.", default="team"),
            _s("rules", "rules", "For territories: a list of `when:` (a condition) and `to:` (a "
               "list, as `among`); the first that is met counts."),
            _s("again", "yes", "Whether a lead that has an owner gets another.", default=False),
        ),
        gives=("owner", "why"),
    ),
    "notify": Shape(
        "Tell people of the team, or a channel.",
        (
            _s("text", "text", "What they are told.", required=True),
            _s("to", "people", "Members: by mail.", default=None),
            _s("by", "connection", "Slack, or what apprise reaches."),
            _s("channel", "text", "Where in it."),
        ),
        outer=True,
        gives=("id",),
    ),
    "change": Shape(
        "Give fields of a record in another system values, or the lead's own facts here.",
        (
            _s("in", "connection", "The system; the record here without it."),
            _s("noun", "words", "Which record.", default="contact",
               one_of=("contact", "company", "deal")),
            _s("values", "values", "Its fields, by the system's names.", required=True),
        ),
        outer=True,
        gives=("id",),
    ),
    "create": Shape(
        "Make a record in another system; one that the lead has there is taken instead.",
        (
            _s("in", "connection", "The system.", required=True),
            _s("noun", "words", "What.", default="contact",
               one_of=("contact", "company", "deal", "task", "event")),
            _s("values", "values", "Its fields, by the system's names.", required=True),
        ),
        outer=True,
        gives=("id", "new", "link"),
    ),
    "push": Shape(
        "Write the lead's score to another system now.",
        (_s("to", "connection", "The system.", required=True),),
        outer=True,
        gives=("state",),
    ),
    "book": Shape(
        "Book a meeting.",
        (
            _s("in", "connection", "The calendar.", required=True),
            _s("title", "text", "What it is called.", required=True),
            _s("at", "text", "When (ISO 8601, or as a form said it); without it the first time "
               "that is free in the working hours of both.", default=""),
            _s("minutes", "whole", "How long.", default=30),
            _s("people", "list", "Further addresses; the lead and its owner are asked anyway."),
            _s("about", "text", "What it says."),
            _s("place", "text", "Where, or a link."),
        ),
        outer=True,
        gives=("id", "at", "until", "link"),
    ),
    "fetch": Shape(
        "Fetch the transcript of a call, with patience.",
        (
            _s("from", "connection", "Where calls are recorded.", required=True),
            _s("of", "text", "The instant at which the call was to begin.",
               default="{{ step.book.at }}"),
            *PATIENCE,
        ),
        outer=True,
        gives=("conversation", "at"),
    ),
    "qualify": Shape(
        "Read a conversation into answers with their quotes.",
        (
            _s("conversation", "text", "Its id.", default="{{ step.fetch.conversation }}"),
            _s("frame", "id", "By which questions; the settings' own without it."),
            _s("reader", "words", "Who reads.", one_of=("embedded", "model")),
            _s("sure", "whole", "Answers under this confidence (percent) are `doubtful`.",
               default=60),
        ),
        outer=True,
        gives=("answers", "doubtful"),
    ),
    "webhook": Shape(
        "Call an address of another program, signed as Standard Webhooks has it.",
        (
            _s("url", "words", "The address; `env:NAME` reads it from the environment.",
               required=True),
            _s("body", "values", "What is sent; the lead's id, score and band without it."),
            _s("secret", "words", "The key of the signature: `env:NAME`."),
        ),
        outer=True,
        gives=("status", "answer"),
    ),
    "enrich": Shape(
        "Ask a REST source for facts of the lead or its company; each keeps where it came from.",
        (
            _s("from", "connection", "The source.", required=True),
            _s("of", "words", "Of whom.", default="lead", one_of=("lead", "company")),
            _s("fresh", "duration", "Asked no more often than this.", default=30 * DAY_US),
        ),
        outer=True,
        gives=("facts",),
    ),
    "classify": Shape(
        "Put a text into one of several classes, with the words that speak for it.",
        (
            _s("text", "text", "The text.", required=True),
            _s("into", "choices", "The classes, each with what it means.", required=True),
            _s("otherwise", "id", "The class where none is likely enough.", default="unclear"),
        ),
        outer=True,
        gives=("class", "confidence", "quote"),
    ),
    "extract": Shape(
        "Read fields out of a text or a PDF, each with its quote.",
        (
            _s("text", "text", "The text, or the file of an earlier step.", required=True),
            _s("fields", "choices", "The fields: `text`, `number`, `money`, `date`, or what "
               "to look for in words.", required=True),
        ),
        outer=True,
        gives=("fields", "quotes", "missing"),
    ),
    "search": Shape(
        "Look for what answers a question in documents, tickets and chat, with links.",
        (
            _s("for", "text", "The question.", required=True),
            _s("in", "list", "Folders or connections whose records are looked through.",
               required=True),
            _s("most", "whole", "How many.", default=3),
        ),
        outer=True,
        gives=("found", "best"),
    ),
    "approve": Shape(
        "Ask a person for a yes; the run waits.",
        (
            _s("question", "text", "What is asked.", required=True),
            _s("of", "people", "Who.", default="owner"),
            _s("within", "duration", "For so long; then it counts as a no.", default=3 * DAY_US),
            _s("refused", "steps", "The branch for a no; without one the run ends."),
        ),
        gives=("by", "said"),
    ),
    "start": Shape(
        "Start another playbook for the lead.",
        (
            _s("playbook", "id", "Which.", required=True),
            _s("wait", "yes", "Whether this run waits until that one ended.", default=False),
        ),
        gives=("run",),
    ),
    "stop": Shape(
        "Stop the runs of another playbook for the lead.",
        (_s("playbook", "id", "Which.", required=True),),
        gives=("runs",),
    ),
    "convert": Shape(
        "Record what became of the lead: handed over, accepted, rejected.",
        (
            _s("to", "words", "What.", required=True,
               one_of=("mql", "sales_accepted", "sales_rejected", "sales_qualified",
                       "opportunity")),
            _s("reason", "text", "Why."),
        ),
    ),
    "file": Shape(
        "Write a text or a file of an earlier step into a folder: an archive, a list.",
        (
            _s("in", "connection", "The folder (files or S3).", required=True),
            _s("name", "text", "Its name.", required=True),
            _s("text", "text", "What it holds.", required=True),
        ),
        outer=True,
        gives=("name",),
    ),
    "end": Shape("End the run here.", (_s("why", "words", "What the run ended with."),)),
}  # fmt: skip
