"""The public holidays of the countries where our customers' customers live."""

from collections.abc import Container
from datetime import date

import holidays

__all__ = ["COUNTRIES", "public_holidays"]

COUNTRIES = ("nl", "be", "de", "uk")
_CODES = {"nl": "NL", "be": "BE", "de": "DE", "uk": "GB"}


def public_holidays(country: str | None) -> Container[date]:
    """Return the days that are a holiday in all of a country, of any year; years are worked out when asked for.

    Parameters
    ----------
    country : str, optional
        One of `COUNTRIES`; None: no holidays.

    Examples
    --------
    >>> date(2026, 4, 27) in public_holidays("nl"), date(2026, 4, 27) in public_holidays("de")
    (True, False)
    """
    return holidays.country_holidays(_CODES[country]) if country else frozenset()
