"""What every detector must pass, ours and other people's. Each check raises `ContractError` and says what is wrong."""

from collections.abc import Callable

import numpy as np

from gehoor.core.errors import ContractError
from gehoor.warn.base import Detector, Floats

__all__ = ["CHECKS", "SETTLED", "STEP_S", "scores_of", "stream"]

STEP_S = 60.0
SETTLED = 1_440
"""Buckets after which a detector must know what is normal: a day."""

_MONDAY = 1_775_433_600.0  # Monday 6 April 2026, 00:00 UTC
_PER_BUCKET = (0.05, 3.0, 30.0, 3_000.0)
_LEAST, _BURST = 1.0, 20.0


def stream(n_buckets: int, per_bucket: tuple[float, ...] = _PER_BUCKET) -> Floats:
    """Return counts that follow no rhythm, by chance always the same; shape (n_buckets, n)."""
    rng = np.random.default_rng(7)
    return rng.poisson(per_bucket, (n_buckets, len(per_bucket))).astype(np.float64)


def scores_of(detector: Detector, counts: Floats, first: int = 0) -> Floats:
    """Return the scores of buckets in order, of which `first` is the number of the first; shape of `counts`."""
    steps = (detector.update(row, _MONDAY + STEP_S * (first + place + 1)) for place, row in enumerate(counts))
    return np.array(list(steps)).reshape(counts.shape)


def is_documented(kind: type[Detector]) -> None:
    """Check that it says what it does."""
    if not (kind.__doc__ and kind.update.__doc__):
        raise ContractError(f"{kind.__name__}: no docstring of the class or of update.")


def knows_only_the_past(kind: type[Detector]) -> None:
    """Check that no score depends on a later bucket."""
    counts = stream(400)
    other = counts.copy()
    other[300:] *= 50
    first, second = (scores_of(kind(STEP_S, counts.shape[1]), one)[:300] for one in (counts, other))
    if not np.array_equal(first, second):
        raise ContractError(f"{kind.__name__}: scores of the first 300 buckets change with what comes after them.")


def judges_each_series_alone(kind: type[Detector]) -> None:
    """Check that a series gets the same scores alone and among others, also when others come later."""
    counts = stream(300)
    together = scores_of(kind(STEP_S, counts.shape[1]), counts)
    for series in range(counts.shape[1]):
        alone = scores_of(kind(STEP_S, 1), counts[:, [series]])
        if not np.allclose(alone[:, 0], together[:, series], rtol=1e-9, atol=1e-9):
            raise ContractError(f"{kind.__name__}: series {series} is judged otherwise alone.")
    grown = kind(STEP_S, 2)
    before = scores_of(grown, counts[:200, :2])
    grown.grow(counts.shape[1])
    after = scores_of(grown, counts[200:], first=200)
    if not np.allclose(np.vstack([before, after[:, :2]]), together[:, :2], rtol=1e-9, atol=1e-9):
        raise ContractError(f"{kind.__name__}: a series is judged otherwise once there are more.")


def is_silent_where_nothing_is_said(kind: type[Detector]) -> None:
    """Check that zeros never sound an alarm, and that no series at all is no error."""
    scores = scores_of(kind(STEP_S, 1), np.zeros((2_000, 1)))
    if not (np.isfinite(scores).all() and (scores < 0).all()):
        raise ContractError(f"{kind.__name__}: the score of nothing reaches {scores.max()}.")
    if scores_of(kind(STEP_S, 0), np.zeros((3, 0))).shape != (3, 0):
        raise ContractError(f"{kind.__name__} makes scores out of no series.")


def sees_a_burst_at_any_scale(kind: type[Detector]) -> None:
    """Check that twenty times the usual, for ten minutes, stands out in a quiet series and in a loud one."""
    counts = stream(SETTLED + 10)
    counts[SETTLED:] += np.round((_BURST - 1) * np.maximum(_PER_BUCKET, 0.5))
    scores = scores_of(kind(STEP_S, counts.shape[1]), counts)
    best = scores[SETTLED:].max(axis=0)
    if not ((best >= _LEAST) & (best > scores[:SETTLED].max(axis=0))).all():
        raise ContractError(f"{kind.__name__}: a burst scores {best.round(1)}, where {_LEAST} is needed.")


def is_the_same_after_a_restart(kind: type[Detector]) -> None:
    """Check that its state holds all that it knows, and that two of a kind agree."""
    counts = stream(600)
    whole = scores_of(kind(STEP_S, counts.shape[1]), counts)
    stopped = kind(STEP_S, counts.shape[1])
    scores_of(stopped, counts[:377])
    again = kind.of(stopped.state())
    if not np.array_equal(scores_of(again, counts[377:], first=377), whole[377:]):
        raise ContractError(f"{kind.__name__}: after a restart it judges otherwise.")


def expects_what_was_usual(kind: type[Detector]) -> None:
    """Check that after a day of the same, and after a past that is learnt by the hour, about that is expected."""
    rates = np.array(_PER_BUCKET)
    lived, taught = kind(STEP_S, len(rates)), kind(STEP_S, len(rates))
    scores_of(lived, stream(SETTLED))
    for hour in range(48):
        taught.past(rates * 60, int(_MONDAY // 3600) + hour)
    for normal in (lived.normal(), taught.normal()):
        if normal.shape != rates.shape or (np.abs(normal - rates) > 0.5 * rates + 0.05).any():
            raise ContractError(f"{kind.__name__}: expects {normal.round(2)} where {rates} is usual.")


CHECKS: tuple[Callable[[type[Detector]], None], ...] = (
    is_documented,
    knows_only_the_past,
    judges_each_series_alone,
    is_silent_where_nothing_is_said,
    sees_a_burst_at_any_scale,
    is_the_same_after_a_restart,
    expects_what_was_usual,
)
