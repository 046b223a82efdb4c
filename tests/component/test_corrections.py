"""What a person says of a post counts at once, is kept as an example, and goes when its post goes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.example import Example, examples_of
from gehoor.core.refit import Figures, Refit, note_refit
from gehoor.core.tables.ledger import example as table
from gehoor.run.calls import Calls
from gehoor.run.housekeeping import tidy
from gehoor.understand.context import about_task
from tests.cast import AGENT, CRITIC, FAN, NOON, SPAMMER
from tests.component.broad import Broad

ANGRY = CRITIC.says("Waardeloos, mijn koffer is kwijt en ik ben boos", id="angry")
KIND = FAN.says("Wat een fijne vlucht, bedankt!", id="kind", after_s=2)
SPAM = SPAMMER.says("Gefeliciteerd! U heeft gewonnen: gratis iphone, klik hier https://win.top/a", id="spam", after_s=5)


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Broad]:
    """A workspace that heard a complaint, thanks and spam: posts 1, 2 and 3."""
    heard = Broad(tmp_path / "workspace")
    heard.hear(ANGRY, KIND, SPAM, source="ours")
    yield heard
    heard.place.close()


def _examples(heard: Broad, seq: int = 1) -> dict[str, Example]:
    heard.ask("flush")
    with heard.place.projector.engine.begin() as tx:
        return examples_of(tx, seq)


def _n_examples(heard: Broad) -> int:
    heard.ask("flush")
    with heard.place.projector.engine.begin() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _judged(heard: Broad, columns: str, seq: int = 1) -> tuple[object, ...]:
    return tuple(heard.place.projector.ledger.segments.select(f"seq, {columns}", [seq])[0][1:])


@pytest.mark.parametrize(
    ("task", "value"),
    [
        ("sentiment", "neutral"), ("intent", "help"), ("need", "waiting"), ("actionability", "answer"),
        ("urgency", "critical"), ("emotion", "worry"), ("motive", "trust"), ("spam", "person"), ("language", "en"),
    ],
)  # fmt: skip
def test_every_judgement_is_corrected_kept_as_an_example_and_taken_back_to_the_last_digit(
    heard: Broad, task: str, value: str
) -> None:
    was = _judged(heard, f"{task}, {task}_p")
    heard.ask("correct", seq=1, column=task, value=value)
    assert _judged(heard, f"{task}, {task}_p") == (value, None)
    assert heard.kept(**({"kind": "spam"} if task == "spam" else {task: value})).count("angry") == 1
    [example] = _examples(heard).values()
    assert (example.task, example.value, example.before, example.before_p) == (task, value, *was)
    assert (example.model, example.said_by, example.origin) == (f"{task}/0", "you", "correction")
    assert (example.at, example.channel, example.text) == (NOON, CRITIC.channel, ANGRY.text)
    for _ in range(2):  # a call may be made twice
        heard.ask("correct", seq=1, column=task, value=was[0] or "", undo=True)
    assert _judged(heard, f"{task}, {task}_p") == was
    assert _examples(heard) == {}


def test_spam_that_was_none_is_taken_back_with_its_reason(heard: Broad) -> None:
    was = _judged(heard, "spam, spam_p", 3)
    heard.ask("correct", seq=3, column="spam", value="")
    assert _judged(heard, "spam, spam_p", 3) == (None, None)
    heard.ask("correct", seq=3, column="spam", value="person", undo=True)
    assert _judged(heard, "spam, spam_p", 3) == was
    assert was[0] == "pattern"


def test_a_second_thought_keeps_what_the_head_had_said(heard: Broad) -> None:
    before = _judged(heard, "intent, intent_p")
    for value in ("help", "praise"):
        heard.ask("correct", seq=1, column="intent", value=value)
    example = _examples(heard)["intent"]
    assert (example.value, example.before, example.before_p) == ("praise", *before)
    heard.ask("correct", seq=1, column="intent", value="help", undo=True)
    assert _examples(heard)["intent"].value == "help"


def test_saying_that_a_head_is_right_is_an_example_too(heard: Broad) -> None:
    heard.ask("correct", seq=1, column="sentiment", value="negative")
    assert _examples(heard)["sentiment"].is_right
    assert _judged(heard, "sentiment, sentiment_p") == ("negative", None)


def test_an_example_names_the_head_that_judged_when_the_post_was_heard(heard: Broad) -> None:
    for at, version in ((NOON - 10, 3), (NOON + DAY_US, 4)):
        with heard.place.projector.engine.begin() as tx:
            note_refit(
                tx, Refit(task="intent", version=version, at=at, outcome="promoted", figures=Figures(n_examples=1))
            )
    heard.ask("correct", seq=1, column="intent", value="help")
    heard.ask("correct", seq=1, column="sentiment", value="neutral")
    assert {task: example.model for task, example in _examples(heard).items()} == {
        "intent": "intent/3",
        "sentiment": "sentiment/0",
    }


@pytest.mark.parametrize(("column", "value"), [("sentiment", "furious"), ("text", "x"), ("language", "xx"), ("", "")])
def test_what_is_no_judgement_is_refused_and_nothing_is_kept(heard: Broad, column: str, value: str) -> None:
    with pytest.raises(SettingError, match=r"Known: |no judgement"):
        heard.ask("correct", seq=1, column=column, value=value)
    with pytest.raises(SettingError, match="There is no post 77"):
        heard.ask("correct", seq=77, column="sentiment", value="neutral")
    assert _n_examples(heard) == 0


def test_an_answer_of_ours_cannot_be_spam(heard: Broad) -> None:
    heard.hear(AGENT.says("Wat vervelend, we helpen je", id="ours", after_s=9), source="ours")
    with pytest.raises(SettingError, match="nothing that others said"):
        heard.ask("correct", seq=4, column="spam", value="person")


def test_the_queue_takes_several_answers_at_once_and_all_of_them_back(heard: Broad) -> None:
    was = _judged(heard, "sentiment, sentiment_p, emotion, emotion_p")
    heard.ask("answer", seq=1, answers={"sentiment": "negative", "emotion": "anger"}, origin="random")
    assert _judged(heard, "sentiment, emotion") == ("negative", "anger")
    assert {example.origin for example in _examples(heard).values()} == {"random"}
    heard.ask("unsay", seq=1)
    assert _judged(heard, "sentiment, sentiment_p, emotion, emotion_p") == was
    assert _examples(heard) == {}


def test_taking_the_answers_of_the_queue_back_leaves_whom_a_post_is_about(heard: Broad) -> None:
    heard.hear(FAN.says("Ik hou van de noordvlucht van ganzen", id="geese", after_s=9), source="ours")
    heard.ask("correct", seq=4, column=about_task("noordvlucht"), value="no")
    heard.ask("answer", seq=4, answers={"sentiment": "positive"}, origin="uncertain")
    heard.ask("unsay", seq=4)
    assert list(_examples(heard, 4)) == [about_task("noordvlucht")]
    with pytest.raises(SettingError, match="Nothing was said"):
        heard.ask("unsay", seq=4)


def test_what_chance_drew_stays_so_when_it_is_corrected_later(heard: Broad) -> None:
    heard.ask("answer", seq=1, answers={"sentiment": "negative"}, origin="random")
    heard.ask("correct", seq=1, column="sentiment", value="neutral")
    example = _examples(heard)["sentiment"]
    assert (example.origin, example.value) == ("random", "neutral")


def test_what_was_skipped_keeps_no_words_and_changes_nothing(heard: Broad) -> None:
    was = _judged(heard, "intent, intent_p")
    heard.ask("skip", seq=1, tasks=["intent"], origin="uncertain")
    example = _examples(heard)["intent"]
    assert (example.value, example.text) == (None, None)
    assert _judged(heard, "intent, intent_p") == was


def test_a_deletion_and_an_edit_reach_what_was_said_of_a_post(heard: Broad) -> None:
    for seq in (1, 2):
        heard.ask("correct", seq=seq, column="sentiment", value="neutral")
    heard.hear(CRITIC.deletes(ANGRY, after_s=20), source="ours")
    assert _n_examples(heard) == 1
    heard.hear(FAN.edits(KIND, "Toch niet zo fijn", after_s=30), source="ours")
    assert _n_examples(heard) == 0


def test_a_deletion_after_a_crash_still_reaches_them(heard: Broad) -> None:
    heard.ask("correct", seq=1, column="sentiment", value="neutral")
    heard.hear(CRITIC.deletes(ANGRY, after_s=20), source="ours")
    heard.kill()
    assert _n_examples(heard) == 0


def test_retention_keeps_examples_and_a_deletion_of_what_only_the_history_holds_reaches_them(heard: Broad) -> None:
    heard.ask("correct", seq=1, column="sentiment", value="neutral")
    heard.hear(FAN.says("Vandaag ook", id="later", after_s=3 * 86_400), source="ours")
    heard.ask("flush")
    heard.place.projector.ledger.segments.drop_before((NOON + 2 * DAY_US) // DAY_US)
    assert _n_examples(heard) == 1
    heard.hear(CRITIC.deletes(ANGRY, after_s=3 * 86_400 + 60), source="ours")
    heard.hear(FAN.says("En de dag daarna", id="last", after_s=4 * 86_400), source="ours")
    heard.clock.advance(4 * 86_400)
    asyncio.run(tidy(heard.place, heard.place.settings.retention, may_compact=False))
    assert _n_examples(heard) == 0


def test_a_call_that_is_made_twice_changes_nothing_more(heard: Broad) -> None:
    calls = Calls(heard.place)
    asked = {"seq": 1, "column": "intent", "value": "help"}
    first = asyncio.run(calls.handle("correct", asked))
    assert asyncio.run(calls.handle("correct", asked)) == first
    assert _n_examples(heard) == 1
