"""A workspace from Python: what was said, who the people are, what they are worth and where they go, as Arrow."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.audience.columns import COLUMNS
from gehoor.core.audience.people import People
from gehoor.core.audience.rule import parse_rule
from gehoor.core.clock import DAY_US, Clock, SystemClock
from gehoor.core.edition import Edition
from gehoor.core.errors import SettingError
from gehoor.core.history_read import read_rows
from gehoor.core.loyalty import market_of
from gehoor.core.mirror_closer import CloserLook
from gehoor.core.person_reader import name_of_person
from gehoor.core.reader import Reader
from gehoor.core.record import LEDGER, MICROS
from gehoor.core.settings import load
from gehoor.core.tables.person import person, person_value
from gehoor.run.mirror.ask import closer_of, mirror_of

__all__ = ["Opened", "Rows"]

_AT_ONCE = 16_384
_MOST = 1 << 40
_TYPES = {
    "number": pa.float64(), "share": pa.float64(), "days": pa.float64(), "day": pa.date32(), "choice": pa.string(),
    "text": pa.string(),
}  # fmt: skip


class Rows:
    """Rows as Arrow; pandas, polars, DuckDB and all that know Arrow's stream take it as it is.

    Parameters
    ----------
    table : pyarrow.Table
        What it holds.
    """

    def __init__(self, table: pa.Table) -> None:
        self.arrow = table

    def __len__(self) -> int:
        """Return how many rows there are."""
        return int(self.arrow.num_rows)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand it to whoever speaks Arrow's C stream."""
        return self.arrow.__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """Return it as a data frame of pandas, which must be installed."""
        return self.arrow.to_pandas()

    def to_polars(self) -> Any:
        """Return it as a data frame of polars, which must be installed."""
        return import_module("polars").from_arrow(self.arrow)


