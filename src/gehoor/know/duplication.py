"""What size alone explains of a market's brands, and what is left over: double jeopardy, duplication, flows."""

import numpy as np

from gehoor.know.base import Floats, Ints
from gehoor.know.wallet import ShareOfWallet

__all__ = ["NEWS_Z", "double_jeopardy", "duplication", "flows"]

NEWS_Z = 3.0
"""From how many standard deviations on a figure is news: of a hundred brands that are as usual, none or one."""

Columns = dict[str, Floats]


def double_jeopardy(bought: Ints) -> Columns:
    """Compare each brand with what a brand of its size has, if buyers differ as a Dirichlet says.

    Parameters
    ----------
    bought : ndarray, shape (n_people, n_brands)
        How often each person bought each brand; each person and each brand has a purchase.

    Returns
    -------
    dict of ndarray, each of shape (n_brands,)
        `share` (of purchases), `penetration` (which part of these people buys it), `buying_rate` (purchases a buyer),
        `sole_buyers` (which part of its buyers buys nothing else), each of the last three also as `..._expected`; and
        `z`: how many standard deviations its buyers are fewer than expected. Above `NEWS_Z` it is loved beyond its
        size; below minus that, many buy it beside something else.

    Notes
    -----
    Source: Ehrenberg, Goodhardt and Barwise (1990), Double jeopardy revisited.

    Examples
    --------
    >>> table = double_jeopardy(np.array([[3, 0], [0, 2], [4, 1], [1, 0]] * 20))
    >>> table["penetration"], table["buying_rate"].round(2)
    (array([0.75, 0.5 ]), array([2.67, 1.5 ]))
    """
    wallet = ShareOfWallet().fit(bought)
    moments, only_expected = wallet.buyers(bought.sum(axis=1))
    expected, spread = moments.T
    people, buyers = len(bought), (bought > 0).sum(axis=0)
    has_one = (bought > 0).sum(axis=1) == 1
    only = (bought[has_one] > 0).sum(axis=0)
    sales = bought.sum(axis=0)
    return {
        "share": wallet.shares_,
        "penetration": buyers / people,
        "penetration_expected": expected / people,
        "buying_rate": sales / buyers,
        "buying_rate_expected": sales / expected,
        "sole_buyers": only / buyers,
        "sole_buyers_expected": only_expected / expected,
        "z": (expected - buyers) / np.sqrt(np.maximum(spread, 1e-9)),
    }


def duplication(bought: Ints) -> tuple[float, Columns]:
    """Compare how many buyers two brands share with what the size of the second explains.

    Parameters
    ----------
    bought : ndarray, shape (n_people, n_brands)
        As in `double_jeopardy`.

    Returns
    -------
    float
        D: of a brand's buyers, D times its penetration also buy another one.
    dict of ndarray, each of shape (n_brands, n_brands)
        `share`: which part of the buyers of the row's brand also buys the column's; `expected`, by D; `z`: how many
        standard deviations more than that. The diagonal is 1, 1 and 0.

    Notes
    -----
    Source: Ehrenberg (1988), Repeat-buying, chapter 10: the duplication of purchase law; D by least squares through
    the origin.

    Examples
    --------
    >>> factor, table = duplication(np.array([[1, 0], [0, 2], [4, 1], [1, 1]]))
    >>> round(factor, 2), table["share"].round(2).tolist()
    (0.89, [[1.0, 0.67], [0.67, 1.0]])
    """
    has = (bought > 0).astype(np.float64)
    buyers, apart = has.sum(axis=0), ~np.eye(bought.shape[1], dtype=np.bool_)
    share = (has.T @ has) / buyers[:, None]
    size = np.broadcast_to(buyers / len(bought), share.shape)
    factor = float((share * size)[apart].sum() / max(1e-9, (size**2)[apart].sum()))
    expected = np.where(apart, np.minimum(1.0, factor * size), 1.0)
    spread = np.sqrt(np.maximum(expected * (1 - expected) / buyers[:, None], 1e-9))
    z = np.where(apart, (share - expected) / spread, 0.0)
    return factor, {"share": share, "expected": expected, "z": z}


def flows(customer: Ints, brand: Ints, n_brands: int) -> Columns:
    """Count who comes from where and goes to where.

    Parameters
    ----------
    customer, brand : ndarray, shape (n,)
        Purchases in their order; brands are numbers from 0.

    Returns
    -------
    dict of ndarray, each of shape (n_brands, n_brands)
        `n`: how often the row's brand was followed by the column's; `net`: how many more than the other way round;
        `z`: how many standard deviations that is from none. Where habits do not move, as many go as come.

    Examples
    --------
    >>> flows(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 0, 1]), 2)["n"].tolist()
    [[1.0, 2.0], [0.0, 0.0]]
    """
    by_customer = np.argsort(customer, kind="stable")
    who, what = customer[by_customer], brand[by_customer]
    is_next = who[1:] == who[:-1]
    pair = what[:-1][is_next] * n_brands + what[1:][is_next]
    n = np.bincount(pair, minlength=n_brands**2).reshape(n_brands, n_brands).astype(np.float64)
    net = n - n.T
    return {"n": n, "net": net, "z": net / np.sqrt(np.maximum(n + n.T, 1.0))}
