"""Judges closed buckets: every series of every brand at once, at one rate of false alarms over all of them together."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec
import numpy as np

from gehoor.core import registry
from gehoor.warn.base import Detector, Floats, Ints
from gehoor.warn.counting import MEASURES, STEP_S, Closed, term_of
from gehoor.warn.finer import DIMENSIONS, Finer
from gehoor.warn.terms import STEP_S as TERM_STEP_S
from gehoor.warn.terms import Terms

__all__ = ["Judge", "Judged", "hours_of"]

_DETECTOR = "burst"
_HOUR_S = 3_600
_POSTS, _NEGATIVE = MEASURES.index("posts"), MEASURES.index("negative")
_COLUMNS = len(MEASURES) + 1
"""Series of a brand: its measures, and the share of its posts that is negative."""

_SILENT, _LEAST_EXPECTED_A_MINUTE = 0.1, 2.0
_NOTHING = -9.0


class Judged(msgspec.Struct):
    """What is thought of a bucket.

    Attributes
    ----------
    scores : float64, shape (n_brands, n_measures)
        -log10 of the false alarms a week, over all series together. What a share, a channel, a motive, a need or a word
        says counts for the measure nearest to it.
    silence : float64, shape (n_brands,)
        The same for hardly any posts being left.
    normal : float64, shape (n_brands, n_measures)
        What was expected of the bucket.
    own : float64, shape (n_brands,)
        The highest of the brand's own measures, whatever one channel, motive, need, word or link says.
    leads : dict
        For brands where one channel, motive, need, word or link stands out most: (which of them, its value). A word by
        its bucket, a link by the lowest bits of its name.
    needs : dict
        The need of each brand that stands out most, and its score.
    """

    scores: Floats
    silence: Floats
    normal: Floats
    own: Floats
    leads: dict[int, tuple[str, str | int]]
    needs: dict[int, tuple[float, str]]

    def lead_of(self, brand: int, threshold: float) -> tuple[str, str | int] | None:
        """Return what leads a burst: a need before words where the brand is as ever: its posts are known.

        Elsewhere what stands out most, or else the need that stands out as strongly as was asked for, too.
        """
        score, need = self.needs.get(brand, (_NOTHING, ""))
        about = ("need", need) if score >= threshold else None
        first = self.leads.get(brand)
        return (about or first) if self.own[brand] < threshold else (first or about)


class _Saved(msgspec.Struct):
    measures: bytes
    finer: bytes
    terms: bytes
    minute: list[tuple[bytes, bytes]]


class Judge:
    """Holds the detectors, and adds up how many series there are: dependent or not, the total holds (Bonferroni)."""

    def __init__(self) -> None:
        kind = registry.load("detectors", _DETECTOR)
        self._measures: Detector = kind(STEP_S, _COLUMNS)
        self._finer: Detector = kind(STEP_S, 0)
        self._n_finer = 0
        self._terms = Terms()
        self._minute: list[tuple[Ints, Floats]] = []

    def learn(self, past: list[Closed], at: float) -> None:
        """Take a whole hour of the past into account, of which `at` is the ordinary moment at which it began."""
        n, n_finer = max(len(one.counts) for one in past), max(len(one.finer) for one in past)
        self._measures.grow(n * _COLUMNS)
        self._finer.grow(n_finer)
        self._n_finer = n_finer
        total, finer = np.zeros((n, _COLUMNS)), np.zeros(n_finer)
        for one in past:
            total[: len(one.counts), :-1] += one.counts
            finer[: len(one.finer)] += one.finer
        total[:, -1] = total[:, _NEGATIVE]
        self._measures.past(total.ravel(), int(at // _HOUR_S), _exposure(total).ravel())
        self._finer.past(finer, int(at // _HOUR_S))

    def step(self, one: Closed, finer: Finer, at: float) -> Judged:
        """Judge a bucket; `at` is the ordinary moment at which it ended."""
        n = len(one.counts)
        self._measures.grow(n * _COLUMNS)
        normal = self._measures.normal().reshape(n, _COLUMNS)[:, :-1]
        counts = np.concatenate([one.counts, one.counts[:, [_NEGATIVE]]], axis=1)
        scores = self._measures.update(counts.ravel(), at, _exposure(counts).ravel()).reshape(n, _COLUMNS)
        drops = self._measures.drops(_SILENT).reshape(n, _COLUMNS)[:, _POSTS]
        is_heard = normal[:, _POSTS] * 60 / STEP_S >= _LEAST_EXPECTED_A_MINUTE
        judged = Judged(scores[:, :-1].copy(), np.where(is_heard, drops, _NOTHING), normal, scores.max(axis=1), {}, {})
        judged.scores[:, _NEGATIVE] = scores[:, [_NEGATIVE, -1]].max(axis=1)
        self._judge_finer(judged, one, finer, at)
        self._judge_terms(judged, one)
        n_series = np.log10(max(n - 1, 1) * (_COLUMNS + 1) + self._n_finer + 1)
        judged.scores -= n_series
        judged.silence -= n_series
        judged.own -= n_series
        judged.needs = {brand: (score - n_series, need) for brand, (score, need) in judged.needs.items()}
        return judged

    def usual_of(self, place: int) -> float:
        """Return what is expected of the next bucket of one of the finer series."""
        return float(self._finer.normal()[place])

    def _judge_finer(self, judged: Judged, one: Closed, finer: Finer, at: float) -> None:
        n = len(one.finer)
        if n > self._n_finer:
            self._finer.grow(n, finer.alike(self._n_finer)[: n - self._n_finer])
            self._n_finer = n
        scores = self._finer.update(one.finer, at)
        for place in np.flatnonzero(scores > 0).tolist():
            brand, dimension, value = finer.keys[place]
            if DIMENSIONS[dimension] == "need":
                judged.needs[brand] = max(judged.needs.get(brand, (0.0, "")), (float(scores[place]), value))
            self._lead(judged, brand, float(scores[place]), (DIMENSIONS[dimension], value))

    def _judge_terms(self, judged: Judged, one: Closed) -> None:
        """Judge a minute's terms once it is over."""
        self._minute.append((one.terms, one.n_terms))
        if (one.at + STEP_S) % TERM_STEP_S:
            return
        terms, place = np.unique(np.concatenate([keys for keys, _ in self._minute]), return_inverse=True)
        counts = np.bincount(place, np.concatenate([n for _, n in self._minute]), len(terms)).astype(np.float64)
        self._minute = []
        for key, _, score in zip(*self._terms.update(terms, counts), strict=True):
            brand, what = term_of(int(key))
            self._lead(judged, brand, float(score), what)

    def _lead(self, judged: Judged, brand: int, score: float, what: tuple[str, str | int]) -> None:
        if brand < len(judged.scores) and score > judged.scores[brand].max():
            judged.leads[brand] = what
            judged.scores[brand, _POSTS] = score

    def state(self) -> bytes:
        """Return all that it knows."""
        minute = [(keys.tobytes(), n.tobytes()) for keys, n in self._minute]
        saved = _Saved(self._measures.state(), self._finer.state(), self._terms.state(), minute)
        return msgspec.msgpack.encode(saved)

    @classmethod
    def of(cls, state: bytes) -> "Judge":
        """Return the judge that gave this state."""
        saved, fresh = msgspec.msgpack.decode(state, type=_Saved), cls()
        fresh._measures = type(fresh._measures).of(saved.measures)
        fresh._finer = type(fresh._finer).of(saved.finer)
        fresh._n_finer = len(fresh._finer.normal())
        fresh._terms = Terms.of(saved.terms)
        fresh._minute = [(np.frombuffer(keys, np.int64), np.frombuffer(n, np.float64)) for keys, n in saved.minute]
        return fresh


def hours_of(past: Iterable[Closed]) -> Iterator[tuple[int, list[Closed]]]:
    """Yield when each whole hour of a past began, and its buckets; what is left of the last one is lost."""
    for hour, buckets in groupby(past, key=lambda one: one.at // _HOUR_S):
        mine = list(buckets)
        if len(mine) == _HOUR_S // STEP_S:
            yield hour * _HOUR_S, mine


def _exposure(counts: Floats) -> Floats:
    """Return what each series is exposed to: time (nan), but the share of what is negative to the posts there are."""
    exposure = np.full(counts.shape, np.nan)
    exposure[:, -1] = counts[:, _POSTS]
    return exposure
