"""Who is on duty, who is next, who is woken: over midnight, in any zone, on holidays and when somebody is absent."""

from datetime import date, datetime
from time import process_time
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.answer.hours import micros
from gehoor.answer.roster import Roster, Wanted
from gehoor.answer.shift import Shift, shifts_of
from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.member import Member
from gehoor.core.public_holidays import public_holidays
from gehoor.core.settings_roster import ShiftRule

ZONE = ZoneInfo("Europe/Amsterdam")
TUESDAY = date(2026, 4, 14)
NOOR = Member(id="noor", name="Noor", mail="noor@example.org", team="care", languages=("nl", "en"), skills=("refund",))
SAM = Member(id="sam", name="Sam", team="care", languages=("nl",))
LENA = Member(id="lena", name="Lena", team="press", languages=("de", "en"))
GONE = Member(id="gone", name="Gone", is_active=False)
TEAM = [NOOR, SAM, LENA, GONE]
SHIFTS = st.builds(
    lambda start, length, who, kind: Shift(start, start + length, who, kind),
    st.integers(0, 100),
    st.integers(1, 30),
    st.sampled_from(["noor", "sam"]),
    st.sampled_from(["duty", "on_call", "absent"]),
)


def wall(day: int, hour: int, minute: int = 0) -> int:
    return micros(datetime(2026, 4, day, hour, minute, tzinfo=ZONE))


def roster(*rules: ShiftRule) -> Roster:
    return Roster(TEAM, shifts_of(rules, ZONE, public_holidays("nl"), date(2026, 4, 1), date(2026, 4, 30)))


def ids(members: tuple[Member, ...]) -> list[str]:
    return [member.id for member in members]


def test_several_slots_a_day_and_nights_over_midnight() -> None:
    found = roster(
        ShiftRule(who=("noor",), hours=("09:00-12:30", "13:00-17:30")),
        ShiftRule(who=("sam",), days=("tue",), hours=("22:00-06:00",)),
    )
    moments = [wall(14, 9), wall(14, 12, 30), wall(14, 13), wall(14, 22), wall(15, 5, 59), wall(15, 6)]
    assert [ids(found.on_duty(at)) for at in moments] == [["noor"], [], ["noor"], ["sam"], ["sam"], []]


def test_the_night_that_began_before_the_first_day_is_in_the_roster() -> None:
    nights = roster(ShiftRule(who=("sam",), days=("tue",), hours=("22:00-06:00",)))
    assert ids(nights.on_duty(wall(1, 2))) == ["sam"]


def test_nobody_works_on_a_holiday_but_who_was_asked_to() -> None:
    found = roster(
        ShiftRule(who=("noor",), hours=("09:00-17:00",)),
        ShiftRule(who=("sam",), hours=("10:00-16:00",), holidays="only"),
        ShiftRule(who=("lena",), days=("mon",), hours=("09:00-17:00",), holidays="too"),
    )
    assert ids(found.on_duty(wall(27, 11))) == ["sam", "lena"]
    assert ids(found.on_duty(wall(28, 11))) == ["noor"]


def test_who_is_absent_is_not_on_duty_and_is_not_called() -> None:
    found = roster(
        ShiftRule(who=("noor", "sam"), hours=("09:00-17:00",)),
        ShiftRule(who=("noor",), hours=("00:00-24:00",), kind="on_call"),
        ShiftRule(
            who=("Noor",), hours=("12:00-24:00",), kind="absent", since=date(2026, 4, 14), until=date(2026, 4, 14)
        ),
    )
    assert ids(found.woken(wall(14, 11))) == ["noor", "sam"]
    assert ids(found.woken(wall(14, 13))) == ["sam"]
    assert ids(found.woken(wall(15, 20))) == ["noor"]


def test_one_looks_for_a_team_a_skill_a_language() -> None:
    found = roster(
        ShiftRule(who=("noor", "sam", "lena"), hours=("09:00-17:00",)),
        ShiftRule(who=("sam",), hours=("17:00-20:00",), team="press"),
    )
    assert ids(found.on_duty(wall(14, 10), Wanted(team="care"))) == ["noor", "sam"]
    assert ids(found.on_duty(wall(14, 10), Wanted(language="en"))) == ["noor", "lena"]
    assert ids(found.on_duty(wall(14, 10), Wanted(team="care", skill="refund", language="nl"))) == ["noor"]
    assert ids(found.on_duty(wall(14, 18), Wanted(team="press"))) == ["sam"]


