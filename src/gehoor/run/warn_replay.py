"""How late alarms would be here: bursts of five times the usual, put into the workspace's own quiet past.

The detector reads the hours of four weeks, then lives the last days in steps of ten seconds, as it did. At moments that
chance drew it is stopped, a burst is added to what was counted, and it goes on until it warns, ten minutes at most. No
burst is put where something was going on by itself. Runs in a process of its own: ten to thirty seconds of CPU.
"""

from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gehoor.core import registry
from gehoor.core.alert import Alert
from gehoor.core.clock import SECOND_US
from gehoor.core.errors import GehoorError
from gehoor.core.reader import Cell, Reader
from gehoor.core.settings import Settings, load
from gehoor.core.warned import Delay

__all__ = ["delay_in_child", "delay_of"]

_STEP_S, _HOUR_S = 10, 3_600
_FINE_DAYS, _PAST_DAYS = 2.5, 28
_LEAST_HOURS = 24
_FACTOR, _N, _LASTS_S = 5.0, 30, 600
_LEAST_PER_MINUTE = 0.5
_DETECTOR, _INDEPENDENT = "burst", 3

Floats = npt.NDArray[np.float64]


def delay_in_child(root: str, now: int, answer: Connection) -> None:
    """Measure, and send a `Delay`; the end of the pipe without one is that it could not be measured."""
    try:
        settings = load(Path(root))
        answer.send_bytes(msgspec.json.encode(delay_of(Reader(settings.root), settings, now)))
    except (GehoorError, OSError, ValueError) as error:
        answer.send_bytes(msgspec.json.encode(Delay(at=now, note=str(error)[:200])))


