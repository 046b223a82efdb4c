"""*Team*: who works here, in which roles; and the audit log, with names."""

import asyncio
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.member import ROLES, Member
from gehoor.core.password import hash_password, password_trouble
from gehoor.core.tables.person import audit
from gehoor.web.decisions import form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.login import enter
from gehoor.web.who import session_cookie

__all__ = ["TEAM_PAGES"]

_LINES = 200
Answer = Response[str] | Redirect
Typed = Mapping[str, str]


@get("/team")
async def team_page(request: Ask) -> Response[str]:
    """Show everybody; and the form for one more."""
    return await _show(frame_of(request))


@post("/team", status_code=200)
async def add(request: Ask) -> Answer:
    """Add somebody: they get a one-time link. The first adds themselves, with a password, and is in."""
    frame, typed = frame_of(request), await form_of(request)
    arguments = _typed(typed) | {"name": typed.get("name", ""), "mail": typed.get("mail", "")}
    if frame.is_open:
        password = typed.get("password", "")
        wrong = password_trouble(password, typed.get("name", ""), typed.get("mail", ""))
        if wrong:
            return await _show(frame, 400, typed=typed, wrong=f"password.{wrong}")
        hashed = await asyncio.to_thread(hash_password, password)
        arguments |= {"roles": ["admin"], "password": hashed}
    try:
        added = await _ask(frame, "add", arguments)
    except SettingError as error:
        return await _show(frame, 400, typed=typed, refused=str(error))
    except TransientError:
        return redirect("/team", Done(what="away"))
    if frame.is_open:
        return await _first(request, frame, added["id"])
    return await _show(frame, link=_address(frame, added["link"]), called=typed.get("name", ""))


@get("/team/{member:str}")
async def member_page(request: Ask, member: FromPath[str]) -> Response[str]:
    """Show one of the team."""
    frame = frame_of(request)
    return frame.page("team_one.html", "settings", one=await _found(frame, member), roles=ROLES, refused="")


@post("/team/{member:str}", status_code=200)
async def change(request: Ask, member: FromPath[str]) -> Answer:
    """Change what somebody is and may do; or end that they are in the team."""
    frame, typed = frame_of(request), await form_of(request)
    one = await _found(frame, member)
    arguments: dict[str, Any] = {"id": member}
    if typed.get("do") in ("end", "again"):
        arguments |= {"is_active": typed["do"] == "again"}
    else:
        skills = [skill.strip() for skill in typed.get("skills", "").split(",")]
        capacity = typed.get("capacity", "")
        arguments |= _typed(typed) | {"name": typed.get("name", ""), "skills": skills[:20]}
        arguments |= {"capacity": int(capacity) if capacity.isdecimal() and len(capacity) < 5 else one.capacity}
    try:
        await _ask(frame, "change", arguments)
    except SettingError as error:
        return frame.page("team_one.html", "settings", status=400, one=one, roles=ROLES, refused=str(error))
    except TransientError:
        return redirect("/team", Done(what="away"))
    return redirect("/team", Done(what="team", name=str(frame.speech.say("team.done.changed", name=one.name))))


@post("/team/{member:str}/reset", status_code=200)
async def reset(request: Ask, member: FromPath[str]) -> Answer:
    """Log somebody out everywhere; they choose a new password by a one-time link, which is shown once."""
    frame = frame_of(request)
    one = await _found(frame, member)
    try:
        token = await _ask(frame, "reset", {"id": member})
    except TransientError:
        return redirect("/team", Done(what="away"))
    return await _show(frame, link=_address(frame, token), called=one.name)


@get("/audit")
async def audit_page(request: Ask) -> Response[str]:
    """Show what was done lately, and by whom."""
    frame = frame_of(request)
    lines = await asyncio.to_thread(
        frame.site.reader.stored, sa.select(audit).order_by(audit.c.id.desc()).limit(_LINES)
    )
    names = await asyncio.to_thread(frame.site.team.names)
    return frame.page("audit.html", "settings", lines=lines, names=names, most=_LINES, about=_about(names))


TEAM_PAGES = [team_page, add, member_page, change, reset, audit_page]


async def _ask(frame: Frame, act: str, arguments: dict[str, Any]) -> Any:
    return await frame.site.owner.call("team", act=act, arguments=arguments | {"said_by": frame.member.id})


def _typed(typed: Typed) -> dict[str, Any]:
    """Return what both forms ask alike."""
    languages = [code for code in typed.get("languages", "").lower().replace(",", " ").split() if len(code) in (2, 3)]
    roles = [role for role in ROLES if typed.get(f"role.{role}")]
    return {"roles": roles, "team": " ".join(typed.get("team", "").split())[:80] or None, "languages": languages[:20]}


async def _found(frame: Frame, id_: str) -> Member:
    found = await asyncio.to_thread(frame.site.team.member, id_)
    if found is None:
        raise NotFoundException
    return found


async def _first(request: Ask, frame: Frame, id_: str) -> Redirect:
    """Let the first of the team in: from now on a login is asked."""
    login = await asyncio.to_thread(frame.site.team.login, id_)
    token = await enter(frame, login) if login else None
    return Redirect("/team", status_code=303, cookies=[session_cookie(request, token or "")])


def _address(frame: Frame, token: str) -> str:
    return f"{(frame.site.settings.web.public_url or frame.base).rstrip('/')}/join/{token}"


def _about(names: Mapping[str, str]) -> Any:
    """Return who of the team a line is about, as a function of its number."""
    numbers = {int(id_, 16): name for id_, name in names.items()}
    return lambda number: numbers.get(number, "")


async def _show(frame: Frame, status: int = 200, **context: Any) -> Response[str]:
    members = await asyncio.to_thread(frame.site.team.logins)
    known: dict[str, Any] = {"typed": {}, "wrong": "", "refused": "", "link": "", "called": ""} | context
    return frame.page("team.html", "settings", status=status, members=members, roles=ROLES, **known)
