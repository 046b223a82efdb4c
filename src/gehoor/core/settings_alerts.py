"""`[alerts]`, `[alerts.people.<name>]` and `[roles]`: who is told of what, when, and who people are to us."""

import re
from collections.abc import Collection
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

__all__ = ["Alerts", "Recipient", "Roles", "check_alerts"]

_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_Minutes = Annotated[int, msgspec.Meta(ge=0, le=1_440)]

Wrong = tuple[tuple[str, ...], str, str]
"""In which table, which setting, and what is wrong with it."""


class Recipient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[alerts.people.<name>]`: somebody who is told.

    Attributes
    ----------
    name : str
        What we call them; by default the name of the table.
    by : list of str
        Senders of theirs, the gentlest first; each next one is used when nobody says that they look after it.
    from_level : int
        1: told of everything, 2: of what is serious, 3: of a crisis only.
    quiet : str, optional
        When not to disturb them, on their own clock, such as 22:00-07:00. A crisis does.
    timezone : str, optional
        Where they live; by default where the workspace is.
    after_minutes : int
        Told when nobody looks after it for so long; 0: at once.
    member : str, optional
        Who of the team it is, by id, name or mail: told only while the roster has them on duty or on call.
    louder_minutes : int
        Between one sender of theirs and the next.
    """

    name: str = ""
    by: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    from_level: Literal[1, 2, 3] = 1
    quiet: str | None = None
    timezone: str | None = None
    member: str | None = None
    after_minutes: _Minutes = 0
    louder_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] = 15

    def __post_init__(self) -> None:
        if self.quiet is not None and not _QUIET.fullmatch(self.quiet):
            raise ValueError("quiet is no stretch of the day: write it as 22:00-07:00")
        if self.timezone is not None:
            try:
                ZoneInfo(self.timezone)
            except (ValueError, OSError, KeyError):  # as in `settings`
                raise ValueError("timezone is not known; use a name such as Europe/Amsterdam") from None

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """From when until when they are not disturbed; None: never."""
        if self.quiet is None:
            return None
        since, until = self.quiet.split("-")
        return time.fromisoformat(since), time.fromisoformat(until)


class Alerts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[alerts]`: how often we may be wrong, over all brands together, and which `[senders.<name>]` are told.

    `holidays`: of which country a holiday is expected to be like a Sunday.
    """

    to: tuple[str, ...] = ()
    holidays: Literal["nl", "be", "de", "uk"] | None = None
    false_alarms_per_week: Annotated[float, msgspec.Meta(gt=0, le=100)] = 1.0
    people: dict[str, Recipient] = {}


class Roles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[roles]`: who is who, by the id or the name that a channel gives; `mastodon/NAME` for one channel only."""

    press: tuple[str, ...] = ()
    official: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    supplier: tuple[str, ...] = ()
    competitor: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    critic: tuple[str, ...] = ()
    fan: tuple[str, ...] = ()


def check_alerts(alerts: Alerts, senders: Collection[str]) -> Wrong | None:
    """Return what is wrong with who is told: a sender that is not there; None when all is well."""
    told: list[Wrong] = [(("alerts",), "to", name) for name in alerts.to]
    told += [(("alerts", "people", key), "by", name) for key, one in alerts.people.items() for name in one.by]
    for table, key, name in told:
        if name not in senders:
            known = ", ".join(senders) or "none yet: write [senders.<name>]"
            return table, key, f"{key}: there is no sender named {name!r}. Known: {known}."
    return None
