"""How often somebody asks: remembered by this process only, for the last minute."""

from gehoor.core.clock import SECOND_US

__all__ = ["Pace"]

_MINUTE_US = 60 * SECOND_US
_MOST = 10_000


class Pace:
    """Counts calls, by whoever makes them.

    Parameters
    ----------
    per_minute : int
        So many are let through.

    Examples
    --------
    >>> pace = Pace(2)
    >>> [pace.allows(b"me", now) for now in (0, 0, 0, 31_000_000)]
    [True, True, False, True]
    """

    def __init__(self, per_minute: int) -> None:
        self._each_us = _MINUTE_US / per_minute
        self._until: dict[bytes, float] = {}
        self._seen: dict[bytes, int] = {}

    def allows(self, name: bytes, now: int) -> bool:
        """Take in a call; tell whether it is let through. `now`: microseconds."""
        if len(self._until) > _MOST:
            self._until = {one: until for one, until in self._until.items() if until > now}
        until = max(self._until.get(name, 0.0), now) + self._each_us
        if until - now > _MINUTE_US + 1:
            return False
        self._until[name] = until
        return True

    def is_first(self, name: bytes, now: int, every_us: int) -> bool:
        """Tell whether this is the first call in a while."""
        if len(self._seen) > _MOST:
            self._seen.clear()
        if now - self._seen.get(name, -every_us) < every_us:
            return False
        self._seen[name] = now
        return True