def delay_of(reader: Reader, settings: Settings, now: int, seed: int = 1) -> Delay:
    """Return after how long a burst would be warned of, as it stands at a moment (microseconds UTC).

    Cost: 0.3 ms for each ten seconds of the last days, and as much for the ten minutes of each burst.
    """
    brands = tuple(settings.brands) or ("",)
    until = now // (_HOUR_S * SECOND_US) * _HOUR_S
    since = until - round(_FINE_DAYS * 24) * _HOUR_S
    counts = _counts(reader, brands, since, until)
    hours = counts.reshape(-1, _HOUR_S // _STEP_S, len(brands)).sum(axis=1)
    heard = np.flatnonzero(hours.any(axis=1))
    if len(heard) < _LEAST_HOURS:
        return Delay(at=now, note="short", days=len(heard) / 24)
    first = int(heard[0])  # nobody listened before: that is no silence
    since, counts, days = since + first * _HOUR_S, counts[first * _HOUR_S // _STEP_S :], (len(hours) - first) / 24
    usual = np.median(hours[first:], axis=0) / 60
    busy = np.flatnonzero(usual >= _LEAST_PER_MINUTE)
    if not len(busy):
        return Delay(at=now, note="quiet", per_minute=float(usual.max()), days=days)
    calm = _calm(reader.alerts(since=since * SECOND_US, limit=500), since, len(counts))
    places = _places(calm, busy, np.random.default_rng(seed))
    found = _Lived(reader, brands, since, settings).delays(counts, places, seed) if places else []
    return _summed(found, now, float(np.median(usual[busy])), days)


def _counts(reader: Reader, brands: Sequence[str], since: int, until: int, step_s: int = _STEP_S) -> Floats:
    """Return posts by step and brand, shape (n_steps, n_brands); copies count, since storms are made of them."""
    counts = np.zeros(((until - since) // step_s, len(brands)))
    for place, brand in enumerate(brands):
        cells: list[Cell] = reader.counts(
            resolution=step_s, since=since * SECOND_US, until=until * SECOND_US, by=("at",), brand=brand
        )
        for cell in cells:
            assert cell.at is not None
            counts[(cell.at // SECOND_US - since) // step_s, place] += cell.n
    return counts


def _calm(alerts: Sequence[Alert], since: int, n_steps: int) -> npt.NDArray[np.bool_]:
    """Tell at which steps nothing was going on: from half an hour before each alert until an hour after it."""
    calm = np.ones(n_steps, np.bool_)
    for alert in alerts:
        first = (alert.began_at // SECOND_US - since - _HOUR_S // 2) // _STEP_S
        last = n_steps if alert.ended_at is None else (alert.ended_at // SECOND_US - since + _HOUR_S) // _STEP_S
        calm[max(0, first) : max(0, last)] = False
    return calm


def _places(calm: npt.NDArray[np.bool_], busy: npt.NDArray[np.intp], rng: np.random.Generator) -> dict[int, int]:
    """Return where a burst is put: step and brand, by chance, not in the first half of a day."""
    first, last = 12 * _HOUR_S // _STEP_S, len(calm) - _LASTS_S // _STEP_S
    free = np.flatnonzero(calm[first:last]) + first
    drawn = rng.permutation(free)[:_N]
    return {int(step): int(rng.choice(busy)) for step in np.sort(drawn)}


class _Lived:
    """The detector with a past of hours behind it, at the first of the fine steps."""

    def __init__(self, reader: Reader, brands: Sequence[str], since: int, settings: Settings) -> None:
        self._since = since
        self._detector: Any = registry.load("detectors", _DETECTOR)(_STEP_S, len(brands))
        rate = settings.alerts.false_alarms_per_week / (len(brands) * _INDEPENDENT)
        self._threshold = float(-np.log10(rate))
        hours = _counts(reader, brands, since - _PAST_DAYS * 24 * _HOUR_S, since, _HOUR_S)
        heard = np.flatnonzero(hours.any(axis=1))
        for at in range(int(heard[0]), len(hours)) if len(heard) else ():
            self._detector.past(hours[at], since // _HOUR_S - len(hours) + at)

    def delays(self, counts: Floats, places: dict[int, int], seed: int) -> list[float | None]:
        """Return for each burst after how many seconds it was warned of; None: not within ten minutes."""
        found: list[float | None] = []
        rng = np.random.default_rng(seed + 1)
        for step, row in enumerate(counts):
            if step in places:
                found.append(self._delay(counts[step:], places[step], self._since + step * _STEP_S, rng))
            self._detector.update(row, float(self._since + (step + 1) * _STEP_S))
        return found

    def _delay(self, rows: Floats, brand: int, at: int, rng: np.random.Generator) -> float | None:
        copy = type(self._detector).of(self._detector.state())
        extra = (_FACTOR - 1) * max(float(copy.normal()[brand]), _LEAST_PER_MINUTE * _STEP_S / 60)
        for step in range(_LASTS_S // _STEP_S):
            row = rows[step].copy()
            row[brand] += rng.poisson(extra)
            if copy.update(row, float(at + (step + 1) * _STEP_S))[brand] >= self._threshold:
                return float((step + 1) * _STEP_S)
        return None


def _summed(found: Sequence[float | None], now: int, per_minute: float, days: float) -> Delay:
    """Return the median and its 95 % interval by order statistics; a burst that was not seen is later than all."""
    delays = np.sort([np.inf if one is None else one for one in found])
    n = len(delays)
    if not n:
        return Delay(at=now, note="busy", per_minute=per_minute, days=days)
    half = 1.96 * np.sqrt(n) / 2
    low, high = max(0, int(np.floor(n / 2 - half))), min(n - 1, int(np.ceil(n / 2 + half)))
    median = float(np.median(delays)) if np.isfinite(delays[(n - 1) // 2 : n // 2 + 1]).all() else np.inf

    def told(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    return Delay(
        at=now, factor=_FACTOR, n=n, n_found=int(np.isfinite(delays).sum()), median_s=told(median),
        low_s=told(delays[low]), high_s=told(delays[high]), per_minute=per_minute, days=days,
    )  # fmt: skip
