"""What tests of persons share: events that tell who somebody is, who is one, and profiles counted from what stands."""

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.record import Activity
from gehoor.know.cells import Names, cells_of
from tests.cast import NOON
from tests.component.keeping import Keeping

__all__ = ["cells_by_replay", "cells_stored", "identifies", "people_of"]


def identifies(actor: str, *, anonymous: str | None = None, id: str | None = None, **traits: Any) -> Activity:
    """Return the event with which somebody's own session tells who they are."""
    said = {"traits": traits} | ({"anonymousId": anonymous} if anonymous else {})
    return Activity(
        id=id or f"identify-{actor}", type="Identify", published=NOON, received=NOON, channel="shop", actor=actor,
        properties=json.dumps(said),
    )  # fmt: skip


def people_of(keeping: Keeping) -> list[set[str]]:
    """Return who is one person, in order of their accounts."""
    people: dict[int, set[str]] = {}
    for person, actor in keeping.stored("SELECT person, actor FROM person_actor"):
        people.setdefault(person, set()).add(actor)
    return sorted(people.values(), key=sorted)


def cells_stored(keeping: Keeping) -> dict[int, dict[int, int]]:
    """Return the cells of every actor of whom a profile is kept."""
    found = {}
    for key, blob in keeping.stored("SELECT actor_key, cells FROM person_actor"):
        pairs = memoryview(blob).cast("q")
        found[key] = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return found


def cells_by_replay(keeping: Keeping) -> dict[int, dict[int, int]]:
    """Return the same, counted one row at a time from what stands, in the order in which it happened."""
    rows = pa.Table.from_batches(
        [batch for segment in keeping.ledger.segments.all for batch in [segment.read(0, 1 << 60, 100_000)]]
    ).sort_by("event_at")
    known = set(cells_stored(keeping))
    counted: dict[int, Counter[int]] = {}
    begins = _begins(rows)
    for place in range(rows.num_rows):
        row = rows.slice(place, 1).combine_chunks().to_batches()[0]
        key = row.column("actor_key")[0].as_py()
        if begins[place]:
            assert key in known
        if key in known:
            mine = counted.setdefault(key, Counter())
            for _, cell, n in zip(*(column.tolist() for column in cells_of(row, Names(), 1)), strict=True):
                mine[cell] += n
    return {key: {cell: n for cell, n in mine.items() if n} for key, mine in counted.items()} | {
        key: {} for key in known - counted.keys()
    }


def _begins(rows: pa.Table) -> list[bool]:
    """Return which rows begin a profile."""
    is_event = pc.is_in(rows["type"], pa.array(["Identify", "Track", "Alias", "Group", "Page", "Screen"]))
    begins = pc.or_(is_event, pc.or_(pc.equal(rows["visibility"], "direct"), pc.equal(rows["channel"], "mail")))
    begins = pc.and_(begins, pc.invert(pc.is_in(rows["type"], pa.array(["Delete", "Undo"]))))
    may = pc.and_(pc.equal(rows["direction"], "in"), pc.and_(pc.is_null(rows["spam"]), pc.is_valid(rows["actor_key"])))
    return pc.and_(begins, may).to_pylist()  # type: ignore[no-any-return]  # pyarrow ships no types
