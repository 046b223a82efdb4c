"""Which model to believe: what each would have said of weeks that are known by now."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from gehoor.know.base import Floats, Ints
from gehoor.know.bgnbd import BGNBD
from gehoor.know.committee import MEMBERS, Committee, averaged
from gehoor.know.mbgnbd import MBGNBD
from gehoor.know.outlook import Outlook
from gehoor.know.paretonbd import ParetoNBD
from gehoor.know.returning import Returning
from gehoor.know.rfm import DAYS_A_WEEK, Histories

__all__ = ["MODELS", "Choice", "Judged", "PurchaseModelKind", "choose", "held_out"]

PurchaseModelKind = type[BGNBD] | type[MBGNBD] | type[ParetoNBD] | type[Returning] | type[Committee]

MODELS: dict[str, PurchaseModelKind] = {
    kind.__name__: kind for kind in (Committee, Returning, ParetoNBD, MBGNBD, BGNBD)
}
"""The first is the default."""

_BASELINE = "recency"
_LEAST_CUSTOMERS, _LEAST_AGAIN = 100, 30
_MOST = 20_000
_ERRORS, _SHARE = 2.0, 0.05


@dataclass(frozen=True, slots=True)
class Judged:
    """How a model did in the held-out weeks; the baseline only ranks, by days since the last order."""

    name: str
    total: float | None
    rmse: float | None
    again_auc: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model, and why.

    Attributes
    ----------
    name : str
        Of `MODELS`.
    held_out_days, customers, actual : int
        How many days were held out, of how many customers, who ordered on so many days in them; 0: too little is known
        to hold anything out, and the default stands.
    judged : tuple of Judged
        Every model, and the baseline.
    """

    name: str
    held_out_days: int
    customers: int
    actual: int
    judged: tuple[Judged, ...]


def choose(customer: Ints, day: Ints, until: int, horizon_days: int) -> Choice:
    """Fit every model to the days before, and see what it says of those behind.

    The default stands unless a model that ranks who is gone (all but BG/NBD) had a smaller squared error, by a
    twentieth and by two standard errors: a little luck in some weeks is no reason to believe one alone.

    Parameters
    ----------
    customer, day : int64, shape (rows,)
        Orders, as `Histories.of` takes them.
    until : int
        The last day that is known.
    horizon_days : int
        How far ahead one wants to look; as many days are held out, at most half of what is known.
    """
    default = next(iter(MODELS))
    seen = held_out(customer, day, until, horizon_days)
    if seen is None:
        return Choice(default, 0, 0, 0, ())
    histories, actual, days = seen
    weeks = days / DAYS_A_WEEK
    single = {name: kind(weeks).fit(histories).predict(histories) for name, kind in MODELS.items() if name != default}
    looks = {default: averaged([single[member.__name__] for member in MEMBERS]), **single}
    silent = -histories.silence_days.astype(np.float64)
    judged = [_judge(name, look, actual) for name, look in looks.items()]
    judged.append(Judged(_BASELINE, None, None, _auc(actual, silent)))
    errors = {name: (look.mean - actual) ** 2 for name, look in looks.items() if name != BGNBD.__name__}
    best = min(errors, key=lambda name: float(errors[name].mean()))
    gain = errors[default] - errors[best]
    is_better = gain.mean() > max(_ERRORS * gain.std() / np.sqrt(len(gain)), _SHARE * errors[default].mean())
    return Choice(best if is_better else default, days, len(actual), int(actual.sum()), tuple(judged))


def held_out(customer: Ints, day: Ints, until: int, horizon_days: int) -> tuple[Histories, Floats, int] | None:
    """Return histories up to an earlier day, how often each customer ordered behind it, and in how many days.

    None where that would leave fewer than a hundred customers, or thirty that came back. Of more than 20,000 customers
    every k-th is taken.
    """
    days = min(horizon_days, (until - int(day.min(initial=until))) // 2)
    if days < DAYS_A_WEEK:
        return None
    cut = until - days
    step = -(-(int(customer.max(initial=0)) + 1) // _MOST)
    is_picked = (customer % step == 0) & (day <= until)
    customer, day = customer[is_picked] // step, day[is_picked]
    known, place = np.unique(customer[day <= cut], return_inverse=True)
    histories = Histories.of(place, day[day <= cut], cut)
    behind = np.unique(customer[day > cut] * (days + 1) + (day[day > cut] - cut)) // (days + 1)
    at = np.searchsorted(known, behind)
    is_known = at < len(known)
    is_known[is_known] = known[at[is_known]] == behind[is_known]
    actual = np.bincount(at[is_known], minlength=len(known)).astype(np.float64)
    if len(known) < _LEAST_CUSTOMERS or (histories.frequency > 0).sum() < _LEAST_AGAIN:
        return None
    return histories, actual, days


def _judge(name: str, look: Outlook, actual: Floats) -> Judged:
    rmse = float(np.sqrt(((look.mean - actual) ** 2).mean()))
    return Judged(name, float(look.mean.sum()), rmse, _auc(actual, look.mean))


def _auc(actual: Floats, score: Floats) -> float | None:
    """Return how often somebody who ordered again was ranked above somebody who did not; None where all or none did."""
    is_again = actual > 0
    n = int(is_again.sum())
    others = len(score) - n
    if not n or not others:
        return None
    return float((rankdata(score)[is_again].sum() - n * (n + 1) / 2) / (n * others))
