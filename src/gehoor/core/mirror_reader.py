"""What every process may ask of the mirror: editions, moments, the innovation log, advice, and the pulse of now."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.edition import Edition, Period
from gehoor.core.mirror_change import Advice, Renewal, Said
from gehoor.core.mirror_figure import Figure, Now, Pulse
from gehoor.core.mirror_quotes import with_quotes
from gehoor.core.reader import Reader
from gehoor.core.tables import mirror as tables

__all__ = ["AdviceRow", "MirrorReader", "Moment", "MomentKind", "RenewalRow", "day_number", "iso_day"]

MomentKind = str
"""broadcast, campaign, outage, holiday, weather, launch, or what a calendar says."""

_HOUR_US = 3_600 * SECOND_US
_WEEKS = 4


def day_number(day: str) -> int:
    """Return the days since 1970 of an ISO date.

    Examples
    --------
    >>> day_number("1970-01-03"), iso_day(2)
    (2, '1970-01-03')
    """
    return int(np.datetime64(day, "D").astype(int))


def iso_day(day: int) -> str:
    """Return the ISO date of days since 1970."""
    return str(np.datetime64(day, "D"))


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that may move a curve; `since` and `until` are microseconds UTC."""

    id: int
    name: str
    kind: MomentKind
    brand: str
    since: int
    until: int
    source: str
    at: int
    said_by: str


class RenewalRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the innovation log; `day` counts from 1970."""

    id: int
    day: int
    kind: Renewal
    name: str
    note: str
    brand: str
    at: int
    said_by: str


class AdviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """An advice as it was given on a day, and what people did with it since."""

    advice: Advice
    brand: str
    day: int
    state: Said
    state_day: int
    said_by: str


class _Reading(msgspec.Struct, frozen=True):
    relative: Figure


class _Today(msgspec.Struct, frozen=True):
    made_at: int
    is_over: bool
    captivating: _Reading
    binding: _Reading


class MirrorReader:
    """Answers what the mirror said; reads only. Cost: 1 ms an edition.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def edition(self, day: str | None = None, period: Period = "day", brand: str = "") -> Edition | None:
        """Return the edition of a period that ended on a day (ISO), the newest by default; None where none was made.

        Its quotes are read anew, so that what was deleted since is not shown; advice is as people judged it since.
        """
        table = tables.edition
        wanted = sa.select(table.c.data).where(table.c.brand == brand, table.c.period == period)
        if day is not None:
            wanted = wanted.where(table.c.day == day_number(day))
        rows = self._reader.stored(wanted.order_by(table.c.day.desc()).limit(1))
        if not rows:
            return None
        found = msgspec.json.decode(rows[0].data, type=Edition)
        return with_quotes(self._reader, msgspec.structs.replace(found, advice=self._as_said(found.advice)))

    def _as_said(self, given: Sequence[Advice]) -> tuple[Advice, ...]:
        """Return advice in the state that people have given it since."""
        table = tables.advice
        wanted = sa.select(table.c.id, table.c.state).where(table.c.id.in_([one.id for one in given]))
        said = {row.id: row.state for row in self._reader.stored(wanted)} if given else {}
        return tuple(msgspec.structs.replace(one, state=said.get(one.id, one.state)) for one in given)

    def days(self, period: Period = "day", brand: str = "", limit: int = 400) -> list[str]:
        """Return of which days there is an edition, newest first: the mirror to leaf through."""
        table = tables.edition
        wanted = sa.select(table.c.day).where(table.c.brand == brand, table.c.period == period)
        return [iso_day(row.day) for row in self._reader.stored(wanted.order_by(table.c.day.desc()).limit(limit))]

    def moments(self, since: int, until: int, brand: str | None = None) -> list[Moment]:
        """Return the moments that touch a stretch of time, oldest first; with a brand, its own and everybody's."""
        table = tables.moment
        wanted = sa.select(table).where(table.c.until > since, table.c.since < until)
        if brand is not None:
            wanted = wanted.where(table.c.brand.in_(["", brand]))
        return [Moment(**row._mapping) for row in self._reader.stored(wanted.order_by(table.c.since, table.c.id))]

    def renewals(self, since: int, until: int, brand: str | None = None) -> list[RenewalRow]:
        """Return the innovation log from a day up to another (days since 1970), oldest first."""
        table = tables.renewal
        wanted = sa.select(table).where(table.c.day >= since, table.c.day < until)
        if brand is not None:
            wanted = wanted.where(table.c.brand.in_(["", brand]))
        return [RenewalRow(**row._mapping) for row in self._reader.stored(wanted.order_by(table.c.day, table.c.id))]

    def advice(self, since: int, until: int, states: Sequence[Said] = (), brand: str | None = None) -> list[AdviceRow]:
        """Return what was advised from a day up to another (days since 1970), newest first."""
        table = tables.advice
        wanted = sa.select(table).where(table.c.day >= since, table.c.day < until)
        if states:
            wanted = wanted.where(table.c.state.in_(list(states)))
        if brand is not None:
            wanted = wanted.where(table.c.brand == brand)
        return [_advice_of(row) for row in self._reader.stored(wanted.order_by(table.c.day.desc(), table.c.id))]

    def now(self, now: int, brand: str = "") -> Now | None:
        """Return both indices of today, made anew each quarter of an hour; None where none was made in the last day."""
        table = tables.edition
        wanted = sa.select(table.c.data).where(table.c.brand == brand, table.c.period == "day")
        rows = self._reader.stored(wanted.order_by(table.c.day.desc()).limit(1))
        found = msgspec.json.decode(rows[0].data, type=_Today) if rows else None
        if found is None or found.is_over or now - found.made_at >= DAY_US:
            return None
        return Now(at=found.made_at, captivating=found.captivating.relative, binding=found.binding.relative)

    def pulse(self, now: int, brand: str = "") -> Pulse:
        """Return what was said in the last hour beside the same hour of the four weeks before. Cost: 5 ms."""

        def n(weeks: int) -> int:
            end = now - weeks * 7 * DAY_US
            cells = self._reader.counts(resolution=60, since=end - _HOUR_US, until=end, brand=brand)
            return sum(cell.n for cell in cells)

        past = np.array([n(week) for week in range(1, _WEEKS + 1)], np.float64)
        if not past.any():
            return Pulse(at=now, n=n(0), usual=Figure(unit="posts"))
        mean = float(past.mean())
        spread = float(np.sqrt(max(past.var(ddof=1), mean) * (1 + 1 / _WEEKS)))
        low, high = max(0.0, mean - 2.353 * spread), mean + 2.353 * spread  # Student's t of 3 degrees, 5 and 95 %
        return Pulse(at=now, n=n(0), usual=Figure(value=mean, low=low, high=high, unit="posts"))


def _advice_of(row: sa.Row[Any]) -> AdviceRow:
    given = msgspec.structs.replace(msgspec.json.decode(row.data, type=Advice), state=row.state)
    rest = {name: getattr(row, name) for name in ("brand", "day", "state", "state_day", "said_by")}
    return AdviceRow(advice=given, **rest)
