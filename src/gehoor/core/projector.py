"""Runs the projections: hands them commits, commits their state with its offset, catches up after a crash."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.broken import Aside, BrokeError, asides_in, isolated, write_asides
from gehoor.core.errors import ContractError, SettingError, StoreError
from gehoor.core.example import drop_examples
from gehoor.core.history_read import read_rows
from gehoor.core.ledger.delta import Commit
from gehoor.core.ledger.ledger import Ledger
from gehoor.core.ledger.resolve import GONE, STANDS
from gehoor.core.ledger.settle import changes_between, erase, settle
from gehoor.core.missed import missed
from gehoor.core.projection import Projection
from gehoor.core.reread import drop_rereads
from gehoor.core.sqlite import is_disk_full
from gehoor.core.store import open_store, put
from gehoor.core.tables import ledger as tables

__all__ = ["Projector"]


class Projector:
    """All projections of a workspace, in a fixed order, with one offset each in `ledger.sqlite`.

    One that breaks its contract is set aside: it stands still, with the reason, until `rebuild`; the others go on.

    Parameters
    ----------
    root : Path
        The workspace.
    ledger : Ledger
        The owner's ledger.
    projections : sequence of Projection
        In the order in which they take in a commit.

    Attributes
    ----------
    projections : list of Projection
        Those that are at work.
    aside : dict of str to Aside
        Those that stand still, by name.
    """

    def __init__(self, root: Path, ledger: Ledger, projections: Sequence[Projection]) -> None:
        self.engine = open_store(root)
        self.root = root
        self.ledger = ledger
        self.projections = list(projections)
        self._all = list(projections)
        self.aside: dict[str, Aside] = {}
        self._told: dict[str, Aside] = {}
        self._offset = self._erased = self._settled = 0
        self._durable: dict[str, int] = {}
        self._must_reload = False
        with self.engine.begin() as tx:
            ledger.forgotten = {row.actor_key: row.at for row in tx.execute(sa.select(tables.forgotten))}
            ledger.references = {row.key for row in tx.execute(sa.select(tables.forgotten_reference))}

    # -- live -----------------------------------------------------------------------------------------------------

    def take(self, commit: Commit) -> None:
        """Hand a commit to every projection that is at work; nothing is written yet."""
        self._offset = commit.offset
        if self._must_reload:
            return
        for delta in commit.deltas:
            for projection in [*self.projections]:
                try:
                    with isolated(projection):
                        projection.apply(delta.rows, delta.sign)
                except BrokeError as broke:
                    self._set_aside(broke)

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
            self._write(everything=everything)
        except (sa.exc.DatabaseError, OSError) as error:
            self._must_reload = True  # what was to be written is no longer in memory, but still in the ledger
            what = "The disk is full" if is_disk_full(error) else f"It cannot be written ({error})"
            raise StoreError(f"{what}: {self.root}. Make room; we go on by ourselves.") from error

    def catch_up(self) -> None:
        """Flush where something was heard since the last flush: an act on what was heard sees all of it."""
        if self._must_reload or self._settled != self._offset:
            self.flush()

    def _write(self, *, everything: bool) -> None:
        try:
            self._flush(everything=everything)
        except BrokeError as broke:  # nothing of this was committed, and the memory of the others is ahead of it
            self._set_aside(broke)
            self.start()
            self._write(everything=everything)

    def _set_aside(self, broke: BrokeError) -> None:
        """Go on without a projection; that is written with the next flush, before anything passes what it has read."""
        self.aside[broke.aside.name] = broke.aside
        self._at_work()

    def _at_work(self) -> None:
        self.projections = [projection for projection in self._all if projection.name not in self.aside]
        self._durable = {name: offset for name, offset in self._durable.items() if name not in self.aside}

    def _flush(self, *, everything: bool) -> None:
        with self.engine.begin() as tx:
            if self.aside != self._told:
                write_asides(tx, [*self.aside.values()])
            for projection in self.projections:
                with isolated(projection):
                    offset = projection.flush(tx, self._offset, everything=everything)
                if offset != self._durable.get(projection.name):
                    self._durable[projection.name] = offset
                    put(tx, tables.offset, projection=projection.name, offset=offset)
            if self._settled != self._offset:  # an idle owner writes nothing
                put(tx, tables.mark, name="settled", value=self._offset)
        self._settled, self._told = self._offset, dict(self.aside)
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

    def need_all(self) -> None:
        """Refuse where a part stands still: what it keeps cannot be reached, and would be left behind.

        Raises
        ------
        ContractError
            One does.
        """
        if self.aside:
            parts = ", ".join(self.aside)
            raise ContractError(
                f"{parts} stands still, and may keep what was said. First make it anew: gehoor rebuild."
            )

    def doubt(self) -> None:
        """Take up what stands on disk before the next flush: an act broke half-way, and memory may be ahead of it."""
        self.ledger.remember()
        self._must_reload = True

    # -- start and rebuild ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up where the last run stopped: finish what it had begun, then read on to the end of the ledger."""
        with self.engine.begin() as tx:
            marks = {row.name: row.value for row in tx.execute(sa.select(tables.mark))}
            self._durable = {row.projection: row.offset for row in tx.execute(sa.select(tables.offset))}
            self._told = {one.name: one for one in asides_in(tx)}
        self.aside = self._told | self.aside
        self._at_work()
        self._erased = marks.get("erased", 0)
        self._offset = head = self.ledger.last_seq
        settle(self.ledger.segments, changes_between(self.ledger.segments, marks.get("settled", 0), head))
        self.ledger.all_settled()
        for projection in [*self.projections]:
            offset = self._durable.setdefault(projection.name, 0)
            self._take_up(projection, offset, missed(self.ledger.segments, offset, head))
        self._must_reload = False
        self._write(everything=False)

    def _take_up(self, projection: Projection, offset: int, deltas: Iterable[tuple[pa.RecordBatch, int]]) -> None:
        """Let a projection go on where it stood, with what it missed; one that breaks is set aside."""
        try:
            with self.engine.begin() as tx, isolated(projection):
                projection.load(tx, offset)
                self._durable[projection.name] = self._read_on(tx, projection, offset, deltas)
        except BrokeError as broke:
            self._set_aside(broke)

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
        self._all = list(projections)
        self._at_work()
        for projection in [*self.projections]:
            # nothing was missed, but a projection takes what follows `load` for a past until that is all written
            self._take_up(projection, self._durable[projection.name], ())

    def rebuild(self, name: str) -> int:
        """Make a projection anew from what is in the ledger and the history today; return how many rows it read.

        Emits nothing: what it once put in the outbox stays as it is. One that stood still is at work again.

        Raises
        ------
        SettingError
            There is no projection of that name.
        ContractError
            It breaks on what is there, and stands still.
        """
        known = {projection.name: projection for projection in self._all}
        if name not in known:
            raise SettingError(f"There is no projection named {name!r}. Known: {', '.join(known)}.")
        self.flush(everything=True)
        projection, first = known[name], self._first()
        if not projection.is_in_store:  # files go before a commit can hold them: a crash must find them to be written
            with self.engine.begin() as tx:
                put(tx, tables.offset, projection=name, offset=first - 1)
        counted = _Counted(self._everything(name))
        try:
            with self.engine.begin() as tx, isolated(projection):
                write_asides(tx, [one for one in self.aside.values() if one.name != name])
                projection.clear(tx, first)
                self._durable[name] = self._read_on(tx, projection, 0, counted)
        except BrokeError as broke:  # what is on disk is as it was
            self._set_aside(broke)
            raise ContractError(f"{name} breaks on what is there ({broke.aside.why}). It stands still.") from broke
        except (sa.exc.DatabaseError, OSError):
            self._must_reload = True  # memory is half-way; what is on disk is as it was
            raise
        self.aside.pop(name, None)
        self._told.pop(name, None)
        self._at_work()
        return counted.n_rows

    def _first(self) -> int:
        segments = self.ledger.segments.all
        return segments[0].first_seq if segments else 1

    def _everything(self, name: str) -> Iterator[tuple[pa.RecordBatch, int]]:
        """Yield all rows that stand: from the history what the ledger let go of, then the ledger."""
        if name != "history":
            yield from ((rows, 1) for rows in read_rows(self.root, before=self._first()))
        yield from missed(self.ledger.segments, 0, self._offset)

    def close(self) -> None:
        """Flush and close."""
        self.flush(everything=True)
        self.engine.dispose()


class _Counted:
    """Deltas that count their rows as they go by."""

    def __init__(self, deltas: Iterable[tuple[pa.RecordBatch, int]]) -> None:
        self._deltas, self.n_rows = deltas, 0

    def __iter__(self) -> Iterator[tuple[pa.RecordBatch, int]]:
        for rows, sign in self._deltas:
            self.n_rows += rows.num_rows
            yield rows, sign
