"""Mail templates: a head of settings, then the text, and perhaps HTML of one's own.

    ---
    subject: An offer for {{ company.name | default("you") }}
    preheader: What it costs.
    from: {{ owner.name }} <{{ owner.email }}>
    kind: marketing
    tracking: clicks
    reply: yes
    ---
    Hello {{ lead.first_name | default("there") }},

    [[See the offer]](https://acme.example/offer)
    ---html---
    <p>...</p>

`NAME.es` is the template NAME in Spanish. A template is looked for in the folder of the settings,
then in the store, then among those that are shipped; in the lead's language first. Whichever it is,
the version that a mail is made of is kept in the store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, cast, get_args

from sqlalchemy import Connection

from leadwise.card.model import Card
from leadwise.connect.mail.markup import to_html, to_plain, to_text
from leadwise.connect.mail.outbox import Kind, Tracking
from leadwise.errors import CardError, Place, Problem, UserError
from leadwise.playbooks.texts import check, names_in
from leadwise.settings import Settings
from leadwise.store.templates import NAME, find_template, list_templates, named_so

KEYS = ("subject", "preheader", "from", "kind", "tracking", "reply", "language", "about")
HTML = "---html---"
MOST_BYTES = 200_000
ROOTS = frozenset(
    ("lead", "company", "owner", "score", "band", "grade", "reasons", "question", "answers",
     "event", "message", "step", "playbook", "now", "team", "unsubscribe_url")
)  # fmt: skip
"""The first words of the names that every template has."""
LEAD_NAMES = frozenset(("id", "email", "name", "first_name"))
SHIPPED = "playbooks/shipped/mails"


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A template as it was read. Texts are templates still; `lines` say where in the file the
    head's settings, `text` and `html` begin."""

    name: str
    subject: str
    text: str
    html: str = ""
    preheader: str = ""
    sender: str = ""
    kind: Kind = "marketing"
    tracking: Tracking = "opens and clicks"
    reply: bool = False
    language: str = ""
    about: str = ""
    lines: tuple[tuple[str, int], ...] = ()

    @property
    def plain_source(self) -> str:
        """The text part, to be filled in."""
        return to_plain(self.text) if self.text.strip() else ""

    @property
    def html_source(self) -> str:
        """The body of the HTML part, to be filled in."""
        return self.html or to_html(self.text)

    def line(self, part: str) -> int:
        return dict(self.lines).get(part, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a template and where it is from: `folder`, `store` or `shipped`."""

    name: str
    text: str
    origin: Literal["folder", "store", "shipped"]


def read_template(text: str, name: str, file: str | None = None) -> MailTemplate:
    """The template of a text. CardError with all problems where it cannot be used."""
    problems = tuple(_problems(text, name, file))
    if problems:
        raise CardError(problems)
    made, _ = _parsed(text, name, file)
    assert made is not None
    return made


def check_template(
    text: str, name: str, file: str | None = None, *, card: Card | None = None,
    given: Iterable[str] = (),
) -> tuple[Problem, ...]:  # fmt: skip
    """All that is wrong with a template, and as warnings the names that nothing gives a value:
    `given` are those that a step gives it (`with`), `card` says what is known of leads."""
    return (*_problems(text, name, file), *_unknown_names(text, name, file, card, set(given)))


def find_source(
    connection: Connection, settings: Settings, name: str, language: str = ""
) -> Source:
    """The template of that name, in that language where there is one. UserError
    (`no-such-template`)."""
    tongue = language.lower()
    wanted = [f"{name}.{tongue}", f"{name}.{tongue.partition('-')[0]}"] if tongue else []
    for each in dict.fromkeys([*wanted, name]):
        found = _in_folder(settings.mail.templates, each) or _in_store(connection, each)
        found = found or _shipped(each)
        if found is not None:
            return found
    known = template_names(connection, settings)
    raise UserError(
        "no-such-template", f"There is no mail template {name}.",
        hint=f"There are {', '.join(known)}." if known else "leadwise template add FILE adds one.",
    )  # fmt: skip


def is_answer(connection: Connection | None, settings: Settings, name: str) -> bool:
    """Whether what is sent by that template answers what the lead just asked for: it is
    `transactional`, and so are those of the name in other languages. Without a connection the
    store's are not looked at. One that cannot be read is none."""
    folder = settings.mail.templates
    own: dict[str, str] = {n: text for n, text in _shipped_files() if n.partition(".")[0] == name}
    if connection is not None:
        own.update({one.name: one.text for one in named_so(connection, name)})
    try:
        if folder is not None and folder.is_dir() and NAME.fullmatch(name):
            found = (_in_folder(folder, file.stem) for file in folder.glob(f"{name}*.md"))
            own.update({
                one.name: one.text for one in found
                if one is not None and one.name.partition(".")[0] == name
            })  # fmt: skip
        return bool(own) and all(_kind(text, each) == "transactional" for each, text in own.items())
    except UserError:
        return False


@lru_cache(maxsize=256)
def _kind(text: str, name: str) -> Kind:
    return read_template(text, name).kind


def template_names(connection: Connection, settings: Settings) -> list[str]:
    """The names of all templates, those of languages under their template's."""
    found = {one.name.partition(".")[0] for one in list_sources(connection, settings)}
    return sorted(found)


def list_sources(connection: Connection, settings: Settings) -> list[Source]:
    """All templates, by name: of each what would be taken."""
    found: dict[str, Source] = {}
    for path in _shipped_files():
        found[path[0]] = Source(path[0], path[1], "shipped")
    for row in list_templates(connection):
        found[row.name] = Source(row.name, row.text, "store")
    folder = settings.mail.templates
    if folder is not None and folder.is_dir():
        for file in sorted(folder.glob("*.md")):
            source = _in_folder(folder, file.stem)
            if source is not None:
                found[source.name] = source
    return [found[name] for name in sorted(found)]


def _in_folder(folder: Path | None, name: str) -> Source | None:
    if folder is None or not NAME.fullmatch(name):
        return None
    path = folder / f"{name}.md"
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        return Source(name, path.read_text(encoding="utf-8"), "folder")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            "mail-template", f"The template cannot be read: {error}.", where=Place(str(path))
        ) from None


