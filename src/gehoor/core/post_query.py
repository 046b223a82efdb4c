"""Turns a `PostFilter` into one parameterised query on a segment, and its rows into posts."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from gehoor.core.labels import token
from gehoor.core.post import Post, PostFilter

__all__ = ["post_query", "to_post"]

_COLUMNS = (
    "seq, id, type, channel, heard_by, direction, published, received, event_at, actor, actor_name, actor_followers, "
    "text, url, in_reply_to, conversation, language, language_p, brands, sentiment, sentiment_p, intent, intent_p, "
    "duplicate_of, event, value, currency, is_backfill"
)
_LABELS = {
    "kind": "kind", "channel": "channel", "source": "heard_by", "language": "language", "sentiment": "sentiment",
    "intent": "intent", "brand": "brands",
}  # fmt: skip
_PIECES = re.compile(r'"([^"]*)"|(\S+)')


def _search(wanted: PostFilter) -> str:
    """Return the full-text query: label tokens and words, all of which must occur. Nobody's quotes get through."""
    marks = [token(dimension, value) for name, dimension in _LABELS.items() if (value := getattr(wanted, name))]
    parts = [f"labels : {mark}" for mark in marks]
    for phrase, plain in _PIECES.findall(wanted.words or ""):
        words = re.findall(r"\w+", phrase or plain)
        if words:
            parts.append(f'text : "{" ".join(words)}"')
    return " AND ".join(parts)


def _conditions(wanted: PostFilter) -> Iterator[tuple[str, tuple[Any, ...]]]:
    yield "state = 0", ()
    if search := _search(wanted):
        yield "seq IN (SELECT rowid FROM search WHERE search MATCH ?)", (search,)
    if wanted.seq is not None:
        yield "seq = ?", (wanted.seq,)
    if wanted.since is not None:
        yield "event_at >= ?", (wanted.since,)
    if wanted.until is not None:
        yield "event_at < ?", (wanted.until,)
    if wanted.conversation is not None:
        yield "conversation = ?", (wanted.conversation,)
    if wanted.duplicate_of is not None:
        yield "duplicate_of = ?", (wanted.duplicate_of,)
    if wanted.is_copy is not None:
        yield f"duplicate_of IS {'NOT ' if wanted.is_copy else ''}NULL", ()
    if wanted.actor is not None:
        yield "actor = ?", (wanted.actor,)


def post_query(wanted: PostFilter, before: int | None) -> tuple[str, Sequence[Any]]:
    """Return (SQL, parameters) for one segment, newest first, without a limit."""
    conditions = list(_conditions(wanted))
    if before is not None:
        conditions.append(("seq < ?", (before,)))
    where = " AND ".join(sql for sql, _ in conditions)
    values = [value for _, parameters in conditions for value in parameters]
    return f"SELECT {_COLUMNS} FROM activity WHERE {where} ORDER BY seq DESC", values


def to_post(row: Sequence[Any]) -> Post:
    """Return a selected row as a post."""
    values = dict(zip(Post.__struct_fields__, row, strict=True))
    values["published"] = values["published"] or None
    values["brands"] = tuple(msgspec.json.decode(values["brands"])) if values["brands"] else ()
    values["is_backfill"] = bool(values["is_backfill"])
    return Post(**values)
