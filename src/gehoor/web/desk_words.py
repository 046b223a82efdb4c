"""How the desk says time: the ring that empties, how long there is left, and when one can put something off to."""

import math
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec
from markupsafe import Markup

from gehoor.core.clock import SECOND_US
from gehoor.run.desk_rank import Ranked
from gehoor.web.speech import Speech

__all__ = ["SNOOZES", "Choice", "Clock", "Snooze", "choices_of", "clock_of", "ring", "short", "until"]

Snooze = Literal["hour", "tonight", "tomorrow", "monday"]
SNOOZES: tuple[Snooze, ...] = get_args(Snooze)

_EVENING_H, _MORNING_H = 19, 9
_MINUTE_US = 60 * SECOND_US
_LEVELS = {"half": "w1", "fifth": "w2", "nearly": "w3", "late": "w3"}
_IN_HOURS_MIN = 600  # so long minutes are told beside hours


class Clock(msgspec.Struct, frozen=True):
    """A ring: what is drawn of it, its colour, and the words beside it."""

    path: str
    level: str
    text: Markup


class Choice(msgspec.Struct, frozen=True):
    """A moment to put something off to, and when that is."""

    name: Snooze
    moment: str


def ring(share: float) -> str:
    """Return the arc of a ring of which a share is left, clockwise from the top, in a box of 16.

    Examples
    --------
    >>> ring(0.25)
    'M8 1.5A6.5 6.5 0 0 1 14.50 8.00'
    """
    angle = 2 * math.pi * min(max(share, 0.0), 0.999)
    x, y = 8 + 6.5 * math.sin(angle), 8 - 6.5 * math.cos(angle)
    return f"M8 1.5A6.5 6.5 0 {int(share > 0.5)} 1 {x:.2f} {y:.2f}"


def clock_of(ranked: Ranked, speech: Speech, *, is_long: bool = False) -> Clock | None:
    """Return the clock of a conversation; None where nothing was promised, or nobody waits."""
    if ranked.left_us is None or ranked.state is None:
        return None
    text = _left(abs(ranked.left_us), speech)
    owed = "desk.clock.resolve" if ranked.target == "resolution" else "desk.clock.left"
    key = "desk.clock.late" if ranked.left_us <= 0 else owed if is_long else "desk.clock"
    return Clock(ring(ranked.share), _LEVELS.get(ranked.state, ""), speech.say(key, left=text))


def short(name: str) -> str:
    """Return the letters that stand for somebody of the team.

    Examples
    --------
    >>> short("Sanne Kok"), short("jij"), short("")
    ('SK', 'jij', '')
    """
    words = name.split()
    return "".join(word[0] for word in words[:3]).upper() if len(words) > 1 else name[:4]


def _left(us: int, speech: Speech) -> Markup:
    minutes = us // _MINUTE_US
    if minutes < 60 or minutes >= _IN_HOURS_MIN:
        return speech.lasting(us / SECOND_US) if minutes else speech.say("lasting.minutes", n=0)
    return speech.say("desk.clock.hours", hours=str(minutes // 60), minutes=f"{minutes % 60:02d}")


def until(name: str, now: int, speech: Speech) -> int | None:
    """Return the moment of a choice, microseconds UTC, by the workspace's clock; None where there is no such choice.

    Tonight is an hour from now where the evening has begun.
    """
    local = speech.local(now)
    if name == "hour":
        return now + 3_600 * SECOND_US
    if name == "tonight":
        return max(_at(local, 0, _EVENING_H), now + 3_600 * SECOND_US)
    if name == "tomorrow":
        return _at(local, 1, _MORNING_H)
    return _at(local, 7 - local.weekday(), _MORNING_H) if name == "monday" else None


def _at(local: datetime, days: int, hour: int) -> int:
    day = local.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return round(day.timestamp()) * SECOND_US


def choices_of(now: int, speech: Speech) -> list[Choice]:
    """Return when one can put something off to, each with its moment."""
    moments = [(name, until(name, now, speech)) for name in SNOOZES]
    return [Choice(name, _moment(at, now, speech)) for name, at in moments if at is not None]


def _moment(at: int, now: int, speech: Speech) -> str:
    """Return 15:10, or ma 9:00 where it is another day."""
    local = speech.local(at)
    day = "" if local.date() == speech.local(now).date() else f"{str(speech.say(f'weekday.{local.weekday()}'))[:2]} "
    return f"{day}{local:%H:%M}"
