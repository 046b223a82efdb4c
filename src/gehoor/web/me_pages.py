"""One's own account: a password, a second factor, tokens for programs."""

import asyncio
from typing import Any

import segno
from litestar import Response, get, post
from litestar.response import Redirect
from markupsafe import Markup

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError, StoreError, TransientError
from gehoor.core.own_secret import own_secret
from gehoor.core.password import hash_password, is_password
from gehoor.core.rights import RIGHTS, rights_of
from gehoor.core.seal import seal, unseal
from gehoor.core.second_factor import digest_of_code, new_secret, recovery_codes, setup_address, step_of_code
from gehoor.core.team import Login
from gehoor.run.on_duty import has_roster
from gehoor.web.decisions import form_of, redirect
from gehoor.web.done import Done
from gehoor.web.duty_feed import DUTY_FEED, FEED_RIGHTS, feed_address
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.login import totp_purpose
from gehoor.web.login_pages import chosen_password
from gehoor.web.who import who_of

__all__ = ["ME_PAGES"]

_FREE = 5
_DAYS = (30, 90, 365)
_SHOWN_ONCE = ("token", "feed", "ticket", "secret")
Answer = Response[str] | Redirect


@get("/me")
async def me_page(request: Ask) -> Answer:
    """Show one's own account; where nobody logs in, the team."""
    frame = frame_of(request)
    return Redirect("/team", status_code=303) if frame.is_open else await _show(request, frame)


@post("/me/password", status_code=200)
async def change_password(request: Ask) -> Answer:
    """Take a new password: every other session of theirs ends."""
    frame, form = frame_of(request), await form_of(request)
    login = await _login(frame)
    wrong = await _own_password(frame, login, form.get("old", "")) or chosen_password(frame, login, form)
    if wrong:
        return await _show(request, frame, 400, wrong={"password": wrong})
    hashed = await asyncio.to_thread(hash_password, form["password"])
    arguments = {"id": login.member.id, "password": hashed, "keep": who_of(request).digest}
    return await _asked(frame, "password", arguments, "password_changed")


@post("/me/totp", status_code=200)
async def begin_totp(request: Ask) -> Answer:
    """Show the picture that an authenticator app reads; nothing is set before a code of it was given."""
    frame = frame_of(request)
    await _login(frame)
    return await _show_totp(request, frame, new_secret())


@post("/me/totp/on", status_code=200)
async def set_totp(request: Ask) -> Answer:
    """Ask a code from now on, where the one that was typed is right; show recovery codes once."""
    frame, form = frame_of(request), await form_of(request)
    login, key = await _login(frame), own_secret(frame.site.root)
    try:
        secret = unseal(key, bytes.fromhex(form.get("ticket", "")[:400]), f"new/{login.member.id}").decode()
    except (ValueError, StoreError):
        raise SettingError("The picture is not ours any more: begin again.") from None
    step = step_of_code(secret, form.get("code", "")[:40], frame.now, 0)
    if step is None:
        return await _show_totp(request, frame, secret, wrong="login.code.wrong")
    codes = recovery_codes()
    sealed = seal(key, secret.encode(), totp_purpose(login.member.id))
    digests = [digest_of_code(key, code) for code in codes]
    arguments = {"id": login.member.id, "sealed": sealed, "step": step, "recovery": digests}
    await frame.site.owner.call("team", act="totp", arguments=arguments)
    return await _show(request, frame, codes=codes)


@post("/me/totp/off", status_code=200)
async def drop_totp(request: Ask) -> Answer:
    """Ask no code any more; the password is asked once more for that."""
    frame, form = frame_of(request), await form_of(request)
    login = await _login(frame)
    wrong = await _own_password(frame, login, form.get("old", ""))
    if wrong:
        return await _show(request, frame, 400, wrong={"totp": wrong})
    return await _asked(frame, "totp", {"id": login.member.id}, "totp_off")


