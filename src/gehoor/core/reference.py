"""By what one activity refers to another, and what stands there once the other's author is forgotten."""

import re
from collections.abc import Collection

import pyarrow as pa

from gehoor.core.record import digest

__all__ = ["REFERENCES", "pseudonym", "reference_key", "replaced"]

REFERENCES = ("object", "in_reply_to", "conversation", "quote_of")
"""The columns of a record that name another activity, or a thread by its first."""

_PSEUDONYM = re.compile(r"forgotten:([0-9a-f]{16})")
_BITS = 64


def pseudonym(key: int) -> str:
    """Return what stands for a reference, given its digest: the same each time it is heard, and no name.

    Examples
    --------
    >>> pseudonym(-1)
    'forgotten:ffffffffffffffff'
    """
    return f"forgotten:{key % (1 << _BITS):016x}"


def reference_key(channel: str, name: str) -> int:
    """Return the digest of a reference; of a pseudonym that which it stands for, so that threads stay whole.

    Examples
    --------
    >>> key = reference_key("bluesky", "at://did:plc:jan/1")
    >>> reference_key("bluesky", pseudonym(key)) == key
    True
    """
    known = _PSEUDONYM.fullmatch(name)
    if known is None:
        return digest(channel, name)
    key = int(known[1], 16)
    return key - (1 << _BITS) if key >> (_BITS - 1) else key


def replaced(rows: pa.RecordBatch, keys: Collection[int]) -> pa.RecordBatch:
    """Return rows in which a pseudonym stands for each reference with one of these digests; the same rows if for none.

    Parameters
    ----------
    rows : pyarrow.RecordBatch
        With `channel` and `REFERENCES`.

    Notes
    -----
    Cost: nothing without keys; else 1 us a reference.
    """
    if not keys:
        return rows
    channels = rows.column("channel").to_pylist()
    changed: dict[str, pa.Array] = {}
    for name in REFERENCES:
        column = rows.column(name)
        if column.null_count == len(column):
            continue
        names = column.to_pylist()
        fresh = [text and _after(channel, text, keys) for channel, text in zip(channels, names, strict=True)]
        if fresh != names:
            changed[name] = pa.array(fresh, column.type)
    if not changed:
        return rows
    columns = [changed.get(name, rows.column(name)) for name in rows.schema.names]
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)


def _after(channel: str, name: str, keys: Collection[int]) -> str:
    key = reference_key(channel, name)
    return pseudonym(key) if key in keys else name
