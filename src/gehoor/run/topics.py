"""Finds what the posts of a file are about, in one pass: `gehoor topics`."""

from array import array
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from gehoor.core.text import TextBatch
from gehoor.core.words import buckets_of
from gehoor.listen.fields import FIELDS, name_of
from gehoor.run.result_file import result_file
from gehoor.run.rows_file import RowsFile
from gehoor.warn.topic_stream import Merge, Split, TopicStream

__all__ = ["TopicsReport", "topics"]

_SCHEMA = pa.schema([("id", pa.string()), ("topic", pa.int64())])
_AT_ONCE = 4_096


class TopicsReport(NamedTuple):
    """Posts read; topics found; how many more there were before some turned out to be one."""

    n_posts: int
    n_topics: int
    n_merged: int


class _Post(NamedTuple):
    id: str
    published: int
    text: str | None


class _TopicPosts(RowsFile[_Post]):
    """The posts of a file, as far as topics need them."""

    needed = ("id", "published", "text")
    called = "posts"
    example = '{"id": "1", "published": ..., "text": ...}'

    def _made(self, row: dict[str, Any]) -> _Post:
        id_ = self._value(row, "id", name_of)
        if not id_:
            raise self._error("id", "is empty", "Give every post an id of its own.")
        published = self._value(row, "published", FIELDS["published"])
        if published is None:
            raise self._error("published", "is empty", "Use ISO 8601 such as 2026-11-22T10:00:00Z.")
        as_written = row["id"] if isinstance(row["id"], str) else id_
        return _Post(as_written, published, self._value(row, "text", FIELDS["text"]))


def topics(source: Path, output: Path) -> TopicsReport:
    """Write the topic of each post of a file.

    Parameters
    ----------
    source : Path
        JSON lines or CSV, also .gz, with the columns id, published, text, in the order in which they were said.
    output : Path
        `.csv`, `.parquet` or `.jsonl`: the same posts in the same order, with id and topic. Each post is read once,
        and gets its topic from what came before it; a topic that later proved to be a part of another bears the
        other's number, and the newest posts of one that proved to be two bear the number of theirs. 0 is a
        post without words.

    Raises
    ------
    SettingError
        The file is not as it should be (file, row, column, what to do); nothing is written then.

    Notes
    -----
    Cost: 80 us a post on one core. Memory: 100 bytes a post, and what `TopicStream` remembers.
    """
    stream = TopicStream()
    ids: list[pa.Array] = []
    found = array("q")
    with result_file(output, _SCHEMA, source) as result:
        rows = iter(_TopicPosts(source))
        while chunk := list(islice(rows, _AT_ONCE)):
            ids.append(pa.array([row.id for row in chunk], pa.string()))
            terms = buckets_of(TextBatch.of(pa.array([row.text for row in chunk], pa.string()))).to_pylist()
            found.extend(
                stream.add(own, row.published, post)
                for post, own, row in zip(count(len(found)), terms, chunk, strict=False)  # numbers go on for ever
            )
        stream.settle()
        final, n_merged = _final(np.asarray(found), stream)
        start = 0
        for names in ids:
            part = pa.array(final[start : start + len(names)])
            result.write(pa.RecordBatch.from_arrays([names, part], schema=_SCHEMA))
            start += len(names)
    return TopicsReport(len(final), len(np.unique(final[final > 0])), n_merged)


def _final(found: np.ndarray[Any, np.dtype[np.int64]], stream: TopicStream) -> tuple[Any, int]:
    """Return the number that each post's topic bears in the end, and how many topics were merged."""
    changes = stream.changes()
    ids = max([int(found.max(initial=0)), *(one.topic for one in changes)])
    names = np.arange(ids + 1)
    for one in changes:
        if isinstance(one, Split):
            found[one.posts] = one.topic
    for one in reversed(changes):  # what came later is settled first
        if isinstance(one, Merge):
            names[one.topic] = names[one.into]
    return names[found], sum(isinstance(one, Merge) for one in changes)