@post("/me/tokens", status_code=200)
async def make_token(request: Ask) -> Answer:
    """Make a token for a program, and show it once."""
    frame, form = frame_of(request), await form_of(request)
    login = await _login(frame)
    days = int(form.get("days", "")) if form.get("days", "") in map(str, _DAYS) else _DAYS[0]
    rights = [right for right in RIGHTS if form.get(f"right.{right}")]
    arguments = {"id": login.member.id, "name": form.get("name", ""), "rights": rights, "days": days}
    try:
        token = await frame.site.owner.call("team", act="make_token", arguments=arguments)
    except SettingError:
        return await _show(request, frame, 400, wrong={"token": "me.token.wrong"})
    feed = feed_address(frame, request, token) if tuple(rights) == FEED_RIGHTS else ""
    return await _show(request, frame, token="" if feed else token, feed=feed)


@post("/me/tokens/drop", status_code=200)
async def drop_token(request: Ask) -> Answer:
    """Take a token away: whatever uses it is refused from now on."""
    frame, form = frame_of(request), await form_of(request)
    login = await _login(frame)
    try:
        digest = bytes.fromhex(form.get("token", "")[:80])
    except ValueError:
        raise SettingError("There is no such token.") from None
    return await _asked(frame, "drop_token", {"id": login.member.id, "digest": digest}, "token_dropped")


ME_PAGES = [me_page, change_password, begin_totp, set_totp, drop_totp, make_token, drop_token, *DUTY_FEED]


async def _login(frame: Frame) -> Login:
    login = await asyncio.to_thread(frame.site.team.login, frame.member.id)
    if login is None:
        raise SettingError("Nobody logs in here: add yourself to the team first.")
    return login


async def _own_password(frame: Frame, login: Login, password: str) -> str:
    """Return what is wrong with the password that somebody typed once more."""
    arguments = {"names": {f"own/{login.member.id}": _FREE}}
    if await frame.site.owner.call("team", act="attempt", arguments=arguments) > 0:
        return "me.wait"
    return "" if await asyncio.to_thread(is_password, login.password, password) else "me.old.wrong"


async def _asked(frame: Frame, act: str, arguments: dict[str, Any], said: str) -> Answer:
    try:
        await frame.site.owner.call("team", act=act, arguments=arguments)
    except TransientError:
        return redirect("/me", Done(what="away"))
    return redirect("/me", Done(what="team", name=str(frame.speech.say(f"me.done.{said}"))))


async def _show(request: Ask, frame: Frame, status: int = 200, **context: Any) -> Response[str]:
    tokens = await asyncio.to_thread(frame.site.team.tokens, frame.member.id)
    known: dict[str, Any] = {"wrong": {}, "codes": (), "picture": None, **dict.fromkeys(_SHOWN_ONCE, "")}
    login = await asyncio.to_thread(frame.site.team.login, frame.member.id)
    n_codes = len(login.recovery) if login else 0
    return frame.page(
        "me.html", "settings", status=status, tokens=tokens, has_totp=login is not None and login.totp is not None,
        n_codes=n_codes, days=_DAYS, rights=[right for right in RIGHTS if right in rights_of(frame.member)],
        second_us=SECOND_US, has_roster=has_roster(frame.site.settings), **(known | context),
    )  # fmt: skip


async def _show_totp(request: Ask, frame: Frame, secret: str, **wrong: str) -> Response[str]:
    address = setup_address(secret, frame.member.mail, f"gehoor {frame.site.settings.workspace.name}")
    picture = segno.make(address, error="m").svg_inline(scale=4, border=4, light="#fff", dark="#000")
    ticket = seal(own_secret(frame.site.root), secret.encode(), f"new/{frame.member.id}").hex()
    return await _show(
        request, frame, picture=Markup(picture), ticket=ticket, secret=secret, wrong={"code": wrong.get("wrong", "")}
    )
