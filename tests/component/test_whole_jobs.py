"""Pages of several sources in one job: each source answers for its own."""

import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.errors import ContractError, SettingError, StoreError, TransientError
from gehoor.core.page import RawPage, Staged
from gehoor.core.projector import Projector
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.settings import load
from gehoor.run.parts import open_ledger
from gehoor.run.pool import Pool
from gehoor.run.stages import RowStages
from gehoor.run.ticket import Reading, Ticket
from gehoor.run.writer import Writer
from tests.cast import NOON


def _page(source: str, good: int, bad: int = 0) -> RawPage:
    lines = [json.dumps({"id": f"{source}-{n}", "text": "Waar blijft het?"}).encode() for n in range(good)]
    payload = b"\n".join([*lines, *[b"{broken"] * bad])
    return RawPage(source=source, decoder="plain", payload=payload, received=NOON, wants_items=True)


class _Desk:
    """A writer at work, and what is given to it."""

    def __init__(self, root: Path) -> None:
        settings = load(root)
        self.root, self._stages = root, RowStages(settings)
        self.projector: Projector = open_ledger(settings, StillClock(NOON))
        self.troubles: list[Exception] = []
        self.writer = Writer(self.projector.ledger, self.projector, self.troubles.append)
        self.writer.start()

    def give(self, *parts: tuple[RawPage, Reading | None]) -> list[Ticket]:
        """Give one job."""
        staged: Future[Staged] = Future()
        staged.set_result(self._stages.run([page for page, _ in parts]))
        tickets = [Ticket(page, reading, 0, 1) for page, reading in parts]
        self.writer.put(tickets, staged)
        return tickets

    def ids(self) -> set[str]:
        """Return what is there."""
        reader = Reader(self.root)
        ids = {post.id for post in reader.posts(PostFilter(), limit=1_000)}
        reader.close()
        return ids


@pytest.fixture
def desk(workspace: Path) -> Iterator[_Desk]:
    (workspace / "gehoor.toml").write_text("")
    desk = _Desk(workspace)
    yield desk
    desk.writer.stop()
    desk.writer.join(60)
    desk.projector.close()
    desk.projector.ledger.close()


def test_a_breaker_ends_its_own_source_and_no_other_of_the_job(desk: _Desk) -> None:
    bad, good = Reading("bad"), Reading("good")
    parts = [(_page("first", 3), good), (_page("bad", 50, 150), bad), (_page("bad", 2), bad), (_page("last", 4), good)]
    tickets = desk.give(*parts, (_page("pushed", 1), None))
    assert [tickets[n].receipt.result(20).n_stored for n in (0, 3, 4)] == [3, 4, 1]
    assert [item.id for item in tickets[3].receipt.result().items] == [f"last-{n}" for n in range(4)]
    with pytest.raises(SettingError, match="150 of 200"):
        tickets[1].receipt.result(20)
    with pytest.raises(TransientError, match="bad is read again"):
        tickets[2].receipt.result(20)
    assert good.trouble is None and isinstance(bad.trouble, SettingError)
    assert {id_.partition("-")[0] for id_ in desk.ids()} == {"first", "last", "pushed"}


def test_a_job_of_which_nothing_may_be_committed_ends_quietly(desk: _Desk) -> None:
    (ticket,) = desk.give((_page("bad", 0, 200), Reading("bad")))
    with pytest.raises(SettingError):
        ticket.receipt.result(20)
    assert desk.give((_page("good", 2), None))[0].receipt.result(20).n_stored == 2
    assert desk.troubles == []


def test_who_stops_waiting_for_a_receipt_does_not_stop_the_writer(desk: _Desk) -> None:
    (ticket,) = desk.give((_page("left", 2), None))
    assert not ticket.receipt.cancel()
    assert not desk.writer.call(lambda: None).cancel()
    assert desk.give((_page("next", 2), None))[0].receipt.result(20).n_stored == 2
    assert desk.troubles == [] and "left-1" in desk.ids()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), SettingError("It cannot be done.")])
def test_a_call_that_meets_a_full_disk_is_told_and_the_writer_goes_on(desk: _Desk, error: Exception) -> None:
    def fail() -> None:
        raise error

    wanted = StoreError if isinstance(error, OSError) else SettingError
    with pytest.raises(wanted, match="disk is full" if wanted is StoreError else "cannot be done"):
        desk.writer.call(fail).result(20)
    assert desk.writer.call(lambda: 7).result(20) == 7


def test_an_act_that_breaks_is_told_to_who_asked_and_stops_nothing(desk: _Desk) -> None:
    desk.give((_page("before", 2), None))[0].receipt.result(20)
    with pytest.raises(ContractError, match="ZeroDivisionError"):
        desk.writer.call(lambda: 1 // 0).result(20)
    assert desk.give((_page("before", 2), None))[0].receipt.result(20).n_stored == 0  # the ledger knows them still
    assert desk.give((_page("after", 2), None))[0].receipt.result(20).n_stored == 2
    assert desk.troubles == []


def test_nobody_waits_for_a_writer_that_a_part_has_ended(desk: _Desk) -> None:
    broken: Future[Staged] = Future()
    broken.set_exception(ZeroDivisionError())
    ticket = Ticket(_page("first", 1), None, 0, 1)
    desk.writer.put([ticket], broken)
    with pytest.raises(ContractError, match="ZeroDivisionError"):
        ticket.receipt.result(20)
    with pytest.raises(ContractError):
        desk.writer.call(lambda: 1).result(20)
    with pytest.raises(ContractError):
        desk.give((_page("late", 1), None))[0].receipt.result(20)
    assert len(desk.troubles) == 1


def test_a_worker_that_died_idle_costs_no_page(workspace: Path) -> None:
    (workspace / "gehoor.toml").write_text("")
    pool = Pool(workspace)
    try:
        assert pool.submit([_page("before", 1)]).result(60).batch.num_rows == 1
        for process in list(pool.processes):
            process.kill()
            process.join(60)
        jobs = [pool.submit([_page(f"after-{n}", 1)]) for n in range(4)]
        assert [job.result(60).batch.num_rows for job in jobs] == [1, 1, 1, 1]
    finally:
        pool.close()
    assert not any(process.is_alive() for process in pool.processes)
