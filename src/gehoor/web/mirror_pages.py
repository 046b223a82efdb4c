"""*Mirror*: how captivating and how binding, what changed, what to do; to leaf through."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.edition import Edition, Period
from gehoor.core.mirror_calendars import CalendarState, calendar_states
from gehoor.core.mirror_change import Renewal
from gehoor.core.mirror_reader import MirrorReader, Moment, RenewalRow, iso_day
from gehoor.run.mirror.live import live_moments
from gehoor.web.closer_pages import CLOSER_PAGES
from gehoor.web.decisions import ask_owner, form_of, redirect
from gehoor.web.done import Done
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.mirror_index import lift_told
from gehoor.web.mirror_shown import letters_of, look_of, shown_of
from gehoor.web.site import Site

__all__ = ["MIRROR_PAGES", "edition_of"]

PERIODS: tuple[Period, ...] = get_args(Period)
KINDS = ("broadcast", "campaign", "outage", "launch", "weather", "holiday")
_PATIENCE_S = 20.0
_YEAR, _MOST = 366, 50
_MAKING: set[asyncio.Future[Done]] = set()
"""Editions that are being made: held here, since a task that nobody holds may vanish."""


@get("/mirror", sync_to_thread=True)
def mirror_page(request: Ask) -> Response[str]:
    """Show an edition: the newest, or that of a day."""
    frame = frame_of(request)
    mirror, brand = MirrorReader(frame.site.reader), frame.query.get("brand", "")
    now: dict[str, Any] = {
        "pulse": mirror.pulse(frame.now, brand), "today": mirror.now(frame.now, brand),
        "live": live_moments(frame.site.reader, frame.now, brand), "lift_of": lambda one: lift_told(frame.speech, one),
    }  # fmt: skip
    if frame.is_part:
        return frame.page("_mirror_now.html", "mirror", **now)
    edition, period, brand = edition_of(frame, frame.query)
    days = mirror.days(period, brand)
    brands = [name for name in ("", *frame.site.brands()) if name == brand or mirror.days(period, name, 1)]
    return frame.page(
        "mirror.html", "mirror", edition=edition, days=days, period=period, brand=brand, brands=brands,
        leaf=_leaf(days, edition), mirror_periods=PERIODS,
        kinds=KINDS, renewal_kinds=get_args(Renewal), known=_told_before(frame, mirror), letters=letters_of(frame),
        asked=_asked(edition), calendars=_calendars(frame.site), **now,
        **(_shown(frame, edition) if edition else {}),
    )  # fmt: skip


def edition_of(frame: Frame, asked: Mapping[str, str]) -> tuple[Edition | None, Period, str]:
    """Return the edition that an address or a form asks for, else the newest; with its period and brand."""
    period: Period = next((one for one in PERIODS if one == asked.get("period")), "day")
    brand = asked.get("brand", "")
    mirror, day = MirrorReader(frame.site.reader), _day_of(asked.get("day"))
    edition = mirror.edition(day, period, brand)
    if day is None and edition is not None and not edition.is_over:  # what has only begun stands a leaf further
        whole = [one for one in mirror.days(period, brand, 2) if one != edition.last_day]
        edition = mirror.edition(whole[0], period, brand) if whole else edition
    return edition, period, brand


def _known(frame: Frame, mirror: MirrorReader) -> tuple[list[Moment], list[RenewalRow]]:
    """Return what was told, newest first: of a year, and what is still to come."""
    day = frame.now // DAY_US
    moments = mirror.moments(frame.now - _YEAR * DAY_US, frame.now + _YEAR * DAY_US)
    return moments[: -_MOST - 1 : -1], mirror.renewals(day - _YEAR, day + _YEAR)[: -_MOST - 1 : -1]


def _told_before(frame: Frame, mirror: MirrorReader) -> dict[str, list[tuple[int, str, str]]]:
    """Return the number, the name and a word about each that was told."""
    speech, (moments, renewals) = frame.speech, _known(frame, mirror)
    return {
        "moments": [
            (one.id, one.name, f"{speech.word('mirror.moment', one.kind)}, {speech.moment(one.since, frame.now)}")
            for one in moments
        ],
        "renewals": [
            (one.id, one.name, f"{speech.word('mirror.kind', one.kind)}, {speech.day(one.day * DAY_US, frame.now)}")
            for one in renewals
        ],
    }


def _calendars(site: Site) -> list[CalendarState]:
    return calendar_states(site.reader, site.settings.mirror.calendars)


def _asked(edition: Edition | None) -> str:
    """Return what an address says that asks for this edition and no other."""
    if edition is None:
        return ""
    return urlencode({"day": edition.last_day, "period": edition.period, "brand": edition.brand})


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
    told |= {"brand": form.get("brand", "")}
    return redirect("/mirror#moments", await _tell(frame, Done(what="told"), "add_moments", moments=[told]))


@post("/mirror/moments/drop", status_code=303)
async def drop_moment(request: Ask) -> Redirect:
    """Take a moment back."""
    return await _drop(request, "moment")


@post("/mirror/renewals", status_code=303)
async def tell_renewal(request: Ask) -> Redirect:
    """Note in the innovation log what was renewed."""
    frame, form = frame_of(request), await form_of(request)
    told = {name: form.get(name, "") for name in ("name", "kind", "note", "brand")}
    day = _day_of(form.get("day")) or frame.speech.local(frame.now).date().isoformat()
    return redirect("/mirror#renewals", await _tell(frame, Done(what="told"), "add_renewal", **told, day=day))


@post("/mirror/renewals/drop", status_code=303)
async def drop_renewal(request: Ask) -> Redirect:
    """Take a line out of the innovation log."""
    return await _drop(request, "renewal")


async def _drop(request: Ask, what: Literal["moment", "renewal"]) -> Redirect:
    frame, form = frame_of(request), await form_of(request)
    known: tuple[list[Any], list[Any]] = await asyncio.to_thread(_known, frame, MirrorReader(frame.site.reader))
    mine = known[what == "renewal"]
    gone = next((one for one in mine if str(one.id) == form.get("id")), None)
    place = f"/mirror#{what}s"
    if gone is None:
        return redirect(place, Done(what="refused"))
    done = Done(what="untold", undo_path=f"/mirror/{what}s", undo_form=_told_again(frame, gone))
    return redirect(place, await _ask(frame, done, f"drop_{what}", {"id": gone.id}))


def _told_again(frame: Frame, gone: Moment | RenewalRow) -> dict[str, str]:
    """Return the form that tells it anew."""
    both = {"name": gone.name, "kind": gone.kind, "brand": gone.brand}
    if isinstance(gone, RenewalRow):
        return {**both, "note": gone.note, "day": iso_day(gone.day)}
    since, until = (f"{frame.speech.local(at):%Y-%m-%dT%H:%M}" for at in (gone.since, gone.until))
    return {**both, "since": since, "until": until}


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


MIRROR_PAGES = [*CLOSER_PAGES, mirror_page, make_now, decide, tell_moment, drop_moment, tell_renewal, drop_renewal]
