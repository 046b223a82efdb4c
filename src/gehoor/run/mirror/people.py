"""What each person did up to a day, as the columns of `mirror.day.COLUMNS`: from the marts, by DuckDB."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.clock import DAY_US
from gehoor.mirror.plausible import is_plausible
from gehoor.run.mirror.marts import MARTS, connect, quoted

__all__ = ["COUNTED", "FOR_SHARES", "People", "Persons", "Said", "Whose"]

Ints = npt.NDArray[np.int64]

_IN_TIME_US = DAY_US
"""An answer within a day is one in time."""

COUNTED = (
    "active", "month", "week", "weeks", "new", "was_here", "came_back", "days", "buyers", "orders", "asked", "answered",
    "told", "told_back", "reactions_first", "reactions_again",
)  # fmt: skip

_ACTIVE = """
    CREATE OR REPLACE TEMP TABLE did AS
    SELECT coalesce(one.person, p.actor) AS person, day, sum(n_said + n_shared + n_reacted + n_did)::INTEGER AS n,
           sum(n_said)::INTEGER AS n_said, sum(n_negative)::INTEGER AS n_negative,
           sum(n_positive)::INTEGER AS n_positive, any_value(channel) AS channel, any_value(language) AS language,
           any_value(region) AS region
    FROM people AS p LEFT JOIN one ON one.actor = p.actor
    WHERE brand = $brand AND day BETWEEN $since AND $until GROUP BY ALL ORDER BY day"""
_FIRST = """
    CREATE OR REPLACE TEMP TABLE known AS
    SELECT coalesce(one.person, p.actor) AS person, min(day) AS first_day
    FROM people AS p LEFT JOIN one ON one.actor = p.actor WHERE brand = $brand AND day <= $until GROUP BY ALL"""
_EXCHANGES = """
    CREATE OR REPLACE TEMP TABLE talk AS
    SELECT e.* EXCLUDE (actor, brands), coalesce(one.person, e.actor) AS person
    FROM exchanges AS e LEFT JOIN one ON one.actor = e.actor
    WHERE day BETWEEN $since AND $until AND ($brand = '' OR kind IN ('ours', 'share', 'react')
                                             OR list_contains(brands, $brand) OR target IS NOT NULL)"""
_OURS = """
    CREATE OR REPLACE TEMP TABLE ours AS
    SELECT object, min(day) AS day, min(at_us) AS at_us, max(views) AS views, any_value(words) AS words,
           bool_or(is_copy) AS is_copy, false AS is_again
    FROM talk WHERE kind = 'ours' AND target IS NULL GROUP BY object"""
_AGAIN = """
    UPDATE ours SET is_again = true WHERE is_copy
        OR EXISTS (SELECT 1 FROM ours AS o WHERE o.words = ours.words AND o.at_us < ours.at_us)"""
_BOUGHT = """
    CREATE OR REPLACE TEMP TABLE bought AS
    SELECT coalesce(one.person, o.actor) AS person, day, order_brand, sum(n)::INTEGER AS n
    FROM orders AS o LEFT JOIN one ON one.actor = o.actor WHERE day BETWEEN $since AND $until GROUP BY ALL"""

_MART = {
    "people": "SELECT * FROM {} ANTI JOIN objecting USING (actor)",
    "orders": "SELECT * FROM {} ANTI JOIN objecting USING (actor)",
    "exchanges": """
        SELECT * REPLACE (CASE WHEN actor IN (SELECT actor FROM objecting) THEN NULL ELSE actor END AS actor)
        FROM {}""",
    "cells": "SELECT * FROM {}",
}
"""A mart without who objects: what they say is counted as posts, and of no person."""

# each part is a table of (person, its columns); $d is the day, $end its last moment
_PARTS = {
    "seen": """
        SELECT person, max((day = $d)::TINYINT) AS active, max((day > $d - 28)::TINYINT) AS month,
               max((day > $d - 7)::TINYINT) AS week,
               count(DISTINCT CASE WHEN day > $d - 28 THEN ($d - day) // 7 END) AS weeks,
               max((day <= $d - 28)::TINYINT) AS was_here, count(*) FILTER (day > $d - 28) AS days
        FROM did WHERE day > $d - 56 AND day <= $d GROUP BY person""",
    "spent": """
        SELECT person, 1 AS buyers, sum(n) AS orders FROM bought
        WHERE day > $d - 28 AND day <= $d AND ($ours = '' OR order_brand IN ('', $ours)) GROUP BY person""",
    "wrote": """
        SELECT q.person, 1 AS asked, avg((a.at_us IS NOT NULL)::TINYINT) AS answered
        FROM (SELECT object, person, min(at_us) AS at_us FROM talk WHERE kind = 'say' AND is_question
                AND day > $d - 28 AND day <= $d AND person IS NOT NULL GROUP BY ALL) AS q
        LEFT JOIN (SELECT target, min(at_us) AS at_us FROM talk WHERE kind = 'ours' AND target IS NOT NULL
                   GROUP BY target) AS a
               ON a.target = q.object AND a.at_us >= q.at_us AND a.at_us <= q.at_us + $in_time AND a.at_us < $end
        WHERE a.at_us IS NOT NULL OR q.at_us + $in_time <= $end GROUP BY q.person""",
    "heard": """
        SELECT t.person, 1 AS told, avg((b.at_us IS NOT NULL)::TINYINT) AS told_back
        FROM (SELECT o.object, o.at_us, s.person FROM talk AS o JOIN (SELECT DISTINCT object, person FROM talk
              WHERE kind = 'say' AND person IS NOT NULL) AS s ON s.object = o.target
              WHERE o.kind = 'ours' AND o.day > $d - 28 AND o.day <= $d) AS t
        LEFT JOIN (SELECT target, person, min(at_us) AS at_us FROM talk WHERE kind = 'say' AND target IS NOT NULL
                   GROUP BY ALL) AS b ON b.target = t.object AND b.person = t.person AND b.at_us < $end
        GROUP BY t.person""",
    "reacted": """
        SELECT t.person, count(*) FILTER (NOT o.is_again) AS reactions_first,
               count(*) FILTER (o.is_again) AS reactions_again
        FROM talk AS t JOIN ours AS o ON o.object = t.target
        WHERE t.kind IN ('say', 'share', 'react') AND t.day > $d - 28 AND t.day <= $d AND o.day > $d - 28
          AND t.person IS NOT NULL GROUP BY t.person""",
}
_OF = {
    "seen": ("active", "month", "week", "weeks", "was_here", "days"), "spent": ("buyers", "orders"),
    "wrote": ("asked", "answered"), "heard": ("told", "told_back"), "reacted": ("reactions_first", "reactions_again"),
}  # fmt: skip
"""Which columns each part gives."""

FOR_SHARES = ("seen", "wrote")
"""Parts behind the shares of groups."""

_PERSONS = """
    CREATE OR REPLACE TEMP TABLE persons AS
    SELECT k.person, {columns},
           (k.first_day > $d - 90 AND coalesce(month, 0) = 1)::DOUBLE AS new,
           (coalesce(was_here, 0) = 1 AND coalesce(month, 0) = 1)::DOUBLE AS came_back
    FROM known AS k ANTI JOIN machines USING (person)
    {joins}
    WHERE k.first_day <= $d"""


_EVERYBODY = "SELECT * FROM persons ORDER BY person"


class Whose(NamedTuple):
    """Arrow tables: `one` (actor, person) of actors that are a person of another name, `objecting` (actor)."""

    one: pa.Table
    objecting: pa.Table


class Persons(NamedTuple):
    """Everybody who is known on a day, each once: `columns` of shape (n,) by names of `mirror.day.COLUMNS`."""

    person: Ints
    columns: dict[str, npt.NDArray[np.float64]]


class Said(NamedTuple):
    """What belongs to no one person: views of what we said first and again, and how many accounts were left out."""

    views_first: float
    views_again: float
    n_left_out: int
    n_ours: int


class People:
    """The people of a brand in some days, ready to be asked for each of them.

    Parameters
    ----------
    folder : Path
        Where the marts are.
    whose : Whose
        Who is one person, and who objects to being counted as one.
    brand : str
        "" is everything together.
    days : tuple of int
        First and last day (since 1970) that will be asked.

    Notes
    -----
    Cost: 1 us a person and day of activity; a second for a day of a million people.
    """

    def __init__(self, folder: Path, whose: Whose, brand: str, days: tuple[int, int]) -> None:
        self.base = connect(folder)
        self.base.register("one", whose.one)
        self.base.register("objecting", whose.objecting)
        for name in MARTS:
            files = sorted(folder.glob(f"*/{name}.parquet"))
            found = ", ".join(quoted(file) for file in files if not file.parent.name.startswith("."))
            self.base.execute(f"CREATE VIEW {name} AS {_MART[name].format(f'read_parquet([{found}])')}")
        self.brand = brand
        self.day, self.since = days[1], 0
        self._stands: tuple[int, int] | None = None
        self._prepare(days)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *why: object) -> None:
        """Let go of the memory."""
        self.base.close()

    def _prepare(self, days: tuple[int, int]) -> None:
        given = {"brand": self.brand, "since": days[0] - 56, "until": days[1]}
        self.base.execute(_ACTIVE, given)
        self.base.execute(_FIRST, {"brand": self.brand, "until": days[1]})
        self.base.execute(_EXCHANGES, {**given, "since": days[0] - 91})
        self.base.execute(_OURS)
        self.base.execute(_AGAIN)
        self.base.execute(_BOUGHT, {"since": days[0] - 56, "until": days[1]})
        self.base.execute("CREATE OR REPLACE TEMP TABLE machines (person BIGINT)")
        self.ours = self._ours()
        first = self._one("SELECT min(first_day) FROM known")
        self.first = int(str(first[0])) if first is not None and first[0] is not None else None

    def past(self, day: int) -> int:
        """Return how many days of this brand lie before a day."""
        return day - self.first if self.first is not None else 0

    def _ours(self) -> str:
        """Return the brand of most orders: ours; "" where none names one."""
        found = self._one("SELECT order_brand FROM bought WHERE order_brand <> '' GROUP BY ALL ORDER BY sum(n) DESC, 1")
        return str(found[0]) if found else ""

    def _one(self, query: str, given: dict[str, object] | None = None) -> tuple[object, ...] | None:
        return next(iter(self.rows(query, **(given or {}))), None)

    def stand(self, day: int, end: int) -> None:
        """See to it that the table `persons` is that of a day; see `at`."""
        if self._stands != (day, end):
            self.at(day, end)

    def at(self, day: int, end: int, parts: Collection[str] = tuple(_PARTS)) -> Said:
        """Make the table `persons` of a day; `end`: its last moment, or now where it is not over (microseconds UTC).

        Columns of `parts` that are not asked for are 0.
        """
        self.day, self.since = day, end - 56 * DAY_US
        self._stands = (day, end) if len(parts) == len(_PARTS) else None
        n_left_out = self._leave_out(day)
        given = {"d": day, "end": end, "in_time": _IN_TIME_US, "ours": self.ours if not self.brand else ""}
        table = _persons_of(parts)
        self.base.execute(table, {name: value for name, value in given.items() if f"${name}" in table})
        query = """SELECT sum(views) FILTER (NOT is_again), sum(views) FILTER (is_again), count(*) FROM ours
                   WHERE day > $d - 28 AND day <= $d"""
        first, again, n_ours = self._one(query, {"d": day}) or (None, None, 0)
        return Said(_float(first), _float(again), n_left_out, int(str(n_ours)))

    def _leave_out(self, day: int) -> int:
        """Note who talks as no person does in the 28 days."""
        query = """SELECT person, sum(n_said)::BIGINT AS n, count(*) FILTER (n_said > 0)::BIGINT AS n_days FROM did
                   WHERE day > $d - 28 AND day <= $d GROUP BY person HAVING sum(n_said) > 0"""
        found = self.base.execute(query, {"d": day}).fetchnumpy()
        is_person = is_plausible(found["n"].astype(np.float64), found["n_days"].astype(np.float64))
        out = pa.table({"person": np.asarray(found["person"])[~is_person].astype(np.int64)})
        self.base.register("left_out", out)
        self.base.execute("CREATE OR REPLACE TEMP TABLE machines AS SELECT person FROM left_out")
        self.base.unregister("left_out")
        return int(out.num_rows)

    def persons(self, query: str = _EVERYBODY, **given: object) -> Persons:
        """Return the persons of the day that was made last, or those of them that a question finds."""
        found = self.base.execute(query, given).fetchnumpy()
        columns = {name: np.asarray(found[name], np.float64) for name in COUNTED}
        return Persons(np.asarray(found["person"], np.int64), columns)

    def totals(self) -> tuple[int, dict[str, float]]:
        """Return how many they are, and the sum of each column."""
        sums = ", ".join(f"sum({name})" for name in COUNTED)
        n, *values = self._one(f"SELECT count(*), {sums} FROM persons") or (0,)
        return int(str(n)), {name: _float(value) if n else 0.0 for name, value in zip(COUNTED, values, strict=False)}

    def rows(self, query: str, **given: object) -> list[tuple[object, ...]]:
        """Return what a question finds in the marts and tables above."""
        found: list[tuple[object, ...]] = self.base.execute(query, given).fetchall()
        return found


def _persons_of(parts: Collection[str]) -> str:
    """Return how the table of persons is made of some parts."""
    columns = ", ".join(
        f"{f'coalesce({name}, 0)' if part in parts else 0}::DOUBLE AS {name}"
        for part, names in _OF.items()
        for name in names
    )
    joins = " ".join(f"LEFT JOIN ({_PARTS[part]}) AS {part} USING (person)" for part in _PARTS if part in parts)
    return _PERSONS.format(columns=columns, joins=joins)


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")
