"""Cleared texts of other registers, with labels by rule: what is no post to an organisation is not a complaint.

Our own posts are nearly all of people who want something of an organisation, more than half of them displeased. A head
that knows nothing else takes any sentence for a complaint. So it also reads, at a third of the weight, what people ask
of assistants and services, what they say to their lamps, and what they text each other.
"""

import csv
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.sentiment import Sentiment

__all__ = ["WEIGHT", "other_registers", "rows_of", "sms"]

WEIGHT = 0.3
_SURE = 0.75  # of the word lists: from there on a text sounds as they say; else neutral

Post = dict[str, Any]


def rows_of(shared: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of one file of the development data."""
    with gzip.open(shared / f"data/{name}.csv.gz", "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sms(shared: Path, *, held: bool) -> list[Post]:
    """Return the text messages that are trained on, or the fifth that is held out: as in bench/spam.json."""
    rows = rows_of(shared, "spam/sms_spam")
    order = np.random.default_rng(0).permutation(len(rows))
    cut = len(rows) * 4 // 5
    part = order[cut:] if held else order[:cut]
    return [{"text": rows[i]["text"], "language": "en", "spam": rows[i]["label"] == "spam"} for i in part]


def other_registers(shared: Path) -> list[Post]:
    """Return some 5,000 texts in five languages with the labels that can be told by rule; others are missing."""
    posts = [
        *_asked(rows_of(shared, "intents/clinc150"), "clinc", every=10),
        *_asked(rows_of(shared, "text/service_english"), "service", every=20),
        *(
            {"text": row["text"], "language": row["language"], "source": "home"}
            for row in rows_of(shared, "text/home_sentences")[::7]
        ),
        *(post | {"source": "sms"} for post in sms(shared, held=False)[::3] if not post["spam"]),
    ]
    tones = _tones(posts)
    return [post | _labels(post, tone) for post, tone in zip(posts, tones, strict=True)]


def _asked(rows: Sequence[dict[str, str]], source: str, every: int) -> Iterator[Post]:
    trained = [row for row in rows if row.get("split", "train") == "train"]
    yield from ({"text": row["text"], "language": "en", "source": source} for row in trained[::every])


def _tones(posts: Sequence[Post]) -> list[str]:
    texts = TextBatch.of(pa.array([post["text"] for post in posts], pa.string()))
    columns = Sentiment(Settings()).annotate(texts, {"language": pa.array([post["language"] for post in posts])})
    pairs = zip(columns["sentiment"].to_pylist(), columns["sentiment_p"].to_pylist(), strict=True)
    return [tone if tone and p >= _SURE else "neutral" for tone, p in pairs]


def _labels(post: Post, tone: str) -> Post:
    is_chat = post["source"] in ("home", "sms")
    labels: Post = {"sentiment": tone, "intent": "other" if is_chat else None, "spam": False, "weight": WEIGHT}
    if tone == "neutral":
        labels |= {"emotion": "none"} | ({"motive": "none", "urgency": "low"} if post["source"] != "service" else {})
    return labels
