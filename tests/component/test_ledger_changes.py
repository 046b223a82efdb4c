"""A judgement that a person corrects moves every count, can be taken back, and a rebuild agrees."""

from pathlib import Path
from typing import Any

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.outbox import emit, entries
from gehoor.core.record import Activity
from tests.cast import AGENT, BUYER, ECHO, FAN, LOYAL, WORRIED
from tests.component.keeping import Keeping

_POST = LOYAL.says("Waar blijft mijn geld? Al drie weken niets gehoord.", id="p")
_STORY: list[Activity] = [
    _POST,
    FAN.says("Top geholpen door Noordvlucht, dank jullie wel!", id="q", after_s=5),
    ECHO.says("Waar blijft mijn geld? Al drie weken niets gehoord!", id="r", after_s=9),
    AGENT.says("Dat zoeken we voor u uit.", id="s", after_s=60),
    FAN.likes(_POST, after_s=70),
    BUYER.buys("1", 12.5, after_s=80),
    WORRIED.says("Mijn medicijnen zitten in de koffer", id="t", after_s=90),
    WORRIED.edits(WORRIED.says("", id="t", after_s=90), "Mijn medicijnen zijn terecht", after_s=120),
]


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace that heard a small story, page by page."""
    keeping = Keeping(workspace)
    for activity in _STORY:
        keeping.hear([activity])
    keeping.flush()
    return keeping


def _correct(keeping: Keeping, id_: str, name: str, value: Any) -> Any:
    """Give a row another value, and return the one that it had."""
    [(seq, before)] = keeping.rows(f"seq, {name}", f"id = '{id_}'")
    keeping.projector.take(keeping.ledger.change([(seq, "annotate", {name: before}, {name: value})]))
    return before


def _everything(keeping: Keeping) -> dict[str, Any]:
    keeping.flush()
    found = {name: [post.id for post in keeping.posts(sentiment=name)] for name in ("negative", "neutral", "positive")}
    return keeping.counts() | {"history": keeping.history(), "found": found}


@pytest.mark.parametrize("then", ["go on", "flush", "kill"])
def test_correction_moves_the_counts_and_taking_it_back_moves_them_back(keeping: Keeping, then: str) -> None:
    before = _everything(keeping)
    old = _correct(keeping, "p", "sentiment", "positive")
    if then == "kill":
        keeping.kill()
    corrected = _everything(keeping) if then == "flush" else None
    if then == "flush":
        assert corrected != before
        assert [post.id for post in keeping.posts(sentiment="positive", words="geld")] == ["p"]
    _correct(keeping, "p", "sentiment", old)
    if then == "kill":
        keeping.kill()
    assert _everything(keeping) == before


def test_correction_done_again_equals_the_first_time(keeping: Keeping) -> None:
    old = _correct(keeping, "p", "intent", "praise")
    once = _everything(keeping)
    _correct(keeping, "p", "intent", old)
    keeping.kill()
    _correct(keeping, "p", "intent", "praise")
    assert _everything(keeping) == once


def test_correction_of_a_superseded_version_counts_nowhere(keeping: Keeping) -> None:
    before = _everything(keeping)
    [(seq, was)] = keeping.rows("seq, sentiment", "id = 't'")
    change = (seq, "annotate", {"sentiment": was}, {"sentiment": "positive"})
    keeping.projector.take(keeping.ledger.change([change]))
    assert _everything(keeping) == before


def test_correction_of_a_superseded_version_counts_nowhere_after_a_crash_either(keeping: Keeping) -> None:
    before = _everything(keeping)
    [(seq, was)] = keeping.rows("seq, sentiment", "id = 't'")
    keeping.ledger.change([(seq, "annotate", {"sentiment": was}, {"sentiment": "positive"})])
    keeping.kill()
    assert _everything(keeping) == before


def test_correction_and_deletion_in_one_breath_leave_nothing(keeping: Keeping) -> None:
    [(seq, was)] = keeping.rows("seq, sentiment", "id = 'q'")
    annotate = (seq, "annotate", {"sentiment": was}, {"sentiment": "negative"})
    gone = (seq, "state", {"state": 0}, {"state": 2})
    keeping.projector.take(keeping.ledger.change([annotate, gone]))
    live = _everything(keeping)
    for name in ("rollup", "words", "history"):
        keeping.projector.rebuild(name)
    assert _everything(keeping) == live
    assert not keeping.posts("geholpen")


@pytest.mark.parametrize("name", ["rollup", "words", "history"])
def test_rebuild_gives_the_same_and_leaves_the_outbox_alone(keeping: Keeping, name: str) -> None:
    _correct(keeping, "p", "sentiment", "positive")
    keeping.hear([FAN.deletes(_STORY[1], after_s=200)])
    with keeping.projector.engine.begin() as tx:
        emit(tx, "alert-1", "mail", b"storm")
    before = _everything(keeping)
    with keeping.projector.engine.begin() as tx:
        sent = entries(tx)
    assert keeping.projector.rebuild(name) == len(keeping.rows("seq"))
    assert _everything(keeping) == before
    keeping.kill()
    assert _everything(keeping) == before
    with keeping.projector.engine.begin() as tx:
        assert entries(tx) == sent


def test_rebuild_of_an_unknown_projection_names_the_known_ones(keeping: Keeping) -> None:
    with pytest.raises(SettingError, match=r"Known: .*history, .*rollup, .*warn, words"):
        keeping.projector.rebuild("rolup")
