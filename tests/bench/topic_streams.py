"""Simulated streams of short posts, from a seed: how many topics, how large, how long they last and how much of a post
is about its topic differs from stream to stream, so that a setting cannot fit one of them."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["SimulatedStream", "in_families", "simulated"]

Floats = npt.NDArray[np.float64]


class SimulatedStream(NamedTuple):
    """Posts, each its words as numbers, and the topic of each."""

    posts: list[list[int]]
    topics: list[int]


class _Topic(NamedTuple):
    core: npt.NDArray[np.int64]
    rates: Floats
    own: npt.NDArray[np.int64]
    shares: Floats


def simulated(seed: int) -> SimulatedStream:
    """Return a stream of 5,000 to 40,000 posts about 80 to 300 topics.

    A post holds each of its topic's few core words with a rate of its own, and for the rest words of the topic or
    anybody's, both by Zipf's law. In half of the streams topics come and go, in the others all are there all along.
    """
    rng = np.random.default_rng(seed)
    n_words, n_topics, mean = int(rng.integers(15_000, 40_000)), int(rng.integers(80, 300)), rng.uniform(50, 130)
    raw = rng.lognormal(0, rng.uniform(0.8, 1.3), n_topics)
    sizes = np.maximum(1, np.rint(raw / raw.mean() * mean)).astype(np.int64)
    everybody = 1 / (np.arange(n_words) + rng.uniform(2, 40)) ** rng.uniform(0.9, 1.05)
    shares = np.cumsum(everybody / everybody.sum())
    rate, own_share, length = rng.uniform(0.5, 0.9), rng.uniform(0.4, 0.7), rng.uniform(5.5, 9)
    comes_and_goes = rng.random() < 0.5
    posts: list[list[int]] = []
    when: list[float] = []
    for size in sizes.tolist():
        topic = _topic(rng, shares, rate)
        start, width = (rng.random(), rng.uniform(0.02, 0.3)) if comes_and_goes else (0.0, 1.0)
        for _ in range(size):
            posts.append(_post(rng, topic, shares, own_share, max(2, int(rng.poisson(length)))))
            when.append(start + width * rng.random())
    labels = np.repeat(np.arange(n_topics), sizes)
    order = np.argsort(when, kind="stable").tolist()
    return SimulatedStream([posts[i] for i in order], labels[order].tolist())


def in_families(stream: SimulatedStream, seed: int) -> SimulatedStream:
    """Return the stream with a word before most posts that some three topics share, as subjects of one name do."""
    rng = np.random.default_rng(1_000 + seed)
    n = max(stream.topics) + 1
    family = {topic: int(rng.integers(0, n // 3)) for topic in range(n)}
    posts = [
        sorted({*post, 900_000 + family[topic]}) if rng.random() < 0.85 else post
        for post, topic in zip(stream.posts, stream.topics, strict=True)
    ]
    return SimulatedStream(posts, stream.topics)


def _topic(rng: np.random.Generator, shares: Floats, rate: float) -> _Topic:
    n_core, n_words = int(rng.integers(1, 4)), len(shares)
    core = rng.integers(int(n_words * 0.004), n_words, n_core)
    rates = np.clip(rng.beta(2, 2, n_core) * rate * 2, 0.1, 0.95)
    n_own = int(rng.integers(20, 200))
    own = np.unique(_drawn(rng, shares, n_own * 3))
    own = rng.permutation(own[own > 60])[:n_own]
    weights = 1 / (np.arange(len(own)) + rng.uniform(1, 8))
    return _Topic(core, rates, own, np.cumsum(weights / weights.sum()))


def _post(rng: np.random.Generator, topic: _Topic, shares: Floats, own_share: float, length: int) -> list[int]:
    words = topic.core[rng.random(len(topic.core)) < topic.rates]
    n_rest = max(0, length - len(words))
    n_own = int(rng.binomial(n_rest, own_share)) if len(topic.own) else 0
    own: Any = topic.own[_drawn(rng, topic.shares, n_own)] if n_own else topic.core[:0]
    return np.unique(np.concatenate([words, own, _drawn(rng, shares, n_rest - n_own)])).tolist()  # type: ignore[no-any-return]  # numpy's tolist is untyped


def _drawn(rng: np.random.Generator, shares: Floats, n: int) -> npt.NDArray[np.int64]:
    return np.minimum(np.searchsorted(shares, rng.random(n)), len(shares) - 1)
