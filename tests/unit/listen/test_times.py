"""Moments as people, channels and spreadsheets write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import RejectedRecord
from gehoor.listen.times import parse_time

NOON = 1_795_348_800_000_000  # 2026-11-22T12:00:00Z


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00:00.000000Z",
        "2026-11-22T13:00:00+01:00",
        "2026-11-22T13:00:00+0100",
        "2026-11-22 12:00:00",
        "2026-11-22 12:00:00 UTC",
        "2026-11-22 13:00:00 +0100",
        "  2026-11-22T12:00Z ",
        "20261122T120000Z",
        "Sun Nov 22 12:00:00 +0000 2026",
        "Sun, 22 Nov 2026 12:00:00 +0000",
        "Sun, 22 Nov 2026 13:00:00 GMT+0100",
        1_795_348_800,
        1_795_348_800.0,
        1_795_348_800_000,
        1_795_348_800_000_000,
        1_795_348_800_000_000_000,
        "1795348800",
        "1795348800.0",
        "1795348800000",
    ],
)
def test_every_spelling_of_noon_is_noon(value: object) -> None:
    expected = NOON if value != "Sun, 22 Nov 2026 13:00:00 GMT+0100" else NOON + 3_600_000_000
    assert parse_time(value) == expected


def test_fraction_is_kept_to_the_microsecond() -> None:
    assert parse_time("2026-11-22T12:00:00.1234567Z") == NOON + 123_456


@pytest.mark.parametrize(
    "value",
    ["yesterday", "", "22/11/2026", "11-22-2026", "2026-02-30", "1234567", "NaN", True, None, [], {}, "²²²²²²²²²²"],
)
def test_what_is_no_date_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(RejectedRecord, match=r"is not a date: use ISO 8601 such as 2026-11-22T10:00:00Z"):
        parse_time(value)


@pytest.mark.parametrize("value", ["1969-12-31T23:59:59Z", "2101-01-01", "0001-01-01T00:00+10:00", -1, 1e300, 10**500])
def test_years_outside_1970_to_2100_are_refused(value: object) -> None:
    with pytest.raises(RejectedRecord, match="outside the years 1970-2100"):
        parse_time(value)


def test_refusal_names_the_field() -> None:
    with pytest.raises(RejectedRecord, match=r"^updated 'x' is not"):
        parse_time("x", "updated")


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 12, 30)))  # noqa: DTZ001 (Hypothesis adds the zone)
def test_iso_form_goes_there_and_back(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    micros = parse_time(aware.isoformat())
    assert datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000) == aware


@given(st.text(max_size=40) | st.integers() | st.floats())
def test_anything_is_read_or_refused(value: object) -> None:
    try:
        assert 0 <= parse_time(value) < 4_133_980_800_000_000
    except RejectedRecord as error:
        assert error.reason.startswith("published ")
