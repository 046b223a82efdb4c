"""What others said to, quoted, liked or passed on of somebody who is forgotten: nothing there names them any more."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gehoor.core.clock import DAY_US
from gehoor.core.history_read import read_rows
from gehoor.core.record import Activity, digest
from gehoor.core.reference import pseudonym
from tests.cast import ECHO, FAN, LOYAL, NOON, STRANGER
from tests.component.keeping import Keeping
from tests.component.test_forget import _HERS, _MARK, _WHO, _forget, _stores_with


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace in which somebody said one thing."""
    (workspace / "gehoor.toml").write_text("", encoding="utf-8")
    (workspace / "run").mkdir()
    keeping = Keeping(workspace)
    keeping.hear([_HERS])
    return keeping


def _others() -> list[Activity]:
    """Return what others did with what she said: each refers to it in another way."""
    reply = FAN.says("Wat vervelend, kreeg je al antwoord?", id="fan-r", to=_HERS.id, after_s=20)
    quote = LOYAL.says("Lees dit even", id="loyal-q", after_s=21)
    below = STRANGER.says("Bij mij ook", id="stranger-r", to=reply.id, after_s=22)
    like = msgspec.structs.replace(FAN.likes(_HERS, after_s=23), id="fan-like")
    share = msgspec.structs.replace(LOYAL.shares(_HERS, after_s=24), id="loyal-share", text=f"RT {_HERS.text}")
    unheard = STRANGER.says("Nog iets van haar?", id="stranger-u", to=f"at://{_WHO}/nooit-gehoord", after_s=25)
    return [
        msgspec.structs.replace(reply, conversation=_HERS.id),
        msgspec.structs.replace(quote, quote_of=_HERS.id),
        msgspec.structs.replace(below, conversation=_HERS.id),
        like,
        share,
        unheard,
    ]


def _referred(keeping: Keeping) -> list[tuple[Any, ...]]:
    return keeping.rows("id, object, in_reply_to, conversation, quote_of", "id IN ('fan-r', 'loyal-q', 'stranger-r', "
                        "'fan-like', 'stranger-u', 'later')")  # fmt: skip


def _without_share(others: list[Activity]) -> list[Activity]:
    return [other for other in others if other.type != "Announce"]


@pytest.mark.parametrize("then", ["go on", "restart"])
def test_what_others_refer_to_of_hers_gets_a_pseudonym_that_stays(keeping: Keeping, then: str) -> None:
    keeping.hear(_without_share(_others()))
    keeping.flush()
    keys = keeping.rows("id, key, object_key, parent_key", "id LIKE 'fan-%' OR id LIKE 'stranger-%'")
    done = _forget(keeping)
    assert done.n_references == 5
    assert _stores_with(keeping.root, _MARK) == set()
    assert _stores_with(keeping.root, f"at://{_WHO}") == set()
    hers, unheard = (pseudonym(digest("bluesky", name)) for name in (_HERS.id, f"at://{_WHO}/nooit-gehoord"))
    expected = [
        ("fan-r", None, hers, hers, None),
        ("loyal-q", None, None, None, hers),
        ("stranger-r", None, "fan-r", hers, None),
        ("fan-like", hers, None, None, None),
        ("stranger-u", None, unheard, None, None),
    ]
    assert _referred(keeping) == expected
    assert keeping.rows("id, key, object_key, parent_key", "id LIKE 'fan-%' OR id LIKE 'stranger-%'") == keys
    if then == "restart":
        keeping.restart()
    assert keeping.hear(_without_share(_others())).n_stored == 0
    later = FAN.says("Ik was het eerst vergeten te zeggen", id="later", to=_HERS.id, after_s=9_000)
    keeping.hear([msgspec.structs.replace(later, conversation=_HERS.id)])
    keeping.flush()
    assert _referred(keeping) == [*expected, ("later", None, hers, hers, None)]
    assert _stores_with(keeping.root, _MARK) == set()


def test_what_the_ledger_let_go_of_gets_the_pseudonym_in_the_history(keeping: Keeping) -> None:
    keeping.hear(_without_share(_others()))
    keeping.hear([ECHO.says("Drie dagen later, en niemand weet iets", id="echo-3", after_s=3 * DAY_US // 1_000_000)])
    keeping.flush()
    keeping.ledger.segments.drop_before((NOON + 2 * DAY_US) // DAY_US)
    _forget(keeping)
    assert _stores_with(keeping.root, _MARK) == set()
    assert _stores_with(keeping.root, f"at://{_WHO}") == set()
    rows = {row["id"]: row for batch in read_rows(keeping.root) for row in batch.to_pylist()}
    assert rows["fan-r"]["in_reply_to"] == rows["loyal-q"]["quote_of"] == pseudonym(digest("bluesky", _HERS.id))
    assert rows["stranger-u"]["parent_key"] == digest("bluesky", f"at://{_WHO}/nooit-gehoord")


def test_who_passes_her_words_on_is_listed(keeping: Keeping) -> None:
    keeping.hear(_others())
    assert [native for _, native in _forget(keeping).mentions] == ["loyal-share"]
