"""The demo opens with a desk full of its storm, and of nothing older."""

import asyncio
from pathlib import Path

from gehoor.core.clock import SECOND_US
from gehoor.core.member import YOU
from gehoor.run.demo_desk import clear_desk
from tests.cast import NOON
from tests.component.awaiting import desk_of, waiting


def test_what_was_asked_before_is_done_and_what_came_since_waits(tmp_path: Path) -> None:
    with waiting(tmp_path) as (hearing, owner):
        assert asyncio.run(clear_desk(owner, NOON - 900 * SECOND_US)) == 1  # type: ignore[arg-type]  # the part of an owner that is asked here
        assert [row.id for row in desk_of(hearing).inbox("is:open", YOU).rows] == [2]
        assert [row.id for row in desk_of(hearing).inbox("is:resolved", YOU).rows] == [1]
        assert asyncio.run(clear_desk(owner, NOON - 900 * SECOND_US)) == 0  # type: ignore[arg-type]  # as above
