"""A roster out of other people's calendars, some of them hostile, and ours back into theirs."""

from datetime import UTC, date, datetime
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.answer.calendar_file import Timetable, read, written
from gehoor.answer.hours import micros
from gehoor.answer.shift import Shift
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from tests.cast import NOON

ZONE = ZoneInfo("Europe/Amsterdam")
HOUR_US = 3_600 * SECOND_US
SINCE, UNTIL = date(2026, 3, 1), date(2026, 4, 30)


def wall(month: int, day: int, hour: int, minute: int = 0) -> int:
    return micros(datetime(2026, month, day, hour, minute, tzinfo=ZONE))


def file(*events: str) -> bytes:
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event.split("\n"), "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *lines, "END:VCALENDAR", ""]).encode()


def table(*events: str) -> Timetable:
    return read(file(*events), ZONE, SINCE, UNTIL)


def test_a_week_of_nights_with_a_day_off_and_a_day_moved() -> None:
    night = (
        "UID:1\nSUMMARY:Noor\nDTSTART;TZID=Europe/Amsterdam:20260327T220000\nDTEND;TZID=Europe/Amsterdam:20260328T060000\n"
        "RRULE:FREQ=DAILY;UNTIL=20260401T200000Z\nEXDATE;TZID=Europe/Amsterdam:20260330T220000"
    )
    moved = (
        "UID:1\nSUMMARY:Sam\nRECURRENCE-ID;TZID=Europe/Amsterdam:20260331T220000\n"
        "DTSTART;TZID=Europe/Amsterdam:20260331T230000\nDTEND;TZID=Europe/Amsterdam:20260401T050000"
    )
    off = "UID:1\nSTATUS:CANCELLED\nRECURRENCE-ID:20260401T200000Z\nDTSTART:20260401T200000Z"
    found = table(night, moved, off)
    assert found.refused == ()
    assert [(shift.who, shift.start) for shift in found.shifts] == [
        ("Noor", wall(3, 27, 22)), ("Noor", wall(3, 28, 22)), ("Noor", wall(3, 29, 22)), ("Sam", wall(3, 31, 23)),
    ]  # fmt: skip
    # in the night of the 28th the clock goes forward
    assert [(shift.end - shift.start) // HOUR_US for shift in found.shifts] == [8, 7, 8, 6]


def test_who_what_and_for_which_team() -> None:
    on_call = (
        "SUMMARY:Piket\nATTENDEE;CN=Noor:mailto:noor@example.org\nATTENDEE:MAILTO:sam@example.org\nCATEGORIES:Piket,press\n"
        "DTSTART:20260401T090000\nDURATION:PT8H"
    )
    leave = "SUMMARY:Lena\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\nDTSTART;VALUE=DATE:20260401\nDTEND;VALUE=DATE:20260403"
    found = table(on_call, leave).shifts
    assert found == (
        Shift(wall(4, 1, 0), wall(4, 3, 0), "Lena", "absent"),
        Shift(wall(4, 1, 9), wall(4, 1, 17), "noor@example.org", "on_call", "press"),
        Shift(wall(4, 1, 9), wall(4, 1, 17), "sam@example.org", "on_call", "press"),
    )


def test_zones_by_the_name_that_windows_gives_and_zones_that_the_file_makes_up() -> None:
    windows = "SUMMARY:Noor\nDTSTART;TZID=W. Europe Standard Time:20260401T090000\nDURATION:PT1H"
    unknown = "SUMMARY:Sam\nDTSTART;TZID=Mars/Olympus:20260401T090000\nDURATION:PT1H"
    found = table(windows, unknown)
    assert [shift.start for shift in found.shifts] == [wall(4, 1, 9)]
    assert found.refused == ("Sam: The time zone 'Mars/Olympus' is not known.",)


def test_a_zone_that_recurs_every_second_is_not_worked_out() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nRRULE:FREQ=SECONDLY\r\n"
        "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIME\r\n ZONE\r\n"
    )
    data = file("SUMMARY:Noor\nDTSTART;TZID=X:20260401T090000\nDURATION:PT1H").replace(
        b"BEGIN:VEVENT", zone.encode() + b"BEGIN:VEVENT"
    )
    begun = process_time()
    assert read(data, ZONE, SINCE, UNTIL).refused == ("Noor: The time zone 'X' is not known.",)
    assert process_time() - begun < 1


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("SUMMARY:a", "does not say when"),
        ("SUMMARY:a\nDTSTART:garbage", "cannot be read"),
        ("DTSTART:20260401T090000\nDURATION:PT1H", "names nobody"),
        ("SUMMARY:a\nDTSTART:20260401T090000", "lasts no time"),
        ("SUMMARY:a\nDTSTART:20260401T090000\nDTEND:20260401T080000", "lasts no time"),
        ("SUMMARY:a\nDTSTART:19700101T090000\nDTEND:99991231T235959", "longer than"),
        ("SUMMARY:a\nDTSTART:20260401T090000\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", "not read here"),
        ("SUMMARY:a\nDTSTART:20260401T090000\nDURATION:PT1H\nRRULE:FREQ=NONSENSE", "cannot be read"),
        ("SUMMARY:a\nDTSTART:20260401T090000\nDURATION:PT1H\nRRULE:COUNT=3", "cannot be read"),
        ("SUMMARY:a\nDTSTART:20260401T090000\nDURATION:PT1H\nRDATE:20260402T100000", "other times of the day"),
        ("SUMMARY:a\nDTSTART:19800401T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3", "counted from 1980"),
        ("SUMMARY:a\nDTSTART:20260401T090000\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260401T090000", "at once"),
    ],
)
def test_a_bad_event_costs_only_itself_and_says_why(event: str, why: str) -> None:
    found = table(event, "SUMMARY:Noor\nDTSTART:20260401T090000\nDURATION:PT1H")
    assert [shift.who for shift in found.shifts] == ["Noor"]
    assert len(found.refused) == 1
    assert why in found.refused[0]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"A" * 100_000, b"BEGIN:VEVENT\r\n" * 50_000, b"<html>"])
