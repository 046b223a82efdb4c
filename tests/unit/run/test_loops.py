"""A loop that breaks says why and begins anew; it stops nothing else."""

import asyncio

import pytest

from gehoor.core.clock import StillClock
from gehoor.run.loops import Loops
from tests.cast import NOON


def test_loop_that_breaks_begins_anew_and_says_why() -> None:
    loops, begun = Loops(StillClock(NOON), pause_s=0.0), []

    async def twice_ill() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise KeyError("rota")

    asyncio.run(loops.keep("desk", twice_ill))
    assert len(begun) == 3
    assert loops.broken() == {"desk": "KeyError: 'rota'"}


def test_what_broke_long_ago_is_said_no_more() -> None:
    clock = StillClock(NOON)
    loops, begun = Loops(clock, pause_s=0.0), []

    async def once_ill() -> None:
        begun.append(1)
        if len(begun) == 1:
            raise ValueError("once")

    asyncio.run(loops.keep("sending", once_ill))
    clock.advance(601.0)
    assert loops.broken() == {}


def test_loop_that_is_cancelled_ends() -> None:
    async def for_ever() -> None:
        await asyncio.sleep(60)

    async def cancelled() -> None:
        task = asyncio.create_task(Loops(StillClock(NOON)).keep("tidy", for_ever))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
