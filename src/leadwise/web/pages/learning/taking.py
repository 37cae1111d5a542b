"""What is made of an answer: a draft in the studio, which changes nothing until it is published."""

from __future__ import annotations

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.store.cards import CardVersion, get_version
from leadwise.store.studies import Study
from leadwise.web.pages.learning.asking import study_named
from leadwise.web.pages.learning.cards import with_points, with_threshold
from leadwise.web.pages.learning.learned import draft_left
from leadwise.web.pages.learning.numbers import part_of
from leadwise.web.pages.learning.refining import proposals_of
from leadwise.web.pages.studio.writing import add_draft, next_number
from leadwise.web.pages.visit import Visit

MOST_POINTS = 1_000_000


def open_learned(visit: Visit) -> Response:
    """The learned card in the studio: the draft that the study left, else a new one."""
    _ = visit.texts.say
    study = study_named(visit, "learn")
    version = _version(visit, study)
    document = study.document or {}
    left = draft_left(visit, document)
    if left is not None:
        return visit.go(f"/studio/drafts/{left}")
    name = _("%(card)s, learned", card=version.name)
    text = str(part_of(document, "learned").get("text", ""))
    made = add_draft(visit, "lead", name, text, version.id)
    return visit.go(f"/studio/drafts/{made}", _drafted(visit))


def take_points(visit: Visit) -> Response:
    """A draft of the card with the points of the lines that were ticked."""
    _ = visit.texts.say
    study = study_named(visit, "refine")
    version = _version(visit, study)
    ticked = {str(each) for each in visit.form.getlist("take")}
    proposed = proposals_of(visit, study.document or {}, version.card)
    taken = {each.key: each.new for each in proposed if each.value in ticked}
    if not taken:
        raise UserError("nothing-chosen", _("No line is ticked."),
                        hint=_("Go back and tick the lines whose points you take."))  # fmt: skip
    text = with_points(next_number(version.text), version.card, taken, visit.texts)
    made = add_draft(visit, "lead", _("%(card)s, refined", card=version.name), text, version.id)
    return visit.go(f"/studio/drafts/{made}", _drafted(visit))


def take_threshold(visit: Visit) -> Response:
    """A draft of the card in which a band begins at the points that were proposed."""
    _ = visit.texts.say
    study = study_named(visit, "calibrate")
    version = _version(visit, study)
    said = str(visit.form.get("points", "")).strip()
    if not said.removeprefix("-").isdecimal() or abs(int(said[:20])) > MOST_POINTS:
        raise UserError("nothing-chosen", _("No threshold was chosen."),
                        hint=_("Go back and let one be proposed."))  # fmt: skip
    text = with_threshold(next_number(version.text), str(visit.form.get("band", "")), int(said))
    made = add_draft(visit, "lead", _("%(card)s, new threshold", card=version.name), text,
                     version.id)  # fmt: skip
    return visit.go(f"/studio/drafts/{made}", _drafted(visit))


def _version(visit: Visit, study: Study) -> CardVersion:
    return visit.read(lambda c: get_version(c, study.version_id))


def _drafted(visit: Visit) -> str:
    return visit.texts.say("This is a draft. Try it on your leads, then publish it.")
