"""Is an index true: does it foretell what comes better than yesterday's figure alone?"""

from dataclasses import dataclass

import numpy as np

from gehoor.mirror.base import Floats, Reading

__all__ = ["FEWEST", "Foresight", "foresight"]

FEWEST = 12
"""Weeks that must be foretold before anything is said."""

_LEARN = 8
"""Weeks that are learnt from before the first is foretold."""

_DRAWS, _SEED = 2_000, 7
_BLOCK = 4
"""Weeks whose outcomes share people: 28 days."""
_RIDGE = 1.0  # half a dozen weeks do not tell how much an index matters: without it the first forecasts run wild


@dataclass(frozen=True)
class Foresight:
    """How much better the index foretold.

    Attributes
    ----------
    gain : Reading
        Log loss of yesterday's figure alone less that of both together, nats a person; above 0 the index helps.
    n_foretold : int
        Weeks that were foretold.
    """

    gain: Reading
    n_foretold: int


def foresight(known: Floats, index: Floats, outcome: Floats) -> Foresight:
    """Foretell each week's outcome from what was known before it, with the index and without, and compare.

    Walks forward: the forecast of a week learns from weeks whose outcome was known by then, four weeks earlier and
    before. The loss is that of a share against the share that came, so that what cannot be foretold costs both alike.
    The interval is drawn from stretches of four weeks, which share people.

    Parameters
    ----------
    known, outcome : array, shape (n_weeks,)
        The share as it was known in each week, and as it came to be four weeks later; 0 to 1, in order of time.
    index : array, shape (n_weeks,)
        The index in each week.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> index = rng.normal(size=60)
    >>> outcome = 1 / (1 + np.exp(-0.3 * index))
    >>> found = foresight(np.full(60, 0.5), index, outcome)
    >>> found.n_foretold, found.gain.low > 0
    (48, True)
    """
    here = np.isfinite(known) & np.isfinite(index) & np.isfinite(outcome)
    known, index, outcome = known[here], index[here], np.clip(outcome[here], 1e-6, 1 - 1e-6)
    first = _LEARN + _BLOCK
    gains = []
    for week in range(first, len(outcome)):
        past = slice(0, week - _BLOCK + 1)
        logits = np.log(outcome) - np.log1p(-outcome)
        base, more = _logit(known)[:, None], np.column_stack([_logit(known), index])
        losses = [
            _loss(outcome[week], _forecast(one[past], logits[past], one[week]))
            for one in (base, more)
        ]  # fmt: skip
        gains.append(losses[0] - losses[1])
    if len(gains) < FEWEST:
        return Foresight(Reading(np.nan, np.nan, np.nan, "nats", "up"), len(gains))
    found = np.array(gains)
    return Foresight(Reading(float(found.mean()), *_spread(found), "nats", "up"), len(gains))


def _logit(share: Floats) -> Floats:
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _forecast(past: Floats, came: Floats, now: Floats) -> float:
    """Return the share that a line through the past foretells; slopes are held back where there is little to learn."""
    middle, scale = past.mean(axis=0), np.maximum(past.std(axis=0), 1e-9)
    given = (past - middle) / scale
    held = given.T @ given + _RIDGE * np.eye(given.shape[1])
    slopes = np.linalg.solve(held, given.T @ (came - came.mean()))
    return float(1 / (1 + np.exp(-(came.mean() + (now - middle) / scale @ slopes))))


def _loss(came: float, foretold: float) -> float:
    foretold = float(np.clip(foretold, 1e-6, 1 - 1e-6))
    return float(-came * np.log(foretold) - (1 - came) * np.log1p(-foretold))


def _spread(gains: Floats) -> tuple[float, float]:
    """Return between which values the mean lies in 90 of 100 cases, from stretches drawn with replacement."""
    rng = np.random.default_rng(_SEED)
    n = len(gains)
    starts = rng.integers(0, n, (_DRAWS, -(-n // _BLOCK)))
    places = (starts[:, :, None] + np.arange(_BLOCK)) % n
    means = gains[places.reshape(_DRAWS, -1)[:, :n]].mean(axis=1)
    low, high = np.quantile(means, [0.05, 0.95])
    return float(low), float(high)
