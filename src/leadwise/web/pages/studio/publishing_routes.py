"""The routes of trying, publishing and going back to cards."""

from __future__ import annotations

from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post
from leadwise.web.pages.studio import publishing, trying, versions

_DRAFT, _VERSION = "/studio/drafts/{id:int}", "/studio/versions/{id:int}"


def _of_both(place: str) -> tuple[Page, ...]:
    """What can be done with a draft and with a version alike."""
    return (
        get(f"{place}/try", trying.show_try),
        post(f"{place}/try", trying.start_try, Right.CARDS),
        get(f"{place}/try/progress", trying.show_progress),
        post(f"{place}/try/cancel", trying.cancel_try, Right.CARDS),
        get(f"{place}/try/{{table}}.csv", trying.try_table),
        get(f"{place}/publish", publishing.show_publish),
        post(f"{place}/publish", publishing.publish, Right.CARDS),
        post(f"{place}/shadow", publishing.switch, Right.CARDS),
    )


TRIAL_ROUTES: tuple[Page, ...] = (
    *_of_both(_DRAFT),
    *_of_both(_VERSION),
    get("/studio/versions", versions.show_versions),
    get(_VERSION, versions.show_version),
    get(f"{_VERSION}/progress", publishing.show_progress),
    post(f"{_VERSION}/cancel", publishing.cancel, Right.CARDS),
    post(f"{_VERSION}/shadow/score", publishing.score_shadow_now, Right.CARDS),
    get(f"{_VERSION}/shadow/progress", publishing.show_shadow_progress),
    get(f"{_VERSION}/shadow", versions.show_shadow),
    get(f"{_VERSION}/shadow/{{table}}.csv", versions.shadow_table),
    get("/studio/compare", versions.show_compare),
)
