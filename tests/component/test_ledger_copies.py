"""A verdict on a near duplicate is kept with its row, and given again when its original goes."""

from pathlib import Path

import pytest

from tests.cast import ECHO, HOPPER, LOYAL, SPAMMER
from tests.component.keeping import Keeping

_LOST = "Mijn koffer ligt nog in Oslo en ik sta in Bergen, wie weet wanneer hij komt?"
_ORIGINAL = HOPPER.says(_LOST, id="first")
_COPY = ECHO.says(_LOST, id="second", after_s=10)
_THIRD = SPAMMER.says(_LOST, id="third", after_s=20)
_FOURTH = LOYAL.says(_LOST, id="fourth", after_s=30)


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace that heard one text three times."""
    keeping = Keeping(workspace)
    for post in (_ORIGINAL, _COPY, _THIRD):
        keeping.hear([post])
    return keeping


def _verdicts(keeping: Keeping) -> dict[str, str | None]:
    rows = keeping.rows("seq, id, duplicate_of", "state < 2")
    ids = {seq: id_ for seq, id_, _ in rows}
    return {id_: ids[of] if of else None for _, id_, of in rows}


def test_copies_are_marked_with_the_first_that_said_it(keeping: Keeping) -> None:
    assert _verdicts(keeping) == {"first": None, "second": "first", "third": "first"}


@pytest.mark.parametrize("then", ["go on", "restart", "kill"])
def test_when_the_original_goes_its_earliest_copy_leads(keeping: Keeping, then: str) -> None:
    _then(keeping, then)
    keeping.hear([HOPPER.deletes(_ORIGINAL, after_s=60)])
    _then(keeping, then)
    keeping.hear([_FOURTH])
    assert _verdicts(keeping) | {"x": None} == {
        "second": None, "third": "second", "fourth": "second", "https://fedi.example/users/hopper/Delete/first": None,
        "x": None,
    }  # fmt: skip


@pytest.mark.parametrize("then", ["go on", "restart", "kill"])
def test_when_the_leader_that_followed_goes_too_the_next_copy_leads(keeping: Keeping, then: str) -> None:
    keeping.hear([HOPPER.deletes(_ORIGINAL, after_s=60)])
    _then(keeping, then)
    keeping.hear([ECHO.deletes(_COPY, after_s=61)])
    _then(keeping, then)
    assert {id_: of for id_, of in _verdicts(keeping).items() if "/" not in id_} == {"third": None}


def test_the_leader_that_followed_is_found_again_in_the_next_days_file(keeping: Keeping) -> None:
    keeping.hear([HOPPER.deletes(_ORIGINAL, after_s=90_000)])
    assert len(keeping.ledger.segments.all) == 2
    keeping.restart()
    keeping.hear([ECHO.deletes(_COPY, after_s=90_001)])
    assert _verdicts(keeping)["third"] is None


def test_an_original_that_is_edited_lets_its_copies_go(keeping: Keeping) -> None:
    keeping.hear([HOPPER.edits(_ORIGINAL, "Opgelost, dank jullie wel! De koffer staat in de gang.", after_s=60)])
    verdicts = _verdicts(keeping)
    assert (verdicts["second"], verdicts["third"]) == (None, "second")


def test_counts_of_copies_follow_the_verdicts(keeping: Keeping) -> None:
    keeping.hear([HOPPER.deletes(_ORIGINAL, after_s=60)])
    keeping.flush()
    counted = keeping.stored("SELECT sum(n), sum(n_copies) FROM rollup WHERE resolution = 3600 AND kind = 'say'")
    assert counted == [(2, 1)]


def test_a_post_that_was_deleted_is_nobodys_original_after_a_restart(keeping: Keeping) -> None:
    for post, person in ((_ORIGINAL, HOPPER), (_COPY, ECHO), (_THIRD, SPAMMER)):
        keeping.hear([person.deletes(post, after_s=60)])
    keeping.kill()
    keeping.hear([_FOURTH])
    assert _verdicts(keeping)["fourth"] is None


def _then(keeping: Keeping, then: str) -> None:
    if then == "restart":
        keeping.restart()
    elif then == "kill":
        keeping.kill()
