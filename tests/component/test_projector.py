"""Projections follow the ledger through crashes and locked files: nothing twice, nothing lost, nothing left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import StoreError
from gehoor.core.sqlite import open_write
from gehoor.run.parts import make_projections
from tests.cast import ECHO, FAN, LOYAL, NOON
from tests.component.keeping import Keeping, page_of
from tests.component.knowing import identifies, people_of

_DAY_S = DAY_US // SECOND_US
_POST = LOYAL.says("Mijn geheime koffer is weg", id="p")
_DELETION = LOYAL.deletes(_POST, after_s=_DAY_S + 5)


@pytest.fixture
def keeping(workspace: Path) -> Iterator[Keeping]:
    """A workspace that heard one post yesterday and one today, all of it written."""
    keeping = Keeping(workspace)
    keeping.hear([_POST, FAN.says("Dank jullie wel!", id="q", after_s=3)])
    keeping.hear([ECHO.says("Goedemorgen", id="r", after_s=_DAY_S)])
    keeping.flush()
    yield keeping
    keeping.drop()


def _is_consistent(keeping: Keeping) -> bool:
    """Tell whether a count anew gives the counts that there are."""
    keeping.flush()
    counted, rows = keeping.counts(), keeping.history()
    for name in ("rollup", "words", "history"):
        keeping.projector.rebuild(name)
    return (keeping.counts(), keeping.history()) == (counted, rows)


def _n_said(keeping: Keeping) -> int:
    keeping.flush()
    return int(
        keeping.stored("SELECT sum(n) FROM rollup WHERE kind = 'say' AND resolution = 3600 AND brand = ''")[0][0]
    )


def test_commit_that_no_projection_heard_of_is_read_back_after_a_crash(keeping: Keeping) -> None:
    page = page_of([_DELETION, FAN.says("Nog iets", id="s", after_s=_DAY_S + 6)])
    keeping.ledger.commit(keeping.stage(page))
    keeping.kill()
    assert _n_said(keeping) == 3
    assert _is_consistent(keeping)


def test_row_that_came_and_went_between_two_flushes_was_never_there(keeping: Keeping) -> None:
    before = _n_said(keeping)
    late = LOYAL.says("Even dit", id="t", after_s=_DAY_S + 7)
    keeping.hear([late])
    keeping.hear([LOYAL.deletes(late, after_s=_DAY_S + 8)])
    keeping.kill()
    assert _n_said(keeping) == before
    assert _is_consistent(keeping)


@pytest.mark.parametrize("then", ["flush", "kill"])
def test_words_of_a_deleted_post_leave_the_disk_once_all_have_passed_it(keeping: Keeping, then: str) -> None:
    keeping.hear([_DELETION])
    assert keeping.rows("text", "id = 'p'") == [(_POST.text,)]
    if then == "kill":
        keeping.kill()
    keeping.flush()
    assert keeping.rows("text, actor, state", "id = 'p'") == [(None, None, 2)]
    assert ("geheime",) not in keeping.stored("SELECT name FROM word_name")


def test_two_deletions_while_a_days_file_is_locked_take_the_post_back_once(keeping: Keeping) -> None:
    for segment in keeping.ledger.segments.all:
        segment.query("PRAGMA busy_timeout = 20")
    other = open_write(keeping.ledger.segments.all[0].path)
    again = FAN.deletes(_POST, after_s=_DAY_S + 6)
    with other.begin():  # somebody holds yesterday's file, in which the post stands
        for deletion in (_DELETION, again):
            with pytest.raises(StoreError, match="go on by ourselves"):
                keeping.hear([deletion])
    other.dispose()
    receipts = [keeping.hear([deletion]) for deletion in (_DELETION, again)]
    assert [(receipt.n_stored, receipt.n_seen) for receipt in receipts] == [(0, 1), (1, 0)]
    assert _n_said(keeping) == 2
    assert _is_consistent(keeping)


def test_idle_owner_writes_nothing(keeping: Keeping) -> None:
    keeping.projector.flush()
    before = {path: path.stat().st_mtime_ns for path in keeping.root.rglob("*") if path.is_file()}
    for _ in range(3):
        keeping.clock.advance(100)
        keeping.projector.flush()
    assert {path: path.stat().st_mtime_ns for path in keeping.root.rglob("*") if path.is_file()} == before


def test_reader_that_looks_at_once_finds_what_was_committed(keeping: Keeping) -> None:
    keeping.hear([FAN.says("Zojuist gezegd", id="now", after_s=_DAY_S + 9)])
    assert [post.id for post in keeping.posts("zojuist")] == ["now"]
    assert keeping.posts(since=NOON + (_DAY_S + 9) * SECOND_US)[0].id == "now"


def test_profiles_are_written_within_a_second_also_after_settings_changed(keeping: Keeping) -> None:
    keeping.hear([identifies("4711", email="jan@acme.example")])
    keeping.flush()
    keeping.projector.renew(make_projections(keeping.settings, keeping.clock))
    keeping.hear([identifies("4712", email="eva@acme.example")])
    keeping.clock.advance(2)
    keeping.projector.flush()
    assert people_of(keeping) == [{"4711"}, {"4712"}]
