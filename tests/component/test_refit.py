"""Heads learn from corrections, and take over only when they are no worse on what chance drew; one step leads back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pytest

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.example import Example, write_example
from gehoor.core.examples import Examples
from gehoor.core.post import PostFilter
from gehoor.core.promoted import current_version, model_folder, promote, promoted_folders, versions_of
from gehoor.core.reader import Reader
from gehoor.core.refit import Figures, Refit, refits_of
from gehoor.core.settings import load
from gehoor.core.text import TextBatch
from gehoor.run.calls import Calls
from gehoor.run.refit import MEASURED, _settle, night_of
from gehoor.run.refit_child import Refitted
from gehoor.run.refit_fit import _apart, refit_task
from gehoor.run.replay_set import replay_set
from gehoor.run.sign_test import is_no_worse, p_of_loss
from gehoor.understand.judgements import Judgements
from tests.cast import FAN, NOON
from tests.component.broad import Broad

TASK = "actionability"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Broad]:
    heard = Broad(tmp_path / "workspace")
    yield heard
    heard.place.close()


def _teach(heard: Broad, n: int, origin: str, first: int = 1, text: str = "De tulpen bloeien weer op nummer") -> None:
    """Have people say that posts of a kind need an answer, against what is said of them now."""
    with heard.place.projector.engine.begin() as tx:
        for seq in range(first, first + n):
            example = Example(
                seq=seq, task=TASK, value="answer", before="none", before_p=0.5, model=f"{TASK}/0", origin=origin,  # type: ignore[arg-type]  # one of three
                at=NOON, actor_key=None, language="nl", channel="mail", text=f"{text} {seq}, rij {seq % 7} is geel",
            )  # fmt: skip
            write_example(tx, example)


def _lines(heard: Broad) -> list[Refit]:
    with heard.place.projector.engine.begin() as tx:
        return refits_of(tx)


def _fitted(heard: Broad, version: int, gained: int, lost: int, n_sample: int = MEASURED) -> Refit:
    """Let a version have been fitted that gains and loses so many posts of the sample."""
    model_folder(heard.root, TASK, version).mkdir(parents=True)
    figures = Figures(n_examples=9, n_sample=n_sample, n_gained=gained, n_lost=lost, p_worse=p_of_loss(gained, lost))
    return _settle(heard.place, Refitted(TASK, version, figures))


def test_a_head_learns_takes_over_judges_and_goes_back(place: Broad) -> None:
    _teach(place, 60, "correction")
    _teach(place, MEASURED, "random", first=1_001)
    line = _settle(place.place, refit_task(place.root, TASK))
    assert (line.outcome, line.version) == ("promoted", 1)
    assert (line.figures.n_examples, line.figures.n_sample) == (60, MEASURED)
    assert line.figures.n_right > line.figures.n_right_before + 100
    assert line.figures.n_gained - line.figures.n_lost == line.figures.n_right - line.figures.n_right_before
    place.place.renew_stages()
    place.hear(FAN.says("De tulpen bloeien weer op nummer 12, rij 5 is geel", id="next"), source="ours")
    assert place.read("posts", PostFilter())[0].actionability == "answer", "it judges what is heard from now on"
    assert list(promoted_folders(place.root)) == [TASK]
    assert place.ask("refit", tasks=[TASK], wait=True) == [], "nothing new was said"
    back = place.ask("roll_back", task=TASK)
    assert (back["outcome"], back["version"], current_version(place.root, TASK)) == ("back", 0, 0)
    assert [line.outcome for line in _lines(place)] == ["back", "promoted"]


def test_below_three_hundred_nothing_is_fitted_and_it_is_said(place: Broad) -> None:
    _teach(place, 5, "correction")
    _teach(place, 118, "random", first=1_001)
    [line] = place.ask("refit", tasks=[TASK], wait=True)
    assert (line["outcome"], line["figures"]["note"]) == ("waits", "118 / 300")
    assert versions_of(place.root, TASK) == []


def test_what_cannot_be_fitted_is_told_by_the_process_that_tried(place: Broad) -> None:
    _teach(place, 5, "correction")
    _teach(place, MEASURED, "random", first=1_001)
    (place.root / "models" / TASK).mkdir(parents=True)
    (place.root / "models" / TASK / "current").write_text("9\n", encoding="ascii")
    [line] = place.ask("refit", tasks=[TASK], wait=True)
    assert (line["outcome"], line["version"]) == ("failed", 0)
    assert "names version '9'" in line["figures"]["note"]


def test_a_text_that_chance_drew_is_never_learned_from(place: Broad) -> None:
    _teach(place, 3, "random")
    _teach(place, 3, "correction", first=1_001)
    said = Examples(Reader(place.root)).said(TASK)
    sample, corrected = said[:3], said[3:]
    alike = [msgspec.structs.replace(one, text=str(sample[0].text).upper()) for one in corrected]
    assert _apart(alike, sample) == []
    assert _apart(corrected, sample) == corrected


def test_without_corrections_nothing_happens(place: Broad) -> None:
    _teach(place, MEASURED, "random")
    assert place.ask("refit", wait=True) == []
    assert _lines(place) == []


def test_what_does_not_learn_is_named(place: Broad) -> None:
    with pytest.raises(SettingError, match="'language' does not learn"):
        place.ask("refit", tasks=["language"], wait=True)


@pytest.mark.parametrize(
    ("gained", "lost", "n_sample", "outcome"),
    [(9, 3, 300, "promoted"), (4, 4, 300, "promoted"), (4, 5, 300, "kept"), (9, 0, 299, "waits")],
)
def test_only_what_is_no_worse_on_enough_posts_takes_over(
    place: Broad, gained: int, lost: int, n_sample: int, outcome: str
) -> None:
    line = _fitted(place, 1, gained, lost, n_sample)
    assert line.outcome == outcome
    assert current_version(place.root, TASK) == (1 if outcome == "promoted" else 0)
    assert versions_of(place.root, TASK) == ([1] if outcome == "promoted" else [])
    assert _lines(place)[0].figures == line.figures


def test_going_back_takes_the_version_that_judged_before(place: Broad) -> None:
    for version in (1, 2):
        _fitted(place, version, 5, 0)
    assert place.ask("roll_back", task=TASK)["version"] == 1
    assert place.ask("roll_back", task=TASK, version=0)["version"] == 0
    assert place.ask("roll_back", task=TASK, version=2)["version"] == 2
    with pytest.raises(SettingError, match="There is no version 7"):
        place.ask("roll_back", task=TASK, version=7)
    with pytest.raises(SettingError, match="is no head"):
        place.ask("roll_back", task="../../etc")


def test_old_versions_go_and_the_last_five_stay(place: Broad) -> None:
    for version in range(1, 9):
        _fitted(place, version, 5, 0)
    assert versions_of(place.root, TASK) == [4, 5, 6, 7, 8]


def test_a_version_that_is_not_there_is_said_with_what_to_do(place: Broad) -> None:
    _fitted(place, 1, 5, 0)
    (place.root / "models" / TASK / "current").write_text("9\n", encoding="ascii")
    with pytest.raises(SettingError, match="names version '9', which is not there"):
        current_version(place.root, TASK)


def test_a_head_that_is_broken_leaves_judging_to_the_one_that_came_with_gehoor(place: Broad) -> None:
    _fitted(place, 1, 5, 0)  # an empty folder
    texts = TextBatch.of(pa.array(["Waar blijft mijn pakket?"]))
    columns = Judgements(load(place.root)).annotate(texts, {"language": pa.array(["nl"])})
    assert columns[TASK].to_pylist() == ["answer"]


def test_a_promotion_is_whole_and_can_be_made_twice(place: Broad) -> None:
    _fitted(place, 1, 5, 0)
    for _ in range(2):
        promote(place.root, TASK, 1)
    assert sorted(path.name for path in (place.root / "models" / TASK).iterdir()) == ["1", "current"]


def test_nobody_fits_twice_at_once(place: Broad) -> None:
    from gehoor.run import refit

    refit._BUSY.add(place.root)
    try:
        with pytest.raises(SettingError, match="being fitted already"):
            asyncio.run(Calls(place.place).handle("refit", {"tasks": [TASK]}))
    finally:
        refit._BUSY.discard(place.root)


def test_a_night_ends_at_three_where_the_workspace_is() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    midnight = NOON - 14 * 3_600_000_000
    nights = [night_of(midnight + hour * 3_600_000_000, zone) for hour in (0, 2, 3, 23, 26, 27)]
    assert [night - nights[0] for night in nights] == [0, 0, 1, 1, 1, 2]
    assert night_of(midnight + DAY_US, zone) - nights[0] == 1


def test_the_sign_test_is_exact_and_one_sided() -> None:
    assert [round(p_of_loss(*pair), 4) for pair in ((0, 0), (0, 5), (5, 0), (3, 7))] == [1.0, 0.0312, 1.0, 0.1719]
    assert is_no_worse(0, 0)


@pytest.mark.parametrize("task", ["sentiment", "intent", "need", "actionability", "urgency", "emotion", "motive"])
def test_what_came_with_gehoor_is_seen_again(task: str) -> None:
    assert len(replay_set(task)) > 2_500
    assert replay_set("language") == []
