"""What customers told of themselves that two records can be compared by: names, birthday, address, phone."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables.person import person_actor
from gehoor.know.base import Ints
from gehoor.know.comparing import Column
from gehoor.know.consent import may_profile
from gehoor.run.identity_columns import columns_of
from gehoor.run.order_rows import past_rows, people_kept, persons_of

__all__ = ["ToldRecords", "told_records"]

_COLUMNS = ("seq", "actor_key", "type", "direction", "properties", "policy")
_SQL = (
    "SELECT actor_key, properties, policy FROM activity WHERE state = 0 AND type = 'Identify' AND direction = 'in' "
    "AND actor_key IS NOT NULL ORDER BY seq"
)
_TRAITS = {
    "date_of_birth": ("birthday", "date_of_birth", "dateOfBirth", "geboortedatum"),
    "phone": ("phone", "phone_number", "phoneNumber", "mobile", "telefoon"),
    "postcode": ("postalCode", "postal_code", "postcode", "zip"),
    "address": ("street", "straat"),
    "city": ("city", "woonplaats"),
}
_NAMES = (("firstName", "first_name", "voornaam"), ("lastName", "last_name", "achternaam"))
_KINDS = ("name", *_TRAITS)
_MOST = 20_000
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class ToldRecords(NamedTuple):
    """One record an actor: whose it is, and what it holds in columns of `run.identity_columns.KINDS`."""

    actors: Ints
    persons: Ints
    columns: list[Column]


def told_records(root: Path, reader: Reader) -> ToldRecords:
    """Return what everybody whose profile may be used told in an event of their own session, or signs a mail with.

    Public accounts are left out: a pseudonym is linked by an act of its owner only. So are mail addresses, which are
    evidence for themselves and hold the name once more; a record with nothing but a name has nothing to agree in.

    Notes
    -----
    The latest of each is taken; of the 20,000 actors that told something last. Cost: 2 us a row of the history and the
    ledger, in any thread.
    """
    told: dict[int, dict[str, str]] = {}
    for key, properties, policy in (*_past(root, reader), *_present(reader)):
        if may_profile(policy):
            record = told.pop(key, {}) | _record(properties)
            if record:
                told[key] = record
    names = reader.stored(
        sa.select(person_actor.c.actor_key, person_actor.c.name).where(
            person_actor.c.channel == "mail", person_actor.c.name.is_not(None)
        )
    )
    for row in names:
        told.setdefault(row.actor_key, {"name": row.name})
    keys = np.array(list(told)[-_MOST:], np.int64)
    persons, may = persons_of(people_kept(reader), keys)
    keys, persons = keys[may], persons[may]
    rows = {kind: [told[key].get(kind, "") for key in keys.tolist()] for kind in _KINDS}
    return ToldRecords(keys, persons, columns_of(rows, {kind: kind for kind in _KINDS}))


def _past(root: Path, reader: Reader) -> Iterator[tuple[int, str | None, str | None]]:
    for batch in past_rows(root, reader, _COLUMNS):
        is_told = pc.equal(batch.column("type").cast(pa.string()), "Identify")
        is_in = pc.equal(batch.column("direction").cast(pa.string()), "in")
        rows = batch.filter(pc.and_(pc.and_(is_told, is_in), pc.is_valid(batch.column("actor_key"))))
        columns = (rows.column(name).to_pylist() for name in ("actor_key", "properties", "policy"))
        yield from zip(*columns, strict=True)


def _present(reader: Reader) -> Iterator[tuple[int, str | None, str | None]]:
    for segment in reader.segments():
        yield from ((row[0], row[1], row[2]) for row in segment.query(_SQL))


def _record(properties: str | None) -> dict[str, str]:
    """Return by kind what one event tells."""
    try:
        traits = _decode(properties or "{}").get("traits")
    except (msgspec.DecodeError, RecursionError):
        return {}
    if not isinstance(traits, dict):
        return {}
    address = traits.get("address")
    places = (traits, address if isinstance(address, dict) else {})
    record = {kind: text for kind, names in _TRAITS.items() if (text := _first(places, names))}
    parts = [_first(places[:1], names) for names in _NAMES]
    name = " ".join(filter(None, parts)) or _first(places[:1], ("name", "naam"))
    return record | ({"name": name} if name else {})


def _first(places: Iterable[Mapping[str, Any]], names: Iterable[str]) -> str:
    """Return the first text or whole number of these names."""
    values = (place.get(name) for name in names for place in places)
    return next((str(one).strip() for one in values if isinstance(one, (str, int)) and str(one).strip()), "")
