"""Where one logs in and out, and where somebody new chooses a password by a one-time link."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.errors import GehoorError, TransientError
from gehoor.core.password import hash_password, password_trouble
from gehoor.core.team import Login
from gehoor.web.decisions import form_of
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.login import check_code, check_password, enter, known_cookie, read_ticket, ticket_for
from gehoor.web.who import session_cookie, who_of

__all__ = ["LOGIN_PAGES", "chosen_password", "local_path"]

Answer = Response[str] | Redirect


@get("/login")
async def login_page(request: Ask) -> Answer:
    """Show where one logs in."""
    frame = frame_of(request)
    if not await asyncio.to_thread(frame.site.team.has_members):
        return Redirect("/", status_code=303)
    return _show(frame, next=local_path(frame.query.get("next", "")))


@post("/login", status_code=200)
async def log_in(request: Ask) -> Answer:
    """Look at a mail address and a password."""
    frame, form = frame_of(request), await form_of(request)
    mail, onward = form.get("mail", "")[:200], local_path(form.get("next", ""))
    try:
        entry = await check_password(request, frame, mail, form.get("password", ""))
    except TransientError:
        return _show(frame, 503, wrong="login.away", mail=mail, next=onward)
    if entry.wait_s > 0:
        answer = _show(frame, 429, wrong="login.wait", wait_s=entry.wait_s, mail=mail, next=onward)
        answer.headers["Retry-After"] = f"{entry.wait_s:.0f}"
        return answer
    if entry.login is None:
        return _show(frame, 401, wrong="login.wrong", mail=mail, next=onward)
    if entry.login.totp is not None:
        return _show(frame, ticket=ticket_for(frame, entry.login), next=onward)
    return await _enter(request, frame, entry.login, onward, names=list(entry.names))


@post("/login/code", status_code=200)
async def give_code(request: Ask) -> Answer:
    """Look at the code of an app, or at a recovery code."""
    frame, form = frame_of(request), await form_of(request)
    onward, ticket = local_path(form.get("next", "")), form.get("ticket", "")
    login = await asyncio.to_thread(read_ticket, frame, ticket)
    if login is None:
        return _show(frame, 401, wrong="login.late", next=onward)
    try:
        used = await check_code(frame, login, form.get("code", "")[:40])
    except TransientError:
        return _show(frame, 503, wrong="login.away", ticket=ticket, next=onward)
    if used is None:
        return _show(frame, 401, wrong="login.code.wrong", ticket=ticket, next=onward)
    return await _enter(request, frame, login, onward, **used)


@post("/logout", status_code=303)
async def log_out(request: Ask) -> Redirect:
    """End this session."""
    frame, who = frame_of(request), who_of(request)
    if who.digest:
        await frame.site.owner.call("team", act="leave", arguments={"digest": who.digest})
    return Redirect("/login", status_code=303, cookies=[session_cookie(request, "")])


@get("/join/{token:str}")
async def join_page(request: Ask, token: FromPath[str]) -> Response[str]:
    """Show somebody new, or who lost a password, where they choose one."""
    frame = frame_of(request)
    login = await asyncio.to_thread(frame.site.team.login_of_link, token, frame.now)
    return frame.page("join.html", status=200 if login else 404, login=login, wrong="")


@post("/join/{token:str}", status_code=200)
async def join(request: Ask, token: FromPath[str]) -> Answer:
    """Take the password that somebody chose; they are in."""
    frame, form = frame_of(request), await form_of(request)
    login = await asyncio.to_thread(frame.site.team.login_of_link, token, frame.now)
    if login is None:
        return frame.page("join.html", status=404, login=None, wrong="")
    wrong = chosen_password(frame, login, form)
    if wrong:
        return frame.page("join.html", status=400, login=login, wrong=wrong)
    hashed = await asyncio.to_thread(hash_password, form["password"])
    arguments = {"id": login.member.id, "password": hashed, "link": token}
    if not await frame.site.owner.call("team", act="password", arguments=arguments):
        return frame.page("join.html", status=404, login=None, wrong="")
    return await _enter(request, frame, login, "/")


LOGIN_PAGES = [login_page, log_in, give_code, log_out, join_page, join]


def chosen_password(frame: Frame, login: Login, form: Any) -> str:
    """Return which sentence says what is wrong with a password that somebody chose; nothing where it is good."""
    password = form.get("password", "")
    trouble = password_trouble(password, login.member.name, login.member.mail, frame.site.settings.workspace.name)
    if trouble:
        return f"password.{trouble}"
    return "" if form.get("again", password) == password else "password.again"


def local_path(path: str) -> str:
    """Return where to go on to: a page of ours, or nothing.

    Examples
    --------
    >>> local_path("/posts"), local_path("//evil.example"), local_path("https://evil.example")
    ('/posts', '', '')
    """
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\", "/login", "/logout")) and path.isprintable()
    return path[:500] if is_ours else ""


async def _enter(request: Ask, frame: Frame, login: Login, onward: str, **used: object) -> Answer:
    try:
        token = await enter(frame, login, **used)
    except GehoorError:
        return _show(frame, 503, wrong="login.away", next=onward)
    if token is None:
        return _show(frame, 401, wrong="login.code.wrong", next=onward)
    known = known_cookie(frame, login.member.id, is_tls=request.url.scheme == "https")
    return Redirect(onward or "/", status_code=303, cookies=[session_cookie(request, token), known])


def _show(frame: Frame, status: int = 200, **context: Any) -> Response[str]:
    known: dict[str, Any] = {"wrong": "", "mail": "", "ticket": "", "next": "", "wait_s": 0.0} | context
    return frame.page("login.html", status=status, **known)
