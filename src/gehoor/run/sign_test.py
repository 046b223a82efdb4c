"""Whether a new head is worse than an old one on the same posts: the one-sided sign test.

Only posts that exactly one of both gets right say anything. McNemar (1947), in its exact, one-sided form.
"""

from math import comb

__all__ = ["is_no_worse", "p_of_loss"]


def p_of_loss(n_gained: int, n_lost: int) -> float:
    """Return how probable at least so many losses are, if losses and gains were equally likely.

    Examples
    --------
    >>> round(p_of_loss(2, 8), 4), p_of_loss(0, 0)
    (0.0547, 1.0)
    """
    n = n_gained + n_lost
    return float(sum(comb(n, k) for k in range(n_lost, n + 1)) / 2**n)


def is_no_worse(n_gained: int, n_lost: int) -> bool:
    """Tell whether a head may take the place of another: it loses no more posts than it gains.

    Stricter than the test at any of its usual levels: a head that is probably as good is not good enough.

    Examples
    --------
    >>> is_no_worse(5, 5), is_no_worse(4, 5)
    (True, False)
    """
    return n_lost <= n_gained
