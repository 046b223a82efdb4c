"""A workspace's ledger and projections in the test's own process: written, stopped, killed, opened again, compared."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.clock import StillClock
from gehoor.core.history_read import read_rows
from gehoor.core.ledger import Ledger
from gehoor.core.page import RawPage, Receipt, Staged
from gehoor.core.projector import Projector
from gehoor.core.reader import Post, PostFilter, Reader
from gehoor.core.record import Activity
from gehoor.core.settings import Duplicates, Settings
from gehoor.run.parts import open_ledger
from gehoor.run.stages import RowStages
from tests.cast import NOON

__all__ = ["SOURCE", "Keeping", "page_of", "received_of"]

SOURCE = "line"
_WINDOW = 4_096
_encode = msgspec.json.Encoder().encode


@cache
def _stages() -> RowStages:
    return RowStages(Settings(root=Path()))


def received_of(activities: Sequence[Activity]) -> int:
    """Return when a page that holds these was heard."""
    return max(activity.received for activity in activities)


def page_of(
    activities: Sequence[Activity], *, received: int | None = None, position: int = 0, cursor: bytes = b"1"
) -> RawPage:
    """Return what a channel would have said to tell us this; received with the last of it."""
    return RawPage(
        source=SOURCE,
        decoder="plain",
        payload=b"\n".join(map(_encode, activities)),
        received=received_of(activities) if received is None else received,
        cursor=cursor,
        position=position,
        options={"channel": "file"},
        wants_items=True,
    )


class Keeping:
    """What the owner keeps, without its processes: the real row stages, ledger and projections."""

    def __init__(self, root: Path, *, window: int = _WINDOW) -> None:
        root.mkdir(exist_ok=True)
        self.root = root
        self.clock = StillClock(NOON)
        self.settings = Settings(root=root, duplicates=Duplicates(window=window))
        self.projector: Projector
        self.open()

    @property
    def ledger(self) -> Ledger:
        """The ledger as it is open now."""
        return self.projector.ledger

    def open(self) -> None:
        """Start, as an owner does."""
        self.projector = open_ledger(self.settings, self.clock)

    def kill(self) -> None:
        """End without writing anything more, and start again."""
        self.drop()
        self.open()

    def restart(self) -> None:
        """Stop in order, and start again."""
        self.close()
        self.open()

    def drop(self) -> None:
        """Let go of every file; what was in memory only is lost."""
        self.projector.engine.dispose()
        self.ledger.close()

    def close(self) -> None:
        """Stop in order."""
        self.projector.flush(everything=True)
        self.drop()

    def hear(self, activities: Sequence[Activity], **where: Any) -> Receipt:
        """Take in a page; the projections hear of it, and write nothing yet."""
        return self.hear_page(page_of(activities, **where))

    def stage(self, page: RawPage) -> Staged:
        """Take a page through the row stages."""
        return _stages().run([page])

    def hear_page(self, page: RawPage) -> Receipt:
        """Take in a page as it was read."""
        commit = self.ledger.commit(self.stage(page))
        self.projector.take(commit)
        return commit.receipts[0]

    def flush(self) -> None:
        """Write everything."""
        self.projector.flush(everything=True)

    def posts(self, words: str | None = None, limit: int = 1_000, **wanted: Any) -> list[Post]:
        """Return what a reader of another process finds, newest first."""
        reader = Reader(self.root)
        try:
            return reader.posts(PostFilter(words=words, **wanted), limit)
        finally:
            reader.close()

    def stored(self, sql: str) -> list[tuple[Any, ...]]:
        """Return rows of `ledger.sqlite`."""
        with self.projector.engine.begin() as tx:
            return sorted(tuple(row) for row in tx.exec_driver_sql(sql))

    def rows(self, columns: str, where: str = "state = 0") -> list[tuple[Any, ...]]:
        """Return rows of the ledger, all days together."""
        sql = f"SELECT {columns} FROM activity WHERE {where} ORDER BY seq"
        return [tuple(row) for segment in self.ledger.segments.all for row in segment.query(sql)]

    def counts(self, *, copies: bool = True) -> dict[str, list[tuple[Any, ...]]]:
        """Return roll-ups and words; flush before."""
        n = "n, n_copies" if copies else "n"
        return {
            "rollup": self.stored(f"SELECT resolution, at, kind, brand, channel, sentiment, intent, {n} FROM rollup"),
            "need": self.stored("SELECT * FROM need"),
            "word": self.stored("SELECT day, bucket, n FROM word"),
        }

    def history(self, *, without: Sequence[str] = ()) -> list[bytes]:
        """Return the rows of the history that count, sorted, each as JSON without some columns."""
        rows = [row for batch in read_rows(self.root) for row in batch.to_pylist()]
        return sorted(_encode({name: value for name, value in row.items() if name not in without}) for row in rows)