class Opened:
    """Reads a workspace, beside a running gehoor or without one; changes nothing.

    People stand in it by number, without names or accounts, and never who refused a profile. Who somebody is, is a
    look that is noted: `gehoor person show`.

    Parameters
    ----------
    folder : Path
        The workspace.
    clock : Clock
        Says what today is.

    Raises
    ------
    SettingError
        There is no workspace, or its `gehoor.toml` cannot be read.
    """

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.settings = load(folder)
        self._reader = Reader(folder)
        self._clock = clock or SystemClock()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._reader.close()

    def posts(
        self, since: datetime | None = None, until: datetime | None = None, columns: Sequence[str] | None = None
    ) -> Rows:
        """Return what people said, as it was heard, with all that was judged of it: the columns of the history.

        Parameters
        ----------
        since, until : datetime, optional
            From, and before; aware.
        columns : sequence of str, optional
            Only these.

        Raises
        ------
        SettingError
            There is no such column.

        Notes
        -----
        Cost: 10 us a row that is looked at, and the memory of what is found.
        """
        wanted = list(LEDGER.names if columns is None else columns)
        if unknown := set(wanted) - set(LEDGER.names):
            raise SettingError(f"Posts have no {', '.join(sorted(unknown))}. They have {', '.join(LEDGER.names)}.")
        batches = [found.select(wanted) for rows in self._all_rows() if (found := _said(rows, since, until)).num_rows]
        schema = pa.schema([LEDGER.field(name) for name in wanted])
        return Rows(pa.Table.from_batches([batch.cast(schema) for batch in batches], schema=schema))

    def _all_rows(self) -> Iterator[pa.RecordBatch]:
        segments = self._reader.segments()
        yield from read_rows(self.settings.root, before=segments[0].first_seq if segments else None)
        for segment in segments:
            after = segment.first_seq - 1
            while (rows := segment.read(after, 1 << 62, _AT_ONCE)).num_rows:
                after = rows.column("seq")[-1].as_py()
                yield rows

    def people(self, rule: str | None = None) -> Rows:
        """Return the people for whom a rule holds, all columns that a rule may ask; nobody where they are under ten.

        Parameters
        ----------
        rule : str, optional
            As on *Segments*: `orders >= 3 and since_order > 90 days`.

        Raises
        ------
        QueryError
            The rule cannot be read; the message points at the character.
        """
        today = self._clock.now() // DAY_US
        asked = [person.c.person, *(column.value(today).label(name) for name, column in COLUMNS.items())]
        rows = People(self._reader).rows(parse_rule(rule, today) if rule else None, asked, _MOST)
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(asked)
        arrays = {"person": pa.array([name_of_person(number) for number in columns[0]], pa.string())}
        for (name, column), values in zip(COLUMNS.items(), columns[1:], strict=True):
            whole = pa.array(values, pa.int32()) if column.kind == "day" else pa.array(values, _TYPES[column.kind])
            arrays[name] = whole.cast(_TYPES[column.kind])
        return Rows(pa.table(arrays))

    def value(self) -> Rows:
        """Return what each customer is worth, with intervals: the columns of the table `person_value`."""
        names = [column.name for column in person_value.c if column.name != "person"]
        both = person.join(person_value, person_value.c.person == person.c.person)
        wanted = [person.c.person, *(person_value.c[name] for name in names)]
        rows = self._reader.stored(sa.select(*wanted).select_from(both).where(person.c.may_profile.is_(True)))
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
        arrays = {"person": pa.array([name_of_person(number) for number in columns[0]], pa.string())}
        arrays |= {name: pa.array(values) for name, values in zip(names, columns[1:], strict=True)}
        arrays["at"] = arrays["at"].cast(pa.int64()).cast(MICROS)
        return Rows(pa.table(arrays))

    def mirror(self, day: str | None = None, period: str = "day", brand: str = "") -> Edition:
        """Return the edition of the mirror of a period that ends on a day (ISO; by default yesterday).

        It is made by the owner, or in its place where none runs; no person stands in it by name.

        Raises
        ------
        SettingError
            There is no such brand or period, or the day is still to come.
        """
        return mirror_of(self.settings.root, day, period, brand)

    def look_closer(self, what: str, day: str | None = None, brand: str = "") -> CloserLook:
        """Return both indices of `channel:mail`, `segment:NAME`, `campaign:3`, `story:ID` or `utterance:SEQ`.

        A group is read on a day (ISO; by default yesterday); what happened, 28 days after it, or as far as it is known.

        Raises
        ------
        SettingError
            There is nothing of that name, nobody in it, or the day is still to come.
        """
        return closer_of(self.settings.root, what, day, brand)

    def switching(self) -> Rows:
        """Return who moved where: the brand bought most in the first half of the time and in the second, and people."""
        market = market_of(self._reader)
        moves = market.moves if market else []
        start, end, n = zip(*moves, strict=True) if moves else ((), (), ())
        schema = {"from": pa.string(), "to": pa.string(), "people": pa.int64()}
        arrays = [pa.array(values, type_) for values, type_ in zip((start, end, n), schema.values(), strict=True)]
        return Rows(pa.Table.from_arrays(arrays, names=list(schema)))

    def segments(self) -> Rows:
        """Return the segments that are kept: name, rule, and how many people today; null where they are under ten."""
        people, today = People(self._reader), self._clock.now() // DAY_US
        kept = people.kept()
        n = [people.n(parse_rule(one.rule, today)) for one in kept]
        columns = {"name": [one.name for one in kept], "rule": [one.rule for one in kept]}
        arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
        return Rows(pa.table({**arrays, "people": pa.array(n, pa.int64())}))


def _said(rows: pa.RecordBatch, since: datetime | None, until: datetime | None) -> pa.RecordBatch:
    """Return the rows that are posts of others and no spam, of a time."""
    kept = pc.and_(
        pc.is_in(rows.column("type"), pa.array(["Create", "Update"])), pc.equal(rows.column("direction"), "in")
    )
    kept = pc.and_(kept, pc.is_null(rows.column("spam")))
    at = rows.column("event_at")
    if since is not None:
        kept = pc.and_(kept, pc.greater_equal(at, pa.scalar(since, MICROS)))
    if until is not None:
        kept = pc.and_(kept, pc.less(at, pa.scalar(until, MICROS)))
    return rows.filter(kept)
