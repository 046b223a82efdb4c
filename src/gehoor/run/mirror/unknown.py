"""What an edition cannot know, and how long that takes: said, never guessed."""

from typing import Any

from gehoor.core.edition import Channel, Listening
from gehoor.core.mirror_figure import Index, Unknown
from gehoor.run.mirror.day_sums import LOYAL_AFTER, NEW_AFTER, DaySums
from gehoor.run.mirror.people import People
from gehoor.run.mirror.year import Year

__all__ = ["unknown"]

_NORMAL_DAYS, _FEW, _GAP = 90, 10, 3
_VANISHED = 0.1


def unknown(
    year: Year, last: int, indices: tuple[Index, Index], around: tuple[list[Channel], Listening], n_before: int
) -> list[Unknown]:
    """Return what cannot be known on a day.

    Parameters
    ----------
    indices : tuple
        Captivating and binding, as they were read.
    around : tuple
        Channels, and who was heard.
    n_before : int
        How many people were known in an edition of the days before; 0 where there is none.
    """
    kept = year.days.get(last)
    if kept is None or not kept.column("month"):
        return [Unknown(why="nothing")]
    people, parts = year.people, [part for one in indices for part in one.parts if part.is_missing]
    missing = {part.name for part in parts}
    found = _past(year, last, missing) + _people(kept, n_before) + _gap(people, last)
    if not kept.n_ours:
        found.append(
            Unknown(why="no_own_posts", parts=tuple(sorted(missing & {"response", "freshness", "reciprocity"})))
        )
    elif "response" in missing:
        found.append(Unknown(why="no_views", parts=tuple(sorted(missing & {"response", "freshness"}))))
    if not around[1].n_asked:
        found.append(Unknown(why="no_questions", parts=tuple(sorted(missing & {"reciprocity"}))))
    if len(around[0]) == 1:
        found.append(Unknown(why="one_channel", parts=("channels",)))
    if "reach" in missing:
        found.append(Unknown(why="day_not_over", parts=("reach",), days=1))
    return [*found, *_orders(kept, missing, people.past(last))]


def _past(year: Year, last: int, missing: set[str]) -> list[Unknown]:
    n = last - year.first + 1 if year.first is not None else 0
    found = []
    if n <= _NORMAL_DAYS:
        found.append(Unknown(why="first_days", parts=("captivating", "binding"), days=_NORMAL_DAYS - n + 1, n=n))
    if n < 56:
        found.append(Unknown(why="short_past", parts=("retention", "drivers", "truth"), days=56 - n, n=n))
    if 0 < n <= NEW_AFTER and "novelty" in missing:
        found.append(Unknown(why="all_new", parts=("novelty",), days=NEW_AFTER - n + 1, n=n))
    return found


def _people(kept: DaySums, n_before: int) -> list[Unknown]:
    """Tell of few people, and of people who were known in an edition of before and are no longer."""
    n = int(kept.column("month"))
    found = [Unknown(why="few_people", n=n)] if n < _FEW else []
    if kept.n_people < (1 - _VANISHED) * n_before:
        found.append(Unknown(why="mass_deletion", n=n_before - kept.n_people))
    return found


def _gap(people: People, last: int) -> list[Unknown]:
    """Return the longest stretch without anything heard in the eight weeks, from the first day on."""
    rows: list[Any] = people.rows("SELECT DISTINCT day FROM did WHERE day > $d - 56 AND day <= $d ORDER BY 1", d=last)
    days = [int(row[0]) for row in rows]
    ends = [*days[1:], last + 1]
    longest = max((end - day - 1 for day, end in zip(days, ends, strict=True)), default=0)
    return [Unknown(why="gap", parts=("momentum", "retention"), n=longest)] if longest >= _GAP else []


def _orders(kept: DaySums, missing: set[str], past: int) -> list[Unknown]:
    n = kept.column("buyers")
    found = []
    if "repeat" in missing:
        found.append(Unknown(why="one_brand_ordered" if n else "no_orders", parts=("repeat",)))
    if n and "loyal_share" in missing and past < LOYAL_AFTER:
        found.append(Unknown(why="none_loyal", parts=("loyal_share",), days=LOYAL_AFTER - past))
    elif "loyal_share" in missing:
        if n or not found:  # without orders both are unknown for one reason, which is said once
            found.append(Unknown(why="no_worth" if n else "no_orders", parts=("loyal_share",)))
        else:
            found = [Unknown(why="no_orders", parts=("repeat", "loyal_share"))]
    return found
