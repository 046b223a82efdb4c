"""Keeps scikit-learn from warning of what is meant."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["unconverged"]


@contextmanager
def unconverged() -> Iterator[None]:
    """Let a fit end where it is near enough: what it is worth is seen on what was held out."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "The number of unique classes")  # few labels of many classes are no mistake
        yield
