"""/admin/keys: keys for programs, and for tracking and forms."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.store.audit import audit
from leadwise.store.keys import SCOPES, Key, create_key, list_keys, revoke_key
from leadwise.web.pages.admin.tabs import PAGE_SIZE, before_of, show
from leadwise.web.pages.admin.wording import scope_texts
from leadwise.web.pages.signin.fields import Typed
from leadwise.web.pages.visit import Visit

DAY_US = 86_400_000_000
MOST_DAYS = 3_650
MOST_ORIGINS = 50


def keys_page(visit: Visit) -> Response:
    """All keys, the newest first, and the form for a new one."""
    return _show(visit, Typed(visit))


def make(visit: Visit) -> Response:
    """Make a key, which is shown this once."""
    _, typed, who, now_us = visit.texts.say, Typed(visit), visit.who, visit.now_us
    name, kind = typed.text("name"), typed.choice("kind", ("api", "write"))
    scopes = frozenset(str(one) for one in visit.form.getlist("scope")) & SCOPES.keys()
    typed.values["scope"] = " ".join(sorted(scopes))
    if kind == "api" and not scopes:
        typed.fault("scope", _("Choose at least one thing that the key may do."))
    days, origins = _days(typed), _origins(typed)
    if typed.faults:
        return _show(visit, typed)

    def work(connection: Connection) -> tuple[Key, str]:
        made = create_key(
            connection, name, by=who.actor, now_us=now_us,
            kind="write" if kind == "write" else "api",
            scopes=frozenset() if kind == "write" else scopes,
            origins=origins if kind == "write" else (),
            expires_us=None if days is None else now_us + days * DAY_US,
        )  # fmt: skip
        audit(connection, who.actor, "create", "key", made[0].id, made[0].name, now_us)
        return made

    key, secret = visit.write(work)
    return show(visit, "key", key=key, secret=secret)


def revoke(visit: Visit) -> Response:
    """Let a key be of no use from now on."""
    who, now_us, number = visit.who, visit.now_us, visit.number("key_id")

    def work(connection: Connection) -> Key:
        found = revoke_key(connection, number, now_us)
        audit(connection, who.actor, "revoke", "key", number, None, now_us)
        return found

    key = visit.write(work)
    _ = visit.texts.say
    return visit.go("/admin/keys", _("The key %(name)s is of no use any more.", name=key.name))


def _days(typed: Typed) -> int | None:
    _, given = typed.visit.texts.say, typed.optional("days").strip()
    if not given:
        return None
    if not given.isdecimal() or len(given) > 9 or not 1 <= int(given) <= MOST_DAYS:
        typed.fault("days", _("A whole number of days from 1 to %(most)s.", most=MOST_DAYS))
        return None
    return int(given)


def _origins(typed: Typed) -> tuple[str, ...]:
    # Lower case, as browsers write an origin.
    _, found = typed.visit.texts.say, typed.optional("origins", longest=4_000).lower().split()
    for each in found:
        if not _is_origin(each):
            typed.fault("origins", _(
                "%(given)s is no origin: it is like https://www.example.com, without a path.",
                given=each,
            ))  # fmt: skip
    if len(found) > MOST_ORIGINS:
        typed.fault("origins", _("At most %(most)s origins.", most=MOST_ORIGINS))
    return tuple(found)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # half an IPv6 address
        return False
    return parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" == text


def _show(visit: Visit, typed: Typed) -> Response:
    before = before_of(visit)
    keys = visit.read(lambda c: list_keys(c, before_id=before, limit=PAGE_SIZE))
    return show(
        visit, "keys", status=422 if typed.faults else 200, typed=typed, keys=keys,
        scopes=scope_texts(visit.texts), chosen=typed.values.get("scope", "").split(),
        more=keys[-1].id if len(keys) == PAGE_SIZE else None, first=before is None,
    )  # fmt: skip
