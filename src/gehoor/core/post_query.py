"""Turns a `PostFilter` into one parameterised query on a segment, and its rows into posts.

Three ways lead to the newest posts of a filter, and which is short depends on the day's file: down the full-text index
(labels and words together, newest first, however rare), through a short stretch of time, or down the rows themselves.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from gehoor.core.campaign import members_of
from gehoor.core.labels import SILENT, token
from gehoor.core.ledger.segment import Segment
from gehoor.core.post import Post, PostFilter

__all__ = ["find_posts"]

_COLUMNS = ", ".join(
    f"activity.{name}"
    for name in (
        "seq", "id", "type", "channel", "heard_by", "direction", "published", "received", "event_at", "actor",
        "actor_name", "actor_followers", "text", "url", "in_reply_to", "conversation", "language", "language_p",
        "brands", "sentiment", "sentiment_p", "intent", "intent_p", "need", "need_p", "actionability",
        "actionability_p", "urgency", "urgency_p", "emotion", "emotion_p", "motive", "motive_p", "duplicate_of",
        "campaign", "spam", "spam_p", "event", "value", "currency", "is_backfill",
    )
)  # fmt: skip
_LABELS = {
    "kind": "kind", "channel": "channel", "source": "heard_by", "language": "language", "sentiment": "sentiment",
    "intent": "intent", "need": "need", "actionability": "actionability", "urgency": "urgency", "emotion": "emotion",
    "motive": "motive", "brand": "brands",
}  # fmt: skip
_KINDS = {
    "say": "activity.type IN ('Create', 'Update') AND activity.direction = 'in' AND activity.spam IS NULL",
    "spam": "activity.type IN ('Create', 'Update') AND activity.direction = 'in' AND activity.spam IS NOT NULL",
    "answer": "activity.type IN ('Create', 'Update') AND activity.direction <> 'in'",
    "share": "activity.type = 'Announce'",
    "react": "activity.type IN ('Like', 'Follow', 'Flag')",
    "undo": "activity.type IN ('Delete', 'Undo')",
    "do": "activity.type IN ('Track', 'Identify', 'Page', 'Screen', 'Group', 'Alias')",
}
_PIECES = re.compile(r'"([^"]*)"|([^\s"]+)')
_MOST_PIECES = 32  # the full-text index takes no deeper query than 256
_FEW = 2_000  # rows that may be looked at one by one: 4 ms
_COUNTED = 200_000  # rows of a stretch of time whose offsets may be looked through: 10 ms

# where moments are: nearly always at `published`, the others in an index of their own
_IN_TIME = (
    "SELECT seq FROM activity WHERE published >= ? AND published < ? AND event_at = published "
    "UNION ALL SELECT seq FROM activity WHERE event_at <> published AND event_at >= ? AND event_at < ?"
)
_PLACES = (
    "SELECT count(*), min(seq), max(seq) FROM (SELECT * FROM (SELECT seq FROM activity WHERE published >= ? AND "
    "published < ? LIMIT {limit}) UNION ALL SELECT * FROM (SELECT seq FROM activity WHERE event_at <> published AND "
    "event_at >= ? AND event_at < ? LIMIT {limit}))"
)
_LATER = "SELECT EXISTS (SELECT 1 FROM activity WHERE published >= ?)"
_EVER = 1 << 62

Condition = tuple[str, tuple[Any, ...]]


class _Stretch(NamedTuple):
    """A stretch of time in one segment: how many rows (none: too many to say), and between which offsets."""

    bounds: tuple[int, int, int, int]
    n: int | None
    first: int
    last: int


def find_posts(
    segment: Segment, wanted: PostFilter, limit: int, before: int | None, seqs: Sequence[int] | None = None
) -> Iterator[Post]:
    """Yield the newest posts of a segment that a filter lets through, with an offset smaller than `before`.

    Where `seqs` is given it is among these that is looked, some hundreds at most; `topic` is for whoever knows them.
    Cost: 0.2 ms for a rare or a common label or word; 0.5 us for each row of a day where nothing of the filter is
    indexed (a conversation, an actor).
    """
    stretch = _stretch(segment, wanted)
    if stretch is not None and stretch.n == 0:
        return
    among = [members_of(segment, wanted.campaign)] if wanted.campaign is not None else []
    if seqs is not None:
        among.append((f"activity.seq IN ({', '.join(str(int(seq)) for seq in seqs)})", ()))
    sql, values = _query(wanted, stretch, before, among, is_few=seqs is not None)
    for row in segment.query(f"{sql} LIMIT {limit}", values):
        yield _to_post(row)


def _stretch(segment: Segment, wanted: PostFilter) -> _Stretch | None:
    """Return where in a segment the moments of a filter lie."""
    if wanted.since is None and wanted.until is None:
        return None
    low = -_EVER if wanted.since is None else wanted.since
    high = _EVER if wanted.until is None else wanted.until
    bounds = (low, high, low, high)
    n, first, last = segment.query(_PLACES.format(limit=_FEW + 1), bounds)[0]
    if n > _FEW:
        # what reaches to the newest posts is met at once; an older stretch is worth looking for
        is_older = segment.query(_LATER, (high,))[0][0]
        n, first, last = segment.query(_PLACES.format(limit=_COUNTED), bounds)[0] if is_older else (_COUNTED, 0, 0)
    return _Stretch(bounds, n, first or 0, last or 0) if n < _COUNTED else _Stretch(bounds, None, 0, _EVER)


def _query(
    wanted: PostFilter, stretch: _Stretch | None, before: int | None, among: Sequence[Condition], *, is_few: bool
) -> tuple[str, list[Any]]:
    """Return (SQL, parameters), newest first, without a limit."""
    is_short = stretch is not None and stretch.n is not None and stretch.n <= _FEW
    by_rows = wanted.words is None and (is_short or is_few or wanted.seq is not None)
    search = "" if by_rows else _search(wanted)
    table, seq = ("search CROSS JOIN activity ON activity.seq = search.rowid", "search.rowid") if search else (
        "activity", "activity.seq"
    )  # fmt: skip
    conditions = [*_conditions(wanted), *among]
    if search:
        conditions.append(("search MATCH ?", (search,)))
    if by_rows:
        conditions += _labels_of_row(wanted)
    if stretch is not None:
        conditions += _in_time(stretch, seq, is_short=by_rows and is_short and not is_few)
    if before is not None:
        conditions.append((f"{seq} < ?", (before,)))
    if wanted.from_seq is not None:
        conditions.append((f"{seq} >= ?", (wanted.from_seq,)))
    where = " AND ".join(sql for sql, _ in conditions)
    values = [_plain(value) for _, parameters in conditions for value in parameters]
    return f"SELECT {_COLUMNS} FROM {table} WHERE {where} ORDER BY {seq} DESC", values


def _search(wanted: PostFilter) -> str:
    """Return the full-text query: label tokens and words, all of which must occur. Nobody's quotes get through."""
    parts = [f"labels : {token(_LABELS[name], value)}" for name, value in _labels(wanted)]
    pieces = _PIECES.findall((wanted.words or "").replace("\0", " "))
    parts += [f'text : "{phrase or plain}"' for phrase, plain in pieces[:_MOST_PIECES]]
    if wanted.words is not None and not pieces and wanted.words.strip():
        parts.append('text : ""')  # quotes and nothing else: nothing is found, rather than everything
    return " AND ".join(parts)