def test_first_is_woken_who_is_on_duty_then_who_can_be_called_and_each_once() -> None:
    found = roster(
        ShiftRule(who=("lena",), hours=("09:00-17:00",)),
        ShiftRule(who=("sam", "lena"), hours=("00:00-24:00",), kind="on_call"),
    )
    assert ids(found.woken(wall(14, 10))) == ["lena", "sam"]
    assert ids(found.woken(wall(14, 20))) == ["sam", "lena"]


def test_next_on_duty_is_who_begins_first_after_now() -> None:
    found = roster(
        ShiftRule(who=("noor",), hours=("09:00-17:00",)),
        ShiftRule(who=("lena",), days=("wed",), hours=("07:00-09:00",)),
    )
    assert found.next_on_duty(wall(14, 12)) == (wall(15, 7), LENA)
    assert found.next_on_duty(wall(14, 12), Wanted(team="care")) == (wall(15, 9), NOOR)
    assert found.next_on_duty(wall(30, 23)) is None


def test_who_is_no_member_or_has_left_is_named_and_two_of_one_name_are_nobody() -> None:
    twins = [Member(id="1", name="Jan"), Member(id="2", name="Jan")]
    found = Roster([*TEAM, *twins], [Shift(0, 9, who) for who in ("NOOR@example.org", "gone", "Piet", "Jan", "2")])
    assert ids(found.on_duty(5)) == ["noor", "2"]
    assert found.strangers == {"gone", "Piet", "Jan"}


@given(st.lists(SHIFTS, max_size=12), st.integers(0, 140))
def test_on_duty_is_who_has_a_shift_and_is_not_absent(shifts: list[Shift], at: int) -> None:
    there = {
        kind: {shift.who for shift in shifts if shift.kind == kind and shift.start <= at < shift.end}
        for kind in ("duty", "on_call", "absent")
    }
    found = Roster(TEAM, shifts)
    assert set(ids(found.on_duty(at))) == there["duty"] - there["absent"]
    assert set(ids(found.woken(at))) == (there["duty"] | there["on_call"]) - there["absent"]


@settings(max_examples=30)
@given(st.permutations(range(6)))
def test_shifts_may_come_in_any_order(order: list[int]) -> None:
    shifts = [Shift(start, start + 5, who) for start in (0, 3, 9) for who in ("noor", "sam")]
    mixed = Roster(TEAM, [shifts[place] for place in order])
    assert [ids(mixed.on_duty(at)) for at in range(16)] == [ids(Roster(TEAM, shifts).on_duty(at)) for at in range(16)]


def test_a_table_of_the_settings_is_read_and_what_is_wrong_is_said() -> None:
    table = {"who": ["noor"], "days": ["sat", "sun"], "hours": ["22:00-06:00"], "since": date(2026, 4, 1)}
    assert msgspec.convert(table, ShiftRule).until == date.max
    with pytest.raises(msgspec.ValidationError, match="no stretch of the day"):
        msgspec.convert(table | {"hours": ["9-17"]}, ShiftRule)


def test_looking_too_far_ahead_or_planning_too_much_is_refused() -> None:
    rule = ShiftRule(who=("noor",) * 200, days=("mon", "tue", "wed", "thu", "fri"), hours=("09:00-17:00",))
    with pytest.raises(SettingError, match="400 days at most"):
        shifts_of([rule], ZONE, (), date(2026, 1, 1), date(9999, 12, 31))
    with pytest.raises(SettingError, match="more than 50000 shifts"):
        shifts_of([rule], ZONE, (), date(2026, 1, 1), date(2027, 1, 31))


def test_a_year_of_sixty_people_is_worked_out_in_a_second_and_asked_in_no_time() -> None:
    team = [Member(id=f"m{number}", name=f"M {number}") for number in range(60)]
    rules = [ShiftRule(who=(member.id,), hours=("08:00-12:00", "13:00-17:00")) for member in team]
    begun = process_time()
    found = Roster(team, shifts_of(rules, ZONE, public_holidays("nl"), date(2026, 1, 1), date(2026, 12, 31)))
    for day in range(100):
        found.woken(wall(1, 10) + day * DAY_US)
    assert process_time() - begun < 3
