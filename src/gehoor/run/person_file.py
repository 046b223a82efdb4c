"""Writes all that a workspace holds of a person into one file: the answer to "what do you have of me?"."""

import base64
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.errors import SettingError
from gehoor.core.history_read import read_rows
from gehoor.core.ledger.dropped import places_of_actor, rows_of_page
from gehoor.core.ledger.index import actor_hash, parent_hash
from gehoor.core.ledger.ledger import Ledger
from gehoor.core.named import reject_places
from gehoor.core.own_secret import own_secret
from gehoor.core.person_reader import Account
from gehoor.core.reader import Reader
from gehoor.core.tables import ledger as tables
from gehoor.know.earlier import earlier_rows
from gehoor.know.evidence import identifiers_in
from gehoor.know.identity import Keys
from gehoor.run.person_more import desk_lines, talks_of, worked_out
from gehoor.run.person_view import view_of
from gehoor.run.workplace import Workplace

__all__ = ["identifiers_of", "write_export"]

_LEAST = 5


def identifiers_of(reader: Reader, root: Path, actors: Sequence[int]) -> list[str]:
    """Return what some actors said names them for certain: mail addresses, phone and customer numbers."""
    keys, found = Keys(own_secret(root)), set[str]()
    for rows in _rows(reader, root, actors):
        found |= identifiers_in(rows, keys)
    return sorted(text for text in found if len(text) >= _LEAST)


def _rows(reader: Reader, root: Path, actors: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """Yield all that stands of some actors, in the history and in the ledger."""
    segments = reader.segments()
    wanted = pa.array(sorted(actors), pa.int64())
    for batch in read_rows(root, before=segments[0].first_seq if segments else None):
        mine = batch.filter(pa.compute.is_in(batch.column("actor_key"), wanted))
        if mine.num_rows:
            yield mine
    yield from earlier_rows(reader, actors, reader.head())


def write_export(path: Path, owner: Workplace, reader: Reader, accounts: Sequence[Account]) -> int:
    """Write a JSON object a line, each with `what` it is; return how many.

    The summary first (`person`), what was worked out (`value`, `loyalty`), then every `activity` with its judgements,
    our `answer`s to them, what the desk keeps (`note reply survey`), what was `dropped` or `rejected` of theirs, and
    what people corrected (`example`). Readable by its user only.

    Raises
    ------
    SettingError
        The file is there already, or cannot be written.
    """
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise SettingError(f"{path} cannot be written: {error.strerror}. Choose another file.") from None
    n = 0
    with os.fdopen(handle, "wb") as file:
        for line in _lines(owner, reader, accounts):
            file.write(msgspec.json.encode(line) + b"\n")
            n += 1
    return n


def _lines(owner: Workplace, reader: Reader, accounts: Sequence[Account]) -> Iterator[dict[str, Any]]:
    ledger, keys = owner.projector.ledger, [account.actor_key for account in accounts]
    yield {"what": "person", **msgspec.to_builtins(view_of(reader, accounts, owner.clock.now()))}
    objects: list[int] = []
    yield from worked_out(reader, accounts)
    for rows in _rows(reader, owner.root, [*keys, *talks_of(accounts)]):
        objects += rows.column("object_key").to_pylist()
        yield from _as_lines("activity", rows)
    yield from _replaced(ledger, keys)
    yield from _answers(ledger, objects)
    yield from desk_lines(reader, keys)
    for account in accounts:
        yield from _dropped(ledger, account)
    names = {account.actor for account in accounts} | {account.name for account in accounts if account.name}
    names |= set(identifiers_of(reader, owner.root, keys))
    for segment, places in reject_places(ledger.segments, names):
        for place in places:
            for reason, raw in segment.query("SELECT reason, raw FROM reject WHERE source = ? AND position = ?", place):
                yield {"what": "rejected", "source": place[0], "reason": reason, "raw": _text(raw)}
    example = tables.example
    for row in reader.stored(sa.select(example).where(example.c.actor_key.in_(keys))):
        yield {"what": "example", **row._mapping}


def _as_lines(what: str, rows: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    for row in rows.to_pylist():
        yield {"what": what, **{name: value for name, value in row.items() if value is not None}}


def _replaced(ledger: Ledger, keys: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield what an edit replaced: it is still there, until the ledger lets go of its day."""
    found = ledger.find_hashed([actor_hash(key) for key in keys], "seq, state, actor_key")
    seqs = [seq for seq, state, key in found if state and key in keys]
    yield from _as_lines("replaced", ledger.segments.rows(seqs))


def _answers(ledger: Ledger, objects: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield what we answered."""
    known = set(objects)
    found = ledger.find_hashed([parent_hash(key) for key in known], "seq, parent_key, direction, state")
    seqs = [seq for seq, parent, direction, state in found if parent in known and direction == "out" and not state]
    yield from _as_lines("answer", ledger.segments.rows(seqs))


def _dropped(ledger: Ledger, account: Account) -> Iterator[dict[str, Any]]:
    places, _ = places_of_actor(ledger.segments, account.channel, account.actor)
    for segment, page, keys in places:
        rows, known = rows_of_page(segment, page)
        mine = [key in keys for key in known.tolist()]
        yield from _as_lines("dropped", rows.filter(pa.array(mine)))


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode()
