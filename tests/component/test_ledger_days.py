"""Days of the ledger: begun at midnight of arrival, carried on, and dropped whole when they are old."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.history_rewrite import everything, rewrite
from gehoor.core.ledger.resolve import GONE
from gehoor.core.page import RawPage
from gehoor.core.past import Reached, closed_days, find_in_past, take_back
from gehoor.core.store import set_mark
from gehoor.run.past_child import find_in_child, rewrite_in_child
from tests.cast import ECHO, LOYAL, NOON
from tests.component.keeping import SOURCE, Keeping

_DAY_S = DAY_US // SECOND_US
_TODAY = NOON // DAY_US
_OLD = LOYAL.says("Mijn koffer ligt nog in Oslo en ik sta in Bergen.", id="old")


@pytest.fixture
def keeping(workspace: Path) -> Iterator[Keeping]:
    """A workspace that heard three posts on each of four days, copies and edits among them."""
    keeping = Keeping(workspace)
    keeping.hear([_OLD])
    for day in range(4):
        at = day * _DAY_S + 60
        posts = [
            LOYAL.says(f"Dag {day}: nog geen koffer op band {n}", id=f"d{day}-{n}", after_s=at + n) for n in (1, 2)
        ]
        keeping.hear(posts, cursor=str(day).encode(), position=3 * day)
        keeping.hear([ECHO.says(_OLD.text or "", id=f"copy{day}", after_s=at + 9)], cursor=str(day).encode())
        keeping.hear([LOYAL.edits(posts[0], f"Dag {day}: de koffer is terug", after_s=at + 30)])
    keeping.flush()
    yield keeping
    keeping.drop()


def _days(keeping: Keeping) -> list[str]:
    return [path.name for path in sorted((keeping.root / "segments").glob("*.sqlite"))]


def _drop_two_days(keeping: Keeping) -> None:
    keeping.ledger.segments.drop_before(_TODAY + 2)


def test_each_day_of_arrival_has_its_file_named_for_its_first_offset(keeping: Keeping) -> None:
    assert [name[-17:] for name in _days(keeping)] == [f"_2026-04-{day}.sqlite"[-17:] for day in (14, 15, 16, 17)]
    firsts = [int(name.split("_")[0]) for name in _days(keeping)]
    assert firsts == sorted(firsts)
    assert firsts[0] == 1


def test_a_clock_that_goes_back_begins_no_day(keeping: Keeping) -> None:
    keeping.hear([LOYAL.says("Van gisteren", id="y", after_s=_DAY_S)])
    assert len(_days(keeping)) == 4
    assert keeping.posts("gisteren")[0].id == "y"


def test_dropped_days_leave_no_file_behind(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    left = {path.name.split(".")[0] for path in (keeping.root / "segments").iterdir()}
    assert left == {name.split(".")[0] for name in _days(keeping)}
    assert len(left) == 2


def test_newest_day_always_stays(keeping: Keeping) -> None:
    keeping.ledger.segments.drop_before(_TODAY + 100)
    assert len(_days(keeping)) == 1


@pytest.mark.parametrize("then", ["go on", "restart"])
def test_cursor_and_totals_survive_the_days_they_came_from(keeping: Keeping, then: str) -> None:
    before = keeping.ledger.segments.last.cursors()
    _drop_two_days(keeping)
    if then == "restart":
        keeping.restart()
    assert keeping.ledger.segments.last.cursors() == before
    assert keeping.ledger.cursor(SOURCE) == b"1"
    assert before[0]["n_stored"] == 17


def test_a_reject_of_the_new_day_goes_on_with_the_totals(keeping: Keeping) -> None:
    page = RawPage(source=SOURCE, decoder="plain", payload=b"{", received=NOON + 5 * DAY_US, cursor=b"9", position=99)
    assert keeping.hear_page(page).n_rejected == 1
    [totals] = keeping.ledger.segments.last.cursors()
    assert (totals["n_stored"], totals["n_rejected"], totals["cursor"]) == (17, 1, b"9")


@pytest.mark.parametrize("name", ["rollup", "words", "history"])
def test_counts_outlive_the_days_and_a_rebuild_reads_them_from_the_history(keeping: Keeping, name: str) -> None:
    before, rows = keeping.counts(), keeping.history()
    _drop_two_days(keeping)
    assert keeping.counts() == before
    keeping.projector.rebuild(name)
    assert (keeping.counts(), keeping.history()) == (before, rows)


def test_offsets_go_on_after_a_drop_and_a_restart(keeping: Keeping) -> None:
    last = keeping.ledger.last_seq
    _drop_two_days(keeping)
    keeping.restart()
    keeping.hear([LOYAL.says("Verder", id="on", after_s=4 * _DAY_S)])
    assert keeping.rows("seq", "id = 'on'") == [(last + 1,)]


def test_what_is_heard_again_from_a_dropped_day_is_new_to_the_ledger_and_is_back_fill(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    receipt = keeping.hear([replace(_OLD, received=NOON + 4 * DAY_US)])
    assert receipt.n_stored == 1
    assert keeping.rows("is_backfill", "id = 'old'") == [(1,)]


_SAID = "SELECT sum(n) FROM rollup WHERE kind = 'say' AND resolution = 3600 AND brand = ''"


def _texts_of_old(keeping: Keeping) -> list[str | None]:
    rows = [msgspec.json.decode(row) for row in keeping.history()]
    return [row["text"] for row in rows if "old" in (row["id"], row["object"]) and row["type"] != "Delete"]


def _reach_back(keeping: Keeping) -> Reached:
    closed = closed_days(keeping.projector)
    if closed is None:
        return Reached()
    return take_back(keeping.root, keeping.projector, closed, find_in_past(keeping.root, closed))


def _close_the_day(keeping: Keeping) -> None:
    keeping.hear([LOYAL.says("Een nieuwe dag", id="new", after_s=5 * _DAY_S)])


def test_deletion_reaches_what_only_the_history_holds_once_its_day_is_closed(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    before = keeping.stored(_SAID)[0][0]
    keeping.hear([LOYAL.deletes(_OLD, after_s=4 * _DAY_S)])
    assert _reach_back(keeping) == Reached()
    _close_the_day(keeping)
    done = _reach_back(keeping)
    assert done.n_taken_back == 1
    assert rewrite(keeping.root, everything) == 1
    assert keeping.stored(_SAID)[0][0] == before - 1 + 1
    assert _texts_of_old(keeping) == []
    assert _reach_back(keeping) == Reached()


def test_a_process_of_its_own_finds_the_same_and_rids_the_files_of_it(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    again = replace(ECHO.says("Nog eens", id="copy0", after_s=69), received=NOON + 4 * DAY_US)
    keeping.hear([LOYAL.deletes(_OLD, after_s=4 * _DAY_S), again])
    _close_the_day(keeping)
    closed = closed_days(keeping.projector)
    assert closed is not None
    found = asyncio.run(find_in_child(keeping.root, closed))
    assert found == find_in_past(keeping.root, closed)
    assert take_back(keeping.root, keeping.projector, closed, found) == Reached(n_taken_back=1, n_repeats=1)
    asyncio.run(rewrite_in_child(keeping.root))
    assert _texts_of_old(keeping) == []


def test_edit_reaches_what_only_the_history_holds(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    before = keeping.stored(_SAID)[0][0]
    keeping.hear([LOYAL.edits(_OLD, "Mijn koffer is terecht.", after_s=4 * _DAY_S)])
    _close_the_day(keeping)
    assert _reach_back(keeping).n_taken_back == 1
    keeping.flush()
    assert keeping.stored(_SAID)[0][0] == before + 1
    assert _texts_of_old(keeping) == ["Mijn koffer is terecht."]


def test_what_the_history_knew_already_counts_once(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    before = keeping.stored(_SAID)[0][0]
    keeping.hear([replace(_OLD, received=NOON + 4 * DAY_US)])
    _close_the_day(keeping)
    assert _reach_back(keeping).n_repeats == 1
    keeping.flush()
    assert keeping.stored(_SAID)[0][0] == before + 1
    assert _texts_of_old(keeping) == [_OLD.text]


def test_counts_after_reaching_back_equal_a_rebuild(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    keeping.hear([LOYAL.deletes(_OLD, after_s=4 * _DAY_S)])
    _close_the_day(keeping)
    _reach_back(keeping)
    keeping.flush()
    before = keeping.counts()
    keeping.projector.rebuild("rollup")
    assert keeping.counts() == before


def test_crash_before_it_is_noted_takes_nothing_back_twice(keeping: Keeping) -> None:
    _drop_two_days(keeping)
    keeping.hear([LOYAL.deletes(_OLD, after_s=4 * _DAY_S)])
    _close_the_day(keeping)
    _reach_back(keeping)
    keeping.flush()
    before = keeping.counts()
    set_mark(keeping.projector.engine, "past", 0)
    keeping.kill()
    assert _reach_back(keeping) == Reached()
    assert keeping.counts() == before


def test_day_whose_file_was_never_finished_is_made_anew(keeping: Keeping) -> None:
    last = keeping.ledger.last_seq
    keeping.drop()
    (keeping.root / "segments" / f"{last + 1:015d}_2026-04-18.sqlite").write_bytes(b"")
    keeping.open()
    keeping.hear([LOYAL.says("Verder", id="on", after_s=4 * _DAY_S)])
    keeping.restart()
    assert keeping.posts("verder")[0].seq == last + 1


def test_what_an_older_version_left_unwritten_of_its_index_is_written_at_the_start(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = keeping.ledger.segments.last
    assert segment.mark("indexed") < segment.mark("last_seq")
    monkeypatch.setattr("gehoor.core.ledger.ledger._MOST_DELAYED", 5)
    keeping.restart()
    segment = keeping.ledger.segments.last
    assert segment.mark("indexed") == segment.mark("last_seq")
    keeping.hear([LOYAL.deletes(_OLD, after_s=3 * _DAY_S + 90)])
    assert keeping.rows("state", "id = 'old'") == [(GONE,)]
