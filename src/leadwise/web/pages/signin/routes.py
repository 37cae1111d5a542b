"""Routes of signing in and out, the first start, one's own account."""

from __future__ import annotations

from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post
from leadwise.web.pages.signin.account import (
    account_page,
    change_account,
    change_password,
    leave_elsewhere,
)
from leadwise.web.pages.signin.entering import leave
from leadwise.web.pages.signin.link_pages import start, start_page, welcome, welcome_page
from leadwise.web.pages.signin.password_pages import sign_in, sign_in_page
from leadwise.web.pages.signin.provider_pages import come_back, go_to_provider

ROUTES: tuple[Page, ...] = (
    get("/sign-in", sign_in_page, Right.ANYBODY),
    post("/sign-in", sign_in, Right.ANYBODY),
    get("/sign-in/provider", go_to_provider, Right.ANYBODY),
    get("/sign-in/provider/back", come_back, Right.ANYBODY),
    post("/sign-out", leave, Right.READ),
    get("/start", start_page, Right.ANYBODY),
    post("/start", start, Right.ANYBODY),
    get("/welcome", welcome_page, Right.ANYBODY),
    post("/welcome", welcome, Right.ANYBODY),
    get("/account", account_page, Right.READ),
    post("/account", change_account, Right.READ),
    post("/account/password", change_password, Right.READ),
    post("/account/sessions", leave_elsewhere, Right.READ),
)
