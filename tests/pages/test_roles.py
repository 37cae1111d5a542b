"""Every page for every role, and for nobody.

TABLE says what each address wants: who adds a page adds a line here, so that no page is left open
by an oversight, nor by copying the line above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from leadwise.store.members import ROLES
from leadwise.web.pages.forged import HEADER
from leadwise.web.pages.rights import RIGHTS, Right
from leadwise.web.pages.routes import PAGES
from leadwise.web.pages.routing import Page
from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import with_leads

TABLE: dict[str, dict[str, str]] = {
    "anybody": {
        "GET": """
            /sign-in /sign-in/provider /sign-in/provider/back /start /welcome /q/{token}
            /q/{token}/thanks
        """,
        "POST": """
            /sign-in /start /welcome /q/{token}
        """,
    },
    "read": {
        "GET": """
            / /account /queue /queue/rows /queue/live/new /queue/live /leads /leads/{lead_id:int}
            /leads/{lead_id:int}/ledger.csv /leads/{lead_id:int}/scores
            /leads/{lead_id:int}/scores.csv /leads/{lead_id:int}/timeline
            /leads/{lead_id:int}/events/{event_id:int} /leads/{lead_id:int}/questions /companies
            /leads/{lead_id:int}/why
            /companies/{account_id:int} /companies/{account_id:int}/ledger.csv /studio
            /studio/drafts/{id:int}
            /studio/drafts/{id:int}/forms /studio/drafts/{id:int}/try
            /studio/drafts/{id:int}/try/progress /studio/drafts/{id:int}/try/{table}.csv
            /studio/drafts/{id:int}/publish /studio/versions/{id:int}/try
            /studio/versions/{id:int}/try/progress /studio/versions/{id:int}/try/{table}.csv
            /studio/versions/{id:int}/publish /studio/versions /studio/versions/{id:int}
            /studio/versions/{id:int}/progress /studio/versions/{id:int}/shadow/progress
            /studio/versions/{id:int}/shadow /studio/versions/{id:int}/shadow/{table}.csv
            /studio/compare /reports /reports/return/saved /reports/{name}.csv
            /reports/{name}/headline /reports/{name} /leads/{lead_id:int}/conversations
            /conversations/{conversation_id:int} /conversations/{conversation_id:int}/reading
            /learning /learning/backtest /learning/backtest/progress /learning/card
            /learning/card/progress /learning/refine /learning/refine/progress
            /learning/calibration /learning/calibration/progress /learning/drift
            /learning/drift/progress /learning/studies/{id:int}/{table}.csv /learning/experiments
            /learning/gate/progress
            /leads/{lead_id:int}/answers /qualification
            /qualification.csv /qualification/leads /frames /frames/{name}
            /playbooks /playbooks/{version_id:int} /playbooks/{version_id:int}/dry-run
            /playbooks/runs /playbooks/runs/{run_id:int}
            /tasks /playbooks/mails /playbooks/mails/{name} /playbooks/mails/{name}/html
        """,
        "POST": """
            /sign-out /account /account/password /account/sessions /queue/views
            /queue/views/{view_id:int}/delete /queue/first
        """,
    },
    "work": {
        "GET": """
            /queue/snoozed /queue/leads/{lead_id:int}/act /leads/{lead_id:int}/merge
            /leads/{lead_id:int}/qualify /review /qualification/batch /qualification/batch/jobs
        """,
        "POST": """
            /queue/leads/{lead_id:int}/outcome /queue/outcomes/{outcome_id:int}/undo
            /queue/leads/{lead_id:int}/snooze /queue/leads/{lead_id:int}/wake
            /queue/leads/{lead_id:int}/owner /leads/{lead_id:int}/events/{event_id:int}/clear
            /leads/{lead_id:int}/facts /leads/{lead_id:int}/overrides
            /leads/{lead_id:int}/overrides/{override_id:int}/end /leads/{lead_id:int}/merge
            /leads/{lead_id:int}/merges/{merge_id:int}/undo /leads/{lead_id:int}/qualify
            /leads/{lead_id:int}/qualify/link /leads/{lead_id:int}/conversations
            /conversations/{conversation_id:int}/read /conversations/{conversation_id:int}/delete
            /review/{answer_id:int} /qualification/batch /playbooks/runs/{run_id:int}/stop
            /tasks/{task_id:int}/end /tasks/{task_id:int}/give
        """,
    },
    "cards": {
        "GET": """
            /studio/start /playbooks/write /playbooks/guided /playbooks/wish /playbooks/new-mail
        """,
        "POST": """
            /playbooks/write /playbooks/guided /playbooks/wish /playbooks/{version_id:int}/publish
            /playbooks/{version_id:int}/pause /playbooks/{version_id:int}/resume
            /playbooks/{version_id:int}/retire /playbooks/{version_id:int}/move
            /playbooks/new-mail /playbooks/mails/{name}
            /studio/start /studio/drafts /studio/check /studio/complete /studio/drafts/{id:int}/save
            /studio/drafts/{id:int}/rename /studio/drafts/{id:int}/drop
            /studio/drafts/{id:int}/forms /studio/drafts/{id:int}/try
            /studio/drafts/{id:int}/try/cancel /studio/drafts/{id:int}/publish
            /studio/drafts/{id:int}/shadow /studio/versions/{id:int}/try
            /studio/versions/{id:int}/try/cancel /studio/versions/{id:int}/publish
            /studio/versions/{id:int}/shadow /studio/versions/{id:int}/cancel
            /studio/versions/{id:int}/shadow/score /frames/{name}
            /learning/backtest /learning/backtest/cancel /learning/card /learning/card/cancel
            /learning/refine /learning/refine/cancel /learning/calibration
            /learning/calibration/cancel /learning/drift /learning/drift/cancel
            /learning/gate /learning/gate/cancel
            /learning/card/{id:int}/draft /learning/refine/{id:int}/draft
            /learning/calibration/{id:int}/draft /learning/experiments
            /learning/experiments/{id:int}/end
        """,
    },
    "privacy": {
        "GET": """
            /leads/{lead_id:int}/privacy
        """,
        "POST": """
            /leads/{lead_id:int}/export /leads/{lead_id:int}/object
            /leads/{lead_id:int}/withdraw-objection /leads/{lead_id:int}/erase
        """,
    },
    "admin": {
        "GET": """
            /admin /admin/members /admin/members/{member_id:int} /admin/keys /admin/trail
            /admin/jobs /admin/refused /admin/refused/{refused_id:int} /admin/sources
            /admin/connections /admin/connections/new/{kind} /admin/connections/{name}
        """,
        "POST": """
            /admin/members /admin/members/{member_id:int}/name /admin/members/{member_id:int}/role
            /admin/members/{member_id:int}/disable /admin/members/{member_id:int}/enable
            /admin/members/{member_id:int}/sign-out /admin/members/{member_id:int}/link /admin/keys
            /admin/keys/{key_id:int}/revoke /admin/jobs/cancel /admin/jobs/retry
            /admin/refused/{refused_id:int}/again /admin/connections/new/{kind}
            /admin/connections/{name}/test /admin/connections/{name}/save
            /admin/connections/{name}/map /admin/connections/{name}/pause
            /admin/connections/{name}/resume /admin/connections/{name}/start
            /admin/connections/{name}/remove
        """,
    },
}
WANTED = {
    (method, path): right
    for right, methods in TABLE.items()
    for method, paths in methods.items()
    for path in paths.split()
}
MAY: dict[str, set[str]] = {
    "nobody": {"anybody"},
    "read_only": {"anybody", "read"},
    "representative": {"anybody", "read", "work"},
    "marketing": {"anybody", "read", "work", "cards"},
    "administrator": {"anybody", "read", "work", "cards", "privacy", "admin"},
}
"""Written out again, on purpose, and not read from the code."""
WHO = [None, *ROLES]
POSTS = [page for page in PAGES if page.method == "POST"]


def name_of(page: Page) -> str:
    return f"{page.method} {page.path}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesSite]:
    """One site for all: nothing here changes it but by the roles that may."""
    folder: Path = tmp_path_factory.mktemp("roles")
    with pages_site(folder) as found:
        with_leads(found.leads)
        yield found


def asked(client: TestClient, page: Page, **more: Any) -> Any:
    """The page, with numbers that nothing has: what is refused is refused before anything is
    looked for."""
    path = re.sub(r"\{\w+:int\}", "987654", page.path)
    path = re.sub(r"\{\w+(:path)?\}", "nothing", path)
    with client.stream(page.method, path, **more) as answer:
        if not page.stream or answer.status_code != 200:
            answer.read()
    return answer


def is_refused(answer: Any) -> bool:
    if answer.status_code in (401, 403):
        return True
    return bool(answer.headers.get("location", "").startswith("/sign-in?next="))


def test_every_page_stands_in_the_table_with_its_right() -> None:
    real = {(page.method, page.path): page.right.value for page in PAGES}
    assert len(real) == len(PAGES), "two pages at one address"
    assert real == WANTED


def test_a_page_without_a_line_is_found() -> None:
    """The comparison above is one that can fail."""
    real = {(page.method, page.path): page.right.value for page in PAGES}
    assert real | {("POST", "/forgotten"): "anybody"} != WANTED
    assert real | {("GET", "/admin"): "anybody"} != WANTED


def test_roles_have_the_rights_that_are_promised() -> None:
    assert {right.value for right in Right} == MAY["administrator"]
    for role in ROLES:
        assert {right.value for right in RIGHTS[role]} == MAY[role]


@pytest.mark.parametrize("role", WHO)
def test_who_may_gets_in_and_who_may_not_stays_out(shared: PagesSite, role: str | None) -> None:
    wrong = []
    for page in PAGES:
        if page.stream and WANTED.get((page.method, page.path)) in MAY[role or "nobody"]:
            continue  # it would go on for ever; the queue's own tests read it
        client = shared.client(role)
        answer = asked(client, page)
        if page.path == "/sign-out":
            shared.sessions.pop(role or "", None)
        allowed = WANTED.get((page.method, page.path)) in MAY[role or "nobody"]
        out = is_refused(answer)
        if role is None and page.path == "/sign-out":
            out = answer.headers.get("location") == "/sign-in"  # whoever is out stays out
        if page.right is Right.ANYBODY:
            # /start and the way back from a provider refuse what proves nothing: on purpose.
            out = bool(answer.headers.get("location", "").startswith("/sign-in?next="))
        if out == allowed or answer.status_code >= 500:
            wrong.append(f"{name_of(page)}: {answer.status_code}")
        if role is None and not allowed and page.method == "GET":
            assert answer.status_code == 303, name_of(page)
        if role is not None and not allowed:
            assert answer.status_code == 403, name_of(page)
    assert not wrong


@pytest.mark.parametrize("role", ["administrator"])
def test_nothing_is_changed_without_a_proof(shared: PagesSite, role: str) -> None:
    signed = [page for page in POSTS if page.right is not Right.ANYBODY]
    assert signed
    for given in (None, "", "x.y"):
        client = shared.client(role)
        del client.headers[HEADER]
        data = {} if given is None else {"_proof": given}
        answers = {name_of(page): asked(client, page, data=data).status_code for page in signed}
        assert set(answers.values()) == {403}, answers


def test_a_proof_is_of_one_session(shared: PagesSite) -> None:
    client, other = shared.client("administrator"), shared.client("marketing")
    client.headers[HEADER] = other.headers[HEADER]
    signed = [page for page in POSTS if page.right is not Right.ANYBODY]
    answers = {name_of(page): asked(client, page).status_code for page in signed}
    assert set(answers.values()) == {403}, answers


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
        {"sec-fetch-site": "", "origin": "null"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", [None, "administrator"])
def test_nothing_is_changed_by_another_site(
    shared: PagesSite, role: str | None, headers: dict[str, str]
) -> None:
    client = shared.client(role)
    del client.headers["sec-fetch-site"]
    client.headers.update({name: value for name, value in headers.items() if value})
    answers = {name_of(page): asked(client, page).status_code for page in POSTS}
    assert set(answers.values()) == {403}, answers


def test_what_is_not_read_is_not_kept(shared: PagesSite) -> None:
    """Every page of a member says that nobody may keep it."""
    client = shared.client("administrator")
    for page in PAGES:
        if page.method == "GET" and not page.stream and page.path != "/":
            answer = asked(client, page)
            assert answer.headers.get("cache-control") == "no-store", name_of(page)
