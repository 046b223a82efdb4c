"""The slow tier: lets a slower, better reader read again what is unsure and matters, within a budget, or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from gehoor.core.clock import DAY_US, Clock
from gehoor.core.errors import GehoorError
from gehoor.core.projector import Projector
from gehoor.core.reread import ReaderState
from gehoor.core.settings import Settings
from gehoor.core.settings_slow import Slow
from gehoor.core.store import put
from gehoor.core.tables.ledger import mark, reread
from gehoor.run.slow_pick import Unsure, put_answer, unsure_posts
from gehoor.run.slow_reader import Answer, SlowReader, make_reader

__all__ = ["SlowTier"]

_LOOK_S, _SPENT_S = 5.0, 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 30.0, 1_800.0
_DAY, _POSTS, _TOKENS = "slow_day", "slow_posts", "slow_tokens"
_MOST_KNOWN = 20_000


class Place(Protocol):
    """What must be known of an owner."""

    root: Path
    clock: Clock
    projector: Projector
    settings: Settings

    def on_writer(self, action: Callable[[], Any]) -> Awaitable[Any]:
        """Run something between two commits."""
        ...


class SlowTier:
    """Reads posts again, a few at a time; whatever goes wrong, what the heads said stands.

    Parameters
    ----------
    place : Place
        The owner.

    Attributes
    ----------
    state : ReaderState, optional
        How it does; None where it is off.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self.state: ReaderState | None = None
        self._slow, self._reader = Slow(), None
        self._known: set[int] = set()  # what was read, or could not be
        self._pause_s = _FIRST_PAUSE_S

    _reader: SlowReader | None

    async def run(self) -> None:
        """Go on for ever."""
        wait_s = _LOOK_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = await self.round()

    async def aclose(self) -> None:
        """Let go of the reader."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.aclose()

    async def round(self) -> float:
        """Read some posts again; return in how many seconds to look again."""
        slow = self._place.settings.slow
        if slow != self._slow:
            await self.aclose()
            self._slow, self._pause_s = slow, _FIRST_PAUSE_S
        if slow.kind == "off":
            self.state = None
            return _LOOK_S
        try:
            return await self._read_some(slow)
        except (GehoorError, OSError) as error:
            wait_s = max(self._pause_s, getattr(error, "retry_after_s", None) or 0.0)
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self._tell("waiting", str(error))
            return wait_s

    async def _read_some(self, slow: Slow) -> float:
        if self._reader is None:
            self._reader = make_reader(slow, self._place.root, self._place.clock)
        n = min(await self._place.on_writer(lambda: self._left(slow)), self._reader.at_once)
        if n <= 0:
            self._tell("spent")
            return _SPENT_S
        posts: list[Unsure] = await self._place.on_writer(
            lambda: unsure_posts(self._place.projector, slow.below_p, self._known, n)
        )
        if posts:
            if self.state is None:  # the first may take minutes
                self._tell("reading")
            self._keep_known(posts)
            await self._place.on_writer(lambda: self._spend(len(posts), 0))  # before it is asked: a crash costs too
            answers = await self._reader.read([post.text for post in posts])
            await self._place.on_writer(lambda: self._put(posts, answers))
        self._pause_s = _FIRST_PAUSE_S
        self._tell("reading")
        return 0.0 if len(posts) == self._reader.at_once else _LOOK_S

    def _tell(self, status: str, message: str | None = None) -> None:
        self.state = ReaderState(kind=self._slow.kind, status=status, message=message)

    def _keep_known(self, posts: list[Unsure]) -> None:
        self._known |= {post.seq for post in posts}
        if len(self._known) > _MOST_KNOWN:
            self._known = set(sorted(self._known)[-_MOST_KNOWN // 2 :])

    # -- between two commits --------------------------------------------------------------------------------------

    def _put(self, posts: list[Unsure], answers: list[Answer]) -> None:
        assert self._reader is not None
        about = (self._reader.name, self._slow.below_p, self._place.clock.now())
        for post, answer in zip(posts, answers, strict=True):
            put_answer(self._place.projector, post.seq, answer, about)
        self._spend(0, sum(answer.n_tokens for answer in answers))

    def _left(self, slow: Slow) -> int:
        """Return how many posts may still be read today; 0 where the tokens are used up."""
        today = self._place.clock.now() // DAY_US
        with self._place.projector.engine.begin() as tx:
            marks = {row.name: row.value for row in tx.execute(sa.select(mark))}
            if marks.get(_DAY) != today:
                for name, value in ((_DAY, today), (_POSTS, 0), (_TOKENS, 0)):
                    put(tx, mark, name=name, value=value)
                for segment in self._place.projector.ledger.segments.all[:1]:  # posts that retention dropped
                    tx.execute(sa.delete(reread).where(reread.c.seq < segment.first_seq))
                marks = {}
            self._known |= set() if self._known else set(tx.execute(sa.select(reread.c.seq).distinct()).scalars())
        has_tokens = marks.get(_TOKENS, 0) < slow.tokens_per_day
        return slow.posts_per_day - marks.get(_POSTS, 0) if has_tokens else 0

    def _spend(self, n_posts: int, n_tokens: int) -> None:
        with self._place.projector.engine.begin() as tx:
            for name, n in ((_POSTS, n_posts), (_TOKENS, n_tokens)):
                tx.execute(sa.update(mark).where(mark.c.name == name).values(value=mark.c.value + n))
