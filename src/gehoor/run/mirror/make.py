"""Makes editions: of a brand, a day and a period, from the marts and what was measured before."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import sqlalchemy as sa

from gehoor.core.edition import DAYS, Edition, Listening, Opens, Period
from gehoor.core.mirror_change import Driver
from gehoor.core.mirror_figure import Curve, Figure, Unknown
from gehoor.core.mirror_reader import MirrorReader, iso_day
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.core.tables.mirror import edition as edition_table
from gehoor.mirror.base import Floats
from gehoor.run.mirror.advise import advise, followed
from gehoor.run.mirror.around import channels, competitors, listening, relations
from gehoor.run.mirror.counts import Counts, count_drivers, counts_of, shifted
from gehoor.run.mirror.day_sums import DaySums
from gehoor.run.mirror.given import Given, given
from gehoor.run.mirror.heard import Heard, local_days, midnight
from gehoor.run.mirror.indices import Measured, levels_of_year, measured, number, read_index, values_of_year
from gehoor.run.mirror.live import lift_to_the_minute
from gehoor.run.mirror.marts import renew_marts
from gehoor.run.mirror.moments import came_of, lifts
from gehoor.run.mirror.people import FOR_SHARES, People
from gehoor.run.mirror.quoted_posts import with_posts
from gehoor.run.mirror.segments import Grouped, group, share_drivers, split_shares
from gehoor.run.mirror.slices import slices
from gehoor.run.mirror.society import society
from gehoor.run.mirror.truth import is_it_true
from gehoor.run.mirror.unknown import unknown
from gehoor.run.mirror.year import YEAR, Year, kept_days

__all__ = ["Made", "Making"]

_MONTHS = 6
_MONTH = DAYS["month"]
_MOST_DRIVERS = 8
_FOLLOW = 90
"""Days in which it is told what became of advice."""

_ACTIVE = """SELECT day, count(*) FROM did WHERE day > $first AND day <= $d AND $brand IS NOT NULL GROUP BY day"""
_POSTS = """SELECT day, sum(n_posts) FROM cells WHERE dimension = '' AND brand = $brand AND day > $first AND day <= $d
            GROUP BY day"""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What must be kept: editions, days that were measured, and since which day older measures do not hold."""

    brand: str
    last: int
    editions: list[Edition]
    days: list[DaySums]
    since: int | None


class _Known(msgspec.Struct, frozen=True):
    n_known: int


