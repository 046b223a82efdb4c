"""A full load with bursts in it: whole seconds of posts at 4,600 a second, and each brand bursts once."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import numpy as np

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.page import RawPage
from gehoor.core.settings import Settings
from gehoor.core.store import open_store, put
from gehoor.core.tables.ledger import snapshot
from gehoor.run.bench_posts import PacedSource
from gehoor.run.texts import bench_posts
from gehoor.warn.counting import MEASURES, STEP_S, Buckets, Closed
from gehoor.warn.judge import Judge
from gehoor.warn.watch_state import WatchState, parts_of

__all__ = ["BRANDS", "BurstingSource", "lived"]

BRANDS = tuple(f"merk{letter}" for letter in "abcdefghijklmnop")
RATE, PAGES_A_SECOND = 4_600, 10
BURST_A_PAGE, BURST_S, FIRST_S, EVERY_S = 6, 25, 12, 5
USUAL_A_BUCKET = 2.0
LIVED_STEPS = 720


class BurstingSource(PacedSource):
    """Gives posts at a steady pace for some seconds; in it each brand is spoken of sixty times a second for a while.

    Attributes
    ----------
    began : dict
        When the burst of each brand began, by the clock of the machine, seconds.
    """

    def __init__(self, clock: Clock, seconds: int) -> None:
        super().__init__("bench", Path("none"), clock, float(RATE))
        self.began: dict[str, float] = {}
        n_lines = seconds * RATE
        each = RATE // PAGES_A_SECOND
        lines = (_undated(line) for line in bench_posts(n_lines, 7, start=0, rate=float(RATE)))
        self._pages = [b"".join(itertools.islice(lines, each)) for _ in range(seconds * PAGES_A_SECOND)]
        self.n = n_lines + len(BRANDS) * BURST_A_PAGE * BURST_S * PAGES_A_SECOND

    async def head(self) -> RawPage:
        """Return a page to warm up with."""
        return RawPage(source=self.name, decoder="plain", payload=self._pages[0], received=self._clock.now())

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield a page each tenth of a second once `may_start` is set."""
        del cursor
        await self.may_start.wait()
        begun = time.monotonic()
        for number, payload in enumerate(self._pages):
            wait_s = begun + number / PAGES_A_SECOND - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            whole = payload + self._bursts(number)
            self.n_given += whole.count(b"\n")
            yield RawPage(
                source=self.name, decoder="plain", payload=whole, received=self._clock.now(), position=number * 10_000
            )

    def _bursts(self, page: int) -> bytes:
        lines = []
        for place, brand in enumerate(BRANDS):
            since = page - (FIRST_S + EVERY_S * place) * PAGES_A_SECOND
            if 0 <= since < BURST_S * PAGES_A_SECOND:
                self.began.setdefault(brand, self._clock.now() / SECOND_US)
                names = range(since * BURST_A_PAGE, (since + 1) * BURST_A_PAGE)
                lines += [_complaint(brand, number) for number in names]
        return b"".join(lines)


def _undated(line: bytes) -> bytes:
    post = msgspec.json.decode(line)
    post.pop("published", None)
    return msgspec.json.encode(post) + b"\n"


def _complaint(brand: str, number: int) -> bytes:
    text = f"Al {number} minuten niets van {brand}, wat een slechte dienst, {number * 7 % 97} mensen wachten hier"
    return msgspec.json.encode({"id": f"{brand}-{number}", "text": text, "actor": f"{brand}-{number}"}) + b"\n"


def lived(settings: Settings, now: int) -> None:
    """Leave what a watch has learnt in two hours of ordinary counts; `now` in seconds."""
    rng, judge, buckets = np.random.default_rng(3), Judge(), Buckets(settings.brands)
    shape = (1 + len(BRANDS), len(MEASURES))
    terms = np.empty(0, np.int64)
    for step in range(LIVED_STEPS):
        counts = rng.poisson(USUAL_A_BUCKET, shape).astype(np.float64)
        counts[0] = rng.poisson(RATE * STEP_S, shape[1])
        at = now // STEP_S * STEP_S - (LIVED_STEPS - step) * STEP_S
        closed = Closed(at, counts, np.empty(0), terms, terms.astype(np.float64))
        judge.step(closed, buckets.finer, float(at + STEP_S))
    buckets.begin(now, now)
    state = WatchState(
        judge=judge.state(), buckets=buckets.state(), kept=[], bursts={}, rest={}, since=now - 7 * 86_400,
        parts=parts_of(settings),
    )  # fmt: skip
    engine = open_store(settings.root)
    with engine.begin() as tx:
        put(tx, snapshot, projection="warn", data=msgspec.msgpack.encode(state))
    engine.dispose()
