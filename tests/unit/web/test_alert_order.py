"""The list of alerts: what is grave and goes on comes first, and a story stays together."""

from typing import Any

from gehoor.core.alert import Alert
from gehoor.core.clock import DAY_US
from gehoor.web.alert_order import in_order

NOW = 30 * DAY_US


def _alert(id_: str, level: int, days_ago: float, *, is_over: bool = True, **more: Any) -> Alert:
    began = NOW - round(days_ago * DAY_US)
    return Alert(
        id=id_, brand="a", measure="posts", level=level, began_at=began, detected_at=began,  # type: ignore[arg-type]
        ended_at=began if is_over else None, n=9, expected=1.0, peak_per_minute=3.0, normal_per_minute=0.1,
        probability=0.99, **more,
    )  # fmt: skip


def test_a_crisis_that_goes_on_comes_before_a_newer_notice() -> None:
    alerts = [_alert("notice", 1, 0.1, is_over=False), _alert("crisis", 3, 0.5, is_over=False)]
    assert [one.id for one in in_order(alerts, {}, NOW)] == ["crisis", "notice"]


def test_a_crisis_of_last_week_comes_after_a_notice_of_today() -> None:
    alerts = [_alert("crisis", 3, 7), _alert("notice", 1, 0.1)]
    assert [one.id for one in in_order(alerts, {}, NOW)] == ["notice", "crisis"]


def test_alerts_of_one_story_stay_together_newest_first_at_the_place_of_the_gravest() -> None:
    alerts = [_alert("new", 1, 0.1), _alert("other", 2, 0.2), _alert("old", 3, 0.3)]
    ordered = in_order(alerts, {"new": "s", "old": "s"}, NOW)
    assert [one.id for one in ordered] == ["new", "old", "other"]


def test_what_people_called_false_comes_last() -> None:
    alerts = [_alert("false", 3, 0.0, is_over=False, verdict="false"), _alert("old", 1, 20)]
    assert [one.id for one in in_order(alerts, {}, NOW)] == ["old", "false"]
