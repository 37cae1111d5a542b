"""What can be asked of the past: titles, questions, and where each page is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leadwise.store.studies import Kind
from leadwise.web.pages.learning.asked import PATHS
from leadwise.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Page:
    """`title` and the others are texts of the catalogue; `study` is None for experiments."""

    name: str
    study: Kind | None
    title: str
    asks: str
    button: str
    waits: str

    @property
    def address(self) -> str:
        """Its page."""
        return f"/learning/{self.name}"


def N_(text: str) -> str:  # noqa: N802 - as gettext's tools know it
    """Marks a text that is translated where it is shown."""
    return text


KINDS: tuple[Page, ...] = (
    Page(
        PATHS["backtest"], "backtest", N_("Backtest"),
        N_("Would the card have put the leads first that came to the goal?"),
        N_("Look back"),
        N_("Nobody has looked back with this card yet."),
    ),
    Page(
        PATHS["learn"], "learn", N_("Learned card"),
        N_("Which points would the past give, near the ones you gave?"),
        N_("Learn a card"),
        N_("No card was learned from this one yet."),
    ),
    Page(
        PATHS["refine"], "refine", N_("Refine"),
        N_("Which criteria help, which harm, and which points are off?"),
        N_("Weigh the criteria"),
        N_("The criteria of this card were not weighed yet."),
    ),
    Page(
        PATHS["calibrate"], "calibrate", N_("Calibration"),
        N_("How likely is a lead with so many points to come to the goal?"),
        N_("Calibrate"),
        N_("This card was not calibrated yet: its points have no probability."),
    ),
    Page(
        PATHS["drift"], "drift", N_("Drift"),
        N_("Does what the card was made for still hold?"),
        N_("Compare with before"),
        N_("The latest leads were not compared with those before yet."),
    ),
    Page(
        "experiments", None, N_("Experiments"),
        N_("Is the other card better, and does follow-up bring deals at all?"),
        "", "",
    ),
)  # fmt: skip


def kind_of(visit: Visit, study: Kind) -> Page:
    """The page of a kind of study."""
    del visit
    return next(page for page in KINDS if page.study == study)


def tabs(visit: Visit, here: str) -> list[tuple[str, str, bool]]:
    """The links above each page: label, address, whether it is where we are."""
    say: Callable[[str], str] = visit.texts.say
    return [
        (say("All"), "/learning", here == ""),
        *((say(page.title), page.address, here in (page.study, page.name)) for page in KINDS),
    ]
