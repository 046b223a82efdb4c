"""Which pairs of records may be one person: by splink where it is installed, else by our own model of the same kind."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from gehoor.know.base import Floats, Ints
from gehoor.know.comparing import ALIKE, EXACT, NEAR, SWAPPED, Column, levels
from gehoor.know.linking import Linking
from gehoor.know.splink_pairs import splink_pairs

__all__ = ["NearPairs", "near_pairs"]

_AGREE = (EXACT, NEAR, ALIKE, SWAPPED)


class NearPairs(NamedTuple):
    """Pairs of records, the smaller number first; how probable each is one person; in which columns they agree."""

    pairs: Ints
    p: Floats
    agrees: list[tuple[str, ...]]


def near_pairs(given: Sequence[Column], least_p: float, *, is_splink: bool | None = None) -> NearPairs:
    """Return which of the records may be one person.

    Parameters
    ----------
    given : sequence of Column
        At least two; columns that are made of one another (a name, and a mail address with that name in it) would
        count twice: give one of them.
    least_p : float
        Less probable pairs are left out.
    is_splink : bool, optional
        Which of the two says it; by default splink where it is installed.
    """
    if find_spec("splink") is not None if is_splink is None else is_splink:
        pairs, p = splink_pairs(given, least_p)
    else:
        found = Linking(least_p).fit(given).predict(given)
        is_near = found.p >= least_p
        pairs, p = found.pairs[is_near], found.p[is_near]
    seen = np.isin(levels(given, pairs), _AGREE) if len(pairs) else np.zeros((0, len(given)), np.bool_)
    names = [tuple(column.name for column, agrees in zip(given, row, strict=True) if agrees) for row in seen.tolist()]
    return NearPairs(pairs, p, names)
