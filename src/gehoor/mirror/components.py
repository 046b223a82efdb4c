"""What the two indices are made of: nine shares between 0 and 1, each with a score that may be added up.

The score of a share is its logit (of reach, which is small and may be all, log(1 + share)). Half a person is added
where a share could be 0 or 1, so that ten people give a score too.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gehoor.mirror.base import Floats
from gehoor.mirror.day import Day

__all__ = ["BINDING", "CAPTIVATING", "Component"]

_Columns = dict[str, Floats]


@dataclass(frozen=True)
class Component:
    """A share of a day in every replica, shape (1 + n_replicas,); NaN when the day does not tell.

    Attributes
    ----------
    name : str
        In English, as in the glossary.
    share : callable
        From a day's columns and the day.
    is_small : bool
        Score by log(1 + share) instead of the logit.
    """

    name: str
    share: Callable[[_Columns, Day], Floats]
    is_small: bool = False

    @property
    def least(self) -> float:
        """The smallest spread of the score that is told apart: 5 % of the odds, of reach a fifth of a percentage point.

        What hardly moves in a year would else be called very unusual as soon as it moves at all.
        """
        return 0.002 if self.is_small else 0.05

    def shares(self, day: Day) -> Floats:
        """Return the share, row 0 as measured; all NaN when it is missing."""
        shares = self.share(day.columns(), day)
        return np.clip(shares, 1e-9, 1 - 1e-9) if np.isfinite(shares).all() else np.full(len(shares), np.nan)

    def score(self, shares: Floats) -> Floats:
        """Return what is added up."""
        return np.asarray(np.log1p(shares) if self.is_small else np.log(shares) - np.log1p(-shares))


def _of(part: Floats, whole: Floats) -> Floats:
    """Return a share with half a person on each side, or NaN of nobody."""
    return (part + 0.5) / (whole + 1.0) if whole[0] > 0 else np.full(len(whole), np.nan)


def _beside(one: Floats, other: Floats) -> Floats:
    """Return the share whose logit is log(one / other)."""
    return np.asarray(one / (one + other))


def _reach(of: _Columns, day: Day) -> Floats:
    del day
    return np.asarray(of["active"] / of["known"]) if of["known"][0] > 0 else of["active"] * np.nan


def _rate(reactions: Floats, views: float) -> Floats:
    return (reactions + 0.5) / (views + 1.0) if views > 0 else reactions * np.nan


def _response(of: _Columns, day: Day) -> Floats:
    views = np.nansum([day.views_first, day.views_again])
    return _rate(of["reactions_first"] + of["reactions_again"], float(views))


def _freshness(of: _Columns, day: Day) -> Floats:
    first = _rate(of["reactions_first"], day.views_first)
    return _beside(_rate(of["reactions_again"], day.views_again), first)


def _novelty(of: _Columns, day: Day) -> Floats:
    del day
    return _of(of["new"], of["month"])


def _momentum(of: _Columns, day: Day) -> Floats:
    del day
    if not of["weeks"][0] > 0:
        return of["weeks"] * np.nan
    return _beside(of["week"] + 1.0, of["weeks"] / 4.0 + 1.0)


def _retention(of: _Columns, day: Day) -> Floats:
    del day
    return _of(of["came_back"], of["was_here"])


def _repeat(of: _Columns, day: Day) -> Floats:
    if not of["buyers"][0] > 0:
        return of["buyers"] * np.nan
    # half a buyer who does as size explains: a replica may hold none
    orders = (of["orders"] + 0.5 * day.orders_expected) / (of["buyers"] + 0.5)
    return _beside(orders, np.full(len(orders), day.orders_expected))


def _reciprocity(of: _Columns, day: Day) -> Floats:
    del day
    theirs, ours = _of(of["answered"], of["asked"]), _of(of["told_back"], of["told"])
    return np.asarray(2 * theirs * ours / (theirs + ours))


def _loyal_share(of: _Columns, day: Day) -> Floats:
    del day
    return _of(of["loyal_days"], of["days"])


CAPTIVATING = (
    Component("reach", _reach, is_small=True),
    Component("response", _response),
    Component("novelty", _novelty),
    Component("freshness", _freshness),
    Component("momentum", _momentum),
)
BINDING = (
    Component("retention", _retention),
    Component("repeat", _repeat),
    Component("reciprocity", _reciprocity),
    Component("loyal_share", _loyal_share),
)
