"""What is usual of a series right now: its rate of the last minutes or hours, resting on that of the last days."""

import numpy as np

from gehoor.warn.base import Floats

__all__ = ["Usual"]

_LEVEL_H, _LEVEL_WINDOWS, _LONG_H = 0.25, 6.0, 72.0
_PRIOR_COUNT, _PRIOR_S, _PRIOR_EXPOSURE = 0.5, 300.0, 1.5
_PULL = 2.0


class Usual:
    """Rates by scale, as of a gamma prior: few counts are believed little.

    Each scale looks back a quarter of an hour and six of its windows: seconds are judged by the last minutes, an hour
    by the last hours. What it finds rests on the rate of the last days (half-life 72 hours) as if that were two counts.

    Parameters
    ----------
    step_s : float
        Seconds a bucket.
    widths : float64, shape (k, 1)
        Buckets of each scale.
    n : int
        Number of series.
    """

    FIELDS = ("heard", "exposed", "long_heard", "long_exposed")

    def __init__(self, step_s: float, widths: Floats, n: int) -> None:
        self._step_s = step_s
        self._keep = 0.5 ** (step_s / 3600 / (_LEVEL_H + _LEVEL_WINDOWS * widths * step_s / 3600))
        self._long = 0.5 ** (step_s / 3600 / _LONG_H)
        self.heard, self.exposed = np.zeros((len(widths), n)), np.zeros((len(widths), n))
        self.long_heard, self.long_exposed = np.zeros(n), np.zeros(n)

    def rate(self, is_share: Floats) -> Floats:
        """Return counts for an exposure of one, shape (k, n); `is_share` (0, 1): what is exposed to posts, not time."""
        prior = np.where(is_share > 0, _PRIOR_EXPOSURE, max(_PRIOR_S / self._step_s, 1.0))
        long = (self.long_heard + _PRIOR_COUNT) / (self.long_exposed + prior)
        return np.asarray((self.heard + _PULL) / (self.exposed + _PULL / long))

    def doubt(self) -> Floats:
        """Return the relative variance of the rates, shape (k, n)."""
        return np.asarray(1 / (self.heard + _PULL))

    def learn(self, counts: Floats, exposure: Floats) -> None:
        """Take in a bucket: counts cut for each scale, shape (k, n), and what they were exposed to, shape (n,)."""
        self.heard *= self._keep
        self.heard += counts
        self.exposed *= self._keep
        self.exposed += exposure
        self.long_heard = self.long_heard * self._long + counts[-1]
        self.long_exposed = self.long_exposed * self._long + exposure

    def learn_many(self, counts: Floats, exposure: Floats, n_buckets: int) -> None:
        """Take in as many buckets of the same at once; all of shape (n,)."""
        kept = self._keep**n_buckets
        each = (1 - kept) / (1 - self._keep)
        self.heard = self.heard * kept + each * counts
        self.exposed = self.exposed * kept + each * exposure
        kept = self._long**n_buckets
        each = (1 - kept) / (1 - self._long)
        self.long_heard = self.long_heard * kept + each * counts
        self.long_exposed = self.long_exposed * kept + each * exposure

    def follow(self, change: Floats) -> None:
        """Keep what is expected of the next bucket as it was, when its rhythm is multiplied by `change`, shape (n,)."""
        self.exposed *= change
