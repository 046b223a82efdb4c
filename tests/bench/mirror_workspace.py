"""A workspace for the mirror, written as its history only: people who talk, ask, react and buy, day after day."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.history import write_part
from gehoor.core.record import LEDGER, MICROS

__all__ = ["LAST_DAY", "write_history"]

LAST_DAY = 20_500
"""Of the activities; days since 1970."""

_CHANNELS, _LANGUAGES = ("mastodon", "bluesky", "mail", "feed"), ("nl", "en", "de")
_INTENTS, _TONES = ("help", "complaint", "question", "praise", "leaving", "other"), ("negative", "neutral", "positive")


def write_history(root: Path, n: int, n_people: int, days: int = 364, seed: int = 1) -> None:
    """Write n activities of n_people in so many days up to `LAST_DAY`, a part a day."""
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    (root / "gehoor.toml").write_text('[brands.acme]\nterms = ["acme"]\n', encoding="utf-8")
    a_day, seq = n // days, 1
    for place in range(days):
        batch = _day(rng, seq, a_day, n_people, LAST_DAY - days + 1 + place)
        day = np.datetime64(LAST_DAY - days + 1 + place, "D")
        path = root / "history" / f"date={day}" / f"part-{seq:015d}-{seq + a_day - 1:015d}.parquet"
        path.parent.parent.mkdir(exist_ok=True)
        write_part(path, [batch])
        seq += a_day


def _day(rng: np.random.Generator, seq: int, n: int, n_people: int, day: int) -> pa.RecordBatch:
    seqs = np.arange(seq, seq + n)
    # a few do much: Zipf-like, and everybody now and then
    person = np.minimum((n_people * rng.random(n) ** 2).astype(np.int64), n_people - 1) + 1
    kind = rng.choice(4, n, p=[0.6, 0.2, 0.17, 0.03])  # say, like, order, ours
    is_ours = kind == 3
    answers = rng.integers(max(1, seq - n), seq + 1, n)
    at = np.sort(day * DAY_US + rng.integers(0, 79_200, n) * SECOND_US)
    given = {
        "seq": seqs, "id": pa.array(seqs).cast(pa.string()),
        "type": np.array(["Create", "Like", "Track", "Create"])[kind],
        "rev": np.zeros(n, np.int64), "published": pa.array(at).cast(MICROS), "received": pa.array(at).cast(MICROS),
        "channel": np.array(_CHANNELS)[person % 4], "direction": np.where(is_ours, "out", "in"),
        "visibility": np.full(n, "public"), "key": seqs,
        "object_key": np.where(kind == 1, answers, seqs),
        "actor_key": np.where(is_ours, -1, person),
        "parent_key": pa.array(answers, mask=~(is_ours & (rng.random(n) < 0.7))),
        "event_at": pa.array(at).cast(MICROS), "is_backfill": np.zeros(n, bool),
        "text_digest": rng.integers(1, 1 << 40, n), "language": np.array(_LANGUAGES)[person % 3],
        "brands": pa.array([["acme"] if one % 2 else [] for one in person.tolist()], pa.list_(pa.string())),
        "sentiment": np.array(_TONES)[rng.integers(0, 3, n)], "intent": np.array(_INTENTS)[rng.integers(0, 6, n)],
        "views": pa.array(rng.integers(10, 1000, n), mask=~is_ours),
        "event": pa.array(np.full(n, "Order Completed"), mask=kind != 2),
    }  # fmt: skip
    columns = [
        _column(given[field.name], field) if field.name in given else pa.nulls(n, field.type) for field in LEDGER
    ]
    return pa.RecordBatch.from_arrays(columns, schema=LEDGER)


def _column(values: object, field: pa.Field) -> pa.Array:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return array.cast(field.type)
