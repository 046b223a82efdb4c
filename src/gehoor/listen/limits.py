"""How long a server asks us to stay away, in any of the dialects of its headers."""

from collections.abc import Mapping

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import RejectedRecord
from gehoor.listen.times import parse_time

__all__ = ["LONGEST_S", "is_used_up", "wait_of"]

LONGEST_S = 86_400.0
"""The longest wait that is believed: what is longer is a mistake of the server, so we look again after a day."""

_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_YEAR_S = 366 * 86_400.0  # a larger number is a moment since 1970, not seconds to go


def wait_of(headers: Mapping[str, str], now: int) -> float | None:
    """Return for how many seconds we must not call again; None when the server does not say.

    Parameters
    ----------
    headers : mapping
        Of the response, names in lower case. `Retry-After` counts before any reset: seconds, or a date. A reset may be
        seconds to go, seconds or milliseconds since 1970, or a date.
    now : int
        Microseconds UTC.

    Examples
    --------
    >>> wait_of({"retry-after": "120"}, 0), wait_of({"x-ratelimit-reset": "1970-01-01T00:05:00Z"}, 0), wait_of({}, 0)
    (120.0, 300.0, None)
    """
    for name in ("retry-after", *_RESETS):
        wait = _seconds(headers.get(name, "").strip(), now)
        if wait is not None:
            return min(max(wait, 0.0), LONGEST_S)
    return None


def is_used_up(headers: Mapping[str, str]) -> bool:
    """Tell whether this was the last call that the server allows for now."""
    return any(headers.get(name, "").strip() in {"0", "0.0"} for name in _REMAINING)


def _seconds(value: str, now: int) -> float | None:
    if not value or len(value) > 64:
        return None
    try:
        number = float(value)
    except ValueError:
        return _until(value, now)
    if number > _YEAR_S:
        return _until(number, now)
    return number if number >= 0 else None  # not a number compares false


def _until(moment: object, now: int) -> float | None:
    try:
        return (parse_time(moment) - now) / SECOND_US
    except RejectedRecord:
        return None