def _in_store(connection: Connection, name: str) -> Source | None:
    row = find_template(connection, name)
    return None if row is None else Source(name, row.text, "store")


def _shipped(name: str) -> Source | None:
    found = dict(_shipped_files()).get(name)
    return None if found is None else Source(name, found, "shipped")


@lru_cache(maxsize=1)
def _shipped_files() -> tuple[tuple[str, str], ...]:
    folder = files("leadwise").joinpath(SHIPPED)
    if not folder.is_dir():
        return ()
    return tuple(
        (file.name.removesuffix(".md"), file.read_text(encoding="utf-8"))
        for file in folder.iterdir() if file.name.endswith(".md")
    )  # fmt: skip


def _parsed(
    text: str, name: str, file: str | None
) -> tuple[MailTemplate | None, list[Problem]]:  # fmt: skip
    problems: list[Problem] = []
    lines = text.replace("\r\n", "\n").split("\n")
    if len(text) > MOST_BYTES:
        return None, [_problem("The template is too long.", Place(file))]
    if lines[0].strip() != "---":
        hint = "Begin with ---, subject: ... and ---."
        return None, [_problem("A template begins with its head.", Place(file, 1, 1), hint)]
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        return None, [_problem("The head does not end.", Place(file, 1, 1), "Write --- after it.")]
    head, where = _head(lines[1:end], file, problems)
    body = lines[end + 1 :]
    cut = next((n for n, line in enumerate(body) if line.strip().lower() == HTML), len(body))
    plain, markup = "\n".join(body[:cut]).strip("\n"), "\n".join(body[cut + 1 :]).strip()
    if not head.get("subject"):
        problems.append(_problem("A mail needs a subject.", Place(file, 1, 1), "subject: ..."))
    if not plain.strip() and not markup:
        problems.append(_problem("There is no text.", Place(file, end + 1, 1)))
    kind, tracking = head.get("kind", "marketing"), head.get("tracking", "opens and clicks")
    reply = head.get("reply", "no")
    for key, value, words in (
        ("kind", kind, get_args(Kind)), ("tracking", tracking, get_args(Tracking)),
        ("reply", reply, ("yes", "no")),
    ):  # fmt: skip
        if value not in words:
            place = Place(file, where.get(key, 1), 1)
            message = f"{key} is {', '.join(words[:-1])} or {words[-1]}, not {value!r}."
            problems.append(_problem(message, place))
    skipped = len(body) - len("\n".join(body).lstrip("\n").split("\n"))
    places = {**where, "text": end + 2 + skipped, "html": end + cut + 3}
    if problems:
        return None, problems
    return MailTemplate(
        name, head["subject"], plain, markup, head.get("preheader", ""), head.get("from", ""),
        cast(Kind, kind), cast(Tracking, tracking), reply == "yes",
        name.partition(".")[2] or head.get("language", ""),
        head.get("about", ""),
        tuple(places.items()),
    ), []  # fmt: skip


