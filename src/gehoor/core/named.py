"""Finds where a person is named: in what was kept aside, and in what others said."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.history_read import read_rows
from gehoor.core.ledger.segment import Segment
from gehoor.core.ledger.segments import Segments

__all__ = ["mentions_of", "naming", "reject_places"]

_SAID = ("text", "mentions", "tags", "url", "lines", "properties", "id")
_ENCODINGS = ("utf-8", "cp1252", "utf-16-le")


def _bytes_of(name: str) -> Iterator[bytes]:
    """Yield how a name may stand in bytes: plain, inside JSON, in the encodings of old files."""
    for form in {name, json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1]}:
        for encoding in _ENCODINGS:
            yield form.encode(encoding, "ignore")


def _whole(needles: Iterable[bytes]) -> re.Pattern[bytes]:
    """Return what finds a needle that is no piece of a longer word or number: an actor may be called 7."""
    joined = b"|".join(re.escape(needle) for needle in sorted(set(needles)) if needle)
    return re.compile(rb"(?<![0-9A-Za-z_])(?:" + joined + rb")(?![0-9A-Za-z_])")


def naming(names: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells whether a text holds one of these names as a whole word; without any name none does."""
    wanted = [name.encode("utf-8", "replace") for name in names if name]
    search = _whole(wanted).search
    return lambda said: bool(wanted) and search(said.encode("utf-8", "replace")) is not None


def reject_places(segments: Segments, names: Iterable[str]) -> Iterator[tuple[Segment, list[tuple[str, int]]]]:
    """Yield by segment the (source, position) of rejects that name one of `names`: nobody can tell whose words."""
    is_named = _whole(needle for name in names for needle in _bytes_of(name)).search
    for segment in segments.all:
        rows = segment.query("SELECT source, position, raw, coalesce(native_id, '') || ' ' || reason FROM reject")
        hits = [(source, at) for source, at, raw, said in rows if is_named(raw) or is_named(said.encode())]
        if hits:
            yield segment, hits


def mentions_of(root: Path, segments: Segments, names: Iterable[str], key: int) -> list[tuple[int, str]]:
    """Return (offset, id) of standing posts of others that name the actor whose digest is `key`, oldest first.

    Looks in their words, whom they mention, their tags, address, lines and properties, and in their id; in the history
    for days that the ledger let go of. What they refer to is none: a pseudonym stands there (`core.reference`).
    """
    wanted = sorted(names)
    is_named = naming(wanted)
    said_by_others = itertools.chain(_in_history(root, segments, wanted, key), _in_ledger(segments, wanted, key))
    return [(seq, native) for seq, native, said in said_by_others if is_named(said)]


def _in_ledger(segments: Segments, names: Sequence[str], key: int) -> Iterator[tuple[int, str, str]]:
    said = " || char(10) || ".join(f"coalesce({name}, '')" for name in _SAID)
    either = " OR ".join([f"instr({said}, ?)"] * len(names))
    sql = f"SELECT seq, id, {said} FROM activity WHERE state = 0 AND actor_key IS NOT ? AND ({either}) ORDER BY seq"
    for segment in segments.all:
        yield from segment.query(sql, (key, *names))


def _in_history(root: Path, segments: Segments, names: Sequence[str], key: int) -> Iterator[tuple[int, str, str]]:
    for batch in read_rows(root, before=segments.all[0].first_seq if segments.all else None):
        rows, said = _may_name(batch, names, key)
        columns = (column.to_pylist() for column in (rows.column("seq"), rows.column("id"), said))
        yield from zip(*columns, strict=True)


def _may_name(batch: pa.RecordBatch, names: Iterable[str], key: int) -> tuple[pa.RecordBatch, pa.Array]:
    """Return the rows of others that have one of the names somewhere, and all that each says, as one text."""
    is_theirs = pc.fill_null(pc.equal(batch.column("actor_key"), key), fill_value=False)
    columns = [batch.column(name) for name in _SAID]
    texts = [pc.binary_join(c.fill_null([]), "\n") if pa.types.is_list(c.type) else c.fill_null("") for c in columns]
    said = pc.binary_join_element_wise(*texts, "\n")
    named = pa.array([False] * batch.num_rows, pa.bool_())
    for name in names:
        named = pc.or_(named, pc.match_substring(said, name))
    mask = pc.and_(named, pc.invert(is_theirs))
    return batch.filter(mask), said.filter(mask)
