"""What the workspace knows of people beside what they did: who is one, who is loyal, segments, roles."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.alert import ROLES
from gehoor.core.audience.people import People as Kept
from gehoor.core.audience.rule import parse_rule
from gehoor.core.clock import DAY_US
from gehoor.core.query.error import QueryError
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.settings import Settings
from gehoor.core.tables.ledger import role, rollup
from gehoor.core.tables.person import person, person_actor, person_choice, person_value
from gehoor.run.mirror.day_sums import Loyal
from gehoor.run.mirror.people import Whose

__all__ = ["Given", "given"]

_LOYAL_P, _LOYAL_DAYS = 0.7, 180
_MOST = 1 << 40


class Given(NamedTuple):
    """As of the last time that it was counted.

    Attributes
    ----------
    whose : Whose
        Who is one person; who objects, and is nobody in what is counted of people.
    loyal : Loyal
    audiences : Arrow table
        person, name: whom the kept rules hold, of whom a profile may be used.
    roles : Arrow table
        person, role.
    """

    whose: Whose
    loyal: Loyal
    audiences: pa.Table
    roles: pa.Table


def given(reader: Reader, settings: Settings, now: int) -> Given:
    """Read it. Cost: 1 us a person."""
    both = person_actor.c.actor_key, person_actor.c.person
    whose = _table(reader, sa.select(*both).where(both[0] != both[1]), {"actor": pa.int64(), "person": pa.int64()})
    objects = sa.select(person_choice.c.left).where(person_choice.c.kind == "objects")
    return Given(
        Whose(whose, _table(reader, objects, {"actor": pa.int64()})),
        _loyal(reader),
        _audiences(reader, now),
        _roles(reader, settings, whose),
    )


def _table(reader: Reader, wanted: sa.Select[Any], schema: dict[str, pa.DataType]) -> pa.Table:
    rows = reader.stored(wanted)
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return pa.table(
        {name: pa.array(values, type_) for (name, type_), values in zip(schema.items(), columns, strict=True)}
    )


def _loyal(reader: Reader) -> Loyal:
    is_loyal = (person_value.c.p_alive >= _LOYAL_P, person_value.c.tenure_days >= _LOYAL_DAYS)
    found = [row.person for row in reader.stored(sa.select(person_value.c.person).where(*is_loyal))]
    counted = reader.stored(sa.select(sa.func.max(person_value.c.at)))
    at = counted[0][0] if counted else None
    return Loyal(np.array(sorted(found), np.int64), None if at is None else int(at) // DAY_US)


def _audiences(reader: Reader, now: int) -> pa.Table:
    kept, people, names = Kept(reader), list[int](), list[str]()
    for one in kept.kept():
        try:
            rows = kept.rows(parse_rule(one.rule, now // DAY_US), [person.c.person], _MOST)
        except QueryError:  # a rule of an older gehoor: its page says so
            continue
        people += [row.person for row in rows]
        names += [one.name] * len(rows)
    return pa.table({"person": pa.array(people, pa.int64()), "name": pa.array(names, pa.string())})


def _roles(reader: Reader, settings: Settings, whose: pa.Table) -> pa.Table:
    """Return who somebody is: as people said, as the settings say by the id of a channel; who ordered is a customer."""
    persons = dict(zip(*(column.to_pylist() for column in whose.columns), strict=True))
    ordered = reader.stored(sa.select(person.c.person).where(person.c.n_order_days > 0))
    found = {row.person: "customer" for row in ordered}
    channels = [row.channel for row in reader.stored(sa.select(rollup.c.channel).distinct())]
    for name in ROLES:
        for who in getattr(settings.roles, name):
            channel, slash, actor = who.partition("/")
            keys = [digest(channel, actor)] if slash else [digest(one, who) for one in channels]
            found |= {persons.get(key, key): name for key in keys}
    said = reader.stored(sa.select(role.c.actor_key, role.c.role).where(role.c.role != ""))
    found |= {persons.get(row.actor_key, row.actor_key): row.role for row in said}
    return pa.table({"person": pa.array(found, pa.int64()), "role": pa.array(found.values(), pa.string())})