def _labels(wanted: PostFilter) -> Iterator[tuple[str, str]]:
    for name in _LABELS:
        value = getattr(wanted, name)
        if value and (name, value) not in SILENT:
            yield name, value


def _labels_of_row(wanted: PostFilter) -> Iterator[Condition]:
    """Yield what the labels of a filter mean in the columns of a row."""
    for name, value in _labels(wanted):
        if name == "kind":
            yield _KINDS.get(value, "0"), ()
        elif name == "brand":
            yield "instr(activity.brands, ?) > 0", (msgspec.json.encode(value).decode(),)
        else:
            yield f"activity.{_LABELS[name]} = ?", (value,)


def _in_time(stretch: _Stretch, seq: str, *, is_short: bool) -> Iterator[Condition]:
    if is_short:
        yield f"{seq} IN ({_IN_TIME})", stretch.bounds
        return
    yield "activity.event_at >= ? AND activity.event_at < ?", stretch.bounds[:2]
    if stretch.n is not None:
        yield f"{seq} >= ? AND {seq} <= ?", (stretch.first, stretch.last)


def _conditions(wanted: PostFilter) -> Iterator[Condition]:
    yield "activity.state = 0", ()
    for name in ("seq", "conversation", "actor", "duplicate_of"):
        if (value := getattr(wanted, name)) is not None:
            yield f"activity.{name} = ?", (value,)
    for name, value in SILENT:
        if getattr(wanted, name) == value:
            yield f"activity.{name} = ?", (value,)
    if wanted.is_copy is not None:
        yield f"activity.duplicate_of IS {'NOT ' if wanted.is_copy else ''}NULL", ()


def _plain(value: Any) -> Any:
    """Return a value that can be bound: a terminal may hand over half a character."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _to_post(row: Sequence[Any]) -> Post:
    values = dict(zip(Post.__struct_fields__, row, strict=True))
    values["published"] = values["published"] or None
    values["brands"] = tuple(msgspec.json.decode(values["brands"])) if values["brands"] else ()
    values["is_backfill"] = bool(values["is_backfill"])
    return Post(**values)
