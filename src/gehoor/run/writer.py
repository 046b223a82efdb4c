"""The writer thread: commits staged pages in the order in which they were heard, and lets the projections follow."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from gehoor.core.errors import ContractError, GehoorError, SettingError, StoreError, TransientError
from gehoor.core.ledger import Ledger
from gehoor.core.page import Staged, StagedPage
from gehoor.core.projector import Projector
from gehoor.core.sqlite import is_disk_full
from gehoor.run.ticket import Reading, Ticket
from gehoor.run.timing import Delays, Timed

__all__ = ["Writer"]

IN_FLIGHT = 4
"""Jobs between the sources and the ledger: enough to keep both stage processes busy, few enough to bound memory."""

FLUSH_S = 0.5
_log = logging.getLogger(__name__)
_BREAKER_ITEMS, _BREAKER_SHARE = 100, 0.5


class Writer(threading.Thread):
    """The only thread that touches the ledger and the projections.

    Parameters
    ----------
    ledger, projector
        Started already.
    on_trouble : callable
        Told once about an error that is nobody's page: the owner stops.
    """

    def __init__(self, ledger: Ledger, projector: Projector, on_trouble: Callable[[Exception], None]) -> None:
        super().__init__(name="writer", daemon=True)
        self._ledger, self._projector, self._on_trouble = ledger, projector, on_trouble
        self._inbox: queue.Queue[Any] = queue.Queue()
        self._unflushed: list[tuple[int, int]] = []
        self._flushed_at = time.monotonic()
        self.to_visible, self.to_durable = Delays(), Delays()
        self.stage_ns: dict[str, int] = {}
        self.n_stored = 0
        self.store_trouble: str | None = None

    def put(self, tickets: list[Ticket], staged: "Future[Staged]") -> None:
        """Queue a job; its turn comes in the order of these calls."""
        self._inbox.put((tickets, staged))

    def call(self, action: Callable[[], Any]) -> "Future[Any]":
        """Run something between two commits, on the writer's thread; a full disk is a `StoreError` of the caller's."""
        done: Future[Any] = Future()
        done.set_running_or_notify_cancel()
        self._inbox.put((action, done))
        return done

    def run(self) -> None:
        """Work until the stop mark."""
        item: Any = None
        try:
            while True:
                wait, item = max(0.0, self._flushed_at + FLUSH_S - time.monotonic()), None
                try:
                    item = self._inbox.get(timeout=wait)
                except queue.Empty:
                    self._flush()
                    continue
                if item is None:
                    return
                self._take(*item)
                if time.monotonic() - self._flushed_at >= FLUSH_S:
                    self._flush()
        except Exception as error:  # noqa: BLE001  # a part broke its contract: the owner must stop, and say so
            self._on_trouble(error)
            self._refuse(item, ContractError(f"A part broke its contract: {error!r}."))

    def _refuse(self, item: Any, error: ContractError) -> None:
        """Answer who still asks, until the stop mark: nobody may wait for a writer that is no more."""
        while True:
            for promise in _promises(item):
                if not promise.done():
                    promise.set_exception(error)
            if (item := self._inbox.get()) is None:
                return

    def stop(self) -> None:
        """Finish what is queued, and end."""
        self._inbox.put(None)

    def _take(self, what: Any, future: "Future[Any]") -> None:
        if callable(what):
            try:
                future.set_result(what())
            except GehoorError as error:
                future.set_exception(error)
            except (sa.exc.DatabaseError, OSError) as error:
                what = "The disk is full" if is_disk_full(error) else f"The workspace cannot be written ({error})"
                future.set_exception(StoreError(f"{what}: {self._projector.root}. Make room, and try again."))
            except Exception as error:  # noqa: BLE001  # around an act: who asked for it is told, and all else goes on
                _log.exception("an act broke")
                self._projector.doubt()
                future.set_exception(ContractError(f"That broke ({type(error).__name__}: {error}). Please report it."))
            return
        self._commit(what, future)

    def _commit(self, tickets: list[Ticket], future: "Future[Staged]") -> None:
        try:
            staged = future.result()
            tickets, staged = _sound(tickets, staged)
            if not tickets:
                return
            with Timed(self.stage_ns, "ledger"):
                commit = self._ledger.commit(staged)
        except GehoorError as error:
            for ticket in tickets:
                _fail(ticket, error)
            return
        now = time.monotonic_ns()
        for ticket, page, receipt in zip(tickets, staged.pages, commit.receipts, strict=True):
            self.to_visible.add((now - ticket.read_ns) / 1e9, page.n_rows)
            self._unflushed.append((ticket.read_ns, page.n_rows))
            ticket.receipt.set_result(receipt)
        self.n_stored += commit.n_stored
        with Timed(self.stage_ns, "projections"):
            self._projector.take(commit)

    def _flush(self) -> None:
        self._flushed_at = time.monotonic()
        try:
            with Timed(self.stage_ns, "flush"):
                self._projector.flush()
        except StoreError as error:
            self.store_trouble = str(error)
            return
        self.store_trouble = None
        now = time.monotonic_ns()
        for read_ns, n in self._unflushed:
            self.to_durable.add((now - read_ns) / 1e9, n)
        self._unflushed.clear()


def _promises(item: Any) -> "list[Future[Any]]":
    """Return what somebody waits for of an item of the queue."""
    if item is None:
        return []
    what, future = item
    return [future] if callable(what) else [ticket.receipt for ticket in what]


def _fail(ticket: Ticket, error: GehoorError) -> None:
    if ticket.reading is not None and ticket.reading.trouble is None:
        ticket.reading.trouble = error
    ticket.receipt.set_exception(error)


def _sound(tickets: list[Ticket], staged: Staged) -> tuple[list[Ticket], Staged]:
    """Leave out the pages of readings that have ended: what is wrong with one source costs the others nothing."""
    verdicts = [_objection(ticket.reading, page) for ticket, page in zip(tickets, staged.pages, strict=True)]
    if not any(verdicts):
        return tickets, staged
    pages, batches, first = [], [staged.batch.slice(0, 0)], 0
    for ticket, page, objection in zip(tickets, staged.pages, verdicts, strict=True):
        if objection is not None:
            _fail(ticket, objection)
            continue
        pages.append(msgspec.structs.replace(page, first=first))
        batches.append(staged.batch.slice(page.first, page.n_rows))
        first += page.n_rows
    sound = [ticket for ticket, objection in zip(tickets, verdicts, strict=True) if objection is None]
    return sound, msgspec.structs.replace(staged, batch=pa.concat_batches(batches), pages=pages)


def _objection(reading: Reading | None, page: StagedPage) -> GehoorError | None:
    """Say why a page may not be committed: its reading has ended, or it is mostly bad, so that we had better stop."""
    if reading is None:
        return None
    if reading.trouble is not None:
        return TransientError(f"{reading.source} is read again from where it stood.")
    reading.n_items += page.n_rows + len(page.rejects)
    reading.n_bad += len(page.rejects)
    if reading.n_items < _BREAKER_ITEMS or reading.n_bad <= _BREAKER_SHARE * reading.n_items:
        return None
    reading.trouble = _tripped(reading, page)
    return reading.trouble


def _tripped(reading: Reading, page: StagedPage) -> SettingError:
    reasons = [reject.reason for reject in page.rejects] or ["see the rejects"]
    commonest = max(set(reasons), key=reasons.count)
    return SettingError(
        f"{reading.source}: {reading.n_bad} of {reading.n_items} items cannot be read, so we stopped before all of it "
        f"is put aside. Mostly: {commonest}. Mend the source or its settings, and start again; nothing is lost."
    )
