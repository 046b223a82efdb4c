"""The burst detector: counts against what this hour of the week brings, on several time scales, by extreme values."""

from io import BytesIO

import numpy as np

from gehoor.warn.base import Floats, Ints
from gehoor.warn.noise import Noise, surprise
from gehoor.warn.profile import Profile
from gehoor.warn.tail import Tail
from gehoor.warn.usual import Usual

__all__ = ["Burst"]

_WINDOWS_S = (10, 60, 300, 1200, 3600)
_DROP_S = 300
_CUT, _SLACK = 4.0, 1.0
_FIRST_DAY = 0.25
_SPARSE = 0.25
"""What fades is worth more posts than it holds: twice as many near what is usual (its variance is half its mean), less
where hardly any are usual. Fitted to the exact bound of a fading Poisson sum: within 2 % up to 70 times the usual.
"""
_QUIET_S, _QUIET_BUCKETS = 900, 12
_NOTHING = -9.0


class Burst:
    """Warns when there is more than a series' own past explains, or nothing any more; see `warn.base.Detector`.

    Counts fade over windows of 10 s to an hour, and so does what was expected of them: the series' rate of the last
    minutes or hours times the factor of this hour of the week. How improbable the difference is, a negative binomial
    with the series' own dispersion says; by how much reality is wilder than that, a tail of extreme values. The rarest
    scale decides. What teaches is cut at four standard deviations: a storm does not become normal at once. A new series
    says nothing for a quarter of an hour, and is taken for restless until it is known.

    Parameters
    ----------
    step_s : float
        Seconds a bucket.
    n : int
        Number of series.

    Notes
    -----
    Memory: about 1.5 kB a series. Cost: bench/warn.json. Blind to a rise so slow that it becomes the profile.
    """

    def __init__(self, step_s: float, n: int) -> None:
        self._step_s = step_s
        widths = sorted({max(1, round(window / step_s)) for window in _WINDOWS_S if window >= step_s} or {1})
        self._widths = np.array(widths, np.float64)[:, None]
        self._fade = 2 / (self._widths + 1)
        self._fall = np.flatnonzero(self._widths[:, 0] * step_s >= _DROP_S)
        self._start(n)

    def _start(self, n: int) -> None:
        k, widths = len(self._widths), self._widths
        self._profile, self._usual = Profile(n), Usual(self._step_s, widths, n)
        self._noise = Noise(self._step_s, widths, n)
        self._tail = Tail(self._step_s, np.concatenate([widths, widths[self._fall]]), n)
        self._found, self._expected = np.zeros((k, n)), np.zeros((k, n))
        self._age, self._hour_counts = np.zeros(n), np.zeros(n)
        self._hour, self._hour_buckets = -1, 0
        self._last = 0.0
        self._is_share = np.zeros(n)
        self._drops = np.full(n, _NOTHING)

    @property
    def n(self) -> int:
        """Number of series."""
        return len(self._age)

    # -- stepping -------------------------------------------------------------------------------------------------

    def update(self, counts: Floats, at: float, exposure: Floats | None = None) -> Floats:
        """Take in the counts of the bucket that ended at `at`, and return scores; see `warn.base.Detector`."""
        self._last = at
        self._keep_hour(counts, int((at - self._step_s) // 3600))
        exposed = self._profile.rhythm(at - self._step_s / 2)
        if exposure is not None:
            self._is_share = np.where(np.isnan(exposure), 0.0, 1.0)
            exposed = np.where(np.isnan(exposure), exposed, exposure)
        now = self._usual.rate(self._is_share) * exposed
        self._age += 1
        self._found += counts - self._fade * self._found
        self._expected += now - self._fade * self._expected
        scores = self._judge()
        spread = self._noise.dispersion()
        bound = now + _CUT * np.sqrt(now * (1 + spread * now)) + _SLACK
        self._usual.learn(np.minimum(counts, bound), exposed)
        return scores

    def _judge(self) -> Floats:
        """Score what has come about, and learn from it how restless and how wild the series is."""
        is_full = self._age >= self._widths
        ratio = np.maximum(self._found, 1e-9) / (self._expected + 1e-9)
        worth = 1 + (1 - self._fade) / (1 + _SPARSE * np.log(np.maximum(ratio, 1)))
        found, expected = worth * self._found, worth * self._expected + 1e-9
        spread = self._noise.dispersion() + self._usual.doubt() + self._unknown_rhythm()
        strange = surprise(found, expected, spread)
        is_more = found > expected
        both = np.concatenate([strange * is_more, (strange * ~is_more)[self._fall]])
        full = np.concatenate([is_full, is_full[self._fall]])
        scores = np.where(full, self._tail.score(both), _NOTHING)
        self._tail.learn(both, full)
        self._noise.learn(found, expected, expected * (1 + spread * expected))
        is_known = (self._age * self._step_s > _QUIET_S) & (self._age > _QUIET_BUCKETS)
        k = len(self._widths)
        self._drops = np.where(is_known, scores[k:].max(axis=0, initial=_NOTHING), _NOTHING)
        return np.where(is_known, scores[:k].max(axis=0), _NOTHING)

    def _unknown_rhythm(self) -> Floats:
        """Return the dispersion that a day may still bring, shape (k, n): the first mornings are a surprise."""
        hours = np.minimum(self._widths * self._step_s / 3600, 1)
        return np.asarray(_FIRST_DAY * hours * np.clip(2 - self._profile.hours / 24, 0, 1))

    def drops(self, below: float) -> Floats:
        """Return scores for there being less after the last step, where less than `below` of the usual is left."""
        left, usual = self._found[self._fall], self._expected[self._fall]
        is_low = (left < below * usual).any(axis=0)
        return np.where(is_low, self._drops, _NOTHING)

    # -- hours ----------------------------------------------------------------------------------------------------

    def _keep_hour(self, counts: Floats, hour: int) -> None:
        if hour != self._hour:
            if self._hour_buckets:
                change = self._profile.learn(self._hour_counts, self._hour_buckets, self._hour)
                self._usual.follow(np.where(self._is_share > 0, 1.0, (1 + change) / 2))  # it is half of the next minute
            self._hour, self._hour_counts, self._hour_buckets = hour, np.zeros(self.n), 0
        self._hour_counts = self._hour_counts + counts
        self._hour_buckets += 1

    def past(self, counts: Floats, hour: int, exposure: Floats | None = None) -> None:
        """Learn from a whole hour that is over; the windows begin anew with what is normal after it."""
        n_buckets = max(1, round(3600 / self._step_s))
        self._profile.learn(counts, n_buckets, hour)
        self._last = (hour + 1) * 3600.0
        exposed, after = self._profile.rhythm(self._last - 1800), self._profile.rhythm(self._last)
        if exposure is not None:
            self._is_share = np.where(np.isnan(exposure), 0.0, 1.0)
            exposed = np.where(np.isnan(exposure), exposed, exposure / n_buckets)
            after = np.where(np.isnan(exposure), after, exposed)
        self._usual.learn_many(counts / n_buckets, exposed, n_buckets)
        now = self._usual.rate(self._is_share) * after
        self._found = now / self._fade
        self._expected = self._found.copy()
        self._age += n_buckets
        self._hour, self._hour_counts, self._hour_buckets = -1, np.zeros(self.n), 0

    def normal(self) -> Floats:
        """Return what is expected of the next bucket, shape (n,); of a share: of one post."""
        rhythm = self._profile.rhythm(self._last + self._step_s / 2)
        exposed = np.where(self._is_share > 0, 1.0, rhythm)
        return np.asarray(self._usual.rate(self._is_share)[-1] * exposed)

    # -- keeping --------------------------------------------------------------------------------------------------

    def grow(self, n: int, alike: Ints | None = None) -> None:
        """Make room for `n` series in all; a new one has the rhythm of the older one that `alike` names (-1: none)."""
        more = n - self.n
        if more <= 0:
            return
        fresh = type(self)(self._step_s, more)
        if alike is not None and self.n:
            is_like = np.flatnonzero(alike >= 0)
            fresh._profile.factor[:, is_like] = self._profile.factor[:, alike[is_like]]
        for (owner, name), (other, _) in zip(self._fields(), fresh._fields(), strict=True):
            both = [getattr(owner, name), getattr(other, name)]
            setattr(owner, name, np.concatenate(both, axis=-1))

    def _fields(self) -> list[tuple[object, str]]:
        mine = ("_found", "_expected", "_age", "_hour_counts", "_is_share", "_drops")
        fields: list[tuple[object, str]] = [(self, name) for name in mine]
        for part in (self._profile, self._usual, self._noise, self._tail):
            fields += [(part, name) for name in part.FIELDS]
        return fields

    def state(self) -> bytes:
        """Return all that it knows, as arrays without pickles."""
        sink = BytesIO()
        arrays = {f"{place:02}": getattr(owner, name) for place, (owner, name) in enumerate(self._fields())}
        numbers = np.array([self._step_s, self._hour, self._hour_buckets, self._last])
        np.savez(sink, allow_pickle=False, numbers=numbers, **arrays)
        return sink.getvalue()

    @classmethod
    def of(cls, state: bytes) -> "Burst":
        """Return the detector that gave this state."""
        with np.load(BytesIO(state), allow_pickle=False) as saved:
            step_s, hour, n_buckets, last = saved["numbers"].tolist()
            fresh = cls(step_s, saved["02"].shape[-1])
            for place, (owner, name) in enumerate(fresh._fields()):
                setattr(owner, name, saved[f"{place:02}"])
        fresh._hour, fresh._hour_buckets, fresh._last = int(hour), int(n_buckets), last
        return fresh
