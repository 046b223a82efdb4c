"""What people say a conversation is about teaches the heads, as a correction of a post does; taken back, none stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import AGENT, HOPPER, WORRIED
from tests.component.desking import Desking


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desking]:
    desk = Desking(tmp_path / "workspace")
    desk.hear(
        AGENT.says("Noordvlucht vliegt weer", id="a1"),
        HOPPER.says("Noordvlucht, en mijn geld dan?", id="h1", to="a1"),
        WORRIED.says("Noordvlucht, waar is mijn koffer", id="w1", to="a1"),
    )
    yield desk
    desk.close()


def _examples(desk: Desking) -> list[tuple[object, ...]]:
    return list(desk.stored("SELECT seq, task, value, model IS NOT NULL FROM example ORDER BY seq"))


def test_a_corrected_need_is_an_example_with_the_version_of_the_head_that_judged(desk: Desking) -> None:
    before = desk.row(2).need
    wanted = "staff" if before != "staff" else "app"
    desk.do("need", conversation=2, need=wanted)
    assert _examples(desk) == [(2, "need", wanted, 1)]
    assert desk.row(2).need == wanted
    desk.do("need", conversation=2, need="")
    assert _examples(desk) == []
    desk.place.projector.flush(everything=True)
    assert desk.row(2).need == before


def test_several_at_once_teach_as_often(desk: Desking) -> None:
    asked = {"conversations": [2, 3], "act": "need", "arguments": {"need": "safety"}}
    desk.ask("bulk", {"said_by": "jan"} | asked)
    assert [(seq, value) for seq, _, value, _ in _examples(desk)] == [(2, "safety"), (3, "safety")]


def test_what_was_refused_teaches_nothing(desk: Desking) -> None:
    desk.do("label", conversation=2, add=["x"])
    assert desk.do("need", conversation=2, need="safety", version=0)["refused"] == "conversation_changed"
    assert _examples(desk) == []
