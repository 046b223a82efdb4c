"""The demo's settings, and the pace at which its story is told."""

from pathlib import Path

from gehoor.core.clock import SECOND_US
from gehoor.core.settings import parse
from gehoor.run.demo import ASH_DAY, LIVE_FROM, PACE, demo_settings, pace_at
from gehoor.run.simulate.scenario import load_script


def test_its_settings_are_settings_and_name_the_rivals() -> None:
    settings = parse(demo_settings(port=9_000), Path("."))
    assert settings.web.port == 9_000
    assert set(settings.brands) == {"noordvlucht", "zuiderwind", "kustlijn"}


def test_the_ash_comes_on_a_tuesday() -> None:
    assert ASH_DAY.isoformat() == "2026-04-14"
    assert ASH_DAY.weekday() == 1


def test_the_first_voice_speaks_within_ten_seconds_of_the_live_part() -> None:
    first = min(scene.at[1] for scene in load_script().scene if scene.at[0] == 0)
    assert _seconds_until(first - 6.53) < 10


def test_ten_minutes_after_the_first_voice_a_minute_has_passed() -> None:
    assert 30 < _seconds_until(10 / 60 + 8 / 60) < 70


def test_the_whole_storm_takes_ten_to_fifteen_minutes() -> None:
    assert 600 < _seconds_until(83.0) < 900


def test_moments_before_the_live_part_have_its_first_pace() -> None:
    assert pace_at(0) == pace_at(LIVE_FROM) == PACE[0][1]


def _seconds_until(hours: float) -> float:
    """Return how long it takes until so many hours of the story have passed since it went live."""
    begins = [begin for begin, _ in PACE]
    end = LIVE_FROM + round(hours * 3_600 * SECOND_US)
    spans = zip(PACE, [*begins[1:], end], strict=True)
    return sum(max(0, min(until, end) - begin) / SECOND_US / speed for (begin, speed), until in spans if begin < end)
