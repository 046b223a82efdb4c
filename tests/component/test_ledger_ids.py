"""One id is one activity: heard again it counts once; with another text it is put aside with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.ledger.memory import Recent
from gehoor.core.page import Receipt
from gehoor.core.record import Activity
from tests.cast import FAN, LOYAL, NOON
from tests.component.keeping import Keeping

_FIRST = LOYAL.says("Mijn koffer ligt nog in Oslo.", id="one")
_OTHER_TEXT = replace(_FIRST, text="Mijn koffer is terecht, dank!")
_UNDATED = replace(_FIRST, id="undated", published=None)


def _nothing(_keeping: Keeping) -> None:
    return


def _restart(keeping: Keeping) -> None:
    keeping.restart()


def _kill(keeping: Keeping) -> None:
    keeping.kill()


def _next_day(keeping: Keeping) -> None:
    keeping.hear([FAN.says("Een dag later", id="next", after_s=86_400)])
    assert len(keeping.ledger.segments.all) == 2


def _next_day_and_restart(keeping: Keeping) -> None:
    _next_day(keeping)
    keeping.restart()


def _forget_keys(keeping: Keeping) -> None:
    keeping.ledger.recent = Recent(bits=1)
    keeping.hear([FAN.says(f"Iets anders {n}", id=f"x{n}", after_s=n) for n in range(20)])


def _next_day_and_forget_keys(keeping: Keeping) -> None:
    _next_day(keeping)
    _forget_keys(keeping)


_BETWEEN = (_nothing, _restart, _kill, _next_day, _next_day_and_restart, _forget_keys, _next_day_and_forget_keys)


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """An empty workspace."""
    return Keeping(workspace)


def _fate(receipt: Receipt) -> tuple[int, int, int]:
    return receipt.n_stored, receipt.n_seen, receipt.n_rejected


def _rejects(keeping: Keeping) -> list[tuple[str, str]]:
    sql = "SELECT native_id, reason FROM reject"
    return [tuple(row) for segment in keeping.ledger.segments.all for row in segment.query(sql)]


@pytest.mark.parametrize("between", _BETWEEN, ids=lambda step: step.__name__.strip("_"))
@pytest.mark.parametrize("post", [_FIRST, _UNDATED], ids=["dated", "undated"])
def test_same_id_and_text_is_seen_before(keeping: Keeping, post: Activity, between: Callable[[Keeping], None]) -> None:
    keeping.hear([post])
    between(keeping)
    assert _fate(keeping.hear([replace(post, received=NOON + DAY_US + 60 * SECOND_US)])) == (0, 1, 0)
    assert keeping.rows("count(*)", f"id = '{post.id}'")[-1] in {(1,), (0,)}
    assert sum(n for (n,) in keeping.rows("count(*)", f"id = '{post.id}'")) == 1


@pytest.mark.parametrize("between", _BETWEEN, ids=lambda step: step.__name__.strip("_"))
def test_same_id_with_another_text_is_put_aside_and_the_first_stays(
    keeping: Keeping, between: Callable[[Keeping], None]
) -> None:
    keeping.hear([_FIRST])
    between(keeping)
    receipt = keeping.hear([replace(_OTHER_TEXT, received=NOON + DAY_US + 60 * SECOND_US)], position=7)
    assert _fate(receipt) == (0, 0, 1)
    assert receipt.items[0].status == "rejected"
    assert _rejects(keeping) == [("one", "the id 'one' stands for another text already; the first one is kept")]
    assert keeping.rows("text", "id = 'one'") == [(_FIRST.text,)]


def test_within_one_page_the_first_stays_and_each_other_is_judged(keeping: Keeping) -> None:
    receipt = keeping.hear([_FIRST, _FIRST, _OTHER_TEXT, FAN.says("Iets anders")])
    assert _fate(receipt) == (2, 1, 1)
    assert [item.status for item in receipt.items] == ["stored", "seen", "rejected", "stored"]


def test_rejected_text_that_comes_again_is_counted_once(keeping: Keeping) -> None:
    keeping.hear([_FIRST])
    for _ in range(2):
        keeping.hear([_OTHER_TEXT], position=7)
    assert len(_rejects(keeping)) == 1
    assert keeping.ledger.segments.last.cursors()[0]["n_rejected"] == 1


@pytest.mark.parametrize("between", [_nothing, _restart, _kill, _next_day, _next_day_and_restart])
def test_same_id_under_another_moment_is_seen_before(keeping: Keeping, between: Callable[[Keeping], None]) -> None:
    keeping.hear([_FIRST])
    between(keeping)
    assert _fate(keeping.hear([replace(_FIRST, published=NOON - 5 * SECOND_US)])) == (0, 1, 0)
    assert _fate(keeping.hear([replace(_FIRST, published=None)])) == (0, 1, 0)


def test_same_id_on_another_channel_is_somebody_elses(keeping: Keeping) -> None:
    keeping.hear([_FIRST])
    assert _fate(keeping.hear([replace(_FIRST, channel="mastodon")])) == (1, 0, 0)


def test_deleted_post_that_is_heard_again_stays_deleted(keeping: Keeping) -> None:
    keeping.hear([_FIRST])
    keeping.hear([LOYAL.deletes(_FIRST, after_s=10)])
    keeping.flush()
    keeping.restart()
    assert _fate(keeping.hear([_FIRST])) == (0, 1, 0)
    assert keeping.rows("text, state", "id = 'one'") == [(None, 2)]


def test_edit_without_an_id_of_its_own_is_one_activity(keeping: Keeping) -> None:
    edit = replace(_FIRST, type="Update", object="one", rev=5, text="Mijn koffer ligt nu in Bergen.")
    keeping.hear([_FIRST])
    assert _fate(keeping.hear([edit, edit])) == (1, 1, 0)
    assert keeping.rows("text") == [(edit.text,)]
