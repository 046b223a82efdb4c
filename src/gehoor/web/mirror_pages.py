"""*Mirror*: how captivating and how binding, what changed, what to do; to leaf through."""

import asyncio
from datetime import date, datetime
from typing import Any, get_args
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.clock import SECOND_US
from gehoor.core.edition import Edition, Period
from gehoor.core.mirror_change import Renewal
from gehoor.core.mirror_reader import MirrorReader
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.mirror_shown import look_of, shown_of

__all__ = ["MIRROR_PAGES"]

PERIODS: tuple[Period, ...] = get_args(Period)
KINDS = ("broadcast", "campaign", "outage", "launch", "weather", "holiday")
_PATIENCE_S = 20.0
_MAKING: set[asyncio.Future[Done]] = set()
"""Editions that are being made: held here, since a task that nobody holds may vanish."""


@get("/mirror", sync_to_thread=True)
def mirror_page(request: Ask) -> Response[str]:
    """Show an edition: the newest, or that of a day."""
    frame = frame_of(request)
    period: Period = next((one for one in PERIODS if one == frame.query.get("period")), "day")
    brand = frame.query.get("brand", "")
    mirror = MirrorReader(frame.site.reader)
    edition = mirror.edition(_day_of(frame.query.get("day")), period, brand)
    days = mirror.days(period, brand)
    brands = [name for name in ("", *frame.site.brands()) if name == brand or mirror.days(period, name, 1)]
    return frame.page(
        "mirror.html", "mirror", edition=edition, days=days, period=period, brand=brand, brands=brands,
        leaf=_leaf(days, edition), pulse=mirror.pulse(frame.now, brand), mirror_periods=PERIODS,
        kinds=KINDS, renewal_kinds=get_args(Renewal), **(_shown(frame, edition) if edition else {}),
    )  # fmt: skip


def _shown(frame: Frame, edition: Edition) -> dict[str, Any]:
    return {**shown_of(edition, frame.speech, look_of(frame.site.settings)), "can_act": True}


def _day_of(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return None


def _leaf(days: list[str], edition: Edition | None) -> tuple[str | None, str | None]:
    """Return the days of the edition before and the one after."""
    if edition is None or edition.last_day not in days:
        return None, None
    place = days.index(edition.last_day)
    return (days[place + 1] if place + 1 < len(days) else None), (days[place - 1] if place else None)


# -- what people tell the mirror --------------------------------------------------------------------------------------


@post("/mirror/make", status_code=303)
async def make_now(request: Ask) -> Redirect:
    """Have an edition made now; what takes long is made meanwhile, and stands there when it is."""
    frame, form = frame_of(request), await form_of(request)
    period, brand = form.get("period", "day"), form.get("brand", "")
    wanted = {"period": period, "brand": brand} | ({"day": day} if (day := _day_of(form.get("day"))) else {})
    making = asyncio.ensure_future(ask_owner(frame, Done(what="mirrored"), "mirror", act="edition", arguments=wanted))
    _MAKING.add(making)
    making.add_done_callback(_MAKING.discard)
    await asyncio.wait([making], timeout=_PATIENCE_S)
    place = urlencode({name: value for name, value in (("period", period), ("brand", brand)) if value})
    return redirect(f"/mirror?{place}", making.result() if making.done() else Done(what="mirroring"))


@post("/mirror/advice/{advice:str}", status_code=303)
async def decide(request: Ask, advice: FromPath[str]) -> Redirect:
    """Make an advice a task, say that it was done, decline it, or take that back."""
    frame, form = frame_of(request), await form_of(request)
    state, before = form.get("state", ""), form.get("before")
    undo = {"undo_path": f"/mirror/advice/{advice}", "undo_form": {"state": before}} if before else {}
    done = Done(what="advised", value=state, **undo)  # type: ignore[arg-type]  # a path and a form
    return redirect("/mirror#do", await _tell(frame, done, "say_advice", id=advice, state=state))


@post("/mirror/moments", status_code=303)
async def tell_moment(request: Ask) -> Redirect:
    """Note something that may move the curve."""
    frame, form = frame_of(request), await form_of(request)
    since, until = (_moment_of(frame, form.get(name, "")) for name in ("since", "until"))
    if since is None or until is None:
        return redirect("/mirror#moments", Done(what="refused"))
    told = {"name": form.get("name", ""), "kind": form.get("kind", "other"), "since": since, "until": until}
    return redirect("/mirror#moments", await _tell(frame, Done(what="told"), "add_moments", moments=[told]))


@post("/mirror/moments/drop", status_code=303)
async def drop_moment(request: Ask) -> Redirect:
    """Take a moment back."""
    return await _drop(request, "drop_moment", "/mirror#moments")


@post("/mirror/renewals", status_code=303)
async def tell_renewal(request: Ask) -> Redirect:
    """Note in the innovation log what was renewed."""
    frame, form = frame_of(request), await form_of(request)
    told = {name: form.get(name, "") for name in ("name", "kind", "note")}
    day = _day_of(form.get("day")) or frame.speech.local(frame.now).date().isoformat()
    return redirect("/mirror#renewals", await _tell(frame, Done(what="told"), "add_renewal", **told, day=day))


@post("/mirror/renewals/drop", status_code=303)
async def drop_renewal(request: Ask) -> Redirect:
    """Take a line out of the innovation log."""
    return await _drop(request, "drop_renewal", "/mirror#renewals")


async def _drop(request: Ask, act: str, path: str) -> Redirect:
    frame, form = frame_of(request), await form_of(request)
    if not form.get("id", "").isdigit():
        return redirect(path, Done(what="refused"))
    return redirect(path, await _ask(frame, Done(what="untold"), act, {"id": int(form["id"])}))


async def _tell(frame: Frame, done: Done, act: str, **told: Any) -> Done:
    return await _ask(frame, done, act, {**told, "said_by": frame.member.id})


async def _ask(frame: Frame, done: Done, act: str, arguments: dict[str, Any]) -> Done:
    return await ask_owner(frame, done, "mirror", act=act, arguments=arguments)


def _moment_of(frame: Frame, text: str) -> int | None:
    """Return a date and time on the workspace's clock, microseconds UTC."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    if local.tzinfo is not None:
        return None
    return round(local.replace(tzinfo=frame.site.zone).timestamp()) * SECOND_US


MIRROR_PAGES = [mirror_page, make_now, decide, tell_moment, drop_moment, tell_renewal, drop_renewal]
