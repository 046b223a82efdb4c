"""Writes profiles: actors, their cells, the columns of persons, and the names that cells stand for."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa

from gehoor.know.cell_code import Cells, names_in
from gehoor.know.components import chunks
from gehoor.know.profile import Columns, columns_of
from gehoor.know.tally import blobs_of, pairs_of, slices, summed

__all__ = [
    "NewActor", "drop_actors", "drop_empty", "insert_actors", "refresh",
    "write_called", "write_cells", "write_names",
]  # fmt: skip

_INSERT = (
    "INSERT INTO person_actor (actor_key, person, channel, actor, since, cells) VALUES (?, ?, ?, ?, ?, x'') "
    "ON CONFLICT DO NOTHING"
)
_FIELDS = ("person", "n_actors", *Columns._fields)
_PERSON = (
    f"INSERT INTO person ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))}) ON CONFLICT DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _FIELDS[1:])
)
_NAMES = "INSERT INTO person_name VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
_MANY = 20_000


class NewActor(NamedTuple):
    """Somebody of whom a profile is kept from now on."""

    actor_key: int
    channel: str
    actor: str
    since: int


def insert_actors(tx: sa.Connection, actors: Iterable[NewActor]) -> None:
    """Add actors, each a person by itself."""
    rows = sorted((one.actor_key, one.actor_key, one.channel, one.actor, one.since) for one in actors)
    if rows:
        tx.exec_driver_sql(_INSERT, rows)


def write_cells(tx: sa.Connection, cells: Cells) -> set[int]:
    """Add cells (in order of actor) to what stands; return the persons whose columns must be made anew.

    Persons of one actor, nearly all, get their columns here.
    """
    others: set[int] = set()
    for part in slices(cells):
        actors = np.unique(part.actor)
        rows = _standing(tx, actors.tolist())
        keys = [row[0] for row in rows]
        before = pairs_of(keys, [row[2] for row in rows])
        is_there = np.isin(part.actor, np.array(keys, np.int64))
        new = Cells(*(column[is_there] for column in part))
        now = summed(Cells(*(np.concatenate(pair) for pair in zip(before, new, strict=True))))
        known = np.array(keys, np.int64)
        written = zip(blobs_of(now, known), keys, strict=True)
        tx.exec_driver_sql("UPDATE person_actor SET cells = ? WHERE actor_key = ?", list(written))
        alone = np.array([row[3] in (None, 1) and row[1] == row[0] for row in rows], np.bool_)
        others |= {row[1] for row, is_alone in zip(rows, alone.tolist(), strict=True) if not is_alone}
        mine = Cells(*(column[np.isin(now.actor, known[alone])] for column in now))
        _write_persons(tx, mine, known[alone], np.ones(int(alone.sum()), np.int64))
    return others


def _standing(tx: sa.Connection, actors: Iterable[int]) -> list[Any]:
    """Return (actor_key, person, cells, number of actors of that person) in order of actor."""
    sql = (
        "SELECT a.actor_key, a.person, a.cells, p.n_actors FROM person_actor a LEFT JOIN person p "
        "ON p.person = a.person WHERE a.actor_key IN ({}) ORDER BY a.actor_key"
    )
    return [row for part in chunks(actors) for row in tx.exec_driver_sql(sql.format(part)).fetchall()]


def refresh(tx: sa.Connection, persons: Collection[int]) -> None:
    """Make the columns of persons anew from the cells of all their actors; who has none left goes."""
    wanted = sorted(persons)
    for start in range(0, len(wanted), _MANY):
        _refresh(tx, wanted[start : start + _MANY])


def _refresh(tx: sa.Connection, persons: list[int]) -> None:
    sql = "SELECT person, cells FROM person_actor WHERE person IN ({}) ORDER BY person"
    rows = [row for part in chunks(persons) for row in tx.exec_driver_sql(sql.format(part)).fetchall()]
    cells = summed(pairs_of([row[0] for row in rows], [row[1] for row in rows]))
    there, n_actors = np.unique(np.array([row[0] for row in rows], np.int64), return_counts=True)
    gone = set(persons) - set(there.tolist())
    for part in chunks(gone):
        tx.exec_driver_sql(f"DELETE FROM person WHERE person IN ({part})")
    _write_persons(tx, cells, there, n_actors.astype(np.int64))


def _write_persons(tx: sa.Connection, cells: Cells, persons: Any, n_actors: Any) -> None:
    if len(persons):
        columns = [column.tolist() for column in columns_of(cells, persons)]
        tx.exec_driver_sql(_PERSON, list(zip(persons.tolist(), n_actors.tolist(), *columns, strict=True)))


def write_names(tx: sa.Connection, names: list[tuple[int, str, int]]) -> None:
    """Count names; one that nothing names any more goes."""
    if names:
        tx.exec_driver_sql(_NAMES, sorted(names))
    if fewer := [(code,) for code, _, n in names if n < 0]:
        tx.exec_driver_sql("DELETE FROM person_name WHERE code = ? AND n <= 0", fewer)


def write_called(tx: sa.Connection, called: dict[int, str]) -> None:
    """Note what actors call themselves."""
    if called:
        rows = [(name, key, name) for key, name in sorted(called.items())]
        tx.exec_driver_sql("UPDATE person_actor SET name = ? WHERE actor_key = ? AND name IS NOT ?", rows)


def drop_actors(tx: sa.Connection, actors: Iterable[int]) -> set[int]:
    """Remove actors with all that is known of them; return the persons and the actors that this concerns."""
    wanted = sorted(actors)
    rows = _standing(tx, wanted)
    cells = pairs_of([row[0] for row in rows], [row[2] for row in rows])
    codes, n = names_in(cells)
    for code, less in zip(codes.tolist(), n.tolist(), strict=True):
        tx.exec_driver_sql("UPDATE person_name SET n = n - ? WHERE code = ?", (less, code))
        tx.exec_driver_sql("DELETE FROM person_name WHERE code = ? AND n <= 0", (code,))
    persons = {row[1] for row in rows}
    near = set(persons)
    for part in chunks(persons):
        near |= {row[0] for row in tx.exec_driver_sql(f"SELECT actor_key FROM person_actor WHERE person IN ({part})")}
    for part in chunks(wanted):
        tx.exec_driver_sql(f"DELETE FROM person_actor WHERE actor_key IN ({part})")
        tx.exec_driver_sql(f"DELETE FROM person_edge WHERE actor_key IN ({part}) OR other IN ({part})")
    return near


def drop_empty(tx: sa.Connection, actors: Iterable[int]) -> tuple[set[int], set[int]]:
    """Remove those of the actors of whom nothing is known any more; return them, and the persons they were of."""
    gone: set[int] = set()
    persons: set[int] = set()
    sql = (
        "SELECT actor_key, person FROM person_actor a WHERE actor_key IN ({}) AND length(cells) = 0 "
        "AND NOT EXISTS (SELECT 1 FROM person_edge e WHERE e.actor_key = a.actor_key OR e.other = a.actor_key) "
        'AND NOT EXISTS (SELECT 1 FROM person_choice c WHERE c."left" = a.actor_key OR c."right" = a.actor_key)'
    )
    for part in chunks(actors):
        rows = tx.exec_driver_sql(sql.format(part)).fetchall()
        gone |= {row[0] for row in rows}
        persons |= {row[1] for row in rows}
    for part in chunks(gone):
        tx.exec_driver_sql(f"DELETE FROM person_actor WHERE actor_key IN ({part})")
    return gone, persons