def test_what_is_no_calendar_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SettingError, match="no calendar that can be read"):
        read(data, ZONE, SINCE, UNTIL)


def test_too_large_a_file_too_many_events_and_too_many_shifts_are_refused() -> None:
    with pytest.raises(SettingError, match="larger than 1 MB"):
        read(b" " * 1_000_001, ZONE, SINCE, UNTIL)
    with pytest.raises(SettingError, match="more than 10000 events"):
        read(file(*["SUMMARY:a"] * 10_001), ZONE, SINCE, UNTIL)
    daily = [f"SUMMARY:a{place}\nDTSTART:20260101T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY" for place in range(1_000)]
    with pytest.raises(SettingError, match="more than 50000 shifts"):
        read(file(*daily), ZONE, SINCE, UNTIL)


def test_the_worst_file_that_is_let_in_takes_seconds_not_minutes() -> None:
    never = "SUMMARY:a\nDTSTART:20160101T090000\nDURATION:P1D\nRRULE:FREQ=YEARLY;COUNT=9;BYMONTH=2;BYMONTHDAY=30"
    n_events = 1_000_000 // (len(file(never)) - len(file()) + 4)
    begun = process_time()
    found = read(file(*[never] * n_events), ZONE, SINCE, UNTIL)
    assert found == Timetable((), ())
    assert process_time() - begun < 15


PIECES = st.sampled_from([
    "\r\n", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR", "DTSTART", "DTEND", ";TZID=", ";VALUE=DATE", ":", ";", ",",
    "=", "Z", "UTC", "Europe/Amsterdam", "RRULE:FREQ=", "DAILY", "MONTHLY", "YEARLY", ";BYDAY=", "1MO", "-1SU", "XX",
    ";COUNT=", ";UNTIL=", ";BYSETPOS=", ";BYMONTHDAY=", "EXDATE", "RDATE", "RECURRENCE-ID", "DURATION", "PT8H",
    "ATTENDEE", "CATEGORIES", "99991231T235959", "00010101T000000", "20260401T090000", "20260329T023000", "20260401",
    "0", "-1", "-PT1H", ";INTERVAL=", "99999999999", "STATUS", "\x00", "\u202e", "mailto:",
])  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=9).map("".join), max_size=12), st.lists(PIECES, max_size=12))
def test_whatever_the_file_holds_it_is_read_or_refused(lines: list[str], tail: list[str]) -> None:
    head = "SUMMARY:Noor\nDTSTART;TZID=Europe/Amsterdam:20260401T090000\nDURATION:PT8H"
    data = file(head, "\n".join(["SUMMARY:Sam", *lines])) + "".join(tail).encode()
    try:
        found = read(data, ZONE, SINCE, UNTIL)
    except SettingError:
        return
    assert all(shift.start < shift.end and shift.who for shift in found.shifts)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda start, minutes, *rest: Shift(start, start + minutes * 60 * SECOND_US, *rest),
            st.integers(0, 60 * 24 * 7).map(lambda minute: NOON + minute * 60 * SECOND_US),
            st.integers(1, 3_000),
            st.sampled_from(["noor", "sam", 'O\'Neil; "x", \\n\n,']),
            st.sampled_from(["duty", "on_call", "absent"]),
            st.sampled_from(["", "care", "pers, radio"]),
        ),
        unique=True,
    )
)
def test_what_is_written_is_read_again(shifts: list[Shift]) -> None:
    found = read(written(shifts, {}, NOON), ZONE, date(2026, 4, 1), date(2026, 5, 30))
    strip = [Shift(one.start, one.end, one.who.strip(), one.kind, one.team) for one in shifts]
    assert (found.shifts, found.refused) == (tuple(sorted(strip)), ())


def test_others_see_names_and_moments_in_utc() -> None:
    data = written([Shift(NOON, NOON + HOUR_US, "noor", "on_call")], {"noor": "Noor"}, NOON)
    assert b"SUMMARY:Noor\r\n" in data
    assert f"DTSTART:{datetime(2026, 4, 14, 12, tzinfo=UTC):%Y%m%dT%H%M%SZ}\r\n".encode() in data
    assert written([], {}, NOON).startswith(b"BEGIN:VCALENDAR")
