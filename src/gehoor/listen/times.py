"""Reads a moment in any spelling that channels and spreadsheets use; to microseconds UTC."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from gehoor.core.errors import RejectedRecord

__all__ = ["parse_time"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_S = 4_133_980_800  # 2101-01-01: what lies after it is a mistake, not a moment
_END_US = _END_S * 1_000_000
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_EPOCH_DIGITS = 9  # fewer digits may be a date without dashes (20171031)


def parse_time(value: object, name: str = "published") -> int:
    """Return a moment as microseconds since 1970-01-01T00:00:00Z.

    Parameters
    ----------
    value : str, int or float
        ISO 8601 (`2026-11-22T10:00:00Z`, with or without zone, seconds, fraction; a date alone is its midnight); the
        mail form (`Tue, 31 Oct 2017 22:10:47 +0000`); the form of X API v1 (`Tue Oct 31 22:10:47 +0000 2017`); or
        a number, also as text: seconds, milliseconds, microseconds or nanoseconds since 1970, whichever puts it before
        2101. Without a zone it is UTC. Day/month forms (`03/04/2017`) are refused: nobody can tell which is the month.
    name : str
        What to call it in a refusal.

    Raises
    ------
    RejectedRecord
        When it is no moment, or lies outside 1970-2100.

    Notes
    -----
    Cost: 0.35 µs for ISO 8601, 2.5 µs for the form of X, 5 µs for mail. Digits beyond microseconds are dropped.

    Examples
    --------
    >>> parse_time("1970-01-01T00:00:01.5Z"), parse_time("Thu Jan 01 00:00:01 +0000 1970"), parse_time(1_700_000_000)
    (1500000, 1000000, 1700000000000000)
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return _from_text(value.strip(), name)
        return _since_1970(moment, value, name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(value, name)
    raise RejectedRecord(_refusal(value, name))


def _since_1970(moment: datetime, value: object, name: str) -> int:
    # whole numbers only: as a float a moment in 2100 is no longer exact to the microsecond
    try:
        delta = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    except OverflowError:  # year 1 or 9999 with a zone
        raise RejectedRecord(_outside(value, name)) from None
    micros = (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    if 0 <= micros < _END_US:
        return micros
    raise RejectedRecord(_outside(value, name))


def _from_number(value: float, name: str) -> int:
    """Tell the unit by the magnitude: each unit has its own thousandfold between 1970 and 2101."""
    if not 0 <= value < _END_US * 1_000:  # also infinite, not a number, an integer of a thousand digits
        raise RejectedRecord(_outside(value, name))
    for unit in (1_000_000, 1_000, 1):
        if value * unit < _END_US:
            return round(value * unit)
    return int(value) // 1_000


def _from_text(value: str, name: str) -> int:
    if value.replace(".", "", 1).isdecimal() and value.isascii():
        if len(value.partition(".")[0]) < _EPOCH_DIGITS or len(value) > 40:
            raise RejectedRecord(_refusal(value, name))
        return _from_number(float(value) if "." in value else int(value), name)
    for form in (_iso, _x_form, _mail_form):
        moment = form(value)
        if moment is not None:
            return _since_1970(moment, value, name)
    raise RejectedRecord(_refusal(value, name))


def _iso(value: str) -> datetime | None:
    """Blanks around it, or ` UTC`, ` GMT`, ` +0000` behind it."""
    head, _, zone = value.rpartition(" ")
    text = head + "Z" if zone in {"UTC", "GMT", "Z"} else head + zone if zone[:1] in {"+", "-"} else value
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _x_form(value: str) -> datetime | None:
    """`Tue Oct 31 22:10:47 +0000 2017`; by hand, since strptime takes ten times as long."""
    parts = value.split()
    if len(parts) != 6:
        return None
    _, month, day, clock, zone, year = parts
    number = _MONTHS.get(month.lower())
    try:
        return datetime.fromisoformat(f"{year}-{number:02}-{day:0>2}T{clock}{zone}") if number else None
    except ValueError:
        return None


def _mail_form(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the standard library lets through on odd input
        return None
    offset = moment.utcoffset()
    return moment if offset is None or abs(offset) < timedelta(days=1) else None


def _refusal(value: object, name: str) -> str:
    return f"{name} {_short(value)} is not a date: use ISO 8601 such as 2026-11-22T10:00:00Z"


def _outside(value: object, name: str) -> str:
    return f"{name} {_short(value)} lies outside the years 1970-2100"


def _short(value: object) -> str:
    """Show what was given; a stranger may have sent a megabyte, or a number too long to print."""
    if isinstance(value, str):
        return repr(value[:60])
    if isinstance(value, (list, dict)) or (isinstance(value, int) and value.bit_length() > 100):
        return f"({type(value).__name__})"
    return repr(value)[:60]
