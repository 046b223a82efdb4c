"""The demo opens with a desk full of its storm, and of nothing older."""

import asyncio
from pathlib import Path

from gehoor.core.clock import SECOND_US, ReplayClock
from gehoor.core.member import YOU
from gehoor.core.reader import Reader
from gehoor.core.team import TeamReader
from gehoor.run.demo import TEAM
from gehoor.run.demo_desk import clear_desk, man_desk
from tests.cast import HOPPER, NOON
from tests.component.awaiting import desk_of, waiting
from tests.component.desking import Desking


def test_what_was_asked_before_is_done_and_what_came_since_waits(tmp_path: Path) -> None:
    with waiting(tmp_path) as (hearing, owner):
        assert asyncio.run(clear_desk(owner, NOON - 900 * SECOND_US)) == 1  # type: ignore[arg-type]  # the part of an owner that is asked here
        assert [row.id for row in desk_of(hearing).inbox("is:open", YOU).rows] == [2]
        assert [row.id for row in desk_of(hearing).inbox("is:resolved", YOU).rows] == [1]
        assert asyncio.run(clear_desk(owner, NOON - 900 * SECOND_US)) == 0  # type: ignore[arg-type]  # as above


def test_three_work_here_by_their_shifts_and_nobody_has_to_log_in(tmp_path: Path) -> None:
    with waiting(tmp_path) as (hearing, owner):
        for _ in range(2):
            asyncio.run(man_desk(owner))  # type: ignore[arg-type]  # as above
        team = TeamReader(Reader(hearing.root))
        assert {one.name for one in team.members()} == {name for name, _ in TEAM}
        assert not team.has_members()
        assert {one.language for one in desk_of(hearing).snippets()} == {"nl", "en"}


def test_an_answer_is_pretended_while_a_past_is_lived_again_and_stands_as_sent(tmp_path: Path) -> None:
    desk = Desking(tmp_path / "workspace", '[repliers.play]\ntype = "pretend-reply"\nchannel = "mastodon"\n')
    desk.hear(HOPPER.says("@noordvlucht Waar is mijn koffer?", id="h1", after_s=-900))
    desk.answer(1)
    desk.place.clock = ReplayClock(NOON + 60 * SECOND_US, float("inf"))
    desk.send()
    assert [one.text for one in desk.open(1).messages if one.direction == "out"] == ["We zoeken het uit."]
    desk.close()
