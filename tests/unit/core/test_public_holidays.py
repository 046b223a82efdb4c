"""The holidays of four countries, as their governments publish them for this year and the next."""

from datetime import date, timedelta

import pytest

from gehoor.core.public_holidays import public_holidays

_PUBLISHED = {
    ("nl", 2026): "01-01 04-03 04-05 04-06 04-27 05-14 05-24 05-25 12-25 12-26",
    ("nl", 2027): "01-01 03-26 03-28 03-29 04-27 05-06 05-16 05-17 12-25 12-26",
    ("be", 2026): "01-01 04-05 04-06 05-01 05-14 05-24 05-25 07-21 08-15 11-01 11-11 12-25",
    ("be", 2027): "01-01 03-28 03-29 05-01 05-06 05-16 05-17 07-21 08-15 11-01 11-11 12-25",
    ("de", 2026): "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26",
    ("de", 2027): "01-01 03-26 03-29 05-01 05-06 05-17 10-03 12-25 12-26",
    ("uk", 2026): "01-01 04-03 05-04 05-25 12-25 12-26 12-28",
    ("uk", 2027): "01-01 03-26 05-03 05-31 12-25 12-26 12-27 12-28",
}


@pytest.mark.parametrize(("country", "year"), _PUBLISHED)
def test_holidays_of_a_whole_country_are_those_that_are_published(country: str, year: int) -> None:
    known = public_holidays(country)
    days = (date(year, 1, 1) + timedelta(days) for days in range(365))
    assert " ".join(f"{day:%m-%d}" for day in days if day in known) == _PUBLISHED[country, year]


def test_no_country_has_no_holidays() -> None:
    assert date(2026, 12, 25) not in public_holidays(None)
