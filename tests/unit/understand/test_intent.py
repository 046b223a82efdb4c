import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.understand.intent import LABELS, Intent
from tests.strategies import texts

INTENT = Intent(Settings())


def known(n: int, language: str | None, tone: str | None = "neutral") -> dict[str, pa.Array]:
    return {
        "language": pa.array([language] * n, pa.string()),
        "sentiment": pa.array([tone] * n, pa.string()),
        "sentiment_p": pa.array([0.9 if tone else None] * n, pa.float32()),
    }


def intent(
    *posts: str | None, language: str | None = "nl", tone: str | None = "neutral"
) -> list[tuple[str | None, float | None]]:
    columns = INTENT.annotate(TextBatch.of(pa.array(posts, pa.string())), known(len(posts), language, tone))
    return list(zip(columns["intent"].to_pylist(), columns["intent_p"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    ("post", "language", "expected"),
    [
        ("Kunnen jullie me helpen met mijn pakket?", "nl", "help"),
        ("Waar blijft mijn bestelling", "nl", "help"),
        ("Any update on my order?", "en", "help"),
        ("Belachelijk, voor de derde keer te laat", "nl", "complaint"),
        ("Absolute joke of a company", "en", "complaint"),
        ("Hoe laat gaan jullie open?", "nl", "question"),
        ("Do you ship to Belgium?", "en", "question"),
        ("Complimenten voor jullie monteur", "nl", "praise"),
        ("Kudos to your crew", "en", "praise"),
        ("Het zou fijn zijn als er een app kwam", "nl", "improvement"),
        ("Please add a dark mode", "en", "improvement"),
        ("Ik stap over naar een ander", "nl", "leaving"),
        ("I'm cancelling my subscription", "en", "leaving"),
        ("Vanavond eten we soep", "nl", "other"),
        ("Soup for dinner tonight", "en", "other"),
    ],
)
def test_phrases_tell_what_is_wanted(post: str, language: str, expected: str) -> None:
    assert intent(post, language=language)[0][0] == expected


def test_a_clear_intent_is_surer_than_a_vague_one() -> None:
    (_, clear), (_, vague) = intent("Kunnen jullie me helpen? Waar blijft mijn pakket?", "hulp")

    assert (clear or 0) > 0.8 > (vague or 0)


def test_an_angry_tone_without_a_phrase_is_a_complaint() -> None:
    assert intent("grmbl", tone="negative")[0][0] == "complaint"


def test_a_happy_tone_alone_is_not_yet_praise() -> None:
    assert intent("vanavond feest", tone="positive")[0][0] == "other"


def test_denied_praise_is_no_praise() -> None:
    assert intent("not highly recommend", language="en")[0][0] != "praise"


def test_an_unknown_language_is_read_in_both() -> None:
    labels = [label for label, _ in intent("ik stap over naar een ander", "cancelling my subscription", language="und")]

    assert labels == ["leaving", "leaving"]


def test_sentiment_may_be_missing() -> None:
    assert intent("Waar blijft mijn pakket?", tone=None)[0][0] == "help"


def test_missing_text_has_no_intent() -> None:
    assert intent(None, "", " ") == [(None, None)] * 3


def test_explaining_names_the_phrases() -> None:
    post = "Ik stap over naar een ander. Waar blijft mijn geld?"
    (reasons,) = INTENT.explain(TextBatch.of(pa.array([post])), known(1, "nl"))
    terms = dict(reasons[0].terms)

    assert terms["stap over naar"] > 0
    assert reasons[0].column == "intent"


@given(st.lists(st.none() | texts, min_size=1, max_size=8), st.sampled_from(["nl", "en", "und", None]))
def test_a_post_wants_the_same_alone_and_in_a_batch(posts: list[str | None], language: str | None) -> None:
    together = intent(*posts, language=language)

    assert together == [intent(post, language=language)[0] for post in posts]
    assert {label for label, _ in together} <= {*LABELS, None}
