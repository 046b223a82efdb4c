"""What a person says of an alert: I look after it, be still for a while, this is who that is, you missed one."""

from functools import partial
from typing import Any

from gehoor.core.alert import acknowledge_alert, snooze_alert
from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.role import key_of, say_role
from gehoor.core.warned import Missed, say_missed
from gehoor.run.workplace import Workplace

__all__ = ["acknowledge", "give_role", "miss", "snooze"]

_LONGEST_MIN = 7 * 1_440
_MINUTE_US = 60 * SECOND_US


async def acknowledge(place: Workplace, alert: str, *, undo: bool = False) -> bool:
    """Note that somebody looks after an alert: nobody else is woken for it; or take that back."""
    at = None if undo else place.clock.now()
    return await _in_store(place, partial(acknowledge_alert, id_=alert, at=at))


async def snooze(place: Workplace, alert: str, minutes: int) -> bool:
    """Be still about an alert for some minutes; 0: no longer.

    Raises
    ------
    SettingError
        That is longer than a week.
    """
    if not 0 <= minutes <= _LONGEST_MIN:
        raise SettingError("An alert can be snoozed for a week at most.")
    now = place.clock.now()
    until = now + minutes * _MINUTE_US if minutes else None
    return await _in_store(place, partial(snooze_alert, id_=alert, at=now, until=until))


async def give_role(place: Workplace, channel: str, actor: str, role: str | None) -> bool:
    """Note who somebody is; "" is nobody in particular, None takes it back."""
    key, now = key_of(channel, actor), place.clock.now()
    return await _in_store(place, partial(say_role, key=key, role=role, at=now))


async def miss(place: Workplace, brand: str, at: int, *, undo: bool = False) -> bool:
    """Note that an alarm should have come at a moment (microseconds UTC), or take that back.

    Raises
    ------
    SettingError
        The moment is still to come, or longer ago than anybody knows.
    """
    now = place.clock.now()
    if not now - 3_650 * DAY_US < at <= now + _MINUTE_US:
        raise SettingError("Say a moment that has been.")
    one = Missed(at=at, brand=brand, said_at=now)
    return await _in_store(place, partial(say_missed, one=one, undo=undo))


async def _in_store(place: Workplace, action: Any) -> bool:
    def work() -> bool:
        with place.projector.engine.begin() as tx:
            return bool(action(tx))

    return bool(await place.on_writer(work))