class Making:
    """All that editions of a workspace are made from, as of one moment.

    Parameters
    ----------
    settings : Settings
        Of the workspace.
    reader : Reader
        Of the same.
    now : int
        Microseconds UTC.
    """

    def __init__(self, settings: Settings, reader: Reader, now: int) -> None:
        self.settings, self.reader, self.now = settings, reader, now
        self.zone = ZoneInfo(settings.workspace.timezone)
        self.folder: Path = settings.root / "mirror"
        self.renewed = renew_marts(self.folder, Heard(settings.root, reader, self.zone), settings)
        self.given: Given = given(reader, settings, now)
        [self.today] = self.days_of([now])

    def days_of(self, moments: Sequence[int]) -> list[int]:
        """Return on which day (since 1970) of the workspace each moment is."""
        return [int(day) for day in local_days(np.array(moments), self.zone)]

    def editions(self, brand: str, last: int, periods: Sequence[Period]) -> Made:
        """Make the editions of some periods that end on a day. Cost: a second, and 20 us a person and period."""
        longest = max(DAYS[period] for period in periods)
        first = last - YEAR - max(longest, _MONTHS * _MONTH)
        with People(self.folder, self.given.whose, brand, (first, last)) as people:
            year = self.year(people, last)
            earlier = self._earlier(year, last)
            made = [self._edition(year, period, last, earlier) for period in periods]
        return Made(brand=brand, last=last, editions=made, days=list(year.fresh.values()), since=self.renewed.since)

    def year(self, people: People, last: int) -> Year:
        """Return the year before a day, with what was measured of it before and still holds."""
        since, known = self.renewed.since, kept_days(self.reader, people.brand, last)
        still = {day: one for day, one in known.items() if since is None or day < since}
        return Year(people, still, self.zone, self.given.loyal)

    def _now(self, last: int) -> int | None:
        return self.now if last >= self.today else None

    def _edition(self, year: Year, period: Period, last: int, earlier: list[Grouped]) -> Edition:
        """Measure first; then ask everything else of the last day, whose table of persons then stands."""
        found = measured(year, period, last, self._now(last))
        counts = counts_of(year.people, last)
        if year.first is None:
            return Edition(**self._head(year, period, last, counts), **self._indices(year, found, last), **_NOTHING,
                           unknown=(Unknown(why="nothing"),))  # fmt: skip
        year.people.stand(last, self._now(last) or midnight(last + 1, self.zone))
        groups = [group(year.people, self.given.audiences, last), *earlier]
        parts = self._indices(year, found, last) | self._changed(year, period, (last, counts, groups))
        drivers: tuple[Driver, ...] = parts["drivers"]
        parts |= self._around(year.people, period, last, counts) | self._told(
            year, (last, DAYS[period]), counts, groups
        )
        prefix = f"{iso_day(last)}/{year.people.brand}"
        indices, around = (parts["captivating"], parts["binding"]), (parts["channels"], parts["listening"])
        return Edition(
            **self._head(year, period, last, counts), **parts, slices=tuple(slices(year.people, found)),
            advice=tuple(advise(drivers, parts["channels"], found.binding, found.now[-1], prefix)),
            unknown=tuple(unknown(year, last, indices, around, self._known_before(year, last))),
        )  # fmt: skip

    def _known_before(self, year: Year, last: int) -> int:
        """Return the most people that an edition of the week up to a day knew, before anything vanished."""
        table, brand = edition_table, year.people.brand
        wanted = sa.select(table.c.data).where(table.c.brand == brand, table.c.day > last - 7, table.c.day <= last)
        rows = self.reader.stored(wanted.where(table.c.period == "day"))
        return max((msgspec.json.decode(row.data, type=_Known).n_known for row in rows), default=0)

    def _head(self, year: Year, period: Period, last: int, counts: Counts) -> dict[str, Any]:
        first, kept, people = last - DAYS[period] + 1, year.days.get(last), year.people
        n_posts = int(counts.of("posts")[-DAYS[period] :].sum())
        query = (
            "SELECT count(DISTINCT person) FROM did ANTI JOIN machines USING (person) WHERE day >= $first AND day <= $d"
        )
        [(n_people,)] = people.rows(query, first=first, d=last)
        posts = PostFilter(
            kind="say",
            brand=people.brand or None,
            since=midnight(first, self.zone),
            until=midnight(last + 1, self.zone),
        )
        return {
            "workspace": self.settings.workspace.name, "brand": people.brand, "period": period,
            "first_day": iso_day(first), "last_day": iso_day(last), "made_at": self.now, "is_over": last < self.today,
            "n_people": n_people, "n_posts": n_posts, "n_left_out": kept.n_left_out if kept else 0,
            "n_objecting": self.given.whose.objecting.num_rows, "n_known": kept.n_people if kept else 0,
            "opens": (Opens(name="posts", n=n_posts, posts=posts),),
        }  # fmt: skip

    def _indices(self, year: Year, found: Measured, last: int) -> dict[str, Any]:
        both = found.captivating, found.binding
        levels = [levels_of_year(year, of, last) for of in both]
        people, posts = (_daily(year.people, query, last) for query in (_ACTIVE, _POSTS))
        return {
            "captivating": read_index(both[0], found, levels[0]), "binding": read_index(both[1], found, levels[1]),
            "truth": is_it_true(year, found.binding, last),
            "curve": _curve([values_of_year(year, of, last) for of in both], (people, posts), last, year.first),
            "shifts": (*shifted("posts", posts, last), *shifted("people", people, last)),
        }  # fmt: skip

    def _earlier(self, year: Year, last: int) -> list[Grouped]:
        """Return the groups of the months before a day, newest first: the same for each period that ends on it."""
        first, found = last if year.first is None else year.first, []
        for day in [last - _MONTH * place for place in range(1, _MONTHS + 1)]:
            if day - 55 >= first:
                year.people.at(day, midnight(day + 1, self.zone), FOR_SHARES)
                found.append(group(year.people, self.given.audiences, day))
        return found

    def _changed(self, year: Year, period: Period, of: tuple[int, Counts, list[Grouped]]) -> dict[str, Any]:
        last, counts, groups = of
        told, explained = count_drivers(counts, period)
        split = []
        if len(groups) > 1:
            told = share_drivers(groups[0], groups[1:], groups[1]) + told
            split = split_shares(groups[0], groups[1])
        since, until = (midnight(day, self.zone) for day in (last - DAYS[period] + 1, last + 1))
        drivers = tuple(with_posts(self.reader, year.people, one, since, until) for one in told[:_MOST_DRIVERS])
        return {"drivers": drivers, "explained": (*split, *explained)}

    def _around(self, people: People, period: Period, last: int, counts: Counts) -> dict[str, Any]:
        ours, start = next(iter(self.settings.brands), ""), midnight(last - _MONTH + 1, self.zone)
        return {
            "channels": tuple(channels(people, last)), "relations": tuple(relations(people, self.given.roles, last)),
            "competitors": tuple(competitors(people, last, DAYS[period], ours)),
            "listening": listening(people, counts, last),
            "society": society(self.reader, counts, people.brand, (start, midnight(last + 1, self.zone))),
        }  # fmt: skip

    def _told(self, year: Year, stretch: tuple[int, int], counts: Counts, groups: list[Grouped]) -> dict[str, Any]:
        """Return what people told the mirror, with what came of it."""
        (last, days), brand, reader = stretch, year.people.brand, MirrorReader(self.reader)
        posts = counts.of("posts")
        since, until = midnight(last - YEAR + 1, self.zone), midnight(last + 1, self.zone)
        known = reader.moments(since, until, brand)
        moments = lifts(
            known, posts, (last, self.zone), self.now, lambda one: lift_to_the_minute(self.reader, one, known, self.now)
        )
        earlier = reader.advice(last - _FOLLOW, last, brand=brand)
        renewals = came_of(reader.renewals(last - YEAR, last + 1, brand), posts, last)
        return {
            "moments": tuple(moments), "renewals": tuple(renewals),
            "followed": tuple(followed(earlier, groups[0], counts, last, days)),
        }  # fmt: skip


_NOTHING: dict[str, Any] = {
    "listening": Listening(
        answered=Figure(unit="share"), thanked=Figure(unit="share"), society=Figure(unit="share")
    )
}  # fmt: skip


def _daily(people: People, query: str, last: int) -> Floats:
    """Return a number a day of the year, oldest first."""
    series = np.zeros(YEAR)
    rows: list[Any] = people.rows(query, first=last - YEAR, d=last, brand=people.brand)
    for day, n in rows:
        series[day - last + YEAR - 1] = float(n)
    return series


def _curve(values: Sequence[Floats], daily: tuple[Floats, Floats], last: int, first: int | None) -> Curve:
    """Return the year from the first day on that anybody was heard."""
    start = YEAR if first is None else max(0, first - last + YEAR - 1)
    captivating, binding = (tuple(number(one) for one in series[start:].tolist()) for series in values)
    people, posts = (tuple(int(n) for n in series[start:]) for series in daily)
    days = tuple(iso_day(day) for day in range(last - YEAR + 1 + start, last + 1))
    return Curve(days=days, captivating=captivating, binding=binding, people=people, posts=posts)
