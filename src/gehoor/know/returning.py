"""Customers who pause and come back: the Pareto/NBD in which nobody is lost for good."""

from typing import ClassVar, Self

import numpy as np

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats
from gehoor.know.likelihood import Fit, Prior, maximise
from gehoor.know.outlook import Outlook
from gehoor.know.pausing import Ahead, ahead, silence
from gehoor.know.purchasing import ENOUGH
from gehoor.know.rfm import DAYS_A_WEEK, Histories

__all__ = ["Returning"]

_RATES = np.exp(np.linspace(np.log(1e-4), np.log(7), 24))
_PAUSES = np.exp(np.linspace(np.log(5e-4), np.log(3), 14))
_L, _M = (grid.ravel() for grid in np.meshgrid(_RATES, _PAUSES, indexing="ij"))
_SHAPES = np.stack([np.log(_L), -_L, np.log(_M), -_M])
_ROWS = 8_192
_STEP = 1e-6


class Returning:
    """Rates of ordering are gamma (r, alpha), rates of pausing gamma (s, beta); who pauses comes back at rate `back`.

    With `back` 0 it is the Pareto/NBD. People buy in clumps: who was silent for long comes back more often than models
    say in which silence means death; here a silence means a pause, and each gap between two orders teaches how long
    those are. `p_alive` is the chance that the next order comes before the next pause: as in the BG/NBD, in which
    "alive" means that another order will come.

    Parameters
    ----------
    weeks : float
        How far ahead to look.

    Attributes
    ----------
    params_, errors_ : dict of str to float
        r, alpha, s, beta, back, in weeks; their standard errors.
    log_likelihood_, has_converged_, is_pooled_
        As in every `PurchaseModel`; the prior always weighs, as much as a handful of customers.

    Notes
    -----
    The two rates of a customer lie on a grid of 24 by 14, whose weights are those of the gammas: no integral is left,
    and what a customer did is a product of rows of one table. Fitted to at most 5,000 customers, taken at even
    distances: 0.5 s. Predicted: 10 us a customer.

    References
    ----------
    .. [1] A. Kuczura, The interrupted Poisson process as an overflow process, Bell System Technical Journal 52 (1973)
    .. [2] Y. Zhang, E. T. Bradlow, D. S. Small, Predicting customer value using clumpiness, Marketing Science 34
           (2015).
    """

    names: ClassVar = ("r", "alpha", "s", "beta", "back")
    prior: ClassVar = Prior((0.6, 10.0, 1.0, 15.0, 0.02), (1.0, 1.5, 0.7, 1.5, 1.0))
    most: ClassVar[int] = 5_000

    def __init__(self, weeks: float = 52.0) -> None:
        self.weeks = weeks
        self.log_likelihood_, self.has_converged_, self.is_pooled_ = float("nan"), False, False
        self.params_: dict[str, float] = {}
        self.errors_: dict[str, float] = {}
        self._fit: Fit | None = None

    def fit(self, given: Histories) -> Self:
        """Learn from customers; their order does not matter while they are few."""
        histories = given.thinned(self.most).alike()[0]
        self.is_pooled_ = float(histories.n @ (histories.frequency > 0)) < ENOUGH
        best = maximise(lambda params: _scores(params, histories), histories.n, self.prior.median, self.prior)
        self._fit, self.has_converged_ = best, best.has_converged
        self.log_likelihood_ = best.log_likelihood
        self.params_ = dict(zip(self.names, best.params.tolist(), strict=True))
        self.errors_ = dict(zip(self.names, best.errors.tolist(), strict=True))
        return self

    def predict(self, given: Histories) -> Outlook:
        """Say what to expect of each customer in the weeks ahead; intervals are over what their own rates may be."""
        if self._fit is None:
            raise ContractError("Returning was not fitted: call fit before predict.")
        histories, place = given.alike()
        future = ahead(_L, _M, float(self._fit.params[4]), self.weeks)
        starts = range(0, len(histories.n), _ROWS)
        parts = [self._some(self._fit.params, histories, slice(start, start + _ROWS), future) for start in starts]
        whole = np.concatenate([np.zeros((5, 0)), *parts], axis=1)
        return Outlook(*whole).of(place)

    def _some(self, params: Floats, histories: Histories, rows: slice, future: Ahead) -> Floats:
        """Return the five columns of the outlook of some rows."""
        picked = histories.rows(np.arange(len(histories.n))[rows])
        table, active = _tables(float(params[4]), picked)
        height = _heights(table, active[1], picked) + _log_weights(params)
        share = np.exp(height - height.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        is_active = active[0][picked.silence_days]
        here = share * is_active
        soon = _L / (_L + _M)
        alive = here @ soon
        mean, pairs, none = (here @ now + (share - here) @ paused for now, paused in future)
        spread = (here * is_active) @ soon**2 - alive**2
        return np.stack([alive, np.maximum(spread, 0), 1 - none, mean, pairs + mean - mean**2])


def _log_weights(params: Floats) -> Floats:
    """Return the logarithm of how usual each pair of rates is: two gammas, on grids even in the logarithm."""
    height = params[:4] @ _SHAPES
    height = height - height.max()
    return np.asarray(height - np.log(np.exp(height).sum()))


def _tables(back: float, histories: Histories) -> tuple[Floats, tuple[Floats, Floats]]:
    """Return by days: the log density of a gap; the chance to be active after a silence, and the log chance of it."""
    n_days = max(histories.gaps.shape[1], int(histories.silence_days.max(initial=0)) + 1)
    weeks = np.arange(n_days)[:, None] / DAYS_A_WEEK
    state = silence(_L, _M, back, weeks)
    whole = state.active + state.pausing
    return np.log(_L * state.active)[: histories.gaps.shape[1]], (state.active / whole, np.log(whole))


def _heights(table: Floats, quiet: Floats, histories: Histories) -> Floats:
    """Return the log-likelihood of each row under each pair of rates."""
    return np.asarray(histories.gaps @ table) + quiet[histories.silence_days]


def _scores(params: Floats, histories: Histories) -> tuple[Floats, Floats]:
    """Return the log-likelihood of each row, and its derivatives by the logarithms of the parameters."""
    weights = _log_weights(params)
    tables = [_tables(float(params[4]) * np.exp(step), histories) for step in (0.0, _STEP)]
    height = _heights(tables[0][0], tables[0][1][1], histories) + weights
    top = height.max(axis=1, keepdims=True)
    share = np.exp(height - top)
    total = share.sum(axis=1, keepdims=True)
    share /= total
    by_shape = (share @ _SHAPES.T - np.exp(weights) @ _SHAPES.T) * params[:4]
    slope = [(up - here) / _STEP for here, up in zip(_flat(tables[0]), _flat(tables[1]), strict=True)]
    by_back = (share * _heights(slope[0], slope[1], histories)).sum(axis=1)
    return (top + np.log(total))[:, 0], np.vstack([by_shape.T, by_back])


def _flat(tables: tuple[Floats, tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    return tables[0], tables[1][1]
