"""Who is told when: quiet hours on their own clock, snoozing, levels, and who is next when nobody looks after it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.alert import Alert
from gehoor.core.clock import SECOND_US
from gehoor.core.settings_alerts import Recipient
from gehoor.run.alert_plan import NEWS_US, Due, due_of, quiet_until, stories_of
from tests.cast import NOON

ZONE = ZoneInfo("Europe/Amsterdam")
MINUTE_US = 60 * SECOND_US
STORM = Alert(
    id="acme/help/1", brand="acme", measure="help", level=2, began_at=NOON - MINUTE_US, detected_at=NOON, n=60,
    expected=2.0, peak_per_minute=20.0, normal_per_minute=0.1, probability=0.99,
)  # fmt: skip
ANNA = Recipient(by=("mail", "phone"), quiet="22:00-07:00")


def _at(text: str, zone: ZoneInfo = ZONE) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * SECOND_US


def _due(now: int, person: Recipient = ANNA, **changes: Any) -> list[Due]:
    return list(due_of(msgspec.structs.replace(STORM, **changes), person, ZONE, now))


def test_by_day_the_first_sender_is_told_at_once_and_the_louder_one_a_quarter_of_an_hour_later() -> None:
    assert _due(NOON) == [Due(0, "mail", NOON)]
    assert [due.sender for due in _due(NOON + 15 * MINUTE_US)] == ["mail", "phone"]


def test_whoever_looks_after_it_keeps_the_phone_still() -> None:
    assert [due.step for due in _due(NOON + 20 * MINUTE_US, acknowledged_at=NOON + 5 * MINUTE_US)] == [0]


def test_next_person_is_told_when_nobody_looks_after_it() -> None:
    ben = Recipient(by=("pager",), after_minutes=30)
    assert _due(NOON + 29 * MINUTE_US, ben) == []
    assert [due.sender for due in _due(NOON + 30 * MINUTE_US, ben)] == ["pager"]
    assert _due(NOON + 30 * MINUTE_US, ben, acknowledged_at=NOON) == []
    assert _due(NOON + 30 * MINUTE_US, ben, ended_at=NOON + 10 * MINUTE_US) == []


def test_at_night_it_waits_until_the_morning_and_a_crisis_does_not() -> None:
    night = _at("2026-04-15T03:00")
    asleep: dict[str, Any] = {"began_at": night - MINUTE_US, "detected_at": night}
    assert _due(night, **asleep) == []
    assert [due.at for due in _due(_at("2026-04-15T07:00"), **asleep)][:1] == [_at("2026-04-15T07:00")]
    assert [due.sender for due in _due(night, **asleep, level=3)] == ["mail"]


def test_what_ended_by_night_is_told_in_the_morning_and_not_on_the_phone() -> None:
    night = _at("2026-04-15T03:00")
    over: dict[str, Any] = {"began_at": night - MINUTE_US, "detected_at": night, "ended_at": night + 10 * MINUTE_US}
    assert [due.sender for due in _due(_at("2026-04-15T07:00"), **over)] == ["mail"]


def test_who_lives_elsewhere_sleeps_elsewhere() -> None:
    away = msgspec.structs.replace(ANNA, timezone="Pacific/Auckland")
    assert _due(_at("2026-04-15T00:30", ZoneInfo("Pacific/Auckland")), away) == []
    assert _due(NOON, away) == []  # midnight there
    assert quiet_until(away, ZONE, NOON) == _at("2026-04-15T07:00", ZoneInfo("Pacific/Auckland"))


@pytest.mark.parametrize(("night", "hours"), [("2026-03-29T00:30", 5.5), ("2026-10-25T00:30", 7.5)])
def test_the_night_in_which_the_clock_changes_ends_at_seven_all_the_same(night: str, hours: float) -> None:
    assert quiet_until(ANNA, ZONE, _at(night)) - _at(night) == hours * 60 * MINUTE_US


def test_who_wants_crises_only_hears_of_it_when_it_becomes_one() -> None:
    board = Recipient(by=("mail",), from_level=3)
    assert _due(NOON, board) == []
    risen = NOON + 90 * MINUTE_US
    assert _due(risen, board, level=3, rose_at=risen) == [Due(0, "mail", risen)]


def test_snoozed_is_still_until_then_unless_it_becomes_a_crisis() -> None:
    asked: dict[str, Any] = {"snoozed_at": NOON + MINUTE_US, "snoozed_until": NOON + 61 * MINUTE_US}
    assert [due.step for due in _due(NOON + 20 * MINUTE_US, **asked)] == [0]
    assert [due.step for due in _due(NOON + 61 * MINUTE_US, **asked)] == [1]
    grown = _due(NOON + 20 * MINUTE_US, **asked, level=3, rose_at=NOON + 20 * MINUTE_US)
    assert [due.at for due in grown] == [NOON + 20 * MINUTE_US]


def test_no_alarm_is_told_to_nobody_and_old_news_is_none() -> None:
    assert _due(NOON, verdict="false") == []
    assert _due(NOON + NEWS_US + 15 * MINUTE_US) == []


@given(st.integers(NOON, NOON + 300 * 86_400 * SECOND_US), st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_end_within_a_day_and_what_is_over_is_not_quiet(at: int, since: int, until: int) -> None:
    clock = [f"{minute // 60:02}:{minute % 60:02}" for minute in (since, until)]
    person = Recipient(by=("mail",), quiet="-".join(clock))
    end = quiet_until(person, ZONE, at)
    assert at <= end <= at + 26 * 3_600 * SECOND_US
    assert quiet_until(person, ZONE, end) == end


def test_alerts_of_one_brand_that_overlap_are_one_story() -> None:
    def alert(name: str, began: int, ended: int | None, brand: str = "acme") -> Alert:
        ended_at = None if ended is None else NOON + ended * MINUTE_US
        return msgspec.structs.replace(
            STORM, id=name, brand=brand, began_at=NOON + began * MINUTE_US, ended_at=ended_at
        )

    told = [
        alert("a", 0, 30), alert("b", 35, 50), alert("c", 61, None), alert("d", 400, None),
        alert("other", 10, None, "zee"),
    ]  # fmt: skip
    assert stories_of(told) == {"a": "a", "b": "a", "c": "c", "d": "c", "other": "other"}
