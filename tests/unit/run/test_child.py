"""A process of its own that sends what it finds."""

import asyncio
import contextlib
import os
import time
from multiprocessing.connection import Connection

from gehoor.run.child import child_at


def _count(until: int, answer: Connection) -> None:
    for n in range(until):
        answer.send_bytes(str(n).encode())


def _fail(answer: Connection) -> None:
    answer.send_bytes(str(os.getpid()).encode())
    os._exit(7)


def _never_end(answer: Connection) -> None:
    answer.send_bytes(str(os.getpid()).encode())
    time.sleep(600)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _all_of(until: int) -> list[bytes | None]:
    async with child_at(_count, until, name="gehoor-test") as child:
        return [await child.receive() for _ in range(until + 1)]


def test_parts_come_in_order_and_then_nothing() -> None:
    assert asyncio.run(_all_of(3)) == [b"0", b"1", b"2", None]


def test_a_child_that_fails_sends_no_more_and_says_how_it_ended() -> None:
    async def ask() -> tuple[bytes | None, int | None]:
        async with child_at(_fail, name="gehoor-test") as child:
            await child.receive()
            return await child.receive(), child.exitcode

    assert asyncio.run(ask()) == (None, 7)


def test_a_child_goes_when_whoever_waits_for_it_is_cancelled() -> None:
    async def ask() -> int:
        async with child_at(_never_end, name="gehoor-test") as child:
            pid = int(await child.receive() or b"0")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.receive(), 0.05)
        return pid

    pid = asyncio.run(ask())
    assert pid > 0
    assert not _lives(pid)
