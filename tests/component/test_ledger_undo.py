"""What was edited, deleted or undone leaves no trace in any count, in whatever order and however often we hear it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.record import Activity
from tests.component.keeping import Keeping, received_of
from tests.strategies import heard, pages, remaining

_BY_CHANCE = ("seq", "duplicate_of", "campaign", "spam", "spam_p", "language", "language_p")
_BETWEEN = st.lists(st.sampled_from(["go on", "go on", "flush", "restart", "kill"]), min_size=8, max_size=8)


def _say(keeping: Keeping, page: list[Activity], then: str) -> None:
    keeping.hear(page)
    if then == "flush":
        keeping.projector.flush()
    elif then == "restart":
        keeping.restart()
    elif then == "kill":
        keeping.kill()


def _takes_back(activity: Activity) -> bool:
    return activity.type in {"Delete", "Undo"}


def _what_stands(cut: list[list[Activity]]) -> list[tuple[Activity, int]]:
    """Return what must be left, with the moment at which it was first heard, in the order in which it happened."""
    heard_at = {activity.id: received_of(page) for page in reversed(cut) for activity in page}
    first = {activity.id: activity for page in reversed(cut) for activity in reversed(page)}
    standing = {activity.id: activity for activity in remaining(list(first.values())).values()}
    standing |= {activity.id: activity for activity in first.values() if _takes_back(activity)}
    told = sorted(standing.values(), key=lambda activity: int(activity.id[1:]))
    return [(activity, heard_at[activity.id]) for activity in told]


@settings(max_examples=settings().max_examples // 3)  # each opens two ledgers again and again
@given(cut=pages(heard()), between=_BETWEEN)
def test_whatever_happens_on_the_way_the_end_equals_a_sorted_replay_of_what_remains(
    cut: list[list[Activity]], between: list[str]
) -> None:
    standing = _what_stands(cut)
    with TemporaryDirectory() as folder:
        live, fresh = Keeping(Path(folder, "live")), Keeping(Path(folder, "fresh"))
        for page, then in zip(cut, between, strict=False):
            _say(live, page, then)
        for activity, received in standing:
            fresh.hear([activity], received=received)
        for keeping in (live, fresh):
            keeping.flush()
        assert sorted(live.rows("id")) == sorted((activity.id,) for activity, _ in standing)
        assert live.counts(copies=False) == fresh.counts(copies=False)
        assert live.history(without=_BY_CHANCE) == fresh.history(without=_BY_CHANCE)
        for word in ("koffer", "weken", "flight", "app"):
            assert {post.id for post in live.posts(word)} == {post.id for post in fresh.posts(word)}, word
        counted = live.counts()
        for name in ("rollup", "words"):
            live.projector.rebuild(name)
        assert live.counts() == counted
        live.drop()
        fresh.drop()
