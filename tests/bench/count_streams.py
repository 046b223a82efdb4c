"""Simulated counts of many brands at once: a rhythm of day and week, restless by themselves and together."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["quiet_counts"]

Counts = npt.NDArray[np.float64]

_TAU_S, _TOGETHER = 1_800.0, 0.5
_LOW, _HIGH = 0.002, 60.0


def quiet_counts(rng: np.random.Generator, n: int, n_steps: int, step_s: float) -> Iterator[Counts]:
    """Yield the counts of `n` series, step by step.

    From .002 to 60 a minute; each with its own day and weekend; up to 40 % louder or softer for half hours, half of
    which all series have in common.
    """
    base = np.exp(rng.uniform(np.log(_LOW), np.log(_HIGH), n)) * step_s / 60
    swing, peak, weekend = rng.uniform(0.2, 0.9, n), rng.normal(15, 1.5, n), rng.uniform(0, 0.4, n)
    restless = rng.choice([0, 0.1, 0.2, 0.3, 0.4], n)
    keep = np.exp(-step_s / _TAU_S)
    both, own = rng.normal(), rng.normal(size=n)
    for step in range(n_steps):
        both = keep * both + np.sqrt(1 - keep**2) * rng.normal()
        own = keep * own + np.sqrt(1 - keep**2) * rng.normal(size=n)
        mood = np.sqrt(_TOGETHER) * both + np.sqrt(1 - _TOGETHER) * own
        hours = (step + 0.5) * step_s / 3600
        day = swing * np.cos(2 * np.pi * (hours - peak) / 24) - weekend * (int(hours // 24) % 7 >= 5)
        yield rng.poisson(base * np.exp(day + restless * mood - restless**2 / 2)).astype(np.float64)
