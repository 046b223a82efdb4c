"""Reads what people said of posts, and which posts they could be asked about; from any process."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from gehoor.core.draw import drawn
from gehoor.core.example import Example
from gehoor.core.judgement import JUDGEMENTS
from gehoor.core.ledger.segment import Segment
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.core.refit import Refit, refit_of
from gehoor.core.tables.ledger import example as table
from gehoor.core.tables.ledger import refit

__all__ = ["Examples", "Judged", "Shown"]

_QUEUE = ("uncertain", "random")
_CHUNK = 256
_SAID = "state = 0 AND type IN ('Create', 'Update') AND direction = 'in' AND text IS NOT NULL"
_COLUMNS = ("seq", "language", "channel", *(name for task in JUDGEMENTS for name in (task, f"{task}_p")))
_NEWEST = f"SELECT {', '.join(_COLUMNS)} FROM activity WHERE {_SAID} AND duplicate_of IS NULL ORDER BY seq DESC LIMIT ?"


class Shown(NamedTuple):
    """Which posts the queue has shown, and what was said of which post in any way."""

    seqs: frozenset[int]
    said: frozenset[tuple[int, str]]


class Judged(NamedTuple):
    """The newest posts with their judgements, row by row; `p` is not a number where a person judged, or nobody did."""

    seqs: list[int]
    languages: list[str]
    channels: list[str]
    labels: dict[str, list[str]]
    p: dict[str, npt.NDArray[np.float64]]


class Examples:
    """Answers what the queue and *Quality* ask.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def said(self, task: str | None = None) -> list[Example]:
        """Return every judgement that a person gave (for a task), oldest first; skipped posts are left out."""
        where = [table.c.value.is_not(None), *([table.c.task == task] if task else [])]
        statement = sa.select(table).where(*where).order_by(table.c.at, table.c.seq)
        return [Example.of(row) for row in self._reader.stored(statement)]

    def shown(self) -> Shown:
        """Return what need not be asked again."""
        rows = self._reader.stored(sa.select(table.c.seq, table.c.task, table.c.origin))
        seqs = frozenset(row.seq for row in rows if row.origin in _QUEUE)
        return Shown(seqs, frozenset((row.seq, row.task) for row in rows))

    def n_posts(self, since: int = 0, origin: str | None = None) -> int:
        """Return of how many posts somebody said something in the queue since a moment."""
        mine = table.c.origin == origin if origin else table.c.origin.in_(_QUEUE)
        n = sa.select(sa.func.count(table.c.seq.distinct())).where(
            mine, table.c.value.is_not(None), table.c.at >= since
        )
        rows = self._reader.stored(n)
        return int(rows[0][0]) if rows else 0

    def refits(self, task: str | None = None, limit: int = 200) -> list[Refit]:
        """Return the log of what was fitted, newest first."""
        mine = sa.true() if task is None else refit.c.task == task
        statement = sa.select(refit).where(mine).order_by(refit.c.id.desc()).limit(limit)
        return [refit_of(row) for row in self._reader.stored(statement)]

    def judged(self, limit: int) -> Judged:
        """Return the newest posts of people and what the heads said of them, repeats left out. Cost: 12 us a post."""
        rows: list[tuple[object, ...]] = []
        for segment in reversed(self._reader.segments()):
            rows += segment.query(_NEWEST, (limit - len(rows),))
            if len(rows) >= limit:
                break
        columns = dict(zip(_COLUMNS, zip(*rows, strict=True) if rows else [()] * len(_COLUMNS), strict=True))
        texts = {name: [str(value or "") for value in columns[name]] for name in ("language", "channel", *JUDGEMENTS)}
        p = {task: np.array(columns[f"{task}_p"], np.float64) for task in JUDGEMENTS}  # None becomes nan
        seqs = [int(str(seq)) for seq in columns["seq"]]
        return Judged(seqs, texts["language"], texts["channel"], {task: texts[task] for task in JUDGEMENTS}, p)

    def next_drawn(self, shown: Shown) -> Post | None:
        """Return the post that chance would have judged next; None when it drew all there are."""
        segments = self._reader.segments()
        if not segments:
            return None
        order = drawn(segments[0].first_seq, segments[-1].mark("last_seq"))
        for start in range(0, len(order), _CHUNK):
            part = [seq for seq in order[start : start + _CHUNK].tolist() if seq not in shown.seqs]
            said = _said_among(segments, part)
            for seq in part:
                if seq in said and (post := self.post(seq)) is not None:
                    return post
        return None

    def post(self, seq: int) -> Post | None:
        """Return a post as it stands now; None when it is gone."""
        return next(iter(self._reader.posts(PostFilter(seq=seq), 1)), None)


def _said_among(segments: Sequence[Segment], seqs: Sequence[int]) -> set[int]:
    """Return those of the offsets that stand for something that others said."""
    found: set[int] = set()
    for segment, after in zip(segments, [*(later.first_seq for later in segments[1:]), 1 << 62], strict=True):
        mine = ", ".join(str(seq) for seq in seqs if segment.first_seq <= seq < after)
        if mine:
            found |= {row[0] for row in segment.query(f"SELECT seq FROM activity WHERE seq IN ({mine}) AND {_SAID}")}
    return found
