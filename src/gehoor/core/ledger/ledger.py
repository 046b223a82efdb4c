"""The owner's ledger: takes staged pages in, one transaction each, and says what changed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import StoreError
from gehoor.core.ledger import page as pages
from gehoor.core.ledger.batch import Numbers, suspects
from gehoor.core.ledger.delta import Change, Commit, Delta, Plan, change_record, ledger_rows
from gehoor.core.ledger.family import with_family
from gehoor.core.ledger.fate import Fate, sort_out
from gehoor.core.ledger.index import DelayedIndex, actors_of_gone, copy_hash, entries, entries_of_changes
from gehoor.core.ledger.keyed import Keyed
from gehoor.core.ledger.memory import Mutated, Recent
from gehoor.core.ledger.relevance import drop
from gehoor.core.ledger.resolve import STANDS, Stand, resolve
from gehoor.core.ledger.restore import blocks_back, dropped_back, index_tail, signatures_of
from gehoor.core.ledger.segments import Segments
from gehoor.core.ledger.settle import blank_gone, settle
from gehoor.core.page import Staged
from gehoor.core.reference import replaced
from gehoor.core.sqlite import is_disk_full

__all__ = ["Ledger"]

_THOROUGH_PAGES = 50
_MOST_DELAYED = 1_000_000
_STAND = "seq, type, rev, key, object_key, state"


class Ledger:
    """The sole writer of a workspace's segments.

    Parameters
    ----------
    root : Path
        The workspace.
    keyed : Keyed
        The ordered step; restored from the last `window` rows.
    window : int
        How many rows it remembers.
    """

    def __init__(self, root: Path, keyed: Keyed, window: int) -> None:
        self.segments = Segments(root / "segments", writable=True)
        self.keyed = keyed
        self.forgotten: dict[int, int] = {}
        self.references: set[int] = set()
        self._window = window
        self._thorough_left = 0
        self._unsettled: list[tuple[Sequence[tuple[Any, ...]], pa.RecordBatch, pa.RecordBatch]] = []
        self._untold: list[Delta] = []
        self.last_seq = 0
        self.remember()
        if self.index.n > _MOST_DELAYED:  # an older version let it grow
            self.write_index()

    def remember(self) -> None:
        """Take up what stands on disk: after a start, and after a transaction that failed."""
        self.index, self.mutated, self.recent = DelayedIndex(), Mutated(), Recent()
        self.dropped = dropped_back(self.segments, self._window)
        self.keyed.clear()
        if not self.segments.all:
            return
        self.last_seq = max(self.last_seq, self.segments.last.mark("last_seq"))
        for segment in self.segments.all:
            hashes = np.array([row[0] for row in segment.query("SELECT hash FROM mutated")], np.int64)
            self.mutated.add(hashes)
        for seqs, numbers, duplicate_of in blocks_back(self.segments, self._window):
            self.recent.add(numbers.key)
            self.recent.add(numbers.object_key)
            self.keyed.restore(seqs, numbers, duplicate_of)
        index_tail(self.segments.last, self.index)

    # -- one page -------------------------------------------------------------------------------------------------

    def commit(self, staged: Staged) -> Commit:
        """Write the pages of a staged batch in one transaction, and bring up to date the rows that they change.

        Raises
        ------
        StoreError
            Nothing was written (disk full, file damaged): the same pages may be offered again.
        """
        with self._writing():
            self._settle()
            self.start_day(max(page.received for page in staged.pages))
            try:
                return self._commit(staged, thorough=self._thorough_left > 0)
            except sa.exc.IntegrityError:
                # an id from before our memory: look every row up, now and for the pages that follow
                self._thorough_left = _THOROUGH_PAGES
                self.remember()
                return self._commit(staged, thorough=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn what the database says into a `StoreError`, and take up again what stands on disk."""
        try:
            yield
        except (sa.exc.DatabaseError, OSError) as error:
            self.remember()
            what = "The disk is full" if is_disk_full(error) else f"The ledger cannot be written ({error})"
            raise StoreError(f"{what}: {self.segments.folder}. Make room; we go on by ourselves.") from error

    def _commit(self, staged: Staged, *, thorough: bool) -> Commit:
        staged = msgspec.structs.replace(staged, batch=replaced(staged.batch, self.references))
        numbers = Numbers.of(staged.batch)
        fate, staged_pages = sort_out(self, staged, numbers, thorough=thorough)
        fate = drop(self, staged, numbers, fate)
        self._thorough_left = max(0, self._thorough_left - 1)
        keep = fate.of_row == 0
        plan = self._plan(numbers.take(keep))
        rows = with_family(ledger_rows(staged.batch, keep, plan), plan.verdicts, self.segments)
        before = self.segments.rows(plan.touched)
        self._write(rows, staged_pages, plan, fate)
        live = rows if not plan.states.any() else rows.filter(pa.array(plan.states == STANDS))
        self._unsettled.append((plan.changes, before, live))
        deltas = self._told()
        ids = staged.batch.column("id").to_pylist() if any(page.wants_items for page in staged_pages) else []
        return Commit(
            receipts=pages.receipts(staged_pages, fate, ids, self.last_seq),
            deltas=deltas,
            offset=self.last_seq,
            n_stored=rows.num_rows,
        )

    def _plan(self, numbers: Numbers) -> Plan:
        """Decide offsets, states, verdicts and changes of new rows, before anything is written."""
        n = len(numbers.key)
        seqs = np.arange(self.last_seq + 1, self.last_seq + 1 + n, dtype=np.int64)
        self.last_seq += n
        digests = suspects(numbers, self.mutated, self.recent)
        states = np.zeros(n, np.int8)
        changed: dict[int, tuple[int, int]] = {}
        if digests:
            new_states, changed = resolve(numbers.stands(seqs), digests, self.find)
            for seq, state in new_states.items():
                states[seq - seqs[0]] = state
        changes = [
            self._record(seq, "state", {"state": before}, {"state": after}) for seq, (before, after) in changed.items()
        ]
        went = [seq for seq, (before, _) in changed.items() if before == STANDS]
        changes += self._orphans(went)
        judged, verdicts = self.keyed.judge(seqs, numbers.only(states == STANDS))
        touched = [*went, *(change[1] for change in changes if change[2] == "annotate")]
        return Plan(seqs, judged, states, verdicts, changes, touched)

    def _record(self, target: int, kind: str, before: dict[str, Any], after: dict[str, Any]) -> tuple[Any, ...]:
        self.last_seq += 1
        return change_record(self.last_seq, target, kind, before, after)

    def _orphans(self, went: list[int]) -> list[tuple[Any, ...]]:
        """Judge the copies of rows that went again: the earliest becomes the original of the others."""
        if not went:
            return []
        self.keyed.withdraw(np.array(went, np.int64))
        changes = []
        for original in went:
            copies = self.find_hashed([copy_hash(original)], "seq, duplicate_of, state")
            seqs = [seq for seq, of, state in copies if of == original and state == STANDS and seq not in went]
            if not seqs:
                continue
            verdicts = self.keyed.duplicates.rejudge(np.array(seqs, np.int64), signatures_of(self.segments, seqs))
            changes += [
                self._record(seq, "annotate", {"duplicate_of": original}, {"duplicate_of": int(verdict) or None})
                for seq, verdict in zip(seqs, verdicts.tolist(), strict=True)
            ]
        return changes

    def _write(self, rows: pa.RecordBatch, staged_pages: Sequence[Any], plan: Plan, fate: Fate) -> None:
        segment = self.segments.last
        stored = blank_gone(rows, plan.states)
        numbers = plan.numbers
        spans = segment.widen(numbers.published)
        mutated = numbers.object_key[np.isin(numbers.types, ("Update", "Delete", "Undo"))]
        with segment.engine.begin() as tx:
            pages.insert_rows(tx, stored, plan.states.tolist())
            pages.write_changes(tx, plan.changes)
            if rows.num_rows:
                pages.write_block(tx, int(plan.seqs[0]), numbers, plan.verdicts.duplicate_of)
            pages.write_memory(tx, spans, mutated.tolist())
            pages.write_pages(tx, staged_pages, fate)
            entered, complete = self.index.chunk(segment.first_seq)
            pages.write_index(tx, entered + actors_of_gone(rows, plan.states), complete)
            tx.exec_driver_sql("UPDATE mark SET value = ? WHERE name = 'last_seq'", (self.last_seq,))
        self.index.wrote(len(entered))
        self.dropped.add(fate.keys_dropped)
        self.recent.add(numbers.key)
        self.recent.add(numbers.object_key)
        if rows.num_rows:
            self.index.add(*entries(rows), self.last_seq)
        self.index.add(*entries_of_changes(plan.changes), self.last_seq)

    def _settle(self) -> None:
        """Bring rows up to date with what was committed, and keep what that means to the projections.

        What a full disk kept from being settled waits here, and is settled before anything else is planned: a row
        that goes twice would be taken back twice.
        """
        while self._unsettled:
            changes, before, live = self._unsettled[0]
            settle(self.segments, changes)
            after = self.segments.rows(self._standing(change[1] for change in changes if change[2] == "annotate"))
            rows = ((before, -1), (after, 1), (live, 1))
            self._untold += [Delta(rows=batch, sign=sign) for batch, sign in rows if batch.num_rows]
            self._unsettled.pop(0)

    def _told(self) -> list[Delta]:
        """Settle, and return what the projections must still hear of."""
        self._settle()
        deltas, self._untold = self._untold, []
        return deltas

    def _standing(self, seqs: Iterable[int]) -> list[int]:
        """Return those rows that stand: only they are counted."""
        return [row[0] for row in self.segments.select("seq, state", seqs) if row[1] == STANDS]

    def all_settled(self) -> None:
        """Take note that a new start settles, and reads from the ledger, what was waiting here."""
        self._unsettled.clear()
        self._untold.clear()

    # -- changes without a page -----------------------------------------------------------------------------------

    def change(self, changes: Sequence[Change], gone: Sequence[int] = ()) -> Commit:
        """Commit changes of rows (target, kind, before, after): a correction, or an erasure by law.

        `gone` are older rows, no longer here, that do not count any more: their copies are judged again.
        """
        with self._writing():
            self._settle()
            return self._change(changes, gone)

    def _change(self, changes: Sequence[Change], gone: Sequence[int]) -> Commit:
        went = [target for target, kind, before, _ in changes if kind == "state" and before["state"] == STANDS]
        went += gone
        records = [self._record(*change) for change in changes]
        orphans = self._orphans(went)
        touched = [*went, *(record[1] for record in [*records, *orphans] if record[2] == "annotate")]
        before = self.segments.rows(self._standing(touched))
        with self.segments.last.engine.begin() as tx:
            pages.write_changes(tx, [*records, *orphans])
            tx.exec_driver_sql("UPDATE mark SET value = ? WHERE name = 'last_seq'", (self.last_seq,))
        self.index.add(*entries_of_changes([*records, *orphans]), self.last_seq)
        self._unsettled.append(([*records, *orphans], before, before.slice(0, 0)))
        return Commit(receipts=[], deltas=self._told(), offset=self.last_seq, n_stored=0)

    # -- looking up -----------------------------------------------------------------------------------------------

    def _indexed(self, hashes: list[int]) -> list[int]:
        return self.segments.look_up(hashes, self.last_seq) + self.index.find(hashes)

    def find(self, digests: list[int]) -> list[Stand]:
        """Return the rows whose id or object has one of these digests."""
        wanted = set(digests)
        stands = [Stand(*row) for row in self.find_hashed(digests)]
        return [row for row in stands if row.key in wanted or row.object_key in wanted]

    def find_hashed(self, hashes: list[int], columns: str = _STAND) -> list[Any]:
        """Return columns of the rows indexed under any hash of `core.ledger.index`."""
        return self.segments.select(columns, self._indexed(hashes))

    # -- days -----------------------------------------------------------------------------------------------------

    def start_day(self, now: int) -> None:
        """Begin a new segment when the day of arrival has changed; a clock that goes back changes nothing."""
        day = now // DAY_US
        if self.segments.all and day <= self.segments.last.day:
            return
        if self.segments.all:
            self.write_index()
        self.segments.start_day(self.last_seq + 1, day)

    def write_index(self) -> None:
        """Write what the delayed index still has in memory: before the day ends, before an erasure."""
        with self.segments.last.engine.begin() as tx:
            for rows, complete in self.index.drain(self.segments.last.first_seq):
                pages.write_index(tx, rows, complete)

    def cursor(self, source: str) -> bytes | None:
        """Return where a source reads on; None when it never read."""
        for row in self.segments.last.cursors() if self.segments.all else []:
            if row["source"] == source:
                return bytes(row["cursor"]) or None
        return None

    def close(self) -> None:
        """Close the files."""
        self.segments.close()
