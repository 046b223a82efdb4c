"""The page of an alert says who heard of it, by which way and when, and who will."""

from pathlib import Path

import msgspec

from gehoor.core.alert import Alert, write_alert
from gehoor.core.clock import StillClock
from gehoor.web.alert_told import told_of, waits_of
from gehoor.web.site import Site
from tests.cast import NOON
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.test_alerting import MINUTE_US, PEOPLE, STORM, Watched
from tests.component.test_senders import Hook, _hook_toml

_HOOK = _hook_toml("http://127.0.0.1:9/")


def _site(root: Path, *alerts: Alert, at: int = NOON) -> Site:
    hearing = Hearing(root, BRANDS + _HOOK + _HOOK.replace("[senders.hook]", "[senders.loud]") + PEOPLE)
    with hearing.projector.engine.begin() as tx:
        for alert in alerts:
            write_alert(tx, alert)
    hearing.close()
    return hearing.site(Deciding(hearing), StillClock(at))


def test_who_was_told_stands_in_order_with_the_way_and_that_nobody_looked_after_it(tmp_path: Path) -> None:
    hook = Hook()
    with hook.serving() as url:
        warning = Watched(tmp_path / "w", url)
        warning.alert()
        for minutes in (0, 15, 20):
            warning.after(minutes)
        warning.desk.place.close()
    told = told_of(_site(tmp_path / "w"), STORM)
    assert [(one.who, one.entry.channel, one.is_louder, one.is_end) for one in told] == [
        ("anna", "hook", False, False), ("anna", "loud", True, False), ("ben", "loud", False, False),
    ]  # fmt: skip
    assert [one.at for one in told] == [NOON, NOON + 15 * MINUTE_US, NOON + 30 * MINUTE_US]


def test_who_will_be_told_stands_there_with_the_morning_that_ends_their_quiet_hours(tmp_path: Path) -> None:
    night = NOON + 9 * 60 * MINUTE_US
    alert = msgspec.structs.replace(STORM, began_at=night - MINUTE_US, detected_at=night)
    waits = waits_of(_site(tmp_path / "w", alert, at=night), alert, [], night)
    assert [(one.who, one.sender, one.at) for one in waits] == [
        ("ben", "loud", night + 30 * MINUTE_US),
        ("anna", "hook", NOON + 17 * 60 * MINUTE_US),
    ]


def test_nobody_is_promised_a_second_alert_of_one_story_nor_one_that_somebody_looks_after(tmp_path: Path) -> None:
    second = msgspec.structs.replace(STORM, id="noordvlucht/posts/2", measure="posts", began_at=NOON)
    site = _site(tmp_path / "w", STORM, second)
    assert [one.who for one in waits_of(site, STORM, [], NOON)] == ["anna", "ben"]
    assert waits_of(site, second, [], NOON) == []
    assert waits_of(site, msgspec.structs.replace(STORM, acknowledged_at=NOON), [], NOON) == []
