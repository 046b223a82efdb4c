"""What leaves gehoor leaves once, and what may have left is never sent again blindly."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.outbox import claim, emit, entries, recover, settle_entry
from tests.cast import LOYAL, NOON
from tests.component.keeping import Keeping


@pytest.fixture
def keeping(workspace: Path) -> Iterator[Keeping]:
    """A workspace with one thing to send."""
    keeping = Keeping(workspace)
    with keeping.projector.engine.begin() as tx:
        assert emit(tx, "alert/storm-1", "mail", b"storm", NOON)
    yield keeping
    keeping.drop()


def _states(keeping: Keeping) -> dict[str, str]:
    with keeping.projector.engine.begin() as tx:
        return {entry.key: entry.state for entry in entries(tx)}


def test_same_key_is_put_in_once(keeping: Keeping) -> None:
    with keeping.projector.engine.begin() as tx:
        assert not emit(tx, "alert/storm-1", "mail", b"another storm")
        [entry] = entries(tx)
    assert entry.payload == b"storm"


def test_key_that_was_sent_is_not_put_in_again(keeping: Keeping) -> None:
    with keeping.projector.engine.begin() as tx:
        claim(tx, NOON)
        settle_entry(tx, "alert/storm-1", "sent", "250 ok")
        assert not emit(tx, "alert/storm-1", "mail", b"storm")
    assert _states(keeping) == {"alert/storm-1": "sent"}


def test_nothing_leaves_before_its_time(keeping: Keeping) -> None:
    with keeping.projector.engine.begin() as tx:
        assert claim(tx, NOON - 1) == []
        [entry] = claim(tx, NOON)
    assert (entry.state, entry.n_tries) == ("sending", 1)


def test_what_was_claimed_is_not_claimed_again(keeping: Keeping) -> None:
    with keeping.projector.engine.begin() as tx:
        claim(tx, NOON)
    with keeping.projector.engine.begin() as tx:
        assert claim(tx, NOON) == []


def test_oldest_goes_first_and_no_more_than_asked_for(keeping: Keeping) -> None:
    with keeping.projector.engine.begin() as tx:
        for n in range(5):
            emit(tx, f"reply/{n}", "mail", b"", NOON - n)
        assert [entry.key for entry in claim(tx, NOON, 2)] == ["reply/4", "reply/3"]


def test_crash_between_sending_and_noting_leaves_it_unknown_and_unsent(keeping: Keeping) -> None:
    with keeping.projector.engine.begin() as tx:
        claim(tx, NOON)
    keeping.kill()
    with keeping.projector.engine.begin() as tx:
        assert recover(tx) == 1
        assert claim(tx, NOON) == []
    assert _states(keeping) == {"alert/storm-1": "unknown"}


def test_crash_before_the_claim_was_committed_leaves_it_waiting(keeping: Keeping) -> None:
    with keeping.projector.engine.connect() as tx:
        claim(tx, NOON)
        tx.rollback()
    keeping.kill()
    with keeping.projector.engine.begin() as tx:
        assert recover(tx) == 0
        assert len(claim(tx, NOON)) == 1


def test_rebuild_sends_nothing_again(keeping: Keeping) -> None:
    keeping.hear([LOYAL.says("Hoi")])
    with keeping.projector.engine.begin() as tx:
        claim(tx, NOON)
        settle_entry(tx, "alert/storm-1", "sent")
    for name in ("rollup", "words", "history"):
        keeping.projector.rebuild(name)
    assert _states(keeping) == {"alert/storm-1": "sent"}
