"""The desk says time as people do: rings, what is left, and until when something can wait."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.desk import InboxRow, Seen
from gehoor.run.desk_rank import Ranked
from gehoor.web.desk_words import SNOOZES, choices_of, clock_of, ring, until
from gehoor.web.speech import Speech

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DUTCH, ENGLISH = Speech("nl", AMSTERDAM), Speech("en", AMSTERDAM)
MINUTE_US = 60 * SECOND_US
ROW = InboxRow(
    id=1, actor_key=1, name=None, snippet="", channel="mail", brand=None, language=None, status="open", assignee=None,
    team=None, labels=(), snoozed_until=None, waiting_since=0, urgency=1, said_priority=0, intent=None, need=None,
    sentiment=None, reach=0, n_in=1, n_out=0, first_in_at=0, first_out_at=None, last_in_at=0, last_out_at=None,
    is_direct=True, is_backfill=False, seen=Seen(last_seq=1, version=0),
)  # fmt: skip


def _at(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return round(datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM).timestamp()) * SECOND_US


@pytest.mark.parametrize(
    ("minutes", "state", "level", "said"),
    [
        (12, "fifth", "w2", "12 min"),
        (100, "calm", "", "1 u 40"),
        (125, "half", "w1", "2 u 05"),
        (-6, "late", "w3", "over tijd 6 min"),
        (0, "late", "w3", "over tijd 0 min"),
    ],
)
def test_a_clock_says_what_is_left_and_how_near_the_end_is(minutes: int, state: str, level: str, said: str) -> None:
    ranked = Ranked(row=ROW, score=0, why=(), left_us=minutes * MINUTE_US, share=0.5, state=state)  # type: ignore[arg-type]
    clock = clock_of(ranked, DUTCH)
    assert clock is not None
    assert (clock.level, str(clock.text)) == (level, said)


def test_where_nothing_was_promised_there_is_no_clock() -> None:
    assert clock_of(Ranked(row=ROW, score=0, why=()), DUTCH) is None


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.3, 0.5, 0.7, 1.0, 2.0])
def test_a_ring_stays_in_its_box(share: float) -> None:
    x, y = (float(part) for part in ring(share).split()[-2:])
    assert 1.4 <= x <= 14.6
    assert 1.4 <= y <= 14.6


def test_later_is_by_the_clock_on_the_wall() -> None:
    friday = _at(2026, 4, 17, 15, 10)
    assert until("hour", friday, DUTCH) == _at(2026, 4, 17, 16, 10)
    assert until("tonight", friday, DUTCH) == _at(2026, 4, 17, 19)
    assert until("tomorrow", friday, DUTCH) == _at(2026, 4, 18, 9)
    assert until("monday", friday, DUTCH) == _at(2026, 4, 20, 9)
    assert until("never", friday, DUTCH) is None


def test_tomorrow_morning_is_nine_also_when_the_clock_goes_forward() -> None:
    assert until("tomorrow", _at(2026, 3, 28, 12), DUTCH) == _at(2026, 3, 29, 9)


def test_monday_is_never_today_and_tonight_never_past() -> None:
    monday = _at(2026, 4, 20, 20, 30)
    assert until("monday", monday, DUTCH) == _at(2026, 4, 27, 9)
    assert until("tonight", monday, DUTCH) == _at(2026, 4, 20, 21, 30)


def test_each_choice_says_when_it_is() -> None:
    choices = choices_of(_at(2026, 4, 17, 15, 10), ENGLISH)
    assert [choice.name for choice in choices] == list(SNOOZES)
    assert [choice.moment for choice in choices] == ["16:10", "19:00", "Sa 09:00", "Mo 09:00"]
