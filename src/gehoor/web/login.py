"""Logging in: a password, perhaps a code, and pauses between attempts that grow; then a session."""

import asyncio
import hashlib
import hmac
import secrets
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from litestar.datastructures import Cookie

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import StoreError
from gehoor.core.own_secret import own_secret
from gehoor.core.password import is_password
from gehoor.core.seal import seal, unseal
from gehoor.core.second_factor import digest_of_code, step_of_code
from gehoor.core.team import Login, digest_of, new_token
from gehoor.web.frame import Ask, Frame

__all__ = [
    "Entry",
    "check_code",
    "check_password",
    "enter",
    "known_cookie",
    "read_ticket",
    "ticket_for",
    "totp_purpose",
]

_KNOWN = "known"
_YEAR_S = 365 * 86_400
_TICKET_US = 300 * SECOND_US
_FREE = 5
_FREE_NETWORK = 30
_AT_ONCE = asyncio.Semaphore(2)  # each takes 19 MB and 20 ms of a core


class Entry(NamedTuple):
    """What an attempt came to: who it is, or how many seconds to wait; neither: it was wrong."""

    login: Login | None = None
    wait_s: float = 0.0
    names: tuple[str, ...] = ()


async def check_password(request: Ask, frame: Frame, mail: str, password: str) -> Entry:
    """Look at a password; the attempt is counted first.

    Attempts are counted by mail address within a network, and by network; those of a browser where this member was in
    before are counted by themselves. So nobody else's attempts make a member wait there.

    Raises
    ------
    TransientError
        The owner is away: nobody can log in now.
    """
    login = await asyncio.to_thread(frame.site.team.login_of_mail, mail)
    network = _network(request)
    if login is not None and _is_known(request, frame, login.member.id):
        names = {f"known/{login.member.id}/{_nonce(request)}": _FREE}
    else:
        names = {f"{mail.strip().lower()[:200]}/{network}": _FREE, f"network/{network}": _FREE_NETWORK}
    wait_s = float(await frame.site.owner.call("team", act="attempt", arguments={"names": names}))
    if wait_s > 0:
        return Entry(wait_s=wait_s)
    async with _AT_ONCE:
        is_right = await asyncio.to_thread(is_password, login.password if login else None, password)
    if login is None or not is_right or not login.member.is_active:
        return Entry()
    return Entry(login, names=tuple(name for name in names if not name.startswith("network/")))


async def check_code(frame: Frame, login: Login, code: str) -> dict[str, object] | None:
    """Return what a code uses up: a step of the app's, or a recovery code; None: it is wrong, or came too soon."""
    id_ = login.member.id
    if await frame.site.owner.call("team", act="attempt", arguments={"names": {f"code/{id_}": _FREE}}) > 0:
        return None
    key = own_secret(frame.site.root)
    if login.totp is None:
        return {}
    secret = unseal(key, login.totp, totp_purpose(id_)).decode()
    step = step_of_code(secret, code, frame.now, login.totp_step)
    if step is not None:
        return {"step": step, "names": [f"code/{id_}"]}
    digest = digest_of_code(key, code)
    return {"recovery": digest, "names": [f"code/{id_}"]} if digest in login.recovery else None


async def enter(frame: Frame, login: Login, **used: object) -> str | None:
    """Open a session; return its token, or None where a code was used already."""
    token = new_token()
    arguments = {"id": login.member.id, "digest": digest_of(token), **used}
    return token if await frame.site.owner.call("team", act="enter", arguments=arguments) else None


def totp_purpose(id_: str) -> str:
    """Return under which name the secret of a member's app is sealed."""
    return f"totp/{id_}"


def ticket_for(frame: Frame, login: Login) -> str:
    """Return what says for five minutes that the password was right: the code is still to come."""
    until = (frame.now + _TICKET_US) // SECOND_US
    return seal(own_secret(frame.site.root), f"{login.member.id} {until}".encode(), "ticket").hex()


def read_ticket(frame: Frame, ticket: str) -> Login | None:
    """Return whose password was right, while that still holds."""
    try:
        id_, until = unseal(own_secret(frame.site.root), bytes.fromhex(ticket[:400]), "ticket").decode().split(" ")
    except (ValueError, StoreError):
        return None
    login = frame.site.team.login(id_)
    return login if login and login.member.is_active and int(until) * SECOND_US > frame.now else None


def known_cookie(frame: Frame, id_: str, *, is_tls: bool) -> Cookie:
    """Return the cookie by which this browser is known as one where a member was in."""
    nonce = secrets.token_hex(8)
    value = f"{nonce}.{_signed(frame, nonce, id_)}"
    return Cookie(
        key=_KNOWN, value=value, max_age=_YEAR_S, path="/login", httponly=True, samesite="strict", secure=is_tls
    )


def _is_known(request: Ask, frame: Frame, id_: str) -> bool:
    _, _, signature = request.cookies.get(_KNOWN, "").partition(".")
    return hmac.compare_digest(signature.encode("utf-8", "replace"), _signed(frame, _nonce(request), id_).encode())


def _nonce(request: Ask) -> str:
    return request.cookies.get(_KNOWN, "").partition(".")[0][:32]


def _signed(frame: Frame, nonce: str, id_: str) -> str:
    text = f"known/{id_}/{nonce}".encode("utf-8", "replace")
    return hashlib.blake2b(text, key=own_secret(frame.site.root), digest_size=16).hexdigest()


def _network(request: Ask) -> str:
    """Return where somebody comes from: an address, or the /64 of one of the new kind, which one person may own."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:  # no address: a test's own transport
        return "-"
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
