"""From rows to scores: counts in buckets, every series at once, and what people called false."""

import numpy as np
import pyarrow as pa
import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.record import MICROS
from gehoor.warn.counting import STEP_S, Buckets
from gehoor.warn.finer import MOST, Finer
from gehoor.warn.judge import Judge

_START = 1_775_433_600


def _posts(at_s: int, n: int, channel: str = "mail", **columns: object) -> pa.RecordBatch:
    at = pa.array([at_s * SECOND_US] * n, MICROS)
    given: dict[str, object] = {
        "type": ["Create"] * n, "direction": ["in"] * n, "is_backfill": [False] * n, "spam": pa.nulls(n, pa.string()),
        "received": at, "event_at": at, "brands": pa.array([["klm"]] * n), "sentiment": ["negative"] * n,
        "intent": ["help"] * n, "actor_key": pa.array(range(n), pa.int64()), "channel": [channel] * n,
        "motive": ["price"] * n, "need": ["delivery"] * n, "words": pa.array([[7, 8]] * n, pa.list_(pa.int32())),
        "text": pa.nulls(n, pa.string()), "url": pa.nulls(n, pa.string()),
    }  # fmt: skip
    return pa.record_batch(given | columns)


def test_bucket_counts_measures_people_channels_and_words() -> None:
    buckets = Buckets()
    buckets.add(_posts(_START, 3, actor_key=pa.array([1, 1, 2], pa.int64())))
    [closed] = buckets.close(_START + 14)
    assert closed.counts[1].tolist() == [3, 2, 3, 3, 0, 0, 0, 0, 0]
    assert [buckets.finer.keys[place] for place in np.flatnonzero(closed.finer)] == [
        (0, 0, "mail"), (1, 0, "mail"), (0, 1, "price"), (1, 1, "price"), (0, 2, "delivery"), (1, 2, "delivery"),
    ]  # fmt: skip
    assert closed.n_terms.tolist() == [3, 3]


def test_open_buckets_are_the_same_after_a_restart() -> None:
    buckets = Buckets()
    buckets.add(_posts(_START, 3))
    again = Buckets.of(buckets.state())
    for one in (buckets, again):
        one.add(_posts(_START + 4, 2, "shop"))
    for mine, other in zip(buckets.close(_START + 40), again.close(_START + 40), strict=True):
        assert mine.counts.tolist() == other.counts.tolist()
        assert mine.finer.tolist() == other.finer.tolist()
        assert mine.n_terms.tolist() == other.n_terms.tolist()


def test_a_flood_of_channels_is_refused_and_counted() -> None:
    finer = Finer()
    names = [f"c{n}" for n in range(MOST + 50)]
    nothing = pa.nulls(len(names), pa.string())
    rows = pa.record_batch({"channel": names, "motive": nothing, "need": nothing})
    every = np.arange(len(names))
    finer.rows_of(rows, every, 0 * every)
    assert (len(finer.keys), finer.n_refused) == (MOST, 50)


@pytest.fixture(scope="module")
def lived() -> tuple[Buckets, Judge]:
    """Five hours of one post every ten seconds, in which the judge has said nothing."""
    buckets, judge = Buckets(), Judge()
    for step in range(1_800):
        buckets.add(_posts(_START + step * STEP_S, 1, "mail" if step % 20 else "shop", sentiment=["neutral"]))
        for one in buckets.close(buckets.now):
            judged = judge.step(one, buckets.finer, float(one.at + STEP_S))
            assert judged.scores.max() < 0
            assert judged.silence.max() < 0
    return buckets, judge


def test_burst_of_one_channel_says_which(lived: tuple[Buckets, Judge]) -> None:
    buckets, judge = Buckets.of(lived[0].state()), Judge.of(lived[1].state())
    for step in range(1_800, 1_806):
        buckets.add(_posts(_START + step * STEP_S, 8, "shop", sentiment=["neutral"] * 8))
        for one in buckets.close(buckets.now):
            judged = judge.step(one, buckets.finer, float(one.at + STEP_S))
    assert judged.scores[1].max() >= 1
    assert judged.leads[1] == ("channel", "shop")


def test_silence_stands_out_within_half_an_hour_though_no_day_is_known_yet(lived: tuple[Buckets, Judge]) -> None:
    buckets, judge = Buckets.of(lived[0].state()), Judge.of(lived[1].state())
    silent = [
        judge.step(one, buckets.finer, float(one.at + STEP_S)).silence[1]
        for one in buckets.close(_START + 18_000 + 1_800)
    ]
    assert max(silent[:6]) < -1 <= max(silent)
