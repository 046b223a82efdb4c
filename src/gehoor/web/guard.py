"""Who may ask what: host names, strangers' forms, and the headers that keep a hostile text harmless."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.types import Message, Scope

from gehoor.web.frame import Ask

__all__ = ["ForeignHost", "check_host", "check_origin", "check_said_origin", "harden"]

_HEADERS = {
    # no script, style or frame but our own; nothing inline; nothing from elsewhere
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # nobody else learns where a link was clicked; our own forms say where they come from (`check_origin`)
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignHost(HTTPException):
    """The request names a host that is not ours."""

    status_code = 421


async def harden(message: Message, scope: Scope) -> None:
    """Put the guarding headers on every answer, errors too."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers[name] = value


def check_host(host_header: str, configured: str, public_url: str | None = None) -> None:
    """Refuse a name that is not ours: another site's name that was pointed at this machine (DNS rebinding).

    An address in numbers cannot be rebound, so it is always good.

    Raises
    ------
    ForeignHost
        If the name is neither `localhost` nor the configured host, nor that of `[web] public_url`.
    """
    name = host_header.rpartition(":")[0] if not host_header.endswith("]") and ":" in host_header else host_header
    name = name.strip("[]").lower()
    if name and name in {"localhost", configured.lower(), urlsplit(public_url or "").hostname}:
        return
    try:
        ip_address(name)
    except ValueError:
        detail = f"The address names {name[:80]!r}; gehoor answers to {configured} and localhost ([web] host)."
        raise ForeignHost(detail=detail) from None


def check_origin(request: Ask) -> None:
    """Refuse a form that another site sends in the name of whoever is looking.

    Raises
    ------
    PermissionDeniedException
        If the browser says that the request comes from elsewhere.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    same = origin is None or origin.partition("://")[2] == request.headers.get("Host", "")
    if (site is not None and site not in {"same-origin", "none"}) or not same:
        raise PermissionDeniedException(detail=f"The form came from {origin or site}.")


def check_said_origin(request: Ask) -> None:
    """Refuse a change in the name of who is logged in when the request does not say where it comes from.

    Every browser says so; what does not is a program, and has a token of its own.

    Raises
    ------
    PermissionDeniedException
        If neither `Origin` nor `Sec-Fetch-Site` is there.
    """
    if request.method not in _SAFE and not {"origin", "sec-fetch-site"} & {name.lower() for name in request.headers}:
        raise PermissionDeniedException(detail="The request does not say which page it comes from.")
