"""One request to a page: who asks, what they sent, in which language and zone they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leadwise.errors import CardError, InputError, UserError
from leadwise.store.members import Member
from leadwise.store.sessions import Session
from leadwise.web.pages.forged import FIELD, HEADER, proof
from leadwise.web.pages.lower import in_words
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.rights import Right, may
from leadwise.web.pages.site import Site
from leadwise.web.pages.texts import Texts, zone_of
from leadwise.web.problems import status_of

Result = TypeVar("Result")
NOTICE = "leadwise_notice"
"""The cookie with what is said on the next page: that something was done."""
LONGEST_NOTICE = 300
MOST = 2**63 - 1
"""The greatest number that the record knows."""


@dataclass(frozen=True)
class Visit:
    """What a handler is given. `form` is empty for a GET. Instants are microseconds, UTC."""

    site: Site
    request: Request
    form: FormData
    member: Member | None
    session: Session | None
    texts: Texts
    now_us: int

    @property
    def who(self) -> Member:
        """The member who is signed in: there is one on every page that wants a right."""
        assert self.member is not None
        return self.member

    @cached_property
    def query(self) -> QueryParams:
        """What follows the question mark, without the one sign that no database keeps (NUL)."""
        given = self.request.query_params.multi_items()
        return QueryParams([(name, value.replace("\0", "")) for name, value in given])

    @property
    def here(self) -> str:
        """The address asked for, without the host."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    @property
    def partial(self) -> bool:
        """Whether htmx asks, for a part of a page that is shown already."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-request-type") != "full"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The member's time zone: as chosen, else as the browser says, else UTC."""
        chosen = self.member.zone if self.member else None
        return zone_of(chosen or unquote(self.request.cookies.get("zone", "UTC")))

    @cached_property
    def proof(self) -> str:
        """What forms and scripts of this page send with what changes something."""
        return proof(self.session.token) if self.session else ""

    @property
    def proof_field(self) -> str:
        """The name of the field for it."""
        return FIELD

    @property
    def proof_header(self) -> str:
        """The name of the header for it."""
        return HEADER

    def may(self, right: str) -> bool:
        """Whether the member has a right, by its name."""
        return self.member is not None and may(self.member.role, Right(right))

    def number(self, name: str) -> int:
        """A whole number in the path. UserError (`no-such-page`) where it is beyond all of ours."""
        found: int = self.request.path_params[name]
        if found > MOST:
            _ = self.texts.say
            raise UserError("no-such-page", _("There is no page at this address."))
        return found

    def name(self, name: str) -> str:
        """A text in the path, without the one sign that no database keeps (NUL)."""
        return str(self.request.path_params[name]).replace("\0", "")

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """`work` with a connection that sees one state of the record."""
        with self.site.store.read() as connection:
            return work(connection)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """`work` in a transaction of the record."""
        return self.site.store.write(work)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A template filled in: a whole page, or a part for htmx."""
        found = self.site.templates.get_template(template)
        return self.shown(
            Response(found.render(self.known(values)), status, HEADERS, "text/html; charset=utf-8")
        )

    def known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a template may speak of: `values` and what there is on every page."""
        return {
            "visit": self, "texts": self.texts, "zone": self.zone, "now_us": self.now_us,
            "notice": unquote(self.request.cookies.get(NOTICE, "")), **values,
        }  # fmt: skip

    def shown(self, response: Response) -> Response:
        """A page on its way: what was to be said on it is not said again on the next."""
        if self.request.cookies.get(NOTICE) and not self.partial:
            response.delete_cookie(NOTICE, path="/")
        return response

    def go(self, address: str, notice: str = "") -> Response:
        """Go on to another page of ours, where `notice` is said. After every form that worked."""
        address = address if is_local(address) else "/"
        response: Response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        if self.partial:
            headers = {"HX-Redirect": response.headers["location"], "Cache-Control": "no-store"}
            response = Response(status_code=204, headers=headers)
        if notice:
            response.set_cookie(
                NOTICE, quote(notice[:LONGEST_NOTICE]), max_age=60, path="/", httponly=True,
                samesite="lax", secure=self.secure,
            )  # fmt: skip
        return response

    def problem(self, error: UserError) -> Response:
        """The page, or for htmx the part, that says what went wrong and what to do.

        The part goes to its own place on every page, so that what was typed stays where it is.
        """
        error = in_words(error, self.texts)
        problems = error.problems if isinstance(error, CardError | InputError) else ()
        template = "problem_part.html" if self.partial else "problem.html"
        found = self.page(template, status=status_of(error), error=error, problems=problems)
        if self.partial:
            found.headers["HX-Retarget"] = "#problem"
            found.headers["HX-Reswap"] = "innerHTML show:top"
        return found

    @property
    def secure(self) -> bool:
        """Whether the browser came by https."""
        return self.request.url.scheme == "https"


def is_local(address: str) -> bool:
    """Whether an address is one of this site: browsers read `//` and `/\\` as another host."""
    if any(sign < " " for sign in address):
        return False  # browsers drop tabs and line ends, and then there may be two slashes
    return address.startswith("/") and not address.startswith(("//", "/\\"))
