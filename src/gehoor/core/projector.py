"""Runs the projections: hands them commits, commits their state with its offset, catches up after a crash."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.errors import SettingError, StoreError
from gehoor.core.example import drop_examples
from gehoor.core.history_read import read_rows
from gehoor.core.ledger.delta import Commit
from gehoor.core.ledger.ledger import Ledger
from gehoor.core.ledger.resolve import GONE, STANDS
from gehoor.core.ledger.settle import changes_between, erase, settle
from gehoor.core.projection import Projection
from gehoor.core.reread import drop_rereads
from gehoor.core.sqlite import is_disk_full
from gehoor.core.store import open_store, put
from gehoor.core.tables import ledger as tables

__all__ = ["Projector"]

_READ = 8_192


class Projector:
    """All projections of a workspace, in a fixed order, with one offset each in `ledger.sqlite`.

    Parameters
    ----------
    root : Path
        The workspace.
    ledger : Ledger
        The owner's ledger.
    projections : sequence of Projection
        In the order in which they take in a commit.
    """

    def __init__(self, root: Path, ledger: Ledger, projections: Sequence[Projection]) -> None:
        self.engine = open_store(root)
        self.root = root
        self.ledger = ledger
        self.projections = list(projections)
        self._offset = self._erased = self._settled = 0
        self._durable: dict[str, int] = {}
        self._must_reload = False
        with self.engine.begin() as tx:
            ledger.forgotten = {row.actor_key: row.at for row in tx.execute(sa.select(tables.forgotten))}

    # -- live -----------------------------------------------------------------------------------------------------

    def take(self, commit: Commit) -> None:
        """Hand a commit to every projection; nothing is written yet."""
        self._offset = commit.offset
        if self._must_reload:
            return
        for delta in commit.deltas:
            for projection in self.projections:
                projection.apply(delta.rows, delta.sign)

    def flush(self, *, everything: bool = False) -> None:
        """Commit the state of every projection with its offset; then overwrite what all of them have passed.

        Parameters
        ----------
        everything : bool
            Write also what would wait for more (a history part): before a stop, an erasure, a backup.

        Raises
        ------
        StoreError
            Nothing was written (disk full). The next call takes up what stands on disk, and goes on from there.
        """
        try:
            if self._must_reload:
                self.start()
            self._flush(everything=everything)
        except (sa.exc.DatabaseError, OSError) as error:
            self._must_reload = True  # what was to be written is no longer in memory, but still in the ledger
            what = "The disk is full" if is_disk_full(error) else f"It cannot be written ({error})"
            raise StoreError(f"{what}: {self.root}. Make room; we go on by ourselves.") from error

    def catch_up(self) -> None:
        """Flush where something was heard since the last flush: an act on what was heard sees all of it."""
        if self._must_reload or self._settled != self._offset:
            self.flush()

    def _flush(self, *, everything: bool) -> None:
        with self.engine.begin() as tx:
            for projection in self.projections:
                offset = projection.flush(tx, self._offset, everything=everything)
                if offset != self._durable.get(projection.name):
                    self._durable[projection.name] = offset
                    put(tx, tables.offset, projection=projection.name, offset=offset)
            if self._settled != self._offset:  # an idle owner writes nothing
                put(tx, tables.mark, name="settled", value=self._offset)
        self._settled = self._offset
        self._erase()

    def _erase(self) -> None:
        until = min(self._durable.values(), default=self._offset)
        if until <= self._erased:
            return
        ends = [
            (change[1], msgspec.json.decode(change[4])["state"])
            for change in changes_between(self.ledger.segments, self._erased, until)
            if change[2] == "state"
        ]
        self._erased = until
        if targets := [target for target, state in ends if state == GONE]:
            erase(self.ledger.segments, targets)
        with self.engine.begin() as tx:
            fallen = [target for target, state in ends if state != STANDS]
            drop_examples(tx, fallen)
            drop_rereads(tx, fallen)
            put(tx, tables.mark, name="erased", value=until)

    # -- start and rebuild ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up where the last run stopped: finish what it had begun, then read on to the end of the ledger."""
        with self.engine.begin() as tx:
            marks = {row.name: row.value for row in tx.execute(sa.select(tables.mark))}
            self._durable = {row.projection: row.offset for row in tx.execute(sa.select(tables.offset))}
        self._erased = marks.get("erased", 0)
        self._offset = head = self.ledger.last_seq
        settle(self.ledger.segments, changes_between(self.ledger.segments, marks.get("settled", 0), head))
        self.ledger.all_settled()
        for projection in self.projections:
            offset = self._durable.setdefault(projection.name, 0)
            with self.engine.begin() as tx:
                projection.load(tx, offset)
                self._durable[projection.name] = self._read_on(tx, projection, offset, self._net(offset, head))
        self._must_reload = False
        self._flush(everything=False)

    def _read_on(
        self, tx: sa.Connection, projection: Projection, after: int, deltas: Iterable[tuple[pa.RecordBatch, int]]
    ) -> int:
        """Take in what a projection missed, in one transaction but in bounded memory; return its offset then."""
        for rows, sign in deltas:
            projection.apply(rows, sign)
            last = rows.column("seq")[-1].as_py() if rows.num_rows else 0
            if sign > 0 and last > after:  # what was corrected before `after` comes first, and waits for the rest
                projection.flush(tx, last, everything=False)
        offset = projection.flush(tx, self._offset, everything=True)
        put(tx, tables.offset, projection=projection.name, offset=offset)
        return offset

    def renew(self, projections: Sequence[Projection]) -> None:
        """Go on with others of the same names, made from changed settings, where those of before stood."""
        self.flush(everything=True)
        with self.engine.begin() as tx:
            for projection in projections:
                offset = self._durable[projection.name]
                projection.load(tx, offset)
                # nothing was missed, but a projection takes what follows `load` for a past until that is all written
                self._durable[projection.name] = self._read_on(tx, projection, offset, ())
        self.projections = list(projections)

    def rebuild(self, name: str) -> int:
        """Make a projection anew from what is in the ledger and the history today; return how many rows it read.

        Emits nothing: what it once put in the outbox stays as it is.
        """
        found = [projection for projection in self.projections if projection.name == name]
        if not found:
            known = ", ".join(projection.name for projection in self.projections)
            raise SettingError(f"There is no projection named {name!r}. Known: {known}.")
        self.flush(everything=True)
        projection, first = found[0], self._first()
        if not projection.is_in_store:  # files go before a commit can hold them: a crash must find them to be written
            with self.engine.begin() as tx:
                put(tx, tables.offset, projection=name, offset=first - 1)
        counted = _Counted(self._everything(name))
        try:
            with self.engine.begin() as tx:
                projection.clear(tx, first)
                self._durable[name] = self._read_on(tx, projection, 0, counted)
        except (sa.exc.DatabaseError, OSError):
            self._must_reload = True  # memory is half-way; what is on disk is as it was
            raise
        return counted.n_rows

    def _first(self) -> int:
        segments = self.ledger.segments.all
        return segments[0].first_seq if segments else 1

    def _everything(self, name: str) -> Iterator[tuple[pa.RecordBatch, int]]:
        """Yield all rows that stand: from the history what the ledger let go of, then the ledger."""
        if name != "history":
            yield from ((rows, 1) for rows in read_rows(self.root, before=self._first()))
        yield from self._net(0, self._offset)

    def _net(self, after: int, head: int) -> Iterator[tuple[pa.RecordBatch, int]]:
        """Yield what changed between two offsets as a whole: rows as they stand now, and old rows as they stood then.

        A row that came and went in between is nothing; one that came and was corrected counts as corrected. It must
        be taken in whole, up to `head`, before anything is committed.
        """
        segments = self.ledger.segments
        first: dict[int, dict[str, object]] = {}
        for _, target, _, before, _ in changes_between(segments, after, head):
            if target <= after:
                first[target] = msgspec.json.decode(before) | first.get(target, {})
        now = dict(segments.select("seq, state", first))  # a state that did not change is what it was
        olds = [seq for seq, before in first.items() if before.get("state", now.get(seq)) == STANDS]
        for start in range(0, len(olds), _READ):
            rows = segments.rows(olds[start : start + _READ])
            yield _as_before(rows, first), -1
        still = [seq for seq in olds if now.get(seq) == STANDS]
        for start in range(0, len(still), _READ):
            yield segments.rows(still[start : start + _READ]), 1
        for segment in segments.all:
            at = max(after, segment.first_seq - 1)
            while (rows := segment.read(at, head, _READ)).num_rows:
                yield rows, 1
                at = rows.column("seq")[-1].as_py()

    def close(self) -> None:
        """Flush and close."""
        self.flush(everything=True)
        self.engine.dispose()


def _as_before(rows: pa.RecordBatch, first: dict[int, dict[str, object]]) -> pa.RecordBatch:
    """Put back the values that corrected columns had."""
    plain = rows.to_pylist()
    for row in plain:
        row |= {name: value for name, value in first[row["seq"]].items() if name != "state"}
    return pa.RecordBatch.from_pylist(plain, schema=rows.schema)


class _Counted:
    """Deltas that count their rows as they go by."""

    def __init__(self, deltas: Iterable[tuple[pa.RecordBatch, int]]) -> None:
        self._deltas, self.n_rows = deltas, 0

    def __iter__(self) -> Iterator[tuple[pa.RecordBatch, int]]:
        for rows, sign in self._deltas:
            self.n_rows += rows.num_rows
            yield rows, sign
