"""Label tokens: how search finds a row by what it is rather than by what it says.

Each row carries one short token for its channel, tone, wish and so on, in a second column of the full-text index. So
any combination of them, and of words, is one index look-up, newest first, however rare it is.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.record import kind_of

__all__ = ["LABELLED", "SILENT", "columns_of_labels", "relabel", "token"]

_PLAIN = ("kind", "channel", "direction", "heard_by", "language", "sentiment", "intent")
_WISHES = ("need", "actionability", "urgency", "emotion", "motive")

LABELLED = (*_PLAIN, *_WISHES, "brands")
"""The columns that have tokens; `kind` stands for `type`, `direction` and `spam`."""

SILENT = frozenset((("urgency", "normal"), *((name, "none") for name in ("actionability", "emotion", "motive"))))
"""What most posts are: it has no token, as nobody looks for it and each token costs 0.7 us."""


@lru_cache(maxsize=65_536)
def token(dimension: str, value: str) -> str:
    """Return the token of a value; letters and digits only, so that the index keeps it in one piece.

    Examples
    --------
    >>> token("sentiment", "negative") == token("sentiment", "negative") != token("intent", "negative")
    True
    """
    return "q" + hashlib.blake2b(f"{dimension}\n{value}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def columns_of_labels(columns: Mapping[str, pa.Array]) -> pa.Array:
    """Return the labels of each row, from `type`, `spam` and the columns of `LABELLED`. Cost: 0.8 us a row."""
    parts = [_kinds(columns), *(_tokens(name, columns[name]) for name in (*_PLAIN[1:], *_WISHES))]
    brands = columns["brands"]
    if brands.null_count < len(brands):
        lists = brands.fill_null([])
        of_brands = pa.ListArray.from_arrays(lists.offsets, _tokens("brands", lists.values))
        parts.append(pc.binary_join(of_brands, ""))
    return pc.binary_join_element_wise(*parts, "")


def _tokens(dimension: str, column: pa.Array) -> pa.Array:
    """Return the token of each value with a blank behind it; nothing where there is none, or a silent one."""
    encoded = column.dictionary_encode()
    tokens = [
        f"{token(dimension, value)} " if value and (dimension, value) not in SILENT else ""
        for value in encoded.dictionary.to_pylist()
    ]
    return pa.array([*tokens, ""], pa.string()).take(encoded.indices.fill_null(len(tokens)))


def _kinds(columns: Mapping[str, pa.Array]) -> pa.Array:
    parts = (columns["type"], columns["direction"], columns["spam"].fill_null(""))
    named = pc.binary_join_element_wise(*parts, " ").dictionary_encode()
    tokens = [f"{token('kind', kind_of(*name.split(' ', 2)))} " for name in named.dictionary.to_pylist()]
    return pa.array(tokens, pa.string()).take(named.indices)


def relabel(labels: str | None, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Return labels brought up to date with corrected columns.

    Examples
    --------
    >>> old = token("intent", "other")
    >>> relabel(old, {"intent": "other"}, {"intent": "help"}) == token("intent", "help")
    True
    """
    names = [name for name in LABELLED if name in after]
    if labels is None or not (names or "spam" in after):
        return labels
    tokens = labels.split()
    if "spam" in after:
        kind = token("kind", kind_of("Create", "in", after["spam"]))
        tokens = [kind if mark in _SAID else mark for mark in tokens]
    for name in names:
        old, new = _values(before.get(name)), _values(after[name])
        tokens = [mark for mark in tokens if mark not in {token(name, value) for value in old}]
        tokens += [token(name, value) for value in new if (name, value) not in SILENT]
    return " ".join(tokens)


_SAID = frozenset((token("kind", "say"), token("kind", "spam")))


def _values(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
