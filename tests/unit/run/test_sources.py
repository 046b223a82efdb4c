"""How often a server in trouble is asked: a source is read again and again, on a clock that its pauses move."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import pytest

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.page import RawPage, Receipt
from gehoor.run.sources import SourceTask

MINUTE_US = 60 * SECOND_US
TEN_MINUTES_US = 10 * MINUTE_US
PAGE = RawPage(source="blog", decoder="feed", payload=b"", received=0)


class Down:
    """A source whose every call fails, or whose every second one does; it notes when it calls."""

    name = "blog"
    note = "The feed moved."

    def __init__(self, clock: StillClock, trouble: Callable[[], Exception | None]) -> None:
        self.calls: list[int] = []
        self._clock, self._trouble = clock, trouble

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Call the server once."""
        self.calls.append(self._clock.now())
        trouble = self._trouble()
        if trouble is None:
            yield PAGE
            raise TransientError("It broke off.")
        raise trouble


class Ready:
    """An intake that takes every page at once."""

    async def offer(self, page: RawPage, reading: object) -> "asyncio.Future[Receipt]":
        """Return a receipt that is there already."""
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        receipt.set_result(Receipt(n_stored=1, n_seen=0, n_rejected=0, offset=1))
        return receipt


def _run(trouble: Callable[[], Exception | None], until: int = TEN_MINUTES_US) -> tuple[Down, SourceTask, list[float]]:
    """Let a source run until a moment, and return it, its task, and the pauses that it made."""
    clock, pauses = StillClock(0), []
    source = Down(clock, trouble)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)
        if clock.now() >= until:
            raise asyncio.CancelledError

    async def cursor() -> None:
        return None

    task = SourceTask(source, "feed", lambda: asyncio.ensure_future(cursor()), pause=pause)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(task.run(Ready(), clock))  # type: ignore[arg-type]
    return source, task, pauses


def _most_a_minute(calls: list[int]) -> int:
    window: deque[int] = deque()
    most = 0
    for call in calls:
        window.append(call)
        while window[0] <= call - MINUTE_US:
            window.popleft()
        most = max(most, len(window))
    return most


def test_a_server_that_is_down_for_ten_minutes_sees_at_most_twelve_calls_a_minute() -> None:
    source, task, _ = _run(lambda: TransientError("It takes no connection now."))
    assert _most_a_minute(source.calls) <= 12
    assert 12 <= len(source.calls) <= 20
    assert (task.status, task.message) == ("waiting", "It takes no connection now.")


def test_a_server_that_gives_a_page_now_and_then_sees_no_more_of_us() -> None:
    turns = iter(range(1_000))
    source, _, _ = _run(lambda: None if next(turns) % 2 else TransientError("Away."))
    assert _most_a_minute(source.calls) <= 12


def test_a_pause_that_is_asked_for_is_kept_and_never_the_same_twice() -> None:
    _, _, pauses = _run(lambda: TransientError("Come back later.", 30.0), 3_600 * SECOND_US)
    assert all(30.0 <= pause <= 75.0 for pause in pauses)
    assert len(set(pauses)) == len(pauses)


def test_a_source_that_breaks_is_asked_no_more_often() -> None:
    source, task, _ = _run(lambda: ValueError("oops"))
    assert _most_a_minute(source.calls) <= 12
    assert "please report it" in str(task.message)


def test_what_a_source_wants_said_is_shown_while_it_runs_only() -> None:
    clock = StillClock(0)

    async def cursor() -> None:
        return None

    source = Down(clock, lambda: SettingError("Gone for good."))
    task = SourceTask(source, "feed", lambda: asyncio.ensure_future(cursor()))
    assert task.message == "The feed moved."
    asyncio.run(task.run(Ready(), clock))  # type: ignore[arg-type]
    assert (task.status, task.message) == ("stopped", "Gone for good.")
