"""Maximum likelihood for models whose parameters are all positive, with analytic gradients and standard errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from gehoor.know.base import Floats

__all__ = ["Fit", "Prior", "maximise"]

Scores = Callable[[Floats], tuple[Floats, Floats]]

_LOW, _HIGH = -9.0, 7.0  # of the logarithm: what lies outside is no finding, but a ridge of the likelihood
_EDGE = 0.01
_SHARP = 1.0  # the largest standard error of a logarithm: beyond a factor e, rows say next to nothing
_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Prior:
    """What is usual: each parameter is log-normal around `median`, with `spread` the deviation of its logarithm."""

    median: tuple[float, ...]
    spread: tuple[float, ...]

    def score(self, logs: Floats) -> tuple[float, Floats]:
        """Return the log density, up to a constant, and its gradient."""
        away = (logs - np.log(self.median)) / np.array(self.spread)
        return float(-(away**2).sum() / 2), -away / np.array(self.spread)


@dataclass(frozen=True, slots=True)
class Fit:
    """What maximum likelihood found.

    Attributes
    ----------
    params, errors : float64, shape (k,)
        The parameters, and their standard errors (delta method on the logarithms).
    covariance : float64, shape (k, k)
        Of the logarithms of the parameters.
    log_likelihood : float
        Of the rows, without the prior.
    has_converged : bool
        False where the search gave up, ran to the edge of what is possible, or a parameter could as well be three
        times as large.
    """

    params: Floats
    errors: Floats
    covariance: Floats
    log_likelihood: float
    has_converged: bool


def maximise(scores: Scores, n: Floats, start: tuple[float, ...] | Floats, prior: Prior | None = None) -> Fit:
    """Find the parameters under which the rows are most likely.

    Parameters
    ----------
    scores : callable
        From parameters, shape (k,), to the log-likelihood of each row, shape (rows,), and its derivatives by the
        *logarithms* of the parameters, shape (k, rows).
    n : float64, shape (rows,)
        How often each row occurs.
    start : k numbers
        Where the search begins.
    prior : Prior, optional
        What is usual, where rows are few.

    Notes
    -----
    L-BFGS on the logarithms; the information matrix is the derivative of the gradient, by central differences.
    """
    total = max(float(n.sum()), 1.0)

    def loss(logs: Floats) -> tuple[float, Floats]:
        each, slopes = scores(np.exp(logs))
        value, slope = float(each @ n), slopes @ n
        if prior is not None:
            more, steeper = prior.score(logs)
            value, slope = value + more, slope + steeper
        return -value / total, -slope / total

    found = minimize(
        loss,
        np.clip(np.log(start), _LOW, _HIGH),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_LOW, _HIGH)] * len(start),
        options={"maxiter": 300, "ftol": 1e-11, "gtol": 1e-7},
    )
    logs = np.asarray(found.x)
    covariance, is_sharp = _covariance(lambda at: loss(at)[1] * total, logs)
    is_inside = bool(((logs > _LOW + _EDGE) & (logs < _HIGH - _EDGE)).all())
    params = np.exp(logs)
    return Fit(
        params=params,
        errors=params * np.sqrt(np.diag(covariance)),
        covariance=covariance,
        log_likelihood=float(scores(params)[0] @ n),
        has_converged=is_inside and is_sharp and bool(np.isfinite(found.fun)) and found.status != 1,
    )


def _covariance(gradient: Callable[[Floats], Floats], logs: Floats) -> tuple[Floats, bool]:
    """Return the inverse of the information matrix, and whether the top is one: no ridge, no plain."""
    steps = np.eye(len(logs)) * _STEP
    information = np.array([(gradient(logs + step) - gradient(logs - step)) / (2 * _STEP) for step in steps])
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    covariance = (vectors / np.maximum(values, 1e-6)) @ vectors.T
    is_sharp = bool(values.min() > 1e-6 and np.diag(covariance).max() < _SHARP**2)
    return covariance, is_sharp
