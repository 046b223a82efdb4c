"""*Roster*: the week as it is worked, and the shifts that come back every week, for who makes the roster."""

import asyncio
import tomllib
from pathlib import Path
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from gehoor.core.settings_write import text_before
from gehoor.run.on_duty import has_roster
from gehoor.web.decisions import form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, frame_of
from gehoor.web.roster import week_of
from gehoor.web.settings_changes import Answer, draft, is_near, remove, write_part
from gehoor.web.settings_file import put_back, stand_of
from gehoor.web.settings_form import Form, part_form, table_of
from gehoor.web.settings_pages import said, show_one
from gehoor.web.settings_put import names_of

__all__ = ["ROSTER_PAGES"]

_MOST_WEEKS = 52


@get("/roster")
async def roster_page(request: Ask) -> Response[str]:
    """Show a week: who is on duty when, and when nobody is."""
    frame = frame_of(request)
    asked = frame.query.get("week", "0")
    ahead = int(asked) if asked.removeprefix("-").isdecimal() and len(asked) < 4 else 0
    ahead = max(-_MOST_WEEKS, min(ahead, _MOST_WEEKS))
    week = await asyncio.to_thread(week_of, frame.site, ahead)
    stand = await stand_of(frame.site)
    table = part_form("table", "", "roster", table_of(stand.text, "table", "roster") if stand.text else {}, None)
    return await asyncio.to_thread(
        frame.page, "roster.html", "settings", week=week, ahead=ahead, stand=stand, form=table,
        has_roster=has_roster(frame.site.settings), rules=frame.site.settings.roster.shifts,
        said=lambda words: said(frame, words),
    )  # fmt: skip


@get("/roster/{shift:str}")
async def shift_page(request: Ask, shift: FromPath[str]) -> Response[str]:
    """Show the form of one shift that comes back every week, or of a new one (`new`)."""
    frame = frame_of(request)
    stand = await stand_of(frame.site)
    if shift != "new" and (shift not in names_of(frame.site.settings, "shifts") or stand.trouble):
        raise NotFoundException
    name = "" if shift == "new" else shift
    stands = table_of(stand.text, "shifts", name) if name else {}
    return await show_one(frame, part_form("shifts", "", name, stands, None), stand=stand)


@post("/roster/{shift:str}", status_code=200)
async def save_shift(request: Ask, shift: FromPath[str]) -> Answer:
    """Keep a shift, or take it away (`do=remove`); `calendars` keeps which files of other calendars are read."""
    frame, typed = frame_of(request), await form_of(request)
    stand = await stand_of(frame.site)
    if shift not in ("new", "calendars", *names_of(frame.site.settings, "shifts")):
        raise NotFoundException
    group, name = ("table", "roster") if shift == "calendars" else ("shifts", shift.removeprefix("new"))
    stands = table_of(stand.text, group, name) if name and not stand.trouble else {}
    form = part_form(group, "", name, stands, typed)
    if name and group == "shifts" and typed.get("do") == "remove":
        return await remove(frame, form, typed)
    values = draft(form, typed, stands, frame, is_near=is_near(request))
    if group == "table":
        _check_calendars(form, values, frame.site.root)
    if form.errors:
        return await show_one(frame, form, stand=stand)
    return await write_part(frame, form, values, typed.get("digest", ""))


@post("/roster/undo", status_code=200)
async def undo(request: Ask) -> Answer:
    """Put back what the roster was before the last change, as long as that changed nothing but the roster."""
    frame, typed = frame_of(request), await form_of(request)
    stand = await stand_of(frame.site)
    before = await asyncio.to_thread(text_before, frame.site.root)
    if before is None or _without_roster(before) != _without_roster(stand.text):
        return redirect("/roster", Done(what="refused"))
    written = await put_back(frame, typed.get("digest", ""))
    return redirect("/roster", Done(what="refused" if written.refused else "put_back"))


ROSTER_PAGES = [roster_page, shift_page, save_shift, undo]


def _without_roster(text: str) -> dict[str, Any]:
    try:
        return {name: table for name, table in tomllib.loads(text).items() if name != "roster"}
    except tomllib.TOMLDecodeError:
        return {}


def _check_calendars(form: Form, values: dict[str, Any], root: Path) -> None:
    """Let a page point at files of the workspace only."""
    paths = [(root / line).resolve() for line in values.get("calendars", ())]
    if not all(path.is_relative_to(root.resolve()) and path.is_file() for path in paths):
        form.errors["calendars"] = "set.wrong.roster.calendars"
