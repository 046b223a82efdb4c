"""The history on disk: plain files that anybody reads, in which no row stands twice and no file is half."""

import os
import resource
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.history import part_range, parts
from gehoor.core.history_read import read_rows
from gehoor.core.history_rewrite import compact, rewrite
from gehoor.core.record import LEDGER, Activity
from gehoor.core.store import read_store
from tests.cast import ECHO, FAN, LOYAL, NOON
from tests.component.keeping import Keeping

_DAY_S = DAY_US // SECOND_US
_TOMORROW = str(np.datetime64(NOON // DAY_US + 1, "D"))


def _said(n: int, day: int = 0) -> Activity:
    return LOYAL.says(f"Bericht nummer {n} over vlucht {n * 7}", id=f"p{day}-{n}", after_s=day * _DAY_S + n)


def _hear_parts(keeping: Keeping, n_parts: int, day: int = 0) -> None:
    for n in range(n_parts):
        keeping.hear([_said(3 * n + i, day) for i in range(3)])
        keeping.flush()


@pytest.fixture
def keeping(workspace: Path) -> Iterator[Keeping]:
    """A workspace with four parts of one day."""
    keeping = Keeping(workspace)
    _hear_parts(keeping, 4)
    yield keeping
    keeping.drop()


def _ids(keeping: Keeping) -> list[str]:
    return [id_ for batch in read_rows(keeping.root) for id_ in batch.column("id").to_pylist()]


def _everyone(keeping: Keeping) -> list[str]:
    return [row[0] for row in keeping.rows("id")]


def test_a_part_is_named_for_the_offsets_it_covers(keeping: Keeping) -> None:
    found = parts(keeping.root / "history")
    assert [part_range(part) for part in found] == [(1, 3), (4, 6), (7, 9), (10, 12)]
    assert {part.parent.name for part in found} == {"date=2026-04-14"}
    assert found[0].name == "part-000000000000001-000000000000003.parquet"


def test_a_part_waits_for_rows_or_for_a_minute(workspace: Path) -> None:
    keeping = Keeping(workspace)
    keeping.hear([_said(1)])
    keeping.projector.flush()
    assert not parts(workspace / "history")
    keeping.clock.advance(61)
    keeping.projector.flush()
    assert len(parts(workspace / "history")) == 1
    keeping.drop()


def test_deleted_row_is_void_at_once_and_leaves_the_file_at_the_rewrite(keeping: Keeping) -> None:
    keeping.hear([LOYAL.deletes(_said(4), after_s=60)])
    keeping.flush()
    assert "p0-4" not in _ids(keeping)
    second = parts(keeping.root / "history")[1]
    assert "p0-4" in pq.read_table(second).column("id").to_pylist()
    assert rewrite(keeping.root, lambda batch: batch.column("seq").is_valid()) == 1
    assert pq.read_table(second).column("id").to_pylist() == ["p0-3", "p0-5"]
    assert sorted(_ids(keeping)) == sorted(_everyone(keeping))


def test_corrected_row_stands_once_before_and_after_compaction(keeping: Keeping) -> None:
    [(seq, was)] = keeping.rows("seq, intent", "id = 'p0-4'")
    keeping.projector.take(keeping.ledger.change([(seq, "annotate", {"intent": was}, {"intent": "praise"})]))
    keeping.flush()
    for _ in range(2):
        rows = [row for batch in read_rows(keeping.root) for row in batch.to_pylist() if row["id"] == "p0-4"]
        assert [row["intent"] for row in rows] == ["praise"]
        compact(keeping.root, before=_TOMORROW)


def test_part_of_which_nothing_is_wanted_goes(keeping: Keeping) -> None:
    keeping.hear([LOYAL.deletes(_said(n), after_s=60) for n in (3, 4, 5)])
    keeping.flush()
    rewrite(keeping.root, lambda batch: batch.column("seq").is_valid())
    assert (4, 6) not in [part_range(part) for part in parts(keeping.root / "history")]


def test_closed_day_becomes_one_part_with_the_same_rows(keeping: Keeping) -> None:
    before = _ids(keeping)
    assert compact(keeping.root, before=_TOMORROW) == 1
    [part] = parts(keeping.root / "history")
    assert part_range(part) == (1, 12)
    assert _ids(keeping) == before
    assert compact(keeping.root, before=_TOMORROW) == 0


def test_a_day_that_is_not_closed_keeps_its_parts(keeping: Keeping) -> None:
    assert compact(keeping.root, before="2026-04-14") == 0


def test_work_goes_on_after_compaction_and_a_kill(keeping: Keeping) -> None:
    compact(keeping.root, before=_TOMORROW)
    keeping.hear([_said(99)])
    keeping.kill()
    keeping.flush()
    assert sorted(_ids(keeping)) == sorted(_everyone(keeping))


def test_part_that_was_written_just_before_a_crash_is_not_counted_twice(keeping: Keeping) -> None:
    keeping.hear([_said(50)])
    with keeping.projector.engine.connect() as tx:
        [history] = [part for part in keeping.projector.projections if part.name == "history"]
        history.flush(tx, keeping.ledger.last_seq, everything=True)
        tx.rollback()
    assert len(parts(keeping.root / "history")) == 5
    assert _ids(keeping).count("p0-50") == 0
    keeping.kill()
    keeping.flush()
    assert sorted(_ids(keeping)) == sorted(_everyone(keeping))


def test_remains_of_a_compaction_that_crashed_are_cleared_away(keeping: Keeping) -> None:
    left = keeping.root / ".compacting" / "date=2026-04-14"
    left.mkdir(parents=True)
    (left / "part-000000000000001-000000000000012.parquet").write_bytes(b"half")
    compact(keeping.root, before=_TOMORROW)
    assert not left.parent.exists()
    assert sorted(_ids(keeping)) == sorted(_everyone(keeping))


def test_strangers_read_plain_rows(keeping: Keeping) -> None:
    glob = str(keeping.root / "history/**/*.parquet")
    (keeping.root / "history/date=2026-04-14/.part-1-2.parquet.half").write_bytes(b"half")
    counted = duckdb.connect().execute(f"SELECT count(*), count(DISTINCT id) FROM read_parquet('{glob}')")
    [(n, n_ids)] = counted.fetchall()
    table = ds.dataset(keeping.root / "history", partitioning="hive").to_table()
    assert (n, n_ids, table.num_rows) == (12, 12, 12)
    assert table.column_names == [*LEDGER.names, "date"]
    assert table.schema.field("published").type == LEDGER.field("published").type


def _reads_while(look: Callable[[], list[str]], work: Callable[[], None]) -> list[list[str]]:
    """Return what a reader saw each time while the work was done."""
    seen: list[list[str]] = []
    is_done = threading.Event()

    def read() -> None:
        while not is_done.is_set():
            seen.append(look())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        work()
    finally:
        is_done.set()
        reader.join()
    return seen


def _compact_often(keeping: Keeping) -> None:
    for day in range(1, 9):
        _hear_parts(keeping, 3, day)
        compact(keeping.root, before=str(np.datetime64(NOON // DAY_US + day + 1, "D")))


def test_our_reader_sees_each_row_once_while_days_are_compacted(keeping: Keeping) -> None:
    seen = _reads_while(lambda: _ids(keeping), lambda: _compact_often(keeping))
    assert len(seen) > 5
    for ids in seen:
        assert len(ids) == len(set(ids)) >= 12
    sizes = [len(ids) for ids in seen]
    assert sizes == sorted(sizes)


def test_a_day_of_more_parts_than_files_may_be_open_is_read_whole(keeping: Keeping) -> None:
    _hear_parts(keeping, 24)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 12, hard))
    try:
        assert sorted(_ids(keeping)) == sorted(_everyone(keeping))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_stranger_never_sees_a_row_twice_or_half_a_file_while_days_are_compacted(keeping: Keeping) -> None:
    glob = str(keeping.root / "history/**/*.parquet")

    def look() -> list[str]:
        connection = duckdb.connect()
        try:
            return [row[0] for row in connection.execute(f"SELECT id FROM read_parquet('{glob}')").fetchall()]
        except duckdb.IOException as error:  # a file went between its look at the folder and at the file: it asks again
            assert "No such file" in str(error) or "Cannot open" in str(error), error
            return []
        finally:
            connection.close()

    seen = _reads_while(look, lambda: _compact_often(keeping))
    assert any(seen)
    for ids in seen:
        assert len(ids) == len(set(ids))


def test_our_reader_sees_a_corrected_row_once_at_any_moment(keeping: Keeping) -> None:
    def correct() -> None:
        for n in range(12):
            [(seq, was)] = keeping.rows("seq, intent", f"id = 'p0-{n}'")
            keeping.projector.take(keeping.ledger.change([(seq, "annotate", {"intent": was}, {"intent": "praise"})]))
            keeping.flush()

    for ids in _reads_while(lambda: _ids(keeping), correct):
        assert sorted(ids) == sorted(_everyone(keeping))


def test_rebuild_keeps_rows_that_live_only_in_the_history(keeping: Keeping) -> None:
    keeping.hear([ECHO.says("Drie dagen later", id="late", after_s=3 * _DAY_S)])
    keeping.flush()
    keeping.ledger.segments.drop_before(NOON // DAY_US + 2)
    before = keeping.history()
    assert keeping.projector.rebuild("history") == 1
    assert keeping.history() == before
    keeping.restart()
    assert keeping.history() == before
    assert len(before) == 13


def test_voids_are_written_with_the_counts(keeping: Keeping) -> None:
    keeping.hear([FAN.deletes(_said(1), after_s=60)])
    keeping.projector.flush()
    engine = read_store(keeping.root)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT seq FROM void").fetchall() == [(2,)]
    engine.dispose()
