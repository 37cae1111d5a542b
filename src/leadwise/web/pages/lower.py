"""What layers below the pages refuse, in the words of a page and in the reader's language.

Those layers speak English, to programs too. In English the page says their sentence, which names
the lead or the band, with a hint for people; in other languages it says the same without names.
"""

from __future__ import annotations

from leadwise.errors import UserError
from leadwise.web.pages.texts import DEFAULT, Texts


def in_words(error: UserError, texts: Texts) -> UserError:
    """The error as a page says it; one that is not known here as it is."""
    known = _of_leads(texts) | _of_changes(texts) | _of_administration(texts)
    known |= _of_qualification(texts) | _of_follow_up(texts)
    if type(error) is not UserError or error.code not in known:
        return error
    message, hint = known[error.code]
    if texts.language == DEFAULT:
        message = error.message
    return UserError(error.code, message, where=error.where, hint=hint)


def _of_leads(texts: Texts) -> dict[str, tuple[str, str]]:
    _ = texts.say
    look = _("Look for it by name or address in the list of leads.")
    return {
        "lead-unknown": (_("There is no lead of this number."), look),
        "lead-merged": (_("This lead is part of another one already."),
                        _("Open the other one, or undo the merge first.")),
        "lead-objected": (_("This person objected to being scored."),
                          _("Nothing is scored until the objection is taken back.")),
        "no-such-account": (_("There is no company of this number."),
                            _("The list of companies has all that are known.")),
        "no-such-event": (_("This lead has no such event."), _("Its timeline has all of them.")),
        "gate-mark": (_("This event is not suspected, or is counted already."), ""),
    }  # fmt: skip


def _of_changes(texts: Texts) -> dict[str, tuple[str, str]]:
    _ = texts.say
    again = _("Look again, then decide.")
    return {
        "merge-itself": (_("A lead cannot be merged with itself."), _("Choose another one.")),
        "merge-unknown": (_("There is no such merge."), again),
        "merge-undone": (_("This merge has been undone already."), again),
        "override-unknown": (_("This lead has no such override."), again),
        "override-points": (_("Write points other than 0, up to a million."), ""),
        "override-band": (_("The live card has no such band."), _("Choose one of the list.")),
        "override-reason": (_("Say why, in up to 2,000 characters."), ""),
        "override-end": (_("An override ends later than now, or not at all."), ""),
        "already-taken": (_("The lead is somebody else's by now, or nobody's."), again),
        "member-disabled": (_("This member cannot sign in any more."),
                            _("Give the lead to somebody else.")),
        "too-many-views": (_("Nobody has more than 50 views."), _("Delete one first.")),
        "view-unknown": (_("You have no such view."), again),
        "outcome-unknown": (_("This outcome is not there any more."), again),
        "stale-outcome": (
            _("An outcome can be taken back by whoever recorded it, and for a minute only."),
            _("Record what is true now: the latest outcome counts."),
        ),
        "snooze-past": (_("This time has passed."), _("Choose one that lies ahead.")),
    }  # fmt: skip


def _of_administration(texts: Texts) -> dict[str, tuple[str, str]]:
    _ = texts.say
    return {
        "last-administrator": (_("This is the last administrator."),
                               _("Make somebody else an administrator first.")),
        "member-unknown": (_("There is no such member."),
                           _("The list of members has all of them.")),
        "already-a-member": (_("Somebody with this address is a member already."),
                             _("Change that member, or take another address.")),
        "no-such-key": (_("There is no such key."), _("The list of keys has all of them.")),
        "busy-passwords": (_("Too many people are signing in."),
                           _("Try again in some seconds.")),
    }  # fmt: skip


def _of_follow_up(texts: Texts) -> dict[str, tuple[str, str]]:
    _ = texts.say
    again = _("Look again, then decide.")
    return {
        "task-unknown": (_("There is no such task."), _("The page of tasks has all open ones.")),
        "already-done": (_("The task is not open any more."), again),
        "run-unknown": (
            _("There is no such run."),
            _("Runs that are long over are forgotten, and those of people who were erased."),
        ),
        "no-such-live-playbook": (_("This version is not live any more."), again),
        "no-such-connection": (
            _("There is no such connection."), _("The list of connections has all of them."),
        ),
        "no-such-kind": (
            _("What talks to this system is not installed."),
            _("The list of connections has all kinds that there are."),
        ),
    }  # fmt: skip


def _of_qualification(texts: Texts) -> dict[str, tuple[str, str]]:
    _ = texts.say
    return {
        "empty-conversation": (
            _("There are no words in it."),
            _("A conversation is what people said, such as “Ana: We have 80,000 euros.”"),
        ),
        "conversation-too-large": (
            _("It is too large to be read."),
            _("Give one conversation at a time, as text; what is longer, in parts."),
        ),
        "not-a-conversation": (
            _("This cannot be read as a conversation."),
            _("Text, WebVTT, SRT, JSON of Gong or Zoom, and e-mails (.eml) are read. Of a "
              "recording, a PDF or an Office file save the text first."),
        ),
        "broken-transcript": (
            _("The transcript has a fault."),
            _("Export it again, or save it as plain text."),
        ),
        "unknown-speaker": (
            _("Nobody in the conversation is called as you wrote."),
            _("Name a speaker, a company in their label, or a mail domain."),
        ),
        "held-in-future": (_("This lies ahead: choose a time in the past."), ""),
        "held-too-early": (
            _("The conversation is said to be held before 1970."),
            _("Give the year with its four digits."),
        ),
        "text-forgotten": (
            _("The text of this conversation is kept no more."),
            _("Its answers stay, with their quotes."),
        ),
        "busy-computing": (
            _("Too much that takes long is being worked out at this moment."),
            _("Try again in some seconds."),
        ),
        "no-such-conversation": (
            _("There is no such conversation."), _("It may have been deleted meanwhile."),
        ),
        "no-such-study": (
            _("There is no such study."), _("The pages of learning show all that there are."),
        ),
        "no-such-experiment": (
            _("There is no such experiment."), _("The page of experiments lists them."),
        ),
    }  # fmt: skip
