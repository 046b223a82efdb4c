"""A closer look: both indices of a part of the people, a campaign, a story, or a single thing that we said."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from gehoor.core.edition import DAYS
from gehoor.core.errors import SettingError
from gehoor.core.mirror_closer import CloserLook, Look
from gehoor.core.mirror_figure import Unknown
from gehoor.core.mirror_reader import day_number, iso_day
from gehoor.core.post import PostFilter
from gehoor.mirror.day import Day
from gehoor.run.mirror.day_sums import columns_of, orders_expected
from gehoor.run.mirror.heard import midnight
from gehoor.run.mirror.indices import Measured, read_index
from gehoor.run.mirror.make import Making
from gehoor.run.mirror.people import People, Persons
from gehoor.run.mirror.segments import group
from gehoor.run.mirror.slices import GROUPS, persons_of
from gehoor.run.mirror.things import Thing, thing_of
from gehoor.run.mirror.year import YEAR, Year

__all__ = ["look_closer"]

_MONTH, _FEW, _NORMAL_DAYS = DAYS["month"], 10, 90
_OF_GROUPS_ONLY = ("active", "week", "weeks")
"""How busy a day was: who took part in something was chosen by that."""

_POSTS = """
    CREATE OR REPLACE TEMP TABLE theirs AS
    SELECT talk.object, max(talk.views) AS views, coalesce(bool_or(ours.is_again), false) AS is_again
    FROM talk LEFT JOIN ours USING (object) WHERE talk.kind = 'ours' AND ({}) GROUP BY talk.object"""
_SEEN = "SELECT count(*), sum(views) FILTER (NOT is_again), sum(views) FILTER (is_again) FROM theirs"
_REACTED = """
    CREATE OR REPLACE TEMP TABLE who AS
    SELECT person, count(*) FILTER (NOT is_again) AS reactions_first, count(*) FILTER (is_again) AS reactions_again
    FROM talk JOIN theirs ON theirs.object = talk.target
    WHERE talk.kind IN ('say', 'share', 'react') AND person IS NOT NULL GROUP BY person"""
_SPOKE = """
    CREATE OR REPLACE TEMP TABLE who AS
    SELECT DISTINCT person, 0 AS reactions_first, 0 AS reactions_again FROM talk
    WHERE kind IN ('say', 'share') AND person IS NOT NULL AND ({})"""
_THEIRS = """
    SELECT persons.* EXCLUDE (reactions_first, reactions_again), who.reactions_first, who.reactions_again
    FROM persons JOIN who USING (person) ORDER BY person"""


def look_closer(making: Making, look: Look) -> CloserLook:
    """Return both indices of it, beside the year that was measured for editions.

    Raises
    ------
    SettingError
        There is nothing of that name, nobody in it, or the day is still to come.
    """
    thing = None if look.kind in GROUPS else thing_of(making.reader, making.settings, look.kind, look.id, making.now)
    asked = making.today - 1 if look.day is None else day_number(look.day)
    last = asked if thing is None else making.today
    start = None if thing is None else making.days_of([thing.since])[0]
    if last > making.today or (start is not None and start > last):
        raise SettingError("The mirror knows no days that are still to come.")
    first = min(last - YEAR, last if start is None else start) - 2 * _MONTH
    brand = look.brand or ("" if thing is None else thing.brand)
    with People(making.folder, making.given.whose, brand, (first, last)) as people:
        if people.first is None:
            raise SettingError("Nothing was heard yet of which the mirror could say anything.")
        year = making.year(people, last)
        year.fill(last)
        seen = _Seen(making, year, look, last)
        return seen.group() if thing is None else seen.thing(thing)


class _Seen(NamedTuple):
    """What a look is read from."""

    making: Making
    year: Year
    look: Look
    last: int

    def group(self) -> CloserLook:
        """Read a group on its day, and the same people 28 days before."""
        people, last, look = self.year.people, self.last, self.look
        self._stand_on(last)
        n_known = people.totals()[0]
        group(people, self.making.given.audiences, last)
        now = self._group_on(last)
        if not now.sums.n[0]:
            raise SettingError(f"Nobody of the {look.kind} {look.id!r} was heard in the 56 days up to {iso_day(last)}.")
        before = []
        if people.past(last) >= 2 * _MONTH:
            self._stand_on(last - _MONTH)
            before = [self._group_on(last - _MONTH)]
        told = self._told((last - _MONTH + 1, last, last), (now, now), before)
        posts = PostFilter(
            kind="say", channel=look.id, brand=people.brand or None, since=self._midnight(last - _MONTH + 1),
            until=self._midnight(last + 1),
        )  # fmt: skip
        told |= {"name": look.id, "n_people": int(now.sums.n[0]), "n_known": n_known}
        return CloserLook(**told, posts=posts if look.kind == "channel" else None)

    def _group_on(self, day: int) -> Day:
        theirs = persons_of(self.year.people, self.look.kind, self.look.id)
        return self._day(theirs, day, ())

    def thing(self, thing: Thing) -> CloserLook:
        """Read what happened on its last day, and who of its people came back in the 28 days after that."""
        people, last = self.year.people, self.last
        first, end = self.making.days_of([thing.since, thing.until - 1])
        if thing.seqs is not None:
            people.base.register("spoken", pa.table({"seq": pa.array(thing.seqs, pa.int64())}))
        people.base.execute(_POSTS.format(thing.ours))
        [(n_ours, *views)] = people.rows(_SEEN)
        people.base.execute(_REACTED if n_ours else _SPOKE.format(thing.spoke))
        [(n_people, n_reactions)] = people.rows("SELECT count(*), sum(reactions_first + reactions_again) FROM who")
        then, after = min(end, last), min(end + _MONTH, last)
        self._stand_on(then)
        n_known = people.totals()[0]
        now = self._day(people.persons(_THEIRS), then, _OF_GROUPS_ONLY, [_float(one) for one in views])
        if after > then:
            self._stand_on(after)
        is_later = after == end + _MONTH
        later = self._day(people.persons(_THEIRS), after, () if is_later else ("was_here", "came_back"))
        told = self._told((first, then, after), (now, later), [])
        seen = [one for one in views if one is not None]
        unknown = list(told.pop("unknown"))
        if not is_later:
            unknown.append(Unknown(why="not_back_yet", parts=("retention",), days=end + _MONTH - last))
        if not n_ours or not seen:
            unknown.append(Unknown(why="no_views" if n_ours else "nothing_said", parts=("response", "freshness")))
        return CloserLook(
            **told, name=thing.name, n_people=_int(n_people), n_known=n_known, n_ours=_int(n_ours),
            n_reactions=_int(n_reactions), views=sum(map(_float, seen)) if seen else None, posts=thing.posts,
            unknown=tuple(unknown),
        )  # fmt: skip

    def _stand_on(self, day: int) -> None:
        """Make the table of persons of a day; of today as of now."""
        self.year.people.at(day, self.making.now if day >= self.making.today else self._midnight(day + 1))

    def _midnight(self, day: int) -> int:
        return midnight(day, self.making.zone)

    def _day(self, theirs: Persons, day: int, without: Sequence[str], views: Sequence[float] = ()) -> Day:
        people = self.year.people
        columns = columns_of(people, theirs, day, self.making.given.loyal)
        if day >= self.making.today:
            without = [*without, "active"]
        kept = {name: column for name, column in columns.items() if name not in without}
        first, again = views or (float("nan"), float("nan"))
        return Day(Day.of(theirs.person.view(np.uint64), kept).sums, first, again, orders_expected(people, day))

    def _told(self, days: tuple[int, int, int], of: tuple[Day, Day], before: list[Day]) -> dict[str, Any]:
        """Return what groups and things have in common; `of`: the day for captivating, and that for binding."""
        both = self.year.indices(self.last)
        levels = np.full(YEAR, np.nan)  # no year of each: nothing to draw a slope through
        measured = [Measured([day], before, *both) for day in of]
        captivating, binding = (read_index(one, seen, levels) for one, seen in zip(both, measured, strict=True))
        unknown = [Unknown(why="few_people", n=int(of[0].sums.n[0]))] if of[0].sums.n[0] < _FEW else []
        if binding.n_days < _NORMAL_DAYS:
            unknown.append(Unknown(why="first_days", parts=("captivating", "binding"), n=binding.n_days))
        first_day, last_day, read_on = map(iso_day, days)
        return {
            "kind": self.look.kind, "id": self.look.id, "brand": self.year.people.brand, "first_day": first_day,
            "last_day": last_day, "read_on": read_on, "captivating": captivating, "binding": binding,
            "unknown": tuple(unknown),
        }  # fmt: skip


def _int(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")
