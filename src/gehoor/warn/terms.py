"""Every word and link at once: which of them is suddenly everywhere, with bounded memory whatever comes.

Fading means in a hashed table (SigniTrend: Schubert and others, KDD 2014), one number for whatever number of terms; the
loudest of each minute is judged by the tail of the loudest of other minutes, so that the rate of false alarms holds
over all terms together.
"""

from io import BytesIO

import numpy as np

from gehoor.warn.base import Floats, Ints
from gehoor.warn.noise import surprise
from gehoor.warn.tail import Tail

__all__ = ["STEP_S", "Terms"]

STEP_S = 60
"""Terms are judged a minute at a time."""

_SLOTS, _HASHES = 1 << 16, 2
_MULTIPLIERS = np.array([[0x9E3779B97F4A7C15], [0xC2B2AE3D27D4EB4F]], np.uint64)
_SHIFT = np.uint64(48)
_HALF_LIFE_S, _USUAL_S = 6 * 3_600, 3_600
_PRIOR, _DISPERSION = 0.05, 0.3
_LEAST = 5.0
MOST_A_MINUTE = 65_536
"""Different terms of a minute that are judged; others are dropped, and counted in `n_dropped`."""


class Terms:
    """Judges the terms of a minute; `key` is any 64-bit number that stands for a term.

    The mean of a term is the least of its two cells: a flood of other terms raises it a little, and hides nothing.
    """

    def __init__(self) -> None:
        self.n_dropped = 0
        self._mean = np.zeros((_HASHES, _SLOTS), np.float32)
        self._loudest = 1.0
        self._n_steps = 0
        self._tail = Tail(STEP_S, np.ones((1, 1)), 1)
        self._keep = 0.5 ** (STEP_S / _HALF_LIFE_S)

    def update(self, keys: Ints, counts: Floats) -> tuple[Ints, Floats, Floats]:
        """Take in the terms of a minute, each once, and return those that stand out: keys, expected, scores.

        Scores are those of `warn.base.Detector`, over all terms together.
        """
        if len(keys) > MOST_A_MINUTE:
            self.n_dropped += len(keys) - MOST_A_MINUTE
            most = np.argpartition(counts, -MOST_A_MINUTE)[-MOST_A_MINUTE:]
            keys, counts = keys[most], counts[most]
        cells = (keys.astype(np.uint64) * _MULTIPLIERS >> _SHIFT).astype(np.int64)
        usual = np.min([self._mean[place, cell] for place, cell in enumerate(cells)], axis=0).astype(np.float64)
        expected = usual / max(1 - self._keep**self._n_steps, 1e-3) + _PRIOR
        is_much = (counts >= _LEAST) & (counts > expected)
        strange = np.where(is_much, surprise(counts, expected, np.full(len(counts), _DISPERSION)), 0.0)
        self._fade(cells, counts)
        return self._scored(keys[is_much], expected[is_much], strange[is_much])

    def _fade(self, cells: Ints, counts: Floats) -> None:
        self._mean *= np.float32(self._keep)
        for place, cell in enumerate(cells):
            self._mean[place] += np.bincount(cell, weights=counts * (1 - self._keep), minlength=_SLOTS).astype(
                np.float32
            )
        self._n_steps += 1

    def _scored(self, keys: Ints, expected: Floats, strange: Floats) -> tuple[Ints, Floats, Floats]:
        """Judge the loudest by how loud the loudest of a minute is as a rule."""
        loudest = float(strange.max(initial=0.0))
        over = np.array([[max(loudest - self._loudest, 0.0)]])
        scores = np.array([self._tail.score(np.array([[one]]))[0, 0] for one in np.maximum(strange - self._loudest, 0)])
        is_full = np.array([[self._n_steps * STEP_S > _USUAL_S]])
        self._tail.learn(over, is_full)
        share = max(1 - self._keep, 1 / self._n_steps)
        self._loudest += share * (min(loudest, 4 * self._loudest + 1) - self._loudest)
        is_news = np.flatnonzero(scores > 0) if is_full[0, 0] else np.empty(0, np.int64)
        return keys[is_news], expected[is_news], scores[is_news] if len(scores) else scores

    def state(self) -> bytes:
        """Return all that it knows, as arrays without pickles."""
        sink = BytesIO()
        arrays = {name: getattr(self._tail, name) for name in Tail.FIELDS}
        numbers = np.array([self._loudest, self._n_steps, self.n_dropped])
        np.savez_compressed(sink, allow_pickle=False, numbers=numbers, seen=self._mean, **arrays)
        return sink.getvalue()

    @classmethod
    def of(cls, state: bytes) -> "Terms":
        """Return the table that gave this state."""
        fresh = cls()
        with np.load(BytesIO(state), allow_pickle=False) as saved:
            loudest, n_steps, n_dropped = saved["numbers"].tolist()
            fresh._mean = saved["seen"]
            for name in Tail.FIELDS:
                setattr(fresh._tail, name, saved[name])
        fresh._loudest, fresh._n_steps, fresh.n_dropped = loudest, int(n_steps), int(n_dropped)
        return fresh
