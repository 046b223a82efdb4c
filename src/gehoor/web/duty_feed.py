"""The roster as a calendar that other programs subscribe to, at an address with a token that opens nothing else."""

from dataclasses import replace

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from gehoor.answer.calendar_file import written
from gehoor.answer.shift import Shift
from gehoor.core.member import Member
from gehoor.core.rights import Right, may
from gehoor.run.on_duty import shifts_around
from gehoor.web.frame import Ask, Frame, frame_of

__all__ = ["DUTY_FEED", "FEED_RIGHTS", "feed_address"]

FEED_RIGHTS: tuple[Right, ...] = ("roster.see",)
"""What the token in such an address may do: all of it, for an address is soon seen by others."""
_ENDING = ".ics"


@get("/duty/{token:str}", sync_to_thread=True)
def duty_feed(request: Ask, token: FromPath[str]) -> Response[bytes]:
    """Give the shifts of two weeks back to four ahead; with `?mine` those of whose address it is."""
    frame = frame_of(request)
    held = frame.site.team.token(token.removesuffix(_ENDING)[:200], frame.now)
    if held is None or held.rights != FEED_RIGHTS or not may(held.member, "roster.see"):
        raise NotFoundException
    shifts, _ = shifts_around(frame.site.settings, frame.now)
    whose = _names(held.member) if "mine" in frame.query else None
    names = {name: one.name for one in frame.site.team.members() for name in _names(one)}
    shown = [
        replace(one, who=_title(frame, one, names.get(one.who.casefold(), one.who)))
        for one in shifts
        if whose is None or one.who.casefold() in whose
    ]
    calendar = written(shown, {}, frame.now)
    headers = {"Content-Disposition": 'inline; filename="roster.ics"', "Cache-Control": "private, no-store"}
    return Response(calendar, media_type="text/calendar; charset=utf-8", headers=headers)


DUTY_FEED = [duty_feed]


def feed_address(frame: Frame, request: Ask, token: str) -> str:
    """Return where a calendar program finds the roster."""
    base = frame.site.settings.web.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/duty/{token}{_ENDING}"


def _names(member: Member) -> set[str]:
    return {name.casefold() for name in (member.id, member.name, member.mail) if name}


def _title(frame: Frame, shift: Shift, name: str) -> str:
    """Return what stands in the calendar: a program shows no more than that as a rule."""
    return name if shift.kind == "duty" else f"{name} ({frame.speech.word('duty.kind', shift.kind)})"
