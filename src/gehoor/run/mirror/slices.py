"""The levels of both indices for a part of the people: those of a channel, a language, a region, a segment."""

from typing import Any

import numpy as np

from gehoor.core.mirror_figure import Dimension, Slice
from gehoor.mirror.day import Day
from gehoor.run.mirror.indices import Measured, figure
from gehoor.run.mirror.people import People, Persons

__all__ = ["GROUPS", "persons_of", "slices"]

_FEWEST, _MOST = 10, 8
GROUPS: tuple[Dimension, ...] = ("channel", "language", "region", "segment")
"""By what people are divided."""

_LARGEST = """
    SELECT value, count(*) FROM segment JOIN persons USING (person)
    WHERE dimension = $dimension AND value NOT IN ('', 'und') AND month = 1
    GROUP BY value HAVING count(*) >= $least ORDER BY 2 DESC, 1 LIMIT $most"""
_THEIRS = """
    SELECT persons.* FROM persons JOIN segment USING (person)
    WHERE dimension = $dimension AND value = $value ORDER BY person"""


def persons_of(people: People, dimension: str, value: str) -> Persons:
    """Return the people of a group on the day whose table `persons` stands, as they were grouped last."""
    return people.persons(_THEIRS, dimension=dimension, value=value)


def slices(people: People, found: Measured) -> list[Slice]:
    """Return the levels of the largest groups of each kind, of ten people at least, on the last day.

    A group that is nobody's but everybody (the only channel) is left out. Their levels compare with each other and
    with the whole's; there is no year of each group to say what is normal for it.
    """
    if not found.now:
        return []
    told = []
    for dimension in GROUPS:
        rows: list[Any] = people.rows(_LARGEST, dimension=dimension, least=_FEWEST, most=_MOST)
        if len(rows) < 2 and dimension != "segment":
            continue
        told += [_slice(people, found, dimension, value, n) for value, n in rows]
    return told


def _slice(people: People, found: Measured, dimension: Dimension, value: str, n: int) -> Slice:
    theirs = persons_of(people, dimension, value)
    day = Day.of(theirs.person.view(np.uint64), theirs.columns)
    return Slice(
        dimension=dimension, name=value, n_people=n, captivating=figure(found.captivating.level(day)),
        binding=figure(found.binding.level(day)),
    )  # fmt: skip
