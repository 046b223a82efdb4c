import tomllib
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.text import TextBatch
from gehoor.understand.checks import TEXTS
from gehoor.understand.cue_words import GROUPS
from gehoor.understand.cues import MOST, N_CUES, NAMES, Cues
from tests.strategies import texts

CUES = Cues()
LANGUAGES = ("nl", "en", "und", None, "de")


def cues(*posts: str | None, language: str | None = "nl") -> list[dict[str, int]]:
    found = CUES.of(
        TextBatch.of(pa.array(posts, pa.string())), {"language": pa.array([language] * len(posts), pa.string())}
    )
    return [{name: int(cue) for name, cue in zip(NAMES, row, strict=True) if cue} for row in found]


@pytest.mark.parametrize(
    ("post", "language", "expected"),
    [
        ("Waar blijft mijn pakket?", "nl", {"delivery", "me", "question_marks", "asked_at_end", "at_most_8"}),
        ("STILL no refund, third time I ask", "en", {"refund", "again", "shouted_words", "negation"}),
        ("Bedankt voor niks 🙄", "nl", {"gratitude", "negation", "emoji_irony"}),
        ("Hello,\nmy order 123456 is late", "en", {"greeting", "lines", "long_numbers", "numbers"}),
        ("@acme de app hapert ... https://acme.example", "nl", {"begins_with_mention", "app", "ellipsis", "links"}),
    ],
)
def test_what_stands_in_a_post_is_seen(post: str, language: str, expected: set[str]) -> None:
    assert expected <= set(cues(post, language=language)[0])


def test_a_word_counts_in_its_own_language_only() -> None:
    assert "refund" in cues("ik wil het terug", language="nl")[0]
    assert "refund" not in cues("terug is a name", language="en")[0]
    assert "refund" in cues("terug bro", language=None)[0]


def test_the_last_sentence_is_told_from_the_first() -> None:
    kind, unkind = cues("Wat een drama. Maar nu top geholpen", "Top geholpen eerst. Nu een drama")

    assert kind["good_end"] > kind.get("bad_end", 0)
    assert unkind["bad_end"] > unkind.get("good_end", 0)


def test_a_missing_text_has_the_cues_of_its_language_and_length_only() -> None:
    assert set(cues(None)[0]) == {"nl", "at_most_3", "at_most_8", "at_most_16"}


def test_each_list_of_words_has_a_name() -> None:
    lists = tomllib.loads((files("gehoor.understand") / "data/cues.toml").read_text("utf-8"))

    assert tuple(lists) == GROUPS
    assert N_CUES == len(set(NAMES)) == len(NAMES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.none() | texts, st.sampled_from(LANGUAGES)), min_size=1, max_size=6))
def test_a_text_has_the_same_cues_in_any_batch(rows: list[tuple[str | None, str | None]]) -> None:
    posts, languages = zip(*rows, strict=True)
    known = {"language": pa.array(languages, pa.string())}
    together = CUES.of(TextBatch.of(pa.array(posts, pa.string())), known)

    for i, (post, language) in enumerate(rows):
        alone = CUES.of(TextBatch.of(pa.array([post], pa.string())), {"language": pa.array([language], pa.string())})
        assert np.array_equal(alone[0], together[i])


def test_cues_stay_small_whatever_is_written() -> None:
    found = CUES.of(TextBatch.of(pa.array(TEXTS, pa.string())), {"language": pa.array(["nl"] * len(TEXTS))})

    assert found.dtype == np.int16
    assert found.min() >= 0
    assert found.max() <= MOST
