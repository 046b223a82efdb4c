import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.checks import TEXTS
from gehoor.understand.judgements import SPAM_TEXT_P, TASKS, Judgements
from tests.strategies import texts

JUDGEMENTS = Judgements(Settings())

IN_ANOTHER_PROCESS = """
import sys, pyarrow as pa
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.checks import TEXTS
from gehoor.understand.judgements import Judgements
turned = TEXTS[::-1]
known = {"language": pa.array(["nl"] * len(turned))}
columns = Judgements(Settings()).annotate(TextBatch.of(pa.array(turned, pa.string())), known)
sys.stdout.write(repr(pa.table(columns).to_pylist()[::-1]))
"""


def judged(*posts: str | None, language: str | None = "nl") -> list[dict[str, object]]:
    known = {"language": pa.array([language] * len(posts), pa.string())}
    columns = JUDGEMENTS.annotate(TextBatch.of(pa.array(posts, pa.string())), known)
    rows: list[dict[str, object]] = pa.table(columns).to_pylist()
    return rows


@pytest.mark.parametrize(
    ("post", "language", "expected"),
    [
        ("Dank jullie wel voor de snelle hulp!", "nl", {"sentiment": "positive", "intent": "praise"}),
        (
            "Waar blijft mijn pakket? Ik wacht al drie weken!",
            "nl",
            {"sentiment": "negative", "actionability": "answer"},
        ),
        ("Wat kost een abonnement per maand?", "nl", {"sentiment": "neutral", "intent": "question", "need": "price"}),
        ("I'm cancelling, third time you overcharged me", "en", {"sentiment": "negative", "intent": "leaving"}),
        ("Thank you so much, the driver was lovely", "en", {"sentiment": "positive", "emotion": "gratitude"}),
        ("Top service!", "nl", {"sentiment": "positive", "intent": "praise"}),
        ("Een dag later nog geen koffer", "nl", {"sentiment": "negative", "intent": "complaint"}),
        ("Love the new app", "en", {"sentiment": "positive", "intent": "praise"}),
    ],
)
def test_what_a_plain_post_says_is_understood(post: str, language: str, expected: dict[str, str]) -> None:
    row = judged(post, language=language)[0]

    assert {name: row[name] for name in expected} == expected


def test_a_post_that_wants_nothing_has_no_need() -> None:
    row = judged("goeiemorgen allemaal")[0]

    assert (row["intent"], row["need"], row["need_p"]) == ("other", None, None)


def test_a_lure_is_probably_spam_and_a_complaint_is_not() -> None:
    lure, complaint = judged("WIN nu een gratis iPhone!! klik op de link in bio", "Ik ben al drie keer doorverbonden")

    assert float(str(lure[SPAM_TEXT_P])) > 0.5 > 10 * float(str(complaint[SPAM_TEXT_P]))


def test_a_vector_has_a_byte_a_dimension_and_the_length_of_all() -> None:
    found = judged("waar is mijn koffer")[0]["vector"]
    assert isinstance(found, bytes)
    vector = np.frombuffer(found, np.int8).astype(float)

    assert len(vector) == 128
    assert np.linalg.norm(vector) == pytest.approx(127, abs=4)


def test_reasons_are_words_and_signs_of_the_text() -> None:
    post = "Waar blijft mijn pakket?? Belachelijk!"
    known = {"language": pa.array(["nl"])}
    reasons = JUDGEMENTS.explain(TextBatch.of(pa.array([post])), known)[0]
    words = {word for reason in reasons for word, _ in reason.terms}

    assert {reason.column for reason in reasons} >= set(TASKS) - {"need"}
    assert "belachelijk" in words
    assert all(word in post.lower() or word == "?!" for word in words)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.none() | texts, min_size=1, max_size=5))
def test_a_post_is_judged_the_same_in_any_batch(posts: list[str | None]) -> None:
    assert judged(*posts) == [judged(post)[0] for post in posts]


def test_a_post_is_judged_the_same_in_another_process() -> None:
    there = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, check=True, text=True, timeout=120
    )

    assert there.stdout == repr(judged(*TEXTS))


def test_a_broken_head_of_a_workspace_counts_as_none(tmp_path: Path) -> None:
    version = tmp_path / "models" / "sentiment" / "1"
    version.mkdir(parents=True)
    (version / "manifest.json").write_text("{}")
    (version.parent / "current").write_text("1")
    known = {"language": pa.array(["nl"])}
    columns = Judgements(Settings(root=tmp_path)).annotate(TextBatch.of(pa.array(["Wat een drama"])), known)

    assert columns["sentiment"][0].as_py() == judged("Wat een drama")[0]["sentiment"]
