"""What wishes are about is counted exactly, over minutes and hours, and follows corrections and deletions."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.need_channels import needs_by_channel
from gehoor.core.needs import NeedCount, count_needs
from gehoor.core.reader import PostFilter, Reader
from tests.cast import CRITIC, FAN, NOON
from tests.component.broad import Broad

_HOUR_US = 3600 * SECOND_US
AGAIN = CRITIC.says("Mijn pakket is nog steeds niet bezorgd", id="again", after_s=7_200)


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Broad]:
    """A workspace that heard of a lost parcel twice, two hours apart, and of nothing that anybody wants."""
    heard = Broad(tmp_path / "workspace")
    heard.hear(
        CRITIC.says("Waar blijft mijn pakket? De bezorging is al drie weken te laat", id="first"),
        FAN.says("Mooi weer vandaag", id="weather", after_s=60),
        AGAIN,
        source="ours",
    )
    for seq in (1, 3):
        heard.ask("correct", seq=seq, column="intent", value="complaint")
        heard.ask("correct", seq=seq, column="need", value="delivery")
    yield heard
    heard.place.close()


def _counts(heard: Broad, **how: object) -> list[NeedCount]:
    heard.ask("flush")
    since = NOON // _HOUR_US * _HOUR_US
    asked = {"resolution": 3600, "since": since, "until": since + 24 * _HOUR_US} | how
    with closing(Reader(heard.root)) as reader:
        return count_needs(reader, **asked)  # type: ignore[arg-type]  # as the signature says


def test_needs_are_counted_by_wish_and_by_moment(heard: Broad) -> None:
    assert _counts(heard, by=("intent",)) == [NeedCount(intent="complaint", need="delivery", n=2)]
    by_hour = _counts(heard, by=("at",))
    assert [(one.need, one.n) for one in by_hour] == [("delivery", 1)] * 2
    assert by_hour[1].at == (by_hour[0].at or 0) + 2 * _HOUR_US
    assert sum(one.n for one in _counts(heard, resolution=60)) == 2


def test_needs_are_crossed_with_channels(heard: Broad) -> None:
    heard.hear(FAN.says("Mijn pakket is ook niet bezorgd", id="also", after_s=60), source="ours")
    since = NOON - _HOUR_US
    with closing(Reader(heard.root)) as reader:
        [also] = reader.posts(PostFilter(words="ook"))
        heard.ask("correct", seq=also.seq, column="intent", value="help")
        heard.ask("correct", seq=also.seq, column="need", value="delivery")
        found = needs_by_channel(reader, since, since + 24 * _HOUR_US)
        only = needs_by_channel(reader, since, since + 24 * _HOUR_US, intent="help", brand="nobody")
    counted = {(one.need, one.channel): one.n for one in found}
    assert counted == {("delivery", CRITIC.channel): 2, ("delivery", FAN.channel): 1}
    assert [round(one.share_of_need, 2) for one in found] == [0.67, 0.33]
    assert {one.share_of_channel for one in found} == {1.0}
    assert only == []


def test_a_correction_and_a_deletion_reach_the_count_of_needs(heard: Broad) -> None:
    heard.ask("correct", seq=3, column="need", value="refund")
    assert {one.need: one.n for one in _counts(heard)} == {"delivery": 1, "refund": 1}
    heard.hear(CRITIC.deletes(AGAIN, after_s=7_300), source="ours")
    assert {one.need: one.n for one in _counts(heard)} == {"delivery": 1}


def test_needs_counted_anew_are_the_same(heard: Broad) -> None:
    before = _counts(heard, by=("at", "intent"))
    heard.place.projector.rebuild("needs")
    assert _counts(heard, by=("at", "intent")) == before
