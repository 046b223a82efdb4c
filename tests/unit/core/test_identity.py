"""Who and what an activity concerns, when it counts, and by what search finds it."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.identity import identify
from gehoor.core.labels import LABELLED, columns_of_labels, relabel, token
from gehoor.core.record import Activity, digest
from tests.cast import FAN, LOYAL, NOON
from tests.strategies import activities

_POST = LOYAL.says("Hoi", id="p")


def _columns(*told: Activity) -> dict[str, list[int]]:
    return {name: column.cast(pa.int64()).to_pylist() for name, column in identify(told).items()}


def test_same_id_on_two_channels_is_two_activities() -> None:
    assert len(set(_columns(_POST, replace(_POST, channel="mail"))["key"])) == 2


def test_our_account_that_heard_it_is_no_part_of_its_identity() -> None:
    assert len(set(_columns(_POST, replace(_POST, heard_by="other", received=NOON + 9))["key"])) == 1


def test_edit_and_deletion_have_a_key_of_their_own_and_the_object_of_the_post() -> None:
    edit, gone = LOYAL.edits(_POST, "Hallo", after_s=5), LOYAL.deletes(_POST, after_s=9)
    columns = _columns(_POST, edit, gone)
    assert len(set(columns["key"])) == 3
    assert set(columns["object_key"]) == {digest("bluesky", "p")}


def test_deletion_that_names_only_itself_concerns_the_post_of_that_id() -> None:
    for about in (None, "p"):
        columns = _columns(_POST, replace(_POST, type="Delete", object=about, text=None))
        assert columns["object_key"][0] == columns["object_key"][1]
        assert columns["key"][0] != columns["key"][1]


def test_like_concerns_the_post_and_is_itself() -> None:
    columns = _columns(_POST, FAN.likes(_POST))
    assert columns["object_key"][1] == columns["key"][0] != columns["key"][1]


def test_moment_is_published_but_at_most_five_minutes_ahead() -> None:
    ahead = replace(_POST, published=NOON + 3_600 * SECOND_US, received=NOON)
    undated = replace(_POST, published=None, received=NOON + 7)
    assert _columns(_POST, ahead, undated)["event_at"] == [NOON, NOON + 300 * SECOND_US, NOON + 7]


def test_what_is_older_than_a_day_when_it_arrives_is_back_fill() -> None:
    day, more = (replace(_POST, received=NOON + DAY_US + extra) for extra in (0, 1))
    assert _columns(day, more, replace(_POST, published=None))["is_backfill"] == [0, 1, 0]


@given(st.lists(activities(), min_size=1, max_size=5))
def test_any_activity_has_keys_that_do_not_depend_on_its_neighbours(told: list[Activity]) -> None:
    together = _columns(*told)
    for i, activity in enumerate(told):
        assert {name: values[i] for name, values in together.items()} == {
            name: values[0] for name, values in _columns(activity).items()
        }


_VALUES = st.sampled_from(["nl", "positive", "help", "", "a b"])
_ROW = st.fixed_dictionaries(
    {name: st.none() | _VALUES for name in (*LABELLED[1:-1], "spam")}
    | {"brands": st.lists(_VALUES, max_size=3, unique=True)}
)


def _labels(row: dict[str, object]) -> set[str]:
    columns = {name: pa.array([value], pa.string()) for name, value in row.items() if name != "brands"}
    columns |= {"type": pa.array(["Create"]), "brands": pa.array([row["brands"]], pa.list_(pa.string()))}
    columns["direction"] = pa.array(["in"])
    return set(columns_of_labels(columns)[0].as_py().split())


@given(_ROW, _ROW)
def test_labels_of_a_corrected_row_are_those_of_a_row_that_was_always_so(
    before: dict[str, object], after: dict[str, object]
) -> None:
    for row in (before, after):
        row["direction"] = "in"
    relabelled = relabel(" ".join(_labels(before)), before, after)
    assert set((relabelled or "").split()) - {token("brands", "")} == _labels(after) - {token("brands", "")}
