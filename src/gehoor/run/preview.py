"""What a query would have heard on the last days, before anybody saves it."""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.post import Post, PostFilter
from gehoor.core.post_texts import TEXTS
from gehoor.core.query import And, Not, Or, Query, parse
from gehoor.core.reader import Reader
from gehoor.core.record import MICROS
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.queries import Queries

__all__ = ["Preview", "preview"]

_HOUR_US = 3_600 * SECOND_US
_SHOWN = pa.schema(TEXTS.field(name) for name in ("seq", "channel", "event_at", "duplicate_of"))

I64 = npt.NDArray[np.int64]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a query would have heard.

    Attributes
    ----------
    since, until : int
        The days that were looked at, microseconds UTC; they end with the newest hour of the ledger.
    n, n_looked_at : int
        How many posts match, of how many.
    is_whole : bool
        All posts of these days were looked at; else only the newest.
    days : mapping of str to int
        Posts a day of the workspace's time zone (2026-11-22), every day in order.
    posts : tuple of Post
        Some that match, newest first: no copies, from all channels and spread over the time.
    n_excluded : int
        How many more would match but for a NOT in the query.
    excluded : tuple of Post
        Some of these.
    """

    since: int
    until: int
    n: int = 0
    n_looked_at: int = 0
    is_whole: bool = True
    days: Mapping[str, int] = {}
    posts: tuple[Post, ...] = ()
    n_excluded: int = 0
    excluded: tuple[Post, ...] = ()


def preview(  # noqa: PLR0913  # the options of one question, each named
    reader: Reader, settings: Settings, query_text: str, *, days: int = 7, limit: int = 12, most: int = 200_000
) -> Preview:
    """Run a query over what people said on the last days of the ledger.

    Parameters
    ----------
    query_text : str
        As somebody typed it.
    days : int
        How many days back from the newest hour in the ledger.
    limit : int
        How many posts to show.
    most : int
        At most so many posts are looked at, the newest.

    Raises
    ------
    QueryError
        The query cannot be read, or would match everything.

    Notes
    -----
    Cost: 12 us a post that is looked at.
    """
    query = parse(query_text)
    period = reader.period()
    if period is None:
        return Preview(since=0, until=0)
    until = period[1] + _HOUR_US
    since = until - days * DAY_US
    heard, excluded, n_looked_at = _look(query, reader.texts(since, until, most))
    return Preview(
        since=since,
        until=until,
        n=len(heard),
        n_looked_at=n_looked_at,
        is_whole=n_looked_at < most,
        days=_days(heard, since, until, settings.workspace.timezone),
        posts=_posts(reader, _varied(heard, limit)),
        n_excluded=len(excluded),
        excluded=_posts(reader, _varied(excluded, limit)),
    )


def _look(query: Query, batches: Iterable[pa.RecordBatch]) -> tuple[pa.Table, pa.Table, int]:
    """Return what of batches of `TEXTS` a query matches, what it excludes, and how many posts there were."""
    queries = Queries({"heard": query, "with excluded": _without_not(query)})
    heard, excluded, n_looked_at = [_SHOWN.empty_table()], [_SHOWN.empty_table()], 0
    for batch in batches:
        n_looked_at += len(batch)
        known = {"language": batch.column("language"), "channel": batch.column("channel")}
        post, which = queries.match(TextBatch.of(batch.column("text")), known)
        rows = pa.Table.from_batches([batch]).select(_SHOWN.names)
        heard.append(rows.take(pa.array(post[which == 0])))
        excluded.append(rows.take(pa.array(np.setdiff1d(post[which == 1], post[which == 0]))))
    return pa.concat_tables(heard).combine_chunks(), pa.concat_tables(excluded).combine_chunks(), n_looked_at


def _without_not(query: Query) -> Query:
    """Return a query without what it excludes."""
    match query:
        case And(parts):
            kept = tuple(_without_not(part) for part in parts if not isinstance(part, Not))
            return And(kept) if kept else query
        case Or(parts):
            return Or(tuple(map(_without_not, parts)))
    return query


def _days(rows: pa.Table, since: int, until: int, zone: str) -> dict[str, int]:
    edges = pa.array([since, until - 1], MICROS)
    moments = pa.chunked_array([edges, *rows.column("event_at").chunks])
    at = pc.local_timestamp(moments.cast(pa.timestamp("us", tz=zone))).to_numpy().astype("datetime64[D]")
    counts = np.bincount((at - at[0]).astype(np.int64), minlength=1)
    counts[[0, (at[1] - at[0]).astype(int)]] -= 1
    return {str(at[0] + n): count for n, count in enumerate(counts.tolist())}


def _varied(rows: pa.Table, limit: int) -> list[int]:
    """Return the offsets of some posts: no copies, every channel, spread over the time."""
    if not len(rows):
        return []
    seqs = rows.column("seq").to_numpy()
    lead = pc.coalesce(rows.column("duplicate_of"), rows.column("seq")).to_numpy()
    first = np.sort(
        len(lead) - 1 - np.unique(lead[::-1], return_index=True)[1]
    )  # the earliest, so no copy if it can be
    channel = np.unique(rows.column("channel").to_numpy()[first].astype(str), return_inverse=True)[1]
    chosen: list[int] = []
    for number, share in enumerate(_shares(np.bincount(channel), limit)):
        mine = first[channel == number]
        chosen += seqs[mine[np.linspace(0, len(mine) - 1, share).astype(np.int64)]].tolist()
    return sorted(chosen, reverse=True)


def _shares(sizes: I64, limit: int) -> list[int]:
    """Share out `limit` places evenly, to nobody more than its size; the largest come first."""
    shares = np.zeros(len(sizes), np.int64)
    while shares.sum() < min(limit, sizes.sum()):
        open_ = np.flatnonzero(shares < sizes)
        open_ = open_[np.argsort(-sizes[open_], kind="stable")][: limit - shares.sum()]
        shares[open_] += 1
    return shares.tolist()


def _posts(reader: Reader, seqs: Iterable[int]) -> tuple[Post, ...]:
    return tuple(post for seq in seqs for post in reader.posts(PostFilter(seq=seq), 1))
