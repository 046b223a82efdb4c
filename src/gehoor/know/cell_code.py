"""How a profile is laid out: numbers in cells, and what each cell counts."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gehoor.core.record import digest

__all__ = [
    "AMOUNT",
    "DAY_AT",
    "GROUPS",
    "GROUP_AT",
    "MEASURES",
    "MOST_DAY",
    "Cells",
    "cell_day",
    "cell_group",
    "choice_of",
    "code_of",
    "currency_of",
    "day_cells",
    "names_in",
]

Ints = npt.NDArray[np.int64]

MEASURES = (
    "said", "shared", "reacted", "did", "ordered", "returned", "contacted", "answered", "negative", "positive",
)  # fmt: skip
"""What is counted a day. `contacted`: said to us alone; `answered`: what we said to them in reply."""

GROUPS = ("day", "spend", "consent", "channel", "brand", "about", "promotion", "intent", "need", "currency")
"""The kinds of cells. `spend` by day and currency, `consent` by day and choice; the others count names."""

AMOUNT = 10_000
"""An amount of one is stored as this many: money is added up without rounding."""

GROUP_AT, DAY_AT = 59, 40
MOST_DAY = (1 << (GROUP_AT - DAY_AT)) - 1
_DAILY = frozenset(("consent", "currency"))


def code_of(group: str, name: str) -> int:
    """Return what a name is called in cells: 40 bits where a day stands beside it, else 59."""
    bits = DAY_AT if group in _DAILY else GROUP_AT
    return GROUPS.index(group) << GROUP_AT | digest(group, name) & ((1 << bits) - 1)


def currency_of(cells: Ints) -> Ints:
    """Return the code of the currency of cells of the group `spend`."""
    return np.asarray(cells & ((1 << DAY_AT) - 1) | GROUPS.index("currency") << GROUP_AT)


def choice_of(cells: Ints) -> Ints:
    """Return the code of the choice that cells of the group `consent` count."""
    return np.asarray(cells & ~(MOST_DAY << DAY_AT))


def names_in(cells: "Cells") -> tuple[Ints, Ints]:
    """Return the codes of names that cells count, and how many activities named each."""
    group = cell_group(cells.cell)
    is_name = ~np.isin(group, [GROUPS.index("day"), GROUPS.index("spend")])
    is_choice = group == GROUPS.index("consent")
    codes = np.where(is_choice, choice_of(cells.cell), cells.cell)[is_name]
    distinct, place = np.unique(codes, return_inverse=True)
    n = np.zeros(len(distinct), np.int64)
    np.add.at(n, place, cells.n[is_name])
    return distinct, n


def cell_group(cells: Ints) -> Ints:
    """Return the place in `GROUPS` of each cell."""
    return np.asarray(cells >> GROUP_AT)


def cell_day(cells: Ints) -> Ints:
    """Return days since 1970 of cells that have one."""
    return np.asarray(cells >> DAY_AT & MOST_DAY)


def day_cells(days: Ints, measure: str) -> Ints:
    """Return the cells that count a measure on these days."""
    return np.asarray(days << DAY_AT | MEASURES.index(measure))


class Cells(NamedTuple):
    """What rows add: to which actor's which cell how much; shape (k,) each."""

    actor: Ints
    cell: Ints
    n: Ints
