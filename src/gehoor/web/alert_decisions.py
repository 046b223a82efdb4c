"""What a person decides about alerts: I look after it, later, this is who that is, you missed one; each undone."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.alert import ROLES
from gehoor.core.clock import SECOND_US
from gehoor.core.role import key_of, roles_query
from gehoor.web.alerts import id_of
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["ALERT_DECISIONS"]

_TOMORROW = "tomorrow"
_MORNING_H = 8
_LONGEST_NAME = 500


@post("/alerts/{name:str}/seen", status_code=303)
async def acknowledge(request: Ask, name: FromPath[str]) -> Redirect:
    """Say that somebody looks after it, so that nobody else is woken; or take that back."""
    frame, form = frame_of(request), await form_of(request)
    is_undone = bool(form.get("undo"))
    path = f"/alerts/{_path(name)}"
    done = Done(what="unseen") if is_undone else Done(what="seen", undo_path=f"{path}/seen", undo_form={"undo": "yes"})
    done = await ask_owner(frame, done, "acknowledge_alert", alert=id_of(name), undo=is_undone)
    return redirect(path, done)


@post("/alerts/{name:str}/snooze", status_code=303)
async def snooze(request: Ask, name: FromPath[str]) -> Redirect:
    """Be still about it for some minutes, or until tomorrow morning; 0 minutes: no longer."""
    frame, form = frame_of(request), await form_of(request)
    minutes, path = _minutes(form.get("minutes", ""), frame), f"/alerts/{_path(name)}"
    until = frame.speech.moment(frame.now + minutes * 60 * SECOND_US, frame.now)
    again = {"undo_path": f"{path}/snooze", "undo_form": {"minutes": "0"}}
    done = Done(what="snoozed", name=until, **again) if minutes else Done(what="unsnoozed")  # type: ignore[arg-type]  # the fields of Done
    done = await ask_owner(frame, done, "snooze_alert", alert=id_of(name), minutes=minutes)
    return redirect(path, done)


@post("/alerts/{name:str}/role", status_code=303)
async def give_role(request: Ask, name: FromPath[str]) -> Redirect:
    """Say who somebody is."""
    frame, form = frame_of(request), await form_of(request)
    channel, actor = (form.get(field, "")[:_LONGEST_NAME] for field in ("channel", "actor"))
    role = form.get("role")
    role = role if role in ROLES or role == "" else None
    rows = await asyncio.to_thread(frame.site.reader.stored, roles_query([key_of(channel, actor)]))
    before = {"role": rows[0].role} if rows else {}
    path = f"/alerts/{_path(name)}"
    undo = {"channel": channel, "actor": actor, **before}
    said = str(frame.speech.word("role", role or "none"))
    done = Done(what="named", name=said, undo_path=f"{path}/role", undo_form=undo)
    done = await ask_owner(frame, done, "give_role", channel=channel, actor=actor, role=role)
    return redirect(f"{path}#carriers", done)


@post("/alerts/missed", status_code=303)
async def miss(request: Ask) -> Redirect:
    """Say when an alarm should have come and did not; or take that back."""
    frame, form = frame_of(request), await form_of(request)
    brand, at = form.get("brand", ""), _moment(form, frame)
    if at is None or (brand and brand not in frame.site.brands()):
        return redirect("/alerts#proof", Done(what="refused"))
    is_undone = bool(form.get("undo"))
    undo = {"undo": "yes", "brand": brand, "micros": str(at)}
    done = Done(what="unmissed") if is_undone else Done(what="missed", undo_path="/alerts/missed", undo_form=undo)
    done = await ask_owner(frame, done, "miss_alert", brand=brand, at=at, undo=is_undone)
    return redirect("/alerts#proof", done)


@post("/alerts/measure", status_code=303)
async def measure(request: Ask) -> Redirect:
    """Have it measured how late alarms are here; that takes a minute, and not of this request."""
    done = await ask_owner(frame_of(request), Done(what="measuring"), "measure_alerts")
    return redirect("/alerts#proof", done)


ALERT_DECISIONS = [acknowledge, snooze, give_role, miss, measure]


def _path(name: str) -> str:
    """Return a name as an address has it."""
    return quote(name, safe="~")


def _minutes(text: str, frame: Frame) -> int:
    if text == _TOMORROW:
        local = frame.speech.local(frame.now)
        morning = (local + timedelta(days=1)).replace(hour=_MORNING_H, minute=0, second=0, microsecond=0)
        return max(1, round((morning.timestamp() - frame.now / SECOND_US) / 60))
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _moment(form: Mapping[str, str], frame: Frame) -> int | None:
    """Return the moment that a form names, on the workspace's clock, microseconds UTC; None where it names none."""
    micros, text = form.get("micros", ""), form.get("at", "")
    if micros.isdecimal() and len(micros) < 18:
        return int(micros)
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=frame.site.zone)
    except ValueError:
        return None
    return round(local.timestamp()) * SECOND_US
