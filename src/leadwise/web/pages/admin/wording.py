"""Scopes of keys, states of jobs, what the trail tells of, in words."""

from __future__ import annotations

from leadwise.jobs import State
from leadwise.web.pages.texts import Texts


def subject_names(texts: Texts) -> dict[str, str]:
    """What the trail is about."""
    _ = texts.say
    return {
        "lead": _("lead"), "account": _("company"), "card": _("card"), "draft": _("draft"),
        "event": _("event"), "refused": _("refused event"), "rule": _("bot rule"),
        "member": _("member"), "key": _("key"), "webhook": _("webhook"), "form": _("form"),
        "source": _("source"), "job": _("job"), "file": _("file"), "view": _("view"),
        "store": _("store"), "conversation": _("conversation"), "answer": _("answer"),
        "frame": _("frame"),
    }  # fmt: skip


def action_names(texts: Texts) -> dict[str, str]:
    """What was done, as the trail says it."""
    _ = texts.say
    return {
        "read": _("read"), "list": _("listed"), "export": _("exported"), "create": _("created"),
        "add": _("added"), "set": _("set"), "change": _("changed"), "delete": _("deleted"),
        "remove": _("removed"), "enable": _("enabled"), "disable": _("disabled"),
        "revoke": _("revoked"), "tell": _("noted facts"), "outcome": _("recorded an outcome"),
        "undo outcome": _("took an outcome back"), "override": _("overrode the score"),
        "end override": _("ended an override"), "merge": _("merged"),
        "undo merge": _("undid a merge"), "clear": _("cleared of suspicion"),
        "forget": _("forgot"), "erase": _("erased"), "object": _("objected to scoring"),
        "withdraw objection": _("withdrew the objection"), "owner": _("changed the owner"),
        "snooze": _("snoozed"), "wake": _("woke"), "import": _("imported"),
        "resend": _("sent again"), "cancel": _("cancelled"), "retry": _("tried again"),
        "abandon": _("gave up"), "try": _("tried"), "publish": _("published"),
        "went live": _("went live"), "shadow on": _("shadow on"), "shadow off": _("shadow off"),
        "score shadow": _("scored in shadow"), "restore": _("restored"), "join": _("joined"),
        "role": _("changed the role"), "link": _("made a link"),
        "password": _("changed the password"), "sign-in": _("signed in"),
        "sign-out": _("signed out"), "sign-in-failed": _("failed to sign in"),
        "lock-out": _("locked out"), "read again": _("read again"),
        "read many": _("read many conversations"), "answer": _("answered a question"),
        "confirm": _("confirmed"), "correct": _("corrected"), "reject": _("rejected"),
        "save": _("saved"), "qualify": _("read for answers"),
        "send to model": _("sent to a language model"),
    }  # fmt: skip


def scope_texts(texts: Texts) -> dict[str, str]:
    """What each scope allows."""
    _ = texts.say
    return {
        "read:leads": _("Read leads, their events, scores, accounts and outcomes"),
        "write:leads": _("Write overrides, outcomes, merges, conversations and answers"),
        "read:cards": _("Read, check and compare cards; score what is sent"),
        "write:cards": _("Add drafts of cards and try them"),
        "publish:cards": _("Publish a card, or go back to an earlier one"),
        "write:events": _("Import files, send refused events again"),
        "privacy": _("Export or erase a person, read the audit trail"),
        "admin": _("Everything, keys and webhooks included"),
    }


def state_names(texts: Texts) -> dict[State, str]:
    """How a job is."""
    _ = texts.say
    return {
        "running": _("running"), "waiting": _("waiting"), "failed": _("failed"),
        "done": _("done"), "cancelled": _("cancelled"),
    }  # fmt: skip
