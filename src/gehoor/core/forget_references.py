"""Replaces in what others said or did the references to a person who is forgotten; threads stay whole."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.dialects import sqlite

from gehoor.core.history_read import read_rows
from gehoor.core.ledger.dropped import dropped_pages, write_again
from gehoor.core.ledger.segments import Segments
from gehoor.core.named import naming
from gehoor.core.projector import Projector
from gehoor.core.record import digest
from gehoor.core.reference import REFERENCES, pseudonym, reference_key, replaced
from gehoor.core.tables.ledger import forgotten_reference

__all__ = ["Referring", "own_names", "replace_references"]

_LEAST = 5  # a shorter name stands in too many addresses that are somebody else's
_OF_OTHERS = frozenset(("Like", "Follow", "Flag", "Announce"))
_COLUMNS = ("channel", *REFERENCES)
_UPDATE = f"UPDATE activity SET {', '.join(f'{name} = ?' for name in REFERENCES)} WHERE seq = ?"


class Referring(NamedTuple):
    """How many activities of others referred to them, and (offset, id) of those that pass their words on."""

    n: int
    shares: list[tuple[int, str]]


def own_names(channel: str, rows: Iterable[tuple[str, str, str | None]]) -> dict[int, str]:
    """Return under which names others refer to what somebody said or did, by digest.

    Parameters
    ----------
    rows : iterable of (str, str, str or None)
        Type, id and object of all of it. What a like or a share concerns is somebody else's.
    """
    names: set[str] = set()
    for type_, id_, object_ in rows:
        names.add(id_)
        if object_ and type_ not in _OF_OTHERS:
            names.add(object_)
    return {digest(channel, name): name for name in names}


def replace_references(
    root: Path, projector: Projector, own: Mapping[int, str], names: Iterable[str], actors: Collection[int]
) -> Referring:
    """Put a pseudonym where others refer to what somebody said, in the ledger and in what was dropped, and keep it so.

    The history is left to `core.history_rewrite.rewrite`, with `replaced` and the ledger's `references`.

    Parameters
    ----------
    own : mapping of int to str
        Of `own_names`.
    names : iterable of str
        What names the person for certain: a reference that holds one of five characters or more is replaced too.
    actors : collection of int
        Digests of the person's own accounts: what they said goes anyway.
    """
    long = sorted({name for name in names if len(name) >= _LEAST})
    segments, is_named = projector.ledger.segments, naming(long)
    keys = {*own, *_named_in(_aside(root, segments, long), is_named)}
    rows = [row for row in _referring(segments, own, long) if row[1] not in actors]
    for _, _, _, _, channel, *said in rows:
        keys |= {reference_key(channel, name) for name in said if name and is_named(name)}
    fresh = keys - projector.ledger.references
    with projector.engine.begin() as tx:  # before anything is replaced: after a crash no name tells them any more
        if fresh:
            tx.execute(sqlite.insert(forgotten_reference), [{"key": key} for key in sorted(fresh)])
    projector.ledger.references |= keys
    n = _replace(segments, rows, keys)
    for segment, page, dropped, _ in dropped_pages(segments):
        write_again(segment, page, dropped, replaced(dropped, keys))
    return Referring(n, [(seq, id_) for seq, _, id_, passes_on, *_ in rows if passes_on])


def _referring(segments: Segments, own: Mapping[int, str], names: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield (seq, actor_key, id, passes words on, channel, references) of rows that may refer to them."""
    either = ["object_key IN (SELECT value FROM json_each(?))", "parent_key IN (SELECT value FROM json_each(?))"]
    either += [f"{name} IN (SELECT value FROM json_each(?))" for name in ("conversation", "quote_of")]
    either += [f"instr({name}, ?)" for name in REFERENCES for _ in names]
    said = ", ".join(REFERENCES)
    sql = (
        "SELECT seq, actor_key, id, type = 'Announce' AND text IS NOT NULL AND state = 0, channel, "
        f"{said} FROM activity WHERE coalesce({said}) IS NOT NULL AND ({' OR '.join(either)}) ORDER BY seq"
    )
    keys, texts = (msgspec.json.encode(list(some)).decode() for some in (own.keys(), own.values()))
    values = (keys, keys, texts, texts, *(name for _ in REFERENCES for name in names))
    for segment in segments.all:
        yield from map(tuple, segment.query(sql, values))


def _replace(segments: Segments, rows: list[tuple[Any, ...]], keys: Collection[int]) -> int:
    changed: dict[int, list[str | None]] = {}
    for seq, _, _, _, channel, *said in rows:
        digests = [name and reference_key(channel, name) for name in said]
        fresh = [pseudonym(key) if key in keys else name for key, name in zip(digests, said, strict=True)]
        if fresh != said:
            changed[seq] = fresh
    for segment, seqs in segments.grouped(changed):
        with segment.engine.begin() as tx:
            tx.exec_driver_sql(_UPDATE, [(*changed[seq], seq) for seq in seqs])
    return len(changed)


def _aside(root: Path, segments: Segments, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield what was dropped, and the history of what the ledger let go of: only where there is a name to look for."""
    if not names:
        return
    yield from (rows for _, _, rows, _ in dropped_pages(segments))
    first = segments.all[0].first_seq if segments.all else None
    yield from read_rows(root, before=first, columns=["seq", *_COLUMNS])


def _named_in(batches: Iterable[pa.RecordBatch], is_named: Callable[[str], bool]) -> Iterator[int]:
    """Yield the digests of references that hold a name."""
    for rows in batches:
        channels = rows.column("channel")
        for name in REFERENCES:
            column = rows.column(name)
            there = pc.indices_nonzero(pc.is_valid(column))
            pairs = zip(channels.take(there).to_pylist(), column.take(there).to_pylist(), strict=True)
            yield from (reference_key(channel, text) for channel, text in {*pairs} if is_named(text))
