"""What waits for nobody: what was heard of before we listened, and what was public and nobody took up in time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.desk_reader import MOST_COUNTED, DeskReader
from gehoor.core.member import YOU
from tests.cast import AGENT, HOPPER, NOON, WORRIED
from tests.component.desking import Desking

_DAY_S = 86_400


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desking]:
    """A mail of now (1), one that was fetched with the past (2), and a public question of now (4)."""
    desk = Desking(tmp_path / "workspace")
    desk.hear(
        WORRIED.says("Beste Noordvlucht, mijn koffer met medicijnen is weg", id="m1"),
        WORRIED.says("Waar blijft mijn geld?", id="m0", after_s=-40 * _DAY_S, late_s=40 * _DAY_S),
        AGENT.says("Wij vliegen weer", id="a1"),
        HOPPER.says("@noordvlucht En mijn geld dan?", id="h1", to="a1", after_s=60),
    )
    yield desk
    desk.close()


def _in_days(desk: Desking, days: int) -> DeskReader:
    return DeskReader(desk.reader, StillClock(NOON + days * DAY_US))


def _ids(desk: DeskReader, view: str) -> set[int]:
    return {row.id for row in desk.inbox(view, YOU).rows}


def test_what_is_of_before_we_listened_waits_for_nobody_until_somebody_takes_it(desk: Desking) -> None:
    assert desk.inbox() == [4, 1]
    assert (desk.inbox("is:earlier"), desk.inbox("is:eerder"), desk.row(2).status) == ([2], [2], "earlier")
    desk.do("take", conversation=2)
    assert (set(desk.inbox()), desk.inbox("is:earlier"), desk.row(2).status) == ({1, 2, 4}, [], "open")


def test_a_new_message_of_the_same_matter_opens_it(desk: Desking) -> None:
    desk.hear(WORRIED.says("Is er al nieuws van mijn geld?", id="m2", to="m0", after_s=90))
    assert set(desk.inbox()) == {1, 2, 4}


def test_what_was_public_lapses_and_what_was_said_to_us_does_not(desk: Desking) -> None:
    assert _ids(_in_days(desk, 6), "is:open") == {1, 4}
    later = _in_days(desk, 8)
    assert (_ids(later, "is:open"), _ids(later, "is:lapsed"), _ids(later, "is:earlier")) == ({1}, {4}, {2, 4})
    assert _ids(DeskReader(desk.reader, StillClock(NOON + 8 * DAY_US), public_days=30), "is:open") == {1, 4}


def test_what_somebody_took_up_or_answered_does_not_lapse(desk: Desking) -> None:
    desk.do("take", conversation=4)
    assert _ids(_in_days(desk, 8), "is:open") == {1, 4}


def test_people_can_close_what_waits_for_nobody(desk: Desking) -> None:
    desk.do("status", conversation=2, status="resolved")
    assert (desk.inbox("is:resolved"), desk.inbox("is:earlier")) == ([2], [])


def test_more_than_are_counted_are_one_more(desk: Desking) -> None:
    people = [replace(WORRIED, actor=f"w{n}@example.org") for n in range(MOST_COUNTED)]
    desk.hear(*(one.says("Waar is mijn koffer?", id=one.actor) for one in people))
    assert desk.desk.counts({"open": "is:open", "earlier": "is:earlier"}, YOU) == {
        "open": MOST_COUNTED + 1,
        "earlier": 1,
    }
