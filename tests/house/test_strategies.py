"""The strategies and the cast that other tests stand on."""

from hypothesis import given

from gehoor.core.record import Activity, to_batch
from tests.cast import CAST, FAN, LOYAL
from tests.strategies import activities, heard, pages, remaining, stories


@given(stories())
def test_a_story_only_speaks_of_what_was_told_before(story: list[Activity]) -> None:
    told: set[str] = set()
    for activity in story:
        assert activity.type in {"Create", "Track"} or activity.object in told
        assert activity.id not in told
        told.add(activity.id)


@given(heard())
def test_what_is_heard_twice_differs_only_in_how_it_was_heard(story: list[Activity]) -> None:
    first: dict[str, Activity] = {}
    for activity in story:
        before = first.setdefault(activity.id, activity)
        assert (before.type, before.published, before.text) == (activity.type, activity.published, activity.text)


@given(pages(heard()))
def test_pages_are_never_empty(cut: list[list[Activity]]) -> None:
    assert all(cut)


@given(activities())
def test_any_activity_fits_the_arrow_schema(activity: Activity) -> None:
    assert to_batch([activity]).num_rows == 1


def test_what_remains_does_not_depend_on_the_order() -> None:
    post = LOYAL.says("Mijn koffer is weg.", id="p")
    other = LOYAL.says("En nu ook mijn jas.", id="q")
    edit = LOYAL.edits(post, "Mijn koffer is terug.", after_s=60)
    like = FAN.likes(post)
    story = [post, other, edit, like, FAN.undoes(like), LOYAL.deletes(other, after_s=90)]
    assert remaining(story) == remaining(story[::-1]) == {"bluesky\np": edit}


def test_the_cast_has_one_trait_each() -> None:
    assert len({person.trait for person in CAST}) == len({person.actor for person in CAST}) == len(CAST)
