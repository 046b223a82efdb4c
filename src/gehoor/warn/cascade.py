"""A cascade while it grows, in five sums: how contagious it is, how large it may become, how fast it doubles."""

from math import exp, sqrt

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["Cascade", "CascadeOutlook"]

_MINUTE_US = 60_000_000
_DECAYS = (2.0, 12.0, 90.0, 900.0)
_SHARES = (0.06, 0.50, 0.24, 0.20)  # together within 0.03 of the waits that SEISMIC found, over two days
_RECENT = 20.0
_BALANCE = tuple(
    share / decay / (1 / _RECENT - 1 / decay) for share, decay in zip(_SHARES, _DECAYS, strict=True)
)  # fmt: skip
_LEANING = 4.0
_FADES = 0.5
_FADES_LOW, _FADES_HIGH, _MOST = 0.2, 0.9, 0.95
_UNKNOWN_REACH = 3.0  # marks that spread as those of voices do, and that nobody tells us
_SURE = 1.2816  # nine times in ten on one side


class CascadeOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be expected of a cascade.

    Attributes
    ----------
    contagion : float
        How many others a post brings at the pace of the last twenty minutes; 1 and more: it feeds itself.
    is_supercritical : bool
        It feeds itself, and that is nine times in ten no chance.
    expected_low, expected, expected_high : float
        Posts in the end; between low and high eight times in ten. High is None where there is no end in sight.
    doubling_s : float, optional
        When it would be twice as large at the pace of the last twenty minutes; None: it hardly grows.
    """

    contagion: float
    is_supercritical: bool
    expected_low: float
    expected: float
    expected_high: float | None
    doubling_s: float | None


class Cascade(msgspec.Struct):
    """What is remembered of a cascade: O(1) a post, in any order, and taken back as exactly.

    A Hawkes process with a memory of four exponentials, which stand for the waits that were published for Twitter [1];
    the fifth sum is the posts of late, by which contagion is judged. All are linear in the posts, so a late post or one
    that is deleted needs no history. Who follows whom is unknown on most channels, so every voice counts as one; the
    interval is wider for it.

    Attributes
    ----------
    n : int
        Posts, the first included.
    began, last : int
        Microseconds UTC.
    sums : list of float
        Of exp(-age / decay) over all posts, at `last`.

    References
    ----------
    [1] Zhao et al. (2015). SEISMIC: a self-exciting point process model for predicting tweet popularity. KDD.
    """

    n: int = 0
    began: int = 0
    last: int = 0
    sums: list[float] = msgspec.field(default_factory=lambda: [0.0] * 5)

    @classmethod
    def of(cls, moments: npt.NDArray[np.int64]) -> "Cascade":
        """Return the cascade of many posts at once, microseconds UTC, in any order; at least one."""
        last = int(moments.max())
        ages = (last - moments) / _MINUTE_US
        sums = [float(np.exp(-ages / decay).sum()) for decay in (*_DECAYS, _RECENT)]
        return cls(len(moments), int(moments.min()), last, sums)

    def add(self, at: int) -> None:
        """Take in a post, microseconds UTC."""
        if self.n == 0:
            self.began = self.last = at
        elif at > self.last:
            self._to(at)
        self.began = min(self.began, at)
        self.n += 1
        self._put(at, 1.0)

    def remove(self, at: int) -> None:
        """Take back a post that was added."""
        self.n -= 1
        self._put(at, -1.0)

    def merge(self, other: "Cascade") -> None:
        """Take in all posts of another one."""
        if other.last > self.last:
            self._to(other.last)
        then = other._at(self.last)
        self.sums = [mine + theirs for mine, theirs in zip(self.sums, then, strict=True)]
        self.n += other.n
        self.began = min(self.began, other.began)

    def _put(self, at: int, times: float) -> None:
        one, two, three, four, recent = self.sums
        if at == self.last:
            self.sums = [one + times, two + times, three + times, four + times, recent + times]
            return
        a, b, c, d, e = _faded((self.last - at) / _MINUTE_US)
        self.sums = [one + times * a, two + times * b, three + times * c, four + times * d, recent + times * e]

    def _to(self, at: int) -> None:
        self.sums, self.last = self._at(at), at

    def _at(self, at: int) -> list[float]:
        one, two, three, four, recent = self.sums
        a, b, c, d, e = _faded((at - self.last) / _MINUTE_US)
        return [one * a, two * b, three * c, four * d, recent * e]

    def outlook(self, now: int, usual: float) -> CascadeOutlook:
        """Return what is to be expected.

        Parameters
        ----------
        now : int
            Microseconds UTC, not before `last`.
        usual : float
            How many others a post brings on its channel, between 0 and 1: what little is known leans on.
        """
        *memory, recent = self._at(max(now, self.last))
        brought = max(recent - exp((self.began - max(now, self.last)) / _MINUTE_US / _RECENT), 0.0)
        chances = sum(part * (value - recent) for part, value in zip(_BALANCE, memory, strict=True))
        shape, rate = brought + usual * _LEANING, max(chances, 0.0) + _LEANING
        contagion = shape / rate
        low, high = (_gamma_edge(shape / _UNKNOWN_REACH, side) * _UNKNOWN_REACH / rate for side in (-_SURE, _SURE))
        ahead = sum(share * value for share, value in zip(_SHARES, memory, strict=True))
        is_supercritical = low >= 1
        return CascadeOutlook(
            contagion=contagion,
            is_supercritical=is_supercritical,
            expected_low=self.n + _followers(ahead, _FADES_LOW * low),
            expected=self.n + _followers(ahead, _FADES * contagion),
            expected_high=None if is_supercritical else self.n + _followers(ahead, _FADES_HIGH * high) + _SURE,
            doubling_s=60 * self.n * _RECENT / brought if brought > 0.5 else None,
        )


def _faded(age: float) -> tuple[float, float, float, float, float]:
    """Return what is left of a post of that age, in minutes, in each sum; unrolled: it is asked for each post."""
    return (
        exp(-age / _DECAYS[0]), exp(-age / _DECAYS[1]), exp(-age / _DECAYS[2]), exp(-age / _DECAYS[3]),
        exp(-age / _RECENT),
    )  # fmt: skip


def _followers(ahead: float, contagion: float) -> float:
    """Return how many come yet, and those that they bring."""
    held = min(contagion, _MOST)
    return held * ahead / (1 - held)


def _gamma_edge(shape: float, deviation: float) -> float:
    """Return the quantile of a gamma distribution of scale 1 that lies so many deviations off (Wilson and Hilferty)."""
    shape = max(shape, 0.05)
    return shape * max(1 - 1 / (9 * shape) + deviation / (3 * sqrt(shape)), 0.0) ** 3
