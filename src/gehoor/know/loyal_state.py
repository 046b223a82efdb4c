"""How loyal each customer is now: loyal, repertoire, promotion hopper, leaving; from the order of their purchases."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from gehoor.know.base import Floats, Ints
from gehoor.know.switching import Purchases, Switching

__all__ = ["HOPPER", "LEAVING", "LOYAL", "REPERTOIRE", "UNKNOWN", "Bought", "Loyalty", "loyalty_of"]

LOYAL, REPERTOIRE, HOPPER, LEAVING, UNKNOWN = "loyal", "repertoire", "hopper", "leaving", "unknown"

_Bools = np.typing.NDArray[np.bool_]

_ENOUGH = 3
_LEARN = 20_000
_PROMOTED, _AWAY, _FAITHFUL = 0.5, 0.5, 0.7
_SELDOM = 0.05
_PRIOR = 2.0


class Bought(NamedTuple):
    """Orders in the order of time: customers and brands are numbers from 0, days count from 1970."""

    customer: Ints
    brand: Ints
    day: Ints
    is_promotion: _Bools


@dataclass(frozen=True, slots=True)
class Loyalty:
    """What is told of each customer, a row each.

    Attributes
    ----------
    state : list of str
        `leaving`: bought mostly with us, and by now elsewhere, or silent for longer, than chance brings 1 time in
        20; `hopper`: at least half their orders had a promotion; `repertoire`: several brands, one after the
        other; `loyal`: nearly all with us; `unknown`: fewer than three orders.
    brand : int64, shape (n,)
        The brand they bought most (of several: the last).
    n_brands : int64, shape (n,)
    p_ours : float64, shape (n,)
        How probable it is that the next order is with us.
    p_promotion : float64, shape (n,)
        Which part of their orders has a promotion, leaning on what is usual where they are few.
    gap_days, p_silence : float64, shape (n,)
        Their usual days between orders with us; how probable it is that a gap lasts longer than their silence did so
        far. NaN with fewer than three days with an order with us.
    """

    state: list[str]
    brand: Ints
    n_brands: Ints
    p_ours: Floats
    p_promotion: Floats
    gap_days: Floats
    p_silence: Floats


def loyalty_of(bought: Bought, n_brands: int, ours: int, until: int) -> Loyalty:
    """Tell how loyal each customer is.

    How fast habits fade, and how much the choice of all others counts, is learned by `Switching` on the first 20,000
    orders. Cost: 1.5 s for that, and 3 us an order.

    Parameters
    ----------
    ours : int
        Which of the brands is ours.
    until : int
        The day up to which orders are known.

    Examples
    --------
    >>> who, what = np.array([0] * 6 + [1] * 6), np.array([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0])
    >>> days = np.array([1, 8, 15, 22, 29, 36, 2, 9, 16, 23, 30, 37])
    >>> loyalty_of(Bought(who, what, days, np.zeros(12, bool)), 2, 0, 40).state
    ['leaving', 'loyal']
    """
    n = int(bought.customer.max(initial=-1)) + 1
    counts, from_end = _counts(bought, n, n_brands), _from_end(bought.customer)
    total = counts.sum(axis=1)
    p_ours = _p_ours(bought, counts, from_end, ours)
    promoted = np.bincount(bought.customer, bought.is_promotion, n)
    base = bought.is_promotion.mean() if len(bought.day) else 0.0
    p_promotion = (promoted + _PRIOR * base) / (total + _PRIOR)
    gap_days, p_silence = _silence(bought, n, ours, until)
    has_left = _left(counts[:, ours], total, _since_ours(bought, n, ours, from_end))
    with np.errstate(invalid="ignore"):
        is_silent = (p_silence < _SELDOM) & (counts[:, ours] / np.maximum(total, 1) >= _AWAY)
    is_hopper = (promoted >= 2) & (promoted >= _PROMOTED * total)
    several = (counts > 0).sum(axis=1)
    conditions = [total < _ENOUGH, is_hopper, has_left | is_silent, (several > 1) & (p_ours < _FAITHFUL)]
    state = np.select(conditions, [UNKNOWN, HOPPER, LEAVING, REPERTOIRE], LOYAL)
    return Loyalty(
        state.tolist(), _main(bought, counts, n), several.astype(np.int64), p_ours, p_promotion, gap_days, p_silence
    )


def _counts(bought: Bought, n: int, n_brands: int) -> Ints:
    key = bought.customer * n_brands + bought.brand
    return np.bincount(key, minlength=n * n_brands).reshape(n, n_brands)


def _from_end(customer: Ints) -> Ints:
    """Return how many orders of the same customer come after each."""
    order = np.argsort(customer, kind="stable")
    who = customer[order]
    last = np.searchsorted(who, who, side="right") - 1
    left = np.empty_like(customer)
    left[order] = last - np.arange(len(who))
    return left


def _p_ours(bought: Bought, counts: Ints, from_end: Ints, ours: int) -> Floats:
    """Return the share of ours among faded purchases, leaning on that of all."""
    n, n_brands = counts.shape
    model = Switching(n_brands).fit(Purchases(bought.customer[:_LEARN], bought.brand[:_LEARN]))
    weights = model.fade_**from_end
    mine = np.bincount(bought.customer, weights * (bought.brand == ours), n)
    everything = np.bincount(bought.customer, weights, n)
    usual = counts[:, ours].sum() / max(1, counts.sum())
    return np.asarray((mine + model.strength_ * usual) / (everything + model.strength_))


def _since_ours(bought: Bought, n: int, ours: int, from_end: Ints) -> Ints:
    """Return how many orders of each customer came after the last with us; all of them where none was."""
    after = np.bincount(bought.customer, minlength=n)
    mine = bought.brand == ours
    np.minimum.at(after, bought.customer[mine], from_end[mine])
    return after


def _left(mine: Ints, total: Ints, after: Ints) -> _Bools:
    """Tell whose last orders elsewhere would come in a row like this 1 time in 20, had nothing changed."""
    before = total - after
    usual = 1 - mine.sum() / max(1, total.sum())
    elsewhere = (before - mine + _PRIOR * usual) / (before + _PRIOR)
    return np.asarray((after > 0) & (mine >= _AWAY * before) & (mine > 0) & (elsewhere**after < _SELDOM))


def _silence(bought: Bought, n: int, ours: int, until: int) -> tuple[Floats, Floats]:
    """Return the usual gap, and how probable a longer one than the present; log-normal, leaning on what is usual."""
    mine = bought.brand == ours
    days = np.unique(bought.customer[mine] << 20 | bought.day[mine])
    who, day = days >> 20, days & ((1 << 20) - 1)
    is_next = np.r_[False, who[1:] == who[:-1]]
    logs = np.log(np.diff(day, prepend=0)[is_next].astype(np.float64))
    owner = who[is_next]
    k = np.bincount(owner, minlength=n)
    nothing = np.full(n, np.nan)
    if not len(logs):
        return nothing, nothing
    usual = float(logs.mean())
    mean = (np.bincount(owner, logs, n) + _PRIOR * usual) / (k + _PRIOR)
    spread = max(0.3, float(np.sqrt(((logs - mean[owner]) ** 2).mean())))
    last = np.zeros(n, np.int64)
    np.maximum.at(last, who, day)
    silence = np.log(np.maximum(until - last, 1))
    z = (silence - mean) / (spread * np.sqrt(1 + 1 / (k + _PRIOR)))
    return np.where(k >= 2, np.exp(mean), np.nan), np.where(k >= 2, 1 - ndtr(z), np.nan)


def _main(bought: Bought, counts: Ints, n: int) -> Ints:
    """Return the brand bought most; of equals the last one bought."""
    last = np.zeros(n, np.int64)
    last[bought.customer] = bought.brand  # in order of time: the last stays
    score = counts * 2
    score[np.arange(n), last] += 1
    return np.asarray(score.argmax(axis=1), np.int64)
