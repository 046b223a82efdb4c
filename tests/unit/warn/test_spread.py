"""Cascades: what hangs together is one, in whatever order it comes, and what is taken back leaves no trace."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.clock import SECOND_US
from gehoor.core.record import Activity
from tests.cast import NOON
from tests.unit.warn.spreading import Spreading, spreading

ARTICLE = "https://news.example/asnl/kaas?utm_source=x"


def says(id_: str, text: str = "Hallo", minute: float = 0.0, **fields: object) -> Activity:
    at = NOON + round(60 * minute * SECOND_US)
    plain: dict[str, object] = {
        "id": id_, "published": at, "received": at, "channel": "mastodon", "actor": f"actor-{id_}", "text": text,
    }  # fmt: skip
    return Activity(**(plain | fields))  # type: ignore[arg-type]  # fields of an activity


def reposts(id_: str, of: str, minute: float = 0.0) -> Activity:
    return says(id_, "", minute, type="Announce", object=of)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Spreading]:
    with spreading(tmp_path) as one:
        yield one


def test_post_alone_is_no_cascade(here: Spreading) -> None:
    here.hear(says("a"), says("b"))
    assert here.cascades() == []


def test_replies_reposts_quotes_and_copies_are_one_cascade(here: Spreading) -> None:
    here.hear(says("a"))
    here.hear(
        says("b", in_reply_to="a"), reposts("c", "a"), says("d", quote_of="b"), says("e"), says("f"),
        duplicate_of=[None, None, None, 1, None],
    )  # fmt: skip
    assert here.cascades() == [(1, 5)]


def test_parent_that_comes_last_is_in_the_cascade_of_its_replies(here: Spreading) -> None:
    here.hear(says("b", in_reply_to="a", minute=1), says("c", in_reply_to="b", minute=2), says("a"))
    assert here.members() == {1: 1, 2: 1, 3: 1}


def test_two_cascades_that_turn_out_to_be_one_become_one(here: Spreading) -> None:
    here.hear(says("b", in_reply_to="a"), says("c", in_reply_to="a"), says("y", in_reply_to="x"), reposts("z", "x"))
    assert here.cascades() == [(1, 2), (3, 2)]
    here.hear(says("x", quote_of="a"))
    assert here.cascades() == [(1, 5)]
    assert set(here.members().values()) == {1}


def test_shared_link_joins_posts_however_it_is_written(here: Spreading) -> None:
    here.hear(
        says("n", "Kaas", channel="feed", url="http://www.news.example/asnl/kaas/"), says("a", f"Zie {ARTICLE}."),
        says("b", "https://news.example/ is een site", minute=1), says("c", "en https://news.example/", minute=2),
    )  # fmt: skip
    assert here.cascades() == [(1, 2)]


def test_spam_and_our_own_words_are_no_voice(here: Spreading) -> None:
    here.hear(says("a"), says("b", in_reply_to="a"), says("c", in_reply_to="a"), spam=[None, "links", None])
    here.hear(says("d", in_reply_to="a", direction="out"))
    assert here.cascades() == [(1, 2)]


def test_what_is_taken_back_leaves_its_cascade_before_and_after_it_was_written(here: Spreading) -> None:
    here.hear(says("a"))
    first, second = here.hear(says("b", in_reply_to="a")), here.hear(says("c", in_reply_to="a"))
    here.spread.apply(first, -1)
    assert here.cascades() == [(1, 2)]
    here.spread.apply(second, -1)
    assert here.cascades() == []
    assert here.members() == {1: 1}


def test_corrected_judgement_leaves_a_post_where_it_was(here: Spreading) -> None:
    rows = here.hear(says("a"), says("b", in_reply_to="a"))
    for _ in range(2):
        here.spread.apply(rows, -1)
        here.spread.apply(rows, 1)
        assert here.cascades() == [(1, 2)]


def test_edited_post_stays_in_its_cascade(here: Spreading) -> None:
    rows = here.hear(says("a"))
    here.hear(says("b", in_reply_to="a"))
    here.flush()
    here.spread.apply(rows, -1)
    here.hear(says("a2", "Hoi", type="Update", object="a", rev=2))
    assert here.members() == {2: 1, 3: 1}


def test_a_restart_changes_no_cascade(here: Spreading) -> None:
    here.hear(says("a"), says("b", in_reply_to="a"), says("q", in_reply_to="p"))
    here.flush()
    here.start()
    here.hear(says("c", in_reply_to="b"), says("p"))
    assert here.cascades() == [(1, 3), (3, 2)]


@given(
    parents=st.lists(st.integers(0, 30), min_size=2, max_size=30),
    order=st.randoms(use_true_random=False),
    cuts=st.integers(1, 7),
)
def test_what_hangs_together_is_one_cascade_in_any_order_and_any_pages(
    parents: list[int], order: object, cuts: int
) -> None:
    said = [says(str(n), in_reply_to=str(parent) if parent < n else None, minute=n) for n, parent in enumerate(parents)]
    trees: dict[str, int] = {}
    for n, parent in enumerate(parents):
        trees[str(n)] = trees[str(parent)] if parent < n else n
    order.shuffle(said)  # type: ignore[attr-defined]  # Hypothesis' own
    with tempfile.TemporaryDirectory() as folder, spreading(Path(folder)) as here:
        for start in range(0, len(said), cuts):
            here.hear(*said[start : start + cuts])
        members = here.members()
    found: dict[int, set[int]] = {}
    for seq, cascade in members.items():
        found.setdefault(cascade, set()).add(trees[said[seq - 1].id])
    sizes = [sum(tree == one for tree in trees.values()) for one in set(trees.values())]
    assert all(len(one) == 1 for one in found.values())
    assert len(found) == sum(size > 1 for size in sizes)
    assert len(members) == sum(size for size in sizes if size > 1)
