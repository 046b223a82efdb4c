"""Spam is kept and counted apart from what people say; a person's word moves it either way, to the last count."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.history_read import read_rows
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from tests.cast import AGENT, FAN, LOYAL, NOON, SPAMMER
from tests.component.broad import Broad

SPAM = SPAMMER.says("Gefeliciteerd! U heeft gewonnen: gratis iphone, klik hier https://win.top/a", id="spam", after_s=5)
SAID = LOYAL.says("Mijn koffer is weg, NOOIT MEER!!!", id="said")
_BY = ("at", "kind", "channel")
_DAY = {"since": NOON - DAY_US, "until": NOON + DAY_US}


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Broad]:
    """A workspace that heard a complaint, spam and an answer of ours that looks like spam."""
    heard = Broad(tmp_path / "workspace")
    heard.hear(SAID, SPAM, AGENT.says(f"{SPAM.text}", id="answer", after_s=9), source="ours")
    yield heard
    heard.place.close()


def _seq(heard: Broad, id_: str) -> int:
    return int(next(post.seq for post in heard.read("posts", PostFilter()) if post.id == id_))


def _n_said(heard: Broad) -> int:
    return int(heard.read("word_counts", ["gewonnen"], NOON, NOON + DAY_US).get("gewonnen", 0))


def _everything(heard: Broad) -> dict[str, Any]:
    counts = heard.read("counts", resolution=3600, by=("kind", "sentiment"), kind=None, **_DAY)
    return {
        "counts": [(cell.kind, cell.sentiment, cell.n) for cell in counts],
        "words": _n_said(heard),
        "said": sorted(heard.kept(kind="say")),
        "spam": sorted(heard.kept(kind="spam")),
        "history": sorted((row["id"], row["spam"]) for batch in read_rows(heard.root) for row in batch.to_pylist()),
    }


def test_spam_is_not_what_people_say_and_is_still_there_with_its_reason(heard: Broad) -> None:
    assert heard.kept(kind="say") == ["said"]
    assert heard.kept(kind="spam") == ["spam"]
    assert heard.kept(kind="answer") == ["answer"]
    post = heard.read("posts", PostFilter(kind="spam"))[0]
    assert (post.spam, post.spam_p > 0.9) == ("pattern", True)
    assert _n_said(heard) == 0


def test_one_word_of_a_person_makes_it_count_again_and_takes_it_back_exactly(heard: Broad) -> None:
    before, seq = _everything(heard), _seq(heard, "spam")
    heard.ask("correct", seq=seq, column="spam", value="")
    assert heard.kept(kind="say") == ["said", "spam"]
    assert heard.kept(kind="spam") == []
    assert _n_said(heard) == 1
    heard.ask("correct", seq=seq, column="spam", value="person")
    after = _everything(heard)
    assert after.pop("history") == [(i, "person" if i == "spam" else reason) for i, reason in before.pop("history")]
    assert after == before


def test_post_that_a_person_calls_spam_no_longer_counts(heard: Broad) -> None:
    heard.ask("correct", seq=_seq(heard, "said"), column="spam", value="person")
    assert heard.kept(kind="say") == []
    assert sorted(heard.kept(kind="spam")) == ["said", "spam"]


def test_counts_after_corrections_equal_a_rebuild_and_survive_a_crash(heard: Broad) -> None:
    heard.ask("correct", seq=_seq(heard, "spam"), column="spam", value="")
    heard.ask("correct", seq=_seq(heard, "said"), column="spam", value="person")
    heard.kill()
    before = _everything(heard)
    for name in ("rollup", "words", "history"):
        heard.ask("rebuild", name=name)
    assert _everything(heard) == before
    assert before["said"] == ["spam"]


@pytest.mark.parametrize("is_corrected", [False, True])
def test_every_count_of_spam_opens_as_many_posts(heard: Broad, *, is_corrected: bool) -> None:
    heard.hear(FAN.says("Fijne vlucht gehad, dank jullie wel", id="fan", after_s=20), source="ours")
    if is_corrected:
        heard.ask("correct", seq=_seq(heard, "spam"), column="spam", value="")
        heard.ask("correct", seq=_seq(heard, "fan"), column="spam", value="person")
    heard.ask("flush")
    reader = Reader(heard.root)
    for resolution in (10, 3600):
        for cell in reader.counts(resolution=resolution, by=_BY, kind=None, since=NOON - DAY_US, until=NOON + DAY_US):
            assert cell.at is not None
            until = cell.at + resolution * SECOND_US
            for words in (None, ""):  # down the rows and down the index
                wanted = PostFilter(since=cell.at, until=until, kind=cell.kind, channel=cell.channel, words=words)
                assert len(reader.posts(wanted)) == cell.n, (cell, words)
    reader.close()


def test_answer_of_ours_cannot_be_spam(heard: Broad) -> None:
    with pytest.raises(SettingError, match="nothing that others said"):
        heard.ask("correct", seq=_seq(heard, "answer"), column="spam", value="person")


def test_edit_of_spam_is_judged_by_what_it_says_now(heard: Broad) -> None:
    heard.hear(
        SPAMMER.edits(SPAM, "Sorry, mijn account was gehackt. Mijn koffer is ook weg.", after_s=60), source="ours"
    )
    assert heard.kept(kind="spam") == []
    assert len(heard.kept(kind="say")) == 2
