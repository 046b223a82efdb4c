"""Who asks, and whether they may: the one guard in front of every address."""

from collections.abc import Collection
from ipaddress import ip_address
from typing import NamedTuple

import msgspec
from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import (
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
    TooManyRequestsException,
)
from litestar.response import Redirect

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import GehoorError
from gehoor.core.member import NOBODY, YOU, Member
from gehoor.core.team import LONGEST_US
from gehoor.web.doors import Door, door_of, opens_for
from gehoor.web.frame import Ask
from gehoor.web.guard import check_host, check_origin, check_said_origin
from gehoor.web.pace import Pace
from gehoor.web.site import Site

__all__ = ["Guard", "NotYours", "Who", "cookie_name", "session_cookie", "who_of"]

_NOTED_US = 600 * SECOND_US
_BEARER = "Bearer "
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
_CALLS_A_MINUTE = 600


class NotYours(PermissionDeniedException):
    """Somebody of the team may not do this; the detail is the right that it asks."""


class Who(NamedTuple):
    """Who asks: by a session, by a token of a program, or because nobody else can reach this machine."""

    member: Member
    digest: bytes = b""
    is_program: bool = False


def who_of(request: Ask) -> Who:
    """Return who asks, as the guard found; nobody where it did not look: an address that is not ours."""
    who = request.scope.get("auth")
    return who if isinstance(who, Who) else Who(NOBODY)


class Guard:
    """Lets in who may.

    Parameters
    ----------
    site : Site
        The workspace.
    strangers : collection of str
        Paths of receivers: they know themselves whom they take.
    """

    def __init__(self, site: Site, strangers: Collection[str]) -> None:
        self._site, self._strangers, self._pace = site, strangers, Pace(_CALLS_A_MINUTE)

    async def __call__(self, request: Ask) -> Response[object] | None:
        """Refuse by an error, or send to the page where one logs in; None: go on."""
        if request.url.path.rstrip("/") in self._strangers:
            return None
        web = self._site.settings.web
        check_host(request.headers.get("Host", ""), web.host, web.public_url)
        check_origin(request)
        who = self._who(request)
        request.scope["auth"], request.scope["user"] = who, who.member
        door = door_of(request.method, str(request.scope.get("path_template", "")))
        if door == "anyone":
            _check_name(request.url.path)
            return None
        if who.member is NOBODY:
            return _to_login(request)
        if who.digest and not who.is_program:
            check_said_origin(request)
        _check(who, door, request)
        await self._note(who)
        return None

    def _who(self, request: Ask) -> Who:
        site, now = self._site, self._site.clock.now()
        given = request.headers.get("Authorization", "")
        if given.startswith(_BEARER):
            token = site.team.token(given.removeprefix(_BEARER), now)
            if token is None:
                raise NotAuthorizedException(detail="This token is not good, or not any more.")
            if not self._pace.allows(token.digest, now):
                detail = f"More than {_CALLS_A_MINUTE} calls in a minute."
                raise TooManyRequestsException(detail=detail, headers={"Retry-After": "1"})
            member = msgspec.structs.replace(token.member, only=token.rights)
            return Who(member, token.digest, is_program=True)
        cookie = request.cookies.get(cookie_name(request))
        seat = site.team.seat(cookie, now) if cookie else None
        if seat is not None:
            return Who(seat.member, seat.digest)
        if site.team.has_members():
            return Who(NOBODY)
        _check_near(request)
        return Who(YOU)

    async def _note(self, who: Who) -> None:
        """Note every ten minutes that somebody is there; not now, where the owner is away."""
        now = self._site.clock.now()
        if not who.digest or not self._pace.is_first(who.digest, now, _NOTED_US):
            return
        try:
            await self._site.owner.call("team", act="seen", arguments={"digest": who.digest})
        except GehoorError:
            return


def _check(who: Who, door: Door | None, request: Ask) -> None:
    """Refuse what is not theirs to do."""
    if door is None:
        template = request.scope.get("path_template", "")
        raise PermissionDeniedException(detail=f"web.doors does not say who may {request.method} {template}.")
    if not opens_for(door, who.member):
        raise NotYours(detail=door)


def _check_name(path: str) -> None:
    """Refuse what no file can be called: it would be an error of ours, in the log, at a stranger's wish."""
    parts = path.split("/")
    is_in_file = ".." in parts or any("." in part for part in parts[:-1])
    is_too_long = any(len(part.encode("utf-8", "replace")) > 255 for part in parts)
    if is_in_file or is_too_long or "\x00" in path or "%00" in path:
        raise NotFoundException


def _check_near(request: Ask) -> None:
    """Refuse who comes from elsewhere while nobody has to log in: through a proxy, or over the network.

    Raises
    ------
    PermissionDeniedException
        With what to do about it.
    """
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    try:
        is_far = request.client is not None and not ip_address(request.client.host).is_loopback
    except ValueError:  # no address: a test's own transport
        is_far = False
    if is_forwarded or is_far:
        raise PermissionDeniedException(detail="Nobody can log in here yet. Add yourself first: gehoor team add --help")


def _to_login(request: Ask) -> Response[object]:
    """Send somebody to the page where one logs in, and from there to where they were going."""
    if request.url.path.startswith("/api/"):
        raise NotAuthorizedException
    if request.headers.get("HX-Request") == "true":
        return Response(None, status_code=401, headers={"HX-Redirect": "/login"})
    wants_page = "text/html" in request.headers.get("Accept", "text/html") or "*/*" in request.headers.get("Accept", "")
    if not wants_page:
        raise NotAuthorizedException(detail="Log in first.")
    is_page = request.method == "GET" and request.url.path != "/"
    query = {"next": request.url.path} if is_page else None
    return Redirect("/login", query_params=query, status_code=303)


def cookie_name(request: Ask) -> str:
    """Return the name of the cookie; over TLS one that no other site under our name can set."""
    return "__Host-session" if request.url.scheme == "https" else "session"


def session_cookie(request: Ask, token: str) -> Cookie:
    """Return the cookie of a session; an empty token takes it away."""
    is_tls = request.url.scheme == "https"
    age = LONGEST_US // SECOND_US if token else 0
    return Cookie(
        key=cookie_name(request), value=token, max_age=age, path="/", httponly=True, samesite="lax", secure=is_tls
    )
