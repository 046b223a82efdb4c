"""A small program that fills a workspace's ledger, roll-ups, words and history, and marks what it was told is kept.

`python -m tests.crash.ledger_program ROOT N_PAGES`: pages overlap, posts are edited and deleted, a new day of arrival
begins on the way, projections are flushed, history parts are written, closed days compacted. Run it under the
recorder; `tests.crash.check` says what a folder that was found after a power cut has lost.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from gehoor.core.clock import DAY_US, SECOND_US, StillClock
from gehoor.core.history import History
from gehoor.core.history_rewrite import compact
from gehoor.core.labels import columns_of_labels
from gehoor.core.ledger import Ledger
from gehoor.core.ledger.batch import Ints, Numbers
from gehoor.core.page import Staged, StagedPage
from gehoor.core.projector import Projector
from gehoor.core.record import ACTIVITY, ANNOTATION, Activity, digest, to_batch
from gehoor.core.rollup import Rollup
from gehoor.core.text import TextBatch
from gehoor.core.words import Words, buckets_of
from tests.cast import NOON
from tests.crash.recorder import write_mark

__all__ = ["EqualTexts", "Keeper", "activities_of", "main"]

_SOURCE = "line"
_PER_PAGE, _OVERLAP = 20, 6


class EqualTexts:
    """The simplest keyed stage: a post repeats the first one that said exactly the same."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def judge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Return the offset of the first post with the same text, 0 if there is none."""
        verdicts = np.zeros(len(seqs), np.int64)
        for i in np.flatnonzero(numbers.has_digest).tolist():
            first = self._first.setdefault(int(numbers.digest[i]), int(seqs[i]))
            verdicts[i] = 0 if first == seqs[i] else first
        return verdicts

    def rejudge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Judge copies again whose original went."""
        return self.judge(seqs, numbers)

    def withdraw(self, seqs: Ints) -> None:
        """Forget rows."""
        gone = set(seqs.tolist())
        self._first = {text: seq for text, seq in self._first.items() if seq not in gone}

    def restore(self, seqs: Ints, numbers: Numbers, duplicate_of: Ints) -> None:
        """Take up rows that were judged before a restart."""
        for i in np.flatnonzero(numbers.has_digest & (duplicate_of == 0)).tolist():
            self._first[int(numbers.digest[i])] = int(seqs[i])

    def clear(self) -> None:
        """Forget everything."""
        self._first.clear()


class Keeper:
    """A workspace opened by its owner: the ledger with its projections, caught up."""

    def __init__(self, root: Path) -> None:
        self.clock = StillClock(NOON)
        self.root = root
        self.ledger = Ledger(root, EqualTexts(), window=100_000)
        self.projector = Projector(root, self.ledger, [Rollup(), Words(), History(root / "history", self.clock)])
        self.projector.start()

    def next_page(self) -> int:
        """Return the number of the page to read, as the committed cursor says."""
        return int(self.ledger.cursor(_SOURCE) or b"0")

    def keep(self, page: int, received: int) -> list[str]:
        """Commit a page and return what is promised by that."""
        activities = activities_of(page, received)
        commit = self.ledger.commit(_staged(activities, received, cursor=str(page + 1).encode()))
        self.projector.take(commit)
        return [activity.id for activity in activities]

    def close(self) -> None:
        """Flush and close."""
        self.projector.close()
        self.ledger.close()


def activities_of(page: int, received: int = NOON) -> list[Activity]:
    """Return what a page says: new posts, the last ones of the page before, now and then an edit and a deletion."""
    first = page * _PER_PAGE
    said = [_post(number, received) for number in range(max(0, first - _OVERLAP), first + _PER_PAGE)]
    if page % 3 == 2:
        edited = f"post-{first - 13}"
        said.append(_activity(f"edit-{page}", received, type="Update", object=edited, rev=page, text=f"Nu {page} keer"))
    if page % 4 == 3:
        gone = first - (21 if page % 8 == 3 else 181)  # since the last flush, or counted and written long ago
        said.append(_activity(f"delete-{page}", received, type="Delete", object=f"post-{gone}"))
    return said


def _post(number: int, received: int) -> Activity:
    text = "De app doet het niet" if number % 7 == 0 else f"Koffer {number} is nog niet aangekomen in vak {number % 5}"
    return _activity(f"post-{number}", received, published=NOON + number * SECOND_US, text=text)


def _activity(id: str, received: int, **fields: object) -> Activity:
    fields = {"published": received, "actor": f"somebody-{len(id)}", "channel": "forum"} | fields
    return Activity(id=id, received=received, **fields)  # type: ignore[arg-type]  # a test's shorthand


def _staged(activities: Sequence[Activity], received: int, cursor: bytes) -> Staged:
    batch = to_batch(activities)
    texts = [activity.text for activity in activities]
    keys = [digest(activity.channel, activity.id) for activity in activities]
    columns: dict[str, pa.Array] = {name: batch.column(name) for name in ACTIVITY.names} | {
        "key": pa.array(keys),
        "object_key": pa.array([digest(a.channel, a.object or a.id) for a in activities]),
        "actor_key": pa.array([digest(a.channel, a.actor or "") for a in activities]),
        "event_at": batch.column("published"),
        "is_backfill": pa.array([False] * len(keys)),
        "text_digest": pa.array([text and digest("text", text) for text in texts], pa.int64()),
        "brands": pa.array([[]] * len(keys), pa.list_(pa.string())),
        "words": buckets_of(TextBatch.of(batch.column("text"))),
    }
    fields = [*ACTIVITY, *ANNOTATION]
    nulls = {field.name: pa.nulls(len(keys), field.type) for field in fields if field.name not in columns}
    columns |= nulls
    columns["labels"] = columns_of_labels(columns)
    whole = pa.RecordBatch.from_arrays(
        [columns[field.name].cast(field.type) for field in fields], schema=pa.schema(fields)
    )
    page = StagedPage(
        source=_SOURCE, decoder="plain", received=received, cursor=cursor, first=0, n_rows=len(keys), rejects=[],
        items=None, wants_items=False,
    )  # fmt: skip
    return Staged(batch=whole, pages=[page])


def main() -> None:
    """Fill a workspace, from where the last run stopped."""
    root, n_pages, log = Path(sys.argv[1]), int(sys.argv[2]), Path(os.environ["RECORD_LOG"])
    keeper = Keeper(root)
    for page in range(keeper.next_page(), n_pages):
        days = 3 * page // n_pages
        received = NOON + days * DAY_US + page * SECOND_US
        for name in keeper.keep(page, received):
            write_mark(log, name)
        if page % 4 == 3:
            keeper.projector.flush(everything=page % 8 == 7)
        if page % 16 == 15:
            compact(root, before=str(np.datetime64(received // DAY_US, "D")))
    keeper.close()


if __name__ == "__main__":
    main()
