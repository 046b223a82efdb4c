"""Simulated numbers of machines, markets and roads, with what is strange in them: what `gehoor detect` is tuned on."""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["KINDS", "Series", "simulated"]

Numbers = npt.NDArray[np.float64]

_N, _DAY, _PROBATION, _WINDOW = 4_000, 288, 0.15, 0.1


class Series(NamedTuple):
    """Numbers of a kind, five minutes apart, and the windows of what is strange: first and last place."""

    numbers: Numbers
    windows: list[tuple[int, int]]


def simulated(kind: str, rng: np.random.Generator) -> Series:
    """Return a series of a kind with none to three strange things after its first sixth.

    A window takes a tenth of the series, shared by all, half of it before the strange thing begins.
    """
    n_strange = int(rng.integers(0, 4))
    room = np.linspace(_PROBATION * _N + 300, _N - 300, n_strange + 1)
    onsets = [int(rng.uniform(low, high - 250)) for low, high in itertools.pairwise(room)]
    numbers = KINDS[kind](rng, onsets)
    half = int(_WINDOW * _N / max(n_strange, 1) / 2)
    windows = [(max(0, at - half), min(_N - 1, at + half)) for at in onsets]
    return Series(numbers, [(low, min(high, following - 1)) for (low, high), following in _with_next(windows)])


def _with_next(windows: list[tuple[int, int]]) -> list[tuple[tuple[int, int], int]]:
    return [(mine, windows[k + 1][0] if k + 1 < len(windows) else _N) for k, mine in enumerate(windows)]


def _wander(rng: np.random.Generator, lag: float, size: int = _N) -> Numbers:
    """Return a standard normal that forgets within about `lag` steps."""
    keep = float(np.exp(-1 / lag))
    shocks, found, last = rng.normal(size=size) * np.sqrt(1 - keep**2), np.zeros(size), rng.normal()
    for place, shock in enumerate(shocks):
        found[place] = last = keep * last + shock
    return found


def _day(rng: np.random.Generator) -> Numbers:
    return np.asarray(np.sin((np.arange(_N) + rng.integers(_DAY)) / _DAY * 2 * np.pi))


def _load(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """A processor: rounded, a little spiky; another level for good, or a spike of an hour."""
    numbers = (
        rng.uniform(1, 60) + rng.uniform(0.2, 2) * _wander(rng, 3) + rng.exponential(3, _N) * (rng.random(_N) < 0.01)
    )
    for at in onsets:
        until = _N if rng.random() < 0.5 else at + int(rng.integers(3, 15))
        numbers[at:until] += rng.choice([-1, 1], p=[0.2, 0.8]) * rng.uniform(8, 30)
    return np.asarray(np.maximum(numbers, 0).round(3))


def _idle(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """Hardly anything, in a few steps; some short spikes as large as what is strange, which then stays."""
    numbers = rng.choice([0.066, 0.068, 0.132, 0.134], _N, p=[0.4, 0.1, 0.45, 0.05])
    for at in onsets:
        numbers[at : at + int(rng.integers(1, 40))] += rng.uniform(0.5, 3)
    return np.asarray(numbers)


def _transfers(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """Traffic of a network or disk: heavy tails and a job every so often; a job ten times as large, or many."""
    numbers = 100 * np.exp(rng.uniform(0.2, 0.7) * rng.normal(size=_N))
    every = int(rng.choice([12, 72, 288]))
    numbers[::every] *= rng.uniform(3, 20)
    for at in onsets:
        numbers[at : at + int(rng.integers(2, 30))] *= rng.uniform(15, 60)
    return np.asarray(numbers.round())


def _rhythm(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """A day like any other with some noise; one whose peak is missing, flat, too high, or comes too early."""
    base, noise = rng.uniform(30, 90), rng.uniform(0.5, 5)
    shape = np.maximum(_day(rng), 0) if rng.random() < 0.5 else (_day(rng) > 0).astype(np.float64)
    for at in onsets:
        part, kind = slice(at, at + _DAY // 2), int(rng.integers(3))
        shape[part] = (0.0, 0.5, 1.0)[kind] if kind < 2 else shape[part] * 1.8 + 0.3
    return np.asarray(base * shape + 20 + noise * rng.normal(size=_N))


def _riders(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """Large counts of half hours with a day and a weekend; a day that is much quieter or busier."""
    hours = np.arange(_N) / 2
    day = np.exp(0.9 * np.sin((hours - 9) / 24 * 2 * np.pi) - 0.25 * ((hours // 24) % 7 >= 5) + 0.06 * _wander(rng, 8))
    for at in onsets:
        day[at : at + int(rng.integers(12, 40))] *= rng.choice([0.4, 1.6])
    return np.asarray((12_000 * day).round())


def _warmth(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """A temperature that wanders with its day; one that falls or climbs within hours."""
    numbers = 70 + 3 * _wander(rng, 400) + rng.uniform(0, 4) * _day(rng) + 0.4 * rng.normal(size=_N)
    for at in onsets:
        long = int(rng.integers(24, 150))
        numbers[at : at + long] += rng.choice([-1, 1]) * rng.uniform(9, 25) * np.sin(np.linspace(0, np.pi, long))
    return np.asarray(numbers)


def _road(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """Speed with a jam now and then; a jam that is deeper, or at another time and longer."""
    jam = np.maximum(_day(rng) - 0.7, 0) * 3 * rng.uniform(0.3, 1)
    numbers = 75 - 25 * jam + rng.uniform(2, 5) * rng.normal(size=_N)
    for at in onsets:
        numbers[at : at + int(rng.integers(4, 40))] -= rng.uniform(25, 50)
    return np.asarray(np.clip(numbers, 0, 95).round())


def _delays(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """Times that take long at times, by day; times that take longer, for hours."""
    numbers = rng.uniform(50, 300) * np.exp(0.4 * _day(rng) + rng.uniform(0.15, 0.4) * rng.normal(size=_N))
    for at in onsets:
        numbers[at : at + int(rng.integers(2, 36))] *= rng.uniform(3, 8)
    return np.asarray(numbers.round())


def _prices(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """Prices of an auction by the hour: skewed, restless by day; a price far beyond, for an hour or some."""
    numbers = 0.1 * np.exp(0.25 * _wander(rng, 30) + rng.uniform(0.1, 0.3) * rng.normal(size=_N))
    for at in onsets:
        numbers[at : at + int(rng.integers(1, 6))] *= rng.uniform(3, 8)
    return np.asarray(numbers)


def _spikes(rng: np.random.Generator, onsets: list[int]) -> Numbers:
    """Nothing, and spikes at random; spikes that are higher, or come far oftener for a day."""
    numbers = 20 * (rng.random(_N) < 0.03) + rng.normal(0, 0.5, _N) * (rng.random() < 0.5)
    for at in onsets:
        if rng.random() < 0.5:
            numbers[at : at + 3] += 35
        else:
            part = slice(at, at + 150)
            numbers[part] += 20 * (rng.random(len(numbers[part])) < 0.3)
    return np.asarray(np.maximum(numbers, 0))


KINDS: dict[str, Callable[[np.random.Generator, list[int]], Numbers]] = {
    "load": _load, "idle": _idle, "transfers": _transfers, "rhythm": _rhythm, "riders": _riders, "warmth": _warmth,
    "road": _road, "delays": _delays, "prices": _prices, "spikes": _spikes,
}  # fmt: skip