def _head(
    lines: list[str], file: str | None, problems: list[Problem]
) -> tuple[dict[str, str], dict[str, int]]:
    head: dict[str, str] = {}
    where: dict[str, int] = {}
    for number, line in enumerate(lines, 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon or key not in KEYS:
            message = f"{key!r} is no setting of a template."
            problems.append(_problem(message, Place(file, number, 1), ", ".join(KEYS)))
            continue
        quoted = re.fullmatch(r"\"([^\"{}]*)\"|'([^'{}]*)'", value)
        head[key] = (quoted[1] or quoted[2] or "") if quoted else value
        where[key] = number
    return head, where


def _problem(message: str, place: Place, hint: str = "") -> Problem:
    return Problem("mail-template", message, hint, place)


def _parts(made: MailTemplate) -> list[tuple[str, str, int]]:
    """(part, source, line) of all that is filled in."""
    return [
        ("subject", made.subject, made.line("subject")),
        ("preheader", made.preheader, made.line("preheader")),
        ("from", made.sender, made.line("from")),
        ("text", made.text, made.line("text")),
        ("html", made.html, made.line("html")),
    ]


def _problems(text: str, name: str, file: str | None) -> Iterator[Problem]:
    base = name.removesuffix(".md")
    if not NAME.fullmatch(base):
        hint = "a-z, digits, - and _; a language after a dot: offer, offer.es"
        yield _problem(f"{name!r} is no name of a template.", Place(file), hint)
    made, problems = _parsed(text, base, file)
    yield from problems
    if made is None:
        return
    whole: list[Problem] = []
    for _, source, line in _parts(made):
        whole += check(source, file=file, line=line)
    yield from whole
    if not whole:
        # What light markup makes of it has to be a template too: a loop that ends in another list.
        for problem in check(made.html_source, file=file, line=made.line("text"), html=True):
            yield Problem(problem.code, problem.message, problem.hint, Place(file))
        if made.html and not to_text(made.html).strip():
            yield _problem("The HTML says nothing.", Place(file, made.line("html"), 1))


def _unknown_names(
    text: str, name: str, file: str | None, card: Card | None, given: set[str]
) -> Iterator[Problem]:
    made, problems = _parsed(text, name.removesuffix(".md"), file)
    if made is None or problems:
        return
    known = _known(card, given)
    for _, source, line in _parts(made):
        if any(each.code == "template" for each in check(source)):
            continue
        for problem in check(source, known, file=file, line=line):
            hint = "A step gives it by `with`, or it is misspelt."
            yield Problem(problem.code, problem.message, hint, problem.where, "warning")


def _known(card: Card | None, given: set[str]) -> Callable[[str], bool]:
    fields = {field.source.split(".")[0] for field in card.fields} if card is not None else None
    names = {field.name for field in card.fields} if card is not None else set()

    def known(name: str) -> bool:
        root, _, rest = name.partition(".")
        if root in given:
            return True
        if root == "lead" and rest and fields is not None:
            first = rest.split(".")[0]
            return first in fields | names | LEAD_NAMES
        return root in ROOTS

    return known


def names_of_template(made: MailTemplate) -> set[str]:
    """The dotted names that a template uses."""
    return {name for _, source, _ in _parts(made) for name in names_in(source)}
